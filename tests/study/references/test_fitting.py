"""References are what scikit-learn's own estimators give on the study's own splits."""

from typing import Any

import keras
import numpy as np
import pytest
from sklearn.dummy import DummyClassifier
from sklearn.ensemble import HistGradientBoostingRegressor
from sklearn.linear_model import LogisticRegression, Ridge, RidgeCV
from sklearn.metrics import accuracy_score, log_loss, root_mean_squared_error
from sklearn.model_selection import GridSearchCV, KFold, TimeSeriesSplit
from sklearn.neighbors import KNeighborsClassifier
from sklearn.pipeline import make_pipeline
from sklearn.preprocessing import StandardScaler

import wane
from wane.keras_model.bridge.task import Task
from wane.resampling.ties.folds import inner_folds
from wane.resampling.ties.grouping import Dependence
from wane.study.references.models import boosting, linear

KINDS = {"binary": (1, "sigmoid", "binary_crossentropy"),
         "logits": (1, None, keras.losses.BinaryCrossentropy(from_logits=True)),
         "multiclass": (3, "softmax", "sparse_categorical_crossentropy"),
         "regression": (1, None, "mse")}  # fmt: skip


def rows(kind: str, count: int = 60, seed: int = 0) -> tuple[np.ndarray, np.ndarray]:
    """Inputs [rows, 4] of several scales, and a target that depends on two of them."""
    generator = np.random.default_rng(seed)
    x = generator.normal(size=(count, 4)) * [1, 10, 0.1, 1] + [0, 5, 0, 0]
    score = x[:, 0] + x[:, 1] / 10 + 0.3 * generator.normal(size=count)
    if kind == "regression":
        return x.astype("float32"), (100 + 20 * score).astype("float32")
    if kind == "multiclass":
        return x.astype("float32"), np.digitize(score, [0, 1])
    return x.astype("float32"), (score > 0.5).astype("float32")


def study(kind: str, **options: Any) -> wane.Study:
    units, activation, loss = KINDS[kind]
    model = keras.Sequential([keras.layers.Input((4,)), keras.layers.Dense(units, activation)])
    model.compile(loss=loss)
    usual: dict[str, Any] = {
        "candidates": [wane.L2(0.01)], "epochs": 2, "learning_curve": False, "extend": False,
        "validation": KFold(3, shuffle=True, random_state=1), "retraining": False,
        "standardize_target": kind == "regression", "test": rows(kind, 30, seed=9),
    }  # fmt: skip
    x, y = options.pop("x", None), options.pop("y", None)
    given = rows(kind) if x is None else (x, y)
    return wane.Study(model, *given, **{**usual, **options})


def table(result: wane.Result) -> dict[tuple[str, str], dict[str, float]]:
    """The numbers of each reference and metric."""
    rows: list[Any] = result.references().to_dict("records")
    return {(row["reference"], row["metric"]): row for row in rows}


def test_numbers_are_those_of_scikit_learn_s_own() -> None:
    result = study("regression").run(progress=False)
    found = table(result)
    x, y = rows("regression")
    tx, ty = rows("regression", 30, seed=9)
    models: dict[str, Any] = {
        "constant": lambda: None,
        "linear": lambda: make_pipeline(StandardScaler(), RidgeCV(np.logspace(-2, 4, 13))),
        "boosting": lambda: HistGradientBoostingRegressor(random_state=0),
    }
    for name, make in models.items():
        validation, test = [], []
        for train, held_out in KFold(3, shuffle=True, random_state=1).split(x):
            model = make()
            if model is None:
                guesses = [np.full(len(part), y[train].mean()) for part in (held_out, ty)]
            else:
                model.fit(x[train], y[train])
                guesses = [model.predict(part) for part in (x[held_out], tx)]
            validation.append(root_mean_squared_error(y[held_out], guesses[0]))
            test.append(root_mean_squared_error(ty, guesses[1]))
        own = found[name, "rmse"]
        assert own["validation_mean"] == pytest.approx(np.mean(validation), rel=1e-5)
        assert own["validation_std"] == pytest.approx(np.std(validation, ddof=1), rel=1e-4)
        assert own["test_mean"] == pytest.approx(np.mean(test), rel=1e-5)
        network = result.runs.query("candidate == @result.chosen")["test_rmse"].mean()
        assert own["gain"] == pytest.approx(network - np.mean(test), rel=1e-3)


@pytest.mark.thorough
@pytest.mark.parametrize("kind", ["binary", "logits", "multiclass"])
def test_classes_get_probabilities_in_the_network_s_form(kind: str) -> None:
    found = table(study(kind, validation=rows(kind, 40, seed=5), repeats=2).run(progress=False))
    (x, y), (vx, vy) = rows(kind), rows(kind, 40, seed=5)
    task = Task("multiclass" if kind == "multiclass" else "binary", "")
    models: dict[str, Any] = {"constant": DummyClassifier(), "linear": linear(task, x, y, 0)}
    for name, model in models.items():
        shares = model.fit(x, y).predict_proba(vx)
        loss = log_loss(vy, shares)
        assert found[name, "data_loss"]["validation_mean"] == pytest.approx(loss, rel=1e-4)
        right = accuracy_score(vy, shares.argmax(axis=1))
        assert found[name, "accuracy"]["validation_mean"] == pytest.approx(right)
        # On one split it is one model, whatever the seed of the networks.
        assert found[name, "data_loss"]["validation_std"] == 0.0


def test_weights_of_classes_are_for_what_learns_and_for_no_constant() -> None:
    x, y = rows("binary", 80)
    y[:] = 0
    y[::8] = 1
    result = study(
        "binary", x=x, y=y, class_weight="balanced", validation=(x, y), test=None,
        repeats=2, references=["constant", "linear"], scoring=(),
    ).run(progress=False)  # fmt: skip
    found = table(result)
    assert found["constant", "accuracy"]["validation_mean"] == pytest.approx(0.875)
    assert found["constant", "data_loss"]["validation_mean"] == pytest.approx(
        log_loss(y, np.full(80, 0.125)), rel=1e-5
    )
    # As likely to be either is what a network does that learns nothing under such weights.
    assert result.verdict.diagnosis.constant_data_loss == pytest.approx(np.log(2))
    assert found["linear", "data_loss"]["validation_mean"] > 0.5


def tied(kind: str) -> tuple[np.ndarray, np.ndarray, np.ndarray]:
    """Inputs that tell a group apart and nothing of other groups, its target, and the groups."""
    generator = np.random.default_rng(3)
    groups = np.repeat(np.arange(24), 6)
    x = generator.normal(size=(24, 20))[groups] + 0.1 * generator.normal(size=(144, 20))
    effects = generator.normal(size=24)[groups] + x[:, 0] / 2
    y = effects + 0.1 * generator.normal(size=144) if kind == "regression" else effects > 0
    return x.astype("float32"), y.astype("float32"), groups


@pytest.mark.parametrize(
    ("kind", "by"),
    [
        ("regression", "groups"),
        ("regression", "time"),
        pytest.param("binary", "groups", marks=pytest.mark.thorough),
        pytest.param("binary", "time", marks=pytest.mark.thorough),
    ],
)
def test_a_strength_is_tuned_by_folds_that_heed_groups_and_time(kind: str, by: str) -> None:
    x, y, groups = tied(kind)
    when = np.arange(len(y)) if by == "time" else None
    units, activation, loss = KINDS[kind]
    model = keras.Sequential([keras.layers.Input((20,)), keras.layers.Dense(units, activation)])
    model.compile(loss=loss)
    made = wane.Study(
        model, x, y, candidates=[wane.L2(0.01)], epochs=1, repeats=2, learning_curve=False,
        extend=False, retraining=False, validation=0.2, test=0.2, references=["linear"], time=when,
        groups=groups if by == "groups" else None, standardize_target=kind == "regression",
    )  # fmt: skip
    result = made.run(progress=False)
    data, resampling = made.spec.data, result._finished.resampling
    validation = []
    for repeat in range(2):
        split = resampling.splits[resampling.resample(repeat)]
        assert split.validation is not None
        rows, held = data.development.at(split.train), data.development.at(split.validation)
        if by == "groups":
            assert rows.groups is not None
            labels = None if kind == "regression" else np.asarray(rows.y)
            folds = inner_folds(
                Dependence("groups"), rows.groups, None, labels, count=3, seed=made.spec.seed
            )
            assert all(not set(rows.groups[a]) & set(rows.groups[b]) for a, b in folds)
        else:
            folds = list(TimeSeriesSplit(3, test_size=-(-len(rows) // 4)).split(rows.x))
        model, strengths, scoring = (
            (Ridge(), {"ridge__alpha": np.logspace(-2, 4, 13)}, "neg_mean_squared_error")
            if kind == "regression"
            else (
                LogisticRegression(max_iter=1000),
                {"logisticregression__C": np.logspace(-3, 2, 6)},
                "neg_log_loss",
            )
        )
        search = GridSearchCV(
            make_pipeline(StandardScaler(), model), strengths, scoring=scoring, cv=folds
        )
        search.fit(rows.x, np.asarray(rows.y))
        if kind == "regression":
            validation.append(root_mean_squared_error(held.y, search.predict(held.x)))
            alone = RidgeCV(np.logspace(-2, 4, 13)).fit(rows.x, rows.y)
            if by == "groups":  # rows of one's own group say that hardly any strength is needed
                assert search.best_params_["ridge__alpha"] > 10 * alone.alpha_
        else:
            validation.append(log_loss(held.y, search.predict_proba(held.x)))
    own = table(result)["linear", "rmse" if kind == "regression" else "data_loss"]
    assert own["validation_mean"] == pytest.approx(np.mean(validation), rel=1e-4)


def test_no_rows_drawn_at_random_stop_boosting_where_rows_belong_together() -> None:
    task = Task("regression", "mean_squared_error")
    assert boosting(task, 0, tied=True).early_stopping is False
    assert boosting(task, 0).early_stopping == "auto"


def test_an_estimator_of_one_s_own_and_one_that_fails() -> None:
    class Broken(KNeighborsClassifier):  # type: ignore[misc] # no types
        def fit(self, *_: Any) -> Any:
            raise RuntimeError("no neighbours")

    asked = {"constant": "constant", "neighbours": KNeighborsClassifier(3), "broken": Broken()}
    result = study("binary", references=asked).run(progress=False)
    assert set(result.references()["reference"]) == {"constant", "neighbours"}
    assert any(
        note == "The reference broken could not be fitted (RuntimeError: no neighbours), and is "
        "left out."
        for note in result.notes
    )
    x, y = rows("binary")
    right = [
        KNeighborsClassifier(3).fit(x[train], y[train]).score(x[rest], y[rest])
        for train, rest in KFold(3, shuffle=True, random_state=1).split(x)
    ]
    own = table(result)["neighbours", "accuracy"]["validation_mean"]
    assert own == pytest.approx(np.mean(right))


def test_there_are_none_where_the_user_wants_none_and_for_other_losses() -> None:
    none = study("binary", references=False).run(progress=False)
    assert none.references().empty and list(none.record.references) == []
    model = keras.Sequential([keras.layers.Input((4,)), keras.layers.Dense(1)])
    model.compile(loss="cosine_similarity")
    other = wane.Study(
        model, *rows("regression"), candidates=[wane.L2(0.1)], epochs=1, repeats=2,
        learning_curve=False, retraining=False,
    )  # fmt: skip
    assert other.run(progress=False).references().empty


@pytest.mark.thorough
def test_numbers_of_words_are_no_inputs_of_a_linear_model() -> None:
    x = np.random.default_rng(0).integers(1, 9, size=(40, 5))
    layers = keras.layers
    model = keras.Sequential(
        [layers.Input((5,), dtype="int32"), layers.Embedding(10, 2), layers.Flatten(),
         layers.Dense(1, "sigmoid")]
    )  # fmt: skip
    model.compile(loss="binary_crossentropy")
    result = wane.Study(
        model, x, x[:, 0] % 2, candidates=[wane.L2(0.1)], epochs=1, repeats=2,
        learning_curve=False, retraining=False,
    ).run(progress=False)  # fmt: skip
    assert set(result.references()["reference"]) == {"constant", "recalibrated"}
    assert (
        "No logistic regression and no gradient boosting stands beside the network, since its "
        "inputs are numbers of tokens." in result.notes
    )
