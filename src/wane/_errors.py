"""The one exception family of wane.

Every message is a sentence that says what was wrong, what was expected, what was received and
what to do next.
"""

import difflib
from collections.abc import Iterable

_LISTED = 20
"""The most names that a message lists."""


class WaneError(Exception):
    """Base of every error that wane raises on purpose."""


class InputError(WaneError, ValueError):
    """Something that the user gave (data, model, option, path) cannot be used as it is."""


class StorageError(WaneError):
    """A study's folder can no longer be written; what it holds is kept."""


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
