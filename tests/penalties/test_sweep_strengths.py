"""Strengths on a log scale, sweeps over them, and every refusal word for word."""

import re
from collections.abc import Callable
from typing import Any

import numpy as np
import pytest
from hypothesis import given, settings
from hypothesis import strategies as st

from wane._errors import InputError
from wane.penalties import (
    CATALOGUE,
    L1L2,
    L2,
    Penalty,
    decades,
    sweep,
)
from wane.penalties.sweep import log_spaced

every_penalty = pytest.mark.parametrize("penalty", CATALOGUE.values(), ids=CATALOGUE)
LAW = settings(max_examples=50, deadline=None)


@LAW
@given(st.integers(-8, 0), st.integers(0, 8))
def test_decades_are_the_powers_of_ten(low: int, steps: int) -> None:
    exponents = range(low, low + steps + 1)
    found = decades(float(f"1e{low}"), float(f"1e{low + steps}"))
    assert found == tuple(float(f"1e{exponent}") for exponent in exponents)


def test_decades_can_be_divided() -> None:
    assert decades(0.01, 1, per_decade=2) == (0.01, 0.0316228, 0.1, 0.316228, 1)
    assert decades(0.1, 0.1) == (0.1,)


@LAW
@given(st.floats(-8, 0), st.floats(0.1, 6), st.integers(2, 20))
def test_log_spaced_strengths_rise_by_one_factor(low: float, width: float, count: int) -> None:
    found = log_spaced(10**low, 10 ** (low + width), count)
    assert len(found) == count
    assert (found[0], found[-1]) == (10**low, 10 ** (low + width))
    np.testing.assert_allclose(np.diff(np.log10(found)), width / (count - 1), atol=1e-5)


@every_penalty
def test_a_sweep_is_one_candidate_for_each_strength(penalty: type[Penalty]) -> None:
    found = sweep(penalty, (s for s in (0.1, 0.2)), layers="hidden", on="bias")
    assert found == (
        (penalty.of_strength(0.1, layers="hidden", on=("bias",)),),
        (penalty.of_strength(0.2, layers="hidden", on=("bias",)),),
    )


NUMBER = "{name} must be a finite number of at least 0, got {value}: 0 is no penalty."


STRENGTHS = "strengths must be a list of numbers such as [1e-4, 1e-3], one for each candidate, got "
SINGLE = "{} for one of them: give their sum, or single candidates such as wane.{}."
untyped_sweep: Any = sweep
REFUSALS: dict[str, tuple[Callable[[], object], str]] = {
    "a number as strengths": (lambda: untyped_sweep(L2, 0.1), STRENGTHS + "0.1."),
    "an array of no dimension as strengths": (
        lambda: untyped_sweep(L2, np.array(0.1)),
        STRENGTHS + "array(0.1).",
    ),
    "text as strengths": (lambda: untyped_sweep(L2, "1e-3"), STRENGTHS + "'1e-3'."),
    "None as strengths": (lambda: untyped_sweep(L2, None), STRENGTHS + "None."),
    "no strengths": (lambda: sweep(L2, []), STRENGTHS + "[]."),
    "strengths by name": (lambda: untyped_sweep(L2, {0.1: "a"}), STRENGTHS + "{0.1: 'a'}."),
    "strengths of two dimensions": (
        lambda: untyped_sweep(L2, np.ones((2, 3))),
        STRENGTHS + SINGLE.format(3, "L2(l2)"),
    ),
    "pairs of strengths": (
        lambda: untyped_sweep(L1L2, [(1e-3, 1e-4), (1e-2, 1e-4)]),
        STRENGTHS + SINGLE.format(2, "L1L2(l1, l2)"),
    ),
    "a penalty to sweep": (
        lambda: untyped_sweep(L2(0.1), [0.1]),
        "penalty must be a class such as wane.L2, got L2(layers='all', on=('kernel', "
        "'recurrent'), l2=0.1).",
    ),
    "the name of a penalty to sweep": (
        lambda: untyped_sweep("l2", [0.1]),
        "penalty must be a class such as wane.L2, got 'l2'.",
    ),
    "decades upside down": (
        lambda: decades(0.1, 1e-6),
        "decades needs 0 < low <= high, got low=0.1 and high=1e-06.",
    ),
    "decades from zero": (
        lambda: decades(0, 1),
        "decades needs 0 < low <= high, got low=0 and high=1.",
    ),
    "decades of nothing": (
        lambda: decades(0.1, 1, per_decade=0),
        "per_decade must be a whole number of at least 1, got 0.",
    ),
    "decades of text": (
        lambda: decades("a", 1),  # type: ignore[arg-type] # what a user may type
        NUMBER.format(name="low", value="'a'"),
    ),
}


@pytest.mark.parametrize("case", REFUSALS)
def test_what_cannot_be_used_is_refused_in_a_sentence(case: str) -> None:
    call, text = REFUSALS[case]
    with pytest.raises(InputError, match=whole(text)):
        call()


def whole(text: str) -> str:
    return f"^{re.escape(text)}$"
