"""Commands that train to compare: methods of regularization, targets, and paths of strengths."""

import functools
import time
from collections.abc import Callable, Mapping
from inspect import Parameter, signature
from pathlib import Path
from typing import TYPE_CHECKING, Annotated, Any

import typer

from wane.cli.application import BEGAN, app, report_errors, show
from wane.cli.display.panels import InPanels
from wane.cli.display.voice import with_voice
from wane.cli.folders import recipe_for, study_place
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
    Model,
    Network,
    Optimizer,
    OptimizerState,
    Out,
    Proximal,
    Ray,
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
    given_options,
    parse_roles,
    parse_strengths,
    with_parameters,
)
from wane.cli.process.handing import handed_over
from wane.cli.process.speech import is_quiet
from wane.cli.study import announced_problem, announced_spec

if TYPE_CHECKING:
    from wane.data import Problem
    from wane.study import Comparison, StudySpec

Methods = Annotated[
    list[str] | None,
    typer.Option(
        "--method",
        metavar="METHOD",
        help="none, l1, l2, l1l2, weight-decay, dropout, early-stopping, max-norm, "
        "dropout+bn+l2 (with BatchNormalization), or another penalty; may be given several times.",
        show_default="all of these",
    ),
]
Settings = Annotated[
    int | None,
    typer.Option(
        metavar="NUMBER", help="Settings that each method is tuned over.", show_default="5"
    ),
]
Trials = Annotated[
    int | None,
    typer.Option(metavar="NUMBER", help="In their place so many that a sampler searches."),
]
Where = Annotated[
    bool,
    typer.Option(
        "--where",
        help="Compare targets of one penalty in place of methods.",
    ),
]
Factor = Annotated[
    float | None,
    typer.Option(
        metavar="NUMBER",
        help="With --where: how much stronger one end of the network is.",
        show_default="10",
    ),
]
Penalty = Annotated[
    str | None, typer.Option(metavar="NAME", help="With --where: the penalty.", show_default="l2")
]


PathPenalty = Annotated[
    str, typer.Option("--penalty", metavar="NAME", help="The penalty, as for wane study.")
]
Descending = Annotated[
    bool, typer.Option("--descending", help="From the strongest strength down to none.")
]
EqualEpochs = Annotated[
    bool,
    typer.Option(
        "--equal-epochs",
        help="Train each new start as many epochs as the path had.",
    ),
]


_STUDY_OPTIONS: dict[str, tuple[Any, Any]] = {
    "target": (Target, None),
    "task": (Task, None),
    **TIE_OPTIONS,
    **TABLE_OPTIONS,
    **ARRAY_OPTIONS,
    "fresh": (Fresh, False),
    "model": (Model, None),
    "weights": (Weights, None),
    "optimizer_state": (OptimizerState, None),
    "standardize_target": (StandardizeTarget, None),
    "class_weight": (ClassWeight, None),
    "network": (Network, None),
    "hidden": (Hidden, None),
    "repeats": (Repeats, None),
    "epochs": (Epochs, None),
    "batch_size": (BatchSize, None),
    "learning_rate": (LearningRate, None),
    "optimizer": (Optimizer, None),
    "seed": (Seed, 0),
}
"""The options that say what is studied, and their defaults."""


def _with_study_options(command: Callable[..., None]) -> Callable[..., None]:
    """The command with the options that say what is studied.

    It gets the problem, the specification of the study, and the recipe for it.
    """
    parameters = signature(command).parameters
    own = [p for p in parameters.values() if p.name not in ("problem", "spec", "recipe")]

    @functools.wraps(command)
    def with_options(*, context: typer.Context, **given: Any) -> None:
        with report_errors():
            recipe = recipe_for(context)
            options = {name: given.pop(name) for name in ("source", *_STUDY_OPTIONS)}
            options |= {k: given[k] for k in ("select_by", "scoring") if k in given}
            problem, spec = _problem_and_spec(**options)
            command(problem=problem, spec=spec, recipe=recipe, **given)

    options = [
        Parameter(name, Parameter.KEYWORD_ONLY, default=default, annotation=hint)
        for name, (hint, default) in _STUDY_OPTIONS.items()
    ]
    source = Parameter("source", Parameter.KEYWORD_ONLY, annotation=Source)
    context = Parameter("context", Parameter.KEYWORD_ONLY, annotation=typer.Context)
    return with_parameters(with_options, command, [context, source, *own, *options])


def _problem_and_spec(
    *,
    source: str,
    target: str | None,
    task: str | None,
    fresh: bool,
    model: Path | None,
    hidden: str | None,
    **options: Any,
) -> "tuple[Problem, StudySpec]":
    """The problem, and the study of it without candidates."""
    groups = (ARRAY_OPTIONS, TABLE_OPTIONS, TIE_OPTIONS)
    arrays, table, ties = (given_options(group, options) for group in groups)
    problem = announced_problem(source, target, task, fresh, model, arrays, table, ties)
    more: dict[str, Any] = {"model": model, "hidden": hidden, "learning_curve": False, **options}
    return problem, announced_spec(problem, candidates=(), **more)


@app.command(cls=InPanels)
@with_voice
@_with_study_options
def compare(
    problem: "Problem",
    spec: "StudySpec",
    recipe: Mapping[str, Any],
    method: Methods = None,
    settings: Settings = None,
    trials: Trials = None,
    where: Where = False,
    penalty: Penalty = None,
    strengths: Strengths = None,
    factor: Factor = None,
    layers: Layers = "hidden",
    on: Roles = "kernel,recurrent",
    select_by: SelectBy = None,
    scoring: Scoring = None,
    out: Out = None,
    ray: Ray = None,
    as_json: AsJson = False,
) -> None:
    """Compare methods of regularization, each tuned with the same budget."""
    del select_by, scoring  # the spec has them
    from wane.cli.made import studies
    from wane.report.comparison import comparison_answer, comparison_lines

    tuned = problem.strengths if strengths is None else parse_strengths(strengths)
    methods = studies.methods_to_compare(
        spec,
        method,
        settings=settings,
        trials=trials,
        where=where,
        penalty=penalty,
        strengths=tuned,
        factor=factor,
    )
    with study_place(out, f"{problem.name}-compare", recipe) as folder:
        how: dict[str, Any] = {
            "layers": layers,
            "on": parse_roles(on),
            "strengths": (min(tuned), max(tuned)),
        }
        shown: dict[str, Any] = {
            "progress": not is_quiet(),
            "recipe": recipe,
            "ray": ray,
            "seconds_before": {"load": time.perf_counter() - BEGAN},
        }
        comparison = _compared(spec, methods, folder, settings, trials, how, shown)
    if handed_over(comparison):
        return
    document = comparison.result.document
    answer = comparison_answer(document)
    show(document, as_json, lambda _: comparison_lines(document), answer)


def _compared(
    spec: "StudySpec",
    methods: Any,
    folder: Path | None,
    settings: int | None,
    trials: int | None,
    how: Mapping[str, Any],
    shown: Mapping[str, Any],
) -> "Comparison":
    """The methods, each with evenly spaced settings, or with those that a sampler takes."""
    from wane.study.compare import compare_methods
    from wane.study.spec.methods import SETTINGS, methods_of
    from wane.study.spec.spaces.methods import spaces_of
    from wane.study.tuning.tune import tune_spaces

    if trials is not None:
        return tune_spaces(spec, spaces_of(spec, methods, trials=trials, **how), folder, **shown)
    groups = methods_of(spec, methods, settings=SETTINGS if settings is None else settings, **how)
    return compare_methods(spec, groups, folder, **shown)


@app.command(cls=InPanels)
@with_voice
@_with_study_options
def path(
    problem: "Problem",
    spec: "StudySpec",
    recipe: Mapping[str, Any],
    penalty: PathPenalty = "l2",
    strengths: Strengths = None,
    descending: Descending = False,
    equal_epochs: EqualEpochs = False,
    layers: Layers = "hidden",
    on: Roles = "kernel,recurrent",
    proximal: Proximal = False,
    out: Out = None,
    ray: Ray = None,
    as_json: AsJson = False,
) -> None:
    """Train a network on under rising strengths, beside a new start at each strength."""
    from wane import penalties
    from wane.cli.made.problems import candidates_of
    from wane.report.path import path_lines
    from wane.report.wording import spoken
    from wane.study.path import train_path

    chosen = problem.strengths if strengths is None else parse_strengths(strengths)
    roles = parse_roles(on)
    candidates_of([penalty], chosen, layers=layers, on=roles, proximal=proximal)
    with study_place(out, f"{problem.name}-path", recipe) as folder:
        result = train_path(
            spec,
            penalties.CATALOGUE[penalty.lower()],
            chosen,
            layers=layers,
            on=roles,
            descending=descending,
            equal_epochs=equal_epochs,
            folder=folder,
            progress=not is_quiet(),
            options={"proximal": True} if proximal else {},
            recipe=recipe,
            ray=ray,
        )
    document = result.document
    show(document, as_json, lambda _: path_lines(document), spoken(document)["text"])
