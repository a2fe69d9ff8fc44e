"""The data loss by setting, a panel for each method of regularization."""

import functools
from collections.abc import Mapping
from typing import Any

import numpy as np
import pandas as pd
from matplotlib.axes import Axes
from matplotlib.lines import Line2D

from wane.report.figures.panels import Panel, Plan, drawing
from wane.report.figures.references import References, draw_references, reference_handles
from wane.report.figures.style import (
    FAINT,
    INK,
    SPLIT_COLORS,
    chosen_label,
    finite,
    in_split,
    set_log,
    spans_decades,
    themed,
    tick_points,
)
from wane.report.wording import baseline_name, method_label, metric_label, part_label, printable

COLUMNS = 3
MOST_CHARACTERS = 42
"""Labels of settings with more than these beside each other stand aslant."""


def ring() -> dict[str, Any]:
    """The look of what marks the chosen candidate."""
    return {
        "linestyle": "none",
        "marker": "o",
        "markersize": 13,
        "markerfacecolor": "none",
        "markeredgecolor": themed(INK),
        "markeredgewidth": 1.4,
    }


@drawing("plot_strengths")
def settings_drawing(
    summary: pd.DataFrame,
    methods: Mapping[str, Mapping[str, str]],
    *,
    baseline: str,
    chosen: str,
    quantity: str = "data_loss",
    references: References | None = None,
) -> Plan:
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
    means, deviations = finite(table[f"{column}_mean"]), table[f"{column}_std"].fillna(0.0)
    decades = quantity == "data_loss" and spans_decades(means)

    def draw(ax: Axes, labels: Mapping[str, str]) -> None:
        _draw_method(ax, table.loc[list(labels)], column, labels, chosen)
        ax.axhline(table[f"{column}_mean"].loc[baseline], color=themed(FAINT), lw=0.8)
        draw_references(ax, quantity, references or {})
        if decades:
            set_log(ax, [means, means + finite(deviations)])

    def legend(_: Mapping[str, Axes]) -> list[Line2D]:
        none = in_split(baseline_name(baseline), "validation")
        return [
            Line2D([], [], label=part_label("validation"), **_look()),
            Line2D([], [], color=themed(FAINT), lw=0.8, label=none),
            Line2D([], [], label=chosen_label(printable(chosen)), **ring()),
            *reference_handles(references or {}),
        ]

    def panel(method: str, labels: Mapping[str, str]) -> Panel:
        return Panel(
            functools.partial(draw, labels=labels),
            ylabel=metric_label(quantity),
            head=lambda ax: ax.set_title(method_label(method)),
        )

    columns = min(COLUMNS, len(methods))
    return Plan(
        panels={method: panel(method, labels) for method, labels in methods.items()},
        columns=columns,
        size=(3.2 * columns, 0.6 + 2.4 * -(-len(methods) // columns)),
        sharey="all",
        legend=legend,
        legend_columns=columns + 1,
    )


def _look() -> dict[str, Any]:
    return {"color": themed(SPLIT_COLORS["validation"]), "marker": "o"}


def _draw_method(
    ax: Axes, rows: pd.DataFrame, column: str, labels: Mapping[str, str], chosen: str
) -> None:
    places = np.arange(len(rows))
    mean = finite(rows[f"{column}_mean"])
    # A single run has no standard deviation: no bar, and no warning about NaN.
    std = np.nan_to_num(finite(rows[f"{column}_std"]), nan=0.0)
    ax.errorbar(places, mean, std, elinewidth=1, capsize=2.5, **_look())
    if chosen in rows.index:
        at = list(rows.index).index(chosen)
        ax.plot([at], [mean[at]], zorder=5, **ring())
    lines = [[printable(line) for line in labels[str(n)].splitlines()] for n in rows.index]
    ax.set_xticks(places, ["\n".join(own) for own in lines])
    widest = max(len(line) for own in lines for line in own)
    long = widest * len(rows) > MOST_CHARACTERS  # beside each other they would overlap
    ax.tick_params(axis="x", labelsize=tick_points("x", 7.5), labelrotation=30 if long else 0)
    ax.set_xlim(-0.5, len(rows) - 0.5)
