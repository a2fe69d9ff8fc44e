"""A run whose loss stops being finite is marked as diverged and harms no other."""

import contextlib
import dataclasses
import json
import math
import sqlite3
from pathlib import Path
from typing import Any

import keras
import numpy as np
import pytest
from scipy import stats

import wane
from training_cases import bits, network, study
from wane.report.columns import is_chosen
from wane.report.terminal import answer_lines, plain_text
from wane.study.running.initial_state import InitialStates


def strict(text: str) -> Any:
    """A JSON document, refusing what only Python takes for JSON."""

    def refuse(token: str) -> None:
        raise AssertionError(f"{token} is not JSON")

    return json.loads(text, parse_constant=refuse)


def sgd_network() -> Any:
    """A regression whose hidden penalty of 1e6 explodes under SGD at once."""
    return network("regression", keras.optimizers.SGD(0.1))


@pytest.fixture(scope="module")
def diverging(tmp_path_factory: pytest.TempPathFactory) -> wane.Result:
    """A study of which one candidate of two diverges, in its folder."""
    folder = tmp_path_factory.mktemp("studies") / "diverging"
    made = study(
        sgd_network(), "regression", candidates=[wane.L2(0.01), wane.L2(1e6)],
        repeats=2, epochs=8, test=(np.zeros((4, 3)), np.zeros(4)),
    )  # fmt: skip
    return made.run(folder, progress=False)


def test_epoch_is_recorded_and_numbers_are_missing(diverging: wane.Result) -> None:
    runs = diverging.runs.set_index("candidate")
    numbers = [c for c in runs.columns if c not in ("penalty", "strength", "repeat")]
    assert runs.loc[["L2(1e+06)"], numbers].isna().to_numpy().all()
    assert runs.loc[["baseline", "L2(0.01)"], numbers].notna().to_numpy().all()
    curves = diverging.curves
    for candidate, repeat, epoch, _ in diverging._finished.journal.runs():
        name = diverging.spec.names[candidate]
        own = curves[(curves["candidate"] == name) & (curves["repeat"] == repeat)]
        loss = own["train_data_loss"].to_numpy()
        assert (epoch is None) == (candidate < 2)
        assert len(own) == (epoch or 8)
        assert np.isfinite(loss).tolist() == [True] * (len(own) - (epoch is not None)) + [False] * (
            epoch is not None
        )


def test_other_runs_are_unharmed(diverging: wane.Result) -> None:
    alone = study(
        sgd_network(), "regression", candidates=[wane.L2(0.01)], repeats=2, epochs=8,
        test=(np.zeros((4, 3)), np.zeros(4)),
    )  # fmt: skip
    expected = bits(alone.run(progress=False))
    mine = bits(diverging)
    assert {run: mine[run] for run in expected} == expected


def test_verdict_and_document_tell_it(diverging: wane.Result) -> None:
    assert (
        "Some runs diverged (2 of L2(1e+06)); candidates with such runs are not chosen."
        in diverging.verdict.text
    )
    assert diverging.chosen != "L2(1e+06)"
    document = strict((diverging.folder / "summary.json").read_text())
    broken = document["candidates"][2]
    assert broken["name"] == "L2(1e+06)"
    assert (broken["runs"], broken["diverged"]) == (2, 2)
    assert broken["validation"]["data_loss"] == {"mean": None, "std": None}
    assert broken["test"]["rmse"] == {"mean": None, "std": None}
    assert document["candidates"][0]["diverged"] == 0


def test_summary_keeps_the_row(diverging: wane.Result) -> None:
    summary: Any = diverging.summary().set_index("candidate")
    assert summary.loc["L2(1e+06)", "runs"] == 2
    assert math.isnan(summary.loc["L2(1e+06)", "validation_data_loss_mean"])
    assert math.isfinite(summary.loc["baseline", "validation_data_loss_mean"])


def test_a_last_step_that_breaks_the_weights_is_divergence(tmp_path: Path) -> None:
    model = network("regression", keras.optimizers.SGD(1e36))
    made = study(model, "regression", candidates=[], epochs=1, batch_size=100)
    result = made.run(tmp_path / "study", progress=False)
    assert result.verdict.text == (
        "Every run diverged (1 of 1), so nothing can be chosen: lower the learning rate, or scale "
        "the inputs."
    )
    assert (result.verdict.decided, result.verdict.helps, result.chosen) == (
        False,
        False,
        "baseline",
    )
    assert result.verdict.next_step == "lower learning rate"
    assert not any(is_chosen(result.document, name) for name in made.spec.names)
    assert "▸" not in plain_text(answer_lines(result.document), width=100)
    assert "model" not in result.document["files"]
    assert (tmp_path / "study" / "report.html").exists()
    assert not (tmp_path / "study" / "best.keras").exists()
    with pytest.raises(wane.InputError) as caught:
        result.best_model()
    assert str(caught.value) == "There is no best model: every candidate has runs that diverged."
    with contextlib.closing(sqlite3.connect(tmp_path / "study" / "study.db")) as database:
        rows = database.execute("SELECT diverged, numbers FROM run").fetchall()
    assert [epoch for epoch, _ in rows] == [1]  # the run is kept
    assert all(set(strict(numbers).values()) == {None} for _, numbers in rows)


def climbing(y_true: Any, y_pred: Any) -> Any:
    """A loss without bottom, which a penalty of strength 1 holds in place."""
    return y_true * 0 - keras.ops.square(y_pred)


def test_diverged_baseline() -> None:
    model = keras.Sequential([keras.layers.Input((1,)), keras.layers.Dense(1, use_bias=False)])
    model.compile(optimizer=keras.optimizers.SGD(5.0), loss=climbing)
    rows = (np.ones((8, 1)), np.zeros(8))
    result = wane.Study(
        model, *rows, candidates=[wane.L2(1.0)], validation=rows, test=rows, repeats=2, epochs=40
    ).run(progress=False)
    losses = result.runs["test_data_loss"].iloc[-2:]
    loss, margin = losses.mean(), stats.t.ppf(0.975, 1) * losses.std(ddof=1) / np.sqrt(2)
    low, high = loss - margin, loss + margin  # the rows are all alike
    assert result.verdict.text == (
        f"The unregularized network diverged; of the others L2(1) is the best on validation rows. "
        f"Since it diverged, whether it overfits is unknown. "
        f"L2(1) has the lowest validation data loss, {loss:.3g}. "
        f"On the 8 test rows, which played no part in the choice, its data loss is {loss:#.3g} "
        f"(95 % interval {low:#.3g} to {high:#.3g}). "
        f"8 test rows are too few to decide whether a penalty helps: give at least 10. "
        f"Some runs diverged (2 of baseline); candidates with such runs are not chosen. "
        f"Both repeats share one split and differ in seed only: this holds for networks trained on "
        f"these 8 rows."
    )
    assert (result.verdict.overfits, result.verdict.helps) == (False, False)


@pytest.mark.thorough
def test_a_refit_that_diverges_gives_way_to_the_run_of_repeat_0(
    monkeypatch: pytest.MonkeyPatch,
) -> None:
    """Rows with infinite targets stand for all rows, on which only the refit trains."""
    result = study(network("regression"), "regression", validation=0.25).run(progress=False)
    starts = InitialStates.on_all_rows

    def broken(self: InitialStates) -> Any:
        start, rows = starts(self)
        train = start.train._replace(y=start.train.y * np.inf)
        return dataclasses.replace(start, train=train), rows

    monkeypatch.setattr(InitialStates, "on_all_rows", broken)
    for ours, run in zip(
        result.best_model().weights, result.model(result.chosen, 0).weights, strict=True
    ):
        np.testing.assert_array_equal(ours, run)
