"""JSON files of a study's folder, written while others read them."""

import json
from pathlib import Path

import pytest

from wane.study.journal import json_files
from wane.study.journal.json_files import write_json


def test_a_file_that_is_being_read_on_windows_is_replaced_a_moment_later(
    tmp_path: Path, monkeypatch: pytest.MonkeyPatch
) -> None:
    replace, refusals = Path.replace, [PermissionError(13, "in use")] * 3

    def refuses_thrice(path: Path, target: Path) -> Path:
        if refusals:
            raise refusals.pop()
        return replace(path, target)

    monkeypatch.setattr(Path, "replace", refuses_thrice)
    path = tmp_path / "s.json"
    monkeypatch.setattr(json_files, "READERS_HOLD", False)
    with pytest.raises(PermissionError):  # where nobody keeps a file by reading it
        write_json(path, {})
    monkeypatch.setattr(json_files, "READERS_HOLD", True)
    write_json(path, {"a": 1})
    assert json.loads(path.read_text(encoding="utf-8")) == {"a": 1} and refusals == []
