"""Candidates as numbers: every one is a row, with a place for all that one of them changes.

A *penalty term* is a penalty function on one weight; the rate of a dropout layer has a place beside
them. The baseline has zeros for all strengths, which change exactly nothing: a gradient of zero, a
decay by zero, or a proximal step that leaves the weight as it is. Where a candidate's strength
changes in training, each strength is a schedule's numbers, and a constant one a schedule of one
segment.
"""

import dataclasses
from collections.abc import Iterator, Sequence
from typing import Any, NamedTuple

import jax
import jax.numpy as jnp
import numpy as np

from wane._errors import InputError
from wane.keras_model.bridge.bridge import Arrays
from wane.keras_model.copies import Model
from wane.keras_model.dropout import dropout_layers, rates_of, takes_rate_as_data
from wane.keras_model.proximal_steps import Step, check_steps
from wane.keras_model.weight_decay import decays
from wane.keras_model.weights import targeted
from wane.penalties import (
    Candidate,
    Penalty,
    Schedule,
    Strength,
    is_proximal,
    patience_of,
    penalties_of,
    schedule,
)


class Settings(NamedTuple):
    """A candidate as numbers: all that its runs differ in from those of others.

    Attributes:
        strengths: a tuple of strengths for each penalty term, each a scalar, or the sum of
            schedules by their numbers, [schedules, segments, 5].
        shares: for each dropout rate the share of units that is kept, 1 - rate.
        patience: that of early stopping; None in a structure without it.
    """

    strengths: tuple[tuple[Any, ...], ...]
    shares: tuple[Any, ...] = ()
    patience: Any = None

    def at(self, epoch: jax.Array) -> "Settings":
        """The settings in an epoch counted from 0, in which every strength is a scalar."""
        return self._replace(
            strengths=tuple(
                tuple(_strength_at(strength, epoch) for strength in term) for term in self.strengths
            )
        )


def _strength_at(strength: Any, epoch: jax.Array) -> Any:
    if jnp.ndim(strength) == 0:
        return strength
    return jnp.sum(jax.vmap(lambda numbers: schedule.strength_at(numbers, epoch))(strength))


@dataclasses.dataclass(frozen=True)
class PenaltyTerms:
    """The places at which the candidates of one structure differ.

    Attributes:
        functions: for each penalty term the penalty's form and the index of the weight it acts on.
        dropout: for each dropout rate the layer's place among the model's dropout layers.
        scheduled: how many schedules a term's strength is the sum of, and how many segments each
            has; None if no strength changes in training.
    """

    functions: tuple[tuple[Penalty, int], ...]
    dropout: tuple[int, ...] = ()
    scheduled: tuple[int, int] | None = None

    @classmethod
    def of(cls, model: Model, candidates: Sequence[Candidate]) -> "PenaltyTerms":
        """The terms that these candidates need together, in an order that theirs does not change.

        Dropout rates that cannot be data have no place here: they are the model's own.

        Raises:
            InputError: if a change of a candidate acts on nothing in the model, or cannot act on
                what it is for.
        """
        for candidate in candidates:
            decays(model, candidate)
            check_steps(model, penalties_of(candidate))
        functions = {
            (penalty.form, weight.index)
            for candidate in candidates
            for penalty in penalties_of(candidate)
            for weight in targeted(model, penalty)
        }
        layers = list(dropout_layers(model).values())
        changed = {place for candidate in candidates for place in rates_of(model, candidate)}
        return cls(
            tuple(sorted(functions, key=lambda term: (term[0].kind, term[1]))),
            tuple(sorted(place for place in changed if takes_rate_as_data(layers[place]))),
            _scheduled(candidates),
        )

    def cover(self, other: "PenaltyTerms") -> bool:
        """Whether all places of other terms are among these."""
        terms = set(other.functions) <= set(self.functions)
        rates = set(other.dropout) <= set(self.dropout)
        own, wanted = self.scheduled or (0, 0), other.scheduled or (0, 0)
        return terms and rates and own[0] >= wanted[0] and own[1] >= wanted[1]

    def settings(self, model: Model, candidate: Candidate) -> Settings:
        """The numbers of one candidate: zeros where it has no penalty, the layers' own rates."""
        found: dict[tuple[Penalty, int], list[Penalty]] = {term: [] for term in self.functions}
        for penalty in penalties_of(candidate):
            for weight in targeted(model, penalty):
                found[penalty.form, weight.index].append(penalty)
        rates = rates_of(model, candidate)
        layers = list(dropout_layers(model).values())
        return Settings(
            tuple(
                tuple(self._sum([getattr(p, name) for p in found[term]]) for name in fields)
                for term in self.functions
                for fields in (term[0].strength_fields,)
            ),
            tuple(1.0 - rates.get(place, layers[place].rate) for place in self.dropout),
            patience_of(candidate),
        )

    def _sum(self, strengths: Sequence[Strength]) -> Any:
        """Strengths that act together, as one entry of :class:`Settings`."""
        if self.scheduled is None:
            return sum((s for s in strengths if not isinstance(s, Schedule)), start=0.0)
        count, segments = self.scheduled
        given = [*strengths, *[0.0] * (count - len(strengths))]
        parts = [s if isinstance(s, Schedule) else schedule.constant(s) for s in given]
        return np.stack([part.numbers(segments) for part in parts])

    def penalty(
        self, weights: Arrays, strengths: Sequence[Sequence[Any]], *, in_loss: bool = False
    ) -> jax.Array:
        """The penalty of these weights under these strengths, a scalar.

        Args:
            weights: all trainable weights.
            strengths: those of the penalty terms.
            in_loss: whether to leave out those that act by proximal steps and not in the loss.

        Raises:
            InputError: unless there are as many strengths as each term's penalty has.
        """
        terms = [
            form.value(weights[index], *term)
            for form, index, term in self._filled(strengths)
            if not (in_loss and is_proximal(form))
        ]
        return sum(terms, start=jnp.zeros(()))

    def steps(self, strengths: Sequence[Sequence[Any]]) -> list[Step]:
        """The proximal steps that follow an update of the optimizer."""
        return [
            Step(form, index, term)
            for form, index, term in self._filled(strengths)
            if is_proximal(form)
        ]

    def decays(self, strengths: Sequence[Sequence[Any]]) -> dict[int, Any]:
        """The strength of decoupled weight decay by the index of the weight."""
        return {
            index: term[0]
            for form, index, term in self._filled(strengths)
            if form.acts_by == "decay"
        }

    def _filled(
        self, strengths: Sequence[Sequence[Any]]
    ) -> Iterator[tuple[Penalty, int, Sequence[Any]]]:
        """Form, index of the weight and strengths of each penalty term."""
        needed = [len(form.strength_fields) for form, _ in self.functions]
        given = [len(term) for term in strengths]
        if given != needed:
            raise InputError(
                f"strengths must have {len(needed)} parts of {needed} numbers, one part for each "
                f"penalty term, but have {len(given)} parts of {given}: take what "
                f"PenaltyTerms.settings gives."
            )
        for (form, index), term in zip(self.functions, strengths, strict=True):
            yield form, index, term


def _scheduled(candidates: Sequence[Candidate]) -> tuple[int, int] | None:
    """The most penalties of a candidate and the most segments of a schedule, None without any."""
    penalties = [penalties_of(candidate) for candidate in candidates]
    schedules = [s for several in penalties for penalty in several for s in penalty.schedules]
    if not schedules:
        return None
    return max(map(len, penalties)), max(len(s.segments) for s in schedules)
