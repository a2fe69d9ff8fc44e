"""Keras callbacks as pure functions over one run's epochs, so that they work inside a program.

A callback that only looks at an epoch's numbers and changes weights, learning rate or the end of
training is such a function; anything else needs the host and is refused. Where Keras monitors
``loss`` or ``val_loss``, which contain the penalty, the data loss is monitored here: a sum that
grows with the strength says nothing about fit.
"""

import dataclasses
from collections.abc import Mapping, Sequence
from typing import Any, NamedTuple, Protocol

import jax
import jax.numpy as jnp
import keras
import numpy as np

from wane._errors import InputError, listed, one_line
from wane.keras_model.bridge.bridge import Arrays, Bridge
from wane.keras_model.bridge.optimizers import rate_index

PATIENCE = "patience"
"""The log with the patience of a run's own early stopping, where its candidate has one."""


class Values(NamedTuple):
    """What a callback may change: weights, other variables, optimizer variables."""

    weights: Arrays
    state: Arrays
    optimizer: Arrays


class Rule(Protocol):
    """A callback as pure functions; ``memory`` is what it carries from epoch to epoch."""

    def start(self, values: Values) -> Any:
        """The memory before the first epoch."""

    def before_epoch(self, memory: Any, epoch: jax.Array, values: Values) -> Values:
        """The values with which an epoch (counted from 0) begins."""

    def after_epoch(
        self, memory: Any, epoch: jax.Array, logs: Mapping[str, jax.Array], values: Values
    ) -> tuple[Any, Values, jax.Array]:
        """New memory, new values, and whether training stops after this epoch."""

    def at_end(self, memory: Any, values: Values) -> Values:
        """The values that a finished run has."""


@dataclasses.dataclass(frozen=True)
class _Unchanging:
    """A rule that does nothing but what a subclass says otherwise."""

    def start(self, values: Values) -> Any:
        del values
        return ()

    def before_epoch(self, memory: Any, epoch: jax.Array, values: Values) -> Values:
        del memory, epoch
        return values

    def after_epoch(
        self, memory: Any, epoch: jax.Array, logs: Mapping[str, jax.Array], values: Values
    ) -> tuple[Any, Values, jax.Array]:
        del epoch, logs
        return memory, values, jnp.asarray(False)

    def at_end(self, memory: Any, values: Values) -> Values:
        del memory
        return values


@dataclasses.dataclass(frozen=True)
class Monitor:
    """A number that a callback watches.

    Attributes:
        column: the curve's name.
        descending: whether lower is better.
        least_change: what counts as an improvement.
    """

    column: str
    descending: bool
    least_change: float

    def improves(self, current: jax.Array, reference: Any) -> jax.Array:
        """Whether ``current`` is better than the reference by more than the least change."""
        if self.descending:
            return jnp.less(current + self.least_change, reference)
        return jnp.greater(current - self.least_change, reference)


@dataclasses.dataclass(frozen=True)
class StopEarly(_Unchanging):
    """``keras.callbacks.EarlyStopping``; without a patience of its own it takes the run's.

    That is the number :data:`PATIENCE` of the logs: data of the program, not a part of it.
    """

    monitor: Monitor
    patience: int | None
    baseline: float | None
    restore: bool
    first_epoch: int

    def start(self, values: Values) -> Any:
        kept = (values.weights, values.state) if self.restore else ()
        return jnp.asarray(False), jnp.zeros(()), jnp.zeros((), jnp.int32), kept

    def after_epoch(
        self, memory: Any, epoch: jax.Array, logs: Mapping[str, jax.Array], values: Values
    ) -> tuple[Any, Values, jax.Array]:
        seen, best, wait, kept = memory
        current = logs[self.monitor.column]
        active = epoch >= self.first_epoch
        better = active & (~seen | self.monitor.improves(current, best))
        # As in Keras, an improvement that stays worse than the baseline does not restart the wait.
        restarts = better
        if self.baseline is not None:
            restarts = better & self.monitor.improves(current, self.baseline)
        wait = jnp.where(active, jnp.where(restarts, 0, wait + 1), wait)
        if self.restore:
            present = (values.weights, values.state)
            kept = jax.tree.map(lambda new, old: jnp.where(better, new, old), present, kept)
        patience = logs[PATIENCE] if self.patience is None else self.patience
        stop = active & ~better & (wait >= patience) & (epoch > 0)
        memory = (seen | active, jnp.where(better, current, best), wait, kept)
        return memory, values, stop

    def at_end(self, memory: Any, values: Values) -> Values:
        seen, _, _, kept = memory
        if not self.restore:
            return values
        present = (values.weights, values.state)
        weights, state = jax.tree.map(lambda old, new: jnp.where(seen, old, new), kept, present)
        return values._replace(weights=weights, state=state)


@dataclasses.dataclass(frozen=True)
class ReduceRate(_Unchanging):
    """``keras.callbacks.ReduceLROnPlateau``."""

    monitor: Monitor
    factor: float
    patience: int
    cooldown: int
    lowest: float
    rate_index: int

    def start(self, values: Values) -> Any:
        del values
        counter = jnp.zeros((), jnp.int32)
        return jnp.asarray(False), jnp.zeros(()), counter, counter

    def after_epoch(
        self, memory: Any, epoch: jax.Array, logs: Mapping[str, jax.Array], values: Values
    ) -> tuple[Any, Values, jax.Array]:
        del epoch
        seen, best, wait, cooling = memory
        current = logs[self.monitor.column]
        wait = jnp.where(cooling > 0, 0, wait)
        cooling = jnp.maximum(cooling - 1, 0)
        better = ~seen | self.monitor.improves(current, best)
        wait = jnp.where(better, 0, jnp.where(cooling > 0, wait, wait + 1))
        rate = values.optimizer[self.rate_index]
        reduce = ~better & (cooling == 0) & (wait >= self.patience) & (rate > self.lowest)
        rate = jnp.where(reduce, jnp.maximum(rate * self.factor, self.lowest), rate)
        memory = (
            jnp.asarray(True),
            jnp.where(better, current, best),
            jnp.where(reduce, 0, wait),
            jnp.where(reduce, self.cooldown, cooling),
        )
        return memory, _with_rate(values, self.rate_index, rate), jnp.asarray(False)


@dataclasses.dataclass(frozen=True, eq=False)
class ScheduleRate(_Unchanging):
    """``keras.callbacks.LearningRateScheduler``: the learning rate of each epoch, [epochs]."""

    rates: np.ndarray
    rate_index: int

    def before_epoch(self, memory: Any, epoch: jax.Array, values: Values) -> Values:
        del memory
        return _with_rate(values, self.rate_index, jnp.asarray(self.rates)[epoch])


@dataclasses.dataclass(frozen=True)
class StopOnNaN(_Unchanging):
    """``keras.callbacks.TerminateOnNaN``, at the end of the epoch."""

    def after_epoch(
        self, memory: Any, epoch: jax.Array, logs: Mapping[str, jax.Array], values: Values
    ) -> tuple[Any, Values, jax.Array]:
        del epoch
        return memory, values, ~jnp.isfinite(logs["train_data_loss"])


def _with_rate(values: Values, index: int, rate: jax.Array) -> Values:
    optimizer = list(values.optimizer)
    optimizer[index] = jnp.asarray(rate, optimizer[index].dtype)
    return values._replace(optimizer=optimizer)


def rules(callbacks: Sequence[Any], bridge: Bridge, *, epochs: int) -> tuple[Rule, ...]:
    """The callbacks as pure functions.

    Args:
        callbacks: Keras callbacks; they are read, never called.
        bridge: the model that runs train, with its optimizer and metrics.
        epochs: how many epochs a run has at most.

    Raises:
        InputError: for a callback that needs the host, or watches what is not there.
    """
    optimizer, directions = bridge.optimizer, {"loss": "down", **bridge.directions}
    made: list[Rule] = []
    for callback in callbacks:
        kind = type(callback)
        if kind is keras.callbacks.EarlyStopping:
            watched = _monitor(callback, directions, bridge.loss_is_sum)
            made.append(
                StopEarly(
                    watched,
                    callback.patience,
                    callback.baseline,
                    callback.restore_best_weights,
                    callback.start_from_epoch,
                )
            )
        elif kind is keras.callbacks.ReduceLROnPlateau:
            made.append(
                ReduceRate(
                    _monitor(callback, directions, bridge.loss_is_sum),
                    callback.factor,
                    callback.patience,
                    callback.cooldown,
                    callback.min_lr,
                    rate_index(optimizer, kind.__name__),
                )
            )
        elif kind is keras.callbacks.LearningRateScheduler:
            rates = _scheduled(callback, optimizer, epochs)
            made.append(ScheduleRate(rates, rate_index(optimizer, kind.__name__)))
        elif kind is keras.callbacks.TerminateOnNaN:
            made.append(StopOnNaN())
        elif not isinstance(callback, keras.callbacks.Callback):
            raise InputError(
                f"callbacks must be Keras callbacks such as EarlyStopping(patience=5), "
                f"got {callback!r}."
            )
        else:
            raise InputError(
                f"The callback {kind.__name__} needs Python at every epoch, which one compiled "
                f"program has not; EarlyStopping, ReduceLROnPlateau, LearningRateScheduler and "
                f"TerminateOnNaN work, and result.curves has what a logger would write."
            )
    both = {ReduceRate, ScheduleRate} <= {type(rule) for rule in made}
    if both:
        raise InputError(
            "ReduceLROnPlateau and LearningRateScheduler both set the learning rate; give one."
        )
    return tuple(made)


def early_stopping(patience: int) -> keras.callbacks.Callback:
    """Keras's callback that ends a run by its validation loss, in a study the data loss.

    Args:
        patience: after how many epochs without a lower one; at least 0.
    """
    return keras.callbacks.EarlyStopping(patience=patience, restore_best_weights=True)


def stops_by_validation(callbacks: Sequence[Any]) -> bool:
    """Whether a callback stops runs where their validation rows are predicted best."""
    return any(
        isinstance(one, keras.callbacks.EarlyStopping) and one.monitor.startswith("val_")
        for one in callbacks
    )


def candidates_stop() -> StopEarly:
    """The early stopping of candidates: best weights by data loss, patience from the settings."""
    watched = Monitor("validation_data_loss", descending=True, least_change=0.0)
    return StopEarly(watched, patience=None, baseline=None, restore=True, first_epoch=0)


def restores_lowest(epochs: int) -> StopEarly:
    """A run of at most so many epochs that ends with the weights of its lowest validation loss."""
    return dataclasses.replace(candidates_stop(), patience=epochs)


def _monitor(
    callback: Any, directions: Mapping[str, str | None], loss_is_sum: bool = False
) -> Monitor:
    """What a callback watches, of these numbers and the ways in which they are better.

    Args:
        callback: the callback.
        directions: which way each number is better.
        loss_is_sum: whether the loss adds up rows: then it has another unit here than in ``fit``.
    """
    part = "validation" if callback.monitor.startswith("val_") else "train"
    name = callback.monitor.removeprefix("val_")
    if name not in directions:
        names = [prefix + known for known in directions for prefix in ("", "val_")]
        raise InputError(
            f"{type(callback).__name__} watches {callback.monitor!r}, which is none of "
            f"{listed(names)}: change its monitor or compile the model with that metric."
        )
    chosen = {"min": "down", "max": "up"}.get(callback.mode, directions[name])
    if chosen is None:
        raise InputError(
            f"{type(callback).__name__} cannot tell whether a higher {name} is better: give it "
            f"mode='max' or mode='min'."
        )
    compares = callback.min_delta != 0 or getattr(callback, "baseline", None) is not None
    if name == "loss" and loss_is_sum and compares:
        raise InputError(
            f"{type(callback).__name__} compares {callback.monitor!r} with a min_delta or a "
            f"baseline, but the loss adds up the rows of a batch, and wane reports it for each "
            f"row: compile the model with reduction='sum_over_batch_size', or give min_delta=0 and "
            f"no baseline."
        )
    column = f"{part}_{'data_loss' if name == 'loss' else name}"
    return Monitor(column, chosen == "down", abs(float(callback.min_delta)))


def _scheduled(callback: Any, optimizer: Any, epochs: int) -> np.ndarray:
    """The learning rate of every epoch, float32 [epochs], as the callback's function gives it."""
    rate, rates = float(np.asarray(optimizer.learning_rate)), []
    for epoch in range(epochs):
        try:
            try:
                rate = float(callback.schedule(epoch, rate))
            except TypeError:  # Keras also takes functions of the epoch alone
                rate = float(callback.schedule(epoch))
        except Exception as error:
            raise InputError(
                f"The function of LearningRateScheduler gives no learning rate for epoch {epoch} "
                f"({one_line(error)}): have it return a number for each epoch."
            ) from error
        rates.append(rate)
    return np.asarray(rates, np.float32)
