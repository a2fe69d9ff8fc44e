"""Which strengths and when early stopping are added, by losses that are made up."""

from typing import Any

import numpy as np
import pytest

import wane
from wane.penalties import strength_of
from wane.study.search.extending import MOST_STEPS, early_stopping, further_strengths

STRENGTHS = (0.001, 0.01, 0.1)
SWEEP = list(wane.sweep(wane.L2, STRENGTHS))


def losses(means: list[float], spread: float = 0.0) -> np.ndarray:
    """Losses of the baseline and further candidates with these means, [candidates, 4]."""
    noise = np.random.default_rng(0).normal(size=(len(means), 4))
    noise -= noise.mean(axis=1, keepdims=True)
    return np.array(means)[:, None] + spread * noise


def added(
    means: list[float], *, spread: float = 0.0, idle: Any = (), given: int = 4
) -> list[float]:
    candidates = [(), *SWEEP, *[(wane.L2(10.0**power),) for power in range(len(means) - 4)]]
    found = further_strengths(candidates, losses(means, spread), given, idle)
    return [strength_of(new) for new in found]


@pytest.mark.parametrize(
    ("means", "expected"),
    [
        ([0.5, 0.4, 0.3, 0.2], [1.0]),  # falls to the strong end
        ([0.5, 0.2, 0.3, 0.4], [0.0001]),  # and to the weak end
        ([0.1, 0.2, 0.3, 0.4], []),  # where weaker ones lead, to the baseline, is known
        ([0.5, 0.4, 0.2, 0.3], []),  # it turns
        ([0.5, 0.4, 0.3, 0.3], []),  # it is flat
        ([0.2, 0.4, 0.35, 0.3], []),  # it falls, and nothing there is nearly the best
    ],
)
def test_an_end_at_which_the_loss_falls_is_moved_on(
    means: list[float], expected: list[float]
) -> None:
    assert added(means) == expected


def test_a_fall_within_its_own_error_is_none() -> None:
    assert added([0.5, 0.4, 0.3, 0.29], spread=0.001) == [1.0]
    assert added([0.5, 0.4, 0.3, 0.29], spread=0.1) == []


def test_a_tiny_fall_is_none_whatever_diverged() -> None:
    assert added([0.5, np.nan, 0.3, 0.1]) == [1.0]
    assert added([0.5, 0.3, 0.1001, 0.1]) == []
    further = [*SWEEP, (wane.L2(1.0),)]
    table = losses([0.5, np.nan, 0.3, 0.1001, 0.1])
    assert further_strengths([(), *further], table, 5, []) == []


def test_a_penalty_that_holds_the_network_at_a_constant_is_the_last() -> None:
    assert added([0.5, 0.4, 0.3, 0.2], idle=[3]) == []
    assert added([0.5, 0.2, 0.3, 0.4], idle=[3]) == [0.0001]


def test_it_ends_after_some_steps() -> None:
    fall = [0.9 - 0.05 * step for step in range(4 + MOST_STEPS)]
    assert added(fall[:-1]) == [10.0 ** (MOST_STEPS - 1)]
    assert added(fall) == []


def test_one_strength_and_a_schedule_are_no_range() -> None:
    assert further_strengths([(), (wane.L2(0.1),)], losses([0.5, 0.4]), 2, []) == []
    scheduled = [(wane.L2(wane.schedule.linear(0.0, top, epochs=5)),) for top in (0.1, 1.0)]
    assert further_strengths([(), *scheduled], losses([0.5, 0.4, 0.3]), 3, []) == []


def test_candidates_that_diverged_or_may_not_be_chosen_are_passed_over() -> None:
    table = losses([0.5, 0.4, 0.3, 0.2])
    table[3, 1] = np.nan
    assert further_strengths([(), *SWEEP], table, 4, []) == []
    assert further_strengths([(), *SWEEP], np.full((4, 4), np.nan), 4, []) == []


def test_a_strength_that_the_penalty_does_not_take_ends_it() -> None:
    candidates = [(), (wane.L2(1e300),), (wane.L2(1e304),)]
    assert further_strengths(candidates, losses([0.5, 0.4, 0.3]), 3, []) == [(wane.L2(1e308),)]
    beyond = [(), (wane.L2(1e200),), (wane.L2(1e300),)]
    assert further_strengths(beyond, losses([0.5, 0.4, 0.3]), 3, []) == []


def curve(lowest: int, rise: float, runs: int = 5, epochs: int = 100) -> np.ndarray:
    """Losses that fall to 1 at an epoch, from 1, and rise by so much until the last."""
    epoch = np.arange(1, epochs + 1)
    fall = 1 + np.clip(lowest - epoch, 0, None) / epochs
    return np.tile(fall + rise * np.clip(epoch - lowest, 0, None) / (epochs - lowest), (runs, 1))


def test_early_stopping_where_the_loss_was_lowest_long_before_the_end() -> None:
    assert early_stopping(curve(10, 0.5), 100) == wane.EarlyStopping(10)
    assert early_stopping(curve(10, 0.5, epochs=20), 20) == wane.EarlyStopping(5)
    assert early_stopping(curve(80, 0.5), 100) is None  # too late
    assert early_stopping(curve(10, 0.01), 100) is None  # by too little
    some = np.concatenate([curve(10, 2.0, runs=2), curve(10, -0.1, runs=3)])
    assert early_stopping(some, 100) is None  # in too few runs
    assert early_stopping(np.full((2, 9), np.nan), 9) is None
    assert early_stopping(np.zeros((0, 0)), 9) is None
