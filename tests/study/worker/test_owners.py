"""Temporary folders go with their process, or with the next one where that was killed."""

import json
import os
import subprocess
import sys
from pathlib import Path
from typing import Any

import psutil
import pytest

from wane.study.worker import owners

DEAD: dict[str, dict[str, Any]] = {"later": {"began": -1.0}, "gone": {"pid": 2**22 + 1}}
UNKNOWN: dict[str, dict[str, Any]] = {
    "other machine": {"among": ["other", None, None], "pid": 2**22 + 1},
    "no number": {"pid": "one"},
}


def owned(folder: Path, **changed: Any) -> Path:
    """A folder of this process, but for what is changed."""
    folder.mkdir(parents=True)
    owners.own(folder)
    file = folder / owners.OWNER
    file.write_text(json.dumps({**json.loads(file.read_text("utf-8")), **changed}), "utf-8")
    return folder


@pytest.mark.parametrize("case", DEAD)
def test_the_folder_of_a_process_that_has_ended_is_taken_away(
    case: str, monkeypatch: pytest.MonkeyPatch, tmp_path: Path
) -> None:
    folder = owned(tmp_path / f"{owners.PREFIX}a", **DEAD[case])
    other = owned(tmp_path / "other", **DEAD[case])  # not called as wane calls its own
    monkeypatch.setattr("tempfile.tempdir", str(tmp_path))
    owners.sweep()
    assert not folder.exists() and other.exists()


def test_folders_stay_that_may_be_in_use(monkeypatch: pytest.MonkeyPatch, tmp_path: Path) -> None:
    folders = [owned(tmp_path / f"{owners.PREFIX}own")]
    for name, changed in UNKNOWN.items():
        folders.append(owned(tmp_path / f"{owners.PREFIX}{name}", **changed))
    for name, text in (("list", "[1]"), ("cut", '{"pid')):
        folders.append(owned(tmp_path / f"{owners.PREFIX}{name}"))
        (folders[-1] / owners.OWNER).write_text(text, encoding="utf-8")
    folders.append(tmp_path / f"{owners.PREFIX}begun")
    folders[-1].mkdir()
    monkeypatch.setattr("tempfile.tempdir", str(tmp_path))
    owners.sweep()
    assert [folder for folder in folders if not folder.exists()] == []


@pytest.mark.parametrize("owner_is_there", [True, False])
def test_the_folder_around_goes_with_its_owner(
    owner_is_there: bool, monkeypatch: pytest.MonkeyPatch, tmp_path: Path
) -> None:
    monkeypatch.setattr(owners, "_SOON", 0.1)
    folder = owned(tmp_path / "study", **({} if owner_is_there else DEAD["later"]))
    (folder / "place").mkdir()
    owners.leave(folder / "place")
    assert not (folder / "place").exists() and folder.exists() == owner_is_there


def test_when_a_process_began_tells_it_from_a_later_one() -> None:
    waits = [sys.executable, "-c", "input()"]
    with subprocess.Popen(waits, stdin=subprocess.PIPE, stderr=subprocess.DEVNULL) as later:
        began = [owners._began(pid) for pid in (os.getpid(), os.getpid(), later.pid)]
        later.communicate()
    assert began[0] == began[1] < began[2]
    with pytest.raises(psutil.NoSuchProcess):
        owners._began(later.pid)
