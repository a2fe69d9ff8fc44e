"""New rows become the inputs that the study's own pipeline makes of them, to the bit."""

import dataclasses
import json
from pathlib import Path
from typing import Any

import numpy as np
import pandas as pd
import pytest
from sklearn.base import clone
from sklearn.compose import ColumnTransformer
from sklearn.preprocessing import OneHotEncoder, StandardScaler

from table_cases import message
from wane.data import Problem, describe, read_arrays, read_table
from wane.prediction.account import Account, account_of
from wane.prediction.folder import read_rows
from wane.prediction.rows import NewRows, of_array, of_study, of_table, with_truth

ROWS = 60


def raw() -> pd.DataFrame:
    """A table with every kind of column, as its texts."""
    generator = np.random.default_rng(1)
    size = generator.normal(5, 2, ROWS).round(3).astype(str)
    size[[3, 30]] = "?"
    days = [f"{1 + n % 28:02}.{1 + n % 12:02}.2026" for n in range(ROWS)]
    frame = pd.DataFrame(
        {
            "id": np.arange(ROWS),
            "size": size,
            "weight": generator.normal(70, 9, ROWS),
            "code": generator.choice(["01", "1", "x"], ROWS),
            "colour": np.resize(["red", "green", None], ROWS),
            "day": ["", "31.12.2026", *days[2:]],
            "month": [f"{1 + n % 12:02}/{13 + n % 9}/26 7:30 PM" for n in range(ROWS)],
            "at": [f"{n % 24}:{n % 60:02}" for n in range(ROWS)],
            "open": [None, *[True, False] * (ROWS // 2 - 1), None],
        }
    )
    return frame.assign(y=generator.permutation(["no", "yes"] * (ROWS // 2)))


def fitted(problem: Problem) -> tuple[Account, Any]:
    """The account of a problem's transform fitted on some of its rows, and this transform."""
    assert isinstance(problem.x, pd.DataFrame)
    transform = clone(problem.transform).fit(problem.x.iloc[:40])
    written = json.loads(json.dumps(describe(transform, problem)))
    return account_of(written, "it", "again"), transform


def made(account: Account, path: Path) -> NewRows:
    """The rows of a file, as the command line reads them."""
    return of_table(account, read_rows(account, path).frame, "new.csv")


@pytest.fixture(scope="module")
def case(tmp_path_factory: pytest.TempPathFactory) -> tuple[Account, Any, Problem]:
    path = tmp_path_factory.mktemp("rows") / "t.csv"
    raw().to_csv(path, index=False)
    problem = read_table(path, "y")
    return *fitted(problem), problem


def new(case: tuple[Account, Any, Problem], frame: pd.DataFrame, folder: Path) -> NewRows:
    frame.to_csv(folder / "new.csv", index=False)
    return made(case[0], folder / "new.csv")


def test_the_studys_own_rows_become_its_inputs(
    case: tuple[Account, Any, Problem], tmp_path: Path
) -> None:
    account, transform, problem = case
    assert {form.kind for form in account.columns.values()} == {
        "number", "category", "date", "time", "boolean"
    }  # fmt: skip
    expected = transform.transform(problem.x)
    rows = new(case, raw(), tmp_path)
    np.testing.assert_array_equal(rows.x, expected)
    assert rows.notes == () and rows.x.dtype == np.float32
    assert rows.truth is not None and rows.truth.tolist() == raw()["y"].tolist()
    shuffled = raw().sample(frac=1, axis=1, random_state=1).drop(columns=["id", "y"])
    rows = new(case, shuffled, tmp_path)
    np.testing.assert_array_equal(rows.x, expected)
    assert rows.truth is None


@pytest.mark.parametrize("at", [0, 1, 3, 7, 30, 59])
def test_one_row_is_read_as_it_was_among_many(
    case: tuple[Account, Any, Problem], at: int, tmp_path: Path
) -> None:
    # Alone, 03.03.2026 and 03/04/26 could be in any order, 01 a number and ? a label.
    _, transform, problem = case
    rows = new(case, raw().iloc[[at]], tmp_path)
    assert isinstance(problem.x, pd.DataFrame)
    np.testing.assert_array_equal(rows.x, transform.transform(problem.x.iloc[[at]]))


def test_a_column_without_values_in_the_fitted_rows_is_filled_alike(tmp_path: Path) -> None:
    path, generator = tmp_path / "t.csv", np.random.default_rng(1)
    late: list[Any] = [*[None] * 40, *generator.normal(size=20)]
    then: list[Any] = [*[None] * 40, *["p", "q"] * 10]
    raw().assign(late=late, then=then).to_csv(path, index=False)
    problem = read_table(path, "y")
    account, transform = fitted(problem)
    np.testing.assert_array_equal(made(account, path).x, transform.transform(problem.x))


def test_gaps_and_categories_that_the_study_had_not_are_noted(
    case: tuple[Account, Any, Problem], tmp_path: Path
) -> None:
    _, transform, problem = case
    frame = raw().assign(code=["violet", *raw()["code"][1:]], more=1)
    frame["weight"] = frame["weight"].astype(object)
    frame.loc[[5, 6], "weight"] = ["", "n/a"]
    frame.loc[7, "weight"] = "heavy"
    rows = new(case, frame, tmp_path)
    assert isinstance(problem.x, pd.DataFrame)
    by_hand = problem.x.assign(code=frame["code"])
    by_hand.loc[[5, 6, 7], "weight"] = np.nan
    np.testing.assert_array_equal(rows.x, transform.transform(by_hand))
    odd, gaps, category, extra = rows.notes
    assert odd == (
        "1 of 60 cells of column 'weight' are no numbers, such as 'heavy', and count as empty."
    )
    assert "never learnt from any: 3 in 'weight'; numbers are taken for the median" in gaps
    assert category == (
        "Column 'code' holds 'violet' in 1 row, which the study's table had not; it is taken for "
        "none of the known."
    )
    assert extra == "The study has no such column, so it was passed over: 'more'."


@pytest.mark.parametrize(
    ("change", "words"),
    [
        ({"size": "much"}, "60 of 60 cells of column 'size' are no numbers in new.csv, such as"),
        ({"day": "12/31/2026"}, "the date '12/31/2026', which is none in the order of the study's"),
        ({"day": 2026}, "are no dates in new.csv, such as '2026', but the study's table had dates"),
        ({"at": "noon"}, "are no times"),
        ({"open": "perhaps"}, "are no booleans"),
        ({"weight": 1e300}, "infinite numbers"),
    ],
)
def test_columns_of_another_kind_are_refused(
    case: tuple[Account, Any, Problem], change: dict[str, Any], words: str, tmp_path: Path
) -> None:
    assert words in message(new, case, raw().assign(**change), tmp_path)


def test_missing_columns_are_named(case: tuple[Account, Any, Problem], tmp_path: Path) -> None:
    frame = raw().rename(columns={"size": "Size"}).drop(columns="at")
    assert message(new, case, frame, tmp_path) == (
        "new.csv has no column 'size', 'at', which the study predicts from: did you mean 'Size'?"
    )


def test_frames_in_memory_are_read_alike(case: tuple[Account, Any, Problem]) -> None:
    account, transform, problem = case
    frame = raw().assign(
        size=pd.to_numeric(raw()["size"], errors="coerce"),
        day=pd.to_datetime(raw()["day"], format="%d.%m.%Y", errors="coerce"),
        open=raw()["open"].map({True: 1, False: 0}),
    )
    rows = of_table(account, frame.set_index("id", drop=False), "x")
    np.testing.assert_array_equal(rows.x, transform.transform(problem.x))
    assert list(rows.index) == list(range(ROWS))
    twice = pd.concat([frame, frame[["size"]]], axis=1)
    assert "more than one column named 'size'" in message(of_table, account, twice, "x")


def german(path: Path, rows: slice = slice(None), **columns: Any) -> Path:
    """A table with semicolons and decimal commas, of which some hold thousands alone."""
    numbers = [f"{n},5" for n in range(39)]
    frame = pd.DataFrame({"a": ["1,500", *numbers], "b": ["2", *numbers], "y": ["p", "q"] * 20})
    frame.assign(**columns).iloc[rows].to_csv(path, index=False, sep=";")
    return path


def test_decimal_commas_stay_decimal_commas(tmp_path: Path) -> None:
    account, _ = fitted(read_table(german(tmp_path / "t.csv"), "y"))
    assert account.columns["a"].decimal == ","
    whole = made(account, german(tmp_path / "t.csv"))
    alone = made(account, german(tmp_path / "new.csv", slice(0, 1)))
    np.testing.assert_array_equal(alone.x, whole.x[:1])
    (mean, scale), *_ = [(entry.mean, entry.scale) for entry in account.inputs]
    assert whole.x[0, 0] == np.float32((1.5 - mean) / scale)
    mixed = german(tmp_path / "new.csv", slice(0, 3), a=["1,500", "2.5", "3.5", *["1,5"] * 37])
    rows = made(account, mixed)
    assert "1 of 3 cells of column 'a' are no numbers, such as '1,500'" in rows.notes[0]


def test_a_table_without_names_is_known_by_its_places(tmp_path: Path) -> None:
    path, generator = tmp_path / "t.csv", np.random.default_rng(1)
    frame = pd.DataFrame(generator.normal(size=(40, 3))).assign(y=["no", "yes"] * 20)
    frame.to_csv(path, index=False, header=False)
    problem = read_table(path, "column_4")
    account, transform = fitted(problem)
    np.testing.assert_array_equal(made(account, path).x, transform.transform(problem.x))
    frame.drop(columns="y").assign(z=1.0, w=1.0).to_csv(path, index=False, header=False)
    assert "known by their places alone, and new.csv has 5" in message(made, account, path)


@pytest.mark.parametrize("kind", ["table", "arrays"])
def test_a_file_of_the_other_form_is_refused(
    kind: str, case: tuple[Account, Any, Problem], tmp_path: Path
) -> None:
    if kind == "table":
        text = message(of_array, case[0], np.zeros((2, 3)), "new.npz")
        assert "new.npz holds arrays, but the study is of a table: give a table with the" in text
        return
    account = images(tmp_path / "d.npz")[0]
    text = message(of_table, account, pd.DataFrame({"a": [1]}), "new.csv")
    assert "new.csv is a table, but the study is of arrays" in text


def images(path: Path, **options: Any) -> tuple[Account, Problem, np.ndarray]:
    """Pixels with channels first, as a study of them reads them."""
    x = np.random.default_rng(1).integers(0, 256, size=(40, 3, 8, 8)).astype("uint8")
    np.savez(path, x=x, y=np.arange(40) % 2)
    problem = read_arrays(path, **options)
    written = json.loads(json.dumps(describe(None, problem)))
    return account_of(written, "it", "again"), problem, x


def test_arrays_are_scaled_as_the_studys(tmp_path: Path) -> None:
    account, problem, x = images(tmp_path / "d.npz")
    np.testing.assert_array_equal(of_array(account, x, "x").x, problem.x)
    assert problem.x.shape == (40, 8, 8, 3) and float(np.max(problem.x)) == 1
    text = message(of_array, account, x / np.float32(255), "new.npz")
    assert "new.npz has new rows up to 1, but the training rows have numbers up to 255" in text
    text = message(of_array, account, x[:, :2], "new.npz")
    assert "rows of shape (2, 8, 8), but the study's have (3, 8, 8)" in text
    bad = np.where(np.arange(8) == 1, np.nan, x)
    assert "NaN" in message(of_array, account, bad, "new.npz")


def test_arrays_of_numbers_are_standardized_as_the_studys(tmp_path: Path) -> None:
    x = np.random.default_rng(1).normal(size=(40, 2, 2))
    x[:, 1, 1] = 7  # is left out
    x[3, 0, 0] = np.nan
    np.savez(tmp_path / "d.npz", x=x, y=np.arange(40) % 2)
    problem = read_arrays(tmp_path / "d.npz", inputs="numbers")
    account, transform = fitted(problem)
    np.testing.assert_array_equal(of_array(account, x, "x").x, transform.transform(problem.x))


def test_arrays_of_a_network_of_ones_own_stay_as_they_are(tmp_path: Path) -> None:
    account, _, x = images(tmp_path / "d.npz", as_given=True)
    np.testing.assert_array_equal(of_array(account, x, "x").x, x)


def test_targets_of_arrays() -> None:
    rows = NewRows(np.zeros((3, 1)), pd.RangeIndex(3))
    for y in (np.array([0, 2, 1]), np.eye(3)[[0, 2, 1]], np.array([[0.0], [2.0], [1.0]])):
        truth = with_truth(rows, y).truth
        assert truth is not None and truth.tolist() == [0, 2, 1]
    assert with_truth(rows, np.full((3, 2), 7.0)).truth is None
    truth = with_truth(rows, np.array([b"a", b"b", b"c"])).truth
    assert truth is not None and truth.tolist() == ["a", "b", "c"]


def test_a_target_that_cannot_be_read_gives_no_score(case: tuple[Account, Any, Problem]) -> None:
    account = case[0]
    assert account.target is not None
    target = dataclasses.replace(account.target, kind="number")
    rows = of_table(dataclasses.replace(account, target=target), raw().drop(columns="id"), "x")
    assert rows.truth is None
    assert rows.notes[-1].startswith("The predictions have no score, since cells of the target 'y'")


FRAME = pd.DataFrame({"a": [1.0, 2.0, 3.0], "b": ["p", "q", "p"]})


def test_rows_of_a_study_made_in_python() -> None:
    encode = OneHotEncoder(sparse_output=False, handle_unknown="ignore")
    both = ColumnTransformer([("a", StandardScaler(), ["a"]), ("b", encode, ["b"])]).fit(FRAME)
    rows = of_study(FRAME, both, FRAME.assign(c=1)[["c", "b", "a"]].iloc[1:])
    np.testing.assert_array_equal(rows.x, both.transform(FRAME)[1:].astype("float32"))
    assert list(rows.index) == [1, 2]
    assert "x has no column 'b'" in message(of_study, FRAME, both, FRAME[["a"]])
    assert "must be a data frame" in message(of_study, FRAME, both, np.zeros((2, 2)))
    plain = np.arange(6, dtype="float32").reshape(3, 2)
    scaler = StandardScaler().fit(plain)
    made = of_study(plain, scaler, plain[:1].tolist())
    np.testing.assert_array_equal(made.x, scaler.transform(plain[:1]))
    text = message(of_study, plain, None, plain[:, :1])
    assert text.startswith("x has rows of shape (1,), but the study's have (2,)")
    assert of_study({"p": plain}, None, {"p": plain[:2]}).x["p"].shape == (2, 2)
