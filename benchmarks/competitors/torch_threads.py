"""How many threads torch works fastest with: on small networks often one."""

import importlib
import time
from collections.abc import Callable
from typing import Any

# Not installed where types are checked, so it is imported by name.
torch: Any = importlib.import_module("torch")


def faster_threads(cores: int, work: Callable[[], object]) -> None:
    """Let torch use one thread or one for each core, whichever does this work faster."""
    seconds: dict[int, float] = {}
    for threads in {1, cores}:
        torch.set_num_threads(threads)
        work()
        began = time.perf_counter()
        work()
        seconds[threads] = time.perf_counter() - began
    torch.set_num_threads(min(seconds, key=lambda threads: seconds[threads]))
