"""The decision boundary of two-input binary problems."""

import functools
from collections.abc import Callable, Mapping, Sequence
from typing import Any

import numpy as np
from matplotlib.axes import Axes
from matplotlib.colors import LinearSegmentedColormap, to_rgb
from matplotlib.lines import Line2D
from numpy.typing import ArrayLike, NDArray

from wane._language import gettext
from wane.report.figures.panels import Bar, Panel, Plan, drawing
from wane.report.figures.style import (
    INK,
    PAPER,
    TRAIN,
    VALIDATION,
    chosen_label,
    in_split,
    themed,
)
from wane.report.wording import baseline_name, filled, printable

Floats = NDArray[np.float64]
Model = Callable[[Floats], ArrayLike]
"""Points ``[n, 2]`` to the probabilities ``[n]`` of the second class."""

CLASS_LOOKS = ((TRAIN, "o"), (VALIDATION, "^"))
"""Colour and marker of the classes 0 and 1."""
GRID_POINTS = 100
LINE_WIDTH = 1.4
PANELS = ("baseline", "chosen")
"""The names by which people choose one."""


def _shades(first: Any, paper: Any, second: Any, ink: Any) -> LinearSegmentedColormap:
    """From one class to the other through the paper, pale enough for rows to be seen on it."""

    def mixed(color: Any, ground: Any, share: float) -> tuple[float, ...]:
        parts = zip(to_rgb(color), to_rgb(ground), strict=True)
        return tuple(share * one + (1 - share) * other for one, other in parts)

    middle = mixed(ink, paper, 0.03)
    ends = [mixed(first, paper, 0.43), middle, mixed(second, paper, 0.43)]
    return LinearSegmentedColormap.from_list("classes", ends)


FIELD = _shades(TRAIN, PAPER, VALIDATION, INK)
"""The colours of probabilities in wane's own style."""


@drawing("plot_boundary")
def boundary_drawing(
    train: tuple[ArrayLike, ArrayLike],
    validation: tuple[ArrayLike, ArrayLike],
    panels: Sequence[tuple[str, Model]],
    *,
    axis_names: Sequence[str] | None = None,
    class_names: Sequence[str] | None = None,
) -> Plan:
    """The data over the predicted probability, with the line where it is 0.5; a panel per model.

    Args:
        train: inputs ``[n, 2]`` and classes ``[n]``, 0 or 1; drawn filled.
        validation: the same for the validation rows; drawn hollow.
        panels: a candidate and a function from points ``[n, 2]`` to the probabilities ``[n]`` of
            class 1: of the baseline, and of the chosen candidate if that is another.
        axis_names: names of the two inputs, if they have any.
        class_names: names of the classes 0 and 1, if they have any.
    """
    axis_names, class_names = axis_names or input_labels(), class_names or class_labels(2)
    sets = {"train": rows_of(*train), "validation": rows_of(*validation)}
    limits = field_limits([x for x, _ in sets.values()])
    xlabel, ylabel = (printable(name) for name in axis_names)

    def draw(ax: Axes, model: Model) -> None:
        _draw_field(ax, model, *limits)
        for split, (x, y) in sets.items():
            _draw_rows(ax, x, y, split)

    def head(ax: Axes, title: str) -> None:
        ax.set_title(title)

    drawn = {}
    for key, (name, model) in zip(PANELS, panels, strict=False):
        title = baseline_name(name) if key == "baseline" else chosen_label(printable(name))
        drawn[key] = Panel(
            functools.partial(draw, model=model),
            xlabel,
            ylabel,
            functools.partial(head, title=title),
        )
    return Plan(
        panels=drawn,
        columns=len(drawn),
        size=(1.3 + 4.0 * len(drawn), 4.4),
        sharey="all",
        legend=lambda _: _legend_handles(class_names),
        legend_columns=5 if len(drawn) > 1 else 3,
        aliases={"chosen": "baseline"} if len(drawn) == 1 else {},
        bar=Bar(_field, probability_label(class_names[1]), (0.0, 0.5, 1.0)),
    )


def _field(axes: Mapping[str, Axes]) -> Any:
    """The image of which a bar tells the colours; those of all panels are the same."""
    return next(iter(axes.values())).images[-1]


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


def _draw_field(ax: Axes, model: Model, low: Floats, high: Floats) -> None:
    """Draws the predicted probability, and the line where it is 0.5."""
    ax.grid(visible=False)
    xs, ys, probability = field_of(model, low, high)
    ax.imshow(
        probability,
        extent=(low[0], high[0], low[1], high[1]),
        origin="lower",
        aspect="auto",
        interpolation="bilinear",
        cmap=_shades(*map(themed, (TRAIN, PAPER, VALIDATION, INK))),
        vmin=0.0,
        vmax=1.0,
    )
    # Where a model gives one class everywhere there is no line, and contour would warn.
    if probability.count() and probability.min() < 0.5 < probability.max():
        ax.contour(xs, ys, probability, levels=[0.5], colors=[themed(INK)], linewidths=LINE_WIDTH)


def _draw_rows(ax: Axes, x: Floats, y: NDArray[np.bool_], split: str) -> None:
    for index, of_class in enumerate((~y, y)):
        label = f"{split}, class {index}"
        ax.plot(x[of_class, 0], x[of_class, 1], label=label, **_look(split, index))


def _look(split: str, index: int) -> dict[str, Any]:
    """Training rows are filled; validation rows, mostly many more, small and hollow."""
    color, marker = themed(CLASS_LOOKS[index][0]), CLASS_LOOKS[index][1]
    look = {"linestyle": "none", "marker": marker, "markeredgewidth": 0.8}
    if split == "train":
        return look | {
            "markersize": 7,
            "markerfacecolor": color,
            "markeredgecolor": themed(PAPER),
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
    half = gettext("probability 0.5")
    return [*rows, Line2D([], [], color=themed(INK), lw=LINE_WIDTH, label=half)]
