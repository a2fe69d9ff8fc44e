"""Interactive learning curves."""

import numpy as np

from charts_cases import CHOSEN, learning_curves, rows
from report_cases import curves
from wane.report.charts.chart import in_html
from wane.report.charts.learning_curves import MOST_EPOCHS, learning_curves_chart, spread_places


def test_lines_and_bands_are_means_and_deviations_over_runs() -> None:
    chart = learning_curves()
    first, *_ = rows(chart, "curve0_0")
    assert first["epoch"] == 1 and np.isclose(first["validation"], 1.1)
    assert np.isclose(first["validation_high"] - first["validation"], np.std([1, 1.2], ddof=1))
    assert first["validation_text"] == "1.10 ± 0.14"
    assert np.isclose(rows(chart, "curve0_1")[0]["validation"], 1 - 0.11)


def test_there_is_a_panel_for_each_network_and_a_switch_for_each_choice() -> None:
    chart = learning_curves()
    assert [panel.title for panel in chart.panels] == ["Baseline", f"Chosen: {CHOSEN}"]
    assert [switch.options for switch in chart.switches] == [
        ("data loss", "accuracy"),
        ("linear", "logarithmic"),
    ]
    assert len(learning_curves(chosen="baseline").panels) == 1
    kinds = [spec["layer"][0]["encoding"]["x"]["scale"].get("type") for spec in
             chart.panels[0].specs]  # fmt: skip
    assert kinds == [None, "log"] * 2


def test_the_best_epoch_is_marked() -> None:
    assert rows(learning_curves(), "lowest0") == [{"epoch": 3, "text": "3"}]


def test_the_mark_says_what_it_covers_where_runs_end_early() -> None:
    chart = learning_curves_chart(
        curves({"baseline": [[0.9, 0.6, 0.8], [0.4, 0.3, 0.3, 0.3]]}),
        quantities=["data_loss"], baseline="baseline", chosen="baseline",
    )  # fmt: skip
    assert rows(chart, "lowest0") == [{"epoch": 2, "text": "2 (while all 2 runs train)"}]


def test_long_curves_are_thinned_for_both_axes() -> None:
    assert spread_places(5).tolist() == [0, 1, 2, 3, 4]
    places = spread_places(4000)
    assert len(places) <= MOST_EPOCHS and {0, 1, 2, 3, 3999} <= set(places.tolist())
    assert np.diff(places).max() <= 4000 / (MOST_EPOCHS // 2) + 1
    assert len(in_html([learning_curves(4000)])) < 400_000


def test_panels_share_the_vertical_axis() -> None:
    chart = learning_curves()
    domains = [
        [layer["encoding"]["y"]["scale"]["domain"] for layer in panel.specs[0]["layer"][:4]]
        for panel in chart.panels
    ]
    assert domains[0] == domains[1]


def test_a_loss_of_zero_is_a_gap_on_a_logarithmic_axis() -> None:
    losses = {"baseline": [[1.0, 0.01, 0.0]], CHOSEN: [[1.0, 0.5, 0.4]]}
    chart = learning_curves_chart(
        curves(losses).assign(train_data_loss=1.0),
        quantities=["data_loss"],
        baseline="baseline",
        chosen=CHOSEN,
    )
    y = chart.panels[0].specs[0]["layer"][0]["encoding"]["y"]
    assert y["scale"]["type"] == "log"
    found = [(row["validation"], row["validation_low"]) for row in rows(chart, "curve0_0")]
    assert [mean for mean, _ in found] == [1, 0.01, None] and found[-1] == (None, None)
