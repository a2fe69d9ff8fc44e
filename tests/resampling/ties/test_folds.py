"""Folds inside training rows keep groups together, validate on later rows, and leave gaps."""

import numpy as np
import pytest
from sklearn.model_selection import TimeSeriesSplit

from wane.resampling.ties.folds import HELD_OUT, inner_folds
from wane.resampling.ties.grouping import Dependence

GROUPS = np.repeat(np.arange(30), [2, 5, 3] * 10)
LABELS = (GROUPS % 4 == 0).astype(int)


def test_no_group_is_on_both_sides_and_every_class_is() -> None:
    folds = inner_folds(Dependence("groups"), GROUPS, None, LABELS, count=3, seed=0)
    assert len(folds) == 3 and len({held.tobytes() for _, held in folds}) == 3
    for train, held in folds:
        assert not set(GROUPS[train]) & set(GROUPS[held])
        assert sorted([*train, *held]) == list(range(len(GROUPS)))
        assert set(LABELS[train]) == set(LABELS[held]) == {0, 1}
        assert len(held) == pytest.approx(HELD_OUT * len(GROUPS), abs=3)
    again = inner_folds(Dependence("copies"), GROUPS, None, LABELS, count=3, seed=0)
    assert all(np.array_equal(one[1], other[1]) for one, other in zip(folds, again, strict=True))


@pytest.mark.parametrize("rows", [25, 40, 53])  # a share of 25 or 53 rows is rounded up
def test_folds_in_time_are_those_of_time_series_split(rows: int) -> None:
    own = inner_folds(Dependence("time", gap=2), None, np.arange(rows), None, count=3, seed=0)
    theirs = list(TimeSeriesSplit(3, gap=2, test_size=-(-rows // 4)).split(np.zeros(rows)))
    assert len(own) == 3
    for (train, held), (its_train, its_held) in zip(own[::-1], theirs, strict=True):
        assert train.tolist() == its_train.tolist() and held.tolist() == its_held.tolist()


def test_equal_times_are_on_one_side() -> None:
    times = np.repeat(np.arange(9), 5)
    folds = inner_folds(Dependence("time"), None, times, None, count=3, seed=0)
    assert folds and all(times[train].max() < times[held].min() for train, held in folds)


def test_rows_beside_a_held_out_block_of_windows_are_left_out() -> None:
    places = np.concatenate([np.arange(30), np.arange(45, 75)])  # a block validates between them
    folds = inner_folds(Dependence("windows", gap=4), None, places, None, count=3, seed=0)
    assert [held[0] for _, held in folds] == [45, 22, 0]
    for train, held in folds:
        assert np.abs(np.subtract.outer(places[train], places[held])).min() > 4


def test_folds_that_cannot_be_are_none() -> None:
    one = np.zeros(20, int)
    assert inner_folds(Dependence("groups"), one, None, None, count=3, seed=0) == []
    lone = (GROUPS == 3).astype(int)  # a class of one group
    assert inner_folds(Dependence("groups"), GROUPS, None, lone, count=3, seed=0) == []
    late = (np.arange(40) > 35).astype(int)  # a class that no earlier rows have
    assert inner_folds(Dependence("time"), None, np.arange(40), late, count=3, seed=0) == []
    short = inner_folds(Dependence("time", gap=15), None, np.arange(40), None, count=3, seed=0)
    assert [len(train) for train, _ in short] == [15, 5]
    assert inner_folds(Dependence("copies"), None, None, None, count=3, seed=0) == []
