"""A result has its own copy of the model, which changes of the model do not reach."""

import warnings
from typing import Any

import jax
import jax.numpy as jnp
import keras
import numpy as np
import pytest

import wane
from study_cases import INPUTS, data, network, study

layers = keras.layers


def changed(model: Any) -> None:
    """Everything that a notebook may do with a model after the study."""
    wane.regularize(model, wane.L2(0.5))
    for layer in model.layers:
        layer.set_weights([np.full_like(weight, 7.0) for weight in layer.get_weights()])
    model.layers[0].trainable = False
    model.layers[0].activation = keras.activations.relu
    model.compile(keras.optimizers.Adam(0.7), "mse")


@pytest.mark.thorough
@pytest.mark.parametrize("start", ["fresh", "model"])
def test_later_changes_of_the_model_change_nothing(start: str) -> None:
    """Regression: the baseline of an earlier result had the penalty that was put on the model."""
    keras.utils.set_random_seed(3)
    model = network()
    kept = keras.models.clone_model(model)
    kept.set_weights(model.get_weights())
    kept.compile("sgd", "binary_crossentropy")
    mine, theirs = (
        study(model=one, initial_weights=start).run(progress=False) for one in (model, kept)
    )
    changed(model)
    for name in ("baseline", "L2(0.01)"):
        found, right = (result.model(name) for result in (mine, theirs))
        assert found.get_config() == right.get_config()
        assert type(found.optimizer) is type(right.optimizer)
        assert float(found.optimizer.learning_rate) == float(right.optimizer.learning_rate)
        for a, b in zip(found.get_weights(), right.get_weights(), strict=True):
            np.testing.assert_array_equal(a, b)
    assert mine.model("baseline").losses == []
    # The refit is trained when it is asked for, on rows for which nothing was traced before.
    for a, b in zip(
        mine.best_model().get_weights(), theirs.best_model().get_weights(), strict=True
    ):
        np.testing.assert_array_equal(a, b)


class Times(keras.layers.Layer):  # type: ignore[misc] # Keras has no types
    """Multiplies by a number that its configuration leaves out."""

    def __init__(self, factor: float = 1.0, **kwargs: Any) -> None:
        super().__init__(**kwargs)
        self.factor = factor

    def call(self, x: Any) -> Any:
        return x * self.factor

    def get_config(self) -> dict[str, Any]:
        return {"name": self.name}


SLOPES = np.linspace(1, 2, INPUTS, dtype=np.float32)


class TimesEach(Times):
    """Multiplies by an array, of which a program's text says the shape alone."""

    def call(self, x: Any) -> Any:
        return x * jnp.asarray(self.factor * SLOPES)


class TimesInside(Times):
    """The same in a function that is compiled by itself, which holds the array."""

    def call(self, x: Any) -> Any:
        slopes = self.factor * SLOPES
        return jax.jit(lambda x: x * slopes)(x)


class Weighted(keras.losses.Loss):  # type: ignore[misc] # Keras has no types
    """The squared error times a number that its configuration leaves out."""

    def __init__(self, factor: float = 1.0, **kwargs: Any) -> None:
        super().__init__(**kwargs)
        self.factor = factor

    def call(self, y_true: Any, y_pred: Any) -> Any:
        return self.factor * keras.ops.mean(keras.ops.square(y_true - y_pred), axis=-1)


class TimesError(keras.metrics.MeanMetricWrapper):  # type: ignore[misc] # Keras has no types
    """The absolute error times a number that its configuration leaves out."""

    def __init__(self, factor: float = 1.0) -> None:
        super().__init__(
            lambda y, p: factor * keras.ops.mean(keras.ops.abs(y - p), axis=-1), name="times"
        )

    def get_config(self) -> dict[str, Any]:
        return {}


@pytest.mark.thorough
@pytest.mark.parametrize(
    ("layer", "loss", "metric"),
    [
        (Times(3.0), "mse", "mae"),
        (TimesEach(3.0), "mse", "mae"),
        (TimesInside(3.0), "mse", "mae"),
        (Times(), Weighted(3.0), "mae"),
        (Times(), "mse", TimesError(3.0)),
    ],
)
def test_a_configuration_that_leaves_out_something_is_refused(
    layer: Any, loss: Any, metric: Any
) -> None:
    """Regression: the study was right, and the models that it gave were others."""
    model = keras.Sequential([layers.Input((INPUTS,)), layer, layers.Dense(1)], name="net")
    model.compile("sgd", loss, metrics=[metric])
    with pytest.raises(wane.InputError) as caught:
        study("regression", model=model).run(progress=False)
    assert str(caught.value) == (
        "The model 'net' cannot be copied, since what its configuration makes computes something "
        "else: have get_config() of its own layers, losses and metrics give all arguments, or pass "
        "a function that returns a new compiled model in its place."
    )
    # With what the configuration holds it is the same model.
    layer.factor = 1.0
    if isinstance(loss, Weighted):
        model.compile("sgd", Weighted())
    if isinstance(metric, TimesError):
        model.compile("sgd", "mse", metrics=[TimesError()])
    study("regression", model=model, epochs=1, repeats=1).run(progress=False)


class Own(keras.layers.Layer):  # type: ignore[misc] # Keras has no types
    """A layer with a regularizer that its configuration has no place for."""

    def build(self, shape: Any) -> None:
        self.kernel = self.add_weight(shape=(shape[-1], 1), initializer="ones", name="kernel")

    def call(self, x: Any) -> Any:
        return x @ self.kernel


@pytest.mark.thorough
def test_a_regularizer_that_no_configuration_holds_is_copied() -> None:
    model = keras.Sequential([layers.Input((INPUTS,)), Own()])
    model.compile(keras.optimizers.SGD(0.1), "mse")
    model.layers[0].kernel.regularizer = keras.regularizers.L2(0.25)
    x, y = data("regression")
    rows = {"validation": (x, y), "initial_weights": "model", "batch_size": 64, "shuffle": False}
    result = study("regression", model=model, candidates=[], **rows).run(progress=False)
    found = result.model("baseline")
    assert found.layers[0].kernel.regularizer is not model.layers[0].kernel.regularizer
    assert found.layers[0].kernel.regularizer.get_config() == {"l2": 0.25}
    model.fit(x, y, batch_size=64, epochs=2, shuffle=False, verbose=0)
    np.testing.assert_allclose(found.get_weights()[0], model.get_weights()[0], rtol=1e-6)


def test_constraints_and_frozen_variables_that_no_configuration_holds_are_copied() -> None:
    """Regression: copies trained without the one, and trained the other."""
    model = network("regression")
    model.compile(keras.optimizers.SGD(0.3, momentum=0.9), "mse")
    first, *_, last = model.layers
    first.bias.trainable = False
    last.kernel.constraint = keras.constraints.MaxNorm(0.1)
    x, y = data("regression")
    rows = {"validation": (x, y), "initial_weights": "model", "batch_size": 64, "shuffle": False}
    result = study("regression", model=model, candidates=[], **rows).run(progress=False)
    bias = np.asarray(first.bias).copy()
    model.fit(x, y, batch_size=64, epochs=2, shuffle=False, verbose=0)
    found = result.model("baseline")
    assert len(found.trainable_variables) == len(model.trainable_variables)
    np.testing.assert_array_equal(found.layers[0].bias, bias)
    for mine, theirs in zip(found.get_weights(), model.get_weights(), strict=True):
        np.testing.assert_allclose(mine, theirs, rtol=1e-5, atol=1e-7)


@pytest.mark.thorough
def test_a_model_in_float8_is_trained_as_by_fit_and_handed_back() -> None:
    """Regression: its variables have another order than those of a model made so."""
    model = network("regression")
    with warnings.catch_warnings():
        warnings.simplefilter("ignore")  # Keras warns that it cannot quantize activations
        model.quantize("float8")
    model.compile("sgd", "mse")
    x, y = data("regression")
    rows = {"validation": (x, y), "initial_weights": "model", "batch_size": 64, "shuffle": False}
    result = study("regression", model=model, **rows).run(progress=False)
    fitted = keras.models.clone_model(model)
    model.fit(x, y, batch_size=64, epochs=2, shuffle=False, verbose=0)
    best = result.model("baseline")
    right = {v.path.rpartition("net/")[2]: np.asarray(v) for v in model.trainable_variables}
    found = {v.path.rpartition("net/")[2]: np.asarray(v) for v in best.trainable_variables}
    assert right.keys() == found.keys()
    assert len(right) == 16
    for name, value in right.items():
        np.testing.assert_allclose(found[name], value, rtol=1e-5, atol=1e-6, err_msg=name)
    np.testing.assert_allclose(best.predict(x, verbose=0), model.predict(x, verbose=0), rtol=1e-4)
    assert result.best_model().count_params() == fitted.count_params()


@pytest.mark.thorough
def test_adapted_statistics_are_those_of_the_models_that_are_handed_back() -> None:
    """Regression: copies had the variables of an adapted layer and computed without them."""
    x, y = data("regression")
    wide = 100 * x + 500
    statistics = layers.Normalization()
    statistics.adapt(wide)
    model = keras.Sequential(
        [layers.Input((INPUTS,)), statistics, layers.Dense(2, name="hidden"), layers.Dense(1)]
    )
    model.compile(keras.optimizers.SGD(0.0), "mse")
    rows = {"x": wide, "y": y, "validation": (wide, y), "initial_weights": "model"}
    result = study("regression", model=model, candidates=[], **rows).run(progress=False)
    expected = model.predict(wide, verbose=0)
    for found in (result.model("baseline"), result.best_model(), wane.shrink(model).model):
        np.testing.assert_allclose(found.predict(wide, verbose=0), expected, rtol=1e-5, atol=1e-6)
