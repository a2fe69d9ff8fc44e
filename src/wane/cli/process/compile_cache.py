"""Compiled programs kept from one start of the command line to the next."""

import hashlib
import os
import platform
import warnings
from pathlib import Path

LARGEST = 256 * 2**20
"""Bytes that the cache may take; a study's programs take about one mebibyte."""


def keep_compiled_programs() -> None:
    """Let JAX keep what it compiles in the user's cache folder, and find it there again.

    This is for a process of wane's own, before JAX is imported: it sets JAX's environment
    variables, as :func:`cache_variables` has them.

    """
    silence_unreadable_programs()
    os.environ.update(cache_variables())


def silence_unreadable_programs() -> None:
    """Say nothing of a kept program that JAX cannot read or write, in this process.

    JAX warns of one that another process is writing, or was ended while it wrote it, and compiles
    the program; a user can do nothing about that.
    """
    warnings.filterwarnings("ignore", "Error (reading|writing) persistent compilation cache")


def cache_variables() -> dict[str, str]:
    """The environment variables by which a process of wane's own keeps what JAX compiles.

    Where the user has set ``JAX_COMPILATION_CACHE_DIR``, or nothing can be written, there are none.
    A program compiled for one processor may not run on another, so each kind of processor has a
    folder of its own.
    """
    import platformdirs

    if "JAX_COMPILATION_CACHE_DIR" in os.environ:
        return {}
    folder = Path(platformdirs.user_cache_path("wane")) / f"compiled-{_processor()}"
    try:
        folder.mkdir(mode=0o700, parents=True, exist_ok=True)
    except OSError:  # a home that is read-only: compile each time
        return {}
    if not os.access(folder, os.W_OK):
        return {}
    defaults = {
        "JAX_COMPILATION_CACHE_MAX_SIZE": str(LARGEST),
        # Many small programs prepare a study; together they take as long as the large ones.
        "JAX_PERSISTENT_CACHE_MIN_COMPILE_TIME_SECS": "0",
    }
    own = {name: value for name, value in defaults.items() if name not in os.environ}
    return {"JAX_COMPILATION_CACHE_DIR": str(folder), **own}


def _processor() -> str:
    """A short name for this kind of processor and its instructions."""
    parts = [platform.machine(), platform.processor()]
    try:
        lines = Path("/proc/cpuinfo").read_text(encoding="utf-8").splitlines()
        parts += sorted({line for line in lines if line.startswith(("flags", "Features"))})
    except OSError:  # only Linux has that file
        parts.append(platform.platform())
    return hashlib.sha256("\n".join(parts).encode()).hexdigest()[:12]
