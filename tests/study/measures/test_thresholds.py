"""Keras's metrics over thresholds: the exact values, where they are told, and what chooses."""

from typing import Any

import keras
import numpy as np
import pytest
from sklearn.metrics import roc_auc_score
from sklearn.model_selection import PredefinedSplit

import wane
from study_cases import data, network, study
from wane.study.measures.thresholds import exact_value, is_thresholded
from wane.study.running import rounds

M = keras.metrics
DENSE = 20_001
"""Thresholds between which hardly two scores lie."""
METRICS: dict[str, Any] = {
    "roc": M.AUC(DENSE),
    "precision and recall": M.AUC(DENSE, curve="PR"),
    "precision": M.PrecisionAtRecall(0.6, DENSE),
    "recall": M.RecallAtPrecision(0.7, DENSE),
    "never so precise": M.RecallAtPrecision(1.0, DENSE),
    "sensitivity": M.SensitivityAtSpecificity(0.8, DENSE),
    "specificity": M.SpecificityAtSensitivity(0.8, DENSE),
    "one class of them": M.SensitivityAtSpecificity(0.5, DENSE, class_id=1),
    "several labels": M.AUC(DENSE, multi_label=True, num_labels=2),
    "weighted labels": M.AUC(DENSE, multi_label=True, num_labels=2, label_weights=[1.0, 3.0]),
}


@pytest.mark.parametrize("case", METRICS)
def test_exact_values_are_those_of_dense_thresholds(case: str) -> None:
    random = np.random.default_rng(1)
    y = (random.random((200, 2)) < 0.4).astype("float32")
    scores = np.clip(0.5 + 0.1 * y + 0.15 * random.normal(size=y.shape), 0.001, 0.999)
    if "label" not in case and "class" not in case:
        y, scores = y[:, :1], scores[:, :1]
    metric = METRICS[case]
    metric.reset_state()
    metric.update_state(y, scores.astype("float32"))
    assert exact_value(metric, y, scores) == pytest.approx(float(metric.result()), abs=1e-3)


@pytest.mark.parametrize("case", ["roc", "precision and recall", "precision", "weighted labels"])
def test_exact_values_of_weighted_rows(case: str) -> None:
    random = np.random.default_rng(2)
    labels = 2 if "label" in case else 1
    y = (random.random((200, labels)) < 0.4).astype("float32")
    scores = np.clip(0.5 + 0.1 * y + 0.15 * random.normal(size=y.shape), 0.001, 0.999)
    weight = random.uniform(0, 3, 200) * (random.random(200) < 0.8)
    metric = METRICS[case]
    metric.reset_state()
    metric.update_state(y, scores.astype("float32"), sample_weight=weight.astype("float32"))
    found = exact_value(metric, y, scores, weight)
    assert found == pytest.approx(float(metric.result()), abs=1e-3)
    assert abs(found - exact_value(metric, y, scores)) > 1e-3


def test_scores_that_are_equal_and_classes_that_are_not_there() -> None:
    y = np.array([0, 1, 1, 0.0])
    assert exact_value(M.AUC(), y, np.full(4, 0.3)) == 0.5
    assert np.isnan(exact_value(M.AUC(), np.ones(4), np.arange(4.0)))
    assert np.isnan(exact_value(M.AUC(), np.arange(2), np.ones((2, 3))))  # labels of three classes
    assert not any(map(is_thresholded, [M.BinaryAccuracy(), M.Precision(), None]))


def squeezed_study(**options: Any) -> wane.Study:
    """A study of penalties of which the strong ones press all scores together."""
    model = network("binary", keras.optimizers.Adam(0.02))
    model.compile(model.optimizer, "binary_crossentropy", metrics=[M.AUC(name="auc")])
    x, y = data(rows=80)
    defaults: dict[str, Any] = {
        "x": x[:60], "y": y[:60], "test": (x[60:], y[60:]), "repeats": 2, "epochs": 30,
        "candidates": [wane.L2(0.5), wane.L2(2.0)], "select_by": "auc",
    }  # fmt: skip
    return study(model=model, **{**defaults, **options})


@pytest.fixture(scope="module")
def squeezed() -> wane.Result:
    return squeezed_study().run(progress=False)


@pytest.mark.thorough
def test_the_exact_value_is_told_and_chooses(squeezed: wane.Result) -> None:
    runs, spec = squeezed.runs, squeezed.spec
    _, y = data(rows=80)
    for candidate in spec.names:
        for part, rows in (("validation", None), ("test", slice(60, 80))):
            for repeat, own in squeezed.predictions(candidate, part).groupby("repeat"):
                truth = y[own["row"]] if rows is None else y[rows]
                row = runs[(runs["candidate"] == candidate) & (runs["repeat"] == repeat)]
                expected = roc_auc_score(truth, own["prediction"])
                assert row[f"{part}_auc_exact"].item() == pytest.approx(expected, abs=1e-6)
    apart = (runs["validation_auc_exact"] - runs["validation_auc"]).abs()
    apart = max(apart.max(), (runs["test_auc_exact"] - runs["test_auc"]).abs().max())
    assert apart > 0.02
    assert squeezed.notes == [
        f"Keras counts 'auc' at a few thresholds, and so is up to {apart:.2g} off where scores lie "
        f"close together, as strong penalties make them: 'auc_exact' has every score as a "
        f"threshold, and candidates are chosen by it."
    ]
    assert squeezed.record.study.select_by == "auc_exact"
    means = runs.groupby("candidate")["validation_auc_exact"].mean()
    assert means[squeezed.chosen] == means.max()
    assert "auc_exact" in (squeezed.record.candidates[0].validation or {})


@pytest.mark.thorough
def test_it_is_told_where_something_else_chooses() -> None:
    result = squeezed_study(select_by=None, repeats=1).run(progress=False)
    assert "chosen by" not in result.notes[0] and "'auc_exact'" in result.notes[0]
    assert result.record.study.select_by == "data_loss"


@pytest.mark.thorough
def test_rows_of_one_class_have_the_value_of_keras() -> None:
    """Regression: one repeat without a value, and nothing was chosen by the metric."""
    x, y = data(rows=80)
    y = y.copy()
    y[:60] = np.arange(60) >= 30
    folds = np.full(60, -1)
    folds[:10], folds[20:40] = 0, 1
    result = squeezed_study(
        x=x[:60], y=y[:60], test=None, repeats=None, validation=PredefinedSplit(folds)
    ).run(progress=False)  # fmt: skip
    runs = result.runs
    one_class = runs["repeat"] == 0
    pair = runs.loc[one_class, ["validation_auc", "validation_auc_exact"]].to_numpy()
    np.testing.assert_array_equal(*pair.T)
    assert np.isfinite(runs["validation_auc_exact"]).all()
    means = runs.groupby("candidate")["validation_auc_exact"].mean()
    assert means[result.chosen] == means.max()


@pytest.mark.thorough
def test_nothing_is_told_where_thresholds_lie_dense() -> None:
    result = squeezed_study(candidates=[], repeats=1, epochs=60).run(progress=False)
    assert result.notes == [] and "validation_auc_exact" not in result.runs
    assert result.record.study.select_by == "auc"


@pytest.mark.thorough
def test_halving_and_refining_look_at_exact_values(squeezed: wane.Result) -> None:
    session = squeezed._make_model.__self__  # type: ignore[attr-defined] # a method of it
    losses = rounds._losses(session, squeezed._finished.journal)
    wide = squeezed.runs.pivot(index="candidate", columns="repeat", values="validation_auc_exact")
    np.testing.assert_allclose(losses, -wide.loc[list(squeezed.spec.names)].to_numpy())


@pytest.mark.thorough
def test_exact_values_have_the_weights_that_a_metric_has() -> None:
    """Regression: nothing was told where rows had weights."""
    model = network("binary", keras.optimizers.SGD(0.0))
    model.compile(
        model.optimizer, "binary_crossentropy", metrics=[M.AUC(3, name="plain")],
        weighted_metrics=[M.AUC(3, name="weighted")],
    )  # fmt: skip
    model.get_layer("output").kernel.assign(0.01 * np.ones((4, 1)))
    x, y = data(rows=40, seed=1)
    weight = np.linspace(0.1, 4, 40)
    result = study(
        model=model, validation=(x, y, weight), repeats=1, initial_weights="model", candidates=[]
    ).run(progress=False)
    scores = model.predict(x, verbose=0).ravel()
    found = result.runs.iloc[0]
    assert found["validation_plain_exact"] == pytest.approx(roc_auc_score(y, scores))
    assert found["validation_weighted_exact"] == pytest.approx(
        roc_auc_score(y, scores, sample_weight=weight), abs=1e-6
    )
