"""The transform makes the same inputs whichever rows it sees; its account can redo it."""

import json
from pathlib import Path
from typing import Any

import numpy as np
import pandas as pd
import pytest
from hypothesis import given, settings
from hypothesis import strategies as st
from sklearn.base import clone
from sklearn.decomposition import PCA

from table_cases import write_table
from wane.data import EXAMPLES, Problem, describe, read_table
from wane.data.preprocessing import FORMAT, table_transform
from wane.data.reading.columns import read_column

NUMBERS = st.none() | st.integers(-(10**9), 10**9).map(lambda whole: whole / 1000)
TEXTS = st.none() | st.sampled_from(["a", "b", "missing", "ü"])
ROWS = st.tuples(NUMBERS, st.none() | st.booleans(), TEXTS, NUMBERS)


@pytest.mark.thorough
@settings(max_examples=40, deadline=None)
@given(rows=st.lists(ROWS, min_size=1, max_size=12), data=st.data())
def test_inputs_do_not_depend_on_the_rows_fitted_on(
    rows: list[tuple[Any, ...]], data: st.DataObject
) -> None:
    frame = pd.DataFrame(rows, columns=["p", "q", "r", "s"])
    columns = {name: read_column(frame[name]) for name in frame.columns}
    x = pd.DataFrame({name: column.values for name, column in columns.items()})
    transform = table_transform(columns)
    everything = transform.fit_transform(x)
    subset = data.draw(st.lists(st.sampled_from(range(len(rows))), min_size=1, unique=True))
    fitted = clone(transform).fit(x.iloc[subset])
    made = fitted.transform(x)
    assert made.shape == everything.shape and made.dtype == np.float32
    assert np.isfinite(made).all()
    assert list(fitted.get_feature_names_out()) == list(transform.get_feature_names_out())


def mixed(tmp_path: Path) -> Problem:
    """A problem with every kind of column, each with values missing."""
    generator = np.random.default_rng(1)
    size: Any = generator.normal(5, 2, size=40)
    size[[3, 30]] = np.nan
    return read_table(
        write_table(
            tmp_path,
            size=size,
            full=generator.normal(size=40),
            open=[None, *[True, False] * 19, None],
            day=[None, *[f"2026-03-{i % 31 + 1:02}" for i in range(39)]],
            colour=["red", "green", None, "missing"] * 10,
        ),
        "y",
    )


def redone(account: dict[str, Any], x: pd.DataFrame) -> np.ndarray:
    """The inputs by hand from nothing but the account, [rows, inputs]."""
    inputs = []
    for entry in account["inputs"]:
        values = x[entry["column"]]
        if entry["kind"] == "indicator":
            inputs.append(values.isna())
        elif entry["kind"] == "category":
            filled = values.fillna(entry["impute"])
            inputs += [filled == level for level in entry["categories"]]
        else:
            inputs.append((values.fillna(entry["impute"]) - entry["mean"]) / entry["scale"])
    return np.stack([values.to_numpy(dtype="float64") for values in inputs], axis=1)


def test_account_is_enough_to_redo_the_transform(tmp_path: Path) -> None:
    problem = mixed(tmp_path)
    assert isinstance(problem.x, pd.DataFrame)
    transform = clone(problem.transform).fit(problem.x.iloc[:25])
    account = describe(transform, problem)
    made = transform.transform(problem.x)
    np.testing.assert_allclose(made, redone(account, problem.x), rtol=1e-6, atol=1e-6)
    assert json.loads(json.dumps(account)) == account
    kinds = [(entry["column"], entry["kind"]) for entry in account["inputs"]]
    assert kinds == [
        ("size", "number"),
        ("full", "number"),
        ("open", "boolean"),
        ("day", "date"),
        ("size", "indicator"),
        ("open", "indicator"),
        ("day", "indicator"),
        ("colour", "category"),
    ]
    assert set(account["steps"]) == {kind for _, kind in kinds}
    assert account["inputs"][-1]["categories"] == ["green", "missing", "red"]
    assert account["classes"] == ["no", "yes"]


def test_account_follows_the_training_rows(tmp_path: Path) -> None:
    problem = mixed(tmp_path)
    assert isinstance(problem.x, pd.DataFrame)
    account = describe(clone(problem.transform).fit(problem.x.iloc[:25]), problem)
    training = problem.x["size"].iloc[:25]
    filled = training.fillna(training.median())
    size = account["inputs"][0]
    assert size["impute"] == training.median()
    np.testing.assert_allclose([size["mean"], size["scale"]], [filled.mean(), filled.std(ddof=0)])


def test_unseen_category_is_no_category(tmp_path: Path) -> None:
    problem = mixed(tmp_path)
    assert isinstance(problem.x, pd.DataFrame)
    transform = clone(problem.transform).fit(problem.x)
    new = problem.x.iloc[:1].assign(colour="violet")
    assert transform.transform(new)[0, -3:].tolist() == [0.0, 0.0, 0.0]


def test_regression_account_has_no_classes(tmp_path: Path) -> None:
    path = tmp_path / "t.csv"
    pd.DataFrame({"a": np.arange(40) / 3, "y": np.arange(40) / 7}).to_csv(path, index=False)
    problem = read_table(path, "y")
    transform = problem.transform.fit(problem.x)
    account = describe(transform, problem)
    assert account["classes"] is None
    json.dumps(account)


def test_account_without_or_with_another_transform() -> None:
    moons = EXAMPLES["moons"]()
    expected: dict[str, Any] = {
        "format": FORMAT,
        "rows": "arrays",
        "columns": {},
        "left_out": [],
        "target": None,
        "missing": [],
        "missing_in": {},
        "text": {"separator": None, "header": None},
        "array": {"inputs": "as given", "shape": [2]},
        "inputs": ["x1", "x2"],
        "steps": {},
        "classes": ["0", "1"],
    }
    assert describe(None, moons) == expected
    other = PCA(n_components=1).fit(moons.x)
    steps = {"transform": "PCA(n_components=1)"}
    assert describe(other, moons) == expected | {"rows": "table", "steps": steps, "array": None}


@pytest.mark.parametrize(("first", "shift"), [(0.5, 0), (0.0, 1)])
def test_the_account_tells_how_to_invert_a_logarithm(
    first: float, shift: int, tmp_path: Path
) -> None:
    amounts = np.array([first, *np.arange(1, 40) ** 3.0])
    path = tmp_path / "t.csv"
    pd.DataFrame({"a": np.sin(np.arange(40)), "y": amounts}).to_csv(path, index=False)
    problem = read_table(path, "y", log_target=True)
    account = describe(problem.transform.fit(problem.x), problem)
    form = {"kind": "number", "order": "", "decimal": ".", "percent": False}
    assert account["target"] == {"column": "y", **form, "log": True, "shift": shift}
    inverted = np.exp(problem.y.astype("float64")) - account["target"]["shift"]
    np.testing.assert_allclose(inverted, amounts, rtol=1e-5, atol=1e-5)
