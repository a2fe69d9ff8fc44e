"""What docs/guide.md shows works, with few epochs and repeats, and its tables have their maker."""

import re
import shlex
import sys
from pathlib import Path

import pytest
from typer.testing import CliRunner

from wane.cli import app

ROOT = Path(__file__).parents[1]
GUIDE = ROOT / "docs" / "guide.md"
sys.path.append(str(ROOT))

from benchmarks.guide import REPEATS, TABLES, main, with_table  # noqa: E402 # no installed package

TEXT = GUIDE.read_text(encoding="utf-8")
BLOCKS = re.findall(r"^```(\w*)\n(.*?)^```$", TEXT, re.DOTALL | re.MULTILINE)
COMMANDS = [line for kind, code in BLOCKS if not kind for line in code.splitlines() if line]


@pytest.mark.thorough
def test_the_python_of_the_page_runs_in_order() -> None:
    code = "\n".join(code for kind, code in BLOCKS if kind == "python")
    shorter = re.sub(r"epochs=\d+", "epochs=3", code)
    shorter = re.sub(r"(repeats|resamples)=\d+", r"\1=2", shorter)
    assert shorter != code
    exec(shorter, {})


@pytest.mark.thorough
@pytest.mark.parametrize("command", COMMANDS)
def test_every_command_of_the_page_runs(
    command: str, tmp_path: Path, monkeypatch: pytest.MonkeyPatch
) -> None:
    monkeypatch.chdir(tmp_path)
    program, *arguments = shlex.split(command)
    assert program == "wane"
    repeats = 4 if "--halving" in arguments else 1
    few = ["--repeats", repeats, "--epochs", 8, "--hidden", 4]
    if "compare" in arguments and "--where" not in arguments:
        few += ["--settings", 1]
    done = CliRunner().invoke(app, [*arguments, *map(str, few)])
    assert done.exit_code == 0, done.stderr


def test_every_question_has_a_place() -> None:
    numbers = re.findall(r"^### (\d)(?: and (\d))?\. ", TEXT, re.MULTILINE)
    found = [int(number) for pair in numbers for number in pair if number]
    assert found == [*range(1, 8), *range(1, 9)]


def test_every_table_of_the_page_has_its_maker_and_is_filled() -> None:
    marked = re.findall(r"<!-- table ([\w-]+) -->\n(.*?)<!-- end of table -->", TEXT, re.DOTALL)
    assert {name for name, _ in marked} <= set(TABLES)
    assert [name for name, table in marked if not table.count("|---|")] == []
    stated = {name: re.findall(r"(\d+) repeats:\n", table) for name, table in marked}
    assert stated == {name: [str(REPEATS[name])] for name, _ in marked}


@pytest.mark.thorough
def test_a_table_is_made_and_put_between_its_marks(capsys: pytest.CaptureFixture[str]) -> None:
    main(["--quick", "--only", "where-diabetes", "path-diabetes"])
    shown = capsys.readouterr().out
    assert "| early stronger |" in shown and "| 0.0001 | 16 |" in shown
    page = "a\n<!-- table t -->\nold\n<!-- end of table -->\nb"
    assert with_table(page, "t", "new") == page.replace("old", "new")
