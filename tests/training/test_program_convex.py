"""Where training is a convex problem, a study ends where scikit-learn's own solvers end.

Each path of strengths is one study. The conventions differ: Keras's mean squared error is over rows
and outputs and without ½, and its penalties are without ½.
"""

from collections.abc import Callable, Sequence
from typing import Any

import keras
import numpy as np
import pytest
import sklearn.linear_model as sk

import wane
from thorough_cases import thorough_but

ROWS, INPUTS = 40, 6
COEFFICIENTS = np.array([1.0, -2.0, 0.0, 0.0, 0.3, 0.0])
PATH = np.geomspace(1.5, 0.005, 8)
random = np.random.default_rng(0)
X = (random.normal(size=(ROWS, INPUTS)) * [1, 0.5, 2, 1, 1, 0.7]).astype("float32")
NOISE = random.normal(scale=0.3, size=(ROWS, 3))
Y = (X @ COEFFICIENTS + NOISE[:, 0]).astype("float32")
LABELS = (X @ COEFFICIENTS + 4 * NOISE[:, 0] > 0.2).astype("float32")
SEVERAL = (X @ np.stack([COEFFICIENTS, 0.5 * COEFFICIENTS[::-1], COEFFICIENTS], 1) + NOISE).astype(
    "float32"
)


def kernels(
    candidates: Sequence[Any],
    *,
    y: Any = Y,
    loss: str = "mean_squared_error",
    optimizer: Any = None,
    epochs: int = 3000,
) -> list[np.ndarray]:
    """The kernels [inputs, outputs] of one Dense layer, trained with each candidate."""
    outputs = 1 if y.ndim == 1 else y.shape[1]
    activation = "sigmoid" if loss == "binary_crossentropy" else None
    model = keras.Sequential(
        [keras.layers.Input((INPUTS,)), keras.layers.Dense(outputs, activation=activation)]
    )
    model.compile(optimizer or keras.optimizers.SGD(0.1), loss)
    study = wane.Study(
        model, X, y, candidates=candidates, validation=(X, y), repeats=1, epochs=epochs,
        batch_size=ROWS,
    )  # fmt: skip
    result = study.run(progress=False)
    assert result._traces == 1
    return [np.asarray(result.model(name).layers[0].kernel) for name in study.spec.names[1:]]


def assert_alike(mine: Sequence[np.ndarray], theirs: Sequence[np.ndarray]) -> None:
    """Coefficients [inputs, outputs] agree to 1e-3, and zeros are zeros."""
    for one, other in zip(mine, theirs, strict=True):
        np.testing.assert_allclose(one, other, atol=1e-3)
        np.testing.assert_array_equal(one == 0, other == 0)


def column(estimator: Any, y: Any = Y) -> np.ndarray:
    """The coefficients of a fitted estimator, [inputs, outputs]."""
    return np.reshape(estimator.fit(X.astype("float64"), y).coef_, (-1, INPUTS)).T


def test_ridge() -> None:
    """``|y - Xw|² + alpha · Σw²`` is n times ``mean + alpha/n · Σw²``."""
    mine = kernels([wane.L2(s) for s in PATH])
    assert_alike(mine, [column(sk.Ridge(alpha=s * ROWS)) for s in PATH])


def test_lasso() -> None:
    """``|y - Xw|² / 2n + alpha · Σ|w|`` is half of ``mean + 2 · alpha · Σ|w|``."""
    mine = kernels([wane.L1(2 * s, proximal=True) for s in PATH])
    theirs = [column(sk.Lasso(alpha=s, tol=1e-8)) for s in PATH]
    assert_alike(mine, theirs)
    zeros = [int(np.sum(one == 0)) for one in theirs]
    assert zeros[0] > zeros[-1]
    assert len(set(zeros)) > 2


@pytest.mark.thorough
def test_elastic_net() -> None:
    """``alpha · (r · Σ|w| + (1 - r)/2 · Σw²)`` beside half a mean."""
    mine = kernels([wane.L1L2(s, s / 2, proximal=True) for s in PATH])
    theirs = [column(sk.ElasticNet(alpha=s, l1_ratio=0.5, tol=1e-8)) for s in PATH]
    assert_alike(mine, theirs)


@pytest.mark.parametrize("power", thorough_but([2], [1, 2]))
def test_logistic_regression(power: int) -> None:
    """``C · Σ loss + Σ|w|``, or ``+ Σw²/2``, is n·C times the mean and a penalty."""
    path = PATH / 10
    if power == 1:
        candidates: list[Any] = [wane.L1(s, proximal=True) for s in path]
        solvers = [
            sk.LogisticRegression(
                C=1 / (ROWS * s), l1_ratio=1, solver="saga", tol=1e-8, max_iter=100000
            )
            for s in path
        ]
    else:
        candidates = [wane.L2(s) for s in path]
        solvers = [sk.LogisticRegression(C=1 / (2 * ROWS * s), tol=1e-8) for s in path]
    optimizer = keras.optimizers.SGD(0.3, momentum=0.8)
    mine = kernels(candidates, y=LABELS, loss="binary_crossentropy", optimizer=optimizer)
    assert_alike(mine, [column(solver, LABELS) for solver in solvers])


@pytest.mark.thorough
def test_group_lasso_over_inputs() -> None:
    """``|Y - XW|² / 2n + alpha · Σ|row|``: the mean is over n rows and k outputs."""
    outputs = SEVERAL.shape[1]
    strengths = [2 * s / (outputs * np.sqrt(outputs)) for s in PATH]
    mine = kernels(
        [wane.GroupLasso(s, proximal=True) for s in strengths],
        y=SEVERAL,
        optimizer=keras.optimizers.SGD(0.2),
    )
    theirs = [column(sk.MultiTaskLasso(alpha=s, tol=1e-8), SEVERAL) for s in PATH]
    assert_alike(mine, theirs)
    assert len({int(np.sum(np.all(one == 0, axis=1))) for one in theirs}) > 2


@pytest.mark.thorough
def test_group_lasso_over_channels() -> None:
    """A convolution as wide as its input is Dense(1), with a group for each channel.

    skglm's ``|y - Xw|² / 2n + alpha · Σ|group|`` is half of ``mean + 2 · alpha · Σ|group|``.
    """
    import skglm

    width, channels = 3, INPUTS
    true = np.array([0.5, -0.3, 0.4])[:, None] * COEFFICIENTS
    x = np.random.default_rng(1).normal(size=(2 * ROWS, width, channels)).astype("float32")
    y = (np.sum(x * true, axis=(1, 2)) + 0.3 * np.resize(NOISE, 2 * ROWS)).astype("float32")
    model = keras.Sequential(
        [
            keras.layers.Input((width, channels)),
            keras.layers.Conv1D(1, width),
            keras.layers.Flatten(),
        ]
    )
    model.compile(keras.optimizers.SGD(0.1), "mean_squared_error")
    strengths = np.geomspace(0.9, 0.01, 8)
    candidates = [wane.GroupLasso(2 * s / np.sqrt(width), proximal=True) for s in strengths]
    study = wane.Study(
        model, x, y, candidates=candidates,
        validation=(x, y), repeats=1, epochs=2000, batch_size=len(x),
    )  # fmt: skip
    result = study.run(progress=False)
    # Channel by channel, as its groups are.
    columns = np.swapaxes(x, 1, 2).reshape(len(x), -1).astype("float64")
    gone = []
    for name, alpha in zip(study.spec.names[1:], strengths, strict=True):
        solver = skglm.GroupLasso(groups=width, alpha=alpha, fit_intercept=True, tol=1e-9)
        theirs = solver.fit(columns, y.astype("float64")).coef_.reshape(channels, width)
        mine = np.asarray(result.model(name).layers[0].kernel)[:, :, 0].T
        np.testing.assert_allclose(mine, theirs, atol=1e-3)
        np.testing.assert_array_equal(mine == 0, theirs == 0)
        gone.append(int(np.sum(np.all(theirs == 0, axis=1))))
    assert gone[0] == channels - 1 and gone[-1] == 0 and len(set(gone)) > 2


@pytest.mark.thorough
def test_group_lasso_over_units_meets_the_conditions_of_a_minimum() -> None:
    """For a group that is not zero ``gradient + t · w/|w| = 0``; for one that is, ``<= t``."""
    penalties = [
        wane.GroupLasso(s, groups="units", proximal=True) for s in np.geomspace(0.6, 0.02, 8)
    ]
    centred, targets = X - X.mean(0), SEVERAL - SEVERAL.mean(0)
    zeros = set()
    for penalty, kernel in zip(
        penalties,
        kernels(penalties, y=SEVERAL, optimizer=keras.optimizers.SGD(0.2)),
        strict=True,
    ):
        gradient = 2 * centred.T @ (centred @ kernel - targets) / targets.size
        length = np.linalg.norm(kernel, axis=0)
        threshold = penalty.strength * np.sqrt(INPUTS)
        gone = length == 0
        zeros.add(int(gone.sum()))
        assert np.all(np.linalg.norm(gradient[:, gone], axis=0) <= threshold * (1 + 1e-4))
        rest = gradient[:, ~gone] + threshold * kernel[:, ~gone] / length[~gone]
        np.testing.assert_allclose(rest, 0, atol=1e-4)
    assert len(zeros) > 1


ADAPTIVE: dict[str, Callable[[Any], Any]] = {
    "momentum": lambda rate: keras.optimizers.SGD(rate, momentum=0.8),
    "nesterov": lambda _: keras.optimizers.SGD(0.02, momentum=0.8, nesterov=True),
    "adam": keras.optimizers.Adam,
    "amsgrad": lambda rate: keras.optimizers.Adam(rate, amsgrad=True),
    "rmsprop": keras.optimizers.RMSprop,
    "adagrad": lambda _: keras.optimizers.Adagrad(0.3),
    "adamax": keras.optimizers.Adamax,
    "nadam": keras.optimizers.Nadam,
}


@pytest.mark.parametrize("name", thorough_but(["adam"], ADAPTIVE))
def test_the_scaling_of_each_optimizer_leads_to_the_same_lasso(name: str) -> None:
    """With a step of another size, training rests elsewhere or goes back and forth."""
    rate = keras.optimizers.schedules.CosineDecay(0.05, 3000)
    strengths = PATH[1::2]
    mine = kernels(
        [wane.L1(2 * s, proximal=True) for s in strengths], optimizer=ADAPTIVE[name](rate)
    )
    assert_alike(mine, [column(sk.Lasso(alpha=s, tol=1e-8)) for s in strengths])
