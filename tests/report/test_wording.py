"""Names of metrics as people read them."""

import pytest

from wane.report.wording import metric_label
from wane.study.spec.scorers import _OF_RARE_CLASSES

LABELS = {
    "balanced_accuracy": "balanced accuracy",
    "roc_auc": "ROC AUC",
    "average_precision": "average precision",
    "neg_brier_score": "negative Brier score",
}


@pytest.mark.parametrize("metric", sorted({*sum(_OF_RARE_CLASSES.values(), ())}))
def test_scorers_that_a_study_adds_have_words(metric: str) -> None:
    assert metric_label(metric) == LABELS[metric]


@pytest.mark.parametrize(
    ("metric", "label"),
    [
        ("rmse", "RMSE"),
        ("r2", "R²"),
        ("data_loss", "data loss"),
        ("neg_log_loss", "negative log loss"),
    ],
)
def test_abbreviations_are_written_as_such(metric: str, label: str) -> None:
    assert metric_label(metric) == label
