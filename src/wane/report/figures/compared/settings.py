"""The data loss by setting, a panel for each method of regularization."""

import functools
import itertools
from collections.abc import Mapping, Sequence
from typing import Any

import numpy as np
import pandas as pd
from matplotlib.axes import Axes
from matplotlib.lines import Line2D

from wane._language import gettext, pgettext
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
from wane.report.wording import (
    baseline_name,
    filled,
    method_label,
    metric_label,
    part_label,
    printable,
)

COLUMNS = 3
MOST_CHARACTERS = 42
"""Labels of settings with more than these beside each other stand aslant."""


Quantities = Sequence[tuple[str, str]]
"""What the lines of a setting's label are: ``strength``, ``rate``, ``patience`` or a word of a
user's, each with the name of what it is one of where there are several."""


def setting_title(quantities: Quantities) -> str:
    """The title of an axis of settings: ``dropout rate, strength``, ``strength: hidden, output``.

    Names are in the order of the lines of labels, from the first on.
    """
    words = {
        "strength": gettext("strength"),
        "rate": gettext("dropout rate"),
        "learning rate": gettext("learning rate"),
        "patience": gettext("patience (epochs)"),
    }
    comma = pgettext("between the words of a list", ", ")
    parts = []
    for quantity, own in itertools.groupby(quantities, key=lambda one: one[0]):
        word = words.get(quantity, printable(quantity))
        shown = comma.join(printable(name) for _, name in own if name)
        several = filled(gettext("{quantity}: {names}"), quantity=word, names=shown)
        parts.append(several if shown else word)
    return comma.join(parts)


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
    axes: Mapping[str, Quantities],
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
        axes: for each method what the lines of its labels are, see :data:`Quantities`.
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

    def panel(method: str, labels: Mapping[str, str]) -> Panel:
        return Panel(
            functools.partial(draw, labels=labels),
            xlabel=setting_title(axes.get(method, ())),
            ylabel=metric_label(quantity),
            head=lambda ax: ax.set_title(method_label(method)),
        )

    columns = min(COLUMNS, len(methods))
    return Plan(
        panels={method: panel(method, labels) for method, labels in methods.items()},
        columns=columns,
        size=(3.2 * columns, 0.6 + 2.6 * -(-len(methods) // columns)),
        sharey="all",
        legend=lambda _: _legend_handles(baseline, chosen, references or {}),
        legend_columns=columns + 1,
    )


def _legend_handles(baseline: str, chosen: str, references: References) -> list[Line2D]:
    none = in_split(baseline_name(baseline), "validation")
    return [
        Line2D([], [], label=part_label("validation"), **_look()),
        Line2D([], [], color=themed(FAINT), lw=0.8, label=none),
        Line2D([], [], label=chosen_label(printable(chosen)), **ring()),
        *reference_handles(references),
    ]


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
