"""Batches: a new order of rows each epoch, each row once; dropout in training only."""

from typing import Any

import jax
import jax.numpy as jnp
import keras
import numpy as np
import pytest

from training_cases import INPUTS, data, network, study
from wane.keras_model.bridge.bridge import bridge
from wane.keras_model.initial.initial_weights import fresh_weights
from wane.resampling.rows import Rows
from wane.training.program import Program
from wane.training.terms import PenaltyTerms, Settings

ROWS, BATCH, EPOCHS = 11, 4, 5


def rows_seen(*keys: int, shuffle: bool, batch: int = BATCH) -> list[list[list[int]]]:
    """For each random key the row numbers that each epoch trained on, in order."""
    seen: list[int] = []
    model = network()
    parts = bridge(model, *data())
    forward = parts.forward

    def recording(weights: Any, state: Any, x: Any, *, training: bool) -> Any:
        if training:
            jax.debug.callback(
                lambda rows: seen.extend(int(r) for r in rows), x[:, 0], ordered=True
            )
        return forward(weights, state, x, training=training)

    object.__setattr__(parts, "forward", recording)
    program = Program(
        parts, PenaltyTerms(()), batch_size=batch, shuffle=shuffle, epochs_per_call=EPOCHS
    )
    x = np.zeros((ROWS, INPUTS), np.float32)
    x[:, 0] = np.arange(ROWS)
    rows = Rows(jnp.asarray(x), jnp.zeros(ROWS))
    start = program.start(*fresh_weights(model)(jax.random.key(0)))
    train = jax.jit(program.train)
    for key in keys:
        train(start, Settings(()), jax.random.key(key), rows, rows, jnp.int32(EPOCHS))
    jax.effects_barrier()
    assert len(seen) == ROWS * EPOCHS * len(keys)
    epochs = [seen[i : i + ROWS] for i in range(0, len(seen), ROWS)]
    return [epochs[i : i + EPOCHS] for i in range(0, len(epochs), EPOCHS)]


def test_shuffled_epochs_visit_each_row_once_in_a_new_order_by_key() -> None:
    first, again, other = rows_seen(1, 1, 2, shuffle=True)
    assert all(sorted(epoch) == list(range(ROWS)) for epoch in [*first, *other])
    assert len({tuple(epoch) for epoch in [*first, *other]}) == 2 * EPOCHS
    assert list(range(ROWS)) not in first
    assert first == again


@pytest.mark.parametrize("batch", [BATCH, 100])
def test_unshuffled_epochs_keep_the_order(batch: int) -> None:
    assert rows_seen(0, shuffle=False, batch=batch) == [[list(range(ROWS))] * EPOCHS]


def dropout_network(seed: int | None = None) -> Any:
    """A network whose weights stay, so that only dropout moves its training loss."""
    dropout = keras.layers.Dropout(0.5, seed=seed)
    return network(optimizer=keras.optimizers.SGD(0.0), middle=(dropout,))


@pytest.mark.thorough
def test_dropout_is_active_in_training_only_and_differs_by_epoch_and_run() -> None:
    model = dropout_network(seed=3)
    result = study(model, candidates=[], repeats=3, epochs=4, initial_weights="model").run(
        progress=False
    )
    assert result.curves["train_data_loss"].nunique() == 12
    assert result.curves["validation_data_loss"].nunique() == 1
    assert result.runs["train_data_loss"].nunique() == 1


@pytest.mark.thorough
def test_dropout_has_the_distribution_of_fit() -> None:
    """The first epoch's training loss over seeds, of weights that stay."""
    keras.utils.set_random_seed(0)
    model = dropout_network()
    x, y = data()
    result = study(model, candidates=[], repeats=40, epochs=1, initial_weights="model").run(
        progress=False
    )
    mine = result.curves["train_data_loss"].to_numpy()
    theirs = model.fit(x, y, batch_size=8, epochs=40, verbose=0).history["loss"]
    error = np.hypot(np.std(mine), np.std(theirs)) / np.sqrt(40)
    assert abs(np.mean(mine) - np.mean(theirs)) < 4 * error
    assert 0.6 < np.std(mine) / np.std(theirs) < 1.6  # 0 if dropout were left out
