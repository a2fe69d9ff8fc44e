"""Comparisons and expectations as people read them."""

from typing import Any

import pytest
from rich.console import Console

from report_cases import EXPECTED, comparison, document
from wane.report.statistics import (
    comparison_tables,
    expectation_rows,
    expectation_source,
    p_value,
)
from wane.report.terminal import summary_lines
from wane.report.web.page import page


def with_statistics() -> dict[str, Any]:
    """A document with comparisons, expectations, notes and a simpler candidate."""
    doc = document()
    doc["verdict"]["expected"] = EXPECTED
    doc["one_standard_error"] = "L2(0.1)"
    doc["notes"] = ["The scorer 'mine' failed on 2 sets of predictions; first with an error"]
    doc["comparisons"] = [
        comparison("data_loss", "L2(1e-05)", -0.168, 0.02, 1e-6),
        comparison("data_loss", "L2(0.1)", -0.011, None, None),
        comparison("accuracy", "L2(1e-05)", 0.008, 0.004, 0.0114),
        comparison("roc_auc", "L2(1e-05)", 0.01, 0.004, 0.5),
    ]
    return doc


def printed(doc: dict[str, Any], width: int) -> str:
    console = Console(width=width)
    with console.capture() as captured:
        for line in summary_lines(doc, width=width):
            console.print(line)
    return captured.get()


def test_comparisons_of_what_is_chosen_by_and_of_the_metric_for_people() -> None:
    tables = {table.metric: table.rows for table in comparison_tables(with_statistics())}
    assert list(tables) == ["data loss", "accuracy"]  # every score is in summary.json
    assert tables["data loss"] == (
        ("L2(1e-05)", "-0.168", "-0.188 to -0.148", "< 0.001"),
        ("L2(0.1)", "-0.0110", "–", "–"),
    )
    assert tables["accuracy"] == (("L2(1e-05)", "0.00800", "0.00400 to 0.0120", "0.011"),)


def test_a_difference_of_rounding_is_none() -> None:
    doc = with_statistics()
    doc["comparisons"] = [
        comparison("data_loss", "L2(0.1)", 2e-8, 0.06, 1.0),
        comparison("data_loss", "L2(1)", 2e-8, 1e-7, 0.2),
        comparison("data_loss", "L2(10)", 0.0, 0.0, 1.0),
    ]
    (table,) = comparison_tables(doc)
    assert [row[1] for row in table.rows] == ["0.000", "2.0e-08", "0.000"]


def test_what_is_chosen_by_comes_first() -> None:
    doc = with_statistics()
    doc["study"]["select_by"] = "roc_auc"
    assert [t.metric for t in comparison_tables(doc)] == ["ROC AUC", "accuracy", "data loss"]


def test_expectations_have_the_metric_first_and_the_loss_last() -> None:
    assert expectation_rows(with_statistics()) == [
        ("accuracy", "0.940", "0.880 to 0.980", "0.943", "0.00300"),
        ("ROC AUC", "0.970", "–", "0.980", "–"),
        ("data loss", "0.171", "0.120 to 0.230", "0.162", "0.00900"),
    ]
    assert expectation_rows(document()) == []
    assert expectation_source(with_statistics()) == (
        "a bootstrap of the 70 validation rows that allows for the choice"
    )


def test_p_values() -> None:
    assert [p_value(p) for p in (None, float("nan"), 0.0004, 0.0006, 1.0)] == [
        "–", "–", "< 0.001", "0.001", "1.000",
    ]  # fmt: skip


@pytest.mark.parametrize("width", [80, 120])
def test_the_terminal_shows_what_to_expect(width: int) -> None:
    text = printed(with_statistics(), width)
    assert all(len(line) <= width for line in text.splitlines())
    lines = [line.rstrip() for line in text.splitlines()]
    assert any(line.startswith("▹  L2(0.1)") for line in lines)
    assert any(line.startswith("▸  L2(0.001)") for line in lines)
    flowing = " ".join(text.split())
    assert "chosen by validation data loss; ▹ strongest within one standard error of it;" in flowing
    assert "What to expect of L2(0.001), from a bootstrap of the 70 validation rows" in flowing
    assert "accuracy 0.940 0.880 to 0.980 0.943 0.00300" in flowing
    assert "The scorer 'mine' failed on 2 sets of predictions" in flowing


def test_the_page_shows_all_of_it() -> None:
    html = page(with_statistics(), {})
    assert "What to expect of L2(0.001) on new rows" in html
    assert "within one standard error</span>" in html
    assert "-0.188 to -0.148" in html and "&lt; 0.001" in html
    assert "Differences to the network without penalty" in html
    assert "The scorer &#39;mine&#39; failed on 2 sets of predictions; first with an error." in html
    plain = page(document(), {})
    assert "What to expect" not in plain and "Differences to" not in plain
