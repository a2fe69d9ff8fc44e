"""A study killed while it grows is resumed, and is then the longer one to the bit."""

import json
import random
import subprocess
import sys
import time
from pathlib import Path

import pytest

import kill_cases
from interruption_cases import as_planned, rows, without_figures
from study_cases import study

SCRIPT = Path(kill_cases.__file__)


@pytest.mark.thorough
def test_a_study_killed_while_it_grows_from_10_to_30_repeats(
    tmp_path: Path, monkeypatch: pytest.MonkeyPatch
) -> None:
    """And by a candidate; killed three times, once as soon as something new is trained."""
    without_figures(monkeypatch)
    kill_cases.longer(tmp_path / "planned")
    grown = tmp_path / "grown"
    first = study(repeats=10, epochs=60).run(grown, progress=False)
    before = rows(grown, "SELECT * FROM run ORDER BY candidate, repeat")
    assert len(before) == len(first.runs) == 20
    moments = random.Random(0)
    for wanted in (21, 21, 40):
        with subprocess.Popen(
            [sys.executable, SCRIPT, "longer", grown], stdout=subprocess.DEVNULL
        ) as process:
            while rows(grown, "SELECT count(*) FROM run")[0][0] < wanted:
                assert process.poll() is None, "it ended too soon"
                time.sleep(0.005)
            time.sleep(moments.uniform(0, 0.02))
            process.kill()
        assert not (grown / "summary.json").exists()
    found = kill_cases.longer(grown)
    assert as_planned(grown) == as_planned(tmp_path / "planned")
    kept = "SELECT * FROM run WHERE repeat < 10 AND candidate < 2 ORDER BY candidate, repeat"
    assert rows(grown, kept) == before
    looks = found.document["study"]["looks"]
    assert [(one["repeats"], one["added"]) for one in looks] == [(10, []), (30, ["L2(0.1)"])]
    statement = json.loads((grown / "study.json").read_text(encoding="utf-8"))
    (given,) = statement["added"]
    assert given["after_look"] == 1 and list(given["candidates"]) == ["L2(0.1)"]
    assert json.loads((grown / "summary-look-1.json").read_text()) == first.document
