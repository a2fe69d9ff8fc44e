"""The spaces that a study searches, one for each method, and with what budget."""

import dataclasses
import importlib.util
from collections.abc import Iterable, Mapping, Sequence
from typing import Any, Self

import numpy as np

from wane._errors import InputError, listed, whole_number
from wane.keras_model.copies import ModelSource, made
from wane.keras_model.dropout import rates_of
from wane.keras_model.weights import targeted, trainable_weights
from wane.penalties import BASELINE, Candidate, Dropout, LearningRate, Penalty, Range
from wane.penalties.ranges import LEARNING_RATE
from wane.study.spec.documents import change_document, change_of

ONE, EACH, GIVEN_SPACE = "one strength", "by layer", "tuned"
"""The methods of a search: one strength for all layers, one for each, and a space of the user's."""

_SEARCHED = "searched"
BATCH = 12
"""Candidates that a sampler is asked for at a time."""
TRIALS, FOR_EACH_RANGE = 24, 12
"""Candidates of each method by default: so many, and so many more for each range of the largest
space."""


@dataclasses.dataclass(frozen=True)
class Search:
    """What a study searches.

    Attributes:
        spaces: for each method the ranges, of which every candidate takes a point.
        trials: candidates of each method.
        evidence: whether the evidence of the training rows stands beside it.
    """

    spaces: Mapping[str, tuple[Range, ...]]
    trials: int
    evidence: bool = True

    @property
    def rounds(self) -> int:
        """How often each method's sampler is asked."""
        return -(-self.trials // BATCH)

    @property
    def strongest(self) -> tuple[Candidate, ...]:
        """Of each space the candidate that has all of it, as strong as can be."""
        return tuple(tuple(one.high for one in space) for space in self.spaces.values())

    def asked(self, round_: int) -> int:
        """For how many candidates a sampler is asked in a round, counted from 0."""
        return min(BATCH, self.trials - round_ * BATCH)

    def candidate(self, method: str, places: Iterable[float]) -> Candidate:
        """The candidate at these places of a method's ranges, from 0 to 1 each."""
        found = [one.at(place) for one, place in zip(self.spaces[method], places, strict=True)]
        return tuple(change for change in found if change is not None)

    def places(self, method: str, candidate: Candidate) -> np.ndarray:
        """Where a candidate lies in a method's ranges, [ranges]."""
        return np.array([one.place_of(candidate) for one in self.spaces[method]])

    def document(self) -> dict[str, Any]:
        """The search as ``study.json`` has it."""
        return {
            "trials": self.trials,
            "spaces": {name: space_document(space) for name, space in self.spaces.items()},
            # Not where it is as ever, so that earlier folders are taken for what they are.
            **({} if self.evidence else {"evidence": False}),
        }

    @classmethod
    def of_document(cls, document: Mapping[str, Any] | None) -> Self | None:
        """What :meth:`document` gave, read back."""
        if document is None:
            return None
        spaces = {name: space_of(space) for name, space in document["spaces"].items()}
        trials = whole_number(document["trials"], "trials", least=1)
        return cls(spaces, trials, document.get("evidence", True))


def space_document(space: Iterable[Range]) -> list[dict[str, Any]]:
    """Ranges as JSON has them."""
    return [
        {
            "low": change_document(one.low),
            "high": change_document(one.high),
            "none": one.none,
        }
        for one in space
    ]


def space_of(document: Iterable[Mapping[str, Any]]) -> tuple[Range, ...]:
    """What :func:`space_document` gave, read back."""
    return tuple(
        Range(change_of(one["low"]), change_of(one["high"]), one["none"])  # type: ignore[arg-type] # it checks them
        for one in document
    )


def search_of(
    model: ModelSource,
    space: Sequence[Range] | None,
    *,
    penalty: type[Penalty],
    strengths: tuple[float, float],
    on: tuple[str, ...],
    trials: int | None,
    evidence: bool = True,
) -> Search:
    """The search of a space beside that of one strength for all layers.

    Args:
        model: the compiled model, or the function that returns it.
        space: ranges, or None for a strength of ``penalty`` for each layer that has such weights.
        penalty: the class whose one strength stands beside it.
        strengths: its weakest and strongest.
        on: the roles of the weights that it acts on.
        trials: candidates of each of the two; None takes 24, and 12 for each range.
        evidence: whether the evidence of the training rows is to stand beside it.

    Raises:
        InputError: if a range acts on nothing, two act on the same weights, there is nothing to
            search, or there are fewer trials than ranges.
    """
    if importlib.util.find_spec("optuna") is None:
        raise InputError(
            "A search takes its candidates from Optuna's sampler, and there is no Optuna here: "
            "pip install 'wane[optuna]'."
        )
    built = made(model)
    if space is None:
        layers = list(dict.fromkeys(w.layer for w in trainable_weights(built) if w.role in on))
        if len(layers) < 2:
            raise InputError(
                f"A strength for each layer needs at least two layers with trainable "
                f"{' or '.join(on)} weights, and this network has {len(layers)}: one strength for "
                f"all is a strength for each; take study.run()."
            )
        _check_names(model, layers)
        each = tuple(_range(penalty, strengths, layer, on) for layer in layers)
    else:
        each = _checked(built, space)
    beside = (_range(penalty, strengths, "all", on),)
    count = check_trials(trials, len(each))
    return Search({ONE: beside, EACH if space is None else GIVEN_SPACE: each}, count, evidence)


def check_trials(trials: int | None, ranges: int) -> int:
    """How many candidates each space gets.

    Args:
        trials: as asked for; None takes 24, and 12 for each range.
        ranges: those of the largest space.

    Raises:
        InputError: if they are fewer than its ranges.
    """
    least, better = max(ranges, 2), TRIALS + FOR_EACH_RANGE * ranges
    count = better if trials is None else whole_number(trials, "trials", least=1)
    if count < least:
        raise InputError(
            f"{count} trials are fewer than the {ranges} ranges that are searched: give at "
            f"least {least}, better {better}, or join layers in one range."
        )
    return count


def _check_names(model: ModelSource, layers: Sequence[str]) -> None:
    """Check that a function that makes models calls its layers the same each time."""
    again = {weight.layer for weight in trainable_weights(made(model))}
    changed = [name for name in layers if name not in again]
    if changed:
        raise InputError(
            f"The function that makes the model calls the layer {changed[0]!r} otherwise each "
            f"time, so that no strength can be found for it: give each layer a name, as in "
            f"keras.layers.Dense(8, name='hidden')."
        )


def _range(
    penalty: type[Penalty], strengths: tuple[float, float], layers: str, on: tuple[str, ...]
) -> Range:
    low, high = (penalty.of_strength(strength, layers=layers, on=on) for strength in strengths)
    return Range(low, high)


def _checked(model: Any, space: Any) -> tuple[Range, ...]:
    """A space of the user's, each of whose ranges acts on something of its own."""
    found = checked_space(space)
    taken: dict[tuple[Any, ...], Range] = {}
    for one in found:
        for key in _acts_on(model, one):
            if key in taken:
                raise InputError(
                    f"Two ranges act on the same weights: {taken[key].low} and {one.low} on layers "
                    f"{listed([taken[key].layers, one.layers])}; give each layer to one of them."
                )
            taken[key] = one
    return found


def checked_space(space: Any) -> tuple[Range, ...]:
    """Ranges as a user gives them, or a single one.

    Raises:
        InputError: if they are no such list.
    """
    given = (space,) if isinstance(space, Range) else space
    found = () if not isinstance(given, Iterable) or isinstance(given, str) else tuple(given)
    others = [one for one in found if not isinstance(one, Range)]
    if others or not found:
        raise InputError(
            f"space must be a list of at least one wane.Range, such as "
            f"[wane.Range(wane.L2(1e-5, layers='hidden'), wane.L2(0.1, layers='hidden'))], or None "
            f"for a strength for each layer, got {others[0] if others else space!r}."
        )
    return found


def _acts_on(model: Any, one: Range) -> list[tuple[Any, ...]]:
    """What a range acts on: weights by their place, layers of dropout, or the learning rate.

    Raises:
        InputError: if that is nothing.
    """
    if isinstance(one.high, LearningRate):
        return [(LEARNING_RATE,)]
    if isinstance(one.high, Dropout):
        return [("dropout", place) for place in rates_of(model, (one.high,))]
    assert isinstance(one.low, Penalty)
    return [(one.low.form.kind, weight.index) for weight in targeted(model, one.low)]


def step_of(number: int, method: str) -> str:
    """What a journal calls the step by which a method got further candidates.

    Args:
        number: how many rounds came before it, of all methods, those without new candidates too.
        method: the method.
    """
    return f"{_SEARCHED} {number} {method}"


def round_of(step: str) -> tuple[int, str] | None:
    """The number and the method of :func:`step_of`; None of another step."""
    word, _, rest = step.partition(" ")
    number, _, method = rest.partition(" ")
    return (int(number), method) if word == _SEARCHED and method else None


def initial(search: Search) -> dict[str, tuple[Candidate, ...]]:
    """The methods of a search before it has begun, the one without regularization first."""
    return {"none": (BASELINE,), **dict.fromkeys(search.spaces, ())}
