"""What the command line asks to be compared, made into kinds of candidates."""

from collections.abc import Mapping, Sequence
from typing import Any

from wane._errors import InputError, nearest
from wane.penalties import CATALOGUE
from wane.study import Study, placements

Kinds = Sequence[str] | Mapping[str, Any] | None


def kinds_to_compare(
    study: Study,
    names: Sequence[str] | None,
    *,
    settings: int | None,
    where: bool,
    penalty: str | None,
    strengths: Sequence[float],
    factor: float | None,
) -> Kinds:
    """The kinds for :meth:`wane.Study.compare`: by name, or the placements of one penalty.

    Args:
        study: what is studied.
        names, settings: the kinds, and how many settings each has.
        where: whether placements are compared, and not kinds.
        penalty, factor: that penalty, and how much stronger one end of the network is than the
            other; None where not given.
        strengths: those of the penalty.

    Raises:
        InputError: if an option of the one is given for the other, or the penalty is unknown.
    """
    of_kinds = {"--kind": names, "--settings": settings}
    of_placements = {"--penalty": penalty, "--factor": factor}
    out_of_place = [
        option
        for option, value in (of_kinds if where else of_placements).items()
        if value is not None
    ]
    if out_of_place:
        raise InputError(
            f"{out_of_place[0]} is for comparing kinds, and --where compares placements: leave out "
            f"one of them."
            if where
            else f"{out_of_place[0]} is for comparing placements: give --where too, or leave "
            f"it out."
        )
    if not where:
        return names or None
    name = (penalty or "l2").lower()
    if name not in CATALOGUE:
        raise InputError(f"There is no penalty {penalty!r}: {nearest(name, CATALOGUE)}")
    return placements(CATALOGUE[name], strengths, study.model, 10.0 if factor is None else factor)
