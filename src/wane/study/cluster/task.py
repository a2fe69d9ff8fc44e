"""What Ray calls on a worker: it loads as little as it can until the process is set up.

JAX and Keras read the environment and count cores when they are first imported, so that comes
after; and whatever goes wrong is returned as plain values, since an exception that the driver
cannot unpickle would arrive without its cause.
"""

import contextlib
import os
import socket
import sys
import traceback
from collections.abc import Iterator
from pathlib import Path
from typing import Any

Answer = dict[str, Any]
"""What a task returns: plain values and NumPy arrays alone."""


def train(order: bytes, threads: int, study: list[Any]) -> Answer:
    """Train a batch of runs.

    Args:
        order: what to train, as :mod:`wane.study.cluster.orders` packs it.
        threads: the cores that this worker may use.
        study: a reference to the study in the object store, in a list, so that it is read where it
            is not known yet, and not for each batch.

    Returns:
        What :func:`wane.study.cluster.orders.answer` gives, or what went wrong; and where.
    """
    where = {"node": socket.gethostname(), "process": os.getpid()}
    try:
        if "jax" not in sys.modules:
            os.environ["KERAS_BACKEND"] = "jax"
            with share_of_cores(threads):
                from wane.cli.process.compile_cache import keep_compiled_programs

                keep_compiled_programs()
                import jax

                jax.devices()  # starts its threads
        from wane.study.cluster.trained import answer

        return {**where, **answer(order, study)}
    except Exception as error:
        return {**where, **_fault(error)}


def _fault(error: Exception) -> Answer:
    """What went wrong, as plain values."""
    missing = error.name if isinstance(error, ImportError) else None
    texts = {"text": str(error), "traceback": "".join(traceback.format_exception(error))}
    return {"error": type(error).__name__, "missing": missing, **texts}


@contextlib.contextmanager
def share_of_cores(count: int) -> Iterator[None]:
    """Let libraries that are loaded in this block see so many cores, as many as are this worker's.

    XLA starts a thread for each core that it may use when it starts. On one machine there are other
    workers, and nobody says which cores are whose: afterwards every thread may use any again, as
    the system sees fit. Other systems than Linux do without.
    """
    every = os.sched_getaffinity(0) if hasattr(os, "sched_setaffinity") else set()
    if len(every) <= count:
        yield
        return
    os.sched_setaffinity(0, sorted(every)[:count])
    try:
        yield
    finally:
        for thread in Path("/proc/self/task").iterdir():
            with contextlib.suppress(OSError):  # it has ended
                os.sched_setaffinity(int(thread.name), every)
