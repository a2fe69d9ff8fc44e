"""A study's model and rows in files, from which processes on JAX read them."""

import contextlib
import os
import tempfile
import threading
import weakref
from collections.abc import Iterator, Mapping
from pathlib import Path
from typing import Any, Self

from wane._errors import StorageError
from wane.penalties import Network
from wane.study.journal.json_files import reason
from wane.study.spec.spec import StudySpec
from wane.study.worker.owners import OWNER, PREFIX, own, remove, sweep
from wane.study.worker.request import Rows, write_networks, write_parts, write_study

_lock = threading.Lock()
"""Is held while a study is stated, whose networks other threads may state too."""


class Handed:
    """A study's model and rows, as they were when they were written, in a folder of their own.

    The folder goes with the last of the studies and results that have it, or with this process;
    where that is killed, with the process on JAX that it had, or the next one that hands a study
    over takes the folder away. Each process has a folder in it.

    Attributes:
        folder: the folder, which this user alone can read.
    """

    def __init__(self) -> None:
        self._take_folder()
        self._parts: dict[str, Any] = {}

    def _take_folder(self) -> None:
        sweep()
        with _written(Path(tempfile.gettempdir())):
            self.folder = Path(tempfile.mkdtemp(prefix=PREFIX))
        weakref.finalize(self, remove, self.folder, os.getpid())
        with self.files():
            own(self.folder)

    @contextlib.contextmanager
    def files(self) -> Iterator[None]:
        """Work with the files, and report in one sentence that they cannot be written.

        Raises:
            StorageError: if there is no room, or the folder is gone.
        """
        with _written(self.folder):
            try:
                yield
            except FileNotFoundError as error:
                if self.folder.exists():
                    raise
                raise StorageError(
                    f"{str(self.folder)!r}, from which a process on JAX is to read the study, is "
                    f"gone, as where old temporary files are removed: make the study anew, or have "
                    f"the environment variable TMPDIR name a folder that is left alone."
                ) from error

    def place(self) -> Path:
        """A new folder for a process.

        Raises:
            StorageError: if there is no room, or the folder is gone.
        """
        with self.files():
            return Path(tempfile.mkdtemp(prefix="process-", dir=self.folder))

    def write(self, spec: StudySpec, rows: Rows) -> None:
        """Write the model and the rows, once.

        Args:
            spec: the study, with its model.
            rows: x, y and sample_weight as they were given.

        Raises:
            InputError: naming what cannot be written as data.
            StorageError: if there is no room.
        """
        with self.files():
            self._parts = write_parts(self.folder, spec, rows)

    def state(self, spec: StudySpec, place: Path, networks: dict[Network, str]) -> None:
        """Write for a process which study it is to make of the model and the rows.

        Args:
            spec: the study, with any candidates.
            place: the folder of the process.
            networks: the file of each network of this study that has been written, to which those
                that have not are added.

        Raises:
            InputError: naming what cannot be written as data.
            StorageError: if there is no room, or the folder is gone.
        """
        with _lock, self.files():
            networks.update(write_networks(self.folder, spec.candidates, networks))
            write_study(place, spec, self._parts, networks)

    def __copy__(self) -> Self:
        return self

    def __deepcopy__(self, _: Any) -> Self:
        return self

    def __getstate__(self) -> Mapping[str, Any]:
        with _lock, self.files():
            found = [path for path in self.folder.iterdir() if path.is_file()]
            files = {path.name: path.read_bytes() for path in found if path.name != OWNER}
        return {"files": files, "parts": self._parts}

    def __setstate__(self, state: Mapping[str, Any]) -> None:
        self._take_folder()
        self._parts = state["parts"]
        with self.files():
            for name, content in state["files"].items():
                (self.folder / name).write_bytes(content)


def _renew() -> None:
    """Open the lock in a fork of this process, where the thread that holds it is not."""
    global _lock
    _lock = threading.Lock()


if hasattr(os, "register_at_fork"):
    os.register_at_fork(after_in_child=_renew)


@contextlib.contextmanager
def _written(folder: Path) -> Iterator[None]:
    """Report in one sentence that files cannot be written."""
    try:
        yield
    except OSError as error:
        raise StorageError(
            f"{str(folder)!r}, from which a process on JAX is to read the study, cannot be written "
            f"({reason(error)}): make room there, or have the environment variable TMPDIR name "
            f"another folder."
        ) from error
