"""A finished study read from its folder, for other tools."""

from pathlib import Path
from typing import Any

import pandas as pd

from wane._errors import InputError
from wane.study.exports.tracked import Tracked
from wane.study.journal.json_files import read_json, reason
from wane.study.journal.names import JOURNAL, SUMMARY
from wane.study.journal.unopened import ended_statement, spec_of


def tracked_folder(folder: Path) -> Tracked:
    """The study of a folder, once it has ended.

    Args:
        folder: of :meth:`wane.Study.run` or :meth:`wane.Study.compare`, or of their commands.

    Raises:
        InputError: if it holds none, or one that has not ended, or a path.
    """
    where = repr(str(folder))
    statement = ended_statement(
        folder,
        no_path="whose runs go on from each other and are no trials of their own: take its "
        "runs.parquet, or the folder of wane study or wane compare",
    )
    spec = spec_of(statement, folder / JOURNAL)
    runs, curves = (_table(folder / f"{name}.parquet") for name in ("runs", "curves"))
    unknown = sorted(set(runs["candidate"]) - set(spec.names))
    if unknown:
        raise InputError(
            f"The table of {where} has the candidate {unknown[0]!r}, which its study has not: "
            f"restore the folder."
        )
    return Tracked(spec, read_json(folder / SUMMARY), runs, curves, folder)


def _table(path: Path) -> Any:
    try:
        return pd.read_parquet(path)
    except (OSError, ValueError) as error:  # pyarrow's errors are of these
        raise InputError(
            f"{str(path)!r} cannot be read ({reason(error)}): restore it, or run the study again."
        ) from error
