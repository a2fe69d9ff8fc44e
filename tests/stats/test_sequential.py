"""Tests that may be repeated as repeats come in: numbers by integration, and known truth."""

import math

import numpy as np
import pytest
from scipy import integrate, stats

from wane._errors import InputError
from wane.stats import anytime_p, confidence_sequence, e_process, look_level, paired_difference
from wane.stats.sequential import PRIOR, enough_repeats, looks_at, repeats_suffice

SEQUENCES, LONGEST = 4000, 100


def drawn(shape: tuple[int, ...], seed: int = 0) -> np.ndarray:
    return np.random.default_rng(seed).normal(size=shape)


def by_integration(t: float, count: int) -> float:
    """The Bayes factor of a t statistic, by the densities of the noncentral t distribution."""

    def weighted(effect: float) -> float:
        density = stats.nct.pdf(t, count - 1, math.sqrt(count) * effect)
        return float(density * stats.norm.pdf(effect, scale=1 / math.sqrt(PRIOR)))

    above, _ = integrate.quad(weighted, -5, 5, points=[0.0, t / math.sqrt(count)], limit=200)
    return float(above / stats.t.pdf(t, count - 1))


@pytest.mark.parametrize("count", [2, 3, 5, 10, 30])
@pytest.mark.parametrize("mean", [0.0, 0.4, -1.0])
def test_the_e_process_is_the_bayes_factor_of_the_t_statistic(count: int, mean: float) -> None:
    values = drawn((count,), seed=count) + mean
    t = float(stats.ttest_1samp(values, 0).statistic)
    assert e_process(values)[-1] == pytest.approx(by_integration(t, count), rel=1e-6)


def test_the_e_process_is_that_of_another_package() -> None:
    reference = pytest.importorskip("expectation.parametric.ttest_universal")
    # Its precision is the root of the prior, N(0, 1 / c²); sums are given once for each of n rows.
    mixture = reference.TtestGaussianMixtureMartingale(prior_precision=2.0)
    for seed, mean in enumerate((0.0, 0.3, 1.0)):
        differences = 1.7 * drawn((60,), seed) + mean
        own = np.log(e_process(differences, prior=4.0))
        for count in range(2, 61):
            some = differences[:count]
            theirs = mixture.log_superMG(np.full(count, some.sum()), np.sum(some**2))
            np.testing.assert_allclose(own[count - 1], theirs[0], rtol=1e-10, atol=1e-10)


def test_the_e_process_does_not_depend_on_the_unit_and_starts_at_one() -> None:
    values = drawn((5, 20))
    found = e_process(values)
    assert np.all(found[:, 0] == 1)
    np.testing.assert_allclose(e_process(1e6 * values), found, rtol=1e-9)
    np.testing.assert_allclose(e_process(-values), found, rtol=1e-9)


def test_the_e_process_of_one_sequence_is_that_of_its_beginnings() -> None:
    values = drawn((12,)) + 1
    parts = [e_process(values[:count])[-1] for count in range(1, 13)]
    np.testing.assert_allclose(e_process(values), parts, rtol=1e-12)


@pytest.mark.parametrize("value", [0.0, 0.25])
def test_equal_differences_say_nothing(value: float) -> None:
    rounded = np.full(30, value) + 1e-9 * value * drawn((30,))
    assert np.all(e_process(rounded) == 1)
    assert np.all(anytime_p(np.full(30, value)) == 1)


def test_without_an_effect_the_e_process_exceeds_twenty_in_at_most_five_percent() -> None:
    """At any of 100 repeats, where a t test at 5 % after each does in more than a third."""
    values = drawn((SEQUENCES, LONGEST))
    share = float(np.mean(e_process(values).max(axis=1) >= 20))
    assert 0.01 < share < 0.05
    count = np.arange(1, LONGEST + 1)
    mean = values.cumsum(axis=1) / count
    deviation = np.sqrt((values**2).cumsum(axis=1) / count - mean**2)[:, 2:]
    t = mean[:, 2:] / deviation * np.sqrt(count[2:] - 1)
    peeking = np.any(2 * stats.t.sf(np.abs(t), count[2:] - 1) < 0.05, axis=1)
    assert peeking.mean() > 0.3


def test_an_effect_is_found_and_p_never_rises() -> None:
    found = anytime_p(drawn((200, 60)) + 1)
    assert np.mean(found[:, -1] < 0.05) > 0.99
    assert np.all(np.diff(found, axis=1) <= 0) and np.all((found > 0) & (found <= 1))


def test_the_confidence_sequence_has_what_the_e_process_does_not_refute() -> None:
    values = drawn((25,), seed=3) + 0.7
    found = confidence_sequence(values, confidence=0.9)
    assert found.mean == pytest.approx(values.mean())
    for end in (found.low, found.high):
        assert e_process(values - end)[-1] == pytest.approx(10, rel=1e-9)
    inside, outside = (e_process(values - found.low - step)[-1] for step in (1e-3, -1e-3))
    assert inside < 10 < outside


@pytest.mark.parametrize(("count", "ratio"), [(10, 2.1), (30, 1.65), (100, 1.57)])
def test_how_wide_the_confidence_sequence_is(count: int, ratio: float) -> None:
    values = drawn((count,))
    found, student = confidence_sequence(values), paired_difference(values, np.zeros(count))
    width = (found.high - found.low) / (student.high - student.low)
    assert width == pytest.approx(ratio, abs=0.06)


@pytest.mark.parametrize("count", [0, 1, 2, 5])
def test_few_repeats_have_no_bounds(count: int) -> None:
    found = confidence_sequence(drawn((count,)))
    assert (found.low, found.high) == (-math.inf, math.inf)


def test_the_confidence_sequence_holds_the_mean_at_every_repeat() -> None:
    sequences = drawn((400, 60), seed=5)
    missed = sum(
        any(
            not one.low <= 0 <= one.high
            for one in (confidence_sequence(values[:count]) for count in range(2, 61))
        )
        for values in sequences
    )
    assert missed / 400 < 0.05 + 3 * math.sqrt(0.05 * 0.95 / 400)


def test_the_levels_of_all_looks_add_up() -> None:
    levels = [look_level(look) for look in range(1, 2001)]
    assert levels[:2] == pytest.approx([0.0303964, 0.0075991], abs=1e-7)
    assert 0.0499 < sum(levels) < 0.05


@pytest.mark.parametrize("look", [0, -1, 1.5])
def test_looks_are_numbered_from_one(look: float) -> None:
    with pytest.raises(InputError, match=f"Looks are numbered from 1, got {look!r}"):
        look_level(look)  # type: ignore[arg-type] # that is what is tested


def test_a_confidence_must_be_a_share() -> None:
    with pytest.raises(InputError, match=r"confidence must lie between 0 and 1, got 95"):
        confidence_sequence([1.0, 2.0], confidence=95)


@pytest.mark.parametrize(
    ("most", "options", "looks"),
    [
        (80, {}, (10, 20, 40, 80)),
        (100, {}, (10, 20, 40, 80, 100)),
        (10, {}, (10,)),
        (80, {"enough": 27}, (10, 20, 27)),
        (15, {"enough": 27}, (10, 15)),
        (80, {"enough": 3}, (10,)),
        (60, {"multiple": 6}, (12, 24, 42, 60)),
        (90, {"multiple": 30, "enough": 45}, (30, 60)),
    ],
)
def test_where_looks_are(most: int, options: dict[str, int], looks: tuple[int, ...]) -> None:
    assert looks_at(most, **options) == looks


@pytest.mark.parametrize("ratio", [1 / 3, 0.25, 0.08, 2.0])
def test_enough_repeats_are_the_first_whose_share_is_a_tenth(ratio: float) -> None:
    enough = enough_repeats(ratio)
    here, before = (1 / k / (1 / k + ratio) for k in (enough, enough - 1))
    assert here <= 0.1 + 1e-12 and before > 0.1
    assert enough_repeats(1 / 3) == 27


def test_repeats_suffice_where_rows_make_up_the_variance() -> None:
    rows, repeats = drawn((50,)), drawn((20,), seed=1)
    assert repeats_suffice(rows, 0.1 * repeats)
    assert not repeats_suffice(rows, repeats)
    assert not repeats_suffice(rows, repeats[:1])
