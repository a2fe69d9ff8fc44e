"""A study as runs of MLflow, read back by its client."""

import sys
from collections.abc import Iterator
from pathlib import Path
from typing import Any

import numpy as np
import pytest

from tracked_cases import tracked
from wane import InputError
from wane.study.exports.mlflow_runs import _allowed, write_mlflow

pytestmark = [
    pytest.mark.usefixtures("closed_databases"),
    pytest.mark.filterwarnings("ignore:unclosed database:ResourceWarning"),
]

BIGGEST = np.finfo(float).max
"""What stands for infinity in MLflow's databases."""


@pytest.fixture
def mlflow(tmp_path: Path, monkeypatch: pytest.MonkeyPatch) -> Iterator[Any]:
    """MLflow with an empty store of its own."""
    module = pytest.importorskip("mlflow")
    pytest.importorskip("sqlalchemy")
    monkeypatch.chdir(tmp_path)
    before = module.get_tracking_uri()
    module.set_tracking_uri(f"sqlite:///{tmp_path.as_posix()}/mlflow.db")
    yield module
    module.set_tracking_uri(before)


# Databases of MLflow are made by some forty steps, which takes seconds.
@pytest.mark.thorough
@pytest.mark.filterwarnings("ignore:The ``noload`` loader strategy is deprecated")
def test_mlflow_reads_every_number_back(tmp_path: Path, mlflow: Any) -> None:
    one = tracked(tmp_path / "study")
    (tmp_path / "study").mkdir()
    (tmp_path / "study" / "report.html").write_text("a report", encoding="utf-8")
    which = mlflow.create_experiment("mine", artifact_location=(tmp_path / "kept").as_uri())
    mlflow.set_experiment(experiment_id=which)
    parent = write_mlflow(one, None)
    assert mlflow.active_run() is None
    client = mlflow.MlflowClient()
    whole = client.get_run(parent)
    assert whole.info.experiment_id == which and whole.info.status == "FINISHED"
    assert whole.info.run_name == "by hand"
    assert whole.data.params == {name: str(value) for name, value in one.settings.items()}
    assert whole.data.tags["mlflow.note.content"] == "It does. So."
    assert whole.data.metrics["improvement"] == 0.25
    assert [file.path for file in client.list_artifacts(parent)] == ["report.html"]
    (kept,) = (tmp_path / "kept").rglob("report.html")
    assert kept.read_text(encoding="utf-8") == "a report"

    found = client.search_runs([which], f"tags.mlflow.parentRunId = '{parent}'")
    by_name = {run.info.run_name: run for run in found}
    assert len(found) == 10
    for run in one.each():
        own = by_name[run.name]
        assert own.info.status == ("FAILED" if run.diverged else "FINISHED")
        assert own.data.params["candidate"] == run.candidate
        given = {key: str(v) for key, v in run.parameters.items() if v is not None}
        assert {key: own.data.params[key] for key in given} == given
        for name, curve in run.curves.items():
            read = client.get_metric_history(own.info.run_id, name)
            expected = np.clip(curve, -BIGGEST, BIGGEST)
            values = [metric.value for metric in sorted(read, key=lambda m: m.step)]
            assert np.array_equal(values, expected, equal_nan=True)
            assert sorted(metric.step for metric in read) == run.epochs
        final = {k: v for k, v in own.data.metrics.items() if k.startswith("final_")}
        assert final == ({} if run.diverged else {f"final_{k}": v for k, v in run.numbers.items()})

    with mlflow.start_run() as outer:
        inner = write_mlflow(one, 4)
        assert mlflow.active_run().info.run_id == outer.info.run_id
    assert client.get_run(inner).data.tags["mlflow.parentRunId"] == outer.info.run_id


@pytest.mark.usefixtures("mlflow")
def test_a_store_that_cannot_be_written_is_said(tmp_path: Path) -> None:
    where = f"sqlite:///{tmp_path.as_posix()}/a-file/mlflow.db"
    (tmp_path / "a-file").touch()
    with pytest.raises(InputError) as raised:
        write_mlflow(tracked(tmp_path), None, where)
    message = str(raised.value)
    assert message.startswith(f"MLflow cannot write to {where!r} (")
    assert "\n" not in message and message.endswith("a store such as 'sqlite:///mlflow.db'.")


def test_without_mlflow_a_sentence_says_so(tmp_path: Path, monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setitem(sys.modules, "mlflow", None)
    with pytest.raises(InputError, match=r"^mlflow cannot be imported .*: pip install mlflow\.$"):
        write_mlflow(tracked(tmp_path), None)


def test_names_are_such_as_mlflow_takes_and_stay_different() -> None:
    assert _allowed(["norm_a:bias", "norm_conv*", "norm_conv(", "norm_conv_"]) == {
        "norm_a:bias": "norm_a:bias",
        "norm_conv*": "norm_conv_",
        "norm_conv(": "norm_conv__2",
        "norm_conv_": "norm_conv__3",
    }
