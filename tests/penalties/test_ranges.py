"""Ranges of a search: places and strengths, and what is no range."""

from typing import Any

import pytest
from hypothesis import given
from hypothesis import strategies as st

import wane
from wane.penalties.ranges import NONE_SHARE

EARLY = wane.Range(wane.L2(1e-5, layers="early"), wane.L2(0.1, layers="early"))


def test_a_range_goes_from_none_over_the_weakest_to_the_strongest_on_a_log_scale() -> None:
    assert EARLY.at(0.0) is None and EARLY.at(NONE_SHARE - 1e-9) is None
    found = [EARLY.at(NONE_SHARE + (1 - NONE_SHARE) * share) for share in (0, 0.25, 0.5, 1)]
    assert [change.strength for change in found] == [1e-5, 1e-4, 1e-3, 0.1]  # type: ignore[union-attr] # these are penalties
    assert {change.layers for change in found} == {"early"}  # type: ignore[union-attr] # these are penalties


def test_rates_of_dropout_lie_evenly() -> None:
    rates = wane.Range(wane.Dropout(0.1), wane.Dropout(0.5))
    assert [rates.at(place).rate for place in (0.0, 0.5, 1.0)] == [0.1, 0.3, 0.5]  # type: ignore[union-attr] # these are dropout
    assert rates.place_of((wane.Dropout(0.3),)) == 0.5
    # Without another rate the layer has the model's own.
    assert not rates.none and rates.at(0.0) == wane.Dropout(0.1)
    whole = wane.Range(wane.Dropout(0.0), wane.Dropout(0.9996))
    assert (whole.at(0.0), whole.at(1.0)) == (wane.Dropout(0.0), wane.Dropout(0.9996))


def test_learning_rates_lie_on_a_log_scale() -> None:
    rates = wane.Range(wane.LearningRate(1e-4), wane.LearningRate(1e-2))
    found = [rates.at(place) for place in (0.0, 0.5, 1.0)]
    assert found == [wane.LearningRate(rate) for rate in (1e-4, 1e-3, 1e-2)]
    assert rates.place_of((wane.L2(0.1), wane.LearningRate(1e-3))) == 0.5
    assert not rates.none and rates.layers == "learning rate"


def test_several_strengths_keep_their_shares() -> None:
    both = wane.Range(wane.L1L2(1e-4, 3e-4), wane.L1L2(1e-2, 3e-2), none=False)
    assert both.at(0.5) == wane.L1L2(1e-3, 3e-3)


@given(place=st.floats(0, 1))
def test_a_candidate_lies_where_it_came_from(place: float) -> None:
    change = EARLY.at(place)
    if change is None:
        assert place < NONE_SHARE and EARLY.place_of(()) == 0.0
    else:
        # Strengths have three digits.
        assert EARLY.place_of((change,)) == pytest.approx(place, abs=1e-3)


def test_a_penalty_on_all_layers_lies_in_the_range_of_each() -> None:
    assert EARLY.place_of((wane.L2(1e-3),)) == EARLY.place_of((wane.L2(1e-3, layers="early"),))
    assert EARLY.place_of((wane.L1(1e-3),)) == 0.0
    assert EARLY.place_of((wane.L2(1e-3, on=("bias",)),)) == 0.0
    assert EARLY.place_of((wane.L2(1e-3, layers="late"),)) == 0.0


@pytest.mark.parametrize(
    ("low", "high", "fault"),
    [
        (wane.L2(0.1), wane.L2(0.1), "takes the weaker one first, got L2(0.1) and L2(0.1)"),
        (wane.L2(0.1), wane.L2(0.01), "takes the weaker one first, got L2(0.1) and L2(0.01)"),
        (wane.Dropout(0.5), wane.Dropout(0.2),
         "takes the weaker one first, got Dropout(0.5) and Dropout(0.2)"),
        (wane.LearningRate(0.1), wane.LearningRate(0.01),
         "takes the weaker one first, got LearningRate(0.1) and LearningRate(0.01)"),
        (wane.LearningRate(0.1), wane.L2(1.0),
         "takes two of one kind, got LearningRate(0.1) and L2(1)"),
        (wane.L2(0.0), wane.L2(0.01),
         "takes a low end above 0, since none=True stands for none, got L2(0)"),
        (wane.L2(0.1, layers="a"), wane.L2(1.0, layers="b"),
         "takes two that differ in strength alone, got L2(0.1, layers='a', on='kernel+recurrent') "
         "and L2(1, layers='b', on='kernel+recurrent')"),
        (wane.L1(0.1), wane.L2(1.0), "takes two of one kind, got L1(0.1) and L2(1)"),
        (wane.L1L2(0.1, 0.1), wane.L1L2(0.1, 1.0),
         "takes two that differ in strength alone, got L1L2(0.1, 0.1, layers='all', "
         "on='kernel+recurrent') and L1L2(0.1, 1, layers='all', on='kernel+recurrent')"),
        (wane.L2(0.1), wane.Dropout(0.5), "takes two of one kind, got L2(0.1) and Dropout(0.5)"),
        (wane.EarlyStopping(1), wane.EarlyStopping(5),
         "takes two penalties or rates, and low is EarlyStopping(patience=1)"),
        (1e-5, 0.1, "takes two penalties or rates, and low is 1e-05"),
        (wane.L2(0.1), 1.0, "takes two penalties or rates, and high is 1.0"),
        (wane.L2(wane.schedule.linear(0.0, 0.1, epochs=5)), wane.L2(1.0),
         "takes strengths that stay, and low, L2(linear(0, 0.1, epochs=5)), changes in training"),
    ],
)  # fmt: skip
def test_what_is_no_range_is_refused(low: Any, high: Any, fault: str) -> None:
    with pytest.raises(wane.InputError) as refused:
        wane.Range(low, high)
    assert str(refused.value) == (
        f"wane.Range(low, high) {fault}: it goes from one penalty, wane.Dropout or "
        f"wane.LearningRate to a stronger one that is else alike, such as "
        f"wane.Range(wane.L2(1e-5, layers='out'), wane.L2(0.1, layers='out'))."
    )
