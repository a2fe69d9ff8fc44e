"""Columns become numbers or text, and say why they cannot be inputs."""

import datetime
import decimal
from typing import Any

import numpy as np
import pandas as pd
import pytest

from table_cases import message
from wane.data.reading.columns import (
    far_number,
    read_column,
    why_left_out,
    why_no_input,
)

NAN = float("nan")
NOON = 18_325.5  # days from 1970-01-01 to noon of 2020-03-04


def named(values: Any, dtype: Any = None) -> "pd.Series":
    series: pd.Series = pd.Series(values, dtype=dtype, name="c")
    return series


@pytest.mark.parametrize(
    ("series", "kind", "expected"),
    [
        (named([1, 2]), "number", [1.0, 2.0]),
        (named([1, None], "Int64"), "number", [1.0, NAN]),
        (named([decimal.Decimal("1.5"), None]), "number", [1.5, NAN]),
        (named(pd.to_timedelta([12, 24], unit="h")), "number", [0.5, 1.0]),
        (named([None, None]), "number", [NAN, NAN]),
        (named([True, False]), "boolean", [1.0, 0.0]),
        (named([True, None, False], object), "boolean", [1.0, NAN, 0.0]),
        (named([True, None], "boolean"), "boolean", [1.0, NAN]),
        (named(["2020-03-04 12:00", None]), "date", [NOON, NAN]),
        (named(["2020/03/04", "2020-03-04T12:00:00+01:00"]), "date", [NOON - 0.5, NOON - 1 / 24]),
        (named([datetime.date(2020, 3, 4), None]), "date", [NOON - 0.5, NAN]),
        (named(pd.Series(["1522-03-04"], dtype="datetime64[s]")), "date", [-163567.0]),
        (named([datetime.date(1522, 3, 4), None]), "date", [-163567.0, NAN]),
        (named([datetime.datetime(1522, 3, 4, 12), None]), "date", [-163566.5, NAN]),
        (named(pd.to_datetime(["2020-03-04 12:00"])), "date", [NOON]),
        (named(pd.to_datetime(["2020-03-04 13:00+01:00"])), "date", [NOON]),
        (named(["a ", None, " "]), "category", ["a", NAN, NAN]),
        (named(["a", None], "category"), "category", ["a", NAN]),
        (named([1, 2, None], "category"), "category", ["1", "2", NAN]),
        (named(["01", "2"]), "category", ["01", "2"]),
        (named(["0.5", "?", "3", None]), "number", [0.5, NAN, 3.0, NAN]),
        (named(["2020-03-04", "-"]), "date", [NOON - 0.5, NAN]),
        (named(["4/3/2020", "13/3/2020"]), "date", [NOON - 0.5, NOON + 8.5]),
        (named(["13:30", "n.d."]), "time", [13.5, NAN]),
        (named(["yes", "?"]), "category", ["yes", "?"]),
    ],
)
def test_kinds(series: "pd.Series", kind: str, expected: list[Any]) -> None:
    column = read_column(series)
    assert column.kind == kind
    dtype = "object" if kind == "category" else "float64"
    pd.testing.assert_series_equal(column.values, named(expected, dtype), rtol=1e-12)


@pytest.mark.parametrize(
    ("value", "kind"), [([1], "list"), (b"x", "bytes"), (1j, "complex128"), ({}, "dict")]
)
def test_what_is_no_input(value: Any, kind: str) -> None:
    assert message(read_column, named([value, value])) == (
        f"Column 'c' holds values of type {kind}, which cannot be an input; wane takes numbers, "
        f"booleans, dates and text: change the column or leave it out."
    )


@pytest.mark.parametrize("value", [np.inf, -np.inf, 1e39])
def test_infinite_numbers(value: float) -> None:
    assert message(read_column, named([1.0, value, NAN])) == (
        "Column 'c' holds infinite numbers or numbers above 3.4e+38 (1 of 3 rows); correct them, "
        "or leave those cells empty."
    )


def test_gaps_are_counted_by_the_words_that_stand_for_them() -> None:
    column = read_column(named(["1", "?", "2", "?", "unknown", None]))
    assert dict(column.gaps) == {"?": 2, "unknown": 1} and column.note == ""


@pytest.mark.parametrize(
    ("values", "kind", "note"),
    [
        (
            ["0", "1", "2", "3+"],
            "category",
            "numbers and text, such as '3+', and was read as label",
        ),
        ([f"{i}" for i in range(99)], "number", "numbers that are text and was read as numbers."),
        (["1", "2", "3"], "category", "numbers that are text and was read as labels."),
        (
            [f"{i:03}" for i in range(99)],
            "category",
            "numbers that are text and was read as labels",
        ),
        (["red", "4"], "category", "numbers and text, such as 'red', and was read as labels."),
        (["$5", "$6", "$7", "free"], "category", "numbers and text, such as '$5', and was read as"),
        (["red", "blue", "4"], "category", ""),
        (["red", "blue"], "category", ""),
    ],
)
def test_labels_among_numbers_are_told(values: list[str], kind: str, note: str) -> None:
    column = read_column(named(values))
    assert column.kind == kind
    assert column.note.startswith(f"Column 'c' holds {note}" if note else "")
    assert bool(column.note) == bool(note)


def test_the_order_of_dates_is_told() -> None:
    assert read_column(named(["14.03.2024", "01.02.2024"])).note == (
        "Dates such as '14.03.2024' in column 'c' were read as day, month, year."
    )
    assert read_column(named(["2024-03-14"])).note == ""


def test_infinity_beside_a_gap_is_refused() -> None:
    text = message(read_column, named(["1", "inf", "?"]))
    assert text.startswith("Column 'c' holds infinite numbers")


AMOUNTS = [i / 4 for i in range(45)]


def test_a_number_that_may_stand_for_a_gap() -> None:
    assert far_number(read_column(named([*AMOUNTS, *[-200] * 3]))) == (
        "Column 'c' holds -200 in 3 of 48 rows, far from all others (0 to 11); if it stands for a "
        "missing value, say so with --missing -200."
    )
    assert "holds 9999 in 4 of 49 rows" in str(far_number(read_column(named([9999] * 4 + AMOUNTS))))


@pytest.mark.parametrize(
    "values",
    [
        [*AMOUNTS, -200, -200],  # too seldom
        [*AMOUNTS, *[-5] * 9],  # not far
        [0] * 30 + [5, 6, 7] * 9,  # counts of a few values
        AMOUNTS,
        [None],
        ["a", "b"],
    ],
)
def test_numbers_that_stand_for_themselves(values: list[Any]) -> None:
    assert far_number(read_column(named(values))) is None


TEXTS = [f"t{i}" for i in range(1001)]


@pytest.mark.parametrize(
    ("name", "values", "why"),
    [
        ("c", [None] * 4, "it is empty"),
        ("c", [3.0] * 4, "it holds one value only, '3'"),
        ("c", ["a"] * 4, "it holds one value only, 'a'"),
        ("c", [3.0, None], None),  # where it is missing may say something
        ("c", TEXTS[:50], None),
        (
            "c",
            TEXTS[:51],
            "it has 51 different texts in 51 rows, as an identifier has (such as 't0')",
        ),
        ("c", TEXTS[:51] * 2, None),
        ("c", TEXTS * 3, "it has 1001 different texts, more than the 1000 that wane encodes"),
        ("c", list(range(99)), "it numbers the rows"),
        ("c", [*range(98), 99], None),
        ("Unnamed: 0", list(range(99)), "it numbers the rows"),
        ("__index_level_0__", [2, 7, 3], "it numbers the rows"),
        ("ID", [1, 2, 3], "it numbers the rows"),
        ("id", [1, 2, 2], None),
    ],
)
def test_why_a_column_is_no_input(name: str, values: list[Any], why: str | None) -> None:
    column = read_column(pd.Series(values, name=name))
    assert (why_no_input(column) or why_left_out(name, column)) == why
