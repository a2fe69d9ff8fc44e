"""Every candidate beside the baseline, in pairs."""

import numpy as np
import pytest

import wane
from evidence_cases import resampling, rows_about, spread
from study_cases import data, network
from wane.stats import crossed_difference, paired_difference
from wane.study.evaluation.paired import comparisons_table, differences, joint, paired


@pytest.mark.thorough
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


def test_on_one_split_rows_and_repeats_are_crossed() -> None:
    losses = np.stack([0.5 + spread(8, 0.02), np.full(8, 0.4)])
    rows = rows_about(losses, 0.3)
    found = paired(losses[1], losses[0], resampling(8), rows[1] - rows[0], confidence=0.9)
    own = crossed_difference(rows[1] - rows[0], losses[1] - losses[0], confidence=0.9)
    assert found == own
    alone = paired_difference(losses[1], losses[0], confidence=0.9)
    assert found.standard_error > 2 * alone.standard_error
    # What these rows say where theirs are not known: the interval between seeds.
    assert paired(losses[1], losses[0], resampling(8), confidence=0.9) == alone
    # Over splits rows are no sample of their own, and the ratio is Nadeau & Bengio's.
    over_splits = paired(losses[1], losses[0], resampling(8, fixed=False), rows[1] - rows[0])
    assert over_splits == paired_difference(losses[1], losses[0], test_to_train_ratio=0.5)
    # A single repeat has no spread over seeds, and so no interval.
    one = paired(losses[1, :1], losses[0, :1], resampling(1), rows[1] - rows[0])
    assert one.count == 1 and not one.has_interval


@pytest.mark.parametrize("repeats", [2, 30])
def test_equal_differences_over_seeds_are_one_run(repeats: int) -> None:
    """Regression: 30 bit-equal runs on 8 validation rows had p = 1.9e-9."""
    baseline = 0.5 + spread(repeats, 0.1)
    found = paired(baseline - 0.1, baseline, resampling(repeats))
    assert found.p_value == 1 and not found.has_interval
    assert found.mean == pytest.approx(-0.1)
    # Over splits they are as many pairs as have that variance.
    found = paired(baseline - 0.1, baseline, resampling(repeats, fixed=False))
    assert found.p_value == pytest.approx(min(1, 2 ** (1 - 1 / (1 / repeats + 0.5))))


def test_the_table_and_the_joint_errors_have_the_rows_in_them() -> None:
    losses = 0.5 + np.stack([spread(6, 0.01), *np.random.default_rng(0).normal(0, 0.01, (2, 6))])
    rows = rows_about(losses, 0.2)
    table = comparisons_table(
        ["baseline", "a", "b"],
        {"data_loss": losses, "accuracy": losses},
        resampling(6),
        rows={"data_loss": rows},
    )
    known = table[table["metric"] == "data_loss"]
    found = differences(losses, resampling(6), rows)
    assert known["low"].tolist() == [one.low for one in found if one]
    between_seeds = table[table["metric"] == "accuracy"]  # its rows are not known
    assert (known["standard_error"].to_numpy() > 3 * between_seeds["standard_error"]).all()
    # Independent rows and seeds add up; the gains share a baseline.
    gains = losses[1:] - losses[0]
    of_rows = rows[1:] - rows[0]
    covariance = np.cov(gains) / 6 + np.cov(of_rows) / 40
    correlation = covariance[0, 1] / np.sqrt(covariance[0, 0] * covariance[1, 1])
    assert 0.2 < correlation < 0.8
    plain, dropped = joint(losses, resampling(6), rows), joint(losses, resampling(6), rows, 4)
    assert plain.count == 2 and dropped.count == 6
    assert plain.quantile(20) < dropped.quantile(20)
    broken = losses.copy()
    broken[1, 0] = np.nan
    assert joint(broken, resampling(6), rows).count == 1
    assert differences(broken, resampling(6), rows)[0] is None
