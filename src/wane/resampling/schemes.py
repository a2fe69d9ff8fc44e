"""Small training sets, a new one for each repeat: drawn anew, or out of many rows."""

import dataclasses
from collections.abc import Callable, Mapping
from typing import Any

import jax
import numpy as np

from wane._errors import InputError, joined, whole_number
from wane.resampling.checking import check_same_rows, checked_arrays, parts_of
from wane.resampling.examples import Examples

Generate = Callable[[int, int], tuple[Any, Any]]
"""Gives ``(x, y)`` of a number of rows, the same ones for the same seed."""


@dataclasses.dataclass(frozen=True)
class Subsample:
    """For each repeat a new random split of few rows out of many, the same shares of classes in it.

    Args:
        train: training rows of each repeat.
        validation: validation rows of each repeat; training and validation rows share none.

    Raises:
        InputError: unless both are whole numbers of at least 1.

    Example:
        >>> import keras, numpy as np, wane
        >>> model = keras.Sequential([keras.layers.Input((2,)), keras.layers.Dense(1)])
        >>> model.compile(loss="mse")
        >>> x, y = np.random.default_rng(0).normal(size=(100, 2)), np.arange(100.0)
        >>> few = wane.Subsample(train=10, validation=30)
        >>> study = wane.Study(model, x, y, candidates=[wane.L2(0.1)], validation=few, epochs=5)
        >>> study.spec.validation
        Subsample(train=10, validation=30)
    """

    train: int
    validation: int

    def __post_init__(self) -> None:
        for name in ("train", "validation"):
            object.__setattr__(self, name, whole_number(getattr(self, name), name, least=1))


@dataclasses.dataclass(frozen=True)
class Fresh:
    """For each repeat new rows, drawn by a function: no row is ever in two repeats.

    So a study speaks of the problem from which the rows come and not of one data set, and its
    repeats are independent of each other.

    Args:
        generate: a function of a number of rows and a seed, a whole number below 2³², that gives
            ``(x, y)``. Called twice for each repeat, each time with another seed.
        train: training rows of each repeat.
        validation: validation rows of each repeat. They are evaluated after every epoch, so many of
            them cost time; over all repeats the choice is made on ``validation × repeats`` rows.

    Raises:
        InputError: unless the numbers are whole ones of at least 1 and ``generate`` is a function.

    Example:
        >>> import wane
        >>> from sklearn.datasets import make_moons
        >>> def moons(rows, seed):
        ...     return make_moons(rows, noise=0.2, random_state=seed)
        >>> wane.Fresh(moons, train=30, validation=100)
        Fresh(train=30, validation=100)
    """

    generate: Generate = dataclasses.field(repr=False)
    train: int
    validation: int

    def __post_init__(self) -> None:
        if not callable(self.generate):
            raise InputError(
                f"generate must be a function of a number of rows and a seed that gives (x, y), "
                f"got {self.generate!r}."
            )
        for name in ("train", "validation"):
            object.__setattr__(self, name, whole_number(getattr(self, name), name, least=1))

    def check_alone(self, given: Mapping[str, Any], test: Any) -> None:
        """Check that a study has no other rows than drawn ones, and test rows apart if any.

        Args:
            given: what was given to the study beside this, by name.
            test: the study's test rows, as they were given.

        Raises:
            InputError: naming what there is too much.

        Example:
            >>> wane.Fresh(moons, train=30, validation=100).check_alone({"x": None}, test=None)
        """
        superfluous = [name for name, value in given.items() if value is not None]
        if superfluous:
            raise InputError(
                f"wane.Fresh draws the rows of every repeat itself: leave out "
                f"{joined(superfluous)}."
            )
        if test is not None and not isinstance(test, tuple | list):
            raise InputError(
                f"With wane.Fresh there are no rows of which test could be a part, got {test!r}: "
                f"give arrays (x, y), which the same function can draw, or leave it out."
            )

    def drawn(self, repeats: int, seed: int) -> Examples:
        """The rows of all repeats, one after the other, each with its training rows first.

        Args:
            repeats: how many times rows are drawn.
            seed: of the study; each call of the function gets one of its own, drawn from it.

        Returns:
            The rows, [repeats · (train + validation), …].

        Raises:
            InputError: if the function fails, or gives other than it was asked for.

        Example:
            >>> len(wane.Fresh(moons, train=30, validation=100).drawn(repeats=2, seed=0))
            260
        """
        counts = (self.train, self.validation)
        parts = [
            self._part(rows, int(np.random.SeedSequence([seed, repeat, part]).generate_state(1)[0]))
            for repeat in range(repeats)
            for part, rows in enumerate(counts)
        ]
        shapes = [jax.tree.map(lambda array: array.shape[1:], part) for part in parts]
        if any(shape != shapes[0] for shape in shapes):
            raise InputError(
                "generate gives rows of other shapes for another seed; give one shape."
            )
        x, y = jax.tree.map(lambda *arrays: np.concatenate(arrays), *parts)
        return Examples(x, y)

    def _part(self, rows: int, seed: int) -> tuple[Any, Any]:
        try:
            given = self.generate(rows, seed)
        except Exception as error:
            raise InputError(
                f"generate({rows}, {seed}) raised {type(error).__name__}: {error}; it must give "
                f"(x, y) of as many rows as it is asked for."
            ) from error
        if not isinstance(given, tuple | list) or len(given) != 2:
            raise InputError(
                f"generate({rows}, {seed}) must give (x, y), got {type(given).__name__}."
            )
        x, y = checked_arrays(given[0], "x"), checked_arrays(given[1], "y")
        check_same_rows(x=x, y=y)
        if len(parts_of(y)[0]) != rows:
            raise InputError(
                f"generate({rows}, {seed}) gave {len(parts_of(y)[0])} rows; it must give as many "
                f"as it is asked for."
            )
        return x, y
