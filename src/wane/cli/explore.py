"""Commands that train to compare: kinds of regularization, placements, and paths of strengths."""

import contextlib
import time
from collections.abc import Iterator
from pathlib import Path
from typing import Annotated

import typer

from wane.cli.app import AsJson, Layers, Roles, app, require_backend, show, told
from wane.cli.study import (
    BEGAN,
    BatchSize,
    Epochs,
    Fresh,
    Hidden,
    LearningRate,
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


@contextlib.contextmanager
def _new_folder(out: Path | None, name: str) -> Iterator[Path]:
    """The folder for what a command writes; one that has stayed empty goes again."""
    from wane.study.folder import free_folder

    if out is not None:
        yield out
        return
    folder = free_folder(name)
    try:
        yield folder
    finally:
        with contextlib.suppress(OSError):
            folder.rmdir()  # does nothing where there is something in it


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


@app.command()
def compare(
    source: Source,
    target: Target = None,
    task: Task = None,
    kind: Kinds = None,
    settings: Settings = None,
    where: Where = False,
    penalty: Penalty = None,
    strengths: Strengths = None,
    factor: Factor = None,
    layers: Layers = "hidden",
    on: Roles = "kernel,recurrent",
    fresh: Fresh = False,
    network: Network = None,
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
    """Compare kinds of regularization, each tuned with the same budget."""
    with told():
        require_backend()
        from wane import data, penalties
        from wane.report.comparison import comparison_lines
        from wane.study.kinds import SETTINGS

        given = None if strengths is None else penalties.parse_strengths(strengths)
        roles = penalties.parse_roles(on)
        units = None if hidden is None else data.parse_hidden(hidden)
        problem = data.load_problem(source, target=target, task=task, fresh=fresh)
        for note in problem.notes:
            typer.echo(f"Note: {note}", err=True)
        made = data.problem_study(
            problem,
            candidates=(),
            network=network,
            hidden=units,
            optimizer=optimizer,
            learning_rate=learning_rate,
            repeats=repeats,
            epochs=epochs,
            batch_size=batch_size,
            select_by=select_by,
            scorers=score,
            seed=seed,
            train_sizes=False,
        )
        kinds = data.kinds_to_compare(
            made,
            kind,
            settings=settings,
            where=where,
            penalty=penalty,
            strengths=given,
            factor=factor,
            usual_strengths=problem.strengths,
        )
        tuned = given or problem.strengths
        with _new_folder(out, f"{problem.name}-compare") as folder:
            comparison = made.compare(
                kinds,
                settings=SETTINGS if settings is None else settings,
                layers=layers,
                on=roles,
                strengths=(min(tuned), max(tuned)),
                folder=folder,
                seconds_before={"load": time.perf_counter() - BEGAN},
            )
        document = comparison.result.document
        show(document, as_json, lambda _: comparison_lines(document))


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


@app.command()
def path(
    source: Source,
    target: Target = None,
    task: Task = None,
    penalty: PathPenalty = "l2",
    strengths: Strengths = None,
    falling: Falling = False,
    equal_epochs: EqualEpochs = False,
    layers: Layers = "hidden",
    on: Roles = "kernel,recurrent",
    proximal: Proximal = False,
    fresh: Fresh = False,
    network: Network = None,
    hidden: Hidden = None,
    repeats: Repeats = None,
    epochs: Epochs = None,
    batch_size: BatchSize = None,
    learning_rate: LearningRate = None,
    optimizer: Optimizer = "adam",
    seed: Seed = 0,
    out: Out = None,
    as_json: AsJson = False,
) -> None:
    """Go on training a network under rising strengths, beside new starts at each strength."""
    with told():
        require_backend()
        from wane import data, penalties
        from wane.report.path import path_lines

        given = None if strengths is None else penalties.parse_strengths(strengths)
        roles = penalties.parse_roles(on)
        units = None if hidden is None else data.parse_hidden(hidden)
        problem = data.load_problem(source, target=target, task=task, fresh=fresh)
        chosen = given or problem.strengths
        data.candidates_of([penalty], chosen, layers=layers, on=roles, proximal=proximal)
        for note in problem.notes:
            typer.echo(f"Note: {note}", err=True)
        made = data.problem_study(
            problem,
            candidates=(),
            network=network,
            hidden=units,
            optimizer=optimizer,
            learning_rate=learning_rate,
            repeats=repeats,
            epochs=epochs,
            batch_size=batch_size,
            seed=seed,
            train_sizes=False,
        )
        with _new_folder(out, f"{problem.name}-path") as folder:
            result = made.path(
                penalties.CATALOGUE[penalty.lower()],
                chosen,
                layers=layers,
                on=roles,
                falling=falling,
                equal_epochs=equal_epochs,
                folder=folder,
                options={"proximal": True} if proximal else {},
            )
        show(result.document, as_json, lambda _: path_lines(result.document))
