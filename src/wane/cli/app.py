"""The application, and what all its commands share: errors, output, options."""

import contextlib
import json
import sys
from collections.abc import Callable, Iterable, Iterator
from typing import TYPE_CHECKING, Annotated

import typer

from wane._errors import InputError, WaneError
from wane._version import __version__
from wane.cli.compile_cache import keep_compiled_programs
from wane.cli.signals import exit_code, heed_signals

if TYPE_CHECKING:
    from rich.console import RenderableType

app = typer.Typer(
    name="wane",
    help="Tells whether a Keras network overfits and how much weight regularization it needs.",
    no_args_is_help=True,
    add_completion=False,
    pretty_exceptions_enable=False,
    context_settings={"help_option_names": ["-h", "--help"]},
)


def main() -> None:
    """Run the command line; errors of the user end with one sentence and exit code 2."""
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
def told() -> Iterator[None]:
    """Tell errors and interruptions in one sentence on standard error."""
    try:
        yield
    except WaneError as error:
        typer.echo(f"Error: {error}", err=True)
        raise typer.Exit(2) from error
    except KeyboardInterrupt as interruption:
        typer.echo(
            str(interruption) or "Interrupted before training; nothing was written.", err=True
        )
        raise typer.Exit(exit_code()) from interruption


def require_backend() -> None:
    """Check that Keras starts, and on the backend on which wane trains."""
    from wane.keras_model.backend import require_jax

    try:
        require_jax()
    except (ImportError, ValueError) as error:
        if isinstance(error, WaneError):
            raise
        raise InputError(
            f"Keras cannot start on the backend that KERAS_BACKEND or keras.json names ({error}); "
            f"wane trains on JAX: set the environment variable KERAS_BACKEND=jax."
        ) from error


def show(
    document: object, as_json: bool, draw: Callable[[int], Iterable["RenderableType"]]
) -> None:
    """Print a document as JSON, or what ``draw`` makes of it for the console's width."""
    if as_json:
        sys.stdout.write(json.dumps(document, indent=2) + "\n")
        return
    from rich.console import Console

    console = Console()
    for line in draw(console.width):
        console.print(line)


Layers = Annotated[
    str, typer.Option(help="Layers to penalize: hidden, output, all, or a glob on names.")
]
Roles = Annotated[
    str,
    typer.Option(metavar="ROLES", help="Weights to penalize: kernel, recurrent, bias, embedding."),
]
AsJson = Annotated[
    bool, typer.Option("--json", help="Print one JSON document instead of the table.")
]
