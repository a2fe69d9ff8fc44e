"""The section on shapes of ``docs/benchmarks.md``."""

from benchmarks.results import Report, ShapeComparison, ShapeReading
from benchmarks.shapes import SHAPES
from benchmarks.tables import measured_on, number_of, ratio_of, table

FIXED, MEMORY, RUNS = 2.0, 1.2, 20
"""What is aimed at, at most: the fixed cost and the peak memory beside ``fit``, and the runs after
which wane's total is lower."""

BESIDE = """theirs over ours, so that more
than 1 is gained. Drawing initial weights is no program of its own any more (to compile one takes 1
to 5 s here): for each repeat it takes 6 ms for a small network and 30 ms for the attention blocks,
which count among the runs and are most of what a run of the smallest takes more. The ranges of
single runs are wide on this shared machine; 42 further runs took 0.9 and 0.9 s before, 0.9 and 1.1
s now (Dense 64 × 2, 2,000 rows), and 13.8 and 13.6 s before, 16.4 and 13.4 s now (the attention
blocks).

"""

PROFILE = """### What misses its aim, and what was tried

**Networks of millions of weights** (Dense 2048 × 2, the large embedding, wide convolutions) leave
little to save beside `fit`, and the cores slow each other down: wane trains a run on each, and an
epoch of one run takes 1.6, 1.7 and 1.4 times as long beside another as alone, so that two cores
give 1.2 to 1.4 times the speed of one (Dense 64 × 2, 2,000 rows: 1.7 times). Calls that train in
the place of their state took 8 % less processor time and gained nothing by the clock. Adam by
blocks of weights, barriers between its updates, and XLA without fused loops (up to 1.5 times the
time of a run) lost.

**The fixed cost** is compiling: one program with an epoch's training, its evaluation with all
metrics, the penalties as data, and one for the final evaluation, where `fit` compiles a step of
each. XLA's optimization level 1 takes a tenth off and slows every run; leaving out LLVM's costly
passes takes nothing off. Preparing by tracing, in place of single operations that each compile by
themselves, took 25 to 40 % off. The command line keeps programs from one start to the next.

**Memory.** Libraries are no part of it: Keras and JAX take 402 MiB, wane with pandas, SciPy and
scikit-learn 25 more. What comes on top grows with the network: the weights and moments of a run on
each core, and what XLA takes to compile the larger program; how much of each was not measured.
"""


def shapes_section(report: Report) -> str:
    """The shapes beside ``fit``, and beside an older wane where that was measured."""
    before = any(comparison.of("before") for comparison in report.shapes)
    loads = [load for one in report.shapes for load in one.load]
    text = (
        "## Every shape\n\n21 runs of each network on rows of noise, in a process of its own: the "
        "baseline and six strengths of L2, three repeats.\n`fit` is a loop around one compiled "
        "model that begins anew each time, without a penalty. wane draws other weights for each\n"
        "repeat, and `fit` begins with one draw: their losses differ by that. Medians of pairs; "
        "ratios with their range.\nThe fixed cost is preparing and compiling, beside what the "
        "first `fit` takes more than the others; memory is the peak of the whole\nprocess, imports "
        "included. "
        f"Aims: each shape's own speed, a fixed cost of at most {FIXED:g} times and memory of at "
        f"most {MEMORY:g} times\nthose of `fit`, and a lower total after {RUNS} runs at most. What "
        f"misses its aim is **bold**.\n{measured_on(report, loads)}\n\n"
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
        several = (
            "shape",
            "all 21 runs, fixed cost included",
            "a run",
            "fixed cost",
            "peak memory",
            "validation loss, now / before",
        )
        pairs = [row for one in report.shapes if (row := _beside(one)) is not None]
        text += (
            f"\n### Beside the build before\n\nThe sources of {report.before}, in the same run: "
        )
        text += BESIDE + table(several, pairs)
    return f"{text}\n{PROFILE}"


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
        f"{_total(before) / _total(wane):.2f}",
        ratio_of(before.ratio),
        _times(before, wane, "fixed_seconds"),
        _times(before, wane, "peak_mebibytes"),
        f"{wane.validation_loss:.3f} / {before.validation_loss:.3f}",
    )


def _total(reading: ShapeReading) -> float:
    """Seconds that 21 runs take, fixed cost included."""
    return reading.fixed_seconds.median + 21e-3 * reading.milliseconds_per_run.median


def _times(before: ShapeReading, wane: ShapeReading, name: str) -> str:
    return f"{getattr(before, name).median / getattr(wane, name).median:.2f}"


def _held(text: str, held: bool) -> str:
    return text if held else f"**{text}**"
