"""From a user's table in a file to a problem."""

import dataclasses
from collections.abc import Iterable, Mapping, Sequence
from pathlib import Path
from typing import TYPE_CHECKING, Any

from wane._errors import InputError, listed, nearest
from wane.data.account import ColumnAccount, account_of, column_account, left_out
from wane.data.preprocessing import input_count, table_transform
from wane.data.problem import Problem
from wane.data.prose import prose
from wane.data.reading.columns import (
    Column,
    counts_rows,
    far_number,
    rises,
    why_left_out,
    why_no_input,
)
from wane.data.reading.files import Read, read_frame, table_suffix
from wane.data.reading.options import TableOptions
from wane.data.reading.target import Target, checked_task, read_target
from wane.data.ties.found import TiedColumns, hints, tied_columns

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
    drop: Iterable[str] = (),
    keep: Iterable[str] = (),
    missing: Iterable[object] = (),
    header: bool | None = None,
    sep: str | None = None,
    decimal: str | None = None,
    log_target: bool = False,
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
        group, time: columns that are no inputs: which rows belong together, and when they were
            observed.
        gap: rows that are left out between earlier and later parts.
        drop: columns that are no inputs.
        keep: columns that are inputs though they number the rows or look like identifiers.
        missing: words and numbers that stand for a gap in every column, such as ``"?"`` or -200, or
            in one, such as ``"age=0"``.
        header: whether the first line of a text holds the names; None finds that out.
        sep: the separator of a text, a character, ``"tab"`` or ``"space"``; None finds it.
        decimal: the decimal mark of numbers, ``"."`` or ``","``; None lets the columns decide.
        log_target: whether the target is the logarithm of the column, or log(y + 1) where it has
            zeros.

    Returns:
        The rows made ready. Rows without a target are dropped, and so are columns that are empty,
        constant, row numbers or identifiers (more than 50 different texts, in more than half of the
        rows; or more than 1,000). What was dropped is in the problem's ``notes`` and ``account``.

    Raises:
        InputError: if the file, the target, a column or an option cannot be used.

    Example:
        >>> import pathlib, tempfile, wane.data
        >>> file = pathlib.Path(tempfile.mkdtemp()) / "customers.csv"
        >>> size = file.write_text("age,town,bought\\n" + "31,Ulm,no\\n?,Bonn,yes\\n" * 30)
        >>> wane.data.read_table(file, "bought", missing=["?"]).class_names
        ('no', 'yes')
    """
    options = TableOptions.of(
        drop=drop, keep=keep, missing=missing, header=header, sep=sep, decimal=decimal
    )
    task, ties = checked_task(task), {"group": group, "time": time}
    problem = _read(Path(path), target, options, task=task, log_target=log_target, ties=ties)
    return dataclasses.replace(problem, gap=gap)


def _read(
    path: Path,
    target: str,
    options: TableOptions,
    *,
    task: str | None,
    log_target: bool,
    ties: Mapping[str, str | None],
) -> Problem:
    """The problem of a table in a file, as :func:`read_table` takes the arguments."""
    read = read_frame(path, target, options)
    names = list(read.frame.columns)
    if target not in names:
        known_names = nearest(target, names)
        raise InputError(
            " ".join((f"{path} has no column named {target!r}: {known_names}", *read.notes))
        )
    options.check_columns(names, target, str(path))
    column = read.column(target, options)
    known = column.values.notna()
    dropped_rows = _dropped_rows(path, target, known)
    present = dataclasses.replace(column, values=column.values[known])
    answer = read_target(present, target, task, log_target=log_target)
    rows = read._replace(frame=read.frame.loc[known], notes=(*read.notes, *dropped_rows))
    tied = tied_columns(rows, path, target, options, **ties)
    inputs = _inputs(rows, tied, target, path, options)
    return _problem(path, (target, column), answer, rows, inputs, options)


@dataclasses.dataclass(frozen=True, eq=False)
class _Inputs:
    """The columns that can be inputs by name, those that tie rows, and an account of both."""

    columns: Mapping[str, Column]
    tied: TiedColumns
    accounts: Sequence[ColumnAccount]


def _problem(
    path: Path,
    target: tuple[str, Column],
    answer: Target,
    read: Read,
    inputs: _Inputs,
    options: TableOptions,
) -> Problem:
    """The problem of a table that has been read.

    Args:
        path: of the file.
        target: the target's name and column.
        answer: what the target is.
        read: the rows with a target.
        inputs: the other columns.
        options: how it was read.
    """
    import pandas as pd

    columns = inputs.columns
    x = pd.DataFrame({name: kept.values for name, kept in columns.items()})
    name, column = target
    others = read.frame.drop(columns=[name, *inputs.tied.names])
    first = [*read.notes, *hints(others, columns, inputs.tied)]
    first += _how_read(name, {name: column, **columns}, options)
    left = [
        f"Column {one.name!r} was left out: {one.left_out}."
        for one in inputs.accounts
        if one.left_out and one.name not in (*options.drop, *inputs.tied.names)
    ]
    labels = answer.y if answer.class_names else None
    account = account_of(
        (sum(one.inputs for one in inputs.accounts),), len(answer.y), labels, answer.class_names
    )
    return Problem(
        name=path.name[: -len(table_suffix(path) or "")],
        task=answer.task,
        x=x.reset_index(drop=True),
        y=answer.y,
        validation=0.25,
        test=0.2,
        transform=table_transform(columns),
        standardize_target=answer.task == "regression",
        groups=inputs.tied.groups,
        time=inputs.tied.time,
        feature_names=tuple(columns),
        class_names=answer.class_names,
        log_shift=answer.log_shift,
        notes=(*first, *inputs.tied.notes, *left, *answer.notes),
        reading=_reading(read, target, columns, options),
        account=dataclasses.replace(
            account,
            target=name,
            columns=tuple(inputs.accounts),
            notes=(*first, *answer.notes),
        ),
    )


def _reading(
    read: Read, target: tuple[str, Column], columns: Mapping[str, Column], options: TableOptions
) -> dict[str, Any]:
    """How new rows are read, in plain values: as those of this table."""
    name, column = target
    return {
        "rows": "table",
        "columns": {one: dataclasses.asdict(kept.form) for one, kept in columns.items()},
        "left_out": [one for one in read.frame.columns if one not in (*columns, name)],
        "target": {"column": name, **dataclasses.asdict(column.form)},
        "missing": list(options.missing),
        "missing_in": {one: list(words) for one, words in options.missing_in.items()},
        "text": {"separator": options.separator, "header": options.header},
    }


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


def _how_read(target: str, columns: Mapping[str, Column], options: TableOptions) -> list[str]:
    """What the cells of columns were taken for, in sentences.

    Args:
        target: the name of the target.
        columns: by name, the target too.
        options: which words stand for gaps, as the user says.
    """
    became = {"date": "Dates became days since 1970-01-01", "time": "Times became hours"}
    by_kind = {kind: [n for n, c in columns.items() if c.kind == kind] for kind in became}
    notes = [f"{became[kind]}: {listed(names)}." for kind, names in by_kind.items() if names]
    for given in (False, True):
        by_words: dict[str, list[str]] = {}
        for name, column in columns.items():
            own = options.gaps_of(name)
            gaps = {word: n for word, n in column.gaps.items() if (word in own) == given}
            if gaps:
                count = f"{sum(gaps.values())} of {len(column.values)} in {name!r}"
                by_words.setdefault(listed(gaps), []).append(count)
        among = ", as --missing says" if given else " in columns of numbers or dates"
        notes += [
            f"Cells that hold {words} count as empty{among}: {', '.join(counts)}."
            for words, counts in by_words.items()
        ]
    every = {"": (set().union(*(c.gaps for c in columns.values())), options.missing)}
    for name in options.missing_in.keys() & columns.keys():
        every[f" of column {name!r}"] = (set(columns[name].gaps), options.missing_in[name])
    for where, (held, named) in every.items():
        nowhere = [word for word in named if word not in held]
        if nowhere:
            notes.append(f"No cell{where} holds {listed(nowhere)}, which --missing names.")
    for name, column in columns.items():
        in_order = None if name == target else _in_order(name, column)
        notes += filter(None, (column.note, far_number(column), in_order))
    return notes


def _in_order(name: str, column: Column) -> str | None:
    """A note on whole numbers that rise from row to row, as those of rows that were left do."""
    values = column.values
    if column.kind != "number" or not rises(values) or counts_rows(values):
        return None
    return (
        f"Column {name!r} holds whole numbers that change in one direction from row to row; if "
        f"they number rows, leave them out with --drop {name!r}."
    )


def _inputs(
    read: Read, tied: TiedColumns, target: str, path: Path, options: TableOptions
) -> _Inputs:
    """The columns of the rows with a target."""
    columns: dict[str, Column] = {}
    accounts: list[ColumnAccount] = []
    for name in read.frame.columns.drop(target):
        series = read.frame[name]
        apart = tied.why_no_input(name) or ("by --drop" if name in options.drop else None)
        if apart:
            accounts.append(left_out(name, None, int(series.isna().sum()), apart))
            continue
        column = read.column(name, options)
        why = why_no_input(column)
        if why and name in options.keep:
            raise InputError(f"Column {name!r} cannot be kept (--keep): {why}.")
        if why is None and name not in options.keep:
            why = why_left_out(name, column)
            why = why and f"{why}; --keep {name!r} makes it an input"
        if why:
            why = prose(column) or why
            gaps = int(column.values.isna().sum())
            accounts.append(left_out(name, column if gaps < len(series) else None, gaps, why))
        else:
            columns[name] = column
            accounts.append(column_account(name, column, input_count(column)))
    if not columns:
        reasons = [f"Column {one.name!r} was left out: {one.left_out}." for one in accounts]
        raise InputError(
            f"{path} has no column to predict from: "
            f"{' '.join(reasons) or 'the target is alone.'} "
            f"Give at least one column with different values."
        )
    return _Inputs(columns, tied, accounts)
