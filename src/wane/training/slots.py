"""Candidates as numbers: every one is a row, with a place for all that one of them changes.

A *slot* is such a place: a penalty function on one weight, or the rate of one dropout layer. The
baseline has zeros in the penalty slots, which change exactly nothing: a gradient of zero, a decay
by zero, or a proximal step that leaves the weight as it is.
"""

import dataclasses
from collections.abc import Iterator, Sequence
from typing import Any, NamedTuple

import jax
import jax.numpy as jnp

from wane._errors import InputError
from wane.keras_model.bridge import Arrays
from wane.keras_model.dropout import dropout_layers, rates_of, takes_rate_as_data
from wane.keras_model.proximal import Step, check_steps
from wane.keras_model.weight_decay import decays
from wane.keras_model.weights import targeted
from wane.penalties import Candidate, Penalty, Sparse, WeightDecay, is_proximal, penalties_of


class Settings(NamedTuple):
    """A candidate as numbers: all that its runs differ in from those of others.

    Attributes:
        strengths: a tuple of strengths for each penalty slot.
        shares: for each dropout slot the share of units that is kept, 1 - rate.
    """

    strengths: tuple[tuple[Any, ...], ...]
    shares: tuple[Any, ...] = ()


@dataclasses.dataclass(frozen=True)
class Slots:
    """The places at which the candidates of one structure differ.

    Attributes:
        functions: for each penalty slot the penalty's form and the index of the weight it acts on.
        dropout: for each dropout slot the layer's place among the model's dropout layers.
    """

    functions: tuple[tuple[Penalty, int], ...]
    dropout: tuple[int, ...] = ()

    @classmethod
    def of(cls, model: Any, candidates: Sequence[Candidate]) -> "Slots":
        """The slots that these candidates need together, in an order that theirs does not change.

        Dropout rates that cannot be data have no slot: they are the model's own.

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
            tuple(sorted(functions, key=lambda slot: (slot[0].kind, slot[1]))),
            tuple(sorted(place for place in changed if takes_rate_as_data(layers[place]))),
        )

    def settings(self, model: Any, candidate: Candidate) -> Settings:
        """The numbers of one candidate: zeros where it has no penalty, the layers' own rates."""
        values = {slot: [0.0] * len(slot[0].strength_fields) for slot in self.functions}
        for penalty in penalties_of(candidate):
            for weight in targeted(model, penalty):
                slot = values[penalty.form, weight.index]
                slot[:] = [a + b for a, b in zip(slot, penalty.strengths, strict=True)]
        rates = rates_of(model, candidate)
        layers = list(dropout_layers(model).values())
        return Settings(
            tuple(tuple(values[slot]) for slot in self.functions),
            tuple(1.0 - rates.get(place, layers[place].rate) for place in self.dropout),
        )

    def penalty(
        self, weights: Arrays, strengths: Sequence[Sequence[Any]], *, in_loss: bool = False
    ) -> jax.Array:
        """The penalty of these weights under these strengths, a scalar.

        Args:
            weights: all trainable weights.
            strengths: those of the penalty slots.
            in_loss: whether to leave out those that act by proximal steps and not in the loss.

        Raises:
            InputError: unless there are as many strengths as each slot's penalty has.
        """
        terms = [
            form.value(weights[index], *slot)
            for form, index, slot in self._filled(strengths)
            if not (in_loss and is_proximal(form))
        ]
        return sum(terms, start=jnp.zeros(()))

    def steps(self, strengths: Sequence[Sequence[Any]]) -> list[Step]:
        """The proximal steps that follow an update of the optimizer."""
        return [
            Step(form, index, slot)
            for form, index, slot in self._filled(strengths)
            if isinstance(form, Sparse) and is_proximal(form)
        ]

    def decays(self, strengths: Sequence[Sequence[Any]]) -> dict[int, Any]:
        """The strength of decoupled weight decay by the index of the weight."""
        return {
            index: slot[0]
            for form, index, slot in self._filled(strengths)
            if isinstance(form, WeightDecay)
        }

    def _filled(
        self, strengths: Sequence[Sequence[Any]]
    ) -> Iterator[tuple[Penalty, int, Sequence[Any]]]:
        """Form, index of the weight and strengths of each penalty slot."""
        needed = [len(form.strength_fields) for form, _ in self.functions]
        given = [len(slot) for slot in strengths]
        if given != needed:
            raise InputError(
                f"strengths must have {len(needed)} parts of {needed} numbers, one part for each "
                f"slot, but have {len(given)} parts of {given}: take what Slots.settings gives."
            )
        for (form, index), slot in zip(self.functions, strengths, strict=True):
            yield form, index, slot
