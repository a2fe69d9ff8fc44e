"""A path: loss, metric, size and zeros of weights, stage by stage, warm and cold."""

import functools
from collections.abc import Mapping, Sequence
from typing import Any

import numpy as np
from matplotlib.artist import Artist
from matplotlib.axes import Axes
from matplotlib.lines import Line2D

from wane._language import gettext
from wane.report.columns import Document
from wane.report.figures.panels import Panel, Plan, drawing
from wane.report.figures.strength_series import baseline_label
from wane.report.figures.style import (
    INK,
    PAPER,
    SERIES_COLORS,
    SERIES_MARKERS,
    finite,
    set_log,
    spans_decades,
    themed,
)
from wane.report.numbers import strength_text
from wane.report.wording import filled, metric_label, norm_label, of_part

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
        legend=functools.partial(_legend_handles, norms=shown),
        legend_columns=4,
    )


def _legend_handles(axes: Mapping[str, Axes], norms: Sequence[str]) -> Sequence[Artist]:
    handles: list[Artist] = list(next(iter(axes.values())).get_legend_handles_labels()[0])
    if "norm" in axes and len(norms) > 1:
        for which, name in enumerate(norms):
            label = filled(gettext("norm of {layer}"), layer=norm_label(name.removeprefix("norm_")))
            look = {"color": themed(INK), "marker": SERIES_MARKERS[0], "mfc": _face(INK, which)}
            handles.append(Line2D([], [], ls="none", label=label, **look))
    return handles


def _face(color: str, which: int) -> Any:
    """Markers of the first of two norms are filled, those of the second hollow."""
    return themed(color if which == 0 else PAPER)


def _draw(ax: Axes, stages: Sequence[Mapping[str, Any]], name: str, columns: Sequence[str]) -> None:
    labels = {"warm": gettext("warm start"), "cold": gettext("cold start")}
    places = np.arange(len(stages))
    drawn = []
    for which, column in enumerate(columns):
        for start, line in _LINES.items():
            mean = finite([_of(stage, start, column, "mean") for stage in stages])
            spread = finite([_of(stage, start, column, "std") for stage in stages])
            drawn.append(mean)
            own = SERIES_COLORS[0 if start == "warm" else 1]
            ax.errorbar(
                places + (-0.04 if start == "warm" else 0.04), mean, np.nan_to_num(spread),
                color=themed(own), ls=line, capsize=3, mfc=_face(own, which),
                marker=SERIES_MARKERS[0 if start == "warm" else 1],
                label=labels[start] if which == 0 else None,
            )  # fmt: skip
    if name == "data_loss" and spans_decades(np.concatenate(drawn)):
        set_log(ax, np.concatenate(drawn))
    ax.set_xticks(places)
    none = baseline_label()
    ax.set_xticklabels([strength_text(s["strength"]) if s["strength"] else none for s in stages])


def _of(stage: Mapping[str, Any], start: str, column: str, what: str) -> float:
    value = stage[start]["numbers"][column][what]
    return float("nan") if value is None else float(value)
