"""Predictions with the model in a finished study's folder."""

import contextlib
import dataclasses
import functools
import warnings
from collections.abc import Mapping
from pathlib import Path
from typing import Any

import pandas as pd

from wane._errors import InputError
from wane.data.arrays import ArrayForm
from wane.data.npz import SUFFIX as ARRAYS
from wane.data.npz import read_new_arrays
from wane.data.reading.files import Read, read_frame, table_suffix
from wane.data.reading.options import TableOptions
from wane.prediction.account import Account, account_of
from wane.prediction.predictor import Predictor
from wane.prediction.rows import NewRows, of_array, of_arrays, of_images, of_table, with_truth
from wane.study.journal.json_files import read_json
from wane.study.journal.unopened import ended_statement

MODEL, ACCOUNT = "best.keras", "preprocessing.json"
"""What the chosen model, and the account of how its inputs are made, are called in a folder."""


def predict(folder: str | Path, x: Any) -> pd.DataFrame:
    """What the model in a finished study's folder predicts of new rows, as ``wane predict`` does.

    The rows are read and prepared as the study's own were: gaps are filled, numbers scaled and
    categories encoded by what the study learnt, and a category that it never saw is none of those
    it knows, of which a warning tells.

    Args:
        folder: of a finished study, by :meth:`wane.Study.run` or ``wane study``.
        x: a data frame with the columns of the study's table, in any order and others passed over;
            an array, or several, where the study was of arrays; or the path of a file of either, or
            of a folder of images where the study was of such, whose names are then the index.

    Returns:
        A row for each row, with the index of x if it has one, and columns as
        :meth:`wane.Result.predict` has them.

    Raises:
        InputError: if the folder holds no finished study, or x no rows like the study's.

    Example:
        >>> import keras, numpy, tempfile, wane
        >>> model = keras.Sequential([keras.layers.Input((1,)), keras.layers.Dense(1)])
        >>> model.compile(loss="mse")
        >>> x = numpy.linspace(0, 1, 20)[:, None]
        >>> study = wane.Study(model, x, 2 * x[:, 0], epochs=3, repeats=2)
        >>> with tempfile.TemporaryDirectory() as folder:
        ...     result = study.run(f"{folder}/study", progress=False)
        ...     wane.predict(f"{folder}/study", x[:5]).shape
        (5, 1)
    """
    table, _, notes = predictor_of(Path(folder)).predictions(x)
    for note in notes:
        warnings.warn(note, stacklevel=2)
    return table


def predictor_of(folder: Path) -> Predictor:
    """The model of a study's folder, with what reads new rows for it.

    Raises:
        InputError: if the folder holds no finished study.
    """
    from wane.keras_model.editing.loading import load_model

    statement = _statement(folder)
    account, classes = _account(folder, statement)
    return Predictor(
        load_model(folder / MODEL),
        functools.partial(_rows, account),
        classes,
        _log_shift(account, statement),
    )


def _log_shift(account: Account, statement: Mapping[str, Any]) -> int | None:
    """What was added to the target before its logarithm was taken, if it was."""
    if account.target is not None:
        return account.target.shift if account.target.log else None
    logarithms = statement.get("log_target")
    return int(logarithms["shift"]) if isinstance(logarithms, dict) else None


def _statement(folder: Path) -> dict[str, Any]:
    """What a folder says of its study, if that has ended and has a model."""
    statement = ended_statement(
        folder,
        any_version=True,
        no_path="which trains a network under rising strengths and chooses none: predict with the "
        "folder of wane study or wane compare",
    )
    name = str(folder)
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


def _rows(account: Account, given: Any) -> NewRows:
    """New rows, in a file or not, as the network takes them."""
    if isinstance(given, pd.DataFrame):
        return of_table(account, given, "x")
    if not isinstance(given, str | Path):
        return of_arrays(account, given)
    path = Path(given)
    if path.is_dir():
        return of_images(account, path)
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
    labels = {entry.column: entry.categories for entry in account.inputs}
    names = [name for name in account.columns if name not in labels.get(name, ())]
    known = next(iter([*names, *account.columns]), None)
    found_out = TableOptions(missing=account.missing, missing_in=account.missing_in)
    ways = [found_out]
    if not (table_suffix(path) or "").startswith((".parquet", ".pq")):
        separator, header = account.text.separator, account.text.header
        as_said = dataclasses.replace(found_out, separator=separator, header=header)
        # A line of names may be like the rows below it, where one is also the label of a column.
        ways = [as_said, found_out, dataclasses.replace(found_out, header=True)]
    for way in ways:
        with contextlib.suppress(InputError):
            read = read_frame(path, known, way, texts)
            named = way.header is False and list(read.frame.iloc[0]) == list(read.frame.columns)
            if not named and set(account.columns) <= set(read.frame.columns):
                return read
    return read_frame(path, known, found_out, texts)
