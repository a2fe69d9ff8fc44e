"""A table becomes a problem: its columns, its notes, and splits in which every class has rows."""

from pathlib import Path
from typing import Any

import numpy as np
import pandas as pd
import pytest
from sklearn import datasets
from sklearn.model_selection import train_test_split

from table_cases import message, write_table
from wane.data import Problem, read_table


def written(name: str, path: Path) -> Path:
    """scikit-learn's data of that name as a CSV, the classes by their names."""
    bunch = getattr(datasets, f"load_{name}")(as_frame=True)
    frame = bunch.frame
    if "target_names" in bunch and len(bunch.target_names):
        frame["target"] = [str(bunch.target_names[position]) for position in bunch.target]
    frame.to_csv(path, index=False)
    return path


@pytest.mark.parametrize(
    ("name", "task", "class_names", "rows", "inputs"),
    [
        ("breast_cancer", "binary", ("benign", "malignant"), 569, 30),
        ("wine", "multiclass", ("class_0", "class_1", "class_2"), 178, 13),
        ("diabetes", "regression", (), 442, 10),
    ],
)
def test_published_tables(
    name: str, task: str, class_names: tuple[str, ...], rows: int, inputs: int, tmp_path: Path
) -> None:
    path = written(name, tmp_path / f"{name}.csv")
    problem = read_table(path, "target")
    assert (problem.name, problem.task, problem.class_names) == (name, task, class_names)
    assert problem.x.shape == (rows, inputs) and problem.y.shape == (rows,)
    assert problem.notes == ()
    assert problem.standardize_target == (task == "regression")
    expected = pd.read_csv(path)
    if class_names:
        labels = [class_names[int(position)] for position in problem.y]
        assert labels == expected["target"].tolist()
    else:
        np.testing.assert_array_equal(problem.y, expected["target"].astype("float32"))
    made = problem.transform.fit_transform(problem.x)
    assert made.dtype == np.float32 and made.shape == (rows, inputs)
    raw = expected.drop(columns="target").to_numpy()
    by_hand = (raw - raw.mean(axis=0)) / raw.std(axis=0)
    np.testing.assert_allclose(made, by_hand, rtol=1e-4, atol=1e-5)


def test_defaults_for_a_command_line(tmp_path: Path) -> None:
    problem = read_table(write_table(tmp_path), "y")
    assert (problem.validation, problem.test) == (0.25, 0.2)
    assert (problem.epochs, problem.repeats, problem.batch_size) == (200, 20, 32)
    assert problem.hidden == (500,)
    assert problem.feature_names == ("size", "colour")


def test_parquet_and_csv_give_the_same_problem(tmp_path: Path) -> None:
    path = write_table(tmp_path, "t.csv")
    pd.read_csv(path).to_parquet(path.with_suffix(".parquet"))
    problems = [read_table(str(path.with_suffix(s)), "y") for s in (".csv", ".parquet")]
    made = [problem.transform.fit_transform(problem.x) for problem in problems]
    np.testing.assert_array_equal(made[0], made[1])
    np.testing.assert_array_equal(problems[0].y, problems[1].y)
    assert problems[0].name == problems[1].name == "t"


def test_name_is_without_the_whole_extension(tmp_path: Path) -> None:
    assert read_table(write_table(tmp_path, "my.data.csv.gz"), "y").name == "my.data"


def test_what_is_dropped_is_noted(tmp_path: Path) -> None:
    columns: dict[str, Any] = {
        "Unnamed: 0": range(40),
        "empty": [None] * 40,
        "version": [2] * 40,
        "day": [f"2026-01-{i % 28 + 1:02}" for i in range(40)],
        "y": ["no", "yes"] * 18 + [None] * 4,
    }
    path = write_table(tmp_path, **columns)
    problem = read_table(path, "y")
    assert problem.notes == (
        "4 of 40 rows were dropped: target column 'y' is empty there (words such as NA, None and "
        "null in a CSV count as empty).",
        "Dates became days since 1970-01-01: 'day'.",
        "Column 'Unnamed: 0' was left out: it numbers the rows; --keep 'Unnamed: 0' makes it an "
        "input.",
        "Column 'empty' was left out: it is empty.",
        "Column 'version' was left out: it holds one value only, '2'.",
    )
    assert problem.feature_names == ("size", "colour", "day")
    assert isinstance(problem.x, pd.DataFrame)
    assert problem.x.index.tolist() == list(range(36)) and problem.y.shape == (36,)
    assert problem.x["day"].iloc[0] == 20_454.0


def test_rows_and_targets_stay_together(tmp_path: Path) -> None:
    amounts = np.arange(40.0)
    amounts[3:9] = np.nan
    problem = read_table(write_table(tmp_path, size=np.arange(40.0) * 2, y=amounts), "y")
    assert isinstance(problem.x, pd.DataFrame)
    np.testing.assert_array_equal(problem.x["size"], problem.y * 2)


def test_task_is_overridden(tmp_path: Path) -> None:
    path = write_table(tmp_path, y=[0, 1, 2, 3] * 10)
    assert read_table(path, "y").task == "multiclass"
    assert read_table(path, "y", task="regression").task == "regression"
    assert read_table(path, "y", task="Classification").task == "multiclass"


def test_missing_target_names_the_nearest(tmp_path: Path) -> None:
    path = write_table(tmp_path)
    text = message(read_table, path, "color")
    assert text == f"{path} has no column named 'color': did you mean 'colour'?"
    assert message(read_table, path, "weight") == (
        f"{path} has no column named 'weight': available: 'size', 'colour', 'y'."
    )


def test_no_rows_after_cleaning(tmp_path: Path) -> None:
    path = write_table(tmp_path, y=[None] * 40)
    assert message(read_table, path, "y") == (
        f"No rows are left of {path}: target column 'y' is empty in all 40; choose a target that "
        f"has values."
    )


def test_no_usable_column(tmp_path: Path) -> None:
    path = tmp_path / "t.csv"
    pd.DataFrame({"a": 1, "y": range(40)}).to_csv(path, index=False)
    assert message(read_table, path, "y") == (
        f"{path} has no column to predict from: Column 'a' was left out: it holds one value only, "
        f"'1'. Give at least one column with different values."
    )
    pd.DataFrame({"y": range(40)}).to_csv(path, index=False)
    assert message(read_table, path, "y") == (
        f"{path} has no column to predict from: the target is alone. Give at least one column "
        f"with different values."
    )


def test_infinite_input_and_unknown_task_are_refused(tmp_path: Path) -> None:
    assert message(read_table, write_table(tmp_path, size=[np.inf, *range(39)]), "y").startswith(
        "Column 'size' "
    )
    assert message(read_table, write_table(tmp_path), "y", task="rank").startswith(
        "There is no task 'rank'"
    )


@pytest.mark.parametrize("counts", [(15, 5), (5, 5, 5, 5), (500, 5), (97, 11, 5)])
def test_accepted_classes_are_in_every_part_of_a_stratified_split(
    counts: tuple[int, ...], tmp_path: Path
) -> None:
    rows = sum(counts)
    labels = np.repeat([f"c{i}" for i in range(len(counts))], counts)
    path = tmp_path / "t.csv"
    pd.DataFrame({"a": np.arange(rows) / 3, "y": labels}).to_csv(path, index=False)
    problem = read_table(path, "y")
    for seed in range(5):
        for part in stratified_parts(problem, seed):
            assert len(np.unique(part)) == len(counts)


def stratified_parts(problem: Problem, seed: int) -> tuple[np.ndarray, ...]:
    rest, test = train_test_split(
        problem.y, test_size=problem.test, stratify=problem.y, random_state=seed
    )
    training, validation = train_test_split(
        rest, test_size=problem.validation, stratify=rest, random_state=seed
    )
    return training, validation, test


def test_words_for_gaps_are_noted_and_rows_without_a_target_dropped(tmp_path: Path) -> None:
    generator = np.random.default_rng(0)
    amounts = np.where(np.arange(40) % 5 > 0, "?", generator.normal(size=40).round(3).astype(str))
    when = np.where(np.arange(40) % 2 > 0, "-", "13:30")
    y = np.where(np.arange(40) % 4 == 3, "?", (np.arange(40) % 2).astype(str))
    path = write_table(tmp_path, amount=amounts, other=amounts, when=when, y=y)
    problem = read_table(path, "y")
    assert (problem.task, problem.class_names, len(problem.y)) == ("binary", ("0", "1"), 30)
    assert problem.notes == (
        "10 of 40 rows were dropped: target column 'y' is empty there (words such as NA, None and "
        "null in a CSV count as empty).",
        "Times became hours: 'when'.",
        "Cells that hold '?' count as empty in columns of numbers or dates: 10 of 40 in 'y', 24 of "
        "30 in 'amount', 24 of 30 in 'other'.",
        "Cells that hold '-' count as empty in columns of numbers or dates: 10 of 30 in 'when'.",
    )
    # Each is one number and whether it is there: never an input for each text.
    names = problem.transform.fit(problem.x).get_feature_names_out().tolist()
    assert [name for name in names if "amount" in name] == [
        "number__amount",
        "indicator__missingindicator_amount",
    ]


def test_a_class_that_may_be_a_gap_is_noted(tmp_path: Path) -> None:
    notes = read_table(write_table(tmp_path, y=["no", "yes", "yes", "?"] * 10), "y").notes
    assert notes == (
        "Target column 'y' has the class '?' (10 rows); if that stands for a missing value, "
        "--missing '?' leaves these rows out.",
    )
    assert read_table(write_table(tmp_path, y=["+", "-"] * 20), "y").notes == ()
