"""Interactive norms."""

import pandas as pd

from charts_cases import CHOSEN, norms, rows, there
from report_cases import summary
from wane.report.charts.norms import norms_chart
from wane.report.figures.norms import own_series


def test_norms_equal_the_table() -> None:
    chart = norms()
    points = {row["candidate"]: row["mean"] for row in rows(chart, "points")}
    assert points == {"baseline": 4, "L2(1e-05)": 3, "L2(0.001)": 2, "L2(0.1)": 1}
    course = [(row["role"], row["epoch"], row["mean"]) for row in rows(chart, "course")]
    assert course == [("baseline", 1, 1), ("baseline", 2, 4), ("chosen", 1, 1), ("chosen", 2, 4)]


def test_there_is_no_chart_where_no_weight_has_a_role() -> None:
    assert norms_chart(summary(), {}, baseline="baseline", chosen=CHOSEN) is None


def test_a_norm_of_zero_is_a_gap_on_a_logarithmic_axis() -> None:
    table = summary()
    table["norm_hidden_mean"], table["norm_hidden_std"] = [40.0, 3.0, 2.0, 0.0], 0.1
    course = pd.DataFrame({"repeat": 0, "epoch": [1, 2, 3], "norm": "hidden"})
    course["value"] = [0.0, 1.0, 40.0]
    courses = {"baseline": course, CHOSEN: course}
    chart = there(norms_chart(table, courses, baseline="baseline", chosen=CHOSEN))
    last = rows(chart, "points")[-1]
    assert (last["mean"], last["low"], last["high"]) == (None, None, None)
    assert [row["mean"] for row in rows(chart, "course")] == [None, 1, 40] * 2


def test_of_a_choice_without_strengths_the_first_series_that_has_some_is_drawn() -> None:
    table = summary()
    stopping = {**table.iloc[-1].to_dict(), "candidate": "EarlyStopping(5)", "strength": 0.0}
    table = pd.concat([table, pd.DataFrame([{**stopping, "penalty": "early stopping"}])])
    kept = own_series(table, "EarlyStopping(5)")["candidate"].tolist()
    assert kept == ["baseline", "L2(1e-05)", "L2(0.001)", "L2(0.1)"]
    assert own_series(table, "L2(0.001)")["candidate"].tolist() == kept
