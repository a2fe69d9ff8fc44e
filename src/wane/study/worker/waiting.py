"""Processes on JAX that have checked a study and wait for its first training: one at most."""

import os
import threading
import weakref

from wane.study.worker.process import WorkerProcess

_waiting: "dict[int, weakref.ref[WorkerProcess]]" = {}
"""By its number. What takes one out of it, which no two threads can, ends it or has it train."""
_lock = threading.Lock()


def keep_waiting(process: WorkerProcess) -> None:
    """Let a process wait, and end an earlier one that still does: a study holds all its rows."""
    with _lock:
        found = [entry() for entry in _waiting.values()]
        _waiting.clear()
        _waiting[process.pid] = weakref.ref(process)
    for earlier in found:
        if earlier is not None and earlier is not process:
            earlier.end()


def is_taken(process: WorkerProcess) -> bool:
    """Take a process for a training, if it still waits and can show what it says as it is now.

    Raises:
        InputError: if wane does not speak the language of now; the process has ended then.
    """
    with _lock:
        entry = _waiting.get(process.pid)
        if entry is None or entry() is not process:  # its number may be that of another by now
            return False
        del _waiting[process.pid]
    usable = False
    try:
        usable = process.is_usable()
    finally:
        if not usable:
            process.end()
    return usable


def _renew() -> None:
    """Forget the processes of the parent, in a fork of it, where nobody lets go of its lock."""
    global _lock
    _lock = threading.Lock()
    _waiting.clear()


if hasattr(os, "register_at_fork"):
    os.register_at_fork(after_in_child=_renew)
