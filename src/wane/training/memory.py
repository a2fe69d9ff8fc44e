"""How much memory a call of a program takes, and how much there is."""

from typing import Any

import jax
import psutil

SHARE = 0.8
"""The share of free memory that calls may take together; the rest is for all else."""


def bytes_of_call(executable: Any) -> int:
    """What one call of a compiled program holds at once: inputs, outputs and what lies between."""
    told = executable.memory_analysis()
    if told is None:  # not every backend can tell
        return 0
    parts = (told.argument_size_in_bytes, told.output_size_in_bytes, told.temp_size_in_bytes)
    return int(sum(parts)) - int(told.alias_size_in_bytes)


def free_bytes(device: jax.Device) -> int:
    """Memory that calls may take on this device."""
    told = device.memory_stats()
    if told and "bytes_limit" in told:
        free = told["bytes_limit"] - told["bytes_in_use"]
    else:
        free = psutil.virtual_memory().available
    return int(SHARE * free)


def ran_out(error: BaseException | None) -> bool:
    """Whether a call failed because memory did not hold it, on the device or on the host."""
    told = isinstance(error, jax.errors.JaxRuntimeError) and "RESOURCE_EXHAUSTED" in str(error)
    return told or isinstance(error, MemoryError)
