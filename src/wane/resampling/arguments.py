"""What the user gives as data, checked and divided into the rows that a study has."""

import dataclasses
import math
from collections.abc import Mapping, Sequence
from typing import Any

import jax
import numpy as np

from wane._errors import InputError, listed
from wane.resampling.checking import ArrayTree, check_same_rows, checked_arrays, parts_of
from wane.resampling.dataset import DataSet
from wane.resampling.dependence import Ties, related, with_groups_of_given
from wane.resampling.draws import checked_fraction, class_labels, random_splits
from wane.resampling.examples import Examples
from wane.resampling.schemes import Fresh, Subsample
from wane.resampling.splits import Dependent, Splitter, is_splitter, splits_of
from wane.resampling.streams.on_disk import on_disk
from wane.resampling.ties.series import BLOCKS, block_rows, block_split, blocks, later_split

Given = tuple[ArrayTree, ArrayTree] | tuple[ArrayTree, ArrayTree, ArrayTree | None]
"""Rows given apart: ``(x, y)`` or ``(x, y, sample_weight)``."""
Validation = float | Given | Splitter | Subsample | Fresh
"""Where validation rows come from, as :class:`wane.Study` takes it."""
Test = float | Given | Splitter | None
"""Where test rows come from."""
_MOST_CLASSES = 1000
"""Whole numbers of more kinds are amounts, as counts are."""


def data_set(
    given: tuple[ArrayTree | None, ArrayTree | None, ArrayTree | None],
    *,
    validation: Validation,
    test: Test,
    transform: Any,
    standardize_target: bool,
    class_weight: Mapping[int, float] | str | None,
    repeats: int,
    seed: int,
    ties: Ties | None = None,
) -> DataSet:
    """The data of a study, from the arguments of :class:`wane.Study`.

    Args:
        given: x, y and sample_weight.
        validation, test, transform, standardize_target, class_weight: as the study takes them.
        repeats: for how many repeats fresh rows are drawn.
        seed: the study's.
        ties: the groups or times of the rows, if the user gave some.

    Raises:
        InputError: if anything does not fit together.
    """
    x, y, sample_weight = given
    transform = _own_transform(transform)
    transformed = transform is not None
    if isinstance(validation, Fresh):
        validation.check_alone({"x": x, "y": y, "sample_weight": sample_weight}, test)
        development = validation.drawn(repeats, seed)
    elif x is None and y is None:
        raise InputError("A study needs x and y, or a wane.Fresh as validation, which draws them.")
    else:
        development = _examples((x, y, sample_weight), "x", "y", transformed)
    own = related(development, ties or Ties(), validation, test)
    kept, held_out = _test_rows(test, own, seed, transformed)
    if len(kept) < 2:
        raise InputError(
            f"A study needs at least 2 rows to train on and validate, got {len(kept)}"
            f"{' beside the test rows' if held_out else ''}: give more rows."
        )
    apart = None
    if isinstance(validation, tuple | list):
        apart = with_groups_of_given(_given("validation", validation, transformed), own.kind)
    several = isinstance(development.y, dict | list)
    if several and (class_weight is not None or standardize_target):
        raise InputError("class_weight and standardize_target are for models with one output.")
    weights = None
    if class_weight is not None:
        every = [development, *(one for one in (apart, held_out) if one is not None)]
        weights = _class_weights(class_weight, kept.y, [one.y for one in every])
    kept = _with_blocks(kept, own, validation)
    parts = (kept, apart, held_out)
    return DataSet(
        *parts, transform, standardize_target, weights, *own.said(parts, validation, test)
    )


def _with_blocks(rows: Examples, own: Dependent, validation: Validation) -> Examples:
    """The rows with the blocks that intervals draw, if they are in an order."""
    if own.kind == "windows":
        # Each repeat validates on a part of them alone.
        return dataclasses.replace(rows, groups=blocks(len(rows), 2 * BLOCKS))
    if own.kind != "time":
        return rows
    assert rows.places is not None and own.dependence is not None
    fraction = checked_fraction(validation, "validation")
    _, later = later_split(rows.places, fraction, own.dependence.gap, "validation")
    codes = np.zeros(len(rows), np.int64)
    codes[later] = 1 + blocks(len(later))
    return dataclasses.replace(rows, groups=codes)


def _own_transform(transform: Any) -> Any:
    """A copy of a transformer, which repeats are prepared by when its user may have changed it."""
    from sklearn.base import clone

    if transform is None:
        return None
    try:
        if isinstance(transform, type):
            raise TypeError("a class")
        return clone(transform)
    except Exception as error:
        raise InputError(
            f"transform must be an unfitted scikit-learn transformer such as StandardScaler(), "
            f"got {transform!r}."
        ) from error


def _balanced(given: str, y: np.ndarray) -> dict[int, float]:
    """scikit-learn's weights for classes of these targets, by which each counts the same in all."""
    from sklearn.utils.class_weight import compute_class_weight

    if given != "balanced":
        raise InputError(
            f"class_weight (--class-weight) takes 'balanced', or in Python the weight of each "
            f"label too, got {given!r}."
        )
    labels = class_labels(y)
    classes = None if labels is None else np.unique(labels)
    if labels is None or classes is None or len(classes) > _MOST_CLASSES:
        raise InputError(
            "class_weight='balanced' (--class-weight balanced) is for rows of one class each, and "
            "y holds amounts or several classes: leave it out."
        )
    weights = compute_class_weight("balanced", classes=classes, y=labels)
    return {int(label): float(weight) for label, weight in zip(classes, weights, strict=True)}


def _class_weights(given: Any, y: Any, every: Sequence[Any]) -> dict[int, float]:
    """The weight of each class by its label, checked.

    Args:
        given: as :class:`wane.Study` takes it.
        y: the targets of the rows that are trained on or validate.
        every: the targets of all rows: these, and those that validate or test alone.
    """
    if isinstance(given, str):
        return _balanced(given, y)
    try:
        weights = {int(label): float(weight) for label, weight in given.items()}
    except (AttributeError, TypeError, ValueError):
        weights = {}
    if not weights or not all(0 <= weight < math.inf for weight in weights.values()):
        raise InputError(
            f"class_weight must map whole labels to finite weights of at least 0, such as "
            f"{{0: 1.0, 1: 5.0}}, got {given!r}."
        )
    labels = [class_labels(one) for one in every]
    found = [one for one in labels if one is not None]
    if len(found) == len(labels):
        columns = every[0].shape[-1] if every[0].ndim > 1 else 1
        known = range(columns) if columns > 1 else np.unique(np.concatenate(found)).astype(int)
        strange = [label for label in weights if label not in known]
        if strange and len(known) <= _MOST_CLASSES:
            raise InputError(
                f"class_weight has a weight for the label {listed(strange)}, which no row of y "
                f"has: take its labels, {listed(known)}."
            )
    return weights


def _examples(given: Sequence[Any], x_name: str, y_name: str, transformed: bool) -> Examples:
    x, y, weight = given
    table = transformed and hasattr(x, "iloc")
    if table:
        x = x.copy()  # repeats are prepared later
    elif transformed or (large := on_disk(x, x_name)) is None:
        x = checked_arrays(x, x_name)
    else:
        x = large
    y = _without_list(checked_arrays(y, y_name))
    if weight is not None:
        weight = _without_list(checked_arrays(weight, "sample_weight"))
        weight = jax.tree.map(lambda array: array.astype(np.float32), weight)
        _check_weights(weight, y)
    check_same_rows(**{x_name: x, y_name: y, "sample_weight": weight})
    return Examples(x, y, weight)


def _without_list(values: Any) -> Any:
    """The one array of a list of one, as Keras takes the targets of a model with one output."""
    return values[0] if isinstance(values, list) and len(values) == 1 else values


def _check_weights(weight: Any, y: Any) -> None:
    """Check that weights fit the rows (or their steps), are not negative and not all zero."""
    for array in parts_of(weight):
        steps = {part.shape[: array.ndim] for part in parts_of(y)}
        if array.ndim > 1 and array.shape[1:] != (1,) and array.shape not in steps:
            shapes = " or ".join(str(part.shape) for part in parts_of(y))
            raise InputError(
                f"sample_weight has shape {array.shape} and y {shapes}; give one weight for each "
                f"row, ({len(array)},), or for each step of y."
            )
        if array.min() < 0 or array.max() == 0:
            raise InputError(
                "sample_weight must hold numbers of at least 0 that are not all 0, got numbers "
                f"from {array.min():g} to {array.max():g}."
            )


def _given(name: str, arrays: Sequence[Any], transformed: bool) -> Examples:
    """Examples from a tuple (x, y) or (x, y, sample_weight)."""
    if len(arrays) not in (2, 3):
        raise InputError(
            f"{name} as arrays must be (x, y) or (x, y, sample_weight), got {len(arrays)} of them."
        )
    x, y = arrays[:2]
    weight = arrays[2] if len(arrays) == 3 else None
    return _examples((x, y, weight), f"{name} x", f"{name} y", transformed)


def _test_rows(
    test: Test, own: Dependent, seed: int, transformed: bool
) -> tuple[Examples, Examples | None]:
    """The rows that remain for development, and the test rows."""
    development, dependence = own.rows, own.dependence
    assert development is not None
    if test is None:
        return development, None
    if isinstance(test, tuple | list):
        given = _given("test", test, transformed)
        return development, with_groups_of_given(given, own.kind)
    in_order = own.kind in ("time", "windows")
    if is_splitter(test):
        split = splits_of(test, *development.splittable(), own)[0]
        assert split.validation is not None
        parts = split.train, split.validation
    elif in_order:
        fraction = checked_fraction(test, "test")
        assert development.places is not None and dependence is not None
        if own.kind == "time":
            parts = later_split(development.places, fraction, dependence.gap, "test")
        else:
            last = len(development) - block_rows(len(development), fraction)
            parts = block_split(development.places, fraction, dependence.gap, last)
    else:
        parts = _drawn(own, checked_fraction(test, "test"), seed)
    kept, held_out = (development.at(np.sort(part)) for part in parts)
    if in_order:
        held_out = dataclasses.replace(held_out, groups=blocks(len(held_out)))
    return kept, held_out


def _drawn(own: Dependent, fraction: float, seed: int) -> tuple[np.ndarray, np.ndarray]:
    """Rows that remain, and test rows drawn at random.

    Whole numbers may be classes or amounts. Where groups cannot have each of them on both sides,
    they are drawn as amounts; of classes the study then asks that none be in test rows alone.
    """
    rows, groups = own.rows, own.groups
    assert rows is not None
    stratify = _looks_like_classes(rows.y, fraction)

    def drawn(stratify: bool) -> tuple[np.ndarray, np.ndarray]:
        y = rows.splittable()[1]
        return random_splits(y, fraction, count=1, seed=seed, stratify=stratify, groups=groups)[0]

    try:
        return drawn(stratify)
    except InputError:
        if groups is None or not stratify:
            raise
        return drawn(False)


def _looks_like_classes(y: Any, fraction: float) -> bool:
    """Whether targets are class labels: whole numbers, of which each part can hold every one."""
    if isinstance(y, dict | list) or (y.ndim > 1 and y.shape[-1] > 1):
        return False
    values, counts = np.unique(y, return_counts=True)
    smaller_part = int(min(fraction, 1 - fraction) * len(y))
    whole = np.all(values == np.round(values))
    return bool(whole and counts.min() >= 2 and len(values) <= min(100, smaller_part))
