"""A study as one of Optuna's, read back by Optuna and by its dashboard."""

import contextlib
import json
import sqlite3
import sys
import threading
import urllib.request
import wsgiref.simple_server
from pathlib import Path
from typing import Any

import numpy as np
import pytest

import wane
from tracked_cases import tracked
from wane import InputError
from wane.study.exports.optuna_study import write_optuna
from wane.study.exports.tracked import Tracked

pytestmark = [
    pytest.mark.usefixtures("closed_databases"),
    pytest.mark.filterwarnings("ignore:unclosed database:ResourceWarning"),
]

optuna = pytest.importorskip("optuna")
COMPLETE, FAIL = optuna.trial.TrialState.COMPLETE, optuna.trial.TrialState.FAIL


def url(folder: Path) -> str:
    return f"sqlite:///{folder.as_posix()}/studies.db"


def test_optuna_reads_every_number_back(tmp_path: Path) -> None:
    one = tracked(tmp_path)
    write_optuna(one, url(tmp_path), None, None)
    study = optuna.load_study(study_name="by hand", storage=url(tmp_path))
    assert study.direction == optuna.study.StudyDirection.MINIMIZE
    assert study.metric_names == ["validation_data_loss"]
    assert study.user_attrs["answer"] == "It does." and study.user_attrs["seed"] == 0
    runs = list(one.each())
    assert len(study.trials) == len(runs) == 10
    for trial, run in zip(study.trials, runs, strict=True):
        curve = run.curves["validation_data_loss"]
        assert list(trial.intermediate_values) == run.epochs
        found = list(trial.intermediate_values.values())
        assert np.array_equal(found, curve, equal_nan=True)
        assert trial.user_attrs["candidate"] == run.candidate
        assert trial.user_attrs["repeat"] == run.repeat
        kept = {name: trial.user_attrs[name] for name in run.numbers if not run.diverged}
        assert kept == ({} if run.diverged else run.numbers)
        assert trial.state == (FAIL if run.diverged else COMPLETE)
        assert trial.value == (None if run.diverged else run.numbers["validation_data_loss"])
    assert study.best_value == one.runs["validation_data_loss"].min()


def test_strengths_have_a_log_scale_on_which_no_penalty_is_left_out(tmp_path: Path) -> None:
    study = write_optuna(tracked(tmp_path), None, None, None)
    assert [trial.params for trial in study.trials[::2]] == [
        {}, {"l2": 0.001}, {"l2": 0.1, "dropout": 0.5}, {"early_stopping": 3}, {"l2": 1.0},
    ]  # fmt: skip
    found = {k: v for trial in study.trials for k, v in trial.distributions.items()}
    made = optuna.distributions
    assert found == {
        "l2": made.FloatDistribution(0.001, 1.0, log=True),
        "dropout": made.FloatDistribution(0.5, 0.5),
        "early_stopping": made.IntDistribution(3, 3),
    }


def test_networks_are_categories(tmp_path: Path) -> None:
    networks = [(wane.Network(None, title),) for title in ("wide", "deep")]
    study = write_optuna(tracked(tmp_path, [(), *networks]), None, None, None)
    assert [trial.params for trial in study.trials[::2]] == [
        {},
        {"network": "wide"},
        {"network": "deep"},
    ]


def test_a_score_is_maximized_and_one_without_a_value_is_a_failed_trial(tmp_path: Path) -> None:
    one = tracked(tmp_path, select_by="auc_exact", direction="up")
    one.runs.loc[0, "validation_auc_exact"] = np.nan
    study = write_optuna(one, None, "other", 2)
    assert study.study_name == "other"
    assert study.direction == optuna.study.StudyDirection.MAXIMIZE
    assert [trial.state for trial in study.trials] == [FAIL, *[COMPLETE] * 8, FAIL]
    assert study.trials[0].user_attrs["diverged"] is False
    assert study.user_attrs["intermediate_values"] == "validation_auc"
    assert list(study.trials[0].intermediate_values) == [1, 3, 5]


def test_a_study_that_is_there_is_left_as_it_is(tmp_path: Path) -> None:
    optuna.create_study(storage=url(tmp_path), study_name="by hand")
    with pytest.raises(InputError) as raised:
        write_optuna(tracked(tmp_path), url(tmp_path), None, None)
    assert str(raised.value) == (
        f"There is a study called 'by hand' in {url(tmp_path)!r} already, which was left as it is: "
        f"give another name or storage."
    )
    assert optuna.load_study(storage=url(tmp_path), study_name="by hand").trials == []


def test_a_locked_storage_is_said(tmp_path: Path) -> None:
    write_optuna(tracked(tmp_path, [()]), url(tmp_path), "first", None)
    where = f"{url(tmp_path)}?timeout=0.05"
    with contextlib.closing(sqlite3.connect(tmp_path / "studies.db")) as other:
        other.isolation_level = None
        other.execute("BEGIN EXCLUSIVE")
        with pytest.raises(InputError) as raised:
            write_optuna(tracked(tmp_path), where, None, None)
    assert str(raised.value) == (
        f"Optuna cannot write to {where!r} (database is locked), so no study is there: give a "
        f"storage such as 'sqlite:///studies.db' that no other program has locked."
    )


@pytest.mark.parametrize(
    ("storage", "shown"),
    [
        ("nonsense", "'nonsense' (Could not parse SQLAlchemy URL from given URL string)"),
        ("sqlite:////nowhere/at/all.db", "'sqlite:////nowhere/at/all.db' (unable to open"),
        ("oracle://me:secret@host/db", "'oracle://***@host/db' (Failed to import DB access"),
    ],
)
def test_a_storage_that_is_none_is_refused_in_a_sentence(
    tmp_path: Path, storage: str, shown: str
) -> None:
    with pytest.raises(InputError) as raised:
        write_optuna(tracked(tmp_path), storage, None, None)
    assert str(raised.value).startswith(f"Optuna cannot write to {shown}")
    assert "secret" not in str(raised.value) and "\n" not in str(raised.value)


def test_half_a_study_is_taken_away(tmp_path: Path, monkeypatch: pytest.MonkeyPatch) -> None:
    def interrupted(self: Tracked, every: int | None, whole: Any = Tracked.each) -> Any:
        yield next(whole(self, every))
        raise KeyboardInterrupt

    monkeypatch.setattr(Tracked, "each", interrupted)
    with pytest.raises(KeyboardInterrupt):
        write_optuna(tracked(tmp_path), url(tmp_path), None, None)
    assert optuna.get_all_study_names(url(tmp_path)) == []


def test_without_optuna_a_sentence_says_so(tmp_path: Path, monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setitem(sys.modules, "optuna", None)
    with pytest.raises(InputError, match=r"^optuna cannot be imported .*: pip install optuna\.$"):
        write_optuna(tracked(tmp_path), url(tmp_path), None, None)


class _Quiet(wsgiref.simple_server.WSGIRequestHandler):
    def log_message(self, format: str, *args: Any) -> None:
        pass


def test_the_real_dashboard_serves_it(tmp_path: Path) -> None:
    dashboard = pytest.importorskip("optuna_dashboard")
    one = tracked(tmp_path)
    study = write_optuna(one, url(tmp_path), None, None)
    served = dashboard.wsgi(study._storage)
    with wsgiref.simple_server.make_server("127.0.0.1", 0, served, handler_class=_Quiet) as server:
        threading.Thread(target=server.serve_forever, daemon=True).start()
        try:

            def fetched(path: str) -> bytes:
                address = f"http://127.0.0.1:{server.server_port}{path}"
                with urllib.request.urlopen(address, timeout=60) as answer:
                    return bytes(answer.read())

            (listed,) = json.loads(fetched("/api/studies"))["study_summaries"]
            assert listed["study_name"] == "by hand"
            shown = json.loads(fetched(f"/api/studies/{listed['study_id']}"))
            page = fetched("/dashboard")
        finally:
            server.shutdown()
    assert b"<html" in page
    assert [trial["state"] for trial in shown["trials"]] == ["Complete"] * 9 + ["Fail"]
    for trial, run in zip(shown["trials"], one.each(), strict=True):
        curve = list(zip(run.epochs, run.curves["validation_data_loss"], strict=True))
        found = [(point["step"], float(point["value"])) for point in trial["intermediate_values"]]
        assert np.array_equal(found, curve, equal_nan=True)
    assert {one["name"] for one in shown["union_search_space"]} == {
        "l2", "dropout", "early_stopping",
    }  # fmt: skip
