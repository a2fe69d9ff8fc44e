"""What more rows would do: loss and metrics against the number of training rows."""

from collections.abc import Sequence

import numpy as np
import pandas as pd

from wane._language import gettext, pgettext
from wane.report.charts.chart import Chart, Panel, Spec, drawing, show_switch
from wane.report.charts.scales import (
    BEST_HEIGHT,
    LINE,
    POINT,
    bars,
    hover,
    line_colors,
    line_dashes,
    spread,
    value_axis,
)
from wane.report.figures.learning_curves import best_epoch_label
from wane.report.figures.style import SPLIT_COLORS, VALIDATION, finite, spans_decades
from wane.report.numbers import mean_std
from wane.report.wording import alternatives, filled, metric_label, part_label

_BEST = "best"
_LOOKS = {
    "train": (SPLIT_COLORS["train"], [6, 4]),
    "validation": (SPLIT_COLORS["validation"], [1, 0]),
    _BEST: (VALIDATION, [2, 3]),
}


def _label(line: str) -> str:
    """What a line is called."""
    return best_epoch_label() if line == _BEST else part_label(line)


def train_sizes_chart(sizes: pd.DataFrame, *, quantities: Sequence[str]) -> Chart:
    """Means over repeats with bars of one standard deviation, on a logarithmic axis of rows.

    Args:
        sizes: the columns of ``result.train_sizes``.
        quantities: what the switch offers.
    """
    tables, specs = dict[str, pd.DataFrame](), []
    for place, quantity in enumerate(quantities):
        tables[f"sizes{place}"] = _table(sizes, quantity)
        specs.append(_spec(tables[f"sizes{place}"], f"sizes{place}", quantity))
    labels = tuple(metric_label(quantity) for quantity in quantities)
    return Chart(
        "train_sizes",
        filled(
            gettext(
                "{quantities} without a penalty against the number of training rows, in training "
                "and validation."
            ),
            quantities=alternatives(labels),
        ),
        tables,
        (Panel("", tuple(specs)),),
        show_switch(labels),
    )


def _table(sizes: pd.DataFrame, quantity: str) -> pd.DataFrame:
    """A row for each number of rows and line."""
    columns = {split: f"{split}_{quantity}" for split in SPLIT_COLORS}
    if quantity == "data_loss":
        columns[_BEST] = "validation_lowest_data_loss"
    groups = sizes.replace([np.inf, -np.inf], np.nan).groupby("rows")
    means = np.concatenate([finite(groups[column].mean()) for column in columns.values()])
    log = quantity == "data_loss" and spans_decades(means)
    rows = []
    for line, column in columns.items():
        mean, std = groups[column].mean(), groups[column].std()
        for count in mean.index:
            shown, low, high = spread(mean[count], std[count], log=log)
            rows.append(
                {
                    "line": _label(line),
                    "rows": int(count),
                    "mean": float(shown),
                    "low": float(low),
                    "high": float(high),
                    "text": mean_std(mean[count], std[count]),
                }
            )
    return pd.DataFrame(rows)


def _spec(table: pd.DataFrame, name: str, quantity: str) -> Spec:
    lines = table["line"].drop_duplicates().tolist()
    counts = sorted(table["rows"].unique().tolist())
    log = quantity == "data_loss" and spans_decades(table["mean"])
    ends = ("mean", "high") if log else ("mean", "high", "low")
    means = np.concatenate([finite(table[end]) for end in ends])
    y = value_axis("mean", metric_label(quantity), means, log=log)
    title = gettext("training rows")
    x: Spec = {
        "field": "rows",
        "type": "quantitative",
        "scale": {"type": "log", "domain": [counts[0] / 1.2, counts[-1] * 1.2], "nice": False},
        "axis": {
            "title": title,
            "values": counts,
            "format": ",d",
            "grid": False,
        },
    }
    looks = {_label(line): look for line, look in _LOOKS.items()}
    color = line_colors(lines, [looks[line][0] for line in lines])
    dash = line_dashes(lines, [looks[line][1] for line in lines])
    at: Spec = {"x": x, "y": y}
    layers: list[Spec] = [
        bars(x, y, color),
        {"mark": LINE, "encoding": {**at, "color": color, "strokeDash": dash}},
        {"mark": POINT, "encoding": {**at, "color": color}},
        hover(
            at,
            [
                ("rows", title),
                ("line", pgettext("a tooltip", "on")),
                ("text", gettext("mean")),
            ],
        ),
    ]
    return drawing(layers, data=name, height=BEST_HEIGHT)
