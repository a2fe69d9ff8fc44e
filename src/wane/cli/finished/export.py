"""The command that hands a finished study to other tools."""

from pathlib import Path
from typing import Annotated

import typer

from wane._errors import InputError
from wane._language import gettext
from wane.cli.application import app, report_errors
from wane.cli.language import with_language
from wane.report.wording import counted

StudyFolder = Annotated[
    Path,
    typer.Argument(metavar="STUDY", help="The folder of a finished wane study or wane compare."),
]
Storage = Annotated[
    str | None,
    typer.Option(
        "--optuna",
        metavar="URL",
        help="Write it to this storage of Optuna's, such as sqlite:///studies.db.",
    ),
]
Name = Annotated[
    str | None,
    typer.Option(
        "--name", help="What Optuna calls the study.", show_default="the study's own name"
    ),
]
ToMlflow = Annotated[
    bool, typer.Option("--mlflow", help="Log it to MLflow, where its tracking URI points.")
]
TrackingUri = Annotated[
    str | None,
    typer.Option(
        "--tracking-uri",
        metavar="URI",
        help="MLflow's tracking URI, such as sqlite:///mlflow.db.",
        show_default="as MLflow has it set",
    ),
]
Logs = Annotated[
    Path | None,
    typer.Option(
        "--tensorboard", metavar="DIR", help="Write logs of TensorBoard into this new folder."
    ),
]
Every = Annotated[
    int | None,
    typer.Option(
        "--every",
        metavar="EPOCHS",
        help="Write every so many epochs of the curves.",
        show_default="all, or some 20,000 over all runs",
    ),
]


@app.command()
@with_language
def export(
    folder: StudyFolder,
    storage: Storage = None,
    name: Name = None,
    mlflow: ToMlflow = False,
    tracking_uri: TrackingUri = None,
    tensorboard: Logs = None,
    every: Every = None,
) -> None:
    """Hand a finished study to Optuna, MLflow or TensorBoard, each run with its curve."""
    with report_errors():
        from wane.study.exports.folder import tracked_folder

        if storage is None and tensorboard is None and not mlflow:
            raise InputError(
                "Nothing says what to write the study for: give --optuna URL, --mlflow or "
                "--tensorboard DIR."
            )
        if name is not None and storage is None:
            raise InputError("--name is what Optuna calls the study: give --optuna URL too.")
        if tracking_uri is not None and not mlflow:
            raise InputError("--tracking-uri is MLflow's: give --mlflow too.")
        tracked = tracked_folder(folder)
        count = counted(len(tracked.runs), "run")
        if storage is not None:
            from wane.study.exports.optuna_study import write_optuna
            from wane.study.exports.packages import without_password

            study = write_optuna(tracked, storage, name, every)
            where = without_password(storage)
            said = gettext("Wrote {runs} as {name} to {where}")
            typer.echo(said.format(runs=count, name=repr(study.study_name), where=where), err=True)
        if mlflow:
            from wane.study.exports.mlflow_runs import write_mlflow

            run = write_mlflow(tracked, every, tracking_uri)
            said = gettext("Logged {runs} to MLflow, in the run {name}")
            typer.echo(said.format(runs=count, name=run), err=True)
        if tensorboard is not None:
            from wane.study.exports.tensorboard_logs import write_tensorboard

            write_tensorboard(tracked, tensorboard, every)
            said = gettext("Wrote {runs} to {where}")
            typer.echo(said.format(runs=count, where=tensorboard), err=True)
