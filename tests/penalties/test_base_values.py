"""Penalties as values, and every refusal word for word."""

import copy
import dataclasses
import math
import pickle
import re
from collections.abc import Callable
from typing import Any

import numpy as np
import pytest

from wane._errors import InputError
from wane.penalties import (
    CATALOGUE,
    L1,
    L1L2,
    L2,
    GroupLasso,
    Penalty,
    sweep,
)

every_penalty = pytest.mark.parametrize("penalty", CATALOGUE.values(), ids=CATALOGUE)
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


def test_an_option_is_part_of_name_and_kind() -> None:
    assert str(L1(0.1, proximal=True)) == "L1(0.1, proximal=True)"
    units = GroupLasso(0.1, groups="units", layers="conv*")
    assert (str(units), units.kind) == ("GroupLasso(0.1, groups='units')", "GroupLasso units")
    assert units.form == GroupLasso(0.0, groups="units")
    assert L1(0.1, proximal=True).kind == "L1 proximal"


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
    if not isinstance(bad, list):  # the error of a sweep speaks of a list
        with pytest.raises(InputError, match=text):
            sweep(penalty, [0.1, bad])


REFUSALS: dict[str, tuple[Callable[[], object], str]] = {
    "an array as strength": (
        lambda: untyped_l2(np.array([0.1])),
        NUMBER.format(name="l2", value="array([0.1])"),
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
    "proximal": (
        lambda: L1(0.1, proximal="yes"),  # type: ignore[arg-type] # what a user may type
        "proximal must be True or False, got 'yes'.",
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
