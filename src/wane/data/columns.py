"""From the columns of a file to numbers or text, and which of them can be inputs."""

import dataclasses
from typing import TYPE_CHECKING

from wane._errors import InputError

if TYPE_CHECKING:
    import pandas as pd

MANY_VALUES = 20
"""Above so many different values a column of figures counts as an amount rather than as labels."""

_IDENTIFIER_LEVELS = 50
_MOST_LEVELS = 1000
_NUMBER_SHARE = 0.9
_LARGEST = 3.4e38  # of float32, in which networks are trained
_ISO_DATE = r"\d{4}([-/])\d{1,2}\1\d{1,2}([T ].*)?"
_AMBIGUOUS_DATE = r"\d{1,2}([-/.])\d{1,2}\1(\d{2}|\d{4})( .*)?"


@dataclasses.dataclass(frozen=True, eq=False)
class Column:
    """A column in one of two forms, with NaN where a value is missing.

    Args:
        kind: ``"number"``, ``"boolean"`` (0 and 1) or ``"date"`` (days since 1970-01-01 UTC),
            whose values are float64; or ``"category"``, whose values are text (object).
        values: [rows].
    """

    kind: str
    values: "pd.Series"


def read_column(series: "pd.Series") -> Column:
    """The column as numbers or text.

    Raises:
        InputError: if it holds infinite numbers, numbers mixed with text, dates that can be read
            in two ways, or something that is neither number, date nor text.
    """
    import pandas as pd

    kind = _kind(series)
    if kind == "text":
        text = _as_text(series)
        present = text.dropna()
        if len(present) and bool(present.str.fullmatch(_ISO_DATE).all()):
            return Column("date", _days(_parsed_dates(text)))
        _refuse_ambiguous(present)
        return Column("category", text)
    if kind == "category":
        return Column("category", _as_text(series))
    if kind == "date":
        return Column("date", _days(pd.to_datetime(series, utc=True)))
    if kind == "duration":
        return Column("number", pd.to_timedelta(series) / pd.Timedelta(days=1))
    numbers = series.to_numpy(dtype="float64", na_value=float("nan"))
    values = pd.Series(numbers, index=series.index, name=series.name)
    _refuse_infinite(values)
    return Column(kind, values)


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


def _days(dates: "pd.Series") -> "pd.Series":
    """Dates as days since 1970-01-01 UTC."""
    import pandas as pd

    days: pd.Series = (dates - pd.Timestamp(0, tz="UTC")) / pd.Timedelta(days=1)
    return days


def _parsed_dates(text: "pd.Series") -> "pd.Series":
    import pandas as pd

    dates = pd.to_datetime(text, utc=True, errors="coerce", format="ISO8601")
    wrong = text[dates.isna() & text.notna()]
    if len(wrong):
        raise InputError(
            f"Column {text.name!r} holds dates, but {wrong.iloc[0]!r} is none; write every date "
            f"as year-month-day, such as 2026-03-31, and leave a cell empty where there is none."
        )
    return dates


def _refuse_ambiguous(text: "pd.Series") -> None:
    """Refuses numbers and dates whose spelling would make them labels."""
    import pandas as pd

    if text.nunique() <= MANY_VALUES:
        return
    if bool(text.str.fullmatch(_AMBIGUOUS_DATE).all()):
        raise InputError(
            f"Column {text.name!r} holds dates such as {text.iloc[0]!r}, in which day and month "
            f"cannot be told apart; write them as year-month-day, such as 2026-03-31, or leave "
            f"the column out."
        )
    bare = text.str.replace(r"[\s,$€£%]", "", regex=True)
    if pd.to_numeric(bare, errors="coerce").notna().mean() < _NUMBER_SHARE:
        return
    wrong = text[pd.to_numeric(text, errors="coerce").isna()]
    if len(wrong):
        raise InputError(
            f"Column {text.name!r} holds numbers, but {len(wrong)} of its {len(text)} values are "
            f"not written as numbers, such as {wrong.iloc[0]!r}; write numbers with a decimal "
            f"point and without separators or units, and leave a cell empty where there is none."
        )


def _refuse_infinite(values: "pd.Series") -> None:
    infinite = values.abs() > _LARGEST
    if bool(infinite.any()):
        raise InputError(
            f"Column {values.name!r} holds infinite numbers or numbers above {_LARGEST:g} "
            f"({int(infinite.sum())} of {len(values)} rows); "
            f"correct them, or leave those cells empty."
        )


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
