"""Which weights a penalty acts on, by layers and roles, in models of every shape."""

from collections.abc import Callable
from typing import Any

import keras
import pytest

import wane
from model_cases import nested, output_in_the_middle, recurrent, sequential, two_branches
from wane.keras_model.weights import targeted, trainable_weights

CASES: list[tuple[Callable[[], Any], str, tuple[str, ...], set[str]]] = [
    (sequential, "hidden", ("kernel",), {"hidden kernel"}),
    (sequential, "output", ("kernel",), {"out kernel"}),
    (sequential, "all", ("kernel",), {"hidden kernel", "out kernel"}),
    (sequential, "all", ("bias",), {"hidden bias", "out bias"}),
    (sequential, "hidden", ("kernel", "bias"), {"hidden kernel", "hidden bias"}),
    (sequential, "h*", ("kernel",), {"hidden kernel"}),
    (sequential, "*d*", ("kernel", "recurrent"), {"hidden kernel"}),
    (two_branches, "output", ("kernel",), {"left kernel", "right kernel"}),
    (two_branches, "hidden", ("kernel",), {"stem kernel"}),
    (two_branches, "[lr]*", ("bias",), {"left bias", "right bias"}),
    (nested, "output", ("kernel",), {"inner/two kernel"}),
    (nested, "hidden", ("kernel",), {"first kernel", "inner/one kernel"}),
    (nested, "inner/*", ("bias",), {"inner/one bias", "inner/two bias"}),
    (nested, "one", ("kernel",), {"inner/one kernel"}),
    (output_in_the_middle, "output", ("kernel",), {"hidden kernel"}),
    (output_in_the_middle, "hidden", ("kernel",), {"output kernel"}),
    (output_in_the_middle, "outpu?", ("kernel",), {"output kernel"}),
    (recurrent, "hidden", ("kernel",), {"lstm/lstm_cell kernel"}),
    (recurrent, "hidden", ("recurrent",), {"lstm/lstm_cell recurrent"}),
    (
        recurrent,
        "all",
        ("kernel", "recurrent"),
        {"lstm/lstm_cell kernel", "lstm/lstm_cell recurrent", "dense kernel"},
    ),
    (recurrent, "all", ("bias",), {"lstm/lstm_cell bias", "dense bias"}),
    (recurrent, "output", ("kernel", "recurrent", "bias"), {"dense kernel", "dense bias"}),
]


def named(model: Any, layers: str, on: tuple[str, ...]) -> list[str]:
    """The layer and role of each targeted weight."""
    found = targeted(model, wane.L2(1.0, layers=layers, on=on))
    assert all(model.trainable_variables[w.index] is w.variable for w in found)
    return [f"{weight.layer} {weight.role}" for weight in found]


@pytest.mark.parametrize(("make", "layers", "on", "expected"), CASES)
def test_targets(
    make: Callable[[], Any], layers: str, on: tuple[str, ...], expected: set[str]
) -> None:
    found = named(make(), layers, on)
    assert len(found) == len(expected)
    assert set(found) == expected


def test_every_weight_is_hidden_or_output_and_not_both() -> None:
    for make in (sequential, two_branches, nested, output_in_the_middle, recurrent):
        model = make()
        roles = ("kernel", "recurrent", "bias")
        hidden, output, everything = (named(model, w, roles) for w in ("hidden", "output", "all"))
        assert sorted([*hidden, *output]) == sorted(everything)


def test_a_shared_layer_is_there_once() -> None:
    inputs = keras.layers.Input((3,))
    shared = keras.layers.Dense(3, name="shared")
    model = keras.Model(inputs, keras.layers.Dense(1, name="last")(shared(shared(inputs))))
    assert named(model, "all", ("kernel",)) == ["shared kernel", "last kernel"]


def test_frozen_layers_are_no_target() -> None:
    model = sequential()
    model.get_layer("hidden").trainable = False
    assert named(model, "all", ("kernel",)) == ["out kernel"]


def test_normalization_parameters_have_no_role() -> None:
    weights = trainable_weights(recurrent())
    assert [w.role for w in weights if w.layer == "norm"] == [None, None]


@pytest.mark.parametrize(
    ("make", "penalty", "text"),
    [
        (
            sequential,
            wane.L2(0.1, layers="conv*"),
            "No trainable weight matches layers='conv*' and on='kernel+recurrent' of L2(0.1); the "
            "model has the layers 'hidden', 'out', and layers takes 'all', 'hidden', 'output' or "
            "a glob on those names.",
        ),
        (
            nested,
            wane.L1(0.1, layers="Inner*", on=("bias",)),
            "No trainable weight matches layers='Inner*' and on='bias' of L1(0.1); the model has "
            "the layers 'first', 'inner/one', 'inner/two', and layers takes 'all', 'hidden', "
            "'output' or a glob on those names.",
        ),
        (
            sequential,
            wane.L2(0.1, on=("recurrent",)),
            "No trainable weight matches layers='all' and on='recurrent' of L2(0.1); the model "
            "has the layers 'hidden', 'out', and layers takes 'all', 'hidden', 'output' or a glob "
            "on those names.",
        ),
    ],
)
def test_a_penalty_on_nothing_names_the_layers(
    make: Callable[[], Any], penalty: wane.Penalty, text: str
) -> None:
    with pytest.raises(wane.InputError) as caught:
        targeted(make(), penalty)
    assert str(caught.value) == text
