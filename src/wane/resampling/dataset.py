"""The rows of each repeat as device arrays, with everything that is learnt from training rows."""

import dataclasses
import functools
from collections.abc import Callable
from typing import Any

import jax
import jax.numpy as jnp
import numpy as np

from wane._errors import InputError, one_line
from wane.resampling.checking import checked_array
from wane.resampling.examples import Examples
from wane.resampling.rows import Rows, is_streamed, on_device
from wane.resampling.splits import Resampling, Split
from wane.resampling.ties.grouping import Dependence

MOST_BYTES = 2**26
"""What rows of several splits, or several initial states, may take while they are remembered."""


@dataclasses.dataclass(frozen=True)
class TargetScale:
    """Centre and scale of a regression target, learnt from training rows."""

    centre: float = 0.0
    scale: float = 1.0


@dataclasses.dataclass(frozen=True)
class PreparedRows:
    """The rows of one split as the program takes them.

    Attributes:
        train, validation, test: rows on the device.
        transform: the fitted transformer of x, or None.
        target: centre and scale of y.
    """

    train: Rows
    validation: Rows
    test: Rows | None
    transform: Any
    target: TargetScale


@dataclasses.dataclass(frozen=True)
class DataSet:
    """All rows of a study, and how each split's rows are prepared.

    Attributes:
        development: rows that splits divide into training and validation rows.
        validation: validation rows that were given apart, or None.
        test: rows that no run trains on and no choice looks at, or None.
        transform: an unfitted scikit-learn transformer of x, or None.
        standardize_target: whether y is centred and scaled by each split's training rows.
        class_weight: weight of each class in training, by its label, or None.
        dependence: what rows have to do with each other, or None.
        notes: what that does to the study, in sentences.
    """

    development: Examples
    validation: Examples | None
    test: Examples | None
    transform: Any = None
    standardize_target: bool = False
    class_weight: dict[int, float] | None = None
    dependence: Dependence | None = None
    notes: tuple[str, ...] = ()

    def prepared(self, split: Split, *, target: TargetScale | None = None) -> PreparedRows:
        """The rows of one split; whatever is learnt is learnt from its training rows alone.

        Args:
            split: the split.
            target: centre and scale of y, where they are not to be learnt.
        """
        train = self.development.at(split.train)
        if split.validation is not None:
            validation = self.development.at(split.validation)
        else:
            validation = self.validation or train.at(np.arange(1))
        transform = None
        if self.transform is not None:
            from sklearn.base import clone

            try:
                transform = clone(self.transform).fit(train.x)
            except InputError:
                raise
            except Exception as error:
                raise InputError(
                    f"The transform {type(self.transform).__name__} cannot be fitted to the "
                    f"training rows ({one_line(error)}): give one that takes x as it is."
                ) from error
        if target is None:
            target = TargetScale()
            if self.standardize_target:
                spread = float(np.std(train.y))
                target = TargetScale(float(np.mean(train.y)), spread if spread > 0 else 1.0)
        parts = [
            None if part is None else self._rows(part, transform, target)
            for part in (train, validation, self.test)
        ]
        assert parts[0] is not None and parts[1] is not None
        return PreparedRows(self._weighted(parts[0]), parts[1], parts[2], transform, target)

    def checked_sample(self) -> tuple[Any, Any]:
        """Inputs as the model gets them and all targets, for checking the model against.

        Raises:
            InputError: if validation or test rows have another shape than the training rows.
        """
        rows = self.prepared(Split(np.arange(len(self.development)), None))
        parts = {"validation": self.validation and rows.validation, "test": rows.test}
        for name, part in parts.items():
            if part is not None and _shapes(part.x) != _shapes(rows.train.x):
                raise InputError(
                    f"The {name} rows have shape {_shapes(part.x)}, but the training rows have "
                    f"{_shapes(rows.train.x)}: give both the same columns."
                )
            if part is not None and _shapes(part.y) != _shapes(rows.train.y):
                raise InputError(
                    f"The {name} targets have shape {_shapes(part.y)} for each row, but the "
                    f"training targets have {_shapes(rows.train.y)}: encode both alike."
                )
        targets = [rows.train.y, *(part.y for part in parts.values() if part is not None)]
        everything = jax.tree.map(lambda *ys: np.concatenate([np.asarray(y) for y in ys]), *targets)
        return rows.train.at(slice(2)).read().x, everything

    def _rows(self, examples: Examples, transform: Any, target: TargetScale) -> Rows:
        """Examples as the program takes them."""
        x = examples.x if transform is None else transformed(transform, examples.x)
        y, unit = examples.y, None
        if self.standardize_target:
            y = ((y - target.centre) / target.scale).astype(np.float32)
            unit = np.full((len(y), 2), [target.centre, target.scale], np.float32)
        weight = examples.sample_weight
        if (
            weight is not None
            and isinstance(y, dict | list)
            and not isinstance(weight, dict | list)
        ):
            weight = jax.tree.map(lambda _: weight, y)  # as Keras: one weight for every output
        return Rows(*on_device((x, y, weight, unit)))

    def _weighted(self, rows: Rows) -> Rows:
        """Training rows with the weights of their classes, as ``fit(class_weight=...)`` does."""
        if self.class_weight is None:
            return rows
        labels = np.asarray(rows.y)
        if labels.ndim > 1:
            labels = labels.argmax(-1) if labels.shape[-1] > 1 else labels[..., 0]
        weights = [self.class_weight.get(int(label), 1.0) for label in np.round(labels)]
        return rows._replace(sample_weight=jnp.asarray(weights, jnp.float32))


class PreparedSplits:
    """The rows of each repeat, which all structures share.

    Args:
        data: all rows.
        resampling: which repeat uses which split.

    Attributes:
        resampling: as given.
        targets: centre and scale of the target in each repeat so far.
    """

    def __init__(self, data: DataSet, resampling: Resampling) -> None:
        self.resampling = resampling
        self.targets: dict[int, TargetScale] = {}
        self._data = data

    @functools.cached_property
    def _of_split(self) -> Callable[[int], PreparedRows]:
        """Gives the rows of a split by its index; those of the latest splits are remembered."""
        first = self._data.prepared(self.resampling.splits[0])

        def prepared(index: int) -> PreparedRows:
            return self._data.prepared(self.resampling.splits[index]) if index else first

        return functools.lru_cache(maxsize=how_many(first))(prepared)

    def rows(self, repeat: int) -> PreparedRows:
        """The rows of a repeat."""
        rows = self._of_split(self.resampling.resample(repeat))
        self.targets[repeat] = rows.target
        return rows

    def target(self, repeat: int) -> TargetScale:
        """Centre and scale of the target in a repeat."""
        return self.targets[repeat] if repeat in self.targets else self.rows(repeat).target

    def all_rows(self) -> PreparedRows:
        """Every row that is not a test row, for training."""
        return self._data.prepared(Split(np.arange(len(self._data.development)), None))


def how_many(one: Any) -> int:
    """How many values like this one may be remembered, by the bytes of its arrays."""
    if dataclasses.is_dataclass(one):
        one = [getattr(one, field.name) for field in dataclasses.fields(one)]
    size = sum(getattr(leaf, "nbytes", 0) for leaf in jax.tree.leaves(one))
    return max(1, MOST_BYTES // max(1, size))


def _shapes(values: Any) -> Any:
    """The shape of a row, or of each part of one."""
    return jax.tree.map(lambda array: array.shape[1:], values, is_leaf=is_streamed)


def transformed(transform: Any, x: Any) -> np.ndarray:
    """Rows of x by a fitted transformer, [rows, …].

    Raises:
        InputError: if that gives a sparse matrix, or anything but finite numbers.
    """
    values = transform.transform(x)
    if hasattr(values, "toarray"):
        raise InputError(
            f"The transform {type(transform).__name__} gives a sparse matrix; make it give a dense "
            f"one (sparse_output=False, or sparse_threshold=0 in a ColumnTransformer)."
        )
    return checked_array(values, "the transformed x")
