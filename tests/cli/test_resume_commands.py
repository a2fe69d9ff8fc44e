"""``wane resume``, and the same command once more, resume a study."""

import json
import os
import signal
import subprocess
import sys
import time
from pathlib import Path
from typing import Any

import numpy as np
import pytest
from typer.testing import CliRunner

from cli_cases import Called, wane, write_rows
from process_cases import environment, finished
from wane.cli import app
from wane.study.journal.journal import Journal

TINY = ("--target", "y", "--hidden", 4, "--epochs", 3, "--repeats", 2, "--strengths", 0.1,
        "--no-learning-curve")  # fmt: skip


def resume(*arguments: object, folder: Path) -> tuple[int, str, str]:
    """``wane resume`` with these arguments: exit code, standard output, standard error."""
    with pytest.MonkeyPatch.context() as patch:
        patch.chdir(folder)
        done = CliRunner(env={"COLUMNS": "80"}).invoke(app, ["resume", *map(str, arguments)])
    if done.exception is not None and not isinstance(done.exception, SystemExit):
        raise done.exception
    return done.exit_code, done.stdout, done.stderr


def interrupted(monkeypatch: pytest.MonkeyPatch, *arguments: object, folder: Path) -> Called:
    """``wane study``, interrupted once two runs have been written."""

    def add(self: Journal, trained: Any, whole: Any = Journal.add) -> None:
        whole(self, trained)
        if len(self.finished()) == 2:
            raise KeyboardInterrupt

    with monkeypatch.context() as patch:
        patch.setattr(Journal, "add", add)
        return wane(*arguments, folder=folder)


@pytest.fixture
def table(tmp_path: Path) -> Path:
    """A folder with a table."""
    write_rows(tmp_path / "t.csv")
    return tmp_path


@pytest.mark.thorough
def test_a_study_of_a_table_is_made_again_from_its_folder(
    table: Path, monkeypatch: pytest.MonkeyPatch
) -> None:
    stopped = interrupted(monkeypatch, "t.csv", *TINY, "--json", folder=table)
    assert stopped.exit_code == 130
    assert stopped.stderr.endswith(
        "Interrupted: 2 of 4 runs had finished; they are kept in 't-study/study.db': wane resume "
        "t-study resumes them.\n"
    )
    recipe = json.loads((table / "t-study" / "study.json").read_text())["recipe"]
    assert recipe["source"] == str(table / "t.csv") and recipe["hidden"] == "4"
    (table / "elsewhere").mkdir()
    code, stdout, stderr = resume("../t-study", "--json", folder=table / "elsewhere")
    assert code == 0 and stderr.startswith("The table has 40 rows;") and "Note" not in stderr
    undisturbed = wane("t.csv", *TINY, "--out", "undisturbed", folder=table)
    for part in ("candidates", "verdict", "chosen"):
        assert json.loads(stdout)[part] == undisturbed.document[part]
    assert resume("../t-study", "--json", folder=table / "elsewhere")[1] == stdout
    again = subprocess.run(
        [sys.executable, "-m", "wane", "resume", "../t-study", "--json"],
        cwd=table / "elsewhere", env=environment(table), capture_output=True, text=True, check=True,
    )  # fmt: skip
    assert again.stdout == stdout


@pytest.mark.thorough
def test_the_same_command_resumes_what_it_began(
    table: Path, monkeypatch: pytest.MonkeyPatch
) -> None:
    interrupted(monkeypatch, "t.csv", *TINY, folder=table)
    other = wane("t.csv", *TINY, "--seed", 1, folder=table)
    assert other.folder.name == "t-study-2"
    again = wane("t.csv", *TINY, folder=table)
    assert again.folder.name == "t-study"
    assert "Resuming 't-study', which holds this study unfinished." in again.stderr
    assert wane("t.csv", *TINY, folder=table).folder.name == "t-study-3"  # a new one when it ended


@pytest.mark.thorough
def test_a_comparison_is_resumed(table: Path, monkeypatch: pytest.MonkeyPatch) -> None:
    def compare(*more: str) -> Any:
        arguments = ["t.csv", "--target", "y", "--hidden", "4", "--epochs", "3", "--repeats", "2",
                     "--settings", "2", "--method", "l2", "--method", "dropout", *more]  # fmt: skip
        return CliRunner(env={"COLUMNS": "80"}).invoke(app, ["compare", *arguments])

    def add(self: Journal, trained: Any, whole: Any = Journal.add) -> None:
        whole(self, trained)
        if len(self.finished()) == 3:
            raise KeyboardInterrupt

    monkeypatch.chdir(table)
    with monkeypatch.context() as patch:
        patch.setattr(Journal, "add", add)
        assert compare("--json").exit_code == 130
    code, stdout, _ = resume("t-compare", "--json", folder=table)
    assert code == 0
    undisturbed = json.loads(compare("--json", "--out", "undisturbed").stdout)
    assert json.loads(stdout)["compare"] == undisturbed["compare"]
    assert (table / "t-compare" / "figures" / "methods.png").is_file()
    assert compare("--json").exit_code == 0
    assert (table / "t-compare-2").is_dir()  # the first has ended


@pytest.mark.thorough
def test_a_path_is_resumed(table: Path, monkeypatch: pytest.MonkeyPatch) -> None:
    def path(*more: str) -> Any:
        arguments = ["t.csv", "--target", "y", "--hidden", "4", "--epochs", "3", "--repeats", "2",
                     "--strengths", "0.01,0.1", *more]  # fmt: skip
        return CliRunner(env={"COLUMNS": "80"}).invoke(app, ["path", *arguments])

    def add(self: Journal, trained: Any, whole: Any = Journal.add) -> None:
        whole(self, trained)
        if len(self.finished()) == 7:
            raise KeyboardInterrupt

    monkeypatch.chdir(table)
    with monkeypatch.context() as patch:
        patch.setattr(Journal, "add", add)
        done = path("--json")
    assert done.exit_code == 130
    assert done.stderr.splitlines()[-1] == (
        "Interrupted: 7 of 10 runs had finished; they are kept in 't-path/study.db': "
        "wane resume t-path resumes them."
    )
    code, stdout, _ = resume("t-path", "--json", folder=table)
    assert code == 0
    undisturbed = json.loads(path("--json", "--out", "undisturbed").stdout)
    assert json.loads(stdout)["stages"] == undisturbed["stages"]
    assert (table / "t-path" / "figures" / "path.png").is_file()


REFUSED = {
    "nothing": ({}, "'s' holds no study (study.json is not there): give the folder of one."),
    "python": (
        {"recipe": None},
        "The study in 's' was begun in Python, which alone can state it again: there, call its "
        "run('s') once more.",
    ),
    "unknown": (
        {"recipe": {"source": "moons", "command": "rm -r ~"}},
        "'s/study.json' does not say how this wane can make its study again; nothing was touched: "
        "give the command that began it, or that version of wane.",
    ),
    "a device": (
        {"recipe": {"command": "study", "source": "/dev/zero", "target": "y"}},
        None,
    ),
    "a bad value": (
        {"recipe": {"command": "study", "source": "moons", "epochs": [1, {"a": "b"}]}},
        None,
    ),
    "another type": ({"recipe": {"command": "compare", "source": 7}}, None),
}


@pytest.mark.parametrize("name", REFUSED)
def test_what_cannot_be_resumed(name: str, tmp_path: Path) -> None:
    document, expected = REFUSED[name]
    (tmp_path / "s").mkdir()
    if document:
        (tmp_path / "s" / "study.json").write_text(json.dumps(document))
    code, stdout, stderr = resume("s", folder=tmp_path)
    assert (code, stdout) == (2, "")
    assert expected is None or stderr == f"Error: {expected}\n"
    assert "Traceback" not in stderr and stderr
    assert not (tmp_path / "s" / "study.db").exists()


@pytest.mark.thorough
def test_data_that_have_changed_are_refused(table: Path, monkeypatch: pytest.MonkeyPatch) -> None:
    interrupted(monkeypatch, "t.csv", *TINY, folder=table)
    write_rows(table / "t.csv", c=np.tile([1.0, 5.0, 2.0, 7.0], 10))
    code, _, stderr = resume("t-study", folder=table)
    assert code == 2
    assert stderr.startswith("Error: 't-study' holds another study, which differs in its ")
    assert "data" in stderr


ENDED = {
    "SIGTERM": ([signal.SIGTERM], 143),
    "twice": ([signal.SIGINT, signal.SIGINT], 130),
}


@pytest.mark.thorough
@pytest.mark.parametrize("name", ENDED)
def test_signals_end_a_study(name: str, tmp_path: Path) -> None:
    signals, code = ENDED[name]
    # A test run in the background ignores Ctrl-C, and so would its children.
    program = (
        "import signal; signal.signal(signal.SIGINT, signal.default_int_handler); "
        "from wane.cli import main; main()"
    )
    arguments = ["study", "moons", "--hidden", "4", "--epochs", "500", "--repeats", "20000",
                 "--strengths", "0.1"]  # fmt: skip
    with subprocess.Popen(
        [sys.executable, "-c", program, *arguments],
        cwd=tmp_path, env=environment(tmp_path), stdout=subprocess.PIPE, stderr=subprocess.PIPE,
        text=True,
    ) as running:  # fmt: skip
        database = tmp_path / "moons-study" / "study.db"
        until = time.monotonic() + 100
        while not finished(database) and running.poll() is None and time.monotonic() < until:
            time.sleep(0.05)
        for number in signals:
            os.kill(running.pid, number)
            time.sleep(0.05)
        stdout, stderr = running.communicate(timeout=60)
    # A second signal may meet an interpreter that is ending, whose handlers are gone: a shell calls
    # that 130 too.
    ended = running.returncode if running.returncode >= 0 else 128 - running.returncode
    assert (ended, stdout) == (code, "") and "Traceback" not in stderr
    assert finished(database) > 0
    if name == "SIGTERM":
        assert stderr.endswith("wane resume moons-study resumes them.\n")
