"""The section on shapes of ``docs/benchmarks.md``."""

from benchmarks.results import Report, ShapeComparison, ShapeReading
from benchmarks.shapes import SHAPES
from benchmarks.tables import number_of, ratio_of, table

FIXED, MEMORY, RUNS = 2.0, 1.2, 20
"""What is aimed at, at most: the fixed cost and the peak memory beside ``fit``, and the runs after
which wane's total is lower."""


def shapes_section(report: Report) -> str:
    """The shapes beside ``fit``, and beside an older wane where that was measured."""
    before = any(comparison.of("before") for comparison in report.shapes)
    text = (
        "## Every shape\n\n21 runs of each network on rows of noise, in a process of its own: the "
        "baseline and six strengths of L2, three repeats.\n`fit` is a loop around one compiled "
        "model that begins anew each time, without a penalty. Medians of pairs; ratios with their "
        "range.\nThe fixed cost is preparing and compiling, beside what the first `fit` takes more "
        "than the others; memory is the peak of the whole\nprocess, imports included. "
        f"Aims: each shape's own speed, a fixed cost of at most {FIXED:g} times and memory of at "
        f"most {MEMORY:g} times\nthose of `fit`, and a lower total after {RUNS} runs at most. What "
        "misses its aim is **bold**.\n\n"
    )
    rows = [row for one in report.shapes if (row := _row(one)) is not None]
    head = (
        "shape",
        "a run, wane / `fit`, ms",
        "wane is faster, times",
        "aim",
        "fixed cost, wane / `fit`, s",
        "ratio",
        "lower total from run",
        "peak memory, MiB",
        "ratio",
        "validation loss, wane / `fit`",
    )
    text += table(head, rows)
    if before:
        several = ("shape", "a run", "fixed cost", "peak memory", "validation loss, now / before")
        pairs = [row for one in report.shapes if (row := _beside(one)) is not None]
        text += (
            f"\n### Beside the build before\n\nThe sources of {report.before}, in the same run: "
            f"theirs over ours, so that more than 1 is gained.\n\n"
        ) + table(several, pairs)
    return text


def _row(comparison: ShapeComparison) -> tuple[str, ...] | None:
    wane, fit = comparison.of("wane"), comparison.of("fit")
    if wane is None or fit is None:
        return None
    shape = SHAPES[comparison.shape]
    even = "never" if wane.break_even is None else f"{wane.break_even:,.0f}"
    return (
        shape.title,
        f"{number_of(wane.milliseconds_per_run.median)} / "
        f"{number_of(fit.milliseconds_per_run.median)}",
        _held(ratio_of(fit.ratio), fit.ratio.median >= shape.least),
        f"{shape.least:g}",
        f"{wane.fixed_seconds.median:.1f} / {fit.fixed_seconds.median:.1f}",
        _held(ratio_of(wane.fixed_ratio), wane.fixed_ratio.median <= FIXED),
        _held(even, wane.break_even is not None and wane.break_even <= RUNS),
        f"{wane.peak_mebibytes.median:,.0f} / {fit.peak_mebibytes.median:,.0f}",
        _held(f"{wane.memory_ratio.median:.2f}", wane.memory_ratio.median <= MEMORY),
        f"{wane.validation_loss:.3f} / {fit.validation_loss:.3f}",
    )


def _beside(comparison: ShapeComparison) -> tuple[str, ...] | None:
    wane, before = comparison.of("wane"), comparison.of("before")
    if wane is None or before is None:
        return None
    return (
        SHAPES[comparison.shape].title,
        ratio_of(before.ratio),
        _times(before, wane, "fixed_seconds"),
        _times(before, wane, "peak_mebibytes"),
        f"{wane.validation_loss:.3f} / {before.validation_loss:.3f}",
    )


def _times(before: ShapeReading, wane: ShapeReading, name: str) -> str:
    return f"{getattr(before, name).median / getattr(wane, name).median:.2f}"


def _held(text: str, held: bool) -> str:
    return text if held else f"**{text}**"
