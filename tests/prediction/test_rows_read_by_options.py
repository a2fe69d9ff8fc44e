"""New rows become the inputs of the study's pipeline where its table was read by options."""

import json
from pathlib import Path
from typing import Any

import numpy as np
import pandas as pd
import pytest
from sklearn.base import clone

from option_cases import CASES
from table_cases import message
from wane.data import Problem, describe, read_table
from wane.prediction.account import Account, account_of
from wane.prediction.folder import read_rows
from wane.prediction.rows import NewRows, of_table

Case = tuple[Account, Any, Problem, pd.DataFrame, dict[str, Any]]


def arguments(options: tuple[object, ...]) -> dict[str, Any]:
    """The options of the command line as arguments of read_table."""
    given: dict[str, Any] = {}
    words = list(options)
    while words:
        name = str(words.pop(0)).removeprefix("--").replace("-", "_")
        if name == "no_header":
            given["header"] = False
        elif name == "log_target":
            given[name] = True
        elif name in ("missing", "drop"):
            given.setdefault(name, []).append(words.pop(0))
        else:
            given[name] = words.pop(0)
    return given


@pytest.fixture(params=CASES)
def case(request: pytest.FixtureRequest, tmp_path: Path) -> Case:
    columns, written, options, target = CASES[request.param]
    frame = pd.DataFrame(columns)
    frame.to_csv(tmp_path / "t.csv", index=False, **written)
    return *studied(tmp_path / "t.csv", target, **arguments(options)), frame, written


def studied(path: Path, target: str, **options: Any) -> tuple[Account, Any, Problem]:
    """The account of a table's transform fitted on most rows, the transform, and the problem."""
    problem = read_table(path, target, **options)
    assert isinstance(problem.x, pd.DataFrame)
    transform = clone(problem.transform).fit(problem.x.iloc[:30])
    account = account_of(json.loads(json.dumps(describe(transform, problem))), "it", "again")
    return account, transform, problem


def made(account: Account, path: Path) -> NewRows:
    return of_table(account, read_rows(account, path).frame, "new.csv")


def test_the_studys_own_rows_and_one_alone(case: Case, tmp_path: Path) -> None:
    account, transform, problem, frame, written = case
    expected = transform.transform(problem.x)
    rows = made(account, tmp_path / "t.csv")
    np.testing.assert_array_equal(rows.x, expected)
    assert rows.notes == () and rows.truth is not None and rows.truth.notna().all()
    for at in (2, 9):
        frame.iloc[[at]].to_csv(tmp_path / "new.csv", index=False, **written)
        np.testing.assert_array_equal(made(account, tmp_path / "new.csv").x, expected[[at]])


def test_columns_in_another_order(case: Case, tmp_path: Path) -> None:
    account, transform, problem, frame, written = case
    if not written.get("header", True):  # with names that the study's had not
        frame, written = frame.set_axis([f"column_{n + 1}" for n in range(3)], axis=1), {}
    frame.iloc[:, ::-1].to_csv(tmp_path / "new.csv", index=False, **written)
    np.testing.assert_array_equal(
        made(account, tmp_path / "new.csv").x, transform.transform(problem.x)
    )


def test_gaps_of_the_target_have_no_truth(tmp_path: Path) -> None:
    frame = pd.DataFrame({"a": np.arange(50) % 7 / 2, "y": np.resize(["p", "q", "lost"], 50)})
    frame.to_csv(tmp_path / "t.csv", index=False)
    account, _, _ = studied(tmp_path / "t.csv", "y", missing=["lost"])
    rows = made(account, tmp_path / "t.csv")
    assert rows.truth is not None and rows.truth.isna().sum() == 16


def test_percent_signs_are_asked_for_where_the_study_had_them(tmp_path: Path) -> None:
    frame = pd.DataFrame({"a": [f"{n % 9} %" for n in range(40)], "y": ["p", "q"] * 20})
    frame.to_csv(tmp_path / "t.csv", index=False)
    account, transform, problem = studied(tmp_path / "t.csv", "y")
    np.testing.assert_array_equal(
        made(account, tmp_path / "t.csv").x, transform.transform(problem.x)
    )
    frame.assign(a=0.5).to_csv(tmp_path / "new.csv", index=False)
    assert message(made, account, tmp_path / "new.csv") == (
        "40 of 40 cells of column 'a' are no numbers in new.csv, such as '0.5', but the study's "
        "table had numbers (with percent signs) there: write them as in that table, and leave a "
        "cell empty where there is none."
    )


@pytest.mark.parametrize("others", [{}, {"size": np.arange(40) ** 2}])
def test_new_rows_of_a_column_that_is_called_as_one_of_its_labels(
    others: dict[str, Any], tmp_path: Path
) -> None:
    frame = pd.DataFrame(
        {"spam": ["spam", "ham", "ham", "ham"] * 10, **others, "y": ["p", "q"] * 20}
    )
    frame.to_csv(tmp_path / "t.csv", index=False)
    account, transform, problem = studied(tmp_path / "t.csv", "y")
    expected = transform.transform(problem.x)
    for places in ([0], [0, 4, 8], [0, 1, 2], [3, 2, 0, 1]):
        for columns in (frame.columns, [*account.columns]):
            frame.loc[places, columns].to_csv(tmp_path / "new.csv", index=False)
            found = made(account, tmp_path / "new.csv")
            np.testing.assert_array_equal(found.x, expected[places])
