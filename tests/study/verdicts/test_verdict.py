"""The verdict says what is true of evidence whose truth is known."""

import dataclasses
from typing import Any

import numpy as np
import pytest

import wane
from evidence_cases import SHARED, constant_rows, evidence, noisy, resampling, rows_about, spread
from wane.resampling.splits import Resampling, Split
from wane.stats import PairedDifference, crossed_difference
from wane.study.evaluation.expected import Expectation, Expected
from wane.study.evaluation.improvement import metric_is_worse
from wane.study.evaluation.paired import differences
from wane.study.measures.tails import Tails
from wane.study.spec.looks import Look
from wane.study.verdicts.verdict import verdict


def test_overfitting_that_a_penalty_helps() -> None:
    found = verdict(
        evidence(
            [[0.1, 0.12, 0.08]] * 2,
            [[0.4, 0.42, 0.38], [0.3, 0.33, 0.27]],
            baseline_curve=np.tile([0.5, 0.2, 0.4], (3, 1)),
            test_metric=np.array([[0.6, 0.6, 0.6], [0.7, 0.7, 0.7]]),
        )
    )
    assert found.text == (
        "The network overfits; use L2(0.001): on validation rows its data loss is 0.100 lower (95 "
        "% interval 0.0752 to 0.125) than without. Without a penalty the network's data loss is "
        "0.100 on training rows and 0.400 on 10 validation rows; on those it was lowest (0.200) at "
        "epoch 2 and rose again by 0.200. "
        "L2(0.001) has the lowest validation data loss, 0.300, 0.100 lower than without a penalty "
        "(95 % interval over rows and seeds 0.0752 to 0.125; between seeds on these rows alone "
        "0.0752 to 0.125); validation accuracy rises from 0.600 to 0.700. On the 1,000 test rows, "
        "which played no part in the choice, accuracy rises from 0.600 to 0.700. "
        + SHARED.format(3)
    )
    assert found.text.startswith(found.answer + " Without")
    assert (found.overfits, found.helps, found.chosen) == (True, True, "L2(0.001)")
    assert found.improvement == pytest.approx(0.1)
    assert found.interval == pytest.approx((0.0752, 0.1248), abs=1e-4)
    assert found.diagnosis.kind == "overfits" and found.diagnosis.rebound is not None
    assert found.diagnosis.rebound.lost == pytest.approx(0.2)


@pytest.mark.parametrize(("low", "words"), [(0.05, "rises from 0.600 to"), (-0.01, "is 0.600")])
def test_a_metric_rises_only_beyond_chance(low: float, words: str) -> None:
    """Regression: "accuracy falls" by 0.006, of which the interval was -0.020 to 0.031."""
    gain = PairedDifference(0.1, 0.05, low, 0.2, 0.05, 10, 9.0)
    losses = noisy([0.4, 0.3])
    of_loss = Expectation(0.3, 0.25, 0.35, 0.3, 0.0, PairedDifference(0.1, 0.01, 0.08, 0.12, 0, 9))
    metrics = {"accuracy": Expectation(0.7, 0.6, 0.8, 0.7, 0.0, gain), "data_loss": of_loss}
    found = verdict(
        evidence(
            noisy([0.1] * 2), losses, test_metric=noisy([0.6, 0.7], spread=0.0), test_loss=losses,
            expected=Expected("test", 1000, metrics),
        )
    )  # fmt: skip
    assert found.helps and f"in the choice, accuracy {words}" in found.text
    assert "better by 0.100, 95 % interval" in found.text


@pytest.mark.parametrize("direction", ["up", "down", None])
def test_help_in_loss_that_costs_accuracy_is_reported(direction: str | None) -> None:
    """Regression: a loss 1 % lower "helps most" while accuracy fell beyond chance."""
    accuracy = noisy([0.95, 0.9], spread=0.002)
    found = verdict(
        evidence(
            noisy([0.1] * 2),
            noisy([0.4, 0.3]),
            validation_metric=accuracy if direction == "up" else -accuracy,
            metric_direction=direction,
        )
    )
    assert found.helps
    but = ". But validation accuracy"
    assert (but in found.text) == (direction is not None)
    if direction == "up":
        assert (
            f". But validation accuracy falls from {accuracy[0].mean():.3f} to "
            f"{accuracy[1].mean():.3f}, and it gets worse on new rows beyond what chance gives: if "
            f"that is what counts, choose by it (select_by='accuracy')." in found.text
        )


def test_no_overfitting() -> None:
    found = verdict(evidence([[0.3, 0.31, 0.29]] * 2, [[0.3, 0.29, 0.31], [0.4, 0.4, 0.4]]))
    assert found.text == (
        "No overfitting was found; no penalty was better on validation rows: use none. Without a "
        "penalty the network's data loss is 0.300 on training rows and 0.300 on 10 validation rows "
        "(95 % interval of the gap -0.0497 to 0.0497). " + SHARED.format(3)
    )
    assert (found.overfits, found.helps, found.chosen) == (False, False, "baseline")
    assert (found.improvement, found.interval) == (None, None)
    assert (found.diagnosis.kind, found.next_step) == ("fine", "nothing")


def test_a_lasting_gap_alone_is_no_clear_overfitting() -> None:
    found = verdict(evidence(noisy([0.3, 0.3]), noisy([0.35, 0.36])))
    assert (found.overfits, found.helps) == (False, False)
    assert found.answer == (
        "No clear overfitting was found; no penalty was better on validation rows: use none."
    )
    assert ", and the validation loss did not clearly rise again in training." in found.text


def test_an_interval_between_seeds_that_leaves_out_zero_is_no_help_by_itself() -> None:
    """Regression: the text had such an interval, and not a word of what was adjusted for."""
    random = np.random.default_rng(1)
    losses = 0.4 + random.normal(scale=0.05, size=(4, 8))
    losses[2] = losses[0] - 0.05 + spread(8, 0.0524)  # t is 2.7
    found = verdict(evidence(noisy([0.1] * 4, 8), losses))
    (own,) = [one for one in differences(-losses, resampling(8))[1:2] if one]
    assert 0.05 / 3 < own.p_value < 0.05
    assert found.between_seeds is not None and found.between_seeds[0] > 0
    assert found.between_seeds == pytest.approx((own.low, own.high))
    assert not found.helps and found.interval is not None and found.interval[0] < 0
    assert found.interval[1] > own.high  # wider to both sides
    assert "95 % interval over rows and seeds and allowing for the choice -0.00" in found.text


def test_candidates_that_change_nothing_are_not_called_better() -> None:
    losses = noisy([0.4])
    found = verdict(evidence(noisy([0.1] * 2), np.concatenate([losses, losses - 1e-9])))
    assert "No penalty changed the mean validation data loss, which is 0.40" in found.text
    alone = verdict(evidence(noisy([0.1]), losses))
    assert "baseline" not in alone.text and "penalty lowered" not in alone.text


def test_a_tie_with_the_baseline_is_not_said_of_other_candidates() -> None:
    """Regression: "no penalty changed it" where only the chosen one had not."""
    losses = noisy([0.4])
    found = verdict(evidence(noisy([0.1] * 3), np.concatenate([losses, losses, losses + 0.1])))
    assert found.answer.endswith(
        "; no penalty was better on validation rows: L2(0.001) comes to the same as none."
    )
    assert "No penalty lowered the mean validation data loss, which is 0.40" in found.text
    assert "changed" not in found.text


def test_one_validation_row_is_not_called_equal_differences() -> None:
    losses = np.array([[0.4, 0.5, 0.45], [0.3, 0.42, 0.4]])
    rows = {"data_loss": losses.mean(axis=1, keepdims=True)}
    found = verdict(
        evidence(np.full((2, 3), 0.3), losses, rows={"train": 30, "validation": 1},
                 validation_rows=rows)
    )  # fmt: skip
    assert found.answer.endswith(
        "cannot be told: L2(0.001) is the best on the one validation row, which says nothing of "
        "others: give more validation rows."
    )
    assert "on 1 validation row." in found.text or "on 1 validation row," in found.text
    assert "equal" not in found.text and "1 validation rows" not in found.text


def test_no_practical_gain_is_not_called_no_difference() -> None:
    """Regression: "no penalty makes a practical difference", of all, where one raised the loss."""
    losses = noisy([0.4])[:, :2]
    found = verdict(
        evidence(
            np.full((3, 2), 0.3),
            np.concatenate([losses, losses - [[0.0001, -0.00005]], losses + 0.3]),
        )
    )
    assert found.conclusion == "no practical difference"
    assert "; no penalty helps enough to matter, not even L2(0.001), the best: on" in found.answer
    assert "Both repeats share one split and differ in seed only" in found.text


@pytest.mark.parametrize(
    ("rows", "heaviest", "told"), [(2, 0.6, False), (5, 0.45, True), (100, 0.21, True)]
)
def test_a_heavy_row_is_told_where_it_is_more_than_its_share(
    rows: int, heaviest: float, told: bool
) -> None:
    expected = Expected("bootstrap", rows, {}, tails=Tails(0.0, heaviest, 0.01))
    found = verdict(
        evidence(
            noisy([0.1] * 2),
            noisy([0.4, 0.3]),
            expected=expected,
            rows={"train": 20, "validation": rows},
        )
    )
    assert ("A single validation row makes" in found.text) is told


def test_stopping_by_validation_rows_is_reported() -> None:
    found = verdict(evidence(noisy([0.1]), noisy([0.4]), stopped_by_validation=True))
    assert (
        "The epoch at which each run stopped was selected on the validation rows, so their losses "
        "are optimistic for every candidate, and their differences may be too. All 10 repeats "
        "share one split"
    ) in found.text


@pytest.mark.parametrize(("gain", "advised"), [(0.04, True), (0.02, False)])
def test_more_repeats_are_advised_only_where_they_could_decide(gain: float, advised: bool) -> None:
    """Splits that overlap have a variance that no number of them goes below."""
    losses = np.stack([np.full(4, 0.4), 0.4 - gain + spread(4, 0.02)])
    found = verdict(
        evidence(
            noisy([0.1] * 2, 4),
            losses,
            resampling=resampling(4, fixed=False),
            baseline_curve=np.tile([0.5, 0.2, 0.4], (4, 1)),
        )
    )
    assert not found.helps and found.next_step == "other kind"
    advice = (
        "Try another kind of penalty, early stopping, more data or more repeats. The same study "
        "with repeats=8 (--repeats 8) in the same folder keeps these 4 and trains 4 more."
    )
    assert (advice in found.text) == advised


@pytest.mark.parametrize(
    ("over_rows", "over_seeds", "advised"), [(0.3, 0.01, False), (0.01, 0.2, True)]
)
def test_on_one_split_more_repeats_are_advised_where_its_rows_are_not_the_limit(
    over_rows: float, over_seeds: float, advised: bool
) -> None:
    losses = np.stack([np.full(10, 0.4), 0.36 + spread(10, over_seeds)])
    found = verdict(
        evidence(
            noisy([0.1] * 2),
            losses,
            validation_rows={"data_loss": rows_about(losses, over_rows)},
            baseline_curve=np.tile([0.5, 0.2, 0.4], (10, 1)),
        )
    )
    assert found.conclusion == "cannot be told" and found.overfits
    assert ("more data or more repeats. The same study with repeats=20" in found.text) == advised
    assert ("early stopping or more data." in found.text) != advised


@pytest.mark.parametrize(("repeats", "advised"), [(10, True), (27, False)])
def test_rows_are_asked_for_where_more_splits_cannot_tell_more(repeats: int, advised: bool) -> None:
    """From 9 / ratio repeats on: with a third as many validation as training rows, 27."""
    split = Split(np.arange(30), np.arange(10))
    losses = np.stack([np.full(repeats, 0.4), 0.4 - 0.04 + spread(repeats, 0.0335)])
    found = verdict(
        evidence(
            noisy([0.1] * 2, repeats),
            losses,
            resampling=Resampling("fraction", (split,) * repeats, repeats),
            baseline_curve=np.tile([0.5, 0.2, 0.4], (repeats, 1)),
        )
    )
    assert not found.helps and found.next_step == "other kind"
    assert ("or more repeats. The same study with repeats=20 " in found.text) == advised
    enough = (
        "More repeats over splits of these rows can hardly tell more, and only more rows would."
    )
    assert (enough in found.text) != advised


def test_a_study_that_cannot_grow_does_not_say_how() -> None:
    found = verdict(evidence([[0.1], [0.1]], [[0.4], [0.2]], look=Look(grows=False)))
    assert found.next_step == "more repeats" and "in the same folder" not in found.text


def test_a_later_look_tests_at_its_own_level() -> None:
    """p = 0.015 by a single look."""
    losses = np.stack([np.full(10, 0.4), 0.4 - 0.01 + spread(10, 0.0105)])
    alone = verdict(evidence(noisy([0.1] * 2), losses))
    assert alone.helps and "look" not in alone.text
    again = verdict(evidence(noisy([0.1] * 2), losses, look=Look(2, 0.0076, 0.0576)))
    assert not again.helps
    assert "lower than without a penalty (99.24 % interval over rows and seeds -" in again.text
    assert "(99.24 % interval of the gap " in again.text
    assert (
        "This is look 2 of this study, level 0.76 %; the levels of all its looks add up to 5.8 %."
    ) in again.text
    assert again.interval is not None and alone.interval is not None
    assert again.interval[0] < 0 < alone.interval[0]


def test_a_metric_is_worse_at_the_level_of_the_look() -> None:
    metric = np.stack([np.full(10, 0.9), 0.9 - 0.01 + spread(10, 0.0105)])
    losses = np.stack([np.full(10, 0.4), 0.3 + spread(10, 0.01)])
    worse = [
        metric_is_worse(
            evidence(
                noisy([0.1] * 2), losses, look=look, validation_metric=metric, metric_direction="up"
            ),
            1,
        )
        for look in (Look(), Look(2, 0.0076, 0.0576))
    ]
    assert worse == [True, False]


def test_a_large_gap_alone_is_overfitting() -> None:
    found = verdict(evidence(noisy([0.1, 0.1]), noisy([0.5, 0.6])))
    assert (found.overfits, found.helps, found.chosen) == (True, False, "baseline")
    assert "rose again" not in found.text


def test_a_small_gap_that_a_penalty_closes_is_overfitting() -> None:
    found = verdict(evidence(noisy([0.3, 0.3]), noisy([0.4, 0.33])))
    assert (found.overfits, found.helps) == (True, True)


def test_a_gap_of_chance_is_none() -> None:
    found = verdict(evidence(noisy([0.3, 0.3], spread=0.2), noisy([0.31, 0.5], spread=0.2)))
    assert found.overfits is False


def test_a_gap_that_chance_may_give_decides_nothing() -> None:
    validation = np.array([[0.5, 0.01, 0.02, 0.45, 0.03]] * 2)
    train = np.full((2, 5), 0.005)
    found = verdict(evidence(train, validation, resampling=resampling(5, fixed=False)))
    assert found.overfits is False
    assert found.answer == "Whether the network overfits cannot be told; no penalty changed it."
    assert (
        " Without a penalty the network's data loss is 0.00500 on training rows and 0.202 on "
        "validation rows, but splits differ so much that this may be chance (95 % interval of "
        "the gap "
    ) in found.text


def test_a_rise_in_most_runs_is_overfitting_however_much_splits_differ() -> None:
    validation = np.array([[0.9, 0.05, 0.3, 0.7, 0.1]] * 2)
    curve = validation[0][:, None] * np.array([1.5, 0.5, 1.0])
    found = verdict(
        evidence(
            np.full((2, 5), 0.001),
            validation,
            baseline_curve=curve,
            resampling=resampling(5, fixed=False),
        )
    )
    assert found.overfits is True
    assert "was lowest (0.205) at epoch 2 and rose again by 0.205" in found.text


def test_what_did_not_help_is_not_called_a_change_of_the_metric() -> None:
    found = verdict(
        evidence(
            noisy([0.3] * 2),
            noisy([0.300, 0.299], spread=0.05),
            test_metric=np.array([[0.951] * 10, [0.947] * 10]),
        )
    )
    assert found.chosen != "baseline"
    assert "rises" not in found.text
    assert "; validation accuracy is 0.696 without a penalty and 0.724 with it." in found.text
    assert " accuracy is 0.951 without a penalty and 0.947 with it." in found.text


def test_one_repeat_says_nothing_of_chance() -> None:
    found = verdict(evidence([[0.1], [0.1]], [[0.4], [0.2]]))
    assert found.text == (
        "The network overfits in its one run; whether a penalty helps on new rows cannot be told "
        "from one run each, of which L2(0.001) is the best: use more repeats. Without a penalty "
        "the network's data loss is 0.100 on training rows and 0.400 on 10 validation rows. "
        "L2(0.001) has the lowest validation data loss, 0.200, 0.200 lower than without a penalty; "
        "validation "
        "accuracy is 0.600 without a penalty and 0.800 with it. The same study with repeats=30 "
        "(--repeats 30) in the same folder keeps this one and trains 29 more."
    )
    assert (found.overfits, found.helps, found.chosen) == (True, False, "L2(0.001)")
    assert found.improvement == pytest.approx(0.2) and found.interval is None
    assert found.next_step == "more repeats"


EQUAL = [[0.4, 0.5, 0.4], [0.3, 0.4, 0.3]]
"""Losses of a baseline and a candidate that differ by the same number in each repeat."""


def test_equal_differences_over_few_splits_say_nothing_of_chance() -> None:
    how = resampling(3, fixed=False)
    found = verdict(evidence([[0.1, 0.19, 0.11]] * 2, EQUAL, resampling=how))
    assert found.answer == (
        "The network overfits; whether a penalty helps on new rows cannot be told: the 3 "
        "differences of L2(0.001) are equal (0.100) and give no interval."
    )
    assert "L2(0.001) has the lowest validation data loss, 0.333, 0.100 lower than" in found.text
    assert found.interval is None and not found.helps and "nan" not in found.text


def test_equal_differences_between_seeds_leave_the_rows_to_decide() -> None:
    """Regression: 30 bit-equal runs on 8 validation rows counted as 30 coins."""
    train, losses = np.full((2, 3), 0.3), np.array(EQUAL)
    for deviation, helps in ((0.1, True), (0.6, False)):
        rows = {"data_loss": rows_about(losses, deviation)}
        found = verdict(evidence(train, losses, validation_rows=rows))
        assert found.helps is helps and found.between_seeds is None
        assert found.interval is not None
        gains = rows["data_loss"][0] - rows["data_loss"][1]
        alone = crossed_difference(gains, [0.1])
        assert found.interval == pytest.approx((alone.low, alone.high))
        assert " interval over rows and seeds " in found.text and "over splits" not in found.text
    unknown = verdict(evidence(train, losses, validation_rows={}))
    assert not unknown.helps and unknown.interval is None


def test_a_single_validation_row_is_not_called_equal_differences() -> None:
    losses = noisy([0.5, 0.4])
    rows = {"data_loss": constant_rows(losses, rows=1)}
    found = verdict(evidence(losses - 0.1, losses, validation_rows=rows))
    assert found.answer == (
        "No overfitting was found; whether a penalty helps on new rows cannot be told: L2(0.001) "
        "is the best on the one validation row, which says nothing of others: give more "
        "validation rows."
    )


def test_a_gain_within_chance_is_no_help() -> None:
    found = verdict(evidence(noisy([0.3] * 2), noisy([0.300, 0.299], spread=0.05)))
    assert (found.helps, found.conclusion) == (False, "cannot be told")
    assert (
        "whether a penalty helps on new rows cannot be told: with the best, L2(0.001), data loss "
        "is 0.0254 higher to 0.0810 lower on new rows (95 % interval); about 40 validation rows "
        "would tell a difference of 0.0278 in every other study."
    ) in found.answer


def test_a_diverged_candidate_is_not_chosen() -> None:
    loss = noisy([0.4, 0.3, 0.2])
    loss[2, 4] = np.nan
    found = verdict(evidence(loss - 0.1, loss))
    assert (found.chosen, found.helps) == ("L2(0.001)", True)
    assert (
        "Some runs diverged (1 of L2(0.01)); candidates with such runs are not chosen."
        in found.text
    )


def test_a_diverged_baseline_says_nothing_of_overfitting() -> None:
    loss = noisy([0.4, 0.3])
    loss[0] = np.nan
    accuracy = 1 - loss
    found = verdict(evidence(loss, loss, test_metric=accuracy))
    assert (found.chosen, found.helps, found.overfits) == ("L2(0.001)", False, False)
    assert found.text.startswith(
        f"The unregularized network diverged; of the others L2(0.001) is the best on validation "
        f"rows. Since it diverged, whether it overfits is unknown. L2(0.001) has the "
        f"lowest validation data loss, {loss[1].mean():#.3g}. On the 1,000 test rows, which "
        f"played no part in the choice, its accuracy is {accuracy[1].mean():.3f}. "
    )
    assert (found.conclusion, found.decided) == ("cannot be told", True)
    assert "nan" not in found.text


@pytest.mark.parametrize(
    ("means", "sentence"),
    [
        ([0.9, 0.5, 0.4, 0.3], "It is the strongest that was tried: try stronger ones too."),
        ([0.9, 0.3, 0.4, 0.5], "It is the weakest that was tried: try weaker ones too."),
        ([0.9, 0.5, 0.3, 0.4], ""),
    ],
)
def test_the_best_at_the_edge_of_what_was_tried(means: list[float], sentence: str) -> None:
    found = verdict(evidence(noisy([0.2] * 4), noisy(means)))
    assert found.helps
    assert ("was tried" in found.text) == bool(sentence)
    assert sentence in found.text


@pytest.mark.parametrize(
    ("means", "constant", "advised"),
    [
        ([0.52, 0.50, 0.48, 0.46], None, "stronger"),
        ([0.52, 0.44, 0.46, 0.48], None, "weaker"),
        ([0.52, 0.48, 0.50, 0.46], None, ""),  # not from strength to strength
        ([0.52, 0.50, 0.48, 0.46], 0.2, ""),  # the chosen one is a constant by now
    ],
)
def test_the_edge_is_told_where_chance_is_not_ruled_out(
    means: list[float], constant: float | None, advised: str
) -> None:
    noise = np.random.default_rng(0).normal(scale=0.3, size=(4, 10))
    noise -= noise.mean(axis=1, keepdims=True)
    validation = np.asarray(means)[:, None] + noise
    found = verdict(evidence(noisy([0.2] * 4), validation, constant_loss=constant))
    assert not found.helps
    assert (found.next_step == advised) == bool(advised)
    assert ("so the best may lie beyond it: try" in found.text) == bool(advised)


def test_the_end_of_strengths_is_that_of_penalties_mixed_alike() -> None:
    mixed = (wane.L1L2(1e-4, 1e-4), wane.L1L2(1e-3, 1e-3), wane.L1L2(1e-1, 1e-4))
    losses = noisy([0.9, 0.5, 0.3, 0.6])
    found = evidence(losses - 0.2, losses, candidates=((), *((one,) for one in mixed)))
    assert verdict(found).next_step == "stronger"


def test_ties_go_to_the_stronger_penalty() -> None:
    found = verdict(evidence(np.full((4, 3), 0.2), np.full((4, 3), 0.3)))
    assert found.chosen == "L2(0.1)"
    assert found.helps is False


def test_splits_of_their_own_are_not_called_shared() -> None:
    found = verdict(
        evidence(noisy([0.1] * 2), noisy([0.5, 0.3]), resampling=resampling(10, fixed=False))
    )
    assert "share one split" not in found.text


@pytest.mark.parametrize("studies", [100, pytest.param(400, marks=pytest.mark.thorough)])
@pytest.mark.parametrize("fixed", [True, False])
def test_noise_is_seldom_called_help(fixed: bool, studies: int) -> None:
    """Null studies: no candidate differs; splits of their own share an error across repeats."""
    random = np.random.default_rng(1)
    repeats = 8
    helped = 0
    for _ in range(studies):
        split = random.normal(scale=0.05, size=(1, repeats))
        loss = 0.5 + split + random.normal(scale=0.02, size=(4, repeats))
        found = verdict(evidence(loss - 0.1, loss, resampling=resampling(repeats, fixed=fixed)))
        helped += found.helps
    assert helped <= 0.05 * studies


def test_real_help_is_mostly_seen() -> None:
    random = np.random.default_rng(2)
    seen = 0
    for _ in range(100):
        loss = np.array([0.5, 0.47, 0.5, 0.55])[:, None] + random.normal(0, 0.02, (4, 10))
        seen += verdict(evidence(loss - 0.1, loss)).helps
    assert seen >= 60


@pytest.mark.parametrize(("seeds", "helps"), [(1, False), (20, False)])
def test_seeds_of_few_splits_do_not_count_as_splits(seeds: int, helps: bool) -> None:
    gains = np.tile([0.2, 0.0, 0.25, 0.05, 0.3], seeds)  # the same split, the same gain
    rows = np.arange(30)
    splits = (Split(rows[:24], rows[24:]),) * 5
    found = verdict(
        evidence(
            [[0.5] * gains.size] * 2,
            [gains + 0.5, np.full(gains.size, 0.5)],
            resampling=Resampling("splitter", splits, gains.size),
        )
    )
    assert found.helps is helps
    assert "0.160 lower than without a penalty (95 % interval over splits -0.0" in found.text


def test_one_standard_error_counts_splits_and_not_the_seeds_on_them() -> None:
    """Regression: ten seeds on two splits made the error too small for a stronger penalty."""
    splits = (Split(np.arange(20), np.arange(20, 30)), Split(np.arange(10, 30), np.arange(10)))
    by_split = np.tile([-0.1, 0.1], 5)
    loss = np.repeat(np.array([0.5, 0.3, 0.6, 0.36])[:, None], 10, axis=1)
    loss[3] += by_split
    how = Resampling("splitter", splits, 10)
    found = verdict(evidence(loss - 0.1, loss, resampling=how))
    # Of the difference the standard error is 0.12 for two splits, and would be 0.025 for ten
    # repeats that share nothing: s is 0.14 over splits and 0.105 over repeats.
    error = np.std([-0.1, 0.1], ddof=1) * np.sqrt(1 / 2 + (how.test_to_train_ratio or 0))
    assert error > 0.06 > by_split.std(ddof=1) / np.sqrt(10)
    assert (found.chosen, found.one_standard_error) == ("L2(0.001)", "L2(0.1)")
    # What all candidates have in common is no difference between them.
    common = loss + by_split
    common[3] -= by_split
    found = verdict(evidence(common - 0.1, common, resampling=how))
    assert (found.chosen, found.one_standard_error) == ("L2(0.001)", "L2(0.001)")


def test_what_nothing_may_choose_is_not_within_one_standard_error() -> None:
    """An epoch that validation rows chose looks better on these than the baseline."""
    losses = noisy([0.5, 0.4])
    parts: dict[str, Any] = {
        "candidates": ((), (wane.EarlyStopping(10),)), "names": ("none", "EarlyStopping(10)"),
    }  # fmt: skip
    found = verdict(evidence(losses - 0.1, losses, ineligible=[1], **parts))
    assert (found.chosen, found.one_standard_error) == ("none", "none")
    assert verdict(evidence(losses - 0.1, losses, **parts)).chosen == "EarlyStopping(10)"


def test_repeats_that_come_to_the_same_numbers_are_not_asked_for_more_of() -> None:
    """Regression: 30 bit-equal repeats were said to differ in seed, and 30 more advised."""
    losses = np.array([[0.5] * 4, [0.45] * 4])
    rows = {"data_loss": rows_about(losses, 1.2)}
    found = verdict(evidence(losses - 0.3, losses, validation_rows=rows))
    assert found.diagnosis.kind == "unclear" and found.next_step == "more data"
    assert (
        "All 4 repeats share one split and come to the same numbers, so that more of them tell "
        "nothing more: this holds for networks trained on these 20 rows. Use more validation rows: "
        "more repeats on the same ones can hardly tell more."
    ) in found.text


def test_where_seeds_differ_most_more_repeats_are_advised() -> None:
    train, losses = np.full((2, 4), 0.1), np.array([[0.2, 0.9, 0.1, 0.8]] * 2)
    found = verdict(evidence(train, losses))
    assert found.diagnosis.kind == "unclear" and found.next_step == "more repeats"
    assert "Use more repeats, or more data." in found.text


def test_a_higher_validation_loss_within_chance_is_not_called_too_strong() -> None:
    """Regression: strengths that truly helped were, after validation losses 1 % higher."""
    train, losses = noisy([0.4, 0.6], spread=0.001), noisy([0.8, 0.82], spread=0.001)
    for deviation, told in ((0.02, True), (0.6, False)):
        rows = {"data_loss": rows_about(losses, deviation)}
        text = verdict(evidence(train, losses, validation_rows=rows)).text
        assert "L2(0.001) raised the training data loss from 0.400 to 0.600 and did" in text
        assert ("that is too strong for this network" in text) is told
        assert "which is no case for more regularization." in text


def test_nothing_is_called_useless_that_was_not_eligible() -> None:
    """Regression: "nothing helps" where validation rows had stopped every candidate."""
    given = evidence(noisy([0.3, 0.3]), noisy([0.4, 0.3]), rows={"train": 20, "validation": 10})
    for ineligible, said in (((1,), "cannot be told"), ((), "helps")):
        assert verdict(dataclasses.replace(given, ineligible=ineligible)).conclusion == said
    alone = verdict(evidence(noisy([0.3]), noisy([0.4])))
    assert alone.conclusion == "nothing helps"


def test_how_stable_a_choice_is_does_not_hide_a_more_frequent_one() -> None:
    for shares, said in (((0.2, 0.8), "only 20 % of draws (baseline in 80 %)"), ((0.8, 0.2), "80")):
        wins = {"L2(0.001)": shares[0], "baseline": shares[1]}
        expected = Expected("bootstrap", 10, {}, wins=wins)
        given = evidence(noisy([0.1] * 2), noisy([0.4, 0.3]), expected=expected)
        assert f"L2(0.001) is the best in {said}" in verdict(given).details
