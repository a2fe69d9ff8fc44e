"""How every figure looks, and what several figures need: one place for colours and sizes."""

import contextlib
import io
import re
from collections.abc import Iterator
from typing import Any, Literal

import matplotlib
import numpy as np
from cycler import cycler
from matplotlib.axes import Axes
from matplotlib.backend_bases import FigureCanvasBase as Canvas
from matplotlib.backends.backend_agg import FigureCanvasAgg
from matplotlib.backends.backend_pdf import FigureCanvasPdf
from matplotlib.backends.backend_svg import FigureCanvasSVG
from matplotlib.figure import Figure
from matplotlib.font_manager import FontProperties
from matplotlib.ticker import FuncFormatter, LogLocator, NullFormatter, NullLocator, ScalarFormatter
from numpy.typing import ArrayLike, NDArray

from wane._language import gettext
from wane.report.figures.fonts import of_any_weight, readable
from wane.report.wording import filled, part_label

# Okabe & Ito's palette, which people with any common colour blindness can tell apart.
TRAIN = "#0072B2"
VALIDATION = "#D55E00"
SERIES_COLORS = ("#0072B2", "#D55E00", "#009E73", "#CC79A7", "#E69F00", "#56B4E9")
SERIES_MARKERS = ("o", "s", "^", "D", "v", "P")
INK = "#333333"
FAINT = "#8c8c8c"
GRID = "#e6e6e6"
PAPER = "#ffffff"

DPI = 150
SPLIT_COLORS = {"train": TRAIN, "validation": VALIDATION}
SPLIT_LINES = {"train": (0, (4, 2)), "validation": "-"}
"""Training is dashed and validation solid, so that the two differ without colour too."""

# Everything else is matplotlib's default, not the user's setting, so that a study looks the same
# everywhere; but for fonts, of which theirs may have the letters that their names need.
_RC: dict[Any, Any] = {
    name: value
    for name, value in matplotlib.rcParamsDefault.items()
    if not name.startswith(("backend", "interactive", "font."))
} | {
    "font.family": "sans-serif",
    "font.size": 9.5,
    "axes.titlesize": 10.5,
    "axes.labelsize": 9.5,
    "legend.fontsize": 9,
    "xtick.labelsize": 9,
    "ytick.labelsize": 9,
    "figure.facecolor": PAPER,
    "figure.constrained_layout.w_pad": 0.1,
    "figure.constrained_layout.h_pad": 0.1,
    "axes.facecolor": PAPER,
    "text.color": INK,
    "axes.labelcolor": INK,
    "axes.titlecolor": INK,
    "axes.edgecolor": FAINT,
    "axes.prop_cycle": cycler(color=SERIES_COLORS),
    "grid.color": GRID,
    "axes.spines.top": False,
    "axes.spines.right": False,
    "axes.axisbelow": True,
    "lines.linewidth": 1.6,
    "lines.markersize": 5.5,
    "legend.frameon": False,
    # A name that holds dollar signs is a name, not a formula.
    "text.parse_math": False,
}

_COLUMN: dict[Any, Any] = {
    "font.size": 8.5,
    "axes.titlesize": 8.5,
    "axes.labelsize": 8,
    "legend.fontsize": 7.5,
    "xtick.labelsize": 8,
    "ytick.labelsize": 8,
    "legend.columnspacing": 1.2,
    "figure.constrained_layout.w_pad": 0.04,
    "figure.constrained_layout.h_pad": 0.04,
    "lines.linewidth": 1.2,
    "lines.markersize": 4,
}
"""What differs in a column of a paper, whose figures are printed as large as they are made."""
FORMATS = ("pdf", "svg", "png")


@contextlib.contextmanager
def styled(column: bool = False) -> Iterator[None]:
    """wane's own style; also a decorator. The user's settings are back at its end."""
    with matplotlib.rc_context(_RC | (_COLUMN if column else {})), readable():
        yield


def themed(color: str) -> Any:
    """One of wane's colours as the style of now has it; that of wane's own has it as it is."""
    rc: Any = matplotlib.rcParams
    if color in SERIES_COLORS:
        cycle = rc["axes.prop_cycle"].by_key().get("color", SERIES_COLORS)
        return cycle[SERIES_COLORS.index(color) % len(cycle)]
    names = {
        INK: "text.color", FAINT: "axes.edgecolor", GRID: "grid.color", PAPER: "axes.facecolor",
    }  # fmt: skip
    return rc[names[color]]


def points(size: float) -> float:
    """The size of letters of so many points in wane's own style, in the style of now."""
    return size * (float(matplotlib.rcParams["font.size"]) / float(_RC["font.size"]))


def tick_points(axis: str, size: float) -> float:
    """As :func:`points`, of the ticks of the axis ``"x"`` or ``"y"``."""
    rc: Any = matplotlib.rcParams
    now = FontProperties(size=rc[f"{axis}tick.labelsize"]).get_size_in_points()
    return size * (now / float(_RC[f"{axis}tick.labelsize"]))


def in_split(name: str, split: str) -> str:
    """What a line of something is called in legends, in a part of the data."""
    return filled(gettext("{name}, {split}"), name=name, split=part_label(split))


def chosen_label(name: str) -> str:
    """What the chosen candidate, whose name is safe to print, is called in legends."""
    return filled(gettext("chosen: {name}"), name=name)


class NotebookFigure(Figure):
    """A matplotlib figure that a notebook shows even where pyplot was never imported."""

    def _repr_png_(self) -> bytes:
        return png(self)


def png(figure: Figure) -> bytes:
    """The figure as a PNG file, at the resolution it was made for."""
    return _drawn(figure, FigureCanvasAgg, "png")


def svg(figure: Figure) -> bytes:
    """The figure as an SVG file, the same bytes each time; its layout must be done already."""
    figure.set_layout_engine("none")
    return _drawn(figure, FigureCanvasSVG, "svg", metadata={"Date": None})


def pdf(figure: Figure) -> bytes:
    """The figure as a PDF file, the same bytes each time, with fonts that publishers take."""
    return _drawn(figure, FigureCanvasPdf, "pdf", metadata={"CreationDate": None})


def file_of(figure: Figure, kind: str) -> bytes:
    """The figure as a file of one of :data:`FORMATS`, drawn for the first time."""
    if kind == "svg":
        with matplotlib.rc_context(_RC):
            figure.draw_without_rendering()
    drawn: bytes = {"pdf": pdf, "svg": svg, "png": png}[kind](figure)
    return drawn


def _drawn(figure: Figure, canvas: type[Canvas], kind: str, **more: Any) -> bytes:
    """The file that a canvas prints; ``savefig`` would draw all of it twice."""
    file, own, dpi = io.BytesIO(), figure.canvas, figure.dpi
    try:
        settings = {**_RC, "svg.hashsalt": "wane", "pdf.fonttype": 42}
        with matplotlib.rc_context(settings), of_any_weight():
            getattr(canvas(figure), f"print_{kind}")(file, **more)
    finally:
        figure.set_canvas(own)
        figure.dpi = dpi  # canvases of SVG and PDF change it
    return file.getvalue()


class _Powers(ScalarFormatter):
    """Writes the power of ten beside an axis as the names of candidates have it: ``1e-06``."""

    def get_offset(self) -> str:
        def written(found: re.Match[str]) -> str:
            return f"e{'-' if found[1] else '+'}{int(found[2]):02d}"

        return re.sub(r"e(\N{MINUS SIGN}?)(\d+)", written, super().get_offset())


def dress(ax: Axes, grid: Literal["x", "y"] = "y") -> None:
    """Grid and ticks, set on axes where nothing is drawn yet.

    Ticks are made when they are drawn, where the style holds no more.
    """
    ax.grid(axis=grid, color=GRID, linewidth=0.8)
    size = matplotlib.rcParams["xtick.labelsize"]
    ax.tick_params(labelsize=size, color=FAINT, labelcolor=INK)
    ax.tick_params(which="minor", color=GRID)
    for axis in (ax.xaxis, ax.yaxis):
        axis.set_major_formatter(_Powers())


def finite(values: ArrayLike) -> NDArray[np.float64]:
    """``values`` as floats with NaN for all that are not finite, so that lines have gaps there."""
    numbers = np.array(values, dtype=np.float64)
    numbers[~np.isfinite(numbers)] = np.nan
    return numbers


def spans_decades(values: ArrayLike) -> bool:
    """Whether values, none negative, span more than a factor of ten: then a log axis is due."""
    numbers = finite(values)
    numbers = numbers[~np.isnan(numbers)]
    positive = numbers[numbers > 0]
    return bool(positive.size and numbers.min() >= 0 and positive.max() > 10 * positive.min())


def set_log(ax: Axes, values: ArrayLike) -> None:
    """Makes the y axis logarithmic with limits from the positive ones of ``values``.

    What is drawn lower, such as the lower end of mean − std where that is negative, runs out of
    the axes at the bottom.
    """
    numbers = finite(values)
    positive = numbers[numbers > 0]
    low, high = positive.min(), positive.max()
    ax.set_yscale("log", nonpositive="clip")
    ax.set_ylim(low / (high / low) ** 0.07, high * (high / low) ** 0.07)
    few = high / low < 200
    ax.yaxis.set_major_locator(LogLocator(subs=(1.0, 2.0, 5.0) if few else (1.0,), numticks=9))
    # Eight of them in each decade take as long to draw as all else of a figure.
    ax.yaxis.set_minor_locator(NullLocator() if few else LogLocator(subs=(2.0, 5.0), numticks=9))
    ax.yaxis.set_major_formatter(FuncFormatter(lambda value, _: f"{value:g}"))
    ax.yaxis.set_minor_formatter(NullFormatter())
