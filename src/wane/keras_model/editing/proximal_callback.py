"""Proximal steps after each update of plain ``fit``."""

import warnings
from typing import Any

import keras
from keras import ops

from wane._errors import InputError, listed
from wane.keras_model.proximal_steps import Step, _schedule, check_steps, step_size, steps_of
from wane.keras_model.weights import trainable_weights
from wane.penalties import Penalty, Sparse, is_proximal


class ProximalSteps(keras.callbacks.Callback):  # type: ignore[misc] # Keras has no types
    """A Keras callback that follows each update of ``fit`` by the steps of proximal penalties.

    It takes the place of regularizers: do not put the same penalties on the model as well. It works
    on any backend of Keras, and takes the weights from the device and back in each step.

    Args:
        penalties: such as ``wane.L1(1e-3, proximal=True)``; strengths may be schedules.

    Raises:
        InputError: if one is not proximal; when training begins, if the model cannot be trained so.

    Example:
        >>> import keras, numpy as np, wane
        >>> model = keras.Sequential([keras.layers.Input((2,)), keras.layers.Dense(1)])
        >>> model.compile(optimizer=keras.optimizers.SGD(0.1), loss="mse")
        >>> sparse = wane.ProximalSteps(wane.L1(10.0, proximal=True))
        >>> x, y = np.ones((8, 2)), np.ones(8)
        >>> history = model.fit(x, y, epochs=2, verbose=0, callbacks=[sparse])
        >>> model.layers[0].kernel.numpy().tolist()
        [[0.0], [0.0]]
    """

    def __init__(self, *penalties: Sparse) -> None:
        super().__init__()
        for penalty in penalties:
            if not isinstance(penalty, Penalty) or not is_proximal(penalty):
                raise InputError(
                    f"ProximalSteps takes penalties with proximal=True, such as "
                    f"wane.L1(1e-3, proximal=True), got {penalty}."
                )
        if not penalties:
            raise InputError(
                "ProximalSteps takes at least one penalty, such as wane.L1(1e-3, proximal=True)."
            )
        self.penalties = penalties
        self._steps: tuple[Step, ...] = ()
        self._rates: dict[int, float] = {}

    def on_train_begin(self, logs: Any = None) -> None:
        """Find the weights."""
        self._rates = {}
        del logs
        model = self.model
        if model.steps_per_execution != 1:
            raise InputError(
                f"ProximalSteps must follow every single update, but the model {model.name!r} is "
                f"compiled with steps_per_execution={model.steps_per_execution}: leave that out."
            )
        check_steps(model, self.penalties)
        self._steps = tuple(steps_of(model, self.penalties))
        self._warn_of_l1()

    def _warn_of_l1(self) -> None:
        """Warn of weights that a regularizer draws to zero as well."""
        weights = trainable_weights(self.model)
        stepped = [weights[s.index] for s in self._steps if _has_l1(s.penalty)]
        twice = dict.fromkeys(w.layer for w in stepped if getattr(w.variable.regularizer, "l1", 0))
        if twice:
            warnings.warn(
                f"L1 acts twice on weights of {listed(twice)}, as a regularizer and by proximal "
                f"steps: take the regularizer off with wane.unregularize(model).",
                stacklevel=3,
            )

    def on_epoch_begin(self, epoch: int, logs: Any = None) -> None:
        """Take the strengths of the epoch."""
        del logs
        if any(penalty.schedules for penalty in self.penalties):
            self._steps = tuple(steps_of(self.model, self.penalties, epoch))

    def on_train_batch_end(self, batch: int, logs: Any = None) -> None:
        """Take the steps."""
        del batch, logs
        model = self.model
        for step in self._steps:
            variable = model.trainable_variables[step.index]
            weight = ops.convert_to_numpy(variable)
            size = ops.convert_to_numpy(step_size(model.optimizer, step.index, self._rates_at))
            variable.assign(step.penalty.prox(weight, size.astype(weight.dtype), *step.strengths))

    def _rates_at(self, times: Any) -> Any:
        """The rates of the schedule, each computed once: momentum asks for many in every step."""
        schedule, counts = _schedule(self.model.optimizer), ops.convert_to_numpy(times)
        for count in counts:
            if int(count) not in self._rates:
                self._rates[int(count)] = float(schedule(int(count)))
        return ops.convert_to_tensor([self._rates[int(count)] for count in counts], "float32")


def _has_l1(penalty: Penalty) -> bool:
    """Whether a term of a penalty is Keras's L1."""
    terms = penalty.keras_terms(*[1.0] * len(penalty.strength_fields))
    return terms is not None and terms.l1 > 0
