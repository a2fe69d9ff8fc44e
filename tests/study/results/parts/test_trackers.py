"""What a result gives to other tools."""

import contextlib
import sqlite3
from pathlib import Path

import pytest

import wane
from study_cases import data, network, study
from wane.study.exports.folder import tracked_folder
from wane.study.exports.tracked import Tracked

pytestmark = [
    pytest.mark.usefixtures("closed_databases"),
    pytest.mark.filterwarnings("ignore:unclosed database:ResourceWarning"),
]


@pytest.fixture(scope="module")
def result(tmp_path_factory: pytest.TempPathFactory) -> wane.Result:
    """A study of which a candidate diverges."""
    with pytest.MonkeyPatch.context() as patch:
        patch.setattr("wane.study.drawing.figures.study_figures", lambda *_: {})
        candidates = [wane.L2(0.01, layers="hidden"), wane.L2(1e30)]
        folder = tmp_path_factory.mktemp("trackers") / "small"
        return study(candidates=candidates, epochs=3).run(folder, progress=False)


def test_its_frame_has_the_fields_of_candidates_beside_the_runs(result: wane.Result) -> None:
    frame = result.to_frame()
    assert list(frame["layers"].dropna()) == ["hidden"] * 2 + ["all"] * 2
    assert list(frame["l2_hidden"]) == [0, 0, 0.01, 0.01, 0, 0]
    assert list(frame["l2_all"]) == [0, 0, 0, 0, 1e30, 1e30]
    assert list(frame["diverged"]) == [False] * 4 + [True] * 2
    assert frame[list(result.runs)].equals(result.runs)


def test_its_trials_have_the_curves_of_its_runs(result: wane.Result) -> None:
    optuna = pytest.importorskip("optuna")
    trials = result.to_optuna(name="mine").trials
    curves = result.curves.set_index(["candidate", "repeat"])
    for trial, row in zip(trials[:4], result.runs.to_dict("records"), strict=False):
        own = curves.loc[(row["candidate"], row["repeat"])]
        assert list(trial.intermediate_values.values()) == list(own["validation_data_loss"])
        assert trial.value == row["validation_data_loss"]
    failed = optuna.trial.TrialState.FAIL
    assert [trial.state for trial in trials[4:]] == [failed, failed]


def test_its_logs_have_a_folder_for_each_run(result: wane.Result, tmp_path: Path) -> None:
    pytest.importorskip("tensorboard")
    place = result.to_tensorboard(tmp_path / "logs")
    found = sorted(path.parent.relative_to(place).as_posix() for path in place.rglob("events*"))
    folders = [f"{name}/{repeat}" for name in result.spec.names for repeat in range(2)]
    assert found == sorted([".", *(one.replace("'", "_") for one in folders)])


def test_its_folder_alone_tells_the_same(result: wane.Result) -> None:
    read = tracked_folder(result.folder)
    assert read.frame().equals(result.to_frame())
    assert read.spec.candidates == result.spec.candidates
    assert read.lower_is_better and read.document == result.document
    assert [path.name for path in read.artifacts] == ["report.html", "best.keras"]


def test_its_mlflow_run_is_returned(result: wane.Result, monkeypatch: pytest.MonkeyPatch) -> None:

    def logged(one: Tracked, every: int | None) -> str:
        return f"{one.folder.name}, {every}"

    monkeypatch.setattr("wane.study.exports.mlflow_runs.write_mlflow", logged)
    assert result.log_mlflow(every=2) == "small, 2"


@pytest.mark.thorough
def test_what_a_study_has_added_is_read_from_its_folder(tmp_path: Path) -> None:
    own = study(
        x=data(rows=30, seed=0)[0], y=data(rows=30, seed=0)[1], validation=data(rows=30, seed=3),
        candidates=wane.sweep(wane.L2, [0.001, 0.01, 0.1]), epochs=60, repeats=3, refine=True,
        model=network(optimizer="adam"),
    )  # fmt: skip
    result = own.run(tmp_path / "more", progress=False)
    assert result.spec.given is not None
    with contextlib.closing(sqlite3.connect(result.folder / "study.db")) as journal:
        assert journal.execute("SELECT count(*) FROM addition").fetchone() > (0,)
    read = tracked_folder(result.folder)
    assert read.spec.names == result.spec.names
    assert read.frame().equals(result.to_frame())


@pytest.mark.thorough
def test_a_comparison_gives_its_methods(tmp_path: Path) -> None:
    compared = study().compare(["l1", "l2"], settings=1, folder=tmp_path / "c", progress=False)
    frame = tracked_folder(tmp_path / "c").frame()
    assert list(frame["method"]) == ["none"] * 2 + ["l1"] * 2 + ["l2"] * 2
    assert frame.equals(compared.result.to_frame())
