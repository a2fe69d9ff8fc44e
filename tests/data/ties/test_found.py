"""Columns of groups and times are no inputs, and those that look like such are proposed."""

from pathlib import Path
from typing import Any

import numpy as np
import pandas as pd
import pytest

from table_cases import message
from wane.data import Problem, read_table

ROWS = 300
RANDOM = np.random.default_rng(0)
PATIENTS = np.repeat(RANDOM.permutation(60), 5)
PLAIN: dict[str, Any] = {
    "a": RANDOM.normal(size=ROWS).round(4),
    "age": RANDOM.integers(20, 80, ROWS),
    "year": np.sort(RANDOM.integers(1990, 2020, ROWS)),
    "zip": RANDOM.choice(RANDOM.integers(10_000, 99_999, 80), ROWS),
    "job": RANDOM.choice(list("ABCDEFGHIJKLMNOP"), ROWS),
    "y": RANDOM.integers(0, 2, ROWS),
}
DAYS = pd.date_range("2024-01-01", periods=ROWS)
SEX = RANDOM.integers(0, 2, 60)[PATIENTS]


def written(folder: Path, **columns: Any) -> Path:
    path = folder / "t.csv"
    pd.DataFrame({**PLAIN, **columns}).to_csv(path, index=False)
    return path


def read(folder: Path, columns: dict[str, Any], **options: Any) -> Problem:
    return read_table(written(folder, **columns), "y", **options)


def test_ages_years_and_codes_of_places_are_no_groups(tmp_path: Path) -> None:
    assert read(tmp_path, {}).notes == ()


@pytest.mark.parametrize(
    ("columns", "why"),
    [
        ({"patient": RANDOM.permutation(PATIENTS)}, ", and is called as identifiers are"),
        ({"userId": [f"u{i}" for i in RANDOM.permutation(PATIENTS)]}, ", and is called as"),
        ({"code": [f"P{i:02d}" for i in PATIENTS]}, ", which stand together in the file"),
        ({"nr": PATIENTS, "sex": SEX}, ", and 'sex' is the same in all rows of one"),
    ],
)
def test_what_looks_like_groups_is_proposed(
    tmp_path: Path, columns: dict[str, Any], why: str
) -> None:
    (note,) = read(tmp_path, columns).notes
    name = next(iter(columns))
    assert note.startswith(
        f"Column {name!r} has 60 different values in 5 rows each on average{why}"
    )
    assert f"give --group {name}: else rows of one are on both sides" in note


def test_few_values_or_single_rows_are_not_proposed(tmp_path: Path) -> None:
    for values in (np.arange(ROWS) % 7, RANDOM.permutation(3 * ROWS)[:ROWS]):
        notes = read(tmp_path, {"patient": values}).notes
        assert not any("--group" in note for note in notes)


def test_dates_in_order_are_proposed_for_time(tmp_path: Path) -> None:
    notes = read(tmp_path, {"day seen": DAYS.strftime("%Y-%m-%d")}).notes
    assert notes[0].startswith("Rows are in the order of the dates in 'day seen'. If later rows")
    assert "give --time 'day seen': rows drawn at random" in notes[0]
    shuffled = RANDOM.permutation(DAYS.strftime("%Y-%m-%d"))
    assert not any("--time" in note for note in read(tmp_path, {"day": shuffled}).notes)


def test_the_column_of_groups_is_no_input(tmp_path: Path) -> None:
    problem = read(tmp_path, {"patient": PATIENTS}, group="patient")
    assert problem.groups is not None and problem.groups.name == "patient"
    assert problem.groups.tolist() == PATIENTS.tolist()
    assert "patient" not in problem.feature_names
    assert problem.notes == ("Column 'patient' says which rows belong together and is no input.",)


def test_the_column_of_times_is_no_input(tmp_path: Path) -> None:
    days = DAYS.strftime("%d.%m.%Y")
    problem = read(tmp_path, {"day": days}, time="day", gap=3)
    assert problem.time is not None and problem.time.name == "day" and problem.gap == 3
    assert np.diff(problem.time).tolist() == [1] * (ROWS - 1)
    assert "day" not in problem.feature_names and len(problem.notes) == 1


def test_rows_without_a_target_lose_their_group_too(tmp_path: Path) -> None:
    y = pd.Series(PLAIN["y"]).astype(float)
    y[:10] = np.nan
    problem = read(tmp_path, {"y": y, "patient": PATIENTS}, group="patient")
    assert problem.groups is not None and problem.groups.tolist() == PATIENTS[10:].tolist()


@pytest.mark.parametrize(
    ("options", "start"),
    [
        ({"group": "patien"}, "{} has no column named 'patien' (--group): "),
        ({"time": "day"}, "{} has no column named 'day' (--time): "),
        ({"group": "y"}, "--group names the target, 'y': give another column."),
        ({"time": "job"}, "--time: column 'job' holds neither dates nor numbers, such as "),
        ({"time": "clock"}, "--time: column 'clock' holds times of day"),
        ({"group": "age", "time": "age"}, "--group and --time both name 'age': give one of them."),
    ],
)
def test_what_is_no_such_column_is_refused(
    tmp_path: Path, options: dict[str, str], start: str
) -> None:
    path = written(tmp_path, clock=[f"{i % 24:02d}:30" for i in range(ROWS)])
    assert message(read_table, path, "y", **options).startswith(start.format(path))
