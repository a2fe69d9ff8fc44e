"""The process on JAX: ``python -m wane.study.worker PLACE`` does what the folder asks for."""

import contextlib
import os
import queue
import signal
import sys
import threading
import traceback
from pathlib import Path
from typing import Any

import jax

from wane._errors import InputError
from wane.cli.process.compile_cache import silence_unreadable_programs
from wane.penalties import CATALOGUE
from wane.study.results.comparison import Comparison
from wane.study.spec.spaces.search import space_of
from wane.study.study import AnotherStudyError, Study
from wane.study.worker.owners import leave
from wane.study.worker.process import (
    ANSWERED,
    BEGUN,
    GO,
    NO_ANSWER,
    STOP,
    expected_name,
    write_answer,
)
from wane.study.worker.request import Call, candidates_of, read_call, read_study, write_asked

Steps = queue.SimpleQueue[None]
"""One for each thing that the parent wants done."""


def main(place: Path) -> int:
    """Do what a folder asks for and write how it ended; returns the exit code."""
    signal.signal(signal.SIGINT, signal.default_int_handler)  # ignored, as in shells' background
    silence_unreadable_programs()
    line = os.dup(1)
    os.dup2(2, 1)  # what libraries print is shown with the rest
    alone, steps = threading.Event(), Steps()
    try:
        threading.Thread(target=_heed_parent, args=(alone, steps), daemon=True).start()
        code = _work(place, steps, line)
    except BaseException as error:
        signal.signal(signal.SIGINT, signal.SIG_IGN)
        if expected_name(error) is None:
            with contextlib.suppress(OSError):  # nobody may read that any more
                traceback.print_exception(error)
        code = _answered(place, line, error)
    if alone.is_set():
        leave(place)
    return code


def _work(place: Path, steps: Steps, line: int) -> int:
    """Check a study, wait for what to do with it, and do it; returns the exit code."""
    _wait(steps)
    study = checked_study(place)
    call = read_call(place)
    if call is None:
        waits = _may_wait()
        code = _answered(place, line, None, waits=waits)
        try:
            if code or not waits:
                return code
            _wait(steps)
        except KeyboardInterrupt:  # nobody wants the study to be trained any more
            return code
        (place / BEGUN).touch()
        call = read_call(place)
        assert call is not None
    do(study, call, place)
    signal.signal(signal.SIGINT, signal.SIG_IGN)  # it is done, and says so
    return _answered(place, line, None)


def checked_study(place: Path) -> Study:
    """The study that a folder states, of which all is checked."""
    spec, model, (x, y, weight), given = read_study(place)
    try:
        return Study.from_spec(spec, model, x, y, sample_weight=weight, **given)
    except AnotherStudyError as error:
        raise InputError(f"The study cannot be handed to JAX: {error}") from error


def do(study: Study, call: Call, place: Path) -> None:
    """Do what is asked of a study, and write the answer to a question into the folder."""
    result = _called(study, call)
    if call.ask is not None:
        method, arguments = call.ask
        own = result.result if isinstance(result, Comparison) else result
        write_asked(place, getattr(own, method)(**arguments))


def _may_wait() -> bool:
    """Whether JAX takes nothing meanwhile that the parent may want, as a GPU's memory."""
    return jax.default_backend() == "cpu"


def _answered(place: Path, line: int, error: BaseException | None, *, waits: bool = False) -> int:
    """Write how the work ended, and say that it has; returns the exit code."""
    try:
        write_answer(place, error, waits=waits)
    except OSError as failed:
        with contextlib.suppress(OSError):
            traceback.print_exception(failed)
        return NO_ANSWER
    for stream in (sys.stdout, sys.stderr):
        with contextlib.suppress(OSError):
            stream.flush()
    with contextlib.suppress(OSError):
        os.write(line, ANSWERED.encode())
    return 0 if error is None else 2 if expected_name(error) else 1


def _wait(steps: Steps) -> None:
    """Wait until the parent wants the next thing done."""
    while True:
        with contextlib.suppress(queue.Empty):
            # On Windows a signal does not end the waiting.
            return steps.get(timeout=None if hasattr(signal, "pthread_kill") else 1.0)


def _called(study: Study, call: Call) -> Any:
    """What the method gives that trains."""
    how: dict[str, Any] = {"folder": call.folder, "progress": call.progress}
    how |= {"execution": call.execution, "ray": call.ray}
    own: dict[str, Any] = dict(call.arguments)
    if isinstance(own.get("on"), list):
        own["on"] = tuple(own["on"])
    if call.method == "path":
        return study.path(CATALOGUE[own.pop("penalty")], **own, **how)
    if call.method == "tune":
        space = own.pop("space")
        own["penalty"] = CATALOGUE[own["penalty"]]
        return study.tune(None if space is None else space_of(space), **own, **how)
    if call.method == "compare":
        if isinstance(own["methods"], dict):
            own["methods"] = {name: candidates_of(c) for name, c in own["methods"].items()}
        return study.compare(**own, **how)
    return study.run(**how)


def _heed_parent(alone: threading.Event, steps: Steps) -> None:
    """Pass on what the parent wants, and interrupt once it has closed its end.

    It closes it on purpose, or because it ended.

    Args:
        alone: is set where the parent has ended, and so nobody takes the answer.
        steps: get one for each thing that the parent wants done.
    """
    said = b""
    while part := os.read(0, len(STOP)):  # unbuffered, so that the process can end meanwhile
        said += part
        for _ in range(said.count(GO)):
            steps.put(None)
        said = said.replace(GO, b"")
    if said != STOP:
        alone.set()
    if hasattr(signal, "pthread_kill"):
        main_thread = threading.main_thread().ident
        assert main_thread is not None
        signal.pthread_kill(main_thread, signal.SIGINT)
    else:
        signal.raise_signal(signal.SIGINT)


if __name__ == "__main__":
    sys.exit(main(Path(sys.argv[1])))
