"""Commands that train: studies, and the examples that there are."""

import time as clock
from collections.abc import Iterable, Mapping
from pathlib import Path
from typing import TYPE_CHECKING, Annotated, Any

import typer

from wane.cli.app import BEGAN, app, report_errors, require_backend, show
from wane.cli.folders import recipe_for, study_place
from wane.cli.options import (
    TABLE_OPTIONS,
    TIE_OPTIONS,
    AsJson,
    BatchSize,
    ClassWeight,
    Divide,
    Epochs,
    Fresh,
    Hidden,
    Inputs,
    Layers,
    LearningRate,
    Matters,
    Model,
    Network,
    Optimizer,
    OptimizerState,
    Options,
    Out,
    Proximal,
    Repeats,
    Roles,
    Scoring,
    Seed,
    SelectBy,
    Source,
    StandardizeTarget,
    Strengths,
    Target,
    Task,
    Weights,
    option,
    parse_roles,
    parse_strengths,
    with_options,
)
from wane.penalties import CATALOGUE

if TYPE_CHECKING:
    from wane.data import Problem
    from wane.penalties import Candidate
    from wane.study import StudySpec

*_OTHERS, _LAST = CATALOGUE
Penalties = Annotated[
    list[str] | None,
    typer.Option(
        help=f"{', '.join(_OTHERS)} or {_LAST}; may be given several times.",
        show_default="l2",
    ),
]
SEARCH_OPTIONS: Options = {
    "extend": option(
        bool,
        True,
        help="Go on to stronger or weaker ones where the best is at an end and the loss still "
        "falls, and try early stopping where the loss was lowest long before the end.",
    ),
    "refine": option(
        bool,
        False,
        "--refine",
        help="Then try strengths between them, around the best and its near rivals.",
    ),
    "halving": option(
        bool,
        False,
        "--halving",
        help="Drop candidates that fall behind after 2, 4, 8, … of their repeats.",
    ),
    "until_decided": option(
        bool,
        False,
        "--until-decided",
        help="Evaluate at 10, 20, 40, … repeats, up to --repeats (80 by default), and end where a "
        "candidate helps or more repeats would hardly tell more.",
    ),
    "minutes": option(
        float | None,
        None,
        metavar="NUMBER",
        help="Train as many whole repeats as fit in this time (at most --repeats, 200 by default), "
        "then evaluate once.",
    ),
    "early_stopping": option(
        int | None,
        None,
        "--early-stopping",
        metavar="PATIENCE",
        help="End a run when its validation data loss has not fallen for so many epochs.",
    ),
    "learning_curve": option(
        bool, True, help="Train on a quarter and a half of the rows too, to see what more would do."
    ),
    "references": option(
        bool,
        True,
        help="Put a constant, a linear model, gradient boosting and the recalibrated network "
        "beside the networks, on the same rows.",
    ),
    "retraining": option(
        bool | None,
        None,
        "--retraining/--no-retraining",
        help="Over splits: train the chosen candidate and the baseline again under random weights "
        "of the rows, for an interval over data sets.",
        show_default="where it costs little",
    ),
}
"""How long a study trains, and what it does beside the candidates that were named."""


def announced_problem(
    source: str,
    target: str | None,
    task: str | None,
    fresh: bool,
    model: Path | None,
    inputs: str | None,
    divide: float | None,
    table: Mapping[str, Any],
    ties: Mapping[str, Any],
) -> "Problem":
    """The data that the options name; how they were cleaned is noted on standard error."""
    from wane.cli import studies

    as_given = model is not None
    problem = studies.load_problem(
        source,
        target=target,
        task=task,
        fresh=fresh,
        as_given=as_given,
        inputs=inputs,
        divide=divide,
        table=table,
        ties=ties,
    )
    # The account, which follows before training, says which columns were left out, and why.
    of_table = problem.account is not None and problem.account.columns
    announce(problem.account.notes if problem.account and of_table else problem.notes)
    return problem


def announced_spec(problem: "Problem", **options: Any) -> "StudySpec":
    """The study of a problem by these options; what is odd about it is noted on standard error."""
    from wane.cli import studies

    spec = studies.problem_spec(problem, **options)
    given = options.get("standardize_target")
    announce(studies.notes_of(spec, problem, standardize_target=given))
    return spec


def announce(notes: Iterable[str]) -> None:
    """Say these sentences on standard error."""
    for note in notes:
        typer.echo(f"Note: {note}", err=True)


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


def _run(
    spec: "StudySpec",
    recipe: Mapping[str, Any],
    out: Path | None,
    as_json: bool,
) -> None:
    """Run a study in its folder and show what came of it."""
    from wane.report.terminal import summary_lines
    from wane.study.run import run_study

    with study_place(out, f"{spec.name}-study", recipe) as folder:
        seconds = {"load": clock.perf_counter() - BEGAN}
        document = run_study(
            spec, folder, progress=True, seconds_before=seconds, recipe=recipe
        ).document
    show(document, as_json, lambda width: summary_lines(document, width=width))


@app.command()
@with_options("table", TABLE_OPTIONS, after="task")
@with_options("ties", TIE_OPTIONS, after="task")
@with_options("search", SEARCH_OPTIONS, after="seed")
def study(
    context: typer.Context,
    source: Source,
    table: Mapping[str, Any],
    ties: Mapping[str, Any],
    search: Mapping[str, Any],
    target: Target = None,
    task: Task = None,
    inputs: Inputs = None,
    divide: Divide = None,
    penalty: Penalties = None,
    strengths: Strengths = None,
    layers: Layers = "hidden",
    on: Roles = "kernel,recurrent",
    proximal: Proximal = False,
    fresh: Fresh = False,
    model: Model = None,
    weights: Weights = None,
    optimizer_state: OptimizerState = None,
    standardize_target: StandardizeTarget = None,
    class_weight: ClassWeight = None,
    network: Network = None,
    hidden: Hidden = None,
    repeats: Repeats = None,
    epochs: Epochs = None,
    batch_size: BatchSize = None,
    learning_rate: LearningRate = None,
    optimizer: Optimizer = None,
    select_by: SelectBy = None,
    matters: Matters = None,
    scoring: Scoring = None,
    seed: Seed = 0,
    out: Out = None,
    as_json: AsJson = False,
) -> None:
    """Train a network with and without regularization, many times, and evaluate the difference."""
    with report_errors():
        require_backend()
        problem = announced_problem(source, target, task, fresh, model, inputs, divide, table, ties)
        made = {"model": model, "weights": weights, "network": network, "hidden": hidden}
        training = {"optimizer": optimizer, "learning_rate": learning_rate, "epochs": epochs}
        training |= {"optimizer_state": optimizer_state, "batch_size": batch_size, "seed": seed}
        training |= {"repeats": repeats}
        of_target = {"standardize_target": standardize_target, "class_weight": class_weight}
        chosen = {"select_by": select_by, "matters": matters, "scoring": scoring}
        spec = announced_spec(
            problem,
            candidates=_candidates(problem, penalty, strengths, layers, on, proximal),
            **{**made, **training, **of_target, **chosen, **search},
        )
        _run(spec, recipe_for(context), out, as_json)


@app.command()
def examples(as_json: AsJson = False) -> None:
    """List the built-in examples, each a study of its own: wane study NAME."""
    with report_errors():
        require_backend()
        from wane import data
        from wane.report.data import example_lines

        rows = data.examples_document()
        show(rows, as_json, lambda _: example_lines(rows))
