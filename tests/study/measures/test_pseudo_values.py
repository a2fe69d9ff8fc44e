"""Groups of rows contribute to measures that are no means what their absence changes."""

from collections.abc import Sequence

import numpy as np
import pytest
from sklearn.metrics import r2_score

from wane.resampling.rows import Rows
from wane.stats import crossed_difference
from wane.study.measures.pseudo_values import GROUPS, groups_of, pseudo_values


def rows_of(y: np.ndarray) -> Rows:
    return Rows(np.zeros((len(y), 1)), y)


def auc(rows: Rows, outputs: Sequence[np.ndarray]) -> float:
    """The share of pairs of a one and a zero that are ranked rightly (Mann & Whitney)."""
    ones, zeros = outputs[0][rows.y == 1], outputs[0][rows.y == 0]
    return float(np.mean(ones[:, None] > zeros)) if len(ones) and len(zeros) else np.nan


def test_of_a_mean_they_are_the_means_of_groups() -> None:
    y = np.arange(47.0)

    def mean(rows: Rows, outputs: Sequence[np.ndarray]) -> float:
        return float(np.mean(rows.y) + 0 * outputs[0][0])

    groups = groups_of(y)
    found = pseudo_values(mean, rows_of(y), [y], groups, float(y.mean()))
    np.testing.assert_allclose(found, [y[groups == g].mean() for g in range(GROUPS)])


def test_groups_have_all_classes_and_like_sizes() -> None:
    y = np.r_[np.zeros(150), np.ones(50)]
    groups = groups_of(np.random.default_rng(0).permutation(y))
    assert set(np.bincount(groups)) == {10}
    one_hot = np.eye(3)[np.repeat([0, 1, 2], 40)]
    assert all(len(np.unique(groups_of(one_hot)[one_hot[:, i] == 1])) == GROUPS for i in range(3))
    assert len(np.unique(groups_of(np.arange(7.0)))) == 7


def test_their_spread_is_that_of_samples_of_rows() -> None:
    """The standard error of a difference of two AUCs against its spread over 300 samples."""
    random = np.random.default_rng(1)
    differences, errors, held = [], [], 0
    for _ in range(300):
        y = (random.random(100) < 0.4).astype(float)
        signal = y + random.normal(size=100)
        scores = [signal + random.normal(scale=spread, size=100) for spread in (0.3, 1.0)]
        groups = groups_of(y)
        values = [auc(rows_of(y), [score]) for score in scores]
        own = [
            pseudo_values(auc, rows_of(y), [score], groups, value)
            for score, value in zip(scores, values, strict=True)
        ]
        one = crossed_difference(own[0] - own[1], [values[0] - values[1]])
        differences.append(one.mean)
        errors.append(one.standard_error)
        held += one.low <= 0.0596 <= one.high  # over a hundred thousand rows
    assert np.mean(errors) == pytest.approx(np.std(differences), rel=0.12)
    assert np.mean(differences) == pytest.approx(0.0596, abs=0.006)
    assert 0.91 < held / 300 < 0.98


def test_the_mean_is_the_value_also_where_groups_differ_in_size() -> None:
    random = np.random.default_rng(2)
    y = random.normal(size=53)
    prediction = y + random.normal(size=53)

    def r2(rows: Rows, outputs: Sequence[np.ndarray]) -> float:
        return float(r2_score(rows.y, outputs[0]))

    groups = groups_of(y)
    found = pseudo_values(r2, rows_of(y), [prediction], groups, r2(rows_of(y), [prediction]))
    mean = np.average(found, weights=np.bincount(groups))
    assert mean == pytest.approx(r2_score(y, prediction))


def test_a_measure_without_a_value_gives_none() -> None:
    y = np.r_[1.0, np.zeros(39)]

    groups = groups_of(y)
    found = pseudo_values(auc, rows_of(y), [-y], groups, 0.0)
    assert not np.isfinite(found).all()
