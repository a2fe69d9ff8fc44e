"""A study's options read from a file: TOML of a user, or the ``study.json`` of an earlier study."""

import dataclasses
import re
import tomllib
from collections.abc import Mapping
from pathlib import Path
from typing import Any

from wane._errors import InputError, nearest, one_line
from wane.cli.config.fields import Field

SUFFIXES = (".toml", ".json")
LARGEST = 2**20
"""Bytes of the largest file that is read."""
MOST_TRIED = 20
"""So many lines that may begin a field are tried at most, to find out which does."""


@dataclasses.dataclass(frozen=True)
class StudyFile:
    """A study's options in a file.

    Attributes:
        path: the file.
        values: those that it gives, by the parameters of the command.
        lines: in which lines it gives them, from 1, by the names of the fields; where known.
    """

    path: Path
    values: Mapping[str, Any]
    lines: Mapping[str, int]

    def named(self, error: InputError) -> InputError:
        """An error with the line of the field that it begins with, if that is in the file."""
        first = re.match(r"(?:--)?(?:no-)?([a-z_-]+)\b", str(error))
        line = self.lines.get(first[1].replace("-", "_")) if first else None
        return error if line is None else InputError(f"{self.path}, line {line}: {error}")


def is_study_file(source: str) -> bool:
    """Whether a name is that of a file with a study's options, and not of data."""
    return source.casefold().endswith(SUFFIXES)


def read_study_file(path: Path, fields: Mapping[str, Field]) -> StudyFile:
    """The options in a file.

    Args:
        path: a TOML file, in which paths are relative to its folder, or a ``study.json``.
        fields: the fields by the parameters of the command.

    Raises:
        InputError: naming file, line and field, if it cannot be read or says something else.
    """
    if path.name.casefold().endswith(".json"):
        return _of_study(path, fields)
    text = _text(path)
    try:
        document = tomllib.loads(text)
    except (tomllib.TOMLDecodeError, RecursionError, ValueError) as error:
        raise InputError(f"{path} is no TOML ({one_line(error)}): correct it there.") from error
    by_name = {field.name: parameter for parameter, field in fields.items()}
    values, lines = {}, {}
    for key, given in document.items():
        name, line = key.replace("-", "_"), _line_of(text, key)
        where = f"{path}, line {line}" if line else f"{path}"
        if name not in by_name:
            raise InputError(f"{where}: there is no field {key!r}: {nearest(name, by_name)}")
        if by_name[name] in values:
            raise InputError(f"{where}: {name} is given twice: leave out one of the two.")
        try:
            values[by_name[name]] = fields[by_name[name]].value(given)
        except (InputError, OverflowError) as error:
            raise InputError(f"{where}: {error}") from error
        if line:
            lines[name] = line
    if "source" not in values:
        raise InputError(
            f"{path} names no data: give source, the name of an example or the path of a file."
        )
    return StudyFile(path, _with_paths(values, fields, path.parent), lines)


def _text(path: Path) -> str:
    try:
        if not path.is_file():
            raise FileNotFoundError
        if path.stat().st_size > LARGEST:
            raise ValueError("it is too large")
        return path.read_text(encoding="utf-8")
    except FileNotFoundError:
        raise InputError(f"There is no file {str(path)!r}: give a study's file, or data.") from None
    except (OSError, ValueError) as error:
        why = getattr(error, "strerror", None) or str(error)
        raise InputError(f"{str(path)!r} cannot be read ({why}).") from error


def _line_of(text: str, key: str) -> int | None:
    """The line of a file, from 1, with which a field begins: what is before it is a whole file."""
    lines = text.splitlines()
    name = re.escape(key)
    begins = re.compile(rf"""\s*\[*\s*(?:{name}|"{name}"|'{name}')\s*[=.\]]""")
    for number in [n for n, line in enumerate(lines) if begins.match(line)][:MOST_TRIED]:
        try:
            before = tomllib.loads("\n".join(lines[:number]))
        except (tomllib.TOMLDecodeError, RecursionError, ValueError):  # inside another field
            continue
        if key not in before:
            return number + 1
    return None


def _with_paths(
    values: Mapping[str, Any], fields: Mapping[str, Field], folder: Path
) -> dict[str, Any]:
    """The values, paths among them being those from a folder; an example stays its name."""
    from wane.data.examples import EXAMPLES

    found = {
        name: folder / value if fields[name].kind is Path else value
        for name, value in values.items()
    }
    source = Path(found["source"])
    here = folder / source
    is_data = here.is_file() or (here.is_dir() and found["source"] not in EXAMPLES)
    if source.suffix or is_data:
        # Whole where it is called as an example is: a path loses the ./ that tells them apart.
        found["source"] = str(here.absolute() if str(here) in EXAMPLES else here)
    return found


def _of_study(path: Path, fields: Mapping[str, Field]) -> StudyFile:
    """The options with which the command line made an earlier study."""
    from wane.study.journal.json_files import read_json

    if not path.is_file():
        raise InputError(f"There is no file {str(path)!r}: give a study's file, or data.")
    document = read_json(path)
    recipe = document.get("recipe")
    if "candidates" not in document or "versions" not in document:
        raise InputError(
            f"{str(path)!r} is no study.json of a study: give one, a TOML file of options, or a "
            f"table as CSV or Parquet."
        )
    if recipe is None:
        raise InputError(
            f"The study of {str(path)!r} was begun in Python, and its data are named by no path: "
            f"there, wane.Study.from_spec takes it with the data."
        )
    given = dict(recipe) if isinstance(recipe, dict) else {}
    command = given.pop("command", None)
    if command in ("compare", "path"):
        raise InputError(
            f"{str(path)!r} is of wane {command}, and not of wane study: give one of the latter."
        )
    known = {name: value for name, value in given.items() if value not in (None, [])}
    if command != "study" or not set(known) <= set(fields) or "source" not in known:
        raise InputError(
            f"{str(path)!r} does not say how this wane can make its study again: give the options "
            f"themselves, or that version of wane."
        )
    try:
        values = {name: fields[name].value(value) for name, value in known.items()}
    except InputError as error:
        raise InputError(f"{path}: {error}") from error
    return StudyFile(path, values, {})
