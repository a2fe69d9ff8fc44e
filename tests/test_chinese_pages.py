"""Pages in Chinese say what the English ones say: the same code, numbers, headings and tables."""

import re
from collections import Counter
from pathlib import Path

import pytest

ROOT = Path(__file__).parents[1]
DOCS = ROOT / "docs"
PAIRS = {
    ROOT / "README.md": ROOT / "README.zh-CN.md",
    DOCS / "tutorial.md": DOCS / "zh" / "tutorial.md",
    **{DOCS / "how-to" / page.name: page for page in sorted((DOCS / "zh" / "how-to").glob("*.md"))},
}
ENGLISH_ALONE = {"studies", "figures", "backends"}
"""How-to pages without one in Chinese."""
BLOCK = re.compile(r"^```(\w*)\n(.*?)^```$", re.DOTALL | re.MULTILINE)
NUMBER = re.compile(r"\d+(?:[.,]\d+)*(?:e[+-]?\d+)?")
every_pair = pytest.mark.parametrize(
    ("english", "chinese"), PAIRS.items(), ids=[page.stem for page in PAIRS]
)


def text(page: Path) -> str:
    return page.read_text(encoding="utf-8")


def code(page: Path) -> list[tuple[str, str]]:
    """Blocks of code; what wane printed is in the language of the page."""
    return [(kind, block) for kind, block in BLOCK.findall(text(page)) if kind != "text"]


def numbers(page: Path) -> Counter[str]:
    """All numbers but those of links, where addresses may differ."""
    return Counter(NUMBER.findall(re.sub(r"\]\([^)]*\)", "]", text(page))))


def outline(page: Path) -> list[tuple[str, int]]:
    """Headings, table rows, items and pictures, in their order."""
    lines = BLOCK.sub("", text(page)).splitlines()
    found = [re.match(r"(#+) |(\|)|([*-]) |(!)\[", line) for line in lines]
    return [(one[0].strip(), len(line.split(" | "))) if one and one[2] else (one[0].strip(), 0)
            for one, line in zip(found, lines, strict=True) if one]  # fmt: skip


@every_pair
def test_commands_and_code_are_the_same(english: Path, chinese: Path) -> None:
    assert code(chinese) == code(english) != []


@every_pair
def test_numbers_are_the_same(english: Path, chinese: Path) -> None:
    here, there = numbers(chinese), numbers(english)
    assert (there - here, here - there) == (Counter(), Counter())


@every_pair
def test_headings_tables_and_lists_are_the_same(english: Path, chinese: Path) -> None:
    assert outline(chinese) == outline(english)


@every_pair
def test_names_in_code_are_the_same(english: Path, chinese: Path) -> None:
    named = [
        set(re.findall(r"`([^`\n]+)`", BLOCK.sub("", text(one)))) for one in (english, chinese)
    ]
    assert named[0] == named[1]


@every_pair
def test_it_is_chinese(english: Path, chinese: Path) -> None:
    assert len(re.findall(r"[\u4e00-\u9fff]", BLOCK.sub("", text(chinese)))) > 100
    assert not re.search(r"[\u4e00-\u9fff],|[\u4e00-\u9fff];", text(chinese))
    assert english.name != chinese.name or english.parent != chinese.parent


def test_every_how_to_page_has_one_in_chinese() -> None:
    there = {page.stem for page in (DOCS / "how-to").glob("*.md")}
    assert there - {page.stem for page in PAIRS} == ENGLISH_ALONE
