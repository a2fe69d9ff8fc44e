"""The loss by setting, a panel for each method of a comparison."""

from collections.abc import Mapping

import numpy as np
import pandas as pd

from wane._language import gettext, pgettext
from wane.report.charts.chart import Chart, Panel, Spec, drawing
from wane.report.charts.scales import (
    INK,
    LINE,
    POINT,
    REFERENCE_DASHES,
    SOFT,
    bars,
    hover,
    level_lines,
    line_colors,
    line_dashes,
    ring,
    spread,
    value_axis,
)
from wane.report.figures.compared.settings import Quantities, setting_title
from wane.report.figures.references import References
from wane.report.figures.style import SPLIT_COLORS, finite, spans_decades
from wane.report.numbers import mean_std, number
from wane.report.wording import (
    filled,
    method_label,
    metric_label,
    part_label,
    printable,
    reference_label,
)

HEIGHT = 200


def settings_chart(
    summary: pd.DataFrame,
    methods: Mapping[str, Mapping[str, str]],
    *,
    axes: Mapping[str, Quantities],
    baseline: str,
    chosen: str,
    quantity: str = "data_loss",
    references: References | None = None,
) -> Chart:
    """Means over runs with bars of one standard deviation; all panels share the vertical axis.

    Args:
        summary, methods, axes, baseline, chosen, quantity, references: as of the static figure,
            ``settings_drawing``.
    """
    table = summary.set_index("candidate")
    points = {
        f"method{place}": _points(table, labels, quantity, chosen)
        for place, labels in enumerate(methods.values())
    }
    levels = _levels(table, baseline, quantity, references or {})
    means = pd.concat([own["mean"] for own in points.values()])
    log = quantity == "data_loss" and spans_decades(means)
    for own in points.values():
        own["mean"], own["low"], own["high"] = spread(own["mean"], own.pop("std"), log=log)
    if log:
        levels = levels[levels["mean"] > 0]
    every, ends = pd.concat(points.values()), ("mean", "high") if log else ("mean", "low", "high")
    values = np.concatenate([finite(every[end]) for end in ends])
    y = value_axis(
        "mean", metric_label(quantity), np.concatenate([values, levels["mean"]]), log=log
    )
    panels = [
        Panel(
            method_label(method),
            (_spec(name, points[name], levels, y, title=title, legend=place == 0),),
        )
        for place, (name, method) in enumerate(zip(points, methods, strict=True))
        for title in [setting_title(axes.get(method, ()))]
    ]
    return Chart(
        "strengths",
        filled(
            gettext(
                "Validation {metric} by setting, a panel for each method: means over runs with "
                "bars of one standard deviation to each side."
            ),
            metric=metric_label(quantity),
        ),
        {**points, "levels": levels},
        tuple(panels),
    )


def _points(
    table: pd.DataFrame, labels: Mapping[str, str], quantity: str, chosen: str
) -> pd.DataFrame:
    """A row for each setting."""
    own = table.loc[list(labels)]
    mean = finite(own[f"validation_{quantity}_mean"])
    std = finite(own[f"validation_{quantity}_std"])
    return pd.DataFrame(
        {
            "candidate": [printable(name) for name in labels],
            "setting": [
                "\n".join(printable(line) for line in label.splitlines())
                for label in labels.values()
            ],
            "mean": mean,
            "std": std,
            "text": [mean_std(m, s) for m, s in zip(mean, std, strict=True)],
            "mark": ["chosen" if name == chosen else "" for name in labels],
        }
    )


def _none() -> str:
    """The line of the network without any method."""
    return pgettext("method", "none")


def _levels(
    table: pd.DataFrame, baseline: str, quantity: str, references: References
) -> pd.DataFrame:
    levels = {_none(): float(table[f"validation_{quantity}_mean"].loc[baseline])}
    levels |= {
        printable(reference_label(name)): own[quantity]
        for name, own in references.items()
        if quantity in own
    }
    rows = [
        {"line": name, "mean": level, "text": number(level)}
        for name, level in levels.items()
        if np.isfinite(level)
    ]
    return pd.DataFrame(rows, columns=["line", "mean", "text"])


def _spec(
    name: str, points: pd.DataFrame, levels: pd.DataFrame, y: Spec, *, title: str, legend: bool
) -> Spec:
    x: Spec = {
        "field": "setting",
        "type": "ordinal",
        "sort": None,
        "scale": {"domain": points["setting"].drop_duplicates().tolist(), "padding": 0.5},
        "axis": {"title": title or None, "labelExpr": "split(datum.label, '\\n')", "labelAngle": 0},
    }
    dashes = [[1, 0], *(REFERENCE_DASHES[i % len(REFERENCE_DASHES)] for i in range(len(levels)))]
    lines = levels["line"].tolist()
    color = line_colors(lines, [SOFT if line == _none() else INK for line in lines])
    dash = line_dashes(lines, dashes[: len(lines)])
    if not legend:  # the first panel's is everyone's
        color, dash = color | {"legend": None}, dash | {"legend": None}
    at: Spec = {"x": x, "y": y}
    own = {"value": SPLIT_COLORS["validation"]}
    layers: list[Spec] = [
        level_lines("levels", y, color, dash),
        bars(x, y, own),
        {"mark": LINE, "encoding": {**at, "color": own}},
        {"mark": POINT, "encoding": {**at, "color": own}},
        ring(at, "datum.mark === 'chosen'", "circle"),
        hover(at, [("candidate", gettext("candidate")), ("text", part_label("validation"))]),
    ]
    return drawing(layers, data=name, height=HEIGHT)
