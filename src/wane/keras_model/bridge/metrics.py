"""The metrics of a compiled model: what their numbers are called, and what is known of them."""

import math
from collections.abc import Iterator, Sequence
from typing import Any

import jax
import jax.numpy as jnp
import keras


class OutputLosses:
    """The loss of each output of a model with several, as a metric of all of them.

    The numbers are the data losses before their weights, under the names that ``fit`` logs.

    Args:
        compiled: the model's compiled loss, built.
    """

    def __init__(self, compiled: Any) -> None:
        self._compiled = compiled
        self._means = [keras.metrics.Mean(name=tracker.name) for tracker in compiled.metrics]

    @property
    def variables(self) -> list[Any]:
        """Sum and count of each output's mean."""
        return [variable for mean in self._means for variable in mean.variables]

    def reset_state(self) -> None:
        """Forget all rows."""
        for mean in self._means:
            mean.reset_state()

    def update_state(self, y: Any, predictions: Any, sample_weight: Any) -> None:
        """Take the losses of these rows."""
        nothing = [(v, jnp.zeros(v.shape, v.dtype)) for v in self._compiled.variables]
        with keras.StatelessScope(state_mapping=nothing) as scope:
            self._compiled(y, predictions, sample_weight)
        rows = jax.tree.leaves(predictions)[0].shape[0]
        trackers, losses = self._compiled.metrics, self._compiled._flat_losses
        for mean, tracker, entry in zip(self._means, trackers, losses, strict=True):
            # Keras adds up loss times rows; a loss that is itself a sum is reported per row.
            weighted = scope.get_current_value(tracker.total)
            summed = getattr(entry.loss, "reduction", None) == "sum"
            mean.update_state(weighted / (rows * rows if summed else rows), sample_weight=rows)

    def result(self) -> dict[str, Any]:
        """The mean loss of each output by its name."""
        return {mean.name: mean.result() for mean in self._means}


def named_results(metrics: Sequence[Any]) -> dict[str, tuple[Any, jax.Array]]:
    """The numbers of these metrics as they are now, scalars, under the names that ``fit`` logs.

    Keras names a metric by its output where there are several, and numbers those of one name. A
    metric whose result is a dictionary gives a number for each key; one whose result is a vector
    (``F1Score(average=None)``) gives one for each element: ``f1_score_0``, ``f1_score_1``, …. Where
    that is what ``fit`` calls another metric, as a second ``F1Score`` is ``f1_score_1``, it gives
    ``f1_score_element_0``, …: a name of ``fit``'s always is that metric.

    Args:
        metrics: the compiled metrics of a model as one, :class:`OutputLosses`, and single ones.

    Returns:
        By name the single metric, and its number.
    """
    logged: dict[str, tuple[Any, jax.Array]] = {}
    for metric in metrics:
        for single, name, value in _single_results(metric):
            logged[_unused(name, logged)] = (single, jnp.asarray(value))
    found: dict[str, tuple[Any, jax.Array]] = {}
    for name, (single, value) in logged.items():
        if value.size == 1:
            found[name] = (single, value.reshape(()))
            continue
        names = [f"{name}_{place}" for place in range(value.size)]
        if logged.keys() & names:
            names = [f"{name}_element_{place}" for place in range(value.size)]
        for whole, number in zip(names, jnp.ravel(value), strict=True):
            found[_unused(whole, {**logged, **found})] = (single, number)
    return found


def _single_results(metric: Any) -> Iterator[tuple[Any, str, Any]]:
    """Each single metric of a metric, with name and value of each of its results."""
    result = metric.result()
    if not isinstance(result, dict):
        yield metric, metric.name, result
        return
    # Compiled metrics give a dictionary of single ones in their order.
    several = getattr(metric, "metrics", None)
    singles = several if isinstance(several, list) else [metric] * len(result)
    for single, (name, value) in zip(singles, result.items(), strict=True):
        if isinstance(value, dict):  # of a single metric; `fit` logs its keys alone
            yield from ((single, str(key), number) for key, number in value.items())
        else:
            yield single, name, value


def _unused(name: str, used: dict[str, Any]) -> str:
    """The name, numbered as Keras numbers metrics of one name if it is taken."""
    number, free = 1, name
    while free in used:
        free, number = f"{name}_{number}", number + 1
    return free


def direction(metric: Any) -> str | None:
    return getattr(metric, "_direction", None)


_ACCURACIES = (
    keras.metrics.Accuracy,
    keras.metrics.BinaryAccuracy,
    keras.metrics.CategoricalAccuracy,
    keras.metrics.SparseCategoricalAccuracy,
    keras.metrics.TopKCategoricalAccuracy,
    keras.metrics.SparseTopKCategoricalAccuracy,
)


def mean_over_rows(metric: Any) -> str | None:
    if isinstance(metric, keras.metrics.RootMeanSquaredError):
        return "root"
    if isinstance(metric, _ACCURACIES):
        return "share"
    return "mean" if isinstance(metric, keras.metrics.Mean) else None


_M = keras.metrics
_RANGES: tuple[tuple[tuple[type, ...], tuple[float, float]], ...] = (
    (
        (
            *_ACCURACIES, _M.AUC, _M.Precision, _M.Recall, _M.FBetaScore, _M.IoU,
            _M.SensitivityAtSpecificity, _M.SpecificityAtSensitivity, _M.PrecisionAtRecall,
            _M.RecallAtPrecision,
        ),
        (0.0, 1.0),
    ),
    ((_M.CosineSimilarity, _M.PearsonCorrelation, _M.ConcordanceCorrelation), (-1.0, 1.0)),
    ((_M.R2Score,), (-math.inf, 1.0)),
)  # fmt: skip


def score_range(metric: Any) -> tuple[float, float] | None:
    """Between which numbers a metric lies, where that is known and its best is 1; else None."""
    return next((ends for kinds, ends in _RANGES if isinstance(metric, kinds)), None)
