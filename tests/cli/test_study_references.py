"""References of tables that packages bring are scikit-learn's own on the study's splits."""

from collections.abc import Callable
from pathlib import Path

import numpy as np
import pandas as pd
import pytest
import statsmodels.api as sm
from sklearn.datasets import load_breast_cancer, load_diabetes, load_wine
from sklearn.dummy import DummyClassifier, DummyRegressor
from sklearn.ensemble import HistGradientBoostingClassifier, HistGradientBoostingRegressor
from sklearn.linear_model import RidgeCV
from sklearn.metrics import log_loss, mean_squared_error
from sklearn.pipeline import make_pipeline
from sklearn.preprocessing import StandardScaler

from cli_cases import wane
from wane.study.references.models import linear

pytestmark = pytest.mark.thorough

TABLES: dict[str, tuple[Callable[[], pd.DataFrame], str]] = {
    "breast cancer": (lambda: load_breast_cancer(as_frame=True).frame, "target"),
    "diabetes": (lambda: load_diabetes(as_frame=True).frame, "target"),
    "wine": (lambda: load_wine(as_frame=True).frame, "target"),
    "fair": (lambda: sm.datasets.fair.load_pandas().data.iloc[::10], "affairs"),
    "anes96": (lambda: sm.datasets.anes96.load_pandas().data, "vote"),
    "spector": (lambda: sm.datasets.spector.load_pandas().data, "GRADE"),
    "star98": (lambda: sm.datasets.star98.load_pandas().data.drop(columns="NBELOW"), "NABOVE"),
}


@pytest.mark.parametrize("name", TABLES)
def test_references_are_scikit_learn_s_own(name: str, tmp_path: Path) -> None:
    make, target = TABLES[name]
    make().to_csv(tmp_path / "t.csv", index=False)
    called = wane(
        "t.csv", "--target", target, "--repeats", 2, "--epochs", 1, "--hidden", 2,
        "--strengths", 0.1, "--no-learning-curve", "--no-extend", "--no-retraining",
        folder=tmp_path,
    )  # fmt: skip
    result = called.result
    finished = result._finished
    numbers = finished.bridge.task.kind == "regression"
    found = {
        row["reference"]: row
        for row in result.references().to_dict("records")
        if row["metric"] == "data_loss"
    }
    losses: dict[str, list[float]] = {"constant": [], "linear": [], "boosting": []}
    for repeat in range(2):
        rows = finished.splits.rows(repeat)
        (x, y), (vx, vy) = (
            (np.asarray(part.x), np.asarray(part.y).reshape(-1))
            for part in (rows.train, rows.validation)
        )
        if not numbers:
            y, vy = y.astype(int), vy.astype(int)
        models = {
            "constant": DummyRegressor() if numbers else DummyClassifier(),
            "linear": make_pipeline(StandardScaler(), RidgeCV(np.logspace(-2, 4, 13)))
            if numbers
            else linear(finished.bridge.task, x, y, 0),
            "boosting": HistGradientBoostingRegressor(random_state=0)
            if numbers
            else HistGradientBoostingClassifier(random_state=0),
        }
        labels = np.arange(max(len(finished.spec.class_names), 2))
        for model, own in models.items():
            own.fit(x, y)
            if numbers:
                losses[model].append(mean_squared_error(vy, own.predict(vx)))
                continue
            shares = np.clip(own.predict_proba(vx), 1e-7, 1 - 1e-7)
            shares /= shares.sum(axis=1, keepdims=True)
            losses[model].append(log_loss(vy, shares, labels=labels))
    for model, each in losses.items():
        assert found[model]["validation_mean"] == pytest.approx(np.mean(each), rel=2e-3), model
