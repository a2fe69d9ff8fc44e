"""What a penalty is for Keras: the strengths of Keras's own regularizers, and what it acts on."""

from typing import Literal, NamedTuple

from wane._errors import InputError, listed, nearest

ROLES = ("kernel", "recurrent", "bias", "embedding")
DEFAULT_ROLES = ("kernel", "recurrent")
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


def checked_roles(on: object) -> tuple[str, ...]:
    """``on`` as a tuple of roles in the order of :data:`ROLES`, each once.

    Raises:
        InputError: if it names no role, or one that there is not.
    """
    roles = (on,) if isinstance(on, str) else on
    if not isinstance(roles, tuple | list) or not roles:
        raise InputError(f"on must name at least one of {listed(ROLES)}, got {on!r}.")
    for role in roles:
        if role not in ROLES:
            raise InputError(f"on has the unknown role {role!r}: {nearest(str(role), ROLES)}")
    return tuple(role for role in ROLES if role in roles)
