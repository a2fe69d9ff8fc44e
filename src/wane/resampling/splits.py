"""How rows are divided into training, validation and test rows, repeat by repeat."""

import dataclasses
import math
from collections.abc import Iterator
from typing import Any, Literal, Protocol, TypeGuard

import numpy as np

from wane._errors import InputError
from wane.resampling.schemes import Fresh, Subsample


class Splitter(Protocol):
    """What scikit-learn's splitters are."""

    def split(self, x: Any, y: Any = None, /) -> Iterator[tuple[np.ndarray, np.ndarray]]:
        """Pairs of row indices, of training and of held-out rows."""


Kind = Literal["fixed", "fraction", "splitter", "subsample", "fresh"]


DEFAULT_REPEATS = 30
"""Runs of each candidate where nothing says how many."""


@dataclasses.dataclass(frozen=True)
class Split:
    """Row indices of one resample; ``validation`` is None where validation rows are given apart."""

    train: np.ndarray
    validation: np.ndarray | None


@dataclasses.dataclass(frozen=True)
class Resampling:
    """The splits of a study and which repeat uses which.

    Attributes:
        kind: ``fixed`` (one split, given as arrays; only the seed varies), ``fraction`` (a new
            random split for each repeat), ``splitter`` (splits of a scikit-learn splitter),
            ``subsample`` (a new random split of some rows for each repeat) or ``fresh`` (new rows
            for each repeat).
        splits: every split.
        repeats: how many runs each candidate gets.
        pool: out of how many rows the splits were drawn; None where they take all of them.
    """

    kind: Kind
    splits: tuple[Split, ...]
    repeats: int
    pool: int | None = None

    def resample(self, repeat: int) -> int:
        """The index of the split that a repeat uses."""
        return repeat % len(self.splits)

    @property
    def multiple(self) -> int:
        """Of what number repeats are a multiple: 1, or that of the splits they go round."""
        return 1 if len(self.splits) == self.repeats else len(self.splits)

    def first(self, repeats: int) -> "Resampling":
        """The first of these repeats alone."""
        splits = self.splits[:repeats] if self.multiple == 1 else self.splits
        return dataclasses.replace(self, splits=splits, repeats=repeats)

    @property
    def shares_split(self) -> bool:
        """Whether all repeats share one split, so that what they show holds for that split."""
        return len(self.splits) == 1 and self.kind != "fresh"

    @property
    def scattered(self) -> bool:
        """Whether most validation rows lie beside a training row, as where rows are shuffled.

        Not so where they are one block of rows, as with ``KFold`` and ``TimeSeriesSplit``.
        """
        split = self.splits[0]
        if self.kind == "fresh" or split.validation is None:
            return False
        beside = np.add.outer(split.validation, [-1, 1])
        touches = np.isin(beside, split.train).any(axis=1)
        return self.kind in ("fraction", "subsample") or bool(np.mean(touches) > 0.5)

    @property
    def test_to_train_ratio(self) -> float | None:
        """The ratio of Nadeau & Bengio's correction for what splits have in common, or None.

        There is none where all repeats share one split, and where repeats have rows of their own:
        these are independent. It is validation rows per training row, n₂ / n₁, where each split
        takes all rows. There the correlation ρ of two splits is taken to be the share of validation
        rows that they have in common, n₂ / (n₁ + n₂), and the ratio is ρ / (1 − ρ). Small splits
        out of n rows, all of one size, have less in common: of their validation rows n₂ / n, of
        their training rows n₁ / n, and ρ is taken to be the larger of the two, whether a splitter
        or :class:`Subsample` drew them.
        """
        if len(self.splits) < 2 or self.kind == "fresh":
            return None
        pairs = [(s.train, s.validation) for s in self.splits if s.validation is not None]
        sizes = {(len(train), len(validation)) for train, validation in pairs}
        first = sizes.pop()
        if self.pool is not None and not sizes and sum(first) < self.pool:
            return max(first) / (self.pool - max(first))
        return float(np.mean([len(validation) / len(train) for train, validation in pairs]))

    @property
    def test_rows_ratio(self) -> float | None:
        """The ratio for what repeats come to on test rows, or None.

        There, of all that splits have in common, the training rows count, and all splits of one
        data set have it in common: what is said is of networks trained on rows of this data set,
        of which the splits are a sample, so none is needed. Small splits out of many rows speak of
        other rows too, with the ratio of :attr:`test_to_train_ratio`.
        """
        return self.test_to_train_ratio if self.kind == "subsample" else None

    def independent(self, values: np.ndarray) -> np.ndarray:
        """Values of repeats, [..., repeats], as what intervals and tests may count one by one.

        Repeats that share one of several splits differ in their seed only; counted one by one they
        would make a test of few splits look like one of many, so their mean stands for them:
        [..., splits]. Where all repeats share one split, each stands for itself.

        Args:
            values: those of all repeats, or of the first ones, which may not reach every split.
        """
        splits = len(self.splits)
        if splits == 1 or values.shape[-1] <= splits:
            return values
        # Repeats go round the splits in order.
        means = [values[..., first::splits].mean(axis=-1) for first in range(splits)]
        return np.stack(means, axis=-1)

    def __str__(self) -> str:
        seeds = f"{self.repeats} random seed{'s' if self.repeats > 1 else ''}"
        first = self.splits[0]
        if self.kind in ("fresh", "subsample") and first.validation is not None:
            rows = f"{len(first.train):,} training and {len(first.validation):,} validation rows"
            if self.kind == "fresh":
                return f"{rows} drawn anew for each of {self.repeats} repeats, one seed each"
            splits = f"{self.repeats} random split{'s' if self.repeats > 1 else ''}"
            return f"{splits} of {rows} out of {self.pool:,} rows, one seed each"
        if len(self.splits) == 1:
            return f"one fixed split, {seeds}"
        if len(self.splits) == self.repeats:
            return f"{self.repeats} splits into training and validation rows, one seed each"
        return f"{len(self.splits)} splits into training and validation rows, {seeds} over them"


def resampling(
    validation: Any, x: Any, y: np.ndarray, *, repeats: int | None, seed: int, stratify: bool
) -> Resampling:
    """The splits that ``validation`` asks for.

    Args:
        validation: arrays (a tuple), a fraction, a scikit-learn splitter, a :class:`Subsample` or
            a :class:`Fresh`.
        x, y: the rows that may be trained on; for a ``Fresh`` those that it drew.
        repeats: runs of each candidate; None takes 30, or a splitter's number of splits.
        seed: the study's seed, from which random splits are drawn.
        stratify: whether each part of a random split keeps the shares of the classes.

    Raises:
        InputError: if ``validation`` is none of these, or the rows are too few for it.
    """
    everything = np.arange(len(y))
    if isinstance(validation, tuple | list):
        return Resampling("fixed", (Split(everything, None),), repeats or DEFAULT_REPEATS)
    if is_splitter(validation):
        return _by_splitter(validation, x, y, repeats)
    count = repeats or DEFAULT_REPEATS
    if isinstance(validation, Fresh):
        ends = np.split(everything, len(y) // (validation.train + validation.validation))
        own = (np.split(rows, [validation.train]) for rows in ends)
        return Resampling("fresh", tuple(Split(train, rest) for train, rest in own), len(ends))
    if isinstance(validation, Subsample):
        splits = _subsamples(validation, y, count=count, seed=seed, stratify=stratify)
        return Resampling("subsample", splits, count, len(y))
    fraction = checked_fraction(validation, "validation")
    splits = random_splits(y, fraction, count=count, seed=seed, stratify=stratify)
    return Resampling("fraction", splits, count)


def is_splitter(value: object) -> TypeGuard[Splitter]:
    """Whether this is a scikit-learn splitter (text can be split too)."""
    return hasattr(value, "split") and not isinstance(value, str | bytes)


def splits_of(splitter: Splitter, x: Any, y: np.ndarray) -> tuple[Split, ...]:
    """Every split of a scikit-learn splitter.

    Raises:
        InputError: if it cannot split these rows.
    """
    try:
        splits = tuple(Split(train, validation) for train, validation in splitter.split(x, y))
    except (ValueError, TypeError) as error:
        raise InputError(
            f"The splitter {type(splitter).__name__} cannot split {len(y)} rows: {error}"
        ) from error
    if not splits:
        raise InputError(f"The splitter {type(splitter).__name__} gives no split.")
    return splits


def _by_splitter(splitter: Splitter, x: Any, y: np.ndarray, repeats: int | None) -> Resampling:
    splits = splits_of(splitter, x, y)
    count = len(splits) if repeats is None else repeats
    if count % len(splits):
        raise InputError(
            f"repeats={count} does not give each of the {len(splits)} splits of "
            f"{type(splitter).__name__} as many runs; take a multiple of {len(splits)}."
        )
    return Resampling("splitter", splits, count, len(y))


def _subsamples(
    sizes: Subsample, y: np.ndarray, *, count: int, seed: int, stratify: bool
) -> tuple[Split, ...]:
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
        splits.append(
            Split(order[: sizes.train], order[sizes.train : sizes.train + sizes.validation])
        )
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
    y: np.ndarray, fraction: float, *, count: int, seed: int, stratify: bool
) -> tuple[Split, ...]:
    """Random splits of rows, with ``fraction`` of them held out in each.

    Raises:
        InputError: if a part would be empty, or a class has too few rows for every part.
    """
    from sklearn.model_selection import ShuffleSplit, StratifiedShuffleSplit

    _check_enough(y, fraction, stratify)
    kind = StratifiedShuffleSplit if stratify else ShuffleSplit
    splitter = kind(n_splits=count, test_size=fraction, random_state=seed)
    pairs = splitter.split(np.zeros(len(y)), y if stratify else None)
    return tuple(Split(train, held_out) for train, held_out in pairs)


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


def check_classes(splits: tuple[Split, ...], y: np.ndarray) -> None:
    """Check that the training rows of every split have more than one class.

    Raises:
        InputError: naming the first split with a single class.
    """
    for number, split in enumerate(splits, start=1):
        classes = np.unique(y[split.train])
        if len(classes) < 2:
            raise InputError(
                f"The {len(split.train)} training rows of split {number} all have the class "
                f"{classes[0]:g}: shuffle or stratify the splits, or give more rows."
            )
