"""How every figure looks, and what several figures need: one place for colours and sizes."""

import io
from typing import Any

import matplotlib
import numpy as np
from matplotlib.axes import Axes
from matplotlib.figure import Figure
from matplotlib.ticker import FuncFormatter, LogLocator, NullFormatter
from numpy.typing import ArrayLike, NDArray

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
    "figure.facecolor": PAPER,
    "figure.constrained_layout.w_pad": 0.1,
    "figure.constrained_layout.h_pad": 0.1,
    "axes.facecolor": PAPER,
    "text.color": INK,
    "axes.labelcolor": INK,
    "axes.titlecolor": INK,
    "axes.edgecolor": FAINT,
    "axes.spines.top": False,
    "axes.spines.right": False,
    "axes.axisbelow": True,
    "lines.linewidth": 1.6,
    "lines.markersize": 5.5,
    "legend.frameon": False,
    # A name that holds dollar signs is a name, not a formula.
    "text.parse_math": False,
}

# Used as a decorator: the user's own settings are back when the function returns.
styled = matplotlib.rc_context(_RC)


class NotebookFigure(Figure):
    """A matplotlib figure that a notebook shows even where pyplot was never imported."""

    def _repr_png_(self) -> bytes:
        return png(self)


def png(figure: Figure) -> bytes:
    """The figure as a PNG file, at the resolution it was made for."""
    file = io.BytesIO()
    with matplotlib.rc_context(_RC):
        figure.savefig(file, format="png", dpi=figure.dpi)
    return file.getvalue()


def dress(ax: Axes) -> None:
    """Grid and ticks, set on the axes: ticks are made when drawn, where the style holds no more."""
    ax.grid(axis="y", color=GRID, linewidth=0.8)
    ax.tick_params(labelsize=9, color=FAINT, labelcolor=INK)
    ax.tick_params(which="minor", color=GRID)


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
    ax.yaxis.set_major_formatter(FuncFormatter(lambda value, _: f"{value:g}"))
    ax.yaxis.set_minor_formatter(NullFormatter())
