"""Models that cannot be copied or made, each refused in a sentence; and names of the user's own."""

import functools
from collections.abc import Callable
from typing import Any

import keras
import numpy as np
import pytest

import wane
from model_cases import rows

L = keras.layers


def compiled(*middle: Any, optimizer: Any = "sgd", **options: Any) -> Any:
    model = keras.Sequential([L.Input((3,)), *middle, L.Dense(1)], name="net")
    model.compile(optimizer, **{"loss": "mse", **options})
    return model


def run(model: Any, **options: Any) -> wane.Result:
    x, y = rows()
    defaults: dict[str, Any] = {"candidates": [], "repeats": 1, "epochs": 1}
    defaults["learning_curve"] = False
    return wane.Study(model, x, y, **{**defaults, **options}).run(progress=False)


def doubled(x: Any) -> Any:
    return 2 * x


class Offset(keras.initializers.Initializer):  # type: ignore[misc] # Keras has no types
    def __call__(self, shape: Any, dtype: Any = None) -> Any:
        return keras.ops.ones(shape, dtype)

    def get_config(self) -> dict[str, Any]:
        return {}


@pytest.mark.thorough
def test_functions_and_classes_of_layers_need_no_registration() -> None:
    """Regression: a function of a Lambda layer, or an activation, kept the model from a copy."""
    model = compiled(
        L.Lambda(doubled), L.Dense(2, activation=doubled, bias_initializer=Offset(), name="own")
    )
    x = rows()[0]
    result = run(model, initial_weights="model")
    found = result.model("baseline")
    for variable, value in zip(found.weights, model.weights, strict=True):
        variable.assign(np.asarray(value))
    np.testing.assert_array_equal(found.predict(x, verbose=0), model.predict(x, verbose=0))
    small = wane.shrink(model).model
    np.testing.assert_allclose(small.predict(x, verbose=0), model.predict(x, verbose=0), rtol=1e-6)


class Wanting(keras.Model):  # type: ignore[misc] # Keras has no types
    """A model that wants an argument, with a training step of its own."""

    def __init__(self, function: Any) -> None:
        super().__init__(name="wanting")
        self.dense, self.function = L.Dense(1), function

    def call(self, x: Any) -> Any:
        return self.dense(x)

    def train_step(self, *_: Any) -> Any:
        raise NotImplementedError


def wanting() -> Any:
    model = Wanting(doubled)
    model.compile("sgd", "mse")
    return model


def made_of(units: int, *, name: str) -> Any:
    return compiled(L.Dense(units), name=name)


def needs(name: str, arguments: str) -> str:
    return (
        f"The model function {name} is called without arguments, but it needs {arguments}: give "
        f"lambda: {name}(...) with their values."
    )


LAMBDA = "is a Python lambda, which no configuration holds; give"
COPY = "The model 'net' cannot be copied, so pass a function that returns a new compiled model in"
CASES: dict[str, tuple[Callable[[], Any], str]] = {
    "a lambda layer": (
        lambda: compiled(L.Lambda(lambda x: 2 * x, name="twice")),
        f"{COPY} its place: the function of 'twice' {LAMBDA} Lambda layers a function that has a "
        f"name (def).",
    ),
    "a loss that is a lambda": (
        lambda: compiled(loss=lambda y, p: keras.ops.mean((y - p) ** 2, axis=-1)),
        f"{COPY} its place: a loss or metric that it is compiled with {LAMBDA} it a function that "
        f"has a name (def).",
    ),
    # Of several causes the one that the user can do something about comes first.
    "its own training step, and no configuration": (
        wanting,
        "The model 'wanting' has a train_step() of its own, which wane does not train; it trains "
        "models that leave train_step() as in keras.Model.",
    ),
    "a metric that Keras does not know": (
        lambda: compiled(metrics=["acuracy"]),
        "The model 'net' was compiled with the metric 'acuracy', which Keras does not know: did "
        "you mean 'accuracy'?",
    ),
    "a weighted metric that Keras does not know": (
        lambda: compiled(weighted_metrics=[["mean_absolute_eror"]]),
        "The model 'net' was compiled with the metric 'mean_absolute_eror', which Keras does not "
        "know: did you mean 'mean_absolute_error'?",
    ),
    "a loss that Keras does not know": (
        lambda: compiled(loss="mean_squared_eror"),
        "The model 'net' was compiled with the loss 'mean_squared_eror', which Keras does not "
        "know: did you mean 'mean_squared_error'?",
    ),
    "a function that wants arguments": (
        lambda: made_of,
        needs("made_of", "'units', 'name'"),
    ),
    "a function that wants one more": (
        lambda: functools.partial(made_of, 2),
        needs("made_of", "'name'"),
    ),
    "a class that wants arguments": (
        lambda: Wanting,
        needs("Wanting", "'function'"),
    ),
}


@pytest.mark.parametrize("name", CASES)
def test_each_has_its_sentence(name: str) -> None:
    make, text = CASES[name]
    with pytest.raises(wane.InputError) as caught:
        run(make())
    assert str(caught.value) == text


def test_names_that_keras_knows_are_let_pass() -> None:
    metrics = ["Acc", "mae", "MeanSquaredError", keras.metrics.MeanAbsoluteError()]
    run(compiled(metrics=metrics, loss="MSE"))


def test_shrink_refuses_what_it_cannot_make_anew() -> None:
    """Regression: it ended in Keras's own error."""
    with pytest.raises(wane.InputError) as caught:
        wane.shrink(compiled(L.Dense(2), L.Lambda(lambda x: 2 * x, name="twice")))
    assert str(caught.value) == (
        "The model 'net' cannot be made anew, which shrink has to do: the function of 'twice' is a "
        "Python lambda, which no configuration holds; give Lambda layers a function that has a "
        "name (def)."
    )


@pytest.mark.parametrize(
    ("decays", "has", "remedy"),
    [
        ({}, "weight_decay=0.004 and adam_weight_decay=0.004",
         "weight_decay=0.0 and adam_weight_decay=0.0"),
        ({"weight_decay": 0.0}, "adam_weight_decay=0.004", "adam_weight_decay=0.0"),
        ({"adam_weight_decay": 0.0}, "weight_decay=0.004", "weight_decay=0.0"),
    ],
)  # fmt: skip
def test_the_weight_decay_that_is_in_the_way_is_named(
    decays: dict[str, float], has: str, remedy: str
) -> None:
    """Regression: of Muon's two, the refusal asked for the other one."""
    model = compiled(optimizer=keras.optimizers.Muon(0.01, **decays))
    with pytest.raises(wane.InputError) as caught:
        run(model, candidates=[wane.WeightDecay(0.1)])
    assert str(caught.value) == (
        f"The optimizer of the model 'net' has {has} already, to which WeightDecay(0.1) would add: "
        f"compile it with {remedy}."
    )
