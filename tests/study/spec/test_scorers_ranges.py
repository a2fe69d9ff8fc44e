"""Between which numbers scores lie: what a perfect model has, and what none can have."""

import math
from typing import Any

import keras
import numpy as np
import pytest
from sklearn.metrics import get_scorer, get_scorer_names, make_scorer, matthews_corrcoef
from sklearn.neighbors import KNeighborsClassifier, KNeighborsRegressor

import wane
from study_cases import data, network, study
from wane.keras_model.bridge.metrics import score_range
from wane.study.spec.scorers import scorer_range


@pytest.mark.filterwarnings("ignore")  # some scorers are of other tasks
def test_a_perfect_model_has_the_upper_end_of_every_score() -> None:
    y = np.tile([1, 2], 10)
    nearest = [
        model(n_neighbors=1).fit(y[:, None], y)  # itself, so that each row is predicted
        for model in (KNeighborsClassifier, KNeighborsRegressor)
    ]
    known, best = set(), set()
    for name in get_scorer_names():
        ends = scorer_range(get_scorer(name))
        for model in nearest:
            try:
                value = get_scorer(name)(model, y[:, None], y)
            except (ValueError, AttributeError, TypeError):
                continue
            if ends is not None:
                known.add(name)
                assert value == pytest.approx(ends[1]) == 1, name
            elif value == 1:
                best.add(name)
    assert {"roc_auc", "r2", "matthews_corrcoef", "f1", "balanced_accuracy"} < known
    clusterings = {
        "adjusted_mutual_info_score", "adjusted_rand_score", "completeness_score", "rand_score",
        "fowlkes_mallows_score", "homogeneity_score", "mutual_info_score", "v_measure_score",
        "normalized_mutual_info_score",
    }  # fmt: skip
    assert best - {"positive_likelihood_ratio"} <= clusterings  # a ratio is no score


def test_what_is_no_score_has_no_ends() -> None:
    assert scorer_range(get_scorer("neg_log_loss")) is None
    assert scorer_range(make_scorer(matthews_corrcoef)) == (-1.0, 1.0)
    assert scorer_range(make_scorer(matthews_corrcoef, greater_is_better=False)) is None
    adjusted = make_scorer(get_scorer("balanced_accuracy")._score_func, adjusted=True)
    assert scorer_range(adjusted) == (-1.0, 1.0)
    assert scorer_range(lambda *_: 0.0) is None


@pytest.mark.parametrize(
    ("metric", "ends"),
    [
        ("auc", (0.0, 1.0)), ("precision", (0.0, 1.0)), ("f1_score", (0.0, 1.0)),
        ("r2_score", (-math.inf, 1.0)), ("cosine_similarity", (-1.0, 1.0)),
        ("mean_squared_error", None), ("kl_divergence", None), ("true_positives", None),
    ],
)  # fmt: skip
def test_the_ends_of_keras_metrics(metric: str, ends: Any) -> None:
    assert score_range(keras.metrics.get(metric)) == ends


def test_a_study_by_such_a_score_stays_within_its_ends() -> None:
    """And 0.01 of it matters, however near 0 the baseline's is."""
    result = study(
        scoring=["roc_auc"], select_by="roc_auc", repeats=3, epochs=40, candidates=[wane.L2(0.1)],
        test=data(rows=12, seed=4), validation=data(rows=12, seed=2),
    ).run(progress=False)  # fmt: skip
    assert result.verdict.expected is not None
    one = result.verdict.expected.metrics["roc_auc"]
    assert 0 <= one.low <= one.value <= one.high <= 1
    table = result.comparisons().set_index("metric")
    assert (table.loc[["roc_auc", "accuracy"], "high"] <= 1).all()


def test_a_hundredth_of_a_score_matters_however_near_0_it_is() -> None:
    """Regression: 1 % of an R² of -0.004 was 4e-5, which nothing is worth."""
    model = network("regression", keras.optimizers.SGD(0.03))
    result = study(
        "regression", model=model, select_by="r2", repeats=3, epochs=6, candidates=[wane.L2(0.3)],
        validation=data("regression", rows=30, seed=2),
    ).run(progress=False)  # fmt: skip
    means = result.runs.groupby("candidate", sort=False)["validation_r2"].mean()
    assert result.verdict.chosen != "baseline", means
    assert result.verdict.matters == 0.01
