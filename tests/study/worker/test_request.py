"""Studies written as data and read back, which must be the same studies."""

from collections.abc import Callable
from typing import Any

import keras
import numpy as np
import pandas as pd
import pytest
from sklearn.linear_model import Ridge
from sklearn.metrics import f1_score, make_scorer
from sklearn.model_selection import (
    GroupKFold,
    KFold,
    RepeatedStratifiedKFold,
    ShuffleSplit,
)
from sklearn.pipeline import make_pipeline
from sklearn.preprocessing import FunctionTransformer, MinMaxScaler, StandardScaler

import wane
from study_cases import data, network, study
from wane.study.worker.elsewhere import Elsewhere
from wane.study.worker.handed import Handed
from wane.study.worker.request import Call, read_call, read_study, write_call
from wane.training.execution import Execution

CALL = Call("run", "place", True, Execution("threads", threads=2), {"on": ["kernel"]})
DAYS = pd.Series(pd.date_range("2026-01-01", periods=30), name="day")
PANDAS = MinMaxScaler().set_output(transform="pandas")
APART = (data(seed=1)[0], data(seed=1)[1])

SAME: dict[str, Callable[[], dict[str, Any]]] = {
    "plain": dict,
    "arrays": lambda: {"validation": APART, "test": (*APART, np.arange(1.0, 31.0))},
    "splitters": lambda: {
        "repeats": 3,
        "validation": KFold(3, shuffle=True, random_state=1),
        "test": KFold(4),
    },
    "repeated": lambda: {
        "repeats": 6,
        "validation": RepeatedStratifiedKFold(n_splits=2, n_repeats=3, random_state=1),
        "test": ShuffleSplit(1, test_size=0.2, random_state=0),
    },
    "groups": lambda: {
        "groups": pd.Series(list("abcdefghij") * 3, name="who"),
        "validation": GroupKFold(2),
    },
    "numbered groups": lambda: {"groups": np.arange(30) // 2},
    "time": lambda: {"time": DAYS, "gap": 1, "validation": 0.3},
    "transform": lambda: {
        "x": pd.DataFrame(data()[0], columns=list("abc")).assign(d=["u", "v"] * 15)[list("abc")],
        "transform": make_pipeline(StandardScaler(), MinMaxScaler((0, 2))),
    },
    "output": lambda: {"transform": make_pipeline(PANDAS, StandardScaler())},
    "callbacks": lambda: {"callbacks": [keras.callbacks.EarlyStopping(patience=3)]},
    "references": lambda: {"references": {"linear": None, "ridge": Ridge(2.0)}},
    "weights": lambda: {"sample_weight": np.linspace(0.1, 1, 30)},
    "classes": lambda: {"class_weight": "balanced", "scoring": ["roc_auc"], "select_by": "roc_auc"},
    "networks": lambda: {
        "candidates": [
            wane.Network(network(), "other"),
            (wane.Network(dropping(), "dropping"), wane.Dropout(0.5), wane.L1(0.1)),
        ]
    },
    "schedule": lambda: {
        "candidates": [wane.L2(wane.schedule.linear(0.0, 0.1, 2)), wane.L1(1.0, proximal=True)]
    },
    "subsample": lambda: {"validation": wane.Subsample(10, 10)},
}


def dropping() -> keras.Model:
    """The network of these tests with a dropout layer."""
    model = network()
    layers = [model.get_layer("hidden"), keras.layers.Dropout(0.2), model.get_layer("output")]
    dropping = keras.Sequential([keras.layers.Input((3,)), *layers])
    dropping.compile("sgd", "binary_crossentropy")
    return dropping


@pytest.mark.parametrize("case", SAME)
def test_a_study_is_the_same_when_it_is_read(case: str) -> None:
    given = {"x": data()[0], "y": data()[1], "sample_weight": None, **SAME[case]()}
    own = study(**given)
    rows = given["x"], given["y"], given["sample_weight"]
    handed = Handed()
    handed.write(own.spec, rows)
    place = handed.place()
    handed.state(own.spec, place, {})
    write_call(place, CALL)
    assert not [path for path in handed.folder.rglob("*") if path.suffix in (".pkl", ".pickle")]
    spec, model, (x, y, weight), others = read_study(place)
    found = wane.Study.from_spec(spec, model, x, y, sample_weight=weight, **others)
    assert found.spec.to_dict() == own.spec.to_dict()
    for name in ("validation", "test", "groups", "time"):  # of fractions or by their values
        mine, theirs = (getattr(one.spec.data, name, None) for one in (found, own))
        assert (mine is None) == (theirs is None)
    assert read_call(place) == CALL
    if case == "output":
        assert isinstance(others["transform"].steps[0][1].fit_transform(x), pd.DataFrame)
        assert isinstance(others["transform"].fit_transform(x), np.ndarray)


def test_objects_that_change_later_are_as_they_were() -> None:
    splitter = KFold(2, shuffle=True, random_state=1)
    own = study(transform=StandardScaler(), validation=splitter)
    handed = Handed()
    handed.write(own.spec, (*data(), None))
    own.spec.transform.set_params(with_mean=False)
    splitter.random_state = 2
    place = handed.place()
    handed.state(own.spec, place, {})
    spec, model, (x, y, weight), others = read_study(place)
    found = wane.Study.from_spec(spec, model, x, y, sample_weight=weight, **others)
    assert found.spec.transform.with_mean
    assert found.spec.to_dict()["validation"]["splitter"].count("random_state=1")


def fresh() -> wane.Fresh:
    return wane.Fresh(lambda rows, seed: data(rows=rows, seed=seed), train=10, validation=10)


class Own(wane.L2):
    """A penalty of the user's own."""


REFUSED: dict[str, tuple[dict[str, Any], str]] = {
    "fresh": (
        {"x": None, "y": None, "validation": fresh()},
        "validation=wane.Fresh(...) cannot be handed to JAX, on which wane trains, since it draws "
        "rows by a function of yours: give rows, or start Python anew with KERAS_BACKEND=jax.",
    ),
    "transform": (
        {"transform": FunctionTransformer(np.square)},
        "transform cannot be handed to JAX, on which wane trains, since the parameters of "
        f"{FunctionTransformer(np.square)!r} are no plain values: give one of scikit-learn's own "
        "with plain parameters, or start Python anew with KERAS_BACKEND=jax.",
    ),
    "scorer": (
        {"scoring": [make_scorer(f1_score)]},
        "scoring cannot be handed to JAX, on which wane trains, since it holds functions: name "
        "scikit-learn's scorers, or start Python anew with KERAS_BACKEND=jax.",
    ),
    "penalty": (
        {"candidates": [Own(0.5)]},
        f"The penalty {Own(0.5)} cannot be handed to JAX, on which wane trains, since it is a "
        "class of yours: give wane's own, or start Python anew with KERAS_BACKEND=jax.",
    ),
    "unseeded": (
        {"test": KFold(3, shuffle=True)},
        "test cannot be handed to JAX, on which wane trains, since KFold(n_splits=3, "
        "random_state=None, shuffle=True) splits rows otherwise each time: give it a random_state, "
        "such as random_state=0.",
    ),
    "unseeded repeated": (
        {"validation": RepeatedStratifiedKFold(n_splits=2, n_repeats=1)},
        "validation cannot be handed to JAX, on which wane trains, since "
        "RepeatedStratifiedKFold(n_repeats=1, n_splits=2, random_state=None) splits rows otherwise "
        "each time: give it a random_state, such as random_state=0.",
    ),
    "splitter": (
        {"validation": type("Mine", (KFold,), {})(2)},
        "validation cannot be handed to JAX, on which wane trains, since Mine is not "
        "scikit-learn's own: give one of scikit-learn's own with plain parameters, or start Python "
        "anew with KERAS_BACKEND=jax.",
    ),
}


@pytest.mark.parametrize("case", REFUSED)
def test_what_cannot_cross_is_named(case: str, monkeypatch: pytest.MonkeyPatch) -> None:
    given, text = REFUSED[case]
    own = study(**given)
    assert Elsewhere.of(own.spec, (None, None, None)) is None  # here on JAX
    monkeypatch.setattr(keras.config, "backend", lambda: "torch")
    with pytest.raises(wane.InputError) as caught:
        study(**given)
    assert str(caught.value) == text
