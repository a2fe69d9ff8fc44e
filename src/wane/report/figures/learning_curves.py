"""Loss and metric by epoch, and of the baseline against the number of training rows."""

import dataclasses
import functools
from collections.abc import Callable, Mapping, Sequence
from typing import Any, Self

import numpy as np
import pandas as pd
from matplotlib.axes import Axes
from matplotlib.lines import Line2D
from matplotlib.patches import Patch
from matplotlib.ticker import FixedLocator, MaxNLocator, NullLocator
from numpy.typing import NDArray

from wane._language import gettext
from wane.report.figures.panels import Panel, Plan, drawing
from wane.report.figures.style import (
    FAINT,
    INK,
    PAPER,
    SPLIT_COLORS,
    SPLIT_LINES,
    chosen_label,
    finite,
    points,
    set_log,
    spans_decades,
    themed,
)
from wane.report.wording import filled, metric_label, part_label, printable

MOST_POINTS = 800
"""More points than this cannot be told apart in a panel, and take time to draw."""


@drawing("plot_learning_curves")
def learning_curves_drawing(
    curves: pd.DataFrame, *, metric: str, baseline: str, chosen: str
) -> Plan:
    """Data loss above the metric, one column for the baseline and one for the chosen candidate.

    Args:
        curves: the columns of ``result.curves``: ``candidate``, ``repeat``, ``epoch`` (from 1),
            and ``<split>_data_loss`` and ``<split>_<metric>`` for training and validation.
        metric: the metric of the lower row; ``"data_loss"`` leaves only the row of the loss.
        baseline: the candidate of the left column.
        chosen: the candidate of the right column; if it is the baseline, there is one column.

    Lines are means over repeats and bands ± one standard deviation; values that are not finite
    are left out of both. A dotted line marks the epoch of the lowest mean validation loss; where
    some runs end before others, as with early stopping, among the epochs that all runs reach.
    """
    quantities = list(dict.fromkeys(("data_loss", metric)))
    columns = [f"{split}_{quantity}" for quantity in quantities for split in SPLIT_COLORS]
    names = list(dict.fromkeys((baseline, chosen)))
    drawn = [Curves.of(curves, name, columns) for name in names]

    def head(ax: Axes, name: str, one: Curves) -> None:
        shown = printable(name)
        if name != baseline:
            title = chosen_label(shown)
        else:
            title = gettext("baseline") if shown == "baseline" else baseline_title(shown)
        ax.set_title(title, pad=points(18))
        _draw_lowest_label(ax, one)

    panels = {}
    for quantity in quantities:
        log = _is_log(quantity, drawn)
        for name, one in zip(names, drawn, strict=True):
            panels[f"{quantity}, {'baseline' if name == baseline else 'chosen'}"] = Panel(
                functools.partial(_draw, quantity=quantity, one=one, log=log),
                xlabel=gettext("epoch"),
                ylabel=metric_label(quantity),
                head=functools.partial(head, name=name, one=one),
            )
    return Plan(
        panels=panels,
        columns=len(names),
        size=(1.4 + 4.1 * len(names), 0.9 + 2.5 * len(quantities)),
        sharex="col",
        sharey="row",
        legend=lambda _: _legend_handles(),
        legend_columns=4,
        aliases={f"{quantity}, chosen": f"{quantity}, baseline" for quantity in quantities}
        if baseline == chosen
        else {},
    )


def baseline_title(name: str) -> str:
    """The title of a baseline with a name of its own."""
    return filled(gettext("baseline: {name}"), name=name)


def even_places(count: int) -> NDArray[np.int_]:
    """As many of so many epochs as can be drawn, at equal steps."""
    return np.unique(np.linspace(0, count - 1, min(count, MOST_POINTS)).astype(int))


@dataclasses.dataclass(frozen=True)
class Curves:
    """One candidate's curves over its repeats, by epoch."""

    mean: pd.DataFrame
    """Epochs × columns; the index is the epoch."""
    std: pd.DataFrame
    """As ``mean``; 0 where there is one repeat."""
    lowest: int | None
    """The epoch of the lowest mean validation loss, among those that all runs reach which have no
    loss that is not finite; None where there is no such loss."""
    together: int | None
    """How many runs reach it together, where some of them end before others."""

    @classmethod
    def of(
        cls,
        curves: pd.DataFrame,
        candidate: str,
        columns: Sequence[str],
        places: Callable[[int], NDArray[np.int_]] = even_places,
    ) -> Self:
        """Mean and standard deviation over repeats, at the places of so many epochs."""
        mine = curves["candidate"] == candidate
        epochs, rows = np.unique(curves.loc[mine, "epoch"].to_numpy(), return_inverse=True)
        means, stds = {}, {}
        for column in dict.fromkeys(columns):
            values = finite(curves.loc[mine, column])
            means[column], stds[column] = _over_runs(values, rows, len(epochs))
        mean, std = (pd.DataFrame(part, index=pd.Index(epochs)) for part in (means, stds))
        own = curves.loc[mine, ["repeat", "validation_data_loss"]]
        at, together = _lowest(own, rows, len(epochs))
        keep = places(len(mean))
        lowest = None if at is None else int(epochs[at])
        return cls(mean.iloc[keep], std.iloc[keep], lowest, together)

    def lowest_label(self) -> str:
        """What the epoch of the lowest mean validation loss is called."""
        if self.together is None:
            return gettext("lowest validation loss: epoch {epoch}").format(epoch=self.lowest)
        label = gettext("lowest while all {count} runs train: epoch {epoch}")
        return label.format(count=self.together, epoch=self.lowest)


def _lowest(
    curves: pd.DataFrame, rows: NDArray[np.int_], count: int
) -> tuple[int | None, int | None]:
    """The row of the lowest mean validation loss of whole runs, as :class:`Curves` has it.

    A mean over the runs that are left would fall where a bad one ends, and not in any run.
    """
    loss = finite(curves["validation_data_loss"])
    runs, which = np.unique(curves["repeat"], return_inverse=True)
    broken = np.bincount(which, weights=np.isnan(loss), minlength=len(runs)) > 0
    whole = ~(broken[which] if not broken.all() else np.isnan(loss))
    reached = np.bincount(rows[whole], minlength=count)
    if not reached.any():
        return None, None
    mean, _ = _over_runs(np.where(whole, loss, np.nan), rows, count)
    mean[reached < reached.max()] = np.nan
    ends = len(np.unique(np.bincount(which[whole], minlength=len(runs))[~broken])) > 1
    return int(np.nanargmin(mean)), int(reached.max()) if ends else None


def _over_runs(
    values: NDArray[np.float64], rows: NDArray[np.int_], count: int
) -> tuple[NDArray[np.float64], NDArray[np.float64]]:
    """Mean and standard deviation (ddof 1, 0 of one value) of the values in each of so many rows.

    NaN are left out. pandas takes ten times as long for the curves of a study.
    """
    there = ~np.isnan(values)
    values, rows = values[there], rows[there]
    counts = np.bincount(rows, minlength=count)
    sums = np.bincount(rows, weights=values, minlength=count)
    mean = np.divide(sums, counts, out=np.full(count, np.nan), where=counts > 0)
    squares = np.bincount(rows, weights=(values - mean[rows]) ** 2, minlength=count)
    several = counts > 1
    return mean, np.sqrt(np.divide(squares, counts - 1, out=np.zeros(count), where=several))


def _is_log(quantity: str, drawn: Sequence[Curves]) -> NDArray[np.float64] | None:
    """The means of all candidates where a logarithmic axis is due."""
    columns = [f"{split}_{quantity}" for split in SPLIT_COLORS]
    means = np.concatenate([one.mean[columns].to_numpy().ravel() for one in drawn])
    return means if quantity == "data_loss" and spans_decades(means) else None


def _draw(ax: Axes, quantity: str, one: Curves, log: NDArray[np.float64] | None) -> None:
    """Draws one quantity of one candidate."""
    # On a log axis a band that reaches 0 or less goes on down, out of the axes.
    floor = -np.inf if log is None else log[log > 0].min() / 1e3
    epochs = one.mean.index.to_numpy()
    for split, own in SPLIT_COLORS.items():
        color = themed(own)
        mean = finite(one.mean[f"{split}_{quantity}"])
        std = finite(one.std[f"{split}_{quantity}"])
        marker = "o" if len(epochs) == 1 else ""
        ax.plot(epochs, mean, color=color, ls=SPLIT_LINES[split], marker=marker, label=split)
        low = np.maximum(mean - std, floor)
        ax.fill_between(epochs, low, mean + std, color=color, alpha=0.18, linewidth=0)
    if one.lowest is not None:
        ax.axvline(one.lowest, color=themed(INK), linestyle=":", linewidth=1, label="lowest")
    _dress_epochs(ax, int(epochs[0]), int(epochs[-1]))
    if log is not None:
        set_log(ax, log)


def _dress_epochs(ax: Axes, first: int, last: int) -> None:
    """Limits the x axis to the epochs there are; the first one has a tick."""
    if first == last:
        ax.set_xlim(first - 0.5, last + 0.5)
        ax.set_xticks([first])
        return
    ax.set_xlim(first, last)
    ax.set_xticks(epoch_ticks(first, last))


def epoch_ticks(first: int, last: int) -> list[int]:
    """The first epoch, and round ones at equal steps."""
    inner = MaxNLocator(nbins=5, integer=True).tick_values(first, last)
    step = inner[1] - inner[0]
    return [first, *(int(tick) for tick in inner if first + step / 2 <= tick <= last)]


def _draw_lowest_label(ax: Axes, one: Curves) -> None:
    """Names the marked epoch above the panel, where no curve is."""
    if one.lowest is None:
        return
    first, last = ax.get_xlim()
    in_right_half = one.lowest - first > (last - first) / 2
    ax.annotate(
        one.lowest_label(),
        xy=(one.lowest, 1.0),
        xycoords=("data", "axes fraction"),
        xytext=(0, 3),
        textcoords="offset points",
        ha="right" if in_right_half else "left",
        va="bottom",
        fontsize=points(8.5),
    )


def _legend_handles() -> list[Line2D | Patch]:
    lines: list[Line2D | Patch] = [
        Line2D([], [], color=themed(color), ls=SPLIT_LINES[split], label=part_label(split))
        for split, color in SPLIT_COLORS.items()
    ]
    label = gettext("± 1 standard deviation over runs")
    band = Patch(color=themed(FAINT), alpha=0.3, linewidth=0, label=label)
    return [*lines, band]


@drawing("plot_train_sizes")
def train_sizes_drawing(sizes: pd.DataFrame, *, metric: str) -> Plan:
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
    finite_only = sizes.replace([np.inf, -np.inf], np.nan)
    return Plan(
        panels={
            quantity: Panel(
                functools.partial(_draw_sizes, sizes=finite_only, quantity=quantity),
                gettext("training rows"),
                metric_label(quantity),
            )
            for quantity in quantities
        },
        columns=len(quantities),
        size=(1.2 + 4.2 * len(quantities), 3.6),
        legend=_handles,
        legend_columns=3,
    )


def _handles(axes: Mapping[str, Axes]) -> Sequence[Any]:
    """Of the panel with the most lines."""
    every = [ax.get_legend_handles_labels()[0] for ax in axes.values()]
    return max(every, key=len)


def _draw_sizes(ax: Axes, sizes: pd.DataFrame, quantity: str) -> None:
    lines: list[tuple[str, str, dict[str, Any]]] = [
        (
            f"{split}_{quantity}",
            part_label(split),
            {"color": themed(color), "ls": SPLIT_LINES[split]},
        )
        for split, color in SPLIT_COLORS.items()
    ]
    if quantity == "data_loss":
        hollow = {"color": themed(SPLIT_COLORS["validation"]), "ls": ":", "mfc": themed(PAPER)}
        lines.append(("validation_lowest_data_loss", best_epoch_label(), hollow))
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


def best_epoch_label() -> str:
    """What losses at each run's best epoch are called in legends."""
    return gettext("validation, best epoch")
