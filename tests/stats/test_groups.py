"""Groups contribute to a mean what makes its variance that of a sample of groups."""

import numpy as np
import pytest

from wane._errors import InputError
from wane.stats import (
    bias_corrected,
    by_size,
    crossed_difference,
    crossed_interval,
    group_contributions,
    group_sums,
)


def grouped(seed: int, groups: int = 30) -> tuple[np.ndarray, np.ndarray]:
    """Values of which half of the variance is between groups of unequal size."""
    random = np.random.default_rng(seed)
    codes = np.repeat(np.arange(groups), random.integers(1, 15, groups))
    return random.normal(size=groups)[codes] + random.normal(size=len(codes)), codes


def test_contributions_have_the_mean_of_rows() -> None:
    values, codes = grouped(0)
    found = group_contributions(values, codes)
    assert found.shape == (30,) and found.mean() == pytest.approx(values.mean())
    several = group_contributions(np.stack([values, values**2]), codes)
    np.testing.assert_allclose(several[0], found)
    means = group_sums(values, codes) / np.bincount(codes)
    np.testing.assert_allclose(by_size(means, np.bincount(codes)), found)


def test_groups_of_one_row_are_rows() -> None:
    values = np.random.default_rng(0).normal(size=20)
    np.testing.assert_allclose(group_contributions(values, np.arange(20) * 3), values)


def test_of_equal_groups_they_are_their_means() -> None:
    values = np.arange(12.0)
    np.testing.assert_allclose(group_contributions(values, np.arange(12) // 4), [1.5, 5.5, 9.5])


def test_groups_and_values_must_fit() -> None:
    with pytest.raises(InputError, match=r"one group for each row, got 3 groups and values of sh"):
        group_contributions(np.zeros(4), np.zeros(3))


def test_intervals_over_groups_hold_the_mean_and_those_over_rows_do_not() -> None:
    held = {"groups": 0, "rows": 0, "difference": 0}
    for seed in range(400):
        values, codes = grouped(seed)
        own = group_contributions(values, codes)
        for name, one in (("groups", own), ("rows", values)):
            interval = crossed_interval(one, [values.mean()])
            held[name] += interval.low < 0 < interval.high
        difference = crossed_difference(own, [values.mean()])
        held["difference"] += difference.low < 0 < difference.high
    assert held["groups"] >= 0.91 * 400 and held["difference"] >= 0.91 * 400
    assert held["rows"] <= 0.75 * 400


def test_the_bootstrap_draws_groups() -> None:
    """Its contributions are those of groups, and copies of rows leave its optimism as it was."""
    random = np.random.default_rng(1)
    losses = random.normal(1, 0.3, size=(5, 40))
    codes = np.tile(np.arange(40), 3)
    rows = losses[:, codes]
    once = bias_corrected(losses, losses, np.ones(40), np.arange(5.0))
    thrice = bias_corrected(
        group_sums(rows, codes), group_sums(rows, codes), np.full(40, 3.0), np.arange(5.0)
    )
    as_rows = bias_corrected(rows, rows, np.ones(120), np.arange(5.0))
    assert once is not None and thrice is not None and as_rows is not None
    assert thrice.value == pytest.approx(once.value)
    np.testing.assert_allclose(thrice.rows, once.rows)
    assert as_rows.optimism < 0.8 * once.optimism
