"""Texts are told to be numbers, dates, times or gaps; what could be two of them is refused."""

import datetime
from typing import Any

import pandas as pd
import pytest

from table_cases import message
from wane.data.reading.cells import read_as, reading, stands_for_gap


def named(values: list[str]) -> "pd.Series":
    return pd.Series(values, name="c", dtype=object)


def day(text: str) -> float:
    """Days since 1970-01-01, by Python's own calendar."""
    return (datetime.datetime.fromisoformat(text) - datetime.datetime(1970, 1, 1)) / DAY


DAY = datetime.timedelta(days=1)


@pytest.mark.parametrize(
    ("words", "gap"),
    [
        (["?", "-", "--", "–", ".", "*", "n.d.", "N.D.", "n/a", "Unknown", "UNK", "missing"], True),
        (["#DIV/0!", "#VALUE!", "#N/A", "not available", "k.A.", "keine Angabe", "(blank)"], True),
        (["+", "no", "0", "none of them", "x", "unknown primary", "-1"], False),
    ],
)
def test_words_for_a_gap(words: list[str], gap: bool) -> None:
    assert stands_for_gap(named(words)).tolist() == [gap] * len(words)


@pytest.mark.parametrize(
    ("texts", "kind", "values"),
    [
        (["1", "-2.5e3", " 7"], "number", [1.0, -2500.0, 7.0]),
        (["\N{MINUS SIGN}2.5", "7", "-1"], "number", [-2.5, 7.0, -1.0]),
        (["2020-01-31", "2020/02/01"], "date", ["2020-01-31", "2020-02-01"]),
        (["2020.01.31", "2020.2.1"], "date", ["2020-01-31", "2020-02-01"]),
        (["14.03.2024", "01.02.2024"], "date", ["2024-03-14", "2024-02-01"]),
        (["3/14/2024", "2/1/2024"], "date", ["2024-03-14", "2024-02-01"]),
        (["14/3/2024 13:30", "1/2/2024 1:30 PM"], "date", ["2024-03-14T13:30", "2024-02-01T13:30"]),
        (["01.01.2024", "02.02.2024"], "date", ["2024-01-01", "2024-02-02"]),
        (["14.03.24", "01.02.24"], "date", ["2024-03-14", "2024-02-01"]),
        (["14-03-99", "01-02-99"], "date", ["1999-03-14", "1999-02-01"]),
        (["14-Mar-2024", "1-Feb-2024"], "date", ["2024-03-14", "2024-02-01"]),
        (["March 14, 2024", "May 1, 2024"], "date", ["2024-03-14", "2024-05-01"]),
        (["Dec-2011", "Jan-2012"], "date", ["2011-12-01", "2012-01-01"]),
        (["00:00", "13:30", "9:05"], "time", [0.0, 13.5, 9 + 5 / 60]),
        (["00.00.00", "18.00.36"], "time", [0.0, 18.01]),
        (["12:05 am", "1:30 PM"], "time", [5 / 60, 13.5]),
        (["30:15", "100:30"], "time", [30.25, 100.5]),
        (["9:00", "9:00:36"], "time", [9.0, 9.01]),
    ],
)
def test_what_texts_say(texts: list[str], kind: str, values: list[Any]) -> None:
    found = reading(named(texts))
    assert found is not None and found.kind == kind
    expected = [day(value) for value in values] if kind == "date" else values
    assert [found.values[text] for text in texts] == pytest.approx(expected, rel=1e-12)


@pytest.mark.parametrize(
    ("texts", "dates"),
    [
        (["0001-01-01", "9999-12-31"], ["0001-01-01", "9999-12-31"]),
        (["14.03.1522", "01.02.2024"], ["1522-03-14", "2024-02-01"]),
        (["14 Mar 1522", "1 Feb 2024"], ["1522-03-14", "2024-02-01"]),
        (["1522.3.4 06:00", "1999-03-04"], ["1522-03-04 06:00", "1999-03-04"]),
    ],
)
def test_dates_of_any_year(texts: list[str], dates: list[str]) -> None:
    """Also with pandas 2, whose own dates begin in 1677 and end in 2262."""
    found = reading(named(texts))
    assert found is not None
    assert [found.values[text] for text in texts] == [day(date) for date in dates]


@pytest.mark.parametrize(
    "texts",
    [
        ["a", "b"],
        ["3:2", "1:0"],
        ["town 12", "town 13"],
        ["99/88/77", "12/13/14"],
        ["1", "2", "3+"],
        ["2011-12", "2012-13"],
        ["12:30", "noon", "later"],
        ["36 months", "60 months"],
        [f"{room}B" for room in range(101, 140)],
        ["1)", "2)"],
    ],
)
def test_labels_stay_labels(texts: list[str]) -> None:
    assert reading(named(texts)) is None


NO_NUMBERS = (
    "not written as numbers, such as {}; write all alike and without units, and where there is "
    "none leave the cell empty, or name the word that stands there with --missing. If they are "
    "labels, write a letter before each."
)
YEAR_FIRST = "write them as year-month-day, such as 2026-03-31, or leave the column out (--drop)."
FORTY = [str(i) for i in range(40)]


@pytest.mark.parametrize(
    ("texts", "sentence"),
    [
        (["5%", "10"] * 9, "numbers, but 9 of its 18 values are " + NO_NUMBERS.format("'5%'")),
        (["1,000", "7"], "numbers such as '1,000', which may be 1 or 1000: give the decimal mark "
         "(--decimal . or --decimal ,), or leave the column out (--drop)."),
        (["1,5", "2.5"], "numbers, but 1 of its 2 values are " + NO_NUMBERS.format("'1,5'")),
        ([*FORTY, "$12"], "numbers, but 1 of its 41 values are " + NO_NUMBERS.format("'$12'")),
        ([f"{i}.5 kg" for i in range(40)], "numbers, but 40 of its 40 values are "
         + NO_NUMBERS.format("'0.5 kg'")),
        ([f"{i} m" for i in range(40)], "numbers, but 40 of its 40 values are "
         + NO_NUMBERS.format("'0 m'")),
        (["(1.5)", *FORTY], "numbers, but 1 of its 41 values are " + NO_NUMBERS.format("'(1.5)'")),
        # However many they are, a few words among many numbers are no labels.
        ([*FORTY, *["low"] * 99], "numbers, but 99 of its 139 values are "
         + NO_NUMBERS.format("'low'")),
        (["01.03.2024", "02.03.2024"], "dates such as '01.03.2024', in which day and month cannot "
         f"be told apart; {YEAR_FIRST}"),
        (["14-03-24", "01-02-24"], "dates such as '14-03-24', in which day, month and year cannot "
         f"be told apart; {YEAR_FIRST}"),
        (["31/12/2020", "12/31/2020"], "dates such as '31/12/2020', but no order of day, month and "
         f"year fits them all; {YEAR_FIRST}"),
        (["2020-01-31", "31.01.2020"], "dates in two forms, such as '2020-01-31' and '31.01.2020'; "
         "write each as year-month-day, such as 2026-03-31."),
        (["2020-01-31", "2020-02-31"], "dates, but '2020-02-31' is none; write each as "
         "year-month-day, such as 2026-03-31, and leave a cell empty where there is none."),
        (["2020-01-31", "2020-01-30", "soon"], "dates, but 'soon' is none; write each as "
         "year-month-day, such as 2026-03-31, and leave a cell empty where there is none."),
        (["14.03.2024", "15.03.2024", "soon"], "dates, but 'soon' is none; write each as "
         "year-month-day, such as 2026-03-31, and leave a cell empty where there is none."),
        (["12:30", "13:00", "noon"], "times, but 'noon' is none; write each as hour:minute, such "
         "as 13:30, and leave a cell empty where there is none."),
        (["25:30", "1:02:03"], "durations with and without seconds, such as '25:30', whose unit "
         "cannot be told; write them as numbers of one unit."),
    ],
)  # fmt: skip
def test_what_is_refused(texts: list[str], sentence: str) -> None:
    assert message(reading, named(texts)) == f"Column 'c' holds {sentence}"


@pytest.mark.parametrize(
    ("mark", "other", "texts"),
    [
        (".", ",", [f"{i}.504,86" for i in range(1, 40)]),
        (",", ".", [f"{i}.25" for i in range(40)]),
    ],
)
def test_another_decimal_mark_is_proposed(mark: str, other: str, texts: list[str]) -> None:
    text = message(reading, named(texts), decimal=mark)
    assert text.endswith(
        f"such as {texts[0]!r}; the decimal mark of this file is taken to be {mark!r}, and "
        f"{other!r} would read them: give that (--decimal), or write all columns alike."
    )
    mixed = message(reading, named([*texts, "5 kg"]), decimal=mark)
    assert mixed.endswith("If they are labels, write a letter before each.")


@pytest.mark.parametrize(
    ("texts", "options", "expected"),
    [
        (["1", "\u22122", "x"], {"kind": "number"}, [1, -2, None]),
        (["1,5", "1,500", "2", "1 500"], {"kind": "number"}, [1.5, None, 2, 1500]),
        (["1,5", "1,500", "2"], {"kind": "number", "decimal": ","}, [1.5, 1.5, 2]),
        (["1,500", "2.5"], {"kind": "number", "decimal": ","}, [None, 2.5]),
        (["1.500", "2"], {"kind": "number", "decimal": ","}, [1500, 2]),
        (["1.500,5", "1.500", "2.5"], {"kind": "number", "decimal": ","}, [1500.5, None, None]),
        (["1,500", "2.5"], {"kind": "number", "decimal": "."}, [1500, 2.5]),
        (["1,500", "2,5"], {"kind": "number", "decimal": "."}, [None, 2.5]),
        (
            ["12 %", "1,5%", "3"],
            {"kind": "number", "decimal": ",", "percent": True},
            [12, 1.5, None],
        ),
        (["12 %", "3"], {"kind": "number"}, [None, 3]),
        (["TRUE", "false", "1", "2"], {"kind": "boolean"}, [1, 0, 1, None]),
        (["7:30", "noon", "7:30 PM"], {"kind": "time"}, [7.5, None, 19.5]),
        (["1970-01-02", "1970", "2 Jan 1970"], {"kind": "date"}, [1, None, 1]),
        # Without a known order, all dates in figures together tell it, or none is read.
        (["02.01.1970", "13.01.1970", "x", "1970-01-02"], {"kind": "date"}, [1, 12, None, 1]),
        (["02.01.1970", "x", "1970-01-02"], {"kind": "date"}, [None, None, 1]),
        (["02.01.1970", "x"], {"kind": "date", "order": "day, month, year"}, [1, None]),
        (["02.01.1970", "1.2.70"], {"kind": "date", "order": "month, day, year"}, [31, 1]),
    ],
)
def test_texts_of_a_known_kind(
    texts: list[str], options: dict[str, Any], expected: list[float | None]
) -> None:
    found = read_as(pd.Series(texts, dtype="object"), **options)
    pd.testing.assert_series_equal(found, pd.Series(expected, dtype="float64"))


def test_dates_in_another_order_than_the_known_one_are_refused() -> None:
    dates = named(["01/02/2026", "12/31/2026"])
    text = message(read_as, dates, "date", order="day, month, year")
    assert "'12/31/2026', which is none in the order of the study's table (day, month" in text
