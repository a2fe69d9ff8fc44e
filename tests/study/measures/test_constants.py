"""The loss of the best constant prediction, by the loss itself."""

from typing import Any

import keras
import numpy as np
import pytest
from scipy.optimize import minimize_scalar

from wane.keras_model.bridge.task import Task
from wane.study.measures.constants import constant_loss, perfect_loss

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


@pytest.mark.parametrize("weighted", [False, True])
@pytest.mark.parametrize(
    "loss", ["mean_absolute_percentage_error", "mean_squared_logarithmic_error", "poisson"]
)
def test_the_constant_of_amounts_is_that_of_a_search(loss: str, weighted: bool) -> None:
    amounts = RANDOM.gamma(2.0, 3.0, size=(ROWS, 2)).astype("float32")
    amounts[:5, 0] = 0 if loss != "mean_absolute_percentage_error" else 1
    weight = WEIGHT if weighted else np.ones(ROWS)
    task = Task("other", loss)

    def of(column: int, constant: float) -> float:
        y = amounts[:, [column]]
        rows = keras.losses.get(loss)(y, np.full((ROWS, 1), constant, "float32"))
        return float(np.mean(weight * np.asarray(rows)))

    lowest = []
    for column in (0, 1):
        starts = np.linspace(0.05, 12, 100)
        start = starts[np.argmin([of(column, one) for one in starts])]
        ends = (max(start - 0.2, 1e-3), start + 0.2)
        found = minimize_scalar(lambda one, c=column: of(c, one), bounds=ends, method="bounded")
        lowest.append(found.fun)
    own = constant_loss(task, amounts, WEIGHT if weighted else None)
    assert own == pytest.approx(np.mean(lowest), rel=1e-4)
    perfect = np.mean(weight * np.asarray(keras.losses.get(loss)(amounts, amounts)))
    found = perfect_loss(task, amounts, WEIGHT if weighted else None)
    assert found == pytest.approx(perfect, rel=1e-4, abs=1e-6)
    assert own is not None and found < own
    # A loss of one's own of that name is another.
    assert constant_loss(Task("other", loss, elementwise=False), amounts) is None


@pytest.mark.parametrize("weighted", [False, True])
@pytest.mark.parametrize("case", CASES)
def test_weights_in_training_alone_choose_the_constant_and_do_not_weigh_its_loss(
    case: str, weighted: bool
) -> None:
    task, y, constants = CASES[case]
    in_training = RANDOM.integers(1, 5, ROWS).astype("float64")
    tables = [
        np.asarray(keras.losses.get(task.loss)(y, np.tile(one, (ROWS, 1)).astype("float32")))
        for one in np.asarray(constants, "float64")
    ]
    best = min(tables, key=lambda rows: float(np.mean(in_training * rows)))
    weight = WEIGHT if weighted else np.ones(ROWS)
    found = constant_loss(task, y, WEIGHT if weighted else None, in_training)
    assert found == pytest.approx(float(np.mean(weight * best)), rel=2e-2)
    assert constant_loss(task, y, in_training, in_training) == constant_loss(task, y, in_training)


def test_the_constant_of_balanced_classes_is_as_likely_to_be_either() -> None:
    task, y = Task("binary", "binary_crossentropy"), (np.arange(20) < 2)[:, None] * 1.0
    balanced = np.where(y[:, 0] == 1, 5, 5 / 9)
    assert constant_loss(task, y, None, balanced) == pytest.approx(np.log(2))
    assert constant_loss(task, y, None, y[:, 0]) is None  # a class that weighs nothing


def test_of_counts_that_are_all_zero_no_constant_is_the_best() -> None:
    assert constant_loss(Task("other", "poisson"), np.zeros((5, 1))) is None
    found = constant_loss(Task("other", "poisson"), np.full((5, 1), 2.0))
    assert found == pytest.approx(2 - 2 * np.log(2))


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
