"""The interactive strength curve."""

import numpy as np
import pandas as pd

from charts_cases import CHOSEN, HOSTILE, rows, strengths
from report_cases import summary
from wane.report.charts.chart import Chart
from wane.report.charts.strengths import strengths_chart


def test_means_and_bars_equal_the_table() -> None:
    chart = strengths()
    table = summary().set_index("candidate")
    for place, quantity in enumerate(("data_loss", "accuracy")):
        for row in rows(chart, f"points{place}"):
            column = f"{row['split']}_{quantity}"
            mean, std = table.loc[row["candidate"], [f"{column}_mean", f"{column}_std"]]
            assert np.isclose(row["mean"], mean) and np.isclose(row["high"], mean + std)
            if mean > std:
                assert np.isclose(row["low"], mean - std)
    assert len(rows(chart, "points0")) == 2 * len(table)
    assert chart.switches[0].options == ("data loss", "accuracy")


def test_lower_ends_at_zero_run_out_of_a_logarithmic_axis() -> None:
    low = [row["low"] for row in rows(strengths(), "points0") if row["candidate"] == "baseline"]
    assert min(low) > 0


def test_the_chosen_one_has_a_ring_and_the_simpler_one_a_square() -> None:
    chart = strengths(simpler="L2(0.1)")
    marks = {row["candidate"]: row["mark"] for row in rows(chart, "points0") if row["mark"]}
    assert marks == {CHOSEN: "chosen", "L2(0.1)": "simpler"}
    assert chart.note == "The square marks L2(0.1), the strongest within one standard error of it."


def test_levels_are_the_baseline_and_other_models() -> None:
    levels = {row["line"]: row["mean"] for row in rows(strengths(), "levels0")}
    assert levels == {"no penalty, validation": 0.498, "a constant": 0.69}


def test_zeros_stand_above() -> None:
    chart = strengths(zeros={"baseline": 0.0, "L2(0.1)": 1234.4})
    found = {row["candidate"]: row["zeros"] for row in rows(chart, "points0")}
    assert found == {"baseline": "0", "L2(1e-05)": "–", CHOSEN: "–", "L2(0.1)": "1,234"}
    assert texts(chart) == ["zeros"] and chart.note.startswith("Above stands")
    assert texts(strengths()) == []


def texts(chart: Chart) -> list[str]:
    """The columns that are written above the curve."""
    layers = chart.panels[0].specs[0]["layer"]
    return [one["encoding"]["text"]["field"] for one in layers if "text" in one["encoding"]]


def test_zeros_of_several_penalties_stand_in_the_tooltip_alone() -> None:
    table = summary()
    other = table.iloc[1:].assign(penalty="L1", candidate=["L1(1e-05)", "L1(0.001)", "L1(0.1)"])
    both, counts = pd.concat([table, other]), {"L2(0.1)": 3.0, "L1(0.1)": 12.0}
    chart = strengths_chart(both, quantities=["data_loss"], chosen=CHOSEN, zeros=counts)
    shown = chart.panels[0].specs[0]["layer"][-1]["encoding"]["tooltip"]
    assert {"field": "zeros", "title": "weights at zero"} in shown
    found = {row["candidate"]: row["zeros"] for row in rows(chart, "points0")}
    assert (found["L2(0.1)"], found["L1(0.1)"]) == ("3", "12")
    assert texts(chart) == [] and chart.note == ""


def test_a_loss_of_zero_is_a_gap_on_a_logarithmic_axis() -> None:
    table = summary()
    table["train_data_loss_mean"] = [0.0, 0.001, 0.1, 1.0]
    chart = strengths_chart(
        table, quantities=["data_loss"], chosen=CHOSEN, references={"zero": {"data_loss": 0.0}}
    )
    first = rows(chart, "points0")[0]
    assert (first["split"], first["mean"], first["low"], first["high"]) == ("train", *[None] * 3)
    assert [row["line"] for row in rows(chart, "levels0")] == ["no penalty, validation"]


def test_several_penalties_have_lines_of_their_own() -> None:
    table = summary()
    other = table.iloc[1:].assign(penalty="L1", candidate=["L1(1e-05)", "L1(0.001)", "L1(0.1)"])
    chart = strengths_chart(pd.concat([table, other]), quantities=["data_loss"], chosen=CHOSEN)
    lines = {row["line"] for row in rows(chart, "points0")}
    assert {"L2", "L2, train", "L1", "L1, train"} < lines
    assert not chart.switches


def test_a_mean_that_is_not_finite_leaves_a_gap() -> None:
    table = summary()
    table.loc[1, "validation_data_loss_mean"] = np.inf
    chart = strengths_chart(table, quantities=["data_loss"], chosen=CHOSEN)
    means = [row["mean"] for row in rows(chart, "points0") if row["candidate"] == "L2(1e-05)"]
    assert means == [2.1e-04, None]


def test_names_appear_as_text() -> None:
    table = summary()
    table.loc[2, "candidate"] = HOSTILE
    chart = strengths_chart(table, quantities=["data_loss"], chosen=HOSTILE)
    marked = [row for row in rows(chart, "points0") if row["mark"]]
    assert marked[0]["candidate"] == HOSTILE.replace("\u202e", "\ufffd")
