"""The options ``--quiet``, ``--verbose``, ``--watch`` and ``--lang`` of commands that train."""

import functools
from collections.abc import Callable
from inspect import Parameter, signature
from typing import Annotated, Any

import typer

from wane.cli.display.watching import watching
from wane.cli.language import with_language
from wane.cli.options import with_parameters
from wane.cli.process.speech import speech

Quiet = Annotated[
    bool, typer.Option("--quiet", "-q", help="Print the answer and its folder alone.")
]
Verbose = Annotated[bool, typer.Option("--verbose", "-v", help="Log each step, with the time.")]
Watch = Annotated[bool, typer.Option("--watch", help="Show a live page of it meanwhile.")]


def with_voice(command: Callable[..., None]) -> Callable[..., None]:
    """The command with these options, which hold while it works."""

    @functools.wraps(command)
    def speaking(*, quiet: bool, verbose: bool, watch: bool, **given: Any) -> None:
        from wane.cli.application import report_errors

        with report_errors(), speech(quiet=quiet, verbose=verbose), watching(asked=watch):
            command(**given)

    own = list(signature(command).parameters.values())
    for name, hint in (("quiet", Quiet), ("verbose", Verbose), ("watch", Watch)):
        own.append(Parameter(name, Parameter.KEYWORD_ONLY, default=False, annotation=hint))
    return with_language(with_parameters(speaking, command, own))
