"""Penalties as values, candidates made of them, and every refusal word for word."""

import copy
import dataclasses
import math
import pickle
import re
from collections.abc import Callable
from typing import Any

import numpy as np
import pytest
from hypothesis import given, settings
from hypothesis import strategies as st

from wane._errors import InputError
from wane.penalties import (
    BASELINE,
    CATALOGUE,
    L1,
    L1L2,
    L2,
    GroupLasso,
    Penalty,
    candidate_names,
    decades,
    sweep,
)
from wane.penalties.sweep import log_spaced

every_penalty = pytest.mark.parametrize("penalty", CATALOGUE.values(), ids=CATALOGUE)
LAW = settings(max_examples=50, deadline=None)
untyped_l2: Any = L2  # takes at run time what its fields are not annotated with


@every_penalty
def test_a_penalty_is_a_frozen_value(penalty: type[Penalty]) -> None:
    one, same = penalty.of_strength(0.1, layers="conv*"), penalty.of_strength(0.1, layers="conv*")
    assert one == same
    assert hash(one) == hash(same)
    assert one != penalty.of_strength(0.2, layers="conv*")
    assert one != penalty.of_strength(0.1)
    assert copy.deepcopy(one) == one
    assert pickle.loads(pickle.dumps(one)) == one
    assert dataclasses.replace(one, layers="all") == penalty.of_strength(0.1)
    with pytest.raises(dataclasses.FrozenInstanceError):
        setattr(one, penalty.strength_fields[0], 0.2)


def test_penalties_of_two_kinds_differ() -> None:
    assert len({penalty.of_strength(0.1) for penalty in CATALOGUE.values()}) == len(CATALOGUE)


def test_strengths_are_floats_whatever_number_they_came_as() -> None:
    numbers: list[Any] = [1, 1.0, np.float32(1), np.int64(1), np.array(1.0)]
    for given_as in numbers:
        assert L2(given_as) == L2(1.0)
        assert type(L2(given_as).l2) is float


def test_an_l1l2_has_two_strengths_of_its_own() -> None:
    assert L1L2(0.1, 0.2).strengths == (0.1, 0.2)
    assert L1L2(l1=0.1, l2=0.2).strength == math.fsum([0.1, 0.2])
    assert L1L2(0.1, 0.2) != L1L2(0.2, 0.1)


def test_roles_are_kept_once_and_in_one_order() -> None:
    assert untyped_l2(1.0, on="bias").on == ("bias",)
    assert untyped_l2(1.0, on=["bias", "kernel", "bias"]).on == ("kernel", "bias")
    assert L2(1.0, on=("bias", "kernel")) == L2(1.0, on=("kernel", "bias"))


def test_a_penalty_says_what_it_is() -> None:
    assert str(L2(1e-3)) == "L2(0.001)"
    assert str(L1L2(1e-6, 2.0)) == "L1L2(1e-06, 2)"
    assert untyped_l2(0.1, on="bias").name(target=True) == "L2(0.1, layers='all', on='bias')"


@pytest.mark.parametrize("groups", ["inputs", "units", "filters"])
@pytest.mark.parametrize("shape", [(4, 3), (2, 2, 4, 3)], ids=["dense", "convolution"])
def test_a_group_lasso_is_a_sum_over_inputs_or_units(groups: str, shape: tuple[int, ...]) -> None:
    weight = np.random.default_rng(0).normal(size=shape)
    axis = -2 if groups == "inputs" else -1
    each = [np.ravel(part) for part in np.moveaxis(weight, axis, 0)]
    assert len(each) == shape[axis]
    expected = sum(0.1 * math.sqrt(part.size) * math.sqrt((part**2).sum()) for part in each)
    penalty = GroupLasso(0.1, groups=groups)
    assert penalty.value(weight, 0.1) == pytest.approx(expected)
    # The proximal step shortens each group by itself, with step 1 by strength times root of size.
    shorter = np.moveaxis(penalty.prox(weight, 1.0, 0.1), axis, 0)
    for part, short in zip(each, shorter, strict=True):
        length = math.sqrt((part**2).sum())
        share = max(0.0, 1 - 0.1 * math.sqrt(part.size) / length)
        np.testing.assert_allclose(np.ravel(short), share * part, atol=1e-12)


def test_an_option_is_part_of_name_and_kind() -> None:
    assert str(L1(0.1, proximal=True)) == "L1(0.1, proximal=True)"
    units = GroupLasso(0.1, groups="units", layers="conv*")
    assert (str(units), units.kind) == ("GroupLasso(0.1, groups='units')", "GroupLasso units")
    assert units.form == GroupLasso(0.0, groups="units")
    assert L1(0.1, proximal=True).kind == "L1 proximal"


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


def test_strengths_that_round_to_one_number_are_named_exactly() -> None:
    close = [(L2(0.001),), (L2(0.0010000001),)]
    assert candidate_names(close) == ("L2(0.001)", "L2(0.0010000001)")
    assert candidate_names([(L2(1 / 3),)]) == ("L2(0.333333)",)


def test_candidates_are_named_with_the_target_only_where_it_tells_them_apart() -> None:
    both = (L1(0.1), L2(0.2))
    assert candidate_names([BASELINE, (L2(0.1),), both]) == (
        "baseline",
        "L2(0.1)",
        "L1(0.1) + L2(0.2)",
    )
    hidden, output = (L2(0.1, layers="hidden"),), (L2(0.1, layers="output"),)
    assert candidate_names([hidden, (L2(0.2),), output]) == (
        "L2(0.1, layers='hidden', on='kernel+recurrent')",
        "L2(0.2, layers='all', on='kernel+recurrent')",
        "L2(0.1, layers='output', on='kernel+recurrent')",
    )


NUMBER = "{name} must be a finite number of at least 0, got {value}: 0 is no penalty."
BAD_STRENGTHS = [-0.1, math.nan, math.inf, True, "0.1", None, [0.1, 0.2]]


@every_penalty
@pytest.mark.parametrize("bad", BAD_STRENGTHS, ids=repr)
def test_a_strength_that_is_none_is_refused(penalty: Any, bad: Any) -> None:
    for name in penalty.strength_fields:
        fields = dict.fromkeys(penalty.strength_fields, 0.1) | {name: bad}
        with pytest.raises(InputError, match=whole(NUMBER.format(name=name, value=repr(bad)))):
            penalty(**fields)
    text = whole(NUMBER.format(name="strength", value=repr(bad)))
    with pytest.raises(InputError, match=text):
        penalty.of_strength(bad)
    if not isinstance(bad, list):  # which is told of as a list
        with pytest.raises(InputError, match=text):
            sweep(penalty, [0.1, bad])


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
    "an array as strength": (
        lambda: untyped_l2(np.array([0.1])),
        NUMBER.format(name="l2", value="array([0.1])"),
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
    "role misspelt": (
        lambda: untyped_l2(0.1, on="kernal"),
        "on has the unknown role 'kernal': did you mean 'kernel'?",
    ),
    "role unknown": (
        lambda: L2(0.1, on=("kernel", "xyz")),
        "on has the unknown role 'xyz': available: 'kernel', 'recurrent', 'bias', 'embedding'.",
    ),
    "no role": (
        lambda: L2(0.1, on=()),
        "on must name at least one of 'kernel', 'recurrent', 'bias', 'embedding', got ().",
    ),
    "empty layers": (
        lambda: L2(0.1, layers=""),
        "layers must be 'all', 'hidden', 'output' or a glob on layer names, got ''.",
    ),
    "groups": (
        lambda: GroupLasso(0.1, groups="unit"),
        "There are no groups 'unit': did you mean 'units'?",
    ),
    "proximal": (
        lambda: L1(0.1, proximal="yes"),  # type: ignore[arg-type] # what a user may type
        "proximal must be True or False, got 'yes'.",
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
        "per_decade must be at least 1, got 0.",
    ),
    "decades of text": (
        lambda: decades("a", 1),  # type: ignore[arg-type] # what a user may type
        NUMBER.format(name="low", value="'a'"),
    ),
    "the same candidate twice": (
        lambda: candidate_names([(L2(0.1),), BASELINE, (L2(0.1),)]),
        "Candidate L2(0.1, layers='all', on='kernel+recurrent') is there twice; "
        "give each one once.",
    ),
    "the baseline twice": (
        lambda: candidate_names([BASELINE, BASELINE]),
        "Candidate baseline is there twice; give each one once.",
    ),
}


@pytest.mark.parametrize("case", REFUSALS)
def test_what_cannot_be_used_is_refused_in_a_sentence(case: str) -> None:
    call, text = REFUSALS[case]
    with pytest.raises(InputError, match=whole(text)):
        call()


def test_the_base_class_has_no_value() -> None:
    text = "Penalty is abstract: use one of its subclasses, such as L2."
    with pytest.raises(TypeError, match=whole(text)):
        Penalty.value(L2(0.1), np.zeros(2))


def whole(text: str) -> str:
    return f"^{re.escape(text)}$"
