"""The folder of a study: one process at a time, one study in it, nothing of others touched."""

import contextlib
import errno
import itertools
import json
import os
import platform
import shutil
import sys
import tempfile
from collections.abc import Callable, Iterator, Mapping, Sequence
from contextvars import ContextVar
from importlib.metadata import version
from pathlib import Path
from typing import Any

import filelock
import jax

from wane._errors import InputError, joined
from wane._version import __version__
from wane.study.journal.growth import check_growth, grows, set_aside
from wane.study.journal.identity import FINGERPRINTS, differences
from wane.study.journal.interruption import storage_errors
from wane.study.journal.json_files import read_json, reason, write_json
from wane.study.journal.names import JOURNAL, LOCK, SCHEMA, STATEMENT, SUMMARY
from wane.study.journal.unopened import check_journal
from wane.study.spec.looks import PLAN

BEFORE_A_STUDY = {LOCK, STATEMENT + ".partial"}
"""What a process may have left that was killed before it wrote its statement."""
_told: ContextVar[Callable[[Path], None] | None] = ContextVar("told", default=None)
DECISIVE = ("wane", "keras", "jax", "numpy", "platform", "device")
"""The versions without which the same study may give other bits."""


@contextlib.contextmanager
def study_folder(path: str | Path, statement: Mapping[str, Any]) -> Iterator[Path]:
    """The folder of a study, new or resumed, held by this process alone.

    Args:
        path: the folder; it is made if it is not there.
        statement: what ``study.json`` will hold: the study's statement (see
            :mod:`wane.study.running.statement`), ``recipe`` and ``versions``.

    Raises:
        InputError: if the folder holds anything but this study, or a beginning of it, which is
            then left as it was.
        StorageError: if it cannot be written.
    """
    folder = Path(path)
    _check_room(folder)
    try:
        folder.mkdir(parents=True, exist_ok=True)
    except OSError as error:
        raise _cannot_be_made(folder, error) from error
    with _held(folder):
        known = (folder / STATEMENT).exists()
        if not known or _check_same(folder, statement):
            with storage_errors(folder):
                if known:
                    set_aside(folder)
                write_json(folder / STATEMENT, statement)
        told = _told.get()
        if told is not None:
            told(folder)
        yield folder


@contextlib.contextmanager
def telling(told: Callable[[Path], None]) -> Iterator[None]:
    """Let the studies of this block tell of their folder, once it is theirs and none was refused.

    Args:
        told: is called with the folder, which this process then holds.
    """
    before = _told.set(told)
    try:
        yield
    finally:
        _told.reset(before)


def free_folder(name: str) -> Path:
    """Make the first folder of ``name``, ``name-2``, ``name-3``, … that does not exist yet."""
    for folder in _numbered(name):
        try:
            folder.mkdir()  # made at once, so that two studies that start together get one each
        except FileExistsError:
            continue
        except OSError as error:
            raise _cannot_be_made(folder, error) from error
        return folder
    raise AssertionError("itertools.count does not end")


def unfinished_folder(name: str, recipe: Mapping[str, Any]) -> Path | None:
    """The first folder of those names with an unfinished study of this recipe that nobody runs."""
    as_written = json.loads(json.dumps(recipe, default=str))
    for folder in _numbered(name):
        if not folder.exists():
            return None
        with contextlib.suppress(InputError):
            same = read_json(folder / STATEMENT).get("recipe") == as_written
            if same and not (folder / SUMMARY).exists() and holder(folder) is None:
                return folder
    raise AssertionError("itertools.count does not end")


def _numbered(name: str) -> Iterator[Path]:
    for number in itertools.count(1):
        yield Path(name if number == 1 else f"{name}-{number}")


def recipe_of(folder: Path, commands: Mapping[str, Sequence[str]]) -> tuple[str, dict[str, Any]]:
    """What the command line made a folder's study from: the command, and its options by name.

    Args:
        folder: the study's folder.
        commands: the names of the options that each command has.

    Raises:
        InputError: if the study was not made by the command line, or by that of another version.
    """
    recipe = read_json(folder / STATEMENT).get("recipe")
    if recipe is None:
        raise InputError(
            f"The study in {str(folder)!r} was begun in Python, which alone can state it again: "
            f"there, call its run({str(folder)!r}) once more."
        )
    given = dict(recipe) if isinstance(recipe, dict) else {}
    command = given.pop("command", None)
    known = commands.get(command, ()) if isinstance(command, str) else ()
    if not set(given) <= set(known) or "source" not in given:
        raise InputError(
            f"{str(folder / STATEMENT)!r} does not say how this wane can make its study again; "
            f"nothing was touched: give the command that began it, or that version of wane."
        )
    return str(command), given


def holder(folder: Path) -> int | None:
    """The process that holds a study's folder: its number, 0 if it is not known, or None."""
    with contextlib.suppress(OSError):
        lock = _lock(folder)
        if not (folder / LOCK).exists():
            return None
        try:
            lock.acquire(timeout=0)
        except filelock.Timeout:
            with contextlib.suppress(ValueError):
                return int((folder / LOCK).read_text(encoding="utf-8"))
            return 0
        lock.release()
    return None


def _check_room(folder: Path) -> None:
    """Check that the folder is new, empty, or one of a study."""
    if not folder.exists() and not folder.is_symlink():
        return
    if not folder.is_dir():
        raise InputError(f"{str(folder)!r} is a file; nothing was written: give a new folder.")
    try:
        entries = list(folder.iterdir())
        linked = [entry for entry in entries if entry.is_symlink()]
        linked += [entry for entry in (folder / "figures").glob("*") if entry.is_symlink()]
    except OSError as error:
        raise _cannot_be_made(folder, error) from error
    others = {entry.name for entry in entries} - BEFORE_A_STUDY
    if others and STATEMENT not in others:
        raise InputError(
            f"{str(folder)!r} exists and holds other files; nothing was written: give a new "
            f"folder, or remove that one."
        )
    if linked:
        raise InputError(
            f"{str(linked[0])!r} is a link, and what is written there would be written elsewhere; "
            f"nothing was written: give a new folder, or remove the link."
        )


def _lock(folder: Path) -> filelock.BaseFileLock:
    """A lock of the system's, which goes with the process; a file that stands for one would not."""
    return filelock.FileLock(folder / LOCK, fallback_to_soft=False)


@contextlib.contextmanager
def _held(folder: Path) -> Iterator[None]:
    """Hold the lock of a folder, in which the number of this process is written."""
    path = folder / LOCK
    lock = _lock(folder)
    try:
        lock.acquire(timeout=0)
    except filelock.Timeout:
        number = holder(folder)
        who = f"the process {number}" if number else "another process"
        raise InputError(
            f"{str(folder)!r} is in use by {who}; nothing was written: wait until it has ended, or "
            f"give a new folder."
        ) from None
    except OSError as error:
        if error.errno in (errno.EACCES, errno.EPERM, errno.EROFS, errno.ENOSPC):
            raise _cannot_be_written(folder, error) from error
        raise InputError(
            f"The file system of {str(folder)!r} has no locks ({reason(error)}), which keep two "
            f"processes from one study: give a folder on a disk of this machine."
        ) from error
    try:
        with contextlib.suppress(OSError):  # Windows does not let it be written while it is locked
            path.write_text(f"{os.getpid()}\n", encoding="utf-8")
        yield
    finally:
        with contextlib.suppress(OSError):
            path.unlink()
        lock.release()


def _check_same(folder: Path, statement: Mapping[str, Any]) -> bool:
    """Check that a folder's study can be resumed as this one; whether it grows."""
    there = read_json(folder / STATEMENT)
    if there.get("schema") != SCHEMA or not isinstance(there.get(FINGERPRINTS), dict):
        raise InputError(
            f"{str(folder / STATEMENT)!r} was written by another version of wane; nothing was "
            f"touched: give a new folder, or resume it with that version."
        )
    longer = any(there.get(name) != statement.get(name) for name in PLAN)
    longer = longer or grows(there, statement)
    if differences(there, statement, plan=False):
        different = differences(there, statement, plan=False)  # it may have more repeats
        raise InputError(
            f"{str(folder)!r} holds another study, which differs in its {joined(different)}; "
            f"nothing was written: give a new folder, or that study again to resume it."
        )
    versions = there.get("versions")
    versions = versions if isinstance(versions, dict) else {}
    other = [name for name in DECISIVE if versions.get(name) != statement["versions"].get(name)]
    if other and (longer or not (folder / SUMMARY).exists()):
        begun = ", ".join(f"{name} {versions.get(name)}" for name in other)
        now = ", ".join(f"{name} {statement['versions'].get(name)}" for name in other)
        raise InputError(
            f"{str(folder)!r} was begun with {begun}, and this is {now}, whose runs could not be "
            f"compared with those that have finished; nothing was written: resume it there, or "
            f"give a new folder."
        )
    check_journal(folder / JOURNAL)
    if longer:
        check_growth(folder, there, statement)
    return longer


def _cannot_be_made(folder: Path, error: OSError) -> InputError:
    return InputError(
        f"The folder {str(folder)!r} cannot be made ({error.strerror}): give another one."
    )


def _cannot_be_written(folder: Path, error: BaseException) -> InputError:
    return InputError(
        f"The folder {str(folder)!r} cannot be written ({reason(error)}): give another one."
    )


@contextlib.contextmanager
def place_of(
    folder: str | Path | None, statement: Mapping[str, Any], begun: Path | None = None
) -> Iterator[Path]:
    """The folder in which a study is run, held by this process; its statement is in it.

    Args:
        folder: where the user wants it; None takes a temporary folder, which goes with the result.
        statement: what ``study.json`` will hold, to which the versions are added.
        begun: another temporary folder, with whose runs the new one begins.

    Raises:
        InputError, StorageError: as :func:`study_folder`.
    """
    statement = {**statement, "versions": versions()}
    if folder is None:
        place = Path(tempfile.mkdtemp(prefix="wane-"))
        try:
            if begun is None:
                write_json(place / STATEMENT, statement)
                yield place
            else:
                shutil.copytree(begun, place, dirs_exist_ok=True)
                with study_folder(place, statement):
                    yield place
        except BaseException:
            shutil.rmtree(place, ignore_errors=True)
            raise
        return
    with study_folder(folder, statement) as place:
        yield place


def versions() -> dict[str, str]:
    """What this process trains with, without which a study may give other bits."""
    return {
        "python": platform.python_version(),
        "wane": __version__,
        **{name: version(name) for name in ("keras", "jax", "numpy")},
        "platform": sys.platform,
        "device": str(jax.devices()[0].platform),
    }
