"""A study that is killed at any moment goes on, and its tables are those of an undisturbed one."""

import json
import random
import sqlite3
import subprocess
import sys
import time
from contextlib import closing
from pathlib import Path
from typing import Any

import pandas as pd
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


def outcome(folder: Path) -> Any:
    """Everything that must not depend on what happened to a study or a path."""
    if (folder / "best.keras").exists():
        return files(folder)
    document = json.loads((folder / "summary.json").read_text(encoding="utf-8"))
    with closing(sqlite3.connect(folder / "study.db")) as reader:
        query = "SELECT candidate, repeat, curves, weights FROM run ORDER BY candidate, repeat"
        runs = reader.execute(query).fetchall()
    table = repr(pd.read_parquet(folder / "runs.parquet").to_dict("list"))
    return {"runs": runs, "table": table, "stages": repr(document["stages"])}


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


@pytest.mark.parametrize("kind", ["fraction", "walked"])
def test_two_kills(kind: str, tmp_path: Path) -> None:
    check(kind, tmp_path, kills=2, seed=0)


@pytest.mark.slow
@pytest.mark.parametrize("kind", KINDS)
def test_fifty_kills(kind: str, tmp_path: Path) -> None:
    place = list(KINDS).index(kind)
    check(kind, tmp_path, kills=7 if place < 2 else 6, seed=place)
