"""The interactive decision boundary."""

import numpy as np

from charts_cases import boundary, rows
from wane.report.charts.predicted.boundary import CELLS, MOST_ROWS, boundary_chart
from wane.report.figures.predicted.boundary import GRID_POINTS


def test_cells_have_the_models_probability_at_their_middles() -> None:
    chart = boundary()
    cells = rows(chart, "field0")
    assert len(cells) == CELLS**2
    step = (1 + 2 * 0.08) / (GRID_POINTS - 1)
    assert all(np.isclose(one["p"], one["x"] + step / 2, atol=1e-3) for one in cells)
    line = rows(chart, "line1")
    assert line and all(np.isclose(one["x"], 0.5) for one in line)
    assert [(one["class"], one["split"]) for one in rows(chart, "rows")] == [
        ("a", "train"), ("b", "train"), ("b", "validation"), ("a", "validation"),
    ]  # fmt: skip


def test_of_many_rows_it_is_said_how_many_are_drawn() -> None:
    x = np.linspace(0, 1, 2 * 1200).reshape(1200, 2)
    y = np.arange(1200) % 2
    chart = boundary_chart(
        (x, y), (x[:9], y[:9]), [("baseline", lambda points: points[:, 0])],
        axis_names=("a", "b"), class_names=("a", "b"),
    )  # fmt: skip
    assert len(rows(chart, "rows")) == MOST_ROWS + 9
    assert chart.note == "The points are 500 of 1,200 training rows."
    assert boundary().note == ""
