"""Learning curves of the baseline beside those of the chosen candidate."""

from collections.abc import Sequence

import numpy as np
import pandas as pd
from numpy.typing import NDArray

from wane._language import gettext
from wane.report.charts.chart import (
    Chart,
    Panel,
    Spec,
    Switch,
    combinations,
    drawing,
    panel_title,
)
from wane.report.charts.scales import INK, SOFT, epoch_axis, split_lines, spread, value_axis
from wane.report.figures.learning_curves import Curves
from wane.report.figures.style import SPLIT_COLORS, finite, spans_decades
from wane.report.numbers import mean_std
from wane.report.wording import alternatives, filled, metric_label, part_label

MOST_EPOCHS = 400
"""Of more epochs, half as many are drawn at equal steps and as many at equal ratios."""
HEIGHT = 240


def learning_curves_chart(
    curves: pd.DataFrame, *, quantities: Sequence[str], baseline: str, chosen: str
) -> Chart:
    """Means over runs with bands of one standard deviation by epoch, the best epoch marked.

    Args:
        curves: the columns of ``result.curves``.
        quantities: what the first switch offers, such as ``data_loss`` and ``accuracy``.
        baseline, chosen: the candidates of the panels; one panel if they are the same.
    """
    columns = [f"{split}_{quantity}" for quantity in quantities for split in SPLIT_COLORS]
    names = list(dict.fromkeys((baseline, chosen)))
    drawn = [Curves.of(curves, name, columns, spread_places) for name in names]
    choices = combinations(range(len(quantities)), tuple(_axes()))
    tables: dict[str, pd.DataFrame] = {}
    panels = []
    for place, (name, one) in enumerate(zip(names, drawn, strict=True)):
        for at, quantity in enumerate(quantities):
            tables[f"curve{place}_{at}"] = _table(one, quantity, _is_log(drawn, quantity))
        tables[f"lowest{place}"] = pd.DataFrame(
            {"epoch": [one.lowest], "text": [_lowest_text(one)]} if one.lowest else {"epoch": []}
        )
        panels.append(
            Panel(
                panel_title(place, name),
                tuple(_spec(place, at, quantities, drawn, axis) for at, axis in choices),
            )
        )
    labels = tuple(metric_label(quantity) for quantity in quantities)
    return Chart(
        "learning_curves",
        filled(
            gettext(
                "{quantities} by epoch in training and validation, means over runs with bands of "
                "one standard deviation to each side; an upright line marks the epoch of the "
                "lowest mean validation loss."
            ),
            quantities=alternatives(labels),
        ),
        tables,
        tuple(panels),
        (
            Switch(gettext("Show"), labels),
            Switch(gettext("Epoch axis"), tuple(_axes().values())),
        ),
    )


def _lowest_text(one: Curves) -> str:
    """The epoch beside its line, and what it covers where runs end before others."""
    epoch = f"{one.lowest:,}"
    if one.together is None:
        return epoch
    return gettext("{epoch} (while all {count} runs train)").format(epoch=epoch, count=one.together)


def _axes() -> dict[str, str]:
    """The kinds of the axis of epochs, with what readers choose them by."""
    return {"linear": gettext("linear"), "logarithmic": gettext("logarithmic")}


def spread_places(count: int) -> NDArray[np.int_]:
    """Which of so many epochs are drawn, so that an axis of either kind is filled; from 0."""
    if count <= MOST_EPOCHS:
        return np.arange(count)
    half = MOST_EPOCHS // 2
    return np.unique(
        np.concatenate([np.linspace(0, count - 1, half), np.geomspace(1, count, half) - 1]).astype(
            int
        )
    )


def _is_log(drawn: Sequence[Curves], quantity: str) -> bool:
    """Whether the vertical axis is logarithmic, which all panels share."""
    columns = [f"{split}_{quantity}" for split in SPLIT_COLORS]
    means = [one.mean[columns].to_numpy().ravel() for one in drawn]
    return quantity == "data_loss" and spans_decades(np.concatenate(means))


def _table(one: Curves, quantity: str, log: bool) -> pd.DataFrame:
    """A row for each epoch that is drawn."""
    table: dict[str, object] = {"epoch": one.mean.index.to_numpy()}
    for split in SPLIT_COLORS:
        mean = finite(one.mean[f"{split}_{quantity}"])
        std = finite(one.std[f"{split}_{quantity}"])
        shown, low, high = spread(mean, std, log=log)
        table |= {split: shown, f"{split}_low": low, f"{split}_high": high}
        table[f"{split}_text"] = [mean_std(m, s) for m, s in zip(mean, std, strict=True)]
    return pd.DataFrame(table)


def _spec(
    place: int, at: int, quantities: Sequence[str], drawn: Sequence[Curves], axis: str
) -> Spec:
    """A panel's drawing of one quantity on one kind of epoch axis."""
    quantity = quantities[at]
    means = np.concatenate(
        [finite(one.mean[f"{split}_{quantity}"]) for one in drawn for split in SPLIT_COLORS]
    )
    spreads = np.concatenate(
        [finite(one.std[f"{split}_{quantity}"]) for one in drawn for split in SPLIT_COLORS]
    )
    log = _is_log(drawn, quantity)
    values = means if log else np.concatenate([means - spreads, means + spreads])
    y = value_axis("validation", metric_label(quantity), values, log=log)
    epochs = drawn[place].mean.index
    x = epoch_axis(int(epochs[0]), int(epochs[-1]), log=axis == "logarithmic")
    splits = list(SPLIT_COLORS)
    color, dash = split_lines(splits)
    layers: list[Spec] = [
        {
            "transform": [_named(split)],
            "mark": {"type": "area", "opacity": 0.2, "clip": True},
            "encoding": {
                "x": x,
                "y": {**y, "field": f"{split}_low"},
                "y2": {"field": f"{split}_high"},
                "color": color,
            },
        }
        for split in splits
    ]
    layers += [
        {
            "transform": [_named(split)],
            "mark": {"type": "line", "strokeWidth": 2, "clip": True, "point": len(epochs) == 1},
            "encoding": {
                "x": x,
                "y": {**y, "field": split},
                "color": color,
                "strokeDash": dash,
            },
        }
        for split in splits
    ]
    log_epochs, lowest = axis == "logarithmic", drawn[place].lowest or 1
    share = np.log(lowest) / np.log(max(epochs[-1], 2)) if log_epochs else lowest / epochs[-1]
    layers.append(_lowest(place, x, on_the_right=bool(share > 0.8)))
    layers.append(_reading(x, splits, log=log_epochs))
    return drawing(layers, data=f"curve{place}_{at}", height=HEIGHT)


def _named(split: str) -> Spec:
    """The column with the name of the line, one of wane's own words."""
    return {"calculate": f"'{part_label(split)}'", "as": "line"}


def _lowest(place: int, x: Spec, *, on_the_right: bool) -> Spec:
    """The epoch of the lowest mean validation loss, with its number at the top."""
    beside: Spec = {"align": "right", "dx": -4} if on_the_right else {"align": "left", "dx": 4}
    return {
        "data": {"name": f"lowest{place}"},
        "encoding": {"x": x},
        "layer": [
            {"mark": {"type": "rule", "strokeDash": [2, 3], "strokeWidth": 1.4, "color": INK}},
            {
                "mark": {"type": "text", "baseline": "top", "color": INK, **beside},
                "encoding": {"y": {"value": 2}, "text": {"field": "text"}},
            },
        ],
    }


def _reading(x: Spec, splits: Sequence[str], log: bool) -> Spec:
    """A band about the epoch beneath the pointer, with the numbers of that epoch.

    Not the nearest point: of its tooltip Vega-Lite reads the first field alone.
    """
    tooltip: list[Spec] = [{"field": "epoch", "title": gettext("epoch"), "format": ",d"}]
    tooltip += [{"field": f"{split}_text", "title": part_label(split)} for split in splits]
    under = {
        "name": "under",
        "select": {"type": "point", "on": "pointerover", "clear": "pointerout"},
    }
    seen: Spec = {"condition": {"param": "under", "empty": False, "value": 0.2}, "value": 0}
    middle = "sqrt({0} * {1})" if log else "({0} + {1}) / 2"
    ends = {"left": ("before", "datum.epoch / 1.5"), "right": ("after", "datum.epoch + 0.5")}
    neighbours = [
        {"op": op, "field": "epoch", "as": name}
        for op, name in (("lag", "before"), ("lead", "after"))
    ]
    halfway = [
        {
            "calculate": f"datum.{name} == null ? {beyond} : "
            + middle.format(f"datum.{name}", "datum.epoch"),
            "as": end,
        }
        for end, (name, beyond) in ends.items()
    ]
    return {
        "transform": [{"window": neighbours, "sort": [{"field": "epoch"}]}, *halfway],
        "params": [under],
        "mark": {"type": "rect", "color": SOFT, "clip": True},
        "encoding": {
            "x": {**x, "field": "left"},
            "x2": {"field": "right"},
            "opacity": seen,
            "tooltip": tooltip,
        },
    }
