"""A compiled Keras model as pure functions of arrays, with the data loss apart from the penalty.

What ``keras.Model.fit`` does in one step is done here by the same calls in the same order
(``stateless_call``, the compiled loss, ``optimizer.stateless_apply``), so that a run equals
``fit``; only the sum of loss and penalty is taken apart.
"""

import dataclasses
import functools
from collections.abc import Callable, Mapping, Sequence
from typing import TYPE_CHECKING, Any

import jax
import jax.numpy as jnp
import keras

from wane._errors import InputError, one_line
from wane.keras_model.bridge.masks import masks_of, with_masks
from wane.keras_model.bridge.metrics import (
    OutputLosses,
    direction,
    mean_over_rows,
    named_results,
    score_range,
)
from wane.keras_model.bridge.model_checks import check_model
from wane.keras_model.bridge.optimizers import fresh_optimizer, optimizer_start, trained_start
from wane.keras_model.bridge.task import Task, task_of
from wane.keras_model.bridge.tracing import first_rows, known_by_tracing
from wane.keras_model.weight_decay import decaying
from wane.keras_model.weights import Weight, trainable_weights
from wane.resampling.rows import in_own_unit

if TYPE_CHECKING:
    from jax.typing import ArrayLike

Arrays = list[jax.Array]

QUICK: dict[str, str | bool] = {"xla_backend_optimization_level": "0"}
"""Options to compile what runs once, so that optimizing it would take longer than it could save."""


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
        output_axes: how many axes each output has, the rows included.
        mask_axes: how many axes the mask of each output has, 0 where it has none; a loss leaves out
            what is masked.
        goes_on: whether the optimizer's state is that in which the model's own optimizer is.
    """

    model: keras.Model
    optimizer: Any
    metrics: tuple[Any, ...]
    task: Task
    optimizer_state: Callable[[Arrays], Arrays]
    outputs: Any
    output_axes: tuple[int, ...]
    mask_axes: tuple[int, ...]
    goes_on: bool = False

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

    def share(self, rows: int) -> int:
        """What the loss of so many rows is multiplied by in a sum that is divided by all rows.

        So a loss that is itself a sum is reported per row, like any other: parts with different
        numbers of rows could not be compared otherwise.
        """
        return 1 if self.loss_is_sum else rows

    @property
    def flat_metrics(self) -> list[Any]:
        """Every single metric of Keras, compiled ones first."""
        own = [m for m in self.metrics if isinstance(m, keras.metrics.Metric)]
        own = [m for m in own if m is not self.model._compile_metrics]
        compiled = self.model._compile_metrics
        return [*(compiled.metrics if compiled is not None else []), *own]

    @functools.cached_property
    def metric_names(self) -> tuple[str, ...]:
        """The names under which :meth:`metric_results` gives its numbers."""
        return tuple(known_by_tracing(lambda: self.metric_results(self.metric_state())))

    @property
    def directions(self) -> dict[str, str | None]:
        """Which way each of :attr:`metric_names` is better, ``"up"`` or ``"down"``; or None."""
        return self._by_name(direction, "down")

    @property
    def means_over_rows(self) -> dict[str, str | None]:
        """How each of :attr:`metric_names` is made of single rows' values.

        ``"mean"``: it is their mean; ``"share"``: so it is, of numbers from 0 to 1; ``"root"``: the
        root of their mean square; None: none of these, as with AUC or R².
        """
        return self._by_name(mean_over_rows, "mean")

    @property
    def ranges(self) -> dict[str, tuple[float, float]]:
        """Between which numbers scores among :attr:`metric_names` lie, of which 1 is the best."""
        found = self._by_name(score_range, None)
        return {name: ends for name, ends in found.items() if ends is not None}

    @property
    def metrics_by_name(self) -> dict[str, Any]:
        """Keras's metric behind each of :attr:`metric_names`; None behind losses of outputs."""
        return self._by_name(lambda metric: metric, None)

    def is_weighted(self, metric: Any) -> bool:
        """Whether a metric counts rows by their weights: those of ``weighted_metrics`` do."""
        compiled = self.model._compile_metrics
        several = [] if compiled is None else compiled._flat_weighted_metrics
        return any(metric is one for each in several if each for one in each.metrics)

    def _by_name(self, about: Callable[[Any], Any], of_output_losses: Any) -> dict[str, Any]:
        """What a function gives for each metric, by the names of its numbers."""
        state = list(zip(self._metric_variables(), self.metric_state(), strict=True))

        def named() -> dict[str, tuple[Any, jax.Array]]:
            with keras.StatelessScope(state_mapping=state):
                return named_results(self.metrics)

        return {
            name: of_output_losses if isinstance(metric, OutputLosses) else about(metric)
            for name, (metric, _) in known_by_tracing(named).items()
        }

    def metric_state(self) -> Arrays:
        """The state of all metrics before their first rows."""
        variables = self._metric_variables()
        with keras.StatelessScope() as scope:
            for metric in self.metrics:
                metric.reset_state()
        return [_current(scope, variable) for variable in variables]

    def with_rows(
        self,
        metric_state: Arrays,
        y: Any,
        predictions: Any,
        sample_weight: Any,
        unit: Any = None,
        *,
        loss_masks: Sequence[Any] = (),
    ) -> Arrays:
        """The state of all metrics after these rows too.

        A standardized target is measured in its own ``unit`` (as :class:`Rows` has it), but for R²:
        that is the same in both, and Keras's loses its digits where the centre is large.

        Args:
            metric_state: the state before.
            y, predictions, sample_weight, unit: the rows, and the model's outputs for them.
            loss_masks: masks of the outputs that the losses heed and the metrics do not, as in
                Keras's training step, where outputs have lost their masks.
        """
        masks = masks_of(predictions)
        own_y, own_predictions = in_own_unit(unit, (y, predictions))
        own = own_y, with_masks(own_predictions, masks)
        with_loss_masks = predictions
        if any(mask is not None for mask in loss_masks):
            with_loss_masks = with_masks(jax.tree.map(jnp.copy, predictions), loss_masks)
        variables = self._metric_variables()
        mapping = list(zip(variables, metric_state, strict=True))
        with keras.StatelessScope(state_mapping=mapping) as scope:
            for metric in self.metrics:
                # As in Keras, losses and compiled metrics see weights (of these only
                # `weighted_metrics` use them).
                is_loss = isinstance(metric, OutputLosses)
                weighted = is_loss or metric is self.model._compile_metrics
                measured = own
                if is_loss or isinstance(metric, keras.metrics.R2Score):
                    measured = y, with_loss_masks if is_loss else predictions
                metric.update_state(*measured, sample_weight if weighted else None)
        return [_current(scope, variable) for variable in variables]

    def metric_results(self, metric_state: Arrays) -> dict[str, jax.Array]:
        """Each metric's value, a scalar, by the name that :func:`named_results` gives it."""
        mapping = list(zip(self._metric_variables(), metric_state, strict=True))
        with keras.StatelessScope(state_mapping=mapping):
            return {name: value for name, (_, value) in named_results(self.metrics).items()}

    def _metric_variables(self) -> list[Any]:
        return [variable for metric in self.metrics for variable in metric.variables]


def _current(scope: Any, variable: Any) -> jax.Array:
    value = scope.get_current_value(variable)
    return jnp.asarray(variable.value if value is None else value)


def bridge(
    model: keras.Model, x: "ArrayLike", y: "ArrayLike", *, optimizer_state: str = "fresh"
) -> Bridge:
    """The pure functions of a compiled model, built for rows like these.

    Args:
        model: a compiled Keras model; one that is not built yet is built for ``x``.
        x, y: at least two rows of inputs and targets, [rows, …].
        optimizer_state: ``"model"`` to go on with the state of the model's own optimizer.

    Raises:
        InputError: if the model is not compiled, has parts that wane does not train yet, does not
            fit the rows, or has no state of an optimizer to go on with.
    """
    predictions = check_model(model, x, y)
    task = task_of(model, predictions)
    some = first_rows(y)
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
    goes_on = optimizer_state == "model"
    built = Bridge(
        model,
        optimizer,
        tuple(metrics),
        task,
        trained_start(model) if goes_on else optimizer_start(model, optimizer),
        jax.tree.structure(predictions),
        tuple(output.ndim for output in jax.tree.leaves(predictions)),
        tuple(0 if mask is None else mask.ndim for mask in masks_of(predictions)),
        goes_on,
    )
    _build_metrics(model, [m for m in metrics if _is_unbuilt(m)], some, predictions)
    if "data_loss" in built.metric_names:
        raise InputError(
            f"The model {model.name!r} has a metric or an output's loss called 'data_loss', which "
            f"is wane's name for the loss without penalties: give the metric, or the output layer "
            f"'data', another name."
        )
    return built


def _is_unbuilt(metric: Any) -> bool:
    """Whether a metric, or one of several that are compiled together, lacks its variables."""
    return any(getattr(one, "_built", True) is False for one in [metric, *_singles(metric)])


def _singles(metric: Any) -> list[Any]:
    """The metrics of those that are compiled together; none of a single one."""
    several = getattr(metric, "metrics", None)
    return several if isinstance(several, list) else []


def _build_metrics(model: keras.Model, metrics: Sequence[Any], y: Any, predictions: Any) -> None:
    """Let metrics make their variables that do so at the first rows: it must not be in tracing.

    Those that are compiled take their rows together, which gives each its own output.
    """
    try:
        for metric in metrics:
            if isinstance(metric, keras.metrics.R2Score):  # wane's own, for a single output
                metric._build(predictions.shape, predictions.shape)
            else:
                metric.update_state(y, predictions)
                metric.reset_state()
    except Exception as error:
        raise InputError(
            f"A metric of the model {model.name!r} does not take its targets and outputs "
            f"({one_line(error)}): give targets of the outputs' shape, such as y[:, None] where "
            f"there is one output, or compile the model without it."
        ) from error


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
