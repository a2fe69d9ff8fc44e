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
    """Kill studies so many times, at random moments of the time that one takes, and compare."""
    began = time.monotonic()
    KINDS[kind]().run(folder / "undisturbed", progress=False)
    whole = time.monotonic() - began
    expected = files(folder / "undisturbed")
    moments = random.Random(seed)
    count = number = 0
    while count < kills:
        study = folder / f"killed-{number}"
        while count < kills and killed(kind, study, moments.uniform(0.0, whole)):
            count += 1
        KINDS[kind]().run(study, progress=False)  # nothing is left to do where it had ended
        assert files(study) == expected
        number += 1


def test_three_kills(tmp_path: Path) -> None:
    check("fraction", tmp_path, kills=3, seed=0)


@pytest.mark.slow
@pytest.mark.parametrize("kind", KINDS)
def test_fifty_kills(kind: str, tmp_path: Path) -> None:
    kills = 13 if list(KINDS).index(kind) < 2 else 12
    check(kind, tmp_path, kills=kills, seed=list(KINDS).index(kind))
