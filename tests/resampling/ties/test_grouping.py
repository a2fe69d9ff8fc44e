"""Groups stay on one side, near the fraction of rows and the shares of classes."""

from typing import Any

import numpy as np
import pytest
from sklearn.model_selection import GroupKFold, KFold

from wane._errors import InputError
from wane.resampling.ties.grouping import (
    divided_groups,
    group_codes,
    grouped_split,
    joined_groups,
    takes_groups,
)

RANDOM = np.random.default_rng(0)


def message(*given: Any) -> str:
    with pytest.raises(InputError) as caught:
        group_codes(*given)
    return str(caught.value)


def test_labels_of_any_kind_become_numbers() -> None:
    assert group_codes(["b", "a", "b"], 3).tolist() == [0, 1, 0]
    assert group_codes(np.array([7.5, 7.5, 2]), 3).tolist() == [0, 0, 1]


def test_what_is_no_grouping_is_refused() -> None:
    assert message(["a", None, "b"], 3).startswith("groups has no label in 1 of 3 rows: give each")
    assert message([1.0, np.nan, 2.0], 3).startswith("groups has no label in 1 of 3 rows")
    assert message(["a"] * 3, 3).startswith("groups has one group only, 'a', but rows of one group")
    assert message(["a", "b"], 3, "groups ('p')") == (
        "Rows do not match: groups ('p') has 2, x has 3."
    )
    assert message(np.zeros((3, 2)), 3).startswith("groups must be one label for each row, [rows],")


def test_groups_that_share_copies_are_one() -> None:
    one, other = np.array([0, 0, 1, 1, 2, 3]), np.array([0, 1, 1, 2, 3, 4])
    assert joined_groups(one, other).tolist() == [0, 0, 0, 0, 1, 2]


def test_a_group_is_on_one_side_and_shares_are_kept() -> None:
    groups = np.repeat(np.arange(60), RANDOM.integers(1, 12, 60))
    labels = (RANDOM.random(60) < 0.3)[groups].astype(int)
    seen, held = [], set()
    for seed in range(40):
        train, out = grouped_split(groups, labels, 0.25, np.random.default_rng(seed))
        assert not len(divided_groups(groups, train, out))
        assert sorted([*train, *out]) == list(range(len(groups)))
        assert abs(len(out) / len(groups) - 0.25) < 0.05
        assert abs(labels[out].mean() - labels.mean()) < 0.1
        seen.append(np.unique(groups[out]))
        held.add(tuple(seen[-1]))
    assert len(held) == 40
    # Every group is held out now and then, whatever its size and class.
    assert len(np.unique(np.concatenate(seen))) == 60


def test_each_part_has_every_class_or_it_is_said() -> None:
    groups, labels = np.repeat(np.arange(12), 5), np.repeat([1, 1, *[0] * 10], 5)
    for seed in range(20):
        for part in grouped_split(groups, labels, 0.2, np.random.default_rng(seed)):
            assert len(np.unique(labels[part])) == 2
    labels = np.repeat([1, *[0] * 11], 5)
    with pytest.raises(InputError, match="class 1 is in 1 of them"):
        grouped_split(groups, labels, 0.2, np.random.default_rng(0))
    with pytest.raises(InputError, match="5 rows of one group cannot be divided"):
        grouped_split(np.zeros(5, int), None, 0.2, np.random.default_rng(0))


@pytest.mark.parametrize(("classes", "each"), [(2, 2), (10, 4), (20, 3)])
def test_groups_of_one_class_each_are_divided_however_few_a_class_has(
    classes: int, each: int
) -> None:
    """No random order holds out one group of each of ten classes."""
    groups, labels = (
        np.repeat(np.arange(classes * each), 5),
        np.repeat(np.arange(classes), 5 * each),
    )
    held = set()
    for seed in range(5):
        train, out = grouped_split(groups, labels, 0.25, np.random.default_rng(seed))
        assert set(labels[train]) == set(labels[out]) == set(range(classes))
        assert not set(groups[train]) & set(groups[out])
        assert len(out) == 5 * classes  # one group of each
        held.add(out.tobytes())
    assert len(held) > 1


def test_two_groups_are_divided_whatever_their_size() -> None:
    groups = np.repeat([0, 1], [90, 10])
    train, out = grouped_split(groups, None, 0.25, np.random.default_rng(0))
    assert (len(train), len(out)) == (90, 10)


def test_splitters_that_take_groups() -> None:
    class Two:
        def split(self, x: Any, y: Any) -> Any:
            yield [len(x)], [len(y)]

    assert takes_groups(GroupKFold(2)) and takes_groups(KFold(2)) and not takes_groups(Two())
