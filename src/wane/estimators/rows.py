"""The rows that an estimator is fitted to, in the form in which a study takes them."""

import dataclasses
from collections.abc import Iterator
from typing import Any

import numpy as np

from wane._errors import InputError
from wane.data.preprocessing import input_count, table_transform
from wane.data.reading.columns import Column
from wane.resampling.ties.copies import copies


@dataclasses.dataclass(frozen=True, eq=False)
class FittedRows:
    """Rows with their targets.

    Attributes:
        x: inputs, float64 [rows, features], NaN where a value is missing.
        y: targets, [rows]: numbers of classes, or amounts.
        weight: of each row, [rows]; None where all count alike.
        groups: a label for each row, [rows], or None.
    """

    x: np.ndarray
    y: np.ndarray
    weight: np.ndarray | None = None
    groups: np.ndarray | None = None

    def at(self, places: np.ndarray) -> "FittedRows":
        """Some of the rows."""
        parts = [None if one is None else one[places] for one in (self.weight, self.groups)]
        return FittedRows(self.x[places], self.y[places], *parts)


def as_weighted(rows: FittedRows) -> FittedRows:
    """Rows of which a weight of two is the same as two copies, and a weight of zero as no row.

    Rows without weights and without copies stay as they are. Else they are sorted by their values,
    so that weights and copies give the same rows in the same order, and copies are one row with
    the sum of their weights. What copies are is what :func:`wane.resampling.ties.copies.copies`
    says: rows of a few coarse columns that are equal by coincidence stay apart.

    Raises:
        InputError: if no row has a weight above 0.
    """
    given = rows.weight is not None and not np.all(rows.weight == 1)
    if given:
        assert rows.weight is not None
        rows = rows.at(np.flatnonzero(rows.weight > 0))
        if not len(rows.y):
            raise InputError("sample_weight is 0 in every row: give one a weight above 0.")
    copied = copies(rows.x, rows.y).codes is not None
    if not given and not copied:
        return dataclasses.replace(rows, weight=None)
    return _sorted(rows, merge=copied)


def _sorted(rows: FittedRows, *, merge: bool) -> FittedRows:
    """The rows by their values, those that are equal in everything perhaps as one."""
    label = np.zeros(len(rows.y))
    if rows.groups is not None:
        label = np.unique(rows.groups, return_inverse=True)[1].reshape(-1).astype(np.float64)
    weight = np.ones(len(rows.y)) if rows.weight is None else rows.weight
    table = np.column_stack([rows.x, rows.y, label])
    order = np.lexsort((weight, *table.T[::-1]))
    rows, table, weight = rows.at(order), table[order], weight[order]
    if merge:
        before, after = table[:-1], table[1:]
        same = (before == after) | (np.isnan(before) & np.isnan(after))
        firsts = np.flatnonzero(np.append(True, ~same.all(axis=1)))
        rows, weight = rows.at(firsts), np.add.reduceat(weight, firsts)
    alike = np.all(weight == weight[0])
    return dataclasses.replace(rows, weight=None if alike else weight / weight.mean())


@dataclasses.dataclass(frozen=True)
class SingleRowsTrain:
    """Random splits in the shares of the classes, where a class of one row is always trained on.

    Args:
        fraction: the share of the other rows that validates.
        repeats: how many splits.
        seed: of the draws.
    """

    fraction: float
    repeats: int
    seed: int

    @staticmethod
    def needed(y: np.ndarray) -> bool:
        """Whether some classes have one row, and not all of them."""
        counts = np.unique(y, return_counts=True)[1]
        return bool(counts.min() == 1 < counts.max())

    def get_n_splits(self, *_: Any) -> int:
        """How many splits there are, as scikit-learn asks."""
        return self.repeats

    def split(self, x: Any, y: Any, groups: Any = None) -> Iterator[tuple[np.ndarray, np.ndarray]]:  # noqa: ARG002 # scikit-learn's arguments
        """Training and validation rows of each split, by their places."""
        from sklearn.model_selection import StratifiedShuffleSplit

        _, codes, counts = np.unique(y, return_inverse=True, return_counts=True)
        single = counts[codes.reshape(-1)] == 1
        others = np.flatnonzero(~single)
        splitter = StratifiedShuffleSplit(
            self.repeats, test_size=self.fraction, random_state=self.seed
        )
        for train, validation in splitter.split(others[:, None], np.asarray(y)[others]):
            yield np.append(others[train], np.flatnonzero(single)), others[validation]


def table_of(x: np.ndarray, names: Any) -> Any:
    """The inputs as a data frame, whose columns have these names or else numbers.

    Args:
        x: [rows, features].
        names: of the features, or None.
    """
    import pandas as pd

    if names is None or len(set(names)) < len(names):
        names = [f"x{place}" for place in range(x.shape[1])]
    return pd.DataFrame(x, columns=list(names))


def standardizing(frame: Any) -> tuple[Any, int]:
    """An unfitted transformer of numbers as ``wane study`` has it for tables, and its outputs.

    Args:
        frame: of float64 columns, as :func:`table_of` gives it.

    Returns:
        The transformer, and how many inputs of a network it makes.
    """
    columns = {name: Column("number", frame[name]) for name in frame.columns}
    return table_transform(columns), sum(map(input_count, columns.values()))
