"""A study that a process of another backend states, trained by a process on JAX."""

import contextlib
import dataclasses
import functools
import os
import shutil
import tempfile
import weakref
from collections.abc import Iterable, Iterator, Mapping, Sequence
from pathlib import Path
from typing import Any, NoReturn, Self, TypeVar

from wane._errors import InputError, Interrupted, StorageError
from wane.keras_model.backend.choice import backend_name, runs_on_jax
from wane.penalties import CATALOGUE, Candidate, Change, Network, Penalty
from wane.study.journal.names import ADDED, JOURNAL
from wane.study.journal.unopened import ended_statement, spec_of
from wane.study.results.comparison import Comparison
from wane.study.spec.documents import candidate_of
from wane.study.spec.looks import PLAN
from wane.study.spec.methods import method_candidates
from wane.study.spec.spaces.search import checked_space, space_document
from wane.study.spec.spec import StudySpec
from wane.study.worker.handed import Handed
from wane.study.worker.owners import remove
from wane.study.worker.process import NotBegunError, WorkerProcess, say
from wane.study.worker.request import (
    Call,
    Rows,
    candidate_documents,
    check_crossing,
    read_asked,
    write_call,
)
from wane.study.worker.taken import Ask, TakenPath, TakenResult, taken_path, taken_result
from wane.study.worker.waiting import is_taken, keep_waiting
from wane.training.execution import Execution

Taken = TypeVar("Taken", TakenResult, TakenPath)


_told: list[str] = []
"""The backend of this process, once it has been said that another one trains."""


@dataclasses.dataclass(frozen=True, eq=False)
class Elsewhere:
    """A study to be trained by a process on JAX, whose methods are those of :class:`wane.Study`.

    Attributes:
        spec: the study.
        handed: its model and rows.
        networks: the files of the networks of its candidates, as they were when they were written
            for this study, or for the one that it was made of; another one's may have been trained
            since.
        progress, execution, ray: as :meth:`wane.Study.run` takes them.
        ready: a process that has checked this study, and perhaps still waits for its training.
    """

    spec: StudySpec
    handed: Handed
    networks: dict[Network, str] = dataclasses.field(default_factory=dict)
    progress: bool = False
    execution: Execution | None = None
    ray: str | None = None
    ready: WorkerProcess | None = None

    @classmethod
    def of(cls, spec: StudySpec, rows: Rows) -> Self | None:
        """A study that a process on JAX has been handed and has checked; None in a process on JAX.

        Args:
            spec: the study, with its model.
            rows: x, y and sample_weight as they were given.

        Raises:
            InputError: if anything of it does not fit together, or data cannot hold it.
            StorageError: if it cannot be written.
        """
        if runs_on_jax():
            return None
        check_crossing(spec)
        handed = Handed()
        with _started(handed) as process:  # which begins while the study is written
            handed.write(spec, rows)
            return cls(spec, handed)._checked_by(process)

    def of_candidates(self, spec: StudySpec) -> Self:
        """The same study of other candidates, checked.

        Raises:
            InputError, StorageError: as of :meth:`of`.
        """
        with _started(self.handed) as process:
            return self._of(spec)._checked_by(process)

    def _of(self, spec: StudySpec) -> Self:
        """The study of another specification, whose networks are this one's where it has them."""
        known = {one: file for one, file in self.networks.items() if one in spec.networks}
        return dataclasses.replace(self, spec=spec, networks=known, ready=None)

    def _checked_by(self, process: WorkerProcess) -> Self:
        self.handed.state(self.spec, process.place, self.networks)
        if not process.go_on(checks=True):  # as where it would hold the memory of a GPU
            process.end()
            return dataclasses.replace(self, ready=None)
        keep_waiting(process)
        return dataclasses.replace(self, ready=process)

    def asked_to(self, progress: bool, execution: Execution | None, ray: str | None) -> Self:
        """The study, to be trained so."""
        return dataclasses.replace(self, progress=progress, execution=execution, ray=ray)

    def __getstate__(self) -> dict[str, Any]:  # a process is of this one alone
        return {**self.__dict__, "ready": None}

    def run(self, folder: str | Path | None, begun: Path | None = None) -> TakenResult:
        """Train every candidate.

        Args:
            folder: where the study is written; None takes a temporary folder.
            begun: the temporary folder of a study without one, of which this one grows.
        """
        with _placed(folder, begun) as place:
            call = self._trained("run", {}, place)
            grow = functools.partial(self._grown, place, folder is None)
            return _kept(taken_result(place, self._asking(call), grow), place, folder)

    def compare(
        self, methods: Sequence[str] | Mapping[str, Any] | None, folder: Any, **others: Any
    ) -> Comparison:
        """Compare methods; the arguments are those of :meth:`wane.Study.compare`."""
        if isinstance(methods, Mapping):
            methods = {
                str(name): candidate_documents(method_candidates(name, own))
                for name, own in methods.items()
            }
        with _placed(folder) as place:
            call = self._trained("compare", {"methods": methods, **others}, place)
            found = taken_result(place, self._asking(call), _grown_comparison)
            return Comparison(_kept(found, place, folder))

    def tune(self, space: Any, folder: Any, *, penalty: type[Penalty], **others: Any) -> Comparison:
        """Search a space; the arguments are those of :meth:`wane.Study.tune`."""
        own = None if space is None else space_document(checked_space(space))
        arguments = {"space": own, "penalty": _name_of(penalty, "a search"), **others}
        with _placed(folder) as place:
            call = self._trained("tune", arguments, place)
            found = taken_result(place, self._asking(call), _grown_comparison)
            return Comparison(_kept(found, place, folder))

    def path(
        self, penalty: type[Penalty], strengths: Iterable[float], folder: Any, **others: Any
    ) -> TakenPath:
        """Train a path; the arguments are those of :meth:`wane.Study.path`."""
        name = _name_of(penalty, "a path")
        own = {"penalty": name, "strengths": list(strengths), **others}
        with _placed(folder) as place:
            call = self._trained("path", own, place)
            return _kept(taken_path(place, self._asking(call)), place, folder)

    def _trained(self, method: str, arguments: Mapping[str, Any], place: Path) -> Call:
        """Have a process train in a folder; returns what it was called with."""
        call = Call(method, str(place), self.progress, self.execution, arguments, self.ray)
        if self.ready is not None and is_taken(self.ready):
            with contextlib.suppress(NotBegunError):
                self._done_by(self.ready, call)
                return call
        self._done(call)
        return call

    def _done(self, call: Call) -> Any:
        """Have a new process do a call; returns the answer to what it asks, if anything."""
        with _started(self.handed) as process:
            self.handed.state(self.spec, process.place, self.networks)
            return self._done_by(process, call)

    def _done_by(self, process: WorkerProcess, call: Call) -> Any:
        """Have a process do a call, and end; returns the answer to what it asks, if anything."""
        try:
            with self.handed.files():
                write_call(process.place, call)
            process.go_on()
            return read_asked(process.place)
        finally:
            process.end()

    def _asking(self, call: Call) -> Ask:
        return functools.partial(self._asked, call)

    def _asked(self, call: Call, method: str, **arguments: Any) -> Any:
        """What a method of the result of a call gives that has been done.

        The folder may hold more by now: more repeats, and candidates that change how others are
        named.
        """
        place = Path(call.folder)
        statement = ended_statement(place)
        asked = self
        if call.method == "run":
            asked = dataclasses.replace(self, spec=_as_stated(self.spec, statement))
        if "candidate" in arguments:
            stated = spec_of(statement, place / JOURNAL)
            index = stated.candidates.index(arguments["candidate"])
            arguments["candidate"] = stated.names[index]
        how: dict[str, Any] = {"progress": False, "ray": None, "ask": (method, arguments)}
        return asked._done(dataclasses.replace(call, **how))

    def _grown(
        self,
        place: Path,
        temporary: bool,
        repeats: int | None,
        candidates: Sequence[Candidate | Change] | None,
        progress: bool,
        execution: Execution | None,
        ray: str | None,
    ) -> TakenResult:
        """The study, trained on; see :meth:`wane.Result.extend`."""
        grown = self._of(self.spec.grown(repeats, candidates)).asked_to(
            progress, execution or self.execution, ray
        )
        return grown.run(None, begun=place) if temporary else grown.run(place)


@contextlib.contextmanager
def _started(handed: Handed) -> Iterator[WorkerProcess]:
    """A new process, which does not outlast an error."""
    here = backend_name()
    if here not in _told and here != "jax":
        _told.append(here)
        say(f"Keras runs on {here!r} here: a process of its own trains on JAX.\n")
    process = WorkerProcess(handed.place())
    try:
        yield process
    except BaseException:
        process.end()
        raise


@contextlib.contextmanager
def _placed(folder: str | Path | None, begun: Path | None = None) -> Iterator[Path]:
    """Where a study is trained, wherever this process goes meanwhile.

    A temporary folder does not outlast an error, whose sentence then says so.
    """
    if folder is not None:
        yield Path(folder).absolute()
        return
    place = Path(tempfile.mkdtemp(prefix="wane-"))
    try:
        if begun is not None:
            shutil.copytree(begun, place, dirs_exist_ok=True)
        yield place
    except BaseException as error:
        shutil.rmtree(place, ignore_errors=True)
        count, kept, _ = str(error).partition("; they are kept in ")
        if kept and isinstance(error, Interrupted | StorageError):
            raise type(error)(f"{count}; they went with the temporary folder.") from None
        raise


def _kept(found: Taken, place: Path, folder: Any) -> Taken:
    """A result, with which its folder goes if that is a temporary one."""
    if folder is None:
        weakref.finalize(found, remove, place, os.getpid())
    return found


def _as_stated(spec: StudySpec, statement: Mapping[str, Any]) -> StudySpec:
    """A study as its folder states it now, to which it may have grown."""
    stated = StudySpec.from_dict(statement)
    groups = [group["candidates"].values() for group in statement.get(ADDED, ())]
    later = [candidate_of(document) for group in groups for document in group]
    plan = {name: getattr(stated, name) for name in PLAN}
    if spec.repeats is None:  # the splits say how many
        plan["repeats"] = None
    return dataclasses.replace(spec.grown(None, later), **plan)


def _name_of(penalty: type[Penalty], what: str) -> str:
    """The name of a penalty of the catalogue, which alone can be handed over."""
    names = [name for name, kind in CATALOGUE.items() if kind is penalty]
    if not names:
        raise InputError(
            f"The penalty of {what} must be one of wane's classes, such as wane.L2, to be handed "
            f"to JAX, got {penalty!r}."
        )
    return names[0]


def _grown_comparison(*_: Any) -> NoReturn:
    raise InputError(
        "A comparison of methods cannot be extended from another backend than JAX: compare anew, "
        "with all methods and repeats."
    )
