"""A comparison of methods in the terminal and on the page."""

from typing import Any

import pytest
from rich.console import Console

from report_cases import MOONS, document
from wane.report.comparison import comparison_lines, method_headers, method_rows
from wane.report.web.highlights import highlights
from wane.report.web.page import page


def method(name: str, setting: str | None, value: float, **others: Any) -> dict[str, Any]:
    """A row of a comparison; without a difference unless one is given."""
    return {
        "method": name, "setting": setting, "value": value, "metric_value": 0.9,
        "low": None, "high": None, "conclusion": "", **others,
    }  # fmt: skip


def compared(*, ineligible: tuple[str, ...] = ("early-stopping",)) -> dict[str, Any]:
    """The document of a study of three methods."""
    doc = document()
    doc["compare"] = {
        "metric": "accuracy",
        "by": "data_loss",
        "evaluated_on": "test",
        "best": "l2",
        "ineligible": list(ineligible),
        "text": "The choice by validation data loss is l2 (L2(0.001)).",
        "methods": [
            method("none", "baseline", 0.5),
            method("l2", "L2(0.001)", 0.162, low=-0.5, high=-0.176, conclusion="better"),
            method(
                "early-stopping", "EarlyStopping(15)", 0.16,
                low=-0.4, high=0.1, conclusion="not comparable",
            ),
            method("l1", "L1(0.1)", 0.4, low=-0.2, high=0.1, conclusion="no difference detected"),
        ],
    }  # fmt: skip
    return doc


def test_a_row_has_the_best_setting_and_the_difference_to_none() -> None:
    assert method_rows(compared()) == [
        ("none", "–", "0.900", "0.500", "–", ""),
        ("l2", "L2(0.001)", "0.900", "0.162", "-0.500 to -0.176", "better"),
        ("early-stopping", "EarlyStopping(15)", "0.900", "0.160", "-0.400 to +0.100", "ineligible"),
        ("l1", "L1(0.1)", "0.900", "0.400", "-0.200 to +0.100", "unclear"),
    ]
    assert method_headers(compared()) == (
        "method",
        "best setting",
        "test\naccuracy",
        "test\ndata loss",
        "minus none,\n95 % interval",
        "",
    )


def test_the_metric_stands_once_where_methods_are_chosen_by_it() -> None:
    doc = compared()
    doc["compare"]["by"] = "accuracy"
    assert {len(row) for row in method_rows(doc)} == {len(method_headers(doc))} == {5}


@pytest.mark.parametrize("width", [80, 120])
def test_the_terminal_marks_the_choice_and_says_what_was_tested(width: int) -> None:
    console = Console(width=width)
    with console.capture() as captured:
        for line in comparison_lines(compared()):
            console.print(line)
    lines = captured.get().splitlines()
    assert max(map(len, lines)) <= width
    assert [line.split()[1] for line in lines if line.startswith("▸")] == ["l2", "and"]
    assert (
        "▸ and all settings are chosen by validation data loss. Better, worse: significant at 5 % "
        "after Holm's adjustment over the methods; unclear: no difference detected."
    ) in " ".join(captured.get().split())


def test_the_page_marks_the_choice_and_names_who_was_eligible() -> None:
    html = page(compared(), {"norms": b"x", "learning_curves": b"y"})
    assert (
        '<tr class="chosen"><th scope="row" data-text="l2"><span class="name">l2</span> '
        '<span class="tag">chosen</span>' in html
    )
    assert "The method and all settings are chosen by validation data loss. Better, worse:" in html
    assert "Of the eligible candidates, that with the best mean validation data loss is" in html
    assert "eligible" not in page(compared(ineligible=()), {}).replace("ineligible", "")
    assert "eligible" not in page(document(), {}) and "Methods" not in page(document(), {})


def test_the_first_sentence_of_a_comparison_is_its_answer() -> None:
    doc = compared()
    doc["compare"]["text"] = "The choice is l2, 0.3 lower. Beside none: 2 of 8. And so on."
    html = page(doc, {})
    assert '<p class="verdict"><strong>The choice is l2, 0.3 lower.</strong></p>' in html
    assert '<p class="evidence">Beside none: 2 of 8. And so on.</p>' in html


@pytest.mark.parametrize(
    ("conclusion", "label"),
    [("better", "Use"), ("no difference detected", "Best, but its gain may be chance")],
)
def test_a_method_is_recommended_by_the_test_that_allows_for_all(
    conclusion: str, label: str
) -> None:
    doc = compared()
    doc["verdict"] |= {"decided": True, "conclusion": "helps", "improvement": 0.3}
    doc["verdict"]["improvement_on"] = "test"
    doc["compare"]["methods"][1]["conclusion"] = conclusion
    assert highlights(doc)[0].label == label


def test_a_chosen_baseline_is_not_set_beside_itself() -> None:
    figures = {"norms": b"x", "learning_curves": b"y"}
    html = page(document(MOONS, chosen="baseline"), figures)
    assert "Data loss and accuracy against epoch, without penalty<" in html
    assert "by epoch, all lines are without penalty." in html
    html = page(document(), figures)
    assert "Data loss and accuracy against epoch, without penalty and with L2(0.001)<" in html
    assert "by epoch, dashed lines are without penalty, solid with L2(0.001)." in html


@pytest.mark.parametrize(
    ("kind", "said"), [("no signal", True), ("worse than linear", True), ("overfits", False)]
)
def test_a_model_of_another_kind_that_does_better_is_told_first(kind: str, said: bool) -> None:
    doc = compared()
    own = {"answer": "A constant does as well.", "diagnosis": {"kind": kind}}
    doc["verdict"] = {**doc["verdict"], **own}
    console = Console(width=200)
    with console.capture() as captured:
        for line in comparison_lines(doc):
            console.print(line)
    first = "A constant does as well. The choice by validation data loss is l2 (L2(0.001))."
    assert (first in captured.get()) == said
