"""A study that is killed at any moment goes on, and its tables are those of an undisturbed one."""

import random
import subprocess
import sys
import time
from pathlib import Path

import pytest
from kill_cases import KINDS
from test_resume import files

SCRIPT = Path(__file__).parent / "kill_cases.py"


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
    """Kill a study so many times, at random moments of the time that it takes, and compare."""
    began = time.monotonic()
    assert not killed(kind, folder / "undisturbed", seconds=600)
    whole = time.monotonic() - began
    moments = random.Random(seed)
    count, name = 0, 0
    while count < kills:
        study = folder / f"killed-{name}"
        while count < kills and killed(kind, study, moments.uniform(0.0, whole / 2)):
            count += 1
        if not (study / "summary.json").exists():
            assert not killed(kind, study, seconds=600)
        assert files(study) == files(folder / "undisturbed")
        name += 1


def test_three_kills(tmp_path: Path) -> None:
    check("fraction", tmp_path, kills=3, seed=0)


@pytest.mark.slow
@pytest.mark.parametrize("kind", KINDS)
def test_fifty_kills(kind: str, tmp_path: Path) -> None:
    kills = 13 if list(KINDS).index(kind) < 2 else 12
    check(kind, tmp_path, kills=kills, seed=list(KINDS).index(kind))
