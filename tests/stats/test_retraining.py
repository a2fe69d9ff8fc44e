"""The interval by retraining, against code that follows its formula number by number."""

import math

import numpy as np
import pytest
from scipy import stats

from wane._errors import InputError
from wane.stats.retraining import (
    WEIGHT_VARIANCE,
    normalized_weights,
    retrained_difference,
    row_weights,
)


def made(draws: int = 12, runs: int = 3, splits: int = 7) -> tuple[np.ndarray, np.ndarray]:
    """Differences over splits, and changes with a part of the draw and one of the run."""
    random = np.random.default_rng(4)
    changes = random.normal(size=(draws, 1)) + 0.5 * random.normal(size=(draws, runs))
    return 0.3 + random.normal(size=splits), changes


def by_row(rows: int = 20, repeats: int = 7) -> np.ndarray:
    """Differences of a third of the rows in each repeat, beside NaN."""
    random = np.random.default_rng(5)
    values = random.normal(size=(repeats, rows)) + 2 * random.normal(size=rows)
    return np.where(random.random((repeats, rows)) < 0.4, values, np.nan)


def test_it_is_the_formula() -> None:
    d, z = made()
    found = retrained_difference(d, z, rows=100)
    draws, runs, c2 = len(z), len(z[0]), WEIGHT_VARIANCE
    means = [sum(row) / runs for row in z]
    middle = sum(means) / draws
    msb = runs * sum((m - middle) ** 2 for m in means) / (draws - 1)
    msw = sum((v - m) ** 2 for row, m in zip(z, means, strict=True) for v in row)
    msw /= draws * (runs - 1)
    splits = len(d)
    between = sum((v - sum(d) / splits) ** 2 for v in d) / (splits - 1) / splits
    data_sets = (msb - msw) / runs / c2
    assert data_sets > 0
    variance = data_sets + between
    error = (2 * msb**2 / (draws - 1) + 2 * msw**2 / (draws * (runs - 1))) / (runs**2 * c2**2)
    freedom = 2 * variance**2 / (error + 2 * between**2 / (splits - 1))
    assert 3 < freedom < 99
    assert found.freedom == pytest.approx(freedom)
    assert found.standard_error == pytest.approx(math.sqrt(variance))
    assert found.mean == pytest.approx(sum(d) / splits)
    margin = stats.t.ppf(0.975, freedom) * math.sqrt(variance)
    assert (found.low, found.high) == pytest.approx((found.mean - margin, found.mean + margin))
    p = 2 * stats.t.sf(abs(found.mean) / math.sqrt(variance), freedom)
    assert found.p_value == pytest.approx(p)
    assert (found.count, found.draws, found.runs) == (7, 12, 36)


def test_rows_that_tell_more_count() -> None:
    d, z = made()
    values = by_row()
    means, within = [], []
    for column in values.T:
        own = column[~np.isnan(column)]
        if own.size:
            means.append(own.mean())
        if own.size > 1:
            within.append(own.var(ddof=1) / own.size)
    expected = (np.var(means, ddof=1) - np.mean(within)) / len(means)
    variance = expected + d.var(ddof=1) / d.size
    quiet = z / 100
    assert retrained_difference(d, quiet, rows=20).standard_error < math.sqrt(variance)
    found = retrained_difference(d, quiet, values, rows=20)
    assert found.standard_error == pytest.approx(math.sqrt(variance))
    loud = retrained_difference(d, z * 100, rows=20)
    assert retrained_difference(d, z * 100, values, rows=20) == loud


def test_draws_that_differ_no_more_than_their_runs_add_nothing() -> None:
    d, _ = made()
    z = np.tile([-1.0, 1.0], (6, 1))
    found = retrained_difference(d, z, rows=50)
    assert found.standard_error == pytest.approx(stats.sem(d))
    assert found.freedom == 3


def test_equal_differences_and_no_change_have_no_spread() -> None:
    found = retrained_difference(np.full(4, 0.5), np.zeros((5, 2)), rows=50)
    assert (found.mean, found.standard_error, found.p_value) == (0.5, 0.0, 1.0)
    none = retrained_difference(np.zeros(4), np.zeros((5, 2)), rows=50)
    assert none.p_value == 1


def test_degrees_of_freedom_are_at_most_those_of_the_rows() -> None:
    d, z = made(draws=400)
    assert retrained_difference(d, z, rows=8).freedom == 7


def test_weights_have_mean_one_and_their_variance() -> None:
    weights = row_weights(np.random.default_rng(0), 200_000)
    assert weights.min() > 0
    assert weights.mean() == pytest.approx(1, abs=0.005)
    assert weights.var() == pytest.approx(WEIGHT_VARIANCE, abs=0.005)


def test_normalized_weights_have_mean_one_in_each_class() -> None:
    weights = np.array([1.0, 3.0, 5.0, 1.0, 2.0])
    np.testing.assert_allclose(normalized_weights(weights), weights / 2.4)
    labels = np.array([7, 7, 9, 9, 9])
    found = normalized_weights(weights, labels)
    np.testing.assert_allclose(found, [0.5, 1.5, 15 / 8, 3 / 8, 6 / 8])


@pytest.mark.parametrize(
    ("d", "z", "shapes"),
    [([1.0], np.ones((3, 2)), r"\(1,\) and \(3, 2\)"),
     ([1.0, 2.0], np.ones((1, 2)), r"\(2,\) and \(1, 2\)"),
     ([1.0, 2.0], np.ones((3, 1)), r"\(2,\) and \(3, 1\)")],
)  # fmt: skip
def test_too_few_are_refused(d: list[float], z: np.ndarray, shapes: str) -> None:
    with pytest.raises(InputError, match=shapes):
        retrained_difference(d, z, rows=9)


def test_numbers_that_are_not_finite_are_refused() -> None:
    with pytest.raises(InputError, match="must be finite, got NaN or infinity among them"):
        retrained_difference([1.0, 2.0], [[1.0, np.nan], [1.0, 2.0]], rows=9)
