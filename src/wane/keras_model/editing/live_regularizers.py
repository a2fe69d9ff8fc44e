"""What acts during a training by schedule, and how it goes when the training was interrupted."""

from collections.abc import Sequence
from typing import Any

import keras
import numpy as np

from wane.keras_model.editing.scheduled_decay import detach
from wane.keras_model.regularizers import regularizer_of
from wane.penalties import KerasTerms


class Scheduled(keras.regularizers.Regularizer):  # type: ignore[misc] # Keras has no types
    """A regularizer whose strengths are numbers of a variable.

    Args:
        strengths: a variable [weights, terms].
        place: the place of this weight in it.
        terms: which of the terms there are, a boolean for each.
    """

    def __init__(self, strengths: Any, place: int, terms: Sequence[bool]) -> None:
        self._strengths = strengths
        self._place = place
        # A term of strength 1 is what the strength is multiplied by, as Keras does.
        units = [regularizer_of(KerasTerms(**{name: 1.0})) for name in KerasTerms._fields]
        self._units = {number: units[number] for number, used in enumerate(terms) if used}

    def __call__(self, weight: Any) -> Any:
        strengths = keras.ops.cast(self._strengths.value, weight.dtype)[self._place]
        return sum(strengths[number] * unit(weight) for number, unit in self._units.items())

    def now(self) -> Any:
        """The regularizer of Keras with the present strengths."""
        strengths = np.asarray(keras.ops.convert_to_numpy(self._strengths), np.float64)
        return regularizer_of(KerasTerms(*map(float, strengths[self._place])))

    def get_config(self) -> dict[str, Any]:
        """Nothing: layers have another regularizer in their configuration."""
        return {}


class Holder:
    """What Keras takes for a random state: a variable that is neither trained nor saved.

    On JAX a compiled training step sees only variables of the model. Of the places where a model
    keeps any, that of its random states alone is left out of configurations and files, so that
    models which other callbacks save in training load as ever.
    """

    def __init__(self, state: Any) -> None:
        self.state = state


def settle(model: keras.Model) -> None:
    """Take away what a training by schedule has put on a model, an interrupted one too.

    Its weights have Keras's own regularizers then, with the strengths of that moment.
    """
    for variable in model.trainable_variables:
        if isinstance(variable.regularizer, Scheduled):
            variable.regularizer = variable.regularizer.now()
    held = model._seed_generators
    held[:] = [one for one in held if not isinstance(one, Holder)]
    if getattr(model, "optimizer", None) is not None:
        detach(model.optimizer)
