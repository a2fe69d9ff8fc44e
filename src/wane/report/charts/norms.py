"""The weights' norms by layer and role: against strength, and by epoch."""

from collections.abc import Mapping, Sequence

import numpy as np
import pandas as pd

from wane._language import gettext
from wane.report.charts.chart import Chart, Panel, Spec, drawing
from wane.report.charts.scales import (
    BEST_HEIGHT,
    LINE,
    POINT,
    SHAPES,
    STROKES,
    bars,
    epoch_axis,
    hover,
    line_colors,
    series_points,
    spread,
    strength_axis,
    value_axis,
)
from wane.report.figures.norms import own_series, shown_norms
from wane.report.figures.strength_series import StrengthScale, series_of
from wane.report.figures.style import SERIES_COLORS, finite, spans_decades
from wane.report.numbers import number
from wane.report.wording import norm_label, printable

_DASHES = {"baseline": [6, 4], "chosen": [1, 0]}


def norms_chart(
    summary: pd.DataFrame, courses: Mapping[str, pd.DataFrame], *, baseline: str, chosen: str
) -> Chart | None:
    """Norms against strength, beside norms by epoch of the baseline and the chosen candidate.

    Args:
        summary, courses, baseline, chosen: as of the static figure, ``norms_figure``.

    Returns:
        The chart; None where no weight has a role, and so none a norm.
    """
    names = shown_norms([c for c in summary.columns if c.startswith("norm_")])
    if not names:
        return None
    own = own_series(summary, chosen)
    scale = StrengthScale.of(own)
    points = _points(own, names, scale)
    course = _course(courses, names, baseline, chosen)
    labels = [norm_label(name) for name in names]
    panels = [Panel(gettext("Against strength"), (_strengths(points, labels, scale),))]
    if len(course):
        panels.append(Panel(gettext("By epoch"), (_epochs(course, labels),)))
    return Chart(
        "norms",
        gettext(
            "Norms of the weights of each layer, as means over runs: against the strength of the "
            "penalty, and by epoch without a penalty (dashed) and with the chosen one (solid)."
        ),
        {"points": points, "course": course},
        tuple(panels),
    )


def _points(summary: pd.DataFrame, names: Sequence[str], scale: StrengthScale) -> pd.DataFrame:
    table = summary.set_index("candidate")
    log = spans_decades(np.concatenate([finite(table[f"norm_{name}_mean"]) for name in names]))
    rows = []
    for name in names:
        for series in series_of(summary, scale):
            points = series_points(table, series, f"norm_{name}", log=log)
            rows += [{**point, "line": norm_label(name)} for point in points]
    return pd.DataFrame(rows)


def _course(
    courses: Mapping[str, pd.DataFrame], names: Sequence[str], baseline: str, chosen: str
) -> pd.DataFrame:
    tables = []
    for candidate in dict.fromkeys((baseline, chosen)):
        means = courses[candidate].groupby(["norm", "epoch"])["value"].mean().reset_index()
        means = means[means["norm"].isin(names)]
        tables.append(
            pd.DataFrame(
                {
                    "candidate": printable(candidate),
                    "role": _role_label("chosen" if candidate == chosen else "baseline"),
                    "line": [norm_label(name) for name in means["norm"]],
                    "epoch": means["epoch"].to_numpy(),
                    "mean": finite(means["value"]),
                    "text": [number(value) for value in means["value"]],
                }
            )
        )
    table = pd.concat(tables, ignore_index=True)
    return table.assign(mean=spread(table["mean"], 0.0, log=spans_decades(table["mean"]))[0])


def _role_label(role: str) -> str:
    return {"baseline": gettext("baseline"), "chosen": gettext("chosen")}[role]


def _norm_titles() -> list[tuple[str, str]]:
    return [("line", gettext("weights")), ("text", gettext("norm"))]


def _strengths(points: pd.DataFrame, labels: Sequence[str], scale: StrengthScale) -> Spec:
    x, y = strength_axis(scale), value_axis("mean", gettext("norm of the weights"), points["mean"])
    color = line_colors(labels, SERIES_COLORS[: len(labels)]) | {"legend": {"title": None}}
    shape: Spec = {
        "field": "line",
        "type": "nominal",
        "scale": {"domain": list(labels), "range": list(SHAPES[: len(labels)])},
        "legend": {"title": None},
    }
    at: Spec = {"x": x, "y": y}
    layers: list[Spec] = [
        bars(x, y, color),
        {"mark": LINE, "encoding": {**at, "color": color, "detail": {"field": "series"}}},
        {"mark": POINT, "encoding": {**at, "color": color, "shape": shape}},
        hover(at, [("candidate", gettext("candidate")), *_norm_titles()]),
    ]
    return drawing(layers, data="points", height=BEST_HEIGHT)


def _epochs(course: pd.DataFrame, labels: Sequence[str]) -> Spec:
    epochs = course["epoch"]
    x = epoch_axis(int(epochs.min()), int(epochs.max()), log=False)
    y = value_axis("mean", gettext("norm of the weights"), course["mean"])
    known = {_role_label(role): dash for role, dash in _DASHES.items()}
    there = [role for role in known if role in set(course["role"])]
    dash: Spec = {
        "field": "role",
        "type": "nominal",
        "scale": {"domain": there, "range": [known[role] for role in there]},
        "legend": {"title": None, **STROKES} if len(there) > 1 else None,
    }
    at: Spec = {"x": x, "y": y}
    color = line_colors(labels, SERIES_COLORS[: len(labels)])
    shown = [("candidate", gettext("candidate")), ("epoch", gettext("epoch")), *_norm_titles()]
    layers: list[Spec] = [
        {"mark": LINE, "encoding": {**at, "color": color, "strokeDash": dash}},
        hover(at, shown),
    ]
    return drawing(layers, data="course", height=BEST_HEIGHT)
