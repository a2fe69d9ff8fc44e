"""The improvement by retraining in a study's evidence and verdict."""

import dataclasses

import numpy as np

from evidence_cases import evidence, noisy, resampling
from wane.stats import RetrainedDifference
from wane.study.evaluation.improvement import improvement, metric_is_worse
from wane.study.evaluation.paired import differences, joint
from wane.study.verdicts.verdict import verdict

REPEATS = 10


def by_retraining(p_value: float, half: float = 0.02) -> RetrainedDifference:
    error = half / 2.262  # the 97.5th percentile of t with 9 degrees of freedom
    return RetrainedDifference(
        0.1, error, 0.1 - half, 0.1 + half, p_value, REPEATS, 9.0, draws=200, runs=800
    )


def test_it_takes_the_place_of_the_chosen_candidate_s_difference_alone() -> None:
    losses = noisy([0.5, 0.45, 0.4, 0.49], spread=0.05)
    plain = evidence(losses / 2, losses, resampling=resampling(REPEATS, fixed=False))
    found = by_retraining(0.004)
    with_it = dataclasses.replace(plain, retrained=found)
    assert plain.chosen == with_it.chosen == 2
    one = improvement(with_it, 2)
    assert one is not None and one.difference.mean == found.mean
    assert one.difference.standard_error == found.standard_error
    # The interval allows for the choice among the three candidates, by their correlation.
    every = joint(losses, plain.resampling)
    assert (one.difference.low, one.difference.high) == found.bounds(every.quantile(9.0))
    corrected = differences(losses, plain.resampling)[1]
    without = improvement(plain, 2)
    assert without is not None and corrected is not None
    assert without.difference.standard_error == corrected.standard_error


def test_the_verdict_says_on_what_its_interval_rests() -> None:
    losses = noisy([0.5, 0.45, 0.4, 0.49], spread=0.05)
    plain = evidence(losses / 2, losses, resampling=resampling(REPEATS, fixed=False))
    said = verdict(dataclasses.replace(plain, retrained=by_retraining(1e-6)))
    assert said.helps and said.interval is not None and 0.07 < said.interval[0] < 0.08
    assert (
        "This holds for networks trained on 20 rows of such data. The interval of the improvement "
        "rests on 1,600 further runs under random weights of the rows." in said.text
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
    assert "networks of these weights trained on 20 rows of such data. The interval of the" in (
        verdict(same).text
    )


def test_the_metric_for_people_keeps_its_own_difference() -> None:
    losses = noisy([0.5, 0.45, 0.4, 0.49], spread=0.05)
    worse = np.where(np.arange(4)[:, None] == 2, 0.5, 0.9) + noisy([0.0] * 4, spread=0.001)
    found = evidence(
        losses / 2, losses, resampling=resampling(REPEATS, fixed=False),
        validation_metric=worse, metric_direction="up", retrained=by_retraining(1e-6),
    )  # fmt: skip
    assert metric_is_worse(found, 2)
