"""Results that one command takes from another, which then prints and reports nothing."""

import contextlib
from collections.abc import Iterator
from contextvars import ContextVar
from typing import Any

_taken: ContextVar[list[Any] | None] = ContextVar("taken", default=None)


@contextlib.contextmanager
def taking() -> Iterator[list[Any]]:
    """Let commands in this block hand over their results, and raise their errors."""
    taken: list[Any] = []
    before = _taken.set(taken)
    try:
        yield taken
    finally:
        _taken.reset(before)


def is_taken() -> bool:
    """Whether another command takes the result of this one."""
    return _taken.get() is not None


def handed_over(result: Any) -> bool:
    """Hand a result over; whether another command takes it."""
    taken = _taken.get()
    if taken is not None:
        taken.append(result)
    return taken is not None
