"""The three numbers at the top of the page."""

from typing import Any

import pytest

from report_cases import EXPECTED, document
from wane.report.web.highlights import Highlight, highlights

GAP = {"mean": 0.498, "low": 0.41, "high": 0.58}
DIAGNOSIS = {"gap": GAP, "on": "validation", "train_data_loss": 0.0, "validation_data_loss": 0.498}


def with_verdict(**verdict: Any) -> dict[str, Any]:
    doc = document(test=True)
    doc["verdict"] |= {
        "decided": True,
        "expected": EXPECTED,
        "overfits": True,
        "diagnosis": DIAGNOSIS,
    } | verdict
    return doc


def test_they_are_the_gap_the_choice_and_what_to_expect() -> None:
    doc = with_verdict(
        conclusion="helps", improvement=0.336, improvement_on="validation", interval=(0.27, 0.4)
    )
    doc["references"] = [
        {"label": "a constant", "repeats": 10, "test": None, "gains": {},
         "validation": {"accuracy": {"mean": 0.5, "std": 0.1}}},
    ]  # fmt: skip
    gap, choice, expected = highlights(doc)
    assert gap == Highlight(
        "Overfits by",
        "0.498",
        (
            "of data loss: 0.000 on training rows, 0.498 on validation rows",
            "interval 0.410 to 0.580",
        ),
    )
    assert choice == Highlight(
        "Use",
        "L2(0.001)",
        (
            "better than without a change by 0.336 of data loss to be expected, by validation rows",
            "interval +0.270 to +0.400",
        ),
    )
    assert (expected.label, expected.value) == ("Expect on new rows: accuracy", "0.940")
    assert expected.notes == (
        "95 % interval 0.880 to 0.980",
        "from a bootstrap of the 70 validation rows that allows for the choice",
        "on validation rows: a constant 0.500",
    )


def test_what_is_not_shown_to_help_is_not_recommended() -> None:
    for conclusion in ("cannot be told", "worse", "nothing helps", "no practical difference"):
        labels = [one.label for one in highlights(with_verdict(conclusion=conclusion))]
        assert not any(label.startswith("Use") for label in labels)
    worse = with_verdict(improvement=-0.046, improvement_on="test", interval=(-0.08, -0.01))
    notes = (
        "worse than without a change by 0.0460 of data loss on test rows",
        "interval +0.010 to +0.080",
    )
    assert highlights(worse)[1].notes == notes


@pytest.mark.parametrize("kind", ["no signal", "worse than linear"])
def test_where_a_linear_model_is_better_no_network_is_recommended(kind: str) -> None:
    doc = with_verdict(
        conclusion="helps", improvement=0.3, improvement_on="test", diagnosis={"kind": kind}
    )
    assert highlights(doc)[0].label == "Best network"
    doc["verdict"]["improvement"] = -0.3
    found = highlights(doc)[0]
    assert found.label == "Best network on validation rows"
    assert found.notes[0] == "worse than without a change by 0.300 of data loss on test rows"


def test_without_a_gain_nothing_is_said_of_chance() -> None:
    doc = with_verdict(conclusion="cannot be told", improvement=None)
    assert highlights(doc)[1] == Highlight("Best on validation rows", "L2(0.001)", ())


def test_what_is_worse_on_test_rows_has_no_gain_that_may_be_chance() -> None:
    doc = with_verdict(conclusion="cannot be told", improvement=-0.1, improvement_on="test")
    assert highlights(doc)[1].label == "Best on validation rows"
    doc["verdict"]["improvement"] = 0.1
    assert highlights(doc)[1].label == "Best, but its gain may be chance"


def test_a_gap_of_test_rows_stands_beside_their_loss() -> None:
    doc = with_verdict(diagnosis=DIAGNOSIS | {"on": "test", "validation_data_loss": 9.0})
    notes = highlights(doc)[0].notes
    assert notes[0] == "of data loss: 0.000 on training rows, 0.300 on test rows"


def test_without_overfitting_it_is_a_gap() -> None:
    assert highlights(with_verdict(overfits=False))[0].label == "Gap without a change"


def test_what_nobody_knows_is_left_out() -> None:
    doc = with_verdict(decided=False, expected=None, diagnosis=DIAGNOSIS | {"gap": None})
    assert highlights(doc) == []
