"""Who trains on which rows: fractions, splitters and rows given apart."""

from typing import Any

import numpy as np
import pytest
from sklearn.base import BaseEstimator, TransformerMixin
from sklearn.model_selection import GroupKFold, KFold, ShuffleSplit, StratifiedKFold
from sklearn.preprocessing import StandardScaler

import wane
from study_cases import data, network, study
from wane.study.running.session import Session

ROWS = 31
FITTED: list[list[int]] = []


class Spy(TransformerMixin, BaseEstimator):  # type: ignore[misc] # scikit-learn has no types
    """Notes the row numbers on which it is fitted, and takes their column off."""

    def fit(self, x: Any, _: Any = None) -> "Spy":
        FITTED.append([int(row) for row in x[:, 0]])
        self.fitted_ = True
        return self

    def transform(self, x: Any) -> Any:
        return np.asarray(x)[:, 1:]


def numbered(seed: int = 0) -> tuple[np.ndarray, np.ndarray]:
    """Rows whose first column is their number; every third one has class 1."""
    x, _ = data(rows=ROWS, seed=seed)
    x[:, 0] = np.arange(ROWS)
    return x, (np.arange(ROWS) % 3 == 0).astype(np.float32)


def parts(**options: Any) -> list[dict[str, list[int]]]:
    """For each repeat the row numbers in each part."""
    x, y = numbered()
    session = Session(study(x=x, y=y, **options).spec)
    return [
        {
            name: [int(row) for row in np.asarray(rows.x)[:, 0]]
            for name in ("train", "validation", "test")
            if (rows := getattr(session.splits.rows(repeat), name)) is not None
        }
        for repeat in range(session.resampling.repeats)
    ]


def assert_apart(split: dict[str, list[int]]) -> None:
    """No row is in two parts, and every row is in one."""
    together = [row for rows in split.values() for row in rows]
    assert sorted(together) == list(range(ROWS))


@pytest.mark.parametrize("test", [None, 0.2, KFold(5), ShuffleSplit(3, random_state=1)])
@pytest.mark.parametrize("validation", [0.25, KFold(3), StratifiedKFold(2)])
def test_parts_share_no_row(validation: Any, test: Any) -> None:
    repeats = {"repeats": 4} if validation == 0.25 else {"repeats": None}
    splits = parts(validation=validation, test=test, **repeats)
    assert len(splits) == (4 if validation == 0.25 else validation.get_n_splits())
    for split in splits:
        assert_apart(split)
        assert split.get("test") == splits[0].get("test")  # the test rows stay


def test_rows_given_apart_leave_all_others_for_training() -> None:
    (split, again) = parts(validation=numbered(1), test=numbered(2))
    assert split == again
    assert split["train"] == list(range(ROWS))


def test_fractions_split_anew_and_keep_the_shares_of_classes() -> None:
    splits = parts(validation=0.3, repeats=6)
    assert len({tuple(sorted(split["validation"])) for split in splits}) == 6
    for split in splits:
        assert len(split["validation"]) == 10
        assert sum(row % 3 == 0 for row in split["validation"]) in (3, 4)
    assert parts(validation=0.3, repeats=6) == splits
    assert parts(validation=0.3, repeats=6, seed=1) != splits


def test_one_hot_and_column_labels_are_stratified_too() -> None:
    x, y = numbered()
    made = study(x=x, y=y[:, None], validation=0.3, repeats=3)
    session = Session(made.spec)
    for split in session.resampling.splits:
        assert split.validation is not None
        assert sum(row % 3 == 0 for row in split.validation) in (3, 4)


def test_a_splitter_s_splits_in_turn() -> None:
    splits = parts(validation=KFold(3), repeats=6)
    assert splits[:3] == splits[3:]
    expected = [list(held_out) for _, held_out in KFold(3).split(np.zeros(ROWS))]
    assert [split["validation"] for split in splits[:3]] == expected
    assert [len(fold) for fold in expected] == [11, 10, 10]


@pytest.mark.thorough
def test_folds_of_unequal_size_train() -> None:
    x, y = numbered()
    result = study(x=x, y=y, validation=KFold(3), repeats=6).run(progress=False)
    baseline = result.runs[result.runs["candidate"] == "baseline"]
    assert baseline["validation_data_loss"].nunique() == 6  # a seed of its own each
    assert result.runs["repeat"].tolist() == [*range(6)] * 2
    assert result.document["study"]["resampling"] == (
        "3 splits into training and validation rows, 6 random seeds over them"
    )


def test_a_splitter_that_needs_groups_is_refused() -> None:
    with pytest.raises(wane.InputError) as caught:
        parts(validation=GroupKFold(2), repeats=None)
    assert str(caught.value) == (
        "The splitter GroupKFold cannot split 31 rows: The 'groups' parameter should not be None. "
        "Give groups=, a label for each row (--group COLUMN)."
    )


@pytest.mark.thorough
def test_transform_is_fitted_on_training_rows_alone() -> None:
    x, y = numbered()
    FITTED.clear()
    made = study(
        x=x, y=y, model=network(inputs=2), transform=Spy(), validation=KFold(3), repeats=3,
        test=0.2,
    )  # fmt: skip
    result = made.run(progress=False)
    rows = [int(row) for row in made.spec.data.development.x[:, 0]]
    expected = [[rows[i] for i in train] for train, _ in KFold(3).split(rows)]
    assert [fold for fold in FITTED if len(fold) < len(rows)][:3] == expected
    assert made.spec.data.test is not None
    held_out = {int(row) for row in made.spec.data.test.x[:, 0]}
    assert held_out and not held_out & {row for fit in FITTED for row in fit}
    best = result.best_model()
    fitted = result.best_transform()
    assert fitted.fitted_ and not hasattr(made.spec.data.transform, "fitted_")
    assert best.predict(fitted.transform(x), verbose=0).shape == (ROWS, 1)
    assert FITTED[-1] == rows  # the refit's rows: all that are not test rows


@pytest.mark.thorough
def test_a_transform_gives_what_scaling_by_hand_gives() -> None:
    x, y = data(rows=40)
    x = 10 * x + 3
    scaler = StandardScaler().fit(x[:30])
    options: dict[str, Any] = {"y": y[:30], "epochs": 3}
    mine = study(x=x[:30], transform=StandardScaler(), validation=(x[30:], y[30:]), **options).run(
        progress=False
    )
    by_hand = study(
        x=scaler.transform(x[:30]), validation=(scaler.transform(x[30:]), y[30:]), **options
    ).run(progress=False)
    assert mine.runs.equals(by_hand.runs)


@pytest.mark.thorough
def test_test_rows_do_not_change_the_training() -> None:
    x, y = data(rows=40)
    fixed: dict[str, Any] = {"x": x[:20], "y": y[:20], "validation": (x[20:30], y[20:30])}
    with_test = study(**fixed, test=(x[30:], y[30:])).run(progress=False)
    without = study(**fixed).run(progress=False)
    columns = list(without.runs.columns)
    assert with_test.runs[columns].equals(without.runs)
    assert {"test_data_loss", "test_accuracy"} == set(with_test.runs.columns) - set(columns)
