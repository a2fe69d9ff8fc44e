"""Figures of one panel or several: as a whole, for a column of a paper, or on axes of a user's."""

import dataclasses
import functools
import textwrap
from collections.abc import Callable, Mapping, Sequence
from typing import Any, Literal, ParamSpec

import matplotlib
import numpy as np
from matplotlib.artist import Artist
from matplotlib.axes import Axes
from matplotlib.figure import Figure
from matplotlib.text import Text
from rich.cells import cell_len

from wane._errors import InputError, listed
from wane._language import ENGLISH, language
from wane.report.figures.fonts import completed, readable
from wane.report.figures.style import DPI, FAINT, INK, NotebookFigure, dress, styled
from wane.report.terminal import line_breaks

P = ParamSpec("P")

COLUMN_WIDTH = 3.35
"""Inches: a column of a paper of two columns."""
COLUMN_DPI = 300
WHOLE_LINE = 0.18
"""Inches: the height of a line in a whole figure."""
BAR_LINES = 3.5
"""Lines of a legend that are as high as a colour bar with its label."""
LINE = 0.15
"""Inches: the height of a line of a legend in a column."""


@dataclasses.dataclass(frozen=True)
class Panel:
    """One pair of axes."""

    draw: Callable[[Axes], None]
    xlabel: str = ""
    ylabel: str = ""
    head: Callable[[Axes], object] | None = None
    """Draws its title, and what stands above it."""


@dataclasses.dataclass(frozen=True)
class Bar:
    """What the colours of all panels mean."""

    image: Callable[[Mapping[str, Axes]], Any]
    """What has the colours, of the axes by panel when these are drawn."""
    label: str
    ticks: tuple[float, ...]


@dataclasses.dataclass(frozen=True, kw_only=True)
class Plan:
    """What a figure draws, in the language and the style of now."""

    panels: Mapping[str, Panel]
    """By the names by which people choose one, row by row."""
    size: tuple[float, float]
    """Width and height of the whole figure, in inches."""
    columns: int = 1
    sharex: Literal["none", "col"] = "none"
    """With ``"col"`` the panels of a column have one title and one label beneath."""
    sharey: Literal["none", "row", "all"] = "none"
    """Other than with ``"none"`` the panels of a row have one label."""
    grid: Literal["x", "y"] = "y"
    """With ``"x"`` the upright axis has names."""
    legend: Callable[[Mapping[str, Axes]], Sequence[Artist]] = lambda _: ()
    """Its entries, of the axes by panel when these are drawn."""
    legend_columns: int = 4
    aliases: Mapping[str, str] = dataclasses.field(default_factory=dict)
    """Further names of panels, of what is the same here."""
    bar: Bar | None = None
    """On axes of a user's there is none, since it would take room from these."""
    heights: tuple[float, ...] = (2.2, 1.8)
    """Of a panel in a column: where there are one or two, and where there are more."""


class Drawing:
    """A figure that can be drawn in several places, with the labels of the language of then.

    Args:
        name: of the method that people call.
        plan: makes the plan.
    """

    def __init__(self, name: str, plan: Callable[[], Plan]) -> None:
        self._name, self._plan = name, plan

    def shown(self, ax: Any, panel: str | None = None, column: bool = False) -> Any:
        """The figure, or the axes that are given, drawn on.

        Args:
            ax: axes, or as many as there are panels; None for a figure.
            panel: the panel that is drawn alone.
            column: whether the figure is for a column of a paper.

        Raises:
            InputError: if there are more or fewer axes than panels, or there is no such panel.
        """
        if ax is None:
            return self.figure(panel, column)
        if column:
            raise InputError(
                "column=True makes a figure of its own, and ax= draws on axes whose size is yours: "
                "give one of the two."
            )
        return self.on(ax, panel)

    def figure(self, panel: str | None = None, column: bool = False) -> Figure:
        """A figure in wane's own style; arguments as of :meth:`shown`."""
        with styled(column):
            plan = self._chosen(panel)
            return _in_column(plan) if column else _whole(plan)

    def on(self, ax: Any, panel: str | None = None) -> Any:
        """Draw on axes under the settings of now; returns them as given."""
        axes = [ax] if isinstance(ax, Axes) else list(np.ravel(np.asarray(ax, dtype=object)))
        if not all(isinstance(one, Axes) for one in axes):
            raise InputError(
                f"ax must be axes of matplotlib's, or several of them, got {ax!r}: give those of "
                f"plt.subplots()."
            )
        with readable():
            plan = self._chosen(panel)
            if len(axes) != len(plan.panels):
                raise InputError(self._numbers(len(axes), list(plan.panels)))
            there = {text for one in axes for text in _texts_of(one)}
            for one, own in zip(axes, plan.panels.values(), strict=True):
                _draw(one, own)
            entries = list(plan.legend(dict(zip(plan.panels, axes, strict=True))))
            if entries:
                axes[0].legend(handles=entries)  # in the place of one that is there
            new = [text for one in axes for text in _texts_of(one) if text not in there]
            for text in [*new, *(label for one in axes for label in _labels_of(one))]:
                text.set_parse_math(False)  # a name with dollar signs is a name
                if language() != ENGLISH:
                    completed([text])
        return ax

    def _chosen(self, panel: str | None) -> Plan:
        """The plan, or that of one of its panels alone."""
        plan = self._plan()
        if panel is None:
            return plan
        panel = plan.aliases.get(panel, panel)
        if panel not in plan.panels:
            raise InputError(
                f"{self._name} has no panel {panel!r}: panel must be one of {listed(plan.panels)}."
            )
        rows = -(-len(plan.panels) // plan.columns)
        width, height = plan.size
        return dataclasses.replace(
            plan,
            panels={panel: plan.panels[panel]},
            size=(max(4.8, width / plan.columns), max(3.6, height / rows)),
            columns=1,
            legend_columns=min(2, plan.legend_columns),
        )

    def _numbers(self, given: int, names: Sequence[str]) -> str:
        if len(names) == 1:
            return f"{self._name} draws 1 panel here, and ax has {given} axes: give one of them."
        return (
            f"{self._name} draws {len(names)} panels, {listed(names)}, and ax has {given} axes: "
            f"give {len(names)}, or choose a panel, as with panel={names[0]!r}."
        )


def _texts_of(ax: Axes) -> list[Text]:
    return [text for text in ax.findobj(Text) if isinstance(text, Text)]


def _labels_of(ax: Axes) -> list[Text]:
    """The texts that axes have from their beginning, and that a panel fills."""
    ticks = [*ax.get_xticklabels(), *ax.get_yticklabels()]
    return [ax.title, ax.xaxis.label, ax.yaxis.label, *ticks]


def drawing(name: str) -> Callable[[Callable[P, Plan]], Callable[P, Drawing]]:
    """Makes a function that gives a plan one that gives a drawing.

    Args:
        name: of the method that people call.
    """

    def decorated(plan: Callable[P, Plan]) -> Callable[P, Drawing]:
        @functools.wraps(plan)
        def later(*args: P.args, **options: P.kwargs) -> Drawing:
            return Drawing(name, functools.partial(plan, *args, **options))

        return later

    return decorated


def _draw(ax: Axes, panel: Panel, *, x: bool = True, y: bool = True, head: bool = True) -> None:
    """A panel with its labels, or with some of them."""
    panel.draw(ax)
    if panel.xlabel and x:
        ax.set_xlabel(panel.xlabel)
    if panel.ylabel and y:
        ax.set_ylabel(panel.ylabel)
    if panel.head is not None and head:
        panel.head(ax)


def _whole(plan: Plan) -> Figure:
    """All panels beside and beneath each other."""
    figure = NotebookFigure(figsize=plan.size, dpi=DPI, layout="constrained")
    rows = -(-len(plan.panels) // plan.columns)
    axes = figure.subplots(
        rows, plan.columns, squeeze=False, sharex=plan.sharex, sharey=plan.sharey
    )
    every = list(axes.ravel())
    for unused in every[len(plan.panels) :]:
        unused.remove()
    every = every[: len(plan.panels)]
    for ax in every:  # all of them first, since axes that are shared have one formatter
        dress(ax, plan.grid)
    for place, (ax, panel) in enumerate(zip(every, plan.panels.values(), strict=True)):
        row, at = divmod(place, plan.columns)
        _draw(
            ax,
            panel,
            x=plan.sharex == "none" or row == rows - 1,
            y=plan.sharey == "none" or at == 0,
            head=plan.sharex == "none" or row == 0,
        )
    if plan.sharex != "none":
        figure.align_ylabels(axes[:, 0])
    if plan.bar is not None:
        _draw_bar(figure, plan.bar, dict(zip(plan.panels, every, strict=True)))
    entries = list(plan.legend(dict(zip(plan.panels, every, strict=True))))
    columns = min(len(entries), plan.legend_columns)
    if _is_long(figure, every, entries, columns):
        lines: float = sum(_narrow_names(figure, ax) for ax in every) if plan.grid == "x" else 0
        if entries:
            rows = -(-len(entries) // columns)
            lines += _narrow_legend(figure, entries, columns) - rows
        lines += _fit_titles(figure, every)
        figure.set_size_inches(plan.size[0], plan.size[1] + WHOLE_LINE * lines)
    elif entries:
        figure.legend(handles=entries, loc="outside lower center", ncols=columns)
    return figure


def _is_long(figure: Figure, axes: Sequence[Axes], entries: Sequence[Any], columns: int) -> bool:
    """Whether names may be too long for a whole figure; to measure each one would take time."""
    width = figure.get_figwidth()
    texts = [cell_len(str(entry.get_label())) for entry in entries]
    rows = -(-len(texts) // max(1, columns))
    # A letter is mostly less than 0.08 inches wide, and the sign of an entry than 0.7 of them.
    longest = [max(texts[first : first + rows]) for first in range(0, len(texts), rows or 1)]
    if sum(0.08 * length + 0.7 for length in longest) > width:
        return True
    names = [line for ax in axes for t in ax.get_yticklabels() for line in t.get_text().split("\n")]
    if any(0.065 * cell_len(name) > 0.42 * width for name in names):
        return True
    room = max(ax.get_position().width for ax in axes) * width
    heads = [text for ax in axes for text in (ax.get_title(), ax.get_xlabel())]
    return any(0.09 * cell_len(text) > room for text in heads)


def _fit_titles(figure: Figure, axes: Sequence[Axes]) -> int:
    """Break titles of panels beside each other, and of their axes; returns the most lines more."""
    figure.draw_without_rendering()
    more = 0
    for ax in axes:
        for text in (ax.title, ax.xaxis.label):
            before = text.get_text().count("\n")
            _fit(text, ax.get_window_extent().width)
            more = max(more, text.get_text().count("\n") - before)
    return more


def _in_column(plan: Plan) -> Figure:
    """All panels beneath each other, as wide as a column, with every text inside."""
    count = len(plan.panels)
    figure = NotebookFigure(figsize=(COLUMN_WIDTH, 4), dpi=COLUMN_DPI, layout="constrained")
    axes = list(figure.subplots(count, 1, squeeze=False)[:, 0])
    for ax, panel in zip(axes, plan.panels.values(), strict=True):
        dress(ax, plan.grid)
        _draw(ax, panel)
    lines: float = sum(_narrow_names(figure, ax) for ax in axes) if plan.grid == "x" else 0
    if plan.bar is not None:
        _draw_bar(figure, plan.bar, dict(zip(plan.panels, axes, strict=True)), beneath=True)
        lines += BAR_LINES
    entries = list(plan.legend(dict(zip(plan.panels, axes, strict=True))))
    if entries:
        lines += _narrow_legend(figure, entries, plan.legend_columns)
    height = plan.heights[0 if count <= 2 else -1] * count + LINE * lines
    figure.set_size_inches(COLUMN_WIDTH, height)
    figure.align_ylabels(axes)
    figure.draw_without_rendering()
    for ax in axes:
        box = ax.get_window_extent()
        middle = (box.x0 + box.x1) / 2
        for text in (ax.title, ax.xaxis.label):
            _fit(text, 2 * min(middle, figure.bbox.width - middle))
        _fit(ax.yaxis.label, box.height, upright=True)
    return figure


def _draw_bar(figure: Figure, bar: Bar, axes: Mapping[str, Axes], beneath: bool = False) -> None:
    """A colour bar beside all panels, or beneath them."""
    place: dict[str, Any] = {"shrink": 0.85, "aspect": 28}
    if beneath:
        place |= {"location": "bottom", "pad": 0.02}
    image = bar.image(axes)
    drawn = figure.colorbar(image, ax=list(axes.values()), ticks=list(bar.ticks), **place)
    size = matplotlib.rcParams["xtick.labelsize"]
    drawn.ax.tick_params(labelsize=size, color=FAINT, labelcolor=INK)
    drawn.set_label(bar.label)
    drawn.outline.set_visible(False)


def _narrow_names(figure: Figure, ax: Axes) -> int:
    """Break the names of rows into lines; returns how many there are beyond one for each."""
    names = ax.get_yticklabels()
    before = sum(text.get_text().count("\n") for text in names)
    for text in names:
        _fit(text, 0.42 * figure.bbox.width)
    shown = [text.get_text() for text in names]
    ax.set_yticklabels(shown)
    return sum(text.count("\n") for text in shown) - before


def _narrow_legend(figure: Figure, entries: Sequence[Any], most: int) -> int:
    """A legend of as many columns as there is room for; returns how many lines it has."""
    for columns in range(min(most, len(entries)), 0, -1):
        legend = figure.legend(handles=entries, loc="outside lower center", ncols=columns)
        figure.draw_without_rendering()
        width = legend.get_window_extent().width
        if width <= figure.bbox.width or columns == 1:
            break
        legend.remove()
    texts = legend.get_texts()
    beside = width - max(text.get_window_extent().width for text in texts)
    for text in texts:
        _fit(text, figure.bbox.width - beside)
    return -(-sum(text.get_text().count("\n") + 1 for text in texts) // columns)


def _fit(text: Text, room: float, *, upright: bool = False) -> None:
    """Break a text into lines of so many pixels."""
    extent, shown = text.get_window_extent(), text.get_text().splitlines()
    length = extent.height if upright else extent.width
    if length > room:
        widest = max(cell_len(line) for line in shown)
        most = max(8, int(widest * room / length * 0.95))
        text.set_text("\n".join(line for one in shown for line in _in_lines(one, most)))


def _in_lines(text: str, width: int) -> list[str]:
    """A text in lines of so many characters, of which a Chinese one counts as two."""
    if len(text) == cell_len(text):
        return textwrap.wrap(text, width, break_on_hyphens=False)
    ends = [*line_breaks(text, width), len(text)]
    return [text[i:j].rstrip() for i, j in zip([0, *ends], ends, strict=False)]
