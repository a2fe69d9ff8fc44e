"""Loss and metric against epoch, for the baseline beside the chosen candidate."""

import dataclasses
from collections.abc import Sequence
from typing import Self

import numpy as np
import pandas as pd
from matplotlib.axes import Axes
from matplotlib.figure import Figure
from matplotlib.lines import Line2D
from matplotlib.patches import Patch
from matplotlib.ticker import MaxNLocator
from numpy.typing import NDArray

from wane.report.figures.style import (
    DPI,
    FAINT,
    INK,
    SPLIT_COLORS,
    SPLIT_LINES,
    NotebookFigure,
    dress,
    finite,
    set_log,
    spans_decades,
    styled,
)
from wane.report.wording import metric_label, printable

MOST_POINTS = 800
"""More points than this cannot be told apart in a panel, and take time to draw."""


@styled
def learning_curves_figure(
    curves: pd.DataFrame, *, metric: str, baseline: str, chosen: str
) -> Figure:
    """Data loss above the metric, one column for the baseline and one for the chosen candidate.

    Args:
        curves: the columns of ``result.curves``: ``candidate``, ``repeat``, ``epoch`` (from 1),
            and ``<split>_data_loss`` and ``<split>_<metric>`` for training and validation.
        metric: the metric of the lower row; ``"data_loss"`` leaves only the row of the loss.
        baseline: the candidate of the left column.
        chosen: the candidate of the right column; if it is the baseline, there is one column.

    Lines are means over repeats and bands ± one standard deviation; values that are not finite
    are left out of both. A dotted line marks the epoch of the lowest mean validation loss.
    """
    quantities = list(dict.fromkeys(("data_loss", metric)))
    columns = [f"{split}_{quantity}" for quantity in quantities for split in SPLIT_COLORS]
    names = list(dict.fromkeys((baseline, chosen)))
    drawn = [Curves.of(curves, name, columns) for name in names]
    figure = NotebookFigure(
        figsize=(1.4 + 4.1 * len(names), 0.9 + 2.5 * len(quantities)),
        dpi=DPI,
        layout="constrained",
    )
    panels = figure.subplots(len(quantities), len(names), squeeze=False, sharey="row", sharex="col")
    for row, quantity in zip(panels, quantities, strict=True):
        _draw_row(row, quantity, drawn)
        row[0].set_ylabel(metric_label(quantity))
    for ax, name, one in zip(panels[0], names, drawn, strict=True):
        role = "baseline" if name == baseline else "chosen"
        shown = printable(name)
        ax.set_title(shown if shown == role else f"{role}: {shown}", pad=18)
        _draw_lowest_label(ax, one)
    for ax in panels[-1]:
        ax.set_xlabel("epoch")
    figure.align_ylabels(panels[:, 0])
    figure.legend(handles=_legend_handles(), loc="outside lower center", ncols=4)
    return figure


@dataclasses.dataclass(frozen=True)
class Curves:
    """One candidate's curves over its repeats, by epoch."""

    mean: pd.DataFrame
    """Epochs × columns; the index is the epoch."""
    std: pd.DataFrame
    """As ``mean``; 0 where there is one repeat."""
    lowest: int | None
    """The epoch of the lowest mean validation loss, if any is finite."""

    @classmethod
    def of(cls, curves: pd.DataFrame, candidate: str, columns: Sequence[str]) -> Self:
        """Mean and standard deviation over repeats, thinned to what can be drawn."""
        mine = curves.loc[curves["candidate"] == candidate, ["epoch", *columns]]
        by_epoch = mine.replace([np.inf, -np.inf], np.nan).groupby("epoch")
        mean, std = by_epoch.mean(), by_epoch.std().fillna(0.0)
        loss = mean["validation_data_loss"]
        lowest = None if loss.isna().all() else int(mean.index[int(np.nanargmin(loss))])
        keep = np.unique(np.linspace(0, len(mean) - 1, min(len(mean), MOST_POINTS)).astype(int))
        return cls(mean.iloc[keep], std.iloc[keep], lowest)


def _draw_row(row: NDArray[np.object_], quantity: str, drawn: Sequence[Curves]) -> None:
    """Draws one quantity for every candidate, on one y axis."""
    columns = [f"{split}_{quantity}" for split in SPLIT_COLORS]
    means = np.concatenate([one.mean[columns].to_numpy().ravel() for one in drawn])
    log = quantity == "data_loss" and spans_decades(means)
    positive = means[means > 0]
    # On a log axis a band that reaches 0 or less goes on down, out of the axes.
    floor = positive.min() / 1e3 if log else -np.inf
    for ax, one in zip(row, drawn, strict=True):
        dress(ax)
        epochs = one.mean.index.to_numpy()
        for split, color in SPLIT_COLORS.items():
            mean = finite(one.mean[f"{split}_{quantity}"])
            std = finite(one.std[f"{split}_{quantity}"])
            marker = "o" if len(epochs) == 1 else ""
            ax.plot(epochs, mean, color=color, ls=SPLIT_LINES[split], marker=marker, label=split)
            low = np.maximum(mean - std, floor)
            ax.fill_between(epochs, low, mean + std, color=color, alpha=0.18, linewidth=0)
        if one.lowest is not None:
            ax.axvline(one.lowest, color=INK, linestyle=":", linewidth=1, label="lowest")
        _dress_epochs(ax, int(epochs[0]), int(epochs[-1]))
    if log:
        set_log(row[0], means)


def _dress_epochs(ax: Axes, first: int, last: int) -> None:
    """Limits the x axis to the epochs there are; the first one has a tick."""
    if first == last:
        ax.set_xlim(first - 0.5, last + 0.5)
        ax.set_xticks([first])
        return
    ax.set_xlim(first, last)
    inner = MaxNLocator(nbins=5, integer=True).tick_values(first, last)
    step = inner[1] - inner[0]
    ax.set_xticks([first, *(int(t) for t in inner if first + step / 2 <= t <= last)])


def _draw_lowest_label(ax: Axes, one: Curves) -> None:
    """Names the marked epoch above the panel, where no curve is."""
    if one.lowest is None:
        return
    first, last = ax.get_xlim()
    in_right_half = one.lowest - first > (last - first) / 2
    ax.annotate(
        f"lowest validation loss: epoch {one.lowest}",
        xy=(one.lowest, 1.0),
        xycoords=("data", "axes fraction"),
        xytext=(0, 3),
        textcoords="offset points",
        ha="right" if in_right_half else "left",
        va="bottom",
        fontsize=8.5,
    )


def _legend_handles() -> list[Line2D | Patch]:
    lines: list[Line2D | Patch] = [
        Line2D([], [], color=color, ls=SPLIT_LINES[split], label=split)
        for split, color in SPLIT_COLORS.items()
    ]
    band = Patch(color=FAINT, alpha=0.3, linewidth=0, label="± 1 standard deviation over runs")
    return [*lines, band]
