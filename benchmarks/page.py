"""``docs/benchmarks.md`` from a report."""

import re
from collections.abc import Sequence

from benchmarks.cases import CASES
from benchmarks.commands_page import commands_section
from benchmarks.competitors import COMPETITORS
from benchmarks.results import Comparison, Growth, Moment, Quality, Reading, Report
from benchmarks.shapes_page import shapes_section
from benchmarks.tables import measured_on, number_of, ratio_of, table
from benchmarks.targets import TARGETS, reading_of

INTRODUCTION = """# Benchmarks

What one training of one network costs with wane and with what else there is, with the quality
reached in that time. Measured by `python -m benchmarks --update-docs` (see
`CONTRIBUTING.md`), which writes this page.

- Competitors take turns, pair after pair. Times are medians over the pairs; a ratio is the median
  of the ratios of each pair, with its range in brackets. Everyone has all cores.
- Times are for training. Imports are not in them, and compiling has a column of its own. `fit`
  keeps one compiled model for its whole loop, with Keras's default settings and `verbose=0`; a loop
  that makes a model for each training compiles each time. torch has one thread or all, whichever is
  faster in the case.
- A competitor that would take too long trains for fewer epochs. The time of a run is then its time
  per epoch × the epochs of the case, and its quality stands beside what wane reaches in as many
  epochs (the last column).
- wane trains through the engine of `wane.Study`, with its final evaluation of every run. It always
  evaluates after each epoch; a case without evaluation gives it a single validation row.
- `fit` carries the same L2 penalty on hidden kernels as Keras's regularizer. scikit-learn's `alpha`
  acts on the output layer's too, and it never evaluates validation rows in training. The C kernel
  and the `torch.func` ensemble do everything that the case says.
- "Processor" is the ratio of processor time over all threads: what remains where cores are shared,
  or where a loop is spread over processes.
"""


PROFILE = """## Where the time goes

**Within an epoch of the case study.** XLA makes 41 kernels of an epoch with evaluation (35
fusions, 4 products, 2 copies), where the C kernel makes a few passes over the units. Adam alone
takes three for each of four weights, since XLA's fusions on CPUs write one array each. A plain JAX
program of the same epoch, losses and accuracies included, takes as long (20.5 µs of processor time
with one thread, wane 20.9; evaluating the 70 rows is 9 of them), so what is left is XLA's. What was
tried to come nearer, measured on this program with one thread: all weights in one vector, so that
Adam is one update (37.6 instead of 33.8 µs, on a busy machine: slices and copies cost more than
they save); the products with two inputs as sums that fuse with the bias and the activation
(34.6); the output as a sum instead of a product (58.4); 512-bit vectors (18.7 instead of 19.0, on
a quiet one; 8 % gained for the LSTM and 11 % for the CNN); without XLA's fusions of products
(16.3 instead of 19.0 here, but 11.9 instead of 8.6 ms for the network with dropout). The last two
change how sums are rounded, and which form is faster would have to be found by timing: then the
same seed would not give the same bits, so they were left off. What did gain: calling the compiled
program from a thread for each core (twice the speed on two cores), and one run at a time instead
of many side by side, which stays in the cache (see the executions).

**Dropout and shuffling.** A dropout layer's random bits took a third of the time of its network,
and the order of the rows 7 %: JAX rolls its generator into a loop on CPUs and sorts pairs.
Written out and packed into single numbers (`training/lowering/random_bits.py`,
`training/lowering/row_order.py`) both take a few per cent, with JAX's own bits: 12.1 to 8.3 ms of
processor time for an epoch of the network with dropout. Later, on a faster machine, from 7.4 to
6.5 ms by making a mask's bits as one array: of two words each, every kernel that uses the mask read
both.

**Around it, in `wane study moons`.** Compiling and making arrays ready were the largest parts
besides training: initial weights are drawn by the initializers' own programs instead of by
cloning the model for every repeat (10 ms each), models are checked by tracing instead of by
calling them, training and final evaluation are compiled at once, and the command
line keeps what it compiled for its next start.
"""


SHARE_OF_C = 0.5
"""Of the speed of the case study by hand, what is aimed at."""
LAST_SECTIONS = ("## Executions", "## Cost of growth", "## Time to the first result")
"""Before the first of these that a page has, a section is put that it has not."""


SEARCHES = "## Searching a strength for each layer"
"""The section that ``python -m benchmarks.search`` writes."""


def page(report: Report) -> str:
    """The whole page."""
    parts = [INTRODUCTION, _machine(report)]
    if report.comparisons:
        parts.append(_targets(report))
    parts.append(_limit(report))
    if report.comparisons:
        parts += [_comparison(one) for one in report.comparisons]
    if report.shapes:
        parts.append(shapes_section(report))
    if report.commands:
        parts.append(commands_section(report))
    if report.executions:
        parts.append(_executions(report.executions))
    if report.growth:
        parts.append(_growth(report))
    if report.first_results:
        parts.append(_first_results(report))
    if report.moons:
        parts += [_moons(report), PROFILE]
    return "\n".join(part for part in parts if part)


def updated(text: str, report: Report) -> str:
    """A page with a report's sections in place of its own; what was not measured now stays.

    Args:
        text: the page so far.
        report: of some parts.
    """
    own, new = _sections(text), _sections(page(report))
    for heading, section in new.items():
        if heading and heading not in own:
            after = [one for one in LAST_SECTIONS if one in own]
            place = list(own).index(after[0]) if after else len(own)
            items = list(own.items())
            own = dict([*items[:place], (heading, section), *items[place:]])
        elif heading:
            own[heading] = section
    return "".join(section.rstrip("\n") + "\n\n" for section in own.values()).rstrip("\n") + "\n"


def with_others(new: str, before: str) -> str:
    """A whole new page, and the section of the page before that has a command of its own."""
    own = [part for heading, part in _sections(before).items() if heading == SEARCHES]
    return "\n".join([new, *own])


def _sections(text: str) -> dict[str, str]:
    """The sections of a page by their headings; what stands before the first has none."""
    parts = re.split(r"^(?=## )", text, flags=re.MULTILINE)
    return {part.split("\n")[0] if part.startswith("## ") else "": part for part in parts}


def _quality(quality: Quality) -> list[str]:
    return [
        f"{quality.train_loss:.3f} / {quality.validation_loss:.3f}",
        f"{quality.train_accuracy:.3f} / {quality.validation_accuracy:.3f}",
    ]


def _machine(report: Report) -> str:
    warning = "These are the tiny sizes of `--quick`: they mean nothing.\n\n"
    rows = [(name, value) for name, value in report.machine.items()]
    return (warning if report.quick else "") + table(("machine", ""), rows)


def _targets(report: Report) -> str:
    rows = []
    for target in TARGETS:
        reading = reading_of(report, target.case, target.competitor)
        if reading is not None:
            met = "met" if reading.ratio.median >= target.least else "**missed**"
            title = COMPETITORS[target.competitor].title
            goal, measured = f"{target.least:g}×", ratio_of(reading.ratio)
            rows.append((target.case, title, goal, measured, met))
    head = ("case", "against", "at least", "measured", "")
    return "## Targets\n\n" + table(head, rows) if rows else ""


def _limit(report: Report) -> str:
    rows: list[tuple[str, ...]] = []
    loads: list[float] = []
    for comparison in report.limit or report.comparisons:
        found = {one.competitor: one for one in comparison.readings}
        if "kernel" in found and "wane" in found:
            kernel, wane = found["kernel"], found["wane"]
            share = f"{kernel.ratio.median:.0%} ({kernel.ratio.low:.0%} to {kernel.ratio.high:.0%})"
            rows.append(
                (
                    comparison.case,
                    number_of(kernel.microseconds_per_epoch.median),
                    number_of(wane.microseconds_per_epoch.median),
                    share if kernel.ratio.median >= SHARE_OF_C else f"**{share}**",
                    f"{SHARE_OF_C:.0%}",
                    f"{kernel.processor_ratio.median:.0%}",
                )
            )
    if not rows:
        return ""
    head = ("case", "C, µs per epoch", "wane, µs per epoch", "share of its speed", "aim",
            "by processor")  # fmt: skip
    return (
        "## The limit\n\nThe case study by hand in C (`benchmarks/case_study.c`): forward, "
        "backward and Adam fused,\na thread for each core. wane's share of its speed; what misses "
        "its aim is **bold**, and [why](#where-the-time-goes).\n"
        f"{measured_on(report, loads)}\n\n"
    ) + table(head, rows)


def _comparison(comparison: Comparison) -> str:
    case = CASES[comparison.case]
    rows = [_comparison_row(case.epochs, reading) for reading in comparison.readings]
    absent = "".join(
        f"{COMPETITORS[key].title}: {reason}.\n"
        for key, reason in comparison.absent.items()
        if "does not train" not in reason
    )
    head = (
        "",
        "ms per run",
        "µs per epoch",
        "times wane's time",
        "processor",
        "compile, s",
        "epochs",
        "loss, train / validation",
        "accuracy, train / validation",
        "wane's loss",
    )
    before, after = comparison.load
    return (
        f"## {comparison.case}\n\n{case.title}; {case.epochs:,} epochs. {comparison.pairs} pairs, "
        f"load average {before:.1f} before and {after:.1f} after.\n\n"
        + table(head, rows)
        + (f"\n{absent}" if absent else "")
    )


def _comparison_row(epochs: int, reading: Reading) -> list[str]:
    per_epoch = reading.microseconds_per_epoch.median
    own = reading.competitor == "wane"
    beside = "" if own or reading.wane_quality is None else _quality(reading.wane_quality)[0]
    return [
        COMPETITORS[reading.competitor].title,
        number_of(per_epoch * max(epochs, reading.epochs) / 1e3),
        number_of(per_epoch),
        "1" if own else ratio_of(reading.ratio),
        "1" if own else number_of(reading.processor_ratio.median),
        f"{reading.compile_seconds:.2f}",
        f"{reading.epochs:,}",
        *_quality(reading.quality),
        beside,
    ]


def _executions(executions: Sequence[Comparison]) -> str:
    readings = executions[0].readings
    places = [(reading.competitor, reading.cores) for reading in readings]
    head = ["case", *(f"{COMPETITORS[key].title}, {count}" for key, count in places), "load"]
    rows = []
    for one in executions:
        found = {(r.competitor, r.cores): r for r in one.readings}
        row = [one.case]
        for place in places:
            reading = found.get(place)
            row.append("–" if reading is None else _execution(reading))
        rows.append([*row, f"{one.load[0]:.1f}–{one.load[1]:.1f}"])
    loss = [
        [
            f"{one.case}, validation loss",
            *(f"{r.quality.validation_loss:.3f}" for r in one.readings),
            "",
        ]
        for one in executions
    ]
    return (
        "## Executions\n\nµs for one epoch of one network, by the clock, 64 networks for each "
        "core; the last number of a\nheading is how many cores the process may use. In brackets "
        "the time over that of threads on all\ncores, pair by pair.\n\n"
        + table(head, [*rows, *loss])
    )


def _execution(reading: Reading) -> str:
    time = number_of(reading.microseconds_per_epoch.median)
    return f"{time} ({reading.ratio.median:.2f})"


def _growth(report: Report) -> str:
    rows = [
        (
            f"{one.runs:,}",
            f"{one.epochs:,}",
            number_of(one.milliseconds_per_run),
            f"{one.train_seconds:.1f}",
            f"{one.total_seconds:.1f}",
            f"{one.peak_mebibytes:,.0f}",
            f"{one.database_mebibytes:,.1f}",
            *_quality(one.quality),
        )
        for one in report.growth
    ]
    head = (
        "runs",
        "epochs",
        "ms per run",
        "training, s",
        "whole study, s",
        "peak memory, MiB",
        "`study.db`, MiB",
        "loss, train / validation",
        "accuracy, train / validation",
    )
    return (
        "## Cost of growth\n\nStudies of the case study with a folder, each in a process of its "
        "own (the memory is the whole\nprocess's). Times without imports.\n\n"
        + table(head, rows)
        + _course(max(report.growth, key=lambda one: one.runs))
    )


def _course(longest: Growth) -> str:
    """What the longest study had taken at each moment, and each tenth of its runs by itself."""
    if not longest.course:
        return ""
    rows = []
    first = Moment(0, 0.0, 0.0, 0.0)
    for before, moment in zip((first, *longest.course), longest.course, strict=False):
        runs = moment.runs - before.runs
        grown = moment.database_mebibytes - before.database_mebibytes
        rows.append(
            (
                f"{moment.runs:,}",
                number_of(1e3 * (moment.seconds - before.seconds) / runs),
                f"{moment.memory_mebibytes:,.0f}",
                f"{1024 * grown / runs:.1f}",
            )
        )
    head = ("runs finished", "ms per run since the last row", "memory, MiB", "journal, KiB per run")
    return (
        f"\nThe course of the study of {longest.runs:,} runs, a row for each tenth; memory is that "
        f"of the process in\ntraining, before tables and figures.\n\n" + table(head, rows)
    )


def _first_results(report: Report) -> str:
    rows = [
        (
            one.case,
            f"{one.import_seconds:.2f}",
            f"{one.prepare_seconds:.2f}",
            f"{one.compile_seconds:.2f}",
            f"{one.total_seconds:.2f}",
            *_quality(one.quality),
        )
        for one in report.first_results
    ]
    head = (
        "case",
        "imports, s",
        "preparing, s",
        "compiling, s",
        "first run finished after, s",
        "loss, train / validation",
        "accuracy, train / validation",
    )
    return "## Time to the first result\n\nIn a fresh process.\n\n" + table(head, rows)


def _moons(report: Report) -> str:
    names = list(report.moons[0].stages)
    rows = [
        (
            *(f"{one.stages[name]:.2f}" for name in names),
            f"{one.seconds:.2f}",
            f"{one.runs}",
            f"{one.validation_loss:.3f}",
            f"{one.validation_accuracy:.3f}",
        )
        for one in report.moons
    ]
    head = (*names, "by the clock", "runs", "validation loss of the chosen", "accuracy")
    return (
        "## `wane study moons`\n\nSeconds by stage. The first start finds no compiled programs, "
        "the others those that it kept.\n\n" + table(head, rows)
    )
