"""What a penalty is for Keras: the strengths of Keras's own regularizers, and what it acts on."""

from typing import Literal, NamedTuple

ActsBy = Literal["loss", "steps", "decay"]
"""How a penalty acts: as a term of the training loss, by proximal steps after each update of the
optimizer, or as the weight decay within the update."""


class KerasTerms(NamedTuple):
    """The strengths of Keras's own regularizers on one weight.

    Attributes:
        l1, l2: those of ``keras.regularizers.L1L2``.
        rows, columns: those of ``keras.regularizers.OrthogonalRegularizer`` in either mode.
    """

    l1: float = 0.0
    l2: float = 0.0
    rows: float = 0.0
    columns: float = 0.0

    def plus(self, other: "KerasTerms") -> "KerasTerms":
        """The terms of both."""
        return KerasTerms(*(mine + theirs for mine, theirs in zip(self, other, strict=True)))

    def only(self, *names: str) -> bool:
        """Whether these terms are above zero, and no others."""
        return {name for name, strength in self._asdict().items() if strength} == set(names)


class Axes(NamedTuple):
    """The axes that a weight must have for a penalty to act on it.

    Attributes:
        of: ``"matrix"``: two axes, with at least two rows or columns to compare; ``"channels"``: a
            kernel whose last two axes are inputs and units.
        along: along which of them the penalty goes: ``"rows"`` or ``"columns"``; ``"inputs"``,
            ``"units"`` or ``"filters"``.
    """

    of: Literal["matrix", "channels"]
    along: str
