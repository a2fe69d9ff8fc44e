"""A process of its own that serves the page of a study which another one trains."""

import contextlib
import os
import subprocess
import sys
import threading
import time
from pathlib import Path

import psutil

from wane._errors import StorageError
from wane.live.feed import Feeds
from wane.live.serving import serve
from wane.live.study import WatchedStudy

MODULE = "wane.live"
GRACE = 150.0
"""For how many seconds the page can be opened, or opened again, once nobody trains any more; one in
another tab asks that often, which browsers allow it once a minute."""
BEGIN_SECONDS = 20.0
"""How long training waits for that process to begin."""
_started: list[subprocess.Popen[str]] = []
"""The processes of this one, which may outlive it."""


def begin_serving(folder: Path) -> str:
    """Let a process serve the page of a study's folder, and return the page's address.

    It takes no part of this process's time, goes on after its end while somebody looks at the page,
    and hears of no Ctrl-C.

    Args:
        folder: the study's, which may not be there yet.

    Raises:
        StorageError: if the process does not begin.
    """
    places = [place or str(Path.cwd()) for place in sys.path]
    process = subprocess.Popen(
        [sys.executable, "-P", "-m", MODULE, str(folder.absolute()), str(os.getpid())],
        env={**os.environ, "PYTHONPATH": os.pathsep.join(places)},
        stdin=subprocess.DEVNULL,
        stdout=subprocess.PIPE,
        stderr=subprocess.DEVNULL,
        text=True,
        start_new_session=True,
        creationflags=getattr(subprocess, "CREATE_NEW_PROCESS_GROUP", 0),
    )
    _started.append(process)
    said: list[str] = []
    listening = threading.Thread(target=_listen, args=(process, said), daemon=True)
    listening.start()
    listening.join(BEGIN_SECONDS)
    if listening.is_alive():
        process.kill()
        raise StorageError(
            f"The live page did not begin within {BEGIN_SECONDS:g} seconds, and the study is "
            f"trained without it; wane watch shows the folder meanwhile"
        )
    if not said:
        raise StorageError(
            "The live page cannot be served on this machine; leave out --watch, or look for "
            "what forbids a server on 127.0.0.1"
        )
    return said[0]


def _listen(process: subprocess.Popen[str], said: list[str]) -> None:
    """Take the address that a process says, which may never do so."""
    assert process.stdout is not None, "it is a pipe"
    with process.stdout as lines:
        said += filter(None, [lines.readline().strip()])


def serve_beside(folder: Path, trainer: int) -> None:
    """Serve the page of a folder, as the process that :func:`begin_serving` begins.

    Args:
        folder: the study's.
        trainer: the number of the process that asked for it.
    """
    needed = _Needed(folder, trainer)
    serve(needed.study, 0, _say, needed.ended)


class _Needed:
    """Whether a page is needed: while somebody trains or looks at it, and for some time after."""

    def __init__(self, folder: Path, trainer: int) -> None:
        self.study = WatchedStudy(folder)
        self._trainer: psutil.Process | None = None
        with contextlib.suppress(psutil.Error):  # it has ended already
            self._trainer = psutil.Process(trainer)
        self._last = time.monotonic()

    def ended(self, feeds: Feeds) -> bool:
        """Whether nobody has needed it for some time."""
        if self._trains() or self.study.held or feeds.clients:
            self._last = time.monotonic()
        self._last = max(self._last, feeds.asked)
        return time.monotonic() - self._last > GRACE

    def _trains(self) -> bool:
        """Whether the process runs that asked for the page; one that waits for its parent to take
        note of its end runs no more, though psutil says so."""
        with contextlib.suppress(psutil.Error):
            found = self._trainer
            ended = found is None or found.status() == psutil.STATUS_ZOMBIE
            return found is not None and not ended and found.is_running()
        return False


def _say(address: str) -> None:
    sys.stdout.write(f"{address}\n")
    sys.stdout.flush()
    sys.stdout.close()
