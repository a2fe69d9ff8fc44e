"""Data that cannot be used: one sentence each that says what is wrong and what to do."""

from typing import Any

import numpy as np
import pandas as pd
import pytest
from sklearn.model_selection import KFold
from sklearn.preprocessing import OneHotEncoder

import wane
from study_cases import data, network, study

X, Y = data()


def with_value(values: np.ndarray, value: Any, dtype: Any = np.float64) -> np.ndarray:
    """A copy whose first number is another one."""
    changed = values.astype(dtype)
    changed.flat[0] = value
    return changed


def broken(name: str, count: int = 1) -> str:
    """The sentence on numbers that are not finite."""
    return (
        f"{name} holds NaN, infinite values or values too large for float32, {count} in all: fill "
        f"or drop them first (scikit-learn's SimpleImputer fills)."
    )


def text_in(name: str, value: str) -> str:
    """The sentence on values that are not numbers."""
    return (
        f"{name} must hold numbers, but holds values such as {value}: encode text and dates as "
        f"numbers first."
    )


CASES: dict[str, tuple[dict[str, Any], str]] = {
    "nan in x": ({"x": with_value(X, np.nan)}, broken("x")),
    "inf in x": ({"x": with_value(X, -np.inf)}, broken("x")),
    "too large in x": ({"x": with_value(X, 1e300)}, broken("x")),
    "nan in y": ({"y": with_value(Y, np.nan)}, broken("y")),
    "inf in y": ({"y": with_value(Y, np.inf)}, broken("y")),
    "None in x": ({"x": with_value(X, None, object)}, broken("x")),
    "nan in weights": ({"sample_weight": np.full(30, np.nan)}, broken("sample_weight", 30)),
    "nan in validation": ({"validation": (with_value(X, np.nan), Y)}, broken("validation x")),
    "inf in test": ({"test": (X, with_value(Y, np.inf))}, broken("test y")),
    "text in x": ({"x": with_value(X, "red", object)}, text_in("x", "'red'")),
    "text in y": ({"y": np.array(["no", "yes"] * 15)}, text_in("y", "'no'")),
    "text column": (
        {"x": pd.DataFrame({"a": [1.0] * 30, "b": ["u"] * 30})}, text_in("x", "'u'"),
    ),
    "ragged": (
        {"x": [[1, 2, 3]] * 29 + [[1, 2]]},
        "x must be an array with rows of one shape: setting an array element with a sequence…",
    ),
    "constant y": (
        {"y": np.zeros(30)},
        "The targets are the same in all 30 rows, [0.0], so that there is nothing to learn: give y "
        "that differs between rows.",
    ),
    "no rows": ({"x": X[:0], "y": Y[:0]}, "x has no rows; its shape is (0, 3)."),
    "no array": ({"x": 3.0}, "x has no rows; its shape is ()."),
    "rows of x and y": ({"y": Y[:29]}, "Rows do not match: x has 30, y has 29."),
    "rows of weights": (
        {"sample_weight": np.ones(3)}, "Rows do not match: x has 30, y has 30, sample_weight has 3."
    ),
    "rows of validation": (
        {"validation": (X, Y[:5])}, "Rows do not match: validation x has 30, validation y has 5."
    ),
    "validation of four arrays": (
        {"validation": (X, Y, Y, Y)},
        "validation as arrays must be (x, y) or (x, y, sample_weight), got 4 of them.",
    ),
    "columns of x": (
        {"x": X[:, :2]},
        "The rows of x have shape (2,), but the model 'net' expects (3,): change x or the model's "
        "Input.",
    ),
    "columns of validation": (
        {"validation": (X[:, :2], Y)},
        "The validation rows have shape (2,), but the training rows have (3,): give both the same "
        "columns.",
    ),
    "columns of validation y": (
        {"validation": (X, np.stack([Y, Y], 1))},
        "The validation targets have shape (2,) for each row, but the training targets have (): "
        "encode both alike.",
    ),
    "columns of y": (
        {"y": np.stack([Y, 1 - Y], 1)},
        "The targets have shape (2,) for each row, but the model 'net' gives (1,) and its loss "
        "binary_crossentropy compares them element by element: change y or the last layer.",
    ),
    "three classes in binary": (
        {"y": np.arange(30) % 3},
        "The loss binary_crossentropy needs labels from 0 to 1, but y goes from 0 to 2: encode the "
        "classes as 0 and 1, or use a loss for more classes.",
    ),
    "minus one and one": (
        {"y": 2 * Y - 1},
        "The loss binary_crossentropy needs labels from 0 to 1, but y goes from -1 to 1: encode "
        "the classes as 0 and 1, or use a loss for more classes.",
    ),
    "bad labels in validation only": (
        {"validation": (X, Y + 1)},
        "The loss binary_crossentropy needs labels from 0 to 1, but y goes from 0 to 2: encode the "
        "classes as 0 and 1, or use a loss for more classes.",
    ),
    "a single class": (
        {"y": np.zeros(30), "validation": (X, Y)},
        "The 30 training rows of split 1 all have the class 0: shuffle or stratify the splits, or "
        "give more rows.",
    ),
    "a single class before the others": (
        {"y": np.repeat([0, 1], [25, 5]), "validation": 0.25, "time": np.arange(30)},
        "The 22 training rows of split 1 all have the class 0: give earlier rows of another class "
        "too, or leave time (--time) out.",
    ),
    "a single class in a fold": (
        {"y": np.repeat([0, 1], 15), "validation": KFold(2)},
        "The 15 training rows of split 1 all have the class 1: shuffle or stratify the splits, or "
        "give more rows.",
    ),
    "a single class in a fold of a column": (
        {"y": np.repeat([0, 1], 15)[:, None], "validation": KFold(2)},
        "The 15 training rows of split 1 all have the class 1: shuffle or stratify the splits, or "
        "give more rows.",
    ),
    "a class too rare to stratify": (
        {"y": np.eye(30)[0]},
        "Class 1 has one of the 30 rows that are to be divided, but both parts need one: give more "
        "rows of it, or leave it out.",
    ),
    "too few rows to stratify": (
        {"x": X[:4], "y": np.array([0, 0, 1, 1]), "validation": 0.25},
        "4 rows are too few to hold out a share of 0.25 and have each of the 2 classes in both "
        "parts: give more rows.",
    ),
    "too few rows": (
        {"x": X[:1], "y": Y[:1], "test": 0.5},
        "1 row cannot be divided so that a share of 0.5 is held out and others are left: give more "
        "rows.",
    ),
    "a single row left": (
        {"x": X[:2], "y": Y[:2], "test": 0.5},
        "A study needs at least 2 rows to train on and validate, got 1 beside the test rows: give "
        "more rows.",
    ),
    "three rows of two classes": (
        {"x": X[:3], "y": np.array([0, 1, 1]), "test": None},
        "Class 0 has one of the 3 rows that are to be divided, but both parts need one: give more "
        "rows of it, or leave it out.",
    ),
}  # fmt: skip
LABELS = "number the classes from 0, or change the size of the last layer."
MULTICLASS: dict[str, tuple[np.ndarray, str]] = {
    "one-hot": (
        np.eye(3)[np.arange(30) % 3],
        "The loss sparse_categorical_crossentropy takes a whole label for each row, but y has 3 "
        "columns, as one-hot targets have: give y.argmax(axis=-1), or compile the model with the "
        "loss categorical_crossentropy.",
    ),
    "beyond the outputs": (
        np.arange(30) % 4,
        "The loss sparse_categorical_crossentropy needs whole labels from 0 to 2 (the model has 3 "
        "outputs), but y goes from 0 to 3: " + LABELS,
    ),
    "negative": (
        np.arange(30) % 3 - 1,
        "The loss sparse_categorical_crossentropy needs whole labels from 0 to 2 (the model has 3 "
        "outputs), but y goes from -1 to 1: " + LABELS,
    ),
    "not whole": (
        np.arange(30) % 3 / 2,
        "The loss sparse_categorical_crossentropy needs whole labels from 0 to 2 (the model has 3 "
        "outputs), but y goes from 0 to 1: " + LABELS,
    ),
}


@pytest.mark.parametrize("case", CASES)
def test_data_that_do_not_fit(case: str, tmp_path: Any) -> None:
    options, text = CASES[case]
    with pytest.raises(wane.InputError) as caught:
        study(**options).run(tmp_path / "study", progress=False)
    start, cut, _ = text.partition("…")  # the rest is of NumPy or scikit-learn
    assert str(caught.value)[: len(start) if cut else None] == start
    assert not (tmp_path / "study").exists()


@pytest.mark.parametrize("case", MULTICLASS)
def test_labels_that_do_not_fit_the_outputs(case: str) -> None:
    y, text = MULTICLASS[case]
    with pytest.raises(wane.InputError) as caught:
        study("multiclass", y=y).run(progress=False)
    assert str(caught.value) == text


def test_a_transform_that_gives_sparse_rows() -> None:
    with pytest.raises(wane.InputError) as caught:
        study(x=np.arange(30)[:, None] % 3, transform=OneHotEncoder()).run(progress=False)
    assert str(caught.value) == (
        "The transform OneHotEncoder gives a sparse matrix; make it give a dense one "
        "(sparse_output=False, or sparse_threshold=0 in a ColumnTransformer)."
    )


def test_whole_numbers_beyond_int32_are_not_wrapped() -> None:
    x = np.full((30, 3), 3_000_000_000)
    assert np.all(study(x=x).spec.data.development.x == np.float32(3e9))
    assert study(x=x // 1000).spec.data.development.x.dtype == np.int32


def test_soft_labels_are_split_without_classes() -> None:
    soft = np.linspace(0.05, 0.95, 30)
    result = study(y=soft, epochs=1, repeats=1).run(progress=False)
    assert len(result.runs) == 2


def test_whole_numbers_as_a_regression_target_can_be_held_out() -> None:
    y = np.repeat(np.arange(15), 2)
    made = study("regression", model=network("regression"), y=y, test=0.2)
    assert made.spec.data.test is not None and len(made.spec.data.test) == 6
