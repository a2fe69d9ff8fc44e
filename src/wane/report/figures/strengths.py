"""Metric and data loss against the strength of the penalty."""

import functools
from collections.abc import Iterable, Sequence
from typing import Any

import numpy as np
import pandas as pd
from matplotlib.axes import Axes
from matplotlib.lines import Line2D

from wane._language import gettext
from wane.report.figures.compared.settings import ring
from wane.report.figures.panels import Panel, Plan, drawing
from wane.report.figures.references import References, draw_references, reference_handles
from wane.report.figures.strength_series import (
    BASELINE_LABEL,
    Floats,
    Series,
    StrengthScale,
    Targets,
    series_of,
)
from wane.report.figures.style import (
    FAINT,
    INK,
    PAPER,
    SPLIT_LINES,
    chosen_label,
    finite,
    set_log,
    spans_decades,
    themed,
)
from wane.report.wording import filled, metric_label, part_label, printable


def _cross() -> dict[str, Any]:
    return {"linestyle": "none", "marker": "x", "color": themed(INK), "markersize": 5}


def _reference() -> dict[str, Any]:
    return {"color": themed(FAINT), "linewidth": 0.8}


@drawing("plot_strengths")
def strengths_drawing(
    summary: pd.DataFrame,
    *,
    metric: str,
    chosen: str,
    is_choice: bool = True,
    targets: Targets | None = None,
    references: References | None = None,
) -> Plan:
    """The metric and, beside it, the data loss against strength, for training and validation.

    Args:
        summary: the columns of ``result.summary()``: ``candidate``, ``penalty``, ``strength`` and
            ``<split>_<metric>_mean``, ``…_std``, ``<split>_data_loss_mean``, ``…_std`` for the
            splits ``train`` and ``validation``. Error bars are ± one standard deviation over runs.
        metric: the metric of the left panel; ``"data_loss"`` leaves only the panel of the loss.
        chosen: the candidate that is marked.
        is_choice: whether that is the chosen one, and not the best of one strength for all layers
            beside which a search has found something better.
        references: validation means of models of other kinds, by what people call these and by
            quantity; each is a line across.

    A mean that is not finite leaves a gap in its line and a cross at the bottom of the panel.
    """
    quantities = list(dict.fromkeys((metric, "data_loss")))
    scale = StrengthScale.of(summary)
    every_series = series_of(summary, scale, targets)
    table = summary.set_index("candidate")

    def draw(ax: Axes, quantity: str) -> None:
        scale.dress(ax)
        _draw_panel(ax, table, quantity, every_series, chosen)
        draw_references(ax, quantity, references or {})

    def legend(shown: Iterable[str]) -> list[Line2D]:
        columns = [f"{split}_{quantity}_mean" for split in SPLIT_LINES for quantity in shown]
        gaps = bool(np.isnan(finite(table[columns])).any())
        mark = printable(chosen)
        mark = chosen_label(mark) if is_choice else _best_label(mark)
        own = _legend_handles(every_series, mark, gaps)
        return [*own, *reference_handles(references or {})]

    count = len(legend(quantities))
    return Plan(
        panels={
            quantity: Panel(
                functools.partial(draw, quantity=quantity), scale.title, metric_label(quantity)
            )
            for quantity in quantities
        },
        columns=len(quantities),
        size=(4.8 * len(quantities), 4.1),
        legend=legend,
        legend_columns=2 if len(quantities) == 1 else 5 if count == 5 else 4,
    )


def _draw_panel(
    ax: Axes, table: pd.DataFrame, quantity: str, every_series: Sequence[Series], chosen: str
) -> None:
    """Draws one quantity from the summary with the candidates as its index."""
    all_means = table[[f"{split}_{quantity}_mean" for split in SPLIT_LINES]]
    if quantity == "data_loss" and spans_decades(all_means):
        spreads = table[[f"{split}_{quantity}_std" for split in SPLIT_LINES]].fillna(0.0)
        # The upper ends of the bars are to be seen; the lower ones may be negative.
        set_log(ax, [finite(all_means), finite(all_means) + finite(spreads)])
    for series in every_series:
        rows = table.loc[list(series.candidates)]
        for split in SPLIT_LINES:
            mean = finite(rows[f"{split}_{quantity}_mean"])
            _draw_line(ax, series, split, mean, finite(rows[f"{split}_{quantity}_std"]))
            if np.isnan(mean).any():
                x = series.x[np.isnan(mean)]
                bottom = np.full_like(x, 0.03)
                transform = ax.get_xaxis_transform()
                ax.plot(x, bottom, transform=transform, label="not finite", **_cross())
        validation = finite(rows[f"validation_{quantity}_mean"])
        if chosen in series.candidates:
            at = series.candidates.index(chosen)
            ax.plot([series.x[at]], [validation[at]], label="chosen", zorder=5, **ring())
        if series.label == BASELINE_LABEL:
            for level in validation[~np.isnan(validation)]:
                ax.axhline(level, zorder=1, label="reference", **_reference())


def _draw_line(ax: Axes, series: Series, split: str, mean: Floats, std: Floats) -> None:
    ax.errorbar(
        series.x,
        mean,
        # A single run has no standard deviation: no bar, and no warning about NaN.
        yerr=np.nan_to_num(std, nan=0.0),
        elinewidth=1,
        capsize=2.5,
        label=f"{series.label}, {split}",
        **_line_look(split, series.colors[split], series.marker),
    )


def no_penalty_label() -> str:
    """What the level of the baseline is called in legends."""
    return gettext("no penalty, validation")


def _line_look(split: str, color: str, marker: str) -> dict[str, Any]:
    """Training is dashed with hollow markers, validation solid with filled ones."""
    return {
        "color": themed(color),
        "linestyle": SPLIT_LINES[split],
        "marker": marker,
        "markerfacecolor": themed(color if split == "validation" else PAPER),
    }


def _best_label(name: str) -> str:
    """What the best of one strength is called where a search has chosen another candidate."""
    return filled(gettext("best of one strength: {name}"), name=name)


def _legend_handles(every_series: Sequence[Series], mark: str, gaps: bool) -> list[Line2D]:
    baseline, *others = every_series
    handles = [
        Line2D([], [], label=part_label(split), **_line_look(split, baseline.colors[split], "o"))
        for split in SPLIT_LINES
    ]
    if len(others) > 1:
        for series in others:
            look = _line_look("validation", series.colors["validation"], series.marker)
            handles.append(Line2D([], [], label=series.label, **look))
    if others and baseline.candidates:
        handles.append(Line2D([], [], label=no_penalty_label(), **_reference()))
    handles.append(Line2D([], [], label=mark, **ring()))
    if gaps:
        handles.append(Line2D([], [], label=gettext("not finite"), **_cross()))
    return handles
