"""The loss of the best constant prediction, by the loss itself."""

from typing import Any

import keras
import numpy as np
import pytest

from wane.keras_model.bridge.task import Task, constant_loss

ROWS = 41
RANDOM = np.random.default_rng(0)
WEIGHT = RANDOM.integers(0, 4, ROWS).astype("float64")
LABELS = RANDOM.integers(0, 3, ROWS)
NUMBERS = RANDOM.normal(size=(ROWS, 1))
EVERY = np.arange(1, 50) / 50
SHARES = [(p, q, 1 - p - q) for p in EVERY for q in EVERY if p + q < 0.999]
CASES: dict[str, tuple[Task, np.ndarray, Any]] = {
    "binary": (
        Task("binary", "binary_crossentropy"), (LABELS > 0)[:, None] * 1.0,
        [[p] for p in np.linspace(0.01, 0.99, 99)],
    ),
    "labels": (
        Task("multiclass", "sparse_categorical_crossentropy", sparse=True), LABELS[:, None],
        SHARES,
    ),
    "one-hot": (
        Task("multiclass", "categorical_crossentropy"), np.eye(3)[LABELS],
        SHARES,
    ),
    "squares": (
        Task("regression", "mean_squared_error"), NUMBERS, np.linspace(-1, 1, 201)[:, None]
    ),
    "distances": (Task("regression", "mean_absolute_error"), NUMBERS, NUMBERS),
}  # fmt: skip


@pytest.mark.parametrize("weighted", [False, True])
@pytest.mark.parametrize("case", CASES)
def test_no_constant_has_a_lower_loss(case: str, weighted: bool) -> None:
    task, y, constants = CASES[case]
    weight = WEIGHT if weighted else np.ones(ROWS)
    losses = []
    for constant in np.asarray(constants, "float64"):
        rows = keras.losses.get(task.loss)(y, np.tile(constant, (ROWS, 1)).astype("float32"))
        losses.append(float(np.mean(weight * np.asarray(rows))))
    found = constant_loss(task, y, WEIGHT if weighted else None)
    assert found is not None
    assert found <= min(losses) + 1e-6
    assert found == pytest.approx(min(losses), rel=2e-3)


def test_a_constant_of_weights_that_are_not_of_rows_is_not_known() -> None:
    task, y, _ = CASES["squares"]
    assert constant_loss(task, y, np.ones((ROWS, 2))) is None
    assert constant_loss(task, y, np.zeros(ROWS)) is None
    assert constant_loss(Task("other", "own"), y) is None
    void = Task("multiclass", "sparse_categorical_crossentropy", sparse=True, ignore_class=0)
    assert constant_loss(void, LABELS, WEIGHT) is None
    assert constant_loss(void, LABELS) == pytest.approx(
        constant_loss(CASES["labels"][0], LABELS[LABELS > 0])
    )
