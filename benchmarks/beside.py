"""Shapes measured pair by pair: wane, a loop around ``fit``, and an older wane beside them."""

import contextlib
import io
import json
import os
import subprocess
import sys
import tarfile
import tempfile
from collections.abc import Iterator, Sequence
from pathlib import Path

from benchmarks.paired import note
from benchmarks.processes import ROOT, environment
from benchmarks.results import ShapeComparison, ShapeReading, ShapeRun

RUNS = 21
"""Networks in a piece: three repeats of seven candidates."""


@contextlib.contextmanager
def older(commit: str | None) -> Iterator[Path | None]:
    """The sources of an earlier commit, in a folder; None if there is none to be measured."""
    if commit is None:
        yield None
        return
    packed = subprocess.run(
        ["git", "archive", commit, "src"], cwd=ROOT, stdout=subprocess.PIPE, check=True
    ).stdout
    with tempfile.TemporaryDirectory() as folder:
        with tarfile.open(fileobj=io.BytesIO(packed)) as archive:
            archive.extractall(folder, filter="data")
        yield Path(folder) / "src"


def shapes_compared(
    keys: Sequence[str], pairs: int, *, before: Path | None, quick: bool
) -> tuple[ShapeComparison, ...]:
    """Every shape in turn, all ways of each in turn, again and again.

    Args:
        keys: of the shapes.
        pairs: how many times.
        before: the sources of an older wane, or None.
        quick: whether to take few rows and runs.
    """
    ways = {"wane": ("wane", ROOT / "src"), "fit": ("fit", ROOT / "src")}
    if before is not None:
        ways["before"] = ("wane", before)
    compared = []
    for key in keys:
        load = os.getloadavg()[0]
        taken: dict[str, list[ShapeRun]] = {name: [] for name in ways}
        for pair in range(pairs):
            names = [*list(ways)[pair % len(ways) :], *list(ways)[: pair % len(ways)]]
            for name in names:
                taken[name].append(_measured(key, *ways[name], quick=quick))
                one = taken[name][-1]
                note(
                    f"{key}: pair {pair + 1} of {pairs}, {name}: {1e3 * one.seconds_per_run:.1f} "
                    f"ms a run after {one.fixed_seconds:.1f} s, {one.peak_mebibytes:.0f} MiB"
                )
        readings = tuple(
            ShapeReading.of(name, own, taken["wane"], taken["fit"]) for name, own in taken.items()
        )
        compared.append(ShapeComparison(key, pairs, (load, os.getloadavg()[0]), readings))
    return tuple(compared)


def _measured(key: str, way: str, sources: Path, *, quick: bool) -> ShapeRun:
    finished = subprocess.run(
        [
            *(sys.executable, "-m", "benchmarks.shape_process", key, way),
            *((str(7), "quick") if quick else (str(RUNS),)),
        ],
        stdout=subprocess.PIPE,
        text=True,
        cwd=ROOT,
        env=environment() | {"PYTHONPATH": f"{sources}{os.pathsep}{ROOT}"},
        check=True,
    )
    return ShapeRun(**json.loads(finished.stdout))
