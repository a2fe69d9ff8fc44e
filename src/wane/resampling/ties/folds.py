"""Folds inside training rows that heed what these have to do with each other."""

import numpy as np

from wane._errors import InputError
from wane.resampling.ties.grouping import Dependence, grouped_split
from wane.resampling.ties.series import block_rows, block_split, last_split

Folds = list[tuple[np.ndarray, np.ndarray]]
"""Training and held-out rows of each, by their places among the training rows."""
HELD_OUT = 0.25
"""The share of the training rows that each fold holds out."""


def inner_folds(
    dependence: Dependence,
    groups: np.ndarray | None,
    places: np.ndarray | None,
    labels: np.ndarray | None,
    *,
    count: int,
    seed: int,
) -> Folds:
    """Folds of training rows, of which each holds out a quarter.

    Groups and copies are on one side of each; rows in time are held out later than those that are
    trained on, by the study's gap; of windows a block is held out, and no row overlaps with it.

    Args:
        dependence: what the rows have to do with each other.
        groups, places: of each training row, as :class:`wane.resampling.examples.Examples` has
            them, [rows].
        labels: the class of each row, or None; every fold has all classes on both sides.
        count: how many folds.
        seed: draws groups.

    Returns:
        As many folds as the rows give, perhaps none.
    """
    if dependence.kind == "time" and places is not None:
        found = _later(places, dependence.gap, count)
    elif dependence.kind == "windows" and places is not None:
        starts = np.linspace(len(places) - block_rows(len(places), HELD_OUT), 0, count)
        found = [
            block_split(places, HELD_OUT, dependence.gap, start)
            for start in starts.astype(int).tolist()
        ]
    elif groups is not None:
        found = _grouped(groups, labels, count, seed)
    else:
        return []
    every = set() if labels is None else set(labels.tolist())
    return [
        fold
        for fold in found
        if min(map(len, fold)) > 1
        and (labels is None or all(set(labels[part].tolist()) == every for part in fold))
    ]


def _later(places: np.ndarray, gap: int, count: int) -> Folds:
    """A quarter of the rows after those before it, the last one first, as long as there are some.

    The parts follow each other, as those of scikit-learn's ``TimeSeriesSplit``.
    """
    size = block_rows(len(places), HELD_OUT)
    folds = []
    for fold in range(count):
        end = len(places) - fold * size
        try:
            folds.append(last_split(places[:end], size, gap, "the strength"))
        except InputError:  # too few rows or times before it
            break
    return folds


def _grouped(groups: np.ndarray, labels: np.ndarray | None, count: int, seed: int) -> Folds:
    generator = np.random.default_rng([seed, len(groups)])
    try:
        return [grouped_split(groups, labels, HELD_OUT, generator) for _ in range(count)]
    except InputError:  # one group, or a class in one of them alone
        return []
