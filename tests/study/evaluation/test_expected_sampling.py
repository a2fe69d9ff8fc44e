"""What small samples of rows and of training sets say of new rows."""

from typing import Any

import numpy as np
import pytest

from wane.resampling.splits import Resampling, Split
from wane.stats import Corrected, crossed_interval, group_contributions, grouped_interval
from wane.study.evaluation.expected import from_bootstrap
from wane.study.evaluation.expected import test_interval as interval_of_test_rows


@pytest.mark.parametrize(("kind", "ratio"), [("fresh", None), ("subsample", 100 / 1900)])
def test_the_luck_of_small_training_sets_counts(kind: Any, ratio: float | None) -> None:
    """Regression: of small sets out of many rows, only the rows' own luck was counted."""
    splits = tuple(Split(np.arange(15), np.arange(15, 115)) for _ in range(5))
    runs = np.array([0.2, 0.4, 0.6, 0.8, 1.0])  # it is the training sets that differ
    one = Corrected(0.6, 0.6, np.repeat(runs, 100), 1000, np.ones(1), 0.0, 0.0)
    found = from_bootstrap(one, runs, "down", Resampling(kind, splits, 5, 2000))
    error = runs.std(ddof=1) * np.sqrt(1 / 5 + (ratio or 0.0))
    assert found.high - found.value == pytest.approx(2.776445 * error)


@pytest.mark.parametrize("kind", ["fixed", "fraction", "fresh"])
def test_a_network_that_is_always_right_may_still_err(kind: Any) -> None:
    """20 rows that are all predicted do not say that all rows will be."""
    splits = (Split(np.arange(20), np.arange(20, 40)),) * (1 if kind == "fixed" else 3)
    how = Resampling(kind, splits, 3)
    right = Corrected(1.0, 1.0, np.ones(20), 1000, np.ones(1), 0.0, 0.0)
    found = from_bootstrap(right, np.ones(3), "up", how, "share")
    rows = 20 / (1 + (how.test_to_train_ratio or 0))
    assert (found.value, found.high) == (1.0, 1.0)
    assert found.low == pytest.approx(0.025 ** (1 / rows))
    tested = interval_of_test_rows(np.ones(20), np.ones(3), how, "share")
    assert tested == pytest.approx((0.025 ** (1 / 20), 1.0))


def test_a_loss_that_is_negative_on_no_row_has_no_interval_below_zero() -> None:
    """Regression: a mean square was reported to lie between -0.07 and 0.49."""
    rows = np.array([0.01, 0.02, 0.9, 0.03])
    how = Resampling("fresh", (Split(np.arange(4), np.arange(4)),) * 3, 3)
    low, high = interval_of_test_rows(rows, np.array([0.1, 0.3, 0.32]), how, "mean")
    assert low == 0 and high > rows.mean()
    assert interval_of_test_rows(-rows, -np.array([0.1, 0.3, 0.32]), how, "mean")[0] < 0


def test_nor_has_what_the_bootstrap_expects_of_one() -> None:
    """Regression: "expect data loss of 0.189 (95 % interval -0.0378 to 0.798)"."""
    runs = np.array([0.1, 0.9])
    how = Resampling("fresh", (Split(np.arange(4), np.arange(4)),) * 2, 2)
    for least in (0.0, -0.1):
        spread = Corrected(0.5, 0.5, np.array([-0.5, 1.5] * 5), 1000, np.ones(1), 0.0, least)
        assert (from_bootstrap(spread, runs, "down", how).low == 0) is (least == 0)


@pytest.mark.parametrize("bounds", [(0.0, 1.0), (-1.0, 1.0), (-np.inf, 1.0)])
def test_no_interval_of_a_score_reaches_beyond_what_it_can_be(bounds: Any) -> None:
    """Regression: an AUC of 0.97 on few rows was expected to lie between 0.90 and 1.04."""
    rows, runs = np.array([1.1] * 9 + [-0.2]), np.array([0.95, 0.99])
    how = Resampling("fixed", (Split(np.arange(4), None),), 2)
    free = interval_of_test_rows(rows, runs, how, "mean")
    low, high = interval_of_test_rows(rows, runs, how, "mean", bounds=bounds)
    assert free[1] > 1 == high and low == pytest.approx(max(free[0], bounds[0]))
    one = Corrected(1.01, 0.97, rows, 1000, np.ones(1), 0.0, -0.2)
    found = from_bootstrap(one, runs, "up", how, "mean", bounds)
    assert found.value == found.high == 1.0 and bounds[0] <= found.low < 1


def test_a_score_that_is_perfect_on_few_rows_may_be_less_on_others() -> None:
    how = Resampling("fixed", (Split(np.arange(4), None),), 2)
    found = interval_of_test_rows(np.ones(20), np.ones(2), how, "mean", bounds=(0.0, 1.0))
    assert found == pytest.approx((0.025 ** (1 / 20), 1.0))


def few_groups() -> tuple[np.ndarray, np.ndarray]:
    """Losses of 12 rows and the group of each, of groups of unequal size."""
    rows = np.array([0.2, 0.4, 0.1, 0.9, 1.3, 0.2, 0.3, 0.2, 0.5, 2.0, 1.6, 1.1])
    return rows, np.array([0, 0, 0, 1, 1, 2, 2, 2, 2, 3, 3, 3])


def test_test_rows_of_groups_speak_of_new_groups() -> None:
    """Regression: 4 groups as test rows held the loss on new groups in 83 % of studies."""
    rows, groups = few_groups()
    how = Resampling("fixed", (Split(np.arange(4), None),), 2)
    runs = np.full(2, rows.mean())
    found = interval_of_test_rows(rows, runs, how, "mean", groups)
    drawn = group_contributions(rows, groups)
    own = grouped_interval(drawn, np.bincount(groups), runs, bounds=(0.0, np.inf))
    assert found == (own.low, own.high)
    assert found[1] > crossed_interval(drawn, runs).high
    squares = interval_of_test_rows(rows, np.sqrt(runs), how, "root", groups)
    assert squares == pytest.approx(tuple(np.sqrt(found)))
    scores = interval_of_test_rows(1 - rows, 1 - runs, how, "mean", groups, (-np.inf, 1.0))
    assert scores == pytest.approx((1 - found[1], 1 - found[0]))


def test_all_rows_right_in_few_groups_may_still_err() -> None:
    how = Resampling("fixed", (Split(np.arange(4), None),), 2)
    groups = few_groups()[1]
    found = interval_of_test_rows(np.ones(12), np.ones(2), how, "share", groups)
    assert found == pytest.approx((0.025 ** (1 / 4), 1.0))


def test_two_groups_of_test_rows_have_no_interval() -> None:
    how = Resampling("fixed", (Split(np.arange(4), None),), 2)
    rows, groups = few_groups()
    assert np.isnan(interval_of_test_rows(rows, np.ones(2), how, "mean", groups % 2)).all()


@pytest.mark.parametrize("kind", ["fixed", "fraction"])
def test_the_bootstrap_of_groups_has_their_interval(kind: Any) -> None:
    """It is that of the groups' contributions, moved with the value; splits in common widen it."""
    splits = (Split(np.arange(30), np.arange(30, 40)),) * (1 if kind == "fixed" else 3)
    how, sizes = Resampling(kind, splits, 3), np.array([3.0, 2, 4, 3])
    rows, groups = few_groups()
    drawn, runs = group_contributions(rows, groups), rows.mean() + np.array([-0.1, 0.0, 0.1])
    one = Corrected(rows.mean() + 0.05, rows.mean(), drawn, 1000, np.ones(1), 0.0, 0.0)
    found = from_bootstrap(one, runs, "down", how, sizes=sizes)
    ratio, repeats = (0.0, runs) if kind == "fixed" else (1 / 3, runs[:1])
    own = grouped_interval(drawn, sizes, repeats, overlap=ratio, bounds=(0.0, np.inf))
    assert found.low == pytest.approx(own.low + 0.05)
    assert found.high == pytest.approx(own.high + 0.05)
    assert found.high > from_bootstrap(one, runs, "down", how).high
