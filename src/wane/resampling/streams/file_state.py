"""What the system says of an open file, by which a change of it is seen without reading it."""

import dataclasses
import functools
import os
import time
from pathlib import Path

_TICK_NS = 20_000_000
"""Times of files are those of the system's tick, 10 ms at the longest."""


@dataclasses.dataclass(frozen=True)
class FileState:
    """An open file as it is now: which one, and when it changed last.

    Attributes:
        machine: a mark of the running system, without which the other numbers mean nothing; empty
            where the system gives none.
        device, inode: which file.
        size: bytes.
        modified, changed: when its content and when anything of it changed last, ns.
    """

    machine: str
    device: int
    inode: int
    size: int
    modified: int
    changed: int

    @classmethod
    def of(cls, handle: int) -> "FileState":
        """The state of an open file."""
        found = os.fstat(handle)
        own = found.st_dev, found.st_ino, found.st_size, found.st_mtime_ns, found.st_ctime_ns
        return cls(_machine(), *own)

    def is_that_of(self, other: "FileState") -> bool:
        """Whether the other one is of the same file, perhaps in another process, unchanged."""
        return bool(self.machine) and self == other


def settle(handle: int) -> None:
    """Wait until any further change of a file will show in its times: 20 ms at most."""
    found = os.fstat(handle)
    age = time.time_ns() - max(found.st_mtime_ns, found.st_ctime_ns)
    if 0 <= age < _TICK_NS:
        time.sleep((_TICK_NS - age) / 1e9)


@functools.cache
def _machine() -> str:
    try:
        return Path("/proc/sys/kernel/random/boot_id").read_text(encoding="ascii").strip()
    except OSError:  # another system than Linux
        return ""
