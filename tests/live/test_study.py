"""What is known of a study by its folder, while it is written."""

import contextlib
import json
import os
import shutil
import subprocess
import sys
import time
from collections.abc import Iterator
from pathlib import Path
from typing import Any

import numpy as np
import pytest

from live_cases import CURVES, STATEMENT, Writer, files, l2
from wane.live import holding
from wane.live.index import WatchedFolder
from wane.live.study import WatchedStudy


def test_the_document_grows_with_the_journal_and_has_its_numbers(tmp_path: Path) -> None:
    writer = Writer(tmp_path / "s")
    study = WatchedStudy(tmp_path / "s")
    assert study.refresh() and study.document["state"] == "waiting"
    assert not study.refresh()  # nothing has changed
    writer.add(0, 0, (0.1, 1.0, 0.4, 0.8))
    writer.add(1, 0, (0.2, 0.9, 0.3, 0.85))
    assert study.refresh()
    known = study.document
    assert (known["state"], known["done"], known["total"]) == ("training", 2, 9)
    assert known["best"] == 1 and known["select_by"] == "data_loss"
    assert [one["name"] for one in known["columns"]] == ["accuracy", "data_loss"]
    writer.add(0, 1, (0.3, 0.8, 0.6, 0.7))
    assert study.refresh()
    baseline, penalized, last = study.document["candidates"]
    assert (baseline["runs"], baseline["of"], last["runs"]) == (2, 3, 0)
    mean, deviation = baseline["values"]["validation_data_loss"]
    assert mean == pytest.approx(0.5) and deviation == pytest.approx(np.std([0.4, 0.6], ddof=1))
    assert baseline["words"]["validation_data_loss"] == "0.500 ± 0.141"
    assert penalized["values"]["train_accuracy"] == [0.9, None]
    assert (penalized["series"], penalized["strength"]) == ("L2 (all)", 0.001)
    assert last["values"]["train_accuracy"] is None and last["words"]["train_accuracy"] == "–"
    json.dumps(study.document, allow_nan=False)
    writer.end()


def test_a_diverged_run_is_counted_and_has_no_numbers(tmp_path: Path) -> None:
    writer = Writer(tmp_path / "s")
    writer.add(0, 0, (None,) * 4, np.full((2, 4), np.nan), diverged=2)
    writer.add(0, 1, (0.1, 1.0, 0.4, 0.8))
    study = WatchedStudy(tmp_path / "s")
    study.refresh()
    baseline = study.document["candidates"][0]
    assert (baseline["runs"], baseline["diverged"]) == (2, 1)
    assert baseline["values"]["validation_data_loss"] == [0.4, None]
    writer.end()


def test_the_best_follows_what_is_chosen_by_and_needs_as_many_runs(tmp_path: Path) -> None:
    shown = {**STATEMENT["shown"], "select_by": "accuracy", "direction": "up"}
    writer = Writer(tmp_path / "s", shown=shown, ineligible=["L2(0.1)"])
    study = WatchedStudy(tmp_path / "s")
    for repeat in range(3):
        writer.add(0, repeat, (0.1, 1.0, 0.3, 0.7))
        writer.add(2, repeat, (0.1, 1.0, 0.3, 0.99))  # which nothing may choose
    writer.add(1, 0, (0.1, 1.0, 0.4, 0.9))  # one run beside three
    study.refresh()
    assert study.document["best"] == 0 and study.document["select_by"] == "accuracy"
    writer.add(1, 1, (0.1, 1.0, 0.4, 0.9))
    study.refresh()
    assert study.document["best"] == 1
    writer.end()


def test_candidates_that_came_later_belong_to_it(tmp_path: Path) -> None:
    writer = Writer(tmp_path / "s")
    writer.add(0, 0, (0.1, 1.0, 0.4, 0.8))
    study = WatchedStudy(tmp_path / "s")
    study.refresh()
    writer.add_candidates(l2(1.0), [{"early_stopping": 20}])
    writer.add(4, 0, (0.1, 1.0, 0.1, 0.8))
    study.refresh()
    known = study.document
    assert [one["name"] for one in known["candidates"][3:]] == ["L2(1)", "EarlyStopping(20)"]
    assert (known["done"], known["total"]) == (2, 15)
    assert known["candidates"][4]["series"] == ""
    # Validation rows chose when it stops, and there are no test rows to judge it.
    assert known["best"] == 0
    writer.end()


def test_curves_are_means_over_the_runs_that_reached_an_epoch(tmp_path: Path) -> None:
    writer = Writer(tmp_path / "s")
    long = np.arange(16.0).reshape(4, 4)
    writer.add(1, 0, (0.1, 1.0, 0.4, 0.8), long)
    writer.add(1, 1, (0.1, 1.0, 0.4, 0.8), long[:2] + 2)
    # A run under way has the norms of its weights beside the columns.
    writer.keep(1, 2, np.full((3, 7), 5.0))
    study = WatchedStudy(tmp_path / "s")
    study.refresh()
    curves = study.curves(1)
    assert curves is not None and curves["epochs"] == [1, 2, 3, 4] and curves["runs"] == 2
    at = CURVES.index("validation_data_loss")
    assert curves["mean"]["validation_data_loss"] == [3.0, 7.0, long[2, at], long[3, at]]
    assert curves["deviation"]["validation_data_loss"] == [1.4142, 1.4142, 0.0, 0.0]
    (run,) = curves["under_way"]
    assert (run["repeat"], run["epoch"]) == (3, 3)
    assert run["validation_accuracy"] == [5.0, 5.0, 5.0, None]
    assert study.document["candidates"][1]["kept"] == [3]
    empty = study.curves(2)
    assert empty is not None and empty["mean"]["train_accuracy"] == [None] * 4
    assert study.curves(3) is None and study.curves(-1) is None
    writer.end()


def test_a_large_study_has_a_small_document_and_short_curves(tmp_path: Path) -> None:
    names = {f"L2({k})": l2(k) for k in range(1, 10)}
    writer = Writer(tmp_path / "s", epochs=4000, candidates={"baseline": [], **names}, repeats=20)
    curves = np.random.default_rng(0).random((4000, 4))
    for repeat in range(20):
        for candidate in range(10):
            writer.add(candidate, repeat, (0.1, 1.0, 0.4, 0.8), curves)
    study = WatchedStudy(tmp_path / "s")
    study.refresh()
    assert len(json.dumps(study.document)) < 10_000
    found = study.curves(0)
    assert found is not None and len(json.dumps(found)) < 20_000
    assert found["epochs"][0] == 1 and found["epochs"][-1] == 4000
    column = [float(f"{curves[e - 1, 2]:.5g}") for e in found["epochs"]]
    assert found["mean"]["validation_data_loss"] == pytest.approx(column, rel=1e-4)
    writer.end()


def test_a_writer_never_waits_and_folds_its_log_at_the_end(tmp_path: Path) -> None:
    folder = tmp_path / "s"
    writer = Writer(folder)
    study = WatchedStudy(folder)
    for repeat in range(200):
        # Its connection does not wait: it fails where somebody else has the database.
        writer.database.execute("BEGIN IMMEDIATE")
        study.refresh()
        writer.add(0, repeat, (0.1, 1.0, 0.4, 0.8))
        study.refresh()
        writer.database.execute("COMMIT")
    assert study.refresh() and study.document["done"] == 200
    writer.database.execute("PRAGMA wal_checkpoint(TRUNCATE)")
    # What the reader has opened it has closed: the log can be folded into the database.
    writer.end()
    assert set(files(folder)) == {"study.json", "study.db"}


KILLED = """
import os, signal, sys
from pathlib import Path
from live_cases import Writer

writer = Writer(Path(sys.argv[1]))
writer.add(0, 0, (0.1, 1.0, 0.4, 0.8))
print("written", flush=True)
sys.stdin.read()
"""


@contextlib.contextmanager
def begun_elsewhere(folder: Path) -> "Iterator[subprocess.Popen[str]]":
    """A process that has written a study's first run and goes on until it is killed."""
    with subprocess.Popen(
        [sys.executable, "-c", KILLED, folder],
        stdin=subprocess.PIPE,
        stdout=subprocess.PIPE,
        cwd=Path(__file__).parent,
        text=True,
    ) as process:
        assert process.stdout is not None and process.stdout.readline() == "written\n"
        try:
            yield process
        finally:
            process.kill()
            process.wait()


def test_a_folder_stays_as_it_was_while_a_study_runs_and_when_it_is_killed(tmp_path: Path) -> None:
    folder = tmp_path / "s"
    with begun_elsewhere(folder):
        before = files(folder)
        study = WatchedStudy(folder)
        study.refresh()
        assert study.document["state"] == "training" and study.held
        assert study.document["done"] == 1 and files(folder) == before
    assert files(folder) == before
    assert {"study.db-wal", "study.db-shm", "study.lock"} < set(before)
    for watched in (study, WatchedStudy(folder)):  # one that saw it, and one that did not
        assert watched.refresh()
        known = watched.document
        assert (known["state"], known["done"], watched.held) == ("interrupted", 1, False)
        assert known["candidates"][0]["values"]["validation_data_loss"] == [0.4, None]
    assert files(folder) == before
    # The lock of a process that is gone, in a journal that somebody elsewhere goes on writing.
    resumed = Writer(folder)
    resumed.lock.write_text("999999999\n", encoding="utf-8")
    resumed.add(1, 0, (0.1, 1.0, 0.4, 0.8))
    assert study.refresh() and study.document["state"] == "training"
    resumed.end()


def test_a_study_without_a_lock_runs_while_its_journal_changes(
    tmp_path: Path, monkeypatch: pytest.MonkeyPatch
) -> None:
    writer = Writer(tmp_path / "s")
    writer.add(0, 0, (0.1, 1.0, 0.4, 0.8))
    writer.lock.unlink()  # as of a study in Python without a folder
    earlier = time.time() - 5  # some file systems count in steps of several milliseconds
    for path in (tmp_path / "s").iterdir():
        os.utime(path, (earlier, earlier))
    study = WatchedStudy(tmp_path / "s")
    study.refresh()
    assert study.document["state"] == "interrupted"
    writer.add(0, 1, (0.1, 1.0, 0.4, 0.8))
    for path in (tmp_path / "s").glob("study.db*"):
        os.utime(path)
    study.refresh()
    assert study.document["state"] == "training"
    monkeypatch.setattr(holding, "RECENT", 0.0)
    assert study.refresh() and study.document["state"] == "interrupted"
    writer.lock.touch()
    writer.end()


def test_a_finished_study_says_what_it_came_to(tmp_path: Path) -> None:
    folder = tmp_path / "s"
    writer = Writer(folder)
    for candidate in range(3):
        for repeat in range(3):
            writer.add(candidate, repeat, (0.1, 1.0, 0.4 + candidate, 0.8))
    study = WatchedStudy(folder)
    study.refresh()
    assert study.document["state"] == "evaluating" and study.report() is None
    (folder / "report.html").write_text("<p>the report", encoding="utf-8")
    # What is chosen may be another one than the mean alone says.
    writer.end({"verdict": {"answer": "It helps\x1b."}, "chosen": "L2(0.1)"})
    study.refresh()
    known = study.document
    assert (known["state"], known["best"], known["answer"]) == ("finished", 2, "It helps\ufffd.")
    assert known["report"] and study.report() == b"<p>the report"
    assert known["pace"] is None and known["left"] is None
    (folder / "report.html").unlink()
    study.refresh()
    assert not study.document["report"] and study.report() is None


def test_the_pace_and_the_time_left(tmp_path: Path, monkeypatch: pytest.MonkeyPatch) -> None:
    times = {"now": 100.0}
    monkeypatch.setattr("wane.live.pace.time.monotonic", lambda: times["now"])
    writer = Writer(tmp_path / "s")
    study = WatchedStudy(tmp_path / "s")
    study.refresh()
    writer.add(0, 0, (0.1, 1.0, 0.4, 0.8))
    study.refresh()
    times["now"] = 110.0
    for candidate in (1, 2):
        writer.add(candidate, 0, (0.1, 1.0, 0.4, 0.8))
    writer.keep(0, 1, np.zeros((2, 4)))  # half of its epochs
    study.refresh()
    # 2.5 runs in ten seconds leave 5.5 in 22.
    assert study.document["pace"] == pytest.approx(0.25)
    assert study.document["left"] == pytest.approx(22)
    writer.end()


def test_a_path_has_its_strengths_and_new_starts(tmp_path: Path) -> None:
    writer = Writer(tmp_path / "s", path={"descending": False, "equal_epochs": False}, repeats=1)
    study = WatchedStudy(tmp_path / "s")
    # As study/running/path.py numbers them: (2 · stage + warm) · strengths + strength.
    writer.add(3, 0, (0.1, 1.0, 0.4, 0.8))  # the path's first stage, without penalty
    writer.add(2, 0, (0.1, 1.0, 0.9, 0.8))  # a new start at the strongest
    writer.add(10, 0, (0.1, 1.0, 0.2, 0.8))  # the path's second stage
    study.refresh()
    known = study.document
    assert (known["done"], known["total"]) == (3, 5)
    assert {one["name"]: one["runs"] for one in known["candidates"] if one["of"]} == {
        "path, baseline": 1,
        "path, L2(0.001)": 1,
        "path, L2(0.1)": 0,
        "new start, L2(0.001)": 0,
        "new start, L2(0.1)": 1,
    }
    assert known["best"] == 1
    writer.end()


def test_a_folder_without_a_study_waits_and_another_version_is_said(tmp_path: Path) -> None:
    study = WatchedStudy(tmp_path)
    assert not study.refresh()
    assert study.document["state"] == "waiting" and study.curves(0) is None
    (tmp_path / "study.json").write_text('{"schema": 1}', encoding="utf-8")
    assert study.refresh()
    assert study.document["state"] == "unreadable"
    assert "was written by another version of wane" in study.document["error"]
    (tmp_path / "study.json").write_text('{"schema": 2, "name": 1}', encoding="utf-8")
    assert study.refresh() and "no study of this version" in study.document["error"]
    Writer(tmp_path).end()
    assert study.refresh() and study.document["total"] == 9


def test_a_journal_that_cannot_be_read_keeps_what_was_read(tmp_path: Path) -> None:
    writer = Writer(tmp_path / "s")
    writer.add(0, 0, (0.1, 1.0, 0.4, 0.8))
    study = WatchedStudy(tmp_path / "s")
    study.refresh()
    known = study.document
    writer.add(0, 1, (0.1, 1.0, 0.4, 0.8), np.zeros((1, 3)))  # no whole row of the columns
    assert not study.refresh() and study.document == known
    writer.end()


ODD: dict[str, tuple[dict[str, Any], str]] = {
    "endless epochs": ({"epochs": float("inf")}, "[]"),
    "no epochs": ({"epochs": 0}, "{}"),
    "a list of numbers": ({}, "[1, 2]"),
    "no names": ({"candidates": []}, "{}"),
    "ranks for rows": ({"rows": [1]}, "{}"),
}


@pytest.mark.parametrize("odd", ODD)
def test_a_folder_that_holds_what_no_study_has_is_unreadable_and_others_are_shown(
    tmp_path: Path, odd: str
) -> None:
    changes, numbers = ODD[odd]
    for name in ("a", "odd"):
        writer = Writer(tmp_path / name, **(changes if name == "odd" else {}))
        writer.keep(0, 1, np.zeros((2, 4)))
        writer.add(0, 0, (0.1, 1.0, 0.4, 0.8))
        writer.add_candidates([{"early_stopping": 20}])
        if name == "odd":
            writer.database.execute("UPDATE run SET numbers = ?", (numbers,))
        writer.end()
    study = WatchedStudy(tmp_path / "odd")
    for _ in range(2):  # what has failed once is no run the next time
        study.refresh()
        assert study.document["state"] == "unreadable" and study.document["error"]
    folder = WatchedFolder(tmp_path)
    folder.refresh()
    states = {row["folder"]: row["state"] for row in folder.document["studies"]}
    assert states == {"a": "interrupted", "odd": "unreadable"}
    json.dumps(folder.document, allow_nan=False)


def test_a_journal_that_can_never_be_read_is_said(tmp_path: Path) -> None:
    with begun_elsewhere(tmp_path / "killed"):
        pass
    lacks = shutil.ignore_patterns("*-shm")
    shutil.copytree(tmp_path / "killed", tmp_path / "copied", ignore=lacks)
    Writer(tmp_path / "damaged").end()
    (tmp_path / "damaged" / "study.db").write_bytes(b"no database" * 1000)
    for name, why in (("copied", "unable to open"), ("damaged", "not a database")):
        study = WatchedStudy(tmp_path / name)
        study.refresh()
        assert study.document["state"] == "unreadable"
        assert study.document["error"].startswith("Its journal cannot be read (")
        assert why in study.document["error"] and not study.refresh()
    # Whoever resumes the copy makes what it lacks.
    Writer(tmp_path / "copied").end()
    study = WatchedStudy(tmp_path / "copied")
    study.refresh()
    assert (study.document["state"], study.document["done"]) == ("interrupted", 1)


def test_a_journal_of_another_version_is_said_and_one_without_tables_waits(tmp_path: Path) -> None:
    writer = Writer(tmp_path / "s")
    writer.database.execute("PRAGMA user_version=1")
    writer.end()
    study = WatchedStudy(tmp_path / "s")
    study.refresh()
    assert study.document["state"] == "unreadable"
    assert "is a journal of version 1, and this wane reads version" in study.document["error"]
    (tmp_path / "s" / "study.db").write_bytes(b"")  # killed before it made them
    os.utime(tmp_path / "s" / "study.db", (0, 0))
    study.refresh()
    assert (study.document["state"], study.document["done"]) == ("interrupted", 0)


def test_a_study_that_is_removed_is_known_no_more(tmp_path: Path) -> None:
    writer = Writer(tmp_path / "s")
    writer.add(0, 0, (0.1, 1.0, 0.4, 0.8))
    writer.end()
    study = WatchedStudy(tmp_path / "s")
    study.refresh()
    assert study.document["state"] == "interrupted" and study.curves(0) is not None
    shutil.rmtree(tmp_path / "s")
    assert study.refresh() and study.document["state"] == "waiting" and study.curves(0) is None


@pytest.mark.parametrize("resumed", [False, True])
def test_the_pace_of_a_study_is_that_of_its_own_process(tmp_path: Path, resumed: bool) -> None:
    writer = Writer(tmp_path / "s")
    for repeat in range(3):
        writer.add(0, repeat, (0.1, 1.0, 0.4, 0.8))
    began = time.time() - 10
    for name, when in (("study.lock", began), ("study.json", began - 3600 * resumed)):
        os.utime(tmp_path / "s" / name, (when, when))
    study = WatchedStudy(tmp_path / "s")
    study._holding.found = lambda: (True, began)  # type: ignore[method-assign] # a fixed time
    study.refresh()
    if resumed:  # its runs are those of a process that was killed
        assert study.document["pace"] is None and study.document["left"] is None
    else:
        assert study.document["pace"] == pytest.approx(0.3, rel=0.1)
    writer.end()


@pytest.mark.skipif(shutil.which("sleep") is None, reason="there is no other program")
def test_a_lock_with_the_number_of_another_program_holds_nothing(tmp_path: Path) -> None:
    writer = Writer(tmp_path / "s")
    writer.add(0, 0, (0.1, 1.0, 0.4, 0.8))
    with subprocess.Popen(["sleep", "600"]) as other:
        try:
            writer.lock.write_text(f"{other.pid}\n", encoding="utf-8")
            study = WatchedStudy(tmp_path / "s")
            study.refresh()
            assert (study.document["state"], study.held) == ("interrupted", False)
        finally:
            other.kill()
    writer.end()


def test_groups_of_test_rows_decide_what_stopped_by_judges(tmp_path: Path) -> None:
    rows = {"development": 20, "validation": 8, "test": 10_000}
    best = {}
    for units in (2, 10_000):
        shown = {**STATEMENT["shown"], "test_units": units}
        writer = Writer(tmp_path / str(units), shown=shown, rows=rows)
        writer.add(0, 0, (0.1, 1.0, 0.4, 0.8))
        writer.add_candidates([{"early_stopping": 20}])
        writer.add(3, 0, (0.1, 1.0, 0.1, 0.8))
        study = WatchedStudy(tmp_path / str(units))
        study.refresh()
        best[units] = study.document["best"]
        writer.end()
    assert best == {2: 0, 10_000: 3}
