"""The difference of two candidates over crossed rows and repeats."""

import numpy as np
import pytest
from scipy import stats

from wane.stats import crossed_difference, crossed_interval, paired_difference


def test_with_one_repeat_and_no_skewness_it_is_a_paired_test_over_rows() -> None:
    rows = np.array([0.1, 0.4, -0.2, 0.3, 0.6, 0.0])  # symmetric about 0.2
    found = crossed_difference(rows, [rows.mean()])
    t = stats.ttest_1samp(rows, 0)
    assert found.p_value == pytest.approx(t.pvalue, rel=1e-9)
    ends = t.confidence_interval()
    assert (found.low, found.high) == pytest.approx((ends.low, ends.high))


def test_rows_that_all_say_the_same_leave_the_test_over_repeats() -> None:
    repeats = np.array([0.1, 0.4, -0.2, 0.3])
    found = crossed_difference(np.full(50, repeats.mean()), repeats)
    alone = paired_difference(repeats, np.zeros(4))
    assert found.p_value == pytest.approx(alone.p_value)
    assert (found.low, found.high) == pytest.approx((alone.low, alone.high))


def test_it_has_the_spread_of_the_crossed_interval() -> None:
    random = np.random.default_rng(0)
    rows, repeats = random.normal(size=300), random.normal(size=12)
    one = crossed_difference(rows, repeats, test_to_train_ratio=0.3)
    other = crossed_interval(rows, repeats, test_to_train_ratio=0.3)
    assert one.standard_error == other.standard_error
    assert one.high - one.low == pytest.approx(other.high - other.low)


@pytest.mark.parametrize(
    ("value", "rows", "repeats", "p_value"),
    [(0.0, 9, 3, 1.0), (0.2, 9, 30, 2.0**-8), (0.2, 3, 10, 2.0**-2), (0.2, 11, 1, 2.0**-10)],
)
def test_differences_without_spread_need_no_t(
    value: float, rows: int, repeats: int, p_value: float
) -> None:
    """Rows are counted, however many repeats agree."""
    found = crossed_difference(np.full(rows, value), np.full(repeats, value))
    assert (found.mean, found.p_value) == (value, p_value) and not found.has_interval
    rounded = np.full(repeats, value) + np.arange(repeats) * 1e-10 * value
    found = crossed_difference(np.full(rows, value), rounded)
    assert found.p_value == p_value and not found.has_interval


def test_false_differences_are_claimed_in_at_most_five_of_a_hundred() -> None:
    """Two candidates of one kind, with losses that rows, repeats and both together move."""
    random = np.random.default_rng(0)
    claimed = 0
    for _ in range(1000):
        table = (
            random.normal(size=(40, 1)) + random.normal(size=(1, 8)) + random.normal(size=(40, 8))
        )
        claimed += crossed_difference(table.mean(axis=1), table.mean(axis=0)).p_value < 0.05
    assert claimed <= 65  # 50 and two of its own standard deviations


def test_little_of_the_skewness_of_few_differences_of_losses_counts() -> None:
    rows, repeats = np.array([0.1, 0.2, 0.15, 0.3, 2.0, 0.25]), np.array([0.4, 0.6])
    of_losses = crossed_difference(rows, repeats)
    skewed, interval = (
        crossed_difference(rows, repeats, skewed=True),
        crossed_interval(rows, repeats),
    )
    assert (skewed.low, skewed.high) == pytest.approx((interval.low, interval.high))
    assert of_losses.skewness == pytest.approx(skewed.skewness * 6 / 26)
    assert skewed.low > of_losses.low
