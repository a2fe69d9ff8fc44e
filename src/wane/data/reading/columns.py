"""From the columns of a file to numbers or text, and which of them can be inputs."""

import dataclasses
from collections.abc import Collection, Mapping, Sequence
from typing import TYPE_CHECKING

from wane._errors import InputError
from wane.data.reading.cells import (
    MANY_VALUES,
    days,
    mixes_numbers,
    read_as,
    reading,
    stands_for_gap,
)

if TYPE_CHECKING:
    import pandas as pd

_IDENTIFIER_LEVELS = 50
_MOST_LEVELS = 1000
_FEWEST_FAR = 3
_LARGEST = 3.4e38  # of float32, in which networks are trained


@dataclasses.dataclass(frozen=True, eq=False)
class Column:
    """A column in one of two forms, with NaN where a value is missing.

    Args:
        kind: ``"number"``, ``"boolean"`` (0 and 1), ``"date"`` (days since 1970-01-01 UTC) or
            ``"time"`` (hours since midnight, or of a duration), whose values are float64; or
            ``"category"``, whose values are text (object).
        values: [rows].
        gaps: the words that stood where a value is missing, and how often each did.
        note: a sentence on how the texts were read, where they could be read otherwise.
        order, decimal, percent: how the texts were written, as in :class:`Form`.
    """

    kind: str
    values: "pd.Series"
    gaps: Mapping[str, int] = dataclasses.field(default_factory=dict)
    note: str = ""
    order: str = ""
    decimal: str = ""
    percent: bool = False

    @property
    def form(self) -> "Form":
        """How such cells are read in new rows."""
        return Form(self.kind, self.order, self.decimal, self.percent)


@dataclasses.dataclass(frozen=True)
class Form:
    """How the cells of a column are read in new rows: as those of the study's table were.

    Args:
        kind: as in :class:`Column`.
        order: of day, month and year in dates; empty where the table did not tell it.
        decimal: the decimal mark of numbers; empty where the table did not tell it.
        percent: whether numbers were written with percent signs.
    """

    kind: str
    order: str = ""
    decimal: str = ""
    percent: bool = False


def read_column(
    series: "pd.Series",
    *,
    missing: Sequence[str] = (),
    own: Collection[str] = (),
    decimal: str | None = None,
) -> Column:
    """The column as numbers or text.

    Words such as ``?``, ``-`` and ``unknown`` among numbers, dates or times stand for gaps.

    Args:
        series: the cells.
        missing: further words and numbers that stand for a gap, in columns of all kinds.
        own: those of them that the user names for this column, where they stand for a gap also if
            they lie between others.
        decimal: the decimal mark of numbers that are text, if it is known.

    Raises:
        InputError: if it holds infinite numbers, numbers or dates mixed with other text, numbers or
            dates that can be read in two ways, a value of ``missing`` among others, or something
            that is neither number, date nor text.
    """
    import pandas as pd

    kind = _kind(series)
    if kind == "text":
        return _of_text(_as_text(series), missing, own, decimal)
    if kind == "category":
        text = _as_text(series)
        given = text.isin(missing)
        return Column("category", text.where(~given), _counts(text[given]))
    if kind == "date":
        return Column("date", days(series))
    if kind == "duration":
        return Column("number", pd.to_timedelta(series) / pd.Timedelta(days=1))
    numbers = series.to_numpy(dtype="float64", na_value=float("nan"))
    values = pd.Series(numbers, index=series.index, name=series.name)
    mark = "." if bool((values.dropna() % 1 != 0).any()) else decimal or ""
    return _of_numbers(Column(kind, values, decimal=mark), missing, own)


def _of_text(
    text: "pd.Series", missing: Sequence[str], own: Collection[str], decimal: str | None
) -> Column:
    """Texts as what they say: numbers, dates, times or labels."""
    given = text.isin(missing)
    gap = stands_for_gap(text) | given
    present = text[text.notna() & ~gap]
    found = reading(present, decimal=decimal)
    codes = found and found.kind == "number" and found.plain and not gap.any()
    if found is None or (codes and _are_codes(present)):
        other = mixes_numbers(present)
        mixed = f"numbers and text, such as {other!r}," if other else "numbers that are text"
        note = f"Column {text.name!r} holds {mixed} and was read as labels."
        said = note if other or found else ""
        return Column("category", text.where(~given), _counts(text[given]), said)
    values = text.where(~gap).map(found.values).astype("float64")
    note = found.note
    if codes:
        note = f"Column {text.name!r} holds numbers that are text and was read as numbers."
    form = (found.order, found.decimal, found.percent)
    column = Column(found.kind, values, _counts(text[gap]), note, *form)
    return _of_numbers(column, missing, own) if found.kind == "number" else column


def _counts(words: "pd.Series") -> dict[str, int]:
    """How often each word is there."""
    return {str(word): int(count) for word, count in words.value_counts().items()}


def _of_numbers(column: Column, missing: Sequence[str], own: Collection[str]) -> Column:
    """The column without the numbers that stand for gaps, the others checked.

    A number that lies among the others of its column is a value there, such as 0 between degrees of
    -5 and 30, and taking it out would leave a hole in what the network learns from.
    """
    values, gaps = column.values, dict(column.gaps)
    for word in missing if column.kind == "number" else ():
        given = values == _number(word)
        others = values[~given].dropna()
        if not given.any():
            continue
        below, above = others[others < _number(word)], others[others > _number(word)]
        if len(below) and len(above) and word not in own:
            raise InputError(
                f"The number {word} that missing (--missing) names stands in {int(given.sum())} of "
                f"{len(values)} rows of column {values.name!r}, between "
                f"{label(float(below.max()))} and {label(float(above.min()))}, where it is a value "
                f"like others: if it stands for a gap there, say so of this column with --missing "
                f"{f'{values.name}={word}'!r}; else leave --missing {word} out, or the column "
                f"(--drop)."
            )
        values = values.where(~given)
        gaps[word] = gaps.get(word, 0) + int(given.sum())
    _refuse_infinite(values)
    return dataclasses.replace(column, values=values, gaps=gaps)


def _number(word: str) -> float:
    """The number that a word is; NaN, which equals none, if it is none."""
    try:
        return float(word.replace(",", ".").replace("\N{MINUS SIGN}", "-"))
    except ValueError:
        return float("nan")


def read_known(
    series: "pd.Series", form: Form, missing: Sequence[str] = ()
) -> tuple["pd.Series", "pd.Series"]:
    """A column of new rows, by the same rules as :func:`read_column` but for its known kind.

    Args:
        series: the cells.
        form: how the study's were read.
        missing: further words and numbers that stand for a gap.

    Returns:
        The values, [rows], as in :class:`Column`; and the cells that are neither of this kind nor
        gaps, which are NaN among the values.

    Raises:
        InputError: if it holds infinite numbers, dates in another order, or something that is
            neither number, date nor text.
    """
    import pandas as pd

    text = _as_text(series)
    given = text.isin(missing)
    if form.kind == "category":
        return text.where(~given), text.iloc[:0]
    kind = _kind(series)
    values = pd.Series(float("nan"), index=series.index, name=series.name)
    if kind in ("text", "category") or form.percent:
        present = text[text.notna() & ~stands_for_gap(text) & ~given].astype(str)
        if len(present):
            known = read_as(
                present,
                form.kind,
                order=form.order,
                decimal=form.decimal,
                percent=form.percent,
            )
            values = known.reindex(series.index)
        text = present
    elif (form.kind, kind) in _SAME_KIND:
        values = read_column(series).values
        if form.kind == "boolean":
            values = values.where(values.isin([0, 1]))
    odd = text[text.notna() & values[text.index].isna()]
    if form.kind == "number":
        values = values.where(~values.isin([_number(word) for word in missing]))
    _refuse_infinite(values)
    return values, odd


_SAME_KIND = {
    ("number", "number"),
    ("number", "boolean"),
    ("number", "duration"),
    ("boolean", "boolean"),
    ("boolean", "number"),
    ("date", "date"),
}
"""A column's kind in the study's table, and what pandas may have for it in new rows."""


def _are_codes(text: "pd.Series") -> bool:
    """Whether numbers that a file holds as text are labels: few, or with zeros before them."""
    return text.nunique() <= MANY_VALUES or bool(text.str.match(r"0\d").any())


def _kind(series: "pd.Series") -> str:
    import pandas as pd

    types, dtype = pd.api.types, series.dtype
    if isinstance(dtype, pd.CategoricalDtype):
        return "category"
    if types.is_timedelta64_dtype(dtype):
        return "duration"
    inferred = types.infer_dtype(series, skipna=True)
    kinds = {
        "boolean": "boolean",
        "integer": "number",
        "floating": "number",
        "mixed-integer-float": "number",
        "decimal": "number",
        "integer-na": "number",
        "empty": "number",
        "date": "date",
        "datetime": "date",
        "datetime64": "date",
        "string": "text",
    }
    if inferred not in kinds:
        example = type(series.dropna().iloc[0]).__name__
        raise InputError(
            f"Column {series.name!r} holds values of type {example}, which cannot be an input; "
            f"wane takes numbers, booleans, dates and text: change the column or leave it out."
        )
    return kinds[inferred]


def label(value: object) -> str:
    """A value as text, whole numbers without a decimal point."""
    if isinstance(value, float) and value.is_integer():
        return str(int(value))
    return str(value).strip()


def _as_text(series: "pd.Series") -> "pd.Series":
    """The labels as text, and NaN where they are missing or blank."""
    text = series.astype("object").map(label, na_action="ignore").astype("object")
    return text.where(text.notna() & (text != ""), float("nan"))


def _refuse_infinite(values: "pd.Series") -> None:
    infinite = values.abs() > _LARGEST
    if bool(infinite.any()):
        raise InputError(
            f"Column {values.name!r} holds infinite numbers or numbers above {_LARGEST:g} "
            f"({int(infinite.sum())} of {len(values)} rows); "
            f"correct them, or leave those cells empty."
        )


def far_number(column: Column) -> str | None:
    """A note on a number that may stand for a gap; None if there is none.

    It is the lowest or the highest, in at least three rows, and farther from all others than these
    are from each other, of which there are many: such as -200 among amounts from 0.1 to 11.
    """
    if column.kind != "number":
        return None
    counts = column.values.value_counts().sort_index()
    for at, others in ((0, counts.index[1:]), (-1, counts.index[:-1])):
        if len(others) <= MANY_VALUES or counts.iloc[at] < _FEWEST_FAR:
            continue
        value, nearest = counts.index[at], others[0 if at == 0 else -1]
        if abs(value - nearest) > others[-1] - others[0]:
            return (
                f"Column {column.values.name!r} holds {label(float(value))} in {counts.iloc[at]} "
                f"of {len(column.values)} rows, far from all others ({label(float(others[0]))} to "
                f"{label(float(others[-1]))}); if it stands for a missing value, say so with "
                f"--missing {label(float(value))}."
            )
    return None


def why_no_input(column: Column) -> str | None:
    """Why nothing can be learnt from the column, as the end of a sentence; None if it can."""
    present = column.values.dropna()
    distinct = int(present.nunique())
    if distinct == 0:
        return "it is empty"
    if distinct == 1 and len(present) == len(column.values):
        return f"it holds one value only, {label(present.iloc[0])!r}"
    if column.kind == "category" and distinct > _MOST_LEVELS:
        return f"it has {distinct} different texts, more than the {_MOST_LEVELS} that wane encodes"
    return None


def why_left_out(name: str, column: Column) -> str | None:
    """Why the column is no input unless the user keeps it, as the end of a sentence; None if it is.

    It says what a row is called and not what it is like: a number that counts the rows, or texts of
    which nearly every row has its own.

    Args:
        name: of the column.
        column: its values, whose index is the place of each row in the file.
    """
    distinct = int(column.values.nunique())
    if column.kind == "category" and distinct > max(_IDENTIFIER_LEVELS, len(column.values) / 2):
        return (
            f"it has {distinct} different texts in {len(column.values)} rows, as an identifier "
            f"has (such as {column.values.dropna().iloc[0]!r})"
        )
    named = _names_rows(name) and distinct == len(column.values)
    if column.kind == "number" and (named or counts_rows(column.values)):
        return "it numbers the rows"
    return None


def counts_rows(values: "pd.Series") -> bool:
    """Whether whole numbers rise or fall by one from row to row, whatever they are called.

    Such a column says where a row stands in the file. Rows drawn at random lie between others that
    a network has seen, so that it learns the order of a file sorted by its target, or a trend, and
    seems to predict; a row that is added later has no such neighbours. That holds of years, too,
    where there is one row for each: row number and time are then the same, and only a user who
    keeps the column can mean the time by it.

    Args:
        values: numbers [rows] by the place of each row in the file, of which some may be left out.
    """
    if len(values) < 2 or values.hasnans or (values % 1 != 0).any():
        return False
    places = values.index.to_series()
    return bool((values - places).nunique() == 1 or (values + places).nunique() == 1)


def rises(values: "pd.Series") -> bool:
    """Whether whole numbers rise, or fall, from each row to the next, as identifiers do."""
    if values.hasnans or (values % 1 != 0).any():
        return False
    return bool(
        values.is_unique and (values.is_monotonic_increasing or values.is_monotonic_decreasing)
    )


def _names_rows(name: str) -> bool:
    """Whether the name is one that pandas, pyarrow or people give to the row number."""
    nameless = ("unnamed: ", "__index_level_")
    return name.casefold().startswith(nameless) or name.casefold() in ("id", "index")
