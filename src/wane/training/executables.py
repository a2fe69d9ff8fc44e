"""Compiled programs, each made once, while others already train."""

from collections.abc import Sequence
from concurrent.futures import Executor, Future
from typing import Any, NamedTuple

import jax
import jax.numpy as jnp

from wane.training.batch import RunBatch
from wane.training.memory import bytes_of_call
from wane.training.program import Program


class Executable(NamedTuple):
    """A program compiled for calls of one shape.

    Attributes:
        train, conclude: as :meth:`RunBatch.programs` gives them. ``train`` takes over the arrays of
            the state, in whose place it leaves the new one: a second copy of weights and moments
            would cost a network of millions of weights memory.
        bytes: the memory that a call of ``train`` takes.
    """

    train: Any
    conclude: Any
    bytes: int


class Executables:
    """Compiles programs for batches of runs.

    Tracing is done in the calling thread, where the user's JAX settings hold; XLA compiles in
    others, and lets go of the interpreter lock.

    Args:
        programs: the program of each structure.
        compilers: threads that compile.
    """

    def __init__(self, programs: Sequence[Program], compilers: Executor) -> None:
        self._programs = list(programs)
        self._compilers = compilers
        self._made: dict[Any, Future[Executable]] = {}

    def add(self, program: Program) -> None:
        """Compile batches of a further structure, too."""
        self._programs.append(program)

    def of(self, batch: RunBatch) -> "Future[Executable]":
        """The program for calls like this one, perhaps still being compiled."""
        key = (batch.structure, batch.shapes())
        if key not in self._made:
            self._made[key] = self._compile(batch)
        return self._made[key]

    def _compile(self, batch: RunBatch) -> "Future[Executable]":
        program = self._programs[batch.structure]
        state, settings, rows = batch.first_state(program), batch.settings, batch.rows
        functions = batch.programs(program)
        train = jax.jit(functions[0], donate_argnums=0).lower(
            state, settings, batch.keys, rows[0], rows[1], jnp.int32(1)
        )
        conclude = jax.jit(functions[1]).lower(state, settings, *rows)
        concluding = self._compilers.submit(conclude.compile)

        def compiled() -> Executable:
            executable = train.compile()
            return Executable(executable, concluding.result(), bytes_of_call(executable))

        return self._compilers.submit(compiled)
