"""scikit-learn's scorers on kept predictions."""

import functools
from collections.abc import Callable
from typing import Any

import keras
import numpy as np
import pytest
from sklearn.metrics import f1_score, make_scorer, mean_squared_error, r2_score, roc_auc_score
from sklearn.model_selection import KFold

import wane
from study_cases import data, network, study


def share_right(y: Any, predicted: Any) -> float:
    """A score of the user's own."""
    return float(np.mean(np.asarray(y) == np.asarray(predicted)))


SHIFTED = 50 + 7 * data("regression")[1]
SCORED: dict[str, dict[str, Any]] = {
    "binary": {
        "scoring": ["roc_auc", "f1", "neg_log_loss", "average_precision", "matthews_corrcoef"],
        "validation": data(seed=1), "test": data(seed=2), "epochs": 3,
    },
    "multiclass": {
        "scoring": ["roc_auc_ovr", make_scorer(share_right), "f1_macro", "neg_log_loss",
                    "balanced_accuracy"],
        "validation": 0.4,
    },
    "regression": {
        "scoring": ["neg_mean_squared_error", "neg_mean_absolute_error", "neg_max_error",
                    "explained_variance"],
        "y": SHIFTED, "repeats": 3, "standardize_target": True, "validation": 0.4,
    },
}  # fmt: skip
"""A study of each task, scored by what it has numbers of."""


@pytest.fixture(scope="module")
def scored() -> Callable[[str], wane.Result]:
    """Each of these studies, trained when it is first asked for."""
    return functools.cache(lambda task: study(task, **SCORED[task]).run(progress=False))


@pytest.mark.thorough
def test_scores_are_those_of_the_runs_models(scored: Callable[[str], wane.Result]) -> None:
    x, y = data(seed=1)
    result = scored("binary")
    for part, rows in (("validation", (x, y)), ("test", data(seed=2))):
        for _, run in result.runs.iterrows():
            chances = result.model(run["candidate"], run["repeat"]).predict(rows[0], verbose=0)
            labels = chances.ravel() > 0.5
            assert run[f"{part}_roc_auc"] == pytest.approx(roc_auc_score(rows[1], chances.ravel()))
            assert run[f"{part}_f1"] == pytest.approx(f1_score(rows[1], labels, zero_division=0))
            assert -run[f"{part}_neg_log_loss"] == pytest.approx(run[f"{part}_data_loss"], rel=1e-4)
    assert "train_roc_auc" not in result.runs
    document = result.document["candidates"][0]
    assert set(document["validation"]) > {"roc_auc", "f1"} and "f1" not in document["train"]


def test_classes_and_scorers_of_one_s_own(scored: Callable[[str], wane.Result]) -> None:
    result = scored("multiclass")
    np.testing.assert_allclose(
        result.runs["validation_share_right"], result.runs["validation_accuracy"], atol=1e-6
    )
    assert result.runs["validation_roc_auc_ovr"].between(0, 1).all()


def test_regression_is_scored_in_the_target_s_own_unit(
    scored: Callable[[str], wane.Result],
) -> None:
    y, result = SHIFTED, scored("regression")
    errors = np.sqrt(-result.runs["validation_neg_mean_squared_error"])
    np.testing.assert_allclose(errors, result.runs["validation_rmse"], rtol=1e-5)
    table = result.predictions("baseline")
    assert list(table.columns) == ["candidate", "repeat", "row", "prediction"]
    for repeat, own in table.groupby("repeat"):
        run = result.runs[(result.runs["candidate"] == "baseline")
                          & (result.runs["repeat"] == repeat)]  # fmt: skip
        error = mean_squared_error(y[own["row"]], own["prediction"]) ** 0.5
        assert error == pytest.approx(run["validation_rmse"].item(), rel=1e-5)
        assert r2_score(y[own["row"]], own["prediction"]) == pytest.approx(
            run["validation_r2"].item(), abs=1e-4
        )


def test_a_scorer_that_raises_leaves_the_rest_of_the_study() -> None:
    def broken(y: Any, predicted: Any) -> float:
        raise ZeroDivisionError(f"no luck with {len(y) - len(predicted)}")

    result = study(
        scoring=["f1", make_scorer(broken)], select_by="broken", candidates=[wane.L2(0.1)]
    ).run(progress=False)
    assert result.notes == [
        "The scorer 'broken' failed on 4 sets of predictions, which have no number of it; first "
        "with ZeroDivisionError: no luck with 0",
        "'broken' has no numbers to choose by, so candidates are chosen by validation data loss.",
    ]
    assert result.document["notes"] == result.notes
    assert result.document["study"]["select_by"] == "data_loss"
    assert result.runs["validation_f1"].notna().all()
    assert result.verdict.text


def test_a_score_that_some_splits_do_not_have_cannot_choose() -> None:
    """Regression: every candidate was said to have diverged, and none was chosen."""
    x, y = data()
    order = np.argsort(y.ravel(), kind="stable")  # so that the outer folds have one class each
    result = study(x=x[order], y=y[order], validation=KFold(3), repeats=3, scoring=["roc_auc"],
                   select_by="roc_auc").run(progress=False)  # fmt: skip
    assert result.runs["validation_roc_auc"].notna().any()
    assert result.notes[-1] == (
        "'roc_auc' has no number in some run of every candidate, so candidates are chosen by "
        "validation data loss."
    )
    assert result.document["study"]["select_by"] == "data_loss"
    assert result.verdict.decided and "diverged" not in result.verdict.text


@pytest.mark.thorough
def test_a_constant_metric_does_no_harm() -> None:
    def one(_: Any, predictions: Any) -> Any:
        return keras.ops.ones_like(predictions)

    model = network()
    model.compile(optimizer="sgd", loss="binary_crossentropy", metrics=[one])
    result = study(model=model, repeats=3).run(progress=False)
    own = result.comparisons().set_index("metric").loc["one"]
    assert (own["difference"], own["p_holm"]) == (0.0, 1.0)
    assert np.isnan([own["low"], own["high"]]).all()  # without any spread there is no interval
    assert result.verdict.expected is not None
    expected = result.verdict.expected.metrics["one"]
    assert (expected.value, expected.low, expected.high, expected.optimism) == (1.0, 1.0, 1.0, 0.0)


@pytest.mark.parametrize(
    ("options", "text"),
    [
        (
            {"scoring": ["roc_aucc"]},
            "scikit-learn has no scorer 'roc_aucc': did you mean 'roc_auc'?",
        ),
        ({"scoring": ["f1", "f1"]}, "There are two scorers named 'f1'; give each once."),
        (
            {"scoring": [3]},
            "A scorer must be a name of scikit-learn's such as 'roc_auc', what "
            "sklearn.metrics.make_scorer gives, or a function (estimator, x, y), got 3.",
        ),
        (
            {"scoring": "accuracy"},
            "The scorer 'accuracy' has the name of a metric that the study reports already: leave "
            "it out.",
        ),
        (
            {"task": "multiclass", "scoring": "f1"},
            "The scorer 'f1' is not for this multiclass task (Target is multiclass but "
            "average='binary'): give one of 'f1_macro', 'f1_micro', 'f1_samples', 'f1_weighted'.",
        ),
        (
            {"task": "regression", "scoring": ["balanced_accuracy"]},
            "The scorer 'balanced_accuracy' is not for this regression task (continuous is not "
            "supported): leave it out.",
        ),
    ],
)
def test_scorers_that_cannot_be(options: dict[str, Any], text: str) -> None:
    with pytest.raises(wane.InputError) as caught:
        study(**options).run(progress=False)
    assert str(caught.value) == text


@pytest.mark.parametrize(
    ("task", "scorers"),
    [
        ("binary", ["roc_auc", "f1", "neg_log_loss", "average_precision", "matthews_corrcoef"]),
        ("multiclass", ["roc_auc_ovr", "f1_macro", "neg_log_loss", "balanced_accuracy"]),
        ("regression", ["neg_mean_absolute_error", "neg_max_error", "explained_variance"]),
    ],
)
def test_what_a_task_has_numbers_of_is_not_refused(
    task: str, scorers: list[str], scored: Callable[[str], wane.Result]
) -> None:
    result = scored(task)
    assert result.notes == []
    for name in scorers:
        assert result.runs[f"validation_{name}"].notna().all()
