"""A study leaves the user's model and every global random state as they were."""

import importlib.util
import os
import random
import subprocess
import sys
from typing import Any

import keras
import numpy as np
import pytest
from keras.src.backend.common import global_state

import wane
from model_cases import compiled, rows, sequential

Dense = keras.layers.Dense
DRAWN = """
import keras
from wane.keras_model.random_state import random_states_kept
def drawn():
    return float(keras.random.normal((1,))[0])
drawn()  # so that Keras's own generator exists
with random_states_kept():
    first = drawn()
second = drawn()
print(first == second, second == drawn())
"""


class Counting(keras.layers.Layer):  # type: ignore[misc] # Keras has no types
    """Counts its calls in a variable, as layers with statistics do."""

    def build(self, _: Any) -> None:
        self.calls = self.add_weight(shape=(), initializer="zeros", trainable=False, name="calls")

    def call(self, x: Any) -> Any:
        self.calls.assign_add(1.0)
        return x


def state(model: Any) -> list[bytes]:
    """The bits of everything that a model holds: weights, seeds, optimizer and metrics."""
    variables = [
        *model.variables,
        *model.optimizer.variables,
        *(v for metric in model.metrics for v in metric.variables),
    ]
    return [np.asarray(variable.value).tobytes() for variable in variables]


def random_states() -> list[Any]:
    """The states of Python's, NumPy's and Keras's global random numbers."""
    generator = global_state.get_global_attribute("global_seed_generator")
    kept: Any = np.random.get_state()
    return [
        random.getstate(),
        kept[1].tolist(),
        kept[2],
        None if generator is None else np.asarray(generator.state.value).tolist(),
    ]


def trained_model() -> Any:
    """A model with dropout and statistics after some of the user's own training."""
    x, y = rows()
    model = sequential(
        keras.layers.BatchNormalization(), keras.layers.Dropout(0.5), Counting(name="counting")
    )
    model.compile(optimizer="adam", loss="binary_crossentropy", metrics=["accuracy"])
    model.fit(x, y, epochs=2, verbose=0)
    return model


def study(model: Any) -> wane.Study:
    """A short study that splits anew, so that it refits too."""
    x, y = rows()
    return wane.Study(model, x, y, candidates=[wane.L2(0.1)], repeats=2, epochs=2)


@pytest.mark.thorough
def test_nothing_of_the_user_s_model_changes() -> None:
    model = trained_model()
    before, config = state(model), model.get_config()
    result = study(model).run(progress=False)
    result.model("L2(0.1)", repeat=1)
    result.best_model()
    assert state(model) == before
    assert model.get_config() == config  # regularizers too
    assert all(v.regularizer is None for v in model.trainable_variables)
    x, y = rows()
    model.fit(x, y, epochs=1, verbose=0)  # and it can go on training
    assert state(model) != before


@pytest.mark.thorough
def test_models_handed_back_are_independent_of_each_other() -> None:
    result = study(sequential()).run(progress=False)
    one, two = result.model("baseline"), result.model("baseline")
    one.get_layer("hidden").kernel.assign(np.zeros((3, 4)))
    assert np.any(np.asarray(two.get_layer("hidden").kernel.value))
    assert np.any(np.asarray(result.model("baseline").get_layer("hidden").kernel.value))


@pytest.mark.thorough
def test_global_random_states_stay() -> None:
    model = trained_model()
    keras.utils.set_random_seed(11)
    keras.random.normal((1,))  # so that Keras's own generator exists
    before = random_states()
    assert before[3] is not None
    result = study(model).run(progress=False)
    result.model("L2(0.1)")
    result.best_model()
    assert random_states() == before


@pytest.mark.thorough
def test_a_function_that_seeds_leaves_no_trace() -> None:
    def make() -> Any:
        keras.utils.set_random_seed(1)
        np.random.uniform()
        return compiled(keras.Sequential([keras.layers.Input((3,)), Dense(1)]))

    keras.utils.set_random_seed(12)
    keras.random.normal((1,))
    before = random_states()
    result = study(make).run(progress=False)
    result.best_model()
    assert random_states() == before


@pytest.mark.parametrize(
    "backend",
    [
        "numpy",
        pytest.param("torch", marks=pytest.mark.thorough),
        pytest.param("tensorflow", marks=pytest.mark.thorough),
    ],
)
def test_the_states_of_other_backends_stay(backend: str) -> None:
    if importlib.util.find_spec(backend) is None:
        pytest.skip(f"{backend} is not installed; CONTRIBUTING.md says what brings it")
    done = subprocess.run(
        [sys.executable, "-c", DRAWN],
        env={**os.environ, "KERAS_BACKEND": backend, "PYTHONPATH": os.pathsep.join(sys.path)},
        capture_output=True,
        text=True,
        timeout=300,
    )
    assert done.returncode == 0, done.stderr
    assert done.stdout == "True False\n"
