"""Rows that make a study say less than it seems to are told; rows by chance alike are not."""

from typing import Any

import numpy as np
import pandas as pd
import pytest

from wane.resampling.examples import Examples
from wane.resampling.remarks import few_of_a_class, remarks

random = np.random.default_rng(0)
X = random.normal(size=(40, 5)).astype(np.float32)
Y = np.arange(40) % 2
OTHER = random.normal(size=(20, 5)).astype(np.float32)


def said(
    train: Any, y: Any = Y, classes: bool = True, shuffled: bool = False, **apart: Any
) -> list[str]:
    parts = {part: Examples(*rows) for part, rows in apart.items()}
    return remarks(Examples(train, y), parts, classes=classes, shuffled=shuffled)


COPIES = (
    "5 of 20 test rows are training rows too (their x is equal), so that they say less about new "
    "rows: take them out of one of the two."
)


@pytest.mark.parametrize(
    "form",
    [
        lambda x: x,
        lambda x: x.astype(np.float64),
        lambda x: x.reshape(-1, 5, 1),
        pd.DataFrame,
        lambda x: {"a": x, "b": x[:, 0]},
    ],
)
def test_test_rows_that_are_training_rows(form: Any) -> None:
    mixed = np.concatenate([X[:5], OTHER[5:]])
    assert said(form(X), test=(form(mixed), Y[:20])) == [COPIES]
    assert said(form(X), test=(form(OTHER), Y[:20])) == []


def test_rows_of_few_values_are_equal_by_chance() -> None:
    few = random.integers(0, 2, size=(40, 3))
    assert said(few, test=(few[:20], Y[:20])) == []


def test_rows_are_told_beside_training_rows_that_are_copies_of_each_other() -> None:
    twice = Examples(np.concatenate([X, X]), np.tile(Y, 2))
    test = {"test": Examples(np.concatenate([X[:5], OTHER[5:]]), Y[:20])}
    for copied, told in ((True, [COPIES]), (False, [])):  # a few values are equal by chance
        assert remarks(twice, test, classes=True, shuffled=False, copied=copied) == told


def test_a_class_that_no_training_row_has() -> None:
    y = np.arange(20) % 3
    sentence = (
        "Class '2' of y is in 6 test rows but in no training row, so that no network can learn it: "
        "move some of its rows, or leave them out."
    )
    assert said(X, test=(OTHER, y)) == [sentence]
    assert said(X, test=(OTHER, y), classes=False) == []
    one_hot = np.eye(3)
    assert said(X, one_hot[Y], test=(OTHER, one_hot[y])) == [sentence]
    one = np.where(np.arange(20) == 3, 5, 0)
    assert "Class '5' of y is in 1 validation row but" in said(X, validation=(OTHER, one))[0]


def test_rows_in_another_unit() -> None:
    pixels = random.integers(1, 256, size=(40, 4, 4))
    pixels[0, 0, 0] = 255
    assert said(pixels, test=(pixels[:20] / 255, Y[:20])) == [
        "x of the test rows reaches to 1, and of the training rows to 255: if these are two units, "
        "give both in one."
    ]
    assert said(X, test=(40 * OTHER, Y[:20])) == []


@pytest.mark.parametrize("move", [1, 3])
@pytest.mark.parametrize("features", [1, 2])
def test_windows_that_overlap(move: int, features: int) -> None:
    walk = random.normal(size=(400, features)).cumsum(axis=0).astype(np.float32)
    windows = np.stack([walk[i : i + 12] for i in range(0, 60 * move, move)])
    steps = f"{move} step{'s' if move > 1 else ''}"
    (sentence,) = said(windows, random.normal(size=60), classes=False, shuffled=True)
    assert sentence.startswith(
        f"Rows of x are windows that overlap: each is the row before, moved on by {steps}. Rows"
    )
    assert said(windows, random.normal(size=60), classes=False, shuffled=False) == []
    for form in (windows[::-1], windows[:, ::-1]):  # the newest row, or step, comes first
        assert said(form, random.normal(size=60), classes=False, shuffled=True) == [sentence]
    taken = np.sort(random.permutation(60)[:48])  # as where test rows are held out
    assert said(windows[taken], random.normal(size=48), classes=False, shuffled=True)


def test_columns_that_are_the_values_before() -> None:
    walk = pd.Series(random.normal(size=80).cumsum())
    lags = pd.DataFrame({f"lag {n}": walk.shift(n) for n in range(1, 8)}).dropna()
    lags["day"] = "monday"
    (sentence,) = said(lags, shuffled=True)
    assert sentence.startswith("Rows of x are windows that overlap: each is the row before")
    assert said(lags.sample(frac=1, random_state=0), shuffled=True) == []


def test_what_is_no_window() -> None:
    for x in (X, np.zeros((40, 5)), random.integers(0, 2, (40, 9, 1)), X.reshape(-1, 5, 1, 1)):
        assert said(x, shuffled=True) == []


@pytest.mark.parametrize(
    ("y", "sentence"),
    [
        ([0] * 30 + [1] * 9, "The 39 test rows tell little of classes with fewer than 10 of them "
         "(9 of class 'c1'): a share of so few rows moves by a tenth or more with one row."),
        ([0.0, 1.0, 1.0], "The 3 test rows tell little of classes with fewer than 10 of them (1 of "
         "class 'c0' and 2 of class 'c1'): a share of so few rows moves by a tenth or more with "
         "one row."),
        (list(range(8)), "The 8 test rows tell little of classes with fewer than 10 of them (1 of "
         "class 'c0', 1 of class 'c1', 1 of class 'c2', 1 of class 'c3' and 1 of class 'c4' and 3 "
         "more classes): a share of so few rows moves by a tenth or more with one row."),
    ],
)  # fmt: skip
def test_few_test_rows_of_a_class(y: list[float], sentence: str) -> None:
    assert few_of_a_class(np.array(y), "c{}".format) == [sentence]


@pytest.mark.parametrize("y", [[0, 1] * 10, np.eye(2)[[0, 1] * 10], [[0.5, 0.5]] * 3])
def test_enough_test_rows_of_each_class(y: Any) -> None:
    assert few_of_a_class(np.array(y)) == []
