"""Conversion of strengths: formulas against fits and steps of the libraries that they speak of."""

import copy
import functools
import itertools
import math
import pickle
import re
from collections.abc import Callable
from typing import Any

import numpy as np
import pytest
from hypothesis import given, settings
from hypothesis import strategies as st
from scipy.optimize import minimize
from sklearn.linear_model import LogisticRegression, Ridge
from sklearn.neural_network import MLPClassifier, MLPRegressor

import wane
from wane._errors import InputError
from wane.literature import CONVENTIONS, convert

LAW = settings(max_examples=50, deadline=None)
STRENGTH = st.floats(-9, 3).map(lambda exponent: 10.0**exponent) | st.just(0.0)
COUNT = st.integers(1, 10**7)
OPTIONS = st.fixed_dictionaries(
    {
        "rows": COUNT,
        "batch_size": COUNT,
        "mean_squared_error": st.booleans(),
        "target_sd": st.floats(1e-3, 1e3),
        "plain_sgd": st.just(True),
    }
)
every_pair = pytest.mark.parametrize(
    ("source", "target"), list(itertools.product(CONVENTIONS, CONVENTIONS))
)
ROWS, COLUMNS = 40, 3


def close(found: Any, expected: Any) -> None:
    np.testing.assert_allclose(found, expected, rtol=1e-9)


def regression_rows() -> tuple[Any, Any]:
    generator = np.random.default_rng(0)
    x = generator.normal(size=(ROWS, COLUMNS))
    return x, x @ [1.0, -2.0, 0.5] + generator.normal(size=ROWS)


@every_pair
@LAW
@given(value=STRENGTH, options=OPTIONS)
def test_there_and_back_is_the_same(
    source: str, target: str, value: float, options: dict[str, Any]
) -> None:
    there = convert(value, source, target, **options)
    assert convert(there, target, source, **options) == pytest.approx(value, rel=1e-14)


@LAW
@given(STRENGTH, OPTIONS, *[st.sampled_from(sorted(CONVENTIONS))] * 3)
def test_a_stop_on_the_way_changes_nothing(
    value: float, options: dict[str, Any], source: str, stop: str, target: str
) -> None:
    by_way = convert(convert(value, source, stop, **options), stop, target, **options)
    assert by_way == pytest.approx(convert(value, source, target, **options), rel=1e-14)


def test_the_published_equivalences() -> None:
    """As the documentation of each library gives them, in Keras's L2."""
    assert convert(5e-4, "pytorch-sgd") == 2.5e-4
    assert convert(0.3, "glmnet") == 0.15
    assert convert(1e-4, "sklearn-mlp", batch_size=200) == 1e-4 / 400
    assert convert(2.0, "gaussian-prior", rows=50) == 0.02
    assert convert(0.01, "keras-weight-decay", plain_sgd=True) == 0.005


@pytest.mark.parametrize("momentum", [0.0, 0.9])
def test_pytorchs_step_is_that_of_keras_with_the_l2(momentum: float) -> None:
    """``torch.optim.SGD``: g ← ∇ + wd·w, v ← μ·v + g, w ← w − η·v."""
    rate, decay = 0.1, 0.3
    gradients = np.random.default_rng(0).normal(size=(6, COLUMNS))
    torch_like, velocity = np.ones(COLUMNS), np.zeros(COLUMNS)
    for gradient in gradients:
        velocity = momentum * velocity + gradient + decay * torch_like
        torch_like = torch_like - rate * velocity
    found = keras_steps(gradients, rate, momentum, l2=convert(decay, "pytorch-sgd"))
    np.testing.assert_allclose(found, torch_like, rtol=1e-5)


def test_keras_decay_is_a_penalty_for_sgd_without_momentum_only() -> None:
    rate, decay = 0.1, 0.3
    gradients = np.random.default_rng(0).normal(size=(6, COLUMNS))
    l2 = convert(decay, "keras-weight-decay", plain_sgd=True)
    difference = {}
    for momentum in (0.0, 0.9):
        decoupled = keras_steps(gradients, rate, momentum, decay=decay)
        penalized = keras_steps(gradients, rate, momentum, l2=l2)
        difference[momentum] = np.max(np.abs(decoupled - penalized))
    assert difference[0.0] < 1e-6 < 0.05 < difference[0.9]


def keras_steps(
    gradients: Any, rate: float, momentum: float, *, l2: float = 0.0, decay: float | None = None
) -> Any:
    """Where Keras's SGD takes the weights (1, 1, 1) under these gradients of the data loss."""
    import jax
    import keras

    weights = keras.Variable(np.ones(COLUMNS))
    optimizer = keras.optimizers.SGD(rate, momentum=momentum, weight_decay=decay)
    penalty = jax.grad(keras.regularizers.L2(l2))
    for gradient in gradients:
        optimizer.apply([gradient.astype(np.float32) + penalty(weights.value)], [weights])
    return np.asarray(weights)


def sklearn_gradient(network: Any, x: Any, y: Any, rate: float) -> tuple[Any, Any, Any]:
    """The weights and bias before a step on one batch, and the gradient in the weights."""
    network.partial_fit(x, y, **({"classes": [0, 1]} if isinstance(network, MLPClassifier) else {}))
    weights, bias = network.coefs_[0].copy(), network.intercepts_[0].copy()
    network.partial_fit(x, y)
    return weights, bias, (weights - network.coefs_[0]) / rate


SGD: dict[str, Any] = {
    "hidden_layer_sizes": (),
    "solver": "sgd",
    "momentum": 0.0,
    "batch_size": ROWS,
    "learning_rate_init": 0.1,
    "alpha": 3.0,
    "random_state": 0,
}


def test_scikit_learns_classifier_has_the_gradient_of_the_l2() -> None:
    x, target = regression_rows()
    y = (target > 0).astype(int)
    weights, bias, gradient = sklearn_gradient(MLPClassifier(**SGD), x, y, rate=0.1)
    l2 = convert(SGD["alpha"], "sklearn-mlp", batch_size=ROWS)
    error = 1 / (1 + np.exp(-(x @ weights + bias))) - y[:, None]
    close(gradient, x.T @ error / ROWS + 2 * l2 * weights)


def test_scikit_learns_regressor_has_half_the_gradient_of_the_mean_squared_error() -> None:
    x, y = regression_rows()
    weights, bias, gradient = sklearn_gradient(MLPRegressor(**SGD), x, y, rate=0.1)
    l2 = convert(SGD["alpha"], "sklearn-mlp", batch_size=ROWS, mean_squared_error=True)
    error = x @ weights + bias - y[:, None]
    close(2 * gradient, 2 * x.T @ error / ROWS + 2 * l2 * weights)


def least_squares(l2: float) -> Any:
    """The weights that minimize ``mean (x·w − y)² + l2 · Σw²``."""
    x, y = regression_rows()
    return np.linalg.solve(x.T @ x / ROWS + l2 * np.eye(COLUMNS), x.T @ y / ROWS)


@pytest.mark.parametrize("precision", [0.1, 3.0, 50.0])
def test_the_gaussian_prior_is_scikit_learns_ridge(precision: float) -> None:
    x, y = regression_rows()
    ridge = Ridge(alpha=precision, fit_intercept=False).fit(x, y)
    l2 = convert(precision, "gaussian-prior", rows=ROWS, mean_squared_error=True)
    close(least_squares(l2), ridge.coef_)


@pytest.mark.parametrize("strength", [0.01, 0.3, 2.0])
def test_glmnets_ridge_minimizes_half_the_mean_squared_error_and_half_the_penalty(
    strength: float,
) -> None:
    """``RSS/(2N) + λ/2 · Σw²``: Friedman, Hastie & Tibshirani, J. Stat. Software 33 (2010)."""
    x, y = regression_rows()

    def objective(weights: Any) -> Any:
        return np.sum((x @ weights - y) ** 2) / (2 * ROWS) + strength / 2 * np.sum(weights**2)

    glmnet = minimize(objective, np.zeros(COLUMNS), tol=1e-8).x
    # On a target of another spread glmnet takes strength · sd(y) for the stated objective.
    spread = float(np.std(y))
    scaled: dict[str, Any] = {"target_sd": spread, "mean_squared_error": True}
    l2 = convert(strength * spread, "glmnet", **scaled)
    np.testing.assert_allclose(least_squares(l2), glmnet, rtol=1e-4)
    precision = convert(strength * spread, "glmnet", "gaussian-prior", rows=ROWS, target_sd=spread)
    close(Ridge(alpha=precision, fit_intercept=False).fit(x, y).coef_, least_squares(l2))


def test_glmnet_divides_the_ridge_strength_of_a_number_by_its_spread() -> None:
    """Where python-glmnet is there: with it 0.5 was a ridge of 0.05 for a spread of 10."""
    glmnet = pytest.importorskip("glmnet")
    x, y = regression_rows()
    x, y = x - x.mean(axis=0), 10 * (y - y.mean()) / np.std(y)
    options = {"standardize": False, "fit_intercept": False, "n_splits": 0, "tol": 1e-12}
    path = {"lambda_path": [5.0, 0.5], **options}
    ridge = glmnet.ElasticNet(alpha=0, **path).fit(x, y).coef_path_[:, -1]
    l2 = convert(0.5, "glmnet", mean_squared_error=True, target_sd=float(np.std(y)))
    np.testing.assert_allclose(l2, 0.05)
    np.testing.assert_allclose(x.T @ (y - x @ ridge) / ROWS, l2 * ridge, rtol=1e-5)
    classes = glmnet.LogitNet(alpha=0, **path).fit(x, (y > 0).astype(int))
    weights = classes.coef_path_.reshape(COLUMNS, -1)[:, -1]
    error = 1 / (1 + np.exp(-x @ weights)) - (y > 0)
    np.testing.assert_allclose(-x.T @ error / ROWS, 2 * convert(0.5, "glmnet") * weights, rtol=1e-5)


def test_the_gaussian_prior_is_one_over_c_of_logistic_regression() -> None:
    x, target = regression_rows()
    y = (target > 0).astype(int)
    fitted = LogisticRegression(C=0.2, tol=1e-10, max_iter=1000).fit(x, y)
    l2 = convert(1 / 0.2, "gaussian-prior", rows=ROWS)
    error = fitted.predict_proba(x)[:, 1] - y
    gradient = x.T @ error / ROWS + 2 * l2 * fitted.coef_[0]
    np.testing.assert_allclose(gradient, 0, atol=1e-6)


FORMULAS: list[tuple[tuple[Any, ...], dict[str, Any], str]] = [
    ((5e-4, "pytorch-sgd"), {}, "l2 = weight_decay / 2 = 0.0005 / 2 = 0.00025"),
    ((2.5e-4, "keras-l2", "pytorch-sgd"), {}, "weight_decay = 2 · l2 = 2 · 0.00025 = 0.0005"),
    (
        (1e-4, "sklearn-mlp"),
        {"batch_size": 200},
        "l2 = alpha / (2 · batch_size) = 0.0001 / (2 · 200) = 2.5e-07",
    ),
    (
        (3, "gaussian-prior", "sklearn-mlp"),
        {"rows": 100, "batch_size": 20},
        "alpha = precision · batch_size / rows = 3 · 20 / 100 = 0.6",
    ),
    (
        (0.1, "gaussian-prior"),
        {"rows": 50, "mean_squared_error": True},
        "l2 = precision / rows = 0.1 / 50 = 0.002",
    ),
    ((0.25, "glmnet", "pytorch-sgd"), {}, "weight_decay = lambda = 0.25"),
    (
        (0.5, "glmnet"),
        {"target_sd": 10, "mean_squared_error": True},
        "l2 = lambda / target_sd = 0.5 / 10 = 0.05",
    ),
    (
        (0.05, "keras-l2", "glmnet"),
        {"target_sd": 2.5, "mean_squared_error": True},
        "lambda = l2 · target_sd = 0.05 · 2.5 = 0.125",
    ),
    (
        (0.5, "glmnet", "gaussian-prior"),
        {"target_sd": 10, "rows": 40},
        "precision = lambda · rows / target_sd = 0.5 · 40 / 10 = 2",
    ),
    ((0.25, "glmnet", "glmnet"), {}, "lambda = lambda = 0.25"),
]


@pytest.mark.parametrize(("arguments", "options", "formula"), FORMULAS)
def test_a_converted_strength_shows_its_formula(
    arguments: tuple[Any, ...], options: dict[str, Any], formula: str
) -> None:
    assert convert(*arguments, **options).formula == formula


def test_a_converted_strength_is_a_float() -> None:
    found = wane.convert(5e-4, "pytorch-sgd")
    assert wane.L2(found) == wane.L2(2.5e-4)
    assert type(wane.L2(found).l2) is float
    assert repr(found) == "0.00025"
    for same in (copy.deepcopy(found), pickle.loads(pickle.dumps(found))):
        assert (same, same.formula) == (found, found.formula)


def test_what_the_conversion_does_not_depend_on_is_not_asked_for() -> None:
    assert convert(1.0, "gaussian-prior", "gaussian-prior") == 1.0
    assert convert(1.0, "keras-weight-decay", "keras-weight-decay") == 1.0
    assert convert(1.0, "pytorch-sgd", "glmnet", rows=7, batch_size=7, plain_sgd=True) == 1.0


def test_the_document_says_when_the_half_of_a_squared_error_matters() -> None:
    asked = "add --mean-squared-error."
    assert convert(1.0, "glmnet").document()["note"].endswith(asked)
    number = convert(1.0, "glmnet", mean_squared_error=True, target_sd=2.0)
    assert asked not in number.document()["note"]
    assert convert(1.0, "pytorch-sgd").document()["note"] == ""
    assert convert(1.0, "glmnet", "sklearn-mlp", batch_size=1, target_sd=1).document()["note"] == ""


NAMES = (
    "'keras-l2' (Keras's and wane's L2), 'pytorch-sgd' (torch.optim.SGD and most papers), 'glmnet' "
    "(glmnet's lambda), 'sklearn-mlp' (alpha of scikit-learn's MLPClassifier and MLPRegressor), "
    "'gaussian-prior' (1/variance of a prior, alpha of Ridge, 1/C of LogisticRegression), "
    "'keras-weight-decay' (weight_decay of Keras's optimizers and of torch.optim.AdamW)."
)
DECOUPLED = (
    "'keras-weight-decay' is decoupled from the gradient and equals a penalty only for SGD without "
    "momentum: if that is your optimizer, give plain_sgd=True (--plain-sgd)."
)
SPREAD = (
    "'glmnet' scales a target that is a number to unit spread first, which divides its ridge "
    "strength by sd(y), too: give target_sd (--target-sd), which is numpy.std(y) of the training "
    "rows, or 1 for classes."
)
any_convert: Any = convert  # what a user may type
REFUSALS: dict[str, tuple[Callable[[], object], str]] = {
    "source unknown": (
        lambda: convert(1, "torch"),
        f"There is no convention 'torch'; available: {NAMES}",
    ),
    "target unknown": (
        lambda: convert(1, "keras-l2", "l2"),
        f"There is no convention 'l2'; available: {NAMES}",
    ),
    "batch unknown": (
        lambda: convert(1, "sklearn-mlp", rows=5),
        "'sklearn-mlp' depends on the rows of a batch: give batch_size (--batch-size).",
    ),
    "rows unknown": (
        lambda: convert(1, "keras-l2", "gaussian-prior", batch_size=5),
        "'gaussian-prior' depends on the number of training rows: give rows (--rows).",
    ),
    "decoupled source": (lambda: convert(1, "keras-weight-decay"), DECOUPLED),
    "decoupled target": (lambda: convert(1, "keras-l2", "keras-weight-decay"), DECOUPLED),
    "spread of a number unknown": (lambda: convert(1, "glmnet", mean_squared_error=True), SPREAD),
    "number or class unknown": (lambda: convert(1, "glmnet", "gaussian-prior", rows=5), SPREAD),
    **{
        f"spread {bad!r}": (
            functools.partial(any_convert, 1, "glmnet", target_sd=bad),
            f"target_sd must be a finite number above 0, got {bad!r}.",
        )
        for bad in (0.0, -2.0, math.nan, math.inf, "10")
    },
    "too large": (
        lambda: convert(1e308, "keras-l2", "gaussian-prior", rows=10),
        "The value 1e+308 of 'keras-l2' is too large to be written as 'gaussian-prior'.",
    ),
    **{
        f"value {bad!r}": (
            functools.partial(any_convert, bad, "pytorch-sgd"),
            f"value must be a finite number of at least 0, got {bad!r}: 0 is no penalty.",
        )
        for bad in (-1e-4, math.nan, math.inf, "1e-4", None, True)
    },
    **{
        f"rows {bad!r}": (
            functools.partial(any_convert, 1, "gaussian-prior", rows=bad),
            f"rows must be a whole number of at least 1, got {bad!r}.",
        )
        for bad in (0, -3, 2.5, math.nan, "30", True)
    },
}


@pytest.mark.parametrize("case", REFUSALS)
def test_what_cannot_be_converted_is_refused_in_a_sentence(case: str) -> None:
    call, text = REFUSALS[case]
    with pytest.raises(InputError, match=f"^{re.escape(text)}$"):
        call()
