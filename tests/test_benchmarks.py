"""The benchmark in its smallest form: it runs, and what it writes can be read back."""

import dataclasses
import json
import os
import subprocess
import sys
from pathlib import Path

import pytest

ROOT = Path(__file__).parents[1]
sys.path.append(str(ROOT))

from benchmarks.cases import CASES  # noqa: E402 # benchmarks are no installed package
from benchmarks.growth import growth  # noqa: E402 # as above
from benchmarks.page import page  # noqa: E402 # as above
from benchmarks.results import growth_of, report_of  # noqa: E402 # as above
from benchmarks.targets import TARGETS  # noqa: E402 # as above


@pytest.fixture(scope="module")
def written(tmp_path_factory: pytest.TempPathFactory) -> Path:
    """The readings of a quick run of one case."""
    file = tmp_path_factory.mktemp("benchmarks") / "readings.json"
    subprocess.run(
        [sys.executable, "-m", "benchmarks", "--quick", "--pairs", "1", "--cases", "case-study",
         "--parts", "competitors", "--competitors", "scikit-learn", "torch-func",
         "--json", str(file)],
        cwd=ROOT, env={**os.environ, "KERAS_BACKEND": "jax"}, check=True, capture_output=True,
        timeout=300,
    )  # fmt: skip
    return file


@pytest.mark.thorough
def test_every_competitor_is_measured_or_reported_as_missing(written: Path) -> None:
    report = report_of(json.loads(written.read_text(encoding="utf-8")))
    (comparison,) = report.comparisons
    measured = {reading.competitor for reading in comparison.readings}
    assert {"wane", "scikit-learn"} <= measured
    assert measured | set(comparison.absent) == {"wane", "scikit-learn", "torch-func"}
    for reading in comparison.readings:
        assert reading.ratio.low <= reading.ratio.median <= reading.ratio.high
        assert 0 < reading.quality.train_accuracy <= 1
    assert report_of(json.loads(json.dumps(report.document()))) == report


@pytest.mark.thorough
def test_the_page_shows_what_was_read(written: Path) -> None:
    report = report_of(json.loads(written.read_text(encoding="utf-8")))
    text = page(report)
    assert "they mean nothing" in text  # quick sizes are marked
    assert "| wane |" in text and "| scikit-learn `MLPClassifier` |" in text
    assert report_of(json.loads(written.read_text(encoding="utf-8"))).over(report) == report


def test_targets_name_known_cases() -> None:
    assert {target.case for target in TARGETS} <= set(CASES)


@pytest.mark.slow
def test_memory_and_journal_do_not_grow_with_the_number_of_runs() -> None:
    """A soak in short; docs/benchmarks.md has the one of 10,000 runs."""
    found = growth(3000, 20)
    assert [moment.runs for moment in found.course] == list(range(300, 3001, 300))
    memory = [moment.memory_mebibytes for moment in found.course]
    assert max(memory) < 1.05 * memory[0]
    sizes = [moment.database_mebibytes for moment in found.course]
    # 1,500 runs each; the write-ahead log is there from the first moment on.
    assert sizes[9] - sizes[4] == pytest.approx(sizes[5] - sizes[0], rel=0.15)
    assert growth_of(json.loads(json.dumps(dataclasses.asdict(found)))) == found
