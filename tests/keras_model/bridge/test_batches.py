"""Which losses, metrics and networks depend on the batches that rows come in."""

import dataclasses
from typing import Any

import jax
import jax.numpy as jnp
import keras
import numpy as np
import pytest
from keras import layers, ops

import wane
from wane.keras_model.bridge import batches
from wane.keras_model.bridge.batches import depends_on_batches
from wane.keras_model.bridge.bridge import bridge
from wane.keras_model.initial.initial_weights import own_weights
from wane.resampling.rows import Rows
from wane.study.running.session import Session

TRAIN, ROWS, BATCH, EPOCHS = 22, 40, 8, 2


def ratio_of_sums(y: Any, predictions: Any) -> Any:
    return 1 - ops.sum(y * predictions) / (ops.sum(y + predictions) + 1e-6)


def share_of_yes(_: Any, predictions: Any) -> Any:
    """0 for a network whose outputs all lie on one side before any training."""
    return ops.mean(ops.cast(predictions > 0.5, "float32"))


def weighed_by_the_largest(y: Any, predictions: Any) -> Any:
    errors = ops.abs(y - predictions)
    return ops.mean(errors, -1) / ops.max(errors)


class Largest(keras.metrics.Metric):  # type: ignore[misc] # Keras has no types
    """A maximum, which is the same in all batches."""

    def __init__(self, name: str = "largest", **kwargs: Any) -> None:
        super().__init__(name=name, **kwargs)
        self.value = self.add_variable((), "zeros", name="value")

    def update_state(self, y: Any, predictions: Any, sample_weight: Any = None) -> None:
        del y, sample_weight
        self.value.assign(ops.maximum(self.value, ops.max(predictions)))

    def result(self) -> Any:
        return self.value + 0.0


class Extremes(Largest):
    """A metric whose result is a dictionary."""

    def result(self) -> Any:
        return {"top": self.value + 0.0, "twice": self.value * 2}


class Centred(layers.Layer):  # type: ignore[misc] # Keras has no types
    """Takes the mean of a batch away."""

    def call(self, x: Any) -> Any:
        return x - ops.mean(x, axis=0, keepdims=True)


def squared(y: Any, predictions: Any) -> Any:
    return ops.mean(ops.square(y - predictions), -1)


def centred(x: Any) -> Any:
    return x - ops.mean(x, axis=0, keepdims=True)


@dataclasses.dataclass
class Scaled:
    """A loss with equality, and so without a hash."""

    factor: float

    def __call__(self, y: Any, predictions: Any) -> Any:
        return self.factor * ops.mean(ops.square(y - predictions), axis=-1)


def network(loss: Any = "binary_crossentropy", metrics: Any = (), middle: Any = ()) -> Any:
    keras.utils.set_random_seed(3)
    model = keras.Sequential(
        [
            layers.Input((3,)),
            *middle,
            layers.Dense(1, activation="sigmoid", bias_initializer="ones"),
        ]
    )
    model.compile(keras.optimizers.SGD(0.3), loss, metrics=list(metrics))
    return model


def rows() -> tuple[np.ndarray, np.ndarray]:
    random = np.random.default_rng(0)
    x = random.normal(size=(ROWS, 3)).astype("float32")
    return x, (x[:, :1] > 0).astype("float32")


def concordance(y: Any, predictions: Any) -> Any:
    """One minus Lin's coefficient, which is nearly 1 as long as outputs are far below targets."""
    apart = y - ops.mean(y), predictions - ops.mean(predictions)
    squares = ops.var(y) + ops.var(predictions) + ops.square(ops.mean(y) - ops.mean(predictions))
    return 1 - 2 * ops.mean(apart[0] * apart[1]) / squares


def concordance_of_roots(y: Any, predictions: Any) -> Any:
    """The same, of outputs that must not be negative."""
    return concordance(y, ops.sqrt(predictions))


@pytest.mark.thorough
@pytest.mark.parametrize(
    ("loss", "activation"), [(concordance, "linear"), (concordance_of_roots, "softplus")]
)
def test_outputs_far_below_their_targets_tell_too(loss: Any, activation: str) -> None:
    x, _ = rows()
    y = (1e5 * np.exp(x[:, :1])).astype("float32")
    keras.utils.set_random_seed(3)
    model = keras.Sequential([layers.Input((3,)), layers.Dense(1, activation=activation)])
    model.compile(keras.optimizers.SGD(0.3), loss)
    study = wane.Study(
        model, x[:TRAIN], y[:TRAIN], candidates=[], validation=(x[TRAIN:], y[TRAIN:]), repeats=1,
        epochs=1, batch_size=BATCH, shuffle=False, initial_weights="model", learning_curve=False,
        extend=False, references=False,
    )  # fmt: skip
    assert Session(study.spec).program.evaluation_rows == BATCH
    result = study.run(progress=False)
    kept = result.model("baseline")
    logged = kept.evaluate(x[TRAIN:], y[TRAIN:], batch_size=BATCH, verbose=0)
    assert result.runs["validation_data_loss"][0] == pytest.approx(logged, abs=1e-6)


def trained(model: Any) -> tuple[wane.Study, wane.Result]:
    x, y = rows()
    study = wane.Study(
        model, x[:TRAIN], y[:TRAIN], candidates=[], validation=(x[TRAIN:], y[TRAIN:]), repeats=1,
        epochs=EPOCHS, batch_size=BATCH, shuffle=False, initial_weights="model",
        learning_curve=False, extend=False, references=False,
    )  # fmt: skip
    return study, study.run(progress=False)


DEPENDENT: dict[str, Any] = {
    "Dice": lambda: network(keras.losses.Dice()),
    "a loss that is a ratio": lambda: network(ratio_of_sums),
    "a loss with a maximum in it": lambda: network(weighed_by_the_largest),
    "a metric that is one number for a batch": lambda: network(metrics=[share_of_yes]),
    "a network whose rows see each other": lambda: network(middle=[Centred()]),
    "an activation for which they do": lambda: network(
        middle=[layers.Dense(3, activation=centred)]
    ),
}


@pytest.mark.thorough
@pytest.mark.parametrize("name", DEPENDENT)
def test_what_depends_on_batches_is_evaluated_as_fit_does(name: str) -> None:
    model = DEPENDENT[name]()
    _, result = trained(model)
    x, y = rows()
    logged = model.fit(
        x[:TRAIN], y[:TRAIN], validation_data=(x[TRAIN:], y[TRAIN:]), epochs=EPOCHS,
        batch_size=BATCH, shuffle=False, verbose=0,
    ).history  # fmt: skip
    at_once = model.evaluate(x[TRAIN:], y[TRAIN:], batch_size=ROWS, verbose=0, return_dict=True)
    for key, values in logged.items():
        part, short = ("validation", key[4:]) if key.startswith("val_") else ("train", key)
        column = f"{part}_{'data_loss' if short == 'loss' else short}"
        np.testing.assert_allclose(result.curves[column], values, rtol=2e-5, err_msg=column)
    # The test can fail: all rows at once give something else.
    assert any(abs(logged[f"val_{key}"][-1] - value) > 1e-3 for key, value in at_once.items())


@pytest.mark.thorough
def test_a_loss_that_is_divided_by_weights_is_evaluated_as_fit_does() -> None:
    model = network(keras.losses.MeanSquaredError(reduction="mean_with_sample_weight"))
    x, y = rows()
    weights = np.random.default_rng(1).uniform(0, 3, ROWS).astype("float32")
    curves = wane.Study(
        model, x, y, candidates=[], validation=(x, y, weights), sample_weight=weights, repeats=1,
        epochs=EPOCHS, batch_size=BATCH, shuffle=False, initial_weights="model",
        learning_curve=False, extend=False, references=False,
    ).run(progress=False).curves  # fmt: skip
    logged = model.fit(
        x, y, sample_weight=weights, validation_data=(x, y, weights), epochs=EPOCHS,
        batch_size=BATCH, shuffle=False, verbose=0,
    ).history  # fmt: skip
    np.testing.assert_allclose(curves["validation_data_loss"], logged["val_loss"], rtol=2e-5)


@pytest.mark.thorough
@pytest.mark.parametrize(
    "model",
    [
        lambda: network(),
        lambda: network(keras.losses.Huber(), [Largest(), keras.metrics.AUC()]),
        lambda: network(squared),
        lambda: lambda: network(Scaled(2.0)),  # which no configuration holds
    ],
)
def test_what_does_not_depend_on_them_is_evaluated_many_rows_at_a_time(model: Any) -> None:
    x, y = rows()
    spec = wane.Study(model(), x, y, candidates=[], repeats=1, epochs=1).spec
    assert Session(spec).program.evaluation_rows == 1024


@pytest.mark.thorough
def test_a_dictionary_of_results_has_a_column_for_each_key() -> None:
    model = network(metrics=[Extremes()])
    study, result = trained(model)
    del study
    x, y = rows()
    logged = model.fit(
        x[:TRAIN], y[:TRAIN], epochs=EPOCHS, batch_size=BATCH, shuffle=False, verbose=0
    ).history
    for key in ("top", "twice"):
        np.testing.assert_allclose(result.curves[f"train_{key}"], logged[key], rtol=1e-5)


@pytest.mark.thorough
def test_a_vector_has_a_column_for_each_element() -> None:
    keras.utils.set_random_seed(3)
    model = keras.Sequential([layers.Input((3,)), layers.Dense(2, activation="softmax")])
    f1 = keras.metrics.F1Score(average=None, name="f1")
    model.compile(keras.optimizers.SGD(0.3), "categorical_crossentropy", metrics=[f1])
    x, y = rows()
    y = np.eye(2, dtype="float32")[y[:, 0].astype(int)]
    study = wane.Study(
        model, x, y, candidates=[], validation=(x[:9], y[:9]), repeats=1, epochs=EPOCHS,
        batch_size=BATCH, shuffle=False, initial_weights="model", learning_curve=False,
        extend=False, references=False,
    )  # fmt: skip
    curves = study.run(progress=False).curves
    logged = model.fit(x, y, epochs=EPOCHS, batch_size=BATCH, shuffle=False, verbose=0).history
    np.testing.assert_allclose(
        curves[["train_f1_0", "train_f1_1"]], np.asarray(logged["f1"]), rtol=1e-5
    )


def residual(combine: Any, *, nested: bool = False) -> Any:
    """A network with an operation between its layers, or between those of a model in it."""
    inputs = layers.Input((3,))
    inner = keras.Model(inputs, combine(layers.Dense(3)(inputs), inputs))
    if nested:
        outside = layers.Input((3,))
        inner = keras.Model(outside, layers.Dense(3)(inner(outside)))
    model = keras.Sequential([layers.Input((3,)), inner, layers.Dense(1, activation="sigmoid")])
    if not nested:
        model = keras.Model(inner.inputs, layers.Dense(1, activation="sigmoid")(inner.outputs[0]))
    model.compile("sgd", "binary_crossentropy")
    return model


FIXED = np.linspace(0, 1, 3, dtype="float32")


@pytest.mark.parametrize("nested", [False, True], ids=["outside", "nested"])
@pytest.mark.parametrize(
    ("combine", "known", "depends"),
    [
        (lambda new, old: new + old, True, False),
        (lambda new, old: ops.relu(new) * 2.0 - old / 3, True, False),
        (lambda new, _: new + FIXED, False, False),
        (lambda new, old: new + ops.mean(old, axis=-1, keepdims=True), False, False),
        (lambda new, _: new - ops.mean(new, axis=0, keepdims=True), False, True),
        (lambda new, old: new + ops.mean(old, axis=0), False, True),
    ],
    ids=["sum", "several", "an array", "mean of a row", "mean of rows", "vector of rows"],
)
def test_operations_between_layers(combine: Any, known: bool, depends: bool, nested: bool) -> None:
    x, y = rows()
    model = residual(combine, nested=nested)
    made = bridge(model, x, y)
    assert batches._is_known(made, y) == known
    weights, state = own_weights(model)(jax.random.key(0))
    taken = Rows(jnp.asarray(x), jnp.asarray(y))
    assert depends_on_batches(made, weights, state, taken) == depends
