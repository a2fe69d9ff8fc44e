"""The page's interactive figures: what it may run, and what Chromium makes of it."""

import re

import pytest
from playwright.sync_api import Locator, Page

from browsing import Visits, check_scripts, drawn, too_wide, violations
from charts_cases import HOSTILE, every_chart, learning_curves, rows, strengths, study_document
from report_cases import summary
from wane.report.charts.chart import Chart, Panel
from wane.report.charts.strengths import strengths_chart
from wane.report.web.page import page


def with_charts(charts: list[Chart]) -> str:
    """A page that shows these charts, each beside a still image."""
    return page(study_document(), {one.name: b"<svg/>" for one in charts}, None, charts)


def titles(figure: Locator) -> list[str]:
    """All that is written in a figure's drawings."""
    return figure.locator(".drawn svg text").all_text_contents()


def test_the_page_runs_its_scripts_alone() -> None:
    html = with_charts([strengths()])
    check_scripts(html, html.count("<script"))
    assert "unsafe-eval" not in html


def test_a_page_without_charts_does_not_carry_what_draws_them() -> None:
    assert len(page(study_document(), {"strengths": b"<svg/>"})) < 60_000


def test_charts_take_the_place_of_their_figures() -> None:
    html = page(study_document(), {"my_own": b"\x89PNG", "strengths": b"<svg/>"}, None,
                [strengths(simpler="L2(0.1)")])  # fmt: skip
    assert re.findall(r'<figure(?: data-chart="(\w+)")?>', html) == ["", "strengths"]
    assert 'src="data:image/svg+xml;base64,' in html and 'src="data:image/png;base64,' in html
    assert '<span class="note">The square marks L2(0.1),' in html


def test_chromium_draws_a_chart_and_changes_it(open_page: Visits) -> None:
    shown = drawn(open_page(with_charts([strengths()])))
    (figure,) = shown.locator("figure[data-chart]").all()
    assert figure.locator(".chart").is_visible() and not figure.locator(".still").is_visible()
    assert "data loss" in titles(figure)
    figure.locator("select").select_option("accuracy")
    shown.wait_for_function(
        """() => [...document.querySelectorAll("svg text")]
          .some((one) => one.textContent === "accuracy")"""
    )
    assert "data loss" not in titles(figure)


@pytest.mark.thorough
@pytest.mark.parametrize("width", [500, 1440])
def test_chromium_draws_all_without_a_word_on_the_console(open_page: Visits, width: int) -> None:
    charts = every_chart()
    shown = drawn(open_page(with_charts(charts), width=width))
    figures = shown.locator("figure[data-chart]").all()
    assert [one.locator(".drawn svg").count() for one in figures] == [
        len(one.panels) for one in charts
    ]
    assert not any(one.is_visible() for one in shown.locator(".still").all())
    assert too_wide(shown) == []


def tooltips(page: Page, figure: Locator) -> set[str]:
    """What the page says of the marks of a figure when the pointer is on them."""
    texts: set[str] = set()
    marks = figure.locator(".drawn svg g[class*=role-mark] :is(path, rect, line, text)").all()
    for mark in marks[:: 1 + len(marks) // 60]:
        box = mark.bounding_box()
        if box is not None:
            page.mouse.move(box["x"] + box["width"] / 2, box["y"] + box["height"] / 2)
            texts |= set(page.locator("#vg-tooltip-element.visible").all_inner_texts())
    return texts


def test_a_pointer_reads_the_numbers_of_candidates(open_page: Visits) -> None:
    chart = strengths()
    shown = drawn(open_page(with_charts([chart])))
    texts = tooltips(shown, shown.locator("figure[data-chart]"))
    tables = [name for name in chart.tables if name.startswith("points")]
    known = {row["text"] for name in tables for row in rows(chart, name)}
    of_candidates = [text for text in texts if text.startswith("candidate")]
    assert len(of_candidates) > 3
    assert [text for text in of_candidates if not any(one in text for one in known)] == []


def test_a_pointer_reads_the_numbers_of_an_epoch(open_page: Visits) -> None:
    """Regression: the tooltip of the nearest epoch had no number but the epoch's."""
    chart = learning_curves()
    shown = drawn(open_page(with_charts([chart])))
    texts = {
        " ".join(text.split()) for text in tooltips(shown, shown.locator("figure[data-chart]"))
    }
    assert {
        f"epoch {row['epoch']} train {row['train_text']} validation {row['validation_text']}"
        for row in rows(chart, "curve0_0")
    } <= texts


@pytest.mark.thorough
@pytest.mark.parametrize("chart", every_chart(), ids=lambda chart: chart.name)
def test_every_chart_answers_to_the_pointer(open_page: Visits, chart: Chart) -> None:
    shown = drawn(open_page(with_charts([chart]), width=1440))
    texts = tooltips(shown, shown.locator("figure[data-chart]"))
    assert texts and all(any(map(str.isdigit, text)) for text in texts)
    assert not [text for text in texts if "undefined" in text or "NaN" in text]


def test_each_panel_is_called_by_its_own_name(open_page: Visits) -> None:
    """Vega labels what it draws in, after the page."""
    chart = learning_curves()
    shown = drawn(open_page(with_charts([chart])))
    labels = [one.get_attribute("aria-label") for one in shown.locator(".drawn").all()]
    assert labels == [f"{panel.title}. {chart.description}" for panel in chart.panels]
    assert violations(shown) == []


def test_a_chart_that_fails_leaves_its_still_image_and_the_others(open_page: Visits) -> None:
    spec = {"params": [], "mark": "no such mark", "encoding": {}}
    broken = Chart("norms", "broken", {}, (Panel("", (spec,)),))
    shown = open_page(with_charts([broken, strengths()]))
    shown.wait_for_function("() => document.documentElement.dataset.charts")
    first, second = shown.locator("figure[data-chart]").all()
    assert first.locator(".still").is_visible() and not first.locator(".chart").is_visible()
    assert second.locator(".drawn svg").count() == 1
    assert len(open_page.complaints) == 1, "that of the one that fails"
    open_page.complaints.clear()


@pytest.mark.thorough
def test_charts_are_drawn_anew_once_a_window_has_its_width(open_page: Visits) -> None:
    shown = drawn(open_page(with_charts([strengths()]), width=1000))
    shown.evaluate(
        """() => {
          window.counted = 0;
          const embed = window.vegaEmbed;
          window.vegaEmbed = (...given) => { window.counted += 1; return embed(...given); };
        }"""
    )
    for width in range(990, 900, -10):
        shown.set_viewport_size({"width": width, "height": 900})
    shown.wait_for_function("() => window.counted > 0")
    shown.wait_for_timeout(500)
    assert shown.evaluate("window.counted") < 9
    room, drawing = (shown.locator(name).bounding_box() for name in (".drawn", ".drawn svg"))
    assert room and drawing and abs(room["width"] - drawing["width"]) < 3


@pytest.mark.thorough
def test_what_is_hidden_is_drawn_when_it_is_seen(open_page: Visits) -> None:
    """Paper shows still images: another colour scheme meanwhile must not draw at no width."""
    shown = drawn(open_page(with_charts([strengths()])))
    before = shown.locator(".drawn svg").get_attribute("width")
    shown.emulate_media(media="print")
    shown.emulate_media(media="print", color_scheme="dark")
    shown.wait_for_timeout(500)
    assert shown.locator(".drawn svg").get_attribute("width") == before


@pytest.mark.thorough
def test_chromium_shows_hostile_names_as_text(open_page: Visits) -> None:
    table = summary()
    table.loc[2, "candidate"] = HOSTILE
    chart = strengths_chart(
        table, quantities=["data_loss"], chosen=HOSTILE, references={HOSTILE: {"data_loss": 0.3}}
    )
    shown = drawn(open_page(with_charts([chart]), width=500))
    assert shown.locator(".drawn svg").count() == 1 and too_wide(shown) == []
    assert shown.locator("img[src=x]").count() == 0
