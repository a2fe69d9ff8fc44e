"""What candidates are chosen by: the data loss, a metric or a score, one way or the other."""

from typing import Any

import keras
import numpy as np
import pytest

import wane
from study_cases import network, study
from wane.study.spec.selection import Criterion, best_index, criterion, one_standard_error_index

L2S: tuple[Any, ...] = ((), *wane.sweep(wane.L2, [0.1, 0.01]))


def test_the_direction_is_the_metric_s() -> None:
    known = {"accuracy": "up", "rmse": "down", "mine": None}
    assert criterion(None, known) == Criterion("data_loss", "down")
    assert criterion("accuracy", known) == Criterion("accuracy", "up")
    assert criterion(("mine", "up"), known) == Criterion("mine", "up")
    assert Criterion("accuracy", "up").losses(np.array([1.0, 2.0])).tolist() == [-1.0, -2.0]


@pytest.mark.parametrize(
    ("given", "text"),
    [
        (
            "acuracy",
            "select_by must be a number that the study reports, got 'acuracy': did you mean "
            "'accuracy'? List a scorer in scoring too.",
        ),
        (
            "mine",
            "Nothing says whether a higher or a lower 'mine' is better: give select_by=('mine', "
            "'up') or select_by=('mine', 'down').",
        ),
        (("mine", "best"), "select_by=('mine', way) takes 'up' or 'down' as way, got 'best'."),
    ],
)
def test_what_cannot_be_chosen_by(given: Any, text: str) -> None:
    with pytest.raises(wane.InputError) as caught:
        criterion(given, {"accuracy": "up", "mine": None})
    assert str(caught.value) == text


def test_ties_go_to_the_stronger_and_broken_ones_never_win() -> None:
    losses = np.array([[0.5, 0.5], [0.3, 0.3], [0.3, 0.3]])
    assert best_index(losses, L2S) == 1  # L2(0.1) stands before L2(0.01)
    losses[1, 0] = np.nan
    assert best_index(losses, L2S) == 2
    assert best_index(np.full((3, 2), np.nan), L2S) is None


def test_one_standard_error_looks_at_one_kind_and_target() -> None:
    other = (wane.L1(5.0),)
    candidates = [(), (wane.L2(0.01),), (wane.L2(0.1),), other]
    losses = np.array([[1.0, 1.2], [0.5, 0.7], [0.6, 0.65], [0.6, 0.62]])
    assert best_index(losses, candidates) == 1
    # Strengths of L1 are no more and no less than those of L2, however large.
    errors = np.full(4, 0.1)
    assert one_standard_error_index(losses.mean(axis=1), errors, candidates, 1) == 2
    # Where the baseline is the best, strengths of two kinds are no one scale.
    means = np.array([0.5, 0.55, 0.7, 0.55])
    assert one_standard_error_index(means, errors, candidates, 0) == 0
    assert one_standard_error_index(means[:3], errors[:3], candidates[:3], 0) == 1


@pytest.mark.thorough
def test_a_study_chooses_by_its_criterion() -> None:
    by_score = study(select_by="roc_auc", scoring=["roc_auc"], repeats=3, epochs=4,
                     candidates=wane.sweep(wane.L2, [0.1, 1.0])).run(progress=False)  # fmt: skip
    means = by_score.runs.groupby("candidate", sort=False)["validation_roc_auc"].mean()
    assert means[by_score.chosen] == means.max()
    assert by_score.document["study"]["select_by"] == "roc_auc"
    assert "validation ROC AUC" in by_score.verdict.text
    expected = by_score.verdict.expected
    assert expected is not None and expected.source == "bootstrap"
    # Groups of rows, which are no mean, give it an interval and the bootstrap.
    one = expected.metrics["roc_auc"]
    assert one.low < one.value < one.high and one.naive == pytest.approx(means.max())


@pytest.mark.thorough
def test_a_metric_of_one_s_own_needs_a_direction() -> None:
    @keras.saving.register_keras_serializable("selection")
    class Mine(keras.metrics.MeanSquaredError):  # type: ignore[misc] # Keras has no types
        def __init__(self, **options: Any) -> None:
            super().__init__(**{"name": "mine", **options})
            self._direction = None

    model = network()
    model.compile(optimizer="sgd", loss="binary_crossentropy", metrics=[Mine()])
    with pytest.raises(wane.InputError, match="Nothing says whether a higher or a lower 'mine'"):
        study(model=model, select_by="mine").run(progress=False)
    result = study(model=model, select_by=("mine", "up")).run(progress=False)
    means = result.runs.groupby("candidate")["validation_mine"].mean()
    assert means[result.chosen] == means.max()


def test_early_stopping_that_is_added_is_eligible_by_groups_of_test_rows() -> None:
    """Regression: it went by the number of test rows, however few groups these were of."""
    added = [(wane.EarlyStopping(1),)]
    for count, eligible in ((4, False), (30, True)):
        spec = study(test=0.4, groups=np.arange(30) % count).spec
        assert spec.rows["test"] >= 10
        assert (spec.with_more(added, "given").ineligible == ()) is eligible
