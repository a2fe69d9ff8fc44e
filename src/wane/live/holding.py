"""Whether somebody works on a study, found out without touching its lock.

To try the lock, as :func:`wane.study.journal.folder.holder` does, is to hold it for a moment, in
which the study could not begin.
"""

import contextlib
import stat
import time
from pathlib import Path

import psutil

from wane.study.journal.names import JOURNAL, LOCK

RECENT = 30.0
"""Seconds since the journal's last change in which somebody unknown is taken to write it; runs
under way are kept every ten."""
SLACK = 2.0
"""Seconds by which clocks of processes and of files may differ."""


LONGEST = 64
"""Bytes of a lock, which holds a number."""


class Holding:
    """Watches who holds the folder of a study.

    Args:
        folder: the study's.
    """

    def __init__(self, folder: Path) -> None:
        self._folder = folder
        self._left: float | None = None
        """When the journal had last changed as its process was found to be gone."""

    def found(self) -> tuple[bool, float | None]:
        """Whether somebody works, and when that process took the folder, if it is known."""
        number, began = self._lock()
        if number is not None and _runs(number, began):
            self._left = None
            return True, began
        changed = last_change(self._folder)
        if began is not None and number is None:  # Windows lets nobody read a file that is locked
            return True, began
        if self._left is None and number is not None:
            self._left = changed  # by the process that is gone
        # A process elsewhere, as in another container, has a number that says nothing here; and a
        # study without a folder of its own has no lock.
        quiet = time.time() - changed > RECENT
        return not quiet and changed != self._left, None

    def _lock(self) -> tuple[int | None, float | None]:
        """The number of the process in the lock, and when it was written; both may be unknown."""
        path = self._folder / LOCK
        try:
            found = path.stat()
        except OSError:
            self._left = last_change(self._folder) if self._left is None else self._left
            return None, None
        began = found.st_mtime
        if not stat.S_ISREG(found.st_mode) or found.st_size > LONGEST:
            return 0, began
        try:
            return int(path.read_text(encoding="utf-8")), began
        except PermissionError:
            return None, began
        except (OSError, ValueError):
            return 0, began  # it was locked and is not, or is being written


def last_change(folder: Path) -> float:
    """When the journal of a folder last changed, as a time of day; 0 where there is none."""
    latest = 0.0
    for name in (JOURNAL, f"{JOURNAL}-wal"):
        with contextlib.suppress(OSError):
            latest = max(latest, (folder / name).stat().st_mtime)
    return latest


def _runs(number: int, began: float | None) -> bool:
    """Whether the process of this number runs, did when the lock was written, and may be wane."""
    if number <= 0 or began is None:
        return False
    try:
        process = psutil.Process(number)
        if process.status() == psutil.STATUS_ZOMBIE or process.create_time() >= began + SLACK:
            return False
        # A number that was given in a container may be that of anything here.
        words = " ".join([process.name(), *process.cmdline()]).lower()
        return "python" in words or "wane" in words
    except psutil.AccessDenied:  # of another user
        return True
    except psutil.Error:
        return False
