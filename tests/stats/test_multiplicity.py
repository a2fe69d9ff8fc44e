"""Holm's adjustment against its definition by closed testing, and its laws."""

import itertools
import math
import re

import numpy as np
import pytest
from hypothesis import given, settings
from hypothesis import strategies as st

from wane._errors import InputError
from wane.stats import holm

LAW = settings(max_examples=60, deadline=None)
P = st.integers(0, 1000).map(lambda i: i / 1000)
FAMILIES = st.lists(P, min_size=1, max_size=6)


def by_closed_testing(p: list[float]) -> list[float]:
    """Holm as the closure of Bonferroni: the worst adjusted p of every set that holds the test."""
    members = range(len(p))
    subsets = [s for r in range(1, len(p) + 1) for s in itertools.combinations(members, r)]
    return [
        max(min(1.0, len(s) * min(p[j] for j in s)) for s in subsets if i in s) for i in members
    ]


@LAW
@given(FAMILIES)
def test_it_is_the_closed_test_of_bonferroni(p: list[float]) -> None:
    np.testing.assert_allclose(holm(p), by_closed_testing(p), rtol=1e-12)


def test_a_family_worked_by_hand() -> None:
    # Sorted 0.005, 0.01, 0.03, 0.04, times 4, 3, 2, 1: 0.02, 0.03, 0.06, 0.04 -> 0.06.
    np.testing.assert_allclose(holm([0.01, 0.04, 0.03, 0.005]), [0.03, 0.06, 0.06, 0.02])


@LAW
@given(FAMILIES)
def test_it_keeps_the_order_and_lies_between_p_and_one(p: list[float]) -> None:
    adjusted = holm(p)
    assert np.all((adjusted >= p) & (adjusted <= 1))
    assert np.all(np.diff(adjusted[np.argsort(p)]) >= 0)


@LAW
@given(FAMILIES, st.data())
def test_the_order_of_tests_does_not_matter(p: list[float], data: st.DataObject) -> None:
    order = data.draw(st.permutations(range(len(p))))
    np.testing.assert_array_equal(holm(np.array(p)[order]), holm(p)[order])


@LAW
@given(FAMILIES, st.data())
def test_a_larger_p_makes_no_adjusted_p_smaller(p: list[float], data: st.DataObject) -> None:
    raised = list(p)
    which = data.draw(st.integers(0, len(p) - 1))
    raised[which] = data.draw(st.floats(raised[which], 1))
    assert np.all(holm(raised) >= holm(p))


@LAW
@given(FAMILIES, st.integers(0, 6))
def test_nan_stays_out_of_the_family(p: list[float], place: int) -> None:
    place = min(place, len(p))
    adjusted = holm([*p[:place], math.nan, *p[place:]])
    assert math.isnan(adjusted[place])
    np.testing.assert_array_equal(np.delete(adjusted, place), holm(p))


def test_families_without_a_test() -> None:
    assert holm([]).shape == (0,)
    assert np.isnan(holm([math.nan, math.nan])).all()


@pytest.mark.parametrize("bad", [[-0.1], [1.5, math.nan], [[0.5]]])
def test_what_is_no_p_value_is_refused(bad: list[float]) -> None:
    text = (
        "p_values must be one row of numbers from 0 to 1, or NaN for what was not tested, "
        f"got {bad}."
    )
    with pytest.raises(InputError, match=f"^{re.escape(text)}$"):
        holm(bad)
