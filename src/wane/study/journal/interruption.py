"""What is kept when a study is interrupted or its disk fails, in one sentence."""

import contextlib
import shlex
import sqlite3
from collections.abc import Iterator, Mapping
from pathlib import Path
from typing import Any

from wane._errors import Interrupted, StorageError
from wane.study.journal.journal import Journal
from wane.study.journal.json_files import reason
from wane.study.journal.names import JOURNAL


@contextlib.contextmanager
def storage_errors(folder: Path) -> Iterator[None]:
    """Report in one sentence that files cannot be written."""
    try:
        yield
    except OSError as error:
        raise StorageError(f"{str(folder)!r} cannot be written ({reason(error)})") from error


@contextlib.contextmanager
def report_kept_runs(
    journal: Journal,
    total: int | str,
    place: Path,
    folder: str | Path | None,
    recipe: Mapping[str, Any] | None,
) -> Iterator[None]:
    """On Ctrl-C or a disk that fails, report which runs are kept."""
    try:
        yield
    except BaseException as error:
        journal.close()
        count = "those"
        with contextlib.suppress(sqlite3.Error):  # a disk that fails may not be read either
            count = str(len(journal.finished()))
        where = f"are kept in {str(place / JOURNAL)!r}"  # the folder as the user named it
        again = "run the same study with the same folder"
        if recipe is not None:
            again = f"wane resume {shlex.quote(str(place))}"
        resume = f": {again} resumes them" if recipe is not None else f"; to resume them, {again}"
        if folder is None:
            where, resume = "went with the temporary folder", ""
        left = f"{count} of {total} runs had finished; they {where}{resume}."
        if isinstance(error, KeyboardInterrupt):
            raise Interrupted(f"Interrupted: {left}") from None
        if isinstance(error, StorageError):
            raise StorageError(f"{error}: {left}") from error
        raise
