"""Predictions in the network's form, and the temperature that makes probabilities fit."""

import numpy as np
import pytest
from scipy.optimize import minimize_scalar
from scipy.special import expit, log_softmax, softmax
from sklearn.metrics import log_loss

from wane.keras_model.bridge.task import Task
from wane.study.references.outputs import TEMPERATURES, _temperature, recalibrated

BINARY = Task("binary", "binary_crossentropy")
LOGITS = Task("binary", "binary_crossentropy", from_logits=True)
CLASSES = Task("multiclass", "sparse_categorical_crossentropy", sparse=True)


def too_sure(rows: int, seed: int, factor: float) -> tuple[np.ndarray, np.ndarray]:
    """Logits that are so many times too large, [rows, 1], and labels drawn by the right ones."""
    generator = np.random.default_rng(seed)
    right = generator.normal(size=(rows, 1))
    return factor * right, (generator.random(rows) < expit(right[:, 0])).astype(int)


@pytest.mark.parametrize("factor", [0.2, 1.0, 8.0])
def test_logits_that_are_too_large_are_divided_by_what_they_are(factor: float) -> None:
    logits, y = too_sure(4000, 0, factor)
    new, _ = too_sure(50, 1, factor)
    validation, test = recalibrated(logits, y, new, LOGITS, seed=0)
    assert test is not None
    assert new / test == pytest.approx(factor, rel=0.1)
    assert log_loss(y, expit(validation[:, 0])) < log_loss(y, expit(logits[:, 0])) + 1e-3


def test_probabilities_come_to_the_same_as_logits() -> None:
    logits, y = too_sure(300, 0, 4.0)
    _, of_logits = recalibrated(logits, y, logits, LOGITS, seed=0)
    _, of_shares = recalibrated(expit(logits), y, expit(logits), BINARY, seed=0)
    assert of_logits is not None and of_shares is not None
    assert of_shares == pytest.approx(expit(of_logits), abs=1e-4)


@pytest.mark.parametrize("seed", range(20))
def test_the_temperature_is_that_of_scipy_s_log_loss_to_the_bit(seed: int) -> None:
    generator = np.random.default_rng(seed)
    count, classes = int(generator.integers(2, 300)), int(generator.integers(2, 12))
    scores = generator.normal(size=(count, classes)) * generator.choice([0.1, 1.0, 10.0])
    y = generator.integers(0, classes, count)
    weight = np.ones(count) if seed % 2 else generator.random(count)

    def loss(log_temperature: float) -> float:
        logs = log_softmax(scores / np.exp(log_temperature), axis=1)
        return -float(np.average(logs[np.arange(count), y], weights=weight))

    known = minimize_scalar(loss, bounds=TEMPERATURES, method="bounded")
    assert _temperature(scores, y, weight) == np.exp(known.x)


def test_no_row_s_own_label_is_in_its_temperature() -> None:
    """A network that is right about every row but wrong about new ones gains nothing by its own."""
    logits, y = too_sure(200, 0, 3.0)
    first, _ = recalibrated(logits, y, None, LOGITS, seed=0)
    changed = y.copy()
    changed[0] = 1 - changed[0]
    second, _ = recalibrated(logits, changed, None, LOGITS, seed=0)
    assert second[0] == pytest.approx(first[0], abs=1e-12)
    assert not np.allclose(second, first, atol=1e-6)


def test_rows_of_one_group_have_a_temperature_of_other_groups() -> None:
    logits, y = too_sure(200, 0, 3.0)
    groups = np.repeat(np.arange(20), 10)
    first, _ = recalibrated(logits, y, None, LOGITS, seed=0, groups=groups)
    changed = y.copy()
    changed[:10] = 1 - changed[:10]
    second, _ = recalibrated(logits, changed, None, LOGITS, seed=0, groups=groups)
    assert second[:10] == pytest.approx(first[:10], abs=1e-12)
    assert not np.allclose(second, first, atol=1e-6)


def test_rows_count_by_their_weights() -> None:
    """Rows whose logits are right weigh nothing beside those of which they are far too large."""
    right, labels = too_sure(4000, 0, 1.0)
    large, others = too_sure(4000, 1, 8.0)
    logits, y = np.concatenate([right, large]), np.concatenate([labels, others])
    only_large = np.repeat([0.0, 3.0], 4000)
    _, test = recalibrated(logits, y, large, LOGITS, seed=0, weight=only_large)
    assert test is not None and large / test == pytest.approx(8, rel=0.1)
    unchanged, _ = recalibrated(logits, y, None, LOGITS, seed=0, weight=np.zeros(8000))
    assert unchanged[:4000] == pytest.approx(right, rel=1e-4, abs=1e-4)


def test_several_classes_stay_in_their_order() -> None:
    generator = np.random.default_rng(0)
    scores = generator.normal(size=(3000, 3))
    y = (softmax(scores, axis=1).cumsum(axis=1) > generator.random((3000, 1))).argmax(axis=1)
    shares = softmax(5 * scores, axis=1)
    validation, test = recalibrated(shares, y, shares, CLASSES, seed=0)
    assert test == pytest.approx(softmax(scores, axis=1), abs=0.05)
    assert np.array_equal(validation.argmax(axis=1), shares.argmax(axis=1))
