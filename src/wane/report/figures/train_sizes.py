"""Loss and metric against the number of training rows, for the baseline."""

from typing import Any

import numpy as np
import pandas as pd
from matplotlib.axes import Axes
from matplotlib.figure import Figure
from matplotlib.ticker import FixedLocator, NullLocator

from wane.report.figures.style import (
    DPI,
    SPLIT_COLORS,
    SPLIT_LINES,
    NotebookFigure,
    dress,
    finite,
    set_log,
    spans_decades,
    styled,
)
from wane.report.wording import metric_label


@styled
def train_sizes_figure(sizes: pd.DataFrame, *, metric: str) -> Figure:
    """Data loss beside the metric against the number of training rows, which has a log axis.

    Args:
        sizes: the columns of ``result.train_sizes``: ``rows``, ``repeat``, and
            ``<split>_data_loss`` and ``<split>_<metric>`` for training and validation, and
            ``validation_lowest_data_loss``.
        metric: the metric of the right panel; ``"data_loss"`` leaves only the left one.

    Points are means over repeats and bars ± one standard deviation; values that are not finite
    are left out of both.
    """
    quantities = list(dict.fromkeys(("data_loss", metric)))
    figure = NotebookFigure(
        figsize=(1.2 + 4.2 * len(quantities), 3.6), dpi=DPI, layout="constrained"
    )
    panels = figure.subplots(1, len(quantities), squeeze=False)[0]
    finite_only = sizes.replace([np.inf, -np.inf], np.nan)
    for ax, quantity in zip(panels, quantities, strict=True):
        _draw(ax, finite_only, quantity)
    handles, labels = panels[0].get_legend_handles_labels()
    figure.legend(handles, labels, loc="outside lower center", ncols=len(labels))
    return figure


def _draw(ax: Axes, sizes: pd.DataFrame, quantity: str) -> None:
    dress(ax)
    lines: list[tuple[str, str, dict[str, Any]]] = [
        (f"{split}_{quantity}", split, {"color": color, "ls": SPLIT_LINES[split]})
        for split, color in SPLIT_COLORS.items()
    ]
    if quantity == "data_loss":
        hollow = {"color": SPLIT_COLORS["validation"], "ls": ":", "mfc": "white"}
        lines.append(("validation_lowest_data_loss", "validation, best epoch", hollow))
    heights = []
    for column, label, look in lines:
        by_rows = sizes.groupby("rows")[column]
        mean, std = finite(by_rows.mean()), finite(by_rows.std().fillna(0.0))
        rows = np.asarray(by_rows.mean().index, dtype=np.float64)
        heights += [mean, mean + std]
        ax.errorbar(rows, mean, std, marker="o", capsize=3, label=label, **look)
    if quantity == "data_loss" and spans_decades(np.concatenate(heights)):
        set_log(ax, np.concatenate(heights))
    ax.set_xscale("log")
    ax.xaxis.set_major_locator(FixedLocator(list(rows)))
    ax.xaxis.set_minor_locator(NullLocator())
    ax.set_xticklabels([f"{int(count):,}" for count in rows])
    ax.set_xlim(rows[0] / 1.15, rows[-1] * 1.15)
    ax.set_xlabel("training rows")
    ax.set_ylabel(metric_label(quantity))
