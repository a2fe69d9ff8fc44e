"""The interactive figure of training rows."""

import pandas as pd

from charts_cases import rows, train_sizes
from wane.report.charts.train_sizes import train_sizes_chart


def test_means_are_over_repeats() -> None:
    found = [row for row in rows(train_sizes(), "sizes0") if row["line"] == "validation"]
    assert [(row["rows"], row["mean"]) for row in found] == [(8, 0.5), (15, 0.3), (30, 0.2)]
    assert found[0]["text"] == "0.500 ± 0.141"


def test_a_loss_of_zero_is_a_gap_on_a_logarithmic_axis() -> None:
    table = pd.DataFrame({"rows": [8, 15, 30], "repeat": 0, "train_data_loss": [0.0, 0.01, 1.0]})
    table = table.assign(validation_data_loss=1.0, validation_lowest_data_loss=1.0)
    chart = train_sizes_chart(table, quantities=["data_loss"])
    found = [row for row in rows(chart, "sizes0") if row["line"] == "train"]
    assert [(row["mean"], row["high"]) for row in found] == [(None, None), (0.01, 0.01), (1, 1)]
    assert chart.panels[0].specs[0]["layer"][1]["encoding"]["y"]["scale"]["type"] == "log"
