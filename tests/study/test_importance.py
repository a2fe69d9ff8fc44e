"""The order in which inputs leave is that of their worth, and unstable ones are told."""

from typing import Any

import keras
import numpy as np
import pandas as pd
import pytest
from sklearn.preprocessing import StandardScaler

import wane
from study_cases import network
from wane.study.importance import _ranked

ROWS, INPUTS = 120, 5


def data() -> tuple[np.ndarray, np.ndarray]:
    """Input 3 counts most, by its size, then input 1; the others count for nothing."""
    random = np.random.default_rng(0)
    x = random.normal(size=(ROWS, INPUTS)).astype("float32")
    y = 2 * np.abs(x[:, 3]) + 0.7 * x[:, 1] + 0.3 * random.normal(size=ROWS)
    return x, y.astype("float32")


def importance(model: Any = None, x: Any = None, **options: Any) -> wane.Importance:
    """The importance of the inputs of a small network, with few resamples."""
    rows, y = data()
    if model is None:
        model = network("regression", keras.optimizers.Adam(0.02), INPUTS)
    defaults: dict[str, Any] = {
        "epochs": 150, "resamples": 6, "batch_size": 60, "standardize_target": True,
        "strengths": wane.decades(1e-2, 1.0, 3), "progress": False,
    }  # fmt: skip
    return wane.feature_importance(model, rows if x is None else x, y, **{**defaults, **options})


@pytest.mark.thorough
def test_inputs_leave_in_the_order_of_their_worth() -> None:
    model = network("regression", keras.optimizers.Adam(0.02), INPUTS)
    names = ["a", "b", "c", "d", "e"]
    found = importance(model, pd.DataFrame(data()[0], columns=names))
    assert set(found.order[:2]) == {"b", "d"}
    assert sorted(found.order) == names
    assert list(found.table.columns) == ["rank", "input", "leaves_at", "share"]
    assert found.table["leaves_at"].is_monotonic_decreasing
    worth = found.table.set_index("input")
    assert (worth.loc[["b", "d"], "share"] == 1).all()
    assert worth.loc[["a", "c", "e"], "leaves_at"].max() < worth.loc[["b", "d"], "leaves_at"].min()
    # The shares by strength agree with the trained networks themselves.
    column = found.shares[found.strength]
    name = f"GroupLasso({found.strength:g}, proximal=True) + L2(0.001)"
    kernels = [
        np.asarray(found.result.model(name, repeat=repeat).get_layer("hidden").kernel)
        for repeat in range(6)
    ]
    shares = np.mean([np.any(kernel != 0, axis=1) for kernel in kernels], axis=0)
    np.testing.assert_array_equal(column[names].to_numpy(), shares)
    np.testing.assert_array_equal(worth.loc[names, "share"].to_numpy(), shares)
    assert found.result._traces == 1
    assert str(found).splitlines()[0].split() == ["rank", "input", "leaves_at", "share"]


def test_an_input_leaves_for_good() -> None:
    """Three inputs, four strengths, three resamples; coming back counts as having stayed."""
    selected = np.zeros((4, 3, 3), bool)
    selected[:, :, 0] = True  # never leaves
    selected[0, :, 1] = True  # leaves at the second strength, in one resample at the fourth
    selected[2, 0, 1] = True
    selected[:2, 0, 2] = True  # leaves at the third in one resample and at the first in two
    unused: Any = None
    found = _ranked(["a", "b", "c"], np.array([0.1, 0.2, 0.4, 0.8]), selected, 0, unused)
    assert found.order == ("a", "b", "c")
    assert found.table["leaves_at"].tolist() == [np.inf, 0.2, 0.1]
    assert found.table["share"].tolist() == [1, 1, pytest.approx(1 / 3)]
    assert found.table["rank"].tolist() == [1, 2, 3]
    assert list(found.shares.loc["b"]) == pytest.approx([1, 0, 1 / 3, 0])
    assert found.strength == 0.1


def test_inputs_that_are_not_told_apart_have_one_rank() -> None:
    selected = np.zeros((2, 1, 4), bool)
    selected[0, 0, 1:3] = True
    unused: Any = None
    found = _ranked(["a", "b", "c", "d"], np.array([0.1, 0.2]), selected, 0, unused)
    assert found.table[["rank", "input"]].values.tolist() == [
        [1, "b"],
        [1, "c"],
        [3, "a"],
        [3, "d"],
    ]


@pytest.mark.thorough
def test_inputs_of_different_scales_are_warned_of() -> None:
    scaled = data()[0] * np.array([1, 1, 1, 1, 100], "float32")
    said = (
        r"^The standard deviation of 'input 4' is 1\d\d times that of 'input \d', so it needs "
        r"smaller weights and stays longer for that alone: give "
        r"transform=sklearn\.preprocessing\.StandardScaler\(\)\.$"
    )
    with pytest.warns(UserWarning, match=said):  # Keras may warn of its own, too
        importance(x=scaled, epochs=2, resamples=2)
    importance(x=scaled, epochs=2, resamples=2, transform=StandardScaler())


@pytest.mark.thorough
def test_the_layer_can_be_named_and_a_function_makes_the_model() -> None:
    def make() -> Any:
        model = keras.Sequential(
            [
                keras.layers.Input((INPUTS,)),
                keras.layers.BatchNormalization(),
                keras.layers.Dense(4, activation="relu"),
                keras.layers.Dense(1),
            ]
        )
        model.compile("sgd", "mean_squared_error")
        return model

    found = importance(make, epochs=1, resamples=2, strengths=[0.1], names=list("vwxyz"))
    assert sorted(found.order) == list("vwxyz")
    with pytest.raises(wane.InputError) as told:
        importance(layer="first")
    assert str(told.value) == (
        "The model 'net' has no layer 'first' with a trainable kernel; it has 'hidden', 'output'."
    )
    with pytest.raises(wane.InputError) as told:
        importance(names=["a", "b"])
    assert str(told.value) == (
        "The kernel of layer 'hidden' has the shape (5, 4), but there are 2 names of inputs: "
        "feature_importance is for a Dense layer that takes in the columns of x, with a name for "
        "each."
    )


@pytest.mark.parametrize(
    ("name", "instead"),
    [
        ("candidates", "give strengths"),
        ("repeats", "give resamples"),
        ("refine", "give more strengths"),
        ("halving", "every strength has all resamples"),
    ],
)
def test_options_that_would_change_the_path_are_refused(name: str, instead: str) -> None:
    """Regression: they ended in a TypeError or an AssertionError."""
    with pytest.raises(wane.InputError) as told:
        importance(**{name: 2})
    assert str(told.value) == (
        f"feature_importance has a path of its own, so it takes no {name!r}: {instead}."
    )
