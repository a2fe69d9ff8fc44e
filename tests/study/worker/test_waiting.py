"""The process that checks a study waits for its training, alone, and leaves nothing."""

import gc
import os
import shutil
import time
from collections.abc import Callable, Iterator
from pathlib import Path
from typing import Any

import pandas as pd
import psutil
import pytest

import wane
from study_cases import data, network, study
from wane.study.worker import __main__ as worker
from wane.study.worker import elsewhere, process, waiting
from wane.study.worker.handed import Handed


@pytest.fixture
def started(monkeypatch: pytest.MonkeyPatch) -> Iterator[list[int]]:
    """Studies of this process are handed over, as by another backend; the numbers of processes."""
    pids: list[int] = []

    class Noted(process.WorkerProcess):
        def __init__(self, place: Path) -> None:
            super().__init__(place)
            pids.append(self.pid)

    monkeypatch.setattr(elsewhere, "WorkerProcess", Noted)
    for module in ("worker.elsewhere", "spec.candidates"):
        monkeypatch.setattr(f"wane.study.{module}.runs_on_jax", lambda: False)
    yield pids
    gc.collect()
    assert not any(map(psutil.pid_exists, pids))


def waits(pid: int) -> bool:
    return psutil.pid_exists(pid) and pid in waiting._waiting


def gone(path: Path) -> bool:
    """Whether a folder goes within a time."""
    until = time.monotonic() + 60
    while path.exists() and time.monotonic() < until:
        time.sleep(0.05)
    return not path.exists()


@pytest.mark.thorough
def test_the_process_that_checked_a_study_trains_it_as_it_was(started: list[int]) -> None:
    x, y = data()
    model = network()
    given: dict[str, Any] = {"initial_weights": "model", "candidates": [wane.L2(0.01)]}
    with pytest.MonkeyPatch.context() as here:
        for module in ("worker.elsewhere", "spec.candidates"):
            here.setattr(f"wane.study.{module}.runs_on_jax", lambda: True)
        expected = study(model=model, **given).run(progress=False).runs
    made = study(model=model, x=x, y=y, **given)
    (pid,) = started
    assert waits(pid)
    x += 100.0  # what is done later changes nothing, as on JAX
    model.set_weights([values + 1 for values in model.get_weights()])
    pd.testing.assert_frame_equal(made.run(progress=False).runs, expected)
    assert started == [pid] and not psutil.pid_exists(pid)
    pd.testing.assert_frame_equal(made.run(progress=False).runs, expected)  # by another one
    assert len(started) == 2


@pytest.mark.thorough
def test_another_study_ends_the_process_that_waits(started: list[int]) -> None:
    made = study()
    other = made.with_candidates([wane.L1(0.1)])
    assert [waits(pid) for pid in started] == [False, True]
    assert not psutil.pid_exists(started[0])
    with pytest.raises(wane.InputError, match="No trainable weight matches layers='hiden'"):
        other.with_candidates([wane.L2(0.1, layers="hiden")])
    assert len(started) == 3 and waits(started[1]) and not psutil.pid_exists(started[2])
    assert list(made.run(progress=False).spec.names) == ["baseline", "L2(0.01)"]
    assert len(started) == 4 and waits(started[1])  # it has not been in the way


@pytest.mark.thorough
def test_a_study_whose_process_was_killed_has_another_one(started: list[int]) -> None:
    made = study()
    assert made._elsewhere is not None and made._elsewhere.ready is not None
    ready = made._elsewhere.ready._process
    ready.kill()
    ready.wait()
    assert made.run(progress=False).chosen in made.spec.names
    assert len(started) == 2


@pytest.mark.thorough
def test_nothing_is_left_of_a_study(started: list[int]) -> None:
    made: Any = study()
    folder = made._elsewhere.handed.folder
    assert waits(started[0]) and [entry for entry in folder.iterdir() if entry.is_dir()]
    del made
    gc.collect()
    assert not psutil.pid_exists(started[0]) and not folder.exists()
    made = study()
    folder = made._elsewhere.handed.folder
    place = made._elsewhere.ready.place
    made._elsewhere.ready._process.stdin.close()  # as where a fork that had it has ended
    assert gone(place) and folder.is_dir()  # which this process has


@pytest.fixture
def idle(monkeypatch: pytest.MonkeyPatch, tmp_path: Path) -> Callable[[str], Any]:
    """Makes processes that wait, in place of those on JAX, each with a folder of a name."""
    (tmp_path / "idle.py").write_text("import sys\nsys.stdin.read()\n", encoding="utf-8")
    monkeypatch.syspath_prepend(tmp_path)
    monkeypatch.setattr(process, "MODULE", "idle")

    def made(name: str) -> process.WorkerProcess:
        (tmp_path / "places" / name).mkdir(parents=True)
        return process.WorkerProcess(tmp_path / "places" / name)

    return made


def test_a_fork_leaves_processes_and_folders_to_its_parent(
    idle: Callable[[str], Any], monkeypatch: pytest.MonkeyPatch, tmp_path: Path
) -> None:
    running = idle("place")
    waiting.keep_waiting(running)
    handed = Handed()
    folder, pid = handed.folder, running.pid
    with monkeypatch.context() as fork:
        own = os.getpid()
        fork.setattr(os, "getpid", lambda: own + 1)
        del handed
        gc.collect()
        assert folder.is_dir()
        running.end()
    assert (tmp_path / "places" / "place").is_dir() and psutil.pid_exists(pid)
    os.waitpid(pid, 0)  # it ends, since its input does
    shutil.rmtree(folder)


def test_one_process_waits(
    idle: Callable[[str], Any], monkeypatch: pytest.MonkeyPatch, tmp_path: Path
) -> None:
    running = []
    for name in ("a", "b"):
        running.append(idle(name))
        waiting.keep_waiting(running[-1])
    assert [psutil.pid_exists(one.pid) for one in running] == [False, True]
    assert [entry.name for entry in (tmp_path / "places").iterdir()] == ["b"]
    assert [waiting.is_taken(one) for one in running] == [False, True]
    assert not waiting.is_taken(running[1])  # once
    waiting.keep_waiting(running[1])
    monkeypatch.setenv("WANE_LANG", "zh")  # it would still speak English
    assert not waiting.is_taken(running[1]) and not any((tmp_path / "places").iterdir())


def test_a_process_ends_where_wane_does_not_speak_the_language(
    idle: Callable[[str], Any], monkeypatch: pytest.MonkeyPatch
) -> None:
    running = idle("a")
    waiting.keep_waiting(running)
    monkeypatch.setenv("WANE_LANG", "xx")
    with pytest.raises(wane.InputError, match="WANE_LANG must be one of"):
        waiting.is_taken(running)
    assert not psutil.pid_exists(running.pid) and not running.place.exists()


def test_a_process_is_known_by_more_than_its_number(idle: Callable[[str], Any]) -> None:
    running, other = idle("a"), idle("b")
    waiting.keep_waiting(running)
    waiting._waiting[other.pid] = waiting._waiting.pop(running.pid)
    assert not waiting.is_taken(other)
    assert other.pid in waiting._waiting
    waiting._waiting.clear()
    for one in (running, other):
        one.end()


def test_a_fork_does_not_wait_for_a_lock_of_its_parent(idle: Callable[[str], Any]) -> None:
    running = idle("a")
    waiting.keep_waiting(running)
    with waiting._lock:
        waiting._renew()  # as in a fork
        assert not waiting.is_taken(running)
    running.end()


def test_a_process_that_would_hold_a_gpu_does_not_wait(monkeypatch: pytest.MonkeyPatch) -> None:
    own = study()
    handed = Handed()
    handed.write(own.spec, (*data(), None))
    place = handed.place()
    handed.state(own.spec, place, {})
    steps = worker.Steps()
    steps.put(None)
    monkeypatch.setattr(worker, "_may_wait", lambda: False)
    line = os.open(os.devnull, os.O_WRONLY)
    assert worker._work(place, steps, line) == 0
    os.close(line)
    assert process._answer(place) == {"error": None, "text": "", "waits": False}
