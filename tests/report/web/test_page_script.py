"""What the page's script does, in Chromium: tables are sorted, filtered, saved and printed."""

import pytest
from playwright.sync_api import Locator, Page

from browsing import Visits, cells, saved, too_wide, violations
from report_cases import MOONS, Row, document
from wane._language import speaking
from wane.report.web.page import page

ROWS: list[Row] = [
    *MOONS,
    ("=1+1", "L2", 1.0, 0.7, 0.6, 1.5, 12.5),
    ("a, b", "L2", 1, 0, 0, 1, 2),
]
RISING = ["L2(0.001)", "L2(1e-05)", "L2(0.1)", "baseline", "a, b", "=1+1"]
"""By validation data loss."""


def html() -> str:
    """A study of six candidates, and two models of other kinds beside them."""
    doc = document(ROWS)
    doc["references"] = [
        {
            "label": label,
            "repeats": 10,
            "test": None,
            "validation": {"data_loss": {"mean": loss, "std": 0.1}},
        }
        for label, loss in (("ridge", 0.3), ("boosting", 0.2))
    ]
    return page(doc, {})


def names(shown: Page) -> list[str]:
    """The candidates in the order of the table, without rows that are filtered out."""
    rows = shown.locator('table[data-file="candidates.csv"] tbody th[scope=row]')
    return [str(one.get_attribute("data-text")) for one in rows.all() if one.is_visible()]


def header(shown: Page, name: str) -> Locator:
    return shown.get_by_role("region", name="Candidates").get_by_role("columnheader", name=name)


def test_a_click_sorts_and_another_turns_the_order(open_page: Visits) -> None:
    shown = open_page(html())
    loss, candidate = header(shown, "validation data loss"), header(shown, "candidate")
    assert loss.get_attribute("aria-sort") is None
    loss.get_by_role("button").click()
    assert names(shown) == [*RISING, "boosting", "ridge"], "models of other kinds stay below"
    assert loss.get_attribute("aria-sort") == "ascending"
    loss.get_by_role("button").click()
    assert names(shown) == [*RISING[::-1], "ridge", "boosting"]
    assert loss.get_attribute("aria-sort") == "descending"
    candidate.get_by_role("button").click()
    named = ["=1+1", "a, b", "baseline", "L2(1e-05)", "L2(0.001)", "L2(0.1)"]
    assert names(shown) == [*named, "boosting", "ridge"], "numbers within names are numbers"
    assert candidate.get_attribute("aria-sort") == "ascending"
    assert loss.get_attribute("aria-sort") is None, "one column alone orders the rows"


@pytest.mark.parametrize("key", ["Enter", "Space"])
def test_the_keyboard_sorts_and_folds(open_page: Visits, key: str) -> None:
    shown = open_page(html())
    part = shown.locator("details", has=shown.get_by_role("heading", name="Candidates"))
    field = part.get_by_role("searchbox", name="Filter")
    field.focus()
    for _ in range(4):  # the button that saves, the table, its first header, its second
        shown.keyboard.press("Tab")
    shown.keyboard.press(key)
    assert header(shown, "validation data loss").get_attribute("aria-sort") == "ascending"
    assert names(shown)[:6] == RISING
    part.locator("summary").focus()
    shown.keyboard.press(key)
    assert not field.is_visible() and names(shown) == []
    shown.keyboard.press(key)
    assert field.is_visible() and names(shown)[:6] == RISING


def test_rows_without_the_text_are_hidden(open_page: Visits) -> None:
    shown = open_page(html())
    part = shown.locator("details", has=shown.get_by_role("heading", name="Candidates"))
    part.get_by_role("searchbox", name="Filter").fill("l2(0.")
    assert names(shown) == ["L2(0.001)", "L2(0.1)"]
    assert part.get_by_role("status").text_content() == "2 of 8 rows"
    part.get_by_role("searchbox", name="Filter").fill("")
    assert len(names(shown)) == 8 and part.get_by_role("status").text_content() == ""


def test_the_file_that_is_saved_is_the_table_as_it_stands(open_page: Visits) -> None:
    shown = open_page(html())
    header(shown, "validation data loss").get_by_role("button").click()
    table = cells(shown, "candidates.csv")
    assert [row[0] for row in table[1:7]] == RISING
    lines = saved(shown, "candidates.csv")
    assert lines[0][:2] == ["candidate", "validation data loss"]
    assert lines[6][:2] == ["'=1+1", "12.5 ± 0.0"], "no formula"
    lines[6][0] = lines[6][0].removeprefix("'")
    assert lines == table


@pytest.mark.thorough
def test_a_chinese_page_sorts_filters_and_saves_too(open_page: Visits) -> None:
    with speaking("zh"):
        shown = open_page(html())
    assert shown.locator("html").get_attribute("lang") == "zh-Hans"
    part = shown.locator("details", has=shown.get_by_role("region", name="候选"))
    loss = part.locator("th[scope=col]").nth(1)
    loss.get_by_role("button").click()
    assert names(shown) == [*RISING, "boosting", "ridge"]
    lines = saved(shown, "candidates.csv", "保存为 CSV")
    assert lines[:6] == cells(shown, "candidates.csv")[:6], "but for what may be a formula"
    part.get_by_role("searchbox", name="筛选").fill("l2(0.")
    assert names(shown) == ["L2(0.001)", "L2(0.1)"]
    assert part.get_by_role("status").text_content() == "8 行中的 2 行"
    assert violations(shown) == [] and too_wide(shown) == []


def test_print_shows_what_is_folded(open_page: Visits) -> None:
    shown = open_page(html())
    folded = shown.locator("details:not([open])")
    count = folded.count()
    assert count
    shown.evaluate("dispatchEvent(new Event('beforeprint'))")
    assert folded.count() == 0
    shown.evaluate("dispatchEvent(new Event('afterprint'))")
    assert folded.count() == count


def test_without_scripts_the_tables_stand_as_they_are(open_page: Visits) -> None:
    shown = open_page(html(), scripts=False)
    assert shown.get_by_role("table").first.is_visible()
    assert shown.get_by_role("button").count() == 0, "none that would do nothing"
    words = shown.locator("details", has=shown.get_by_role("heading", name="Words"))
    words.locator("summary").click()
    assert words.get_by_text("The loss of the predictions alone.").is_visible()
