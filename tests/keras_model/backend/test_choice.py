"""Which backend Keras runs on, asked for and refused."""

import os
import sys
from collections.abc import Callable
from typing import Any

import keras
import pytest

import wane
from wane.keras_model.backend.choice import require_jax, use_jax


@pytest.mark.parametrize("backend", ["torch", "tensorflow"])
def test_another_backend_is_refused(backend: str, monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setattr(keras.config, "backend", lambda: backend)
    with pytest.raises(wane.InputError) as caught:
        require_jax()
    assert str(caught.value) == (
        f"This trains on Keras's JAX backend, but Keras runs on {backend!r}, from which "
        f"wane.Study alone hands over to JAX: start Python anew with KERAS_BACKEND=jax."
    )


@pytest.mark.parametrize(("chosen", "other"), [("torch", "torch"), ("jax", None)])
def test_a_process_of_wanes_own_runs_on_jax(
    chosen: str, other: str | None, monkeypatch: pytest.MonkeyPatch
) -> None:
    monkeypatch.setenv("KERAS_BACKEND", chosen)
    monkeypatch.setitem(sys.modules, "keras", keras)
    assert use_jax() == other  # Keras had been started, on JAX
    monkeypatch.setattr("wane.keras_model.backend.choice.start_keras", lambda: None)
    monkeypatch.delitem(sys.modules, "keras")
    monkeypatch.setattr("wane.keras_model.backend.choice.require_jax", lambda: None)
    assert use_jax() == other
    assert os.environ["KERAS_BACKEND"] == "jax"


@pytest.mark.parametrize("call", ["estimator", "importance", "max_strength"])
def test_what_trains_here_says_so_on_another_backend(
    call: str, monkeypatch: pytest.MonkeyPatch
) -> None:
    x = [[0.0], [1.0], [2.0], [3.0]] * 5
    y = [0.0, 1.0, 2.0, 3.0] * 5
    model = keras.Sequential([keras.layers.Input((1,)), keras.layers.Dense(1)])
    model.compile(loss="mse")
    study = wane.Study(model, x, y, epochs=1)
    calls: dict[str, Callable[[], Any]] = {
        "estimator": lambda: wane.RegularizedMLPRegressor(epochs=1).fit(x, y),
        "importance": lambda: wane.feature_importance(model, x, y, epochs=1),
        "max_strength": lambda: wane.max_strength(study, wane.L1),
    }
    monkeypatch.setattr(keras.config, "backend", lambda: "torch")
    with pytest.raises(wane.InputError, match=r"^This trains on Keras's JAX backend"):
        calls[call]()
