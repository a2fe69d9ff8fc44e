"""A command that takes its options from a file too."""

import functools
from collections.abc import Callable
from inspect import signature
from pathlib import Path
from typing import Any

import typer

from wane._errors import InputError
from wane._language import gettext
from wane.cli.application import report_errors
from wane.cli.config.fields import fields_of
from wane.cli.process.speech import say


def takes_files(command: Callable[..., None]) -> Callable[..., None]:
    """The command, whose source may be a file of its options; those beside the file come first.

    Its errors are reported, with the line of the file where one is about a field of it.
    """
    fields = fields_of(signature(command).parameters)

    @functools.wraps(command)
    def with_file(*, context: typer.Context, **given: Any) -> None:
        # Not before the options have been read: who mistypes one need not wait for that.
        from wane.cli.config.reading import is_study_file, read_study_file

        with report_errors():
            if not is_study_file(given["source"]):
                command(context=context, **given)
                return
            found = read_study_file(Path(given["source"]), fields)
            for name, value in found.values.items():
                told = context.get_parameter_source(name)
                if name == "source" or told is None or told.name != "COMMANDLINE":
                    given[name] = value
            context.params = dict(given)
            try:
                command(context=context, **given)
            except InputError as error:
                raise found.named(error) from error

    return with_file


def save_config(path: Path | None, command: Callable[..., None], context: typer.Context) -> None:
    """Write the options of a command that was called as a file that it takes; None writes none."""
    if path is not None:
        from wane.cli.config.writing import write_config

        write_config(path, context.params, fields_of(signature(command).parameters))
        text = gettext("The options are in {file}: wane study {path} takes them.")
        say(text.format(file=repr(str(path)), path=path))
