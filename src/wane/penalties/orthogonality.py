"""Orthogonality: units or inputs that do not repeat each other."""

import dataclasses
from typing import Self

from wane._errors import InputError, nearest
from wane.penalties.arrays import Array, namespace
from wane.penalties.base import Penalty, Strength
from wane.penalties.keras_terms import Axes, KerasTerms

MODES = ("rows", "columns")
_LEAST = 1e-7
"""The least length by which Keras divides a row."""


@dataclasses.dataclass(frozen=True)
class Orthogonality(Penalty):
    """The mean ``|cosine|`` between rows of a kernel: ``orthogonality · Σ |cos(i, j)| / pairs``.

    It is Keras's ``OrthogonalRegularizer`` and depends on directions only: no kernel shrinks by it.

    Args:
        orthogonality: the strength, the data loss that it adds where all rows are parallel: finite
            and at least 0, or a schedule.
        mode: ``"rows"``, the weights of an input of a dense kernel, or ``"columns"``, those of a
            unit.

    Raises:
        InputError: if there is no such mode, or the strength or the target cannot be used.

    Source: Brock, Lim, Ritchie & Weston, Neural photo editing with introspective adversarial
    networks, arXiv:1609.07093, who take the matrix and not its cosines.

    Example:
        >>> import numpy as np
        >>> import wane
        >>> penalty = wane.Orthogonality(0.5)
        >>> float(penalty.value(np.array([[1.0, 0.0], [2.0, 0.0]]), *penalty.strengths))
        0.5
    """

    strength_fields = ("orthogonality",)
    option_fields = ("mode",)
    orthogonality: Strength
    mode: str = dataclasses.field(default="rows", kw_only=True)

    def __post_init__(self) -> None:
        super().__post_init__()
        if self.mode not in MODES:
            raise InputError(f"There is no mode {self.mode!r}: {nearest(str(self.mode), MODES)}")

    @property
    def axes(self) -> Axes:
        return Axes("matrix", self.mode)

    def keras_terms(self, *strengths: float) -> KerasTerms:
        return KerasTerms(**{self.mode: strengths[0]})

    @classmethod
    def of_keras_terms(cls, terms: KerasTerms) -> Self | None:
        modes = [mode for mode in MODES if terms.only(mode)]
        return cls(getattr(terms, modes[0]), mode=modes[0]) if modes else None

    def value(self, weight: Array, *strengths: Array | float) -> Array:
        (strength,) = strengths
        xp = namespace(weight)
        rows = weight if self.mode == "rows" else weight.T
        squares = xp.sum(xp.square(rows), axis=1, keepdims=True)
        rows = rows / xp.sqrt(xp.maximum(squares, _LEAST**2))
        count = len(rows)
        others = 1 - xp.eye(count, dtype=weight.dtype)
        cosines = xp.sum(xp.abs(rows @ rows.T) * others) / 2
        return strength * cosines / max(count * (count - 1) / 2, 1)
