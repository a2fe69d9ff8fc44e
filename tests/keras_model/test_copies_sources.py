"""Models given in other ways: functions, subclasses, with layers and losses of the user's own."""

from typing import Any

import keras
import numpy as np
import pytest

import wane
from model_cases import (
    Scaled,
    WithConfig,
    WithoutConfig,
    compiled,
    nested,
    rows,
    sequential,
    two_branches,
)
from thorough_cases import thorough_but
from wane.keras_model.copies import copied

Dense = keras.layers.Dense


def run(model: Any, **options: Any) -> wane.Result:
    """A study of two epochs."""
    x, y = rows()
    defaults: dict[str, Any] = {
        "candidates": [wane.L2(0.1)], "validation": rows(seed=1), "repeats": 2, "epochs": 2,
        "learning_curve": False, "extend": False, "references": False,
    }  # fmt: skip
    return wane.Study(model, x, y, **{**defaults, **options}).run(progress=False)


def assert_models_give_the_numbers(result: wane.Result) -> None:
    """Each run's model gives the validation loss of the table."""
    x, y = rows(seed=1)
    for _, row in result.runs.iterrows():
        model = result.model(row["candidate"], row["repeat"])
        evaluated = model.evaluate(x, y, verbose=0) - sum(float(loss) for loss in model.losses)
        assert row["validation_data_loss"] == pytest.approx(evaluated, rel=1e-4)


class FunctionOfModels:
    """Makes a new model at each call, with the number of the call as its output's bias."""

    def __init__(self) -> None:
        self.calls = 0

    def __call__(self) -> Any:
        self.calls += 1
        bias = keras.initializers.Constant(self.calls)
        model = keras.Sequential([keras.layers.Input((3,)), Dense(1, bias_initializer=bias)])
        return model.compile(optimizer=keras.optimizers.SGD(0.0), loss="mse") or model


def test_a_function_is_called_once_to_look_and_once_for_each_repeat() -> None:
    make = FunctionOfModels()
    result = run(make, candidates=wane.sweep(wane.L2, [0.1, 0.2, 0.3]), repeats=3)
    assert make.calls == 4  # whatever the number of candidates
    for candidate in result.spec.names:
        biases = [result.model(candidate, repeat).get_weights()[1][0] for repeat in range(3)]
        assert biases == [2, 3, 4]


def test_a_function_s_repeats_are_seeded_by_the_study() -> None:
    one, again = run(sequential, seed=3), run(sequential, seed=3)
    other = run(sequential, seed=4)
    assert one.runs.equals(again.runs)
    assert one.runs["validation_data_loss"].nunique() == 4
    assert not set(one.runs["validation_data_loss"]) & set(other.runs["validation_data_loss"])
    assert_models_give_the_numbers(one)


def test_a_function_that_changes_its_mind() -> None:
    sizes = iter([2, 2, 3])

    def make() -> Any:
        units = next(sizes)
        return compiled(keras.Sequential([keras.layers.Input((3,)), Dense(units), Dense(1)]))

    with pytest.raises(wane.InputError) as caught:
        run(make)
    assert str(caught.value) == (
        "The model function returned weights of other shapes at repeat 1 than at first "
        "([(3, 3), (3,), (3, 1), (1,)] instead of [(3, 2), (2,), (2, 1), (1,)]); it must return "
        "the same layers every time."
    )


def logistic(make: Any) -> Any:
    """A functional or nested model with a probability as its output, compiled."""
    model = make()
    outputs = keras.layers.Activation("sigmoid")(model.outputs[0][..., :1])
    return compiled(keras.Model(model.inputs, outputs))


@pytest.mark.parametrize("make", thorough_but([nested], [two_branches, nested]))
def test_functional_and_nested_models(make: Any) -> None:
    assert_models_give_the_numbers(run(logistic(make)))


@pytest.mark.thorough
@pytest.mark.parametrize("built", thorough_but([True], [False, True]))
def test_a_subclassed_model_with_its_configuration(built: bool) -> None:
    model = compiled(WithConfig(5, name="mine"))
    if built:
        model(rows()[0])
    result = run(model)
    assert_models_give_the_numbers(result)
    assert set(result.runs.columns) > {"norm_first", "norm_last"}
    assert result.model("L2(0.1)").name == "mine"


@pytest.mark.thorough
def test_a_subclassed_model_without_configuration_by_a_function() -> None:
    def make() -> Any:
        model = compiled(WithoutConfig(Dense(4, name="first")))
        model(rows()[0][:1])
        return model

    assert_models_give_the_numbers(run(make))


def test_a_function_that_returns_an_unbuilt_model() -> None:
    with pytest.raises(wane.InputError) as caught:
        run(lambda: compiled(keras.Sequential([Dense(1)], name="unbuilt")))
    assert str(caught.value) == (
        "The model function returned the model 'unbuilt' without weights: begin it with "
        "keras.layers.Input(shape), or call it on a row of x before returning it."
    )


class OwnLoss(keras.losses.Loss):  # type: ignore[misc] # Keras has no types
    """Registered nowhere."""

    def call(self, y_true: Any, y_pred: Any) -> Any:
        return keras.ops.mean(keras.ops.square(y_true - y_pred) * 2, axis=-1)


class OwnSchedule(keras.optimizers.schedules.LearningRateSchedule):  # type: ignore[misc] # Keras has no types
    """Registered nowhere."""

    def __init__(self, start: float = 0.1) -> None:
        self.start = start

    def __call__(self, step: Any) -> Any:
        return self.start / (1 + keras.ops.cast(step, "float32"))

    def get_config(self) -> dict[str, float]:
        return {"start": self.start}


@pytest.mark.thorough
def test_unregistered_layer_loss_and_schedule() -> None:
    model = keras.Sequential([keras.layers.Input((3,)), Scaled(name="scaled"), Dense(1)])
    model.compile(optimizer=keras.optimizers.SGD(OwnSchedule()), loss=OwnLoss())
    result = run(model, candidates=[wane.L2(0.1, layers="scaled")])
    assert_models_give_the_numbers(result)
    trained = result.model("L2(0.1)")
    assert type(trained.loss) is OwnLoss
    assert type(trained.get_layer("scaled")) is Scaled
    assert trained.get_layer("scaled").kernel.regularizer is not None
    assert type(trained.optimizer._learning_rate) is OwnSchedule


def test_a_model_not_yet_built() -> None:
    model = compiled(keras.Sequential([Dense(4), Dense(1, activation="sigmoid")]))
    assert_models_give_the_numbers(run(model))


@pytest.mark.thorough
def test_models_are_compiled_as_the_user_s() -> None:
    model = sequential()
    model.compile(
        optimizer=keras.optimizers.AdamW(0.003, weight_decay=0.1),
        loss=keras.losses.BinaryCrossentropy(label_smoothing=0.1),
        metrics=["mae"],
    )
    trained = run(model).model("L2(0.1)")
    assert trained.optimizer.get_config() == model.optimizer.get_config()
    assert trained.loss.get_config() == model.loss.get_config()
    x, y = rows()
    assert len(trained.evaluate(x, y, verbose=0)) == 2
    before = trained.get_weights()
    trained.fit(x, y, epochs=1, verbose=0)
    assert any(np.any(a != b) for a, b in zip(before, trained.get_weights(), strict=True))


@pytest.mark.thorough
def test_a_function_whose_layers_get_new_names_each_time() -> None:
    """Targets mean the layers of the first model; later ones are called otherwise by Keras."""

    def make() -> Any:
        model = keras.Sequential(
            [keras.layers.Input((3,)), keras.layers.Dense(4), keras.layers.Dense(1)]
        )
        model.compile(optimizer="sgd", loss="mean_squared_error")
        return model

    keras.backend.clear_session()
    random = np.random.default_rng(0)
    x, y = random.normal(size=(20, 3)), random.normal(size=20)
    study = wane.Study(
        make, x, y, candidates=[wane.L2(1e-3, layers="dense")], epochs=1, repeats=1,
        validation=(x, y),
    )  # fmt: skip
    model = study.run(progress=False).model("L2(0.001)")
    first, second = model.layers
    assert float(first.kernel_regularizer.l2) == pytest.approx(1e-3)
    assert second.kernel_regularizer is None


def test_losses_keep_arguments_that_their_configuration_lacks() -> None:
    """Keras's Huber forgets its delta in a configuration, so copies would compute another loss."""
    x, y = np.ones((4, 2), "float32"), np.full((4, 1), 5.0, "float32")
    given = keras.Sequential([keras.layers.Input((2,)), keras.layers.Dense(1)])
    given.compile("sgd", keras.losses.Huber(delta=0.1))
    assert copied(given).evaluate(x, y, verbose=0) == given.evaluate(x, y, verbose=0)
    study = wane.Study(
        given, x, np.arange(4.0)[:, None], candidates=[], validation=(x, y), repeats=1, epochs=1,
        learning_curve=False, extend=False, references=False,
    )  # fmt: skip
    model = study.run(progress=False).model("baseline")
    assert model._compile_loss._user_loss._fn_kwargs == {"delta": 0.1}
