"""What is said of a model that trains otherwise than people may think."""

from typing import Any

import keras
import numpy as np
import pytest

import wane
from model_cases import compiled, rows, sequential

X, Y = rows()
layers = keras.layers


def notes(model: Any, **options: Any) -> list[str]:
    defaults: dict[str, Any] = {
        "candidates": [], "validation": rows(seed=1), "repeats": 1, "epochs": 2,
        "learning_curve": False, "extend": False, "references": False, "initial_weights": "model",
    }  # fmt: skip
    return wane.Study(model, X, Y, **{**defaults, **options}).run(progress=False).notes


@pytest.mark.thorough
def test_best_weights_without_moving_averages() -> None:
    """As in Keras, what restores the best weights comes after the averages."""
    model = sequential()
    model.compile(keras.optimizers.Adam(0.01, use_ema=True), "mse")
    said = [
        f"Runs end with the weights of their best epoch as they were in training, not with their "
        f"moving averages, though the optimizer of the model {model.name!r} has use_ema=True: "
        f"EarlyStopping(restore_best_weights=True) puts them back last, in fit too."
    ]

    def stop(restore: bool) -> Any:
        return keras.callbacks.EarlyStopping(patience=5, restore_best_weights=restore)

    assert notes(model, callbacks=[stop(True)]) == said
    assert notes(model, candidates=[wane.EarlyStopping(3)]) == said
    assert notes(model, callbacks=[stop(False)]) == []
    model.compile(keras.optimizers.Adam(0.01), "mse")
    assert notes(model, callbacks=[stop(True)]) == []


def of_torch() -> Any:
    """A model whose optimizer is a class of torch's, as Keras loads it where torch is installed."""
    kind = type("Adam", (keras.optimizers.Adam,), {})
    kind.__module__ = "keras.src.backend.torch.optimizers.torch_adam"
    return kind


@pytest.mark.thorough
def test_an_optimizer_of_torch_is_made_anew() -> None:
    """Regression: its steps failed with an error of torch."""
    model = sequential()
    model.compile(of_torch()(0.03), "mse")
    study = wane.Study(
        model,
        X,
        Y,
        candidates=[],
        epochs=1,
        repeats=1,
        learning_curve=False,
        extend=False,
        references=False,
        shuffle=False,
    )
    result = study.run(progress=False)
    assert result.notes == [
        f"The optimizer of the model {model.name!r} was saved as a class of the backend torch: it "
        f"is made anew as Keras's Adam on jax, with the same settings."
    ]
    found = result.best_model().optimizer
    assert type(found) is keras.optimizers.Adam
    assert float(found.learning_rate) == pytest.approx(0.03)


class Mixing(keras.layers.Layer):  # type: ignore[misc] # Keras has no types
    """A layer whose weight has a name of its own."""

    def build(self, shape: Any) -> None:
        self.w = self.add_weight(shape=(shape[-1], shape[-1]), name="w")

    def call(self, x: Any) -> Any:
        return x @ self.w


@pytest.mark.thorough
def test_what_penalties_take_by_name_and_axes_is_said() -> None:
    model = sequential(Mixing(name="mix"))
    said = [
        "Of layers that are not Keras's own, roles are read from the names and axes of their "
        "weights: 'mix/w' as kernel. Name layers where another weight is meant."
    ]
    assert notes(model, candidates=[wane.L2(0.1)]) == said
    assert notes(model, candidates=[wane.L2(0.1, layers="output")]) == []


def test_a_regularizer_of_strength_0() -> None:
    assert notes(sequential(kernel_regularizer="l1l2")) == [
        "The regularizer of 'hidden' has strength 0 and adds nothing, as Keras's 'l1l2' does by "
        "itself: give keras.regularizers.L1L2(l1=..., l2=...), or wane.regularize."
    ]


def with_lora(zero: bool) -> Any:
    model = sequential()
    model.layers[0].enable_lora(2)
    if zero:
        factor = model.layers[0].lora_kernel_a
        factor.assign(np.zeros(factor.shape))
    return compiled(model)


@pytest.mark.thorough
def test_both_factors_of_lora_at_zero_are_named() -> None:
    """Regression: a loaded file has them so and never trains; the advice was to scale x."""
    assert notes(with_lora(False)) == []
    model = with_lora(True)
    name = model.layers[0].name
    assert notes(model) == [
        f"The data loss does not train '{name}/lora_kernel_a', '{name}/lora_kernel_b': its "
        f"gradient there is exactly zero at the start, and stays so when the other weights move. "
        f"Both LoRA factors of '{name}' are 0, as Keras loads them from a file, into whose kernel "
        f"it has added them: assign random numbers to the factor a, as enable_lora does."
    ]
    # Drawn anew, as by default, the first of them is not zero.
    assert notes(model, initial_weights="fresh") == []
