"""What searches reach by runs and by seconds, on examples: curves and a table."""

import dataclasses
import importlib.util
import json
import subprocess
import sys
import time
from collections.abc import Mapping, Sequence
from pathlib import Path
from typing import Any

from calibration.tables import table

from benchmarks.guide import COMPARED
from benchmarks.processes import ROOT, environment
from benchmarks.search.tools import TOOLS, Moment, task_of
from benchmarks.search.truth import mean_test_losses
from wane.report.numbers import number

EXAMPLES = ("moons", "diabetes", "wine")
TITLES = {
    "wane": "wane",
    "random": "random, `fit`",
    "grid": "grid, `fit`",
    "keras-tuner": "KerasTuner, Bayesian",
    "optuna": "Optuna, TPE, `fit`",
}
TIMES = (15, 30, 60, 180)
"""Processor seconds whose losses the table has, as far as they were measured."""
SEED = 1
"""Of the networks by which strengths are compared: no search trained them."""
ABSENT = {"keras-tuner": "keras_tuner"}

Curves = dict[str, list[tuple[float, int, float]]]
"""For each tool (seconds, runs, loss) of what it held to be the best, the end of its search last.
"""


def measured(
    examples: Sequence[str], tools: Sequence[str], seconds: float, *, quick: bool = False
) -> dict[str, Curves]:
    """Let each tool search each example for so long, one after the other.

    Args:
        examples, tools: which.
        seconds: of processor time, after which a tool on Keras trains no further network; wane
            ends by itself.
        quick: five epochs.
    """
    epochs = 5 if quick else None
    found: dict[str, Curves] = {}
    began, count = time.perf_counter(), 0
    for example in examples:
        moments = {}
        for tool in tools:
            moments[tool] = _searched(tool, example, seconds, epochs)
            count += 1
            whole = len(examples) * len(tools)
            left = (time.perf_counter() - began) / count * (whole - count) / 60
            print(f"{example}, {tool}: about {left:.0f} minutes left", file=sys.stderr, flush=True)
        losses = _losses(example, [one for own in moments.values() for one in own], epochs)
        found[example] = {tool: _curve(own, losses) for tool, own in moments.items()}
    return found


def _searched(tool: str, example: str, seconds: float, epochs: int | None) -> list[Moment]:
    asked = [tool, example, str(seconds), *([] if epochs is None else ["5"])]
    done = subprocess.run(
        [sys.executable, "-m", "benchmarks.search.tools", *asked],
        stdout=subprocess.PIPE,
        text=True,
        cwd=ROOT,
        env=environment(),
        check=True,
    )
    moments = json.loads(done.stdout)
    return [Moment(**{**one, "strengths": tuple(one["strengths"])}) for one in moments]


def _losses(
    example: str, moments: Sequence[Moment], epochs: int | None
) -> Mapping[tuple[float, ...], float]:
    """The mean test loss of networks under each of the strengths, of all repeats of an example."""
    import wane

    study, space = task_of(example, epochs)
    candidates = {
        strengths: tuple(
            wane.L2(strength, layers=one.layers)
            for strength, one in zip(strengths, space, strict=True)
            if strength
        )
        for strengths in {one.strengths for one in moments if one.strengths}
    }
    spec = dataclasses.replace(study.spec, seed=SEED)
    spec = spec.with_candidates(dict.fromkeys(one for one in candidates.values() if one))
    means = mean_test_losses(spec)
    return {strengths: means[one] for strengths, one in candidates.items()}


def _curve(
    moments: Sequence[Moment], losses: Mapping[tuple[float, ...], float]
) -> list[tuple[float, int, float]]:
    curve = [(one.seconds, one.runs, losses[one.strengths]) for one in moments if one.strengths]
    if not curve:
        return []
    return [*curve, (moments[-1].seconds, moments[-1].runs, curve[-1][2])]


def at(curve: Sequence[tuple[float, int, float]], seconds: float) -> float | None:
    """The loss of what a tool held to be the best then; None before its first, or after its end."""
    known = [loss for when, _, loss in curve if when <= seconds]
    return known[-1] if known and seconds <= curve[-1][0] else None


def reached(curve: Sequence[tuple[float, int, float]], loss: float) -> float | None:
    """The seconds from which on a tool holds nothing that is worse than this; None for never."""
    when = None
    for seconds, _, own in curve:
        if own > loss:
            when = None
        elif when is None:
            when = seconds
    return when


def section(found: Mapping[str, Curves], seconds: float) -> str:
    """The curves as a table in Markdown."""
    times = [one for one in TIMES if one <= seconds]
    head = [
        "example", "tool", "networks", "processor seconds",
        *(f"loss after {one} s" for one in times), "at its end",
        "wane is as good, within 1 %, from second",
    ]  # fmt: skip
    rows = []
    for example, curves in found.items():
        for tool, curve in curves.items():
            if not curve:
                rows.append([f"`{example}`", TITLES[tool], "0", "–", *["–"] * (len(times) + 2)])
                continue
            end, runs, last = curve[-1]
            losses = [at(curve, one) if tool != "wane" or one <= end else last for one in times]
            from_then = reached(curves["wane"], 1.01 * last) if "wane" in curves else None
            rows.append(
                [
                    f"`{example}`",
                    TITLES[tool],
                    f"{runs:,}",
                    f"{end:.0f}",
                    *("–" if loss is None else number(loss) for loss in losses),
                    number(last),
                    "" if tool == "wane" else f"{from_then:.0f}" if from_then else "**never**",
                ]
            )
    return table(head, rows)


def figure(found: Mapping[str, Curves], path: Path) -> None:
    """The curves by seconds and by networks, drawn to a file."""
    import matplotlib

    matplotlib.use("Agg")
    from matplotlib import pyplot

    size = (4 * len(found), 6)
    drawn, axes = pyplot.subplots(2, len(found), squeeze=False, figsize=size, layout="constrained")
    for column, (example, curves) in enumerate(found.items()):
        for row, name in enumerate(("processor seconds", "networks trained")):
            ax: Any = axes[row, column]
            for tool, curve in curves.items():
                if curve:
                    points = [one[row] for one in curve]
                    label = TITLES[tool].replace("`", "")
                    ax.step(points, [one[2] for one in curve], where="post", label=label)
            ax.set(xscale="log", xlabel=name)
            if row == 0:
                ax.set_title(example)
            if column == 0:
                ax.set_ylabel("mean test data loss of the best so far")
    axes[0, 0].legend(fontsize="small")
    path.parent.mkdir(exist_ok=True)
    drawn.savefig(path, dpi=120)
    pyplot.close(drawn)


def usable(tools: Sequence[str]) -> list[str]:
    """The tools whose packages are here; the others are reported."""
    missing = [one for one in tools if one in ABSENT and not importlib.util.find_spec(ABSENT[one])]
    for one in missing:
        print(f"{TITLES[one]} is not installed and left out.", file=sys.stderr)
    return [one for one in tools if one not in missing]


__all__ = ["COMPARED", "EXAMPLES", "TOOLS", "figure", "measured", "section", "usable"]
