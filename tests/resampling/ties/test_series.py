"""Rows in an order: later ones are held out, and those that overlap are left out."""

import datetime
from typing import Any

import numpy as np
import pandas as pd
import pytest

from wane._errors import InputError
from wane.resampling.ties.series import (
    block_split,
    blocks,
    blocks_leave_enough,
    later_split,
    time_ranks,
    window_gap,
)

DAYS = [datetime.date(2024, 1, 3), datetime.date(2024, 1, 1), datetime.date(2024, 1, 3)]


@pytest.mark.parametrize(
    "times",
    [
        DAYS,
        pd.to_datetime(pd.Series(DAYS), utc=True),
        [str(day) for day in DAYS],
        ["2024-01-03T10:00+00:00", "2024-01-03T10:30+01:00", "2024-01-03T11:00+01:00"],
        [2.5, -1, 2.5],
        pd.Series([5, 3, 5], index=[9, 8, 7]),
    ],
)
def test_times_are_ranked_and_equal_ones_have_one_rank(times: Any) -> None:
    assert time_ranks(times, 3).tolist() == [1, 0, 1]


@pytest.mark.parametrize(
    ("times", "start"),
    [
        (["2024-01-01", "soon", "2024-01-02"], "time holds 'soon', which is neither a number nor"),
        ([True, False, True], "time holds True, which is neither a number nor a date"),
        ([1j, 2j, 3j], "time holds 1j, which is neither a number nor a date"),
        ([5, "2024-01-01", "2024-01-02"], "time holds 5, which is neither a number nor a date"),
        (["2024-01-01", 7.5, None], "time holds 7.5, which is neither a number nor a date"),
        ([np.nan, *DAYS[:2]], "time is missing in 1 of 3 rows"),
        ([1.0, np.nan, 2.0], "time is missing in 1 of 3 rows, so that these have no place in time"),
        ([None, "2024-01-01", "2024-01-02"], "time is missing in 1 of 3 rows"),
        ([4, 4, 4], "time holds one time only, so that no row is later than another"),
        ([1, 2], "Rows do not match: time has 2, x has 3."),
        (np.zeros((3, 1)), "time must be one date or number for each row, [rows], got ndarray of"),
        (pd.DataFrame({"t": range(3)}), "time must be one date or number for each row, [rows], g"),
    ],
)
def test_what_is_no_time_is_refused(times: Any, start: str) -> None:
    with pytest.raises(InputError) as caught:
        time_ranks(times, 3)
    assert str(caught.value).startswith(start)


def test_the_last_share_is_later_than_all_others() -> None:
    earlier, later = later_split(np.arange(20), 0.25, 2, "test")
    assert earlier.tolist() == list(range(13)) and later.tolist() == list(range(15, 20))


def test_equal_times_stay_together() -> None:
    times = np.repeat(np.arange(5), 4)
    earlier, later = later_split(times, 0.3, 0, "test")  # 6 of 20; 4 or 8 are possible
    assert times[earlier].max() < times[later].min() and len(later) in (4, 8)


def test_too_few_rows_for_a_gap_are_told() -> None:
    with pytest.raises(InputError, match=r"gap=14 \(--gap\) leaves 1 of 20 rows to train on"):
        later_split(np.arange(20), 0.25, 14, "validation")
    with pytest.raises(InputError, match="4 rows of one time cannot be divided"):
        later_split(np.zeros(4), 0.25, 0, "test")


def test_blocks_are_of_like_sizes() -> None:
    assert np.bincount(blocks(23)).tolist() == [3, 2, 2, 3, 2, 2, 3, 2, 2, 2]
    assert blocks(4).tolist() == [0, 1, 2, 3]


@pytest.mark.parametrize(("steps", "move", "gap"), [(8, 1, 7), (8, 4, 1), (9, 4, 2)])
def test_windows_overlap_with_their_neighbours(steps: int, move: int, gap: int) -> None:
    series = np.random.default_rng(0).normal(size=400)
    x = np.lib.stride_tricks.sliding_window_view(series, steps)[::move]
    assert window_gap(x) == window_gap(x[::-1, ::-1, None]) == window_gap(pd.DataFrame(x)) == gap
    for far, shared in ((gap, True), (gap + 1, False)):
        assert bool(set(x[20]) & set(x[20 + far])) == shared
    assert window_gap(np.random.default_rng(0).permutation(x)) == 0


def test_rows_that_overlap_with_a_block_are_left_out() -> None:
    places = np.r_[0:30, 50:70]
    others, held = block_split(places, 0.2, 3, 25)
    assert held.tolist() == list(range(25, 35))
    assert places[others].tolist() == [*range(22), *range(58, 70)]


def test_blocks_that_leave_too_little_are_not_set_apart() -> None:
    assert blocks_leave_enough(400, [0.2, 0.25], 7)
    assert not blocks_leave_enough(40, [0.2, 0.25], 7)


def test_a_table_of_labels_alone_is_no_windows() -> None:
    """Regression: it has no number by which its rows could be counted."""
    assert window_gap(pd.DataFrame({"colour": ["red", "blue"] * 20})) == 0
