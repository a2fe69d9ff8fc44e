"""What goes wrong on a cluster, in one sentence each."""

import logging
from collections.abc import Iterator, Mapping
from contextlib import contextmanager
from typing import Any

from wane._errors import InputError, WaneError, one_line

_log = logging.getLogger(__name__)

RESUME = "finished runs are kept in the study's folder, if it has one"


@contextmanager
def faults_said(address: str) -> Iterator[None]:
    """Report what Ray raises in one sentence.

    Args:
        address: of the cluster.

    Raises:
        WaneError: in place of Ray's own error.
    """
    import ray.exceptions as errors

    try:
        yield
    except errors.WorkerCrashedError as error:
        raise WaneError(
            f"Workers of the cluster at {address} were killed again and again while they trained "
            f"the same runs, as where memory runs out; {RESUME}: give workers more memory or "
            f"threads (fewer workers at a time), or train fewer rows in a batch."
        ) from error
    except errors.OutOfMemoryError as error:
        raise WaneError(
            f"A worker of the cluster at {address} has not enough memory for these runs, and Ray "
            f"has ended it again and again; {RESUME}: take machines with more memory, or fewer "
            f"workers on each (wane.Execution('threads', threads=...))."
        ) from error
    except (errors.ObjectStoreFullError, errors.OutOfDiskError) as error:
        raise WaneError(
            f"The object store of the cluster at {address} is full, and so is the disk to which "
            f"it spills; {RESUME}: make room there, or start Ray with a larger "
            f"--object-store-memory."
        ) from error
    except errors.RayTaskError as error:
        _log.error("%s", error)
        if "failed to import" in str(error) or "No module named" in str(error):
            raise WaneError(
                f"A worker of the cluster at {address} cannot load wane: install there the wane, "
                f"JAX and Keras that are here; {RESUME}."
            ) from error
        raise WaneError(
            f"A worker of the cluster at {address} failed, which wane did not expect "
            f"({_last_line(error)}); {RESUME}, and the traceback is in the log."
        ) from error
    except errors.RayError as error:
        raise WaneError(
            f"The cluster at {address} failed ({type(error).__name__}: {one_line(error)}); "
            f"{RESUME}: run it again once the cluster is well."
        ) from error


def check_answer(answer: Mapping[str, Any]) -> None:
    """Check that a worker has trained what it was to train.

    Raises:
        InputError: if it cannot, as where versions differ or memory does not hold one run.
        WaneError: if something else went wrong there.
    """
    kind = answer.get("error")
    if kind is None:
        return
    text, where = str(answer["text"]), f"The worker on {answer['node']}"
    if kind == "UnlikeError":
        raise InputError(f"{where} {text}; {RESUME}.")
    if kind in ("InputError", "StorageError"):
        raise InputError(f"On the worker on {answer['node']}: {text}")
    if answer.get("missing"):
        raise InputError(
            f"{where} has no module {answer['missing']!r}, which the study needs: install it there "
            f"too, or define what is from it in the script itself; {RESUME}."
        )
    _log.error("%s", answer["traceback"])
    raise WaneError(
        f"{where} failed, which wane did not expect ({kind}: {one_line(Exception(text))}); "
        f"{RESUME}, and the traceback is in the log."
    )


def _last_line(error: BaseException) -> str:
    lines = [line.strip() for line in str(error).splitlines() if line.strip()]
    return lines[-1].rstrip(".") if lines else type(error).__name__
