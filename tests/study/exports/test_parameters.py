"""Candidates as parameters by name."""

import pytest

import wane
from wane.study.exports.parameters import parameters, targets


def test_strengths_are_named_by_their_fields_and_are_0_where_there_is_no_such_penalty() -> None:
    candidates = [(), (wane.L2(0.1),), (wane.L1(0.2),), (wane.L1L2(0.3, 0.4),)]
    assert parameters(candidates) == [
        {"l2": 0.0, "l1": 0.0},
        {"l2": 0.1, "l1": 0.0},
        {"l2": 0.0, "l1": 0.2},
        {"l2": 0.4, "l1": 0.3},
    ]


def test_two_penalties_of_the_same_weights_are_one() -> None:
    (found,) = parameters([(wane.L2(0.25), wane.L1L2(0.5, 0.5))])
    assert found == {"l2": 0.75, "l1": 0.5}


def test_other_changes_are_missing_where_a_candidate_leaves_them() -> None:
    deeper = wane.Network(None, "deeper")
    candidates = [(), (wane.Dropout(0.0),), (wane.EarlyStopping(5), deeper)]
    assert parameters(candidates) == [
        {"dropout": None, "early_stopping": None, "network": None},
        {"dropout": 0.0, "early_stopping": None, "network": None},
        {"dropout": None, "early_stopping": 5, "network": "deeper"},
    ]


def test_several_targets_have_a_name_each() -> None:
    hidden, output = wane.L2(0.1, layers="hidden"), wane.L2(0.2, layers="output")
    assert parameters([(hidden, output), (hidden,)]) == [
        {"l2_hidden": 0.1, "l2_output": 0.2},
        {"l2_hidden": 0.1, "l2_output": 0.0},
    ]
    biases = wane.L2(0.3, layers="hidden", on=("kernel", "bias"))
    assert list(parameters([(hidden,), (biases,)])[0]) == ["l2_kernel+recurrent", "l2_kernel+bias"]


def test_options_tell_penalties_apart() -> None:
    found = parameters([(wane.L1(0.1),), (wane.L1(0.2, proximal=True),)])
    assert found == [{"l1": 0.1, "l1_proximal": 0.0}, {"l1": 0.0, "l1_proximal": 0.2}]


def test_a_strength_that_changes_is_that_of_the_end() -> None:
    rising = wane.schedule.linear(0.0, 0.5, epochs=10)
    assert parameters([(wane.WeightDecay(rising),)]) == [{"weight_decay": 0.5}]


@pytest.mark.parametrize(
    ("candidate", "expected"),
    [
        ((), {"layers": None, "on": None}),
        ((wane.Dropout(0.5),), {"layers": None, "on": None}),
        (
            (wane.L2(1.0, on=("kernel",)), wane.L1(1.0, on=("kernel",))),
            {"layers": "all", "on": "kernel"},
        ),
        (
            (wane.L2(1.0, layers="a*"), wane.L1(1.0, layers="output", on=("bias",))),
            {"layers": "a* + output", "on": "kernel,recurrent + bias"},
        ),
    ],
)
def test_targets_are_texts(candidate: wane.Candidate, expected: dict[str, str | None]) -> None:
    assert targets(candidate) == expected
