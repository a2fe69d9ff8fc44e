"""A path: loss, metric, size and zeros of weights, stage by stage, warm and cold."""

from collections.abc import Mapping, Sequence
from typing import Any

import numpy as np
from matplotlib.axes import Axes
from matplotlib.figure import Figure

from wane.report.columns import Document
from wane.report.figures.style import (
    DPI,
    SERIES_COLORS,
    SERIES_MARKERS,
    NotebookFigure,
    dress,
    finite,
    set_log,
    spans_decades,
    styled,
)
from wane.report.wording import metric_label, norm_label

_LINES = {"warm": "-", "cold": (0, (4, 2))}


@styled
def path_figure(path: Document) -> Figure:
    """Panels over the strengths in the order of the path; points are means, bars ± one deviation.

    Args:
        path: the document of a path.
    """
    stages = path["stages"]
    metric = path["study"]["metric"]
    norms = [
        c for c in stages[0]["warm"]["numbers"] if c.startswith("norm_") and not c.endswith(":bias")
    ]
    shown = [norms] if len(norms) <= 2 else [[norms[0], norms[-1]]]
    panels: list[tuple[str, list[str]]] = [("validation data loss", ["validation_data_loss"])]
    if metric != "data_loss":
        panels.append((f"validation {metric_label(metric)}", [f"validation_{metric}"]))
    panels += [("norm of weights", columns) for columns in shown]
    if any((stage["warm"]["numbers"]["zeros"]["mean"] or 0) > 0 for stage in stages):
        panels.append(("share of zeros", ["zeros"]))
    figure = NotebookFigure(figsize=(1.0 + 3.5 * len(panels), 3.6), dpi=DPI, layout="constrained")
    axes = figure.subplots(1, len(panels), squeeze=False)[0]
    for ax, (label, columns) in zip(axes, panels, strict=True):
        _draw(ax, stages, label, columns)
    handles, labels = axes[0].get_legend_handles_labels()
    figure.legend(handles, labels, loc="outside lower center", ncols=2)
    return figure


def _draw(ax: Axes, stages: Sequence[Mapping[str, Any]], label: str, columns: list[str]) -> None:
    dress(ax)
    places = np.arange(len(stages))
    drawn = []
    for which, column in enumerate(columns):
        for start, line in _LINES.items():
            mean = finite([_of(stage, start, column, "mean") for stage in stages])
            spread = finite([_of(stage, start, column, "std") for stage in stages])
            drawn.append(mean)
            color = SERIES_COLORS[0 if start == "warm" else 1]
            ax.errorbar(
                places + (-0.04 if start == "warm" else 0.04), mean, np.nan_to_num(spread),
                color=color, ls=line, capsize=3, marker=SERIES_MARKERS[0 if start == "warm" else 1],
                label=f"{start} start" if which == 0 else None,
            )  # fmt: skip
        if len(columns) > 1:
            ax.annotate(
                norm_label(column.removeprefix("norm_")), (places[0], drawn[-2][0]),
                textcoords="offset points", xytext=(0, 7), ha="left", fontsize=8,
            )  # fmt: skip
    if label.endswith("loss") and spans_decades(np.concatenate(drawn)):
        set_log(ax, np.concatenate(drawn))
    ax.set_xticks(places)
    ax.set_xticklabels([f"{s['strength']:g}" if s["strength"] else "none" for s in stages])
    ax.set_xlabel("strength, in the order of training")
    ax.set_ylabel(label)


def _of(stage: Mapping[str, Any], start: str, column: str, what: str) -> float:
    value = stage[start]["numbers"][column][what]
    return float("nan") if value is None else float(value)
