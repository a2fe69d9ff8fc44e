"""Strengths and repeats are data: however many there are, the program is traced once."""

import numpy as np
import pytest

import wane
from training_cases import network, study


@pytest.mark.parametrize(
    ("strengths", "repeats"), [(3, 2), pytest.param(50, 20, marks=pytest.mark.thorough)]
)
def test_strengths_and_repeats_trace_once(strengths: int, repeats: int) -> None:
    candidates = wane.sweep(wane.L2, np.logspace(-6, -1, strengths), layers="hidden")
    result = study(network(), candidates=candidates, repeats=repeats, epochs=2).run(progress=False)
    assert result._traces == 1
    assert len(result.runs) == (strengths + 1) * repeats
    assert result.runs["validation_data_loss"].nunique() > strengths


def test_penalties_of_several_kinds_and_targets_trace_once() -> None:
    candidates = [
        wane.L1(1e-3, layers="output"),
        (wane.L2(1e-2, on=("bias",)), wane.L1L2(1e-3, 1e-4)),
    ]
    result = study(network(), candidates=candidates, repeats=2).run(progress=False)
    assert result._traces == 1
    assert len(result.runs) == 6


def test_new_splits_of_equal_size_trace_once() -> None:
    result = study(network(), validation=0.25, repeats=4).run(progress=False)
    assert result._traces == 1


def test_refit_on_all_rows_is_no_trace_of_the_study() -> None:
    result = study(network(), validation=0.25, repeats=2).run(progress=False)
    result.best_model()
    assert result._traces == 1
