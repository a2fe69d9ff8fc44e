"""``wane export`` hands a finished study to other tools."""

from pathlib import Path

import numpy as np
import pandas as pd
import pytest
from typer.testing import CliRunner

from cli_cases import wane, write_rows
from wane.cli import app

pytestmark = [
    pytest.mark.usefixtures("closed_databases"),
    pytest.mark.filterwarnings("ignore:unclosed database:ResourceWarning"),
]

TINY = ("t.csv", "--target", "y", "--hidden", 4, "--epochs", 3, "--repeats", 2, "--strengths", 0.1,
        "--no-learning-curve", "--no-references", "--no-extend")  # fmt: skip


def export(*arguments: object, folder: Path) -> tuple[int, str]:
    """``wane export`` with these arguments: exit code and standard error."""
    with pytest.MonkeyPatch.context() as patch:
        patch.chdir(folder)
        done = CliRunner().invoke(app, ["export", *map(str, arguments)])
    if done.exception is not None and not isinstance(done.exception, SystemExit):
        raise done.exception
    return done.exit_code, done.stderr


@pytest.fixture(scope="module")
def finished(tmp_path_factory: pytest.TempPathFactory) -> Path:
    """The folder in which ``wane study`` was called; t-study lies in it."""
    folder = tmp_path_factory.mktemp("export")
    write_rows(folder / "t.csv")
    assert wane(*TINY, folder=folder).exit_code == 0
    return folder


def test_a_study_goes_to_optuna_and_tensorboard(finished: Path) -> None:
    optuna = pytest.importorskip("optuna")
    pytest.importorskip("tensorboard")
    given = ("t-study", "--optuna", "sqlite:///o.db", "--tensorboard", "logs", "--every", 2)
    code, said = export(*given, folder=finished)
    assert code == 0
    assert said.splitlines()[-2:] == [
        "Wrote 4 runs as 't' to sqlite:///o.db",
        "Wrote 4 runs to logs",
    ]
    study = optuna.load_study(study_name="t", storage=f"sqlite:///{finished.as_posix()}/o.db")
    runs = pd.read_parquet(finished / "t-study" / "runs.parquet")
    assert [trial.value for trial in study.trials] == list(runs["validation_data_loss"])
    assert [list(trial.intermediate_values) for trial in study.trials] == [[1, 3]] * 4
    assert len(list((finished / "logs").rglob("events.*"))) == 5
    code, said = export("t-study", "--optuna", "sqlite:///o.db", folder=finished)
    assert code == 2 and "There is a study called 't' in 'sqlite:///o.db' already" in said
    code, said = export("t-study", "--optuna", "sqlite:///o.db", "--name", "again", folder=finished)
    assert code == 0 and said.endswith("Wrote 4 runs as 'again' to sqlite:///o.db\n")


@pytest.mark.thorough
@pytest.mark.filterwarnings("ignore:The ``noload`` loader strategy is deprecated")
@pytest.mark.usefixtures("mlflow_as_it_was")
def test_a_study_goes_to_mlflow(finished: Path, monkeypatch: pytest.MonkeyPatch) -> None:
    mlflow = pytest.importorskip("mlflow")
    pytest.importorskip("sqlalchemy")
    monkeypatch.chdir(finished)  # below which MLflow keeps artifacts
    where = f"sqlite:///{finished.as_posix()}/m.db"
    before = mlflow.get_tracking_uri()
    try:
        mlflow.set_tracking_uri(where)
        which = mlflow.set_experiment("mine").experiment_id
        mlflow.set_tracking_uri(before)
        code, said = export("t-study", "--mlflow", "--tracking-uri", where, folder=finished)
    finally:
        mlflow.set_tracking_uri(before)
    assert code == 0
    run = said.splitlines()[-1].removeprefix("Logged 4 runs to MLflow, in the run ")
    client = mlflow.MlflowClient(where)
    nested = client.search_runs([which], f"tags.mlflow.parentRunId = '{run}'")
    curves = pd.read_parquet(finished / "t-study" / "curves.parquet")
    for one in nested:
        which = (one.data.params["candidate"], int(one.data.params["repeat"]))
        own = curves[(curves["candidate"] == which[0]) & (curves["repeat"] == which[1])]
        read = client.get_metric_history(one.info.run_id, "validation_data_loss")
        assert [metric.value for metric in read] == list(
            own["validation_data_loss"].astype(np.float64)
        )
    assert len(nested) == 4


@pytest.mark.parametrize(
    ("arguments", "message"),
    [
        (
            (),
            "Nothing says what to write the study for: give --optuna URL, --mlflow or "
            "--tensorboard DIR.",
        ),
        (
            ("--tensorboard", "l", "--name", "n"),
            "--name is what Optuna calls the study: give --optuna URL too.",
        ),
        (
            ("--tensorboard", "l", "--tracking-uri", "x"),
            "--tracking-uri is MLflow's: give --mlflow too.",
        ),
        (
            ("--tensorboard", "l"),
            "'none' holds no study (study.json is not there): give the folder of one.",
        ),
    ],
)
def test_what_cannot_be_done_is_said_in_a_sentence(
    tmp_path: Path, arguments: tuple[str, ...], message: str
) -> None:
    assert export("none", *arguments, folder=tmp_path) == (2, f"Error: {message}\n")
    assert list(tmp_path.iterdir()) == []
