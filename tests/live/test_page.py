"""The live pages in Chromium: what their scripts show, how wide they are, and what axe finds."""

import re
from collections.abc import Iterator
from pathlib import Path

import numpy as np
import pytest

from browsing import WIDTHS, Visits, too_wide, unfold, violations
from charts_cases import strengths, study_document
from live_cases import Writer, l2
from test_server import Running
from wane._language import VARIABLE
from wane.live.index import WatchedFolder
from wane.report.web.page import page as report_page

LONG = "a_study_of_a_name_without_any_place_at_which_a_line_could_end_" * 3


@pytest.fixture
def writer(tmp_path: Path) -> Iterator[Writer]:
    candidates = {"baseline": [], "L2(0.001)": l2(0.001), "L2(0.1)": l2(0.1)}
    candidates |= {"EarlyStopping(5)": [{"early_stopping": 5}]}
    found = Writer(tmp_path / "studies" / "s", name=LONG, candidates=candidates)
    for repeat in range(2):
        for place in range(4):
            loss = 0.5 + 0.1 * place + 0.02 * repeat
            curves = np.linspace(1.0, loss, 16).reshape(4, 4)
            found.add(place, repeat, (loss / 2, 0.9, loss, 0.8), curves)
    found.keep(0, 2, np.full((2, 4), 0.75))
    yield found
    found.database.close()


def test_a_page_shows_what_is_known_and_goes_on_to_the_report(
    writer: Writer, open_page: Visits
) -> None:
    running = Running(WatchedFolder(writer.folder.parent))
    address = f"http://127.0.0.1:{running.server.server_port}{running.start}"
    try:
        index = open_page(address, allowed=[address])
        index.locator("#studies tbody tr").wait_for()
        assert "8 of 12" in index.locator("#studies tbody").inner_text()
        assert violations(index) == [] and too_wide(index) == []
        index.get_by_role("link", name=LONG).click()
        page = index
        page.locator("#curves svg").first.wait_for()
        assert page.locator("#runs").inner_text() == "8 of 12"
        assert page.locator("#state").inner_text() == "training"
        assert page.locator("#strengths circle, #strengths rect").count() >= 3
        assert page.locator("#others circle").count() >= 2
        labels = page.evaluate("[1e-6, 3.16e-5, 1e-4, 0.05, 100, 2e7].map(powerLabel)")
        assert labels == [f"{value:g}" for value in (1e-6, 3.16e-5, 1e-4, 0.05, 100, 2e7)]
        unfold(page)
        page.locator("#candidate").select_option("2")
        page.get_by_role("heading", name="L2(0.1), 2 runs").wait_for()
        for scheme in ("light", "dark"):
            page.emulate_media(color_scheme=scheme)
            assert violations(page) == []
        for width in WIDTHS:
            page.set_viewport_size({"width": width, "height": 900})
            page.wait_for_timeout(100)
            assert too_wide(page) == []
        chart = strengths()
        report = report_page(study_document(), {chart.name: b"<svg/>"}, None, [chart])
        (writer.folder / "report.html").write_text(report, encoding="utf-8")
        writer.end({"verdict": {"answer": "It helps."}, "chosen": "L2(0.001)"})
        page.get_by_text("It helps.").wait_for()
        page.get_by_role("link", name="Open the report").click()
        page.locator(".drawn svg").first.wait_for()
    finally:
        running.stop()


@pytest.mark.thorough
def test_a_page_speaks_the_language_of_its_process(
    writer: Writer, open_page: Visits, monkeypatch: pytest.MonkeyPatch
) -> None:
    monkeypatch.setenv(VARIABLE, "zh")
    running = Running(WatchedFolder(writer.folder.parent))
    address = f"http://127.0.0.1:{running.server.server_port}{running.start}"
    try:
        index = open_page(address, allowed=[address])
        index.locator("#studies tbody tr").wait_for()
        assert index.locator("#about").inner_text() == "1 项研究"
        assert "训练中" in index.locator("#studies tbody").inner_text()
        index.get_by_role("link", name=LONG).click()
        page = index
        page.locator("#curves svg").first.wait_for()
        assert page.locator("html").get_attribute("lang") == "zh-Hans"
        assert page.locator("#state").inner_text() == "训练中"
        page.get_by_role("heading", name="baseline，2 次训练").wait_for()
        unfold(page)
        said = page.locator("main").inner_text()
        labels = page.locator("svg[aria-label]").all()
        said += " ".join(str(one.get_attribute("aria-label")) for one in labels)
        words = set(re.findall(r"[A-Za-z]{2,}", said)) - {"baseline", "EarlyStopping"}
        assert words <= {"accuracy", "data", "loss"}  # names of metrics
        for width in WIDTHS:
            page.set_viewport_size({"width": width, "height": 900})
            page.wait_for_timeout(100)
            assert violations(page) == [] and too_wide(page) == []
    finally:
        running.stop()
