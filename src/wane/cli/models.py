"""Commands for saved models, that of a finished study included."""

import functools
import sys
from collections.abc import Callable
from dataclasses import replace
from inspect import Parameter, signature
from pathlib import Path
from typing import Annotated, Any

import typer

from wane._errors import InputError
from wane._language import gettext
from wane.cli.application import app, report_errors, show
from wane.cli.language import with_language
from wane.cli.options import AsJson, parse_roles
from wane.keras_model.backend.choice import start_keras
from wane.penalties import CATALOGUE, Penalty, checked_strength
from wane.report.display.recorded import recorded
from wane.report.wording import printable

ModelFile = Annotated[
    Path, typer.Argument(metavar="MODEL.keras", help="A model saved by model.save().")
]
NewFile = Annotated[
    Path, typer.Option("--out", "-o", metavar="OUT.keras", help="The new file to write.")
]
Preset = Annotated[
    str | None,
    typer.Option(metavar="NAME", help="A strength of the literature; `wane presets` lists them."),
]
GivenLayers = Annotated[
    str | None,
    typer.Option(
        "--layers",
        help="Layers to penalize: hidden, output, all, or a glob on names.",
        show_default="all, or what the preset is for",
    ),
]
GivenRoles = Annotated[
    str | None,
    typer.Option(
        "--on",
        metavar="ROLES",
        help="Weights to penalize: kernel, recurrent, bias, embedding.",
        show_default="kernel,recurrent, or what the preset is for",
    ),
]


def _help(penalty: type[Penalty]) -> str:
    shared = len(penalty.strength_fields) > 1
    return f"{penalty.summary()}{', an equal share of the strength on each' * shared}."


def _with_strengths(command: Callable[..., None]) -> Callable[..., None]:
    """The command with an option for the strength of each penalty that a file can hold.

    It gets them together as ``strengths``, by the penalties' names.
    """
    options = {
        name: Parameter(
            name.replace("-", "_"),
            Parameter.KEYWORD_ONLY,
            default=None,
            annotation=Annotated[
                float | None,
                typer.Option(f"--{name}", metavar="STRENGTH", help=_help(penalty)),
            ],
        )
        for name, penalty in CATALOGUE.items()
        if penalty.is_regularizer
    }

    @functools.wraps(command)
    def with_strengths(**given: Any) -> None:
        strengths = {name: given.pop(option.name) for name, option in options.items()}
        command(strengths=strengths, **given)

    own = signature(command).parameters.values()
    every = [[p] if p.name != "strengths" else list(options.values()) for p in own]
    flat = [p.replace(kind=Parameter.KEYWORD_ONLY) for several in every for p in several]
    with_options = signature(command).replace(parameters=flat)
    with_strengths.__signature__ = with_options  # type: ignore[attr-defined] # a function may have one
    return with_strengths


StudyFolder = Annotated[
    Path,
    typer.Argument(metavar="STUDY", help="The folder of a finished wane study or wane compare."),
]
NewRows = Annotated[
    Path,
    typer.Argument(
        metavar="ROWS",
        help="A table like the study's, its columns in any order; or a .npz file with x, where the "
        "study was of arrays; or a folder of images, where it was of such.",
    ),
]
Predicted = Annotated[
    Path | None,
    typer.Option(
        "--out",
        "-o",
        metavar="FILE",
        help="Write the predictions to this .csv, .tsv or .parquet file.",
        show_default="a CSV on standard output",
    ),
]
Force = Annotated[bool, typer.Option("--force", help="Replace FILE if it is there.")]


@app.command()
@with_language
def predict(
    folder: StudyFolder, rows: NewRows, out: Predicted = None, force: Force = False
) -> None:
    """Predict new rows with the model that a study chose.

    The rows are read and prepared as the study's own were: gaps are filled, numbers scaled and
    categories encoded by what the study learnt, and a category that it never saw is none of those
    it knows. Columns that the study did not use are passed over; if the target is among them, the
    predictions are scored on these rows.

    There is a line for each row, in order: prediction is a number in the target's own unit, or the
    most probable class; then probability is that class's, and probability_CLASS that of each.
    """
    with report_errors():
        start_keras()
        from wane.prediction.files import as_csv, check_place, write_table
        from wane.prediction.folder import predictor_of

        to_file = out is not None and str(out) != "-"
        if out is not None and to_file:
            check_place(out, rows, force=force)
        found = predictor_of(folder).predictions(rows)
        for note in found.notes:
            typer.echo(gettext("Note: {note}").format(note=recorded(note)), err=True)
        if found.score is not None:
            typer.echo(found.score, err=True)
        if out is not None and to_file:
            write_table(found.table, out)
            said = gettext("Wrote {count} predictions to {file}")
            typer.echo(said.format(count=f"{len(found.table):,}", file=out), err=True)
        else:
            _print_csv(as_csv(found.table))


def _print_csv(text: str) -> None:
    """Print a CSV as it is, or on a terminal with all that would steer it made visible."""
    if sys.stdout.isatty():
        for line in text.splitlines():
            typer.echo(printable(line))
    else:
        typer.echo(text.encode("utf-8"), nl=False)


@app.command()
@with_language
def inspect(model: ModelFile, as_json: AsJson = False) -> None:
    """List every weight of a saved model, its penalty, and likely mistakes."""
    with report_errors():
        start_keras()
        from wane.keras_model.editing.files import inspect_file

        table = inspect_file(model)
        show(table.document(), as_json, lambda _: [table])


@app.command()
@with_language
@_with_strengths
def regularize(
    model: ModelFile,
    out: NewFile,
    strengths: dict[str, float | None],
    preset: Preset = None,
    layers: GivenLayers = None,
    on: GivenRoles = None,
    as_json: AsJson = False,
) -> None:
    """Put penalties on the weights of a saved model and save it as a new file.

    For weight decay, which is the optimizer's, and for group lasso, for which Keras has no
    regularizer, use Python: wane.regularize and wane.ProximalSteps.
    """
    with report_errors():
        start_keras()
        from wane import literature
        from wane.keras_model.editing.files import regularize_file

        given: list[Penalty] = [
            CATALOGUE[name].of_strength(checked_strength(strength, name))
            for name, strength in strengths.items()
            if strength is not None
        ]
        if preset is not None:
            given += literature.presets[preset].penalties
        if not given:
            options = ", ".join(f"--{name}" for name in strengths)
            raise InputError(
                f"No penalty is given: give the strength of one or more of {options}, or --preset."
            )
        roles = parse_roles(on) if on else None
        penalties = [replace(p, layers=layers or p.layers, on=roles or p.on) for p in given]
        table = regularize_file(model, out, penalties)
        show(table.document(), as_json, lambda _: [table])
        typer.echo(gettext("Wrote {file}").format(file=out), err=True)
