"""The data loss by setting, a panel for each method of regularization."""

from collections.abc import Mapping
from typing import Any

import numpy as np
import pandas as pd
from matplotlib.axes import Axes
from matplotlib.figure import Figure
from matplotlib.lines import Line2D

from wane.report.figures.references import References, draw_references, reference_handles
from wane.report.figures.style import (
    DPI,
    FAINT,
    INK,
    SPLIT_COLORS,
    NotebookFigure,
    dress,
    finite,
    set_log,
    spans_decades,
    styled,
)
from wane.report.wording import metric_label, printable

COLUMNS = 3
MOST_CHARACTERS = 42
"""Labels of settings with more than these beside each other stand aslant."""
RING: dict[str, Any] = {
    "linestyle": "none",
    "marker": "o",
    "markersize": 13,
    "markerfacecolor": "none",
    "markeredgecolor": INK,
    "markeredgewidth": 1.4,
}
"""Marks the chosen candidate."""
_LOOK: dict[str, Any] = {"color": SPLIT_COLORS["validation"], "marker": "o"}


@styled
def settings_figure(
    summary: pd.DataFrame,
    methods: Mapping[str, Mapping[str, str]],
    *,
    baseline: str,
    chosen: str,
    quantity: str = "data_loss",
    references: References | None = None,
) -> Figure:
    """A panel for each method, whose settings stand side by side in their order.

    Strengths, rates and patiences share no horizontal axis; all panels share the vertical one, on
    which a line is the baseline's mean.

    Args:
        summary: the columns of ``result.summary()``: ``candidate``, ``validation_<quantity>_mean``
            and ``…_std``. Error bars are ± one standard deviation over runs; means that are not
            finite are left out.
        methods: for each method its candidates' names, each with the label of its setting.
        baseline, chosen: the names of those candidates.
        quantity: what is drawn.
        references: validation means of models of other kinds; each is a line across.
    """
    table = summary.set_index("candidate")
    column = f"validation_{quantity}"
    columns = min(COLUMNS, len(methods))
    rows = -(-len(methods) // columns)
    figure = NotebookFigure(
        figsize=(3.2 * columns, 0.6 + 2.4 * rows), dpi=DPI, layout="constrained"
    )
    axes = figure.subplots(rows, columns, squeeze=False, sharey=True)
    panels = list(axes.ravel())
    for unused in panels[len(methods) :]:
        unused.remove()
    for ax, (method, labels) in zip(panels, methods.items(), strict=False):
        dress(ax)
        _draw_method(ax, table.loc[list(labels)], column, labels, chosen)
        ax.axhline(table[f"{column}_mean"].loc[baseline], color=FAINT, lw=0.8)
        draw_references(ax, quantity, references or {})
        ax.set_title(printable(method))
    means = finite(table[f"{column}_mean"])
    if quantity == "data_loss" and spans_decades(means):
        set_log(panels[0], [means, means + finite(table[f"{column}_std"].fillna(0.0))])
    for row in axes:
        row[0].set_ylabel(metric_label(quantity))
    handles = [
        Line2D([], [], label="validation", **_LOOK),
        Line2D([], [], color=FAINT, lw=0.8, label=f"{printable(baseline)}, validation"),
        Line2D([], [], label=f"chosen: {printable(chosen)}", **RING),
        *reference_handles(references or {}),
    ]
    figure.legend(handles=handles, loc="outside lower center", ncols=min(len(handles), columns + 1))
    return figure


def _draw_method(
    ax: Axes, rows: pd.DataFrame, column: str, labels: Mapping[str, str], chosen: str
) -> None:
    places = np.arange(len(rows))
    mean = finite(rows[f"{column}_mean"])
    # A single run has no standard deviation: no bar, and no warning about NaN.
    std = np.nan_to_num(finite(rows[f"{column}_std"]), nan=0.0)
    ax.errorbar(places, mean, std, elinewidth=1, capsize=2.5, **_LOOK)
    if chosen in rows.index:
        at = list(rows.index).index(chosen)
        ax.plot([at], [mean[at]], zorder=5, **RING)
    lines = [[printable(line) for line in labels[str(n)].splitlines()] for n in rows.index]
    ax.set_xticks(places, ["\n".join(own) for own in lines])
    widest = max(len(line) for own in lines for line in own)
    long = widest * len(rows) > MOST_CHARACTERS  # beside each other they would overlap
    ax.tick_params(axis="x", labelsize=7.5, labelrotation=30 if long else 0)
    ax.set_xlim(-0.5, len(rows) - 0.5)
