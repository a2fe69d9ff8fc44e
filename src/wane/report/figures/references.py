"""Lines of models of other kinds beside a study's networks."""

import itertools
from collections.abc import Iterator, Mapping
from typing import Any

import numpy as np
from matplotlib.axes import Axes
from matplotlib.lines import Line2D

from wane.report.figures.style import INK, themed
from wane.report.wording import printable, reference_label

_LOOKS: list[dict[str, Any]] = [
    {"linestyle": style, "linewidth": 1.0}
    for style in ((0, (1, 2)), (0, (6, 2, 1, 2)), (0, (8, 4)), (0, (3, 1, 1, 1, 1, 1)))
]
"""Told apart by their dashes, since colours are methods'."""
References = Mapping[str, Mapping[str, float]]
"""Means of models of other kinds, by what people call these and by quantity."""


def draw_references(
    ax: Axes, quantity: str, references: References, *, upright: bool = False
) -> None:
    """A line across for each that has this quantity, or an upright one."""
    line = ax.axvline if upright else ax.axhline
    for name, look in _each(references):
        value = references[name].get(quantity, np.nan)
        if np.isfinite(value):
            line(value, zorder=1, label="other model", color=themed(INK), **look)


def reference_handles(references: References) -> list[Line2D]:
    """Their entries of a legend."""
    return [
        Line2D([], [], label=printable(reference_label(name)), color=themed(INK), **look)
        for name, look in _each(references)
    ]


def _each(references: References) -> Iterator[tuple[str, dict[str, Any]]]:
    return zip(references, itertools.cycle(_LOOKS), strict=False)
