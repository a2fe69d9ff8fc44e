"""Who trains: one module for each, in one catalogue.

This package imports none of the libraries; each competitor runs in a process of its own.
"""

import dataclasses
import importlib
import importlib.util
import shutil
from typing import Any, Protocol

from benchmarks.cases import Case
from benchmarks.results import Measurement


class Competitor(Protocol):
    """Trains the networks of a case."""

    def prepare(self, case: Case) -> float:
        """Make everything ready and warm; returns the seconds that compiling took."""

    def measure(self, pair: int) -> Measurement:
        """Train once; ``pair`` chooses the seeds."""


@dataclasses.dataclass(frozen=True)
class Entry:
    """A competitor in the catalogue.

    Attributes:
        title: its name in tables.
        module: which of ``benchmarks.competitors``; its ``make(variant, cores)`` gives the
            :class:`Competitor`.
        variant: what the module is to be.
        backend: Keras's.
        needs: packages without which it cannot run.
        program: a program without which it cannot run.
        networks: which networks it can train; empty for all.
        is_execution: whether it is another execution of wane's own program.
    """

    title: str
    module: str
    variant: str = ""
    backend: str = "jax"
    needs: tuple[str, ...] = ()
    program: str = ""
    networks: tuple[str, ...] = ()
    is_execution: bool = False

    def missing(self, case: Case) -> str | None:
        """Why it cannot train this case here, or None."""
        if self.networks and case.network not in self.networks:
            return "does not train this network"
        for package in self.needs:
            if importlib.util.find_spec(package) is None:
                return f"{package} is not installed"
        if self.program and shutil.which(self.program) is None:
            return f"there is no {self.program}"
        return None

    def make(self, cores: int) -> Competitor:
        """The competitor itself; only to be called in its own process."""
        home: Any = importlib.import_module(f"benchmarks.competitors.{self.module}")
        made: Competitor = home.make(self.variant, cores)
        return made


_DENSE = ("case_study", "mlp")

COMPETITORS = {
    "wane": Entry("wane", "engine"),
    "fit-jax": Entry("`fit`, JAX", "fit"),
    "fit-tensorflow": Entry(
        "`fit`, TensorFlow", "fit", backend="tensorflow", needs=("tensorflow",)
    ),
    "fit-torch": Entry("`fit`, torch", "fit", backend="torch", needs=("torch",)),
    "scikit-learn": Entry("scikit-learn `MLPClassifier`", "scikit", networks=_DENSE),
    "torch-func": Entry("`torch.func` ensemble", "ensemble", needs=("torch",), networks=_DENSE),
    "kernel": Entry("C by hand", "kernel", program="cc", networks=("case_study",)),
    "threads": Entry("threads", "engine", "threads", is_execution=True),
    "vmap-8": Entry("`vmap` of 8", "engine", "vmap-8", is_execution=True),
    "vmap-64": Entry("`vmap` of 64", "engine", "vmap-64", is_execution=True),
    "lax-map": Entry("`lax.map`", "mapped", is_execution=True),
}
"""Every competitor by its key."""
