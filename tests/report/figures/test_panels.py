"""Figures on axes of a user's, one panel alone, and in a column of a paper."""

from collections.abc import Callable, Iterator

import matplotlib
import matplotlib.style
import numpy as np
import pytest
from matplotlib.axes import Axes
from matplotlib.colors import to_hex
from matplotlib.figure import Figure
from matplotlib.text import Text

from figures_cases import EVERY, PANELS, learning_curves, strengths, wins
from report_cases import curves
from wane._errors import InputError
from wane.report.figures import FORMATS, Drawing, file_of, learning_curves_drawing
from wane.report.figures.panels import COLUMN_WIDTH

Make = Callable[[], Drawing]
every_name = pytest.mark.parametrize("name", EVERY)


def texts(figure: Figure) -> Iterator[Text]:
    """What is written in a figure and seen."""
    for found in figure.findobj(Text):
        if isinstance(found, Text) and found.get_visible() and found.get_text():
            yield found


def is_cut(figure: Figure) -> bool:
    """Whether anything that is drawn reaches beyond a figure's edges, by half a point or more."""
    figure.draw_without_rendering()
    box, room = figure.get_tightbbox(), 0.5 / 72
    width, height = figure.get_size_inches()
    return bool(box.x0 < -room or box.y0 < -room or box.x1 > width + room or box.y1 > height + room)


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


@every_name
def test_each_panel_can_be_drawn_alone(name: str) -> None:
    for panel in PANELS[name]:
        ax = Figure().subplots()
        assert EVERY[name]().on(ax, panel) is ax
        assert ax.lines or ax.patches
        assert len(EVERY[name]().figure(panel).axes) == 1


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
    axes = [ax for ax in figure.axes if isinstance(ax, Axes)]
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
