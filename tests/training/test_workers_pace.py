"""How long training is expected to take, by the paces of the calls so far."""

from typing import Any

import pytest

import wane
from training_cases import network, study
from wane.training.batch import Run
from wane.training.workers import PACE_SECONDS, Workers

EPOCHS = 100


class Program:
    """A program of which only the length of calls matters here."""

    epochs_per_call = EPOCHS


def workers(threads: int, structures: int = 1) -> Workers:
    programs: Any = [Program() for _ in range(structures)]
    execution = wane.Execution("threads", threads=threads)
    return Workers(programs, epochs=EPOCHS, execution=execution)


def runs(count: int, structure: int = 0) -> list[Run]:
    settings: Any = None
    return [Run(0, repeat, settings, structure) for repeat in range(count)]


def trained(found: Workers, structure: int, seconds: float, epochs: int) -> None:
    found._learn_pace(found.queues[structure], epochs, epochs, seconds)


def test_nothing_is_expected_before_calls_have_trained_for_a_while() -> None:
    found = workers(threads=2)
    assert found.expected_seconds(runs(10)) is None
    trained(found, 0, PACE_SECONDS, 1)
    assert found.expected_seconds(runs(10)) is None  # the other thread may still be setting up
    trained(found, 0, PACE_SECONDS, 50)
    # The first, slow call counts no more.
    assert found.expected_seconds(runs(10)) == pytest.approx(10 * EPOCHS * PACE_SECONDS / 50 / 2)


def test_runs_take_as_long_as_their_epochs_on_so_many_threads() -> None:
    for threads in (1, 2):
        found = workers(threads)
        trained(found, 0, 0.5, 50)  # 10 ms an epoch
        assert found.expected_seconds(runs(10)) == pytest.approx(10 * EPOCHS * 0.01 / threads)
        assert found.expected_seconds(runs(1)) == pytest.approx(EPOCHS * 0.01)  # on one thread
        assert found.expected_seconds([]) == 0


def test_a_structure_that_has_not_begun_is_as_fast_as_the_others() -> None:
    found = workers(1, structures=3)
    trained(found, 0, 0.5, 50)
    trained(found, 1, 1.5, 50)
    each = [found.expected_seconds(runs(1, structure)) for structure in range(3)]
    assert each == pytest.approx([1.0, 3.0, 2.0])


def test_a_study_says_how_long_its_training_takes(
    monkeypatch: pytest.MonkeyPatch, capsys: pytest.CaptureFixture[str]
) -> None:
    monkeypatch.setattr("wane.training.workers.PACE_SECONDS", 0)
    monkeypatch.setattr("wane.report.display.progress.EXPECT_SECONDS", 0)
    made = study(network(), epochs=200, repeats=20)
    result = made.run()
    (line,) = [line for line in capsys.readouterr().err.splitlines() if "expected" in line]
    assert line.startswith(f"Training {len(result.runs)} networks is expected to take ")
    assert line.endswith(" s.")
