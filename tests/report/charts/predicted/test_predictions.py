"""Interactive figures of predictions."""

from typing import Any

import numpy as np
import pandas as pd
import pytest

from charts_cases import CHOSEN, amounts, classes, reliability, rows
from wane.report.charts.predicted import predictions
from wane.report.charts.predicted.predictions import (
    MOST_ROWS,
    confusion_chart,
    reliability_chart,
    truth_chart,
)


def test_a_point_is_the_mean_prediction_of_a_row() -> None:
    chart = truth_chart(amounts(), part="test")
    found = [(row["truth"], row["prediction"], row["residual"]) for row in rows(chart, "rows1")]
    assert found == [(1, 1.5, 0.5), (2, 2.5, 0.5)]
    assert [panel.title for panel in chart.panels] == ["Baseline", f"Chosen: {CHOSEN}"]


def test_of_many_rows_some_are_drawn() -> None:
    many = pd.DataFrame({"row": range(5000), "truth": 1.0, "prediction": np.arange(5000.0)})
    chart = truth_chart({"baseline": many}, part="test")
    found = rows(chart, "rows0")
    assert chart.note == "The points are 1,000 of 5,000 rows."
    assert truth_chart(amounts(), part="test").note == ""
    assert len(found) == MOST_ROWS and found[-1]["prediction"] == 4999


def test_shares_are_of_the_rows_of_each_true_class() -> None:
    chart = confusion_chart(classes(), classes=("a", "b"), part="test")
    found = {(row["truth"], row["prediction"]): row["share"] for row in rows(chart, "shares0")}
    assert found == {("a", "a"): 0.75, ("a", "b"): 0.25, ("b", "a"): 0, ("b", "b"): 1}
    assert [row["rows"] for row in rows(chart, "shares0")][:2] == ["1.5 of 2.0", "0.5 of 2.0"]


def test_reliability_is_by_tenths_of_the_probability() -> None:
    found = [row for row in rows(reliability(), "bins") if row["line"] == "Baseline"]
    assert [(row["probability"], row["happened"]) for row in found] == [
        (0.05, 0), (0.53, 0.5), (0.975, 1),
    ]  # fmt: skip
    assert [row["rows"] for row in found] == ["2 predictions"] * 3


def test_many_rows_are_counted_some_at_a_time(monkeypatch: pytest.MonkeyPatch) -> None:
    """With the same numbers, to the bit."""
    random = np.random.default_rng(0)
    truth, probability = random.integers(0, 2, 1000), random.random(1000, np.float32)
    table = pd.DataFrame({"repeat": np.arange(1000) // 10, "truth": truth,
                          "prediction": (probability > 0.5).astype(int),
                          "probability": probability, "happened": truth == 1})  # fmt: skip

    def drawn() -> list[dict[str, Any]]:
        shares = confusion_chart({"baseline": table}, classes=("a", "b"), part="test")
        bins = reliability_chart({"baseline": table}, event="the second class", part="test")
        return [*rows(shares, "shares0"), *rows(bins, "bins")]

    known = drawn()
    monkeypatch.setattr(predictions, "ROWS_AT_A_TIME", 7)
    assert drawn() == known and len(known) == 14
