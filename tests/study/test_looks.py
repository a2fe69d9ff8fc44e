"""Studies that are trained until they are decided, or for so many minutes."""

import json
import math
import time
from collections.abc import Callable
from pathlib import Path
from typing import Any

import numpy as np
import pytest
from sklearn.model_selection import KFold

import wane
from interruption_cases import interrupt, rows, without_figures
from study_cases import data, network, study
from wane.study import looks
from wane.study.journal.journal import Journal
from wane.study.running.train import train_all

NOTHING = wane.L2(1e-30)
"""A penalty of which float32 shows nothing, so that every difference is zero."""


@pytest.fixture(autouse=True)
def quick(monkeypatch: pytest.MonkeyPatch) -> None:
    without_figures(monkeypatch)
    monkeypatch.setattr("wane.report.figures.png", lambda _: b"a picture")


def generate(count: int, seed: int) -> tuple[np.ndarray, np.ndarray]:
    return data(rows=count, seed=seed)


def looks_of(result: wane.Result) -> list[tuple[int, int]]:
    return [(one.number, one.repeats) for one in result.record.study.looks]


def small(count: int, seed: int) -> tuple[np.ndarray, np.ndarray]:
    x, y = data("regression", rows=count, seed=seed)
    return x, 1e-3 * y


def shrunk(**options: Any) -> wane.Study:
    """Targets near zero, which a network of small weights is nearer to after a few steps."""
    return study("regression", x=None, y=None, candidates=[wane.L2(1.0)], epochs=4,
                 validation=wane.Fresh(small, train=12, validation=8), **options)  # fmt: skip


def test_it_ends_where_a_candidate_helps() -> None:
    result = shrunk(until_decided=True, repeats=None).run(progress=False)
    assert result.verdict.helps and looks_of(result) == [(1, 10)]
    about = result.record.study
    assert (about.repeats, about.planned_repeats) == (10, 80)
    assert about.looks[0].level == pytest.approx(0.0303964, abs=1e-7)
    assert about.stopped == "Training ended at 10 repeats, as L2(1) was better beyond chance."
    assert (
        "Training ended at 10 repeats, as L2(1) was better beyond chance. This is look 1 of this "
        "study, level 3 %."
    ) in result.verdict.text
    assert "(97 % interval " in result.verdict.text
    assert len(result.runs) == 20


@pytest.mark.thorough
def test_undecided_it_is_looked_at_up_to_the_most_repeats(tmp_path: Path) -> None:
    fresh = wane.Fresh(generate, train=12, validation=8)
    own = study(x=None, y=None, validation=fresh, until_decided=True, repeats=25, epochs=1,
                candidates=[NOTHING])  # fmt: skip
    result = own.run(tmp_path, progress=False)
    assert looks_of(result) == [(1, 10), (2, 20), (3, 25)]
    assert result.record.study.stopped == (
        "Training ended at 25 repeats, the most that were allowed, and at no look did a candidate "
        "help."
    )
    levels = [one.level for one in result.record.study.looks]
    assert levels == pytest.approx([0.05 * 6 / (math.pi * j) ** 2 for j in (1, 2, 3)])
    assert "the levels of all its looks add up to 4.1 %." in result.verdict.text
    kept = [json.loads(text) for (text,) in rows(tmp_path, "SELECT summary FROM look")]
    assert [one["repeats"] for one in kept] == [10, 20, 25]
    again = own.run(tmp_path, progress=False)
    assert again.document == result.document and len(again.runs) == 50


def test_over_overlapping_splits_it_ends_where_more_cannot_tell_more() -> None:
    """Half of the rows each: 9 repeats would do, and 10 are the fewest."""
    own = study(validation=0.5, until_decided=True, repeats=40, epochs=1, candidates=[NOTHING])
    result = own.run(progress=False)
    assert looks_of(result) == [(1, 10)] and not result.verdict.helps
    assert result.record.study.looks[0].repeats_suffice
    assert result.record.study.stopped == (
        "Training ended at 10 repeats, as more of them over splits of the same rows can hardly "
        "tell more: what is undecided takes more rows."
    )


def test_on_one_split_it_ends_where_its_rows_are_the_limit() -> None:
    """From the same weights in the same order all repeats are the same, and rows differ."""
    own = study(
        model=network(optimizer="adam"), epochs=150, candidates=[wane.L2(1.0)], shuffle=False,
        initial_weights="model", validation=data(seed=1), until_decided=True, repeats=40,
    )  # fmt: skip
    result = own.run(progress=False)
    (look,) = result.record.study.looks
    assert look.repeats_suffice and not look.helps
    assert result.record.study.stopped == (
        "Training ended at 10 repeats, as the validation rows of the one split now limit what can "
        "be told, and not the seeds: what is undecided takes more rows."
    )


def test_new_rows_have_an_anytime_p_and_interval() -> None:
    result = shrunk(repeats=12).run(progress=False)
    losses = result.runs.pivot(index="repeat", columns="candidate", values="validation_data_loss")
    gain = (losses["baseline"] - losses["L2(1)"]).to_numpy()
    (look,) = result.record.study.looks
    assert look.anytime is not None
    assert look.anytime.p == pytest.approx(wane.stats.anytime_p(gain)[-1])
    assert 0 < look.anytime.low < gain.mean() < look.anytime.high
    assert look.anytime.p < 0.05


def test_seeds_on_one_split_have_no_anytime_p() -> None:
    """They are no sample of the problem."""
    x, y = small(30, 0)
    one = study("regression", x=x, y=y, validation=small(8, 1), candidates=[wane.L2(1.0)], epochs=4)
    (look,) = one.run(progress=False).record.study.looks
    assert look.chosen == "L2(1)" and look.anytime is None


@pytest.mark.thorough
def test_a_finished_study_goes_on_until_it_is_decided(tmp_path: Path) -> None:
    """Its first look has had 5 %, which the text says."""
    study(validation=data(seed=1), repeats=12, epochs=1, candidates=[NOTHING]).run(
        tmp_path, progress=False
    )
    result = study(
        validation=data(seed=1), repeats=40, epochs=1, candidates=[NOTHING],
        until_decided=True,
    ).run(tmp_path, progress=False)  # fmt: skip
    found = looks_of(result)
    assert found[:2] == [(1, 12), (2, 20)]
    assert result.record.study.looks[0].level == 0.05
    assert result.record.study.looks[1].level == pytest.approx(0.0075991, abs=1e-7)


@pytest.mark.thorough
def test_it_is_resumed_between_looks(tmp_path: Path, monkeypatch: pytest.MonkeyPatch) -> None:
    fresh = wane.Fresh(generate, train=12, validation=8)

    def make() -> wane.Study:
        return study(x=None, y=None, validation=fresh, until_decided=True, repeats=20, epochs=4)

    planned = make().run(tmp_path / "planned", progress=False)
    folder = tmp_path / "resumed"
    with monkeypatch.context() as patch:
        interrupt(patch, after=90)
        with pytest.raises(wane.Interrupted, match="of at most 40 runs had finished"):
            make().run(folder, progress=False)
    found = make().run(folder, progress=False)
    assert found.runs.equals(planned.runs)
    assert found.record.study == planned.record.study
    assert found.verdict.text == planned.verdict.text


class Clock:
    """Seconds that pass as runs end, and otherwise not."""

    def __init__(self, monkeypatch: pytest.MonkeyPatch, seconds_for_a_run: float) -> None:
        self.total = 0.0
        self.seconds_for_a_run = seconds_for_a_run
        whole = train_all

        def trained(session: Any, journal: Journal, *args: Any, **options: Any) -> None:
            before = len(journal.finished())
            whole(session, journal, *args, **options)
            seconds = self.seconds_for_a_run * (len(journal.finished()) - before)
            self.total += seconds
            with journal._transaction() as writer:
                writer.execute("DELETE FROM work")
                writer.execute("INSERT INTO work VALUES (?)", (self.total,))

        monkeypatch.setattr(looks, "train_all", trained)
        # Compiling takes as long as the machine is busy.
        nothing = property(lambda _: 0.0, lambda *_: None)
        monkeypatch.setattr("wane.training.workers.Workers.compile_seconds", nothing, raising=False)


@pytest.mark.thorough
def test_as_many_whole_repeats_as_fit_in_the_time(
    tmp_path: Path, monkeypatch: pytest.MonkeyPatch
) -> None:
    """A repeat is two runs of 3 s each, and 20 of them fit in 2 minutes."""
    Clock(monkeypatch, 3.0)
    own = study(validation=data(seed=1), minutes=2, repeats=None)
    result = own.run(tmp_path, progress=False)
    about = result.record.study
    assert (about.repeats, about.planned_repeats) == (20, 200)
    assert about.stopped == (
        "Training ended at 20 of at most 200 repeats, when the 2 minutes were over."
    )
    (look,) = about.looks
    assert (look.number, look.level) == (1, 0.05)
    assert result.runs.groupby("candidate")["repeat"].count().to_list() == [20, 20]
    assert own.run(tmp_path, progress=False).document == result.document
    planned = study(validation=data(seed=1), repeats=20).run(progress=False)
    assert result.runs.equals(planned.runs)


def test_more_minutes_go_on(tmp_path: Path, monkeypatch: pytest.MonkeyPatch) -> None:
    Clock(monkeypatch, 3.0)
    study(validation=data(seed=1), minutes=1, repeats=None).run(tmp_path, progress=False)
    result = study(validation=data(seed=1), minutes=1.5, repeats=None).run(tmp_path, progress=False)
    assert looks_of(result) == [(1, 10), (2, 15)]


def test_all_repeats_may_fit_in_the_time(
    monkeypatch: pytest.MonkeyPatch, capsys: pytest.CaptureFixture[str]
) -> None:
    Clock(monkeypatch, 3.0)
    result = study(validation=data(seed=1), minutes=9, repeats=7).run()
    assert looks_of(result) == [(1, 7)] and not result.record.study.stopped
    assert "All 7 repeats are expected to fit in 9 minutes." in capsys.readouterr().err.splitlines()


def test_how_many_repeats_fit_is_said_after_the_first(
    monkeypatch: pytest.MonkeyPatch, capsys: pytest.CaptureFixture[str]
) -> None:
    Clock(monkeypatch, 3.0)
    study(validation=data(seed=1), minutes=0.5, repeats=None).run()
    said = [line for line in capsys.readouterr().err.splitlines() if "expected" in line]
    assert said == ["About 5 of at most 200 repeats are expected to fit in 0.5 minutes."]


def test_an_expectation_that_is_far_off_is_said_anew(monkeypatch: pytest.MonkeyPatch) -> None:
    clock, told = Clock(monkeypatch, 3.0), []

    def slower(say: Callable[[], str], shown: bool) -> None:
        assert not shown
        told.append(say())
        clock.seconds_for_a_run = 4.5

    monkeypatch.setattr(looks, "tell", slower)
    result = study(validation=data(seed=1), minutes=1, repeats=None).run(progress=False)
    # One repeat takes 6 s, then the four that follow 9 s each: 42 s for five, and two more fit.
    assert told == [
        "About 10 of at most 200 repeats are expected to fit in 1 minutes.",
        "Now about 7 of at most 200 repeats are expected to fit in 1 minutes.",
    ]
    assert looks_of(result) == [(1, 7)]
    assert result.record.study.stopped.startswith("Training ended at 7 of at most 200 repeats")


@pytest.mark.thorough
def test_repeats_of_a_splitter_come_in_whole_rounds(monkeypatch: pytest.MonkeyPatch) -> None:
    Clock(monkeypatch, 3.0)
    result = study(validation=KFold(3), minutes=1, repeats=30).run(progress=False)
    assert looks_of(result) == [(1, 9)]


def test_a_time_shorter_than_a_repeat_is_refused_and_keeps_what_was_trained(
    tmp_path: Path, monkeypatch: pytest.MonkeyPatch
) -> None:
    own: dict[str, Any] = {"validation": data(seed=1), "epochs": 200_000, "repeats": None}
    monkeypatch.setattr("wane.training.workers.CALL_SECONDS", 0.02)
    began = time.perf_counter()
    with pytest.raises(wane.InputError) as caught:
        study(**own, minutes=0.05).run(tmp_path, progress=False)
    assert time.perf_counter() - began < 60
    text = str(caught.value)
    assert text.startswith(
        "minutes=0.05 is shorter than one repeat of the 2 candidates, which takes about "
    )
    assert f"; what was trained is kept in {str(tmp_path)!r}: give at least " in text
    ((kept,),) = rows(tmp_path, "SELECT count(*) FROM checkpoint")
    assert 1 <= kept <= 2
    assert not (tmp_path / "summary.json").exists()


@pytest.mark.parametrize(
    ("options", "text"),
    [
        ({"minutes": 0}, "minutes must be a finite number above 0, got 0."),
        ({"minutes": math.inf}, "minutes must be a finite number above 0, got inf."),
        ({"minutes": "5"}, "minutes must be a finite number above 0, got '5'."),
        (
            {"minutes": 1, "until_decided": True},
            "until_decided looks at the results as they come in, and minutes allows for one look "
            "at the end: give one of the two.",
        ),
        (
            {"minutes": 1, "halving": True},
            "halving chooses what to train by the number of repeats, which minutes leaves open: "
            "leave out one of the two.",
        ),
        (
            {"until_decided": True, "refine": True},
            "refine chooses what to train by the number of repeats, which until_decided leaves "
            "open: leave out one of the two.",
        ),
        (
            {"until_decided": True, "repeats": 9},
            "until_decided looks at 10, 20, 40, … repeats, and repeats=9 are fewer: give at least "
            "10, or leave it out.",
        ),
    ],
)
def test_what_does_not_fit_together_is_refused(options: dict[str, Any], text: str) -> None:
    with pytest.raises(wane.InputError) as caught:
        study(**options)
    assert str(caught.value) == text


@pytest.mark.parametrize("option", [{"until_decided": True}, {"minutes": 1.0}])
def test_comparisons_and_paths_are_looked_at_once(option: dict[str, Any]) -> None:
    own = study(**option, repeats=20)
    (name,) = option
    for what, train in (
        ("A comparison", lambda: own.compare(["l2"], settings=2, progress=False)),
        ("A path", lambda: own.path(wane.L2, [0.1], progress=False)),
    ):
        with pytest.raises(wane.InputError) as caught:
            train()
        assert str(caught.value) == (
            f"{what} is evaluated once, after repeats that are planned: leave out {name}, and give "
            f"repeats."
        )
