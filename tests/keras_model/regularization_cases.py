"""Models of every kind, and what regularizing them must do, on any backend of Keras.

This file is imported by the tests, which run on JAX, and run by itself on the other backends.
"""

import dataclasses
import sys
import tempfile
import warnings
from collections.abc import Callable
from pathlib import Path
from typing import Any

import keras
import numpy as np
from typer.testing import CliRunner

import wane
from wane.cli import app
from wane.keras_model.weights import every_weight

L = keras.layers
STRENGTH = 0.125


@dataclasses.dataclass(frozen=True)
class Case:
    """A model and the weights that a penalty acts on by default, as ``"layer weight"``."""

    make: Callable[[], Any]
    penalized: tuple[str, ...]
    lost: tuple[str, ...] = ()
    """Layers whose penalty no configuration can hold."""
    can_be_saved: bool = True


def stack(*layers: Any, shape: tuple[int, ...] = (6, 4)) -> Any:
    """A Sequential model of these layers."""
    return keras.Sequential([L.Input(shape), *layers], name="net")


def two_branches() -> Any:
    inputs = L.Input((3,))
    stem = L.Dense(4, name="stem")(inputs)
    left, right = L.Dense(2, name="left")(stem), L.Dense(2, name="right")(stem)
    return keras.Model(inputs, L.Add()([left, right]))


def nested() -> Any:
    inner = keras.Sequential([L.Input((4,)), L.Dense(3, name="one"), L.Dense(2)], name="inner")
    inner.layers[-1].name = "first"  # the name of a layer outside
    return stack(L.Dense(4, name="first"), inner, L.Dense(1, name="last"), shape=(3,))


def shared() -> Any:
    inputs = L.Input((3,))
    twice = L.Dense(3, name="twice")
    return keras.Model(inputs, L.Dense(1, name="last")(twice(twice(inputs))))


def attention(layer: Any) -> Any:
    inputs = L.Input((6, 4))
    outputs = L.Dense(1, name="last")(layer(inputs, inputs))
    return keras.Model(inputs, outputs, name="net")


def frozen() -> Any:
    model = stack(L.Dense(4, name="cold", kernel_regularizer="l2"), L.Dense(1, name="last"))
    model.get_layer("cold").trainable = False
    return model


def low_rank() -> Any:
    model = stack(L.Dense(4, name="adapted"), L.Dense(1, name="last"))
    model.get_layer("adapted").enable_lora(2)
    return model


def quantized() -> Any:
    model = stack(L.Dense(4, name="small"), L.Dense(1, name="last"))
    model.get_layer("small").quantize("int8")
    return model


class WithoutConfig(keras.Model):  # type: ignore[misc] # Keras has no types
    """A subclassed model that says nothing of itself."""

    def __init__(self) -> None:
        super().__init__()
        self.first = L.Dense(4, name="first")
        self.more = [L.Dense(3, name="second"), L.Dense(1, name="last")]

    def call(self, x: Any) -> Any:
        for layer in [self.first, *self.more]:
            x = layer(x)
        return x


@keras.saving.register_keras_serializable("wane_tests")
class Mixing(keras.layers.Layer):  # type: ignore[misc] # Keras has no types
    """A layer with weights of its own, whose configuration knows no regularizer."""

    def __init__(self, units: int = 3, **options: Any) -> None:
        super().__init__(**options)
        self.units = units

    def build(self, shape: Any) -> None:
        self.w = self.add_weight(shape=(shape[-1], self.units), name="w")
        self.offset = self.add_weight(shape=(self.units,), name="offset")
        self.b = self.add_weight(shape=(2, self.units), name="position_bias")
        self.table = self.add_weight(shape=(2, self.units), name="position_embedding")

    def call(self, x: Any) -> Any:
        return keras.ops.matmul(x, self.w) + self.offset + self.b[0] + self.table[0]

    def get_config(self) -> dict[str, Any]:
        return {**super().get_config(), "units": self.units}


@keras.saving.register_keras_serializable("wane_tests")
class Weighting(keras.layers.Layer):  # type: ignore[misc] # Keras has no types
    """A layer whose configuration has the regularizer of its kernel, as Keras's layers do."""

    def __init__(self, kernel_regularizer: Any = None, **options: Any) -> None:
        super().__init__(**options)
        self.kernel_regularizer = keras.regularizers.get(kernel_regularizer)

    def build(self, shape: Any) -> None:
        self.scale = self.add_weight(
            shape=(shape[-1], 2), name="scale", regularizer=self.kernel_regularizer
        )

    def call(self, x: Any) -> Any:
        return keras.ops.matmul(x, self.scale)

    def get_config(self) -> dict[str, Any]:
        regularizer = keras.regularizers.serialize(self.kernel_regularizer)
        return {**super().get_config(), "kernel_regularizer": regularizer}


def subclassed() -> Any:
    model = WithoutConfig()
    model(np.zeros((1, 3), "float32"))
    return model


def cell_names(*layers: str) -> tuple[str, ...]:
    return tuple(f"{layer} {kernel}" for layer in layers for kernel in RECURRENT)


RECURRENT = ("kernel", "recurrent_kernel")
LAST = "last kernel"
PROJECTIONS = ("query", "key", "value", "attention_output")

CASES: dict[str, Case] = {
    "sequential": Case(
        lambda: stack(L.Dense(4, name="hidden"), L.Dense(1, name="last"), shape=(3,)),
        ("hidden kernel", LAST),
    ),
    "functional": Case(two_branches, ("stem kernel", "left kernel", "right kernel")),
    "subclassed": Case(
        subclassed,
        ("first kernel", "second kernel", LAST),
        lost=("first", "second", "last"),
        can_be_saved=False,
    ),
    "nested": Case(nested, ("first kernel", "inner/one kernel", "inner/first kernel", LAST)),
    "shared": Case(shared, ("twice kernel", LAST)),
    "frozen": Case(frozen, (LAST,)),
    "low-rank": Case(low_rank, ("adapted lora_kernel_a", "adapted lora_kernel_b", LAST)),
    "spectral": Case(
        lambda: stack(
            L.SpectralNormalization(L.Dense(4, name="dense", kernel_regularizer="l1"), name="wrap"),
            L.Dense(1, name="last"),
        ),
        ("wrap/dense kernel", LAST),
    ),
    "quantized": Case(quantized, (LAST,)),
    "einsum": Case(
        lambda: stack(L.EinsumDense("abc,cd->abd", (None, 3), bias_axes="d", name="e")),
        ("e kernel",),
    ),
    "convolutions": Case(
        lambda: stack(
            L.Conv1D(3, 2, name="conv"),
            L.DepthwiseConv1D(2, name="depthwise"),
            L.SeparableConv1D(3, 2, name="separable"),
            L.Conv1DTranspose(2, 2, name="transposed"),
        ),
        (
            "conv kernel",
            "depthwise kernel",
            "separable depthwise_kernel",
            "separable pointwise_kernel",
            "transposed kernel",
        ),
    ),
    "images": Case(
        lambda: stack(
            L.Conv2D(2, 2, name="conv"),
            L.DepthwiseConv2D(2, name="depthwise"),
            L.SeparableConv2D(3, 2, name="separable"),
            shape=(5, 5, 2),
        ),
        (
            "conv kernel",
            "depthwise kernel",
            "separable depthwise_kernel",
            "separable pointwise_kernel",
        ),
    ),
    "normalizations": Case(
        lambda: stack(
            L.BatchNormalization(),
            L.LayerNormalization(),
            L.RMSNormalization(),
            L.GroupNormalization(2),
            L.PReLU(),
            L.Dense(1, name="last"),
        ),
        (LAST,),
    ),
    "lstm": Case(lambda: stack(L.LSTM(3, name="lstm")), cell_names("lstm/lstm_cell")),
    "gru": Case(lambda: stack(L.GRU(3, name="gru")), cell_names("gru/gru_cell")),
    "bidirectional": Case(
        lambda: stack(L.Bidirectional(L.SimpleRNN(2, name="rnn"), name="two")),
        cell_names("two/forward_rnn/simple_rnn_cell", "two/backward_rnn/simple_rnn_cell"),
    ),
    "time-distributed": Case(
        lambda: stack(L.TimeDistributed(L.Dense(2, name="each"), name="steps")),
        ("steps/each kernel",),
    ),
    "stacked-cells": Case(
        lambda: stack(
            L.RNN(
                L.StackedRNNCells([L.GRUCell(3, name="gru"), L.LSTMCell(2, name="lstm")], name="s"),
                name="rnn",
            )
        ),
        cell_names("rnn/s/gru", "rnn/s/lstm"),
    ),
    "convolutional-lstm": Case(
        lambda: stack(L.ConvLSTM1D(2, 2, name="lstm"), shape=(3, 5, 2)),
        cell_names("lstm/conv_lstm_cell"),
    ),
    "attention": Case(
        lambda: attention(L.MultiHeadAttention(2, 3, name="heads")),
        (*(f"heads/{name} kernel" for name in PROJECTIONS), LAST),
    ),
    "grouped-attention": Case(
        lambda: attention(L.GroupQueryAttention(3, 2, 1, name="heads")),
        (*(f"heads/{name} kernel" for name in PROJECTIONS), LAST),
    ),
    "embedding": Case(
        lambda: stack(
            L.Embedding(5, 3, name="words"),
            L.LSTM(2, name="lstm"),
            L.Dense(1, name="last"),
            shape=(4,),
        ),
        (*cell_names("lstm/lstm_cell"), LAST),
    ),
    "own-layer": Case(
        lambda: stack(Mixing(name="mix"), L.Dense(1, name="last")), ("mix w", LAST), lost=("mix",)
    ),
    "own-layer-with-regularizer": Case(lambda: stack(Weighting(name="own")), ("own scale",)),
}


def total(model: Any) -> float:
    """The sum of ``model.losses``."""
    return sum(float(keras.ops.convert_to_numpy(loss)) for loss in model.losses)


def penalized(model: Any) -> list[str]:
    """The weights on which a penalty acts, as ``"layer weight"``."""
    table = wane.inspect(model)
    acting = table[table["penalty"].notna() & table["trainable"]]
    return [f"{row.layer} {row.weight}" for row in acting.itertuples()]


def sum_of_squares(model: Any, names: tuple[str, ...]) -> float:
    """Of the named weights, by NumPy in float64."""
    arrays = {
        f"{weight.layer} {weight.variable.name}": keras.ops.convert_to_numpy(weight.variable)
        for weight in every_weight(model)
    }
    return float(sum(np.sum(np.square(arrays[name].astype("float64"))) for name in names))


def loaded_again(model: Any) -> Any:
    """The model after a file."""
    with tempfile.TemporaryDirectory() as folder:
        model.save(Path(folder) / "model.keras")
        return keras.saving.load_model(Path(folder) / "model.keras")


def check(case: Case) -> None:
    """Regularize, replace, save, clone and unregularize the model of a case."""
    model = case.make()
    before = model.get_weights()
    for _ in range(2):  # the second time replaces what the first has set
        with warnings.catch_warnings(record=True) as caught:
            warnings.simplefilter("always")
            assert wane.regularize(model, wane.L2(STRENGTH)) is model
        messages = [str(one.message) for one in caught if "wane.regularize" in str(one.message)]
        assert len(messages) == bool(case.lost)
        assert all(repr(layer) in message for layer in case.lost for message in messages)
        assert sorted(penalized(model)) == sorted(case.penalized)
        assert len(model.losses) == len(case.penalized)
        close(total(model), STRENGTH * sum_of_squares(model, case.penalized))
        close(wane.inspect(model)["penalty_value"].sum(), total(model))
    assert_same(before, model.get_weights())
    if case.can_be_saved:
        kept = tuple(name for name in case.penalized if name.split()[0] not in case.lost)
        twin = keras.models.clone_model(model)
        twin.set_weights(before)
        for copy in (twin, loaded_again(model)):
            assert sorted(penalized(copy)) == sorted(kept)
            close(total(copy), STRENGTH * sum_of_squares(copy, kept))
    assert wane.unregularize(model) is model
    assert model.losses == [] and wane.inspect(model)["penalty"].isna().all()
    assert_same(before, model.get_weights())
    if case.can_be_saved:
        assert keras.models.clone_model(model).losses == []


def assert_same(one: list[np.ndarray], other: list[np.ndarray]) -> None:
    for a, b in zip(one, other, strict=True):
        np.testing.assert_array_equal(a, b)


def close(value: float, expected: float) -> None:
    np.testing.assert_allclose(value, expected, rtol=2e-6, atol=1e-9)


def check_fit() -> None:
    """One step of SGD moves penalized weights by the penalty's gradient, and only these."""
    rate, rows = 0.1, np.random.default_rng(0).normal(size=(8, 6, 4)).astype("float32")
    target = rows[:, 0, :1]
    make = CASES["stacked-cells"].make
    plain = keras.Sequential([L.Input((6, 4)), make().layers[0], L.Dense(1, name="last")])
    plain.compile(keras.optimizers.SGD(rate), "mse")
    start = plain.get_weights()
    plain.fit(rows, target, batch_size=8, epochs=1, verbose=0)  # compiles the step
    without = plain.get_weights()
    data_loss = plain.evaluate(rows, target, verbose=0)
    wane.regularize(plain, wane.L2(STRENGTH))
    with_penalty = plain.evaluate(rows, target, verbose=0)
    np.testing.assert_allclose(with_penalty - data_loss, total(plain), rtol=1e-4)
    plain.set_weights(start)
    plain.fit(rows, target, batch_size=8, epochs=1, verbose=0)
    acting = penalized(plain)
    assert len(acting) == 5
    for i, weight in enumerate(every_weight(plain)):
        name = f"{weight.layer} {weight.variable.name}"
        moved = -rate * 2 * STRENGTH * start[i] if name in acting else 0 * start[i]
        np.testing.assert_allclose(plain.get_weights()[i] - without[i], moved, atol=1e-6)
    wane.unregularize(plain)
    plain.set_weights(start)
    plain.fit(rows, target, batch_size=8, epochs=1, verbose=0)
    for one, other in zip(plain.get_weights(), without, strict=True):
        np.testing.assert_allclose(one, other, atol=1e-6)


def check_decay() -> None:
    """One step of Adam takes rate · decay · w off kernels, and nothing more off other weights."""
    rate, decay = 0.01, 0.5
    rows = np.random.default_rng(0).normal(size=(8, 3)).astype("float32")
    model = stack(L.Dense(4, name="hidden"), L.Dense(1, name="last"), shape=(3,))
    model.compile(keras.optimizers.Adam(rate), "mse")
    start = model.get_weights()
    model.fit(rows, rows[:, :1], batch_size=8, epochs=1, verbose=0)  # compiles the step
    without = model.get_weights()
    state = [np.asarray(keras.ops.convert_to_numpy(v)) * 0 for v in model.optimizer.variables]
    rate_at = [v.path.endswith("learning_rate") for v in model.optimizer.variables]
    wane.regularize(model, wane.WeightDecay(decay))
    for taken_off in (decay, 0.0):
        model.set_weights(start)
        for variable, zero, is_rate in zip(model.optimizer.variables, state, rate_at, strict=True):
            variable.assign(rate + zero if is_rate else zero)
        model.fit(rows, rows[:, :1], batch_size=8, epochs=1, verbose=0)
        for weight, found, before, plain in zip(
            every_weight(model), model.get_weights(), start, without, strict=True
        ):
            moved = -rate * taken_off * before if weight.role == "kernel" else 0 * before
            np.testing.assert_allclose(found - plain, moved, atol=1e-6)
        wane.unregularize(model)


def check_decay_of_several() -> None:
    """Optimizers of which one has to spare all that it trains, or that are made for a variable."""
    rows = np.random.default_rng(0).normal(size=(8, 3)).astype("float32")
    for mapped in (True, False):
        kernels, biases = keras.optimizers.SGD(0.1), keras.optimizers.Adam(0.1)

        def chosen(variable: Any, own: Any = (kernels, biases)) -> Any:
            return own["bias" in variable.path]

        by_name = keras.optimizers.OptimizerMap(kernels, {".*bias": biases})
        model = stack(L.Dense(4, name="hidden"), L.Dense(1, name="last"), shape=(3,))
        model.compile(keras.optimizers.MultiOptimizer(by_name if mapped else chosen), "mse")
        wane.unregularize(model)
        for strength, decays in ((0.5, [0.5, 0.0, 0.5, 0.0]), (0.0, [0.0] * 4)):
            wane.regularize(model, wane.WeightDecay(strength))
            assert wane.inspect(model)["weight_decay"].tolist() == decays
            assert np.isfinite(model.fit(rows, rows[:, :1], verbose=0).history["loss"][0])
        kernels.weight_decay = 0.25
        assert wane.inspect(model)["weight_decay"].tolist() == [0.25, 0.0, 0.25, 0.0]
        assert "weight_decay=0.25 of the optimizer" not in "".join(wane.inspect(model).warnings)


APPLICATIONS: dict[str, tuple[int, int]] = {
    # Name: rows and columns of the smallest image, kernels.
    "ConvNeXtTiny": (32, 59),
    "DenseNet121": (32, 121),
    "EfficientNetB0": (32, 82),
    "EfficientNetV2B0": (32, 92),
    "InceptionV3": (75, 95),
    "MobileNet": (32, 28),
    "MobileNetV2": (32, 53),
    "MobileNetV3Small": (32, 54),
    "ResNet50": (32, 54),
    "ResNet50V2": (32, 54),
    "VGG16": (32, 16),
    "Xception": (71, 75),
}


def check_application(name: str) -> None:
    """Regularize and unregularize one of ``keras.applications``, without its trained weights."""
    size, kernels = APPLICATIONS[name]
    make = getattr(keras.applications, name)
    model = make(weights=None, input_shape=(size, size, 3), classes=2)
    wane.regularize(model, wane.L2(1e-4))
    names = penalized(model)
    assert len(names) == len(set(names)) == len(model.losses) == kernels
    roles = {w.variable.name for w in every_weight(model) if w.variable.regularizer is not None}
    assert roles <= {"kernel", "depthwise_kernel", "pointwise_kernel"}
    close(total(model), wane.inspect(model)["penalty_value"].sum())
    close(total(model), 1e-4 * sum_of_squares(model, tuple(names)))
    twin = keras.models.clone_model(model)
    assert len(twin.losses) == kernels
    wane.unregularize(model)
    assert model.losses == []


def check_command_line() -> None:
    """``wane regularize`` and ``wane inspect`` on a saved model."""
    with tempfile.TemporaryDirectory() as folder:
        source, out = (str(Path(folder) / name) for name in ("net.keras", "out.keras"))
        CASES["sequential"].make().save(source)
        for arguments in (["regularize", source, "--l2", "0.125", "-o", out], ["inspect", out]):
            done = CliRunner().invoke(app, arguments)
            assert done.exit_code == 0, done.output
            assert "16 penalized" in done.stdout
        assert len(keras.saving.load_model(out).losses) == 2


if __name__ == "__main__":
    for every in CASES.values():
        check(every)
    check_fit()
    check_decay()
    check_decay_of_several()
    check_command_line()
    for application in sys.argv[1:]:
        check_application(application)
    print(keras.config.backend(), len(CASES), "cases")
