"""What candidates change, as parameters by name, which other tools tell runs apart by."""

import dataclasses
from collections.abc import Iterator, Sequence

from wane.penalties import Candidate, Change, Dropout, EarlyStopping, Network, Penalty, penalties_of

Value = float | int | str | None
"""A parameter's value: a strength, a rate, a patience, a title; None where it is not changed."""


@dataclasses.dataclass(frozen=True)
class _Part:
    """One number of a change, and what it acts on."""

    field: str
    details: tuple[str, ...]
    value: float | int | str


def parameters(candidates: Sequence[Candidate]) -> list[dict[str, Value]]:
    """The parameters of each candidate by name; all candidates have the same names.

    ``l2``, ``l1``, ``weight_decay`` and so on are strengths, those of the last epoch where they
    change in training, and 0.0 without such a penalty; ``dropout`` is a rate, ``early_stopping`` a
    patience and ``network`` a title, None where a candidate leaves them as they are. Where
    strengths of one kind act on different weights in a study, their names say on which:
    ``l2_hidden``, ``l2_output``.

    Args:
        candidates: all of a study.

    Returns:
        A dictionary for each candidate, in their order.
    """
    parts = [list(_parts(candidate)) for candidate in candidates]
    every = dict.fromkeys(part for several in parts for part in several)
    names = {part: _name(part, every) for part in every}
    absent = {names[part]: _absent(part) for part in every}
    found = []
    for several in parts:
        own = dict(absent)
        for part in several:
            before = own[names[part]]
            # L1L2 beside L2 of the same weights is one L2 penalty: both are linear in the strength.
            twice = isinstance(before, float) and isinstance(part.value, float)
            own[names[part]] = before + part.value if twice else part.value  # type: ignore[operator] # both are numbers
        found.append(own)
    return found


def targets(candidate: Candidate) -> dict[str, str | None]:
    """``layers`` and ``on`` of a candidate's penalties, as texts; None where it has none."""
    penalties = penalties_of(candidate)
    layers = dict.fromkeys(penalty.layers for penalty in penalties)
    roles = dict.fromkeys(",".join(penalty.on) for penalty in penalties)
    return {"layers": " + ".join(layers) or None, "on": " + ".join(roles) or None}


def _parts(candidate: Candidate) -> Iterator[_Part]:
    for change in candidate:
        yield from _parts_of(change)


def _parts_of(change: Change) -> Iterator[_Part]:
    match change:
        case Penalty():
            options = {name: getattr(change, name) for name in change.option_fields}
            told = [name if v is True else str(v or "") for name, v in options.items()]
            details = (change.layers, "+".join(change.on), *told)
            strengths = zip(change.strength_fields, change.strengths_at(), strict=True)
            yield from (_Part(name, details, float(strength)) for name, strength in strengths)
        case Dropout():
            yield _Part("dropout", (change.layers,), change.rate)
        case EarlyStopping():
            yield _Part("early_stopping", (), change.patience)
        case Network():
            yield _Part("network", (), change.title)


def _name(part: _Part, every: dict[_Part, None]) -> str:
    """The field's name, and those details in which parts of the same field differ."""
    alike = [other.details for other in every if other.field == part.field]
    longest = max(len(details) for details in alike)
    padded = [(*details, *[""] * (longest - len(details))) for details in alike]
    differs = [len(set(column)) > 1 for column in zip(*padded, strict=True)]
    told = [own for own, is_so in zip(part.details, differs, strict=False) if is_so]
    return "_".join([part.field, *filter(None, told)])


def _absent(part: _Part) -> Value:
    return None if part.field in ("dropout", "early_stopping", "network") else 0.0
