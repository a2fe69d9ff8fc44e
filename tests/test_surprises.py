"""Each script of findings/ stands in the table of surprises, with the versions that it installs."""

import re
from pathlib import Path

import pytest

ROOT = Path(__file__).parents[1]
SCRIPTS = sorted((ROOT / "findings").glob("*.sh"))
TEXT = (ROOT / "docs" / "surprises.md").read_text(encoding="utf-8")
ROWS = [line.split(" | ") for line in TEXT.splitlines() if line.startswith("| ")][1:]
LAST = r"`([\w.-]+)` \|$"


def test_every_script_has_a_row_and_every_row_a_script() -> None:
    named = [name for row in ROWS for name in re.findall(LAST, row[-1])]
    assert sorted(named) == [path.stem for path in SCRIPTS] and len(ROWS) == len(SCRIPTS)


@pytest.mark.parametrize("script", SCRIPTS, ids=lambda path: path.stem)
def test_its_row_names_versions_that_the_script_has(script: Path) -> None:
    (row,) = (row for row in ROWS if f"`{script.stem}`" in row[-1])
    versions = re.findall(r"\d+\.\d+\.\d+", row[2])
    text = script.read_text(encoding="utf-8")
    assert versions and [one for one in versions if one not in text] == []
    assert len(row) == 5 and all(len(cell.strip("| ")) > 8 for cell in row)
