"""The two selection rules: cases worked by hand, and laws."""

import math
import re
from collections.abc import Callable

import numpy as np
import pytest
from hypothesis import given, settings
from hypothesis import strategies as st

from wane._errors import InputError
from wane.stats import best, one_standard_error

LAW = settings(max_examples=60, deadline=None)
LOSSES = st.one_of(st.integers(0, 64).map(lambda i: i / 64), st.just(math.nan), st.just(math.inf))


@st.composite
def tables(draw: st.DrawFn) -> tuple[list[float], list[float], list[float]]:
    """Means, standard errors and distinct strengths of a few candidates, the first mean finite."""
    candidates = draw(st.integers(1, 5))
    means = [0.5, *(draw(LOSSES) for _ in range(candidates - 1))]
    error = st.one_of(st.integers(0, 16).map(lambda i: i / 64), st.just(math.nan))
    errors = [draw(error) for _ in range(candidates)]
    strengths = draw(st.permutations([10.0**-i for i in range(candidates)]))
    return means, errors, list(strengths)


def test_the_lowest_finite_mean_wins() -> None:
    assert best([math.nan, 0.3, 0.2, math.inf, -math.inf], [0, 1, 2, 3, 4]) == 2


def test_of_equal_means_the_stronger_wins_and_then_the_first() -> None:
    assert best([0.2, 0.2, 0.2, 0.3], [0, 0.1, 0.01, 1]) == 1
    assert best([0.2, 0.2], [0.1, 0.1]) == 0


def test_one_standard_error_by_hand() -> None:
    # The best has 2; of the others' differences to it the second's is within its own error.
    means, errors = [2.0, 2.5, 2.6], [0.0, 0.577, 0.577]
    assert one_standard_error(means, errors, [0.0, 0.1, 1.0]) == 1
    assert one_standard_error(means, errors, [0.2, 0.1, 1.0]) == 0
    # Each has an error of its own.
    assert one_standard_error(means, [0.0, 0.4, 0.7], [0.0, 0.1, 1.0]) == 2


def test_the_limit_itself_is_within() -> None:
    assert one_standard_error([1.0, 2.0], [0.0, 1.0], [0.0, 1.0]) == 1


def test_of_equal_strengths_the_lower_mean_wins() -> None:
    assert one_standard_error([0.5, 0.7, 0.6], [0.0, 0.5, 0.5], [0.0, 1.0, 1.0]) == 2


def test_without_standard_errors_it_chooses_the_best() -> None:
    assert one_standard_error([0.2, 0.1, 0.11], [math.nan] * 3, [0, 1, 2]) == 1


@LAW
@given(tables())
def test_it_is_never_weaker_than_the_best_nor_beyond_its_limit(
    table: tuple[list[float], list[float], list[float]],
) -> None:
    means, errors, strengths = table
    winner, chosen = best(means, strengths), one_standard_error(means, errors, strengths)
    assert strengths[chosen] >= strengths[winner]
    assert means[winner] == min(m for m in means if math.isfinite(m))
    limits = [means[winner] + (0.0 if math.isnan(error) else error) for error in errors]
    assert means[chosen] <= limits[chosen] + 1e-12
    stronger = [i for i, s in enumerate(strengths) if s > strengths[chosen]]
    assert not any(means[i] <= limits[i] - 1e-12 for i in stronger)


@LAW
@given(tables(), st.data())
def test_the_order_of_candidates_does_not_matter(
    table: tuple[list[float], list[float], list[float]], data: st.DataObject
) -> None:
    order = data.draw(st.permutations(range(len(table[0]))))
    moved = one_standard_error(*([column[i] for i in order] for column in table))
    assert order[moved] == one_standard_error(*table)


@LAW
@given(tables(), st.integers(-4, 4))
def test_scaling_the_losses_changes_nothing(
    table: tuple[list[float], list[float], list[float]], power: int
) -> None:
    means, errors, strengths = table
    factor = 2.0**power
    scaled = one_standard_error(np.array(means) * factor, np.array(errors) * factor, strengths)
    assert scaled == one_standard_error(means, errors, strengths)


REFUSALS: dict[str, tuple[Callable[[], object], str]] = {
    "diverged": (
        lambda: best([math.nan, math.inf], [0, 1]),
        "No candidate can be chosen: none of the 2 mean losses is finite; "
        "lower the learning rate or look at the data.",
    ),
    "lengths": (
        lambda: best([0.1, 0.2], [0]),
        "There must be one mean loss and one strength per candidate, got arrays of shape (2,) and "
        "(1,).",
    ),
    "errors": (
        lambda: one_standard_error([0.1, 0.2], [0.1, 0.1, 0.1], [0, 1]),
        "There must be one standard error per candidate, got 3 for 2.",
    ),
}


@pytest.mark.parametrize("case", REFUSALS)
def test_what_cannot_be_used_is_refused_in_a_sentence(case: str) -> None:
    call, text = REFUSALS[case]
    with pytest.raises(InputError, match=f"^{re.escape(text)}$"):
        call()
