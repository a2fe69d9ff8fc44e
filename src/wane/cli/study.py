"""Commands that train: studies, and the examples that there are."""

import time
from collections.abc import Mapping
from pathlib import Path
from typing import TYPE_CHECKING, Annotated, Any

import typer

from wane.cli.app import AsJson, Layers, Roles, app, require_backend, show, told
from wane.cli.folders import recipe_for, study_place
from wane.cli.options import parse_roles, parse_strengths
from wane.penalties import CATALOGUE

if TYPE_CHECKING:
    from wane.data import Problem
    from wane.penalties import Candidate
    from wane.study import StudySpec

BEGAN = time.perf_counter()

Source = Annotated[
    str,
    typer.Argument(
        metavar="NAME|FILE",
        help="A built-in example (wane examples lists them), a CSV or Parquet file, or a .npz file "
        "with arrays x and y.",
    ),
]
Target = Annotated[
    str | None, typer.Option(metavar="COLUMN", help="The column of the file to predict.")
]
Task = Annotated[
    str | None,
    typer.Option(help="binary, multiclass or regression.", show_default="inferred from the target"),
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
    str | None,
    typer.Option(
        metavar="LOW:HIGH:COUNT|LIST",
        help="Strengths to try, on a log scale.",
        show_default="1e-6:1e-1:6, or the example's",
    ),
]
Model = Annotated[
    Path | None,
    typer.Option(
        metavar="FILE.keras",
        help="A compiled network of your own, in place of one that is made; arrays go into it as "
        "they are.",
    ),
]
_EXAMPLE_S = "files {}, or the example's"
_BY_SHAPE = "by the shape of the rows, or the example's"
Network = Annotated[
    str | None,
    typer.Option(
        help="Kind of network: dense; conv2d for images; conv1d or lstm for sequences.",
        show_default=_BY_SHAPE,
    ),
]
Hidden = Annotated[
    str | None,
    typer.Option(
        metavar="UNITS",
        help="Units (or filters) of each hidden layer, as in 128,64.",
        show_default="500 of a dense network, or the example's",
    ),
]
Repeats = Annotated[
    int | None,
    typer.Option(help="Runs of each candidate.", show_default=_EXAMPLE_S.format(20)),
]
Epochs = Annotated[
    int | None, typer.Option(help="Epochs of each run.", show_default=_EXAMPLE_S.format(200))
]
BatchSize = Annotated[
    int | None, typer.Option(help="Rows in a batch.", show_default=_EXAMPLE_S.format(32))
]
Fresh = Annotated[
    bool,
    typer.Option("--fresh", help="Draw new rows for each repeat; for examples that are generated."),
]
Refine = Annotated[
    bool,
    typer.Option(
        "--refine", help="Then try strengths between them, around the best and its near rivals."
    ),
]
Halving = Annotated[
    bool,
    typer.Option(
        "--halving", help="Drop candidates that fall behind after 2, 4, 8, … of their repeats."
    ),
]
EarlyStopping = Annotated[
    int | None,
    typer.Option(
        "--early-stopping",
        metavar="PATIENCE",
        help="End a run when its validation data loss has not fallen for so many epochs.",
    ),
]
LearningCurve = Annotated[
    bool,
    typer.Option(help="Train on a quarter and a half of the rows too, to see what more would do."),
]
LearningRate = Annotated[
    float | None, typer.Option(help="Learning rate.", show_default="the optimizer's own")
]
Optimizer = Annotated[
    str | None, typer.Option(help="Any optimizer of Keras, by name.", show_default="adam")
]
SelectBy = Annotated[
    str | None,
    typer.Option(
        metavar="METRIC",
        help="Choose the best candidate by this metric or score.",
        show_default="data loss",
    ),
]
Scoring = Annotated[
    list[str] | None,
    typer.Option(
        metavar="NAME",
        help="A scorer of scikit-learn, such as roc_auc, f1 or r2; may be given several times.",
    ),
]
Seed = Annotated[int, typer.Option(help="Random seed.")]
Out = Annotated[
    Path | None,
    typer.Option(
        metavar="DIR",
        help="A new folder for the study, or the one of this very study, to go on with it.",
        show_default="NAME-study",
    ),
]


def _candidates(
    problem: "Problem",
    names: list[str] | None,
    strengths: str | None,
    layers: str,
    on: str,
    proximal: bool,
) -> "tuple[Candidate, ...]":
    """The candidates that the options name."""
    from wane.cli import studies

    given = None if strengths is None else parse_strengths(strengths)
    roles = parse_roles(on)
    return studies.candidates_of(
        names or ["l2"],
        given or problem.strengths,
        layers=layers,
        on=roles,
        proximal=proximal,
    )


def _run(spec: "StudySpec", recipe: Mapping[str, Any], out: Path | None, as_json: bool) -> None:
    """Run a study in its folder and show what came of it."""
    from wane.report.terminal import summary_lines
    from wane.study.run import run_study

    with study_place(out, f"{spec.name}-study", recipe) as folder:
        seconds = {"load": time.perf_counter() - BEGAN}
        document = run_study(
            spec, folder, progress=True, seconds_before=seconds, recipe=recipe
        ).document
    show(document, as_json, lambda width: summary_lines(document, width=width))


@app.command()
def study(
    context: typer.Context,
    source: Source,
    target: Target = None,
    task: Task = None,
    penalty: Penalties = None,
    strengths: Strengths = None,
    layers: Layers = "hidden",
    on: Roles = "kernel,recurrent",
    proximal: Proximal = False,
    fresh: Fresh = False,
    model: Model = None,
    network: Network = None,
    hidden: Hidden = None,
    repeats: Repeats = None,
    epochs: Epochs = None,
    batch_size: BatchSize = None,
    learning_rate: LearningRate = None,
    optimizer: Optimizer = None,
    select_by: SelectBy = None,
    scoring: Scoring = None,
    seed: Seed = 0,
    refine: Refine = False,
    halving: Halving = False,
    early_stopping: EarlyStopping = None,
    learning_curve: LearningCurve = True,
    out: Out = None,
    as_json: AsJson = False,
) -> None:
    """Train a network with and without regularization, many times, and evaluate the difference."""
    with told():
        require_backend()
        from wane import data
        from wane.cli import studies

        problem = studies.load_problem(
            source, target=target, task=task, fresh=fresh, as_given=model is not None
        )
        candidates = _candidates(problem, penalty, strengths, layers, on, proximal)
        for note in problem.notes:
            typer.echo(f"Note: {note}", err=True)
        spec = studies.problem_spec(
            problem,
            candidates=candidates,
            model=model,
            network=network,
            hidden=None if hidden is None else data.parse_hidden(hidden),
            optimizer=optimizer,
            learning_rate=learning_rate,
            repeats=repeats,
            epochs=epochs,
            batch_size=batch_size,
            select_by=select_by,
            scoring=scoring,
            seed=seed,
            learning_curve=learning_curve,
            refine=refine,
            halving=halving,
            early_stopping=early_stopping,
        )
        _run(spec, recipe_for(context), out, as_json)


@app.command()
def examples(as_json: AsJson = False) -> None:
    """List the built-in examples, each a study of its own: wane study NAME."""
    with told():
        require_backend()
        from wane import data
        from wane.report.examples import example_lines

        rows = data.examples_document()
        show(rows, as_json, lambda _: example_lines(rows))
