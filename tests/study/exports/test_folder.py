"""Folders that hold no finished study."""

import json
from pathlib import Path

import pytest

from wane import InputError
from wane.study.exports.folder import tracked_folder
from wane.study.journal.names import SCHEMA


def statement(folder: Path, **document: object) -> Path:
    """A folder with this study.json."""
    (folder / "study.json").write_text(json.dumps(document), encoding="utf-8")
    return folder


def refusal(folder: Path) -> str:
    with pytest.raises(InputError) as raised:
        tracked_folder(folder)
    return str(raised.value)


def test_a_folder_without_a_study_is_refused(tmp_path: Path) -> None:
    assert refusal(tmp_path) == (
        f"{str(tmp_path)!r} holds no study (study.json is not there): give the folder of one."
    )


def test_a_path_is_refused(tmp_path: Path) -> None:
    assert refusal(statement(tmp_path, schema=SCHEMA, path={"descending": False})) == (
        f"{str(tmp_path)!r} holds a path, whose runs go on from each other and are no trials of "
        f"their own: take its runs.parquet, or the folder of wane study or wane compare."
    )


def test_a_study_of_another_version_is_refused(tmp_path: Path) -> None:
    assert refusal(statement(tmp_path, schema=SCHEMA + 1)) == (
        f"{str(tmp_path / 'study.json')!r} was written by another version of wane, or is of no "
        f"study: give a folder of this version, or read it with that one."
    )


def test_an_unfinished_study_is_refused(tmp_path: Path) -> None:
    assert refusal(statement(tmp_path, schema=SCHEMA)) == (
        f"The study in {str(tmp_path)!r} has not finished: call its run(...) once more in Python."
    )
