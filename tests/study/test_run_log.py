"""What a study writes to Python's log: stages, candidates, compilation, decisions, notes."""

import logging
import re

import pytest

import wane
from interruption_cases import without_figures
from study_cases import data, study


def logged(caplog: pytest.LogCaptureFixture, level: int) -> list[str]:
    assert all(record.name.startswith("wane.") for record in caplog.records)
    return [one.getMessage() for one in caplog.records if one.levelno == level]


def test_stages_candidates_and_the_answer(
    caplog: pytest.LogCaptureFixture, monkeypatch: pytest.MonkeyPatch
) -> None:
    without_figures(monkeypatch)
    own = study(candidates=[wane.L2(1e-3)], repeats=2, epochs=2, test=data(rows=8, seed=2))
    with caplog.at_level(logging.DEBUG, logger="wane"):
        result = own.run(progress=False)
    said = logged(caplog, logging.INFO)
    stages = [
        "preparing",
        "training 4 runs of 2 candidates",
        "evaluating and writing",
        f"answer: {result.record.verdict.answer}",
    ]
    assert said == stages
    details = logged(caplog, logging.DEBUG)
    for name in own.spec.names:
        pattern = rf"{re.escape(name)} is trained, after \d+\.\d\d s"
        assert len([one for one in details if re.fullmatch(pattern, one)]) == 1
    assert any(re.fullmatch(r"structure 0: traced in \d+\.\d\d s", one) for one in details)
    assert any(re.fullmatch(r"structure 0: compiled .*", one) for one in details)
    assert logged(caplog, logging.WARNING) == list(result.record.notes)
    assert result.record.notes, "so few test rows have a note"


def test_a_finished_stage_has_its_seconds_and_nothing_is_logged_twice(
    caplog: pytest.LogCaptureFixture, monkeypatch: pytest.MonkeyPatch
) -> None:
    without_figures(monkeypatch)
    with caplog.at_level(logging.DEBUG, logger="wane"):
        study(repeats=2, epochs=2).run(progress=False)
    details = logged(caplog, logging.DEBUG)
    timed = [one for one in details if re.fullmatch(r"preparing: \d+\.\d\d s", one)]
    assert len(timed) == 1 and len(logged(caplog, logging.INFO)) == len(
        set(logged(caplog, logging.INFO))
    )
