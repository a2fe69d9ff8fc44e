"""Rows in an order: later ones held out, and rows that overlap with their neighbours kept apart."""

import math
import numbers
from typing import Any

import numpy as np

from wane._errors import InputError
from wane.resampling.checking import parts_of

BLOCKS = 10
"""Blocks of consecutive rows that intervals draw: the fewest that decide anything, and so the
longest. With errors of an AR(1) process of correlation 0.8, a 95 % interval of the mean squared
error of 200 rows holds it in 63 % of series where it draws rows, 89 % with 10 blocks, 86 % with 30;
of 1,000 rows in 65, 94 and 93 %. Without correlation it holds it in 94 to 95 % in any case."""
_WINDOWS = 10
"""So many rows at least must be moved on from the one before, to be called windows."""
_LONGEST_MOVE = 32
_LOOKED_AT = 500
"""Whether rows are windows is seen in the first ones."""
_LEAST_LEFT = 0.5
"""Where blocks leave a smaller share of the rows to train on that a random split would, rows are
drawn at random after all."""


def time_ranks(time: Any, rows: int, name: str = "time") -> np.ndarray:
    """The place of each row's time among all different times, from 0, [rows].

    Args:
        time: dates, times or numbers, or texts that pandas reads as such, [rows].
        rows: how many rows there are.
        name: what to call them in an error.

    Raises:
        InputError: if some cannot be read or are missing, or all are equal.
    """
    import pandas as pd

    try:
        values = time if isinstance(time, pd.Series) else pd.Series(time)
    except (ValueError, TypeError) as error:
        raise InputError(
            f"{name} must be one date or number for each row, [rows], got "
            f"{type(time).__name__} of shape {np.shape(time)}: give one column of times."
        ) from error
    if len(values) != rows:
        raise InputError(f"Rows do not match: {name} has {len(values):,}, x has {rows:,}.")
    values = values.reset_index(drop=True)
    kind = values.dtype
    number = pd.api.types.is_numeric_dtype(kind) and not (
        pd.api.types.is_bool_dtype(kind) or pd.api.types.is_complex_dtype(kind)
    )
    if not (
        number
        or pd.api.types.is_datetime64_any_dtype(values)
        or pd.api.types.is_timedelta64_dtype(values)
    ):
        values = _read_times(values, name)
    missing = int(values.isna().sum())
    if missing:
        raise InputError(
            f"{name} is missing in {missing:,} of {rows:,} rows, so that these have no place in "
            f"time: fill them in, or leave these rows out."
        )
    ranks, found = pd.factorize(values, sort=True)
    if len(found) < 2:
        raise InputError(
            f"{name} holds one time only, so that no row is later than another: give the column "
            f"that says when a row was observed, or leave it out."
        )
    return np.asarray(ranks, np.int64)


def _read_times(values: Any, name: str) -> Any:
    """Texts and objects as dates."""
    import pandas as pd

    try:
        for value in values[values.notna()]:
            if isinstance(value, np.bool_ | numbers.Number):
                raise TypeError(f"pandas takes {value} among dates for nanoseconds")
        return pd.to_datetime(values, format="ISO8601", utc=True)
    except (ValueError, TypeError) as error:
        shown = next((v for v in values if not _is_date(v)), values.iloc[0])
        raise InputError(
            f"{name} holds {shown!r}, which is neither a number nor a date such as 2024-05-31: "
            f"give dates or numbers that rise with time."
        ) from error


def _is_date(value: Any) -> bool:
    import pandas as pd

    if isinstance(value, np.bool_ | numbers.Number):
        return bool(value != value)  # NaN, which is missing
    try:
        pd.to_datetime(value, format="ISO8601", utc=True)
    except (ValueError, TypeError):
        return False
    return True


def later_split(
    places: np.ndarray, fraction: float, gap: int, part: str
) -> tuple[np.ndarray, np.ndarray]:
    """Earlier rows and the last share of them, with no time in both and a gap between them.

    Args:
        places: of each row in time, rising, [rows].
        fraction: of the rows, for the later part; it begins with a new time, the nearest there is.
        gap: how many rows before it are left out.
        part: what the later rows are for, for an error.

    Raises:
        InputError: if too few rows are left for either.
    """
    return last_split(places, block_rows(len(places), fraction), gap, part)


def last_split(
    places: np.ndarray, count: int, gap: int, part: str
) -> tuple[np.ndarray, np.ndarray]:
    """Earlier rows and the last ones, as :func:`later_split` has them, about so many of these."""
    starts = np.flatnonzero(np.diff(places) > 0) + 1
    rows = len(places)
    if not len(starts):
        raise InputError(
            f"{rows:,} rows of one time cannot be divided into earlier and later ones: give rows "
            f"of more times."
        )
    start = int(starts[np.argmin(np.abs(starts - (rows - count)))])
    if start - gap < 2:
        raise InputError(
            f"gap={gap:,} (--gap) leaves {max(start - gap, 0)} of {rows:,} rows to train on before "
            f"those for {part}: give a smaller gap or more rows."
        )
    return np.arange(start - gap), np.arange(start, rows)


def blocks(rows: int, count: int = BLOCKS) -> np.ndarray:
    """The block of each of so many consecutive rows, [rows]."""
    return np.arange(rows) * min(count, rows) // max(rows, 1)


def window_gap(x: Any) -> int:
    """On how many rows either side of a row others overlap with it; 0 if rows are no windows."""
    move, steps = window_move(x)
    return -(-steps // move) - 1 if move else 0


def window_move(x: Any) -> tuple[int, int]:
    """By how many steps each row is the one before, moved on, or 0; and how many steps it has.

    Args:
        x: inputs; those of two or three axes, [rows, steps, …], may be windows.
    """
    if hasattr(x, "iloc"):
        x = x.select_dtypes("number").to_numpy()
    if isinstance(x, dict | list) or any(p.ndim not in (2, 3) for p in parts_of(x)):
        return 0, 0
    steps = np.asarray(x[:_LOOKED_AT])
    # A table may have no column of numbers, whose rows cannot be counted by its size.
    steps = steps.reshape(len(steps), *x.shape[1:2], math.prod(x.shape[2:]))
    # Rows, or the steps of each, may begin with the newest.
    found = [move for move in (_move(steps), _move(steps[::-1])) if move]
    return (found[0] if found else 0), int(steps.shape[1])


def _move(steps: np.ndarray) -> int:
    """By how many steps most rows [rows, steps, …] are the one before, moved on; 0 if they are not.

    A row of one value throughout would be any other such row, and does not count.
    """
    for move in range(1, min(steps.shape[1] - 1, _LONGEST_MOVE + 1)):
        before, after = steps[:-1, move:], steps[1:, :-move]
        varied = np.any(before != before[:, :1], axis=(1, 2))
        moved = varied & np.all(before == after, axis=(1, 2))
        if np.count_nonzero(moved) >= max(_WINDOWS, len(moved) / 2):
            return move
    return 0


def block_split(
    places: np.ndarray, fraction: float, gap: int, start: int
) -> tuple[np.ndarray, np.ndarray]:
    """A block of consecutive rows, and all rows that do not overlap with it.

    Args:
        places: of each row in the order of the data, rising, [rows].
        fraction: of the rows, for the block.
        gap: on how many places either side rows overlap with a row.
        start: the first row of the block.

    Returns:
        The other rows and the block.
    """
    held = np.arange(start, start + block_rows(len(places), fraction))
    low, high = places[held[0]] - gap, places[held[-1]] + gap
    return np.flatnonzero((places < low) | (places > high)), held


def block_rows(rows: int, fraction: float) -> int:
    """How many rows a block of this share has."""
    return math.ceil(fraction * rows)


def blocks_leave_enough(rows: int, fractions: list[float], gap: int) -> bool:
    """Whether enough rows are left to train on when blocks are set apart and their neighbours too.

    Args:
        rows: how many there are.
        fractions: of the test block and of the validation block in what is left, if any.
        gap: rows left out on either side of a block.
    """
    at_random, left = rows, rows
    for fraction in fractions:
        at_random -= math.ceil(fraction * at_random)
        left -= math.ceil(fraction * left) + 2 * gap
    return left >= max(2, _LEAST_LEFT * at_random)
