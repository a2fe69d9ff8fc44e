"""Where runs are trained: on a thread per core, or many at once on an accelerator.

On a CPU each thread calls the same compiled program for one run: JAX lets go of the interpreter
lock while it runs, so plain threads use every core without any global JAX setting, and one run at
a time stays in the cache. On an accelerator one call trains many runs side by side (``vmap``), as
many as make it faster. A call trains some epochs; how many is chosen by timing so that it takes
about :data:`CALL_SECONDS`. No number depends on the threads or on the epochs of a call: every run's
state and keys are its own.
"""

import dataclasses
from typing import Literal

import jax

from wane._errors import InputError

EPOCHS_PER_CALL = 4096
"""The most epochs in one call, which bounds the memory of a call's curves."""


@dataclasses.dataclass(frozen=True)
class Execution:
    """How runs are laid on the machine.

    Args:
        kind: ``"threads"``: each call trains one run, several calls at a time; ``"vmap"``: each
            call trains ``width`` runs side by side; ``"devices"``: as vmap, with the runs of a call
            divided over all devices of JAX's default backend.
        threads: how many calls at a time; None takes one for each core, or 1 on an accelerator.
        width: runs in a call; None chooses by timing.
        convolutions: ``"lowered"`` trains them as matrix products on a CPU, where that was 5 to 60
            times as fast for every network measured; ``"native"`` as the backend has them.

    Raises:
        InputError: if they do not go together.
    """

    kind: Literal["threads", "vmap", "devices"]
    threads: int | None = None
    width: int | None = None
    convolutions: Literal["lowered", "native"] = "lowered"

    def __post_init__(self) -> None:
        if self.kind not in ("threads", "vmap", "devices"):
            raise InputError(f"kind must be 'threads', 'vmap' or 'devices', got {self.kind!r}.")
        if self.convolutions not in ("lowered", "native"):
            raise InputError(
                f"convolutions must be 'lowered' or 'native', got {self.convolutions!r}."
            )
        for name in ("threads", "width"):
            value = getattr(self, name)
            if value is not None and (isinstance(value, bool) or value != int(value) or value < 1):
                raise InputError(f"{name} must be a whole number of at least 1, got {value!r}.")
        if self.kind == "threads" and self.width not in (None, 1):
            raise InputError(
                f"With kind='threads' each call trains one run, got width={self.width}; "
                f"use kind='vmap' to train several side by side."
            )
        devices = len(jax.devices()) if self.kind == "devices" else 1
        if self.width is not None and self.width % devices:
            raise InputError(
                f"width={self.width} cannot be divided over {devices} devices; take a multiple."
            )


def default_execution() -> Execution:
    """Threads on a CPU; on accelerators runs side by side, over all devices if there are several.

    On CPUs threads were within 5 % of the fastest for every network measured but one, of many small
    layers, of which eight side by side took 16 % less time (docs/benchmarks.md).
    """
    if jax.default_backend() == "cpu":
        return Execution("threads")
    return Execution("devices" if len(jax.devices()) > 1 else "vmap")
