"""The decision boundary of two-input binary problems."""

from collections.abc import Callable, Sequence
from typing import Any

import numpy as np
from matplotlib.axes import Axes
from matplotlib.colors import LinearSegmentedColormap
from matplotlib.figure import Figure
from matplotlib.lines import Line2D
from numpy.typing import ArrayLike, NDArray

from wane._language import gettext
from wane.report.figures.style import (
    DPI,
    FAINT,
    INK,
    PAPER,
    TRAIN,
    VALIDATION,
    NotebookFigure,
    dress,
    in_split,
    styled,
)
from wane.report.wording import filled, printable

Floats = NDArray[np.float64]
Model = Callable[[Floats], ArrayLike]
"""Points ``[n, 2]`` to the probabilities ``[n]`` of the second class."""

CLASS_LOOKS = ((TRAIN, "o"), (VALIDATION, "^"))
"""Colour and marker of the classes 0 and 1."""
FIELD = LinearSegmentedColormap.from_list("classes", ["#97c1de", "#f8f8f8", "#f0b993"])
GRID_POINTS = 100


@styled()
def boundary_figure(
    train: tuple[ArrayLike, ArrayLike],
    validation: tuple[ArrayLike, ArrayLike],
    panels: Sequence[tuple[str, Model]],
    *,
    axis_names: Sequence[str] | None = None,
    class_names: Sequence[str] | None = None,
) -> Figure:
    """The data over the predicted probability, with the line where it is 0.5; a panel per model.

    Args:
        train: inputs ``[n, 2]`` and classes ``[n]``, 0 or 1; drawn filled.
        validation: the same for the validation rows; drawn hollow.
        panels: a title and a function from points ``[n, 2]`` to the probabilities ``[n]`` of
            class 1, for each model.
        axis_names: names of the two inputs, if they have any.
        class_names: names of the classes 0 and 1, if they have any.
    """
    axis_names, class_names = axis_names or input_labels(), class_names or class_labels(2)
    figure = NotebookFigure(figsize=(1.3 + 4.0 * len(panels), 4.4), dpi=DPI, layout="constrained")
    sets = {"train": rows_of(*train), "validation": rows_of(*validation)}
    limits = field_limits([x for x, _ in sets.values()])
    every_ax = figure.subplots(1, len(panels), squeeze=False, sharex=True, sharey=True)[0]
    for ax, (title, model) in zip(every_ax, panels, strict=True):
        field = _draw_field(ax, model, *limits)
        for split, (x, y) in sets.items():
            _draw_rows(ax, x, y, split)
        ax.set_title(printable(title))
        ax.set_xlabel(printable(axis_names[0]))
    every_ax[0].set_ylabel(printable(axis_names[1]))
    bar = figure.colorbar(field, ax=list(every_ax), ticks=[0, 0.5, 1], shrink=0.85, aspect=28)
    bar.ax.tick_params(labelsize=9, color=FAINT, labelcolor=INK)
    bar.set_label(probability_label(class_names[1]))
    bar.outline.set_visible(False)
    figure.legend(handles=_legend_handles(class_names), loc="outside lower center", ncols=5)
    return figure


def input_labels() -> tuple[str, str]:
    """What two inputs without names are called."""
    return gettext("first input"), gettext("second input")


def class_labels(count: int) -> list[str]:
    """What classes without names are called."""
    return [gettext("class {number}").format(number=place) for place in range(count)]


def probability_label(name: str) -> str:
    """What the field is, of a class by its name."""
    return filled(gettext("probability of {name}"), name=printable(name))


def field_limits(inputs: Sequence[Floats]) -> tuple[Floats, Floats]:
    """The lower and the upper ends of both axes, with room around all rows."""
    points = np.concatenate(inputs)
    low, high = points.min(axis=0), points.max(axis=0)
    margin = 0.08 * np.where(high > low, high - low, 1.0)
    return low - margin, high + margin


def field_of(model: Model, low: Floats, high: Floats) -> tuple[Floats, Floats, Any]:
    """Points of both axes, and the probability on their grid [points, points], masked."""
    xs, ys = (np.linspace(low[i], high[i], GRID_POINTS) for i in (0, 1))
    grid_x, grid_y = np.meshgrid(xs, ys)
    points = np.column_stack([grid_x.ravel(), grid_y.ravel()])
    probability = np.ma.masked_invalid(np.asarray(model(points), dtype=np.float64))
    return xs, ys, probability.reshape(grid_x.shape)


def rows_of(x: ArrayLike, y: ArrayLike) -> tuple[Floats, NDArray[np.bool_]]:
    """Inputs ``[n, 2]``, and which rows are of class 1."""
    inputs = np.asarray(x, dtype=np.float64).reshape(-1, 2)
    return inputs, np.asarray(y, dtype=np.float64).reshape(-1) > 0.5


def _draw_field(ax: Axes, model: Model, low: Floats, high: Floats) -> Any:
    """Draws the predicted probability; the image, for the colour bar."""
    dress(ax)
    ax.grid(visible=False)
    xs, ys, probability = field_of(model, low, high)
    image = ax.imshow(
        probability,
        extent=(low[0], high[0], low[1], high[1]),
        origin="lower",
        aspect="auto",
        interpolation="bilinear",
        cmap=FIELD,
        vmin=0.0,
        vmax=1.0,
    )
    # Where a model gives one class everywhere there is no line, and contour would warn.
    if probability.count() and probability.min() < 0.5 < probability.max():
        ax.contour(xs, ys, probability, levels=[0.5], colors=[INK], linewidths=1.4)
    return image


def _draw_rows(ax: Axes, x: Floats, y: NDArray[np.bool_], split: str) -> None:
    for index, of_class in enumerate((~y, y)):
        label = f"{split}, class {index}"
        ax.plot(x[of_class, 0], x[of_class, 1], label=label, **_look(split, index))


def _look(split: str, index: int) -> dict[str, Any]:
    """Training rows are filled; validation rows, mostly many more, small and hollow."""
    color, marker = CLASS_LOOKS[index]
    look = {"linestyle": "none", "marker": marker, "markeredgewidth": 0.8}
    if split == "train":
        return look | {
            "markersize": 7,
            "markerfacecolor": color,
            "markeredgecolor": PAPER,
            "zorder": 4,
        }
    return look | {
        "markersize": 4.5,
        "markerfacecolor": "none",
        "markeredgecolor": color,
        "zorder": 3,
    }


def _legend_handles(class_names: Sequence[str]) -> list[Line2D]:
    rows = [
        Line2D([], [], label=in_split(printable(name), split), **_look(split, index))
        for index, name in enumerate(class_names)
        for split in ("train", "validation")
    ]
    return [*rows, Line2D([], [], color=INK, lw=1.4, label=gettext("probability 0.5"))]
