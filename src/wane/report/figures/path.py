"""A path: loss, metric, size and zeros of weights, stage by stage, warm and cold."""

import functools
from collections.abc import Mapping, Sequence
from typing import Any

import numpy as np
from matplotlib.artist import Artist
from matplotlib.axes import Axes

from wane._language import gettext
from wane.report.columns import Document
from wane.report.figures.panels import Panel, Plan, drawing
from wane.report.figures.strength_series import baseline_label
from wane.report.figures.style import (
    SERIES_COLORS,
    SERIES_MARKERS,
    finite,
    points,
    set_log,
    spans_decades,
    themed,
)
from wane.report.wording import metric_label, norm_label, of_part

_LINES = {"warm": "-", "cold": (0, (4, 2))}


@drawing("PathResult.plot")
def path_drawing(path: Document) -> Plan:
    """Panels over the strengths in the order of the path; points are means, bars ± one deviation.

    Args:
        path: the document of a path.
    """
    stages = path["stages"]
    metric = path["study"]["metric"]
    norms = [
        c for c in stages[0]["warm"]["numbers"] if c.startswith("norm_") and not c.endswith(":bias")
    ]
    shown = norms if len(norms) <= 2 else [norms[0], norms[-1]]
    columns = {
        name: (of_part("validation", metric_label(name)), [f"validation_{name}"])
        for name in dict.fromkeys(("data_loss", metric))
    }
    columns["norm"] = (gettext("norm of weights"), shown)
    if any((stage["warm"]["numbers"]["zeros"]["mean"] or 0) > 0 for stage in stages):
        columns["zeros"] = (gettext("share of zeros"), ["zeros"])
    label = gettext("strength, in the order of training")
    panels = {
        name: Panel(functools.partial(_draw, stages=stages, name=name, columns=own), label, title)
        for name, (title, own) in columns.items()
    }
    return Plan(
        panels=panels,
        columns=len(panels),
        size=(1.0 + 3.5 * len(panels), 3.6),
        legend=_legend_handles,
        legend_columns=2,
    )


def _legend_handles(axes: Mapping[str, Axes]) -> Sequence[Artist]:
    handles: Sequence[Artist] = next(iter(axes.values())).get_legend_handles_labels()[0]
    return handles


def _draw(ax: Axes, stages: Sequence[Mapping[str, Any]], name: str, columns: Sequence[str]) -> None:
    labels = {"warm": gettext("warm start"), "cold": gettext("cold start")}
    places = np.arange(len(stages))
    drawn = []
    for which, column in enumerate(columns):
        for start, line in _LINES.items():
            mean = finite([_of(stage, start, column, "mean") for stage in stages])
            spread = finite([_of(stage, start, column, "std") for stage in stages])
            drawn.append(mean)
            color = themed(SERIES_COLORS[0 if start == "warm" else 1])
            ax.errorbar(
                places + (-0.04 if start == "warm" else 0.04), mean, np.nan_to_num(spread),
                color=color, ls=line, capsize=3, marker=SERIES_MARKERS[0 if start == "warm" else 1],
                label=labels[start] if which == 0 else None,
            )  # fmt: skip
        if len(columns) > 1:
            first, *later = drawn[-2]
            away = -15 if later and later[0] > first else 7  # a line that rises would cross it
            ax.annotate(
                norm_label(column.removeprefix("norm_")), (places[0], first),
                textcoords="offset points", xytext=(0, away), ha="left", fontsize=points(8),
            )  # fmt: skip
    if name == "data_loss" and spans_decades(np.concatenate(drawn)):
        set_log(ax, np.concatenate(drawn))
    ax.set_xticks(places)
    none = baseline_label()
    ax.set_xticklabels([f"{s['strength']:g}" if s["strength"] else none for s in stages])


def _of(stage: Mapping[str, Any], start: str, column: str, what: str) -> float:
    value = stage[start]["numbers"][column][what]
    return float("nan") if value is None else float(value)
