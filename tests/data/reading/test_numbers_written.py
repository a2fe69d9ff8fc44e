"""A column decides how its numbers are written, and is refused where it can be read in two ways."""

import pandas as pd
import pytest

from table_cases import message
from wane.data.reading.columns import read_column
from wane.data.reading.numbers import proven_decimal, written_numbers

NARROW = "\N{NARROW NO-BREAK SPACE}"


def levels(texts: list[str]) -> "pd.Series":
    return pd.Series(texts, index=texts, name="c", dtype=object)


@pytest.mark.parametrize(
    ("texts", "values", "manner", "decimal"),
    [
        (["1,5", "-2", ",25"], [1.5, -2, 0.25], "a decimal comma", ","),
        (["1.234,5", "7"], [1234.5, 7], "a decimal comma and points between thousands", ","),
        (["1,234.5", "12"], [1234.5, 12], "commas between thousands", "."),
        (["1,234,567", "12"], [1234567, 12], "commas between thousands", "."),
        (["1.234.567", "12"], [1234567, 12], "points between thousands", ","),
        (["1.234", "1,5"], [1234, 1.5], "a decimal comma and points between thousands", ","),
        (["1,234", "0.5"], [1234, 0.5], "commas between thousands", "."),
        (["1,234", "0,234"], [1.234, 0.234], "a decimal comma", ","),
        (["1 234", "12"], [1234, 12], "blanks between thousands", ""),
        ([f"1{NARROW}234,5", "-12"], [1234.5, -12], "a decimal comma and blanks between thousands",
         ","),
        (["1'234.5", "12"], [1234.5, 12], "apostrophes between thousands", "."),
        (["1\N{RIGHT SINGLE QUOTATION MARK}234", "\N{MINUS SIGN}2"], [1234, -2],
         "apostrophes between thousands", ""),
        (["-3e-2", "1,5e3"], [-0.03, 1500], "a decimal comma", ","),
    ],
)  # fmt: skip
def test_what_numbers_prove(
    texts: list[str], values: list[float], manner: str, decimal: str
) -> None:
    found = written_numbers(levels(texts))
    assert found is not None and not found.percent
    assert [found.values[text] for text in texts] == values
    assert (found.manner, found.decimal) == (manner, decimal)
    assert proven_decimal(levels(texts)) == decimal


@pytest.mark.parametrize(
    "texts", [["1,5", "2.5"], ["12,34,567"], ["1,2345,678"], ["01,234,567"], ["a", "1"], ["$5"], []]
)
def test_what_is_written_in_no_one_way(texts: list[str]) -> None:
    assert written_numbers(levels(texts)) is None
    assert proven_decimal(levels(texts)) == ""


def test_two_readings_are_refused_unless_the_decimal_mark_is_known() -> None:
    texts = levels(["1,234", "12"])
    assert message(written_numbers, texts) == (
        "Column 'c' holds numbers such as '1,234', which may be 1.234 or 1234: give the decimal "
        "mark (--decimal . or --decimal ,), or leave the column out (--drop)."
    )
    assert proven_decimal(texts) == ""
    for decimal, value in ((".", 1234), (",", 1.234)):
        found = written_numbers(texts, decimal)
        assert found is not None and dict(found.values) == {"1,234": value, "12": 12}


@pytest.mark.parametrize(
    ("texts", "values", "note"),
    [
        (["12 %", "3%"], [12, 3], "'12 %' in column 'c' were read in percent, as 12."),
        (["12,5 %", "3%"], [12.5, 3], "'12,5 %' in column 'c' were read with a decimal comma in "
         "percent, as 12.5."),
        (["1 234", "5"], [1234, 5], "'1 234' in column 'c' were read with blanks between "
         "thousands."),
        (["1,5", "?"], [1.5, float("nan")], "'1,5' in column 'c' were read with a decimal comma."),
    ],
)  # fmt: skip
def test_notes_say_how_numbers_were_read(texts: list[str], values: list[float], note: str) -> None:
    column = read_column(pd.Series(texts, name="c"))
    assert column.kind == "number" and column.note == f"Numbers such as {note}"
    assert column.values.tolist() == pytest.approx(values, nan_ok=True)


def test_few_numbers_with_a_comma_are_numbers_and_no_labels() -> None:
    column = read_column(pd.Series(["0,5", "1,5"] * 20, name="c"), decimal=",")
    assert column.kind == "number" and column.note == ""
