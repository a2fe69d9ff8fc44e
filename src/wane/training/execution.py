"""How runs are laid on the machine: on a thread per core, or many at once on an accelerator."""

import dataclasses
from collections.abc import Iterable
from typing import Literal

import jax

from wane._errors import InputError, whole_number

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

    Example:
        >>> import wane
        >>> wane.Execution("vmap", width=8)  # for study.run(execution=...)
        Execution(kind='vmap', threads=None, width=8, convolutions='lowered')
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
            if getattr(self, name) is not None:
                object.__setattr__(self, name, whole_number(getattr(self, name), name, least=1))
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


def divisible(widths: Iterable[int], execution: Execution) -> tuple[int, ...]:
    """These numbers of runs in a call, each made one that all devices can share, rising.

    Args:
        widths: how many runs.
        execution: of kind ``"devices"`` the runs of a call are divided over all devices.
    """
    devices = len(jax.devices()) if execution.kind == "devices" else 1
    return tuple(sorted({-(-width // devices) * devices for width in widths}))
