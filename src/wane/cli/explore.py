"""Commands that train to compare: kinds of regularization, placements, and paths of strengths."""

import functools
import time
from collections.abc import Callable, Mapping
from inspect import Parameter, signature
from pathlib import Path
from typing import TYPE_CHECKING, Annotated, Any

import typer

from wane.cli.app import AsJson, Layers, Roles, app, require_backend, show, told
from wane.cli.places import recipe_for, study_place
from wane.cli.study import (
    BEGAN,
    BatchSize,
    Epochs,
    Fresh,
    Hidden,
    LearningRate,
    Model,
    Network,
    Optimizer,
    Out,
    Proximal,
    Repeats,
    Score,
    Seed,
    SelectBy,
    Source,
    Strengths,
    Target,
    Task,
)

if TYPE_CHECKING:
    from wane.data import Problem
    from wane.study import Study


Kinds = Annotated[
    list[str] | None,
    typer.Option(
        "--kind",
        metavar="KIND",
        help="none, l1, l2, l1l2, weight-decay, dropout, early-stopping, max-norm, "
        "dropout+bn+l2 (with BatchNormalization), or another penalty; may be given several times.",
        show_default="all of these",
    ),
]
Settings = Annotated[
    int | None, typer.Option(help="Settings that each kind is tuned over.", show_default="5")
]
Where = Annotated[
    bool,
    typer.Option(
        "--where",
        help="Compare placements of one penalty in place of kinds: hidden layers, output, biases, "
        "early or late layers stronger.",
    ),
]
Factor = Annotated[
    float | None,
    typer.Option(
        help="With --where: how much stronger one end of the network is than the other.",
        show_default="10",
    ),
]
Penalty = Annotated[str | None, typer.Option(help="With --where: the penalty.", show_default="l2")]


PathPenalty = Annotated[str, typer.Option("--penalty", help="The penalty, as for wane study.")]
Falling = Annotated[
    bool, typer.Option("--falling", help="From the strongest strength down to none.")
]
EqualEpochs = Annotated[
    bool,
    typer.Option(
        "--equal-epochs",
        help="Train each cold start as many epochs as the path had at its strength.",
    ),
]


_STATED: dict[str, tuple[Any, Any]] = {
    "target": (Target, None),
    "task": (Task, None),
    "fresh": (Fresh, False),
    "model": (Model, None),
    "network": (Network, None),
    "hidden": (Hidden, None),
    "repeats": (Repeats, None),
    "epochs": (Epochs, None),
    "batch_size": (BatchSize, None),
    "learning_rate": (LearningRate, None),
    "optimizer": (Optimizer, None),
    "seed": (Seed, 0),
}
"""The options that state a study, and their defaults."""


def _on_a_problem(command: Callable[..., None]) -> Callable[..., None]:
    """The command with the options that state a study.

    It gets the problem, the study, and the recipe for it.
    """
    parameters = signature(command).parameters
    own = [p for p in parameters.values() if p.name not in ("problem", "made", "recipe")]

    @functools.wraps(command)
    def with_options(*, context: typer.Context, **given: Any) -> None:
        with told():
            require_backend()
            recipe = recipe_for(context)
            stated = {name: given.pop(name) for name in ("source", *_STATED)}
            judged = {k: given.pop(k) for k in ("select_by", "score") if k in given}
            problem, made = _stated(**stated, **judged)
            command(problem=problem, made=made, recipe=recipe, **given)

    options = [
        Parameter(name, Parameter.KEYWORD_ONLY, default=default, annotation=kind)
        for name, (kind, default) in _STATED.items()
    ]
    source = Parameter("source", Parameter.KEYWORD_ONLY, annotation=Source)
    context = Parameter("context", Parameter.KEYWORD_ONLY, annotation=typer.Context)
    several = [context, source, *(p.replace(kind=Parameter.KEYWORD_ONLY) for p in own), *options]
    every = signature(command).replace(parameters=several)
    with_options.__annotations__ = {one.name: one.annotation for one in several}
    with_options.__signature__ = every  # type: ignore[attr-defined] # a function may have one
    return with_options


def _stated(
    *,
    source: str,
    target: str | None,
    task: str | None,
    fresh: bool,
    model: Path | None,
    hidden: str | None,
    score: list[str] | None = None,
    **options: Any,
) -> "tuple[Problem, Study]":
    """The problem, and the study of it without candidates."""
    from wane import data

    units = None if hidden is None else data.parse_hidden(hidden)
    problem = data.load_problem(
        source, target=target, task=task, fresh=fresh, as_given=model is not None
    )
    for note in problem.notes:
        typer.echo(f"Note: {note}", err=True)
    made = data.problem_study(
        problem,
        candidates=(),
        model=model,
        hidden=units,
        scorers=score,
        train_sizes=False,
        **options,
    )
    return problem, made


@app.command()
@_on_a_problem
def compare(
    problem: "Problem",
    made: "Study",
    recipe: Mapping[str, Any],
    kind: Kinds = None,
    settings: Settings = None,
    where: Where = False,
    penalty: Penalty = None,
    strengths: Strengths = None,
    factor: Factor = None,
    layers: Layers = "hidden",
    on: Roles = "kernel,recurrent",
    select_by: SelectBy = None,
    score: Score = None,
    out: Out = None,
    as_json: AsJson = False,
) -> None:
    """Compare kinds of regularization, each tuned with the same budget."""
    del select_by, score  # the study that was made has them
    from wane import data, penalties
    from wane.report.comparison import comparison_lines
    from wane.study.kinds import SETTINGS

    tuned = problem.strengths if strengths is None else penalties.parse_strengths(strengths)
    kinds = data.kinds_to_compare(
        made, kind, settings=settings, where=where, penalty=penalty, strengths=tuned, factor=factor
    )
    with study_place(out, f"{problem.name}-compare", recipe) as folder:
        comparison = made.compare(
            kinds,
            settings=SETTINGS if settings is None else settings,
            layers=layers,
            on=penalties.parse_roles(on),
            strengths=(min(tuned), max(tuned)),
            folder=folder,
            seconds_before={"load": time.perf_counter() - BEGAN},
            recipe=recipe,
        )
    document = comparison.result.document
    show(document, as_json, lambda _: comparison_lines(document))


@app.command()
@_on_a_problem
def path(
    problem: "Problem",
    made: "Study",
    recipe: Mapping[str, Any],
    penalty: PathPenalty = "l2",
    strengths: Strengths = None,
    falling: Falling = False,
    equal_epochs: EqualEpochs = False,
    layers: Layers = "hidden",
    on: Roles = "kernel,recurrent",
    proximal: Proximal = False,
    out: Out = None,
    as_json: AsJson = False,
) -> None:
    """Go on training a network under rising strengths, beside new starts at each strength."""
    from wane import data, penalties
    from wane.report.path import path_lines

    chosen = problem.strengths if strengths is None else penalties.parse_strengths(strengths)
    roles = penalties.parse_roles(on)
    data.candidates_of([penalty], chosen, layers=layers, on=roles, proximal=proximal)
    with study_place(out, f"{problem.name}-path", recipe) as folder:
        result = made.path(
            penalties.CATALOGUE[penalty.lower()],
            chosen,
            layers=layers,
            on=roles,
            falling=falling,
            equal_epochs=equal_epochs,
            folder=folder,
            options={"proximal": True} if proximal else {},
            recipe=recipe,
        )
    show(result.document, as_json, lambda _: path_lines(result.document))
