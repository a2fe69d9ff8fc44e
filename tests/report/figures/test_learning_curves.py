"""The figure of learning curves: what its artists hold."""

import math
import time

import numpy as np
import pandas as pd
import pytest
from matplotlib.axes import Axes
from matplotlib.collections import PolyCollection
from matplotlib.figure import Figure

from report_cases import curves
from wane.report.figures import learning_curves_drawing, png
from wane.report.figures.learning_curves import MOST_POINTS

LOSSES = {
    "baseline": [[0.9, 0.5, 0.6, 0.8], [0.7, 0.5, 0.4, 1.0]],
    "L2(0.1)": [[0.9, 0.6, 0.5, 0.4], [0.9, 0.6, 0.5, 0.4]],
    "L2(1)": [[9.0, 9.0, 9.0, 9.0]],
}


def drawn(
    losses: dict[str, list[list[float]]], chosen: str = "L2(0.1)", gap: float = 0.1
) -> Figure:
    return learning_curves_drawing(
        curves(losses, gap=gap), metric="accuracy", baseline="baseline", chosen=chosen
    ).figure()


def line(ax: Axes, label: str) -> tuple[list[float], list[float]]:
    (found,) = (drawn for drawn in ax.lines if drawn.get_label() == label)
    return [*np.asarray(found.get_xdata(), float)], [*np.asarray(found.get_ydata(), float)]


def test_epochs_start_at_one() -> None:
    for ax in drawn(LOSSES).axes:
        assert line(ax, "train")[0] == line(ax, "validation")[0] == [1, 2, 3, 4]
        assert ax.get_xlim() == (1, 4)
        assert ax.get_xticks()[0] == 1


def test_lines_are_means_over_repeats() -> None:
    loss, chosen_loss, metric, chosen_metric = drawn(LOSSES).axes
    assert line(loss, "validation")[1] == pytest.approx([0.8, 0.5, 0.5, 0.9])
    assert line(loss, "train")[1] == pytest.approx([0.7, 0.4, 0.4, 0.8])
    assert line(chosen_loss, "validation")[1] == pytest.approx([0.9, 0.6, 0.5, 0.4])
    assert line(metric, "validation")[1] == pytest.approx([0.92, 0.95, 0.95, 0.91])
    assert line(chosen_metric, "train")[1] == [1, 1, 1, 1]


def test_bands_are_one_standard_deviation_to_each_side() -> None:
    band = drawn(LOSSES).axes[0].collections[1]
    assert isinstance(band, PolyCollection)
    vertices = np.asarray(band.get_paths()[0].vertices, float)
    at_four = vertices[vertices[:, 0] == 4, 1]
    std = 0.2 / math.sqrt(2)
    assert (at_four.min(), at_four.max()) == pytest.approx((0.9 - std, 0.9 + std))


def test_baseline_stands_beside_chosen_on_the_same_y_axis() -> None:
    figure = drawn(LOSSES)
    loss, chosen_loss, metric, chosen_metric = figure.axes
    assert [ax.get_title() for ax in figure.axes[:2]] == ["baseline", "chosen: L2(0.1)"]
    assert loss.get_ylim() == chosen_loss.get_ylim()
    assert metric.get_ylim() == chosen_metric.get_ylim()
    assert [ax.get_ylabel() for ax in (loss, metric)] == ["data loss", "accuracy"]
    # The third candidate, at 9, is not drawn and does not stretch the axes.
    assert loss.get_ylim()[1] < 2


def test_the_epoch_of_the_lowest_mean_validation_loss_is_marked() -> None:
    figure = drawn({"baseline": [[0.9, 0.5, 0.4, 0.8]], "L2(0.1)": [[0.9, 0.6, 0.5, 0.45]]})
    assert [line(ax, "lowest")[0] for ax in figure.axes] == [[3, 3], [4, 4], [3, 3], [4, 4]]
    texts = [[text.get_text() for text in ax.texts] for ax in figure.axes]
    assert texts == [
        ["lowest validation loss: epoch 3"],
        ["lowest validation loss: epoch 4"],
        [],
        [],
    ]


def test_where_runs_end_early_the_lowest_epoch_is_one_that_all_of_them_reach() -> None:
    # The bad run ends after three epochs, and the mean falls to that of the good one.
    losses = {"baseline": [[0.9, 0.6, 0.8], [0.4, 0.3, 0.3, 0.3, 0.32]]}
    figure = drawn(losses, chosen="baseline")
    assert line(figure.axes[0], "lowest")[0] == [2, 2]
    (label,) = figure.axes[0].texts
    assert label.get_text() == "lowest while all 2 runs train: epoch 2"


def test_a_run_that_diverged_does_not_hide_the_epochs_after_it() -> None:
    losses = {"baseline": [[0.9, math.nan, math.nan], [0.4, 0.3, 0.2], [0.6, 0.5, 0.4]]}
    figure = drawn(losses, chosen="baseline")
    assert line(figure.axes[0], "lowest")[0] == [3, 3]
    assert figure.axes[0].texts[0].get_text() == "lowest validation loss: epoch 3"


def test_one_column_where_the_baseline_is_chosen() -> None:
    figure = drawn(LOSSES, chosen="baseline")
    assert [ax.get_title() for ax in figure.axes] == ["baseline", ""]


def test_a_logarithmic_loss_axis_over_more_than_a_decade_and_bands_stay_positive() -> None:
    # Mean − std is negative at the last epoch.
    losses = {"baseline": [[9.0, 1.0, 0.001], [9.0, 1.0, 0.2]], "L2(0.1)": [[9.0, 1.0, 0.5]]}
    figure = drawn(losses, gap=0.0)
    loss, _, metric, _ = figure.axes
    assert (loss.get_yscale(), metric.get_yscale()) == ("log", "linear")
    for band in loss.collections:
        assert np.asarray(band.get_paths()[0].vertices)[:, 1].min() > 0
    assert 0.01 < loss.get_ylim()[0] < 0.1005
    png(figure)


def test_one_run_of_one_epoch_is_a_point_without_warnings() -> None:
    figure = drawn({"baseline": [[0.9]], "L2(0.1)": [[0.8]]})
    png(figure)
    ax = figure.axes[0]
    assert ax.lines[0].get_marker() == "o"
    assert ax.get_xlim() == (0.5, 1.5) and [*ax.get_xticks()] == [1]


@pytest.mark.parametrize("broken", [math.nan, math.inf])
def test_values_that_are_not_finite_are_left_out_of_the_means(broken: float) -> None:
    figure = drawn({"baseline": [[0.9, 0.5, broken], [0.7, 0.5, 0.6]], "L2(0.1)": [[broken] * 3]})
    png(figure)
    loss, chosen_loss, *_ = figure.axes
    assert line(loss, "validation")[1] == pytest.approx([0.8, 0.5, 0.6])
    assert np.isnan(line(chosen_loss, "validation")[1]).all()
    assert not any(each.get_label() == "lowest" for each in chosen_loss.lines)


def test_repeats_of_different_length() -> None:
    figure = drawn({"baseline": [[0.9, 0.5], [0.7, 0.5, 0.6]], "L2(0.1)": [[0.8, 0.7, 0.6]]})
    assert line(figure.axes[0], "validation")[1] == pytest.approx([0.8, 0.5, 0.6])


def test_without_a_metric_there_is_one_row() -> None:
    frame = curves(LOSSES, metric="accuracy")
    figure = learning_curves_drawing(
        frame, metric="data_loss", baseline="baseline", chosen="L2(0.1)"
    ).figure()
    assert [ax.get_title() for ax in figure.axes] == ["baseline", "chosen: L2(0.1)"]


@pytest.mark.thorough
def test_a_frame_of_840_000_rows_is_drawn_fast_and_thinned() -> None:
    epochs, repeats, names = 4000, 30, ["baseline", *(f"L2({i})" for i in range(6))]
    rows = epochs * repeats * len(names)
    loss = np.tile(np.linspace(1, 0.5, epochs), repeats * len(names))
    lowest = loss.copy()
    lowest[2345::epochs] = 0.1
    frame = pd.DataFrame(
        {
            "candidate": np.repeat(names, epochs * repeats),
            "repeat": np.tile(np.repeat(np.arange(repeats), epochs), len(names)),
            "epoch": np.tile(np.arange(1, epochs + 1), repeats * len(names)),
            "train_data_loss": loss,
            "validation_data_loss": lowest,
            "train_accuracy": loss,
            "validation_accuracy": loss,
        }
    )
    assert len(frame) == rows == 840_000
    start = time.process_time()
    figure = learning_curves_drawing(
        frame, metric="accuracy", baseline="baseline", chosen="L2(3)"
    ).figure()
    png(figure)
    # About 0.3 s; the limit leaves room for a busy machine.
    assert time.process_time() - start < 5
    x, _ = line(figure.axes[0], "validation")
    assert len(x) <= MOST_POINTS and x[0] == 1 and x[-1] == epochs
    # Thinning does not move the epoch of the lowest loss.
    assert line(figure.axes[0], "lowest")[0] == [2346, 2346]
