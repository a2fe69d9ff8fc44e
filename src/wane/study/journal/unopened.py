"""What a journal says that nobody has opened, without touching it."""

import contextlib
import json
import shlex
import sqlite3
from collections.abc import Mapping
from pathlib import Path
from typing import Any

from wane._errors import InputError
from wane.penalties import Candidate
from wane.study.journal.json_files import read_json
from wane.study.journal.names import ADDED, STATEMENT, SUMMARY
from wane.study.journal.names import SCHEMA as STATEMENT_SCHEMA
from wane.study.journal.schema import SCHEMA, SCHEMA_VERSION
from wane.study.spec.documents import candidate_of
from wane.study.spec.spec import StudySpec


def check_journal(path: Path) -> None:
    """Check that a journal is one of this version and whole, without touching it.

    Raises:
        InputError: if it is not.
    """
    if not path.exists():
        return
    where = repr(str(path))
    try:
        uri = f"{path.absolute().as_uri()}?mode=ro"
        with contextlib.closing(sqlite3.connect(uri, uri=True)) as reader:
            ((version,),) = reader.execute("PRAGMA user_version")
            found = tables(reader)
            if found or version:
                ((check,),) = reader.execute("PRAGMA quick_check(1)").fetchall()
    except sqlite3.DatabaseError as error:
        raise InputError(
            f"{where} is damaged ({error}); nothing was touched: restore it, or give a new folder."
        ) from error
    if not found and not version:
        return  # the process was killed before it had made them
    if version != SCHEMA_VERSION:
        raise InputError(
            f"{where} is a journal of version {version}, and this wane writes version "
            f"{SCHEMA_VERSION}; nothing was touched: resume it with the wane that began it, or "
            f"give a new folder."
        )
    with contextlib.closing(sqlite3.connect(":memory:")) as model:
        model.executescript(SCHEMA)
        expected = tables(model)
    if check != "ok" or found != expected:
        reason = (
            f"SQLite reports: {check}" if check != "ok" else "its tables are not those of a study"
        )
        raise InputError(
            f"{where} is damaged ({reason}); nothing was touched: restore it, or give a new folder."
        )


def ended_statement(
    folder: Path, any_version: bool = False, no_path: str | None = None
) -> dict[str, Any]:
    """What a folder says of its study, once that has ended.

    Args:
        folder: the study's.
        any_version: whether other versions of wane may have written it.
        no_path: why a path is not taken, and what is; None where one is.

    Raises:
        InputError: if it holds no study, one of another version, or one that has not ended.
    """
    statement = read_json(folder / STATEMENT)
    if no_path is not None and statement.get("path") is not None:
        raise InputError(f"{str(folder)!r} holds a path, {no_path}.")
    if not any_version and statement.get("schema") != STATEMENT_SCHEMA:
        raise InputError(
            f"{str(folder / STATEMENT)!r} was written by another version of wane, or is of no "
            f"study: give a folder of this version, or read it with that one."
        )
    if not (folder / SUMMARY).is_file():
        how = "call its run(...) once more in Python"
        if statement.get("recipe") is not None:
            how = f"wane resume {shlex.quote(str(folder))} finishes it"
        raise InputError(f"The study in {str(folder)!r} has not finished: {how}.")
    return statement


def begun_repeats(path: Path) -> int:
    """How many repeats a journal has of which some run has finished; 0 where there is none."""
    last = _number(path, "SELECT max(repeat) FROM run")
    return 0 if last is None else last + 1


def look_count(path: Path) -> int:
    """The number of a journal's latest look; 0 where there is none."""
    return _number(path, "SELECT max(number) FROM look") or 0


def recorded_additions(path: Path) -> list[tuple[str, list[Candidate]]]:
    """A journal's steps by which the study got further candidates; none where it is not there."""
    if not path.exists():
        return []
    with contextlib.closing(sqlite3.connect(path)) as reader:
        query = "SELECT step, candidates FROM addition ORDER BY number"
        found = reader.execute(query).fetchall() if tables(reader) else []
    return [(step, [candidate_of(one) for one in json.loads(text)]) for step, text in found]


def spec_of(statement: Mapping[str, Any], path: Path) -> StudySpec:
    """A study with all candidates that it has got, in the order in which they came.

    Args:
        statement: what its ``study.json`` says.
        path: its journal.

    Raises:
        InputError: if the journal is of another version, or damaged.
    """
    check_journal(path)
    spec = StudySpec.from_dict({**statement, ADDED: []})
    for step, several in recorded_additions(path):
        spec = spec.with_more(several, step)
    return spec


def _number(path: Path, query: str) -> int | None:
    """A number of a journal, if there is one."""
    if not path.exists():
        return None
    with contextlib.closing(sqlite3.connect(path)) as reader:
        ((found,),) = reader.execute(query) if tables(reader) else [(None,)]
    return None if found is None else int(found)


def tables(connection: sqlite3.Connection) -> list[Any]:
    """Everything that a database defines, views and triggers too."""
    return connection.execute("SELECT type, name, sql FROM sqlite_schema ORDER BY name").fetchall()
