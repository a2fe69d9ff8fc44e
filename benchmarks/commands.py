"""Whole commands by the clock: now, and the build before."""

import json
import os
import resource
import subprocess
import sys
import tempfile
import time
from collections.abc import Iterator, Sequence
from pathlib import Path
from typing import Any

from benchmarks.command_results import CommandComparison, CommandReading, CommandRun
from benchmarks.paired import note
from benchmarks.processes import ROOT, environment

COMMANDS: dict[str, tuple[str, ...]] = {
    "moons": ("study", "moons"),
    "table": ("study", "table.csv", "--target", "progression"),
    "compare": ("compare", "diabetes"),
}
QUICK = ("--epochs", "40", "--repeats", "2")
"""So many epochs that early stopping has five different patiences."""
ROWS = 120


def commands_compared(
    keys: Sequence[str], pairs: int, *, before: Path | None, commit: str, quick: bool
) -> tuple[CommandComparison, ...]:
    """Every command in turn, all ways of each in turn, again and again.

    Each way has a cache folder of its own: its first start compiles, and makes what Matplotlib and
    others keep there; later ones find that.

    Args:
        keys: of the commands.
        pairs: how many starts with programs compiled before; one more without comes first.
        before: the sources of an older wane, or None.
        commit: what these are called; empty without any.
        quick: whether to train for few epochs.
    """
    compared = []
    for key in keys:
        ways = {"now": ROOT / "src"} | ({} if before is None else {"before": before})
        load = os.getloadavg()[0]
        taken: dict[str, list[CommandRun]] = {name: [] for name in ways}
        with tempfile.TemporaryDirectory() as folder:
            for pair in range(pairs + 1):
                for name in _turned(list(ways), pair):
                    place = Path(folder) / name
                    words = (*COMMANDS[key], *(QUICK if quick else ()))
                    taken[name].append(_measured(words, ways[name], place))
                    one = taken[name][-1]
                    note(f"{key}: start {pair + 1} of {pairs + 1}, {name}: {one.seconds:.1f} s")
        readings = tuple(CommandReading.of(name, own, taken["now"]) for name, own in taken.items())
        loads = (load, os.getloadavg()[0])
        compared.append(CommandComparison(key, pairs, loads, readings, commit))
    return tuple(compared)


def _turned(names: list[str], by: int) -> Iterator[str]:
    at = by % len(names)
    yield from names[at:]
    yield from names[:at]


def _measured(words: Sequence[str], sources: Path, place: Path) -> CommandRun:
    """One start of a command in a folder that keeps a cache from start to start."""
    place.mkdir(exist_ok=True)
    _write_table(place / "table.csv")
    own = environment() | {"PYTHONPATH": str(sources), "XDG_CACHE_HOME": str(place / "cache")}
    own.pop("JAX_COMPILATION_CACHE_DIR", None)  # which all ways would share
    with tempfile.TemporaryDirectory(dir=place) as folder:
        command = [sys.executable, "-m", "wane", *words, "--json", "--out", f"{folder}/study"]
        began, used = time.perf_counter(), _processor_seconds()
        finished = subprocess.run(
            command, stdout=subprocess.PIPE, text=True, cwd=place, env=own, check=True
        )
        seconds = time.perf_counter() - began
    document = json.loads(finished.stdout)
    (chosen,) = (one for one in document["candidates"] if one["name"] == document["chosen"])
    return CommandRun(
        seconds=seconds,
        processor_seconds=_processor_seconds() - used,
        stages=document["seconds"],
        runs=sum(one["runs"] for one in document["candidates"]),
        chosen=document["chosen"],
        validation_loss=chosen["validation"]["data_loss"]["mean"],
    )


def _processor_seconds() -> float:
    """What all processes that this one started and that have ended have used."""
    used = resource.getrusage(resource.RUSAGE_CHILDREN)
    return used.ru_utime + used.ru_stime


def _write_table(path: Path) -> None:
    """The first rows of scikit-learn's diabetes as a file of a user's."""
    if not path.exists():
        from sklearn.datasets import load_diabetes

        frame: Any = load_diabetes(as_frame=True).frame
        frame.rename(columns={"target": "progression"}).head(ROWS).to_csv(path, index=False)
