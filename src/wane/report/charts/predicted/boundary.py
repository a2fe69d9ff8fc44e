"""The decision boundary of two-input binary problems."""

from collections.abc import Sequence
from typing import Any

import numpy as np
import pandas as pd
from matplotlib.figure import Figure
from numpy.typing import ArrayLike

from wane._language import gettext
from wane.report.charts.chart import Chart, Panel, Spec, drawing, panel_title
from wane.report.charts.scales import PAPER, PLAIN, on_any_page, tooltip
from wane.report.figures.predicted.boundary import (
    CLASS_LOOKS,
    FIELD,
    GRID_POINTS,
    Floats,
    Model,
    class_labels,
    field_limits,
    field_of,
    input_labels,
    rows_of,
)
from wane.report.wording import filled, part_label, printable

CELLS = GRID_POINTS // 2
"""Cells on each side of the field: fine enough, and some thousand numbers."""
MOST_ROWS = 500
HEIGHT = 340


def boundary_chart(
    train: tuple[ArrayLike, ArrayLike],
    validation: tuple[ArrayLike, ArrayLike],
    panels: Sequence[tuple[str, Model]],
    *,
    axis_names: Sequence[str] | None = None,
    class_names: Sequence[str] | None = None,
) -> Chart:
    """The predicted probability as a field, its line at 0.5, and the rows; a panel per model.

    Args:
        train, validation, panels, axis_names, class_names: as of the static figure,
            ``boundary_drawing``.
    """
    sets = {"train": rows_of(*train), "validation": rows_of(*validation)}
    low, high = field_limits([x for x, _ in sets.values()])
    axis_names = [printable(name) for name in axis_names or input_labels()]
    classes = [printable(name) for name in class_names or class_labels(2)]
    tables: dict[str, pd.DataFrame] = {"rows": _rows(sets, classes)}
    drawn = []
    for place, (title, model) in enumerate(panels):
        tables[f"field{place}"], tables[f"line{place}"] = _field(model, low, high)
        spec = _spec(place, (low, high), axis_names, classes)
        drawn.append(Panel(panel_title(place, title), (spec,)))
    return Chart(
        "boundary",
        filled(
            gettext(
                "The predicted probability of {name} over the two inputs, the line where it is "
                "0.5, and the training and validation rows."
            ),
            name=classes[1],
        ),
        tables,
        tuple(drawn),
        note=_note(sets),
    )


def _note(sets: dict[str, tuple[Floats, np.ndarray]]) -> str:
    """How many rows are drawn where not all are."""
    texts = {
        "train": gettext("{shown} of {all} training rows"),
        "validation": gettext("{shown} of {all} validation rows"),
    }
    parts = [
        texts[split].format(shown=f"{MOST_ROWS:,}", all=f"{len(x):,}")
        for split, (x, _) in sets.items()
        if len(x) > MOST_ROWS
    ]
    if len(parts) == 2:
        return gettext("The points are {first} and {second}.").format(
            first=parts[0], second=parts[1]
        )
    return gettext("The points are {rows}.").format(rows=parts[0]) if parts else ""


def _rows(sets: dict[str, tuple[Floats, np.ndarray]], classes: Sequence[str]) -> pd.DataFrame:
    tables = []
    for split, (x, y) in sets.items():
        keep = np.unique(np.linspace(0, len(x) - 1, min(len(x), MOST_ROWS)).astype(int))
        table = pd.DataFrame({"x": x[keep, 0], "y": x[keep, 1]})
        table["class"] = [classes[int(label)] for label in y[keep]]
        tables.append(table.assign(split=split, row_of=part_label(split)))
    return pd.concat(tables, ignore_index=True)


def _field(model: Model, low: Floats, high: Floats) -> tuple[pd.DataFrame, pd.DataFrame]:
    """Cells with their probability, the mean of four points; and the pieces of the line at 0.5."""
    xs, ys, probability = field_of(model, low, high)
    cells = probability.reshape(CELLS, 2, CELLS, 2).mean(axis=(1, 3))
    table = pd.DataFrame(
        {
            "x": np.tile(xs[::2], CELLS),
            "y": np.repeat(ys[::2], CELLS),
            "p": np.ma.filled(cells, np.nan).ravel().round(3),
        }
    )
    pieces: Sequence[np.ndarray] = ()
    # Where a model gives one class everywhere there is no line, and contour would warn.
    if probability.count() and probability.min() < 0.5 < probability.max():
        pieces = Figure().subplots().contour(xs, ys, probability, levels=[0.5]).allsegs[0]
    line = [
        {"piece": place, "order": order, "x": x, "y": y}
        for place, piece in enumerate(pieces)
        for order, (x, y) in enumerate(piece)
    ]
    return table, pd.DataFrame(line, columns=["piece", "order", "x", "y"])


def _spec(
    place: int, limits: tuple[Floats, Floats], axis_names: Sequence[str], classes: Sequence[str]
) -> Spec:
    def side(field: str, at: int) -> Spec:
        domain = [float(f"{limit[at]:.5g}") for limit in limits]
        scale = {"domain": domain, "nice": False, "zero": False}
        axis = {"title": axis_names[at], "labelExpr": PLAIN, "grid": False, "tickCount": 5}
        return {"field": field, "type": "quantitative", "scale": scale, "axis": axis}

    at: Spec = {"x": side("x", 0), "y": side("y", 1)}
    # A cell holds two of the points on each side.
    step = ((limits[1] - limits[0]) * 2 / (GRID_POINTS - 1)).tolist()
    line = {"order": {"field": "order", "type": "quantitative"}, "detail": {"field": "piece"}}
    layers: list[Spec] = [
        _cells_layer(at, step),
        {
            "data": {"name": f"line{place}"},
            "mark": {"type": "line", "strokeWidth": 2, "color": "#1f2328", "clip": True},
            "encoding": {**at, **line},
        },
        *_rows_layers(at, classes),
    ]
    return drawing(layers, data=f"field{place}", height=HEIGHT)


def _cells_layer(at: Spec, step: Sequence[float]) -> Spec:
    """The field of probabilities."""
    colors = [FIELD(value, bytes=True)[:3] for value in (0.0, 0.5, 1.0)]
    shades = ["#{:02x}{:02x}{:02x}".format(*color) for color in colors]
    field: Spec = {
        "field": "p",
        "type": "quantitative",
        "scale": {"domain": [0, 0.5, 1], "range": shades},
        "legend": None,
    }
    title = gettext("probability of the second class")
    shown = [{"field": "p", "title": title, "format": ".3~g"}]
    ends = {"x2": {"field": "x2"}, "y2": {"field": "y2"}}
    return {
        "transform": [
            {"calculate": f"datum.x + {step[0]}", "as": "x2"},
            {"calculate": f"datum.y + {step[1]}", "as": "y2"},
        ],
        "mark": {"type": "rect", "strokeWidth": 1.5, "clip": True},  # strokes leave no seams
        "encoding": {**at, **ends, "fill": field, "stroke": field, "tooltip": shown},
    }


def _rows_layers(at: Spec, classes: Sequence[str]) -> list[Spec]:
    """Validation rows hollow, training rows filled and above them."""
    own = tooltip(("class", gettext("class")), ("row_of", gettext("row of")))
    encoding: Spec = {**at, "tooltip": own}
    for channel, values in (
        ("color", [on_any_page(color) for color, _ in CLASS_LOOKS]),
        ("shape", ["circle", "triangle-up"]),
    ):
        encoding[channel] = {
            "field": "class",
            "type": "nominal",
            "scale": {"domain": list(classes), "range": values},
            "legend": {"title": gettext("class")},
        }
    looks: dict[str, dict[str, Any]] = {
        "validation": {"filled": False, "size": 28},
        "train": {"filled": True, "size": 80, "stroke": PAPER, "strokeWidth": 0.8},
    }
    return [
        {
            "data": {"name": "rows"},
            "transform": [{"filter": f"datum.split === '{split}'"}],
            "mark": {"type": "point", "opacity": 1, "clip": True, **look},
            "encoding": encoding,
        }
        for split, look in looks.items()
    ]
