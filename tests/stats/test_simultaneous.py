"""Intervals that hold for all candidates at once: closed forms, and the chosen one's coverage."""

import functools

import numpy as np
import pytest
from hypothesis import given, settings
from hypothesis import strategies as st
from scipy import stats

from wane.stats import MaxT, PairedDifference, max_t, paired_difference, simultaneous

FEW = settings(max_examples=40, deadline=None)


@functools.cache
def related(count: int, correlation: float) -> MaxT:
    """The largest of so many t statistics that have this correlation in pairs."""
    return max_t(np.full((count, count), correlation) + (1 - correlation) * np.eye(count))


@pytest.mark.parametrize("repeats", [10, 30])
@pytest.mark.parametrize("count", [6, 19, 40])
def test_the_interval_of_the_chosen_of_equal_candidates_holds_zero(
    count: int, repeats: int
) -> None:
    """Gains over one baseline, and no candidate is better: the best looks better in all studies."""
    random = np.random.default_rng(0)
    studies = 500
    own = random.normal(size=(studies, count, repeats))
    gains = own - random.normal(size=(studies, 1, repeats))
    means = gains.mean(axis=2)
    t = means / (gains.std(axis=2, ddof=1) / np.sqrt(repeats))
    chosen = np.abs(np.take_along_axis(t, means.argmax(axis=1)[:, None], axis=1))
    joint = related(count, 0.5).quantile(repeats - 1)
    assert np.mean(chosen <= stats.t.ppf(0.975, repeats - 1)) < 0.92  # that of a single one
    assert np.mean(chosen <= joint) >= 0.94
    # All m intervals hold at once in 95 % of studies, and no wider than it has to be. One divisor
    # stands for the m standard deviations, which with 10 repeats and 40 candidates is too little.
    held = np.mean(np.abs(t).max(axis=1) <= joint)
    assert (0.88 if count / repeats > 3 else 0.92) <= held <= 0.98


def test_it_covers_with_a_covariance_that_is_estimated(monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setattr(simultaneous, "DRAWS", 2000)
    random = np.random.default_rng(1)
    studies, held = 200, 0
    for _ in range(studies):
        gains = random.normal(size=(6, 20)) + random.normal(size=20)
        best = int(np.argmax(gains.mean(axis=1)))
        one = paired_difference(gains[best], np.zeros(20))
        adjusted = max_t(np.cov(gains)).adjusted(one)
        held += adjusted.low <= 0 <= adjusted.high
    assert held >= 0.93 * studies


@pytest.mark.parametrize("count", [2, 6, 40])
def test_of_independent_candidates_it_is_sidak_s(count: int) -> None:
    joint = related(count, 0.0)
    sidak = stats.norm.ppf((1 + 0.95 ** (1 / count)) / 2)
    assert joint.quantile(np.inf) == pytest.approx(sidak, abs=0.03)
    assert max_t(np.zeros((0, 0)), independent=count).quantile(np.inf) == pytest.approx(
        sidak, abs=0.03
    )


@pytest.mark.parametrize("correlation", [0.0, 0.5, 0.9])
def test_it_is_the_quantile_of_the_multivariate_t(correlation: float) -> None:
    joint = related(3, correlation).quantile(9)
    shape = np.full((3, 3), correlation) + (1 - correlation) * np.eye(3)
    held = stats.multivariate_t(shape=shape, df=9, seed=0).cdf(
        np.full(3, joint), lower_limit=np.full(3, -joint)
    )
    assert held == pytest.approx(0.95, abs=0.004)


@pytest.mark.parametrize("freedom", [3.0, 29.0])
def test_of_candidates_that_are_all_the_same_it_is_the_plain_t(freedom: float) -> None:
    same = related(12, 1.0)
    plain = float(stats.t.ppf(0.975, freedom))
    assert same.quantile(freedom) == pytest.approx(plain, rel=0.03)
    one = PairedDifference(0.5, 0.3, np.nan, np.nan, np.nan, 30, freedom)
    expected = 2 * stats.t.sf(0.5 / 0.3, freedom)
    assert same.adjusted(one).p_value == pytest.approx(expected, abs=0.01)


@FEW
@given(
    count=st.integers(1, 12),
    correlation=st.floats(0, 1),
    freedom=st.floats(2, 200),
    confidence=st.sampled_from([0.9, 0.95, 0.99]),
)
def test_it_lies_between_the_plain_t_and_bonferroni_s(
    count: int, correlation: float, freedom: float, confidence: float
) -> None:
    joint = related(count, round(correlation, 1)).quantile(freedom, confidence)
    assert joint >= stats.t.ppf((1 + confidence) / 2, freedom)
    assert joint <= stats.t.ppf(1 - (1 - confidence) / 2 / count, freedom) * (1 + 1e-12)


@FEW
@given(
    mean=st.floats(0.5, 6),
    skewness=st.floats(-0.6, 0.6),
    freedom=st.floats(3, 100),
    confidence=st.sampled_from([0.9, 0.95]),
)
def test_p_agrees_with_the_interval(
    mean: float, skewness: float, freedom: float, confidence: float
) -> None:
    one = PairedDifference(mean, 1.0, np.nan, np.nan, np.nan, 30, freedom, skewness)
    adjusted = related(6, 0.5).adjusted(one, confidence=confidence)
    if abs(adjusted.low) > 1e-3:  # within a draw of the limit either may be so
        assert (adjusted.p_value < 1 - confidence) == (adjusted.low > 0)
    alone = 2 * stats.t.sf(one.quantile, freedom)
    assert alone * (1 - 1e-9) <= adjusted.p_value <= min(6 * alone, 1) * (1 + 1e-9)


def test_what_has_no_standard_error_is_multiplied() -> None:
    equal = paired_difference([0.2] * 8, [0.1] * 8)
    adjusted = related(6, 0.5).adjusted(equal)
    assert adjusted.p_value == pytest.approx(6 * 2 * 0.5**8) and not adjusted.has_interval
    assert related(40, 0.5).adjusted(equal).p_value == pytest.approx(40 * 2 * 0.5**8)


def test_candidates_without_spread_and_dropped_ones_count() -> None:
    spread = np.diag([1.0, 0.0, 1.0])
    joint = max_t(spread, independent=3)
    assert joint.count == 6
    sidak = stats.norm.ppf((1 + 0.95 ** (1 / 6)) / 2)
    assert joint.quantile(np.inf) == pytest.approx(sidak, abs=0.03)
    scaled = max_t(100 * np.diag([1.0, 9.0]), seed=3)
    assert scaled.quantile(20) == pytest.approx(max_t(np.eye(2), seed=3).quantile(20))
