"""What is odd about a study's rows is among its notes, and in what people read."""

from typing import Any

import numpy as np
import pytest
from sklearn.model_selection import KFold, ShuffleSplit, TimeSeriesSplit

import wane
from study_cases import data, network, study


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


def test_an_unseen_class_has_the_name_that_the_user_knows() -> None:
    x, y = data("multiclass", rows=60)
    seen = np.asarray(y) != 2
    names = {"class_names": ("red", "green", "blue"), "repeats": 1, "epochs": 1}
    result = study(
        "multiclass", x=x[seen], y=y[seen], test=(x[~seen], y[~seen]), **names
    ).run(progress=False)  # fmt: skip
    assert any(note.startswith("Class 'blue' of y is in") for note in result.notes)


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
