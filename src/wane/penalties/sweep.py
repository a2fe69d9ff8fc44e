"""Strengths on a log scale, and one candidate for each."""

import math
from collections.abc import Iterable, Mapping
from typing import Any

from wane._errors import InputError, whole_number
from wane.penalties.arrays import checked_strength, length
from wane.penalties.base import Penalty, Strength
from wane.penalties.candidates import Candidate
from wane.penalties.keras_terms import DEFAULT_ROLES


def decades(low: float, high: float, per_decade: int = 1) -> tuple[float, ...]:
    """Strengths evenly spaced on a log scale from ``low`` to ``high``, both included.

    Args:
        low, high: the weakest and the strongest, both above 0.
        per_decade: how many strengths there are to a factor of ten, a whole number of at least 1.

    Returns:
        The strengths, rising, [candidates].

    Raises:
        InputError: unless ``0 < low <= high`` and ``per_decade`` is such a number.

    Example:
        >>> import wane
        >>> wane.decades(1e-3, 1e-1)
        (0.001, 0.01, 0.1)
        >>> wane.decades(0.01, 0.1, per_decade=2)
        (0.01, 0.0316228, 0.1)
    """
    low, high = checked_strength(low, "low"), checked_strength(high, "high")
    if not 0 < low <= high:
        raise InputError(f"decades needs 0 < low <= high, got low={low:g} and high={high:g}.")
    count = whole_number(per_decade, "per_decade", least=1)
    return log_spaced(low, high, round(math.log10(high / low) * count) + 1)


def log_spaced(low: float, high: float, count: int) -> tuple[float, ...]:
    """``count`` strengths evenly spaced on a log scale, rounded to six significant digits."""
    if count == 1:
        return (low,)
    step = math.log10(high / low) / (count - 1)
    inner = [float(f"{low * 10 ** (step * i):.6g}") for i in range(1, count - 1)]
    return (low, *inner, high)


def sweep(
    penalty: type[Penalty],
    strengths: Iterable[Strength],
    *,
    layers: str = "all",
    on: str | tuple[str, ...] = DEFAULT_ROLES,
    **options: Any,
) -> tuple[Candidate, ...]:
    """One candidate for each strength, all of one kind of penalty on one target.

    Args:
        penalty: the class, such as ``wane.L2``.
        strengths: one number or schedule for each candidate, [candidates]; where a penalty has
            several strengths, their sum.
        layers, on: the target; see :class:`Penalty`.
        options: what else the class takes, such as ``proximal=True``.

    Returns:
        Candidates of one penalty each, [candidates].

    Raises:
        InputError: if strengths are no list of finite numbers of at least 0, or a role is unknown.

    Example:
        >>> import wane
        >>> candidates = wane.sweep(wane.L2, wane.decades(1e-6, 1e-1), layers="hidden")
        >>> len(candidates), str(candidates[0][0])
        (6, 'L2(1e-06)')
    """
    if not (isinstance(penalty, type) and issubclass(penalty, Penalty)):
        raise InputError(f"penalty must be a class such as wane.L2, got {penalty!r}.")
    roles = (on,) if isinstance(on, str) else on
    return tuple(
        (penalty.of_strength(strength, layers=layers, on=roles, **options),)
        for strength in _one_each(penalty, strengths)
    )


def _one_each(penalty: type[Penalty], strengths: Any) -> list[Any]:
    """The strengths as a list with one number for each candidate."""
    expected = "strengths must be a list of numbers such as [1e-4, 1e-3], one for each candidate"
    try:
        values = [] if isinstance(strengths, str | bytes | Mapping) else list(strengths)
    except TypeError:  # nothing to iterate over
        values = []
    if not values:
        raise InputError(f"{expected}, got {strengths!r}.")
    for value in values:
        count = length(value)
        if count is not None and not isinstance(value, str):
            fields = ", ".join(penalty.strength_fields)
            raise InputError(
                f"{expected}, got {count} for one of them: give their sum, or single candidates "
                f"such as wane.{penalty.__name__}({fields})."
            )
    return values
