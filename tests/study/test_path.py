"""Paths: warm starts go on from the weights before, cold ones are plain studies."""

import dataclasses
import gc
from collections.abc import Callable
from pathlib import Path
from typing import Any

import keras
import numpy as np
import pandas as pd
import pytest

import wane
from evidence_cases import resampling
from interruption_cases import interrupt
from study_cases import data, network, study
from translation_cases import assert_translated, checked
from wane._language import speaking
from wane.stats import crossed_difference, paired_difference
from wane.study.evaluation.path import PathRuns, PathStage, WarmMinusCold, path_stages
from wane.study.journal.journal import Journal
from wane.study.measures.tables import MeanStd
from wane.study.verdicts.beside.path import path_text

STRENGTHS = (0.001, 0.1)
VALIDATION = data(rows=30, seed=3)


@pytest.fixture(scope="module")
def rising() -> wane.PathResult:
    return made().path(wane.L2, STRENGTHS, progress=False)


def made(**options: Any) -> wane.Study:
    usual: dict[str, Any] = {
        "model": network("binary", keras.optimizers.Adam(0.02)), "validation": VALIDATION,
        "epochs": 6, "repeats": 3,
    }  # fmt: skip
    return study(**{**usual, **options})


def test_every_strength_has_a_warm_and_a_cold_start_and_nothing_is_compiled_anew(
    rising: wane.PathResult,
) -> None:
    assert rising._traces == 1
    counts = rising.runs.groupby(["stage", "start"]).size()
    assert counts.to_dict() == {(s, b): 3 for s in (0, 1, 2) for b in ("cold", "warm")}
    assert rising.runs.groupby("stage")["strength"].first().tolist() == [0.0, *STRENGTHS]
    warm = rising.runs[rising.runs["start"] == "warm"].groupby("stage")["epochs"].first()
    assert warm.tolist() == [6, 12, 18]


def test_cold_starts_are_the_runs_of_a_study(rising: wane.PathResult) -> None:
    plain = made().with_candidates(wane.sweep(wane.L2, STRENGTHS)).run(progress=False)
    cold = rising.runs[rising.runs["start"] == "cold"]
    columns = ["train_data_loss", "validation_data_loss", "penalty_value", "norm_hidden"]
    keys = ["strength", "repeat"]
    pd.testing.assert_frame_equal(
        cold.sort_values(keys)[columns].reset_index(drop=True),
        plain.runs.sort_values(keys)[columns].reset_index(drop=True),
    )


def test_rows_and_repeats_of_one_split_are_crossed_samples(rising: wane.PathResult) -> None:
    """The losses of rows are those of the models that the path hands back."""
    x, y = VALIDATION
    losses = {
        start: np.array([_losses(rising.model(0.1, repeat, start), x, y) for repeat in range(3)])
        for start in ("warm", "cold")
    }
    fell = losses["warm"] - losses["cold"]
    expected = crossed_difference(fell.mean(axis=0), fell.mean(axis=1))
    found = rising.record.stages[2].warm_minus_cold
    assert found.low == pytest.approx(expected.low, rel=1e-3)
    assert found.high == pytest.approx(expected.high, rel=1e-3)
    assert found.p == pytest.approx(expected.p_value, rel=1e-3)
    assert found.high - found.low > 2 * np.ptp(fell.mean(axis=1))  # seeds alone would be narrow


def _losses(model: Any, x: np.ndarray, y: np.ndarray) -> np.ndarray:
    """The binary cross-entropy of each row."""
    share = np.asarray(model(x), np.float64)[:, 0]
    return np.asarray(-np.log(np.where(y > 0, share, 1 - share)))


@pytest.mark.parametrize("equal_epochs", [False, pytest.param(True, marks=pytest.mark.thorough)])
def test_only_predictions_that_are_read_are_kept(equal_epochs: bool) -> None:
    path = made(epochs=2).path(wane.L2, STRENGTHS, equal_epochs=equal_epochs, progress=False)
    trainer = path._trainer
    kept = [
        number
        for number in range(len(trainer.order) * 2 * 3)
        if trainer.journal.predictions(number, 0, "validation")
    ]
    assert len(kept) == 4  # warm and cold, of two strengths
    assert not any(trainer.journal.predictions(number, 0, "test") for number in kept)
    assert np.isfinite([stage.warm_minus_cold.p for stage in path.record.stages[1:]]).all()


def test_nothing_is_claimed_of_new_rows_where_rows_are_not_known(
    monkeypatch: pytest.MonkeyPatch,
) -> None:
    monkeypatch.setattr(Journal, "predictions", lambda *_: [])
    path = made(epochs=2).path(wane.L2, STRENGTHS, progress=False)
    found = path.record.stages[1].warm_minus_cold
    assert found.conclusion == "cannot be told" and np.isnan([found.low, found.p]).all()
    assert path.verdict.startswith(
        "Whether a warm start is better on new rows cannot be told at any strength. "
    )


def test_few_rows_of_one_split_are_no_claim() -> None:
    """On 20 rows of a truth without any difference; seeds alone claim one in most paths."""
    generator, claimed, by_seeds = np.random.default_rng(0), 0, 0
    draws, repeats, count = 120, 10, 20
    for _ in range(draws):
        rows, seeds = generator.normal(size=count), generator.normal(scale=0.05, size=repeats)
        fell = rows.mean() + seeds - seeds.mean()
        table = pd.DataFrame(
            [
                {"start": start, "stage": place, "candidate": "", "strength": 0.1 * place,
                 "repeat": repeat, "epochs": 1, "validation_data_loss": loss}
                for place in (0, 1)
                for start, losses in (("warm", 5 + fell), ("cold", np.full(repeats, 5.0)))
                for repeat, loss in enumerate(losses)
            ]
        )  # fmt: skip
        known = {(1, "warm"): 5 + rows, (1, "cold"): np.full(count, 5.0)}
        found = path_stages(table, resampling(repeats), known)[1].warm_minus_cold
        claimed += found.conclusion in ("better", "worse")
        by_seeds += paired_difference(5 + fell, np.full(repeats, 5.0)).p_value < 0.05
    assert claimed <= 0.05 * draws + 2 * (0.05 * 0.95 * draws) ** 0.5
    assert by_seeds > 0.8 * draws


def test_a_stage_continues_from_the_weights_before_with_a_fresh_optimizer() -> None:
    """In one batch there is no order of rows, so that Keras's fit can do the same."""
    one_batch = made(batch_size=1000)
    path = one_batch.path(wane.L2, STRENGTHS, layers="hidden", progress=False)
    x, y = data()
    before = path.model(STRENGTHS[0])
    after = network("binary", keras.optimizers.Adam(0.02))
    wane.regularize(after, wane.L2(STRENGTHS[1], layers="hidden"))
    after.set_weights(before.get_weights())
    after.fit(x, y, batch_size=1000, epochs=6, verbose=0)
    found = path.model(STRENGTHS[1])
    for mine, theirs in zip(found.get_weights(), after.get_weights(), strict=True):
        np.testing.assert_allclose(mine, theirs, rtol=1e-4, atol=1e-6)
    cold = path.model(STRENGTHS[1], start="cold")
    assert not np.allclose(cold.get_weights()[0], found.get_weights()[0], atol=1e-3)


def test_a_descending_path_begins_with_the_strongest_and_ends_without() -> None:
    path = made().path(wane.L2, STRENGTHS, descending=True, progress=False)
    assert [s["strength"] for s in path.document["stages"]] == [0.1, 0.001, 0.0]
    first = path.document["stages"][0]
    assert first["warm_minus_cold"]["conclusion"] == "the same run"
    assert first["warm"] == first["cold"]
    assert path.document["stages"][2]["candidate"] == "baseline"


def test_equal_epochs_train_cold_starts_as_long_as_the_path() -> None:
    path = made().path(wane.L2, STRENGTHS, equal_epochs=True, progress=False)
    epochs = path.runs.groupby(["start", "stage"])["epochs"].first()
    assert epochs["cold"].tolist() == epochs["warm"].tolist() == [6, 12, 18]
    assert "as many epochs as the path" in path.verdict
    assert path._traces == 1


@pytest.mark.thorough
def test_zeros_and_norms_along_a_sparse_path() -> None:
    path = made(epochs=30).path(
        wane.L1, (0.001, 10.0), layers="hidden", options={"proximal": True}, progress=False
    )
    zeros = path.runs[path.runs["start"] == "warm"].groupby("stage")["zeros"].mean()
    assert zeros[0] == 0.0 and zeros[2] == 1.0
    norms = path.runs[path.runs["start"] == "warm"].groupby("stage")["norm_hidden"].mean()
    assert norms[2] == 0.0
    assert len(path.plot().axes) == 4


@pytest.mark.thorough
def test_files_and_json(tmp_path: Path) -> None:
    path = made().path(wane.L2, STRENGTHS, folder=tmp_path / "p", progress=False)
    assert (tmp_path / "p" / "figures" / "path.png").is_file()
    assert len(pd.read_parquet(tmp_path / "p" / "runs.parquet")) == len(path.runs)
    assert path.document["text"] in (tmp_path / "p" / "summary.json").read_text(encoding="utf-8")
    again = made().path(wane.L2, STRENGTHS, folder=tmp_path / "p", progress=False)
    assert again.document == path.document
    pd.testing.assert_frame_equal(again.runs, path.runs)
    with pytest.raises(wane.InputError, match="holds another study"):
        made().path(wane.L2, STRENGTHS, descending=True, folder=tmp_path / "p", progress=False)
    with pytest.raises(wane.InputError, match=r"holds another study.*path of strengths"):
        made(candidates=wane.sweep(wane.L2, STRENGTHS), learning_curve=False).run(tmp_path / "p")


@pytest.mark.parametrize("equal_epochs", [pytest.param(False, marks=pytest.mark.thorough), True])
def test_a_path_that_was_stopped_resumes_with_the_same_numbers(
    equal_epochs: bool, tmp_path: Path, monkeypatch: pytest.MonkeyPatch
) -> None:
    def trained_path(folder: Path) -> wane.PathResult:
        return made(epochs=30).path(
            wane.L2, STRENGTHS, equal_epochs=equal_epochs, folder=folder, progress=False
        )

    trained: list[int] = []
    whole_add = Journal.add

    def add(self: Journal, run: Any) -> None:
        whole_add(self, run)
        trained.append(run.run.candidate)
        if len(trained) in (1, 4):
            raise KeyboardInterrupt

    monkeypatch.setattr(Journal, "add", add)
    for _ in range(2):
        with pytest.raises(wane.Interrupted, match="runs had finished"):
            trained_path(tmp_path / "stopped")
    stopped = trained_path(tmp_path / "stopped")
    assert len(trained) == stopped._trainer.count  # what had finished was not trained again
    monkeypatch.setattr(Journal, "add", whole_add)
    whole = trained_path(tmp_path / "whole")
    pd.testing.assert_frame_equal(stopped.runs, whole.runs)
    for start in ("warm", "cold"):
        for strength in (0.0, *STRENGTHS):
            mine, theirs = (one.weights(strength, 2, start) for one in (stopped, whole))
            for value, other in zip(mine, theirs, strict=True):
                np.testing.assert_array_equal(value, other)
    told = [{k: v for k, v in one.document.items() if k != "files"} for one in (stopped, whole)]
    assert told[0] == told[1]


@pytest.mark.thorough
def test_a_path_without_a_folder_leaves_none(
    tmp_path: Path, monkeypatch: pytest.MonkeyPatch
) -> None:
    monkeypatch.setattr("tempfile.tempdir", str(tmp_path))
    path = made().path(wane.L2, STRENGTHS, progress=False)
    assert path.model(0.1).built and list(tmp_path.iterdir())
    del path
    gc.collect()
    assert not list(tmp_path.iterdir())
    with pytest.raises(wane.Interrupted), monkeypatch.context() as patch:
        interrupt(patch, after=1)
        made(epochs=30).path(wane.L2, STRENGTHS, progress=False)
    assert not list(tmp_path.iterdir())


def test_the_verdict_speaks_the_language_of_now(rising: wane.PathResult) -> None:
    with speaking("zh"):
        assert_translated(rising.document["text"], rising.verdict)
    assert rising.verdict == rising.document["text"]


def test_a_path_is_frozen(rising: wane.PathResult) -> None:
    for name in ("verdict", "record", "runs", "spec", "document", "_trainer"):
        with pytest.raises(dataclasses.FrozenInstanceError):
            setattr(rising, name, None)


def test_a_run_that_is_not_there_is_refused(rising: wane.PathResult) -> None:
    with pytest.raises(wane.InputError) as caught:
        rising.model(0.5)
    assert str(caught.value) == (
        "The path has no 'warm' run of strength 0.5 and repeat 0: its strengths are 0, 0.001, 0.1."
    )


REFUSED: dict[str, tuple[Callable[[], Any], str]] = {
    "strength zero": (
        lambda: made().path(wane.L2, [0.0, 0.1]),
        "The strengths of a path must be above 0: it has the network without penalty already.",
    ),
    "a strength twice": (
        lambda: made().path(wane.L2, [0.1, 0.1]),
        "Candidate L2(0.1, layers='all', on='kernel+recurrent') is there twice; give each one "
        "once.",
    ),
    "a schedule": (
        lambda: made().path(wane.L2, [wane.schedule.linear(0.0, 0.1, 4)]),  # type: ignore[list-item] # the test is about it
        "The strengths of a path are numbers; a schedule is a path of its own.",
    ),
    "no list": (
        lambda: made().path(wane.L2, 0.1),  # type: ignore[arg-type] # the test is about it
        "strengths must be a list of numbers such as [1e-4, 1e-3], one for each candidate, got "
        "0.1.",
    ),
}


@pytest.mark.parametrize("case", REFUSED)
def test_what_is_no_path_is_refused(case: str) -> None:
    ask, message = REFUSED[case]
    with pytest.raises(wane.InputError) as caught:
        ask()
    assert str(caught.value) == message


def stage(place: int, strength: float, conclusion: str, warm: float, cold: float) -> PathStage:
    def runs(value: float) -> PathRuns:
        return PathRuns(100 * (1 + place), 0, {"validation_data_loss": MeanStd(value, 0.0)})

    difference = WarmMinusCold(warm - cold, -1.0, 1.0, 0.5, 0.5, conclusion)
    return PathStage(place, "", strength, runs(warm), runs(cold), difference)


def test_the_verdict_names_strengths() -> None:
    stages = [
        stage(0, 0.0, "the same run", 0.5, 0.5),
        stage(1, 0.01, "better", 0.3, 0.4),
        stage(2, 0.1, "no difference detected", 0.35, 0.35),
    ]
    scope: dict[str, Any] = {"resampling": resampling(30), "same_weights": False, "rows": 20}
    assert checked(lambda: path_text(stages, equal_epochs=True, **scope)) == (
        "A warm start is better at 0.01; no difference was detected at 0.1. The validation data "
        "loss is lowest along the path at 0.01 (0.300) and from cold starts at 0.1 (0.350). Cold "
        "starts trained as many epochs as the path had behind it at their strength. All 30 repeats "
        "share one split: this holds for networks trained on these 20 rows."
    )
    scope["resampling"] = resampling(30, fixed=False)
    stages[1:] = [stage(1, 0.01, "cannot be told", 0.3, 0.4)]
    text = checked(lambda: path_text(stages, equal_epochs=True, **scope))
    assert text.startswith("Whether a warm start is better on new rows cannot be told at 0.01. ")
    assert text.endswith(" This holds for networks trained on 20 rows of such data.")
