"""Strengths that change by the epoch: their values and names, and every refusal word for word."""

import json
import math
import pickle
from collections.abc import Callable
from typing import Any

import numpy as np
import pytest

from wane._errors import InputError
from wane.penalties import L1L2, L2, Schedule, candidate_names, schedule, strength_of, sweep
from wane.penalties.schedule import strength_at

NEURAL_SMITHING = {0: 0.0, 1200: 1e-5, 3700: 1e-4, 4100: 1e-3}
FORMS: dict[str, Schedule] = {
    "constant": schedule.constant(0.5),
    "steps": schedule.steps({0: 0.25, 2: 0.0, 3: 1.0}),
    "linear": schedule.linear(0.0, 1.0, epochs=5),
    "cosine": schedule.cosine(1.0, 0.5, epochs=4),
    "warm_up": schedule.warm_up(0.9, epochs=3),
    "warm_up to a schedule": schedule.warm_up(schedule.linear(1.0, 0.0, epochs=3), epochs=4),
}
every_form = pytest.mark.parametrize("form", FORMS.values(), ids=FORMS)


@pytest.mark.parametrize(
    ("name", "expected"),
    [
        ("constant", [0.5, 0.5, 0.5]),
        ("steps", [0.25, 0.25, 0.0, 1.0, 1.0]),
        ("linear", [0.0, 0.25, 0.5, 0.75, 1.0, 1.0]),
        ("cosine", [1.0, 0.875, 0.625, 0.5, 0.5]),
        ("warm_up", [0.3, 0.6, 0.9, 0.9]),
        ("warm_up to a schedule", [0.25, 0.5, 0.75, 1.0, 0.5, 0.0, 0.0]),
    ],
)
def test_the_strength_of_each_epoch(name: str, expected: list[float]) -> None:
    form = FORMS[name]
    assert [form.at(epoch) for epoch in range(len(expected))] == pytest.approx(expected)
    assert form.at() == form.at(10**6) == pytest.approx(expected[-1])


def test_the_example_of_neural_smithing() -> None:
    """None for 1,200 epochs, 1e-5 for 2,500, 1e-4 for 400, then 1e-3."""
    form = schedule.steps(NEURAL_SMITHING)
    strengths = [form.at(epoch) for epoch in range(5000)]
    assert strengths == [0.0] * 1200 + [1e-5] * 2500 + [1e-4] * 400 + [1e-3] * 900


@every_form
def test_as_data_of_a_program_it_is_the_same_and_one_trace_serves_all(form: Schedule) -> None:
    import jax

    traces = 0

    def counted(numbers: Any, epoch: Any) -> Any:
        nonlocal traces
        traces += 1
        return strength_at(numbers, epoch)

    at = jax.jit(counted)
    for epoch in range(8):
        for one in (form, FORMS["steps"]):
            found = at(one.numbers(5).astype(np.float32), epoch)
            assert float(found) == pytest.approx(one.at(epoch), rel=1e-6, abs=1e-7)
    assert traces == 1


@every_form
def test_a_schedule_is_a_value(form: Schedule) -> None:
    again = pickle.loads(pickle.dumps(form))
    assert again == form and hash(again) == hash(form)
    assert L2(again) == L2(form) and L2(form) != L2(FORMS["cosine"].scaled(3))
    assert json.loads(json.dumps(form.document()))["schedule"] == form.form
    assert eval(repr(form), {"wane": __import__("wane"), **vars(schedule)}) == form
    assert [form.scaled(0.5).at(e) for e in range(6)] == [form.at(e) / 2 for e in range(6)]


def test_a_penalty_of_a_schedule_is_named_and_counted_by_it() -> None:
    rising, steps = schedule.linear(0, 1e-3, 100), schedule.steps(NEURAL_SMITHING)
    penalty = L1L2(rising, 0.5, layers="hidden")
    assert str(penalty) == "L1L2(linear(0, 0.001, epochs=100), 0.5)"
    assert penalty.kind == "L1L2 linear"
    assert penalty.strength == strength_of((penalty,)) == math.fsum([1e-3, 0.5])
    assert penalty.at(0) == L1L2(0.0, 0.5, layers="hidden")
    assert penalty.at() == L1L2(1e-3, 0.5, layers="hidden")
    assert penalty.schedules == (rising,)
    assert penalty.form == L1L2(0.0, 0.0)
    assert str(L2(steps)) == "L2(steps({0: 0, 1200: 1e-05, 3700: 0.0001, 4100: 0.001}))"
    assert candidate_names(sweep(L2, [rising, 1e-3])) == (
        "L2(linear(0, 0.001, epochs=100))",
        "L2(0.001)",
    )


def test_digits_that_tell_two_schedules_apart_are_shown() -> None:
    one, other = schedule.constant(0.1), schedule.constant(0.1 + 1e-9)
    assert candidate_names([(L2(one),), (L2(other),)]) == (
        "L2(constant(0.1))",
        "L2(constant(0.100000001))",
    )


def test_a_total_strength_is_shared_in_every_epoch() -> None:
    penalty = L1L2.of_strength(FORMS["linear"])
    assert penalty.strengths_at(2) == (0.25, 0.25)


@pytest.mark.parametrize(
    ("make", "sentence"),
    [
        (
            lambda: schedule.constant(-1),
            "strength must be a finite number of at least 0, got -1: 0 is no penalty.",
        ),
        (
            lambda: schedule.linear(0, math.inf, 10),
            "end must be a finite number of at least 0, got inf: 0 is no penalty.",
        ),
        (
            lambda: schedule.cosine(math.nan, 1, 10),
            "start must be a finite number of at least 0, got nan: 0 is no penalty.",
        ),
        (
            lambda: schedule.linear(0, 1, 1),
            "epochs must be a whole number of at least 2, got 1.",
        ),
        (
            lambda: schedule.warm_up(1.0, 2.5),  # type: ignore[arg-type] # what is refused
            "epochs must be a whole number of at least 2, got 2.5.",
        ),
        (
            lambda: schedule.steps({1: 0.1}),
            "steps takes strengths by the number of epochs before them, from 0 on, such as "
            "{0: 0.0, 1200: 1e-5}, got {1: 0.1}.",
        ),
        (
            lambda: schedule.steps([0.1]),  # type: ignore[arg-type] # what is refused
            "steps takes strengths by the number of epochs before them, from 0 on, such as "
            "{0: 0.0, 1200: 1e-5}, got [0.1].",
        ),
        (
            lambda: schedule.steps({0: 0.1, -3: 0.2}),
            "an epoch of steps must be a whole number of at least 0, got -3.",
        ),
        (
            lambda: schedule.steps({0: 0.1, 5: -0.2}),
            "the strength at 5 must be a finite number of at least 0, got -0.2: 0 is no penalty.",
        ),
    ],
)
def test_what_is_refused(make: Callable[[], object], sentence: str) -> None:
    with pytest.raises(InputError) as refused:
        make()
    assert str(refused.value) == sentence
