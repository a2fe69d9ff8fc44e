"""Intervals and paired tests against SciPy, published numbers, laws and a simulation."""

import dataclasses
import math
import re
from collections.abc import Callable
from random import Random
from typing import Any

import numpy as np
import pytest
from hypothesis import assume, given, settings
from hypothesis import strategies as st
from numpy.typing import NDArray
from scipy import stats

from wane._errors import InputError
from wane.stats import (
    Interval,
    crossed_interval,
    mean_interval,
    paired_difference,
    share_interval,
)

LAW = settings(max_examples=40, deadline=None)
# Thousandths up to a million: sums of a few are exact, so that shifts and scales can be compared.
THOUSANDTHS = st.integers(-(10**6), 10**6).map(lambda i: i / 1024)
PAIRS = st.lists(st.tuples(THOUSANDTHS, THOUSANDTHS), min_size=2, max_size=12)
RATIOS = st.one_of(st.none(), st.sampled_from([0.1, 0.25, 1.0]))


def columns(pairs: list[tuple[float, float]]) -> tuple[NDArray[np.float64], NDArray[np.float64]]:
    a, b = np.array(pairs).T
    return a, b


@pytest.mark.parametrize("confidence", [0.5, 0.95, 0.99])
def test_the_mean_interval_is_scipys(confidence: float) -> None:
    values = np.random.default_rng(0).normal(3, 2, 17)
    expected = stats.ttest_1samp(values, 0).confidence_interval(confidence)
    found = mean_interval(values, confidence=confidence)
    assert (found.low, found.high) == pytest.approx((expected.low, expected.high), rel=1e-12)
    assert found.standard_error == pytest.approx(stats.sem(values), rel=1e-12)
    assert found.mean == values.mean()
    assert found.count == 17


def test_the_mean_interval_takes_the_same_correction() -> None:
    values = [1.0, 2.0, 4.0]
    found = mean_interval(values, test_to_train_ratio=0.25)
    same = paired_difference(values, [0.0] * 3, test_to_train_ratio=0.25)
    assert (found.mean, found.standard_error) == (same.mean, same.standard_error)
    assert (found.low, found.high) == (same.low, same.high)


@pytest.mark.parametrize("right", [1.0, 0.0])
def test_rows_that_all_agree_leave_a_share_open(right: float) -> None:
    """Regression: an accuracy of 1 on 20 rows had an interval from 1 to 1."""
    rows = np.full(20, right)
    point = crossed_interval(rows, [right])
    assert point.low == point.high == right
    found = share_interval(point, 20)
    exact = stats.binomtest(int(rows.sum()), 20).proportion_ci(0.95, method="exact")
    assert (found.low, found.high) == pytest.approx((exact.low, exact.high))


def test_a_share_lies_within_0_and_1() -> None:
    found = share_interval(Interval(0.5, 0.4, -0.2, 1.2, 4), 4)
    assert np.isnan(found.low) and np.isnan(found.high)  # all that there is says nothing
    cut = share_interval(Interval(0.5, 0.4, -0.2, 0.9, 4), 4)
    assert (cut.low, cut.high) == (0.0, 0.9)
    inside = Interval(0.5, 0.1, 0.3, 0.7, 4)
    assert share_interval(inside, 4) == inside
    none = share_interval(mean_interval([1.0]), 4)
    assert np.isnan(none.low) and np.isnan(none.high)


@pytest.mark.parametrize("confidence", [0.5, 0.95, 0.99])
def test_without_a_ratio_it_is_scipys_paired_t_test(confidence: float) -> None:
    a, b = np.random.default_rng(1).normal([[0.3], [0.0]], 1, (2, 23))
    expected = stats.ttest_rel(a, b)
    bounds = expected.confidence_interval(confidence)
    found = paired_difference(a, b, confidence=confidence)
    assert found.p_value == pytest.approx(expected.pvalue, rel=1e-12)
    assert (found.low, found.high) == pytest.approx((bounds.low, bounds.high), rel=1e-12)


@LAW
@given(PAIRS, st.integers(1, 500), st.integers(1, 500))
def test_with_a_ratio_it_is_the_formula_of_nadeau_and_bengio(
    pairs: list[tuple[float, float]], n_validation: int, n_train: int
) -> None:
    a, b = columns(pairs)
    k, d = len(pairs), [x - y for x, y in pairs]
    assume(len(set(d)) > 1)
    mean = math.fsum(d) / k
    spread = math.fsum((x - mean) ** 2 for x in d) / (k - 1)
    error = math.sqrt((1 / k + n_validation / n_train) * spread)
    found = paired_difference(a, b, test_to_train_ratio=n_validation / n_train)
    half = stats.t(k - 1).isf(0.025) * error
    p_value = 2 * stats.t(k - 1).cdf(-abs(mean) / error)
    assert (found.standard_error, found.low, found.high, found.p_value) == pytest.approx(
        (error, mean - half, mean + half, p_value), rel=1e-9, abs=1e-9
    )


def test_it_gives_the_numbers_that_scikit_learn_publishes() -> None:
    """scikit-learn's example "Statistical comparison of models using grid search".

    It prints, for the two best kernels, a corrected t of 0.750 with a one-sided p of 0.227, and an
    uncorrected t of 2.611 with 0.005.
    """
    from sklearn.datasets import make_moons
    from sklearn.model_selection import RepeatedStratifiedKFold, cross_val_score
    from sklearn.svm import SVC

    x, y = make_moons(noise=0.352, random_state=1, n_samples=100)
    folds = RepeatedStratifiedKFold(n_splits=10, n_repeats=10, random_state=0)
    rbf, linear = (
        cross_val_score(SVC(kernel=kernel, random_state=0), x, y, scoring="roc_auc", cv=folds)
        for kernel in ("rbf", "linear")
    )
    corrected = paired_difference(rbf, linear, test_to_train_ratio=10 / 90)
    assert corrected.mean / corrected.standard_error == pytest.approx(0.750, abs=1e-3)
    assert corrected.p_value / 2 == pytest.approx(0.227, abs=1e-3)
    uncorrected = paired_difference(rbf, linear)
    assert uncorrected.mean / uncorrected.standard_error == pytest.approx(2.611, abs=1e-3)
    assert uncorrected.p_value / 2 == pytest.approx(0.005, abs=1e-3)


def exactly(value: Any) -> Any:
    """Equal to the same numbers, NaN (where there is no interval) among them."""
    return pytest.approx(value, rel=0, abs=0, nan_ok=True)


@LAW
@given(PAIRS, RATIOS)
def test_swapping_the_two_swaps_the_sign(
    pairs: list[tuple[float, float]], ratio: float | None
) -> None:
    a, b = columns(pairs)
    forward = paired_difference(a, b, test_to_train_ratio=ratio)
    backward = paired_difference(b, a, test_to_train_ratio=ratio)
    assert (backward.mean, backward.low, backward.high) == exactly(
        (-forward.mean, -forward.high, -forward.low)
    )
    assert backward.p_value == forward.p_value
    assert backward.standard_error == forward.standard_error


@LAW
@given(PAIRS, RATIOS, THOUSANDTHS, st.integers(-20, 20))
def test_a_common_shift_changes_nothing_and_a_scale_scales(
    pairs: list[tuple[float, float]], ratio: float | None, shift: float, power: int
) -> None:
    a, b = columns(pairs)
    scale = 2.0**power  # exact, so that the comparison can be exact too
    plain = paired_difference(a, b, test_to_train_ratio=ratio)
    shifted = paired_difference(a + shift, b + shift, test_to_train_ratio=ratio)
    assert dataclasses.astuple(shifted) == exactly(dataclasses.astuple(plain))
    scaled = paired_difference(scale * a, scale * b, test_to_train_ratio=ratio)
    assert scaled.p_value == plain.p_value
    for name in ("mean", "standard_error", "low", "high"):
        assert getattr(scaled, name) == exactly(scale * getattr(plain, name))


@LAW
@given(PAIRS, RATIOS, st.randoms(use_true_random=False))
def test_the_order_of_repeats_does_not_matter(
    pairs: list[tuple[float, float]], ratio: float | None, random: Random
) -> None:
    shuffled = list(pairs)
    random.shuffle(shuffled)
    one = paired_difference(*columns(pairs), test_to_train_ratio=ratio)
    other = paired_difference(*columns(shuffled), test_to_train_ratio=ratio)
    assert other.mean == pytest.approx(one.mean, rel=1e-9, abs=1e-9)
    assert other.standard_error == pytest.approx(one.standard_error, rel=1e-9, abs=1e-9)
    assert other.p_value == pytest.approx(one.p_value, rel=1e-6, abs=1e-9)


@LAW
@given(PAIRS, st.floats(0.01, 2), st.floats(0.05, 0.94))
def test_a_larger_ratio_or_confidence_gives_a_wider_interval(
    pairs: list[tuple[float, float]], ratio: float, confidence: float
) -> None:
    a, b = columns(pairs)
    assume(np.ptp(a - b) > 0)
    narrow = paired_difference(a, b, test_to_train_ratio=ratio, confidence=confidence)
    overlapping = paired_difference(a, b, test_to_train_ratio=2 * ratio, confidence=confidence)
    surer = paired_difference(a, b, test_to_train_ratio=ratio, confidence=confidence + 0.05)
    for wide in (overlapping, surer):
        assert wide.low < narrow.low <= narrow.high < wide.high
    assert overlapping.p_value >= narrow.p_value


@LAW
@given(PAIRS, RATIOS, st.sampled_from([0.8, 0.95, 0.99]))
def test_the_interval_leaves_out_zero_exactly_where_p_is_small(
    pairs: list[tuple[float, float]], ratio: float | None, confidence: float
) -> None:
    found = paired_difference(*columns(pairs), confidence=confidence, test_to_train_ratio=ratio)
    assume(found.has_interval and not math.isclose(found.p_value, 1 - confidence, rel_tol=1e-6))
    assert (found.low > 0 or found.high < 0) == (found.p_value < 1 - confidence)


@pytest.mark.parametrize("count", [2, 5, 6, 30])
def test_equal_differences_agree_in_their_sign_alone(count: int) -> None:
    found = paired_difference([0.5] * count, [0.4] * count)
    assert found.mean == 0.5 - 0.4 and found.standard_error == 0
    assert found.p_value == pytest.approx(stats.binomtest(count, count).pvalue)
    assert found.is_positive == (count > 5)  # five of five are 1 in 16
    assert not found.has_interval


def test_equal_differences_over_splits_are_few_independent_ones() -> None:
    found = paired_difference([0.5] * 30, [0.4] * 30, test_to_train_ratio=1 / 6)
    assert found.p_value == pytest.approx(stats.binomtest(5, 5).pvalue)  # 1 / (1/30 + 1/6) of them
    assert not found.has_interval


@pytest.mark.parametrize("kind", [np.float64, np.float32])
def test_rounding_is_no_spread(kind: Any) -> None:
    a, b = np.array([0.95, 0.55, 0.85], kind), np.array([0.9, 0.5, 0.8], kind)
    assert paired_difference(a, b).p_value == 0.25


@pytest.mark.parametrize("confidence", [7, 0, -3.0])
def test_confidence_is_checked_without_spread_too(confidence: float) -> None:
    with pytest.raises(InputError, match="confidence must lie between 0 and 1"):
        paired_difference([1.0] * 3, [0.0] * 3, confidence=confidence)


def test_no_difference_at_all_has_p_one() -> None:
    found = paired_difference([0.5, 0.4], [0.5, 0.4])
    assert (found.mean, found.p_value, found.has_interval) == (0, 1, False)


@pytest.mark.parametrize("count", [0, 1])
def test_fewer_than_two_repeats_have_no_interval(count: int) -> None:
    found = mean_interval([2.0] * count)
    assert found.count == count
    assert np.isnan([found.standard_error, found.low, found.high]).all()
    assert found.mean == 2 if count else math.isnan(found.mean)
    pair = paired_difference([2.0] * count, [2.0] * count, test_to_train_ratio=0.5)
    assert np.isnan([pair.standard_error, pair.low, pair.high, pair.p_value]).all()


@pytest.mark.parametrize("bad", [math.nan, math.inf, -math.inf])
def test_a_diverged_value_leaves_no_interval(bad: float) -> None:
    found = mean_interval([bad, 1.0, 2.0])
    assert not math.isfinite(found.mean)
    assert np.isnan([found.standard_error, found.low, found.high]).all()
    equal = mean_interval([bad, bad])
    assert np.isnan([equal.standard_error, equal.low, equal.high]).all()


def test_95_in_100_intervals_hold_the_mean() -> None:
    samples = np.random.default_rng(2).normal(1, 3, (2000, 5))
    held = [f.low <= 1 <= f.high for f in map(mean_interval, samples)]
    # Binomial standard error of 0.95 from 2,000: 0.005.
    assert np.mean(held) == pytest.approx(0.95, abs=0.015)


def test_the_correction_keeps_the_error_rate_where_the_plain_test_does_not() -> None:
    """Differences that share a part of their noise, as those from overlapping training sets do.

    With correlation ρ the variance of the mean is s²·(1/k + ρ/(1 − ρ)); Nadeau and Bengio's ratio
    takes ρ for the share of rows in the validation set, so here it is exact.
    """
    rng, k, rho = np.random.default_rng(3), 10, 0.2
    shared, own = rng.normal(size=(2000, 1)), rng.normal(size=(2000, k))
    samples = math.sqrt(rho) * shared + math.sqrt(1 - rho) * own
    zero = np.zeros(k)
    plain = [paired_difference(d, zero).p_value < 0.05 for d in samples]
    ratio = rho / (1 - rho)
    corrected = [
        paired_difference(d, zero, test_to_train_ratio=ratio).p_value < 0.05 for d in samples
    ]
    assert np.mean(corrected) == pytest.approx(0.05, abs=0.015)
    assert np.mean(plain) > 0.2


REFUSALS: dict[str, tuple[Callable[[], object], str]] = {
    "two rows": (
        lambda: mean_interval([[1.0, 2.0]]),
        "values must be one row of numbers, got an array of shape (1, 2); "
        "pass one candidate at a time.",
    ),
    "unpaired": (
        lambda: paired_difference([1.0, 2.0], [1.0]),
        "a and b must be paired, one number of each per repeat, got 2 and 1; "
        "pass the same repeats for both.",
    ),
    "diverged": (
        lambda: paired_difference([1.0, math.inf, 2.0], [1.0, math.inf, math.nan]),
        "a and b must have finite differences, got a=inf and b=inf in repeat 1 and 2 such repeats "
        "in all; leave out the diverged runs.",
    ),
    "ratio": (
        lambda: paired_difference([1.0, 2.0], [1.0, 1.0], test_to_train_ratio=0),
        "test_to_train_ratio must be a finite number above 0, got 0; "
        "use None where all repeats share one split.",
    ),
    "confidence": (
        lambda: mean_interval([1.0, 2.0], confidence=95),
        "confidence must lie between 0 and 1, got 95; 0.95 is usual.",
    ),
}


@pytest.mark.parametrize("case", REFUSALS)
def test_what_cannot_be_used_is_refused_in_a_sentence(case: str) -> None:
    call, text = REFUSALS[case]
    with pytest.raises(InputError, match=f"^{re.escape(text)}$"):
        call()
