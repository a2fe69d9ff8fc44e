"""Weights and copies of rows give the same rows, and all else stays as it was."""

import numpy as np
import pytest

import wane
from wane.estimators.rows import FittedRows, SingleRowsTrain, as_weighted, standardizing, table_of


def given(count: int = 12) -> FittedRows:
    random = np.random.default_rng(0)
    return FittedRows(random.normal(size=(count, 3)), random.integers(0, 2, count))


@pytest.mark.parametrize("weight", [None, np.ones(12)])
def test_rows_that_count_once_stay_in_their_order(weight: np.ndarray | None) -> None:
    rows = given()
    found = as_weighted(FittedRows(rows.x, rows.y, weight))
    assert found.x is rows.x and found.y is rows.y and found.weight is None


def test_whole_weights_are_copies_in_any_order() -> None:
    rows, random = given(), np.random.default_rng(1)
    weight = np.array([0.0, 1.0, 2.0, 3.0] * 3)
    order = random.permutation(12)
    weighted = as_weighted(FittedRows(rows.x[order], rows.y[order], weight[order]))
    places = random.permutation(np.repeat(np.arange(12), weight.astype(int)))
    copied = as_weighted(FittedRows(rows.x[places], rows.y[places]))
    assert len(weighted.y) == 9
    np.testing.assert_array_equal(weighted.x, copied.x)
    np.testing.assert_array_equal(weighted.y, copied.y)
    assert weighted.weight is not None and copied.weight is not None
    np.testing.assert_array_equal(weighted.weight, copied.weight)
    assert weighted.weight.mean() == pytest.approx(1)


def test_copies_of_every_row_need_no_weights() -> None:
    rows = given()
    found = as_weighted(FittedRows(np.tile(rows.x, (2, 1)), np.tile(rows.y, 2)))
    assert len(found.y) == 12 and found.weight is None


def test_gaps_are_equal_in_copies() -> None:
    rows = given()
    rows.x[3, 1] = np.nan
    places = np.append(np.arange(12), [3, 3, 5])
    found = as_weighted(FittedRows(rows.x[places], rows.y[places]))
    assert len(found.y) == 12 and found.weight is not None
    gap = int(np.flatnonzero(np.isnan(found.x[:, 1]))[0])
    assert found.weight[gap] == found.weight.max() == pytest.approx(3 * found.weight.min())


def test_copies_in_other_groups_stay_apart() -> None:
    rows = given()
    places = np.append(np.arange(12), [0, 0])
    groups = np.array([*"aabbccddeeff", "a", "f"])
    found = as_weighted(FittedRows(rows.x[places], rows.y[places], None, groups))
    assert found.groups is not None and len(found.y) == 13
    assert sorted(found.groups) == sorted("aabbccddeefff")


def test_rows_of_coarse_columns_stay_apart() -> None:
    random = np.random.default_rng(0)
    x, y = random.integers(0, 2, (200, 3)).astype(float), random.normal(size=200)
    assert as_weighted(FittedRows(x, y)).x is x


def test_no_weight_above_zero_is_refused() -> None:
    rows = given()
    with pytest.raises(wane.InputError) as error:
        as_weighted(FittedRows(rows.x, rows.y, np.zeros(12)))
    assert str(error.value) == ("sample_weight is 0 in every row: give one a weight above 0.")


def test_columns_are_standardized_and_gaps_marked() -> None:
    x = given().x
    x[0, 2] = np.nan
    transform, count = standardizing(table_of(x, ["a", "b", "c"]))
    made = transform.fit_transform(table_of(x, ["a", "b", "c"]))
    assert made.shape == (12, count) == (12, 4) and made.dtype == np.float32
    np.testing.assert_allclose(made[:, :2].mean(axis=0), 0, atol=1e-6)
    np.testing.assert_allclose(made[:, :3].std(axis=0), 1, atol=1e-6)
    np.testing.assert_array_equal(made[:, 3], [1] + [0] * 11)


def test_names_that_are_there_twice_become_numbers() -> None:
    assert list(table_of(np.ones((2, 2)), ["a", "a"]).columns) == ["x0", "x1"]
    assert list(table_of(np.ones((2, 2)), ["a", "b"]).columns) == ["a", "b"]


def test_a_class_of_one_row_is_always_trained_on() -> None:
    y = np.array([0, 1, 1, 1, 1, 2, 2, 2, 2, 3])
    assert SingleRowsTrain.needed(y)
    assert not SingleRowsTrain.needed(y[1:9]) and not SingleRowsTrain.needed(np.arange(3))
    several = list(SingleRowsTrain(0.25, 4, 0).split(y[:, None], y))
    assert len(several) == SingleRowsTrain(0.25, 4, 0).get_n_splits() == 4
    for train, validation in several:
        assert sorted([*train, *validation]) == list(range(10))
        assert sorted(y[validation]) == [1, 2] and {0, 9} <= set(train)
    assert len({tuple(sorted(validation)) for _, validation in several}) > 1
    again = list(SingleRowsTrain(0.25, 4, 0).split(y[:, None], y))
    assert all(np.array_equal(a[1], b[1]) for a, b in zip(several, again, strict=True))
