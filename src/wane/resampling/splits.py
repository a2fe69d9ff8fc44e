"""How rows are divided into training, validation and test rows, repeat by repeat."""

import dataclasses
import warnings
from collections.abc import Callable, Iterable, Iterator
from typing import Any, Literal, Protocol, TypeGuard

import numpy as np

from wane._errors import InputError
from wane.resampling.draws import checked_fraction, random_splits, subsamples
from wane.resampling.examples import Examples
from wane.resampling.schemes import Fresh, Subsample
from wane.resampling.ties.grouping import Dependence, divided_groups, takes_groups
from wane.resampling.ties.series import block_rows, block_split, later_split


class Splitter(Protocol):
    """What scikit-learn's splitters are."""

    def split(self, *given: Any) -> Iterator[tuple[np.ndarray, np.ndarray]]:
        """Pairs of row indices, of training and of held-out rows."""


Kind = Literal["fixed", "fraction", "splitter", "subsample", "fresh", "time"]


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
            ``subsample`` (a new random split of some rows for each repeat), ``fresh`` (new rows
            for each repeat) or ``time`` (one split, of which later rows validate).
        splits: every split.
        repeats: how many runs each candidate gets.
        pool: out of how many rows the splits were drawn; None where they take all of them.
        dependence: what the rows have to do with each other; None where nothing is known of it.
    """

    kind: Kind
    splits: tuple[Split, ...]
    repeats: int
    pool: int | None = None
    dependence: Dependence | None = None

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
        in_blocks = self.dependence is not None and self.dependence.kind == "windows"
        if self.kind in ("fresh", "time") or in_blocks or split.validation is None:
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
        if self.kind == "time":
            return f"one split, of which later rows validate, {seeds}"
        if len(self.splits) == 1:
            return f"one fixed split, {seeds}"
        what = {"groups": "training and validation groups", "windows": "training rows and a block"}
        parts = what.get(self.dependence.kind if self.dependence else "", "")
        parts = parts or "training and validation rows"
        if len(self.splits) == self.repeats:
            return f"{self.repeats} splits into {parts}, one seed each"
        return f"{len(self.splits)} splits into {parts}, {seeds} over them"


def resampling(
    validation: Any,
    x: Any,
    y: np.ndarray,
    *,
    repeats: int | None,
    seed: int,
    stratify: bool,
    rows: Examples | None = None,
    dependence: Dependence | None = None,
) -> Resampling:
    """The splits that ``validation`` asks for.

    Args:
        validation: arrays (a tuple), a fraction, a scikit-learn splitter, a :class:`Subsample` or
            a :class:`Fresh`.
        x, y: the rows that may be trained on; for a ``Fresh`` those that it drew.
        repeats: runs of each candidate; None takes 30, or a splitter's number of splits.
        seed: the study's seed, from which random splits are drawn.
        stratify: whether each part of a random split keeps the shares of the classes.
        rows: the same rows with their groups and places.
        dependence: what they have to do with each other.

    Raises:
        InputError: if ``validation`` is none of these, or the rows are too few for it.
    """
    found = _of_rows(validation, x, y, repeats, seed, stratify, Dependent(rows, dependence))
    return dataclasses.replace(found, dependence=dependence)


@dataclasses.dataclass(frozen=True)
class Dependent:
    """Rows with what they have to do with each other; both None where that is nothing."""

    rows: Examples | None = None
    dependence: Dependence | None = None

    @property
    def kind(self) -> str:
        """As :class:`Dependence` has it, "" for none."""
        return "" if self.dependence is None else self.dependence.kind

    @property
    def groups(self) -> np.ndarray | None:
        """The groups that no split may divide, or copies, [rows]."""
        of_groups = self.kind in ("groups", "copies")
        return self.rows.groups if of_groups and self.rows is not None else None


def _of_rows(
    validation: Any,
    x: Any,
    y: np.ndarray,
    repeats: int | None,
    seed: int,
    stratify: bool,
    dependent: Dependent,
) -> Resampling:
    everything = np.arange(len(y))
    if isinstance(validation, tuple | list):
        return Resampling("fixed", (Split(everything, None),), repeats or DEFAULT_REPEATS)
    if is_splitter(validation):
        return _by_splitter(validation, x, y, repeats, dependent)
    count = repeats or DEFAULT_REPEATS
    if isinstance(validation, Fresh):
        ends = np.split(everything, len(y) // (validation.train + validation.validation))
        own = (np.split(rows, [validation.train]) for rows in ends)
        return Resampling("fresh", tuple(Split(train, rest) for train, rest in own), len(ends))
    if isinstance(validation, Subsample):
        few = subsamples(validation, y, count=count, seed=seed, stratify=stratify)
        return Resampling("subsample", _splits(few), count, len(y))
    fraction = checked_fraction(validation, "validation")
    if dependent.kind == "time":
        return Resampling("time", (_later(dependent, fraction),), count)
    if dependent.kind == "windows":
        splits = _in_blocks(dependent, y, fraction, count=count, seed=seed, stratify=stratify)
        return Resampling("fraction", splits, count)
    drawn = random_splits(
        y, fraction, count=count, seed=seed, stratify=stratify, groups=dependent.groups
    )
    return Resampling("fraction", _splits(drawn), count)


def _splits(pairs: Iterable[tuple[np.ndarray, np.ndarray]]) -> tuple[Split, ...]:
    return tuple(Split(train, held_out) for train, held_out in pairs)


def _later(dependent: Dependent, fraction: float) -> Split:
    """The one split of rows in time."""
    rows, dependence = dependent.rows, dependent.dependence
    assert rows is not None and rows.places is not None and dependence is not None
    return Split(*later_split(rows.places, fraction, dependence.gap, "validation"))


def _in_blocks(
    dependent: Dependent, y: np.ndarray, fraction: float, *, count: int, seed: int, stratify: bool
) -> tuple[Split, ...]:
    """Splits of which a block of consecutive rows validates, from a random place on.

    Where there are classes, another place is taken for a block that leaves one class to train on.
    """
    rows, dependence = dependent.rows, dependent.dependence
    assert rows is not None and rows.places is not None and dependence is not None
    generator = np.random.default_rng([seed, len(y)])
    last = len(y) - block_rows(len(y), fraction)
    classes = len(np.unique(y)) if stratify else 0
    splits = []
    for _ in range(count):
        for start in generator.integers(last + 1, size=BLOCK_TRIES).tolist():
            split = Split(*block_split(rows.places, fraction, dependence.gap, start))
            if len(np.unique(y[split.train])) >= classes or not stratify:
                break
        splits.append(split)
    return tuple(splits)


BLOCK_TRIES = 20
"""Places of a block that are tried for one that leaves rows of every class to train on."""


def is_splitter(value: object) -> TypeGuard[Splitter]:
    """Whether this is a scikit-learn splitter (text can be split too)."""
    return hasattr(value, "split") and not isinstance(value, str | bytes)


def splits_of(
    splitter: Splitter, x: Any, y: np.ndarray, dependent: Dependent | None = None
) -> tuple[Split, ...]:
    """Every split of a scikit-learn splitter, which gets the groups of rows that users gave.

    Raises:
        InputError: if it cannot split these rows, leaves a part of a split empty, or puts a group
            that the user gave on both sides.
    """
    name = type(splitter).__name__
    groups = None
    if dependent is not None and dependent.kind == "groups":
        groups = dependent.groups
    given = (x, y) if groups is None or not takes_groups(splitter) else (x, y, groups)
    try:
        with warnings.catch_warnings():
            if groups is not None:  # what has no use for groups says so, and is refused below
                warnings.filterwarnings("ignore", "The groups parameter is ignored")
            splits = tuple(Split(train, held) for train, held in splitter.split(*given))
    except (ValueError, TypeError) as error:
        lacks = groups is None and "group" in str(error)
        hint = " Give groups=, a label for each row (--group COLUMN)." if lacks else ""
        raise InputError(
            f"The splitter {name} cannot split {len(y)} rows: {error}{hint}"
        ) from error
    if not splits:
        raise InputError(f"The splitter {name} gives no split.")
    for number, split in enumerate(splits, start=1):
        _check_split(name, number, split)
    for number, split in enumerate(splits, start=1):
        if groups is None or split.validation is None:
            break
        divided = divided_groups(groups, split.train, split.validation)
        if len(divided):
            raise InputError(
                f"The splitter {name} puts {len(divided):,} of {len(np.unique(groups)):,} groups "
                f"on both sides of split {number}: give one that keeps groups together, such as "
                f"GroupKFold, or a fraction."
            )
    return splits


def _check_split(name: str, number: int, split: Split) -> None:
    """Check that a splitter's split has rows for both parts, and none in both."""
    for rows, what in ((split.train, "train on"), (split.validation, "validate")):
        if rows is not None and not len(rows):
            raise InputError(
                f"The splitter {name} leaves no rows to {what} in split {number}: give one "
                f"whose every split has rows for both."
            )
    if split.validation is not None:
        both = np.intersect1d(split.train, split.validation)
        if len(both):
            count = "1 row" if len(both) == 1 else f"{len(both):,} rows"
            raise InputError(
                f"The splitter {name} puts {count} on both sides of split {number}, "
                f"such as row {both[0]}: a row that trains tells nothing of new ones; give a "
                f"splitter whose parts have no row in common."
            )


def _by_splitter(
    splitter: Splitter, x: Any, y: np.ndarray, repeats: int | None, dependent: Dependent
) -> Resampling:
    splits = splits_of(splitter, x, y, dependent)
    count = len(splits) if repeats is None else repeats
    if count % len(splits):
        raise InputError(
            f"repeats={count} does not give each of the {len(splits)} splits of "
            f"{type(splitter).__name__} as many runs; take a multiple of {len(splits)}."
        )
    return Resampling("splitter", splits, count, len(y))


def check_classes(
    splits: tuple[Split, ...],
    y: np.ndarray,
    shown: Callable[[int], str] = str,
    *,
    in_order: bool = False,
    drawn_apart: np.ndarray | None = None,
) -> None:
    """Check that the training rows of every split have more than one class, and none is apart.

    Args:
        splits: of the rows.
        y: the class of each.
        shown: a class by its number, as the user knows it.
        in_order: whether the order of rows makes the splits, so that no shuffling helps.
        drawn_apart: the classes of test rows that were drawn from the same rows, or None.

    Raises:
        InputError: naming the first split with a single class, or a class of test rows alone.
    """
    apart = np.setdiff1d([] if drawn_apart is None else drawn_apart, y)
    if len(apart):
        name = shown(int(apart[0]))
        raise InputError(
            f"All rows of class {name} were drawn as test rows, since no draw of whole groups had "
            f"each class on both sides: give more groups of it, or leave the class out."
        )
    for number, split in enumerate(splits, start=1):
        classes = np.unique(y[split.train])
        if len(classes) < 2:
            way = "shuffle or stratify the splits, or give more rows"
            if in_order:
                way = "give earlier rows of another class too, or leave time (--time) out"
            raise InputError(
                f"The {len(split.train)} training rows of split {number} all have the class "
                f"{shown(int(classes[0]))}: {way}."
            )
