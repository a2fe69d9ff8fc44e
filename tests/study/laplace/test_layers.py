"""What training rows alone say of the strengths of a search."""

from typing import Any

import keras
import numpy as np
import pytest

import wane
from study_cases import data, network, study
from wane.study.laplace import layers

TEST = data(rows=40, seed=7)


def tuned(space: Any = None, **options: Any) -> wane.Comparison:
    how = {name: options.pop(name) for name in ("penalty", "evidence") if name in options}
    task = options.pop("task", "binary")
    own = study(task, **{"epochs": 6, "test": data(task, rows=40, seed=7), **options})
    return own.tune(space, trials=4, progress=False, **how)


@pytest.mark.parametrize("task", ["binary", "multiclass", "regression"])
def test_a_search_has_the_evidence_of_its_training_rows(task: str) -> None:
    found = tuned(task=task)
    table, document = found.evidence, found.document["search"]["evidence"]
    assert list(table["layers"]) == ["hidden", "output"]
    assert list(table["weights"]) == [12, 12 if task == "multiclass" else 4]
    assert (table["determined"] > 0).all() and (table["determined"] < table["weights"]).all()
    assert (table["low"] <= table["strength"]).all() and (table["strength"] <= table["high"]).all()
    assert (document["noise"] is None) == (task != "regression")
    assert document["repeats"] == document["converged"] == 2
    assert document["gain"] > -1e-3  # one strength is one of those for each
    assert document["candidate"] in found.result.spec.names
    if task != "regression":
        rows = found.result.document["study"]["rows"]["train"]
        assert list(table["strength"]) == pytest.approx(list(table["precision"] / (2 * rows)))
    assert "evidence" in found.result.document["seconds"]
    assert "The evidence of the training rows alone" in found.verdict
    assert "by the" in str(found) and "No evidence" not in str(found)


def test_it_can_be_left_out() -> None:
    found = tuned(evidence=False)
    assert found.evidence.empty and "evidence" not in found.verdict
    assert "evidence" not in found.result.document["seconds"]
    assert found.result.spec.search is not None
    assert found.result.spec.search.document()["evidence"] is False
    again = wane.StudySpec.from_dict(found.result.spec.to_dict())
    assert again.search == found.result.spec.search
    assert study().compare(["l1"], settings=1, progress=False).evidence.empty


def with_own_penalty() -> Any:
    return keras.Sequential(
        [
            keras.layers.Input((3,)),
            keras.layers.Dense(4, "tanh", kernel_regularizer="l2", name="hidden"),
            keras.layers.Dense(1, "sigmoid", name="output"),
        ]
    )


def compiled(model: Any) -> Any:
    model.compile(loss="binary_crossentropy")
    return model


CASES: dict[str, dict[str, Any]] = {
    "the search is not one of L2 alone": {"penalty": wane.L1},
    "its training rows have weights": {"sample_weight": np.linspace(0.5, 1, 30)},
    "it has penalties of its own": {"model": lambda: compiled(with_own_penalty())},
}


def note(found: wane.Comparison) -> str:
    (said,) = [one for one in found.result.document["notes"] if one.startswith("No evidence")]
    return str(said)


@pytest.mark.parametrize("reason", CASES)
def test_what_is_in_the_way_is_said(reason: str) -> None:
    found = tuned(**CASES[reason])
    expected = f"No evidence of the training rows stands beside the search, since {reason}."
    assert note(found) == expected
    assert found.evidence.empty and "evidence" not in found.verdict


def test_large_networks_and_long_work_are_left_alone(monkeypatch: pytest.MonkeyPatch) -> None:
    with monkeypatch.context() as patch:
        patch.setattr(layers, "MOST_WEIGHTS", 20)
        assert note(tuned()).endswith("since it has 21 weights, more than 20.")
    monkeypatch.setattr(layers, "MOST_WORK", 100)
    found = tuned(validation=0.2)
    rows = found.result.document["study"]["rows"]["train"]
    assert note(found).endswith(
        f"since its 21 weights and {rows} training rows would take too long."
    )


def test_inputs_of_noise_want_more_than_those_that_tell() -> None:
    """A linear network with a layer of its own for each of two groups of inputs."""
    random = np.random.default_rng(2)
    x = [random.normal(size=(80, 4)).astype("float32") for _ in range(2)]
    y = (x[0] @ np.array([1, -1, 2, 0.5]) + random.normal(0, 0.5, 80)).astype("float32")
    both = [keras.layers.Input((4,), name=f"x{i}") for i in range(2)]
    names = ("signal", "noise")
    outputs = [
        keras.layers.Dense(1, use_bias=False, name=name)(one)
        for name, one in zip(names, both, strict=True)
    ]
    model = keras.Model(both, keras.layers.Add()(outputs))
    model.compile(optimizer=keras.optimizers.SGD(0.1), loss="mse")
    found = tuned(model=model, x=x, y=y[:, None], test=0.3, epochs=40)
    table = found.evidence.set_index("layers")["strength"]
    assert table["noise"] > 5 * table["signal"]
    assert found.document["search"]["evidence"]["evidence_most"] == "noise"
    # The rows tell four weights of these and hardly any of the others.
    assert found.evidence["determined"].iloc[0] == pytest.approx(4, abs=0.3)
    assert found.document["search"]["evidence"]["noise"] == pytest.approx(0.25, rel=0.6)


def test_the_same_rows_give_the_same_evidence() -> None:
    first, second = (tuned(model=network()).evidence for _ in range(2))
    assert first.equals(second)
