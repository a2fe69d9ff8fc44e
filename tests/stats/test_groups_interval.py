"""Intervals over new groups, held to leaving groups out with statsmodels and to known truths."""

import math
from collections.abc import Callable

import numpy as np
import pytest
import statsmodels.api as sm
from scipy import special, stats

from wane._errors import InputError
from wane.stats import crossed_interval, group_contributions, grouped_interval

Draw = Callable[[np.random.Generator, np.ndarray], np.ndarray]


def uneven(seed: int = 0) -> tuple[np.ndarray, np.ndarray]:
    """Losses of rows and the group of each, of 9 groups of 1 to 30 rows."""
    random = np.random.default_rng(seed)
    codes = np.repeat(np.arange(9), [1, 2, 4, 5, 7, 9, 12, 20, 30])
    return random.gamma(2.0, size=9)[codes] + random.random(len(codes)), codes


def test_the_error_is_that_of_leaving_out_one_group_at_a_time() -> None:
    """The jackknife (CR3) of statsmodels' own fits of the mean, without each group."""
    values, codes = uneven()
    means = [
        sm.OLS(values[codes != group], np.ones(np.sum(codes != group))).fit().params[0]
        for group in range(9)
    ]
    whole = sm.OLS(values, np.ones(len(values))).fit().params[0]
    found = grouped_interval(group_contributions(values, codes), np.bincount(codes), [0.0])
    assert found.mean == pytest.approx(whole)
    assert found.standard_error**2 == pytest.approx(8 / 9 * np.sum((means - whole) ** 2))


def test_of_equal_groups_it_is_the_cluster_robust_interval_of_statsmodels() -> None:
    values, codes = np.random.default_rng(1).normal(size=60), np.repeat(np.arange(12), 5)
    fit = sm.OLS(values, np.ones(60)).fit(
        cov_type="cluster", cov_kwds={"groups": codes, "df_correction": True}, use_t=True
    )
    found = grouped_interval(group_contributions(values, codes), np.full(12, 5), [0.0])
    # statsmodels' small-sample factor has (n − 1) / (n − 1) for a single parameter.
    assert (found.low, found.high) == pytest.approx(tuple(fit.conf_int()[0]))


def test_degrees_of_freedom_are_those_of_bell_and_mccaffrey() -> None:
    """Of the quadratic form that the variance is, by its matrix: tr² / tr(squared)."""
    sizes = np.array([1.0, 2, 4, 5, 7, 9, 12, 20, 30])
    share = sizes / sizes.sum()
    linear = np.diag(share / (1 - share)) @ (np.eye(9) - np.outer(np.ones(9), share))
    form = linear.T @ linear
    freedom = np.trace(form) ** 2 / np.trace(form @ form)
    own = np.random.default_rng(2).normal(size=9)
    contributions = own.mean() + (own - np.average(own, weights=sizes)) * sizes / sizes.mean()
    found = grouped_interval(contributions, sizes, [0.0])
    quantile = (found.high - found.mean) / found.standard_error
    assert quantile == pytest.approx(stats.t.ppf(0.975, freedom)) and freedom < 7


def test_without_bounds_and_of_one_size_it_is_students() -> None:
    own = np.random.default_rng(3).normal(size=8)
    found = grouped_interval(own, np.full(8, 3), [0.0], confidence=0.9)
    usual = stats.t.interval(0.9, 7, own.mean(), stats.sem(own))
    assert (found.low, found.high) == pytest.approx(usual)


def test_repeats_and_overlap_add_their_variance() -> None:
    own, repeats = np.random.default_rng(4).normal(size=(2, 8))
    alone = grouped_interval(own, np.ones(8), [0.0]).standard_error ** 2
    assert grouped_interval(own, np.ones(8), [0.0], overlap=1 / 3).standard_error ** 2 == (
        pytest.approx(4 / 3 * alone)
    )
    for ratio in (None, 0.5):
        both = grouped_interval(own, np.ones(8), repeats, test_to_train_ratio=ratio)
        rows = crossed_interval(own, repeats, test_to_train_ratio=ratio)
        assert both.standard_error == pytest.approx(rows.standard_error)


def test_an_end_leaves_a_bound_on_the_scale_of_logarithms() -> None:
    own = np.array([0.2, 0.9, 0.3, 1.4, 0.7])
    free, above = (
        grouped_interval(own, np.ones(5), [0.7], bounds=bounds)
        for bounds in ((-math.inf, math.inf), (0.0, math.inf))
    )
    share, quantile = stats.sem(own) / 0.7, stats.t.ppf(0.975, 4)
    further = share * (quantile + 0.2 * (quantile**2 + 1) / 2)
    assert above.high == pytest.approx(0.7 * math.exp(further))
    assert above.low == free.low > 0
    below = grouped_interval(-own, np.ones(5), [0.7], bounds=(-math.inf, 0.0))
    assert (below.low, below.high) == pytest.approx((-above.high, -above.low))


@pytest.mark.parametrize("bounds", [(0.0, 1.0), (-1.0, 1.0)])
def test_between_two_bounds_it_is_on_the_scale_of_logits(bounds: tuple[float, float]) -> None:
    """Student's interval there, with the error by the derivative of the logit (delta method)."""
    own = bounds[0] + (bounds[1] - bounds[0]) * np.array([0.9, 1.0, 0.8, 0.95])
    found = grouped_interval(own, np.ones(4), [0.9], bounds=bounds)
    place = (own - bounds[0]) / (bounds[1] - bounds[0])
    mean = place.mean()
    reach = stats.t.ppf(0.975, 3) * stats.sem(place) / (mean * (1 - mean))
    ends = special.expit(special.logit(mean) + reach * np.array([-1, 1]))
    whole = bounds[0] + (bounds[1] - bounds[0]) * ends
    assert (found.low, found.high) == pytest.approx(tuple(whole))
    assert bounds[0] < found.low < found.high < bounds[1]


def test_of_many_groups_the_end_is_students_again() -> None:
    own = np.random.default_rng(5).gamma(2.0, size=20_000)
    found = grouped_interval(own, np.ones(20_000), [0.0], bounds=(0.0, math.inf))
    assert (found.high - found.mean) / (found.mean - found.low) == pytest.approx(1, abs=0.03)


def test_two_groups_and_groups_that_agree() -> None:
    two = grouped_interval([0.2, 0.9], [3, 3], [0.5], bounds=(0.0, math.inf))
    assert math.isnan(two.low) and math.isnan(two.high) and two.standard_error > 0
    assert math.isnan(grouped_interval([0.2], [3], [0.5]).standard_error)
    one_size = grouped_interval([0.5] * 4, [1, 2, 3, 4], [0.5, 0.5], bounds=(0.0, math.inf))
    assert (one_size.low, one_size.mean, one_size.high) == (0.5, 0.5, 0.5)


def test_every_group_has_a_size() -> None:
    with pytest.raises(InputError, match=r"a number above 0 for each of 3 groups, got \[1, 2\]"):
        grouped_interval([0.1, 0.2, 0.3], [1, 2], [0.2])
    with pytest.raises(InputError, match="above 0 for each of 3 groups"):
        grouped_interval([0.1, 0.2, 0.3], [1, 2, 0], [0.2])


def squared(random: np.random.Generator, sizes: np.ndarray) -> np.ndarray:
    """Mean squares of n rows with a normal effect of the group: their expectation is 1."""
    effect = math.sqrt(0.75) * random.normal(size=sizes.shape)
    noise = 0.5 * random.normal(size=sizes.shape) / np.sqrt(sizes)
    within = 0.25 * random.chisquare(sizes - 1 + 1e-9) / sizes
    return np.asarray((effect + noise) ** 2 + within)


def exponential(random: np.random.Generator, sizes: np.ndarray) -> np.ndarray:
    return random.exponential(size=sizes.shape)


def normal(random: np.random.Generator, sizes: np.ndarray) -> np.ndarray:
    return 1 + 0.2 * random.normal(size=sizes.shape)


def rightly(random: np.random.Generator, sizes: np.ndarray) -> np.ndarray:
    """Shares of n rows that are predicted rightly, in the mean 0.8."""
    right = random.binomial(sizes, random.beta(4, 1, size=sizes.shape))
    return np.asarray(right / sizes)


def share_held(draw: Draw, groups: int, sizes: tuple[int, int], samples: int) -> float:
    """In which share of samples the interval holds the truth, two standard errors of it added."""
    truth, span = (0.8, 1.0) if draw is rightly else (1.0, math.inf)
    random, held, given = np.random.default_rng([groups, *sizes]), 0, 0
    for _ in range(samples):
        rows = random.integers(sizes[0], sizes[1] + 1, groups)
        own = draw(random, rows)
        mean = np.average(own, weights=rows)
        contributions = mean + (own - mean) * rows / rows.mean()
        found = grouped_interval(contributions, rows, [0.0], bounds=(0.0, span))
        given += not math.isnan(found.low)
        held += found.low <= truth <= found.high
    assert given >= 0.85 * samples
    return held / given + 2 * math.sqrt(0.92 * 0.08 / given)


def test_it_holds_the_mean_square_on_new_groups() -> None:
    assert share_held(squared, 7, (10, 10), 500) >= 0.92


@pytest.mark.thorough
@pytest.mark.parametrize("sizes", [(10, 10), (1, 15)])
@pytest.mark.parametrize("groups", [4, 7, 20])
@pytest.mark.parametrize("draw", [squared, exponential, normal, rightly])
def test_it_holds_what_is_true_of_new_groups(
    draw: Draw, groups: int, sizes: tuple[int, int]
) -> None:
    assert share_held(draw, groups, sizes, 1000) >= 0.92
