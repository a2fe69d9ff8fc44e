"""Tables of predictions in files."""

import tempfile
from collections.abc import Callable
from pathlib import Path
from typing import TYPE_CHECKING

from wane._errors import InputError, StorageError
from wane.study.journal.json_files import reason

if TYPE_CHECKING:
    import pandas as pd


def as_csv(table: "pd.DataFrame") -> str:
    """The table as a CSV, with a line of names and a line for each row.

    Rows that have names, as files of images do, have them in the first column.
    """
    text: str = _with_names(table).to_csv(index=False, lineterminator="\n")
    return text


def _with_names(table: "pd.DataFrame") -> "pd.DataFrame":
    return table if table.index.name is None else table.reset_index()


_WRITERS: "dict[str, Callable[[pd.DataFrame, Path], object]]" = {
    ".csv": lambda table, path: path.write_text(as_csv(table), encoding="utf-8", newline=""),
    ".tsv": lambda table, path: table.to_csv(path, sep="\t", index=False, lineterminator="\n"),
    ".parquet": lambda table, path: table.to_parquet(path, index=False),
    ".pq": lambda table, path: table.to_parquet(path, index=False),
}


def check_place(path: Path, rows: Path, *, force: bool) -> None:
    """Check, before anything is predicted, that a table can be written to a file.

    Args:
        path: the file.
        rows: the file of the new rows, which stays.
        force: whether a file that is there may be replaced.

    Raises:
        InputError: if it is of another kind, is there, or is the file of the rows.
    """
    name = repr(str(path))
    if path.suffix.casefold() not in _WRITERS:
        raise InputError(f"{name} is no table that can be written: give a .csv, .tsv or .parquet.")
    if not path.parent.is_dir():
        raise InputError(f"There is no folder {str(path.parent)!r} to write {name} into: make it.")
    if not path.exists() and not path.is_symlink():
        return
    if not path.is_file():
        raise InputError(f"{name} is there and no file; nothing was written: give another name.")
    if rows.exists() and path.samefile(rows):
        raise InputError(f"{name} is the table to predict, which stays: give another name.")
    if not force:
        raise InputError(
            f"{name} is there already; nothing was written: give another name, or --force to "
            f"replace it."
        )


def write_table(table: "pd.DataFrame", path: Path) -> None:
    """Write a table whole or not at all.

    Raises:
        StorageError: if it cannot be written.
    """
    try:
        with tempfile.TemporaryDirectory(dir=path.parent, prefix=".wane-") as place:
            partial = Path(place) / path.name
            _WRITERS[path.suffix.casefold()](_with_names(table), partial)
            partial.replace(path)
    except OSError as error:
        raise StorageError(
            f"{str(path)!r} cannot be written ({reason(error)}): give another place."
        ) from error
