"""Rows that belong together: which they are, and random splits that keep them on one side."""

import dataclasses
import inspect
import itertools
from collections.abc import Callable
from typing import Any, Literal

import numpy as np

from wane._errors import InputError

DependenceKind = Literal["groups", "copies", "time", "windows"]

TRIES = 20
"""Draws of groups, of which that is taken which comes nearest to the shares that are wanted."""
MOST_TRIES = 500
"""Draws after which it is given up that both parts have every class."""


@dataclasses.dataclass(frozen=True)
class Dependence:
    """What rows of a data set have to do with each other.

    Attributes:
        kind: ``"groups"`` that the user gave; ``"copies"``: equal rows alone; ``"time"``: rows in
            the order of time, of which neighbours are alike; ``"windows"``: rows that overlap with
            their neighbours.
        name: what the groups or times are called; "" if they have no name.
        gap: rows that are left out between parts.
        copies: whether equal rows are joined to groups too.
    """

    kind: DependenceKind
    name: str = ""
    gap: int = 0
    copies: bool = False

    @property
    def unit(self) -> str:
        """What is drawn where intervals draw rows, in a word."""
        return {"groups": "group", "copies": "different row"}.get(self.kind, "block")


def group_codes(groups: Any, rows: int, name: str = "groups") -> np.ndarray:
    """A number from 0 for the group of each row, [rows].

    Args:
        groups: any labels, [rows].
        rows: how many rows there are.
        name: what to call them in an error.

    Raises:
        InputError: unless every row has a label, and there are two or more different ones.
    """
    import pandas as pd

    try:
        labels = pd.Series(np.asarray(groups, dtype=object))
        codes, found = pd.factorize(labels)
    except (ValueError, TypeError) as error:
        raise InputError(
            f"{name} must be one label for each row, [rows], got an array of shape "
            f"{np.shape(groups)}: give one column of labels."
        ) from error
    if len(labels) != rows:
        raise InputError(f"Rows do not match: {name} has {len(labels):,}, x has {rows:,}.")
    missing = int(np.count_nonzero(codes < 0))
    if missing:
        raise InputError(
            f"{name} has no label in {missing:,} of {rows:,} rows: give each such row a group, one "
            f"of its own if it belongs to none, or leave these rows out."
        )
    if len(found) < 2:
        raise InputError(
            f"{name} has one group only, {_plain(found[0])!r}, but rows of one group are never "
            f"divided: give a column with several groups, or leave it out."
        )
    return np.asarray(codes, np.int64)


def _plain(label: Any) -> Any:
    return label.item() if isinstance(label, np.generic) else label


def joined_groups(one: np.ndarray, other: np.ndarray) -> np.ndarray:
    """Groups of rows that are in one group by either of two codes, or by a chain of both, [rows].

    Args:
        one, other: the group of each row, from 0, [rows].
    """
    from scipy.sparse import coo_array
    from scipy.sparse.csgraph import connected_components

    count = int(one.max()) + 1
    edges = (np.ones(len(one)), (one, other + count))
    size = count + int(other.max()) + 1
    _, components = connected_components(coo_array(edges, shape=(size, size)), directed=False)
    return np.asarray(np.unique(components[one], return_inverse=True)[1].reshape(-1), np.int64)


def grouped_split(
    groups: np.ndarray,
    labels: np.ndarray | None,
    fraction: float,
    generator: np.random.Generator,
) -> tuple[np.ndarray, np.ndarray]:
    """Training and held-out rows, in their order, with no group in both.

    Groups are put in a random order, and the first of them are held out, as many as come nearest to
    the fraction of rows. Of several such draws that is taken whose held-out rows come nearest to
    the fraction and, for classes, to their shares in all rows. Where no such draw has every class
    on both sides, one group of each is held out first, and so perhaps more rows. (scikit-learn's
    ``StratifiedGroupKFold``, version 1.9, is no such draw: shuffled or not, its first fold holds
    the groups of most uneven classes nearly always and others never, and folds may lack a class.)

    Args:
        groups: the group of each row, [rows].
        labels: the class of each row, or None.
        fraction: of the rows, to be held out.
        generator: draws the order of groups.

    Raises:
        InputError: if no draw has two parts, or every class in both.
    """
    codes = np.unique(groups, return_inverse=True)[1].reshape(-1)
    count = int(codes.max()) + 1
    if count < 2:
        raise InputError(
            f"{_rows(len(groups))} of one group cannot be divided, since a group is never on both "
            f"sides of a split: give more groups, at least one each for training, validation and, "
            f"where some are held out, test rows."
        )
    classes = np.zeros(len(groups), np.int64)
    if labels is not None:
        classes = np.unique(labels, return_inverse=True)[1].reshape(-1)
    table = np.zeros((count, int(classes.max()) + 1))
    np.add.at(table, (codes, classes), 1)
    groups_of_class = np.count_nonzero(table, axis=0)
    best = None
    if groups_of_class.min() > 1:
        best = _best_draw(_of_size, table, fraction, generator)
        if best is None:  # as where each group has one class, and a class has few
            best = _best_draw(_of_each_class, table, fraction, generator)
    if best is None:
        assert labels is not None, "rows without classes can always be divided"
        rare = int(groups_of_class.argmin())
        raise InputError(
            f"{count} groups cannot be divided so that rows of every class are on both sides: "
            f"class {np.unique(labels)[rare]:g} is in {groups_of_class[rare]} of them. Give more "
            f"groups of it, or leave the class out."
        )
    out = np.isin(codes, best)
    return np.flatnonzero(~out), np.flatnonzero(out)


Draw = Callable[[np.ndarray, float, np.random.Generator], np.ndarray]


def _best_draw(
    draw: Draw, table: np.ndarray, fraction: float, generator: np.random.Generator
) -> np.ndarray | None:
    """The groups that are held out, of the best of several draws; None if none has all classes.

    Args:
        draw: gives groups to hold out.
        table: rows of each class in each group, [groups, classes].
        fraction: of the rows, to be held out.
        generator: draws the order of groups.
    """
    whole = table.sum(axis=0)
    best, lowest = None, np.inf
    for tried in range(MOST_TRIES):
        if tried >= TRIES and best is not None:
            break
        held = draw(table, fraction, generator)
        part = table[held].sum(axis=0)
        if np.any(part == 0) or np.any(part == whole):
            continue
        away = np.abs(part / part.sum() - whole / whole.sum()).sum()
        away += abs(part.sum() / whole.sum() - fraction) / min(fraction, 1 - fraction)
        if away < lowest:
            best, lowest = held, away
    return best


def _of_size(table: np.ndarray, fraction: float, generator: np.random.Generator) -> np.ndarray:
    """The first groups in a random order that come nearest to the fraction of rows."""
    order = generator.permutation(len(table))
    sizes = table[order].sum(axis=1).cumsum()[:-1]
    return order[: 1 + int(np.argmin(np.abs(sizes - fraction * table.sum())))]


def _of_each_class(
    table: np.ndarray, fraction: float, generator: np.random.Generator
) -> np.ndarray:
    """Groups in a random order: one of each class, the rarest first, then up to the fraction.

    Each leaves rows of every class that it has, if it can.
    """
    order, has = generator.permutation(len(table)).tolist(), table > 0
    left, missing = has.sum(axis=0), fraction * table.sum()
    held: list[int] = []
    for label in np.argsort(left, kind="stable").tolist():
        if not has[held, label].any():
            fits = (g for g in order if has[g, label] and np.all(left - has[g] > 0))
            held += itertools.islice(fits, 1)
            left = has.sum(axis=0) - has[held].sum(axis=0)
    missing -= table[held].sum()
    for group in order:
        if missing <= 0:
            break
        nearer = table[group].sum() < 2 * missing
        if group not in held and nearer and np.all(left - has[group] > 0):
            held.append(group)
            left, missing = left - has[group], missing - table[group].sum()
    return np.array(held, int)


def _rows(count: int) -> str:
    return f"{count:,} row{'s' if count > 1 else ''}"


def takes_groups(splitter: Any) -> bool:
    """Whether a splitter's ``split`` takes the groups of rows as its third argument."""
    try:
        parameters = inspect.signature(splitter.split).parameters.values()
    except (TypeError, ValueError):
        return True
    kinds = {parameter.kind for parameter in parameters}
    places = [p for p in parameters if p.kind in (p.POSITIONAL_ONLY, p.POSITIONAL_OR_KEYWORD)]
    return len(places) > 2 or inspect.Parameter.VAR_POSITIONAL in kinds


def divided_groups(groups: np.ndarray, train: np.ndarray, held_out: np.ndarray) -> np.ndarray:
    """The groups that have rows on both sides of a split."""
    return np.intersect1d(groups[train], groups[held_out])
