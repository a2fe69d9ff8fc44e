"""Halving over paired repeats: worked cases, laws, and how near the full choice it comes."""

import numpy as np
import pytest

import wane
from wane.stats import halving_rounds, still_racing


def test_halving_rounds_double_until_all_repeats_are_done() -> None:
    assert halving_rounds(30) == (2, 4, 8, 16, 30)
    assert halving_rounds(16) == (2, 4, 8, 16)
    assert halving_rounds(17) == (2, 4, 8, 16, 17)
    assert halving_rounds(4) == (2, 4)


def test_what_is_far_behind_goes_and_what_is_near_stays() -> None:
    common = np.array([0.0, 1.0, -1.0, 0.5])
    jitter = np.array([[0.0, 0.01, 0.0, 0.01], [0.01, 0.0, 0.01, 0.0]])
    near = common + jitter
    far = common + 9.0 + 0.1 * jitter
    assert still_racing([*near, *far], 30).tolist() == [True, True, False, False]


def test_a_worse_half_that_is_not_surely_worse_than_the_best_continues() -> None:
    noisy = [[0.0, 0.0], [0.0, 0.1], [9.0, -8.0], [-7.0, 8.0]]
    assert still_racing(noisy, 30).all()


def test_the_better_half_always_goes_on() -> None:
    sure = [[float(place)] * 2 for place in range(5)]
    assert still_racing(sure, 30).tolist() == [True, True, True, False, False]


def test_what_diverged_is_dropped_and_after_the_last_round_nothing_else() -> None:
    table = [[0.0, 0.0], [5.0, 5.0], [np.nan, 0.0]]
    assert still_racing(table, 2).tolist() == [True, True, False]


def test_the_order_of_candidates_and_of_repeats_does_not_matter() -> None:
    random = np.random.default_rng(0)
    table = random.normal(size=(9, 8)) + 0.5 * np.arange(9)[:, None]
    order = random.permutation(9)
    assert (still_racing(table[order], 30) == still_racing(table, 30)[order]).all()
    assert (still_racing(table[:, ::-1], 30) == still_racing(table, 30)).all()


@pytest.mark.parametrize("shape", [(3, 1), (3, 31), (3,)])
def test_tables_of_other_shapes_are_refused(shape: tuple[int, ...]) -> None:
    with pytest.raises(wane.InputError) as caught:
        still_racing(np.zeros(shape), 30)
    assert str(caught.value) == (
        f"losses must have the shape [candidates, repeats] with 2 to 30 repeats, got {shape}."
    )


def simulated(random: np.random.Generator, count: int, repeats: int) -> np.ndarray:
    """Losses of a search over strengths: a curve, and what repeats and neighbours share.

    Curves have one valley, two, none, or a cliff; a repeat's rows shift all candidates alike, and
    those of like strength alike; some noise is skewed, as losses are.
    """
    x = np.linspace(-7, -1, count)
    scale = 10 ** random.uniform(-1.5, 0)
    valley, cliff = random.uniform(-5, -1), random.uniform(-5, -2)
    curves = (
        scale * ((x - valley) / 2.5) ** 2,
        scale * np.minimum(((x + 5) / 1.2) ** 2, ((x + 2) / 1.2) ** 2 + random.normal(0, 0.2)),
        np.zeros(count),
        scale / (1 + np.exp(3 * (x - cliff))),
    )
    deviation = 10 ** random.uniform(-1.5, -0.5)
    reach = random.uniform(0.3, 2)
    kernel = np.exp(-0.5 * ((x[:, None] - x) / reach) ** 2) + 1e-6 * np.eye(count)
    own = np.linalg.cholesky(kernel) @ random.normal(size=(count, repeats))
    own *= 10 ** random.uniform(-1, 0.2)
    noise = random.normal(size=(count, repeats)) * 10 ** random.uniform(-1.5, -0.3)
    noise += 0.5 * random.exponential(size=(count, repeats)) * (random.random() < 0.3)
    uneven = np.exp(random.normal(0, 0.4, count))[:, None]
    shared = random.normal(size=repeats)
    curve: np.ndarray = curves[random.integers(4)][:, None]
    return curve + deviation * (shared + uneven * (own + noise))


def raced(losses: np.ndarray) -> tuple[int, float]:
    """The choice by halving, the first candidate never being dropped, and its share of runs."""
    count, total = losses.shape
    alive, done, runs = np.arange(count), 0, 0
    for repeats in halving_rounds(total):
        runs += len(alive) * (repeats - done)
        done = repeats
        alive = alive[still_racing(losses[alive, :done], total) | (alive == 0)]
    return int(alive[np.argmin(losses[alive].mean(axis=1))]), runs / losses.size


@pytest.mark.parametrize(
    ("count", "share"), [(13, 0.36), (19, 0.33), pytest.param(25, 0.31, marks=pytest.mark.slow)]
)
def test_the_choice_is_within_one_standard_error_of_the_full_searchs(
    count: int, share: float
) -> None:
    """At least 95 of 100, by 400 studies whose own chance is about 1 in 100."""
    random = np.random.default_rng(1)
    near, shares = [], []
    for _ in range(400):
        losses = simulated(random, count, 30)
        chosen, spent = raced(losses)
        means = losses.mean(axis=1)
        best = int(np.argmin(means))
        error = losses[best].std(ddof=1) / np.sqrt(30)
        near.append(means[chosen] <= means[best] + error)
        shares.append(spent)
    assert np.mean(near) >= 0.95
    assert np.mean(shares) <= share
