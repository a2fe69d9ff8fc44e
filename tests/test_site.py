"""The site builds without a warning, holds every public name, and fetches nothing."""

import functools
import re
import shutil
import subprocess
import sys
from collections import Counter
from pathlib import Path

import pytest

import wane
import wane.data

ROOT = Path(__file__).parents[1]
sys.path.append(str(ROOT))

from documentation import commands, gallery  # noqa: E402 # it is no installed package
from documentation.docstrings import PUBLIC, as_markdown  # noqa: E402 # as above

DOCS = ROOT / "docs"
OF_DATA = ("ParquetRows", "Problem", "default_network", "read_arrays", "read_images", "read_table")
CONFIG = (ROOT / "mkdocs.yml").read_text(encoding="utf-8")


def links_of(page: Path) -> list[tuple[str, str]]:
    """File and anchor of each link that leads to no other site."""
    text = re.sub(r"^```.*?^```$", "", page.read_text(encoding="utf-8"), flags=re.S | re.M)
    found = re.findall(r"\]\((?!http|mailto)([^)#\s]*)#?([^)\s]*)\)", text)
    return [(target, anchor) for target, anchor in found]


@functools.cache
def ids_of(page: Path) -> frozenset[str]:
    """The places in a built page."""
    return frozenset(re.findall(r'\bid="?([^"\s>]+)', page.read_text(encoding="utf-8")))


@pytest.fixture(scope="module")
def site(tmp_path_factory: pytest.TempPathFactory) -> Path:
    """The site, built of a copy, as the command writes it."""
    place = tmp_path_factory.mktemp("site")
    for name in ("docs", "documentation", "src"):
        shutil.copytree(ROOT / name, place / name, ignore=shutil.ignore_patterns("__pycache__"))
    shutil.copy(ROOT / "mkdocs.yml", place)
    done = subprocess.run(
        [sys.executable, "-m", "zensical", "build", "--strict"],
        cwd=place, capture_output=True, text=True, encoding="utf-8", check=False,
    )  # fmt: skip
    said = done.stdout + done.stderr
    assert done.returncode == 0 and "Warning" not in said, said
    return place / "site"


def test_it_builds_without_a_warning_and_has_every_page(site: Path) -> None:
    pages = {path.relative_to(DOCS).with_suffix(".html") for path in DOCS.rglob("*.md")}
    built = {path.relative_to(site) for path in site.rglob("*.html")}
    assert built == pages | {Path("404.html")}


def test_every_page_is_in_the_menu_once() -> None:
    listed = re.findall(r": ([\w/-]+\.md)$", CONFIG, re.MULTILINE)
    there = [path.relative_to(DOCS).as_posix() for path in DOCS.rglob("*.md")]
    assert sorted(listed) == sorted(there)


def test_the_reference_has_every_public_name_once(site: Path) -> None:
    named = [
        name
        for page in sorted((DOCS / "reference").glob("*.md"))
        for name in re.findall(r"^::: ([\w.]+)$", page.read_text(encoding="utf-8"), re.MULTILINE)
    ]
    wanted = [f"wane.{name}" for name in wane.__all__]
    wanted += [f"wane.data.{name}" for name in OF_DATA]
    wanted += ["wane.literature.Presets"]  # what wane.presets is, and does
    assert sorted(named) == sorted(wanted) and frozenset(wane.__all__) == PUBLIC
    ids = Counter(one for page in site.glob("reference/*.html") for one in ids_of(page))
    assert [name for name in wanted if ids[name] != 1] == []
    assert {"wane.Study.run", "wane.Result.plot_strengths", "wane.schedule.linear"} <= set(ids)


def test_an_example_is_shown_as_code_and_names_are_links(site: Path) -> None:
    text = (site / "reference" / "penalties.html").read_text(encoding="utf-8")
    assert ":class:" not in text and ":func:" not in text
    assert len(re.findall(r'<pre><span></span><code><span class="gp">', text)) >= 10
    assert re.search(r'href="#wane\.\w+"', text)


def test_every_public_name_has_an_example_there(site: Path) -> None:
    shown: dict[str, str] = {}
    for page in site.glob("reference/*.html"):
        parts = re.split(r'<h2 id="(wane\.[\w.]+)"', page.read_text(encoding="utf-8"))
        shown |= dict(zip(parts[1::2], parts[2::2], strict=True))
    shown["wane.presets"] += shown["wane.literature.Presets"]
    names = [f"wane.{name}" for name in wane.__all__]
    assert [name for name in names if 'class="gp">' not in shown[name]] == []


def test_docstrings_become_markdown() -> None:
    given = "See :class:`wane.Fresh`, :meth:`run`.\n\nExample:\n    >>> 1"
    assert as_markdown(given) == ("See [`wane.Fresh`][wane.Fresh], `run`.\n\nExamples:\n    >>> 1")


def test_it_asks_for_nothing_of_the_network(site: Path) -> None:
    asked = re.compile(r'<(?:script|link|img|iframe)[^>]+(?:src|href)="?(https?:)?//')
    canonical = '<link rel="canonical"'
    found = [
        (page.name, one[0])
        for page in site.rglob("*.html")
        for one in asked.finditer(page.read_text(encoding="utf-8"))
        if not one[0].startswith(canonical)
    ]
    assert found == []
    styles = [path.read_text(encoding="utf-8") for path in site.rglob("*.css")]
    assert styles and not [one for one in styles if re.search(r"(url\(|@import)\W*https?:", one)]


@pytest.mark.parametrize(
    "page", ["README.md", "README.zh-CN.md", "CONTRIBUTING.md", "CHANGELOG.md"]
)
def test_links_from_outside_lead_to_a_place_of_a_page(site: Path, page: str) -> None:
    missing = []
    for target, anchor in links_of(ROOT / page):
        if target.startswith("docs/") and target.endswith(".md") and anchor:
            built = (site / target.removeprefix("docs/")).with_suffix(".html")
            if anchor not in ids_of(built):
                missing.append(f"{target}#{anchor}")
    assert missing == []


def test_the_page_of_commands_is_as_it_is_made() -> None:
    assert commands.PAGE.read_text(encoding="utf-8") == commands.page(), (
        "python -m documentation makes it anew"
    )


def test_the_page_of_the_gallery_is_as_it_is_made() -> None:
    assert gallery.PAGE.read_text(encoding="utf-8") == gallery.page(), (
        "python -m documentation makes it anew"
    )
    assert len(gallery.SCRIPTS) == 12
    pictures = {path.stem: path.stat().st_size for path in gallery.PAGE.parent.glob("*.png")}
    assert set(pictures) == {path.stem for path in gallery.SCRIPTS}
    assert max(pictures.values()) < 200_000


def test_words_are_spelt_as_they_should_be() -> None:
    done = subprocess.run(
        [sys.executable, "-m", "codespell_lib", "docs", "examples", "documentation", "src",
         "README.md", "CONTRIBUTING.md", "CHANGELOG.md"],
        cwd=ROOT, capture_output=True, text=True, encoding="utf-8", check=False,
    )  # fmt: skip
    assert done.returncode == 0, done.stdout + done.stderr
