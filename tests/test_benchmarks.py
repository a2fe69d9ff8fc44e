"""The benchmark in its smallest form: it runs, and what it writes can be read back."""

import dataclasses
import json
import os
import re
import subprocess
import sys
from pathlib import Path

import pytest

ROOT = Path(__file__).parents[1]
sys.path.append(str(ROOT))

from benchmarks.cases import CASES  # noqa: E402 # benchmarks are no installed package
from benchmarks.command_results import (  # noqa: E402 # as above
    CommandComparison,
    CommandReading,
    CommandRun,
)
from benchmarks.growth import growth  # noqa: E402 # as above
from benchmarks.page import page, updated  # noqa: E402 # as above
from benchmarks.results import (  # noqa: E402 # as above
    Report,
    ShapeComparison,
    ShapeReading,
    ShapeRun,
    growth_of,
    report_of,
)
from benchmarks.shapes import SHAPES  # noqa: E402 # as above
from benchmarks.targets import TARGETS  # noqa: E402 # as above
from benchmarks.tools import TITLES, TOOLS, table  # noqa: E402 # as above


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


@pytest.mark.thorough
def test_a_shape_is_measured_beside_fit_and_beside_older_sources(tmp_path: Path) -> None:
    file = tmp_path / "readings.json"
    subprocess.run(
        [sys.executable, "-m", "benchmarks", "--quick", "--pairs", "1", "--parts", "shapes",
         "--shapes", "tiny", "--json", str(file)],
        cwd=ROOT, env={**os.environ, "KERAS_BACKEND": "jax"}, check=True, capture_output=True,
        timeout=300,
    )  # fmt: skip
    report = report_of(json.loads(file.read_text(encoding="utf-8")))
    (comparison,) = report.shapes
    assert [reading.way for reading in comparison.readings] == ["wane", "fit"]
    for reading in comparison.readings:
        assert reading.milliseconds_per_run.median > 0 and reading.peak_mebibytes.median > 100
        assert 0 < reading.validation_loss < 10
    assert report_of(json.loads(json.dumps(report.document()))) == report


def compared(*, wane: float, fit: float, fixed: float = 3.0) -> ShapeComparison:
    """Two pairs of a shape, of so many seconds a run."""
    own = [ShapeRun(21, wane, fixed, 600.0, 1.0), ShapeRun(21, 2 * wane, fixed, 600.0, 1.0)]
    theirs = [ShapeRun(21, fit, 1.0, 500.0, 1.1), ShapeRun(21, 2 * fit, 1.0, 500.0, 1.1)]
    several = {"wane": own, "fit": theirs}
    readings = [ShapeReading.of(way, runs, own, theirs) for way, runs in several.items()]
    return ShapeComparison("tiny", 2, (0.1, 0.2), tuple(readings))


def test_what_a_shape_shows() -> None:
    wane, fit = compared(wane=0.1, fit=0.3).readings
    assert fit.ratio.median == pytest.approx(3.0) and fit.ratio.low == pytest.approx(3.0)
    assert wane.fixed_ratio.median == 3.0 and wane.memory_ratio.median == 1.2
    assert wane.break_even == pytest.approx(2 / (1.5 * 0.2))
    assert compared(wane=0.3, fit=0.1).readings[0].break_even is None
    assert compared(wane=0.1, fit=0.3, fixed=0.5).readings[0].break_even == 0


def test_what_misses_its_aim_is_bold() -> None:
    report = Report({"cores": "2"}, quick=False, shapes=(compared(wane=0.1, fit=0.3),))
    text = page(report)
    assert "| Dense 32, 30 rows of 2 | 150 / 450 | 3.00 (3.00 to 3.00) | 1 | 3.0 / 1.0 |" in text
    assert "| **3.00 (3.00 to 3.00)** | 7 | 600 / 500 | 1.20 | 1.000 / 1.100 |" in text
    slower = page(dataclasses.replace(report, shapes=(compared(wane=0.3, fit=0.1),)))
    assert "| **0.333 (0.333 to 0.333)** | 1 |" in slower and "| **never** |" in slower


def test_a_page_keeps_the_sections_of_what_was_not_measured() -> None:
    report = Report({"cores": "2"}, quick=False, shapes=(compared(wane=0.1, fit=0.3),))
    before = "# Benchmarks\n\nOlder.\n\n## case-study\n\nkept\n\n## Executions\n\nkept too\n"
    once = updated(before, report)
    own = page(report)
    section = own[own.index("## Every shape") :].rstrip("\n")
    first, last = before.split("## Executions")
    assert once == f"{first}{section}\n\n## Executions{last}"
    assert updated(once, report) == once
    again = updated(once, dataclasses.replace(report, shapes=(compared(wane=0.3, fit=0.1),)))
    assert again.count("## Every shape") == 1 and "**never**" in again and "kept too" in again
    assert updated("# Benchmarks\n", report) == f"# Benchmarks\n\n{section}\n"


def test_shapes_have_rows_of_what_they_take() -> None:
    assert len(SHAPES) == 21
    for shape in SHAPES.values():
        x, y = shape.quick().data()
        assert x.shape == (16, *shape.row) and y.shape == (16, 1)
        assert x.dtype == ("int32" if shape.words else "float32")


def commanded(*, now: float, before: float, write: float) -> CommandComparison:
    """A first start and two later ones of a command, of so many seconds."""

    def runs(seconds: float) -> list[CommandRun]:
        stages = {"train": seconds - write, "sizes": 0.0, "write": write, "total": seconds}
        one = CommandRun(seconds, 3 * seconds, stages, 14, "L2(0.01)", 0.25)
        return [dataclasses.replace(one, seconds=2 * seconds), one, one]

    own = runs(now)
    several = {"now": own, "before": runs(before)}
    readings = tuple(CommandReading.of(way, taken, own) for way, taken in several.items())
    return CommandComparison("table", 2, (0.1, 0.2), readings)


def test_commands_stand_beside_the_build_before_with_their_stages() -> None:
    report = Report({"cores": "2"}, quick=False, commands=(commanded(now=4, before=10, write=1),))
    assert report_of(json.loads(json.dumps(report.document()))) == report
    text = page(report)
    assert "| now | 8.0 | 4.0 (4.0 to 4.0) |  |  |  |  | 14 | L2(0.01) | 0.25 |" in text
    assert "| before | 20.0 | 10.0 (10.0 to 10.0) | 0.40 | 0.400 (0.400 to 0.400) | 0.5 |" in text
    assert "| 3.0 | 0.0 |  |  | 1.0 | **25%** | 20% |" in text
    slow = dataclasses.replace(report, commands=(commanded(now=8, before=10, write=1),))
    assert "| **0.80** | **0.800 (0.800 to 0.800)** | 0.5 |" in page(slow)
    assert "| 12% | 20% |" in page(slow)


@pytest.mark.thorough
def test_a_command_is_measured_first_and_later(tmp_path: Path) -> None:
    file = tmp_path / "readings.json"
    subprocess.run(
        [sys.executable, "-m", "benchmarks", "--quick", "--pairs", "1", "--parts", "commands",
         "--commands", "table", "--json", str(file)],
        cwd=ROOT, env={**os.environ, "KERAS_BACKEND": "jax"}, check=True, capture_output=True,
        timeout=300,
    )  # fmt: skip
    report = report_of(json.loads(file.read_text(encoding="utf-8")))
    (comparison,) = report.commands
    assert [reading.way for reading in comparison.readings] == ["now"]
    for reading in comparison.readings:
        assert reading.runs >= 14 and 0 < reading.share_beside < 1
        assert sum(reading.stages.values()) < 3 * reading.warm.median


def test_the_table_of_tools_names_all_and_what_was_not_run() -> None:
    found = {"version": "1.2", "chosen": "L2(0.1)", "loss": 0.25, "trainings": 7, "said": "best"}
    made = table({"optuna": {**found, "seconds": 8.6}, "ray": None})
    assert made.splitlines()[2:] == [
        "| Optuna, `GridSampler` 1.2 | 7 | 9 | L2(0.1) | 0.250 | best |",
        "| Ray Tune, `grid_search` | – | – | not run | – | – |",
    ]
    page = (ROOT / "docs" / "comparison.md").read_text(encoding="utf-8")
    rows = page.partition("<!-- table tools -->")[2].partition("<!-- end of table -->")[0]
    assert [name for name in TOOLS if f"| {TITLES.get(name, name)}" not in rows] == []
    assert "not run" not in rows


def test_what_the_table_of_tools_takes_is_installed_by_its_file() -> None:
    text = (ROOT / "benchmarks" / "tools.txt").read_text(encoding="utf-8")
    lines = [line.partition("#")[0].strip() for line in text.splitlines()]
    asked = {re.split(r"[\[=]", line)[0] for line in lines if line}
    assert asked >= {package for package, _ in TOOLS.values()} - {"wane"}
    pinned = (ROOT / "pyproject.toml").read_text(encoding="utf-8")
    (torch,) = (line for line in lines if line.startswith("torch"))
    assert torch in pinned
