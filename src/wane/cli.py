"""The command line: parse, call, print."""

import contextlib
import functools
import json
import sys
import time
from collections.abc import Callable, Iterable, Iterator
from inspect import Parameter, signature
from pathlib import Path
from typing import TYPE_CHECKING, Annotated, Any

import typer

from wane import __version__
from wane._errors import InputError, WaneError
from wane.keras_model.backend import start_keras
from wane.penalties import CATALOGUE
from wane.training.compile_cache import keep_compiled_programs

if TYPE_CHECKING:
    from rich.console import RenderableType

_BEGAN = time.perf_counter()

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
    keep_compiled_programs()
    app()


@contextlib.contextmanager
def _told() -> Iterator[None]:
    """Tell errors and interruptions in one sentence on standard error."""
    try:
        yield
    except WaneError as error:
        typer.echo(f"Error: {error}", err=True)
        raise typer.Exit(2) from error
    except KeyboardInterrupt as interruption:
        typer.echo(str(interruption) or "Interrupted before training; nothing was kept.", err=True)
        raise typer.Exit(130) from interruption


def _require_backend() -> None:
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


@contextlib.contextmanager
def _folder(out: Path | None, name: str) -> Iterator[Path]:
    """The study's folder; one that was made here and has stayed empty goes again."""
    from wane.study.store import free_folder

    if out is not None:
        yield out
        return
    folder = free_folder(f"{name}-study")
    try:
        yield folder
    finally:
        with contextlib.suppress(OSError):
            folder.rmdir()  # does nothing where there is something in it


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


Source = Annotated[
    str,
    typer.Argument(
        metavar="NAME|FILE", help="A built-in example (moons), or a CSV or Parquet file."
    ),
]
Target = Annotated[
    str | None, typer.Option(metavar="COLUMN", help="The column of the file to predict.")
]
Task = Annotated[
    str | None,
    typer.Option(help="binary, multiclass or regression.", show_default="found from the target"),
]
_KINDS = list(CATALOGUE)
Penalties = Annotated[
    list[str] | None,
    typer.Option(
        help=f"{' or '.join([', '.join(_KINDS[:-1]), _KINDS[-1]])}; may be given several times.",
        show_default="l2",
    ),
]
Proximal = Annotated[
    bool,
    typer.Option(
        "--proximal",
        help="Exact zeros by proximal steps, for l1, l1l2 and group-lasso.",
    ),
]
Strengths = Annotated[
    str, typer.Option(metavar="LOW:HIGH:COUNT|LIST", help="Strengths to try, on a log scale.")
]
Layers = Annotated[
    str, typer.Option(help="Layers to penalize: hidden, output, all, or a glob on names.")
]
Roles = Annotated[
    str,
    typer.Option(metavar="ROLES", help="Weights to penalize: kernel, recurrent, bias, embedding."),
]
Hidden = Annotated[
    str | None,
    typer.Option(
        metavar="UNITS", help="Units of each hidden layer, as in 128,64.", show_default="500"
    ),
]
Repeats = Annotated[
    int | None, typer.Option(help="Runs of each candidate.", show_default="moons 30, files 20")
]
Epochs = Annotated[
    int | None, typer.Option(help="Epochs of each run.", show_default="moons 4000, files 200")
]
BatchSize = Annotated[int | None, typer.Option(help="Rows in a batch.", show_default="32")]
LearningRate = Annotated[
    float | None, typer.Option(help="Learning rate.", show_default="the optimizer's own")
]
Optimizer = Annotated[str, typer.Option(help="Any optimizer of Keras, by name.")]
SelectBy = Annotated[
    str | None,
    typer.Option(
        metavar="METRIC",
        help="Choose the best candidate by this metric or score.",
        show_default="data loss",
    ),
]
Score = Annotated[
    list[str] | None,
    typer.Option(
        metavar="NAME",
        help="A scorer of scikit-learn, such as roc_auc, f1 or r2; may be given several times.",
    ),
]
Seed = Annotated[int, typer.Option(help="Where all random choices start from.")]
Out = Annotated[
    Path | None,
    typer.Option(metavar="DIR", help="A new folder for the study.", show_default="NAME-study"),
]
AsJson = Annotated[
    bool, typer.Option("--json", help="Print one JSON document instead of the table.")
]


@app.command()
def study(
    source: Source,
    target: Target = None,
    task: Task = None,
    penalty: Penalties = None,
    strengths: Strengths = "1e-6:1e-1:6",
    layers: Layers = "hidden",
    on: Roles = "kernel,recurrent",
    proximal: Proximal = False,
    hidden: Hidden = None,
    repeats: Repeats = None,
    epochs: Epochs = None,
    batch_size: BatchSize = None,
    learning_rate: LearningRate = None,
    optimizer: Optimizer = "adam",
    select_by: SelectBy = None,
    score: Score = None,
    seed: Seed = 0,
    out: Out = None,
    as_json: AsJson = False,
) -> None:
    """Train a network with and without regularization, many times, and judge the difference."""
    with _told():
        _require_backend()
        from wane import data, penalties

        candidates = data.candidates_of(
            penalty or ["l2"],
            penalties.parse_strengths(strengths),
            layers=layers,
            on=penalties.parse_roles(on),
            proximal=proximal,
        )
        units = None if hidden is None else data.parse_hidden(hidden)
        problem = data.load_problem(source, target=target, task=task)
        for note in problem.notes:
            typer.echo(f"Note: {note}", err=True)
        made = data.problem_study(
            problem,
            candidates=candidates,
            hidden=units,
            optimizer=optimizer,
            learning_rate=learning_rate,
            repeats=repeats,
            epochs=epochs,
            batch_size=batch_size,
            select_by=select_by,
            scorers=score,
            seed=seed,
        )
        with _folder(out, problem.name) as folder:
            result = made.run(folder, seconds_before={"load": time.perf_counter() - _BEGAN})
        _show(result.document, as_json)


PresetName = Annotated[
    str | None, typer.Argument(metavar="NAME", help="A preset, to be told all about it.")
]


@app.command()
def presets(name: PresetName = None, as_json: AsJson = False) -> None:
    """List strengths that the literature reports, with their sources."""
    with _told():
        from wane import literature
        from wane.report import literature as drawn

        if name is None:
            rows = literature.presets.document()
            _print(rows, as_json, lambda width: drawn.preset_lines(rows, width=width))
            return
        preset = literature.presets[name].document()
        _print(preset, as_json, lambda _: drawn.preset_details(preset))


Value = Annotated[
    float, typer.Argument(metavar="VALUE", help="The strength that is to be converted.")
]
From = Annotated[
    str,
    typer.Option(
        "--from",
        metavar="NAME",
        help="How it is written: keras-l2, pytorch-sgd, glmnet, sklearn-mlp, gaussian-prior or "
        "keras-weight-decay.",
    ),
]
To = Annotated[str, typer.Option("--to", metavar="NAME", help="How it should be written.")]
Rows = Annotated[int | None, typer.Option(help="Training rows, for gaussian-prior.")]
BatchRows = Annotated[
    int | None, typer.Option("--batch-size", help="Rows in a batch, for sklearn-mlp.")
]
MeanSquaredError = Annotated[
    bool,
    typer.Option(
        "--mean-squared-error", help="The loss in Keras or PyTorch is the mean squared error."
    ),
]
PlainSgd = Annotated[
    bool,
    typer.Option("--plain-sgd", help="The optimizer is SGD without momentum."),
]


@app.command(context_settings={"ignore_unknown_options": True})  # -1 is a value, if a bad one
def convert(
    value: Value,
    source: From,
    target: To = "keras-l2",
    rows: Rows = None,
    batch_size: BatchRows = None,
    mean_squared_error: MeanSquaredError = False,
    plain_sgd: PlainSgd = False,
    as_json: AsJson = False,
) -> None:
    """Write the strength of an L2 penalty as another library does, and show the formula."""
    with _told():
        from wane import literature
        from wane.report.literature import conversion_lines

        converted = literature.convert(
            value,
            source,
            target,
            rows=rows,
            batch_size=batch_size,
            mean_squared_error=mean_squared_error,
            plain_sgd=plain_sgd,
        )
        document = converted.document()
        _print(document, as_json, lambda _: conversion_lines(document))


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
    with _told():
        start_keras()
        from wane.keras_model.saved import inspect_file

        table = inspect_file(model)
        _print(table.document(), as_json, lambda _: [table])


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
    with _told():
        start_keras()
        from wane import penalties
        from wane.keras_model.saved import regularize_file

        roles = penalties.parse_roles(on)
        table = regularize_file(model, out, strengths, layers=layers, on=roles)
        _print(table.document(), as_json, lambda _: [table])
        typer.echo(f"Wrote {out}", err=True)


def _print(
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


def _show(document: dict[str, object], as_json: bool) -> None:
    from wane.report.terminal import summary_lines

    _print(document, as_json, lambda width: summary_lines(document, width=width))


if __name__ == "__main__":
    main()
