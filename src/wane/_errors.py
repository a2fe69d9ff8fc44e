"""The one exception family of wane.

Every message is a sentence that says what was wrong, what was expected, what was received and
what to do next.
"""

import difflib
import math
import numbers
from collections.abc import Iterable, Sequence
from typing import Any

_LISTED = 20
"""The most names that a message lists."""


class WaneError(Exception):
    """Base of every error that wane raises on purpose.

    Its text is a sentence that says what was wrong, what was expected and what to do.

    Example:
        >>> import wane
        >>> try:
        ...     wane.L2(-1.0)
        ... except wane.WaneError as error:
        ...     print(error)
        l2 must be a finite number of at least 0, got -1.0: 0 is no penalty.
    """


class InputError(WaneError, ValueError):
    """Something that the user gave (data, model, option, path) cannot be used as it is.

    It is a ``ValueError`` too.

    Example:
        >>> import wane
        >>> try:
        ...     wane.presets["vgg19"]
        ... except wane.InputError as error:
        ...     print(str(error)[:50])
        There is no preset 'vgg19': did you mean 'vgg'? Av
    """


class StorageError(WaneError):
    """A study's folder can no longer be written, as when the disk is full; what it holds is kept.

    Example:
        >>> import wane
        >>> def run_later(study, folder):
        ...     try:
        ...         return study.run(folder)
        ...     except wane.StorageError as error:
        ...         print(f"{error} Finished runs are kept: make room and run it again.")
        >>> issubclass(wane.StorageError, wane.WaneError)
        True
    """


class Interrupted(KeyboardInterrupt):
    """A study that was stopped by Ctrl-C; its finished runs are kept in its folder.

    Its text says what was kept and where. It is a ``KeyboardInterrupt``, which ``except Exception``
    does not catch.

    Example:
        >>> import wane
        >>> def run_for_now(study, folder):
        ...     try:
        ...         return study.run(folder)
        ...     except wane.Interrupted as stopped:
        ...         print(stopped)  # study.run(folder) resumes it
        >>> issubclass(wane.Interrupted, KeyboardInterrupt)
        True
    """


def whole_number(value: Any, name: str, *, least: int, most: int | None = None) -> int:
    """``value`` as an int, if it is a whole number in a range.

    Args:
        value: a number of Python or NumPy; ``30.0`` counts as 30, True does not count.
        name: what to call it in the error.
        least, most: the range, both ends included.

    Returns:
        The number.

    Raises:
        InputError: if it is not.
    """
    number = isinstance(value, numbers.Real) and not isinstance(value, bool)
    if not number or not math.isfinite(value) or value != int(value) or value < least:
        raise InputError(f"{name} must be a whole number of at least {least}, got {value!r}.")
    if most is not None and value > most:
        raise InputError(f"{name} must be at most {most}, got {value!r}.")
    return int(value)


def joined(words: Sequence[str]) -> str:
    """Words with commas and an "and" before the last one."""
    *first, last = words
    return f"{', '.join(first)} and {last}" if first else last


def listed(names: Iterable[object]) -> str:
    """Names quoted and joined by commas, for use inside a message."""
    known = [repr(str(name)) for name in names]
    more = f" and {len(known) - _LISTED} more" if len(known) > _LISTED else ""
    return (", ".join(known[:_LISTED]) or "(none)") + more


def nearest(name: str, available: Iterable[str]) -> str:
    """A clause naming the available name nearest to ``name``, or all of them if none is near."""
    names = list(available)
    by_folded = {known.casefold(): known for known in names}
    near = difflib.get_close_matches(name.casefold(), by_folded, n=1)
    if near:
        return f"did you mean {by_folded[near[0]]!r}?"
    return f"available: {listed(names)}."


def there_are(name: str, available: Iterable[str]) -> str:
    """A clause listing the available names, after the one nearest to ``name`` if any is near."""
    names = list(available)
    guess = nearest(name, names)
    every = f"available: {listed(names)}."
    return every if guess == every else f"{guess} {every[0].upper()}{every[1:]}"


def one_line(error: BaseException) -> str:
    """What an error of another library says first, on one line."""
    paragraphs = str(error).strip().split("\n\n")
    return " ".join(paragraphs[0].split()) or type(error).__name__
