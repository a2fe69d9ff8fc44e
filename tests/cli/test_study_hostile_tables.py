"""Tables whose names and cells are meant to do harm are shown as text, and do none."""

import json
from html.parser import HTMLParser
from pathlib import Path

import numpy as np
import pandas as pd
import pytest

from browsing import check_scripts
from cli_cases import wane

EVIL = (
    '<script>alert("x")</script>',
    "<img src=x onerror=alert(1)>",
    "=cmd|' /C calc'!A0",
    "[red]markup[/red]",
    "\x1b[31mred\x1b[0m",
    "../../../etc/passwd",
    "{{ 7 * 7 }}",
    "'; DROP TABLE run; --",
    "\u202egnp.exe",
)
FORBIDDEN = {"a", "base", "embed", "form", "iframe", "link", "object", "svg"}


class Tags(HTMLParser):
    """The tags of a page, and the attributes that could run code or load something."""

    def __init__(self) -> None:
        super().__init__()
        self.tags: list[str] = []
        self.suspicious: list[str] = []

    def handle_starttag(self, tag: str, attrs: list[tuple[str, str | None]]) -> None:
        self.tags.append(tag)
        for name, value in attrs:
            outside = name in ("src", "href") and not str(value).startswith(("data:image/", "#"))
            if name.startswith("on") or outside:
                self.suspicious.append(f"{tag} {name}={value}")


def check_shown_as_text(frame: pd.DataFrame, name: str, folder: Path) -> str:
    """Study a table, and check that it does no harm; the text of its ``preprocessing.json``."""
    frame.to_csv(folder / name, index=False)
    before = {p.name for p in folder.iterdir()}
    done = wane(
        name, "--target", "y", "--out", "s", "--hidden", "4", "--epochs", "2", "--repeats", "2",
        "--strengths", "0.1", "--no-learning-curve", folder=folder, figures=True,
    )  # fmt: skip
    assert done.exit_code == 0, done.stderr
    assert {p.name for p in folder.iterdir()} == {*before, "s"}
    assert not {"\x1b", "\u202e"} & set(done.stdout + done.stderr)
    page = Tags()
    html = (folder / "s" / "report.html").read_text(encoding="utf-8")
    page.feed(html)
    assert not FORBIDDEN & set(page.tags) and not page.suspicious
    check_scripts(html, page.tags.count("script"))
    account = (folder / "s" / "preprocessing.json").read_text(encoding="utf-8")
    return json.dumps(json.loads(account))


@pytest.mark.thorough
@pytest.mark.parametrize("evil", EVIL)
def test_names_and_classes_are_shown_as_text(evil: str, tmp_path: Path) -> None:
    random = np.random.default_rng(0)
    frame = pd.DataFrame(
        {
            evil: random.normal(size=40),
            "kind": random.choice([evil, "other"], size=40),
            "y": [evil, "no"] * 20,
        }
    )
    account = check_shown_as_text(frame, f"t{evil.replace('/', '')}.csv", tmp_path)
    assert json.dumps(evil)[1:-1] in account


@pytest.mark.thorough
def test_all_of_them_in_one_table(tmp_path: Path) -> None:
    random = np.random.default_rng(0)
    rows = 6 * len(EVIL)
    frame = pd.DataFrame({evil: random.normal(size=rows) for evil in EVIL})
    frame["kind"] = random.choice(EVIL, size=rows)
    frame["y"] = EVIL * 6
    account = check_shown_as_text(frame, f"t{''.join(EVIL).replace('/', '')}.csv", tmp_path)
    assert all(json.dumps(evil)[1:-1] in account for evil in EVIL)


@pytest.mark.thorough
def test_a_cell_of_a_million_characters(tmp_path: Path) -> None:
    rows = [f"{i},{i % 2},{'x' * (10**6 if i == 3 else 1)}" for i in range(40)]
    (tmp_path / "t.csv").write_text("\n".join(["a,y,note", *rows]))
    done = wane(
        "t.csv", "--target", "y", "--hidden", "4", "--epochs", "2", "--repeats", "2",
        "--strengths", "0.1", "--no-learning-curve", folder=tmp_path,
    )  # fmt: skip
    assert done.exit_code == 0
    assert len(done.stdout + done.stderr) < 10_000
    assert (done.folder / "report.html").stat().st_size < 5 * 10**6
