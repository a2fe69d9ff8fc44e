"""The chosen candidate and the baseline under random weights of the rows."""

from pathlib import Path
from typing import Any

import keras
import numpy as np
import pytest
from sklearn.preprocessing import StandardScaler

import wane
from interruption_cases import rows, without_figures
from study_cases import network, study
from wane.study.journal.journal import Journal
from wane.study.measures.tables import runs_table
from wane.study.results.document import choice
from wane.study.running.further import retraining
from wane.study.running.further.retraining import Retraining, RetrainingRun
from wane.study.running.session import Session
from wane.training.workers import Workers

ROWS, DRAWS, RUNS = 40, 3, 2


@pytest.fixture(autouse=True)
def few(monkeypatch: pytest.MonkeyPatch) -> None:
    """Few runs and no figures, so that a test takes no time."""
    without_figures(monkeypatch)
    monkeypatch.setattr(retraining, "DRAWS", DRAWS)
    monkeypatch.setattr(retraining, "RUNS", RUNS)


def noise(task: str, rows: int = ROWS, seed: int = 6) -> tuple[np.ndarray, np.ndarray]:
    """Inputs that say nothing of the target, so that a penalty helps."""
    random = np.random.default_rng(seed)
    x = random.normal(size=(rows, 3)).astype("float32")
    drawn = random.random(rows) < 0.5 if task == "binary" else random.normal(size=rows)
    return x, drawn.astype("float32")


def overlapping(task: str = "binary", **options: Any) -> wane.Study:
    """A study over splits whose candidate is the best."""
    x, y = noise(task)
    settings: dict[str, Any] = {
        "x": x, "y": y, "validation": 0.25, "repeats": 4, "epochs": 12, "retraining": True,
        "model": network(task, optimizer=keras.optimizers.SGD(0.2)),
        "candidates": [wane.L2(0.1)],
    }  # fmt: skip
    return study(task, **(settings | options))


def stage_of(own: wane.Study, folder: Path) -> tuple[Session, Retraining]:
    """The stage of a study that has ended in this folder."""
    session = Session(own.spec)
    journal = session.open_journal(folder)
    journal.close()  # it is read over connections of its own
    finished = session.finished(journal)
    criterion, chosen = choice(finished, runs_table(finished))
    assert chosen == 1
    return session, Retraining(session, finished, criterion, chosen)


def run_of(session: Session, candidate: int, number: int) -> RetrainingRun:
    settings = session.run(candidate, 0).settings
    return RetrainingRun(candidate, number % 4, settings, number=number)


def table(folder: Path) -> dict[tuple[int, int], float]:
    found = rows(folder, "SELECT candidate, number, value FROM retraining ORDER BY 1, 2")
    return {(candidate, number): value for candidate, number, value in found}


def row_losses(task: str, y: np.ndarray, outputs: np.ndarray) -> np.ndarray:
    if task == "regression":
        return np.asarray((y - outputs[:, 0]) ** 2)
    right = np.where(y > 0, outputs[:, 0], 1 - outputs[:, 0])
    return np.asarray(-np.log(right))


@pytest.mark.parametrize("task", ["binary", "regression"])
@pytest.mark.parametrize("own_weights", [False, pytest.param(True, marks=pytest.mark.thorough)])
def test_a_run_is_what_fit_gives_with_these_weights(
    task: str, own_weights: bool, tmp_path: Path
) -> None:
    weights = np.random.default_rng(8).uniform(0.7, 1.3, ROWS).astype("float32")
    own = overlapping(task, shuffle=False, sample_weight=weights if own_weights else None)
    own.run(tmp_path, progress=False)
    journal = table(tmp_path)
    assert list(journal) == [(c, n) for c in (0, 1) for n in range(DRAWS * RUNS)]
    session, stage = stage_of(own, tmp_path)
    for candidate, number in ((0, 0), (1, 5)):
        run = run_of(session, candidate, number)
        start = stage.initial_state(run)
        split = session.resampling.splits[run.repeat]
        drawn = np.random.default_rng([0, ROWS, number // RUNS]).gamma(4, 0.25, ROWS)
        y = noise(task)[1]
        expected = {}
        for part in ("train", "validation"):
            index = getattr(split, part)
            expected[part] = drawn[index].copy()
            for label in np.unique(y[index]) if task == "binary" else [None]:
                mine = y[index] == label if task == "binary" else np.full(len(index), True)
                expected[part][mine] /= expected[part][mine].mean()
            if own_weights:
                expected[part] *= weights[index]
        np.testing.assert_allclose(start.train.sample_weight, expected["train"], rtol=1e-5)
        model = network(task, optimizer=keras.optimizers.SGD(0.2))
        wane.regularize(model, wane.L2(0.1)) if candidate else None
        for variable, value in zip(model.trainable_variables, start.weights, strict=True):
            variable.assign(value)
        x = noise(task)[0]
        model.fit(
            x[split.train], y[split.train], sample_weight=expected["train"], epochs=12,
            batch_size=8, shuffle=False, verbose=0,
        )  # fmt: skip
        outputs = np.asarray(model(x[split.validation]))
        loss = np.mean(expected["validation"] * row_losses(task, y[split.validation], outputs))
        assert journal[candidate, number] == pytest.approx(loss, abs=1e-6)


@pytest.mark.thorough
def test_the_verdict_has_its_interval(tmp_path: Path) -> None:
    result = overlapping().run(tmp_path, progress=False)
    found = result.record.retraining
    assert found is not None
    # Without the luck of the choice, which the interval holds as well.
    expected, interval = result.verdict.expected, result.verdict.interval
    assert expected is not None and interval is not None
    assert result.verdict.improvement == pytest.approx(found.mean - expected.gain_optimism)
    assert interval == pytest.approx((found.low, found.high))
    losses = result.runs.pivot(index="candidate", columns="repeat", values="validation_data_loss")
    differences = (losses.loc["baseline"] - losses.loc["L2(0.1)"]).to_numpy()
    assert found.mean == pytest.approx(differences.mean())
    journal = table(tmp_path)
    changes = [journal[0, n] - journal[1, n] - differences[n % 4] for n in range(DRAWS * RUNS)]
    z = np.reshape(changes, (DRAWS, RUNS))
    raw = z.mean(axis=1).var(ddof=1) - z.var(axis=1, ddof=1).mean() / RUNS
    variance = max(raw, 0) / 0.25 + differences.var(ddof=1) / 4
    assert found.standard_error >= np.sqrt(variance) * (1 - 1e-9)
    assert found.runs == DRAWS * RUNS
    assert (
        "The interval of the improvement rests on 12 further runs under random weights of the "
        "rows." in result.verdict.text
    )
    row = result.comparisons().iloc[0]
    assert row["low"] != pytest.approx(found.low), "the table keeps Nadeau and Bengio's"
    document = result.document["retraining"]
    assert document["standard_error"] == found.standard_error
    again = overlapping().run(tmp_path, progress=False)
    assert again.record.retraining == found


@pytest.mark.thorough
def test_it_is_in_the_unit_of_what_chooses() -> None:
    result = overlapping(select_by="accuracy").run(progress=False)
    found = result.record.retraining
    values = result.runs.pivot(index="candidate", columns="repeat", values="validation_accuracy")
    gain = float(np.mean(values.loc["L2(0.1)"] - values.loc["baseline"]))
    assert found is not None and found.mean == pytest.approx(gain) and gain > 0
    by_root = overlapping("regression", select_by="rmse").run(progress=False)
    found = by_root.record.retraining
    values = by_root.runs.pivot(index="candidate", columns="repeat", values="validation_rmse")
    gain = float(np.mean(values.loc["baseline"] - values.loc["L2(0.1)"]))
    assert found is not None and found.mean == pytest.approx(gain) and gain > 0


@pytest.mark.thorough
def test_the_same_seed_gives_the_same_bits(tmp_path: Path) -> None:
    first = overlapping().run(tmp_path / "a", progress=False)
    second = overlapping().run(
        tmp_path / "b", progress=False, execution=wane.Execution("threads", threads=1)
    )
    assert table(tmp_path / "a") == table(tmp_path / "b")
    assert first.verdict == second.verdict
    overlapping(seed=1).run(tmp_path / "c", progress=False)
    assert table(tmp_path / "a") != table(tmp_path / "c")


@pytest.mark.thorough
def test_a_study_without_it_is_the_same_but_for_the_interval(tmp_path: Path) -> None:
    trained = overlapping().run(tmp_path / "a", progress=False)
    without = overlapping(retraining=False).run(tmp_path / "b", progress=False)
    assert without.record.retraining is None and table(tmp_path / "b") == {}
    assert trained.runs.equals(without.runs)
    assert trained.comparisons().equals(without.comparisons())
    assert "further runs" not in without.verdict.text


@pytest.mark.thorough
def test_a_stopped_study_resumes(tmp_path: Path, monkeypatch: pytest.MonkeyPatch) -> None:
    whole = overlapping().run(tmp_path / "whole", progress=False)
    add = Journal.add_retrained
    added: list[tuple[int, int]] = []

    def stopped(self: Journal, candidate: int, number: int, repeats: int, value: float) -> None:
        if len(added) == 5:
            raise KeyboardInterrupt
        add(self, candidate, number, repeats, value)
        added.append((candidate, number))

    with pytest.raises(wane.Interrupted), monkeypatch.context() as patch:
        patch.setattr(Journal, "add_retrained", stopped)
        overlapping().run(tmp_path / "stopped", progress=False)
    assert len(table(tmp_path / "stopped")) == 5

    def counted(self: Journal, candidate: int, number: int, repeats: int, value: float) -> None:
        add(self, candidate, number, repeats, value)
        added.append((candidate, number))

    monkeypatch.setattr(Journal, "add_retrained", counted)
    resumed = overlapping().run(tmp_path / "stopped", progress=False)
    assert sorted(added) == [(c, n) for c in (0, 1) for n in range(DRAWS * RUNS)]
    assert table(tmp_path / "stopped") == table(tmp_path / "whole")
    assert resumed.verdict == whole.verdict


def test_nothing_is_traced_anew_for_a_draw(tmp_path: Path, monkeypatch: pytest.MonkeyPatch) -> None:
    programs: list[Any] = []
    made = Workers

    def workers(own: Any, **options: Any) -> Any:
        programs.extend(own)
        return made(own, **options)

    monkeypatch.setattr(retraining, "Workers", workers)
    overlapping(candidates=[wane.L2(0.1), wane.L2(0.03)]).run(tmp_path, progress=False)
    assert [program.traces for program in programs] == [1]


@pytest.mark.parametrize(
    "options",
    [
        {"halving": True},
        {"refine": True},
        pytest.param({"transform": StandardScaler()}, marks=pytest.mark.thorough),
        pytest.param({"validation": wane.Subsample(20, 10)}, marks=pytest.mark.thorough),
        pytest.param({"class_weight": {0: 1.0, 1: 3.0}}, marks=pytest.mark.thorough),
    ],
    ids=["halving", "refine", "transform", "subsample", "class_weight"],
)
def test_it_goes_with(options: dict[str, Any]) -> None:
    result = overlapping(**options).run(progress=False)
    found = result.record.retraining
    assert result.chosen != "baseline" and found is not None
    assert np.isfinite([found.low, found.high]).all() and found.standard_error > 0


class Unweighted(keras.losses.Loss):  # type: ignore[misc] # Keras has no types here
    """A loss that passes over weights of rows."""

    def __call__(self, y_true: Any, y_pred: Any, sample_weight: Any = None) -> Any:  # noqa: ARG002 # Keras gives it
        return keras.ops.mean(keras.ops.square(keras.ops.reshape(y_true, (-1, 1)) - y_pred))


def unweighted() -> Any:
    model = network("regression")
    model.compile(optimizer="sgd", loss=Unweighted(name="unweighted"))
    return model


@pytest.mark.parametrize(
    ("task", "options", "reason"),
    [
        ("binary", {"validation": noise("binary", seed=7)},
         "no two splits of this study have rows in common"),
        ("binary", {"candidates": [(wane.L2(0.1), wane.EarlyStopping(5))], "retraining": True,
                    "test": noise("binary", seed=8)},  # without test rows nothing may choose it
         "its validation rows choose when a run stops or slows down"),
        ("binary", {"callbacks": [keras.callbacks.ReduceLROnPlateau(patience=3)]},
         "its validation rows choose when a run stops or slows down"),
        ("binary", {"scoring": ["roc_auc"], "select_by": "roc_auc"},
         "its roc_auc is no mean over rows"),
        ("regression", {"model": unweighted()}, "its loss does not take a weight for each row"),
    ],
    ids=["one split", "early stopping", "plateau", "auc", "unweighted"],
)  # fmt: skip
def test_where_it_cannot_be_that_is_said(task: str, options: dict[str, Any], reason: str) -> None:
    asked = overlapping(task, **options).run(progress=False)
    assert asked.record.retraining is None and asked.chosen != "baseline"
    note = f"{asked.chosen} was not trained again under random weights of the rows, since {reason}."
    assert note in asked.notes
    assert "further runs" not in asked.verdict.text


def test_a_diverged_run_leaves_the_published_interval(
    tmp_path: Path, monkeypatch: pytest.MonkeyPatch
) -> None:
    add = Journal.add_retrained

    def diverged(self: Journal, candidate: int, number: int, repeats: int, value: float) -> None:
        add(self, candidate, number, repeats, np.nan if number == 2 else value)

    monkeypatch.setattr(Journal, "add_retrained", diverged)
    result = overlapping().run(tmp_path, progress=False)
    assert result.record.retraining is None
    assert result.notes == [
        "2 of 12 runs under random weights of the rows diverged, so the interval of the "
        "improvement does not rest on them."
    ]
    row = result.comparisons().iloc[0]
    assert result.verdict.interval == pytest.approx((-row["high"], -row["low"]))


@pytest.mark.thorough
def test_unasked_it_is_done_where_it_costs_little(monkeypatch: pytest.MonkeyPatch) -> None:
    little = overlapping(retraining=None, repeats=10).run(progress=False)
    assert little.record.retraining is not None
    few_repeats = overlapping(retraining=None).run(progress=False)
    assert few_repeats.record.retraining is None and few_repeats.notes == []
    # 2 candidates x 6 runs x 12 epochs x 30 rows x 21 weights
    monkeypatch.setattr(retraining, "MOST_WORK", 2 * 6 * 12 * 30 * 21 - 1)
    much = overlapping(retraining=None, repeats=10).run(progress=False)
    assert much.record.retraining is None
    assert much.notes == [
        "The interval of the improvement supposes how much splits have in common. To train "
        "L2(0.1) and the baseline 12 times more under random weights of the rows would show it; "
        "that was left out for its cost: retraining=True (--retraining) asks for it."
    ]
    monkeypatch.setattr(retraining, "MOST_WORK", 2 * 6 * 12 * 30 * 21)
    assert overlapping(retraining=None, repeats=10).run(progress=False).record.retraining


def test_a_comparison_of_methods_does_not_do_it_unasked() -> None:
    methods = {"none": [()], "l2": [wane.L2(0.1)]}
    unasked = overlapping(retraining=None, repeats=10).compare(methods, progress=False)
    assert unasked.result.record.retraining is None
    asked = overlapping(repeats=10).compare(methods, progress=False)
    assert asked.result.record.retraining is not None


@pytest.mark.parametrize("value", [None, True, False])
def test_a_specification_holds_it(value: bool | None) -> None:
    spec = overlapping(retraining=value).spec
    assert spec.to_dict()["retraining"] is value
    assert wane.StudySpec.from_dict(spec.to_dict()).retraining is value


def test_another_value_is_refused() -> None:
    with pytest.raises(wane.InputError, match="retraining must be True, False or None, got 'yes'"):
        overlapping(retraining="yes")
