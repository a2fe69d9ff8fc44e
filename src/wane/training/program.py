"""One run of one candidate as a pure program: settings, keys and rows are data, not code.

A study traces this program once for all candidates of one structure and all their repeats.
"""

from collections.abc import Sequence
from typing import Any, NamedTuple

import jax
import jax.numpy as jnp
from jax import lax

from wane.keras_model.bridge.bridge import Arrays, Bridge, norm_names, norms
from wane.keras_model.bridge.callbacks import PATIENCE, Rule, Values
from wane.keras_model.bridge.masks import masks_of, with_masks
from wane.keras_model.bridge.optimizers import CHANGES_RATE, rate_index
from wane.keras_model.dropout import dropout_layers, with_rates_as_data
from wane.keras_model.proximal_steps import after_steps
from wane.resampling.rows import Rows, as_evaluated
from wane.training.lowering import convolutions, random_bits
from wane.training.lowering.rewriting import rewritten
from wane.training.lowering.row_order import row_order
from wane.training.terms import PenaltyTerms, Settings

EVALUATION_ROWS = 1024
"""Rows that an evaluation takes at a time, so that memory does not grow with the data; where the
numbers depend on the batches, it takes the study's batches, as ``fit`` does."""

MOST_PREDICTIONS = 2**20
"""Predictions of a part with more numbers than this are not kept (images as outputs, say)."""

Predictions = tuple[Any, Any]
"""Outputs for the validation and the test rows, [rows, …]; None where there are none or too many.
"""


class RunState(NamedTuple):
    """Everything that changes while a run trains."""

    epoch: jax.Array
    weights: Arrays
    state: Arrays
    optimizer: Arrays
    memories: tuple[Any, ...]
    stopped: jax.Array

    @property
    def values(self) -> Values:
        """What callbacks may change."""
        return Values(self.weights, self.state, self.optimizer)

    def with_values(self, values: Values) -> "RunState":
        """The run after a callback has changed something."""
        return self._replace(**values._asdict())


class Program:
    """The pure functions of one study: train some epochs, and evaluate a trained run.

    Args:
        bridge: the model as pure functions.
        terms: where the study's candidates differ.
        batch_size: rows in a full batch; the last batch of an epoch may have fewer.
        shuffle: whether each epoch takes the rows in a new order.
        epochs_per_call: the most epochs that one call may train.
        rules: callbacks as pure functions.
        lower: whether convolutions are trained as matrix products (on CPUs only); see
            :mod:`wane.training.lowering.convolutions`. Evaluations keep them: they are slow in
            gradients.
        norms_every: the step between the epochs after which the weights' norms are taken, the first
            one included. Norms of every epoch would cost a small network a tenth of its time.
        evaluation_rows: how many rows an evaluation takes at a time.

    Attributes:
        traces: how often :meth:`train` has been traced.
        metric_names: the metrics that curves and final numbers have beside the data loss.
    """

    def __init__(
        self,
        bridge: Bridge,
        terms: PenaltyTerms,
        *,
        batch_size: int,
        shuffle: bool,
        epochs_per_call: int,
        rules: Sequence[Rule] = (),
        lower: bool = True,
        norms_every: int = 1,
        evaluation_rows: int = EVALUATION_ROWS,
    ) -> None:
        self.bridge = bridge
        self.terms = terms
        self.batch_size = batch_size
        self.shuffle = shuffle
        self.epochs_per_call = epochs_per_call
        self.rules = tuple(rules)
        self.norms_every = norms_every
        self.evaluation_rows = evaluation_rows
        layers = list(dropout_layers(bridge.model).values())
        forward = with_rates_as_data(
            self._with_masks_apart, [layers[place] for place in terms.dropout]
        )
        faster = [random_bits.form_of, *([convolutions.form_of] if lower else [])]
        self._forward = rewritten(forward, *faster)
        self.traces = 0
        self.metric_names = bridge.metric_names

    def _with_masks_apart(self, *args: Any, **kwargs: Any) -> tuple[Any, ...]:
        """What the model gives, and the masks of its outputs, which rewriting would lose."""
        predictions, state, own = self.bridge.forward(*args, **kwargs)
        return predictions, masks_of(predictions), state, own

    @property
    def curve_names(self) -> tuple[str, ...]:
        """The first columns of the curves that :meth:`train` returns; the others are norms."""
        return self._columns("train", "validation")

    @property
    def norm_names(self) -> tuple[str, ...]:
        """What the norms are called, in the curves' last columns and in the final numbers."""
        return norm_names(self.bridge.model)

    def number_names(self, test: Rows | None) -> tuple[str, ...]:
        """The columns of what :meth:`final_numbers` returns, in the order of tables."""
        parts = ("train", "validation") if test is None else ("train", "validation", "test")
        return (*self._columns(*parts), "penalty_value", *(f"norm_{n}" for n in self.norm_names))

    def _columns(self, *parts: str) -> tuple[str, ...]:
        names = ("data_loss", *self.metric_names)
        return tuple(f"{part}_{name}" for part in parts for name in names)

    def start(self, weights: Arrays, state: Arrays, learning_rate: float | None = None) -> RunState:
        """A run before its first epoch, with another learning rate if one is given."""
        optimizer = list(self.bridge.optimizer_state(weights))
        if learning_rate is not None:
            place = rate_index(self.bridge.optimizer, CHANGES_RATE)
            optimizer[place] = jnp.asarray(learning_rate, optimizer[place].dtype)
        values = Values(weights, state, optimizer)
        memories = tuple(rule.start(values) for rule in self.rules)
        return RunState(jnp.zeros((), jnp.int32), *values, memories, jnp.asarray(False))

    def train(
        self,
        run: RunState,
        settings: Settings,
        key: jax.Array,
        train: Rows,
        validation: Rows,
        epochs: jax.Array,
    ) -> tuple[RunState, jax.Array]:
        """Train some epochs of one run.

        Args:
            run: the state to continue from.
            settings: the candidate as numbers.
            key: the run's random key, from which each epoch's row order is drawn.
            train, validation: the rows of the run's split.
            epochs: how many epochs to train, at most ``epochs_per_call``; data, so that it
                never recompiles.

        Returns:
            The state after them, and the curves [epochs per call, columns], of which as many rows
            are written as epochs were trained: ``epochs``, or fewer if a callback stopped the run.
            Norms are NaN after epochs for which they were not taken.
        """
        self.traces += 1
        names = self.curve_names
        width = len(names) + len(self.norm_names)
        curves = jnp.full((self.epochs_per_call, width), jnp.nan, jnp.float32)

        def one_epoch(carry: Any) -> Any:
            done, run, curves = carry
            for rule, memory in zip(self.rules, run.memories, strict=True):
                run = run.with_values(rule.before_epoch(memory, run.epoch, run.values))
            order = jax.random.fold_in(key, run.epoch)
            run, trained = self._epoch(run, settings.at(run.epoch), order, train)
            validated, _ = self.evaluate(run.weights, run.state, validation)
            sizes = self._norms(run)
            logs = dict(zip(names, [*trained, *validated], strict=True))
            run = self._after_epoch(run, {**logs, PATIENCE: settings.patience})
            row = jnp.stack([*trained, *validated]).astype(jnp.float32)
            row = jnp.concatenate([row, sizes])
            return done + 1, run, lax.dynamic_update_slice(curves, row[None], (done, 0))

        carry = (jnp.zeros((), jnp.int32), run, curves)
        _, run, curves = lax.while_loop(
            lambda carry: (carry[0] < epochs) & ~carry[1].stopped, one_epoch, carry
        )
        return run, curves

    def _norms(self, run: RunState) -> jax.Array:
        """The weights' norms after an epoch, [norms]; NaN if it is none for which they are taken.

        They are those of the weights in training, not of their moving averages.
        """
        return lax.cond(  # type: ignore[no-any-return] # JAX has no types here
            run.epoch % self.norms_every == 0,
            lambda weights: jnp.asarray(list(norms(self.bridge.model, weights).values())),
            lambda _: jnp.full(len(self.norm_names), jnp.nan, jnp.float32),
            run.weights,
        )

    def _after_epoch(self, run: RunState, logs: dict[str, Any]) -> RunState:
        """The run after its callbacks have seen an epoch's numbers; counts the epoch."""
        memories = []
        for rule, memory in zip(self.rules, run.memories, strict=True):
            memory, values, stop = rule.after_epoch(memory, run.epoch, logs, run.values)
            run = run.with_values(values)._replace(stopped=run.stopped | stop)
            memories.append(memory)
        return run._replace(epoch=run.epoch + 1, memories=tuple(memories))

    def conclude(
        self, run: RunState, settings: Settings, train: Rows, validation: Rows, test: Rows | None
    ) -> tuple[Arrays, Arrays, dict[str, jax.Array], Predictions]:
        """Final values of a run's trainable and other variables, its final numbers and predictions.

        The rows have the weights that :func:`as_evaluated` leaves them.
        """
        weights, state = self._final(run)
        train, validation, test = as_evaluated(train, validation, test)
        last = settings.at(run.epoch - 1)  # a penalty is what it came to
        return weights, state, *self.final_numbers(weights, state, last, train, validation, test)

    def _final(self, run: RunState) -> tuple[Arrays, Arrays]:
        run = run._replace(weights=self.bridge.finalized(run.weights, run.optimizer))
        for rule, memory in zip(self.rules, run.memories, strict=True):
            run = run.with_values(rule.at_end(memory, run.values))
        return run.weights, run.state

    def _epoch(
        self, run: RunState, settings: Settings, key: jax.Array, rows: Rows
    ) -> tuple[RunState, list[jax.Array]]:
        """One pass over the training rows, and Keras's running means of its loss and metrics."""
        full, rest = divmod(rows.row_count, self.batch_size)
        # A single batch holds every row in any order, so there is nothing to shuffle.
        if self.shuffle and full + (rest > 0) > 1:
            rows = rows.at(_row_order(key, rows.row_count))
        sums = (jnp.zeros(()), self.bridge.metric_state())
        carry = (run, sums)
        if full == 1:
            carry = self._step(carry, settings, rows.at(slice(self.batch_size)))
        elif full:
            batches = jax.tree.map(
                lambda a: a[: full * self.batch_size].reshape(full, self.batch_size, *a.shape[1:]),
                rows,
            )
            carry, _ = lax.scan(
                lambda carry, batch: (self._step(carry, settings, batch), None), carry, batches
            )
        if rest:
            carry = self._step(carry, settings, rows.at(slice(full * self.batch_size, None)))
        (run, (loss_sum, metrics)) = carry
        means = [loss_sum / rows.row_count, *self.bridge.metric_results(metrics).values()]
        return run, means

    def _step(self, carry: Any, settings: Settings, batch: Rows) -> Any:
        """One batch, as ``keras.Model.fit`` trains it."""
        bridge, batch = self.bridge, batch.read()
        run, (loss_sum, metrics) = carry

        def loss(weights: Arrays) -> Any:
            outputs, masks, state, own = self._forward(
                weights, run.state, batch.x, settings.shares, training=True
            )
            predictions = with_masks(outputs, masks)
            data_loss = bridge.data_loss(batch.y, predictions, batch.sample_weight)
            penalty = self.terms.penalty(weights, settings.strengths, in_loss=True)
            total = data_loss + own + penalty
            scaled = bridge.scaled_for_gradient(total, run.optimizer)
            return scaled, (data_loss, predictions, masks, state)

        # As in Keras's step, outputs lose their masks here, before the metrics of training rows.
        gradients, aside = jax.grad(loss, has_aux=True)(run.weights)
        data_loss, predictions, masks, state = aside
        decays = self.terms.decays(settings.strengths)
        weights, optimizer = bridge.updated(run.optimizer, gradients, run.weights, decays)
        steps = self.terms.steps(settings.strengths)
        weights = after_steps(bridge.optimizer, optimizer, weights, steps)
        metrics = bridge.with_rows(
            metrics, batch.y, predictions, batch.sample_weight, batch.unit, loss_masks=masks
        )
        run = run._replace(weights=weights, state=state, optimizer=optimizer)
        return run, (loss_sum + data_loss * bridge.share(batch.row_count), metrics)

    def evaluate(
        self, weights: Arrays, state: Arrays, rows: Rows, *, keep: bool = False
    ) -> tuple[list[jax.Array], Any]:
        """Data loss and metrics of these rows, and their predictions if asked, in inference mode.

        Args:
            weights, state: the model's variables.
            rows: what to evaluate.
            keep: whether to give the predictions, [rows, …] in float32; else, and where they are
                more than :data:`MOST_PREDICTIONS` numbers, None is given.
        """
        size = self.evaluation_rows
        full, rest = divmod(rows.row_count, size)

        def block(carry: Any, some: Rows) -> Any:
            (loss_sum, metrics), some = carry, some.read()
            predictions, _, _ = self.bridge.forward(weights, state, some.x, training=False)
            data_loss = self.bridge.data_loss(some.y, predictions, some.sample_weight)
            metrics = self.bridge.with_rows(
                metrics, some.y, predictions, some.sample_weight, some.unit
            )
            each = sum(leaf.size for leaf in jax.tree.leaves(predictions)) / some.row_count
            kept = keep and each * rows.row_count <= MOST_PREDICTIONS
            loss_sum += data_loss * self.bridge.share(some.row_count)
            return (loss_sum, metrics), predictions if kept else ()

        carry = (jnp.zeros(()), self.bridge.metric_state())
        parts = []
        if full:
            blocks = jax.tree.map(
                lambda a: a[: full * size].reshape(full, size, *a.shape[1:]), rows
            )
            carry, many = lax.scan(block, carry, blocks)
            parts.append(jax.tree.map(lambda a: a.reshape(-1, *a.shape[2:]), many))
        if rest:
            carry, some = block(carry, rows.at(slice(full * size, None)))
            parts.append(some)
        loss_sum, metrics = carry
        values = [loss_sum / rows.row_count, *self.bridge.metric_results(metrics).values()]
        whole = jax.tree.map(lambda *a: jnp.concatenate(a).astype(jnp.float32), *parts)
        return values, whole if jax.tree.leaves(whole) else None

    def final_numbers(
        self,
        weights: Arrays,
        state: Arrays,
        settings: Settings,
        train: Rows,
        validation: Rows,
        test: Rows | None,
    ) -> tuple[dict[str, jax.Array], Predictions]:
        """The final numbers of a run, scalars by column name in ``result.runs``; predictions."""
        numbers: dict[str, jax.Array] = {}
        predictions = {}
        for part, rows in (("train", train), ("validation", validation), ("test", test)):
            if rows is not None:
                values, predictions[part] = self.evaluate(
                    weights, state, rows, keep=part != "train"
                )
                numbers.update(zip(self._columns(part), values, strict=True))
        own = self.bridge.forward(weights, state, train.at(slice(1)).read().x, training=False)[2]
        numbers["penalty_value"] = own + self.terms.penalty(weights, settings.strengths)
        for name, norm in norms(self.bridge.model, weights).items():
            numbers[f"norm_{name}"] = norm
        return numbers, (predictions["validation"], predictions.get("test"))


def _row_order(key: jax.Array, rows: int) -> jax.Array:
    return rewritten(lambda key: row_order(key, rows), random_bits.form_of)(key)  # type: ignore[no-any-return] # an array
