"""From a user's table in a file to a problem."""

import dataclasses
from collections.abc import Mapping, Sequence
from pathlib import Path
from typing import TYPE_CHECKING

from wane._errors import InputError, listed, nearest
from wane.data.columns import Column, far_number, read_column, why_no_input
from wane.data.preprocessing import table_transform
from wane.data.problem import Problem
from wane.data.reading.files import read_frame, table_suffix
from wane.data.target import checked_task, read_target
from wane.data.ties import hints, tied_columns

if TYPE_CHECKING:
    import pandas as pd


def read_table(
    path: str | Path,
    target: str,
    *,
    task: str | None = None,
    group: str | None = None,
    time: str | None = None,
    gap: int = 0,
) -> Problem:
    """A problem from a CSV, TSV or Parquet file, which has one row per observation.

    Args:
        path: the file; text tables may be compressed (.gz, .bz2, .xz, .zip), and may have
            semicolons between cells and then decimal commas.
        target: the name of the column to predict.
        task: ``"binary"``, ``"multiclass"``, ``"classification"`` or ``"regression"``; None infers
            it from the target: text, categories, booleans and any two numbers are classes, and so
            are at most 20 different whole numbers if each is in at least 5 rows; other numbers are
            amounts.
        group, time: columns that are no inputs: which rows belong together; when each was seen.
        gap: rows that are left out between earlier and later parts.

    Rows without a target are dropped, and so are columns that are empty, constant, row numbers or
    identifiers (more than 50 different texts, in more than half of the rows; or more than 1,000).
    What was dropped is in the problem's ``notes``.

    Raises:
        InputError: if the file, the target or a column cannot be used.
    """
    import pandas as pd

    task = checked_task(task)
    path = Path(path)
    frame, found = read_frame(path, target)
    column = _target_column(frame, path, target, found)
    known = column.values.notna()
    notes = [*found, *_dropped_rows(path, target, known)]
    answer = read_target(dataclasses.replace(column, values=column.values[known]), target, task)
    tied = tied_columns(frame.loc[known], path, target, group, time)
    others = frame.loc[known].drop(columns=[target, *tied.names])
    columns, dropped = _inputs(others, path)
    notes += (*tied.notes, *hints(others, columns, tied))
    notes += _how_read({target: column, **columns})
    x = pd.DataFrame({name: kept.values for name, kept in columns.items()})
    return Problem(
        name=path.name[: -len(table_suffix(path) or "")],
        task=answer.task,
        x=x.reset_index(drop=True),
        y=answer.y,
        validation=0.25,
        test=0.2,
        transform=table_transform(columns),
        standardize_target=answer.task == "regression",
        groups=tied.groups,
        time=tied.time,
        gap=gap,
        feature_names=tuple(columns),
        class_names=answer.class_names,
        notes=(*notes, *dropped, *answer.notes),
    )


def _target_column(frame: "pd.DataFrame", path: Path, target: str, found: Sequence[str]) -> Column:
    """The target, read; what was found out about the file is in the error where there is none."""
    if target not in frame.columns:
        known_names = nearest(target, list(frame.columns))
        raise InputError(
            " ".join((f"{path} has no column named {target!r}: {known_names}", *found))
        )
    return read_column(frame[target])


def _dropped_rows(path: Path, target: str, known: "pd.Series") -> list[str]:
    missing = int((~known).sum())
    if missing == len(known):
        raise InputError(
            f"No rows are left of {path}: target column {target!r} is empty in all {missing}; "
            f"choose a target that has values."
        )
    if not missing:
        return []
    return [
        f"{missing} of {len(known)} rows were dropped: target column {target!r} is empty there "
        f"(words such as NA, None and null in a CSV count as empty)."
    ]


def _how_read(columns: Mapping[str, Column]) -> list[str]:
    """What the cells of text columns were taken for, in sentences."""
    became = {"date": "Dates became days since 1970-01-01", "time": "Times became hours"}
    by_kind = {kind: [n for n, c in columns.items() if c.kind == kind] for kind in became}
    notes = [f"{became[kind]}: {listed(names)}." for kind, names in by_kind.items() if names]
    by_words: dict[str, list[str]] = {}
    for name, column in columns.items():
        if column.gaps:
            count = f"{sum(column.gaps.values())} of {len(column.values)} in {name!r}"
            by_words.setdefault(listed(column.gaps), []).append(count)
    notes += [
        f"Cells that hold {words} count as empty in columns of numbers or dates: "
        f"{', '.join(counts)}."
        for words, counts in by_words.items()
    ]
    for column in columns.values():
        notes += filter(None, (column.note, far_number(column)))
    return notes


def _inputs(frame: "pd.DataFrame", path: Path) -> tuple[dict[str, Column], list[str]]:
    """The columns that can be inputs by name, and a note on each that cannot."""
    columns: dict[str, Column] = {}
    notes: list[str] = []
    for name in frame.columns:
        column = read_column(frame[name])
        why = why_no_input(name, column)
        if why:
            notes.append(f"Column {name!r} was left out: {why}.")
        else:
            columns[name] = column
    if not columns:
        raise InputError(
            f"{path} has no column to predict from: {' '.join(notes) or 'the target is alone.'} "
            f"Give at least one column with different values."
        )
    return columns, notes
