"""Methods of regularization beside each other: their differences to none with intervals."""

from typing import Any

import numpy as np
from matplotlib.axes import Axes
from matplotlib.figure import Figure

from wane.report.columns import Document
from wane.report.figures.references import References, draw_references, reference_handles
from wane.report.figures.style import (
    DPI,
    FAINT,
    GRID,
    INK,
    SERIES_COLORS,
    NotebookFigure,
    dress,
    styled,
)
from wane.report.wording import metric_label, printable

_COLORS = {"better": SERIES_COLORS[2], "worse": SERIES_COLORS[1]}


@styled
def methods_figure(document: Document) -> Figure:
    """A row for each method, the best on top: the difference to none and its 95 % interval.

    Methods that are significantly better than none are filled green squares, worse ones filled
    orange circles, and all others are hollow. Models of other kinds are upright lines, at the mean
    of theirs minus that of none.

    Args:
        document: of a study with its ``compare``.
    """
    comparison = document["compare"]
    rows = [row for row in comparison["methods"] if row["difference"] is not None]
    falls = comparison["direction"] == "down"
    rows.sort(key=lambda row: row["difference"] if falls else -row["difference"])
    figure = NotebookFigure(figsize=(7.2, 1.3 + 0.36 * len(rows)), dpi=DPI, layout="constrained")
    ax = figure.subplots()
    dress(ax)
    ax.grid(visible=False, axis="y")
    ax.grid(axis="x", color=GRID, linewidth=0.8)
    ax.axvline(0, color=FAINT, linewidth=1)
    for place, row in enumerate(rows):
        _draw(ax, place, row)
    ax.set_yticks(range(len(rows)))
    ax.set_yticklabels([f"{printable(row['method'])}\n{printable(row['setting'])}" for row in rows])
    ax.tick_params(axis="y", labelsize=8)
    ax.set_ylim(len(rows) - 0.4, -0.6)
    better = "left" if falls else "right"
    what = f"{comparison['evaluated_on']} {metric_label(comparison['by'])}"
    ax.set_xlabel(f"{what} minus that of none (better: {better})")
    beside = _differences(document)
    draw_references(ax, comparison["by"], beside, upright=True)
    if beside:
        handles = reference_handles(beside)
        figure.legend(handles=handles, loc="outside lower center", ncols=len(handles))
    return figure


def _differences(document: Document) -> References:
    """Models of other kinds minus none, on the rows that evaluate the methods."""
    comparison = document["compare"]
    by, part = comparison["by"], comparison["evaluated_on"]
    none = next(row["value"] for row in comparison["methods"] if row["method"] == "none")
    means = {
        one["label"]: ((one[part] or {}).get(by) or {}).get("mean")
        for one in document.get("references") or ()
    }
    return {
        label: {by: mean - none}
        for label, mean in means.items()
        if mean is not None and none is not None
    }


def _draw(ax: Axes, place: int, row: Any) -> None:
    color = _COLORS.get(row["conclusion"], INK)
    low, high = row["low"], row["high"]
    if low is not None and high is not None and np.isfinite([low, high]).all():
        ax.plot([low, high], [place, place], color=color, linewidth=1.6)
    ax.plot(
        [row["difference"]],
        [place],
        marker="s" if row["conclusion"] == "better" else "o",
        color=color,
        markerfacecolor=color if row["conclusion"] in _COLORS else "#ffffff",
        markeredgecolor=color,
        linestyle="none",
    )
