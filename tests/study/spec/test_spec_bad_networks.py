"""Networks that cannot be compiled or begin as NaN: one sentence that names the part, no training.

Beside them stand networks that look alike and are not refused.
"""

import random
from collections.abc import Callable
from typing import Any

import jax.numpy as jnp
import keras
import numpy as np
import pytest
from keras import layers, ops
from sklearn.metrics import log_loss, roc_auc_score

import wane
from study_cases import INPUTS, study
from wane.study.running.session import Session


class Own(layers.Layer):  # type: ignore[misc] # Keras has no types
    """A layer whose call is a function of itself and x."""

    def __init__(self, function: Callable[[Any, Any], Any], **options: Any) -> None:
        super().__init__(name="own", **options)
        self.function = function
        self.count = 0
        self.seen: list[str] = []
        self.table = {"calls": 0}
        self.total: Any = 0.0
        self.generator = np.random.default_rng(0)
        self.noise = keras.random.SeedGenerator(0)
        self.steps = self.add_weight(name="steps", initializer="zeros", trainable=False)

    def compute_output_shape(self, shape: Any) -> Any:
        return shape

    def call(self, x: Any) -> Any:
        return self.function(self, x)


class Plain(keras.Model):  # type: ignore[misc] # Keras has no types
    """A subclassed model of some layers in a row."""

    def __init__(self, parts: list[Any]) -> None:
        super().__init__(name="net")
        self.parts = parts

    def call(self, x: Any) -> Any:
        for part in self.parts:
            x = part(x)
        return x


class OfItself(Plain):
    """A model that decides by a tensor in its own call."""

    def call(self, x: Any) -> Any:
        x = super().call(x)
        return x if ops.mean(x) > 0 else -x


def compiled(model: Any, **options: Any) -> Any:
    """The model, compiled."""
    model.compile(**{"optimizer": "sgd", "loss": "binary_crossentropy", **options})
    return model


def row(*middle: Any) -> list[Any]:
    """The layers of a small network with some more in the middle."""
    output = layers.Dense(1, activation="sigmoid", name="output")
    return [layers.Dense(4, activation="tanh", name="hidden"), *middle, output]


def network(*middle: Any, **options: Any) -> Any:
    """A compiled Sequential network."""
    return compiled(
        keras.Sequential([layers.Input((INPUTS,)), *row(*middle)], name="net"), **options
    )


def of(function: Callable[[Any, Any], Any]) -> Callable[[], Any]:
    """A function that makes a network with such a layer in it."""
    return lambda: network(Own(function))


def built(model: Any) -> Any:
    """A subclassed model with weights, compiled."""
    model(np.zeros((1, INPUTS), np.float32))
    return compiled(model)


def counting(layer: Any, x: Any) -> Any:
    layer.count += 1
    return x


def listing(layer: Any, x: Any) -> Any:
    layer.seen.append("a call")
    return x


def tabling(layer: Any, x: Any) -> Any:
    layer.table["calls"] += 1
    return x


def summing(layer: Any, x: Any) -> Any:
    layer.total = layer.total + ops.mean(x)
    return x * layer.total


def branch(y: Any, predicted: Any) -> Any:
    """A loss or metric that cannot be traced."""
    return ops.mean(predicted) if ops.mean(predicted) > 0 else ops.mean(y)


def by_numpy(y: Any, predicted: Any) -> Any:
    """A loss that asks for NumPy's array as other backends give it."""
    return ops.mean(predicted - y) * predicted.numpy().mean()


def below_zero(y: Any, predicted: Any) -> Any:
    """A loss that is NaN from the first."""
    return ops.mean(ops.log(predicted - 2) - y)


class Mean(keras.metrics.Metric):  # type: ignore[misc] # Keras has no types
    """A metric that cannot be traced."""

    def __init__(self) -> None:
        super().__init__(name="own_mean")
        self.sum = self.add_weight(name="sum", initializer="zeros")

    def update_state(self, y: Any, predicted: Any, sample_weight: Any = None) -> None:
        del y, sample_weight
        self.sum.assign_add(float(ops.mean(predicted)))

    def result(self) -> Any:
        return self.sum


class OutsidePenalty(keras.regularizers.Regularizer):  # type: ignore[misc] # Keras has no types
    """A regularizer that cannot be traced."""

    def __call__(self, weight: Any) -> Any:
        return float(ops.sum(weight))


class NaNPenalty(OutsidePenalty):
    """A regularizer that is NaN from the first."""

    def __call__(self, weight: Any) -> Any:
        return ops.log(-1 - ops.sum(ops.square(weight)))


class Step(keras.optimizers.schedules.LearningRateSchedule):  # type: ignore[misc] # no types
    """A schedule that cannot be traced."""

    def __call__(self, step: Any) -> Any:
        return 0.1 if step < 5 else 0.01

    def get_config(self) -> dict[str, Any]:
        return {}


class Outside(keras.optimizers.SGD):  # type: ignore[misc] # Keras has no types
    """An optimizer that cannot be traced."""

    def update_step(self, gradient: Any, variable: Any, learning_rate: Any) -> None:
        self.assign_sub(variable, gradient * float(learning_rate))


def regularized(regularizer: Any) -> Any:
    """A network with a regularizer of its own."""
    return network(layers.Dense(2, kernel_regularizer=regularizer, name="middle"))


def graph() -> Any:
    """A graph of layers with an operation between them that gives NaN."""
    x = layers.Input((INPUTS,))
    inner = keras.Sequential([layers.Input((INPUTS,)), layers.Dense(4), Own(lambda _, x: x)])
    model = keras.Model(x, layers.Dense(1, activation="sigmoid")(ops.log(inner(x))), name="net")
    return compiled(model)


def broken_weights() -> Any:
    """A network whose first kernel holds NaN."""
    model = network()
    model.layers[0].kernel.assign(np.full((INPUTS, 4), np.nan))
    return model


OUTSIDE = (
    "The {} takes the values of a tensor into Python (by float, int, numpy, NumPy or "
    "scikit-learn), which a compiled program cannot do: write it with keras.ops."
)
BRANCH = (
    "The {} decides by the value of a tensor (if, while, and, or), which a compiled program cannot "
    "do: choose with keras.ops.where or keras.ops.cond."
)
SHAPE = (
    "The {} makes a tensor whose shape depends on values (by a boolean mask, nonzero, unique or "
    "the like), which a compiled program cannot do: keep the shape fixed, as "
    "keras.ops.where(condition, x, 0) does."
)
STATE = (
    "The layer 'own' changes its attribute {!r} in every call, which a compiled program does only "
    "once: keep what changes in a variable made by add_weight(trainable=False), or leave it out."
)
DRAWN = (
    "The layer 'own' draws from {}, which a compiled program does only once: draw by keras.random "
    "with a keras.random.SeedGenerator made in the layer."
)
NAN = (
    "The {} gives NaN or infinite values for finite inputs before any training: look in it for a "
    "logarithm, root, exponential or quotient that its inputs do not allow, or scale x."
)
OWN = "layer 'own'"
REFUSED: dict[str, tuple[Callable[[], Any], str]] = {
    "float": (of(lambda _, x: x * float(ops.mean(x))), OUTSIDE.format(OWN)),
    "item": (of(lambda _, x: x * ops.mean(x).item()), OUTSIDE.format(OWN)),
    "NumPy": (of(lambda _, x: x * np.asarray(x).mean()), OUTSIDE.format(OWN)),
    "numpy()": (of(lambda _, x: x * x.numpy()), OUTSIDE.format(OWN)),
    "if": (of(lambda _, x: x if ops.mean(x) > 0 else -x), BRANCH.format(OWN)),
    "nonzero": (of(lambda _, x: x * jnp.nonzero(x)[0].shape[0]), SHAPE.format(OWN)),
    "mask": (of(lambda _, x: x * ops.sum(x[x > 0])), SHAPE.format(OWN)),
    "unique": (of(lambda _, x: x * jnp.unique(x).shape[0]), SHAPE.format(OWN)),
    "size by a value": (
        of(lambda _, x: x * ops.sum(jnp.zeros(ops.sum(x).astype(int)))),
        SHAPE.format(OWN),
    ),
    "a counter": (of(counting), STATE.format("count")),
    "a list": (of(listing), STATE.format("seen")),
    "a table": (of(tabling), STATE.format("table")),
    "a tensor kept": (
        of(summing),
        "The layer 'own' keeps a tensor in Python from one call to the next, which a compiled "
        "program cannot do: keep it in a variable made by add_weight(trainable=False).",
    ),
    "NumPy's noise": (
        of(lambda _, x: x * np.random.rand()), DRAWN.format("NumPy's random numbers")
    ),
    "Python's noise": (
        of(lambda _, x: x * random.random()), DRAWN.format("Python's random numbers")
    ),
    "noise of a generator": (
        of(lambda own, x: x * own.generator.random()), DRAWN.format("its attribute 'generator'")
    ),
    "noise without a seed": (
        of(lambda _, x: x + keras.random.normal(ops.shape(x))),
        "The layer 'own' draws random numbers without a seed of its own, which a compiled program "
        "would do only once: give keras.random a keras.random.SeedGenerator made in it.",
    ),
    "an error in call": (
        of(lambda own, x: x + vars(own)["absent"]),
        "The model 'net' cannot be called on rows of shape (3,): the layer 'own' fails: 'absent'",
    ),
    "a layer of a subclassed model": (
        lambda: built(Plain(row(Own(lambda _, x: x if ops.mean(x) > 0 else -x)))),
        BRANCH.format(OWN),
    ),
    "a subclassed model": (lambda: built(OfItself(row())), BRANCH.format("model 'net'")),
    "a layer in a layer": (
        lambda: network(
            layers.Reshape((2, 2)),
            layers.TimeDistributed(Own(lambda _, x: x * float(ops.mean(x)))),
            layers.Flatten(),
        ),
        OUTSIDE.format(OWN),
    ),
    "a loss that decides": (lambda: network(loss=branch), BRANCH.format("loss branch")),
    "a loss by numpy()": (lambda: network(loss=by_numpy), OUTSIDE.format("loss by_numpy")),
    "a loss of scikit-learn": (lambda: network(loss=log_loss), OUTSIDE.format("loss log_loss")),
    "a metric function": (
        lambda: network(metrics=["accuracy", branch]), BRANCH.format("metric 'branch'")
    ),
    "a metric of scikit-learn": (
        lambda: network(metrics=[roc_auc_score]), OUTSIDE.format("metric 'roc_auc_score'")
    ),
    "a metric class": (lambda: network(metrics=[Mean()]), OUTSIDE.format("metric 'own_mean'")),
    "a regularizer": (
        lambda: regularized(OutsidePenalty()), OUTSIDE.format("regularizer of layer 'middle'")
    ),
    "a schedule": (
        lambda: network(optimizer=keras.optimizers.SGD(Step())),
        BRANCH.format("learning-rate schedule 'Step'"),
    ),
    "an optimizer": (
        lambda: network(optimizer=Outside(0.1)), OUTSIDE.format("optimizer 'outside'")
    ),
    "NaN from a layer": (of(lambda _, x: ops.sqrt(x - 2)), NAN.format(OWN)),
    "NaN from an operation": (graph, NAN.format("operation 'log'")),
    "NaN from a loss": (
        lambda: network(loss=below_zero),
        "The loss below_zero is nan before any training, though the model's outputs are finite: "
        "give targets and a last activation that this loss allows.",
    ),
    "NaN from a regularizer": (
        lambda: regularized(NaNPenalty()),
        "The regularizer of layer 'middle' gives NaN or infinite values before any training: "
        "change it or the initial weights.",
    ),
    "NaN from add_loss": (
        of(lambda own, x: own.add_loss(ops.log(-1 - ops.sum(ops.square(x)))) or x),
        "The activity regularizers and add_loss of the model 'net' sum up to NaN or an infinite "
        "value before any training: change them or scale x.",
    ),
    "NaN in the weights": (
        broken_weights,
        "The layer 'hidden' begins with NaN or infinite numbers in its kernel: give the model "
        "finite weights, or pass initial_weights='fresh'.",
    ),
}  # fmt: skip


@pytest.mark.parametrize("case", REFUSED)
def test_networks_that_are_refused(case: str, tmp_path: Any) -> None:
    make, text = REFUSED[case]
    before = str(np.random.get_state()), random.getstate()  # it must be kept
    with pytest.raises(wane.InputError) as caught:
        study(model=make).run(tmp_path / "study", progress=False)
    assert str(caught.value) == text
    assert not (tmp_path / "study").exists()
    after = str(np.random.get_state()), random.getstate()  # as above
    assert repr(before) == repr(after)


def test_the_model_has_its_own_methods_again() -> None:
    model = network(Own(lambda _, x: ops.log(x)))
    with pytest.raises(wane.InputError):
        study(model=lambda: model).run(progress=False)
    assert not any("call" in vars(layer) for layer in model._flatten_layers())


def remembering(layer: Any, x: Any) -> Any:
    """What only a first call sets, and a tensor that is written but never read."""
    layer.table.setdefault("width", x.shape[-1])
    layer.total = ops.mean(x)
    layer.add_loss(1e-3 * ops.sum(ops.square(x)))
    layer.steps.assign_add(1)
    return x + 1e-3 * keras.random.normal(ops.shape(x), seed=layer.noise)


class Drawn(layers.Dropout):  # type: ignore[misc] # Keras has no types
    """A user's layer that is Keras's own but for its class."""


ACCEPTED: dict[str, Callable[[], Any]] = {
    "a layer with variables, seeds and losses": of(remembering),
    "a subclassed model": lambda: built(Plain(row(Drawn(0.5), Own(remembering)))),
    "what is infinite in between": of(lambda _, x: x + ops.exp(ops.log(ops.abs(x * 0)))),
    "mean metrics": lambda: network(
        layers.BatchNormalization(), metrics=["accuracy", keras.metrics.AUC(name="auc")]
    ),
    "broken weights that are drawn anew": broken_weights,
}


@pytest.mark.thorough
@pytest.mark.parametrize("case", ACCEPTED)
def test_networks_that_are_not_refused(case: str) -> None:
    """The study is made ready, which includes every check."""
    model = ACCEPTED[case]()
    source = model if case.startswith("broken") else lambda: model
    session = Session(study(model=source).spec)
    assert session.program.curve_names[0] == "train_data_loss"


@pytest.mark.thorough
def test_no_layer_of_keras_is_refused_though_a_user_s_class_inherits_from_it() -> None:
    """A class of the user's is looked at for what it keeps in Python; Keras's own code is not."""
    kinds = (
        layers.Dense, layers.Conv1D, layers.SeparableConv1D, layers.LSTM, layers.GRU,
        layers.BatchNormalization, layers.LayerNormalization, layers.SpectralNormalization,
        layers.Bidirectional, layers.MultiHeadAttention, layers.GaussianNoise, layers.Dropout,
        layers.EinsumDense, layers.Embedding,
    )  # fmt: skip
    mine: dict[Any, Any] = {
        kind: type(f"My{kind.__name__}", (kind,), {"__module__": "mine"}) for kind in kinds
    }
    with keras.saving.custom_object_scope({kind.__name__: kind for kind in mine.values()}):
        x = layers.Input((INPUTS,))
        y = layers.Reshape((INPUTS, 1))(mine[layers.EinsumDense]("ab,bc->ac", 3)(x))
        y = mine[layers.Conv1D](4, 2, padding="same")(y)
        y = mine[layers.SeparableConv1D](4, 2, padding="same")(y)
        y = mine[layers.BatchNormalization]()(mine[layers.GaussianNoise](0.1)(y))
        y = mine[layers.Bidirectional](mine[layers.LSTM](2, return_sequences=True))(y)
        y = mine[layers.MultiHeadAttention](2, 2, dropout=0.1)(y, y)
        y = mine[layers.GRU](3)(mine[layers.LayerNormalization]()(y))
        codes = mine[layers.Embedding](5, 2)(ops.cast(ops.clip(x, 0, 4), "int32"))
        y = layers.Concatenate()([mine[layers.Dropout](0.2)(y), layers.Flatten()(codes)])
        y = mine[layers.SpectralNormalization](mine[layers.Dense](3))(y)
        model = compiled(keras.Model(x, layers.Dense(1, activation="sigmoid")(y)))
        session = Session(study(model=lambda: model).spec)
    assert session.program.traces == 0
