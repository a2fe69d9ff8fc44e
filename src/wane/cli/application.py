"""The application, and what all its commands share: errors, output, renamed options."""

import contextlib
import json
import sys
import time
from collections.abc import Callable, Iterable, Iterator, Sequence
from typing import TYPE_CHECKING, Annotated, Any

import typer
from typer.core import TyperGroup

from wane._errors import InputError, WaneError
from wane._language import gettext
from wane._version import __version__
from wane.cli.process.compile_cache import keep_compiled_programs
from wane.cli.process.handing import is_taken
from wane.cli.process.signals import exit_code, heed_signals
from wane.cli.process.speech import is_quiet, say
from wane.cli.process.streams import write_what_can_be_written

if TYPE_CHECKING:
    from rich.console import RenderableType

BEGAN = time.perf_counter()
"""When the command line was loaded: the time to import the rest counts as loading."""

RENAMED_OPTIONS = {
    "--kind": "--method",
    "--score": "--scoring",
    "--falling": "--descending",
    "--train-sizes": "--learning-curve",
    "--no-train-sizes": "--no-learning-curve",
}
"""Names of options before version 0.2.0, and what each is called since."""


class Commands(TyperGroup):
    """The commands; one that gets an option by its former name refuses it and names the new one."""

    def resolve_command(self, ctx: Any, args: list[str]) -> Any:
        """The command that the arguments name, and its own arguments."""
        name, command, own = super().resolve_command(ctx, args)
        if command is not None:
            known = {
                option
                for parameter in command.params
                for option in (*parameter.opts, *parameter.secondary_opts)
            }
            with report_errors():
                _refuse_renamed(own, known)
        return name, command, own


def _refuse_renamed(arguments: Sequence[str], known: set[str]) -> None:
    for argument in arguments:
        old = argument.partition("=")[0]
        if old not in known and RENAMED_OPTIONS.get(old) in known:
            raise InputError(
                f"The option {old} has been called {RENAMED_OPTIONS[old]} since version 0.2.0: use "
                f"that name."
            )


app = typer.Typer(
    name="wane",
    cls=Commands,
    help="wane study moons: a published case, to see what it does.\n\n"
    "wane study DATA.csv --target COLUMN: your own table.\n\n"
    "Tells whether a Keras network overfits and how much weight regularization it needs.",
    no_args_is_help=True,
    add_completion=False,
    pretty_exceptions_enable=False,
    context_settings={"help_option_names": ["-h", "--help"]},
)


def main() -> None:
    """Run the command line; errors of the user end with one sentence and exit code 2."""
    write_what_can_be_written()
    heed_signals()
    keep_compiled_programs()
    app()


def _version(asked: bool) -> None:
    if asked:
        typer.echo(f"wane {__version__}")
        raise typer.Exit


@app.callback()
def _wane(
    version: Annotated[
        bool,
        typer.Option(
            "--version", callback=_version, is_eager=True, help="Show the version and exit."
        ),
    ] = False,
) -> None:
    del version  # its callback has done the work


@contextlib.contextmanager
def report_errors() -> Iterator[None]:
    """Report an error or an interruption in one sentence on standard error, and exit."""
    try:
        yield
    except WaneError as error:
        if is_taken():
            raise
        typer.echo(f"Error: {error}", err=True)
        raise typer.Exit(2) from error
    except KeyboardInterrupt as interruption:
        typer.echo(
            str(interruption) or "Interrupted before training; nothing was written.", err=True
        )
        raise typer.Exit(exit_code()) from interruption


def require_backend() -> None:
    """Run Keras on JAX, on which wane trains; that is noted where the user has another backend."""
    from wane.keras_model.backend.choice import use_jax

    other = use_jax()
    if other is not None:
        said = gettext(
            "Note: this command trains on JAX, whatever KERAS_BACKEND or keras.json says "
            "({other}); the models that it writes load on every backend."
        )
        say(said.format(other=other))


def show(
    document: Any,
    as_json: bool,
    draw: Callable[[int], Iterable["RenderableType"]],
    answer: str = "",
) -> None:
    """Print a document as JSON, or what ``draw`` makes of it for the console's width.

    With ``--quiet`` that is the answer, a text, and where the document's files are.
    """
    if as_json:
        sys.stdout.write(json.dumps(document, indent=2) + "\n")
        return
    from rich.console import Console

    console = Console()
    if is_quiet():
        from rich.text import Text

        from wane.report.wording import printable

        console.print(Text(printable(answer)), soft_wrap=True)
        if document.get("files"):
            text = f"{gettext('Folder')} {printable(document['files']['folder'])}"
            console.print(Text(text), soft_wrap=True)
        return
    from wane.report.terminal import wrapped

    for line in draw(console.width):
        console.print(wrapped(line, console.width))
