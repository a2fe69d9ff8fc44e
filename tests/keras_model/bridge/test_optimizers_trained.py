"""A trained optimizer: gone on with as ``fit`` does, or begun anew and said so."""

from typing import Any

import keras
import numpy as np
import pytest

import wane
from model_cases import rows, sequential
from thorough_cases import thorough_but
from wane.keras_model.editing.variants import with_dropout

optimizers = keras.optimizers
X, Y = rows()
V = rows(seed=1)
FIT: dict[str, Any] = {"batch_size": 8, "shuffle": False, "verbose": 0}


def trained(optimizer: Any, epochs: int = 2) -> Any:
    """A model that ``fit`` has trained."""
    keras.utils.set_random_seed(5)
    model = sequential()
    model.compile(optimizer, "mse")
    model.fit(X, Y, epochs=epochs, **FIT)
    return model


def run(model: Any, **options: Any) -> wane.Result:
    defaults: dict[str, Any] = {
        "candidates": [], "validation": V, "repeats": 1, "epochs": 2, "batch_size": 8,
        "shuffle": False, "learning_curve": False, "extend": False, "references": False,
        "initial_weights": "model",
    }  # fmt: skip
    return wane.Study(model, X, Y, **{**defaults, **options}).run(progress=False)


def largest_difference(result: wane.Result, model: Any, candidate: str = "baseline") -> float:
    found = result.model(candidate).get_weights()
    pairs = zip(found, model.get_weights(), strict=True)
    return max(float(np.max(np.abs(a - b))) for a, b in pairs)


CASES = {
    "Adam": lambda: optimizers.Adam(0.05),
    "SGD with momentum": lambda: optimizers.SGD(0.05, momentum=0.9, nesterov=True),
    "a schedule": lambda: optimizers.SGD(optimizers.schedules.CosineDecay(0.2, 20)),
    "moving averages": lambda: optimizers.Adam(0.05, use_ema=True, ema_momentum=0.7),
    "accumulation": lambda: optimizers.Adam(0.05, gradient_accumulation_steps=4),
    "loss scale": lambda: optimizers.LossScaleOptimizer(optimizers.Adam(0.05)),
    "a copy of the weights": lambda: optimizers.ScheduleFreeAdamW(0.05),
}


@pytest.mark.parametrize("name", thorough_but(["Adam", "a schedule"], CASES))
def test_a_trained_optimizer_is_gone_on_with_as_by_fit(name: str) -> None:
    model = trained(CASES[name]())
    result = run(model, optimizer_state="model")
    assert result.notes == []
    anew = run(model)
    # With moving averages a second fit fails in Keras on JAX, unless the weights have own arrays.
    model.set_weights(model.get_weights())
    model.fit(X, Y, epochs=2, **FIT)
    assert largest_difference(result, model) < 1e-6
    assert largest_difference(anew, model) > 1e-4


@pytest.mark.thorough
def test_it_is_gone_on_with_in_models_of_other_dropout_rates() -> None:
    """A rate that is traced makes another model, whose optimizer must have the state too."""
    keras.utils.set_random_seed(5)
    model = sequential(keras.layers.GaussianDropout(0.0, seed=1))
    model.compile(optimizers.Adam(0.05), "mse")
    model.fit(X, Y, epochs=2, **FIT)
    result = run(model, optimizer_state="model", candidates=[wane.Dropout(0.0)])
    model.fit(X, Y, epochs=2, **FIT)
    assert largest_difference(result, model, result.spec.names[1]) < 1e-6


def test_it_is_gone_on_with_in_models_with_layers_put_between() -> None:
    """Regression: they went on at the step of the model's optimizer, with moments of zero."""
    model = trained(optimizers.Adam(0.05))
    between = wane.Network(with_dropout(model), "with dropout layers")
    result = run(model, optimizer_state="model", candidates=[(between, wane.Dropout(0.0))])
    model.fit(X, Y, epochs=2, **FIT)
    assert largest_difference(result, model, result.spec.names[1]) < 1e-6


def test_weights_that_were_trained_before_others_were_frozen_are_kept() -> None:
    keras.utils.set_random_seed(5)
    layers = [keras.layers.Dense(n, use_bias=False) for n in (8, 1)]
    model = keras.Sequential([keras.layers.Input(X.shape[1:]), *layers])
    model.compile(optimizers.Adam(1e-4), "mse")
    model.fit(X, Y, epochs=1, **FIT)
    layers[0].trainable = False
    notes = run(model, initial_weights="auto").notes
    assert "has trained weights (its optimizer has taken" in notes[0]
    assert "begins anew" in notes[1]


def test_a_learning_rate_that_was_changed_is_kept() -> None:
    model = trained(optimizers.SGD(0.5, momentum=0.9))
    model.optimizer.learning_rate = 0.01
    result = run(model, optimizer_state="model")
    model.fit(X, Y, epochs=2, **FIT)
    assert largest_difference(result, model) < 1e-6


def test_that_it_begins_anew_is_said() -> None:
    """Regression: ``fit`` goes on with the moments, and a study began anew without a word."""
    model = trained(optimizers.Adam(0.05))
    steps = 2 * -(-len(X) // 8)
    result = run(model)
    assert result.notes == [
        f"Runs begin with the weights of the model {model.name!r}, but its optimizer, which has "
        f"made {steps} steps, begins anew: optimizer_state='model' (--optimizer-state model) goes "
        f"on with its moments, as fit does."
    ]
    assert result.document["notes"] == result.notes
    # With weights of their own nothing was begun before.
    assert run(model, initial_weights="fresh").notes == []
    model.compile(optimizers.Adam(0.05), "mse")
    assert run(model).notes == []


def frozen_since() -> Any:
    model = trained("adam")
    model.layers[0].trainable = False
    return model


NO_STEP = (
    "optimizer_state='model' (--optimizer-state model) goes on with a trained optimizer, but that "
    "of the model 'sequential' has made no step with the weights that are trained now: leave it "
    "out."
)
BAD: dict[str, tuple[Any, dict[str, Any], str]] = {
    "fresh weights": (
        lambda: trained("sgd"),
        {"initial_weights": "fresh"},
        "optimizer_state='model' (--optimizer-state model) goes on with the moments of the model's "
        "weights, and initial_weights='fresh' (--weights fresh) draws others: give "
        "initial_weights='model' with it.",
    ),
    "another word": (
        lambda: trained("sgd"),
        {"optimizer_state": "old"},
        "optimizer_state must be 'fresh' or 'model', got 'old'.",
    ),
    "no training before": (
        lambda: trained("sgd", epochs=0),
        {},
        NO_STEP,
    ),
    "frozen since": (
        frozen_since,
        {},
        NO_STEP,
    ),
    "layers with weights put between": (
        lambda: with_dropout(trained("adam"), normalization=True),
        {},
        NO_STEP,
    ),
    "a function": (
        lambda: lambda: trained("sgd", epochs=1),
        {},
        "optimizer_state='model' goes on with the optimizer of one trained model, and a function "
        "returns another model for each repeat: give the model itself.",
    ),
}


@pytest.mark.parametrize("name", BAD)
def test_a_state_that_is_not_there_is_refused(name: str) -> None:
    make, options, text = BAD[name]
    model = make()
    with pytest.raises(wane.InputError) as caught:
        run(model, **{"optimizer_state": "model", **options})
    said = str(caught.value)
    assert said.replace(getattr(model, "name", "sequential"), "sequential") == text


def test_a_path_begins_each_strength_with_a_new_optimizer() -> None:
    study = wane.Study(
        trained("sgd"), X, Y, epochs=1, repeats=1, initial_weights="model", optimizer_state="model"
    )
    with pytest.raises(wane.InputError) as caught:
        study.path(wane.L2, [0.1], progress=False)
    assert str(caught.value) == (
        "A path begins each strength with a new optimizer: leave out optimizer_state='model' "
        "(--optimizer-state model)."
    )
