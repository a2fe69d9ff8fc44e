"""The process on JAX: what it says is shown, Ctrl-C and errors cross, none outlasts its parent."""

import errno
import json
import os
import signal
import subprocess
import sys
import time
from pathlib import Path
from typing import Any

import psutil
import pytest

import wane
from process_cases import finished
from wane.study.worker import __main__ as worker
from wane.study.worker import process
from wane.study.worker.owners import OWNER, own

LONG = """
import signal, sys
signal.signal(signal.SIGINT, signal.default_int_handler)  # tests in the background ignore it
from study_cases import study
import wane
from worker_cases import elsewhere
from study_cases import data
own = study(epochs=300, repeats=3000)
folder = sys.argv[1] if len(sys.argv) > 1 else None
try:
    elsewhere(own, (*data(), None), progress=True).run(folder)
except wane.Interrupted as stopped:
    print(stopped)
"""


def started(*arguments: str) -> "subprocess.Popen[str]":
    """A process that hands a long study over."""
    return subprocess.Popen(
        [sys.executable, "-c", LONG, *arguments],
        env={**os.environ, "PYTHONPATH": os.pathsep.join(sys.path)},
        stdout=subprocess.PIPE,
        stderr=subprocess.PIPE,
        text=True,
    )


def trained(running: "subprocess.Popen[str]", database: Path) -> None:
    """Wait until some runs have finished."""
    until = time.monotonic() + 200
    while finished(database) < 3 and running.poll() is None and time.monotonic() < until:
        time.sleep(0.05)
    assert finished(database) >= 3


def gone(workers: "list[psutil.Process]") -> bool:
    """Whether processes end within a time."""
    _, alive = psutil.wait_procs(workers, timeout=60)
    return not alive


@pytest.mark.thorough
def test_ctrl_c_keeps_finished_runs(tmp_path: Path) -> None:
    folder = tmp_path / "study"
    with started(str(folder)) as running:
        trained(running, folder / "study.db")
        workers = psutil.Process(running.pid).children()
        running.send_signal(signal.SIGINT)  # to the parent alone
        stdout, stderr = running.communicate(timeout=100)
    assert "Traceback" not in stderr
    count = finished(folder / "study.db")
    assert stdout == (
        f"Interrupted: {count} of 6000 runs had finished; they are kept in "
        f"{str(folder / 'study.db')!r}; to resume them, run the same study with the same folder.\n"
    )
    assert len(workers) == 1 and gone(workers)


@pytest.mark.thorough
def test_a_parent_that_is_killed_ends_the_process_in_order(tmp_path: Path) -> None:
    folder = tmp_path / "study"
    with started(str(folder)) as running:
        trained(running, folder / "study.db")
        workers = psutil.Process(running.pid).children()
        running.kill()
        running.communicate(timeout=100)
    assert len(workers) == 1 and gone(workers)
    assert not (folder / "study.lock").exists()  # it let the folder go


class Own(wane.InputError):
    """An error of which another process knows the class above."""


@pytest.mark.parametrize(
    ("error", "expected", "text"),
    [
        (wane.InputError("x must be y."), wane.InputError, "x must be y."),
        (wane.StorageError("full"), wane.StorageError, "full"),
        (wane.Interrupted("stopped"), wane.Interrupted, "stopped"),
        (KeyboardInterrupt(), KeyboardInterrupt, ""),
        (Own("x must be y."), wane.InputError, "x must be y."),
        (
            SystemExit(),
            wane.WaneError,
            "The process on JAX failed, which wane did not expect (SystemExit); its traceback is "
            "on standard error.",
        ),
        (
            ZeroDivisionError("by\n0\n\nand more"),
            wane.WaneError,
            "The process on JAX failed, which wane did not expect (ZeroDivisionError: by 0); its "
            "traceback is on standard error.",
        ),
    ],
)
def test_errors_are_the_same_again(
    error: BaseException, expected: type[BaseException], text: str, tmp_path: Path
) -> None:
    process.write_answer(tmp_path, error)
    answer = process._answer(tmp_path)
    assert answer is not None
    with pytest.raises(expected) as caught:
        process._raise(answer)
    assert str(caught.value) == text and type(caught.value) is expected


def test_a_process_without_an_answer_is_said(
    monkeypatch: pytest.MonkeyPatch, tmp_path: Path
) -> None:
    monkeypatch.setattr(process, "MODULE", "this")  # which prints a poem and ends
    with pytest.raises(wane.WaneError) as caught:
        process.WorkerProcess(tmp_path / "place").go_on()
    assert str(caught.value) == (
        "The process that trains on JAX ended without an answer (exit code 0); what it said is on "
        "standard error: give the study a folder, which keeps finished runs, and run it again."
    )


def test_a_process_that_the_system_ends_may_lack_memory(tmp_path: Path) -> None:
    with pytest.raises(wane.WaneError) as caught:
        process._raise(process._unanswered(-9, tmp_path, checks=False))
    assert str(caught.value) == (
        "The process that trains on JAX was ended by the system (Killed), as where memory runs "
        "out: give the study a folder, which keeps finished runs, and give wane.Execution fewer "
        "threads or a smaller width."
    )


def test_a_full_disk_is_said(
    monkeypatch: pytest.MonkeyPatch, tmp_path: Path, capsys: pytest.CaptureFixture[str]
) -> None:
    def full(*_: object, **__: object) -> None:
        raise OSError(errno.ENOSPC, "No space left on device")

    monkeypatch.setattr(Path, "write_text", full)
    code = worker._answered(tmp_path, 1, None)
    assert "No space left on device" in capsys.readouterr().err
    with pytest.raises(wane.StorageError) as caught:
        process._raise(process._unanswered(code, tmp_path, checks=False))
    assert str(caught.value) == (
        f"The process that trains on JAX could not write its answer to {str(tmp_path)!r}: make "
        f"room there, or have the environment variable TMPDIR name another folder, and give the "
        f"study a folder, which keeps finished runs."
    )


@pytest.mark.parametrize(
    ("code", "text"),
    [
        (
            process.NO_ANSWER,
            "could not write its answer to 'place': make room there, or have the environment "
            "variable TMPDIR name another folder.",
        ),
        (
            -9,
            "was ended by the system (Killed), as where memory runs out: free memory, or give "
            "fewer rows or a smaller model.",
        ),
        (
            3,
            "ended without an answer (exit code 3); what it said is on standard error: make the "
            "study again, or start Python anew with KERAS_BACKEND=jax.",
        ),
    ],
)
def test_a_check_without_an_answer_is_said_without_what_helps_trainings(
    code: int, text: str
) -> None:
    found = process._unanswered(code, Path("place"), checks=True)
    assert found["text"] == f"The process on JAX that checks the study {text}"
    assert (found["error"] == "StorageError") == (code == process.NO_ANSWER)


def test_a_process_that_ends_while_it_waits_is_not_taken_for_one_that_trained(
    monkeypatch: pytest.MonkeyPatch, tmp_path: Path
) -> None:
    (tmp_path / "brief.py").write_text(
        "import os, sys\n"
        "from pathlib import Path\n"
        "place = Path(sys.argv[1])\n"
        "os.read(0, 1)\n"
        f"(place / {process.ANSWER!r}).write_text("
        '\'{"error": null, "text": "", "waits": true}\')\n'
        f"os.write(1, {process.ANSWERED.encode()!r})\n"
        "os.read(0, 1)\n"
        "sys.exit(3)\n",
        encoding="utf-8",
    )
    monkeypatch.syspath_prepend(tmp_path)
    monkeypatch.setattr(process, "MODULE", "brief")
    for has_begun in (False, True):
        place = tmp_path / "place"
        place.mkdir()
        running = process.WorkerProcess(place)
        assert running.go_on(checks=True)
        if has_begun:
            (place / process.BEGUN).touch()
        with pytest.raises(wane.WaneError) as caught:
            running.go_on()
        assert isinstance(caught.value, process.NotBegunError) != has_begun
        assert has_begun == ("(exit code 3)" in str(caught.value)) and not place.exists()


def test_programs_without_a_console_are_told_nothing(monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setattr(sys, "stderr", None)
    process.say("nobody reads that")
    assert not process._shown_directly()


def test_where_standard_error_has_been_led_elsewhere_is_noticed(
    monkeypatch: pytest.MonkeyPatch, tmp_path: Path
) -> None:
    monkeypatch.setattr(process, "_shown_directly", lambda: True)
    before = process._surroundings()
    assert process._surroundings() == before
    kept = os.dup(2)
    try:
        with (tmp_path / "log").open("w", encoding="utf-8") as log:
            os.dup2(log.fileno(), 2)
            found = process._surroundings()
    finally:
        os.dup2(kept, 2)
        os.close(kept)
    assert found != before and process._surroundings() == before


def asked(folder: Path) -> "subprocess.Popen[bytes]":
    """The process itself, with a request that it cannot read."""
    folder.mkdir(parents=True)
    (folder / "request.json").write_text("{", encoding="utf-8")
    return subprocess.Popen(
        [sys.executable, "-m", process.MODULE, str(folder)],
        env=process._environment(shown=False),
        stdin=subprocess.PIPE,
        stdout=subprocess.PIPE,
        stderr=subprocess.STDOUT,
    )


@pytest.mark.thorough
def test_an_error_that_nobody_expected_is_shown_and_answered(tmp_path: Path) -> None:
    with asked(tmp_path / "place") as running:
        assert running.stdin is not None and running.stdout is not None
        running.stdin.write(process.GO)
        running.stdin.flush()
        said = running.stdout.read()
        assert b"Traceback" in said and said.endswith(process.ANSWERED.encode())
        running.wait(timeout=100)
    answer = process._answer(tmp_path / "place")
    assert answer is not None and "(JSONDecodeError: " in answer["text"]


@pytest.mark.thorough
@pytest.mark.parametrize("stopped", [True, False])
def test_a_parent_that_has_gone_leaves_no_request(stopped: bool, tmp_path: Path) -> None:
    handed = tmp_path / "handed"
    handed.mkdir()
    own(handed)
    owner = handed / OWNER  # its number is that of another process by now
    owner.write_text(json.dumps({**json.loads(owner.read_text("utf-8")), "began": -1}), "utf-8")
    with asked(handed / "place") as running:
        running.communicate(process.GO + process.STOP if stopped else None, timeout=100)
    assert handed.exists() == stopped
    if stopped:  # on purpose: somebody takes the answer
        answer = process._answer(handed / "place")
        assert answer is not None and answer["error"] in ("KeyboardInterrupt", "WaneError")


def test_what_a_process_says_is_copied_where_streams_are_others(
    monkeypatch: pytest.MonkeyPatch, tmp_path: Path, capsys: pytest.CaptureFixture[str]
) -> None:
    monkeypatch.setattr(process, "MODULE", "this")
    with pytest.raises(wane.WaneError):
        process.WorkerProcess(tmp_path / "place").go_on()
    assert "Beautiful is better than ugly.\n" in capsys.readouterr().err


def test_modules_are_found_where_they_are_found_here(monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setenv("KERAS_BACKEND", "torch")
    monkeypatch.setattr(sys, "path", ["", "elsewhere"])
    found = process._environment(shown=True)
    assert found["KERAS_BACKEND"] == "jax"
    assert found["PYTHONPATH"].split(os.pathsep) == [str(Path.cwd()), "elsewhere"]


def test_what_is_copied_moves_nothing(monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setenv("FORCE_COLOR", "1")  # as notebooks do
    for shown in (True, False):
        found = process._environment(shown)
        assert ("FORCE_COLOR" in found) == shown
        assert (found.get("TTY_COMPATIBLE") == "0") != shown


def saying(what: str) -> process.WorkerProcess:
    """A process that says something, in place of one on JAX."""
    found: Any = object.__new__(process.WorkerProcess)
    says = f"import sys; sys.stderr.buffer.write({what!r}.encode())"
    found._process = subprocess.Popen(
        [sys.executable, "-c", says],
        bufsize=0,
        stdout=subprocess.PIPE,
        stderr=subprocess.STDOUT,
    )
    found._said = process._text(found._process)
    return found  # type: ignore[no-any-return] # it is one


def test_what_a_process_says_is_copied_until_it_has_answered(
    capsys: pytest.CaptureFixture[str],
) -> None:
    running = saying("1 of 2\r2 of 2\nmore" + process.ANSWERED + "then" + process.ANSWERED)
    running._listen()
    assert capsys.readouterr().err == "1 of 2\r2 of 2\nmore"
    running._listen(to_the_end=True)
    assert capsys.readouterr().err == "then"
    running._said.close()
