"""Random draws of the rows of each part."""

import math
from typing import Any

import numpy as np

from wane._errors import InputError
from wane.resampling.schemes import Subsample
from wane.resampling.ties.grouping import grouped_split

Pair = tuple[np.ndarray, np.ndarray]
"""The indices of training rows and of held-out rows."""


def checked_fraction(fraction: Any, name: str) -> float:
    """``fraction`` as a float, if it lies strictly between 0 and 1."""
    if isinstance(fraction, bool) or not isinstance(fraction, int | float | np.floating):
        raise InputError(
            f"{name} must be a tuple of arrays, a fraction or a scikit-learn splitter, "
            f"got {type(fraction).__name__}."
        )
    if not 0 < fraction < 1:
        raise InputError(f"{name} as a fraction must lie between 0 and 1, got {fraction!r}.")
    return float(fraction)


def random_splits(
    y: np.ndarray,
    fraction: float,
    *,
    count: int,
    seed: int,
    stratify: bool,
    groups: np.ndarray | None = None,
) -> tuple[Pair, ...]:
    """Random splits of rows, with ``fraction`` of them held out in each.

    Args:
        y: targets, [rows].
        fraction: of the rows.
        count: how many splits.
        seed: where they are drawn from.
        stratify: whether each part keeps the shares of the classes.
        groups: the group of each row, [rows], of which none is on both sides; None for no groups.

    Raises:
        InputError: if a part would be empty, or a class has too few rows for every part.
    """
    from sklearn.model_selection import ShuffleSplit, StratifiedShuffleSplit

    _check_enough(y, fraction, stratify)
    if groups is not None:
        generator = np.random.default_rng([seed, len(y)])
        labels = y if stratify else None
        return tuple(grouped_split(groups, labels, fraction, generator) for _ in range(count))
    kind = StratifiedShuffleSplit if stratify else ShuffleSplit
    splitter = kind(n_splits=count, test_size=fraction, random_state=seed)
    pairs = splitter.split(np.zeros(len(y)), y if stratify else None)
    return tuple((train, held_out) for train, held_out in pairs)


def _check_enough(y: np.ndarray, fraction: float, stratify: bool) -> None:
    """Check that both parts of a split get rows, and rows of every class."""
    rows = f"{len(y)} row{'s' if len(y) > 1 else ''}"
    smaller = min(held := math.ceil(fraction * len(y)), len(y) - held)
    if smaller < 1:
        raise InputError(
            f"{rows} cannot be divided so that a share of {fraction:g} is held out and others are "
            f"left: give more rows."
        )
    if not stratify:
        return
    classes, counts = np.unique(y, return_counts=True)
    if counts.min() < 2:
        raise InputError(
            f"Class {classes[counts.argmin()]:g} has one of the {rows} that are to be divided, but "
            f"both parts need one: give more rows of it, or leave it out."
        )
    if smaller < len(classes):
        raise InputError(
            f"{rows} are too few to hold out a share of {fraction:g} and have each of the "
            f"{len(classes)} classes in both parts: give more rows."
        )


def subsamples(
    sizes: Subsample, y: np.ndarray, *, count: int, seed: int, stratify: bool
) -> tuple[Pair, ...]:
    """Random splits of a few rows, which leave the others out."""
    if sizes.train + sizes.validation > len(y):
        raise InputError(
            f"{sizes.train} training and {sizes.validation} validation rows are more than the "
            f"{len(y)} that there are: take fewer."
        )
    generator = np.random.default_rng([seed, len(y)])
    splits = []
    for _ in range(count):
        order = spread_order(y if stratify else None, len(y), generator)
        splits.append((order[: sizes.train], order[sizes.train :][: sizes.validation]))
    return tuple(splits)


def spread_order(
    labels: np.ndarray | None, count: int, generator: np.random.Generator
) -> np.ndarray:
    """A random order of rows of which every beginning has the classes in their shares.

    The i-th of the m rows of a class stands at (i + u) / m of the way, with one random u in [0, 1)
    for each class.

    Args:
        labels: the class of each row, [rows], or None for any random order.
        count: how many rows there are.
        generator: draws the order.
    """
    order: np.ndarray = generator.permutation(count)
    if labels is None:
        return order
    places = np.empty(count)
    for label in np.unique(labels):
        own = order[labels[order] == label]
        places[own] = (np.arange(len(own)) + generator.random()) / len(own)
    return np.argsort(places, kind="stable")


def class_labels(y: np.ndarray) -> np.ndarray | None:
    """The class of each row, [rows], or None where rows have shares of classes or several.

    Args:
        y: labels [rows] or [rows, 1], or one column for each class, [rows, classes].
    """
    if y.ndim == 2 and y.shape[1] > 1:
        single = np.all((y == 0) | (y == 1)) and np.all(y.sum(axis=1) == 1)
        return y.argmax(axis=1) if single else None
    labels = y.reshape(len(y), -1)
    return labels[:, 0] if labels.shape[1] == 1 and np.all(labels == np.round(labels)) else None
