"""Columns that say which rows belong together, or when a row was observed; hints at such."""

import dataclasses
import re
import shlex
from collections.abc import Mapping
from pathlib import Path
from typing import TYPE_CHECKING, Any

import numpy as np

from wane._errors import InputError, nearest
from wane.data.reading.columns import Column, read_column
from wane.data.reading.files import Read
from wane.data.reading.options import TableOptions

if TYPE_CHECKING:
    import pandas as pd
    from numpy.typing import NDArray

_FEWEST_GROUPS = 10
_FEWEST_EACH, _MOST_EACH = 1.5, 50
"""Rows of a value on average, between which values may be of patients, users or devices."""
_REPEATED = 0.8
_DETERMINED = 0.95
_LIKE_AN_ID = {
    *("id", "ids", "uid", "pid", "patient", "subject", "subj", "participant", "person", "user"),
    *("customer", "client", "household", "student", "donor", "speaker", "device", "name"),
}
"""Words in the names of columns that number people or things."""


@dataclasses.dataclass(frozen=True, eq=False)
class TiedColumns:
    """The columns of a table that are no inputs since they say how rows belong together.

    Args:
        groups, time: their values, [rows]; None where there is none.
        notes: sentences on them.
    """

    groups: "pd.Series | None" = None
    time: "pd.Series | None" = None
    notes: tuple[str, ...] = ()

    @property
    def names(self) -> list[str]:
        """The names of these columns."""
        return [str(one.name) for one in (self.groups, self.time) if one is not None]

    def why_no_input(self, name: str) -> str | None:
        """Why one of these columns is no input, as the end of a sentence; None for another one."""
        if self.groups is not None and name == self.groups.name:
            return "it says which rows belong together"
        if self.time is not None and name == self.time.name:
            return "it puts the rows in order"
        return None


def tied_columns(
    read: Read,
    path: Path,
    target: str,
    options: TableOptions,
    *,
    group: str | None,
    time: str | None,
) -> TiedColumns:
    """The columns of groups and of times, read.

    Args:
        read: the rows that have a target.
        path: of the file, for messages.
        target: the column to predict.
        options: how the table is read.
        group, time: the names of the columns, or None.

    Raises:
        InputError: if there is no such column, it is the target, or its cells are no times.
    """
    frame = read.frame
    for option, name in (("--group", group), ("--time", time)):
        if name is not None and name not in frame.columns:
            known = nearest(name, list(frame.columns))
            raise InputError(f"{path} has no column named {name!r} ({option}): {known}")
        if name is not None and name == target:
            raise InputError(f"{option} names the target, {name!r}: give another column.")
        for other, names in (("--drop", options.drop), ("--keep", options.keep)):
            if name is not None and name in names:
                raise InputError(
                    f"Column {name!r} is no input, since {option} names it: leave out {other} "
                    f"{name}."
                )
    if group is not None and group == time:
        raise InputError(f"--group and --time both name {group!r}: give one of them.")
    notes = []
    groups = when = None
    if group is not None:
        groups = read.column(group, options).values
        notes.append(f"Column {group!r} says which rows belong together and is no input.")
    if time is not None:
        column = read.column(time, options)
        when = _times(column, f"column {time!r}")
        notes.append(
            f"Column {time!r} puts the rows in order and is no input, since later rows have times "
            f"that no training row has."
        )
    return TiedColumns(groups, when, tuple(notes))


def tied_arrays(
    path: Path, arrays: "Mapping[str, NDArray[Any]]", names: Mapping[str, str], rows: int
) -> TiedColumns:
    """Groups and times of a file's arrays, read as a table's columns are.

    Args:
        path: of the file, for messages.
        arrays: those that are there, by name.
        names: what the arrays of ``"group"`` and ``"time"`` are called.
        rows: how many rows x has.

    Raises:
        InputError: if one is no value for each row of x, or its values are no times.
    """
    import pandas as pd

    found: dict[str, pd.Series] = {}
    for option, name in names.items():
        if name not in arrays:
            continue
        array = arrays[name]
        if array.ndim == 0 or array.shape not in ((len(array),), (len(array), 1)):
            raise InputError(
                f"{path} has an array {name!r} (--{option}) of shape {array.shape}, but one value "
                f"for each row of x is expected: give it the shape ({rows},)."
            )
        if len(array) != rows:
            raise InputError(
                f"{path} has {len(array):,} values in {name!r} (--{option}) and {rows:,} rows in "
                f"x: give one value for each row of x."
            )
        flat = array.reshape(len(array))
        if flat.dtype.kind == "S":  # text as NumPy writes bytes of it
            flat = np.char.decode(flat, "utf-8", "replace")
        column = read_column(pd.Series(flat, name=name))
        found[option] = column.values
        if option == "time":
            found[option] = _times(column, f"array {name!r}")
    return TiedColumns(found.get("group"), found.get("time"))


def _times(column: Column, name: str) -> "pd.Series":
    if column.kind in ("date", "number"):
        return column.values
    example = column.values.dropna()
    shown = f", such as {example.iloc[0]!r}" if len(example) else ""
    what = "times of day" if column.kind == "time" else "neither dates nor numbers"
    raise InputError(
        f"--time: {name} holds {what}{shown}: give dates or numbers that rise with time."
    )


def hints(
    frame: "pd.DataFrame", columns: Mapping[str, Column], tied: TiedColumns
) -> tuple[str, ...]:
    """Sentences on columns that may say how rows belong together, where none was named.

    Args:
        frame: all columns of the file but the target and those that were named.
        columns: those that are inputs.
        tied: those that were named.
    """
    if tied.names:
        return ()
    found = []
    for name in frame.columns:
        why = _like_groups(frame, name)
        if why:
            each = len(frame) / frame[name].nunique()
            found.append(
                f"Column {name!r} has {frame[name].nunique():,} different values in {each:.3g} "
                f"rows each on average{why}. If rows of one value belong together, as visits of "
                f"one patient do, give --group {shlex.quote(str(name))}: else rows of one are on "
                f"both sides of a split, and look better than new ones."
            )
    return (*found[:1], *_ordered(columns))


def _like_groups(frame: "pd.DataFrame", name: str) -> str:
    """Why a column may number what rows are of, as the end of a clause; "" if it hardly does.

    It has many values, each in a few rows. Ages, years and codes of places have so too; so besides
    it must be called an identifier, or another column must be the same in all rows of a value, or
    rows of a value must stand together in an order that is no sorted one.
    """
    import pandas as pd

    series = frame[name]
    types = pd.api.types
    if types.is_bool_dtype(series) or types.is_datetime64_any_dtype(series):
        return ""
    if types.is_float_dtype(series) and not bool((series.dropna() % 1 == 0).all()):
        return ""
    codes, values = pd.factorize(series)
    rows, count = len(series), len(values)
    if (codes < 0).any() or count < _FEWEST_GROUPS:
        return ""
    sizes = np.bincount(codes)
    if not _FEWEST_EACH <= rows / count <= _MOST_EACH or sizes[sizes > 1].sum() < _REPEATED * rows:
        return ""
    if _LIKE_AN_ID & {word.casefold() for word in re.findall(r"[A-Z]?[a-z]+|[A-Z]+", str(name))}:
        return ", and is called as identifiers are"
    for other in frame.columns:
        if other != name and _determines(codes, sizes, frame[other]):
            return f", and {other!r} is the same in all rows of one"
    together = 1 + np.count_nonzero(np.diff(codes)) <= 1.2 * count
    is_sorted = values.is_monotonic_increasing or values.is_monotonic_decreasing
    return ", which stand together in the file" if together and not is_sorted else ""


def _determines(codes: np.ndarray, sizes: np.ndarray, other: "pd.Series") -> bool:
    """Whether another column has one value in all rows of each, which is not so by chance."""
    import pandas as pd

    values, found = pd.factorize(other)
    if len(found) < 2 or (values < 0).any():
        return False
    cells = np.unique(codes * len(found) + values, return_counts=True)[1]
    pairs = float((sizes * (sizes - 1.0)).sum())
    agree = float((cells * (cells - 1.0)).sum()) / pairs
    shares = np.bincount(values) / len(values)
    chance = float((shares**2).sum())
    # As a date is determined by itself: a column of as many values is the same column again.
    return agree - chance >= _DETERMINED * (1 - chance) and chance < 1 and len(found) < len(sizes)


def _ordered(columns: Mapping[str, Column]) -> list[str]:
    """A sentence on dates in whose order the rows are."""
    for name, column in columns.items():
        values = column.values
        if column.kind != "date" or values.nunique() < _FEWEST_GROUPS or values.isna().any():
            continue
        if values.is_monotonic_increasing or values.is_monotonic_decreasing:
            return [
                f"Rows are in the order of the dates in {name!r}. If later rows are to be "
                f"predicted from earlier ones, give --time {shlex.quote(str(name))}: rows drawn at "
                f"random lie between training rows, and look better than later ones."
            ]
    return []
