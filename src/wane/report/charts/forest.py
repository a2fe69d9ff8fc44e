"""Differences to the network without any regularization, with intervals, row by row."""

from collections.abc import Mapping, Sequence
from typing import Any

import numpy as np
import pandas as pd

from wane._language import gettext, pgettext
from wane.report.charts.chart import Chart, Panel, Spec, drawing, show_switch
from wane.report.charts.scales import INK, PAPER, PLAIN, REFERENCE_DASHES, SOFT, STROKES, tooltip
from wane.report.columns import Document
from wane.report.figures.compared.rows import (
    difference_label,
    far_text,
    near_and_far,
    ranked_methods,
)
from wane.report.figures.style import SERIES_COLORS, finite
from wane.report.numbers import number, signed_interval
from wane.report.wording import (
    alternatives,
    filled,
    method_label,
    metric_label,
    of_part,
    printable,
    reference_label,
)

_NOTHING = "no difference detected"
_UNTOLD = "cannot be told"
_UNTESTED = "not tested"
_COLORS = {
    "better": SERIES_COLORS[2],
    "worse": SERIES_COLORS[1],
    "lower": SERIES_COLORS[0],
    "higher": SERIES_COLORS[3],
    _NOTHING: INK,
    _UNTOLD: SERIES_COLORS[4],
    _UNTESTED: SOFT,
}
_SHAPES = {
    "better": "square",
    "worse": "diamond",
    "lower": "triangle-left",
    "higher": "triangle-right",
    _NOTHING: "circle",
    _UNTOLD: "triangle-down",
    _UNTESTED: "cross",
}
_SIGNIFICANT = ("better", "worse", "lower", "higher")
"""Their points are filled."""
ROW = 36


def methods_chart(document: Document) -> Chart | None:
    """A row for each method of a comparison, the best on top.

    Args:
        document: of a study with its ``compare``.

    Returns:
        The chart; None where no method has a difference to none, which may have diverged.
    """
    comparison = document["compare"]
    rows = [
        {
            "label": f"{method_label(row['method'])}\n{printable(row['setting'])}",
            "name": method_label(row["method"]),
            "setting": printable(row["setting"]),
            **_numbers(row, str(row["conclusion"])),
        }
        for row in ranked_methods(document)
    ]
    if not rows:
        return None
    beside, far = near_and_far(document)
    levels = [
        {"line": printable(reference_label(name)), "difference": own[comparison["by"]]}
        for name, own in beside.items()
    ]
    what = of_part(comparison["evaluated_on"], metric_label(comparison["by"]))
    tables = {"rows": pd.DataFrame(rows), "levels": _levels(levels)}
    shown = [("name", gettext("method")), ("setting", gettext("setting")), *_numbers_shown()]
    shown.append(("group", pgettext("of methods", "beside none")))
    title = difference_label(what)
    spec = _spec("rows", tables, title, comparison["direction"], shown)
    return Chart(
        "methods",
        filled(
            gettext(
                "For each method the difference of {quantity} to none, with its 95 % interval."
            ),
            quantity=what,
        ),
        tables,
        (Panel("", (spec,)),),
        note=_note(far),
    )


def _note(far: Mapping[str, float]) -> str:
    """Which models of other kinds are too far off for the axis, and by how much."""
    models = pgettext("between counts", ", ").join(far_text(*one) for one in far.items())
    return filled(gettext("Too far off to be drawn: {models}."), models=models) if far else ""


def candidates_chart(document: Document, directions: Mapping[str, str | None]) -> Chart | None:
    """A row for each candidate of a study: its differences to the baseline on validation rows.

    Args:
        document: of a study with ``comparisons``; the switch offers each of their metrics that
            has a difference, that which candidates are chosen by first.
        directions: whether ``"up"`` or ``"down"`` is better, by metric; None where it is unknown.

    Returns:
        The chart; None where there is no difference, as with a baseline that diverged once.
    """
    study = document["study"]
    by = study.get("select_by", "data_loss")
    known = [row for row in document["comparisons"] if row["difference"] is not None]
    metrics = list(dict.fromkeys(row["metric"] for row in known))
    metrics.sort(key=lambda metric: metric != by)
    if not metrics:
        return None
    tables: dict[str, pd.DataFrame] = {"levels": _levels([])}
    specs = []
    for place, metric in enumerate(metrics):
        direction = "down" if metric == "data_loss" else directions.get(metric)
        rows = [
            {
                "label": printable(row["candidate"]),
                "name": printable(row["candidate"]),
                **_numbers(row, _conclusion(row, direction)),
                "p": number(row["p_holm"]),
            }
            for row in known
            if row["metric"] == metric
        ]
        tables[f"rows{place}"] = pd.DataFrame(rows)
        what = of_part("validation", metric_label(metric))
        title = filled(pgettext("of candidates", "{quantity} minus that of none"), quantity=what)
        shown = [("name", gettext("candidate")), *_numbers_shown()]
        shown.append(("group", pgettext("of candidates", "beside none")))
        shown.append(("p", gettext("p (Holm)")))
        specs.append(_spec(f"rows{place}", tables, title, direction, shown))
    labels = tuple(metric_label(metric) for metric in metrics)
    return Chart(
        "differences",
        filled(
            gettext(
                "For each candidate the difference to the network without a penalty on validation"
                " rows, of {quantities}, with its 95 % interval."
            ),
            quantities=alternatives(labels),
        ),
        tables,
        (Panel("", tuple(specs)),),
        show_switch(labels),
    )


def _numbers_shown() -> list[tuple[str, str]]:
    """What the pointer reads of every row."""
    return [("text", gettext("difference")), ("interval", gettext("95 % interval"))]


def _label(conclusion: str) -> str:
    """What a conclusion is called."""
    names = {
        "better": gettext("better"),
        "worse": gettext("worse"),
        "lower": gettext("lower"),
        "higher": gettext("higher"),
        _NOTHING: gettext("no difference detected"),
        _UNTOLD: gettext("cannot be told"),
        _UNTESTED: gettext("not tested"),
    }
    return names.get(conclusion, conclusion)


def _conclusion(row: Mapping[str, Any], direction: str | None) -> str:
    """What the adjusted p says at 5 %, as of methods."""
    p, difference = row["p_holm"], row["difference"]
    if p is None:  # of one repeat
        return _UNTESTED
    if p >= 0.05:
        return _NOTHING
    if direction is None:
        return "lower" if difference < 0 else "higher"
    return "better" if (difference < 0) == (direction == "down") else "worse"


def _numbers(row: Mapping[str, Any], conclusion: str) -> dict[str, Any]:
    difference, low, high = row["difference"], row["low"], row["high"]
    return {
        "difference": difference,
        "low": low,
        "high": high,
        "group": _label(conclusion),
        "text": ("+" if difference > 0 else "") + number(difference),
        "interval": signed_interval(low, high),
    }


def _levels(rows: Sequence[Mapping[str, Any]]) -> pd.DataFrame:
    table = pd.DataFrame(rows, columns=["line", "difference"])
    return table.assign(text=[number(value) for value in table["difference"]])


def _spec(
    name: str,
    tables: Mapping[str, pd.DataFrame],
    difference: str,
    direction: str | None,
    shown: Sequence[tuple[str, str]],
) -> Spec:
    """Intervals and points over a table of rows, upright lines of models of other kinds."""
    rows, levels = tables[name], tables["levels"]
    better = {"down": gettext("better: left"), "up": gettext("better: right")}
    title = [difference, better.get(direction or "", "")]
    x: Spec = {
        "field": "difference",
        "type": "quantitative",
        "scale": {"domain": _domain(rows, levels), "nice": False, "zero": False},
        "axis": {"title": title, "labelExpr": PLAIN, "tickCount": 6},
    }
    y = _labels(rows)
    color = _by_conclusion(rows, _COLORS)
    fills = {group: look if group in _SIGNIFICANT else PAPER for group, look in _COLORS.items()}
    looks = {"fill": _by_conclusion(rows, fills), "shape": _by_conclusion(rows, _SHAPES)}
    layers: list[Spec] = [
        {
            "data": {"values": [{"difference": 0}]},
            "mark": {"type": "rule", "color": SOFT, "strokeWidth": 1.2},
            "encoding": {"x": x},
        },
    ]
    if len(levels):
        layers.append(_upright(levels, x))
    layers += [
        {
            "mark": {"type": "rule", "strokeWidth": 2},
            "encoding": {
                "x": {**x, "field": "low"},
                "x2": {"field": "high"},
                "y": y,
                "stroke": color,
            },
        },
        {
            "mark": {"type": "point", "size": 90, "strokeWidth": 1.8, "opacity": 1},
            "encoding": {"x": x, "y": y, "stroke": color, **looks},
        },
        {
            "mark": {"type": "bar", "opacity": 0, "height": {"band": 1}},
            "encoding": {
                "x": {**x, "field": "edge_low"},
                "x2": {"field": "edge_high"},
                "y": y,
                "tooltip": tooltip(*shown),
            },
        },
    ]
    low, high = x["scale"]["domain"]
    rows["edge_low"], rows["edge_high"] = low, high  # the whole row answers to the pointer
    return drawing(layers, data=name, height=len(rows) * (ROW if "setting" in rows else 24))


def _labels(rows: pd.DataFrame) -> Spec:
    """The upright axis: a label for each row, of a line or two."""
    return {
        "field": "label",
        "type": "nominal",
        "sort": None,
        "scale": {"domain": rows["label"].tolist()},
        "axis": {"title": None, "labelExpr": "split(datum.label, '\\n')", "domain": False,
                 "ticks": False, "grid": False},
    }  # fmt: skip


def _upright(levels: pd.DataFrame, x: Spec) -> Spec:
    dashes = [list(REFERENCE_DASHES[i % len(REFERENCE_DASHES)]) for i in range(len(levels))]
    return {
        "data": {"name": "levels"},
        "mark": {"type": "rule", "color": INK, "strokeWidth": 1.2},
        "encoding": {
            "x": x,
            "strokeDash": {
                "field": "line",
                "type": "nominal",
                "scale": {"domain": levels["line"].tolist(), "range": dashes},
                "legend": {"title": None, "symbolStrokeColor": INK, **STROKES},
            },
            "tooltip": tooltip(
                ("line", gettext("model")), ("text", pgettext("of methods", "minus none"))
            ),
        },
    }


def _by_conclusion(rows: pd.DataFrame, looks: Mapping[str, Any]) -> Spec:
    known = {_label(group): look for group, look in looks.items()}
    there = [group for group in known if group in set(rows["group"])]
    return {
        "field": "group",
        "type": "nominal",
        "scale": {"domain": there, "range": [known[group] for group in there]},
        "legend": {"title": None, "padding": 3},  # in line with the wider symbols beside them
    }


def _domain(rows: pd.DataFrame, levels: pd.DataFrame) -> list[float]:
    """Room for all of them and for zero."""
    numbers = [finite(rows[name]) for name in ("difference", "low", "high")]
    every = np.concatenate([*numbers, finite(levels["difference"]), [0.0]])
    low, high = float(np.nanmin(every)), float(np.nanmax(every))
    room = 0.05 * (high - low) or 1.0
    return [float(f"{low - room:.4g}"), float(f"{high + room:.4g}")]
