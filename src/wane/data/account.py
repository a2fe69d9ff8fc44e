"""What is in a data set, for people to look at before they trust a network of it."""

import dataclasses
from collections.abc import Sequence
from typing import TYPE_CHECKING

import numpy as np

if TYPE_CHECKING:
    from wane.data.reading.columns import Column


@dataclasses.dataclass(frozen=True)
class ColumnAccount:
    """A column of a table.

    Attributes:
        name: of the column.
        kind: ``"number"``, ``"boolean"``, ``"date"``, ``"time"`` or ``"category"``; "" where it was
            not read.
        gaps: rows in which it is empty.
        inputs: how many inputs of the network it becomes; 0 where it is left out.
        enters: how it becomes them, in a phrase; "" where it is left out.
        left_out: why it is left out, in a phrase; "" where it is not.
    """

    name: str
    kind: str
    gaps: int
    inputs: int
    enters: str
    left_out: str


@dataclasses.dataclass(frozen=True)
class ClassAccount:
    """A class of the target: its name, its rows, and their share of all."""

    name: str
    rows: int
    share: float


@dataclasses.dataclass(frozen=True)
class Account:
    """What is in a data set.

    Attributes:
        rows: with a target, of all parts together.
        shape: of a row as the network gets it.
        target: the name of the column that is predicted; "" for arrays.
        columns: of a table in the order of the file, without the target; none for arrays.
        classes: of the target, in the order of their numbers; none for an amount.
        majority_accuracy: what naming the most frequent class for every row is right in; None for
            an amount.
        notes: how the data were read, in sentences.
    """

    rows: int
    shape: Sequence[int]
    target: str = ""
    columns: Sequence[ColumnAccount] = ()
    classes: Sequence[ClassAccount] = ()
    majority_accuracy: float | None = None
    notes: Sequence[str] = ()


def account_of(
    shape: Sequence[int],
    rows: int,
    labels: "np.ndarray | None",
    class_names: Sequence[str] = (),
) -> Account:
    """The account of rows without names of columns.

    Args:
        shape: of a row as the network gets it.
        rows: how many there are.
        labels: the class of each, [rows], by its place in ``class_names``; None for amounts.
        class_names: of the classes; a class that has none is called by its number.
    """
    if labels is None:
        return Account(rows, tuple(shape))
    found = np.unique(labels.astype(np.int64), return_counts=True)
    known = dict(enumerate(class_names))
    classes = tuple(
        ClassAccount(known.get(int(number), str(int(number))), int(count), float(count / rows))
        for number, count in zip(*found, strict=True)
    )
    majority = max(one.share for one in classes)
    return Account(rows, tuple(shape), classes=classes, majority_accuracy=majority)


_ENTERS = {
    "number": "standardized",
    "boolean": "0 or 1, standardized",
    "date": "days since 1970, standardized",
    "time": "hours, standardized",
}


def column_account(name: str, column: "Column", inputs: int) -> ColumnAccount:
    """The account of a column that becomes so many inputs."""
    gaps = int(column.values.isna().sum())
    if column.kind == "category":
        enters = "one input for each label" + (", and one for gaps" if gaps else "")
    else:
        enters = _ENTERS[column.kind] + (", gaps filled and marked" if gaps else "")
    return ColumnAccount(name, column.kind, gaps, inputs, enters, "")


def left_out(name: str, column: "Column | None", gaps: int, why: str) -> ColumnAccount:
    """The account of a column that is left out, and was perhaps not read."""
    return ColumnAccount(name, "" if column is None else column.kind, gaps, 0, "", why)
