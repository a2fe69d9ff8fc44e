"""Batches of runs trained as a worker does, in this process."""

import dataclasses
from pathlib import Path
from typing import Any

import numpy as np
import pytest

import wane
from study_cases import data, study
from wane.resampling.streams import on_disk
from wane.study.cluster import trained
from wane.study.cluster.faults import check_answer
from wane.study.cluster.handing import packed
from wane.study.cluster.orders import Order, checkpoint_of, trained_of
from wane.study.cluster.task import train
from wane.study.journal.folder import versions
from wane.study.running.session import Session
from wane.study.running.statement import fingerprints
from wane.training.execution import Execution

pytest.importorskip("ray")


def order(session: Session, **settings: Any) -> Order:
    runs = tuple(session.runs())
    nothing = (None,) * len(runs)
    return Order(**{
        "study": "a study", "versions": versions(), "fingerprints": fingerprints(session),
        "additions": (), "runs": runs, "checkpoints": nothing, "continuations": nothing,
        "seconds": 60.0, **settings,
    })  # fmt: skip


@pytest.fixture
def session(monkeypatch: pytest.MonkeyPatch) -> Session:
    monkeypatch.setattr(trained, "_known", {})
    # This process is not a worker's, whose models are nobody's.
    monkeypatch.setattr(trained, "forget_models", lambda: None)
    monkeypatch.setattr("jax.clear_caches", lambda: None)
    made = study(repeats=3, epochs=4)._ready
    assert made is not None
    return made


def answer_to(session: Session, own: Order) -> dict[str, Any]:
    return train(own.packed(), 1, [packed(session, Execution("threads", threads=1))])


def refusal(answer: dict[str, Any]) -> str:
    with pytest.raises(wane.WaneError) as caught:
        check_answer({**answer, "node": "here"})
    return str(caught.value)


def test_a_batch_is_trained_as_here(session: Session) -> None:
    own = order(session)
    answer = answer_to(session, own)
    assert "error" not in answer
    found = {
        (one.run.candidate, one.run.repeat): one
        for one in (trained_of(document, own.runs) for document in answer["trained"])
    }
    for expected in session.workers.results(session.runs(), session.initial_state):
        one = found.pop((expected.run.candidate, expected.run.repeat))
        assert one.numbers == expected.numbers
        assert np.array_equal(one.curves, expected.curves)
        assert all(map(np.array_equal, one.weights, expected.weights))
    assert not found
    assert answer["kept"] == []


def test_a_worker_answers_in_time_with_what_has_not_ended(
    session: Session, monkeypatch: pytest.MonkeyPatch
) -> None:
    monkeypatch.setattr("wane.training.workers.CALL_SECONDS", 0.0)  # an epoch for each call
    made = study(repeats=1, epochs=2000)._ready
    assert made is not None
    session = made
    own = order(session, seconds=0.0)
    answer = answer_to(session, own)
    kept = [checkpoint_of(document) for document in answer["kept"]]
    assert kept and len(kept) + len(answer["trained"]) <= len(own.runs)
    while kept:  # until the last has ended, each time a little further
        run = next(
            r for r in own.runs if (r.candidate, r.repeat) == (kept[0].candidate, kept[0].repeat)
        )
        further = dataclasses.replace(
            own, runs=(run,), checkpoints=(kept[0],), continuations=(None,)
        )
        answer = answer_to(session, further)
        before, kept = kept[0], [checkpoint_of(document) for document in answer["kept"]]
        assert not kept or kept[0].epoch > before.epoch
    (ended,) = (trained_of(document, (run,)) for document in answer["trained"])
    expected = next(session.workers.results([run], session.initial_state))
    assert ended.numbers == expected.numbers
    assert np.array_equal(ended.curves, expected.curves)


def test_candidates_that_the_study_adds(session: Session) -> None:
    session.take_further([(wane.L2(0.5),), (wane.EarlyStopping(1),)], "extended")
    run = session.run(3, 1)
    assert run.structure == 1
    before = study(repeats=3, epochs=4)._ready
    assert before is not None
    added = (("extended", session.spec.candidates[2:]),)
    own = order(
        session, fingerprints=fingerprints(before), additions=added, runs=(run,),
        checkpoints=(None,), continuations=(None,),
    )  # fmt: skip
    (document,) = answer_to(session, own)["trained"]
    expected = next(session.workers.results([run], session.initial_state))
    assert trained_of(document, own.runs).numbers == expected.numbers


@pytest.mark.parametrize("name", ["wane", "keras", "jax", "numpy"])
def test_other_versions_are_refused(session: Session, name: str) -> None:
    answer = answer_to(session, order(session, versions={**versions(), name: "0.0.1"}))
    assert refusal(answer) == (
        f"The worker on here has {name} {versions()[name]}, and this process {name} 0.0.1, whose "
        f"runs could not be compared: install there what is here; finished runs are kept in the "
        f"study's folder, if it has one."
    )


def test_another_python_is_refused(session: Session) -> None:
    answer = answer_to(session, order(session, versions={**versions(), "python": "3.9.1"}))
    assert "and this process python 3.9.1, whose runs" in refusal(answer)


def test_a_worker_that_makes_another_study_is_refused(session: Session) -> None:
    other = {**fingerprints(session), "initial_values": "of another processor"}
    assert refusal(answer_to(session, order(session, fingerprints=other))).startswith(
        "The worker on here makes another study of what it was handed, which differs in its "
        "initial weights: use workers of the same kind of device"
    )


def test_a_worker_without_memory_for_one_run(
    session: Session, monkeypatch: pytest.MonkeyPatch
) -> None:
    def full(*_: Any) -> Any:
        raise MemoryError("no room")

    monkeypatch.setattr("wane.training.workers.Workers._trained", full)
    assert refusal(answer_to(session, order(session))).startswith(
        "On the worker on here: A single run needs more memory than is free (no room): take a"
    )


def test_what_nobody_expects_is_said_with_its_cause(
    session: Session, monkeypatch: pytest.MonkeyPatch
) -> None:
    def broken(*_: Any) -> Any:
        raise ZeroDivisionError("by zero")

    monkeypatch.setattr("wane.training.workers.Workers._trained", broken)
    assert refusal(answer_to(session, order(session))).startswith(
        "The worker on here failed, which wane did not expect (ZeroDivisionError: by zero);"
    )


@pytest.mark.usefixtures("session")
def test_rows_of_a_file_that_has_other_values_there_are_refused(
    monkeypatch: pytest.MonkeyPatch, tmp_path: Path
) -> None:
    monkeypatch.setattr(on_disk, "SHARE", 0.0)
    x, y = data()
    np.save(tmp_path / "x.npy", x)
    made = study(x=np.load(tmp_path / "x.npy", mmap_mode="r"), y=y)._ready
    assert made is not None
    handed = [packed(made, Execution("threads", threads=1))]
    assert "error" not in train(order(made, study="mine").packed(), 1, handed)
    np.save(tmp_path / "new.npy", 2 * x)
    (tmp_path / "new.npy").replace(tmp_path / "x.npy")
    answer = train(order(made, study="another").packed(), 1, handed)
    assert refusal(answer) == (
        f"On the worker on here: {str(tmp_path / 'x.npy')!r} has other values here than those of "
        f"which the study was made: put the same file there on every machine that trains, or make "
        f"a new study of the one that is there."
    )


@pytest.mark.usefixtures("session")
def test_rows_of_a_file_that_changes_meanwhile_are_refused(
    monkeypatch: pytest.MonkeyPatch, tmp_path: Path
) -> None:
    monkeypatch.setattr(on_disk, "SHARE", 0.0)
    x, y = data()
    np.save(tmp_path / "x.npy", x)
    made = study(x=np.load(tmp_path / "x.npy", mmap_mode="r"), y=y)._ready
    assert made is not None
    handed = [packed(made, Execution("threads", threads=1))]
    assert "error" not in train(order(made, study="mine").packed(), 1, handed)
    np.lib.format.open_memmap(tmp_path / "x.npy", "r+")[0, 0] = 9.0
    said = refusal(train(order(made, study="mine").packed(), 1, handed))
    assert said.startswith(f"On the worker on here: {str(tmp_path / 'x.npy')!r} has changed since")
