"""What single rows add to a mean, of roots by the derivative."""

import numpy as np
import pytest

import wane
from study_cases import data, study
from wane.study.measures.rowwise import linear


@pytest.mark.parametrize("kind", ["mean", "share"])
def test_what_is_a_mean_over_rows_stays_as_it_is(kind: str) -> None:
    rows = np.array([0.0, 1.0, 1.0, 0.5])
    assert linear(rows, np.array([0.6, 0.65]), kind) is rows


def test_a_root_has_the_derivative_of_the_root() -> None:
    """How the root moves if a row counts a little more, by differences."""
    squares = np.random.default_rng(0).exponential(size=12)
    root = np.sqrt(squares.mean())
    rows = linear(squares, np.array([root]), "root")
    step = 1e-6
    for row in range(12):
        weights = np.full(12, (1 - step) / 12)
        weights[row] += step
        moved = np.sqrt(weights @ squares)
        # The influence of a row: the derivative towards a sample of it alone.
        assert rows[row] - root == pytest.approx((moved - root) / step, rel=1e-4, abs=1e-6)
    assert rows.mean() == pytest.approx(root)


def test_its_standard_error_is_that_of_the_delta_method() -> None:
    """Of many roots over 200 rows each, the spread is what the rows of one sample say."""
    random = np.random.default_rng(1)
    squares = random.exponential(size=(2000, 200))
    roots = np.sqrt(squares.mean(axis=1))
    rows = linear(squares[0], roots[:1], "root")
    assert rows.std(ddof=1) / np.sqrt(200) == pytest.approx(roots.std(ddof=1), rel=0.2)
    # Of several runs it is their mean root that the rows are about.
    runs = np.array([0.8, 1.0])
    assert linear(squares[0], runs, "root").mean() == pytest.approx(0.9)


def test_a_root_of_nothing_has_no_derivative() -> None:
    assert linear(np.zeros(3), np.zeros(2), "root").tolist() == [0, 0, 0]


@pytest.mark.thorough
def test_a_score_s_difference_is_that_of_all_repeats() -> None:
    """Its groups of rows come from the first ten repeats, which say how much rows differ."""
    result = study(
        validation=data(rows=40, seed=1), repeats=14, epochs=6, scoring=["roc_auc"],
        select_by="roc_auc", candidates=[wane.L2(0.3)],
    ).run(progress=False)  # fmt: skip
    values = result.runs.pivot(index="repeat", columns="candidate", values="validation_roc_auc")
    gains = values["L2(0.3)"] - values["baseline"]
    assert abs(gains.mean() - gains[:10].mean()) > 1e-4
    row = result.comparisons().set_index("metric").loc["roc_auc"]
    assert row["difference"] == pytest.approx(gains.mean())
    assert row["low"] < gains.mean() < row["high"]
