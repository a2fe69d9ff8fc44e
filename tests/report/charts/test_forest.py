"""Interactive forest plots."""

from typing import Any

from charts_cases import CHOSEN, compared_document, rows, study_document, there
from wane.report.charts.forest import candidates_chart, methods_chart


def test_methods_stand_with_the_best_on_top() -> None:
    chart = there(methods_chart(compared_document()))
    found = rows(chart, "rows")
    assert [row["name"] for row in found] == ["l2", "l1"]
    assert [row["group"] for row in found] == ["better", "no difference detected"]
    assert found[0] | {"difference": -0.3, "low": -0.4, "high": -0.2} == found[0]
    axis = chart.panels[0].specs[0]["layer"][-1]["encoding"]["x"]["axis"]
    assert axis["title"] == ["validation data loss minus that of none", "better: left"]


def test_candidates_have_the_numbers_of_the_document() -> None:
    document = study_document()
    chart = there(candidates_chart(document, {"accuracy": "up"}))
    assert chart.switches[0].options == ("data loss", "accuracy")
    for row, known in zip(rows(chart, "rows0"), document["comparisons"], strict=False):
        assert row["name"] == known["candidate"]
        assert row["difference"] == known["difference"]
        assert (row["low"], row["high"]) == (round(known["low"], 6), round(known["high"], 6))
    groups = [row["group"] for row in rows(chart, "rows0")]
    assert groups == ["better", "better", "no difference detected"]
    assert [(row["name"], row["group"]) for row in rows(chart, "rows1")] == [(CHOSEN, "better")]


def test_nothing_is_better_where_the_direction_is_unknown() -> None:
    (row,) = rows(there(candidates_chart(study_document(), {"accuracy": None})), "rows1")
    assert row["group"] == "higher"


def without_differences(rows: list[dict[str, Any]], metric: str | None = None) -> None:
    """As of a metric that is not finite in a run of the baseline."""
    for row in rows:
        if metric in (None, row.get("metric")):
            row |= dict.fromkeys(("difference", "low", "high", "p_holm"))


def test_a_metric_without_any_difference_is_left_out() -> None:
    document = study_document()
    without_differences(document["comparisons"], "accuracy")
    chart = there(candidates_chart(document, {"accuracy": "up"}))
    assert "rows1" not in chart.tables and not chart.switches
    without_differences(document["comparisons"])
    assert candidates_chart(document, {"accuracy": "up"}) is None


def test_methods_beside_a_baseline_that_diverged_have_no_chart() -> None:
    document = compared_document()
    without_differences(document["compare"]["methods"])
    assert methods_chart(document) is None


def test_what_was_not_tested_is_no_conclusion() -> None:
    """One repeat has no p."""
    document = study_document()
    document["comparisons"][2]["p_holm"] = None
    chart = there(candidates_chart(document, {"accuracy": "up"}))
    found = [row["group"] for row in rows(chart, "rows0")]
    assert found == ["better", "better", "not tested"]


def test_what_cannot_be_told_is_said_so_and_looks_of_its_own() -> None:
    document = compared_document()
    document["compare"]["methods"].append(
        document["compare"]["methods"][1] | {"method": "dropout", "conclusion": "cannot be told"}
    )
    chart = there(methods_chart(document))
    found = {row["name"]: row["group"] for row in rows(chart, "rows")}
    assert found["dropout"] == "cannot be told"
    points = chart.panels[0].specs[0]["layer"][-2]["encoding"]
    for channel in ("stroke", "shape"):
        scale = points[channel]["scale"]
        looks = dict(zip(scale["domain"], map(str, scale["range"]), strict=True))
        assert looks["cannot be told"] != looks["no difference detected"]


def test_only_significant_points_are_filled() -> None:
    chart = there(methods_chart(compared_document()))
    points = chart.panels[0].specs[0]["layer"][-2]["encoding"]
    fills = dict(zip(*(points["fill"]["scale"][key] for key in ("domain", "range")), strict=True))
    assert fills == {"better": "#009E73", "no difference detected": {"expr": "paper"}}
