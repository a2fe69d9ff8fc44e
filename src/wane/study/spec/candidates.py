"""Candidates as the user gives them, checked, and the study's own copies of their models."""

from collections.abc import Iterable, Mapping, Sequence
from typing import Any

from wane._errors import InputError
from wane.keras_model.backend.choice import runs_on_jax
from wane.keras_model.checks.own_model import own_model
from wane.keras_model.copies import ModelSource, is_model
from wane.literature.preset import Preset
from wane.penalties import (
    BASELINE,
    L2,
    Candidate,
    Change,
    Dropout,
    EarlyStopping,
    LearningRate,
    Network,
    Penalty,
    decades,
    network_of,
    sweep,
)
from wane.report.numbers import strength_text
from wane.resampling.dataset import DataSet


def candidate_of(given: Any) -> Candidate:
    """A candidate as a tuple of changes; a preset of the literature stands for its penalties.

    Args:
        given: a change, a preset, or several of them.

    Raises:
        InputError: if there is anything else in it.
    """
    several = given if isinstance(given, tuple | list) else (given,)
    changes: list[Any] = []
    for one in several:
        changes += one.penalties if isinstance(one, Preset) else (one,)
    for change in changes:
        if not isinstance(change, Change):
            raise InputError(
                f"A candidate must be a penalty, a wane.Dropout, a wane.EarlyStopping, a "
                f"wane.LearningRate or a wane.Network, or a tuple of them such as "
                f"(wane.L2(1e-3),), got {change!r}."
            )
    return tuple(changes)


def with_baseline(candidates: Sequence[Candidate | Change] | None) -> tuple[Candidate, ...]:
    """The candidates as tuples of changes, with the baseline first."""
    if candidates is None:
        candidates = sweep(L2, decades(1e-6, 1e-1))
    given: Any = [candidates] if isinstance(candidates, Change | Preset) else candidates
    if isinstance(given, str) or not isinstance(given, Iterable):
        raise InputError(
            f"candidates must be a list of penalties such as [wane.L2(1e-3)], or what wane.sweep "
            f"gives, got {given!r}."
        )
    tuples = [candidate_of(one) for one in given]
    return (BASELINE, *(candidate for candidate in tuples if candidate != BASELINE))


def own_copy(model: Any, data: DataSet) -> Any:
    """A copy of a model as it is now: what is done with it later is of no concern to the study.

    A function, and what is no model and is refused later, stay as they are; so does a model of
    another backend, which is written for a process on JAX when the study is made.
    """
    if not is_model(model) or not runs_on_jax():
        return model
    return own_model(model, *data.checked_sample())


def own_networks(
    candidates: Sequence[Candidate],
    data: DataSet | None,
    known: Mapping[Network, ModelSource] | None = None,
) -> dict[Network, ModelSource]:
    """The same of the networks of candidates, but for those that are known; none without rows."""
    if data is None:
        return {}
    networks = [network_of(candidate) for candidate in candidates]
    found = dict(known or {})
    for network in networks:
        if network is not None and network not in found:
            found[network] = own_copy(network.model, data)
    return {network: found[network] for network in networks if network is not None}


def setting_label(candidate: Candidate) -> str:
    """The numbers of a candidate below each other; its name if it has none."""
    numbers = [number for change in candidate for number in _numbers(change)]
    return "\n".join(strength_text(number) for number in numbers) or " + ".join(map(str, candidate))


def quantities_of(candidate: Candidate) -> tuple[tuple[str, str], ...]:
    """What the numbers of a setting's label are: ``strength``, ``patience``, …, for each.

    Beside it stands of which layers, penalty or term it is one, where there are several.
    """
    penalties = [change for change in candidate if isinstance(change, Penalty)]
    by_layers = len({penalty.layers for penalty in penalties}) > 1
    found: list[tuple[str, str]] = []
    for change in candidate:
        if isinstance(change, Penalty):
            terms = change.strength_fields
            own = change.layers if by_layers else change.kind if len(penalties) > 1 else ""
            found += [("strength", own if len(terms) == 1 else term) for term in terms]
        elif _numbers(change):
            (word,) = (word for kind, word in _WORDS.items() if isinstance(change, kind))
            found.append((word, ""))
    return tuple(found)


_WORDS: dict[type[Change], str] = {
    Dropout: "rate",
    LearningRate: "learning rate",
    EarlyStopping: "patience",
}
"""What the one number of these changes is."""


def _numbers(change: Change) -> tuple[float, ...]:
    """The strengths, the rate or the patience of a change; none of a network."""
    if isinstance(change, Penalty):
        return change.strengths_at()
    if isinstance(change, Dropout | LearningRate):
        return (change.rate,)
    return (change.patience,) if isinstance(change, EarlyStopping) else ()
