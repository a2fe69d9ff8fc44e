"""Names that have been replaced: using one raises an error that names the new one."""

import functools
from collections.abc import Callable, Mapping
from typing import Any, NoReturn, ParamSpec, TypeVar

from wane._errors import InputError

P = ParamSpec("P")
R = TypeVar("R")


def renamed_arguments(names: Mapping[str, str]) -> Callable[[Callable[P, R]], Callable[P, R]]:
    """A decorator that refuses arguments by their old names, naming the new ones.

    Args:
        names: the new name by the old one.

    Returns:
        A decorator; the function that it gives raises InputError for an old name.
    """

    def decorate(function: Callable[P, R]) -> Callable[P, R]:
        @functools.wraps(function)
        def checked(*args: P.args, **given: P.kwargs) -> R:
            for old in names.keys() & given.keys():
                raise InputError(
                    f"The argument {old!r} has been called {names[old]!r} since version 0.2.0: "
                    f"use that name."
                )
            return function(*args, **given)

        return checked

    return decorate


class RenamedAttribute:
    """A class attribute that stands for a replaced name; reading it raises the new one.

    Args:
        new: the new name, or what to use in its place.
    """

    def __init__(self, new: str) -> None:
        self._new = new
        self._old = ""

    def __set_name__(self, owner: type, name: str) -> None:
        self._old = name

    def __get__(self, instance: Any, owner: type) -> NoReturn:
        raise AttributeError(
            f"{owner.__name__}.{self._old} has been called {owner.__name__}.{self._new} since "
            f"version 0.2.0: use that name."
        )
