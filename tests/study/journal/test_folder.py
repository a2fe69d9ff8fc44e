"""What can go wrong with a study's folder is reported in a sentence, and costs no finished run."""

import contextlib
import dataclasses
import errno
import itertools
import json
import os
import sqlite3
import subprocess
import sys
import time
from collections.abc import Callable
from pathlib import Path
from typing import Any

import numpy as np
import pytest
from matplotlib.figure import Figure

import wane
from interruption_cases import rows, without_figures
from study_cases import study
from wane._errors import StorageError
from wane.study.compare import compare_methods
from wane.study.journal.folder import free_folder, holder, study_folder, unfinished_folder
from wane.study.journal.journal import Journal
from wane.study.journal.names import SCHEMA
from wane.study.journal.schema import SCHEMA_VERSION
from wane.study.spec.methods import methods_of

STATEMENT: dict[str, Any] = {
    "schema": SCHEMA,
    "fingerprints": {"program": "a"},
    "epochs": 3,
    "repeats": 2,
    "recipe": {"source": "x"},
    "versions": {},
}


@pytest.fixture(scope="module")
def finished(tmp_path_factory: pytest.TempPathFactory) -> Path:
    """The folder of a study that has ended."""
    folder = tmp_path_factory.mktemp("finished") / "study"
    with pytest.MonkeyPatch.context() as patch:
        without_figures(patch)
        study().run(folder, progress=False)
    return folder


@pytest.fixture
def begun(finished: Path, tmp_path: Path) -> Path:
    """A copy of it that has not ended, with every run in its journal."""
    folder = tmp_path / "study"
    folder.mkdir()
    for name in ("study.json", "study.db"):
        (folder / name).write_bytes((finished / name).read_bytes())
    return folder


def refusal(folder: Path) -> str:
    """Why the study is not resumed; nothing there may change."""
    before = {p: p.lstat().st_mtime_ns for p in folder.rglob("*")}
    with pytest.raises(wane.InputError) as caught:
        study().run(folder, progress=False)
    assert {p: p.lstat().st_mtime_ns for p in folder.rglob("*")} == before
    return str(caught.value)


HOLD = """
import sys
from wane.study.journal.folder import study_folder
with study_folder(sys.argv[1], {"fingerprints": {}, "versions": {}}):
    print("held", flush=True)
    sys.stdin.read()
"""


@pytest.mark.thorough
def test_a_second_process_reads_who_holds_the_folder(tmp_path: Path) -> None:
    folder = tmp_path / "study"
    with subprocess.Popen(
        [sys.executable, "-c", HOLD, folder],
        stdin=subprocess.PIPE, stdout=subprocess.PIPE, text=True,
    ) as other:  # fmt: skip
        assert other.stdout is not None and other.stdout.readline() == "held\n"
        assert holder(folder) == other.pid
        with pytest.raises(wane.InputError) as caught, study_folder(folder, STATEMENT):
            pass
        assert str(caught.value) == (
            f"{str(folder)!r} is in use by the process {other.pid}; nothing was written: wait "
            f"until it has ended, or give a new folder."
        )
        other.kill()
        other.wait()
    assert (folder / "study.lock").exists()  # it had no time to take it away
    assert holder(folder) is None
    (folder / "study.json").unlink()
    with study_folder(folder, STATEMENT):
        assert holder(folder) == os.getpid()
    assert [path.name for path in folder.iterdir()] == ["study.json"]


DAMAGES: dict[str, tuple[Callable[[bytes], bytes], str]] = {
    "no database": (lambda whole: b"mine" + whole[4:], "file is not a database"),
    "cut off": (lambda whole: whole[: len(whole) // 2 // 4096 * 4096], ""),
    "a page of zeros": (lambda whole: whole[:4096] + bytes(4096) + whole[8192:], ""),
}


@pytest.mark.parametrize("name", DAMAGES)
def test_a_damaged_journal(name: str, begun: Path) -> None:
    damage, reason = DAMAGES[name]
    (begun / "study.db").write_bytes(damage((begun / "study.db").read_bytes()))
    sentence = refusal(begun)
    assert sentence.startswith(f"{str(begun / 'study.db')!r} is damaged ({reason}")
    assert sentence.endswith("); nothing was touched: restore it, or give a new folder.")


CHANGES = {
    "CREATE VIEW other AS SELECT 1": "is damaged (its tables are not those of a study)",
    "CREATE TRIGGER t AFTER INSERT ON run BEGIN DELETE FROM run; END": (
        "is damaged (its tables are not those of a study)"
    ),
    "PRAGMA user_version=999": (
        f"is a journal of version 999, and this wane writes version {SCHEMA_VERSION}"
    ),
}


@pytest.mark.parametrize("change", CHANGES)
def test_a_journal_of_another_version_or_with_something_of_its_own(
    change: str, begun: Path
) -> None:
    with contextlib.closing(sqlite3.connect(begun / "study.db")) as writer:
        writer.execute(change)
    assert refusal(begun).startswith(f"{str(begun / 'study.db')!r} {CHANGES[change]}; nothing was")


def change_statement(folder: Path, **changes: Any) -> None:
    path = folder / "study.json"
    path.write_text(json.dumps({**json.loads(path.read_text()), **changes}))


def test_a_study_begun_with_other_versions(begun: Path) -> None:
    there = json.loads((begun / "study.json").read_text())["versions"]
    change_statement(begun, versions={**there, "jax": "0.1", "python": "3.99"})
    assert refusal(begun) == (
        f"{str(begun)!r} was begun with jax 0.1, and this is jax {there['jax']}, whose runs could "
        f"not be compared with those that have finished; nothing was written: resume it there, or "
        f"give a new folder."
    )


STATEMENTS = {
    "[]": "it holds no JSON object",
    "{": "Expecting property name enclosed in double quotes: line 1 column 2 (char 1)",
    "[" * 100_000: "maximum recursion depth exceeded while decoding a JSON array from a unicode "
    "string",
}


@pytest.mark.parametrize("text", STATEMENTS, ids=["list", "cut off", "deep"])
def test_a_statement_that_cannot_be_read(text: str, begun: Path) -> None:
    (begun / "study.json").write_text(text)
    assert refusal(begun) == (
        f"{str(begun / 'study.json')!r} cannot be read ({STATEMENTS[text]}); nothing was touched: "
        f"restore it, or give another folder."
    )


@pytest.mark.parametrize("change", [{"fingerprints": None}, {"schema": None}, {"schema": 1}])
def test_a_statement_of_an_older_version(change: dict[str, Any], begun: Path) -> None:
    change_statement(begun, **change)
    assert refusal(begun) == (
        f"{str(begun / 'study.json')!r} was written by another version of wane; nothing was "
        f"touched: give a new folder, or resume it with that version."
    )


@pytest.mark.parametrize("name", ["runs.parquet", "study.json.partial", "figures/strengths.png"])
def test_a_link_in_the_folder_leads_nothing_astray(name: str, begun: Path) -> None:
    victim = begun.parent / "victim"
    victim.write_text("mine")
    (begun / "figures").mkdir()
    (begun / name).symlink_to(victim)
    assert refusal(begun) == (
        f"{str(begun / name)!r} is a link, and what is written there would be written elsewhere; "
        f"nothing was written: give a new folder, or remove the link."
    )
    assert victim.read_text() == "mine"


def test_a_full_disk_keeps_what_has_finished(
    tmp_path: Path, monkeypatch: pytest.MonkeyPatch
) -> None:
    without_figures(monkeypatch)
    folder = tmp_path / "study"

    def filled(self: Journal, trained: Any, add: Any = Journal.add) -> None:
        if len(self.finished()) == 2:
            assert self._writer is not None
            self._writer.execute("PRAGMA max_page_count=1")  # no more than there are
            trained = dataclasses.replace(trained, weights=[np.zeros(1_000_000, np.uint8)])
        add(self, trained)

    with monkeypatch.context() as patch:
        patch.setattr(Journal, "add", filled)
        with pytest.raises(StorageError) as caught:
            study(repeats=3).run(folder, progress=False)
    assert str(caught.value) == (
        f"{str(folder / 'study.db')!r} cannot be written (database or disk is full): 2 of 6 runs "
        f"had finished; they are kept in {str(folder / 'study.db')!r}; to resume them, run the "
        f"same study with the same folder."
    )
    result = study(repeats=3).run(folder, progress=False)
    assert len(result.runs) == 6
    assert rows(folder, "PRAGMA integrity_check") == [("ok",)]


def test_files_that_cannot_be_written(tmp_path: Path, monkeypatch: pytest.MonkeyPatch) -> None:
    def full(*_: Any, **__: Any) -> None:
        raise OSError(28, "No space left on device")

    without_figures(monkeypatch)
    folder = tmp_path / "study"
    with monkeypatch.context() as patch:
        patch.setattr("wane.study.results.files.write_curves", full)
        with pytest.raises(StorageError) as caught:
            study().run(folder, progress=False)
    assert str(caught.value) == (
        f"{str(folder)!r} cannot be written (No space left on device): 4 of 4 runs had finished; "
        f"they are kept in {str(folder / 'study.db')!r}; to resume them, run the same study with "
        f"the same folder."
    )
    study().run(folder, progress=False)
    assert (folder / "summary.json").exists()


@pytest.mark.parametrize("number", [errno.ENOLCK, errno.ENOSYS, errno.EOPNOTSUPP])
def test_a_file_system_without_locks(
    number: int, tmp_path: Path, monkeypatch: pytest.MonkeyPatch
) -> None:
    def no_locks(*_: Any, **__: Any) -> None:
        raise OSError(number, os.strerror(number))

    monkeypatch.setattr("fcntl.flock", no_locks)
    with pytest.raises(wane.InputError) as caught, study_folder(tmp_path / "study", STATEMENT):
        pass
    assert str(caught.value) == (
        f"The file system of {str(tmp_path / 'study')!r} has no locks ({os.strerror(number)}), "
        f"which keep two processes from one study: give a folder on a disk of this machine."
    )


def test_a_free_folder_is_one_that_was_not_there(
    tmp_path: Path, monkeypatch: pytest.MonkeyPatch
) -> None:
    monkeypatch.chdir(tmp_path)
    assert [free_folder("moons-study").name for _ in range(2)] == ["moons-study", "moons-study-2"]


def test_the_folder_to_resume_is_the_first_unfinished_one(
    tmp_path: Path, monkeypatch: pytest.MonkeyPatch
) -> None:
    monkeypatch.chdir(tmp_path)
    recipe = STATEMENT["recipe"]
    assert unfinished_folder("s", recipe) is None
    for _ in range(3):
        with study_folder(free_folder("s"), STATEMENT):
            assert unfinished_folder("s", recipe) is None or Path("s-2").exists()
    (tmp_path / "s" / "summary.json").write_text("{}")
    assert unfinished_folder("s", recipe) == Path("s-2")
    with study_folder(Path("s-2"), STATEMENT):
        assert unfinished_folder("s", recipe) == Path("s-3")
    assert unfinished_folder("s", {"source": "other"}) is None


@pytest.mark.thorough
def test_a_comparison_is_written_whole_or_is_unfinished(
    tmp_path: Path, monkeypatch: pytest.MonkeyPatch
) -> None:
    """Its tables are in the summary, the last file, and nobody else gets the folder meanwhile."""
    monkeypatch.chdir(tmp_path)
    pictures = {"methods": Figure()}
    monkeypatch.setattr("wane.study.drawing.figures.study_figures", lambda *_: pictures)
    recipe = {"command": "compare", "source": "x"}
    held = []

    def compare() -> Any:
        spec = study(test=None).spec
        methods = methods_of(spec, ["l2", "l1"], settings=2)
        return compare_methods(spec, methods, "c", progress=False, recipe=recipe)

    def page(*_: Any) -> str:
        held.append((holder(Path("c")), Path("c/figures/methods.png").exists()))
        raise KeyboardInterrupt

    with monkeypatch.context() as patch:
        patch.setattr("wane.study.results.files.page", page)
        with pytest.raises(wane.Interrupted):
            compare()
    assert held == [(os.getpid(), True)]
    assert unfinished_folder("c", recipe) == Path("c")
    found = compare()
    assert "compare" in json.loads(Path("c/summary.json").read_text(encoding="utf-8"))
    assert unfinished_folder("c", recipe) is None
    assert compare().document == found.document


def test_a_folder_that_cannot_be_written(tmp_path: Path, monkeypatch: pytest.MonkeyPatch) -> None:
    """The tests may be run by root, whom no permissions stop."""
    folder = tmp_path / "study"
    folder.mkdir()
    whole = os.open

    def read_only(path: Any, flags: int, *more: Any, **options: Any) -> int:
        if str(path).startswith(str(folder)) and flags & (os.O_WRONLY | os.O_RDWR):
            raise OSError(errno.EROFS, os.strerror(errno.EROFS), str(path))
        return whole(path, flags, *more, **options)

    with monkeypatch.context() as patch:
        patch.setattr(os, "open", read_only)
        with pytest.raises(wane.InputError) as caught:
            study().run(folder, progress=False)
    assert str(caught.value) == (
        f"The folder {str(folder)!r} cannot be written (Read-only file system): give another one."
    )
    assert not list(folder.iterdir())


def test_a_folder_that_becomes_read_only_keeps_what_has_finished(
    tmp_path: Path, monkeypatch: pytest.MonkeyPatch
) -> None:
    without_figures(monkeypatch)
    folder = tmp_path / "study"

    def add(self: Journal, trained: Any, whole: Any = Journal.add) -> None:
        if len(self.finished()) == 3:
            assert self._writer is not None
            self._writer.execute("PRAGMA query_only=1")  # what SQLite says of such a disk
        whole(self, trained)

    with monkeypatch.context() as patch:
        patch.setattr(Journal, "add", add)
        with pytest.raises(StorageError) as caught:
            study(repeats=3).run(folder, progress=False)
    assert str(caught.value) == (
        f"{str(folder / 'study.db')!r} cannot be written (attempt to write a readonly database): 3 "
        f"of 6 runs had finished; they are kept in {str(folder / 'study.db')!r}; to resume them, "
        f"run the same study with the same folder."
    )
    assert rows(folder, "SELECT count(*) FROM run") == [(3,)]
    assert len(study(repeats=3).run(folder, progress=False).runs) == 6


def test_a_journal_that_cannot_be_opened_leaves_no_temporary_folder(
    tmp_path: Path, monkeypatch: pytest.MonkeyPatch
) -> None:
    monkeypatch.setattr("tempfile.tempdir", str(tmp_path))
    monkeypatch.setattr("wane.study.running.session.JOURNAL", "no/such/folder/study.db")
    with pytest.raises(StorageError, match=r"cannot be written \(unable to open database file\)"):
        study().run(progress=False)
    assert not list(tmp_path.iterdir())


@pytest.fixture(scope="module")
def undisturbed() -> wane.Result:
    """The study of the clocks that jump, with one that does not."""
    return study(epochs=40).run(progress=False)


@pytest.mark.parametrize("jump", [-1e9, 1e9])
def test_a_clock_that_jumps_changes_nothing(
    jump: float, undisturbed: wane.Result, tmp_path: Path, monkeypatch: pytest.MonkeyPatch
) -> None:
    without_figures(monkeypatch)
    expected = undisturbed
    now, calls = time.time(), itertools.count()

    def jumping() -> float:
        return now + (jump if next(calls) % 2 else 0.0)

    monkeypatch.setattr(time, "time", jumping)
    monkeypatch.setattr(time, "time_ns", lambda: int(1e9 * jumping()))
    found = study(epochs=40).run(tmp_path / "jumped", progress=True)
    assert found.runs.equals(expected.runs)
    assert found.verdict.text == expected.verdict.text
    assert all(seconds >= 0 for seconds in found.document["seconds"].values())
    assert found.document["seconds"]["total"] < 600
