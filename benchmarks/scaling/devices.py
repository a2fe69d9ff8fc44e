"""Width against speed: how many runs train side by side in a call, and how fast.

``python -m benchmarks.scaling.devices [CASE …]`` prints a table for each case, on whatever devices
JAX finds: on a CPU ``vmap`` is forced, beside threads; of several accelerators all are used. The
time is that of training calls, without compiling.
"""

import sys
import time
from typing import Any

NAMES = ("case-study", "cnn", "lstm")
WIDTHS = (1, 8, 32, 128, 512, 2048)
EPOCHS = {"case-study": 200, "cnn": 2, "lstm": 2}
SECONDS = 5.0
"""A width after one whose call took longer than this is not tried."""


def table(name: str) -> list[str]:
    """The rows of one case, as Markdown."""
    lines = [
        f"**{name}**, {EPOCHS[name]} epochs",
        "",
        "| execution | width | runs a second | µs for an epoch of a run | MiB a call | of memory |",
        "| --- | --- | --- | --- | --- | --- |",
    ]
    for kind, width in _executions():
        found = _measured(name, kind, width)
        if found is None:
            lines.append(f"| {kind} | {width} | more than memory holds | | | |")
            break
        seconds, runs, size, share = found
        each = 1e6 * seconds / runs / EPOCHS[name]
        lines.append(
            f"| {kind} | {width} | {runs / seconds:,.1f} | {each:,.1f} | {size / 2**20:,.1f} "
            f"| {share:.2%} |"
        )
        if seconds > SECONDS:
            break
    return lines


def _executions() -> list[tuple[str, int]]:
    import jax

    several = len(jax.devices()) > 1 and jax.default_backend() != "cpu"
    wide = [("devices" if several else "vmap", width) for width in WIDTHS]
    wide = [
        (kind, width) for kind, width in wide if width % (len(jax.devices()) * several or 1) == 0
    ]
    return [("threads", 1), *wide] if jax.default_backend() == "cpu" else wide


def _measured(name: str, kind: Any, width: int) -> tuple[float, int, int, float] | None:
    """Seconds, runs, bytes of a call and their share of free memory; None if memory runs out."""
    import dataclasses

    import jax

    from benchmarks.cases import CASES, DATA
    from benchmarks.competitors.engine import session_of
    from wane.training.execution import Execution
    from wane.training.memory import free_bytes

    case = dataclasses.replace(CASES[name], epochs=EPOCHS[name], runs=2 * max(width, 8))
    execution = Execution(kind) if kind == "threads" else Execution(kind, width=width)
    session = session_of(case, DATA[case.data](), execution)
    runs = [run for run in session.runs() if run.candidate == 1]
    first, timed = runs[:width], runs[width : width + case.runs]
    list(session.workers.results(first, session.initial_state))
    began = time.perf_counter()
    found = list(session.workers.results(timed, session.initial_state))
    seconds = time.perf_counter() - began
    (queue,) = (queue for queue in session.workers.queues if queue.begun)
    if queue.too_wide:
        return None
    size = queue.bytes_of_call
    return seconds, len(found), size, size / free_bytes(jax.devices()[0])


def main() -> None:
    """Print a table for each case that was asked for."""
    import jax

    devices = jax.devices()
    print(f"{len(devices)} × {devices[0].device_kind}\n")
    for name in sys.argv[1:] or NAMES:
        print("\n".join(table(name)) + "\n", flush=True)


if __name__ == "__main__":
    main()
