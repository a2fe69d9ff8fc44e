"""The bias-corrected bootstrap: a direct implementation, and a truth that is known."""

import math

import numpy as np
import pytest

from wane._errors import InputError
from wane.stats import bias_corrected, crossed_interval


def directly(
    losses: np.ndarray, strengths: list[float], *, draws: int, seed: int
) -> tuple[float, float, list[float]]:
    """The paper's algorithm in loops, with the draws that ``bias_corrected`` makes.

    Returns:
        The mean score, the winners' mean gain over the first candidate, both on the rows left out,
        and each candidate's share of wins.
    """
    random = np.random.default_rng(seed)
    rows = losses.shape[1]
    scores, gains, wins = [], [], [0] * len(losses)
    for drawn in random.multinomial(rows, np.full(rows, 1 / rows), size=draws):
        inside = np.repeat(np.arange(rows), drawn)
        outside = [row for row in range(rows) if row not in set(inside)]
        means = [float(np.mean(candidate[inside])) for candidate in losses]
        winners = [index for index, mean in enumerate(means) if mean == min(means)]
        winner = max(winners, key=lambda index: strengths[index])
        scores.append(float(np.mean(losses[winner][outside])))
        gains.append(float(np.mean(losses[0][outside] - losses[winner][outside])))
        wins[winner] += 1
    return float(np.mean(scores)), float(np.mean(gains)), [won / draws for won in wins]


def test_it_is_the_paper_s_algorithm() -> None:
    # Halves add up exactly, so that ties are ties in any order of adding.
    losses = np.random.default_rng(3).integers(0, 4, size=(3, 12)) / 2
    strengths = [0.0, 1.0, 2.0]
    found = bias_corrected(losses, losses, np.ones(12), strengths, draws=50, seed=7)
    assert found is not None and found.draws == 50
    value, gain, wins = directly(losses, strengths, draws=50, seed=7)
    assert found.value == pytest.approx(value)
    assert found.wins.tolist() == pytest.approx(wins) and len(set(wins)) > 1
    winner = int(np.argmin(losses.mean(axis=1)))
    naive = float(np.mean(losses[0] - losses[winner]))
    assert found.gain_optimism == pytest.approx(naive - gain)


def test_what_is_reported_need_not_be_what_is_chosen_by() -> None:
    random = np.random.default_rng(0)
    select = np.stack([np.full(40, 1.0), np.full(40, 0.5)])  # the second always wins
    report = random.normal(size=(2, 40))
    found = bias_corrected(select, report, np.ones(40), [0.0, 1.0], draws=400)
    assert found is not None
    assert found.naive == pytest.approx(report[1].mean())
    assert found.value == pytest.approx(report[1].mean(), abs=0.03)  # nothing was chosen by luck
    # The rows as they are, spread a little more if chance made the draws spread so.
    factors = (found.rows - found.naive) / (report[1] - report[1].mean())
    np.testing.assert_allclose(factors, factors[0])
    assert 1 <= factors[0] < 1.1


def test_what_was_chosen_otherwise_is_what_is_evaluated() -> None:
    random = np.random.default_rng(4)
    losses = random.normal(size=(3, 40)) ** 2
    usual = bias_corrected(losses, losses, np.ones(40), [0, 1, 2])
    winner = int(np.argmin(losses.mean(axis=1)))
    other = (winner + 1) % 3
    same = bias_corrected(losses, losses, np.ones(40), [0, 1, 2], chosen=winner)
    found = bias_corrected(losses, losses, np.ones(40), [0, 1, 2], chosen=other)
    assert found is not None and usual is not None and same is not None
    assert (same.value, same.naive) == (usual.value, usual.naive)
    assert found.value == usual.value  # what the draws choose and lose
    assert found.naive == pytest.approx(losses[other].mean())


def test_the_gain_is_of_what_is_chosen_by() -> None:
    random = np.random.default_rng(5)
    select, report = random.normal(size=(2, 3, 40))
    one = bias_corrected(select, report, np.ones(40), [0, 1, 2])
    other = bias_corrected(select, select, np.ones(40), [0, 1, 2])
    assert one is not None and other is not None
    assert one.gain_optimism == other.gain_optimism
    np.testing.assert_array_equal(one.wins, other.wins)
    # Sums over three repeats of each row are three times as large, and their means the same.
    thrice = bias_corrected(3 * select, 3 * report, np.full(40, 3.0), [0, 1, 2])
    assert thrice is not None and thrice.gain_optimism == pytest.approx(one.gain_optimism)


def test_the_luck_of_a_gain_is_taken_off() -> None:
    """Twenty candidates that are no better than the first: the best looks better by luck alone."""
    random = np.random.default_rng(6)
    naive, corrected = [], []
    for seed in range(100):
        losses = random.exponential(size=(21, 40))
        found = bias_corrected(losses, losses, np.ones(40), range(21), draws=100, seed=seed)
        assert found is not None and found.wins.sum() == pytest.approx(1)
        means = losses.mean(axis=1)
        naive.append(means[0] - means.min())
        corrected.append(naive[-1] - found.gain_optimism)
    assert np.mean(naive) > 0.2
    assert np.mean(corrected) == pytest.approx(0, abs=0.06)


def test_rows_that_no_repeat_left_out_say_nothing() -> None:
    random = np.random.default_rng(1)
    losses = random.normal(size=(3, 20)) ** 2
    counts = np.repeat([2.0, 3.0], 10)
    some = bias_corrected(losses, losses, counts, [0, 1, 2])
    padded = np.concatenate([losses, np.zeros((3, 5))], axis=1)
    more = bias_corrected(padded, padded, np.concatenate([counts, np.zeros(5)]), [0, 1, 2])
    assert some is not None and more is not None
    assert (some.value, some.naive) == (more.value, more.naive)
    assert some.naive == pytest.approx((losses.sum(axis=1) / counts.sum()).min())
    assert some.rows.mean() == pytest.approx(some.naive)


def test_it_takes_ten_rows() -> None:
    losses = np.ones((2, 9))
    assert bias_corrected(losses, losses, np.ones(9), [0, 1]) is None


def test_the_same_seed_gives_the_same_number() -> None:
    losses = np.random.default_rng(0).normal(size=(4, 30))
    one, same, other = (
        bias_corrected(losses, losses, np.ones(30), range(4), draws=20, seed=seed)
        for seed in (1, 1, 2)
    )
    assert one is not None and same is not None and other is not None
    assert one.value == same.value != other.value


def test_luck_is_taken_off() -> None:
    """Twenty candidates of the same true loss 1: the best of them looks better than it is."""
    random = np.random.default_rng(2)
    naive, honest = [], []
    for seed in range(150):
        losses = random.exponential(size=(20, 40))
        found = bias_corrected(losses, losses, np.ones(40), range(20), draws=100, seed=seed)
        assert found is not None
        naive.append(found.naive)
        honest.append(found.value)
    assert np.mean(naive) < 0.8
    assert np.mean(honest) == pytest.approx(1.0, abs=0.05)


@pytest.mark.parametrize(
    ("losses", "text"),
    [
        (
            np.ones((2, 11)),
            "There must be a number for each of 3 candidates and 11 rows, got arrays of shape "
            "(2, 11) and (2, 11).",
        ),
        (
            np.full((3, 11), math.nan),
            "The numbers of rows must be finite; leave out the candidates with diverged runs.",
        ),
    ],
)
def test_what_does_not_fit(losses: np.ndarray, text: str) -> None:
    with pytest.raises(InputError) as caught:
        bias_corrected(losses, losses, np.ones(11), [0, 1, 2])
    assert str(caught.value) == text


def test_a_crossed_interval_by_hand() -> None:
    # Rows without skewness: mean 2, s² = 1 of n = 3; repeats: s² = 0.5 of k = 2.
    found = crossed_interval([1.0, 2.0, 3.0], [1.5, 2.5])
    assert found.mean == 2.0
    assert found.standard_error == pytest.approx(math.sqrt(1 / 3 + 0.5 / 2))
    corrected = crossed_interval([1.0, 2.0, 3.0], [1.5, 2.5], test_to_train_ratio=0.25)
    assert corrected.standard_error == pytest.approx(math.sqrt(1 / 3 + 0.5 * (1 / 2 + 0.25)))
    assert found.high - 2.0 == pytest.approx(2.0 - found.low)


def test_skewed_rows_move_both_ends_of_the_interval() -> None:
    rows = np.random.default_rng(0).exponential(size=30)
    found = crossed_interval(rows, [1.0])
    assert found.high - found.mean > 1.2 * (found.mean - found.low)
    mirrored = crossed_interval(-rows, [1.0])
    assert (mirrored.low, mirrored.high) == pytest.approx((-found.high, -found.low))


def test_a_crossed_interval_holds_the_mean_of_skewed_rows() -> None:
    random = np.random.default_rng(0)
    held = 0
    for _ in range(400):
        rows, repeats = random.exponential(size=(40, 1)), random.normal(scale=0.2, size=(1, 8))
        values = rows + repeats + random.normal(scale=0.3, size=(40, 8))
        found = crossed_interval(values.mean(axis=1), values.mean(axis=0))
        held += found.low <= 1.0 <= found.high
    assert 0.92 <= held / 400 <= 0.98


def test_one_row_has_no_interval() -> None:
    found = crossed_interval([2.0], [1.0, 3.0])
    assert found.mean == 2.0 and math.isnan(found.low) and math.isnan(found.high)
