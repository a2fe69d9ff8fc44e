"""Commands that train: studies, and the examples that there are."""

import time as clock
from collections.abc import Iterable, Mapping
from pathlib import Path
from typing import TYPE_CHECKING, Annotated, Any

import typer

from wane._language import gettext
from wane.cli.application import BEGAN, app, report_errors, require_backend, show
from wane.cli.config.command import save_config as write_options
from wane.cli.config.command import takes_files
from wane.cli.display.panels import InPanels
from wane.cli.display.voice import with_voice
from wane.cli.folders import recipe_for, study_place
from wane.cli.language import with_language
from wane.cli.made.searches import checked_search, search_by_layer
from wane.cli.options import (
    ARRAY_OPTIONS,
    TABLE_OPTIONS,
    TIE_OPTIONS,
    AsJson,
    BatchSize,
    ClassWeight,
    Epochs,
    Fresh,
    Hidden,
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
    Ray,
    Repeats,
    Roles,
    SaveConfig,
    Scoring,
    Seed,
    SelectBy,
    SourceOrFile,
    StandardizeTarget,
    Strengths,
    Target,
    Task,
    Weights,
    check_penalties,
    option,
    parse_roles,
    parse_strengths,
    with_options,
)
from wane.cli.process.handing import handed_over
from wane.cli.process.speech import is_quiet, say, working
from wane.penalties import CATALOGUE

if TYPE_CHECKING:
    from wane.data import Problem
    from wane.study import StudySpec
    from wane.study.spec.spaces.search import Search

*_OTHERS, _LAST = CATALOGUE
Penalties = Annotated[
    list[str] | None,
    typer.Option(
        metavar="NAME",
        help=f"{', '.join(_OTHERS)} or {_LAST}; several for more.",
        show_default="l2",
    ),
]
SEARCH_OPTIONS: Options = {
    "extend": option(
        bool,
        True,
        help="Try strengths beyond the ends.",
        show_default="on",
    ),
    "refine": option(
        bool,
        False,
        "--refine",
        help="Then try strengths around the best.",
    ),
    "by_layer": option(
        bool,
        False,
        "--by-layer",
        help="Search a strength for each layer.",
    ),
    "trials": option(
        int | None,
        None,
        metavar="NUMBER",
        help="Settings of a search by layer.",
    ),
    "no_evidence": option(
        bool,
        False,
        "--no-evidence",
        help="Do not ask the training rows alone too.",
    ),
    "halving": option(
        bool,
        False,
        "--halving",
        help="Drop candidates that fall behind.",
    ),
    "until_decided": option(
        bool,
        False,
        "--until-decided",
        help="Train repeats until it is decided.",
    ),
    "minutes": option(
        float | None,
        None,
        metavar="NUMBER",
        help="Train the repeats that fit in this time.",
    ),
    "early_stopping": option(
        int | None,
        None,
        "--early-stopping",
        metavar="PATIENCE",
        help="End runs whose loss no longer falls.",
    ),
    "learning_curve": option(
        bool,
        True,
        help="Train on fewer rows too.",
        show_default="on",
    ),
    "references": option(
        bool,
        True,
        help="Fit other models too.",
        show_default="on",
    ),
    "retraining": option(
        bool | None,
        None,
        "--retraining/--no-retraining",
        help="Train under random weights of rows.",
        show_default="if cheap",
    ),
}
"""How long a study trains, and what it does beside the candidates that were named."""


def announced_problem(
    source: str,
    target: str | None,
    task: str | None,
    fresh: bool,
    model: Path | None,
    arrays: Mapping[str, Any],
    table: Mapping[str, Any],
    ties: Mapping[str, Any],
) -> "Problem":
    """The data that the options name; how they were cleaned is noted on standard error."""
    with working(f"reading {source}"):
        from wane.cli.made import problems

        problem = problems.load_problem(
            source,
            target=target,
            task=task,
            fresh=fresh,
            as_given=model is not None,
            arrays=arrays,
            table=table,
            ties=ties,
        )
    # The account, which follows before training, says which columns were left out, and why.
    of_table = problem.account is not None and problem.account.columns
    announce(problem.account.notes if problem.account and of_table else problem.notes)
    return problem


def announced_spec(problem: "Problem", **options: Any) -> "StudySpec":
    """The study of a problem by these options; what is odd about it is noted on standard error."""
    with working("loading Keras"):
        require_backend()
        from wane.cli.made import studies
    with working("making the network"):
        spec = studies.problem_spec(problem, **options)
        given = options.get("standardize_target")
        notes = studies.notes_of(spec, problem, standardize_target=given)
    announce(notes)
    return spec


def announce(notes: Iterable[str]) -> None:
    """Say these sentences on standard error."""
    from wane.report.display.recorded import recorded

    for note in notes:
        say(gettext("Note: {note}").format(note=recorded(note)))


def _run(
    spec: "StudySpec",
    search: "Search | None",
    recipe: Mapping[str, Any],
    out: Path | None,
    as_json: bool,
    ray: str | None,
) -> None:
    """Run a study in its folder, or search a space, and show what came of it."""
    from wane.report.comparison import comparison_answer, comparison_lines
    from wane.report.terminal import summary_lines
    from wane.report.wording import spoken
    from wane.study.run import run_study
    from wane.study.tuning.tune import tune_spaces

    with study_place(out, f"{spec.name}-study", recipe) as folder:
        seconds = {"load": clock.perf_counter() - BEGAN}
        how: dict[str, Any] = {"progress": not is_quiet(), "seconds_before": seconds}
        how |= {"recipe": recipe, "ray": ray}
        if search is None:
            result = run_study(spec, folder, **how)
        else:
            result = tune_spaces(spec, search, folder, **how).result
    if handed_over(result):
        return
    document = result.document
    if search is None:
        answer = spoken(document["verdict"])["text"]
        show(document, as_json, lambda width: summary_lines(document, width=width), answer)
    else:
        answer = comparison_answer(document)
        show(document, as_json, lambda _: comparison_lines(document), answer)


@app.command(cls=InPanels)
@with_voice
@takes_files
@with_options("table", TABLE_OPTIONS, after="task")
@with_options("ties", TIE_OPTIONS, after="task")
@with_options("arrays", ARRAY_OPTIONS, after="task")
@with_options("search", SEARCH_OPTIONS, after="seed")
def study(
    context: typer.Context,
    source: SourceOrFile,
    table: Mapping[str, Any],
    ties: Mapping[str, Any],
    arrays: Mapping[str, Any],
    search: Mapping[str, Any],
    target: Target = None,
    task: Task = None,
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
    ray: Ray = None,
    save_config: SaveConfig = None,
    as_json: AsJson = False,
) -> None:
    """Train a network with and without regularization, many times, and evaluate the difference."""
    # What needs no data is checked before they are read, and both before Keras is loaded.
    names, roles = penalty or ["l2"], parse_roles(on)
    check_penalties(names, proximal=proximal)
    given = None if strengths is None else parse_strengths(strengths)
    beside = checked_search(names, search, context, proximal=proximal)
    problem = announced_problem(source, target, task, fresh, model, arrays, table, ties)
    made = {"model": model, "weights": weights, "network": network, "hidden": hidden}
    training = {"optimizer": optimizer, "learning_rate": learning_rate, "epochs": epochs}
    training |= {"optimizer_state": optimizer_state, "batch_size": batch_size, "seed": seed}
    training |= {"repeats": repeats}
    of_target = {"standardize_target": standardize_target, "class_weight": class_weight}
    chosen = {"select_by": select_by, "matters": matters, "scoring": scoring}
    from wane.cli.made.problems import candidates_of

    tried = given or problem.strengths
    spec = announced_spec(
        problem,
        candidates=candidates_of(names, tried, layers=layers, on=roles, proximal=proximal),
        **{**made, **training, **of_target, **chosen, **beside},
    )
    write_options(save_config, study, context)
    space = search_by_layer(spec, names[0], tried, roles, search)
    _run(spec, space, recipe_for(context), out, as_json, ray)


@app.command()
@with_language
def examples(as_json: AsJson = False) -> None:
    """List the built-in examples, each a study of its own: wane study NAME."""
    with report_errors():
        from wane import data
        from wane.report.data import example_lines

        rows = data.examples_document()
        show(rows, as_json, lambda _: example_lines(rows))
