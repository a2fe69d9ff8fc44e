"""The spaces of a comparison's methods, which one sampler searches with as many settings each."""

from collections.abc import Callable, Mapping, Sequence
from typing import Any

from wane._errors import InputError, listed, nearest
from wane.keras_model.copies import made
from wane.keras_model.dropout import dropout_layers
from wane.penalties import CATALOGUE, DEFAULT_ROLES, L1, L2, Dropout, Penalty, Range
from wane.study.spec.methods import NONE, RANGE, RANGES, RATES, checked_range, known_methods
from wane.study.spec.spaces.search import Search, check_trials
from wane.study.spec.spec import StudySpec

_USUAL = ("l1", "l2", "l1l2", "weight-decay", "dropout")
"""What is searched unless methods are named; dropout only where the network has such layers."""

Strengths = Callable[[str], tuple[float, float]]


def spaces_of(
    spec: StudySpec,
    given: Sequence[str] | Mapping[str, Any] | None,
    *,
    trials: int,
    layers: str = "all",
    on: tuple[str, ...] = DEFAULT_ROLES,
    strengths: tuple[float, float] = RANGE,
) -> Search:
    """The search of the methods that a comparison names.

    Args:
        spec: the study whose model is meant.
        given: names of methods; None takes L1, L2, both, weight decay, and the dropout that the
            network has.
        trials: settings of each.
        layers, on: the target of penalties.
        strengths: weakest and strongest of those without a range of their own.

    Raises:
        InputError: if a method is unknown, named twice or has no range of settings, or there are
            fewer trials than ranges.
    """
    if isinstance(given, Mapping):
        raise InputError(
            "trials are settings of named methods, such as ['l1', 'l2'], but methods holds "
            "candidates of your own: leave out trials, or search a space of your own with "
            "study.tune(space, trials=...)."
        )
    rates = bool(dropout_layers(made(spec.model)))
    usual = [name for name in _USUAL if rates or name != "dropout"]
    names = usual if given is None else [given] if isinstance(given, str) else list(given)
    _check_names(names, rates)
    usual_range = checked_range(strengths)
    spaces = {
        name: _space(name, lambda name: RANGES.get(name, usual_range), layers, on)
        for name in names
        if name != NONE
    }
    if not spaces:
        raise InputError(
            f"There is nothing to compare with {NONE!r}: name other methods, such as 'l2'."
        )
    return Search(spaces, check_trials(trials, max(map(len, spaces.values()))))


def _space(name: str, strengths: Strengths, layers: str, on: tuple[str, ...]) -> tuple[Range, ...]:
    """The ranges of a method."""

    def of(penalty: type[Penalty], key: str, *, none: bool = False) -> Range:
        low, high = (penalty.of_strength(s, layers=layers, on=on) for s in strengths(key))
        return Range(low, high, none=none)

    if name == "dropout":
        low, high = map(Dropout, RATES)
        return (Range(low, high),)
    if name == "l1l2":  # in any mixture; with either alone it is one of the others
        return of(L1, "l1", none=True), of(L2, "l2", none=True)
    return (of(CATALOGUE[name], name),)


def _check_names(names: Sequence[str], rates: bool) -> None:
    can = (NONE, "dropout", *CATALOGUE)
    for name in names:
        if name not in known_methods():
            raise InputError(f"There is no method {name!r}: {nearest(str(name), known_methods())}")
        if names.count(name) > 1:
            raise InputError(f"The method {name!r} is named twice; name each once.")
        if name not in can:
            raise InputError(
                f"The method {name!r} has no range that a sampler could search, as {listed(can)} "
                f"have: leave it out, or leave out trials (--trials)."
            )
        if name == "dropout" and not rates:
            raise InputError(
                "The method 'dropout' is searched over the rates of the network's own dropout "
                "layers, and it has none: give it some, leave dropout out, or leave out trials "
                "(--trials)."
            )
