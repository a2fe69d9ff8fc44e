"""The figure of the decision boundary: what its artists hold."""

from collections.abc import Callable, Sequence

import numpy as np
import pytest
from matplotlib.contour import QuadContourSet
from matplotlib.figure import Figure
from numpy.typing import NDArray

from wane.report.figures import boundary_drawing, png

Floats = NDArray[np.float64]
TRAIN = (np.array([[0.0, 0.0], [1.0, 1.0], [0.0, 2.0]]), np.array([0, 1, 1]))
VALIDATION = (np.array([[4.0, -2.0]]), np.array([[0.0]]))


def sloped(points: Floats) -> Floats:
    """0.5 where the first input is 1."""
    return 1 / (1 + np.exp(-4 * (points[:, 0] - 1)))


def constant(points: Floats) -> Floats:
    return np.full(len(points), 0.2)


def as_column(points: Floats) -> Floats:
    return sloped(points)[:, None]


def broken(points: Floats) -> Floats:
    return np.full(len(points), np.nan)


def drawn(
    *models: tuple[str, Callable[[Floats], Floats]], class_names: Sequence[str] = ("out", "in")
) -> Figure:
    return boundary_drawing(
        TRAIN,
        VALIDATION,
        models,
        axis_names=["width", "height"],
        class_names=class_names,
    ).figure()


def test_rows_stand_where_they_are_filled_for_training_and_hollow_for_validation() -> None:
    ax = drawn(("baseline", sloped)).axes[0]
    rows = {str(line.get_label()): line for line in ax.lines}
    places = {label: np.asarray(line.get_xydata()).tolist() for label, line in rows.items()}
    assert places["train, class 0"] == [[0, 0]]
    assert places["train, class 1"] == [[1, 1], [0, 2]]
    assert places["validation, class 0"] == [[4, -2]]
    assert rows["validation, class 0"].get_markerfacecolor() == "none"
    assert rows["train, class 0"].get_markerfacecolor() != "none"
    assert rows["train, class 0"].get_marker() != rows["train, class 1"].get_marker()


def test_the_line_is_where_the_probability_is_one_half() -> None:
    ax = drawn(("baseline", sloped)).axes[0]
    (contour,) = (c for c in ax.collections if isinstance(c, QuadContourSet))
    xs = np.concatenate([np.asarray(path.vertices)[:, 0] for path in contour.get_paths()])
    np.testing.assert_allclose(xs, 1.0, atol=0.01)


def test_the_field_is_the_probability_over_all_the_data() -> None:
    ax = drawn(("baseline", sloped)).axes[0]
    (image,) = ax.images
    left, right, bottom, top = image.get_extent()
    assert left < 0 and right > 4 and bottom < -2 and top > 2
    field = np.asarray(image.get_array())
    # Rows are the second input from below, columns the first.
    np.testing.assert_allclose(field[0], field[-1])
    assert field[0, 0] == pytest.approx(sloped(np.array([[left, 0.0]]))[0])
    assert image.get_clim() == (0, 1)


def test_one_panel_for_each_model_on_the_same_axes() -> None:
    figure = drawn(("baseline", sloped), ("L2(0.1)", as_column))
    first, second, bar = figure.axes
    assert [first.get_title(), second.get_title()] == ["baseline", "chosen: L2(0.1)"]
    assert first.get_xlim() == second.get_xlim() and first.get_ylim() == second.get_ylim()
    assert (first.get_xlabel(), first.get_ylabel()) == ("width", "height")
    assert bar.get_ylabel() == "probability of in"
    field, same = (np.asarray(ax.images[0].get_array()) for ax in (first, second))
    np.testing.assert_array_equal(field, same)


def test_names_of_the_classes_are_in_the_legend() -> None:
    figure = drawn(("baseline", sloped), class_names=["$0$", "_1"])
    texts = [text.get_text() for text in figure.legends[0].get_texts()]
    assert texts == [
        "$0$, train",
        "$0$, validation",
        "_1, train",
        "_1, validation",
        "probability 0.5",
    ]
    png(figure)


@pytest.mark.parametrize("model", [constant, broken])
def test_a_model_without_a_boundary_has_a_field_and_no_line_and_no_warning(
    model: Callable[[Floats], Floats],
) -> None:
    figure = drawn(("baseline", model))
    png(figure)
    assert not any(isinstance(c, QuadContourSet) for c in figure.axes[0].collections)


def test_rows_that_share_one_value_still_have_a_field() -> None:
    rows = (np.array([[1.0, 3.0], [1.0, 4.0]]), np.array([0, 1]))
    figure = boundary_drawing(
        rows, rows, [("baseline", sloped)], axis_names=["a", "b"], class_names=["0", "1"]
    ).figure()
    png(figure)
    low, high = figure.axes[0].get_xlim()
    assert low < 1 < high
