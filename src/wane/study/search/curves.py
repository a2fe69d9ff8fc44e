"""Candidates that differ in their strength alone, which are a curve."""

import dataclasses
from collections.abc import Sequence

from wane.penalties import Candidate, Penalty, strength_of


def curves(candidates: Sequence[Candidate]) -> list[list[int]]:
    """Candidates that differ in strength alone, by rising strength."""
    found: dict[object, list[int]] = {}
    for index, candidate in enumerate(candidates):
        penalty = candidate[0] if len(candidate) == 1 else None
        if isinstance(penalty, Penalty) and not penalty.schedules and penalty.strength > 0:
            key = (penalty.form, penalty.layers, penalty.on, _shares(penalty))
            found.setdefault(key, []).append(index)
    return [sorted(own, key=lambda i: strength_of(candidates[i])) for own in found.values()]


def _shares(penalty: Penalty) -> tuple[float, ...]:
    """In what shares a penalty's strengths are mixed."""
    return tuple(round(s / penalty.strength, 6) for s in penalty.strengths_at())


def with_strength(candidate: Candidate, strength: float) -> Candidate:
    """The candidate of one penalty with another strength, of which all its strengths are shares."""
    (penalty,) = candidate
    assert isinstance(penalty, Penalty)
    factor = strength / penalty.strength
    values = {
        name: float(f"{value * factor:.6g}")
        for name, value in zip(penalty.strength_fields, penalty.strengths_at(), strict=True)
    }
    return (dataclasses.replace(penalty, **values),)  # type: ignore[arg-type] # strengths are floats
