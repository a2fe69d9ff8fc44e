"""A process in which one competitor trains: requests and answers are lines of JSON.

``python -m benchmarks.worker KEY CORES``; started by :mod:`benchmarks.processes`.
"""

import dataclasses
import json
import os
import sys
from typing import Any

from benchmarks.cases import Case
from benchmarks.competitors import COMPETITORS, Competitor


def answer(competitor: Competitor, request: dict[str, Any]) -> dict[str, Any]:
    """What a request asks for: ``{"prepare": case}`` or ``{"measure": pair}``."""
    if "prepare" in request:
        return {"compile_seconds": competitor.prepare(Case(**request["prepare"]))}
    return dataclasses.asdict(competitor.measure(request["measure"]))


def keep_to(cores: int) -> None:
    """Use no more than so many cores, for whatever is loaded from now on."""
    if hasattr(os, "sched_setaffinity"):
        os.sched_setaffinity(0, sorted(os.sched_getaffinity(0))[:cores])


def main() -> None:
    """Answer until the input ends. What libraries print goes to standard error."""
    key, cores = sys.argv[1], int(sys.argv[2])
    answers = os.fdopen(os.dup(1), "w", encoding="utf-8")
    os.dup2(2, 1)
    keep_to(cores)
    competitor = COMPETITORS[key].make(cores)
    for line in sys.stdin:
        try:
            reply = answer(competitor, json.loads(line))
        except Exception as error:  # the other side gets it, and continues without
            reply = {"error": f"{type(error).__name__}: {error}"}
        answers.write(json.dumps(reply) + "\n")
        answers.flush()


if __name__ == "__main__":
    main()
