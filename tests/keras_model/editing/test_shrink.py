"""A shrunk model is smaller and gives the same outputs."""

from collections.abc import Callable
from typing import Any

import keras
import numpy as np
import pytest

import wane
from thorough_cases import thorough_but

layers = keras.layers


def randomized(model: Any, seed: int = 0) -> Any:
    """The model with random numbers in all its variables, so that no bias or mean is zero."""
    random = np.random.default_rng(seed)
    for variable in model.variables:
        if "seed" not in variable.path:
            value = random.normal(size=variable.shape)
            positive = "variance" in variable.path
            variable.assign(np.abs(value) + 0.1 if positive else value)
    return model


def silenced(model: Any, name: str, units: Any, *, outgoing: bool = False) -> None:
    """Set the kernel of these units of a layer, or of these inputs, to zero."""
    kernel = model.get_layer(name).kernel
    value = np.array(kernel)
    value[(..., units, slice(None)) if outgoing else (..., units)] = 0
    kernel.assign(value)


def shrunk_alike(model: Any, rows: int = 5, seed: int = 1) -> Any:
    """The shrunk model, once its outputs have been compared."""
    shapes = [tensor.shape[1:] for tensor in model.inputs]
    random = np.random.default_rng(seed)
    x: Any = [random.normal(size=(rows, *shape)).astype("float32") for shape in shapes]
    before = [np.array(weight) for weight in model.get_weights()]
    x = x[0] if len(x) == 1 else x
    found = wane.shrink(model)
    for mine, theirs in zip(
        np.atleast_1d(found.model.predict(x, verbose=0)),
        np.atleast_1d(model.predict(x, verbose=0)),
        strict=True,
    ):
        np.testing.assert_allclose(mine, theirs, rtol=1e-5, atol=1e-5)
    for mine, theirs in zip(model.get_weights(), before, strict=True):
        np.testing.assert_array_equal(mine, theirs)
    assert found.parameters == sum(w.size for w in found.model.get_weights())
    assert found.parameters_before == model.count_params()
    return found


@pytest.mark.parametrize(
    "activation",
    thorough_but(["relu", "sigmoid"], ["relu", "sigmoid", "tanh", "softplus", "linear"]),
)
@pytest.mark.parametrize("functional", [False, True])
def test_dead_units_of_dense_layers_go(activation: str, functional: bool) -> None:
    model = keras.Sequential(
        [
            layers.Input((4,)),
            layers.Dense(6, activation=activation, name="one"),
            layers.Dropout(0.5),
            layers.Dense(5, activation=activation, name="two"),
            layers.BatchNormalization(),
            layers.Activation("elu"),
            layers.Dense(2, activation="softmax", name="out"),
        ]
    )
    if functional:
        model = keras.Model(model.inputs, model.outputs)
    randomized(model)
    silenced(model, "one", [0, 3])
    silenced(model, "two", [4])
    silenced(model, "out", [1], outgoing=True)
    found = shrunk_alike(model)
    assert found.removed == {"one": 2, "two": 2}
    assert [found.model.get_layer(name).units for name in ("one", "two", "out")] == [4, 3, 2]
    before = (4 * 6 + 6) + (6 * 5 + 5) + 4 * 5 + (5 * 2 + 2)
    after = (4 * 4 + 4) + (4 * 3 + 3) + 4 * 3 + (3 * 2 + 2)
    assert str(found) == (
        f"{before - after} of {before} parameters went ({100 * (before - after) / before:.0f} %): "
        f"units or filters of one lost 2, two lost 2."
    )
    assert found.left == {}


def convolutions(padding: str = "valid", **second: Any) -> Any:
    """A network of images with batch normalization, pooling and Flatten."""
    return randomized(
        keras.Sequential(
            [
                layers.Input((9, 9, 2)),
                layers.Conv2D(5, 3, padding=padding, name="one"),
                layers.BatchNormalization(scale=False),
                layers.LeakyReLU(),
                layers.MaxPooling2D(2),
                layers.SpatialDropout2D(0.1),
                layers.Conv2D(4, 2, padding=padding, activation="relu", name="two", **second),
                layers.AveragePooling2D(2, padding="same"),
                layers.Flatten(),
                layers.Dense(3, activation="relu", name="three"),
                layers.Dense(1, name="out"),
            ]
        )
    )


@pytest.mark.thorough
def test_dead_filters_go_through_all_that_follows_them() -> None:
    model = convolutions()
    silenced(model, "one", [0, 2])
    silenced(model, "two", [3])
    silenced(model, "three", [1])
    found = shrunk_alike(model)
    assert found.removed == {"one": 2, "two": 1, "three": 1}
    assert found.left == {}
    assert found.model.get_layer("one").filters == 3
    assert found.model.get_layer("three").kernel.shape == (3, 2)


@pytest.mark.thorough
def test_where_zeros_are_padded_a_constant_that_is_not_zero_stays() -> None:
    model = convolutions("same")
    silenced(model, "one", [0, 2])
    silenced(model, "two", [3])
    found = shrunk_alike(model)
    assert found.removed == {"two": 1}
    assert found.left == {"one": "'two' has no place for its constants"}
    assert str(found).endswith("Not shrunk: 'one'.")
    # A filter that is zero everywhere, and one that nobody takes in, go in any case.
    model.layers[1].beta.assign(np.zeros(5))
    model.layers[1].moving_mean.assign(np.zeros(5))
    model.get_layer("one").bias.assign([0, 1, 1, 1, 1])
    silenced(model, "two", [4], outgoing=True)
    assert shrunk_alike(model).removed == {"one": 2, "two": 1}


@pytest.mark.thorough
def test_without_a_bias_only_zeros_can_go() -> None:
    model = convolutions(use_bias=False)
    silenced(model, "one", [0])
    assert shrunk_alike(model).removed == {}
    model.layers[1].moving_mean.assign(np.zeros(5))
    model.layers[1].beta.assign(np.zeros(5))
    model.get_layer("one").bias.assign(np.zeros(5))
    assert shrunk_alike(model).removed == {"one": 1}


def test_what_only_dead_units_take_in_goes_with_them() -> None:
    model = randomized(
        keras.Sequential(
            [
                layers.Input((3,)),
                layers.Dense(4, activation="relu", name="one"),
                layers.Dense(4, activation="relu", name="two"),
                layers.Dense(4, activation="relu", name="three"),
                layers.Dense(1, name="out"),
            ]
        )
    )
    # Unit 0 of "two" is taken in by none; units 1 and 2 of "one" only by it. Unit 3 of "two" is
    # constant, and with it unit 3 of "three", which takes in nothing else.
    silenced(model, "three", [0], outgoing=True)
    kernel = np.array(model.get_layer("two").kernel)
    kernel[1:3, 1:] = 0
    kernel[:, 3] = 0
    model.get_layer("two").kernel.assign(kernel)
    kernel = np.array(model.get_layer("three").kernel)
    kernel[:3, 3] = 0
    model.get_layer("three").kernel.assign(kernel)
    assert shrunk_alike(model).removed == {"one": 2, "two": 2, "three": 1}


def test_a_layer_keeps_one_unit_however_dead() -> None:
    model = randomized(
        keras.Sequential([layers.Input((3,)), layers.Dense(4, name="one"), layers.Dense(2)])
    )
    silenced(model, "one", slice(None))
    assert shrunk_alike(model).removed == {"one": 3}


def test_a_model_without_dead_units_stays_as_it_is() -> None:
    found = shrunk_alike(convolutions())
    assert found.removed == {}
    assert str(found) == (f"0 of {found.parameters_before} parameters went (0 %): no unit is dead.")


def test_a_nested_model_is_not_reported_to_have_no_dead_unit() -> None:
    inner = keras.Sequential(
        [layers.Input((3,)), layers.Dense(4, name="one"), layers.Dense(2)], name="inner"
    )
    inner.get_layer("one").kernel.assign(np.zeros((3, 4)))
    model = keras.Sequential([layers.Input((3,)), inner, layers.Dense(1)])
    text = str(wane.shrink(model))
    assert text.endswith("(0 %): no dead unit can be taken away. Not shrunk: 'inner'.")


def branches() -> Any:
    inputs = layers.Input((6, 3))
    stem = layers.Conv1D(4, 1, activation="relu", name="stem")(inputs)
    left = layers.Conv1D(4, 2, name="left")(stem)
    right = layers.Conv1D(4, 2, name="right")(stem)
    summed = layers.Add(name="sum")([left, right])
    shared = layers.Dense(4, name="shared")
    last = layers.Conv1D(3, 3, activation="relu", name="last")(shared(shared(summed)))
    gathered = layers.GlobalAveragePooling1D()(last)
    recurrent = layers.LSTM(2, name="lstm")(stem)
    head = layers.Dense(2, name="head")(gathered)
    return randomized(keras.Model(inputs, [head, recurrent]))


@pytest.mark.thorough
def test_what_cannot_be_followed_stays_and_is_named() -> None:
    model = branches()
    for name in ("stem", "left", "shared", "last"):
        silenced(model, name, [0])
    found = wane.shrink(model)
    assert found.removed == {"last": 1}
    assert found.left == {
        "stem": "it leads into 'lstm'",
        "lstm": "it is a LSTM",
        "left": "it leads into 'sum'",
        "shared": "it is used more than once",
    }
    x = np.random.default_rng(0).normal(size=(4, 6, 3)).astype("float32")
    for mine, theirs in zip(found.model(x), model(x), strict=True):
        np.testing.assert_allclose(mine, theirs, rtol=1e-5, atol=1e-5)


MODELS: dict[str, Callable[[], Any]] = {
    "convolutions": convolutions,
    "padded": lambda: convolutions("same"),
    "without a bias": lambda: convolutions(use_bias=False),
    "dense": lambda: randomized(
        keras.Sequential(
            [
                layers.Input((4,)),
                layers.Dense(6, activation="gelu", name="one"),
                layers.BatchNormalization(),
                layers.Dense(5, activation="softmax", name="two"),
                layers.Dense(5, activation="relu6", name="three"),
                layers.Dense(2, name="out"),
            ]
        )
    ),
}


@pytest.mark.parametrize("name", MODELS)
@pytest.mark.parametrize("seed", thorough_but([0], range(3)))
def test_whatever_is_zero_the_outputs_stay_the_same(name: str, seed: int) -> None:
    model, random = MODELS[name](), np.random.default_rng(seed)
    for layer in model.layers:
        if hasattr(layer, "kernel"):
            kernel = np.array(layer.kernel)
            kernel[..., random.random(kernel.shape[-1]) < 0.3] = 0
            kernel[..., random.random(kernel.shape[-2]) < 0.3, :] = 0
            layer.kernel.assign(kernel)
    found = shrunk_alike(model, seed=seed)
    assert found.parameters < found.parameters_before


@pytest.mark.thorough
@pytest.mark.filterwarnings("ignore:Weights of .* shrink twice:UserWarning")
def test_a_compiled_model_is_compiled_alike_and_trains() -> None:
    model = convolutions()
    silenced(model, "one", [0])
    optimizer = keras.optimizers.AdamW(0.01, weight_decay=0.1)
    optimizer.exclude_from_weight_decay(var_names=["bias"])
    model.compile(optimizer, "mean_squared_error", metrics=["mae"])
    wane.regularize(model, wane.L2(0.1))
    small = wane.shrink(model).model
    assert small.optimizer.get_config() == optimizer.get_config()
    use = small.optimizer._use_weight_decay
    assert not any(use(v) for v in small.trainable_variables if v.name == "bias")
    assert len(small.losses) == len(model.losses)
    x = np.random.default_rng(0).normal(size=(6, 9, 9, 2)).astype("float32")
    assert np.isfinite(small.fit(x, np.zeros(6), verbose=0).history["loss"][-1])


@pytest.mark.thorough
def test_a_study_with_exact_zeros_gives_a_model_that_shrinks() -> None:
    random = np.random.default_rng(0)
    x = random.normal(size=(60, 4)).astype("float32")
    y = (x[:, 0] + 0.1 * random.normal(size=60)).astype("float32")
    model = keras.Sequential(
        [layers.Input((4,)), layers.Dense(16, activation="relu", name="hidden"), layers.Dense(1)]
    )
    model.compile(keras.optimizers.Adam(0.02), "mean_squared_error")
    penalty = wane.GroupLasso(0.02, layers="hidden", groups="units", proximal=True)
    study = wane.Study(
        model, x, y, candidates=[penalty], validation=(x, y), repeats=1, epochs=300, batch_size=60
    )
    trained = study.run(progress=False).model(penalty)
    found = shrunk_alike(trained)
    assert 0 < found.removed["hidden"] < 16
    assert found.model.get_layer("hidden").units == 16 - found.removed["hidden"]


class Own(keras.Model):  # type: ignore[misc] # Keras has no types
    """A model without a graph of layers."""

    def __init__(self) -> None:
        super().__init__(name="own")
        self.dense = layers.Dense(1)

    def call(self, x: Any) -> Any:
        return self.dense(x)


def test_a_model_without_a_graph_is_refused() -> None:
    model = Own()
    model(np.zeros((1, 2), np.float32))
    with pytest.raises(wane.InputError) as caught:
        wane.shrink(model)
    assert str(caught.value) == (
        "The model 'own' is of the class Own, whose graph of layers is not known: shrink takes "
        "Sequential and functional models."
    )
