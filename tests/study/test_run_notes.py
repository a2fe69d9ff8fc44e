"""What is odd about a study's rows is among its notes, and in what people read."""

from typing import Any

import keras
import numpy as np
import pandas as pd
import pytest
from sklearn.model_selection import KFold, ShuffleSplit, TimeSeriesSplit

import wane
from study_cases import data, network, study
from wane.study.running.further.retraining import Retraining, RetrainingRun
from wane.study.running.further.train_sizes import TrainSizeRuns
from wane.study.running.session import Session


@pytest.mark.thorough
def test_copies_and_unseen_classes_are_noted() -> None:
    x, y = data("multiclass", rows=60)
    y = np.asarray(y)
    seen = y != 2
    test = (
        np.concatenate([x[seen][:4], x[~seen][:6]]),
        np.concatenate([y[seen][:4], y[~seen][:6]]),
    )
    result = study("multiclass", x=x[seen], y=y[seen], test=test, repeats=1, epochs=1).run(
        progress=False
    )
    copies, unseen, few = result.notes
    assert copies.startswith("4 of 10 test rows are training rows too")
    assert unseen.startswith("Class '2' of y is in 6 test rows but in no training row")
    assert few.startswith("The 10 test rows tell little of classes with fewer than 10 of them (")
    assert list(result.document["notes"]) == [copies, unseen, few]


@pytest.mark.thorough
def test_an_unseen_class_has_the_name_that_the_user_knows() -> None:
    x, y = data("multiclass", rows=60)
    seen = np.asarray(y) != 2
    names = {"class_names": ("red", "green", "blue"), "repeats": 1, "epochs": 1}
    result = study(
        "multiclass", x=x[seen], y=y[seen], test=(x[~seen], y[~seen]), **names
    ).run(progress=False)  # fmt: skip
    assert any(note.startswith("Class 'blue' of y is in") for note in result.notes)


@pytest.mark.thorough
def test_rows_that_are_set_apart_at_random_leave_no_note() -> None:
    x, y = data(rows=60)
    options: dict[str, Any] = {"x": x, "y": y, "test": 0.5, "repeats": 1, "epochs": 1}
    assert study(**options).run(progress=False).notes == []
    amounts = study("regression", test=0.2, repeats=1, epochs=1).run(progress=False)
    assert amounts.notes == []


def test_windows_that_overlap_are_noted_where_they_are_split_at_random() -> None:
    walk = np.random.default_rng(0).normal(size=60).cumsum().astype(np.float32)
    x = np.stack([walk[i : i + 3] for i in range(40)])
    options = {"model": network("regression"), "x": x, "y": walk[3:43], "repeats": 1, "epochs": 1}
    (note,) = study("regression", **options).run(progress=False).notes
    assert note.startswith("Rows of x are windows that overlap: each is the row before, moved on")
    later = study("regression", **options, validation=(x[:9] + 1, walk[3:12]))
    assert later.run(progress=False).notes == []
    assert isinstance(later, wane.Study)


@pytest.mark.thorough
@pytest.mark.parametrize(
    ("validation", "noted"),
    [
        (KFold(4, shuffle=True, random_state=0), True),
        (ShuffleSplit(1, test_size=0.3, random_state=0), True),
        (wane.Subsample(8, 8), True),
        (KFold(4), False),
        (TimeSeriesSplit(4), False),
    ],
)
def test_overlapping_windows_are_noted_where_a_splitter_shuffles_them(
    validation: Any, noted: bool
) -> None:
    """Regression: nothing was said where a splitter of scikit-learn draws the rows."""
    walk = np.random.default_rng(0).normal(size=60).cumsum().astype(np.float32)
    x = np.stack([walk[i : i + 3] for i in range(40)])
    options = {"model": network("regression"), "x": x, "y": walk[3:43], "repeats": 4, "epochs": 1}
    notes = study("regression", **options, validation=validation).run(progress=False).notes
    assert any(note.startswith("Rows of x are windows that overlap") for note in notes) == noted


@pytest.mark.thorough
def test_the_verdict_names_the_groups_and_too_few_decide_nothing() -> None:
    """Regression: rows were the sample however few groups they were of."""
    x, y = data(rows=120)
    options: dict[str, Any] = {"x": x, "y": y, "test": 0.25, "repeats": 3}
    many = study(**options, groups=pd.Series(np.arange(120) // 3, name="patient"))
    result = many.run(progress=False)
    assert result.document["study"]["groups"]["test"] == 10
    assert "on 30 test rows of 10 groups" in result.verdict.text
    assert result.verdict.text.count("on new groups (patient)") == 1
    assert result.verdict.improvement_on in ("test", None)
    few = study(**options, groups=np.arange(120) // 15).run(progress=False)
    assert "30 test rows of 2 groups are too few to decide" in few.verdict.text
    assert not few.verdict.helps and few.verdict.improvement_on != "test"
    assert few.verdict.conclusion in ("cannot be told", "nothing helps")


@pytest.mark.thorough
def test_copies_count_as_one_row_in_intervals() -> None:
    x, y = data(rows=60)
    test = data(rows=40, seed=1)
    twice = tuple(np.concatenate([part, part]) for part in test)
    options: dict[str, Any] = {"x": x, "y": y, "validation": data(rows=30, seed=2), "repeats": 3}
    once, again = (
        study(**options, test=rows).run(progress=False).verdict.expected for rows in (test, twice)
    )
    assert once is not None and again is not None
    for name, one in once.metrics.items():
        other = again.metrics[name]
        assert other.value == pytest.approx(one.value, rel=1e-5)
    # Intervals of groups treat skewness otherwise; 80 rows would be narrower by a factor of √2.
    one, other = once.metrics["data_loss"], again.metrics["data_loss"]
    assert other.value - other.low == pytest.approx(one.value - one.low, rel=0.05)
    assert one.high <= other.high < one.high + 0.5 * (one.high - one.value)
    assert again.groups == 40 and again.rows == 80


@pytest.mark.thorough
def test_a_metric_that_is_no_mean_over_rows_draws_groups_too() -> None:
    x, y = data(rows=150)
    rows: dict[str, Any] = {"x": x, "y": y, "test": 0.3, "groups": np.arange(150) // 3}
    made = study(**rows, repeats=3, scoring=["roc_auc"], select_by="roc_auc")
    expected = made.run(progress=False).verdict.expected
    assert expected is not None and expected.groups == 15
    found = expected.metrics["roc_auc"]
    assert found.low < found.value < found.high


def test_retraining_gives_rows_of_a_group_one_weight() -> None:
    x, y = data(rows=60)
    made = Session(study(x=x, y=y, groups=np.arange(60) // 3, repeats=4, epochs=1).spec)
    groups = made.spec.data.development.groups
    assert groups is not None
    stage = Retraining.__new__(Retraining)
    stage._session, stage._labels = made, None
    run = RetrainingRun(0, 1, made.run(0, 0).settings, 0, number=5)
    split = made.resampling.splits[1]
    for part, weights in zip((split.train, split.validation), stage._weights(run), strict=True):
        own = {int(group): weights[groups[part] == group] for group in np.unique(groups[part])}
        assert all(np.ptp(one) == 0 for one in own.values()) and np.ptp(weights) > 0


def test_fewer_training_rows_are_fewer_groups() -> None:
    x, y = data(rows=80)
    made = Session(study(x=x, y=y, groups=np.arange(80) // 4, learning_curve=True).spec)
    sizes = TrainSizeRuns(made)
    groups = made.spec.data.development.groups
    assert groups is not None
    for size in sizes.rows:
        own = groups[sizes.part(0, size).train]
        assert len(np.unique(own)) == -(-size // 4)
    later = Session(study(x=x, y=y, time=np.arange(80), learning_curve=True).spec)
    sizes = TrainSizeRuns(later)
    assert sizes.part(0, sizes.rows[0]).train.tolist() == list(range(45, 60))


def test_few_rows_of_a_rarer_class_are_told() -> None:
    """One positive among the validation rows of one split, and three among the test rows."""
    x, y = data(rows=60)
    positive, negative = np.flatnonzero(y == 1), np.flatnonzero(y == 0)
    test = np.r_[positive[:3], negative[:9]]
    judge = np.r_[positive[3], negative[9:16]]
    rest = np.setdiff1d(np.arange(60), np.r_[test, judge])[:16]
    labels = np.tile([0.0, 1.0], 8).astype("float32")  # of no rows, so that a network overfits
    result = study(
        x=x[rest], y=labels, validation=(x[judge], y[judge]), test=(x[test], y[test]),
        candidates=[wane.L2(0.1)], repeats=3, epochs=200, scoring=(),
        model=network("binary", keras.optimizers.Adam(0.05)),
    ).run(progress=False)  # fmt: skip
    found = result.verdict
    assert not found.helps and found.chosen == "L2(0.1)" and found.interval is None
    assert (
        "cannot be told: L2(0.1) is the best, but only 1 of the validation rows is of a rarer "
        "class: give at least 5."
    ) in found.answer
    assert (
        "Only 3 of these are of a rarer class, too few to decide whether a penalty helps: give at "
        "least 5."
    ) in found.text


def test_rows_of_rarer_classes_are_those_of_all_repeats() -> None:
    made = Session(study("multiclass", validation=0.5, repeats=20, epochs=1).spec)
    _, y = data("multiclass")
    assert made.rare_counts() == {"validation": 30 - np.bincount(y).max()}
    assert Session(study("regression").spec).rare_counts() == {}
