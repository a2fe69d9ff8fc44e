"""From the columns of a file to numbers or text, and which of them can be inputs."""

import dataclasses
from collections.abc import Mapping
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
        order: of day, month and year in dates, in words, where the texts told it.
    """

    kind: str
    values: "pd.Series"
    gaps: Mapping[str, int] = dataclasses.field(default_factory=dict)
    note: str = ""
    order: str = ""


@dataclasses.dataclass(frozen=True)
class Form:
    """How the cells of a column are read in new rows: as those of the study's table were.

    Args:
        kind: as in :class:`Column`.
        order: of day, month and year in dates; empty where the table did not tell it.
        decimal_comma: whether numbers were written with decimal commas.
    """

    kind: str
    order: str = ""
    decimal_comma: bool = False


def read_column(series: "pd.Series") -> Column:
    """The column as numbers or text.

    Words such as ``?``, ``-`` and ``unknown`` among numbers, dates or times stand for gaps.

    Raises:
        InputError: if it holds infinite numbers, numbers or dates mixed with other text, dates
            that can be read in two ways, or something that is neither number, date nor text.
    """
    import pandas as pd

    kind = _kind(series)
    if kind == "text":
        return _of_text(_as_text(series))
    if kind == "category":
        return Column("category", _as_text(series))
    if kind == "date":
        return Column("date", days(series))
    if kind == "duration":
        return Column("number", pd.to_timedelta(series) / pd.Timedelta(days=1))
    numbers = series.to_numpy(dtype="float64", na_value=float("nan"))
    values = pd.Series(numbers, index=series.index, name=series.name)
    _refuse_infinite(values)
    return Column(kind, values)


def _of_text(text: "pd.Series") -> Column:
    """Texts as what they say: numbers, dates, times or labels."""
    gap = stands_for_gap(text)
    present = text[text.notna() & ~gap]
    found = reading(present)
    name = text.name
    labels = found is None or (found.kind == "number" and not gap.any() and _are_codes(present))
    if found is None or labels:
        other = mixes_numbers(present)
        mixed = f"numbers and text, such as {other!r}," if other else "numbers that are text"
        note = f"Column {name!r} holds {mixed} and was read as labels."
        return Column("category", text, note=note if other or found else "")
    values = text.where(~gap).map(found.values).astype("float64")
    _refuse_infinite(values)
    notes = {
        "date": f"Dates such as {present.iloc[0]!r} in column {name!r} were read as {found.order}.",
        "number": f"Column {name!r} holds numbers that are text and was read as numbers.",
    }
    said = found.order or (found.kind == "number" and not gap.any())
    gaps = {str(word): int(count) for word, count in text[gap].value_counts().items()}
    return Column(found.kind, values, gaps, notes[found.kind] if said else "", found.order)


def read_known(series: "pd.Series", form: Form) -> tuple["pd.Series", "pd.Series"]:
    """A column of new rows, by the same rules as :func:`read_column` but for its known kind.

    Returns:
        The values, [rows], as in :class:`Column`; and the cells that are neither of this kind nor
        gaps, which are NaN among the values.

    Raises:
        InputError: if it holds infinite numbers, dates in another order, or something that is
            neither number, date nor text.
    """
    import pandas as pd

    text = _as_text(series)
    if form.kind == "category":
        return text, text.iloc[:0]
    kind = _kind(series)
    values = pd.Series(float("nan"), index=series.index, name=series.name)
    if kind in ("text", "category"):
        present = text[text.notna() & ~stands_for_gap(text)].astype(str)
        if len(present):
            known = read_as(present, form.kind, order=form.order, decimal_comma=form.decimal_comma)
            values = known.reindex(series.index)
        text = present
    elif (form.kind, kind) in _SAME_KIND:
        values = read_column(series).values
        if form.kind == "boolean":
            values = values.where(values.isin([0, 1]))
    _refuse_infinite(values)
    return values, text[text.notna() & values[text.index].isna()]


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
                f"{label(float(others[-1]))}); if it stands for a missing value, leave these cells "
                f"empty."
            )
    return None


def why_no_input(name: str, column: Column) -> str | None:
    """Why the column cannot be an input, as the end of a sentence; None if it can."""
    present = column.values.dropna()
    distinct = int(present.nunique())
    if distinct == 0:
        return "it is empty"
    if distinct == 1 and len(present) == len(column.values):
        return f"it holds one value only, {label(present.iloc[0])!r}"
    if column.kind == "category" and distinct > _MOST_LEVELS:
        return f"it has {distinct} different texts, more than the {_MOST_LEVELS} that wane encodes"
    if column.kind == "category" and distinct > max(_IDENTIFIER_LEVELS, len(column.values) / 2):
        return (
            f"it has {distinct} different texts in {len(column.values)} rows, as an identifier "
            f"has (such as {present.iloc[0]!r})"
        )
    if column.kind == "number" and _numbers_rows(name) and distinct == len(column.values):
        return "it numbers the rows"
    return None


def _numbers_rows(name: str) -> bool:
    """Whether the name is one that pandas, pyarrow or people give to the row number."""
    nameless = ("unnamed: ", "__index_level_")
    return name.casefold().startswith(nameless) or name.casefold() in ("id", "index")
