"""The process on JAX: started, its words shown, interrupted, its answer read."""

import contextlib
import io
import json
import os
import shutil
import signal
import subprocess
import sys
import weakref
from pathlib import Path
from typing import Any

from wane._errors import InputError, Interrupted, StorageError, WaneError, one_line
from wane._language import VARIABLE, language
from wane.cli.process.compile_cache import cache_variables

ANSWER = "answer.json"
BEGUN = "begun"
"""The file with which a process that has waited says that it does what it waited for."""
MODULE = "wane.study.worker"
_ERRORS: dict[str, type[BaseException]] = {
    "InputError": InputError,
    "StorageError": StorageError,
    "WaneError": WaneError,
    "Interrupted": Interrupted,
    "KeyboardInterrupt": KeyboardInterrupt,
}
"""What crosses back by its class and sentence."""
GO, STOP = b"\n", b"stop"
"""What the process reads to do the next thing, and before its input ends where this one, which goes
on, has it stop."""
ANSWERED = "\0\n"
"""The end of what the process says before an answer."""
NO_ANSWER = 74
"""The exit code of a process that could not write its answer."""
_MAKE_ROOM = "make room there, or have the environment variable TMPDIR name another folder"
_FINE: dict[str, Any] = {"error": None, "text": ""}
_started: "weakref.WeakSet[WorkerProcess]" = weakref.WeakSet()


class NotBegunError(WaneError):
    """A process that waited has ended before it began to train."""


class WorkerProcess:
    """A process on JAX, which does one thing after the other when it is told to.

    Its standard error is this process's, or is copied there where Python has put another stream in
    its place, as notebooks do. It ends with this object, or with this process; where this process
    is forked, it belongs to the parent alone.

    Args:
        place: a folder of its own, in that of the study; what it is to do lies there before
            :meth:`go_on`, and afterwards the answer and its files. It goes with the process.

    Attributes:
        place: as given.
    """

    def __init__(self, place: Path) -> None:
        self.place = place
        self._surroundings = _surroundings()
        self._has_waited = False
        shown = self._surroundings[0]
        self._process = subprocess.Popen(
            [sys.executable, "-P", "-m", MODULE, str(place)],
            bufsize=0,
            env=_environment(shown),
            stdin=subprocess.PIPE,  # closes where this one is killed, and so ends that one in order
            process_group=0,  # so that Ctrl-C comes to this process alone, which passes it on
            creationflags=getattr(subprocess, "CREATE_NEW_PROCESS_GROUP", 0),
            stdout=subprocess.PIPE,
            stderr=None if shown else subprocess.STDOUT,
        )
        self._said = _text(self._process)
        self._end = weakref.finalize(self, _end, self._process, place, os.getpid())
        _started.add(self)

    @property
    def pid(self) -> int:
        """The number of the process."""
        return self._process.pid

    def is_usable(self) -> bool:
        """Whether it still waits, and says what it says in the language and place of now."""
        return self._process.poll() is None and self._surroundings == _surroundings()

    def go_on(self, *, checks: bool = False) -> bool:
        """Have the process do the next thing. Ctrl-C ends it in order, a second one at once.

        Args:
            checks: whether that is to check the study alone.

        Returns:
            Whether it waits for another one; else it has ended.

        Raises:
            NotBegunError: if it had waited, and ended before it began.
            WaneError, Interrupted, KeyboardInterrupt: what ended the work there, as if it were
                here; the process has ended too.
        """
        try:
            self._tell(GO)
            try:
                self._listen()
            except KeyboardInterrupt:
                self._tell(STOP, last=True)
                self._listen(to_the_end=True)
                _raise(_answer(self.place) or _FINE)
                raise
            answer = _answer(self.place) or {}
            waits = bool(answer.get("waits"))
            if not waits:
                self._listen(to_the_end=True)
            if self._has_waited and not answer and not (self.place / BEGUN).exists():
                raise NotBegunError
            _raise(answer or _unanswered(self._process.wait(), self.place, checks=checks))
        except BaseException:  # nobody waits for it any more
            self.end()
            raise
        self._has_waited = waits
        return waits

    def end(self) -> None:
        """End the process, whatever it does; its folder goes too."""
        self._end()

    def _tell(self, word: bytes, *, last: bool = False) -> None:
        assert self._process.stdin is not None
        with contextlib.suppress(OSError):  # it has ended, which is found where it is listened to
            self._process.stdin.write(word)
            if last:
                self._process.stdin.close()

    def _listen(self, *, to_the_end: bool = False) -> None:
        """Copy what the process says until it has answered, or has ended."""
        for line in iter(self._said.readline, ""):
            text = line.removesuffix(ANSWERED)
            if text:
                say(text)
            if text != line and not to_the_end:
                return
        self._process.wait()


def say(text: str) -> None:
    """Write to standard error, which programs without a console may not have."""
    if sys.stderr is not None:
        sys.stderr.write(text)
        sys.stderr.flush()


def _end(process: "subprocess.Popen[bytes]", place: Path, owner: int) -> None:
    """End a process and take its folder away; in a fork of its parent only let it go."""
    if os.getpid() == owner:
        if process.poll() is None:
            process.kill()
        process.wait()
        shutil.rmtree(place, ignore_errors=True)
    else:
        process.returncode = 0  # as far as this one is concerned
    for end in (process.stdin, process.stdout):
        if end is not None:
            end.close()


def _leave_to_parent() -> None:
    """Let the processes of the parent go, in a fork of it."""
    for process in list(_started):
        process.end()


if hasattr(os, "register_at_fork"):
    os.register_at_fork(after_in_child=_leave_to_parent)


def write_answer(folder: Path, error: BaseException | None, *, waits: bool = False) -> None:
    """Write how the work ended: None for well; and whether the process waits for more."""
    name = None if error is None else expected_name(error)
    text = "" if error is None else str(error)
    if error is not None and name is None:
        name = "WaneError"
        kind = type(error).__name__
        what = f"{kind}: {one_line(error)}" if text.strip() else kind
        text = (
            f"The process on JAX failed, which wane did not expect ({what}); its traceback is on "
            f"standard error."
        )
    partial = folder / f"{ANSWER}.partial"
    answer = {"error": name, "text": text, "waits": waits}
    partial.write_text(json.dumps(answer), encoding="utf-8")
    partial.replace(folder / ANSWER)


def expected_name(error: BaseException) -> str | None:
    """The class as which an error crosses back, its own or the nearest above; None for others."""
    names = [kind.__name__ for kind in type(error).__mro__ if _ERRORS.get(kind.__name__) is kind]
    return names[0] if names else None


def _shown_directly() -> bool:
    """Whether standard error is that of the process, which another one can write to as well."""
    try:
        return sys.stderr.fileno() == 2
    except (AttributeError, OSError, ValueError):
        return False


def _surroundings() -> tuple[bool, str, tuple[int, int] | None]:
    """Whether what a process says is shown directly, in which language it says it, and where."""
    shown = _shown_directly()
    where = None
    if shown:
        with contextlib.suppress(OSError):
            found = os.fstat(2)  # 2 may stand for another file by now
            where = found.st_dev, found.st_ino
    return shown, language(), where


def _environment(shown: bool) -> dict[str, str]:
    """This process's, with JAX as Keras's backend and modules found where they are found here.

    What JAX compiles is kept, since each question to a result traces the study's programs again.

    Args:
        shown: whether what the process says is shown directly; else nothing moves in it, even where
            the surroundings ask for colors, as notebooks do.
    """
    places = [place or str(Path.cwd()) for place in sys.path]
    given = dict(os.environ)
    if not shown:
        given.pop("FORCE_COLOR", None)
        given["TTY_COMPATIBLE"] = "0"
    return {
        **given,
        **cache_variables(),
        "KERAS_BACKEND": "jax",
        VARIABLE: language(),
        "PYTHONPATH": os.pathsep.join(places),
        "PYTHONIOENCODING": os.environ.get("PYTHONIOENCODING", "utf-8"),
    }


def _text(process: "subprocess.Popen[bytes]") -> io.TextIOWrapper:
    """What a process says, whose carriage returns go back to the line's beginning here too."""
    assert isinstance(process.stdout, io.FileIO)
    buffered = io.BufferedReader(process.stdout)
    return io.TextIOWrapper(buffered, encoding="utf-8", errors="replace", newline="")


def _answer(folder: Path) -> dict[str, Any] | None:
    """The answer, which is taken away, so that a later one is not taken for it."""
    with contextlib.suppress(FileNotFoundError):
        answer: dict[str, Any] = json.loads((folder / ANSWER).read_text(encoding="utf-8"))
        (folder / ANSWER).unlink()
        return answer
    return None


def _unanswered(code: int, folder: Path, *, checks: bool) -> dict[str, Any]:
    """What is known where there is no answer, and what helps."""
    if checks:
        whose = "The process on JAX that checks the study"
        full, killed = _MAKE_ROOM, "free memory, or give fewer rows or a smaller model"
        other = "make the study again, or start Python anew with KERAS_BACKEND=jax"
    else:
        whose = "The process that trains on JAX"
        keeps = "give the study a folder, which keeps finished runs"
        full = f"{_MAKE_ROOM}, and {keeps}"
        killed = f"{keeps}, and give wane.Execution fewer threads or a smaller width"
        other = f"{keeps}, and run it again"
    if code == NO_ANSWER:
        text = f"{whose} could not write its answer to {str(folder)!r}: {full}."
        return {"error": "StorageError", "text": text}
    if code < 0:
        sent = signal.strsignal(-code) or f"signal {-code}"
        text = f"{whose} was ended by the system ({sent}), as where memory runs out: {killed}."
    else:
        text = (
            f"{whose} ended without an answer (exit code {code}); what it said is on standard "
            f"error: {other}."
        )
    return {"error": "WaneError", "text": text}


def _raise(answer: dict[str, Any]) -> None:
    """Raise what ended the work, if it did not end well."""
    if answer["error"] is not None:
        arguments = [answer["text"]] if answer["text"] else []
        raise _ERRORS[answer["error"]](*arguments) from None
