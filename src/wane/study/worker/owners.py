"""Which process a temporary folder goes with: where that was killed, the next one takes it away."""

import contextlib
import json
import os
import platform
import shutil
import tempfile
import time
from pathlib import Path

import psutil

OWNER = "owner.json"
"""The file in a folder that names its process."""
PREFIX = "wane-study-"
_SOON = 1.0
"""Seconds within which a process has ended whose files are closed."""


def own(folder: Path) -> None:
    """Write into a folder that it goes with this process."""
    owner = {"pid": os.getpid(), "began": _began(os.getpid()), "among": _among()}
    (folder / OWNER).write_text(json.dumps(owner), encoding="utf-8")


def has_owner(folder: Path) -> bool:
    """Whether the process that a folder goes with is there, or nobody here can tell."""
    try:
        if hasattr(os, "getuid") and folder.lstat().st_uid != os.getuid():
            return True
        owner = json.loads((folder / OWNER).read_text(encoding="utf-8"))
        if owner["among"] != _among():
            return True
        pid, began = int(owner["pid"]), owner["began"]
        return psutil.Process(pid).status() != psutil.STATUS_ZOMBIE and _began(pid) == began
    except (psutil.NoSuchProcess, ProcessLookupError):
        return False
    except (psutil.Error, OSError, ValueError, LookupError, TypeError):
        return True


def remove(folder: Path, owner: int) -> None:
    """Take a folder away; a fork of the process that made it leaves it there."""
    if os.getpid() == owner:
        shutil.rmtree(folder, ignore_errors=True)


def leave(place: Path) -> None:
    """Take away the folder of a process that nobody needs, and that around it with its owner.

    Args:
        place: the folder, in that of a study, which others may use while its owner is there.
    """
    shutil.rmtree(place, ignore_errors=True)
    until = time.monotonic() + _SOON  # what the owner had open closes just before it ends
    while has_owner(place.parent):
        if time.monotonic() > until:
            return
        time.sleep(0.05)
    shutil.rmtree(place.parent, ignore_errors=True)


def sweep() -> None:
    """Take away the folders of processes that were killed."""
    with contextlib.suppress(OSError):
        for folder in list(Path(tempfile.gettempdir()).glob(f"{PREFIX}*")):
            if not has_owner(folder):
                shutil.rmtree(folder, ignore_errors=True)


def _began(pid: int) -> float:
    """When a process began, which tells it from a later one of its number.

    Linux counts from its start, so that setting the clock changes nothing.
    """
    stat = Path(f"/proc/{pid}/stat")
    try:
        return float(
            stat.read_text(encoding="utf-8", errors="replace").rpartition(")")[2].split()[19]
        )
    except FileNotFoundError:  # another system, or no such process
        return psutil.Process(pid).create_time()


def _among() -> list[str]:
    """The machine, its start and the container, among whose processes numbers are told apart."""
    found = [platform.node()]
    with contextlib.suppress(OSError):  # on Linux alone
        found.append(Path("/proc/sys/kernel/random/boot_id").read_text(encoding="utf-8").strip())
        found.append(str(Path("/proc/self/ns/pid").readlink()))
    return found
