"""The numbers of a candidate fit the penalty terms that they are for."""

from typing import Any

import pytest

import wane
from training_cases import network
from wane.training.terms import PenaltyTerms


@pytest.mark.parametrize(
    ("strengths", "given"),
    [
        ((), "0 parts of []"),
        (((0.1,), (0.1,)), "2 parts of [1, 1]"),
        (((0.1, 0.2), (0.1,), (0.1,)), "3 parts of [2, 1, 1]"),
        (((0.1, 0.2), (0.1,), (0.1, 0.2, 0.3)), "3 parts of [2, 1, 3]"),
    ],
)
def test_strengths_of_another_length_are_refused(strengths: Any, given: str) -> None:
    model = network()
    terms = PenaltyTerms.of(model, [(wane.L1L2(0.1, 0.2),), (wane.L2(0.1, layers="hidden"),)])
    weights = [variable.value for variable in model.trainable_variables]
    with pytest.raises(wane.InputError) as caught:
        terms.penalty(weights, strengths)
    assert str(caught.value) == (
        f"strengths must have 3 parts of [2, 2, 1] numbers, one part for each penalty term, but "
        f"have {given}: take what PenaltyTerms.settings gives."
    )
