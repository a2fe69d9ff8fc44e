"""Commands for saved models."""

import functools
from collections.abc import Callable
from inspect import Parameter, signature
from pathlib import Path
from typing import Annotated, Any

import typer

from wane.cli.app import AsJson, Layers, Roles, app, show, told
from wane.keras_model.backend import start_keras
from wane.penalties import CATALOGUE

ModelFile = Annotated[
    Path, typer.Argument(metavar="MODEL.keras", help="A model saved by model.save().")
]
NewFile = Annotated[
    Path, typer.Option("--out", "-o", metavar="OUT.keras", help="The new file to write.")
]


def _with_strengths(command: Callable[..., None]) -> Callable[..., None]:
    """The command with an option for the strength of each penalty of the catalogue.

    It gets them together as ``strengths``, by the penalties' names.
    """
    options = {
        name: Parameter(
            name.replace("-", "_"),
            Parameter.KEYWORD_ONLY,
            default=None,
            annotation=Annotated[
                float | None,
                typer.Option(f"--{name}", metavar="STRENGTH", help=f"{penalty.summary()}."),
            ],
        )
        for name, penalty in CATALOGUE.items()
    }

    @functools.wraps(command)
    def with_strengths(**given: Any) -> None:
        strengths = {name: given.pop(option.name) for name, option in options.items()}
        command(strengths=strengths, **given)

    own = signature(command).parameters.values()
    every = [[p] if p.name != "strengths" else list(options.values()) for p in own]
    flat = [p.replace(kind=Parameter.KEYWORD_ONLY) for several in every for p in several]
    told = signature(command).replace(parameters=flat)
    with_strengths.__signature__ = told  # type: ignore[attr-defined] # a function may have one
    return with_strengths


@app.command()
def inspect(model: ModelFile, as_json: AsJson = False) -> None:
    """List every weight of a saved model, its penalty, and likely mistakes."""
    with told():
        start_keras()
        from wane.keras_model.saved import inspect_file

        table = inspect_file(model)
        show(table.document(), as_json, lambda _: [table])


@app.command()
@_with_strengths
def regularize(
    model: ModelFile,
    out: NewFile,
    strengths: dict[str, float | None],
    layers: Layers = "all",
    on: Roles = "kernel,recurrent",
    as_json: AsJson = False,
) -> None:
    """Put penalties on the weights of a saved model and save it as a new file."""
    with told():
        start_keras()
        from wane import penalties
        from wane.keras_model.saved import regularize_file

        roles = penalties.parse_roles(on)
        table = regularize_file(model, out, strengths, layers=layers, on=roles)
        show(table.document(), as_json, lambda _: [table])
        typer.echo(f"Wrote {out}", err=True)
