"""Candidates: the settings that a study judges, each a tuple of what it changes."""

import math
from collections.abc import Iterable, Mapping, Sequence
from typing import Any

from wane._errors import InputError
from wane.penalties._base import DEFAULT_ROLES, Penalty, Strength, checked_roles
from wane.penalties._numbers import checked_strength, length
from wane.penalties.structure import Dropout, EarlyStopping, Network

Change = Penalty | Dropout | EarlyStopping | Network
"""What a candidate may change: a penalty on some weights, dropout rates, early stopping, or the
network."""
Candidate = tuple[Change, ...]
BASELINE: Candidate = ()
BASELINE_NAME = "baseline"


def decades(low: float, high: float, per_decade: int = 1) -> tuple[float, ...]:
    """Strengths evenly spaced on a log scale from ``low`` to ``high``, both included.

    ``decades(1e-6, 1e-1)`` gives 1e-6, 1e-5, 1e-4, 1e-3, 1e-2 and 1e-1.

    Raises:
        InputError: unless ``0 < low <= high`` and ``per_decade >= 1``.
    """
    low, high = checked_strength(low, "low"), checked_strength(high, "high")
    if not 0 < low <= high:
        raise InputError(f"decades needs 0 < low <= high, got low={low:g} and high={high:g}.")
    if per_decade < 1:
        raise InputError(f"per_decade must be at least 1, got {per_decade!r}.")
    return log_spaced(low, high, round(math.log10(high / low) * per_decade) + 1)


def log_spaced(low: float, high: float, count: int) -> tuple[float, ...]:
    """``count`` strengths evenly spaced on a log scale, rounded to six significant digits."""
    if count == 1:
        return (low,)
    step = math.log10(high / low) / (count - 1)
    inner = [float(f"{low * 10 ** (step * i):.6g}") for i in range(1, count - 1)]
    return (low, *inner, high)


def parse_strengths(text: str) -> tuple[float, ...]:
    """Strengths as the command line writes them.

    Args:
        text: ``LOW:HIGH:COUNT`` for strengths evenly spaced on a log scale, or a comma list.

    Raises:
        InputError: if it is neither, or a strength is 0, negative or not finite.
    """
    expected = (
        f"--strengths takes LOW:HIGH:COUNT such as 1e-6:1e-1:6, or a comma list such as "
        f"1e-4,1e-3, got {text!r}"
    )
    try:
        if ":" not in text:
            strengths = tuple(checked_strength(float(part)) for part in text.split(","))
            if 0 in strengths:
                raise InputError(
                    "0 is no penalty, and the baseline has none already; leave it out."
                )
            return strengths
        low, high, count = (float(part) for part in text.split(":"))
    except ValueError as error:
        told = f": {error}" if isinstance(error, InputError) else "."
        raise InputError(expected + told) from error
    if not (0 < low <= high < math.inf) or count != int(count) or count < 1:
        raise InputError(f"{expected}; it needs 0 < LOW <= HIGH and a whole COUNT of at least 1.")
    return log_spaced(low, high, int(count))


def parse_roles(text: str) -> tuple[str, ...]:
    """Roles as the command line writes them: a comma list.

    Raises:
        InputError: if a role is unknown.
    """
    return checked_roles([role.strip() for role in text.split(",")])


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

    Raises:
        InputError: if strengths are no list of finite numbers of at least 0, or a role is unknown.
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


def candidate_names(candidates: Sequence[Candidate]) -> tuple[str, ...]:
    """A name for each candidate: ``"L2(0.001)"``, with the target where strengths don't suffice.

    Where two candidates of one kind differ in their target only, all of that kind are named with
    theirs, so that a sweep is named in one way. Strengths have six significant digits, or all of
    them where these do not suffice.

    Raises:
        InputError: if two candidates are the same, or two networks have one title.
    """
    networks = {part for candidate in candidates for part in candidate if isinstance(part, Network)}
    titles = [network.title for network in networks]
    twice = [title for title in titles if titles.count(title) > 1]
    if twice:
        raise InputError(
            f"Two networks are called {twice[0]!r}; give each a title of its own, or "
            f"make one wane.Network and use it in both candidates."
        )
    repeated = [c for i, c in enumerate(candidates) if c in candidates[:i]]
    if repeated:
        raise InputError(
            f"Candidate {_name(repeated[0], target=True)} is there twice; give each one once."
        )
    exact = len({_name(candidate, target=True) for candidate in candidates}) < len(candidates)
    short = [_name(candidate, exact=exact) for candidate in candidates]
    ambiguous = {
        _kinds(candidate)
        for name, candidate in zip(short, candidates, strict=True)
        if short.count(name) > 1
    }
    return tuple(_name(c, target=_kinds(c) in ambiguous, exact=exact) for c in candidates)


def _kinds(candidate: Candidate) -> tuple[str, ...]:
    return tuple(change.kind for change in candidate)


def _name(candidate: Candidate, *, target: bool = False, exact: bool = False) -> str:
    parts = [change.name(target=target, exact=exact) for change in candidate]
    return " + ".join(parts) or BASELINE_NAME


def penalties_of(candidate: Candidate) -> tuple[Penalty, ...]:
    """The penalties among a candidate's changes."""
    return tuple(change for change in candidate if isinstance(change, Penalty))


def patience_of(candidate: Candidate) -> int | None:
    """After how many epochs without a lower validation data loss a candidate's runs end, or None.

    Raises:
        InputError: if it has early stopping twice.
    """
    stops = [change for change in candidate if isinstance(change, EarlyStopping)]
    if len(stops) > 1:
        raise InputError(f"A candidate stops early once, got {' and '.join(map(str, stops))}.")
    return stops[0].patience if stops else None


def at_epoch(candidate: Candidate, epoch: int) -> Candidate:
    """The candidate as it is in an epoch counted from 0, with strengths that stay."""
    return tuple(c.at(epoch) if isinstance(c, Penalty) else c for c in candidate)


def network_of(candidate: Candidate) -> Network | None:
    """The network that a candidate puts in place of the study's, or None.

    Raises:
        InputError: if it has more than one.
    """
    networks = [change for change in candidate if isinstance(change, Network)]
    if len(networks) > 1:
        raise InputError(
            f"A candidate takes one network, got {' and '.join(n.title for n in networks)}."
        )
    return networks[0] if networks else None
