"""How much a command says while it works: the answer alone, the usual, or every step.

For a process of wane's own; in Python, the logger ``wane`` is the user's to set up.
"""

import contextlib
import logging
import sys
from collections.abc import Iterator
from contextvars import ContextVar
from typing import TextIO

import typer

from wane._errors import InputError

FORMAT = "%(asctime)s.%(msecs)03d %(levelname)s %(message)s"
HOURS = "%H:%M:%S"

_quiet: ContextVar[bool] = ContextVar("quiet", default=False)


def is_quiet() -> bool:
    """Whether nothing but the answer and errors is to be said."""
    return _quiet.get()


def say(text: str) -> None:
    """Say a sentence on standard error, unless only the answer is wanted."""
    if not is_quiet():
        typer.echo(text, err=True)


@contextlib.contextmanager
def working(label: str) -> Iterator[None]:
    """A stage of work before the study itself: on a terminal a line that moves shows it."""
    from wane.report.display.progress import stage  # rich, where something is done

    with stage(label, shown=not is_quiet()):
        yield


@contextlib.contextmanager
def speech(*, quiet: bool, verbose: bool) -> Iterator[None]:
    """Let the work in this block say nothing but answers, or log every step on standard error.

    Raises:
        InputError: if it shall do both.
    """
    if quiet and verbose:
        raise InputError("--quiet and --verbose are opposites: leave out one of them.")
    before = _quiet.set(quiet)
    logger = logging.getLogger("wane")
    level, handler = logger.level, _StandardError()
    if verbose:
        handler.setFormatter(logging.Formatter(FORMAT, HOURS))
        logger.addHandler(handler)
        logger.setLevel(logging.DEBUG)
    try:
        yield
    finally:
        logger.removeHandler(handler)
        logger.setLevel(level)
        _quiet.reset(before)


class _StandardError(logging.StreamHandler[TextIO]):
    """Writes to what standard error is by then: above a bar, while one is shown."""

    def emit(self, record: logging.LogRecord) -> None:
        self.setStream(sys.stderr)
        super().emit(record)
