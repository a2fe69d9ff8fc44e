"""The page of a study is decoration: what goes wrong with it loses no result."""

import json
import logging
from pathlib import Path
from typing import Any

import keras
import pytest

import wane
from study_cases import network, study
from wane.report.charts.chart import Chart
from wane.study.results.files import NOT_INTERACTIVE, report_page


def fails(*_: Any, **__: Any) -> list[Chart]:
    raise KeyError("label")


@pytest.mark.parametrize("where", ["study.drawing.charts.study_charts", "study.run.report_page"])
def test_a_chart_that_fails_loses_no_result(
    where: str, tmp_path: Path, monkeypatch: pytest.MonkeyPatch, caplog: pytest.LogCaptureFixture
) -> None:
    before = report_page

    def fails_with_charts(folder: Path, record: Any, figures: Any, *charts: Any) -> str:
        if charts:
            raise OSError("the script cannot be put together")
        return before(folder, record, figures)

    own = fails if where.endswith("charts") else fails_with_charts
    monkeypatch.setattr("wane.study.drawing.figures.study_figures", lambda *_: {})
    monkeypatch.setattr(f"wane.{where}", own)
    with caplog.at_level(logging.WARNING, logger="wane"):
        result = study().run(tmp_path / "s", progress=False)
    assert (tmp_path / "s" / "report.html").is_file() and NOT_INTERACTIVE in result.record.notes
    known = json.loads((tmp_path / "s" / "summary.json").read_text(encoding="utf-8"))
    assert NOT_INTERACTIVE in known["notes"]
    (said,) = [one for one in caplog.records if one.getMessage() == NOT_INTERACTIVE]
    assert said.exc_info is not None


@pytest.mark.thorough
@pytest.mark.parametrize("compared", [False, True])
def test_a_baseline_that_diverges_has_a_page_with_charts(compared: bool, tmp_path: Path) -> None:
    model = network("regression", optimizer=keras.optimizers.SGD(1e8))
    candidates = [wane.L2(0.01), wane.L2(0.1)]
    diverging = study("regression", model=model, repeats=3, epochs=4, candidates=candidates)
    folder = tmp_path / "s"
    if compared:
        diverging.compare(["l2"], settings=2, folder=folder, progress=False)
    else:
        diverging.run(folder, progress=False)
    known = json.loads((folder / "summary.json").read_text(encoding="utf-8"))
    assert known["candidates"][0]["diverged"] and NOT_INTERACTIVE not in known["notes"]
    assert 'data-chart="strengths"' in (folder / "report.html").read_text(encoding="utf-8")
