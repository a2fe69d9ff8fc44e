"""The figure of metric and data loss against strength: what its artists hold."""

import math

import numpy as np
import pandas as pd
import pytest
from matplotlib.axes import Axes
from matplotlib.colors import to_hex
from matplotlib.container import ErrorbarContainer
from matplotlib.figure import Figure
from matplotlib.lines import Line2D

from report_cases import MOONS, Row, summary
from wane.report.figures import png, strengths_drawing
from wane.report.figures.strength_series import StrengthScale

ROLES = (("kernel",), ("kernel", "bias"))


def bars(ax: Axes) -> dict[str, ErrorbarContainer]:
    """The lines with error bars by label."""
    return {str(c.get_label()): c for c in ax.containers if isinstance(c, ErrorbarContainer)}


def line(ax: Axes, label: str) -> tuple[list[float], list[float]]:
    drawn = bars(ax)[label].lines[0]
    assert isinstance(drawn, Line2D)
    return [*np.asarray(drawn.get_xdata(), float)], [*np.asarray(drawn.get_ydata(), float)]


def labelled(ax: Axes, label: str) -> list[Line2D]:
    return [drawn for drawn in ax.lines if drawn.get_label() == label]


def legend(figure: Figure) -> list[str]:
    return [text.get_text() for text in figure.legends[0].get_texts()]


def ticks(ax: Axes) -> list[str]:
    figure = ax.get_figure(root=True)
    assert figure is not None
    figure.draw_without_rendering()  # those that have room
    return [tick.get_text() for tick in ax.get_xticklabels()]


def test_the_means_stand_at_their_strengths() -> None:
    metric, loss = strengths_drawing(summary(), metric="accuracy", chosen="L2(0.001)").figure().axes
    strengths = pytest.approx([1e-05, 0.001, 0.1])
    for ax in (metric, loss):
        assert line(ax, "L2, train")[0] == line(ax, "L2, validation")[0] == strengths
    assert line(metric, "L2, train")[1] == [1.0, 0.998, 0.867]
    assert line(metric, "L2, validation")[1] == [0.922, 0.943, 0.854]
    assert line(loss, "L2, train")[1] == [2.1e-04, 0.0312, 0.47]
    assert line(loss, "L2, validation")[1] == [0.33, 0.162, 0.487]
    assert [ax.get_ylabel() for ax in (metric, loss)] == ["accuracy", "data loss"]
    assert [ax.get_xlabel() for ax in (metric, loss)] == ["penalty strength"] * 2
    assert [ax.get_xscale() for ax in (metric, loss)] == ["log", "log"]


def test_error_bars_are_one_standard_deviation_to_each_side() -> None:
    metric, _ = (
        strengths_drawing(summary(std=0.02), metric="accuracy", chosen="L2(0.001)").figure().axes
    )
    _, _, collections = bars(metric)["L2, validation"].lines
    second = np.asarray(collections[0].get_paths()[1].vertices, float)
    np.testing.assert_allclose(second, np.array([[0.001, 0.923], [0.001, 0.963]]))


def test_the_baseline_stands_left_of_the_break_under_its_own_tick() -> None:
    metric, loss = strengths_drawing(summary(), metric="accuracy", chosen="L2(0.001)").figure().axes
    (x,), (y,) = line(metric, "none, validation")
    assert x < 1e-05 and y == 0.914
    assert ticks(metric) == ["none", "1e-05", "0.0001", "0.001", "0.01", "0.1"]
    assert metric.get_xticks()[0] == pytest.approx(x)
    assert line(loss, "none, train")[1] == [2.1e-05]
    (reference,) = labelled(metric, "reference")
    assert set(np.asarray(reference.get_ydata())) == {0.914}


@pytest.mark.parametrize(
    ("chosen", "y"), [("L2(0.001)", (0.943, 0.162)), ("baseline", (0.914, 0.498))]
)
def test_the_chosen_candidate_wears_a_ring_in_both_panels(
    chosen: str, y: tuple[float, float]
) -> None:
    figure = strengths_drawing(summary(), metric="accuracy", chosen=chosen).figure()
    rings = [labelled(ax, "chosen") for ax in figure.axes]
    assert [[*np.asarray(ring.get_ydata())] for (ring,) in rings] == [[y[0]], [y[1]]]
    label = "none, validation" if chosen == "baseline" else "L2, validation"
    xs, ys = line(figure.axes[0], label)
    assert [*np.asarray(rings[0][0].get_xdata())] == [xs[ys.index(y[0])]]
    assert legend(figure) == [
        "train",
        "validation",
        "no penalty, validation",
        f"chosen: {chosen}",
    ]


def test_the_loss_axis_is_logarithmic_only_over_more_than_a_decade() -> None:
    wide = strengths_drawing(summary(), metric="accuracy", chosen="baseline").figure()
    assert [ax.get_yscale() for ax in wide.axes] == ["linear", "log"]
    rows: list[Row] = [("baseline", None, 0, 1, 1, 0.1, 0.9), ("L2(1)", "L2", 1, 1, 1, 0.3, 0.8)]
    narrow = strengths_drawing(summary(rows), metric="accuracy", chosen="baseline").figure()
    assert [ax.get_yscale() for ax in narrow.axes] == ["linear", "linear"]


def test_negative_losses_keep_a_linear_axis() -> None:
    rows: list[Row] = [("baseline", None, 0, 1, 1, -9.0, 0.01), ("L2(1)", "L2", 1, 1, 1, 5, 8)]
    figure = strengths_drawing(summary(rows), metric="accuracy", chosen="baseline").figure()
    assert figure.axes[1].get_yscale() == "linear"


def test_the_upper_ends_of_bars_are_seen_on_a_logarithmic_axis() -> None:
    figure = strengths_drawing(summary(std=0.4), metric="accuracy", chosen="L2(0.001)").figure()
    assert figure.axes[1].get_yscale() == "log"
    assert figure.axes[1].get_ylim()[1] > 0.498 + 0.4


def test_a_bar_that_reaches_below_zero_does_not_stretch_a_logarithmic_axis() -> None:
    figure = strengths_drawing(summary(std=0.3), metric="accuracy", chosen="L2(0.001)").figure()
    png(figure)
    assert figure.axes[1].get_yscale() == "log"
    assert figure.axes[1].get_ylim()[0] > 1e-06


def test_ticks_in_a_narrow_figure_keep_apart() -> None:
    figure = strengths_drawing(summary(), metric="accuracy", chosen="baseline").figure(column=True)
    found = ticks(figure.axes[0])
    assert found[0] == "none" and 2 < len(found) < 6 and "1e-05" not in found
    figure.set_size_inches(12, 4)
    assert ticks(figure.axes[0]) == ["none", "1e-05", "0.0001", "0.001", "0.01", "0.1"]


def test_the_best_of_one_strength_is_not_called_chosen_where_a_search_chose_another() -> None:
    figure = strengths_drawing(
        summary(), metric="accuracy", chosen="L2(0.001)", is_choice=False
    ).figure()
    assert legend(figure)[-1] == "best of one strength: L2(0.001)"


def test_penalties_and_targets_are_series_of_their_own() -> None:
    def l2(strength: float, layers: str, validation: float) -> Row:
        name = f"L2({strength:g}, layers={layers!r}, on='kernel+recurrent')"
        return (name, "L2", strength, 0.9, validation, 0.2, 0.3)

    rows: list[Row] = [
        ("baseline", None, 0.0, 1.0, 0.5, 0.1, 0.9),
        l2(0.1, "hidden", 0.7),
        l2(0.01, "hidden", 0.6),
        l2(0.01, "all", 0.8),
        l2(0.1, "all", 0.81),
        ("L1(0.1)", "L1", 0.1, 0.9, 0.75, 0.2, 0.3),
    ]
    targets = {
        name: [(layers, ("kernel", "recurrent"))]
        for (name, *_), layers in zip(
            rows[1:], ("hidden", "hidden", "all", "all", "all"), strict=True
        )
    }
    figure = strengths_drawing(
        summary(rows), metric="accuracy", chosen="L1(0.1)", targets=targets
    ).figure()
    metric = figure.axes[0]
    assert line(metric, "L2 (hidden), validation")[1] == [0.6, 0.7]
    assert line(metric, "L2 (all), validation")[1] == [0.8, 0.81]
    assert line(metric, "L1, validation")[1] == [0.75]
    # Apart from each other, but by far less than one strength from the next.
    assert line(metric, "L2 (hidden), train")[0] == pytest.approx([0.01, 0.1], rel=0.2)
    assert line(metric, "L2 (hidden), train")[0][0] != line(metric, "L2 (all), train")[0][0]
    assert legend(figure)[2:5] == ["L2 (hidden)", "L2 (all)", "L1"]
    names = ("L2 (hidden), train", "L2 (all), train", "L1, train")
    lines = [bars(metric)[name].lines[0] for name in names]
    assert len({to_hex(drawn.get_color()) for drawn in lines if drawn}) == 3
    assert len({drawn.get_marker() for drawn in lines if drawn}) == 3


def test_roles_are_named_where_series_differ_in_them() -> None:
    rows: list[Row] = [
        (f"L2(0.1, layers='all', on='{'+'.join(on)}')", "L2", 0.1, 0.9, 0.8, 0.2, 0.3)
        for on in ROLES
    ]
    targets = {row[0]: [("all", on)] for row, on in zip(rows, ROLES, strict=True)}
    figure = strengths_drawing(
        summary(rows), metric="accuracy", chosen=rows[0][0], targets=targets
    ).figure()
    assert "L2 (all, kernel)" in legend(figure)
    assert "L2 (all, kernel+bias)" in legend(figure)


def test_one_run_has_no_bars_and_no_warnings() -> None:
    figure = strengths_drawing(
        summary(std=math.nan), metric="accuracy", chosen="L2(0.001)"
    ).figure()
    png(figure)
    _, _, collections = bars(figure.axes[0])["L2, train"].lines
    heights = [np.ptp(np.asarray(path.vertices)[:, 1]) for path in collections[0].get_paths()]
    assert heights == [0.0, 0.0, 0.0]


def test_one_strength() -> None:
    figure = strengths_drawing(
        summary([MOONS[0], MOONS[2]]), metric="accuracy", chosen="baseline"
    ).figure()
    assert ticks(figure.axes[0]) == ["none", "0.001"]
    png(figure)


def test_only_a_baseline() -> None:
    figure = strengths_drawing(summary(MOONS[:1]), metric="accuracy", chosen="baseline").figure()
    assert ticks(figure.axes[0]) == ["none"]
    assert legend(figure) == ["train", "validation", "chosen: baseline"]
    png(figure)


def test_strengths_within_a_decade_have_ticks_at_the_ends() -> None:
    rows = [MOONS[0], *[(f"L2({s})", "L2", s, 1.0, 1.0, 0.1, 0.2) for s in (0.02, 0.03, 0.05)]]
    figure = strengths_drawing(summary(rows), metric="accuracy", chosen="baseline").figure()
    assert ticks(figure.axes[0]) == ["none", "0.02", "0.05"]


def test_many_decades_have_no_more_ticks_than_can_be_read() -> None:
    rows = [MOONS[0], *[(f"L2({s})", "L2", s, 1.0, 1.0, 0.1, 0.2) for s in (1e-30, 1.0)]]
    figure = strengths_drawing(summary(rows), metric="accuracy", chosen="baseline").figure()
    assert 4 <= len(ticks(figure.axes[0])) <= 10


def test_strength_zero_of_a_penalty_stands_at_none() -> None:
    rows: list[Row] = [*MOONS, ("L2(0)", "L2", 0.0, 0.9, 0.8, 0.1, 0.2)]
    metric = strengths_drawing(summary(rows), metric="accuracy", chosen="L2(0)").figure().axes[0]
    x, y = line(metric, "L2, validation")
    assert x[0] == line(metric, "none, validation")[0][0] and y[0] == 0.8


def test_negative_metric() -> None:
    rows: list[Row] = [
        ("baseline", None, 0.0, 0.9, -2.5, 0.1, 0.9),
        ("L2(1)", "L2", 1.0, 0.8, -0.1, 0.2, 0.6),
    ]
    figure = strengths_drawing(summary(rows, metric="r2"), metric="r2", chosen="L2(1)").figure()
    metric = figure.axes[0]
    assert line(metric, "none, validation")[1] == [-2.5]
    assert (metric.get_ylabel(), metric.get_yscale()) == ("R²", "linear")
    assert metric.get_ylim()[0] < -2.5


@pytest.mark.parametrize("broken", [math.nan, math.inf, -math.inf])
def test_a_mean_that_is_not_finite_is_a_gap_and_a_cross(broken: float) -> None:
    rows: list[Row] = [
        *MOONS,
        ("L2(0.01)", "L2", 0.01, broken, broken, broken, broken),
    ]
    figure = strengths_drawing(summary(rows), metric="accuracy", chosen="L2(0.01)").figure()
    png(figure)
    metric, loss = figure.axes
    np.testing.assert_equal(line(metric, "L2, validation")[1], [0.922, 0.943, math.nan, 0.854])
    assert [[*np.asarray(c.get_xdata())] for c in labelled(metric, "not finite")] == [[0.01]] * 2
    assert legend(figure)[-1] == "not finite"
    assert loss.get_yscale() == "log"


def test_nothing_finite_at_all() -> None:
    rows: list[Row] = [("baseline", None, 0.0, math.nan, math.nan, math.nan, math.nan)]
    png(strengths_drawing(summary(rows), metric="accuracy", chosen="baseline").figure())


def test_without_a_metric_there_is_one_panel() -> None:
    frame = summary(metric="data_loss")
    (ax,) = strengths_drawing(frame, metric="data_loss", chosen="baseline").figure().axes
    assert ax.get_ylabel() == "data loss"


@pytest.mark.parametrize(
    ("kinds", "title"),
    [
        (["", "L2", "L1"], "penalty strength"),
        (["", "L2", "LearningRate"], "strength or rate"),
        (["", "L2 + Dropout", "L1"], "penalty strength"),
        (["", "LearningRate", "LearningRate"], "learning rate"),
        (["", "Dropout", "Dropout"], "dropout rate"),
        (["", "EarlyStopping", "L2"], "penalty strength"),
    ],
)
def test_the_axis_is_called_after_what_it_shows(kinds: list[str], title: str) -> None:
    strengths = [0.0, 0.0 if "EarlyStopping" in kinds else 0.1, 0.2]
    summary = pd.DataFrame({"penalty": kinds, "strength": strengths})
    assert StrengthScale.of(summary).title == title
