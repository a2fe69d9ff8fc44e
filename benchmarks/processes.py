"""Processes that train, as seen by the one that measures."""

import dataclasses
import json
import os
import subprocess
import sys
from pathlib import Path
from types import TracebackType
from typing import Any, Self

from benchmarks.cases import Case
from benchmarks.competitors import COMPETITORS
from benchmarks.results import Measurement, measurement_of

ROOT = Path(__file__).parents[1]


class FailedError(Exception):
    """A competitor could not do what was asked."""


def environment(backend: str = "jax") -> dict[str, str]:
    """The environment of a process that measures: one backend, by default on the CPU."""
    return {
        **os.environ,
        "KERAS_BACKEND": backend,
        "PYTHONPATH": str(ROOT),
        "TF_CPP_MIN_LOG_LEVEL": "3",
        "PYTHONWARNINGS": "ignore",
    }


class Remote:
    """One competitor in a process of its own, on so many cores."""

    def __init__(self, key: str, cores: int) -> None:
        self._key = key
        self._process = subprocess.Popen(
            [sys.executable, "-m", "benchmarks.worker", key, str(cores)],
            stdin=subprocess.PIPE,
            stdout=subprocess.PIPE,
            text=True,
            cwd=ROOT,
            env=environment(COMPETITORS[key].backend),
        )

    def prepare(self, case: Case) -> float:
        """Make it ready for a case; returns the seconds that compiling took."""
        return float(self._ask({"prepare": dataclasses.asdict(case)})["compile_seconds"])

    def measure(self, pair: int) -> Measurement:
        """One timed piece of work."""
        return measurement_of(self._ask({"measure": pair}))

    def close(self) -> None:
        """End the process."""
        assert self._process.stdin is not None
        self._process.stdin.close()
        try:
            self._process.wait(timeout=10)
        except subprocess.TimeoutExpired:
            self._process.kill()

    def _ask(self, request: dict[str, Any]) -> dict[str, Any]:
        assert self._process.stdin is not None and self._process.stdout is not None
        try:
            self._process.stdin.write(json.dumps(request) + "\n")
            self._process.stdin.flush()
            line = self._process.stdout.readline()
        except BrokenPipeError:
            line = ""
        if not line:
            raise FailedError(f"the process of {self._key} has ended")
        reply: dict[str, Any] = json.loads(line)
        if "error" in reply:
            raise FailedError(reply["error"].splitlines()[0])
        return reply


class Pool:
    """Processes, started when first asked for and kept until the end."""

    def __init__(self) -> None:
        self._remotes: dict[tuple[str, int], Remote] = {}

    def __enter__(self) -> Self:
        return self

    def __exit__(
        self,
        kind: type[BaseException] | None,
        error: BaseException | None,
        trace: TracebackType | None,
    ) -> None:
        for remote in self._remotes.values():
            remote.close()

    def __call__(self, key: str, cores: int) -> Remote:
        """The process of a competitor."""
        if (key, cores) not in self._remotes:
            self._remotes[key, cores] = Remote(key, cores)
        return self._remotes[key, cores]


def output_of(*arguments: str) -> str:
    """What a Python process prints; its errors go to ours."""
    finished = subprocess.run(
        [sys.executable, *arguments],
        stdout=subprocess.PIPE,
        text=True,
        cwd=ROOT,
        env=environment(),
        check=True,
    )
    return finished.stdout
