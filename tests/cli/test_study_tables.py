"""Tables through the command line; every reported number made again by Keras and scikit-learn."""

import dataclasses
import json
from collections.abc import Iterator
from pathlib import Path
from typing import Any

import keras
import numpy as np
import pandas as pd
import pytest
from sklearn.metrics import accuracy_score, log_loss, r2_score, root_mean_squared_error
from sklearn.preprocessing import StandardScaler

from cli_cases import Called, wane, write_sklearn_table
from wane import L2, Study, StudySpec
from wane.cli.made.problems import candidates_of, load_problem
from wane.cli.made.studies import problem_spec
from wane.resampling.splits import Split
from wane.study.running.session import Session

REPEATS, EPOCHS, HIDDEN, STRENGTH = 2, 40, 8, 0.01


def near(value: float) -> Any:
    """What equals a number that was computed in float32."""
    return pytest.approx(value, abs=2e-5, rel=2e-5)


@dataclasses.dataclass(frozen=True)
class Case:
    """A table's study, through the command line, and the same study from Python."""

    path: Path
    called: Called
    spec: StudySpec
    splits: tuple[Split, ...]

    def raw(self, part: str, repeat: int) -> tuple[pd.DataFrame, np.ndarray]:
        """A part's rows as they stand in the file: inputs, and targets as classes or amounts."""
        data, split = self.spec.data, self.splits[repeat]
        assert data.test is not None and split.validation is not None
        labels = {
            "train": data.development.x.index[split.train],
            "validation": data.development.x.index[split.validation],
            "test": data.test.x.index,
        }[part]
        frame = pd.read_csv(self.path).loc[labels]
        target = frame.pop("target")
        return frame, target.to_numpy()


def same_study(path: Path) -> StudySpec:
    return problem_spec(
        load_problem(str(path), target="target"),
        candidates=candidates_of(["l2"], [STRENGTH]),
        hidden=str(HIDDEN),
        repeats=REPEATS,
        epochs=EPOCHS,
    )


THOROUGH = [pytest.param(name, marks=pytest.mark.thorough) for name in ("cancer", "diabetes")]


@pytest.fixture(scope="module", params=["wine", *THOROUGH])
def case(request: pytest.FixtureRequest, tmp_path_factory: pytest.TempPathFactory) -> Case:
    folder = tmp_path_factory.mktemp(request.param)
    path = write_sklearn_table(request.param, folder)
    called = wane(
        path, "--target", "target", "--hidden", HIDDEN, "--repeats", REPEATS, "--epochs", EPOCHS,
        "--strengths", STRENGTH, "--out", folder / "study", folder=folder,
    )  # fmt: skip
    spec = same_study(path)
    return Case(path, called, spec, Session(spec).resampling.splits)


def predicted(case: Case, model: Any, part: str, repeat: int) -> tuple[np.ndarray, np.ndarray]:
    """True and predicted targets of a part, from the rows of the file scaled by hand.

    Classes are positions and their probabilities; amounts are centred and scaled as in training.
    """
    x, y = case.raw(part, repeat)
    x_train, y_train = case.raw("train", repeat)
    inputs = StandardScaler().fit(x_train).transform(x).astype("float32")
    outputs = np.asarray(model.predict(inputs, verbose=0), np.float64)
    if y.dtype == object:
        return np.searchsorted(np.unique(y_train), y), outputs
    return (y - y_train.mean()) / y_train.std(), outputs[:, 0]


def measured(task: str, truth: np.ndarray, outputs: np.ndarray, unit: float) -> dict[str, float]:
    """The metrics of a task by scikit-learn; errors times ``unit``."""
    if task == "regression":
        return {
            "rmse": root_mean_squared_error(truth, outputs) * unit,
            "r2": r2_score(truth, outputs),
            "data_loss": float(np.mean((truth - outputs) ** 2)),
        }
    shares = np.hstack([1 - outputs, outputs]) if task == "binary" else outputs
    shares = shares / shares.sum(axis=1, keepdims=True)  # float32 adds up to nearly one
    return {
        "accuracy": accuracy_score(truth, shares.argmax(axis=1)),
        "data_loss": log_loss(truth, shares, labels=range(shares.shape[1])),
    }


def of_every_run(case: Case) -> Iterator[tuple[dict[str, Any], int, Any]]:
    """Each candidate of the document, repeat and trained model."""
    for candidate in case.called.document["candidates"]:
        for repeat in range(REPEATS):
            yield candidate, repeat, case.called.result.model(candidate["name"], repeat)


def test_every_reported_metric_is_what_scikit_learn_finds(case: Case) -> None:
    document = case.called.document
    task = document["study"]["task"]
    found: dict[tuple[str, str, str], list[float]] = {}
    for candidate, repeat, model in of_every_run(case):
        for part in ("train", "validation", "test"):
            _, amounts = case.raw("train", repeat)
            unit = float(amounts.std()) if task == "regression" else 1.0
            numbers = measured(task, *predicted(case, model, part, repeat), unit)
            assert set(candidate[part]) == set(numbers)
            for metric, value in numbers.items():
                found.setdefault((candidate["name"], part, metric), []).append(value)
    by_name = {candidate["name"]: candidate for candidate in document["candidates"]}
    for (name, part, metric), values in found.items():
        reported = by_name[name][part][metric]
        assert reported["mean"] == near(float(np.mean(values))), (name, part, metric)
        assert reported["std"] == pytest.approx(np.std(values, ddof=1), abs=2e-4, rel=1e-3)
        assert len(values) == REPEATS


def test_reported_penalties_and_norms_are_those_of_the_weights(case: Case) -> None:
    found: dict[tuple[str, str], list[float]] = {}
    for candidate, _, model in of_every_run(case):
        weights = {layer.name: layer.kernel for layer in model.layers}
        weights |= {f"{layer.name}:bias": layer.bias for layer in model.layers}
        squares = {n: float(np.sum(np.asarray(w, np.float64) ** 2)) for n, w in weights.items()}
        name = candidate["name"]
        found.setdefault((name, "penalty"), []).append(candidate["strength"] * squares["hidden"])
        for weight, square in squares.items():
            found.setdefault((name, weight), []).append(square**0.5)
    for candidate in case.called.document["candidates"]:
        reported = {"penalty": candidate["penalty_value"], **candidate["weight_norms"]}
        assert set(reported) == {"penalty", "hidden", "hidden:bias", "output", "output:bias"}
        for name, value in reported.items():
            values = found[candidate["name"], name]
            assert value["mean"] == near(float(np.mean(values)))
            assert value["std"] == pytest.approx(np.std(values, ddof=1), abs=2e-5, rel=1e-3)


def test_keras_evaluates_the_prepared_rows_alike(case: Case) -> None:
    runs = case.called.result.runs.set_index(["candidate", "repeat"])
    for candidate, repeat, model in of_every_run(case):
        rows = case.spec.data.prepared(case.splits[repeat])
        for part, given in (("train", rows.train), ("validation", rows.validation)):
            evaluated = model.evaluate(given.x, given.y, verbose=0, return_dict=True)
            mine = runs.loc[(candidate["name"], repeat)]
            penalty = mine["penalty_value"]
            assert mine[f"{part}_data_loss"] + penalty == pytest.approx(evaluated["loss"], rel=1e-4)
            for metric in evaluated.keys() - {"loss"}:
                unit = rows.target.scale if metric == "rmse" else 1.0
                expected = evaluated[metric] * unit
                assert mine[f"{part}_{metric}"] == near(expected)


def plain_network(task: str, inputs: int) -> Any:
    """The default network with the penalty as a user of Keras writes it."""
    outputs, activation, loss = {
        "binary": (1, "sigmoid", "binary_crossentropy"),
        "multiclass": (3, "softmax", "sparse_categorical_crossentropy"),
        "regression": (1, None, "mean_squared_error"),
    }[task]
    penalty = keras.regularizers.L2(STRENGTH)
    hidden = keras.layers.Dense(HIDDEN, activation="relu", kernel_regularizer=penalty)
    output = keras.layers.Dense(outputs, activation=activation)
    network = keras.Sequential([keras.layers.Input((inputs,)), hidden, output])
    network.compile(optimizer="adam", loss=loss)
    return network


@pytest.mark.thorough
def test_training_is_what_fit_does_on_the_same_split(case: Case) -> None:
    spec = dataclasses.replace(
        same_study(case.path), shuffle=False, initial_weights="model", repeats=1, epochs=5
    )
    result = Study.of(spec).run(progress=False)
    rows = spec.data.prepared(Session(spec).resampling.splits[0])
    model = plain_network(case.called.document["study"]["task"], rows.train.x.shape[1])
    assert isinstance(spec.model, keras.Model)
    start = spec.model.get_weights()
    model.set_weights(start)
    model.fit(rows.train.x, rows.train.y, epochs=5, shuffle=False, verbose=0)
    trained = result.model(L2(STRENGTH, layers="hidden"))
    for mine, keras_own in zip(trained.get_weights(), model.get_weights(), strict=True):
        np.testing.assert_allclose(mine, keras_own, rtol=1e-5, atol=1e-6)
    moved = start[0] - trained.get_weights()[0]
    assert float(np.abs(moved).max()) > 1e-3


def inputs_by_hand(account: dict[str, Any], x: pd.DataFrame) -> np.ndarray:
    """A network's inputs from raw rows and ``preprocessing.json``, numbers only."""
    assert {entry["kind"] for entry in account["inputs"]} == {"number"}
    columns = [
        (x[entry["column"]].fillna(entry["impute"]) - entry["mean"]) / entry["scale"]
        for entry in account["inputs"]
    ]
    return np.stack(columns, axis=1).astype("float32")


def test_best_model_and_preprocessing_serve_new_rows(case: Case) -> None:
    files = case.called.document["files"]
    account = json.loads(Path(files["preprocessing"]).read_text(encoding="utf-8"))
    x, y = case.raw("test", 0)
    model = keras.models.load_model(files["model"])
    made = inputs_by_hand(account, x)
    transform = case.called.result.best_transform()
    np.testing.assert_allclose(made, transform.transform(x), rtol=1e-5, atol=1e-5)
    outputs = np.asarray(model.predict(made, verbose=0))
    again = case.called.result.best_model().predict(transform.transform(x), verbose=0)
    np.testing.assert_allclose(outputs, again, rtol=1e-4, atol=1e-5)
    if account["classes"] is None:
        # In the target's own unit, and better than the best constant.
        assert r2_score(y, outputs[:, 0]) > 0.2
        return
    positions = (outputs[:, 0] > 0.5).astype(int) if outputs.shape[1] == 1 else outputs.argmax(1)
    assert account["classes"] == sorted(set(y))
    assert accuracy_score(y, np.asarray(account["classes"])[positions]) > 0.9


def test_learnt_from_training_and_validation_rows_only(case: Case) -> None:
    path = Path(case.called.document["files"]["preprocessing"])
    account = json.loads(path.read_text(encoding="utf-8"))
    development = pd.concat([case.raw(part, 0)[0] for part in ("train", "validation")])
    first = account["inputs"][0]
    assert first["mean"] == pytest.approx(development[first["column"]].mean())
    assert first["mean"] != pytest.approx(pd.read_csv(case.path)[first["column"]].mean())
