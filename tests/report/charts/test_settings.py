"""The interactive figure of a comparison's settings."""

from charts_cases import CHOSEN, rows, settings
from report_cases import summary
from wane.report.charts.settings import settings_chart


def test_each_method_has_a_panel_of_its_settings() -> None:
    chart = settings()
    assert [panel.title for panel in chart.panels] == ["l2"]
    found = rows(chart, "method0")
    assert [(row["setting"], row["mean"]) for row in found] == [
        ("1e-05", 0.33), ("0.001", 0.162), ("0.1\nlast", 0.487),
    ]  # fmt: skip
    assert [row["candidate"] for row in found if row["mark"]] == [CHOSEN]
    assert [row["line"] for row in rows(chart, "levels")] == ["none", "a constant"]


def test_a_loss_of_zero_is_a_gap_on_a_logarithmic_axis() -> None:
    table = summary()
    table["validation_data_loss_mean"] = [0.0, 0.0, 0.01, 1.0]
    chart = settings_chart(
        table, {"l2": {"L2(1e-05)": "1e-05", CHOSEN: "0.001", "L2(0.1)": "0.1"}}, axes={},
        baseline="baseline", chosen=CHOSEN,
    )  # fmt: skip
    assert [row["mean"] for row in rows(chart, "method0")] == [None, 0.01, 1]
    assert rows(chart, "method0")[0]["low"] is None and rows(chart, "levels") == []
