"""The worker's part: the study made once in its process, then batch after batch of its runs."""

import contextlib
import gc
import time
from typing import Any

import jax

from wane._errors import InputError, joined
from wane.keras_model.crossing.settings import forget_models
from wane.study.cluster.handing import Packed, unpacked
from wane.study.cluster.orders import Order, checkpoint_document, trained_document
from wane.study.journal.folder import DECISIVE, versions
from wane.study.journal.identity import FINGERPRINTS, differences
from wane.study.running.session import Session
from wane.study.running.statement import fingerprints
from wane.study.running.trainer import initial_states
from wane.training.checkpoint import Checkpoint
from wane.training.workers import StoppedError

_known: dict[str, Session] = {}
"""The session of the study whose runs this process trained last, by the study's name."""


class UnlikeError(InputError):
    """This worker would train another study than the driver."""


def answer(content: bytes, study: list[Any]) -> dict[str, Any]:
    """Train a batch of runs, as the threads of this process do.

    Args:
        content: an :class:`Order`, packed.
        study: a reference to the :class:`Packed` study in the object store, in a list.

    Returns:
        ``trained``, a document for each run that has ended; ``kept``, one for each that has not but
        could resume; ``seconds`` that the whole took, and ``compile`` of them without training.

    Raises:
        UnlikeError: if this process is of other versions, or makes another study of it.
        InputError: if memory does not hold a single run.
    """
    began = time.perf_counter()
    order = Order.unpacked(content)
    session = _session(order, study)
    made = time.perf_counter() - began
    workers = session.workers
    compiled, spent = workers.compile_seconds, [queue.seconds for queue in workers.queues]
    trained, kept = _trained(order, session)
    return {
        "trained": trained,
        "kept": [checkpoint_document(one) for one in kept],
        "seconds": time.perf_counter() - began,
        "compile": made + workers.compile_seconds - compiled,
        "spent": [queue.seconds - t for queue, t in zip(workers.queues, spent, strict=True)],
        "device": workers.summary()["device"],
    }


def _trained(order: Order, session: Session) -> tuple[list[Any], list[Checkpoint]]:
    """Documents of the runs that have ended in time, and checkpoints of others."""
    workers = session.workers
    given = {(one.candidate, one.repeat): one for one in order.checkpoints if one is not None}
    which = [(run.candidate, run.repeat) for run in order.runs]
    further = dict(zip(which, order.continuations, strict=True))
    kept: dict[tuple[int, int], Checkpoint] = {}
    trained: list[Any] = []
    first: list[float] = []  # compiling may take longer than a batch

    def tick() -> None:
        if workers.epochs_done and not first:
            first.append(time.perf_counter())
        if first and time.perf_counter() - first[0] > order.seconds:
            workers.stop()

    def keep(checkpoint: Checkpoint) -> None:
        kept[checkpoint.candidate, checkpoint.repeat] = checkpoint

    results = workers.results(
        order.runs,
        initial_states(session, lambda run: further[run.candidate, run.repeat]),
        tick,
        keep=keep,
        checkpoint=lambda run: given.get((run.candidate, run.repeat)),
    )
    ended = set()
    try:
        with contextlib.suppress(StoppedError):  # the slice has ended
            for one in results:
                own = one.run.candidate, one.run.repeat
                ended.add(own)
                trained.append(trained_document(which.index(own), one))
    finally:
        results.close()
    return trained, [one for own, one in kept.items() if own not in ended]


def _session(order: Order, study: list[Any]) -> Session:
    """The session of a study, made where this process does not know it yet."""
    if order.study not in _known:
        _known.clear()
        forget_models()
        jax.clear_caches()
        gc.collect()
        _check_versions(order)
        session = unpacked(_read(study))
        _check_same(order, session)
        _known[order.study] = session
    session = _known[order.study]
    for step, candidates in order.additions[len(session.added) :]:
        session.take_further(candidates, step)
    return session


def _read(study: list[Any]) -> Packed:
    (reference,) = study
    if isinstance(reference, Packed):  # this process is the driver's own
        return reference
    import ray

    content, arrays = ray.get(reference)
    return Packed(content, arrays)


def _check_versions(order: Order) -> None:
    """Check that this process is what the driver is."""
    here = versions()
    names = (*DECISIVE, "python") if _minor(here) != _minor(order.versions) else DECISIVE
    other = [name for name in names if here.get(name) != order.versions.get(name)]
    if other:
        mine = ", ".join(f"{name} {here.get(name)}" for name in other)
        theirs = ", ".join(f"{name} {order.versions.get(name)}" for name in other)
        raise UnlikeError(
            f"has {mine}, and this process {theirs}, whose runs could not be compared: install "
            f"there what is here"
        )


def _minor(found: Any) -> list[str]:
    return str(found.get("python")).split(".")[:2]


def _check_same(order: Order, session: Session) -> None:
    """Check that what was made here is the driver's study."""
    here = {FINGERPRINTS: fingerprints(session)}
    different = differences({FINGERPRINTS: dict(order.fingerprints)}, here)
    if different:
        raise UnlikeError(
            f"makes another study of what it was handed, which differs in its {joined(different)}: "
            f"use workers of the same kind of device, or train it here, without ray (--ray)"
        )
