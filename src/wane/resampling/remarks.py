"""What is odd about rows that are given apart, or divided at random, in sentences."""

from collections.abc import Callable, Mapping
from typing import Any

import numpy as np

from wane._errors import joined
from wane.resampling.draws import class_labels
from wane.resampling.examples import Examples
from wane.resampling.streams.on_disk import OnDisk
from wane.resampling.ties.copies import fingerprints
from wane.resampling.ties.series import window_move

_DISTINCT = 0.9
"""Where fewer training rows are distinct, equal rows are no sign of a copy."""
_OTHER_UNIT = 100
"""Largest numbers of two parts that differ by such a factor are of two units, as pixels may be."""
_FEW = 10
"""Of so few test rows of a class one is a tenth."""
_FEWEST_NAMED = 5


def remarks(
    train: Examples,
    apart: Mapping[str, Examples | None],
    *,
    classes: bool,
    shuffled: bool,
    shown: Callable[[int], str] = str,
    copied: bool = False,
) -> list[str]:
    """Sentences on rows that make a study say less than it seems to.

    Args:
        train: rows that are trained on, or divided into such and validation rows.
        apart: the rows that were given as validation or test rows, by these names.
        classes: whether targets are classes.
        shuffled: whether validation or test rows are drawn from ``train`` at random, so that they
            lie between training rows.
        shown: a class by its number, as the user knows it.
        copied: whether equal rows of ``train`` are known to be copies.
    """
    given = {part: rows for part, rows in apart.items() if rows is not None}
    said = _copies(train.x, {part: rows.x for part, rows in given.items()}, copied)
    said += _units(train.x, {part: rows.x for part, rows in given.items()})
    if classes and not isinstance(train.y, dict | list):
        for part, rows in given.items():
            said += _unseen_classes(train.y, rows.y, part, shown)
    return said + (_windows(train.x) if shuffled else [])


def _copies(x: Any, others: Mapping[str, Any], copied: bool) -> list[str]:
    """A remark on rows that are training rows too, where these are distinct or copies otherwise."""
    of_train = fingerprints(x) if others else []
    distinct = set(of_train)
    if len(distinct) < _DISTINCT * len(of_train) and not copied:
        return []
    said = []
    for part, other in others.items():
        found = fingerprints(other)
        count = sum(one in distinct for one in found)
        if count:
            said.append(
                f"{count:,} of {len(found):,} {part} rows are training rows too (their x is "
                f"equal), so that they say less about new rows: take them out of one of the two."
            )
    return said


def _units(x: Any, others: Mapping[str, Any]) -> list[str]:
    """A remark on rows whose largest number is far from that of training rows."""
    if isinstance(x, dict | list) or hasattr(x, "iloc"):
        return []
    of_train = _largest(x)
    said = []
    for part, other in others.items():
        largest = _largest(other)
        low, high = sorted((of_train, largest))
        if high > _OTHER_UNIT * low:
            said.append(
                f"x of the {part} rows reaches to {largest:.3g}, and of the training rows to "
                f"{of_train:.3g}: if these are two units, give both in one."
            )
    return said


def _largest(x: Any) -> float:
    blocks = x.blocks() if isinstance(x, OnDisk) else (x,)
    return max(float(np.abs(block).max()) for block in blocks)


def _unseen_classes(y: Any, other: Any, part: str, shown: Callable[[int], str]) -> list[str]:
    """A remark on each class that no training row has."""
    known, found = class_labels(np.asarray(y)), class_labels(np.asarray(other))
    if known is None or found is None:
        return []
    return [
        f"Class {shown(int(label))!r} of y is in {count:,} {part} row{'s' if count > 1 else ''} "
        f"but in no training row, so that no network can learn it: move some of its rows, or leave "
        f"them out."
        for label, count in zip(*np.unique(found, return_counts=True), strict=True)
        if label not in known
    ]


def few_of_a_class(test: Any, shown: Callable[[int], str] = str) -> list[str]:
    """A remark on the classes of which there are fewer than ten test rows.

    Args:
        test: the targets of the test rows, which are classes.
        shown: a class by its number, as the user knows it.
    """
    labels = class_labels(np.asarray(test))
    if labels is None:
        return []
    classes, counts = np.unique(labels, return_counts=True)
    few = [(shown(int(c)), int(n)) for c, n in zip(classes, counts, strict=True) if n < _FEW]
    if not few:
        return []
    said = joined([f"{n} of class {name!r}" for name, n in few[:_FEWEST_NAMED]])
    more = f" and {len(few) - _FEWEST_NAMED} more classes" if len(few) > _FEWEST_NAMED else ""
    return [
        f"The {len(labels):,} test rows tell little of classes with fewer than {_FEW} of them "
        f"({said}{more}): a share of so few rows moves by a tenth or more with one row."
    ]


def _windows(x: Any) -> list[str]:
    """A remark on rows of which each is the one before, moved on by some steps."""
    move, _ = window_move(x)
    if not move:
        return []
    return [
        f"Rows of x are windows that overlap: each is the row before, moved on by {move} "
        f"step{'s' if move > 1 else ''}. Rows that are set apart at random share steps with "
        f"training rows, and look better than new ones: give validation and test rows of later "
        f"times."
    ]
