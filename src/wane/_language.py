"""The languages in which wane gives verdicts, tables and reports; English is what is written."""

import contextlib
import contextvars
import functools
import gettext as catalogues
import io
import os
from collections.abc import Callable, Iterator
from importlib import resources
from typing import TypeVar

from wane._errors import InputError, listed

VARIABLE = "WANE_LANG"
"""The environment variable that chooses a language for a process."""
ENGLISH = "en"
LANGUAGES = (ENGLISH, "zh")
T = TypeVar("T")
_own: contextvars.ContextVar[str | None] = contextvars.ContextVar("language", default=None)


def language() -> str:
    """The language of what is said now: chosen by :func:`speaking`, else by ``WANE_LANG``.

    Raises:
        InputError: if ``WANE_LANG`` is none of :data:`LANGUAGES`.
    """
    own = _own.get()
    return own if own is not None else checked(os.environ.get(VARIABLE) or ENGLISH, VARIABLE)


def checked(name: str, given: str) -> str:
    """The language of a name such as ``zh`` or ``zh_CN.UTF-8``.

    Args:
        name: the name.
        given: where it was given, for the message.

    Raises:
        InputError: if wane does not speak it.
    """
    found = name.replace("-", "_").partition("_")[0].partition(".")[0].lower()
    if found not in LANGUAGES:
        raise InputError(f"{given} must be one of {listed(LANGUAGES)}, got {name!r}.")
    return found


@contextlib.contextmanager
def speaking(name: str | None) -> Iterator[None]:
    """Say everything in a language meanwhile; None leaves it as it is."""
    token = _own.set(_own.get() if name is None else checked(name, "The language"))
    try:
        yield
    finally:
        _own.reset(token)


def in_each(make: Callable[[], T]) -> tuple[T, dict[str, T]]:
    """What is made in English, and in each other language by its name, whatever that of now is."""
    made = {}
    for name in LANGUAGES:
        with speaking(name):
            made[name] = make()
    return made.pop(ENGLISH), made


def gettext(message: str) -> str:
    """A message of the program in the language of now."""
    return _catalogue(language()).gettext(message)


def ngettext(one: str, several: str, count: int) -> str:
    """A message that has another form for one thing than for several."""
    return _catalogue(language()).ngettext(one, several, count)


def pgettext(context: str, message: str) -> str:
    """A message whose English words mean different things in different places."""
    return _catalogue(language()).pgettext(context, message)


@functools.cache
def _catalogue(name: str) -> catalogues.NullTranslations:
    """The messages of a language, from all files of its folder; English is the messages' own."""
    found = catalogues.NullTranslations()
    if name == ENGLISH:
        return found
    from babel.messages.mofile import write_mo
    from babel.messages.pofile import read_po

    for file in sorted(resources.files("wane").joinpath("locale", name).iterdir(), key=str):
        if file.name.endswith(".po"):
            packed = io.BytesIO()
            with file.open("rb") as text:
                write_mo(packed, read_po(text, locale=name))
            packed.seek(0)
            own = catalogues.GNUTranslations(packed)
            own.add_fallback(found)
            found = own
    return found
