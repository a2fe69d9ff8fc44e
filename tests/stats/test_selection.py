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
def tables(draw: st.DrawFn) -> tuple[list[list[float]], list[float]]:
    """Losses and distinct strengths of a few candidates, the first of them finite."""
    candidates, repeats = draw(st.integers(1, 5)), draw(st.integers(1, 6))
    row = st.lists(LOSSES, min_size=repeats, max_size=repeats)
    losses = [[0.5] * repeats, *(draw(row) for _ in range(candidates - 1))]
    strengths = draw(st.permutations([10.0**-i for i in range(candidates)]))
    return losses, list(strengths)


def test_the_lowest_finite_mean_wins() -> None:
    assert best([math.nan, 0.3, 0.2, math.inf, -math.inf], [0, 1, 2, 3, 4]) == 2


def test_of_equal_means_the_stronger_wins_and_then_the_first() -> None:
    assert best([0.2, 0.2, 0.2, 0.3], [0, 0.1, 0.01, 1]) == 1
    assert best([0.2, 0.2], [0.1, 0.1]) == 0


def test_one_standard_error_by_hand() -> None:
    # Best: mean 2, s = 1, so a standard error of 1/√3 = 0.577 and a limit of 2.577.
    losses = [[1.0, 2.0, 3.0], [2.4, 2.5, 2.6], [2.5, 2.6, 2.7]]
    assert one_standard_error(losses, [0.0, 0.1, 1.0]) == 1
    assert one_standard_error(losses, [0.2, 0.1, 1.0]) == 0


def test_the_limit_itself_is_within() -> None:
    losses = [[0.0, 2.0], [2.0, 2.0]]  # best: mean 1 and standard error exactly 1
    assert one_standard_error(losses, [0.0, 1.0]) == 1


def test_of_equal_strengths_the_lower_mean_wins() -> None:
    losses = [[0.0, 1.0], [0.7, 0.7], [0.6, 0.6]]
    assert one_standard_error(losses, [0.0, 1.0, 1.0]) == 2


def test_a_single_repeat_chooses_the_best() -> None:
    assert one_standard_error([[0.2], [0.1], [0.11]], [0, 1, 2]) == 1


@LAW
@given(tables())
def test_it_is_never_weaker_than_the_best_nor_beyond_its_limit(
    table: tuple[list[list[float]], list[float]],
) -> None:
    losses, strengths = table
    with np.errstate(all="ignore"):
        means = np.mean(losses, axis=1)
    winner, chosen = best(means, strengths), one_standard_error(losses, strengths)
    error = 0.0 if len(losses[0]) == 1 else np.std(losses[winner], ddof=1) / len(losses[0]) ** 0.5
    assert strengths[chosen] >= strengths[winner]
    assert means[winner] == min(m for m in means if math.isfinite(m))
    limit = means[winner] + error
    assert means[chosen] <= limit + 1e-12
    stronger = [m for m, s in zip(means, strengths, strict=True) if s > strengths[chosen]]
    assert not any(m <= limit - 1e-12 for m in stronger)


@LAW
@given(tables(), st.data())
def test_the_order_of_candidates_does_not_matter(
    table: tuple[list[list[float]], list[float]], data: st.DataObject
) -> None:
    losses, strengths = table
    order = data.draw(st.permutations(range(len(losses))))
    moved = one_standard_error([losses[i] for i in order], [strengths[i] for i in order])
    assert order[moved] == one_standard_error(losses, strengths)


@LAW
@given(tables(), st.integers(-4, 4))
def test_scaling_the_losses_changes_nothing(
    table: tuple[list[list[float]], list[float]], power: int
) -> None:
    losses, strengths = table
    scaled = np.array(losses) * 2.0**power
    assert one_standard_error(scaled, strengths) == one_standard_error(losses, strengths)


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
    "one row": (
        lambda: one_standard_error([0.1, 0.2], [0, 1]),
        "losses_by_candidate must have the shape [candidates, repeats], got (2,).",
    ),
}


@pytest.mark.parametrize("case", REFUSALS)
def test_what_cannot_be_used_is_refused_in_a_sentence(case: str) -> None:
    call, text = REFUSALS[case]
    with pytest.raises(InputError, match=f"^{re.escape(text)}$"):
        call()
