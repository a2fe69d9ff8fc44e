"""What the gain of the chosen candidate shows: each conclusion, on validation and on test rows."""

import dataclasses
import math
from typing import Any

import numpy as np
import pytest
from statsmodels.stats.weightstats import ttost_paired

import wane
from evidence_cases import constant_rows, evidence, noisy, rows_about, spread
from wane.resampling.splits import Resampling, Split
from wane.stats import PairedDifference, crossed_difference, max_t, paired_difference
from wane.study.evaluation.evidence import Evidence
from wane.study.evaluation.expected import Expectation, Expected
from wane.study.evaluation.improvement import Improvement, improvement, metric_is_worse
from wane.study.spec.looks import Look
from wane.study.spec.selection import Criterion
from wane.study.verdicts.verdict import verdict


def fresh(repeats: int) -> Resampling:
    """New rows for each repeat, so that repeats are independent."""
    splits = tuple(Split(np.arange(20), np.arange(20, 30)) for _ in range(repeats))
    return Resampling("fresh", splits, repeats)


def gains(mean: float, deviation: float, repeats: int = 20) -> np.ndarray:
    """Losses of a baseline and of one candidate that differ so, [candidates, repeats]."""
    baseline = 0.5 + spread(repeats, 0.1)
    return np.stack([baseline, baseline - mean - deviation / 0.1 * (baseline[::-1] - 0.5)])


def on_test(gain: PairedDifference | None, rows: int = 1000, value: float = 0.4) -> Expected:
    """What a test set says of the chosen candidate."""
    one = Expectation(value, value - 0.01, value + 0.01, value, math.nan, gain)
    return Expected("test", rows, {"data_loss": one})


def found(given: Evidence) -> Improvement:
    """The improvement of the chosen candidate, which is not the baseline."""
    chosen = given.chosen
    assert chosen
    one = improvement(given, chosen)
    assert one is not None
    return one


def by_test_rows(mean: float, error: float, **parts: Any) -> Improvement:
    """By a gain on test rows with this mean and standard error."""
    difference = paired_difference(mean + spread(20, error * math.sqrt(20)), np.zeros(20))
    losses = noisy([0.5, 0.4])
    return found(evidence(losses - 0.1, losses, expected=on_test(difference), **parts))


def by_validation_rows(mean: float, error: float, **parts: Any) -> Improvement:
    """By the gains on the validation rows of independent repeats."""
    losses = gains(mean, error * math.sqrt(20))
    return found(evidence(losses - 0.1, losses, resampling=fresh(20), **parts))


def test_fewer_than_five_rows_of_rarer_classes_decide_nothing() -> None:
    """Their spread is not seen: intervals held the truth in 81 % of simulated studies."""
    for few, many in ((4, 5), (0, 100)):
        assert by_validation_rows(0.1, 0.01, rare={"validation": many}).helps
        one = by_validation_rows(0.1, 0.01, rare={"validation": few})
        assert one.conclusion == "cannot be told" and not one.holds_for_new_rows
        # Test rows that are too few of it leave it to the validation rows.
        one = by_test_rows(0.1, 0.01, rare={"test": few, "validation": many})
        assert one.on == "validation"
        assert by_test_rows(0.1, 0.01, rare={"test": many, "validation": few}).on == "test"


@pytest.mark.parametrize(
    ("mean", "error", "matters", "conclusion"),
    [
        (0.1, 0.01, None, "helps"),
        (0.1, 0.01, 0.2, "helps little"),
        (0.1, 0.01, 0.105, "helps"),  # the interval reaches what matters
        (0.01, 0.02, 0.2, "no practical difference"),
        (0.01, 0.02, 0.03, "cannot be told"),
        (0.1, 0.2, None, "cannot be told"),
    ],
)
def test_each_conclusion_by_both_parts(
    mean: float, error: float, matters: float | None, conclusion: str
) -> None:
    for part, by in (("validation", by_validation_rows), ("test", by_test_rows)):
        one = by(mean, error, matters=matters)
        assert (one.conclusion, one.on) == (conclusion, part)
        assert one.helps is conclusion.startswith("helps")
        assert one.difference.mean == pytest.approx(mean)
        assert one.difference.standard_error == pytest.approx(error)
        assert one.holds_for_new_rows


def test_worse_on_test_rows_is_worse() -> None:
    """The best on validation rows may be no better on others."""
    assert by_test_rows(-0.1, 0.01).conclusion == "worse"
    assert by_test_rows(-0.01, 0.02, matters=0.2).conclusion == "no practical difference"
    losses = noisy([0.5, 0.4])
    gain = paired_difference(-0.1 + spread(20, 0.04), np.zeros(20))
    answer = verdict(evidence(losses - 0.1, losses, expected=on_test(gain))).answer
    assert answer == (
        "No clear overfitting was found; L2(0.001), the best on validation rows, is worse on new "
        "ones: on 1,000 test rows, which chose nothing, its data loss is 0.400, 0.100 higher (95 % "
        "interval 0.0813 to 0.119) than without."
    )


def test_the_baseline_has_no_improvement() -> None:
    losses = noisy([0.4, 0.5])
    given = evidence(losses - 0.1, losses)
    assert given.chosen == 0 and improvement(given, 0) is None and improvement(given, None) is None
    answered = verdict(given)
    assert (answered.conclusion, answered.improvement_on) == ("nothing helps", None)


def test_test_rows_decide_by_one_unadjusted_test() -> None:
    """Validation rows say yes and test rows cannot tell; and the other way round."""
    clear, unclear = noisy([0.5, 0.3, 0.4, 0.4]), noisy([0.5, 0.49, 0.5, 0.5], spread=0.1)
    vague = paired_difference(spread(20, 0.1) + 0.01, np.zeros(20))
    given = evidence(clear - 0.1, clear)
    assert found(given).conclusion == "helps"
    by_test = evidence(clear - 0.1, clear, expected=on_test(vague))
    assert (found(by_test).conclusion, found(by_test).on) == ("cannot be told", "test")

    # Of one candidate that other rows chose, p is not multiplied by three.
    close = paired_difference(spread(20, 0.1) + 0.0497, np.zeros(20))
    assert 0.05 / 3 < close.p_value < 0.05
    by_test = evidence(unclear - 0.1, unclear, expected=on_test(close))
    one = found(by_test)
    assert (one.conclusion, one.rows) == ("helps", 1000)
    assert one.difference.p_value == close.p_value
    assert (one.difference.low, one.difference.high) == pytest.approx((close.low, close.high))
    assert found(evidence(unclear - 0.1, unclear)).conclusion == "cannot be told"
    assert one.chosen_by == pytest.approx(unclear[0].mean() - unclear.mean(axis=1).min())


@pytest.mark.parametrize(
    "given",
    [
        on_test(PairedDifference(0.1, 0.01, 0.08, 0.12, 1e-4, 20, 19), rows=9),
        on_test(PairedDifference(0.1, math.nan, math.nan, math.nan, math.nan, 1)),  # one run
        on_test(None),  # of a metric that is no mean over rows
        Expected("bootstrap", 70, {}),
    ],
)
def test_what_test_rows_cannot_decide_validation_rows_do(given: Expected) -> None:
    losses = noisy([0.5, 0.4])
    assert found(evidence(losses - 0.1, losses, expected=given)).on == "validation"


def test_rows_that_chose_its_epoch_never_say_that_early_stopping_helps() -> None:
    """With test rows it may be chosen; where these cannot decide, validation rows cannot either."""
    losses = gains(0.1, 0.04)
    parts: dict[str, Any] = {
        "candidates": ((), (wane.EarlyStopping(10),)), "names": ("none", "EarlyStopping(10)"),
        "resampling": fresh(20),
    }  # fmt: skip
    given = evidence(losses - 0.1, losses, expected=on_test(None), **parts)
    assert found(given).conclusion == "cannot be told" and found(given).on == "validation"
    assert verdict(given).answer.endswith(
        "cannot be told: EarlyStopping(10) is the best on these 10 validation rows, which chose "
        "its epochs too."
    )
    gain = paired_difference(0.1 + spread(20, 0.04), np.zeros(20))
    assert found(evidence(losses - 0.1, losses, expected=on_test(gain), **parts)).helps


def test_fewer_than_ten_test_rows_do_not_decide_which_is_said() -> None:
    losses, accuracy = noisy([0.5, 0.4]), np.array([[0.6] * 10, [0.8] * 10])
    parts: dict[str, Any] = {"test_metric": accuracy}
    gain = paired_difference(-0.1 + spread(20, 0.04), np.zeros(20))
    for rows, few in ((9, True), (1, True), (10, False)):
        counts = {"train": 20, "validation": 10, "test": rows}
        answered = verdict(
            evidence(losses - 0.1, losses, rows=counts, expected=on_test(gain, rows), **parts)
        )
        assert answered.improvement_on == ("validation" if few else "test")
        assert answered.conclusion == ("helps" if few else "worse")
        only = "1 test row is" if rows == 1 else f"{rows} test rows are"
        sentence = f"{only} too few to decide whether a penalty helps: give at least 10."
        assert (sentence in answered.text) is few
        assert ("test rows, which chose nothing" in answered.answer) is not few


def test_no_practical_difference_is_two_one_sided_tests(monkeypatch: pytest.MonkeyPatch) -> None:
    """One candidate and independent repeats: statsmodels' paired TOST at 5 %."""
    monkeypatch.setattr("wane.stats.simultaneous.DRAWS", 200)  # of one candidate it is the plain t
    random = np.random.default_rng(3)
    told = []
    for margin in [0.05, 0.08, 0.1, 0.12, 0.15] * 30:
        losses = 0.5 + random.normal(scale=0.1, size=(2, 12))
        given = evidence(losses - 0.1, losses, resampling=fresh(12), matters=margin)
        if not given.chosen:
            continue
        one = found(given)
        p_value = ttost_paired(losses[0], losses[1], -margin, margin)[0]
        if one.difference.p_value < 0.05:  # it helps, and perhaps by less than matters
            assert one.helps
            continue
        assert (one.conclusion == "no practical difference") == (p_value < 0.05)
        told.append(one.conclusion)
    assert min(told.count(word) for word in ("cannot be told", "no practical difference")) >= 10


def test_what_matters_by_default() -> None:
    """1 % of the baseline's value on the rows that decide, and one point of a share of rows."""
    losses = noisy([0.5, 0.4])
    assert found(evidence(losses, losses)).matters == pytest.approx(losses[0].mean() / 100)
    assert by_test_rows(0.1, 0.01).matters == pytest.approx(0.005)  # 0.4 and 0.1 more without
    accuracy = 1 - losses
    parts: dict[str, Any] = {
        "criterion": Criterion("accuracy", "up"), "selected_by": accuracy,
    }  # fmt: skip
    share = found(evidence(losses, losses, criterion_span=1.0, **parts))
    assert share.matters == 0.01 and share.difference.mean == pytest.approx(
        (accuracy[1] - accuracy[0]).mean()
    )
    assert found(evidence(losses, losses, matters=0.3, **parts)).matters == 0.3
    one = Expectation(0.8, 0.7, 0.9, 0.8, math.nan, paired_difference([0.1, 0.12], [0.0, 0.0]))
    given = Expected("test", 100, {"accuracy": one})
    assert found(evidence(losses, losses, expected=given, **parts)).matters == pytest.approx(0.0069)


def test_the_interval_on_validation_rows_allows_for_the_choice() -> None:
    losses = noisy([0.5, 0.47, 0.48, 0.48], spread=0.05)
    given = evidence(losses - 0.1, losses)
    one = found(given)
    chosen = given.chosen
    assert chosen
    alone = paired_difference(losses[0], losses[chosen])
    joint = max_t(np.cov(losses[1:] - losses[0])).adjusted(alone)
    assert (one.difference.low, one.difference.high) == pytest.approx((joint.low, joint.high))
    assert one.difference.p_value == pytest.approx(joint.p_value) and joint.low < alone.low
    assert one.between_seeds == pytest.approx((alone.low, alone.high))
    # A candidate that nothing may choose is none that was asked about, and a dropped one is.
    fewer = found(evidence(losses - 0.1, losses, ineligible=[3 if chosen != 3 else 2]))
    assert fewer.difference.high < one.difference.high
    more = found(evidence(losses - 0.1, losses, dropped={2: 3, 3: 3}))
    assert more.difference.high > one.difference.high


def test_the_mean_on_validation_rows_is_without_the_luck_of_the_choice() -> None:
    losses = noisy([0.5, 0.4])
    without = found(evidence(losses - 0.1, losses))
    lucky = Expected("bootstrap", 70, {}, gain_optimism=0.03)
    one = found(evidence(losses - 0.1, losses, expected=lucky))
    assert one.difference.mean == pytest.approx(without.difference.mean - 0.03)
    assert one.difference.low == pytest.approx(min(without.difference.low, one.difference.mean))
    assert one.difference.high == without.difference.high
    assert one.chosen_by == pytest.approx(losses[0].mean() - losses[1].mean())
    # An interval that is moved beyond zero claims nothing any more.
    all_luck = Expected("bootstrap", 70, {}, gain_optimism=0.2)
    one = found(evidence(losses - 0.1, losses, expected=all_luck))
    assert one.difference.low < 0 < one.difference.high
    assert one.difference.p_value == 0.05 and one.conclusion == "cannot be told"


def test_on_one_split_rows_and_seeds_are_crossed() -> None:
    losses = noisy([0.5, 0.4])
    for deviation, conclusion in ((0.05, "helps"), (0.6, "cannot be told")):
        rows = {"data_loss": rows_about(losses, deviation)}
        one = found(evidence(losses - 0.1, losses, validation_rows=rows))
        assert one.conclusion == conclusion
        own = crossed_difference(rows["data_loss"][0] - rows["data_loss"][1], losses[0] - losses[1])
        assert (one.difference.low, one.difference.high) == pytest.approx((own.low, own.high))
        seeds = paired_difference(losses[0], losses[1])
        assert one.between_seeds == pytest.approx((seeds.low, seeds.high))


def test_of_unknown_rows_on_one_split_nothing_is_claimed() -> None:
    losses = noisy([0.5, 0.4])
    given = evidence(losses - 0.1, losses, validation_rows={})
    one = found(given)
    assert (one.conclusion, one.holds_for_new_rows) == ("cannot be told", False)
    assert one.between_seeds is not None and one.between_seeds[0] > 0
    assert verdict(given).answer == (
        "No overfitting was found; whether a penalty helps on new rows cannot be told: L2(0.001) "
        "is the best on these 10 validation rows, and what other rows would show is not known "
        "without their predictions: a test set would show it."
    )
    assert verdict(given).interval is None
    masked = dataclasses.replace(given, test_metric=1 - losses)
    assert verdict(masked).answer.endswith(
        "would show is not known, since data loss cannot be told of single rows."
    )
    gain = paired_difference(0.1 + spread(20, 0.04), np.zeros(20))
    by_test = evidence(losses - 0.1, losses, validation_rows={}, expected=on_test(gain))
    assert (found(by_test).conclusion, found(by_test).on) == ("helps", "test")


def test_how_many_rows_would_tell() -> None:
    losses = noisy([0.5, 0.4])
    rows = {"data_loss": rows_about(losses, 0.6)}
    given = evidence(losses - 0.1, losses, validation_rows=rows)
    one = found(given)
    half = (one.difference.high - one.difference.low) / 2
    assert one.rows_needed == pytest.approx((half / one.difference.mean) ** 2)
    about = float(f"{one.rows_needed * 10:.1g}")
    assert verdict(given).answer.endswith(
        f"; about {about:.0f} validation rows would tell a difference of "
        f"{one.difference.mean:.3f} in every other study."
    )
    # With these, in a sample of the same spread, it does.
    larger = {"data_loss": rows_about(losses, 0.6, rows=math.ceil(1.2 * 40 * one.rows_needed))}
    assert found(evidence(losses - 0.1, losses, validation_rows=larger)).conclusion == "helps"


def test_a_later_look_has_a_level_of_its_own() -> None:
    plain, look = by_validation_rows(0.1, 0.04), Look(number=2, level=0.01)
    assert plain.conclusion == "helps"
    later = by_validation_rows(0.1, 0.04, look=look)
    assert later.conclusion == "cannot be told" and later.difference.low < plain.difference.low
    by_test = by_test_rows(0.1, 0.04, look=look)
    assert by_test.conclusion == "cannot be told" and by_test.difference.low < 0
    assert by_test_rows(0.1, 0.04).difference.low > 0


def test_a_metric_that_gets_worse_is_told_by_the_rows_that_decide() -> None:
    losses, accuracy = noisy([0.5, 0.4]), noisy([0.9, 0.8])
    parts: dict[str, Any] = {"validation_metric": accuracy, "metric_direction": "up"}
    assert metric_is_worse(evidence(losses - 0.1, losses, **parts), 1)
    # On one split by rows too, and not where these are not known.
    for deviation, worse in ((0.05, True), (0.9, False)):
        rows = {"data_loss": constant_rows(losses), "accuracy": rows_about(accuracy, deviation)}
        given = evidence(losses - 0.1, losses, validation_rows=rows, **parts)
        assert metric_is_worse(given, 1) is worse
    assert not metric_is_worse(evidence(losses - 0.1, losses, validation_rows={}, **parts), 1)
    # Where there are test rows, by these alone.
    for mean, worse in ((0.1, False), (-0.1, True)):
        gain = paired_difference(mean + spread(20, 0.04), np.zeros(20))
        one = Expectation(0.8, 0.7, 0.9, 0.8, math.nan, gain)
        given = evidence(
            losses - 0.1, losses, expected=Expected("test", 100, {"accuracy": one}), **parts
        )
        assert metric_is_worse(given, 1) is worse
    # One run each on many test rows says nothing of other runs.
    one = Expectation(0.8, 0.7, 0.9, 0.8, math.nan, crossed_difference(spread(100, 0.1) - 1, [-1]))
    given = evidence(
        losses - 0.1, losses, expected=Expected("test", 100, {"accuracy": one}), **parts
    )
    assert one.gain is not None and one.gain.p_value < 0.01 and not metric_is_worse(given, 1)


def test_false_help_on_new_rows_is_rare(monkeypatch: pytest.MonkeyPatch) -> None:
    """One split of 20 rows, six seeds, three candidates that change nothing on new rows."""
    monkeypatch.setattr("wane.stats.simultaneous.DRAWS", 2000)
    random = np.random.default_rng(4)
    helped = between = 0
    for _ in range(200):
        rows = random.normal(scale=0.3, size=(4, 20))  # what these rows say of each candidate
        losses = 0.5 + rows.mean(axis=1)[:, None] + random.normal(scale=0.02, size=(4, 6))
        about = rows - rows.mean(axis=1, keepdims=True) + losses.mean(axis=1, keepdims=True)
        given = evidence(losses - 0.1, losses, validation_rows={"data_loss": about})
        one = improvement(given, given.chosen)
        helped += one is not None and one.helps
        between += one is not None and one.between_seeds is not None and one.between_seeds[0] > 0
    assert helped <= 0.05 * 200 and between > 0.5 * 200  # as seeds alone would have it
