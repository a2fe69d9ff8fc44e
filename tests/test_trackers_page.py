"""What docs/trackers.md shows works."""

import re
import shlex
from pathlib import Path

import pytest
import typer.main

from wane.cli import app

pytestmark = [
    pytest.mark.usefixtures("closed_databases"),
    pytest.mark.filterwarnings("ignore:unclosed database:ResourceWarning"),
]

PAGE = Path(__file__).parents[1] / "docs" / "trackers.md"
BLOCKS = re.findall(r"^```(\w*)\n(.*?)^```$", PAGE.read_text("utf-8"), re.DOTALL | re.MULTILINE)


@pytest.mark.thorough
@pytest.mark.filterwarnings("ignore:The ``noload`` loader strategy is deprecated")
@pytest.mark.usefixtures("mlflow_as_it_was")
def test_the_python_of_the_page_runs_in_order(
    tmp_path: Path, monkeypatch: pytest.MonkeyPatch, capsys: pytest.CaptureFixture[str]
) -> None:
    for package in ("optuna", "mlflow", "tensorboard"):
        pytest.importorskip(package)
    monkeypatch.chdir(tmp_path)
    import mlflow

    before = mlflow.get_tracking_uri()
    try:
        exec("\n".join(code for kind, code in BLOCKS if kind == "python"), {})
    finally:
        mlflow.set_tracking_uri(before)
    assert "0.010" in capsys.readouterr().out
    made = {path.name for path in tmp_path.iterdir()}
    assert {"studies.db", "mlflow.db", "logs", "mine-study"} <= made


def test_its_command_has_the_options_that_there_are() -> None:
    (command,) = (line for _, code in BLOCKS for line in code.splitlines() if "wane export" in line)
    program, name, _, *options = shlex.split(command)
    known = typer.main.get_command(app).commands[name]  # type: ignore[attr-defined] # a group
    named = {option for one in known.params for option in one.opts}
    assert program == "wane" and {one for one in options if one.startswith("--")} <= named
