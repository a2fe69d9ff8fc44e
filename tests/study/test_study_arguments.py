"""Every wrong argument is refused where the study is made, and nothing is left for its run."""

import copy
import html
import pickle
import re
from collections.abc import Callable, Iterator
from typing import Any

import keras
import numpy as np
import pandas as pd
import pytest
from sklearn.model_selection import GroupKFold, KFold
from sklearn.preprocessing import OneHotEncoder, StandardScaler

import wane
from study_cases import data, network, study
from wane._language import speaking
from wane.keras_model.checks import first_step
from wane.study.running import initial_state
from wane.study.running.session import Session

X, Y = data()
L = keras.layers
BINARY = {"optimizer": "sgd", "loss": "binary_crossentropy"}


def net(*layers: Any, **compilation: Any) -> Any:
    """A network of these layers and an output, compiled with these changes."""
    model = keras.Sequential([L.Input((3,)), *layers, out()], name="net")
    model.compile(**{**BINARY, **compilation})
    return model


def out() -> Any:
    return L.Dense(1, activation="sigmoid", name="output")


def uncompiled() -> Any:
    return keras.Sequential([L.Input((3,)), out()], name="net")


def without_loss() -> Any:
    model = uncompiled()
    model.compile(optimizer="sgd")
    return model


class WithoutConfig(keras.Model):  # type: ignore[misc] # it has no types
    """A model whose configuration lacks an argument."""

    def __init__(self, units: int) -> None:
        super().__init__()
        self.dense = L.Dense(units, activation="sigmoid")

    def call(self, x: Any) -> Any:
        return self.dense(x)


def subclassed() -> Any:
    model = WithoutConfig(1)
    model.compile(**BINARY)
    model(X[:2])
    return model


class OwnStep(keras.Sequential):  # type: ignore[misc] # it has no types
    """A model that trains in its own way."""

    def train_step(self, *given: Any) -> Any:
        return super().train_step(*given)


def own_step() -> Any:
    model = OwnStep([L.Input((3,)), out()])
    model.compile(**BINARY)
    return model


class Undefined(keras.layers.Layer):  # type: ignore[misc] # it has no types
    """A layer that gives NaN for every input."""

    def call(self, x: Any) -> Any:
        return keras.ops.log(-keras.ops.abs(x) - 1)


def frozen() -> Any:
    model = network()
    model.trainable = False
    model.compile(**BINARY)
    return model


def of_nan() -> Any:
    model = network()
    model.set_weights([values * np.nan for values in model.get_weights()])
    return model


def unbuilt() -> Any:
    model = keras.Sequential([L.Dense(1)])
    model.compile(loss="mse")
    return model


def failing() -> Any:
    raise RuntimeError("no weights there")


def with_gap(values: np.ndarray) -> np.ndarray:
    """Values of which the first is lacking."""
    given = values.copy()
    given.flat[0] = np.nan
    return given


class Half:
    """A splitter that leaves nothing to train on in its second split."""

    def split(self, *_: Any) -> Iterator[Any]:
        yield np.arange(20), np.arange(20, 30)
        yield np.arange(0), np.arange(30)

    def get_n_splits(self, *_: Any) -> int:
        return 2


class Unfit(StandardScaler):  # type: ignore[misc] # it has no types
    """A transformer that takes no rows."""

    def fit(self, *_: Any, **__: Any) -> Any:
        raise ValueError("no rows are good enough")


class OwnCallback(keras.callbacks.Callback):  # type: ignore[misc] # it has no types
    """A callback that needs Python."""


WRONG: dict[str, Callable[[], dict[str, Any]]] = {
    "uncompiled": lambda: {"model": uncompiled()},
    "no loss": lambda: {"model": without_loss()},
    "lambda layer": lambda: {"model": net(L.Lambda(lambda x: x * 2))},
    "lambda loss": lambda: {
        "model": net(loss=lambda y, p: keras.ops.mean(keras.ops.square(y - p), axis=-1))
    },
    "not a model": lambda: {"model": 3},
    "model none": lambda: {"model": None},
    "function returns 5": lambda: {"model": lambda: 5},
    "function with args": lambda: {"model": lambda units: network(inputs=units)},
    "function uncompiled": lambda: {"model": lambda: uncompiled()},
    "function raises": lambda: {"model": failing},
    "subclassed no config": lambda: {"model": subclassed()},
    "own train step": lambda: {"model": own_step()},
    "frozen": lambda: {"model": frozen()},
    "nan layer": lambda: {"model": net(Undefined())},
    "wrong inputs": lambda: {"model": network(inputs=5)},
    "model without inputs": lambda: {"model": unbuilt},
    "misspelt metric": lambda: {"model": net(metrics=["acuracy"])},
    "misspelt loss": lambda: {"model": net(loss="binary_crosentropy")},
    "metric data loss": lambda: {
        "model": net(metrics=[keras.metrics.MeanSquaredError(name="data_loss")])
    },
    "metric of classes": lambda: {"model": net(metrics=[keras.metrics.F1Score(name="f1")])},
    "nan weights": lambda: {"model": of_nan(), "initial_weights": "model"},
    "x nan": lambda: {"x": with_gap(X)},
    "y nan": lambda: {"y": with_gap(Y)},
    "lengths": lambda: {"y": Y[:-1]},
    "no rows": lambda: {"x": X[:0], "y": Y[:0]},
    "one row": lambda: {"x": X[:1], "y": Y[:1]},
    "x text": lambda: {"x": np.array([["a", "b", "c"]] * 30)},
    "x none": lambda: {"x": None, "y": None},
    "y strings": lambda: {"y": np.array(["yes", "no"] * 15)},
    "y for sparse": lambda: {"model": network("multiclass"), "y": np.arange(30) % 5},
    "y negative sparse": lambda: {"model": network("multiclass"), "y": np.arange(30) % 3 - 1},
    "y two columns": lambda: {"y": np.stack([Y, Y], 1)},
    "y of a number for binary": lambda: {"y": X[:, 0] * 7},
    "y one class": lambda: {"y": np.zeros(30, "float32")},
    "y rare class": lambda: {"y": np.eye(30)[0].astype("float32")},
    "y minus one": lambda: {"y": 2 * Y - 1},
    "float labels": lambda: {"model": network("multiclass"), "y": np.arange(30) % 3 + 0.5},
    "share above 1": lambda: {"validation": 1.2},
    "share 0": lambda: {"validation": 0.0},
    "share true": lambda: {"validation": True},
    "validation split above 1": lambda: {"validation_split": 1.5},
    "validation twice": lambda: {"validation": 0.2, "validation_split": 0.2},
    "validation text": lambda: {"validation": "quarter"},
    "validation columns": lambda: {"validation": (X[:5, :2], Y[:5])},
    "validation lengths": lambda: {"validation": (X[:5], Y[:4])},
    "validation empty": lambda: {"validation": (X[:0], Y[:0])},
    "validation 1tuple": lambda: {"validation": (X[:5],)},
    "validation y shape": lambda: {"validation": (X[:5], Y[:5, None])},
    "validation rows": lambda: {"validation": 0.01},
    "validation leaves nothing": lambda: {"validation": 0.99},
    "kfold too many": lambda: {"validation": KFold(40)},
    "splitter empty": lambda: {"validation": Half()},
    "kfold repeats": lambda: {"validation": KFold(3), "repeats": 4},
    "group kfold no groups": lambda: {"validation": GroupKFold(3)},
    "test share": lambda: {"test": 1.0},
    "test and validation all": lambda: {"test": 0.5, "validation": 0.97},
    "test columns": lambda: {"test": (X[:5, :1], Y[:5])},
    "test text": lambda: {"test": "x"},
    "test nan": lambda: {"test": (with_gap(X), Y)},
    "subsample": lambda: {"validation": wane.Subsample(train=20, validation=20)},
    "fresh with rows": lambda: {
        "validation": wane.Fresh(
            lambda rows, seed: data(rows=rows, seed=seed), train=10, validation=10
        )
    },
    "groups length": lambda: {"groups": np.arange(29)},
    "groups one": lambda: {"groups": np.zeros(30)},
    "groups 2d": lambda: {"groups": np.zeros((30, 2))},
    "groups nan": lambda: {"groups": np.full(30, np.nan)},
    "time length": lambda: {"time": np.arange(29)},
    "time constant": lambda: {"time": np.zeros(30)},
    "gap alone": lambda: {"gap": 3},
    "gap large": lambda: {"time": np.arange(30), "gap": 29},
    "gap negative": lambda: {"time": np.arange(30), "gap": -1},
    "time with tuple": lambda: {"time": np.arange(30), "validation": (X[:5], Y[:5])},
    "epochs 0": lambda: {"epochs": 0},
    "epochs float": lambda: {"epochs": 2.5},
    "batch 0": lambda: {"batch_size": 0},
    "batch text": lambda: {"batch_size": "8"},
    "repeats 0": lambda: {"repeats": 0},
    "repeats float": lambda: {"repeats": 1.5},
    "seed negative": lambda: {"seed": -1},
    "seed float": lambda: {"seed": 0.5},
    "shuffle text": lambda: {"shuffle": "batch"},
    "minutes 0": lambda: {"minutes": 0},
    "minutes text": lambda: {"minutes": "5"},
    "minutes and until": lambda: {"minutes": 1, "until_decided": True, "repeats": None},
    "minutes halving": lambda: {"minutes": 1, "halving": True},
    "halving 2": lambda: {"halving": True, "repeats": 2},
    "until repeats": lambda: {"until_decided": True, "repeats": 5},
    "initial weights": lambda: {"initial_weights": "old"},
    "optimizer state": lambda: {"optimizer_state": "old"},
    "optimizer state untrained": lambda: {"optimizer_state": "model", "initial_weights": "model"},
    "optimizer state fresh w": lambda: {"optimizer_state": "model", "initial_weights": "fresh"},
    "optimizer state function": lambda: {"optimizer_state": "model", "model": network},
    "name number": lambda: {"name": 3},
    "class names number": lambda: {"class_names": 3},
    "learning curve text": lambda: {"learning_curve": "yes"},
    "retraining text": lambda: {"retraining": "yes"},
    "extend text": lambda: {"extend": "yes"},
    "sample weight length": lambda: {"sample_weight": np.ones(29)},
    "sample weight negative": lambda: {"sample_weight": -np.ones(30)},
    "sample weight zero": lambda: {"sample_weight": np.zeros(30)},
    "sample weight nan": lambda: {"sample_weight": np.full(30, np.nan)},
    "both weights": lambda: {"sample_weight": np.ones(30), "class_weight": {0: 1.0}},
    "class weight text": lambda: {"class_weight": "even"},
    "class weight negative": lambda: {"class_weight": {0: -1.0}},
    "class weight regression": lambda: {
        "model": network("regression"),
        "y": X[:, 0],
        "class_weight": "balanced",
    },
    "transform text": lambda: {"transform": "scale"},
    "transform class": lambda: {"transform": StandardScaler},
    "transform sparse": lambda: {"transform": OneHotEncoder(handle_unknown="ignore")},
    "transform raises": lambda: {"transform": Unfit()},
    "standardize binary": lambda: {"standardize_target": True},
    "standardize text": lambda: {"standardize_target": "yes"},
    "callback own": lambda: {"callbacks": [OwnCallback()]},
    "callback checkpoint": lambda: {"callbacks": [keras.callbacks.ModelCheckpoint("a.keras")]},
    "callback text": lambda: {"callbacks": ["EarlyStopping"]},
    "callback monitor": lambda: {
        "callbacks": [keras.callbacks.EarlyStopping(monitor="val_acuracy")]
    },
    "callback schedule": lambda: {
        "callbacks": [keras.callbacks.LearningRateScheduler(lambda epoch, rate: f"{epoch}, {rate}")]
    },
    "select by": lambda: {"select_by": "acuracy"},
    "select by way": lambda: {"select_by": ("accuracy", "higher")},
    "select by number": lambda: {"select_by": 3},
    "matters negative": lambda: {"matters": -0.1},
    "matters text": lambda: {"matters": "much"},
    "matters large": lambda: {"select_by": "accuracy", "matters": 5.0},
    "scoring misspelt": lambda: {"scoring": ["roc_acu"]},
    "scoring number": lambda: {"scoring": [3]},
    "references unknown": lambda: {"references": ["forest"]},
    "references object": lambda: {"references": [3]},
    "candidates text": lambda: {"candidates": "l2"},
    "candidates misspelt": lambda: {"candidates": ["l3"]},
    "candidates number": lambda: {"candidates": [0.1]},
    "candidates twice": lambda: {"candidates": [wane.L2(0.1), wane.L2(0.1)]},
    "candidates two dropouts": lambda: {"candidates": [(wane.Dropout(0.1), wane.Dropout(0.2))]},
    "layer unknown": lambda: {"candidates": [wane.L2(0.1, layers="hiden")]},
    "role absent": lambda: {"candidates": [wane.L2(0.1, on=("embedding",))]},
    "dropout absent": lambda: {"candidates": [wane.Dropout(0.1)]},
    "network other loss": lambda: {"candidates": [wane.Network(net(loss="mse"), "other")]},
    "network uncompiled": lambda: {"candidates": [wane.Network(uncompiled(), "other")]},
    "network number": lambda: {"candidates": [wane.Network(4, "other")]},
    "network inputs": lambda: {"candidates": [wane.Network(network(inputs=4), "other")]},
    "network metrics": lambda: {"candidates": [wane.Network(net(metrics=["mae"]), "other")]},
    "decay sgd": lambda: {"candidates": [wane.WeightDecay(0.1, layers="nope")]},
    "group lasso bias": lambda: {"candidates": [wane.GroupLasso(0.1, on=("bias",))]},
}


@pytest.mark.parametrize("case", WRONG)
def test_a_wrong_argument_is_refused_where_the_study_is_made(case: str) -> None:
    given = {"repeats": 2, **WRONG[case]()}
    with pytest.raises(wane.WaneError) as caught:
        study(**given)
    sentence = str(caught.value)
    assert sentence.endswith((".", "?")) and "\n" not in sentence and len(sentence) > 20


@pytest.fixture
def beginnings(monkeypatch: pytest.MonkeyPatch) -> list[str]:
    """The fingerprint of each first step that is tried."""
    tried: list[str] = []
    check = first_step.check_first_step

    def noted(*given: Any) -> str:
        tried.append(check(*given))
        return tried[-1]

    monkeypatch.setattr(initial_state, "check_first_step", noted)
    return tried


@pytest.mark.thorough
def test_the_run_takes_what_was_checked(
    beginnings: list[str], monkeypatch: pytest.MonkeyPatch
) -> None:
    made = study(epochs=1)
    ready: Any = made._ready

    def refuse(*_: Any) -> None:
        raise AssertionError("checked again")

    with monkeypatch.context() as during:
        during.setattr(Session, "__init__", refuse)
        result = made.run(progress=False)
    assert len(beginnings) == 1 and result._finished.splits is ready.splits
    assert made._ready is None  # a second run has a session of its own


def test_other_candidates_are_checked_and_begin_alike(beginnings: list[str]) -> None:
    made = study()
    assert made.with_candidates([wane.L1(0.1)]).spec.names == ("baseline", "L1(0.1)")
    assert wane.max_strength(made, wane.L1, layers="output") > 0
    assert len(beginnings) == 1
    with pytest.raises(wane.InputError, match="No trainable weight matches layers='hiden'"):
        made.with_candidates([wane.L2(0.1, layers="hiden")])


def test_what_is_done_with_a_model_later_changes_no_study_of_it() -> None:
    model, other = network(), network()
    given = [model.get_weights(), other.get_weights()]
    candidates = [wane.Network(other, "another one")]
    made = study(model=model, candidates=candidates, initial_weights="model")
    for one in (model, other):
        one.set_weights([values + 1 for values in one.get_weights()])
        one.compile("adam", "mse")
    sessions: list[Any] = [made._ready, Session(made.spec)]
    for session in sessions:  # of the first run and of a later one
        for structure, weights in zip(session.structures.all, given, strict=True):
            start = structure.beginning.first_state.weights
            for mine, values in zip(start, weights, strict=True):
                np.testing.assert_array_equal(mine, values)
            assert structure.bridge.task.loss == "binary_crossentropy"


def test_a_splitter_without_a_seed_draws_once_for_all_candidates() -> None:
    made = study(validation=KFold(2, shuffle=True))
    ready: Any = made._ready
    others: Any = made.with_candidates([wane.L1(0.1)])._ready
    for one in (ready, others):
        assert one.whole is one.splits.resampling is ready.whole


def test_what_is_done_with_transform_and_table_later_changes_no_study() -> None:
    x, y = data()
    table, scaler = pd.DataFrame(x), StandardScaler()
    made = wane.Study(network(), table, y, transform=scaler, repeats=2, epochs=1)
    table += 100.0
    scaler.set_params(with_mean=False)
    session: Any = made._ready
    of_repeats = [np.asarray(session.splits.rows(repeat).train.x) for repeat in range(2)]
    np.testing.assert_allclose([rows.mean() for rows in of_repeats], 0, atol=1e-6)


@pytest.mark.parametrize(
    "taken", [copy.copy, copy.deepcopy, lambda one: pickle.loads(pickle.dumps(one))]
)
def test_copies_of_a_study_have_nothing_ready(taken: Callable[[wane.Study], wane.Study]) -> None:
    made = study()
    other = taken(made)
    assert other._ready is None and made._ready is not None
    assert other.spec.to_dict() == made.spec.to_dict()


def test_a_study_that_is_not_trained_shows_its_settings() -> None:
    own = study(validation=data(seed=1))
    with speaking("en"):
        english = own._repr_html_()
    assert f"Study {own.spec.name!r}, not trained yet" in html.unescape(english)
    assert f"{own.spec.epochs} in batches of {own.spec.batch_size}" in english
    with speaking("zh"):
        chinese = re.sub(r"<style.*?</style>|<[^>]+>", " ", own._repr_html_(), flags=re.S)
    known = {*re.findall("[A-Za-z]+", " ".join((own.spec.name, *own.spec.names))), "run"}
    assert set(re.findall("[A-Za-z]+", html.unescape(chinese))) <= known
