"""The account of a data set says what becomes of every column and how many rows each class has."""

from pathlib import Path

import numpy as np
import pandas as pd
import pytest

from table_cases import write_table
from wane.data import read_table
from wane.data.account import Account, ClassAccount, ColumnAccount, account_of


def test_every_column_and_class(tmp_path: Path) -> None:
    generator = np.random.default_rng(1)
    path = write_table(
        tmp_path,
        size=[None, "?", *generator.normal(size=38).round(3)],
        colour=["red", "green", None, "blue"] * 10,
        open=[True, False] * 20,
        day=[f"2026-01-{i % 28 + 1:02}" for i in range(40)],
        when=["13:30", "9:15"] * 20,
        rownames=range(1, 41),
        note=generator.normal(size=40),
        y=["no"] * 30 + ["yes"] * 10,
    )
    problem = read_table(path, "y", drop=["note"])
    assert problem.account is not None
    assert problem.account.columns == (
        ColumnAccount("size", "number", 2, 2, "standardized, gaps filled and marked", ""),
        ColumnAccount(
            "colour", "category", 10, 4, "one input for each label, and one for gaps", ""
        ),
        ColumnAccount("open", "boolean", 0, 1, "0 or 1, standardized", ""),
        ColumnAccount("day", "date", 0, 1, "days since 1970, standardized", ""),
        ColumnAccount("when", "time", 0, 1, "hours, standardized", ""),
        ColumnAccount(
            "rownames",
            "number",
            0,
            0,
            "",
            "it numbers the rows; --keep 'rownames' makes it an input",
        ),
        ColumnAccount("note", "", 0, 0, "", "by --drop"),
    )
    assert problem.account.shape == problem.transform.fit_transform(problem.x).shape[1:] == (9,)
    assert problem.account.classes == (
        ClassAccount("no", 30, 0.75),
        ClassAccount("yes", 10, 0.25),
    )
    assert (problem.account.rows, problem.account.target) == (40, "y")
    assert problem.account.majority_accuracy == 0.75
    # What its columns say is not said twice; all else that is noted is in it.
    left = [note for note in problem.notes if "was left out" in note]
    assert len(left) == 1 and set(problem.account.notes) == set(problem.notes) - set(left)


def test_an_amount_has_no_classes(tmp_path: Path) -> None:
    path = tmp_path / "t.csv"
    pd.DataFrame({"a": np.arange(40) / 3, "y": np.arange(40) / 7}).to_csv(path, index=False)
    account = read_table(path, "y").account
    assert account is not None
    assert account.classes == () and account.majority_accuracy is None


@pytest.mark.parametrize(
    ("labels", "names", "classes"),
    [
        ([0, 1, 1, 1], ("no", "yes"), (("no", 1, 0.25), ("yes", 3, 0.75))),
        ([0.0, 2.0, 2.0, 2.0], (), (("0", 1, 0.25), ("2", 3, 0.75))),
    ],
)
def test_classes_by_their_numbers(
    labels: list[float], names: tuple[str, ...], classes: tuple[tuple[str, int, float], ...]
) -> None:
    account = account_of((8, 8, 1), 4, np.array(labels), names)
    assert account.classes == tuple(ClassAccount(*one) for one in classes)
    assert account.majority_accuracy == 0.75 and account.shape == (8, 8, 1)


def test_rows_without_classes() -> None:
    assert account_of((3,), 7, None) == Account(7, (3,))
