"""From new rows to a network's inputs, with all that a study learnt from its own rows."""

import dataclasses
from collections.abc import Sequence
from pathlib import Path
from typing import Any

import jax
import numpy as np
import pandas as pd

from wane._errors import InputError, joined, listed, nearest
from wane.data.arrays import ArrayForm, read_new
from wane.data.images.reading import read_new_images
from wane.data.reading.columns import Form, read_known
from wane.data.reading.target import shown
from wane.prediction.account import Account, Entry
from wane.resampling.checking import checked_array, checked_arrays
from wane.resampling.dataset import transformed

_MOST_UNREADABLE = 0.5
_SHOWN = 3


@dataclasses.dataclass(frozen=True)
class NewRows:
    """New rows as the network takes them.

    Attributes:
        x: the inputs, [rows, …].
        index: what the rows are called.
        truth: the targets, where they are known: labels or numbers, [rows], NaN where they are not.
        target: what the target is called.
        notes: sentences on what was odd about the rows.
    """

    x: Any
    index: Any
    truth: "pd.Series | None" = None
    target: str = "y"
    notes: tuple[str, ...] = ()


def of_array(account: Account, x: np.ndarray, where: str) -> NewRows:
    """The rows of an array.

    Args:
        account: the study's.
        x: [rows, …].
        where: what to call the array in an error.

    Raises:
        InputError: if the study has columns, or its arrays another shape.
    """
    if account.rows != "arrays":
        names = listed(account.columns)
        raise InputError(
            f"{where} holds arrays, but the study is of a table: give a table with the columns "
            f"{names}."
        )
    made = read_new(where, x, account.array or ArrayForm("as given", None))
    if isinstance(made, pd.DataFrame):
        made = inputs_of(account.inputs, {name: made[name] for name in account.columns})
    name = where if where == "x" else f"x of {where}"
    return NewRows(checked_array(made, name), pd.RangeIndex(len(x)))


def of_arrays(account: Account, x: Any) -> NewRows:
    """The rows of an array, or of several for a network of several inputs.

    Args:
        account: the study's.
        x: [rows, …], or a list or dictionary of such.

    Raises:
        InputError: as :func:`of_array` does.
    """
    made = checked_arrays(x, "x")
    if not isinstance(made, dict | list):
        return of_array(account, np.asarray(x), "x")
    if account.rows != "arrays" or (account.array or ArrayForm("as given", None)).shape:
        raise InputError(
            "x holds several arrays, but the study's network takes one: give rows like the study's."
        )
    return NewRows(made, pd.RangeIndex(len(jax.tree.leaves(made)[0])))


def of_images(account: Account, folder: Path) -> NewRows:
    """The images of a folder, by the names of their files; those in a class's folder have a truth.

    Args:
        account: the study's.
        folder: with images in it, or in folders within it.

    Raises:
        InputError: if the study is of something else, or no image can be read.
    """
    where = str(folder)
    if account.images is None:
        kind = "a table" if account.rows == "table" else "arrays"
        raise InputError(
            f"{where!r} is a folder, but the study is of {kind}: give a file like the study's."
        )
    x, files, notes = read_new_images(folder, account.images)
    form = account.array or ArrayForm("as given", None)
    # A dark image is in the unit of the others all the same.
    rows = of_array(
        dataclasses.replace(account, array=dataclasses.replace(form, largest=None)), x, where
    )
    classes = account.classes or ()
    truth = pd.Series([file.label if file.label in classes else None for file in files])
    index = pd.Index([file.name for file in files], name="file")
    return NewRows(rows.x, index, truth, "class folder", tuple(notes))


def with_truth(rows: NewRows, y: np.ndarray) -> NewRows:
    """The rows of an array with their targets, as these are given for a study.

    Args:
        rows: the rows.
        y: a number or label for each, [rows], or classes one-hot, [rows, classes].
    """
    flat = y.reshape(len(y), -1)
    if flat.dtype.kind == "S":  # text as NumPy writes bytes of it
        flat = np.char.decode(flat, "utf-8", "replace")
    if flat.shape[1] > 1 and (flat.dtype.kind not in "biuf" or not np.all(np.sum(flat, 1) == 1)):
        return rows
    truth = pd.Series(flat[:, 0] if flat.shape[1] == 1 else flat.argmax(axis=1))
    return dataclasses.replace(rows, truth=truth)


def of_study(study_x: Any, transform: Any, x: Any) -> NewRows:
    """The rows of a study that was made in Python, as its network takes them.

    Args:
        study_x: the study's own rows before their transform.
        transform: fitted; None where there is none.
        x: new rows of the same form; the columns of a data frame may be in any order where the
            study has a transform.

    Raises:
        InputError: if they are not of the same form.
    """
    index = getattr(x, "index", None)
    if transform is None:
        made = checked_arrays(x, "x")
        own, given = (jax.tree.map(lambda part: part.shape[1:], one) for one in (study_x, made))
        if own != given:
            raise InputError(
                f"x has rows of shape {given}, but the study's have {own}: give rows of that shape."
            )
    else:
        made = transformed(transform, _like(study_x, x))
    count = len(jax.tree.leaves(made)[0])
    return NewRows(made, pd.RangeIndex(count) if index is None else index)


def _like(study_x: Any, x: Any) -> Any:
    """x before a transform: the study's columns in their order, or an array."""
    if not isinstance(study_x, pd.DataFrame):
        return checked_arrays(x, "x")
    if not isinstance(x, pd.DataFrame):
        raise InputError(
            f"x must be a data frame with the columns of the study's, got {type(x).__name__}."
        )
    missing = [name for name in study_x.columns if name not in x.columns]
    if missing:
        raise InputError(
            f"x has no column {listed(missing)}, which the study's has: give all of "
            f"{listed(study_x.columns)}."
        )
    return x[list(study_x.columns)]


def of_table(account: Account, frame: pd.DataFrame, where: str) -> NewRows:
    """The rows of a table, whose columns may be in any order.

    Args:
        account: the study's.
        frame: the table; columns that the study did not use are passed over.
        where: what to call it in an error.

    Raises:
        InputError: if a column is missing, or most of its cells cannot be read.
    """
    if account.rows != "table":
        raise InputError(
            f"{where} is a table, but the study is of arrays: give an array x, in a .npz file made "
            f"with numpy.savez('new.npz', x=x)."
        )
    frame = frame.set_axis(frame.columns.astype(str).str.strip(), axis=1)
    _check_columns(account, frame, where)
    values: dict[str, pd.Series] = {}
    notes: list[str] = []
    for name, form in account.columns.items():
        values[name], odd = _read(frame[name], form, account.gaps_of(name), where)
        notes += odd
    notes += _on_inputs(account.inputs, values)
    target = account.target
    extra = [
        name
        for name in frame.columns
        if name not in {*account.columns, *account.left_out, target.column if target else ""}
    ]
    if extra:
        notes.append(f"The study has no such column, so it was passed over: {listed(extra)}.")
    truth = None
    if target is not None and target.column in frame:
        are_classes = account.classes is not None
        truth, odd = _truth(
            frame[target.column], target, account.gaps_of(target.column), are_classes
        )
        notes += odd
    x = inputs_of(account.inputs, values)
    name = target.column if target else "y"
    return NewRows(x, frame.index, truth, name, tuple(notes))


def inputs_of(entries: Sequence[Entry], values: dict[str, pd.Series]) -> np.ndarray:
    """A network's inputs, float32 [rows, inputs].

    Args:
        entries: what is done with each column.
        values: of the columns, numbers or texts with NaN for gaps, [rows].
    """
    made: list[Any] = []
    for entry in entries:
        column = values[entry.column]
        if entry.kind == "indicator":
            made.append(column.isna())
        elif entry.kind == "category":
            filled = column.fillna(entry.impute)
            made += [filled == category for category in entry.categories]
        else:
            made.append((column.fillna(float(entry.impute)) - entry.mean) / entry.scale)
    return np.stack([np.asarray(one, np.float32) for one in made], axis=1)


def _check_columns(account: Account, frame: pd.DataFrame, where: str) -> None:
    """Check that every column of the study's inputs is there, once."""
    known = [*account.columns, *account.left_out]
    known += [account.target.column] if account.target else []
    missing = [name for name in account.columns if name not in frame.columns]
    if missing:
        hint = nearest(missing[0], list(frame.columns))
        raise InputError(
            f"{where} has no column {listed(missing)}, which the study predicts from: {hint}"
        )
    twice = [name for name in account.columns if (frame.columns == name).sum() > 1]
    if twice:
        raise InputError(f"{where} has more than one column named {listed(twice)}: leave one.")
    made_up = {f"column_{number + 1}" for number in range(len(known))}
    if set(known) == made_up and len(known) > 1 and len(frame.columns) != len(known):
        raise InputError(
            f"The study's table had no line of column names, so its {len(known)} columns are known "
            f"by their places alone, and {where} has {len(frame.columns)}: give all of them, the "
            f"target's too (its cells may be empty)."
        )


def _read(
    series: pd.Series, form: Form, missing: Sequence[str], where: str
) -> tuple[pd.Series, list[str]]:
    """A column's values, and a note on cells that could not be read."""
    values, odd = read_known(series, form, missing)
    if not len(odd):
        return values, []
    examples = listed(odd.unique()[:_SHOWN])
    are = f"{len(odd)} of {len(series)} cells of column {series.name!r} are no {form.kind}s"
    if len(odd) > _MOST_UNREADABLE * (len(odd) + values.notna().sum()):
        manner = form.order or ("with percent signs" if form.percent else "")
        kind = f"{form.kind}s{f' ({manner})' if manner else ''}"
        raise InputError(
            f"{are} in {where}, such as {examples}, but the study's table had {kind} there: write "
            f"them as in that table, and leave a cell empty where there is none."
        )
    return values, [f"{are}, such as {examples}, and count as empty."]


def _on_inputs(entries: Sequence[Entry], values: dict[str, pd.Series]) -> list[str]:
    """Notes on gaps where the study's table had none, and on categories that it had not."""
    notes, whole = [], dict(values)
    for entry in entries:
        if entry.kind == "indicator" or "missing" in entry.categories:
            whole.pop(entry.column, None)
    gaps = {name: int(one.isna().sum()) for name, one in whole.items()}
    counts = [f"{count} in {name!r}" for name, count in gaps.items() if count]
    if counts:
        notes.append(
            f"Cells are empty in columns where the study's table had no gaps, so the network never "
            f"learnt from any: {joined(counts)}; numbers are taken for the median of the study's "
            f"rows, and categories for none that it knows."
        )
    for entry in entries:
        if entry.kind == "category":
            present = values[entry.column].dropna()
            new = present[~present.isin(entry.categories)]
            if len(new):
                rows = "1 row" if len(new) == 1 else f"{len(new)} rows"
                notes.append(
                    f"Column {entry.column!r} holds {listed(new.unique()[:_SHOWN])} in {rows}, "
                    f"which the study's table had not; it is taken for none of the known."
                )
    return notes


def _truth(
    series: pd.Series, form: Form, missing: Sequence[str], are_classes: bool
) -> "tuple[pd.Series | None, list[str]]":
    """The targets, labels or numbers, NaN where they are not known; None if they cannot be read."""
    try:
        values, odd = read_known(series, form, missing)
    except InputError as error:
        return None, [f"The predictions have no score: {error}"]
    if len(odd):
        return None, [
            f"The predictions have no score, since cells of the target {series.name!r} are no "
            f"{form.kind}s, such as {odd.iloc[0]!r}."
        ]
    if are_classes:
        values = values.map(lambda value: shown(form.kind, value), na_action="ignore")
    return values, []
