"""Weight decay whose strengths change during plain ``fit``, on any backend."""

import contextlib
from collections.abc import Callable, Iterator, Sequence
from typing import Any

import keras
import numpy as np

from wane.keras_model.weight_decay import (
    adding_up,
    all_but,
    check_optimizers,
    decayable,
    give_decay,
    own_decay,
    replace_decay,
    restore_decay,
    set_decay,
    steppers,
)
from wane.keras_model.weights import trainable_weights
from wane.penalties import Penalty


class _Strengths(keras.Variable):  # type: ignore[misc] # Keras has no types
    """Marks the variable among those of an optimizer."""


class ScheduledDecay:
    """The optimizer of a model in training, with strengths of weight decay by the epoch.

    They are a variable. On JAX it is one of the optimizer's own, since a compiled step sees no
    other there; files are saved and loaded without it.

    Args:
        model: a compiled model.
        penalties: what decays, perhaps by a schedule.

    Raises:
        InputError: if a penalty matches no weight, or the optimizer decays other weights by itself.
    """

    def __init__(self, model: keras.Model, penalties: Sequence[Penalty]) -> None:
        self._model = model
        check_optimizers(model)
        self._acting = [(p, [w.index for w in decayable(model, p)]) for p in penalties]
        self._latest = {index: 0.0 for _, indices in self._acting for index in indices}
        # All that an optimizer has a place for.
        self._alike = all(set(indices) == set(self._latest) for _, indices in self._acting)
        spared = all_but(model, self._latest)
        trained = {id(variable) for variable in model.trainable_variables}
        others = [variable for variable in spared if id(variable) in trained]
        for stepper in steppers(model.optimizer):
            if own_decay(stepper) and any(map(stepper._use_weight_decay, others)):
                raise adding_up(model, penalties[0])
        for stepper in steppers(model.optimizer):
            stepper.exclude_from_weight_decay(var_list=spared)
        self._variable = _Strengths(np.zeros(len(self._latest), np.float32), trainable=False)
        self._attach()

    def take(self, epoch: int) -> None:
        """Set the strengths of an epoch, and what files that are saved in it hold."""
        self._latest = dict.fromkeys(self._latest, 0.0)
        for penalty, indices in self._acting:
            for index in indices:
                self._latest[index] += penalty.strengths_at(epoch)[0]
        strengths = list(self._latest.values())
        self._variable.assign(np.array(strengths, np.float32))
        if self._alike:
            give_decay(self._model, strengths[0], self._latest)

    def leave(self) -> None:
        """Leave an optimizer as Keras has it, with the strengths of the last epoch."""
        detach(self._model.optimizer)
        if not self._alike:
            set_decay(self._model, self._latest)

    def _attach(self) -> None:
        optimizer = self._model.optimizer
        if not optimizer.built:
            optimizer.build(self._model.trainable_variables)
        weights = trainable_weights(self._model)
        readers = {
            id(weights[index].variable): self._reader(place)
            for place, index in enumerate(self._latest)
        }
        found = steppers(optimizer)
        for stepper in found:
            replace_decay(stepper, readers)
        if keras.config.backend() == "jax":
            found[0]._variables.append(self._variable)
            for one in _of_files(optimizer):
                for name in ("save_own_variables", "load_own_variables"):
                    setattr(one, name, self._without_strengths(getattr(one, name)))

    def _reader(self, place: int) -> Callable[[], Any]:
        return lambda: self._variable.value[place]

    def _without_strengths(self, method: Callable[[Any], None]) -> Callable[[Any], None]:
        """A method of files that does not see the strengths."""

        def called(store: Any) -> None:
            with self._apart():
                method(store)

        return called

    @contextlib.contextmanager
    def _apart(self) -> Iterator[None]:
        held = steppers(self._model.optimizer)[0]._variables
        whole = list(held)
        held[:] = [one for one in whole if one is not self._variable]
        try:
            yield
        finally:
            held[:] = whole


def detach(optimizer: Any) -> None:
    """Take away what a training has left in an optimizer, an interrupted one too."""
    for one in _of_files(optimizer):
        for name in ("save_own_variables", "load_own_variables"):
            vars(one).pop(name, None)
    for stepper in steppers(optimizer):
        restore_decay(stepper)
        if keras.config.backend() == "jax":
            held = stepper._variables
            held[:] = [one for one in held if not isinstance(one, _Strengths)]


def _of_files(optimizer: Any) -> list[Any]:
    """The optimizers whose variables files hold: the outer one, and the first that makes steps."""
    return list({id(one): one for one in (optimizer, *steppers(optimizer)[:1])}.values())
