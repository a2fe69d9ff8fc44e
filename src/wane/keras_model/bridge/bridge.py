"""A compiled Keras model as pure functions of arrays, with the data loss apart from the penalty.

What ``keras.Model.fit`` does in one step is done here by the same calls in the same order
(``stateless_call``, the compiled loss, ``optimizer.stateless_apply``), so that a run equals
``fit``; only the sum of loss and penalty is taken apart.
"""

import dataclasses
from collections.abc import Callable, Mapping, Sequence
from typing import TYPE_CHECKING, Any

import jax
import jax.numpy as jnp
import keras

from wane._errors import InputError
from wane.keras_model.bridge.model_checks import check_model
from wane.keras_model.bridge.optimizers import fresh_optimizer, optimizer_start
from wane.keras_model.bridge.task import Task, task_of
from wane.keras_model.weight_decay import decaying
from wane.keras_model.weights import Weight, trainable_weights
from wane.resampling.rows import in_own_unit

if TYPE_CHECKING:
    from jax.typing import ArrayLike

Arrays = list[jax.Array]


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


@dataclasses.dataclass(frozen=True)
class Bridge:
    """Pure functions of one compiled Keras model; it never assigns to the model's variables.

    Attributes:
        model: the compiled, built model.
        optimizer: a fresh optimizer of the model's configuration, built for its variables.
        metrics: the model's compiled metrics, and those of its task that it lacks; with several
            outputs their losses too.
        task: what the model is for, by its loss.
        optimizer_state: gives the state of the optimizer before its first step from given weights.
        outputs: how the model's outputs are arranged, as a tree of JAX: one array, or several.
    """

    model: keras.Model
    optimizer: Any
    metrics: tuple[Any, ...]
    task: Task
    optimizer_state: Callable[[Arrays], Arrays]
    outputs: Any

    def forward(
        self, weights: Arrays, state: Arrays, x: Any, *, training: bool
    ) -> tuple[Any, Arrays, jax.Array]:
        """Predictions, the new non-trainable values, and the model's own penalties (a scalar).

        The model's own penalties are its regularizers and whatever its layers add by ``add_loss``.
        """
        # As Keras's trainer: `training` goes only to a model whose call() takes it.
        mode = {"training": training} if self.model._call_has_training_arg else {}
        predictions, state, losses = self.model.stateless_call(
            weights, state, x, return_losses=True, **mode
        )
        own = [jnp.sum(jnp.asarray(loss, "float32")) for loss in losses]
        return predictions, state, sum(own, start=jnp.zeros(()))

    def data_loss(self, y: Any, predictions: Any, sample_weight: Any) -> jax.Array:
        """The compiled loss of these rows without any penalty, a scalar."""
        with keras.StatelessScope():
            return jnp.asarray(self.model._compile_loss(y, predictions, sample_weight))

    def scaled_for_gradient(self, loss: jax.Array, optimizer_state: Arrays) -> jax.Array:
        """The loss as the optimizer wants it differentiated (a loss-scaling optimizer scales)."""
        scope = keras.StatelessScope(
            state_mapping=list(zip(self.optimizer.variables, optimizer_state, strict=True))
        )
        with scope:
            return jnp.asarray(self.optimizer.scale_loss(loss))

    def updated(
        self,
        optimizer_state: Arrays,
        gradients: Arrays,
        weights: Arrays,
        decays: Mapping[int, Any] | None = None,
    ) -> tuple[Arrays, Arrays]:
        """Weights and optimizer state after one step, weight decay and constraints included.

        Args:
            optimizer_state, gradients, weights: those of the step.
            decays: strengths of decoupled weight decay by the index of the weight.
        """
        with decaying(self.model, self.optimizer, decays or {}):
            weights, optimizer_state = self.optimizer.stateless_apply(
                optimizer_state, gradients, weights
            )
        return weights, optimizer_state

    def finalized(self, weights: Arrays, optimizer_state: Arrays) -> Arrays:
        """The weights that a finished run has: their moving averages if the optimizer keeps any."""
        variables = self.model.trainable_variables
        mapping = [
            *zip(variables, weights, strict=True),
            *zip(self.optimizer.variables, optimizer_state, strict=True),
        ]
        with keras.StatelessScope(state_mapping=mapping) as scope:
            self.optimizer.finalize_variable_values(variables)
        return [_current(scope, variable) for variable in variables]

    @property
    def loss_is_sum(self) -> bool:
        """Whether the compiled loss adds up rows instead of taking their mean."""
        losses = keras.tree.flatten(self.model._compile_loss._user_loss)
        return any(getattr(loss, "reduction", None) == "sum" for loss in losses)

    @property
    def flat_metrics(self) -> list[Any]:
        """Every single metric of Keras, compiled ones first."""
        own = [m for m in self.metrics if isinstance(m, keras.metrics.Metric)]
        own = [m for m in own if m is not self.model._compile_metrics]
        compiled = self.model._compile_metrics
        return [*(compiled.metrics if compiled is not None else []), *own]

    @property
    def metric_names(self) -> tuple[str, ...]:
        """The names under which :meth:`metric_results` gives its numbers."""
        return tuple(self.metric_results(self.metric_state()))

    @property
    def directions(self) -> dict[str, str | None]:
        """Which way each of :attr:`metric_names` is better, ``"up"`` or ``"down"``; or None."""
        return self._by_name(_direction, "down")

    @property
    def means_over_rows(self) -> dict[str, str | None]:
        """How each of :attr:`metric_names` is made of single rows' values.

        ``"mean"``: it is their mean; ``"share"``: so it is, of numbers from 0 to 1; ``"root"``: the
        root of their mean square; None: none of these, as with AUC or R².
        """
        return self._by_name(_mean_over_rows, "mean")

    @property
    def metrics_by_name(self) -> dict[str, Any]:
        """Keras's metric behind each of :attr:`metric_names`; None behind losses of outputs."""
        return self._by_name(lambda metric: metric, None)

    def _by_name(self, about: Callable[[Any], Any], of_output_losses: Any) -> dict[str, Any]:
        """What a function gives for each metric, by its name.

        Keras names a metric by its output where there are several, and numbers those of one name.
        """
        state = list(zip(self._metric_variables(), self.metric_state(), strict=True))
        found: dict[str, Any] = {}
        with keras.StatelessScope(state_mapping=state):
            for metric in self.metrics:
                if isinstance(metric, OutputLosses):
                    found.update(dict.fromkeys(metric.result(), of_output_losses))
                elif metric is self.model._compile_metrics:
                    found.update(zip(metric.result(), map(about, metric.metrics), strict=True))
                else:
                    found[metric.name] = about(metric)
        return found

    def metric_state(self) -> Arrays:
        """The state of all metrics before their first rows."""
        variables = self._metric_variables()
        with keras.StatelessScope() as scope:
            for metric in self.metrics:
                metric.reset_state()
        return [_current(scope, variable) for variable in variables]

    def with_rows(
        self, metric_state: Arrays, y: Any, predictions: Any, sample_weight: Any, unit: Any = None
    ) -> Arrays:
        """The state of all metrics after these rows too.

        A standardized target is measured in its own ``unit`` (as :class:`Rows` has it), but for R²:
        that is the same in both, and Keras's loses its digits where the centre is large.
        """
        own = in_own_unit(unit, (y, predictions))
        variables = self._metric_variables()
        mapping = list(zip(variables, metric_state, strict=True))
        with keras.StatelessScope(state_mapping=mapping) as scope:
            for metric in self.metrics:
                # As in Keras, losses and compiled metrics see weights (of these only
                # `weighted_metrics` use them).
                compiled = metric is self.model._compile_metrics
                weighted = compiled or isinstance(metric, OutputLosses)
                measured = (y, predictions) if isinstance(metric, keras.metrics.R2Score) else own
                metric.update_state(*measured, sample_weight if weighted else None)
        return [_current(scope, variable) for variable in variables]

    def metric_results(self, metric_state: Arrays) -> dict[str, jax.Array]:
        """Each metric's value, a scalar, by its name."""
        mapping = list(zip(self._metric_variables(), metric_state, strict=True))
        results: dict[str, jax.Array] = {}
        with keras.StatelessScope(state_mapping=mapping):
            for metric in self.metrics:
                value = metric.result()
                results.update(value if isinstance(value, dict) else {metric.name: value})
        return {name: jnp.mean(jnp.asarray(value)) for name, value in results.items()}

    def _metric_variables(self) -> list[Any]:
        return [variable for metric in self.metrics for variable in metric.variables]


def _direction(metric: Any) -> str | None:
    return getattr(metric, "_direction", None)


_ACCURACIES = (
    keras.metrics.Accuracy,
    keras.metrics.BinaryAccuracy,
    keras.metrics.CategoricalAccuracy,
    keras.metrics.SparseCategoricalAccuracy,
    keras.metrics.TopKCategoricalAccuracy,
    keras.metrics.SparseTopKCategoricalAccuracy,
)


def _mean_over_rows(metric: Any) -> str | None:
    if isinstance(metric, keras.metrics.RootMeanSquaredError):
        return "root"
    if isinstance(metric, _ACCURACIES):
        return "share"
    return "mean" if isinstance(metric, keras.metrics.Mean) else None


def _current(scope: Any, variable: Any) -> jax.Array:
    value = scope.get_current_value(variable)
    return jnp.asarray(variable.value if value is None else value)


def bridge(model: keras.Model, x: "ArrayLike", y: "ArrayLike") -> Bridge:
    """The pure functions of a compiled model, built for rows like these.

    Args:
        model: a compiled Keras model; one that is not built yet is built for ``x``.
        x, y: at least two rows of inputs and targets, [rows, …].

    Raises:
        InputError: if the model is not compiled, has parts that wane does not train yet, or does
            not fit the rows.
    """
    predictions = check_model(model, x, y)
    task = task_of(model, predictions)
    some = jax.tree.map(lambda array: jnp.asarray(array)[:2], y)
    compiled = model._compile_metrics
    if compiled is not None and not compiled.built:
        compiled.build(some, predictions)
    metrics = [] if compiled is None else [compiled]
    named = [] if compiled is None else [m.name for m in compiled.metrics]
    metrics += [m for m in task.metrics(predictions) if m.name not in named]
    if model._compile_loss.metrics:  # Keras has one for each output, if there are several
        metrics.append(OutputLosses(model._compile_loss))
    optimizer = fresh_optimizer(model)
    optimizer.build(model.trainable_variables)
    built = Bridge(
        model,
        optimizer,
        tuple(metrics),
        task,
        optimizer_start(model, optimizer),
        jax.tree.structure(predictions),
    )
    for metric in built.flat_metrics:
        if getattr(metric, "_built", True) is False:
            # Some metrics make their variables at the first rows; that must not happen in tracing.
            metric.update_state(some, predictions)
            metric.reset_state()
    if "data_loss" in built.metric_names:
        raise InputError(
            f"The model {model.name!r} has a metric or an output's loss called 'data_loss', which "
            f"is wane's name for the loss without penalties: give the metric, or the output layer "
            f"'data', another name."
        )
    return built


def norms(model: keras.Model, weights: Sequence[jax.Array]) -> dict[str, jax.Array]:
    """The Euclidean norm of each layer's weights of one role, by :func:`norm_names`."""
    squares: dict[str, jax.Array] = {}
    for weight in _with_role(model):
        square = jnp.sum(jnp.square(weights[weight.index].astype(jnp.float32)))
        name = _norm_name(weight)
        squares[name] = squares.get(name, jnp.zeros(())) + square
    return {name: jnp.sqrt(square) for name, square in squares.items()}


def norm_names(model: keras.Model) -> tuple[str, ...]:
    """What norms are called: a layer's name means its kernels, ``layer:bias`` its biases.

    So with the other roles, ``layer:recurrent`` and ``layer:embedding``; in the model's order.
    """
    return tuple(dict.fromkeys(_norm_name(weight) for weight in _with_role(model)))


def _norm_name(weight: Weight) -> str:
    return weight.layer if weight.role == "kernel" else f"{weight.layer}:{weight.role}"


def _with_role(model: keras.Model) -> list[Weight]:
    return [weight for weight in trainable_weights(model) if weight.role is not None]
