"""The section of whole commands."""

from benchmarks.command_results import CommandComparison, CommandReading
from benchmarks.commands import COMMANDS
from benchmarks.results import Report
from benchmarks.tables import measured_on, ratio_of, table

AIMS = {"moons": 0.6, "table": 0.5, "compare": 0.5}
"""Of the time of the build before, by the clock."""
SHARE = 0.2
"""Of a small study's time, what learning-curve runs, figures and files may take."""
STAGES = ("load", "prepare", "compile", "train", "sizes", "retraining", "references", "write")

INTRODUCTION = """A command in a process of its own, the interpreter's start included, with a cache
folder for each build: the first start compiles, and makes the other things that are kept there,
such as Matplotlib's list of fonts; later ones find them. Both builds train the same runs.
"""

PROFILE = """### Where a command's time goes

Training is over half of `wane study moons`, a fifth of the study of a table and two fifths of `wane
compare`; the rest is what every study has: loading Keras, JAX, pandas and scikit-learn takes 2 to
2.5 s in either build, and drawing as long again. The case study's epoch is that of a plain JAX
program (see [where the time goes](#where-the-time-goes)), so that moons could not come down to 0.6
by anything around it. What it takes longer than before is drawing: interactive charts with the SVG
of each are new, and runs that tell what more rows would do on one split. Since these readings
writing was brought down, from 3.5 to 2.8 s of processor time for moons, and from 7.0 to 4.9 s for
2,002 runs: one connection for all reads of the journal, references that are evaluated once for a
split, tables made of arrays and not by pandas, figures that are drawn once, and fewer minor ticks.
What was left alone: drawing in another process, which would load Matplotlib and pandas anew,
leaving out PNG files or the still SVG that print and pages without scripts show, and training the
runs on fewer rows together with the others, which would need the number of epochs as data.
"""


def commands_section(report: Report) -> str:
    """Whole commands, now and before."""
    loads = [load for one in report.commands for load in one.load]
    text = f"## Whole commands\n\n{INTRODUCTION}\n"
    commits = " and ".join(dict.fromkeys(one.before for one in report.commands if one.before))
    text += f"{measured_on(report, loads)}"
    text += f' "Before" is {commits}.\n\n' if commits else "\n\n"
    head = (
        "command",
        "",
        "first start, s",
        "later, s",
        "now beside it: first",
        "later",
        "aim",
        "processor",
        "runs",
        "chosen",
        "validation loss",
    )
    rows = [row for one in report.commands for row in _rows(one)]
    text += table(head, rows)
    text += (
        "\nMedians of the later starts by stage, in seconds, as the command itself has them:\n\n"
    )
    stages = [row for one in report.commands for row in _stages(one)]
    text += table(("command", "", *STAGES, "sizes and write, share", "aim"), stages)
    return f"{text}\n{PROFILE}"


def _rows(comparison: CommandComparison) -> list[tuple[str, ...]]:
    rows: list[tuple[str, ...]] = []
    for one in comparison.readings:
        ratios, aim, processor = ("", ""), "", ""
        if one.way == "before":
            most = AIMS[comparison.command]
            aim, processor = f"{most:g}", ratio_of(one.processor_ratio)
            ratios = (
                _held(f"{one.cold_ratio:.2f}", one.cold_ratio <= most),
                _held(ratio_of(one.ratio), one.ratio.median <= most),
            )
        rows.append(
            (
                _name(comparison),
                one.way,
                f"{one.cold:.1f}",
                f"{one.warm.median:.1f} ({one.warm.low:.1f} to {one.warm.high:.1f})",
                *ratios,
                aim,
                processor,
                f"{one.runs:,}",
                one.chosen,
                f"{one.validation_loss:.4g}",
            )
        )
    return rows


def _stages(comparison: CommandComparison) -> list[tuple[str, ...]]:
    return [
        (
            _name(comparison),
            one.way,
            *(_seconds(one, stage) for stage in STAGES),
            _held(f"{one.share_beside:.0%}", one.share_beside <= SHARE),
            f"{SHARE:.0%}",
        )
        for one in comparison.readings
    ]


def _seconds(reading: CommandReading, stage: str) -> str:
    return f"{reading.stages[stage]:.1f}" if stage in reading.stages else ""


def _name(comparison: CommandComparison) -> str:
    return f"`wane {' '.join(COMMANDS[comparison.command])}`"


def _held(text: str, held: bool) -> str:
    return text if held else f"**{text}**"
