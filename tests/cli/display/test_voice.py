"""``--quiet`` and ``--verbose`` of the commands that train."""

import json
import logging
import re
import tomllib
from pathlib import Path

import pytest
from typer.testing import CliRunner, Result

from cli_cases import write_rows
from wane.cli import app

SMALL = ("--target", "y", "--hidden", "4", "--epochs", "3", "--repeats", "2", "--strengths", "0.1")
STUDY = (*SMALL, "--no-extend", "--no-references", "--no-learning-curve")
LINE = r"\d\d:\d\d:\d\d\.\d{3} (DEBUG|INFO|WARNING) \S.*"


def called(*arguments: str, folder: Path, monkeypatch: pytest.MonkeyPatch) -> Result:
    monkeypatch.chdir(folder)
    monkeypatch.setattr("wane.study.drawing.figures.study_figures", lambda *_: {})
    return CliRunner(env={"COLUMNS": "80"}).invoke(app, arguments)


def words(text: str) -> str:
    return " ".join(text.split())


@pytest.mark.thorough
def test_quiet_is_the_answer_and_its_folder(
    tmp_path: Path, monkeypatch: pytest.MonkeyPatch
) -> None:
    write_rows(tmp_path / "t.csv", empty=[None] * 40)
    given = ("study", "t.csv", *STUDY, "--out", "s", "--save-config", "s.toml")
    done = called(*given, "--quiet", folder=tmp_path, monkeypatch=monkeypatch)
    assert (done.exit_code, done.stderr) == (0, "")
    document = json.loads((tmp_path / "s" / "summary.json").read_text(encoding="utf-8"))
    answer = f"{words(document['verdict']['text'])} Folder s"
    assert words(done.stdout) == answer
    # It is no part of the study: neither of its recipe nor of a file of its options.
    recipe = json.loads((tmp_path / "s" / "study.json").read_text(encoding="utf-8"))["recipe"]
    options = tomllib.loads((tmp_path / "s.toml").read_text(encoding="utf-8"))
    assert not {"quiet", "verbose"} & (set(recipe) | set(options)) and "target" in options
    again = called("resume", "s", "-q", folder=tmp_path, monkeypatch=monkeypatch)
    assert (again.exit_code, words(again.stdout), again.stderr) == (0, answer, "")
    both = called("resume", "s", "-q", "--json", folder=tmp_path, monkeypatch=monkeypatch)
    assert json.loads(both.stdout) == document and both.stderr == ""
    aloud = called("resume", "s", folder=tmp_path, monkeypatch=monkeypatch)
    assert "Report s/report.html" in words(aloud.stdout)


@pytest.mark.thorough
@pytest.mark.parametrize("command", ["compare", "path"])
def test_the_other_commands_that_train_are_quiet_too(
    command: str, tmp_path: Path, monkeypatch: pytest.MonkeyPatch
) -> None:
    write_rows(tmp_path / "t.csv")
    of_methods = ("--method", "l2", "--settings", "1", "--strengths", "0.1:1:2")
    more = of_methods if command == "compare" else ()
    given = (command, "t.csv", *SMALL, *more, "--out", "s", "--quiet")
    done = called(*given, folder=tmp_path, monkeypatch=monkeypatch)
    assert (done.exit_code, done.stderr) == (0, "")
    document = json.loads((tmp_path / "s" / "summary.json").read_text(encoding="utf-8"))
    text = document["compare"]["text"] if command == "compare" else document["text"]
    assert words(done.stdout).endswith(f"{words(text)} Folder s")
    assert len(words(done.stdout)) < 2 * len(words(text)) + 100


def test_quiet_still_says_errors(tmp_path: Path, monkeypatch: pytest.MonkeyPatch) -> None:
    done = called("study", "tides", "--quiet", folder=tmp_path, monkeypatch=monkeypatch)
    assert done.exit_code == 2 and done.stdout == ""
    assert done.stderr.startswith("Error: There is no example and no file named 'tides'")


@pytest.mark.thorough
def test_verbose_logs_each_step_with_the_time(
    tmp_path: Path, monkeypatch: pytest.MonkeyPatch
) -> None:
    write_rows(tmp_path / "t.csv")
    logger = logging.getLogger("wane")
    before = list(logger.handlers), logger.level
    given = ("study", "t.csv", *STUDY, "--out", "s", "--verbose")
    done = called(*given, folder=tmp_path, monkeypatch=monkeypatch)
    assert done.exit_code == 0 and "Report" in done.stdout
    logged = [line for line in done.stderr.splitlines() if re.fullmatch(LINE, line)]
    told = [line.partition(" ")[2] for line in logged]
    assert "INFO preparing" in told and "INFO evaluating and writing" in told
    assert any(one.startswith("DEBUG L2(0.1) is trained, after ") for one in told)
    assert not re.search(LINE, done.stdout)
    # It is over with the command: the next one is as quiet as before.
    assert (list(logger.handlers), logger.level) == before
    after = called("resume", "s", folder=tmp_path, monkeypatch=monkeypatch)
    assert after.exit_code == 0 and not re.search(LINE, after.stderr)


@pytest.mark.parametrize("command", ["study", "compare", "path", "resume"])
def test_both_are_refused(command: str, tmp_path: Path, monkeypatch: pytest.MonkeyPatch) -> None:
    done = called(command, "moons", "-q", "-v", folder=tmp_path, monkeypatch=monkeypatch)
    assert (done.exit_code, done.stdout) == (2, "")
    assert done.stderr == ("Error: --quiet and --verbose are opposites: leave out one of them.\n")
    assert not list(tmp_path.iterdir())
