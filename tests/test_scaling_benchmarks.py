"""The commands behind docs/scaling.md run, at small sizes."""

import json
import subprocess
import sys
from pathlib import Path

import pytest

sys.path.insert(0, str(Path(__file__).parents[1]))
from benchmarks.scaling import devices  # benchmarks are no installed package

pytestmark = pytest.mark.thorough


def test_a_journal_of_many_runs_is_written_and_evaluated() -> None:
    done = subprocess.run(
        [sys.executable, "-m", "benchmarks.scaling.journal", "250", "5"],
        cwd=Path(__file__).parents[1], capture_output=True, text=True, check=False,
    )  # fmt: skip
    assert done.returncode == 0, done.stderr
    found = json.loads(done.stdout)
    assert (found["runs"], found["epochs"]) == (250, 5)
    assert found["stages"]["train"] < found["stages"]["total"]  # nothing was left to train
    assert found["mebibytes"] > 1


def test_width_against_speed_is_a_table(monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setattr(devices, "WIDTHS", (1, 2))
    head, _, _, _, *rows = devices.table("case-study")
    assert head == "**case-study**, 200 epochs"
    assert [row.split("|")[1:3] for row in rows] == [
        [" threads ", " 1 "], [" vmap ", " 1 "], [" vmap ", " 2 "],
    ]  # fmt: skip
    assert all(float(row.split("|")[3].replace(",", "")) > 0 for row in rows)
