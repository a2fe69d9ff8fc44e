"""What is wrong is refused where the study is made, on other backends in the words of JAX."""

import importlib.util
import json
import os
import subprocess
import sys
from collections.abc import Callable
from pathlib import Path
from typing import Any

import keras
import numpy as np
import pytest

import wane
import worker_cases
from study_cases import network, study
from wane.keras_model.crossing.models import read_model

WRONG: dict[str, Callable[[], dict[str, Any]]] = {
    "uncompiled": lambda: {"model": uncompiled()},
    "share": lambda: {"validation": 1.5},
    "metric": lambda: {"select_by": "acuracy"},
    "layers": lambda: {"candidates": [wane.L2(0.1, layers="hiden")]},
    "shapes": lambda: {"model": network(inputs=5)},
    "labels": lambda: {"model": network("multiclass"), "y": np.arange(30) % 5},
    "number": lambda: {"model": 3},
}
LAMBDA = "a .keras file does not hold the code of 'f', which is not Keras's own"


def uncompiled() -> Any:
    return keras.Sequential([keras.layers.Input((3,)), keras.layers.Dense(1)], name="net")


def with_lambda() -> Any:
    layer = keras.layers.Lambda(lambda x: x * 2, name="f")
    model = keras.Sequential([keras.layers.Input((3,)), layer, keras.layers.Dense(1)], name="net")
    model.compile("sgd", "mse")
    return model


def refused(**given: Any) -> str:
    with pytest.raises(wane.InputError) as caught:
        study(**given)
    return str(caught.value)


@pytest.fixture
def other_backend(monkeypatch: pytest.MonkeyPatch) -> list[Path]:
    """Studies of this process are handed over, and checked in it; the folders of processes."""
    places: list[Path] = []

    def checked(place: Path) -> None:
        places.append(place)
        with pytest.MonkeyPatch.context() as there:
            for module in MODULES:
                there.setattr(module, lambda: True)
            worker_cases.work(place)

    for module in MODULES:
        monkeypatch.setattr(module, lambda: False)
    here = worker_cases.process_that(checked)
    monkeypatch.setattr("wane.study.worker.elsewhere.WorkerProcess", here)
    return places


MODULES = ("wane.study.worker.elsewhere.runs_on_jax", "wane.study.spec.candidates.runs_on_jax")


@pytest.mark.parametrize("case", WRONG)
def test_a_wrong_argument_is_refused_in_the_words_of_jax(
    case: str, request: pytest.FixtureRequest
) -> None:
    expected = refused(**WRONG[case]())
    places = request.getfixturevalue("other_backend")
    assert refused(**WRONG[case]()) == expected
    assert not any(place.exists() for place in places)


@pytest.mark.usefixtures("other_backend")
def test_what_cannot_cross_is_refused_where_the_study_is_made() -> None:
    assert LAMBDA in refused(model=with_lambda())


@pytest.mark.usefixtures("other_backend")
def test_other_candidates_are_checked_too() -> None:
    with pytest.raises(wane.InputError, match="No trainable weight matches layers='hiden'"):
        study().with_candidates([wane.L2(0.1, layers="hiden")])


@pytest.mark.usefixtures("other_backend")
def test_networks_are_as_they_were_when_each_study_was_made() -> None:
    model = network()
    other = [wane.Network(model, "other")]
    made = study()
    studies = [made.with_candidates(other)]
    model.set_weights([values + 1 for values in model.get_weights()])
    studies.append(made.with_candidates(other))
    studies.append(studies[0].with_candidates([*other, wane.L2(0.1)]))  # its own, as on JAX
    weights = []
    for one in studies:
        assert one._elsewhere is not None
        (file,) = one._elsewhere.networks.values()
        weights.append(read_model(one._elsewhere.handed.folder / file).get_weights())
    for first, later, again in zip(*weights, strict=True):
        np.testing.assert_allclose(later, first + 1, rtol=1e-6)
        np.testing.assert_array_equal(again, first)


@pytest.mark.usefixtures("other_backend")
def test_what_does_not_cross_as_it_is_is_said_to_be_a_fault_of_handing_over(
    monkeypatch: pytest.MonkeyPatch,
) -> None:
    monkeypatch.setattr("wane.study.study.differences", lambda *_: ["epochs"])
    assert refused() == (
        "The study cannot be handed to JAX: This is another study than the one that was written, "
        "which differs in its epochs: give what it was made with."
    )


@pytest.mark.thorough
@pytest.mark.parametrize("backend", ["torch", "tensorflow"])
def test_each_backend_refuses_at_once(backend: str) -> None:
    if importlib.util.find_spec(backend) is None:
        pytest.skip(f"{backend} is not installed; CONTRIBUTING.md says what brings it")
    done = subprocess.run(
        [sys.executable, __file__],
        env={
            **os.environ,
            "KERAS_BACKEND": backend,
            "TF_CPP_MIN_LOG_LEVEL": "3",
            "PYTHONPATH": os.pathsep.join([str(Path(worker_cases.__file__).parent), *sys.path]),
        },
        capture_output=True,
        text=True,
        timeout=600,
    )
    assert done.returncode == 0, done.stderr
    found = json.loads(done.stdout)
    assert LAMBDA in found.pop("lambda")
    assert found == {case: refused(**make()) for case, make in WRONG.items()}
    said = f"Keras runs on {backend!r} here: a process of its own trains on JAX.\n"
    assert done.stderr.count(said) == 1


if __name__ == "__main__":
    found = {case: refused(**make()) for case, make in WRONG.items()}
    print(json.dumps({**found, "lambda": refused(model=with_lambda())}))
