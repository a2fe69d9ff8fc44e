"""The option ``--lang`` of commands that print results or write a report."""

import contextlib
import functools
import os
from collections.abc import Callable, Iterator
from inspect import Parameter, signature
from typing import Annotated, Any

import typer

from wane._language import LANGUAGES, VARIABLE, checked, language, speaking
from wane.cli.options import with_parameters

Lang = Annotated[
    str | None,
    typer.Option(metavar="|".join(LANGUAGES), help=f"Language of results, else {VARIABLE}."),
]


def with_language(command: Callable[..., None]) -> Callable[..., None]:
    """The command with this option; an unknown language is refused before it begins."""

    @functools.wraps(command)
    def speaking_it(*, lang: str | None, **given: Any) -> None:
        from wane.cli.application import report_errors

        with report_errors(), in_language(lang):
            command(**given)

    own = list(signature(command).parameters.values())
    own.append(Parameter("lang", Parameter.KEYWORD_ONLY, default=None, annotation=Lang))
    return with_parameters(speaking_it, command, own)


@contextlib.contextmanager
def in_language(name: str | None) -> Iterator[None]:
    """Say everything in a language in this block, in threads and processes that begin in it too.

    Args:
        name: of the language; None leaves it as it is.

    Raises:
        InputError: if it is unknown, or that of the environment is.
    """
    found = language() if name is None else checked(name, "--lang")
    before = os.environ.get(VARIABLE)
    os.environ[VARIABLE] = found
    try:
        with speaking(found):
            yield
    finally:
        if before is None:
            del os.environ[VARIABLE]
        else:
            os.environ[VARIABLE] = before
