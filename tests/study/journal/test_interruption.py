"""Ctrl-C keeps what has finished, says so, and writes nothing that is not true."""

import contextlib
import signal
import sqlite3
import subprocess
import sys
import tempfile
import time
from pathlib import Path
from typing import Any

import pytest

import study_cases
import wane
from study_cases import study
from wane._errors import Interrupted
from wane.report.display.progress import Bar
from wane.study.journal.journal import Journal

SCRIPT = """
import signal, sys
signal.signal(signal.SIGINT, signal.default_int_handler)  # a shell's background jobs ignore it
sys.path.insert(0, sys.argv[2])
import wane
from study_cases import study
from wane import Interrupted
if __name__ == "__main__":
    try:
        study(repeats=400, epochs=3000).run(sys.argv[1], progress=False)
    except Interrupted as stopped:
        print(stopped)
        sys.exit(130)
"""


def finished_runs(database: Path) -> int:
    """How many runs a journal has, checking that it is whole."""
    with contextlib.closing(sqlite3.connect(database)) as connection:
        assert connection.execute("PRAGMA integrity_check").fetchone() == ("ok",)
        (count,) = connection.execute("SELECT count(*) FROM run").fetchone()
    return int(count)


def interrupt_after(runs: int, monkeypatch: pytest.MonkeyPatch) -> None:
    """Ctrl-C at the first progress tick after so many runs."""

    def update(self: Bar, epochs: int, finished: int) -> None:
        del self, epochs
        if finished >= runs:
            raise KeyboardInterrupt

    monkeypatch.setattr(Bar, "update", update)


def test_finished_runs_are_kept(tmp_path: Path, monkeypatch: pytest.MonkeyPatch) -> None:
    interrupt_after(3, monkeypatch)
    with pytest.raises(Interrupted) as caught:
        study(repeats=20).run(
            tmp_path / "study", progress=False, execution=wane.Execution("threads", threads=1)
        )
    count = finished_runs(tmp_path / "study" / "study.db")
    assert 3 <= count < 40
    database = str(tmp_path / "study" / "study.db")
    assert str(caught.value) == (
        f"Interrupted: {count} of 40 runs had finished; they are kept in {database!r}; to resume "
        f"them, run the same study with the same folder."
    )
    assert sorted(p.name for p in (tmp_path / "study").iterdir()) == ["study.db", "study.json"]
    assert isinstance(caught.value, KeyboardInterrupt)  # so that `except Exception` lets it pass


def test_a_temporary_folder_goes(tmp_path: Path, monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setattr(tempfile, "tempdir", str(tmp_path))
    interrupt_after(0, monkeypatch)
    with pytest.raises(Interrupted) as caught:
        study(repeats=20).run(progress=False)
    assert str(caught.value).startswith("Interrupted: ")
    assert str(caught.value).endswith(
        " of 40 runs had finished; they went with the temporary folder."
    )
    assert not list(tmp_path.iterdir())


def test_between_two_runs(tmp_path: Path, monkeypatch: pytest.MonkeyPatch) -> None:
    """An interrupt that comes while a run is being written down."""
    add, seen = Journal.add, []

    def interrupted(self: Journal, trained: Any) -> None:
        add(self, trained)
        seen.append(trained)
        if len(seen) == 2:
            raise KeyboardInterrupt

    monkeypatch.setattr(Journal, "add", interrupted)
    with pytest.raises(
        Interrupted, match=r"^Interrupted: 2 of 40 runs had finished; they are kept"
    ):
        study(repeats=20).run(tmp_path / "study", progress=False)
    assert finished_runs(tmp_path / "study" / "study.db") == 2


@pytest.mark.thorough
def test_while_results_are_written(tmp_path: Path, monkeypatch: pytest.MonkeyPatch) -> None:
    def best_model(_: wane.Result) -> None:
        raise KeyboardInterrupt

    monkeypatch.setattr(wane.Result, "best_model", best_model)
    with pytest.raises(Interrupted, match=r"^Interrupted: 4 of 4 runs had finished; they are kept"):
        study().run(tmp_path / "study", progress=False)
    assert finished_runs(tmp_path / "study" / "study.db") == 4
    assert not (tmp_path / "study" / "summary.json").exists()


@pytest.mark.thorough
def test_a_real_ctrl_c(tmp_path: Path) -> None:
    folder = tmp_path / "study"
    script = tmp_path / "script.py"
    script.write_text(SCRIPT)
    process = subprocess.Popen(
        [sys.executable, script, folder, Path(study_cases.__file__).parent],
        stdout=subprocess.PIPE, stderr=subprocess.PIPE, text=True,
    )  # fmt: skip
    deadline = time.monotonic() + 90
    while time.monotonic() < deadline and process.poll() is None:
        time.sleep(0.2)
        with contextlib.suppress(sqlite3.Error):
            if (folder / "study.db").exists() and finished_runs(folder / "study.db"):
                break
    process.send_signal(signal.SIGINT)
    out, err = process.communicate(timeout=60)
    assert (process.returncode, err) == (130, "")
    count = finished_runs(folder / "study.db")
    assert 0 < count < 800
    assert out == (
        f"Interrupted: {count} of 800 runs had finished; they are kept in "
        f"{str(folder / 'study.db')!r}; to resume them, run the same study with the same folder.\n"
    )
    assert sorted(p.name for p in folder.iterdir()) == ["study.db", "study.json"]
