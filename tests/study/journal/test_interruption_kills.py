"""A study killed at any moment is resumed, and its tables are those of an undisturbed one."""

import contextlib
import random
import sqlite3
import subprocess
import sys
import time
from pathlib import Path

import pytest

import kill_cases
from interruption_cases import outcome, rows, without_figures
from kill_cases import KINDS

SCRIPT = Path(kill_cases.__file__)


def killed(kind: str, folder: Path, seconds: float) -> bool:
    """Run a study in a process of its own, killed after so long; whether it was still running."""
    with subprocess.Popen(
        [sys.executable, SCRIPT, kind, folder], stdout=subprocess.PIPE, text=True
    ) as process:
        assert process.stdout is not None and process.stdout.readline() == "ready\n"
        try:
            code = process.wait(timeout=seconds)
        except subprocess.TimeoutExpired:
            process.kill()
            process.wait()
            return True
        assert code == 0
        return False


def check(kind: str, folder: Path, kills: int, seed: int) -> None:
    """Kill studies so many times, at random moments of the time that one takes, and compare."""
    began = time.monotonic()
    KINDS[kind](folder / "undisturbed")
    whole = time.monotonic() - began
    expected = outcome(folder / "undisturbed")
    moments = random.Random(seed)
    count = number = 0
    while count < kills:
        study = folder / f"killed-{number}"
        while count < kills and killed(kind, study, moments.uniform(0.0, whole)):
            count += 1
        KINDS[kind](study)  # nothing is left to do where it had ended
        assert outcome(study) == expected
        number += 1


@pytest.mark.thorough
def test_a_kill(tmp_path: Path, monkeypatch: pytest.MonkeyPatch) -> None:
    """As soon as a run has finished; the thorough tests kill at random moments."""
    without_figures(monkeypatch)
    study = tmp_path / "killed"
    with subprocess.Popen(
        [sys.executable, SCRIPT, "small", study], stdout=subprocess.DEVNULL
    ) as process:
        while not finished_runs(study):
            assert process.poll() is None, "it ended too soon"
            time.sleep(0.05)
        process.kill()
    assert not (study / "summary.json").exists()
    kill_cases.small(study)
    kill_cases.small(tmp_path / "undisturbed")
    assert outcome(study) == outcome(tmp_path / "undisturbed")


def finished_runs(folder: Path) -> int:
    """How many runs the journal has, if there is one yet."""
    with contextlib.suppress(sqlite3.Error):
        if (folder / "study.db").exists():
            return int(rows(folder, "SELECT count(*) FROM run")[0][0])
    return 0


@pytest.mark.thorough
@pytest.mark.parametrize("kind", ["fraction", "path"])
def test_two_kills(kind: str, tmp_path: Path) -> None:
    check(kind, tmp_path, kills=2, seed=0)


@pytest.mark.slow
@pytest.mark.parametrize("kind", KINDS)
def test_fifty_kills(kind: str, tmp_path: Path) -> None:
    place = list(KINDS).index(kind)
    check(kind, tmp_path, kills=7 if place < 2 else 6, seed=place)
