"""The group lasso: its sum over groups, its proximal step and what it refuses."""

import math
import re
from collections.abc import Callable

import numpy as np
import pytest

from wane._errors import InputError
from wane.penalties import (
    GroupLasso,
)


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


REFUSALS: dict[str, tuple[Callable[[], object], str]] = {
    "groups": (
        lambda: GroupLasso(0.1, groups="unit"),
        "There are no groups 'unit': did you mean 'units'?",
    ),
}


@pytest.mark.parametrize("case", REFUSALS)
def test_what_cannot_be_used_is_refused_in_a_sentence(case: str) -> None:
    call, text = REFUSALS[case]
    with pytest.raises(InputError, match=whole(text)):
        call()


def whole(text: str) -> str:
    return f"^{re.escape(text)}$"
