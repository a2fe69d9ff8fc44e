"""Every candidate beside the baseline, in pairs."""

import numpy as np
import pytest

import wane
from study_cases import data, network


def test_comparisons_are_paired_and_in_each_metric_s_unit() -> None:
    x, y = data()
    made = wane.Study(network(), x, y, candidates=wane.sweep(wane.L2, [0.1, 1.0]),
                      validation=0.3, repeats=4, epochs=3, batch_size=8)  # fmt: skip
    result = made.run(progress=False)
    table = result.comparisons()
    assert list(table.columns) == [
        "metric", "candidate", "difference", "standard_error", "low", "high", "p", "p_holm",
        "pairs",
    ]  # fmt: skip
    for metric, own in table.groupby("metric"):
        column = result.runs.pivot(
            index="repeat", columns="candidate", values=f"validation_{metric}"
        )
        for _, row in own.iterrows():
            differences = column[row["candidate"]] - column["baseline"]
            assert row["difference"] == pytest.approx(differences.mean(), abs=1e-12)
            expected = differences.std(ddof=1) * np.sqrt(1 / 4 + 9 / 21)
            assert row["standard_error"] == pytest.approx(expected, abs=1e-12)
            assert row["pairs"] == 4
        assert (own["p_holm"] >= own["p"]).all()
    rows = result.document["comparisons"]
    assert [row["candidate"] for row in rows] == table["candidate"].tolist()
    assert rows[0]["difference"] == pytest.approx(table["difference"][0])
