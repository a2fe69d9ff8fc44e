"""Predictions with the model in a finished study's folder."""

import dataclasses
from pathlib import Path
from typing import TYPE_CHECKING, Any, NamedTuple

from wane._errors import InputError
from wane.data.arrays import ArrayForm
from wane.data.npz import SUFFIX as ARRAYS
from wane.data.npz import read_new_arrays
from wane.data.reading.files import Read, read_frame, table_suffix
from wane.data.reading.options import TableOptions
from wane.prediction.account import Account, TextForm, account_of
from wane.prediction.outputs import in_unit_of_data, predicted, score
from wane.prediction.rows import NewRows, of_array, of_table, with_truth
from wane.study.journal.json_files import read_json
from wane.study.journal.names import STATEMENT, SUMMARY

if TYPE_CHECKING:
    import pandas as pd

MODEL, ACCOUNT = "best.keras", "preprocessing.json"
"""What the chosen model, and the account of how its inputs are made, are called in a folder."""


class Predictions(NamedTuple):
    """A row for each new row, how good they are (None if that is not known), and notes."""

    table: "pd.DataFrame"
    score: str | None
    notes: tuple[str, ...]


def predict_file(folder: Path, path: Path) -> Predictions:
    """Predict the rows of a file with the chosen model of a study's folder.

    Args:
        folder: of a finished study.
        path: a table, with the columns of the study's in any order; or a ``.npz`` file with x.

    Raises:
        InputError: if the folder holds no finished study, or the file no rows like the study's.
    """
    from wane.keras_model.editing.loading import load_model

    statement = _statement(folder)
    account, classes = _account(folder, statement)
    rows = _rows(account, path)
    model = load_model(folder / MODEL)
    table = predicted(model, rows.x, classes, rows.index)
    if account.target is not None and account.target.log:
        table = in_unit_of_data(table, account.target.shift)
    scored = None if rows.truth is None else score(table, rows.truth, rows.target)
    return Predictions(table, scored, rows.notes)


def _statement(folder: Path) -> dict[str, Any]:
    """What a folder says of its study, if that has ended and has a model."""
    statement = read_json(folder / STATEMENT)
    name = str(folder)
    if statement.get("path") is not None:
        raise InputError(
            f"{name!r} holds a path, which trains a network under rising strengths and chooses "
            f"none: predict with the folder of wane study or wane compare."
        )
    if not (folder / SUMMARY).is_file():
        how = "call its run(...) once more in Python"
        if statement.get("recipe") is not None:
            how = f"wane resume {name} finishes it"
        raise InputError(f"The study in {name!r} has not finished, so it has no model: {how}.")
    if not (folder / MODEL).is_file():
        raise InputError(
            f"{name!r} has no {MODEL}: either every candidate has runs that diverged, as its "
            f"report says, or the file was taken away."
        )
    return statement


def _account(folder: Path, statement: dict[str, Any]) -> tuple[Account, tuple[str, ...]]:
    """How the study's rows became inputs, and the names of its classes."""
    where = str(folder / ACCOUNT)
    if (folder / ACCOUNT).is_file():
        again = "run the study again with this version, in a new folder"
        account = account_of(read_json(folder / ACCOUNT), repr(where), again)
        return account, account.classes or ()
    if statement.get("recipe") is not None:
        raise InputError(
            f"{where!r} is not there, so how the study's rows became inputs is not known: an "
            f"earlier version of wane wrote none, and this one does if the study is run again in a "
            f"new folder."
        )
    if statement.get("transform") is not None:
        raise InputError(
            f"The study in {str(folder)!r} has a transform of your own, of which its folder holds "
            f"no fitted one: in the process that ran it call result.predict(x), or keep "
            f"result.best_transform() with skops, and give {MODEL} what it makes."
        )
    names = statement.get("class_names")
    known = isinstance(names, list) and all(isinstance(name, str) for name in names)
    arrays = Account("arrays", array=ArrayForm("as given", None))
    return arrays, tuple(names) if known and isinstance(names, list) else ()


def _rows(account: Account, path: Path) -> NewRows:
    """The rows of a file as the network takes them."""
    if path.name.casefold().endswith(ARRAYS):
        x, y = read_new_arrays(path)
        rows = of_array(account, x, str(path))
        return rows if y is None else with_truth(rows, y)
    read = read_rows(account, path)
    rows = of_table(account, read.frame, str(path))
    return dataclasses.replace(rows, notes=(*read.notes, *rows.notes))


def read_rows(account: Account, path: Path) -> Read:
    """The table of new rows in a file.

    What the user said of the layout of the study's table is true of this one too if it then has the
    columns that the study predicts from; else that is found out.
    """
    forms = dict(account.columns)
    if account.target is not None:
        forms[account.target.column] = account.target
    # Only their texts tell 01 from 1, and a point between thousands from a decimal point.
    texts = [name for name, one in forms.items() if one.kind == "category" or one.decimal == ","]
    known = next(iter(account.columns), None)
    given, missing = account.text, account.missing
    found_out = TableOptions(missing=missing)
    if given == TextForm() or (table_suffix(path) or "").startswith((".parquet", ".pq")):
        return read_frame(path, known, found_out, texts)
    as_said = dataclasses.replace(found_out, separator=given.separator, header=given.header)
    try:
        read = read_frame(path, known, as_said, texts)
    except InputError:
        return read_frame(path, known, found_out, texts)
    named = given.header is False and list(read.frame.iloc[0]) == list(read.frame.columns)
    if named or not set(account.columns) <= set(read.frame.columns):
        return read_frame(path, known, found_out, texts)
    return read
