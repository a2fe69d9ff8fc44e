"""The figure of methods, and what it does with models that are far worse or better."""

from typing import Any

import numpy as np
import pytest
from matplotlib.axes import Axes

from charts_cases import compared_document, rows, there
from wane.report.charts.forest import methods_chart
from wane.report.figures import methods_drawing


def document(**references: float) -> dict[str, Any]:
    """Methods between 0.4 and 0 below none, and models of other kinds with these means."""
    found = compared_document()
    found["compare"]["methods"][0]["value"] = 0.5
    found["references"] = [
        {"label": label.replace("_", " "), "validation": {"data_loss": {"mean": mean}}}
        for label, mean in references.items()
    ]
    return found


def upright(ax: Axes) -> list[float]:
    drawn = [line for line in ax.lines if line.get_label() == "other model"]
    return [float(np.asarray(line.get_xdata())[0]) for line in drawn]


@pytest.mark.parametrize("column", [False, True])
def test_models_that_are_far_off_stand_at_the_side_with_their_number(column: bool) -> None:
    found = document(a_constant=40.5, gradient_boosting=-9.5, ridge_regression=0.4)
    figure = methods_drawing(found).figure(column=column)
    (ax,) = figure.axes
    assert upright(ax) == [pytest.approx(-0.1)]
    figure.draw_without_rendering()
    low, high = ax.get_xlim()
    assert low <= -0.4 and high >= 0 and high - low < 3 * 0.4
    said = {text.get_text(): text for text in ax.texts}
    assert list(said) == ["a constant +40.0 \u2192", "\u2190 gradient boosting -10.0"]
    assert [text.get_horizontalalignment() for text in said.values()] == ["right", "left"]
    assert all(text.get_window_extent().y0 >= ax.get_window_extent().y1 for text in said.values())
    (entry,) = figure.legends[0].get_texts()
    assert entry.get_text() == "ridge regression"


@pytest.mark.parametrize("scale", [1e-6, 1e-9, 1e9])
def test_powers_of_ten_beside_an_axis_are_written_as_names_have_them(scale: float) -> None:
    found = document()
    for row in found["compare"]["methods"][1:]:
        row |= {name: scale * row[name] for name in ("difference", "low", "high")}
    figure = methods_drawing(found).figure()
    figure.draw_without_rendering()
    power = figure.axes[0].xaxis.get_offset_text().get_text()
    assert power == f"{scale / 10:.0e}"


def test_the_chart_leaves_them_out_and_says_so() -> None:
    chart = there(methods_chart(document(a_constant=40.5, ridge_regression=0.4)))
    assert [row["line"] for row in rows(chart, "levels")] == ["ridge regression"]
    assert chart.note == "Too far off to be drawn: a constant +40.0."
    (panel,) = chart.panels
    low, high = panel.specs[0]["layer"][0]["encoding"]["x"]["scale"]["domain"]
    assert high - low < 3 * 0.4


def test_models_within_reach_are_lines() -> None:
    figure = methods_drawing(document(a_constant=0.85, ridge_regression=0.4)).figure()
    assert upright(figure.axes[0]) == [pytest.approx(0.35), pytest.approx(-0.1)]
    assert not figure.axes[0].texts
    assert there(methods_chart(document(a_constant=0.85))).note == ""
