"""Which inputs a network can do without: the order in which they leave along a group-lasso path.

All weights of an input are one group, so it is exactly zero or in use. A single path is unstable,
so each resample trains the whole path on other rows, by default on a random half of them:
Meinshausen & Bühlmann, Stability selection, JRSS B 72 (2010). All layers have L2 besides, lest the
others grow as the first one shrinks: after Feng & Simon, Sparse-input neural networks for
high-dimensional nonparametric regression and classification, arXiv:1711.07592.
"""

import dataclasses
import warnings
from collections.abc import Iterable, Sequence
from typing import Any

import numpy as np
import pandas as pd

from wane._errors import InputError
from wane.keras_model.backend.choice import require_jax
from wane.keras_model.copies import ModelSource, made
from wane.keras_model.weights import Weight, trainable_weights
from wane.penalties import L2, Candidate, GroupLasso, decades, strength_of, sweep
from wane.resampling.checking import ArrayTree
from wane.study.results.result import Result
from wane.study.study import Study

_TAKEN = {
    "candidates": "give strengths",
    "repeats": "give resamples",
    "refine": "give more strengths",
    "halving": "every strength has all resamples",
}
"""Options of a study that would change the path, and what to do instead."""

_ONE_SCALE = 10
"""Inputs whose standard deviations differ less are taken to be of one scale."""


@dataclasses.dataclass(frozen=True)
class Importance:
    """The inputs of a network by how long they stay as the penalty grows.

    Attributes:
        table: a row for each input, the most important first: ``rank``, the same for inputs that
            leave together; ``input``; ``leaves_at``, the median over resamples of the strength
            from which on its weights are zero (infinite if they never are); ``share``, the share of
            resamples in which it is selected at ``strength``.
        shares: the share of resamples in which each input is selected, a row for each input in the
            order of the table and a column for each strength.
        strength: the strength of the lowest mean validation data loss.
        result: the study.

    Example:
        >>> import keras, numpy as np, wane
        >>> model = keras.Sequential([keras.layers.Input((2,)), keras.layers.Dense(1)])
        >>> model.compile(loss="mse")
        >>> x = np.random.default_rng(0).normal(size=(40, 2))
        >>> importance = wane.feature_importance(
        ...     model, x, 3 * x[:, 1], epochs=5, resamples=2, strengths=[0.1, 1.0], progress=False
        ... )
        >>> list(importance.table.columns)
        ['rank', 'input', 'leaves_at', 'share']
    """

    table: pd.DataFrame
    shares: pd.DataFrame
    strength: float
    result: Result

    @property
    def order(self) -> tuple[str, ...]:
        """The names of the inputs, the most important first.

        Example:
            >>> sorted(importance.order)
            ['input 0', 'input 1']
        """
        return tuple(self.table["input"])

    def __str__(self) -> str:
        return self.table.to_string(index=False)


def feature_importance(
    model: ModelSource,
    x: ArrayTree,
    y: ArrayTree,
    *,
    strengths: Iterable[float] | None = None,
    names: Sequence[str] | None = None,
    layer: str | None = None,
    l2: float = 1e-3,
    resamples: int = 20,
    validation: float = 0.5,
    progress: bool = True,
    **options: Any,
) -> Importance:
    """Find the order in which a network's inputs leave as a group lasso on its first layer grows.

    Inputs must be of one scale, or those that vary more stay longer: else give a ``transform`` such
    as ``StandardScaler()``; a warning says where it is missing.

    Args:
        model: a compiled model, or a function that returns one, whose optimizer takes proximal
            steps (SGD, Adam and their kin).
        x, y: as :class:`wane.Study` takes them, x being [rows, inputs].
        strengths: of the path; by default 13 from 1e-3 to 1.
        names: what the inputs are called; by default the columns of a DataFrame, or numbers.
        layer: the layer that takes the inputs in; by default the first one with a kernel.
        l2: the strength of L2 on all layers.
        resamples: how often the path is trained.
        validation: the fraction of rows that each resample leaves out.
        progress: whether to show a progress bar.
        options: what else :class:`wane.Study` takes, but not what would change the path.

    Returns:
        The inputs by importance, with the study that was run.

    Raises:
        InputError: if the layer does not take in the columns of x, or the study does not fit.

    Example:
        >>> import keras, numpy, wane
        >>> model = keras.Sequential([keras.layers.Input((2,)), keras.layers.Dense(1)])
        >>> model.compile(loss="mse")
        >>> x = numpy.random.default_rng(0).normal(size=(40, 2))
        >>> fast = {"epochs": 5, "resamples": 2, "strengths": [0.1, 1.0], "progress": False}
        >>> sorted(wane.feature_importance(model, x, 3 * x[:, 1], **fast).order)
        ['input 0', 'input 1']
    """
    require_jax()
    template = made(model)
    kernel = _first_kernel(template, layer)
    called = _names(names, x, kernel)
    given = decades(1e-3, 1.0, 4) if strengths is None else strengths
    groups = sweep(GroupLasso, given, layers=kernel.layer, on="kernel", proximal=True)
    groups = tuple(sorted(groups, key=strength_of))
    path = [(*group, L2(l2)) for group in groups]
    own = {"name": "feature importance", "learning_curve": False, **_checked(options)}
    study = Study(template, x, y, validation=validation, candidates=path, repeats=resamples, **own)
    if study.spec.transform is None:
        _warn_of_scales(called, x)
    return _evaluated(study.run(progress=progress), called, groups, kernel.index)


def _checked(options: dict[str, Any]) -> dict[str, Any]:
    for name in options:
        if name in _TAKEN:
            raise InputError(
                f"feature_importance has a path of its own, so it takes no {name!r}: "
                f"{_TAKEN[name]}."
            )
    return options


def _evaluated(
    result: Result, names: list[str], groups: Sequence[Candidate], kernel: int
) -> Importance:
    """The importance of the inputs of a kernel, by its place among the trainable weights."""
    repeats = sorted(result.runs["repeat"].unique())
    selected = np.stack(
        [
            [_selected(result, candidate, int(repeat), kernel) for repeat in repeats]
            for candidate in range(1, len(groups) + 1)
        ]
    )  # [strengths, resamples, inputs]
    losses = result.runs.groupby("candidate")["validation_data_loss"].mean()
    means = losses[list(result.spec.names[1:])].to_numpy()
    if np.isnan(means).all():
        raise InputError("Every run of the path diverged: lower the learning rate or scale x.")
    path = np.array([strength_of(group) for group in groups])
    return _ranked(names, path, selected, int(np.nanargmin(means)), result)


def _first_kernel(model: Any, layer: str | None) -> Weight:
    kernels = [weight for weight in trainable_weights(model) if weight.role == "kernel"]
    found = [weight for weight in kernels if layer in (None, weight.layer)]
    if not found:
        names = ", ".join(repr(weight.layer) for weight in kernels)
        raise InputError(
            f"The model {model.name!r} has no layer {layer!r} with a trainable kernel; it has "
            f"{names or 'none'}."
        )
    return found[0]


def _names(names: Sequence[str] | None, x: Any, kernel: Weight) -> list[str]:
    """What the inputs of the kernel are called."""
    count = int(kernel.variable.shape[0])
    if names is None:
        columns = list(x.columns) if isinstance(x, pd.DataFrame) else []
        names = columns if len(columns) == count else [f"input {i}" for i in range(count)]
    if len(kernel.variable.shape) != 2 or len(names) != count:
        raise InputError(
            f"The kernel of layer {kernel.layer!r} has the shape {tuple(kernel.variable.shape)}, "
            f"but there are {len(names)} names of inputs: feature_importance is for a Dense layer "
            f"that takes in the columns of x, with a name for each."
        )
    return [str(name) for name in names]


def _warn_of_scales(names: Sequence[str], x: Any) -> None:
    spread = pd.Series(np.std(np.asarray(x, float), axis=0), index=list(names))
    spread = spread[spread > 0]
    if spread.empty or spread.max() <= _ONE_SCALE * spread.min():
        return
    warnings.warn(
        f"The standard deviation of {spread.idxmax()!r} is {spread.max() / spread.min():.3g} times "
        f"that of {spread.idxmin()!r}, so it needs smaller weights and stays longer for that "
        f"alone: give transform=sklearn.preprocessing.StandardScaler().",
        stacklevel=3,
    )


def _selected(result: Result, candidate: int, repeat: int, kernel: int) -> np.ndarray:
    """Which inputs have weights that are not zero, [inputs]."""
    values = result._finished.journal.weights(candidate, repeat)
    assert values is not None, "a finished study has every run"
    selected: np.ndarray = np.any(values[kernel] != 0, axis=1)
    return selected


def _ranked(
    names: list[str], path: np.ndarray, selected: np.ndarray, best: int, result: Result
) -> Importance:
    """The inputs in the order of importance.

    Args:
        names: of the inputs.
        path: the strengths, rising, [strengths].
        selected: whether an input is selected, [strengths, resamples, inputs].
        best: the place of the best strength.
        result: the study.
    """
    # An input leaves for good: the strength after the last one at which it is selected.
    last = len(path) - np.argmax(selected[::-1], axis=0)
    last = np.where(selected.any(axis=0), last, 0)
    leaves = np.median(np.append(path, np.inf)[last], axis=0)  # [inputs]
    shares = selected.mean(axis=1)  # [strengths, inputs]
    worth = list(zip(leaves, shares.mean(axis=0), strict=True))
    order = np.lexsort((np.arange(len(names)), -shares.mean(axis=0), -leaves))
    ranks = [1 + sum(other > own for other in worth) for own in worth]
    columns = {"rank": ranks, "input": names, "leaves_at": leaves, "share": shares[best]}
    table = pd.DataFrame(columns)
    by_strength = pd.DataFrame(shares.T, index=names, columns=path)
    by_strength.columns.name = "strength"
    return Importance(
        table.iloc[order].reset_index(drop=True),
        by_strength.iloc[order],
        float(path[best]),
        result,
    )
