"""The machine that is measured on, without its name."""

import os
import platform
import shutil
import subprocess
from importlib.metadata import PackageNotFoundError, version
from pathlib import Path

from benchmarks.paired import cores

PACKAGES = ("wane", "keras", "jax", "jaxlib", "numpy", "scikit-learn", "tensorflow-cpu", "torch")


def description() -> dict[str, str]:
    """Processor, cores, memory and versions."""
    versions = {name: _version(name) for name in PACKAGES}
    return {
        "processor": _processor(),
        "cores": str(cores()),
        "memory": _memory(),
        "system": platform.system(),
        "python": platform.python_version(),
        **{name: found for name, found in versions.items() if found},
        "C compiler": _compiler(),
    }


def _version(name: str) -> str:
    try:
        return version(name)
    except PackageNotFoundError:
        return ""


def _processor() -> str:
    """The model, and its widest vector instructions where Linux tells them."""
    try:
        lines = Path("/proc/cpuinfo").read_text(encoding="utf-8").splitlines()
    except OSError:
        return platform.processor() or platform.machine()
    fields = dict(line.split("\t:", 1)[0:2] for line in lines if "\t:" in line)
    fields = {name.strip(): value.strip() for name, value in fields.items()}
    widest = [name for name in ("avx512f", "avx2") if name in fields.get("flags", "").split()][:1]
    family = f"family {fields['cpu family']}" if "cpu family" in fields else ""
    parts = (fields.get("model name", platform.machine()), family, *widest)
    return ", ".join(part for part in parts if part)


def _memory() -> str:
    try:
        size = os.sysconf("SC_PHYS_PAGES") * os.sysconf("SC_PAGE_SIZE")
    except (ValueError, OSError):
        return "unknown"
    return f"{size / 2**30:.0f} GiB"


def _compiler() -> str:
    if shutil.which("cc") is None:
        return "none"
    finished = subprocess.run(["cc", "--version"], capture_output=True, text=True, check=False)
    return finished.stdout.splitlines()[0] if finished.stdout else "unknown"
