"""What a worker is ordered to train, and the plain values that it answers with."""

import dataclasses
import pickle
from collections.abc import Mapping
from typing import Any

from wane.penalties import Candidate
from wane.study.cluster.handing import dumps
from wane.study.running.trainer import Continuation
from wane.training.batch import Run, Trained
from wane.training.checkpoint import Checkpoint


@dataclasses.dataclass(frozen=True)
class Order:
    """A batch of runs to be trained.

    Attributes:
        study: a name that no other study has.
        versions: those without which a study may give other bits.
        fingerprints: of the session that the worker makes.
        additions: the candidates that the study has added, step by step.
        runs: what to train.
        checkpoints: what each resumes from; None for those that begin.
        continuations: what each begins with beside its repeat; None for most.
        seconds: after so long a training a worker answers with what there is, and with checkpoints
            of the runs that have not ended.
    """

    study: str
    versions: Mapping[str, str]
    fingerprints: Mapping[str, Any]
    additions: tuple[tuple[str, tuple[Candidate, ...]], ...]
    runs: tuple[Run, ...]
    checkpoints: tuple[Checkpoint | None, ...]
    continuations: tuple[Continuation | None, ...]
    seconds: float

    def packed(self) -> bytes:
        """The order as bytes."""
        return dumps(self)

    @classmethod
    def unpacked(cls, content: bytes) -> "Order":
        """The order that :meth:`packed` packed."""
        order: Order = pickle.loads(content)
        return order


def trained_document(place: int, trained: Trained) -> tuple[Any, ...]:
    """A finished run as plain values, with its place in the order."""
    own = {field.name: getattr(trained, field.name) for field in dataclasses.fields(trained)}
    return place, {name: value for name, value in own.items() if name != "run"}


def trained_of(document: tuple[Any, ...], runs: tuple[Run, ...]) -> Trained:
    """The finished run that :func:`trained_document` wrote, of these runs of the order."""
    place, own = document
    return Trained(run=runs[place], **own)


def checkpoint_document(checkpoint: Checkpoint) -> dict[str, Any]:
    """A run between two calls as plain values."""
    return {f.name: getattr(checkpoint, f.name) for f in dataclasses.fields(checkpoint)}


def checkpoint_of(document: Mapping[str, Any]) -> Checkpoint:
    """The checkpoint that :func:`checkpoint_document` wrote."""
    return Checkpoint(**document)
