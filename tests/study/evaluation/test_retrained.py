"""The improvement by retraining in a study's evidence and verdict."""

import dataclasses

import numpy as np
import pytest

from evidence_cases import evidence, noisy, resampling
from wane.stats import RetrainedDifference, holm
from wane.study.evaluation.paired import differences
from wane.study.verdicts.verdict import verdict

REPEATS = 10


def by_retraining(p_value: float, half: float = 0.02) -> RetrainedDifference:
    return RetrainedDifference(0.1, 0.01, 0.1 - half, 0.1 + half, p_value, REPEATS, 9.0, 200, 800)


def test_it_takes_the_place_of_the_chosen_candidate_s_difference_alone() -> None:
    losses = noisy([0.5, 0.45, 0.4, 0.49], spread=0.05)
    plain = evidence(losses / 2, losses, resampling=resampling(REPEATS, fixed=False))
    found = by_retraining(0.004)
    with_it = dataclasses.replace(plain, retrained=found)
    assert plain.chosen == with_it.chosen == 2
    difference, p_value = with_it.improvement(2)
    assert difference == found
    p_values = [one.p_value for one in differences(-losses, plain.resampling) if one is not None]
    assert p_value == pytest.approx(holm([p_values[0], 0.004, p_values[2]])[1])
    assert plain.improvement(2)[0] == differences(-losses, plain.resampling)[1]


def test_the_verdict_says_on_what_its_interval_rests() -> None:
    losses = noisy([0.5, 0.45, 0.4, 0.49], spread=0.05)
    plain = evidence(losses / 2, losses, resampling=resampling(REPEATS, fixed=False))
    said = verdict(dataclasses.replace(plain, retrained=by_retraining(1e-6)))
    assert said.helps and said.interval == pytest.approx((0.08, 0.12))
    assert said.text.endswith(
        "The interval of the improvement rests on 1,600 further runs under random weights of the "
        "rows: it holds for other data sets of this kind and size."
    )
    doubtful = verdict(dataclasses.replace(plain, retrained=by_retraining(0.2, half=0.3)))
    assert not doubtful.helps
    assert "further runs" not in verdict(plain).text


def test_weights_that_all_repeats_share_are_said_beside_it() -> None:
    losses = noisy([0.5, 0.45, 0.4, 0.49], spread=0.05)
    same = evidence(
        losses / 2, losses, resampling=resampling(REPEATS, fixed=False), same_weights=True,
        retrained=by_retraining(1e-6),
    )  # fmt: skip
    assert "the intervals hold for these weights. The interval of the improvement rests" in (
        verdict(same).text
    )


def test_the_metric_for_people_keeps_its_own_difference() -> None:
    losses = noisy([0.5, 0.45, 0.4, 0.49], spread=0.05)
    worse = np.where(np.arange(4)[:, None] == 2, 0.5, 0.9) + noisy([0.0] * 4, spread=0.001)
    found = evidence(
        losses / 2, losses, resampling=resampling(REPEATS, fixed=False),
        validation_metric=worse, metric_direction="up", retrained=by_retraining(1e-6),
    )  # fmt: skip
    assert found.metric_is_worse(2)
