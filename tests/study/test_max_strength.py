"""Upper ends: the closed form of the lasso, and zeros at and not below them."""

from typing import Any

import keras
import numpy as np
import pytest

import wane
from study_cases import data, network, study

X, Y = data("regression", rows=40)
CENTRED = (Y - Y.mean()).astype("float32")


def linear(outputs: int = 1) -> Any:
    model = keras.Sequential([keras.Input((3,)), keras.layers.Dense(outputs, name="only")])
    model.compile(keras.optimizers.SGD(0.2), loss="mean_squared_error")
    return model


def made(**options: Any) -> wane.Study:
    usual: dict[str, Any] = {
        "model": linear(), "x": X, "y": CENTRED, "validation": (X, CENTRED), "repeats": 2,
        "epochs": 300, "batch_size": 1000,
    }  # fmt: skip
    return study("regression", **{**usual, **options})


def test_it_is_the_largest_correlation_for_one_linear_layer() -> None:
    expected = np.abs(2 * X.T @ CENTRED / len(CENTRED)).max()
    assert wane.max_strength(made(), wane.L1) == pytest.approx(expected, rel=1e-5)
    # Half of the strength of L1L2 is L1's.
    assert wane.max_strength(made(), wane.L1L2) == pytest.approx(2 * expected, rel=1e-5)


def test_weights_are_zero_there_and_not_below() -> None:
    end = wane.max_strength(made(), wane.L1)
    strengths = (0.9 * end, 1.01 * end)
    candidates = wane.sweep(wane.L1, strengths, proximal=True)
    result = made(candidates=candidates).run(progress=False)
    below, above = (np.asarray(result.model(c).get_weights()[0]) for c in candidates)
    assert np.count_nonzero(above) == 0 < np.count_nonzero(below)


def test_a_group_lasso_has_one_too() -> None:
    model = linear()
    expected = np.abs(2 * X.T @ CENTRED / len(CENTRED)).max()
    found = wane.max_strength(made(model=model), wane.GroupLasso, options={"groups": "inputs"})
    assert found == pytest.approx(expected, rel=1e-5)


def test_rectified_hidden_layers_have_none() -> None:
    model = keras.Sequential(
        [keras.Input((3,)), keras.layers.Dense(4, activation="relu"), keras.layers.Dense(1)]
    )
    model.compile(loss="mean_squared_error")
    with pytest.raises(wane.InputError) as caught:
        wane.max_strength(made(model=model), wane.L1, layers="hidden")
    assert str(caught.value) == (
        "L1 on layers='hidden' has no upper end: where these weights are zero the data loss does "
        "not change with them (as in a hidden layer of rectified units), so that they stay zero at "
        "any strength; give the strengths."
    )


def test_a_penalty_that_makes_no_zeros_has_none() -> None:
    with pytest.raises(wane.InputError) as caught:
        wane.max_strength(made(model=network("regression")), wane.L2)  # type: ignore[arg-type] # the test is about it
    assert str(caught.value) == (
        "Only a penalty that makes weights zero has an upper end, which L1, L1L2 and GroupLasso "
        "do, got <class 'wane.penalties.elementwise.L2'>."
    )
