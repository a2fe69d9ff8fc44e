"""Compiled programs, each made once, while others already train."""

import contextlib
import hashlib
import logging
import re
import threading
import time
from collections import OrderedDict
from collections.abc import Hashable, Iterator, Sequence
from concurrent.futures import Executor, Future
from typing import Any, NamedTuple, TypeVar

import jax
import jax.numpy as jnp

from wane._errors import InputError
from wane.resampling.rows import is_streamed
from wane.training.batch import RunBatch
from wane.training.memory import bytes_of_call, give_back
from wane.training.program import Program

_log = logging.getLogger(__name__)

T = TypeVar("T")


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


_SENTENCE = re.compile(r"InputError: (.+)\s*$")
"""How the text of JAX's error ends where rows on disk could not be read."""


@contextlib.contextmanager
def rows_read() -> Iterator[None]:
    """Run programs that read rows from a disk.

    Raises:
        InputError: in place of JAX's error, if they cannot be read.
    """
    try:
        yield
    except jax.errors.JaxRuntimeError as error:
        found = _SENTENCE.search(str(error))
        if found is None:
            raise
        raise InputError(found[1]) from error


def result_of(call: "Future[T]") -> T:
    """What a call has given.

    Raises:
        InputError: if the rows that it trains on cannot be read.
    """
    with rows_read():
        return call.result()


KEPT = 32
"""How many compiled programs a process keeps for later studies; one takes about a mebibyte."""


class KeptExecutables:
    """The programs that a process compiled last, by their code, for studies that need them again.

    Fits of one network to folds of one size, as in cross-validation, trace the same program.

    Args:
        most: how many are kept.
    """

    def __init__(self, most: int) -> None:
        self._most = most
        self._lock = threading.Lock()
        self._kept: OrderedDict[Hashable, Executable] = OrderedDict()

    def __len__(self) -> int:
        return len(self._kept)

    def of(self, key: Hashable | None) -> Executable | None:
        """The program of this key, if it is kept; None has none."""
        with self._lock:
            if key in self._kept:
                self._kept.move_to_end(key)
            return None if key is None else self._kept.get(key)

    def keep(self, key: Hashable | None, executable: Executable) -> Executable:
        """Keep a program, in the place of the one that was needed longest ago if need be."""
        if key is None:
            return executable
        with self._lock:
            self._kept[key] = executable
            while len(self._kept) > self._most:
                self._kept.popitem(last=False)
        return executable


_kept = KeptExecutables(KEPT)


class Executables:
    """Compiles programs for batches of runs.

    Tracing is done in the calling thread, where the user's JAX settings hold; XLA compiles in
    others, and lets go of the interpreter lock. What this process has compiled before is taken as
    it is.

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
        began = time.perf_counter()
        # Arguments that nothing uses are kept, so that the code alone tells programs apart.
        train = jax.jit(functions[0], donate_argnums=0, keep_unused=True).lower(
            state, settings, batch.keys, rows[0], rows[1], jnp.int32(1)
        )
        conclude = jax.jit(functions[1], keep_unused=True).lower(state, settings, *rows)

        key = _key(batch, train, conclude)
        made: Future[Executable] = Future()
        traced, which = time.perf_counter(), batch.structure
        _log.debug("structure %d: traced in %.2f s", which, traced - began)
        if (kept := _kept.of(key)) is not None:
            _log.debug("structure %d: compiled before, by this process", which)
            made.set_result(kept)
            return made

        def compiled() -> Executable:
            # One after the other: XLA compiles each on all cores, so that side by side they took
            # as long, and twice the memory.
            executable = train.compile()
            give_back()
            several = executable, conclude.compile(), bytes_of_call(executable)
            give_back()
            _log.debug("structure %d: compiled in %.2f s", which, time.perf_counter() - traced)
            return _kept.keep(key, Executable(*several))

        return self._compilers.submit(compiled)


def _key(batch: RunBatch, *lowered: Any) -> Hashable:
    """What tells compiled programs apart: code, arguments, results, devices and JAX's settings.

    None where the code does not hold all of it: JAX may pass constants as further arguments, and
    rows may be read from a file.
    """
    if any(map(is_streamed, jax.tree.leaves(batch.rows, is_leaf=is_streamed))):
        return None  # the code has the place in memory of what reads the rows
    texts = [one.as_text() for one in lowered]
    for one, text in zip(lowered, texts, strict=True):
        main = next((line for line in text.splitlines() if "@main(" in line), "")
        if main.count("%arg") != len(jax.tree.leaves(one.args_info)):
            return None
    code = hashlib.sha256("\n".join(texts).encode()).digest()
    trees = tuple((one.in_tree, one.out_tree) for one in lowered)
    settings = tuple(sorted((name, repr(value)) for name, value in jax.config.values.items()))
    return code, trees, batch.devices, settings
