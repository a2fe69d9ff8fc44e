"""What the texts of a column say: numbers, dates or times, and words that stand for a gap."""

import contextlib
import dataclasses
import datetime
import functools
import re
from collections.abc import Hashable, Mapping
from typing import TYPE_CHECKING

from wane._errors import InputError
from wane.data.reading.numbers import (
    WrittenNumbers,
    known_numbers,
    misspelt,
    plain_numbers,
    written_numbers,
)

if TYPE_CHECKING:
    import pandas as pd

_GAPS = """? ?? - -- --- – — . .. ... * n.d. n.d n.a. n.a n/a na nan null none nil unknown unk
missing undefined unbekannt k.a. k.a inconnu desconocido (blank) blank empty
#n/a #div/0! #value! #ref! #name? #num! #null!"""
_LONGER_GAPS = ("not available", "not applicable", "not recorded", "no data", "keine angabe")
GAPS = frozenset((*_GAPS.split(), *_LONGER_GAPS))
"""What people write where there is no number, in lower case."""

MANY_VALUES = 20
"""Above so many different values a column of figures counts as an amount rather than as labels."""
_MOST_WORDS = 20
_OTHER_SPELLING = 0.9

_ISO_EXAMPLE = "year-month-day, such as 2026-03-31"
_ISO = re.compile(r"\d{4}([-/.])\d{1,2}\1\d{1,2}([T ].*)?")
_TIME = (
    r"(?P<hour>\d{1,3}):(?P<minute>[0-5]\d)(:(?P<second>[0-5]\d([.,]\d+)?))?"
    r" ?(?P<half>[ap]\.?m\.?)?"
)
_CLOCK = re.compile(_TIME, re.IGNORECASE)
_DOTTED_CLOCK = re.compile(r"([01]?\d|2[0-3])\.[0-5]\d\.[0-5]\d")
_DATE = re.compile(
    r"(?P<date>\d{1,2}(?P<mark>[-/.])\d{1,2}(?P=mark)(\d{4}|\d\d))"
    rf"([T ,]+(?P<time>{_TIME}))?",
    re.IGNORECASE,
)
_YEAR = re.compile(r"\d{4}")
_FAR_YEAR = re.compile(
    r"(?<!\d)(?:0\d{3}|1[0-5]\d\d|16[0-7]\d|22[6-9]\d|2[3-9]\d\d|[3-9]\d{3})(?!\d)"
)
_ISO_PARTS = re.compile(r"(\d{4})\D(\d{1,2})\D(\d{1,2})(.*)")
_ZERO = datetime.datetime(1970, 1, 1, tzinfo=datetime.UTC)
_NAMED = re.compile(r"(\d{1,2}[-/. ]+)?[a-z]{3,9}[-/., ]+(\d{1,2}[., ]+)?\d{2,4}", re.IGNORECASE)
_NAMED_FORMATS = ("%d %b %Y", "%d %B %Y", "%b %d %Y", "%B %d %Y", "%b %Y", "%B %Y")
_ORDERS = {
    "%d-%m-%Y": "day, month, year",
    "%m-%d-%Y": "month, day, year",
    "%d-%m-%y": "day, month, year",
    "%m-%d-%y": "month, day, year",
    "%y-%m-%d": "year, month, day",
}


@dataclasses.dataclass(frozen=True)
class Reading:
    """What all texts of a column are.

    Args:
        kind: ``"number"``, ``"date"`` (days since 1970-01-01 UTC) or ``"time"`` (hours).
        values: the number that each text stands for.
        note: a sentence on how they were read, where they could be read otherwise.
        plain: whether numbers are written as Python writes them, as labels may be.
        decimal: the decimal mark of numbers; "" where none is known.
        percent: whether numbers have percent signs.
        order: of day, month and year in dates, in words, where the texts told it.
    """

    kind: str
    values: Mapping[Hashable, float]
    note: str = ""
    plain: bool = True
    decimal: str = ""
    percent: bool = False
    order: str = ""


def days(dates: "pd.Series") -> "pd.Series":
    """Dates, of any year, as days since 1970-01-01 UTC.

    Args:
        dates: as pandas has them, or Python's own.
    """
    import pandas as pd

    try:
        found = pd.to_datetime(dates, utc=True)
    except pd.errors.OutOfBoundsDatetime:  # pandas 2, of Python's own
        return dates.map(_days, na_action="ignore").astype("float64")
    # In nanoseconds, the unit of pandas's own zero, there are dates from 1677 to 2262 only.
    zero, day = pd.Timestamp(0, tz="UTC").as_unit("s"), pd.Timedelta(days=1).as_unit("s")
    return (found - zero) / day


def _days(date: datetime.date) -> float:
    """A date of Python's as days since 1970-01-01, without an offset in UTC."""
    if not isinstance(date, datetime.datetime):
        return float((date - _ZERO.date()).days)
    return (date.replace(tzinfo=date.tzinfo or datetime.UTC) - _ZERO) / datetime.timedelta(days=1)


def _days_of(texts: "pd.Series", form: str) -> "pd.Series":
    """Texts that are dates of this form as days since 1970-01-01 UTC, and NaN for others.

    Args:
        texts: [levels].
        form: a format of strptime, or ``"ISO8601"``.
    """
    import pandas as pd

    dates = pd.to_datetime(texts, utc=True, errors="coerce", format=form)
    found = days(dates)
    far: dict[Hashable, float] = {}  # in such years pandas 2 has no dates
    for level, text in texts[dates.isna() & texts.str.contains(_FAR_YEAR)].items():
        with contextlib.suppress(ValueError):
            if form == "ISO8601":
                year, month, day, rest = _ISO_PARTS.findall(text)[0]
                date = datetime.datetime.fromisoformat(f"{year}-{month:0>2}-{day:0>2}{rest}")
            else:
                date = datetime.datetime.strptime(text, form)  # is in UTC
            far[level] = _days(date)
    return found.fillna(pd.Series(far, dtype="float64"))


def stands_for_gap(text: "pd.Series") -> "pd.Series":
    """Whether each text is a word that people write where there is no number."""
    found: pd.Series = text.astype("object").str.casefold().isin(GAPS)
    return found


def reading(text: "pd.Series", *, decimal: str | None = None, order: str = "") -> Reading | None:
    """What the texts of a column are, none of them missing; None if they are labels.

    Args:
        text: [rows].
        decimal: the decimal mark, if it is known.
        order: that of day, month and year, in words, where it is known.


    Raises:
        InputError: if most of them are numbers or dates and others are not, or dates can be read
            in two ways.
    """
    levels = text.drop_duplicates()
    levels.index = levels.array
    if levels.empty:
        return None
    numbers = _numbers(text, levels, decimal)
    return numbers or _times(text, levels) or _dates(text, levels, order)


def read_as(
    text: "pd.Series", kind: str, *, order: str = "", decimal: str = "", percent: bool = False
) -> "pd.Series":
    """The numbers that texts stand for in a column whose kind is known; NaN for those of no such.

    Args:
        text: [rows], none of them missing.
        kind: ``"number"``, ``"boolean"``, ``"date"`` or ``"time"``.
        order: of dates, in words; empty where the column itself tells it.
        decimal, percent: of numbers, as :func:`known_numbers` takes them.

    Raises:
        InputError: if dates are in another order than that.
    """
    levels = text.drop_duplicates()
    levels.index = levels.array
    if kind == "number":
        return text.map(known_numbers(levels, decimal, percent=percent)).astype("float64")
    if kind == "boolean":
        return text.str.casefold().map({"true": 1.0, "false": 0.0, "1": 1.0, "0": 0.0})
    found = _by_parts(levels, kind, order)
    for level in levels[~levels.isin(found)]:
        if order and _DATE.fullmatch(level) and _orders(levels[[level]]):
            raise InputError(
                f"Column {text.name!r} holds the date {level!r}, which is none in the order of the "
                f"study's table ({order}); write its dates in that order, or as {_ISO_EXAMPLE}."
            )
    return text.map(found).astype("float64")


def _by_parts(levels: "pd.Series", kind: str, order: str) -> dict[Hashable, float]:
    """The dates or times among texts, which need not all be such."""
    dates = levels.str.fullmatch(_DATE)
    if kind == "date" and not order and dates.any() and not dates.all():
        whole = _by_parts(levels[dates], kind, order)
        return {**whole, **_by_parts(levels[~dates], kind, order)}
    with contextlib.suppress(InputError):
        found = reading(levels, order=order)
        if found is not None and found.kind == kind:
            return dict(found.values)
    # Only all dates together tell their order.
    if len(levels) < 2 or (kind == "date" and not order and dates.all()):
        return {}
    half = len(levels) // 2
    first, second = levels.iloc[:half], levels.iloc[half:]
    return {**_by_parts(first, kind, order), **_by_parts(second, kind, order)}


def _numbers(text: "pd.Series", levels: "pd.Series", decimal: str | None) -> Reading | None:
    """The numbers, if they all are, or an error if only most of them are."""
    import pandas as pd

    numbers = plain_numbers(levels)
    pointed = levels.str.contains(".", regex=False)
    if decimal == ",":  # a point is none
        numbers = numbers.where(~pointed)
    if bool(numbers.notna().all()):
        mark = "." if pointed.any() else decimal or ""
        return Reading("number", numbers.to_dict(), decimal=mark)
    written = written_numbers(levels, decimal)
    if written is not None:
        return Reading(
            "number",
            written.values,
            _manner(written, levels, decimal),
            plain=False,
            decimal=written.decimal or decimal or "",
            percent=written.percent,
        )
    figures = pd.to_numeric(_bare(levels), errors="coerce").notna()
    share = float(text.map(figures).mean())
    other_spelling = share >= _OTHER_SPELLING and bool((figures & numbers.isna()).any())
    amounts = int(figures.sum()) > MANY_VALUES
    words = int((~figures).sum()) <= _MOST_WORDS
    if other_spelling or (amounts and (words or share >= _OTHER_SPELLING)) or _of_unit(levels):
        raise InputError(misspelt(text, levels, numbers, decimal))
    return None


def _manner(written: WrittenNumbers, levels: "pd.Series", decimal: str | None) -> str:
    """How numbers were read, in a sentence; nothing where the rest of the file says so."""
    read = f"Numbers such as {written.example!r} in column {levels.name!r} were read"
    if written.percent:
        with_marks = f" with {written.manner}" if written.manner else ""
        return f"{read}{with_marks} in percent, as {written.values[written.example]:.10g}."
    if written.plain_comma and decimal == ",":
        return ""
    return f"{read} with {written.manner}."


def mixes_numbers(text: "pd.Series") -> str | None:
    """A text that is no number among labels of which at least half are; None if fewer are."""
    import pandas as pd

    figures = pd.to_numeric(_bare(text), errors="coerce").notna()
    wrong = text[pd.to_numeric(text, errors="coerce").isna()]
    return str(wrong.iloc[0]) if len(wrong) and float(figures.mean()) >= 0.5 else None


def _bare(text: "pd.Series") -> "pd.Series":
    """The texts without separators of thousands, signs of money and brackets around a loss."""
    bare: pd.Series = text.str.replace(r"[\s,'$€£¥%]", "", regex=True)
    return bare.str.replace(r"^\((.+)\)$", r"\1", regex=True)


def _of_unit(levels: "pd.Series") -> bool:
    """Whether so many texts are numbers of one unit, such as ``24.5 kg``, that these are amounts.

    A whole number with a letter right after it, such as ``101B``, may as well be a label.
    """
    units = levels.str.extract(r"^[+-]?\d[\d,]*(?:\.\d+\s*|\s+)([^\d\s.,]{1,12})$")[0]
    found = float(units.notna().mean()) >= _OTHER_SPELLING
    return len(levels) > MANY_VALUES and found and units.nunique() == 1


def _hours(clock: re.Match[str] | None) -> float:
    """Hours since midnight, or of a duration; 0 where there is no time."""
    if clock is None or clock["hour"] is None:
        return 0.0
    hours = int(clock["hour"])
    if clock["half"]:
        hours = hours % 12 + (12 if clock["half"][0] in "pP" else 0)
    seconds = float((clock["second"] or "0").replace(",", "."))
    return hours + int(clock["minute"]) / 60 + seconds / 3600


def _times(text: "pd.Series", levels: "pd.Series") -> Reading | None:
    """Times of day or durations as hours."""
    dotted = all(_DOTTED_CLOCK.fullmatch(level) for level in levels)
    if dotted and _orders(levels):
        return None  # dates with years of two digits
    colons = levels.str.replace(".", ":") if dotted else levels
    found = {level: _CLOCK.fullmatch(colon) for level, colon in colons.items()}
    clocks = [clock for clock in found.values() if clock]
    if len(clocks) < len(found):
        _refuse_mostly(text, levels.map(found).notna(), "times", "hour:minute, such as 13:30")
        return None
    values = {level: _hours(clock) for level, clock in found.items()}
    if len({clock["second"] is None for clock in clocks}) == 2 and max(values.values()) >= 24:
        raise InputError(
            f"Column {levels.name!r} holds durations with and without seconds, such as "
            f"{levels.iloc[0]!r}, whose unit cannot be told; write them as numbers of one unit."
        )
    return Reading("time", values)


def _refuse_mostly(text: "pd.Series", fits: "pd.Series", what: str, form: str) -> None:
    """Refuse labels of which more than half are dates or times, but not all."""
    of_rows = text.map(fits)
    if 0.5 < float(of_rows.mean()) < 1:
        raise InputError(
            f"Column {text.name!r} holds {what}, but {text[~of_rows].iloc[0]!r} is none; write "
            f"each as {form}, and leave a cell empty where there is none."
        )


def _dates(text: "pd.Series", levels: "pd.Series", order: str) -> Reading | None:
    """The dates, if the texts are."""
    ordered = functools.partial(_ordered_dates, known=order)
    for pattern, read in ((_ISO, _iso_dates), (_DATE, ordered), (_NAMED, _named_dates)):
        if all(pattern.fullmatch(level) for level in levels):
            return read(levels)
    iso = levels.str.fullmatch(_ISO)
    dates = iso | levels.str.fullmatch(_DATE) & levels.str.contains(_YEAR)
    if bool(dates.all()):
        raise InputError(
            f"Column {text.name!r} holds dates in two forms, such as {levels[iso].iloc[0]!r} and "
            f"{levels[~iso].iloc[0]!r}; write each as {_ISO_EXAMPLE}."
        )
    _refuse_mostly(text, dates, "dates", _ISO_EXAMPLE)
    return None


def _iso_dates(levels: "pd.Series") -> Reading:

    plain = levels.str.replace(r"^(\d{4})\.(\d{1,2})\.(\d{1,2})", r"\1-\2-\3", regex=True)
    dates = _days_of(plain, "ISO8601")
    if bool(dates.isna().any()):
        raise InputError(
            f"Column {levels.name!r} holds dates, but {levels[dates.isna()].iloc[0]!r} is none; "
            f"write each as {_ISO_EXAMPLE}, and leave a cell empty where there is none."
        )
    return Reading("date", dates.to_dict())


def _orders(levels: "pd.Series") -> dict[str, "pd.Series"]:
    """The days by every order of day, month and year in which all texts are dates."""
    found = [_DATE.fullmatch(text) for text in levels]
    parts = levels.map({m.string: re.sub(r"[/.]", "-", m["date"]) for m in found if m})
    orders = {}
    for order in _ORDERS:
        if order == "%y-%m-%d" and any(m["mark"] == "." for m in found if m):
            continue  # nobody writes these with dots
        dates = _days_of(parts, order)
        if bool(dates.notna().all()):
            orders[order] = dates
    return orders


def _ordered_dates(levels: "pd.Series", known: str = "") -> Reading | None:
    """Dates of which the column itself tells the order of day, month and year, or is known."""
    readings = {
        order: dates.to_dict()
        for order, dates in _orders(levels).items()
        if known in ("", _ORDERS[order])
    }
    order, found = next(iter(readings.items()), ("", {}))
    if any(other != found for other in readings.values()):
        raise InputError(
            f"Column {levels.name!r} holds dates such as {levels.iloc[0]!r}, in which "
            f"{'day and month' if 'Y' in order else 'day, month and year'} cannot be told apart; "
            f"write them as {_ISO_EXAMPLE}, or leave the column out (--drop)."
        )
    if not readings:
        if bool(levels.str.contains(_YEAR).any()):
            raise InputError(
                f"Column {levels.name!r} holds dates such as {levels.iloc[0]!r}, but no order of "
                f"day, month and year fits them all; write them as {_ISO_EXAMPLE}, or leave "
                f"the column out (--drop)."
            )
        return None
    values = {text: day + _hours(_DATE.fullmatch(str(text))) / 24 for text, day in found.items()}
    note = (
        f"Dates such as {levels.iloc[0]!r} in column {levels.name!r} were read as {_ORDERS[order]}."
    )
    return Reading("date", values, note, order=_ORDERS[order])


def _named_dates(levels: "pd.Series") -> Reading | None:
    """Dates with the English name of a month."""
    plain = levels.str.replace(r"[-/., ]+", " ", regex=True).str.strip()
    for order in _NAMED_FORMATS:
        dates = _days_of(plain, order)
        if bool(dates.notna().all()):
            return Reading("date", dates.to_dict())
    return None
