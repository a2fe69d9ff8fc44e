"""What every penalty is: a frozen value that names a function, its strengths and its target."""

import dataclasses
import math
from typing import TYPE_CHECKING, ClassVar, Self

from wane._errors import InputError, listed, nearest

if TYPE_CHECKING:
    import jax

ROLES = ("kernel", "recurrent", "bias", "embedding")
DEFAULT_ROLES = ("kernel", "recurrent")


@dataclasses.dataclass(frozen=True, kw_only=True)
class Penalty:
    """A term that is added to the training loss for large weights, and the weights it acts on.

    Args:
        layers: ``"all"``, ``"hidden"``, ``"output"`` or a glob on layer names (``"conv*"``). The
            name of a layer or model that holds others means all that it holds.
        on: the roles of the weights that are penalized, from ``"kernel"``, ``"recurrent"``,
            ``"bias"`` and ``"embedding"``; a single role may be given as a string. Embeddings are
            kernels where ``layers`` matches the name of their own layer. Weights that are not
            trained are never penalized.

    Subclasses declare their strengths as fields and give :meth:`value`, a pure function of one
    weight and the strengths, so that strengths can be data of a compiled program.
    """

    layers: str = "all"
    on: tuple[str, ...] = DEFAULT_ROLES

    strength_fields: ClassVar[tuple[str, ...]]
    """Names of the fields that are strengths, in the order in which :meth:`value` takes them."""

    def __post_init__(self) -> None:
        if not isinstance(self.layers, str) or not self.layers:
            raise InputError(
                f"layers must be 'all', 'hidden', 'output' or a glob on layer names, "
                f"got {self.layers!r}."
            )
        object.__setattr__(self, "on", checked_roles(self.on))
        for name in self.strength_fields:
            strength = checked_strength(getattr(self, name), name)
            object.__setattr__(self, name, strength)

    @property
    def strengths(self) -> tuple[float, ...]:
        """The strengths, in the order in which :meth:`value` takes them."""
        return tuple(getattr(self, name) for name in self.strength_fields)

    @property
    def strength(self) -> float:
        """One number for how strong the penalty is: the sum of its strengths."""
        return math.fsum(self.strengths)

    @property
    def kind(self) -> str:
        """The penalty's name without strength or target, as in tables: ``"L2"``."""
        return type(self).__name__

    @classmethod
    def of_strength(
        cls, strength: float, *, layers: str = "all", on: tuple[str, ...] = DEFAULT_ROLES
    ) -> Self:
        """The penalty of this total strength, shared equally among its strengths."""
        share = checked_strength(strength) / len(cls.strength_fields)
        return cls(**dict.fromkeys(cls.strength_fields, share), layers=layers, on=on)

    @staticmethod
    def value(weight: "jax.Array", *strengths: "jax.Array | float") -> "jax.Array":
        """The penalty of one weight, a scalar; differentiable almost everywhere."""
        del weight, strengths
        raise TypeError("Penalty is abstract: use one of its subclasses, such as L2.")

    def __str__(self) -> str:
        return self.name()

    def name(self, *, target: bool = False, exact: bool = False) -> str:
        """The kind and its strengths, with six significant digits or exact, and its target."""
        parts = [repr(s) if exact else f"{s:g}" for s in self.strengths]
        if target:
            parts += [f"layers={self.layers!r}", f"on={'+'.join(self.on)!r}"]
        return f"{self.kind}({', '.join(parts)})"


def checked_strength(strength: object, name: str = "strength") -> float:
    """``strength`` as a float, if it is one finite number that is not negative."""
    try:
        number = float(strength)  # type: ignore[arg-type] # whatever float refuses is reported
    except (TypeError, ValueError):
        number = math.nan
    if (
        isinstance(strength, bool | str)
        or length(strength) is not None
        or not math.isfinite(number)
        or number < 0
    ):
        raise InputError(
            f"{name} must be a finite number of at least 0, got {strength!r}: 0 is no penalty."
        )
    return number


def length(value: object) -> int | None:
    """How many values there are in one that has a length; None for a single number."""
    try:
        return len(value)  # type: ignore[arg-type] # whatever has no length is one value
    except TypeError:
        return None


def checked_roles(on: object) -> tuple[str, ...]:
    """``on`` as a tuple of roles in the order of :data:`ROLES`, each once."""
    roles = (on,) if isinstance(on, str) else on
    if not isinstance(roles, tuple | list) or not roles:
        raise InputError(f"on must name at least one of {listed(ROLES)}, got {on!r}.")
    for role in roles:
        if role not in ROLES:
            raise InputError(f"on has the unknown role {role!r}: {nearest(str(role), ROLES)}")
    return tuple(role for role in ROLES if role in roles)
