"""Rows that are copies of others: equal in all inputs, and not by chance."""

import dataclasses
import functools
import hashlib
import itertools
from collections.abc import Callable, Iterable
from typing import Any

import numpy as np

from wane.resampling.checking import parts_of
from wane.resampling.streams.on_disk import OnDisk

AGREE = 0.95
"""Copies agree in their targets: in this share of the rows that have equals at least."""
MOST_PAIRS = 0.2
"""Where a larger share of all pairs of rows is equal, inputs are too coarse to tell copies."""
COLUMNS = 64
"""Of more columns only so many, spread over all, are left out in turn."""


@dataclasses.dataclass(frozen=True)
class Copies:
    """What is known of the rows of a part that are equal in all inputs.

    Attributes:
        codes: a number from 0 for each row, the same for copies, [rows]; None where there are none.
        rows: how many rows have an equal.
        different: how many different rows there are.
        other_targets: how many rows that have equals differ from the first of them in the target.
    """

    codes: np.ndarray | None
    rows: int
    different: int
    other_targets: int


def copies(x: Any, y: Any) -> Copies:
    """Which rows are copies of others.

    Rows of a table of a few coarse columns are equal by coincidence: new rows will be so too, and
    to keep them together would evaluate a network on other rows than it will meet. What is equal
    is taken for copies where all of this holds.

    - Their targets agree, in 95 % of such rows at least: by coincidence they differ as often as
      the noise has it.
    - Fewer pairs of rows differ in one column alone than are equal. By coincidence it is the other
      way round: a pair that agrees in all columns but one agrees in the last one with a probability
      q below 1, so that of independent columns there are Σ (1 − q) / q ≥ −Σ ln q times as many
      pairs that differ in one, where Π q is the share of equal pairs; that is more than 1.6 below
      a share of 0.2. A copy leaves no such near misses.
    - No more than a fifth of all pairs is equal.

    Columns that repeat others, such as those of one-hot classes, have no near misses; of such
    inputs the targets and the share alone tell.

    Args:
        x, y: inputs and targets, as :class:`wane.resampling.examples.Examples` has them.
    """
    prints = np.array(fingerprints(x))
    _, first, codes, counts = np.unique(
        prints, return_index=True, return_inverse=True, return_counts=True
    )
    codes = codes.reshape(-1)
    several = counts[codes] > 1
    tied = int(several.sum())
    if not tied:
        return Copies(None, 0, len(counts), 0)
    targets = np.array(fingerprints(y))
    agree = targets == targets[first[codes]]
    other = int(np.count_nonzero(~agree[several]))
    found = Copies(None, tied, len(counts), other)
    pairs = _pairs(counts)
    rows = len(prints)
    if other > (1 - AGREE) * tied or pairs > MOST_PAIRS * rows * (rows - 1) / 2:
        return found
    if _pairs_but_for_one_column(x, rows, pairs) >= pairs:
        return found
    return dataclasses.replace(found, codes=codes)


def fingerprints(x: Any) -> list[int]:
    """A number for each row, equal for rows that are equal, and the same in every process."""
    if hasattr(x, "iloc"):
        import pandas as pd

        hashed: list[int] = pd.util.hash_pandas_object(x, index=False).tolist()
        return hashed
    examples = zip(*map(_one_by_one, parts_of(x)), strict=True)
    rows = (b"".join(part.astype(np.float32).tobytes() for part in one) for one in examples)
    # Python's own hash of bytes is another in each process, and groups are numbered by these.
    return [int.from_bytes(hashlib.blake2b(row, digest_size=8).digest()) for row in rows]


def _one_by_one(part: Any) -> Iterable[np.ndarray]:
    """The rows of a part, which may be on disk."""
    if isinstance(part, OnDisk):
        return itertools.chain.from_iterable(part.blocks())
    return np.asarray(part)


def _pairs(counts: np.ndarray) -> float:
    """How many pairs are equal, by how many rows there are of each kind."""
    return float(np.sum(counts * (counts - 1.0)) / 2)


def _pairs_but_for_one_column(x: Any, rows: int, equal: float) -> float:
    """How many pairs of rows differ in exactly one column, about."""
    if isinstance(x, OnDisk):
        return _pairs_on_disk(x, equal)
    columns = _columns(x, rows)
    whole = np.zeros(rows, np.uint64)
    for place, column in enumerate(columns):
        whole += _mixed(column(), place)
    taken = _taken(len(columns))
    found = 0.0
    for place in taken:
        rest = whole - _mixed(columns[place](), place)
        found += _pairs(np.unique(rest, return_counts=True)[1]) - equal
    return found * len(columns) / len(taken)


def _taken(columns: int) -> list[int]:
    """The columns that are left out in turn."""
    return np.unique(np.linspace(0, columns - 1, COLUMNS).round().astype(int)).tolist()  # type: ignore[no-any-return] # NumPy's types end here


def _pairs_on_disk(x: OnDisk, equal: float) -> float:
    """The same of rows on disk, which are read once."""
    whole, parts = np.zeros(len(x), np.uint64), np.zeros((0, len(x)), np.uint64)
    taken: list[int] = []
    first, count = 0, 0
    for block in x.blocks():
        columns = _columns(block, len(block))
        if not first:
            count, taken = len(columns), _taken(len(columns))
            parts = np.zeros((len(taken), len(x)), np.uint64)
        own = slice(first, first + len(block))
        for place, column in enumerate(columns):
            whole[own] += _mixed(column(), place)
        for row, place in enumerate(taken):
            parts[row, own] = _mixed(columns[place](), place)
        first += len(block)
    found = sum(_pairs(np.unique(whole - p, return_counts=True)[1]) - equal for p in parts)
    return found * count / len(taken)


def _columns(x: Any, rows: int) -> list[Callable[[], np.ndarray]]:
    """What gives each column of the inputs, as whole numbers that are equal where values are."""
    import pandas as pd

    if hasattr(x, "iloc"):
        return [
            functools.partial(
                lambda place: pd.util.hash_pandas_object(x.iloc[:, place], index=False).to_numpy(
                    np.uint64
                ),
                place,
            )
            for place in range(x.shape[1])
        ]
    flat = [np.asarray(part, np.float32).reshape(rows, -1) for part in parts_of(x)]
    return [
        functools.partial(_bits, part, place) for part in flat for place in range(part.shape[1])
    ]


def _bits(part: np.ndarray, place: int) -> np.ndarray:
    column = part[:, place] + np.float32(0)  # -0.0 is 0.0
    return np.ascontiguousarray(column).view(np.uint32).astype(np.uint64)


def _mixed(values: np.ndarray, place: int) -> np.ndarray:
    """Numbers of 64 bits that look random, others for each column (SplitMix64's last steps)."""
    z = values + np.uint64((0x9E3779B97F4A7C15 * (place + 1)) % 2**64)
    z = (z ^ (z >> np.uint64(30))) * np.uint64(0xBF58476D1CE4E5B9)
    z = (z ^ (z >> np.uint64(27))) * np.uint64(0x94D049BB133111EB)
    return np.asarray(z ^ (z >> np.uint64(31)))
