"""Figures on axes of a user's, one panel alone, and in a column of a paper."""

import itertools
import re
from collections.abc import Callable, Iterator, Sequence

import matplotlib
import matplotlib.style
import numpy as np
import pytest
from matplotlib.axes import Axes
from matplotlib.colors import to_hex
from matplotlib.figure import Figure
from matplotlib.text import Text

from figures_cases import EVERY, PANELS, learning_curves, public_plots, strengths, wins
from report_cases import curves
from wane._errors import InputError
from wane.report.figures import FORMATS, Drawing, file_of, learning_curves_drawing
from wane.report.figures.panels import COLUMN_WIDTH

Make = Callable[[], Drawing]
every_name = pytest.mark.parametrize("name", EVERY)


def texts(figure: Figure) -> Iterator[Text]:
    """What is written in a figure and seen."""
    beyond = {
        label
        for ax in figure.axes
        for axis in (ax.xaxis, ax.yaxis)
        for tick in (*axis.get_major_ticks(), *axis.get_minor_ticks())
        for label in (tick.label1, tick.label2)
        if not min(axis.get_view_interval()) <= tick.get_loc() <= max(axis.get_view_interval())
    }
    for found in figure.findobj(Text):
        seen = isinstance(found, Text) and found.get_visible() and found.get_text()
        if isinstance(found, Text) and seen and found not in beyond:
            yield found


def is_cut(figure: Figure) -> bool:
    """Whether anything that is drawn reaches beyond a figure's edges, by half a point or more."""
    figure.draw_without_rendering()
    box, room = figure.get_tightbbox(), 0.5 / 72
    width, height = figure.get_size_inches()
    return bool(box.x0 < -room or box.y0 < -room or box.x1 > width + room or box.y1 > height + room)


def test_whatever_people_can_plot_is_held_by_these_tests() -> None:
    plots = public_plots()
    assert {"plot_boundary", "Comparison.plot_layers", "PathResult.plot"} <= set(plots)
    assert (
        set(plots)
        == {name.removesuffix(" of methods") for name in EVERY}
        == {name.removesuffix(" of methods") for name in PANELS}
    )
    for name, made in plots.items():
        own = made.parameters
        assert list(own)[:2] == ["self", "ax"] and own["ax"].default is None
        assert own["column"].default is False
        assert ("panel" in own) == (len(PANELS[name]) > 1)
        # Messages call a drawing as people do.
        assert EVERY[name]()._name == name


@every_name
def test_axes_are_drawn_on_in_the_users_style(name: str) -> None:
    with matplotlib.rc_context(), matplotlib.style.context("dark_background"):
        matplotlib.rcParams["font.size"] = 17
        figure = Figure()
        axes = figure.subplots(1, len(PANELS[name]), squeeze=False)[0]
        given = axes[0] if len(axes) == 1 else axes
        assert EVERY[name]().on(given) is given
        assert figure.get_layout_engine() is None
        assert not figure.legends and not figure.get_suptitle()
        for ax in axes:
            assert ax.lines or ax.patches
            assert {text.get_color() for text in (ax.xaxis.label, ax.yaxis.label)} == {"white"}
            assert ax.xaxis.label.get_fontsize() == 17
            # Nothing is drawn in the dark ink or on the white paper of wane's own style.
            for line in ax.lines:
                colors = {to_hex(line.get_color()), to_hex(line.get_markeredgecolor())}
                assert not colors & {"#333333", "#8c8c8c", "#0072b2", "#d55e00"}
        entries = axes[0].get_legend()
        if entries is not None:
            assert all(text.get_fontsize() == 17 for text in entries.get_texts())
        assert matplotlib.rcParams["font.size"] == 17


def is_bar(ax: Axes) -> bool:
    """Whether these are no panel, but what tells the colours of panels."""
    return ax.get_label() == "<colorbar>"


def overlapping(found: Sequence[Text]) -> list[tuple[str, str]]:
    """The pairs of texts that are drawn into each other."""
    seen = [text for text in found if text.get_visible() and text.get_text().strip()]
    boxes = [text.get_window_extent() for text in seen]
    return [
        (seen[i].get_text(), seen[j].get_text())
        for i, j in itertools.combinations(range(len(seen)), 2)
        if boxes[i].x0 < boxes[j].x1 and boxes[j].x0 < boxes[i].x1
        and boxes[i].y0 < boxes[j].y1 and boxes[j].y0 < boxes[i].y1
    ]  # fmt: skip


def is_upright(text: Text) -> bool:
    """Whether a text is not aslant: the boxes of aslant ones meet where they do not."""
    return text.get_rotation() in (0, 90)


@every_name
@pytest.mark.parametrize("column", [False, True])
def test_nothing_that_is_written_overlaps_or_is_cut(name: str, column: bool) -> None:
    figure = EVERY[name]().figure(column=column)
    figure.draw_without_rendering()
    assert overlapping([text for text in texts(figure) if is_upright(text)]) == []
    assert not is_cut(figure)


@every_name
def test_small_numbers_are_written_as_names_have_them(name: str) -> None:
    figure = EVERY[name]().figure()
    figure.draw_without_rendering()
    said = [text.get_text() for text in texts(figure)]
    assert not [text for text in said if re.search(r"\de[-+\u2212]?\d(?!\d)|\u00d710", text)]


@every_name
def test_each_panel_can_be_drawn_alone(name: str) -> None:
    for panel in PANELS[name]:
        ax = Figure().subplots()
        assert EVERY[name]().on(ax, panel) is ax
        assert ax.lines or ax.patches
        drawn = EVERY[name]().figure(panel)
        assert len([one for one in drawn.axes if not is_bar(one)]) == 1


def test_one_panel_of_learning_curves_says_all_that_it_is() -> None:
    ax = Figure().subplots()
    learning_curves().on(ax, "accuracy, chosen")
    assert (ax.get_xlabel(), ax.get_ylabel()) == ("epoch", "accuracy")
    assert ax.get_title() == "chosen: L2(0.001)"


def test_where_the_baseline_is_chosen_its_panel_has_both_names() -> None:
    frame = curves({"baseline": [[0.9, 0.5]]})
    made = learning_curves_drawing(
        frame, metric="data_loss", baseline="baseline", chosen="baseline"
    )
    for panel in ("data_loss, baseline", "data_loss, chosen"):
        ax = Figure().subplots()
        made.on(ax, panel)
        assert ax.get_title() == "baseline"


def test_wrong_axes_panels_and_sizes_are_refused() -> None:
    ax = Figure().subplots()
    with pytest.raises(InputError) as wrong:
        strengths().shown(ax)
    assert str(wrong.value) == (
        "plot_strengths draws 2 panels, 'accuracy', 'data_loss', and ax has 1 axes: give 2, or "
        "choose a panel, as with panel='accuracy'."
    )
    with pytest.raises(InputError) as wrong:
        wins().shown([ax, ax])
    assert str(wrong.value) == (
        "plot_wins draws 1 panel here, and ax has 2 axes: give one of them."
    )
    with pytest.raises(InputError) as wrong:
        strengths().shown(ax, panel="loss")
    assert str(wrong.value) == (
        "plot_strengths has no panel 'loss': panel must be one of 'accuracy', 'data_loss'."
    )
    with pytest.raises(InputError, match="ax must be axes of matplotlib's"):
        strengths().shown(ax.figure)
    with pytest.raises(InputError, match=r"give one of the two\.$"):
        strengths().shown(ax, column=True)


@every_name
def test_a_figure_for_a_column_is_as_wide_as_that_and_nothing_is_cut(name: str) -> None:
    figure = EVERY[name]().figure(column=True)
    assert figure.get_figwidth() == COLUMN_WIDTH == 3.35
    assert not is_cut(figure)
    assert figure.get_figheight() < 9.5
    axes = [ax for ax in figure.axes if not is_bar(ax)]
    assert len(axes) == len(PANELS[name])
    # Panels stand beneath each other, and are not squeezed by names beside them.
    assert all(ax.get_window_extent().width > 0.4 * figure.bbox.width for ax in axes)
    assert all(ax.get_window_extent().height > 0.6 * figure.dpi for ax in axes)
    assert min(float(text.get_fontsize()) for text in texts(figure)) >= 6.5


def test_a_legend_in_too_narrow_a_figure_would_be_seen_as_cut() -> None:
    figure = strengths().figure(column=True)
    figure.set_size_inches(2.0, figure.get_figheight())
    assert is_cut(figure)


SIZES: dict[str, tuple[bytes, bytes]] = {
    "pdf": (b"%PDF-", b"/MediaBox [ 0 0 241.2 "),
    "svg": (b"<?xml", b'width="241.2pt"'),
    "png": (b"\x89PNG\r\n", round(3.35 * 300).to_bytes(4, "big")),
}


@pytest.mark.parametrize("kind", FORMATS)
def test_every_format_begins_as_it_should_and_has_the_width_of_a_column(kind: str) -> None:
    magic, width = SIZES[kind]
    image = file_of(wins().figure(column=True), kind)
    assert image.startswith(magic) and width in image


@pytest.mark.thorough
@pytest.mark.parametrize("kind", FORMATS)
def test_files_are_the_same_each_time(kind: str) -> None:
    first, second = (file_of(strengths().figure(), kind) for _ in range(2))
    assert first == second


def test_a_panel_on_axes_holds_what_the_figure_holds() -> None:
    whole = strengths().figure().axes[1]
    ax = Figure().subplots()
    strengths().on(ax, "data_loss")
    for own, other in zip(ax.lines, whole.lines, strict=True):
        np.testing.assert_array_equal(own.get_xydata(), other.get_xydata())
    assert ax.get_yscale() == whole.get_yscale() == "log"
    assert ax.get_ylim() == whole.get_ylim()
