"""Rows that belong together: on one side of every split, and said of the study."""

from typing import Any

import numpy as np
import pandas as pd
import pytest
from sklearn.model_selection import GroupKFold, KFold, ShuffleSplit, TimeSeriesSplit

import wane
from study_cases import data, network, study
from wane.resampling.ties.grouping import Dependence
from wane.study.running.session import Session

ROWS = 60
SERIES = np.cumsum(np.random.default_rng(0).normal(size=200)).astype(np.float32)
WINDOWS = np.lib.stride_tricks.sliding_window_view(SERIES, 4)
GROUPS = np.random.default_rng(1).permutation(np.repeat(np.arange(20), 3))


def session(**options: Any) -> Session:
    x, y = data(rows=ROWS)
    given = {"x": x, "y": y, "repeats": None if "validation" in options else 6, **options}
    return Session(study(**given).spec)


def refusal(**options: Any) -> str:
    with pytest.raises(wane.InputError) as caught:
        session(**options)
    return str(caught.value)


def parts(made: Session) -> list[dict[str, set[bytes]]]:
    """The rows of x in each part of each repeat."""
    return [
        {
            name: {np.asarray(row).tobytes() for row in rows.x}
            for name in ("train", "validation", "test")
            if (rows := getattr(made.splits.rows(repeat), name)) is not None
        }
        for repeat in range(made.resampling.repeats)
    ]


def numbers(made: Session) -> list[dict[str, np.ndarray]]:
    """The first column of x in each part of each repeat."""
    return [
        {
            name: np.asarray(rows.x)[:, 0]
            for name in ("train", "validation", "test")
            if (rows := getattr(made.splits.rows(repeat), name)) is not None
        }
        for repeat in range(made.resampling.repeats)
    ]


@pytest.mark.parametrize("labels", [GROUPS, [f"p{i}" for i in GROUPS], pd.Series(GROUPS) / 2])
@pytest.mark.parametrize("validation", [0.25, GroupKFold(4)])
@pytest.mark.parametrize("test", [None, 0.2, GroupKFold(5)])
def test_no_group_is_in_two_parts(labels: Any, validation: Any, test: Any) -> None:
    x, _ = data(rows=ROWS)
    x[:, 0] = GROUPS
    made = session(x=x, groups=labels, validation=validation, test=test)
    for repeat in numbers(made):
        sets = [set(part.tolist()) for part in repeat.values()]
        assert len(set.union(*sets)) == sum(map(len, sets)) == 20
    assert made.group_counts() == {
        name: len({n for r in numbers(made) for n in r[name].tolist()})
        for name in ("validation", "test")
        if name in numbers(made)[0]
    }


def test_groups_are_noted_with_their_name() -> None:
    made = session(groups=pd.Series(GROUPS, name="patient"), test=data(rows=30, seed=1))
    assert made.spec.data.notes == (
        "The 60 rows are of 20 groups (patient): none is on both sides of a split, and intervals "
        "draw groups in place of rows.",
        "Groups are of x alone: rows given as test rows count one by one.",
    )
    assert made.group_counts().keys() == {"validation"}


@pytest.mark.parametrize(
    ("options", "start"),
    [
        ({"groups": GROUPS[:-1]}, "Rows do not match: groups has 59, x has 60."),
        ({"groups": pd.Series(np.zeros(ROWS), name="p")}, "groups ('p') has one group only, 0.0,"),
        ({"groups": [None, *GROUPS[1:]]}, "groups has no label in 1 of 60 rows: give each such"),
        (
            {"groups": GROUPS % 2, "test": 0.3},
            "30 rows of one group cannot be divided, since a group is never on both sides",
        ),
        (
            {"groups": GROUPS, "validation": KFold(4)},
            "The splitter KFold puts ",
        ),
        ({"groups": GROUPS, "test": ShuffleSplit(1)}, "The splitter ShuffleSplit puts "),
        (
            {"groups": GROUPS, "validation": wane.Subsample(10, 10)},
            "wane.Subsample draws rows and knows of no groups: give a fraction as validation",
        ),
        (
            {"time": range(ROWS), "validation": wane.Subsample(10, 10)},
            "wane.Subsample draws rows and knows of no time: give a fraction as validation",
        ),
        ({"groups": GROUPS, "time": range(ROWS)}, "groups (--group) and time (--time) ask for two"),
        ({"gap": 3}, "gap=3 (--gap) leaves out rows between earlier and later ones: give time"),
        ({"gap": -1, "time": range(ROWS)}, "gap must be a whole number of at least 0, got -1"),
        ({"time": range(ROWS), "gap": 50}, "gap=50 (--gap) leaves 0 of 60 rows to train on before"),
        ({"time": ["soon"] * ROWS}, "time holds 'soon', which is neither a number nor a date"),
        (
            {"time": range(ROWS), "validation": TimeSeriesSplit(3)},
            "time (--time) says itself which rows are for validation, the later ones: give a",
        ),
        (
            {"time": range(ROWS), "test": data()},
            "time (--time) says itself which rows are for test",
        ),
    ],
)
def test_what_cannot_be_is_refused_in_one_sentence(options: dict[str, Any], start: str) -> None:
    assert refusal(**options).startswith(start)


def test_fresh_rows_have_no_groups() -> None:
    fresh = wane.Fresh(lambda rows, seed: data(rows=rows, seed=seed), 10, 10)
    text = refusal(x=None, y=None, validation=fresh, groups=GROUPS)
    assert text.startswith("wane.Fresh draws rows and knows of no groups: give a fraction")


def test_amounts_in_whole_numbers_are_no_classes_to_be_in_groups_of_each_part() -> None:
    """No draw of whole groups has each of the values on both sides."""
    amounts = GROUPS.astype(float)
    given = {"model": network("regression"), "groups": GROUPS, "test": 0.2}
    made = session(y=amounts, **given)
    test = made.spec.data.test
    assert test is not None and not np.isin(test.y, made.spec.data.development.y).any()
    x, _ = data(rows=ROWS)
    copied = session(x=np.repeat(x[:20], 3, axis=0), y=np.repeat(np.arange(20.0), 3), **{
        **given, "groups": None})  # fmt: skip
    assert copied.resampling.dependence == Dependence("copies", copies=True)


def test_a_class_of_one_group_is_refused_wherever_that_is_drawn() -> None:
    said = set()
    for seed in range(20):
        y = np.where(GROUPS == 7, 2, np.arange(ROWS) % 2)
        text = refusal(
            model=network("multiclass"), y=y, groups=GROUPS, test=0.3, epochs=1, seed=seed
        )
        said.add(text.partition(" of class 2")[0] if "All rows" in text else text.split("so")[0])
    assert "All rows" in said and len(said) == 2


def test_copies_are_in_one_part() -> None:
    x, y = data(rows=40)
    again = np.random.default_rng(0).integers(40, size=80)
    made = session(x=x[again], y=y[again], test=0.25)
    for split in parts(made):
        sets = list(split.values())
        assert len(set.union(*sets)) == sum(map(len, sets))
    (note,) = made.spec.data.notes
    assert note.endswith(
        f"{len(np.unique(again))} rows are different. Copies are on one side of each split, and "
        f"intervals draw them as one."
    )
    assert made.resampling.dependence is not None and made.resampling.dependence.kind == "copies"
    blind = session(x=x[again], y=y[again], validation=KFold(4))
    assert "validation=KFold(…) may put copies on both sides" in blind.spec.data.notes[0]


def test_what_is_said_of_copies_is_so() -> None:
    x, y = data(rows=40)
    x, y = np.concatenate([x, x]), np.concatenate([y, y])
    given = session(x=x, y=y, validation=(x[:20], y[:20]))
    assert given.spec.data.notes == (
        "80 of 80 rows are copies (equal in all inputs, and in the target); 40 rows are different.",
    )
    divided = session(x=x, y=y, validation=(x[:20], y[:20]), test=0.2)
    assert divided.spec.data.notes[0].endswith("intervals draw them as one.")
    y[:2] = 1 - y[:2]
    (other,) = session(x=x, y=y).spec.data.notes
    assert "are copies (equal in all inputs, and in the target but for 2 of them); 40" in other


@pytest.mark.thorough
def test_given_rows_that_are_copies_of_copies_are_told() -> None:
    x, y = data(rows=40)
    x, y = np.concatenate([x, x]), np.concatenate([y, y])
    made = study(x=x, y=y, validation=(x[:20], y[:20]), epochs=1, repeats=1)
    notes = made.run(progress=False).document["notes"]
    assert any(note.startswith("20 of 20 validation rows are training rows too") for note in notes)


def test_copies_join_groups() -> None:
    x, y = data(rows=40)
    x, y = np.concatenate([x, x[:2]]), np.concatenate([y, y[:2]])
    groups = [*np.arange(40) // 2, 5, 6]
    made = session(x=x, y=y, groups=groups)
    own = made.spec.data.development.groups
    assert own is not None and len(np.unique(own)) == 18
    assert own[0] == own[40] == own[10] == own[1] == own[41] == own[12]


def test_copies_among_rows_given_apart_count_as_one() -> None:
    x, y = data(rows=30, seed=3)
    test = np.concatenate([x, x]), np.concatenate([y, y])
    made = session(test=test)
    assert made.group_counts() == {"test": 30}
    assert made.resampling.dependence is not None and made.resampling.dependence.kind == "copies"


def test_coincidences_are_noted_and_divided_as_before() -> None:
    x, y = data(rows=ROWS)
    x = (x > 0).astype(np.float32)
    made = session(x=x, y=y)
    assert made.group_counts() == {} and made.resampling.dependence is None
    assert made.spec.data.notes[0].startswith("60 of 60 rows have inputs that another row has too")


def test_later_rows_test_and_those_before_them_validate() -> None:
    x, y = data(rows=ROWS)
    time = np.random.default_rng(2).permutation(ROWS)
    x[:, 0] = time
    made = session(x=x, y=y, time=pd.Series(time, name="day"), test=0.2, gap=2, repeats=3)
    for repeat in numbers(made):
        assert {name: part.tolist() for name, part in repeat.items()} == {
            "train": list(range(32)),
            "validation": list(range(34, 46)),
            "test": list(range(48, 60)),
        }
    assert made.resampling.shares_split and made.group_counts() == {"validation": 10, "test": 10}
    assert str(made.resampling) == "one split, of which later rows validate, 3 random seeds"
    assert made.spec.data.notes[0].startswith("Rows are in the order of time (day): the last rows")


def windows(**options: Any) -> Session:
    model = network("regression", inputs=3)
    x, y = WINDOWS[:, :3], WINDOWS[:, 3]
    return Session(
        study("regression", **{"model": model, "x": x, "y": y, "repeats": 6, **options}).spec, None
    )


def test_rows_that_overlap_are_divided_by_blocks() -> None:
    made = windows(test=0.2)
    starts = set()
    for repeat in range(6):
        rows = made.splits.rows(repeat)
        assert rows.test is not None
        values = [
            set(np.asarray(part.x).ravel().tolist()) for part in (rows.train, rows.validation)
        ]
        values.append(set(np.asarray(rows.test.x).ravel().tolist()))
        assert not values[0] & values[1] and not values[0] & values[2]
        assert rows.validation.row_count == 39 and rows.test.row_count == 40
        starts.add(float(rows.validation.x[0, 0]))
    assert len(starts) > 3
    (note,) = made.spec.data.notes
    assert note.startswith("Rows of x are windows that overlap: each is the row before, moved on")
    assert "the 2 rows on either side of a block" in note


@pytest.mark.parametrize("options", [{"validation": KFold(4), "repeats": 4}, {"test": KFold(4)}])
def test_a_splitter_of_overlapping_rows_stays(options: dict[str, Any]) -> None:
    made = windows(**options)
    assert made.spec.data.notes == () and made.resampling.dependence is None
