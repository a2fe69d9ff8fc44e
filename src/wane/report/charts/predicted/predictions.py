"""What networks predict of rows, beside what is true."""

from collections.abc import Iterator, Mapping, Sequence

import numpy as np
import pandas as pd

from wane._language import gettext, ngettext, pgettext
from wane.report.charts.chart import Chart, Panel, Spec, drawing, panel_title, show_switch
from wane.report.charts.scales import (
    INK,
    LINE,
    PLAIN,
    POINT,
    SOFT,
    hover,
    line_colors,
    line_dashes,
    on_any_page,
    tooltip,
)
from wane.report.figures.style import SPLIT_COLORS, finite
from wane.report.numbers import number, percent
from wane.report.wording import filled, part_label, printable

MOST_ROWS = 1000
"""More points than this cover each other."""
BINS = 10
ROWS_AT_A_TIME = 1_000_000
HEIGHT = 320
_COLOR = SPLIT_COLORS["validation"]

Tables = Mapping[str, pd.DataFrame]
"""A table for each candidate, by name; the first is the baseline's."""


def truth_chart(tables: Tables, *, part: str) -> Chart:
    """Predictions of an amount against the truth, or residuals against predictions.

    Args:
        tables: with the columns ``repeat``, ``row``, ``truth`` and ``prediction``. A point is a
            row, with its mean prediction over the runs that predict it.
        part: which rows these are, ``"test"`` or ``"validation"``.
    """
    drawn = {name: _by_row(table) for name, table in tables.items()}
    most = max(table["row"].nunique() for table in tables.values())
    every = np.concatenate([finite(table[["truth", "prediction"]]).ravel() for table in
                            drawn.values()])  # fmt: skip
    limits = _limits(every)
    residuals = _limits(np.concatenate([finite(table["residual"]) for table in drawn.values()]))
    own = {f"rows{place}": table for place, table in enumerate(drawn.values())}
    ends = pd.DataFrame({"at": limits, "zero": [0.0, 0.0]})
    panels = [
        Panel(panel_title(place, name), tuple(_truth_spec(place, show, limits, residuals)
                                         for show in _shows()))
        for place, name in enumerate(drawn)
    ]  # fmt: skip
    return Chart(
        "predictions",
        filled(
            gettext(
                "Predictions of {part} rows against the truth, or their residuals against the "
                "predictions; a point is a row, with its mean over runs."
            ),
            part=part_label(part),
        ),
        {**own, "ends": ends},
        tuple(panels),
        show_switch(tuple(_shows().values())),
        note=_note(most),
    )


def _shows() -> dict[str, str]:
    """What the chart shows one at a time, with what readers choose it by."""
    return {"predictions": gettext("predictions"), "residuals": gettext("residuals")}


def _note(count: int) -> str:
    """How many rows are drawn where not all are."""
    if count <= MOST_ROWS:
        return ""
    note = gettext("The points are {shown} of {all} rows.")
    return note.format(shown=f"{MOST_ROWS:,}", all=f"{count:,}")


def _by_row(table: pd.DataFrame) -> pd.DataFrame:
    """The mean prediction of each row over runs; of many rows some, at equal steps."""
    rows = table.groupby("row", as_index=False)[["truth", "prediction"]].mean()
    keep = np.unique(np.linspace(0, len(rows) - 1, min(len(rows), MOST_ROWS)).astype(int))
    rows = rows.iloc[keep]
    residual = rows["prediction"] - rows["truth"]
    texts = {
        f"{name}_text": [number(value) for value in values]
        for name, values in (
            ("truth", rows["truth"]),
            ("prediction", rows["prediction"]),
            ("residual", residual),
        )
    }
    return rows.assign(residual=residual, **texts)


def _limits(values: np.ndarray) -> list[float]:
    values = values[np.isfinite(values)]
    if not values.size:
        return [0.0, 1.0]
    low, high = float(values.min()), float(values.max())
    room = 0.05 * (high - low) or 1.0
    return [float(f"{low - room:.4g}"), float(f"{high + room:.4g}")]


def _amount(field: str, title: str, limits: Sequence[float]) -> Spec:
    scale = {"domain": list(limits), "nice": False, "zero": False}
    axis = {"title": title, "labelExpr": PLAIN, "tickCount": 5}
    return {"field": field, "type": "quantitative", "scale": scale, "axis": axis}


def _truth_spec(place: int, show: str, limits: Sequence[float], residuals: Sequence[float]) -> Spec:
    if show == "predictions":
        x = _amount("truth", gettext("truth"), limits)
        y = _amount("prediction", gettext("prediction"), limits)
        line = {"x": {**x, "field": "at"}, "y": {**y, "field": "at"}}
    else:
        x = _amount("prediction", gettext("prediction"), limits)
        y = _amount("residual", gettext("prediction minus truth"), residuals)
        line = {"x": {**x, "field": "at"}, "y": {**y, "field": "zero"}}
    shown = tooltip(
        ("truth_text", gettext("truth")),
        ("prediction_text", gettext("prediction")),
        ("residual_text", gettext("prediction minus truth")),
    )
    layers: list[Spec] = [
        {
            "data": {"name": "ends"},
            "mark": {"type": "line", "color": SOFT, "strokeWidth": 1.2},
            "encoding": line,
        },
        {
            "mark": {"type": "point", "filled": True, "size": 40, "opacity": 0.6, "color": _COLOR},
            "encoding": {"x": x, "y": y, "tooltip": shown},
        },
    ]
    return drawing(layers, data=f"rows{place}", height=HEIGHT)


def confusion_chart(tables: Tables, *, classes: Sequence[str], part: str) -> Chart:
    """For each true class the shares of the classes that are predicted, as means over runs.

    Args:
        tables: with the columns ``truth`` and ``prediction``, which are classes' numbers.
        classes: what these are called.
        part: which rows these are.
    """
    names = [printable(name) for name in classes]
    own = {f"shares{place}": _shares(table, names) for place, table in enumerate(tables.values())}
    panels = [
        Panel(panel_title(place, name), (_confusion_spec(f"shares{place}", names),))
        for place, name in enumerate(tables)
    ]
    return Chart(
        "confusion",
        filled(
            gettext(
                "For each true class of the {part} rows the shares of the classes that are "
                "predicted, over all runs."
            ),
            part=part_label(part),
        ),
        own,
        tuple(panels),
    )


def _shares(table: pd.DataFrame, names: Sequence[str]) -> pd.DataFrame:
    counts = np.zeros((len(names), len(names)), int)
    for part in _parts(table):
        pairs = part["truth"].to_numpy(int) * len(names) + part["prediction"].to_numpy(int)
        counts += np.bincount(pairs, minlength=counts.size).reshape(len(names), -1)
    totals = counts.sum(axis=1)
    runs = table["repeat"].nunique()
    rows = gettext("{some} of {all}")
    return pd.DataFrame(
        [
            {
                "truth": names[true],
                "prediction": names[predicted],
                "share": counts[true, predicted] / totals[true],
                "text": f"{100 * counts[true, predicted] / totals[true]:.0f} %",
                "exact": percent(counts[true, predicted] / totals[true]),
                "rows": rows.format(
                    some=f"{counts[true, predicted] / runs:,.1f}",
                    all=f"{totals[true] / runs:,.1f}",
                ),
            }
            for true in range(len(names))
            for predicted in range(len(names))
            if totals[true]
        ]
    )


def _parts(table: pd.DataFrame) -> Iterator[pd.DataFrame]:
    """The rows some at a time: what is computed of all at once takes more than they do."""
    for first in range(0, len(table), ROWS_AT_A_TIME):
        yield table.iloc[first : first + ROWS_AT_A_TIME]


def _confusion_spec(data: str, names: Sequence[str]) -> Spec:
    def side(field: str, title: str) -> Spec:
        axis = {"title": title, "grid": False, "domain": False, "ticks": False, "labelAngle": 0}
        scale = {"domain": list(dict.fromkeys(names))}
        return {"field": field, "type": "nominal", "sort": None, "scale": scale, "axis": axis}

    predicted, true = gettext("predicted class"), gettext("true class")
    at = {"x": side("prediction", predicted), "y": side("truth", true)}
    shown = tooltip(
        ("truth", true),
        ("prediction", predicted),
        ("exact", gettext("share")),
        ("rows", gettext("rows of a run")),
    )
    color = {
        "field": "share",
        "type": "quantitative",
        "scale": {"domain": [0, 1], "range": ["#f3f7fa", on_any_page(SPLIT_COLORS["train"])]},
        "legend": None,
    }
    size = f"min(12, max(9, width / {len(names)} / 3.1))"  # 100 % within its cell
    ink = {"condition": {"test": "datum.share > 0.55", "value": "#ffffff"}, "value": "#1f2328"}
    layers: list[Spec] = [
        {"mark": {"type": "rect"}, "encoding": {**at, "color": color, "tooltip": shown}},
        {
            "mark": {"type": "text", "fontSize": {"expr": size}},
            "encoding": {**at, "text": {"field": "text"}, "color": ink, "tooltip": shown},
        },
    ]
    return drawing(layers, data=data, height=max(160, 36 * len(names)))


def reliability_chart(tables: Tables, *, event: str, part: str) -> Chart:
    """How often what is predicted with a probability is true: well calibrated on the diagonal.

    Args:
        tables: with the columns ``probability`` of an event and ``happened``, over all runs.
        event: what the probability is of, in words of wane's own.
        part: which rows these are.
    """
    names = [panel_title(place, name) for place, name in enumerate(tables)]
    bins = pd.concat(
        [_bins(table, name) for table, name in zip(tables.values(), names, strict=True)],
        ignore_index=True,
    )
    share = {"type": "quantitative", "scale": {"domain": [0, 1], "nice": False}}
    axis = {"labelExpr": PLAIN, "tickCount": 5}
    x = {
        **share,
        "field": "probability",
        "axis": {**axis, "title": filled(gettext("predicted probability of {event}"), event=event)},
    }
    y = {
        **share,
        "field": "happened",
        "axis": {**axis, "title": gettext("share of rows where it is so")},
    }
    colors = [SPLIT_COLORS["train"], _COLOR][: len(names)]
    color = line_colors(names, colors)
    dash = line_dashes(names, [[6, 4], [1, 0]][: len(names)])
    at: Spec = {"x": x, "y": y}
    shown = [
        ("line", gettext("network")),
        ("probability_text", pgettext("a share", "predicted")),
        ("happened_text", pgettext("a share", "true")),
        ("rows", gettext("predictions")),
    ]
    layers: list[Spec] = [
        {
            "data": {"name": "diagonal"},
            "mark": {"type": "line", "color": INK, "strokeWidth": 1, "strokeDash": [2, 3]},
            "encoding": at,
        },
        {"mark": LINE, "encoding": {**at, "color": color, "strokeDash": dash}},
        {"mark": POINT, "encoding": {**at, "color": color}},
        hover(at, shown),
    ]
    diagonal = pd.DataFrame({"probability": [0.0, 1.0], "happened": [0.0, 1.0]})
    return Chart(
        "reliability",
        filled(
            gettext(
                "The predicted probability of {event} on {part} rows in {count} groups of "
                "predictions, against the share of rows where it is so."
            ),
            event=event,
            part=part_label(part),
            count=BINS,
        ),
        {"bins": bins, "diagonal": diagonal},
        (Panel("", (drawing(layers, data="bins", height=HEIGHT),)),),
    )


def _bins(table: pd.DataFrame, name: str) -> pd.DataFrame:
    """Predictions by tenths of the probability; a row for each tenth that has some."""
    counts = np.zeros(BINS, int)
    sums: dict[str, np.ndarray] = {name: np.zeros(BINS) for name in ("probability", "happened")}
    for part in _parts(table):
        place = np.minimum((part["probability"].to_numpy(float) * BINS).astype(int), BINS - 1)
        counts += np.bincount(place, minlength=BINS)
        # The sums so far come first, so that all is added in the order of the rows.
        after = np.concatenate([np.arange(BINS), place])
        for column, before in sums.items():
            values = np.concatenate([before, part[column].to_numpy(float)])
            sums[column] = np.bincount(after, weights=values, minlength=BINS)
    there = np.flatnonzero(counts)
    counts = counts[there]
    predicted, happened = (total[there] / counts for total in sums.values())
    return pd.DataFrame(
        {
            "line": name,
            "probability": predicted,
            "happened": happened,
            "probability_text": [percent(value) for value in predicted],
            "happened_text": [percent(value) for value in happened],
            "rows": [
                ngettext("{count} prediction", "{count} predictions", count).format(
                    count=f"{count:,}"
                )
                for count in map(int, counts)
            ],
        }
    )
