"""The shift of an interval's ends for skewed rows, and the p-value that agrees with it."""

import math

import numpy as np
import pytest
from hypothesis import assume, given, settings
from hypothesis import strategies as st
from scipy import stats

from wane.stats import PairedDifference, crossed_difference, crossed_interval

LAW = settings(max_examples=200, deadline=None)
SKEWNESS = st.floats(-0.6, 0.6)
FREEDOM = st.floats(1, 200)


def difference(t: float, skewness: float, freedom: float) -> PairedDifference:
    """A difference so many standard errors above zero."""
    return PairedDifference(t, 1.0, math.nan, math.nan, math.nan, 9, freedom, skewness)


def test_it_is_the_formula() -> None:
    rows = np.array([0.1, 0.2, 0.15, 0.1, 1.2, 0.3, 0.25])
    repeats = np.array([0.3, 0.4, 0.2])
    variances = rows.var(ddof=1) / 7, repeats.var(ddof=1) / 3
    error = math.sqrt(sum(variances))
    freedom = sum(variances) ** 2 / (variances[0] ** 2 / 6 + variances[1] ** 2 / 2)
    third = float(np.mean((rows - rows.mean()) ** 3)) / 7**2  # of the mean of 7 rows
    kappa = third / error**3
    assert 0 < kappa < 0.6
    t = stats.t.ppf(0.975, freedom)
    shift = error * kappa * (1 + 2 * t**2) / 6
    assert t < 1.5 / kappa
    ends = rows.mean() - t * error + shift, rows.mean() + t * error + shift
    found = crossed_difference(rows, repeats, skewed=True)
    assert (found.low, found.high) == pytest.approx(ends)
    assert (found.freedom, found.skewness) == pytest.approx((freedom, kappa))
    mean = crossed_interval(rows, repeats)
    assert (mean.low, mean.high) == pytest.approx(ends)


@LAW
@given(t=st.floats(0.2, 40), skewness=SKEWNESS, freedom=FREEDOM)
def test_the_interval_at_the_level_of_p_ends_at_zero(
    t: float, skewness: float, freedom: float
) -> None:
    one = difference(t, skewness, freedom)
    low, high = one.bounds(one.quantile)
    assert low == pytest.approx(0, abs=1e-9 * (1 + t)) and high > 0


@LAW
@given(
    t=st.floats(-12, 12),
    skewness=SKEWNESS,
    freedom=FREEDOM,
    confidence=st.floats(0.5, 0.999),
)
def test_p_is_below_the_level_where_the_interval_leaves_out_zero(
    t: float, skewness: float, freedom: float, confidence: float
) -> None:
    assume(t != 0)
    one = difference(t, skewness, freedom)
    p_value = 2 * stats.t.sf(one.quantile, freedom)
    low, high = one.bounds(float(stats.t.ppf((1 + confidence) / 2, freedom)))
    nearest = low if t > 0 else -high
    if abs(nearest) > 1e-6:
        assert (p_value < 1 - confidence) == (nearest > 0)


@LAW
@given(t=st.floats(-9, 9), skewness=SKEWNESS, one=st.floats(0, 30), other=st.floats(0, 30))
def test_a_wider_interval_holds_a_narrower_one(
    t: float, skewness: float, one: float, other: float
) -> None:
    found = difference(t, skewness, 9)
    narrow, wide = found.bounds(min(one, other)), found.bounds(max(one, other))
    assert wide[0] <= narrow[0] + 1e-9 and narrow[1] <= wide[1] + 1e-9


@LAW
@given(t=st.floats(0.2, 20), skewness=SKEWNESS, factor=st.sampled_from([-1.0, -3.0, 0.5]))
def test_the_other_way_round_it_says_the_same(t: float, skewness: float, factor: float) -> None:
    one = difference(t, skewness, 9)
    other = one.times(factor)
    assert other.quantile == pytest.approx(one.quantile)
    assert sorted(end * factor for end in one.bounds(2.0)) == pytest.approx(other.bounds(2.0))


@LAW
@given(t=st.floats(0, 15), more=st.floats(0, 5), skewness=SKEWNESS)
def test_a_larger_difference_has_no_larger_p(t: float, more: float, skewness: float) -> None:
    assume(t > 0)
    assert difference(t + more, skewness, 9).quantile >= difference(t, skewness, 9).quantile - 1e-9


def test_few_skewed_rows_are_covered_better_with_it() -> None:
    """Twenty exponential losses of mean 1: most intervals that miss lie too low."""
    random = np.random.default_rng(0)
    plain = shifted = 0
    for _ in range(400):
        rows = random.exponential(size=20) - 1
        found = crossed_difference(rows, [rows.mean()], skewed=True)
        reach = stats.t.ppf(0.975, 19) * found.standard_error
        plain += rows.mean() - reach <= 0 <= rows.mean() + reach
        shifted += found.low <= 0 <= found.high
    assert plain + 5 < shifted and shifted >= 0.91 * 400
