"""How much memory a call of a program takes, how much there is, and what is given back."""

import ctypes
import functools
from collections.abc import Callable
from typing import Any

import jax
import psutil

SHARE = 0.8
"""The share of free memory that calls may take together; the rest is for all else."""


def bytes_of_call(executable: Any) -> int:
    """What one call of a compiled program holds at once: inputs, outputs and what lies between."""
    sizes = executable.memory_analysis()
    if sizes is None:  # not every backend has them
        return 0
    parts = (sizes.argument_size_in_bytes, sizes.output_size_in_bytes, sizes.temp_size_in_bytes)
    return int(sum(parts)) - int(sizes.alias_size_in_bytes)


def free_bytes(device: jax.Device) -> int:
    """Memory that calls may take on this device."""
    used = device.memory_stats()
    if used and "bytes_limit" in used:
        free = used["bytes_limit"] - used["bytes_in_use"]
    else:
        free = psutil.virtual_memory().available
    return int(SHARE * free)


def ran_out(error: BaseException | None) -> bool:
    """Whether a call failed because memory did not hold it, on the device or on the host."""
    on_device = isinstance(error, jax.errors.JaxRuntimeError) and "RESOURCE_EXHAUSTED" in str(error)
    return on_device or isinstance(error, MemoryError)


def give_back() -> None:
    """Give freed memory back to the system, where the C library keeps it for later.

    XLA's compiler takes and frees tens of megabytes for a small network, which glibc keeps in the
    arena of each compiling thread; a study's peak would grow by as much. It takes some hundredths
    of a second; elsewhere than on glibc nothing is done.
    """
    trim = _trim()
    if trim is not None:
        trim(0)


@functools.cache
def _trim() -> Callable[[int], int] | None:
    try:
        return ctypes.CDLL(None).malloc_trim
    except (AttributeError, OSError, TypeError):  # musl, macOS and Windows have none
        return None
