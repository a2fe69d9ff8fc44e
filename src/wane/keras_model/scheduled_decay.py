"""Weight decay whose strengths change during plain ``fit``, on any backend."""

from collections.abc import Callable, Sequence
from typing import Any

import keras
import numpy as np

from wane.keras_model.weight_decay import (
    exclude,
    own_decay,
    replace_decay,
    restore_decay,
    set_decay,
    set_strength,
    steppers,
)
from wane.keras_model.weights import targeted, trainable_weights
from wane.penalties import WeightDecay


class _Strengths(keras.Variable):  # type: ignore[misc] # Keras has no types
    """Marks the variable among those of an optimizer."""


class ScheduledDecay:
    """The optimizer of a model in training, with a decay of its own for some weights.

    The strengths are a variable. On JAX it is one of the optimizer's own, since a compiled step
    sees no other there; files that are saved meanwhile do not hold it. Other weights decay as ever.

    Args:
        model: a compiled model.
        penalties: what decays, perhaps by a schedule.

    Raises:
        InputError: if a penalty matches no weight.
    """

    def __init__(self, model: Any, penalties: Sequence[WeightDecay]) -> None:
        self._model = model
        self._acting = [(p, [w.index for w in targeted(model, p)]) for p in penalties]
        self._before = [stepper.weight_decay for stepper in steppers(model.optimizer)]
        self._latest = {index: 0.0 for _, indices in self._acting for index in indices}
        self._variable = _Strengths(np.zeros(len(self._latest), np.float32), trainable=False)
        self._attach()
        others = [v for v in model.trainable_variables if id(v) not in self._readers()]
        # What an optimizer has a place for: one strength, from which others are excluded.
        self._alone = not any(
            own_decay(stepper) and stepper._use_weight_decay(variable)
            for stepper in steppers(model.optimizer)
            for variable in others
        )
        if self._alone:
            exclude(model.optimizer, others)

    def take(self, epoch: int) -> None:
        """Set the strengths of an epoch, and what files that are saved in it hold."""
        self._latest = dict.fromkeys(self._latest, 0.0)
        for penalty, indices in self._acting:
            for index in indices:
                self._latest[index] += penalty.strengths_at(epoch)[0]
        self._variable.assign(np.array(list(self._latest.values()), np.float32))
        if self._alone and len(set(self._latest.values())) == 1:
            set_strength(self._model.optimizer, next(iter(self._latest.values())))
            return
        for stepper, before in zip(steppers(self._model.optimizer), self._before, strict=True):
            stepper.weight_decay = before

    def leave(self) -> None:
        """Leave an optimizer as Keras has it, with the strengths of the last epoch."""
        detach(self._model.optimizer)
        if self._alone:
            set_decay(self._model, self._latest)

    def _attach(self) -> None:
        optimizer = self._model.optimizer
        detach(optimizer)
        if not optimizer.built:
            optimizer.build(self._model.trainable_variables)
        for stepper in steppers(optimizer):
            replace_decay(stepper, self._readers())
        if keras.config.backend() != "jax":
            return
        steppers(optimizer)[0]._variables.append(self._variable)

        def save_own_variables(store: Any) -> None:
            for number, variable in enumerate(_without_strengths(optimizer.variables)):
                store[str(number)] = variable.numpy()

        optimizer.save_own_variables = save_own_variables

    def _readers(self) -> dict[int, Callable[[], Any]]:
        """What gives each weight's strength, by the variable's ``id``."""
        weights = trainable_weights(self._model)
        return {
            id(weights[index].variable): self._reader(place)
            for place, index in enumerate(self._latest)
        }

    def _reader(self, place: int) -> Callable[[], Any]:
        return lambda: self._variable.value[place]


def detach(optimizer: Any) -> None:
    """Take away what a training has left in an optimizer, an interrupted one too."""
    vars(optimizer).pop("save_own_variables", None)
    for stepper in steppers(optimizer):
        restore_decay(stepper)
        if keras.config.backend() == "jax":
            stepper._variables[:] = _without_strengths(stepper._variables)


def _without_strengths(variables: Sequence[Any]) -> list[Any]:
    return [one for one in variables if not isinstance(one, _Strengths)]
