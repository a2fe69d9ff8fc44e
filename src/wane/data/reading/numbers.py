"""How the numbers of a column are written: decimal marks, separators of thousands, percent."""

import dataclasses
import re
from collections.abc import Hashable, Mapping
from typing import TYPE_CHECKING

from wane._errors import InputError, joined

if TYPE_CHECKING:
    import pandas as pd

_BLANKS = "\N{NO-BREAK SPACE}\N{NARROW NO-BREAK SPACE}\N{THIN SPACE}"
_UNIFORM = str.maketrans(
    {
        **dict.fromkeys(_BLANKS, " "),
        "\N{MINUS SIGN}": "-",
        "\N{RIGHT SINGLE QUOTATION MARK}": "'",
    }
)
_WAYS = (("", "."), ("", ","), (",", "."), (".", ","), (" ", "."), (" ", ","), ("'", "."))
"""What stands between thousands, and before decimals."""
_NAMES = {",": "commas", ".": "points", " ": "blanks", "'": "apostrophes"}
_PERCENT = r"\s*%$"
_LOOKS = re.compile(
    r"[-+\N{MINUS SIGN}]?[\d.,'\N{RIGHT SINGLE QUOTATION MARK}\s]+([eE][-+]?\d+)?\s*%?"
)
GROUPED_BY_POINTS = r"[+-]?[1-9]\d{0,2}(\.\d{3})+"
"""A whole number with points between thousands, or one with three decimals."""


@dataclasses.dataclass(frozen=True)
class WrittenNumbers:
    """The numbers that texts stand for, where they are not as Python writes them.

    Args:
        values: the number of each text.
        decimal: the decimal mark that the texts prove: ``"."``, ``","`` or, if they prove none, "".
        manner: how they were read, as in "points between thousands".
        example: a text that shows it.
        percent: whether all have a percent sign.
    """

    values: Mapping[Hashable, float]
    decimal: str
    manner: str
    example: str
    percent: bool

    @property
    def plain_comma(self) -> bool:
        """Whether only a decimal comma tells them from numbers as Python writes them."""
        return self.manner == "a decimal comma"


def written_numbers(levels: "pd.Series", decimal: str | None = None) -> WrittenNumbers | None:
    """The numbers, if all texts are written in one way; None if they are not.

    Args:
        levels: different texts of the column ``levels.name``, by themselves.
        decimal: the decimal mark, if it is known.

    Raises:
        InputError: if they can be read in two ways, as ``1,234`` can.
    """
    found = _ways(levels, decimal)
    if not found:
        return None
    if any(dict(other.values) != dict(found[0].values) for other in found[1:]):
        example = found[0].example
        readings = " or ".join(f"{one.values[example]:.10g}" for one in found)
        raise InputError(
            f"Column {levels.name!r} holds numbers such as {example!r}, which may be {readings}: "
            f"give the decimal mark (--decimal . or --decimal ,), or leave the column out (--drop)."
        )
    return found[0]


def plain_numbers(texts: "pd.Series") -> "pd.Series":
    """Texts as numbers with decimal points, and NaN for those that are none."""
    import pandas as pd

    found: pd.Series = pd.to_numeric(texts.str.replace("\N{MINUS SIGN}", "-"), errors="coerce")
    return found.astype("float64")


def known_numbers(levels: "pd.Series", decimal: str, *, percent: bool) -> "pd.Series":
    """The numbers of a column that is known to hold numbers, and NaN for other texts.

    Where texts prove another decimal mark than the known one, those that would be another number
    by each mark are none.

    Args:
        levels: different texts, by themselves.
        decimal: the decimal mark; "" where none is known.
        percent: whether each has a percent sign.
    """
    texts = levels.str.translate(_UNIFORM).str.strip()
    if percent:
        marked = texts.str.contains(_PERCENT)
        texts = texts.str.replace(_PERCENT, "", regex=True).where(marked, "")
    if not decimal:
        points, commas = (_marked_numbers(texts, mark) for mark in ".,")
        either = points.fillna(commas).where(points.isna() | commas.isna() | (points == commas))
        return plain_numbers(texts).fillna(either)
    own = _marked_numbers(texts, decimal)
    other = _marked_numbers(texts, "." if decimal == "," else ",")
    if not (own.isna() & other.notna()).any():
        return own
    written_otherwise = not (own.notna() & other.isna()).any()
    return (other if written_otherwise else own).where(own.isna() | other.isna() | (own == other))


def _marked_numbers(texts: "pd.Series", mark: str) -> "pd.Series":
    """The numbers that have this decimal mark or none, and NaN for other texts."""
    plain = plain_numbers(texts)
    found = plain if mark == "." else plain.where(~texts.str.contains(".", regex=False))
    for thousands, other in _WAYS:
        if other == mark:
            fits = texts[found.isna() & texts.str.fullmatch(_pattern(thousands, mark))]
            found = found.fillna(_values(fits, thousands, mark))
    return found


def _values(texts: "pd.Series", thousands: str, mark: str) -> "pd.Series":
    plain = texts.str.replace(thousands, "", regex=False) if thousands else texts
    values: pd.Series = plain.str.replace(mark, ".", regex=False).astype("float64")
    return values


def proven_decimal(levels: "pd.Series") -> str:
    """The decimal mark that the texts of a column prove if they are numbers; "" if they do not."""
    found = _ways(levels, None)
    return found[0].decimal if len(found) == 1 else ""


def _ways(levels: "pd.Series", decimal: str | None) -> list[WrittenNumbers]:
    """The ways to read the texts that give different numbers."""
    if levels.empty or not _LOOKS.fullmatch(str(levels.iloc[0]).strip()):
        return []  # most columns of labels end here
    texts = levels.str.translate(_UNIFORM).str.strip()
    percent = bool(texts.str.contains("%", regex=False).all())
    if percent:
        texts = texts.str.replace(_PERCENT, "", regex=True)
    found: list[WrittenNumbers] = []
    for thousands, mark in _WAYS:
        if decimal in (None, mark) and bool(texts.str.fullmatch(_pattern(thousands, mark)).all()):
            one = _read(texts, thousands, mark, percent=percent)
            if all(dict(one.values) != dict(other.values) for other in found):
                found.append(one)
    return found


def _pattern(thousands: str, mark: str) -> str:
    whole = r"\d+"
    if thousands:
        whole = rf"(?:[1-9]\d{{0,2}}(?:{re.escape(thousands)}\d{{3}})+|\d+)"
    point = re.escape(mark)
    return rf"[+-]?(?:{whole}(?:{point}\d*)?|{point}\d+)(?:[eE][+-]?\d+)?"


def _read(texts: "pd.Series", thousands: str, mark: str, *, percent: bool) -> WrittenNumbers:
    """The texts as numbers that are written in this way."""
    grouped = texts.str.contains(thousands, regex=False) & bool(thousands)
    pointed = texts.str.contains(mark, regex=False)
    values = _values(texts, thousands, mark)
    parts = ["a decimal comma"] if mark == "," and pointed.any() else []
    parts += [f"{_NAMES[thousands]} between thousands"] if grouped.any() else []
    implied = {",": ".", ".": ","}.get(thousands, "") if grouped.any() else ""
    shows = texts[grouped | pointed] if parts else texts
    example = max(shows.index, key=lambda text: (len(str(text)), str(text)))
    return WrittenNumbers(
        values.to_dict(),
        mark if pointed.any() else implied,
        joined(parts) if parts else "",
        str(example),
        percent,
    )


def misspelt(
    text: "pd.Series", levels: "pd.Series", numbers: "pd.Series", decimal: str | None
) -> str:
    """Why a column is refused in which most cells, but not all, are numbers.

    Args:
        text: its cells.
        levels: the different ones.
        numbers: of these by :func:`plain_numbers`, as far as they count.
        decimal: the decimal mark that they must have, None if that is not known.
    """
    wrong = text[text.map(numbers).isna()]
    advice = (
        "write all alike and without units, and where there is none leave the cell empty, or name "
        "the word that stands there with --missing. If they are labels, write a letter before each."
    )
    other = {".": ",", ",": "."}.get(decimal or "")
    if other and (plain_numbers(levels).notna().all() or written_numbers(levels, other)):
        advice = (
            f"the decimal mark of this file is taken to be {decimal!r}, and {other!r} would read "
            f"them: give that (--decimal), or write all columns alike."
        )
    return (
        f"Column {text.name!r} holds numbers, but {len(wrong)} of its {len(text)} values are not "
        f"written as numbers, such as {wrong.iloc[0]!r}; {advice}"
    )
