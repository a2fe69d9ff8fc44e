"""What ails the unregularized network: each diagnosis from numbers that call for it."""

import dataclasses
from typing import Any

import numpy as np
import pytest

from evidence_cases import SHARED, evidence, noisy, resampling, rows_about
from wane.resampling.splits import Resampling, Split
from wane.stats import TrainSizes, crossed_difference, paired_difference
from wane.study.journal.serializer import to_dict
from wane.study.spec.looks import Look
from wane.study.spec.selection import Criterion
from wane.study.verdicts.verdict import verdict


def sizes(losses: list[float], repeats: int = 10) -> TrainSizes:
    """A quarter, half and all of 20 rows, with these mean validation losses."""
    return sizes_of(noisy(losses, repeats), np.zeros(10))


def sizes_of(losses: np.ndarray, rows: np.ndarray) -> TrainSizes:
    """The same with these losses, [sizes, repeats], and rows whose falls are so far off theirs."""
    fell = (losses[1] - losses[2]).mean() + rows - rows.mean()
    train = noisy([0.1] * 3, losses.shape[1])
    return TrainSizes(np.array([5, 10, 20]), train, losses, losses, fell)


def test_the_gap_has_its_interval() -> None:
    train = np.array([[0.1, 0.12, 0.08, 0.1]] * 2)
    validation = np.array([[0.4, 0.43, 0.37, 0.4]] * 2)
    found = verdict(evidence(train, validation, resampling=resampling(4, fixed=False))).diagnosis
    assert found.gap is not None and found.gap.mean == pytest.approx(0.3)
    gaps = validation[0] - train[0]
    assert found.gap.standard_error == pytest.approx(gaps.std(ddof=1) * np.sqrt(1 / 4 + 1 / 2))
    document = to_dict(found)
    assert document["gap"] == dataclasses.asdict(found.gap)
    assert (document["kind"], document["train_sizes"]) == ("overfits", None)


def test_on_one_split_the_gap_is_that_of_test_rows_where_there_are_more() -> None:
    """Regression: by 8 validation rows a linear model of 500 rows overfitted in 24 % of studies."""
    train, validation = noisy([0.3] * 2, spread=0.02), noisy([0.7] * 2)
    rows = rows_about(noisy([0.31]), 0.4, 1000)[0]
    parts: dict[str, Any] = {"test_loss": noisy([0.31] * 2), "baseline_test_rows": rows}
    found = verdict(evidence(train, validation, **parts))
    gap = found.diagnosis.gap
    assert gap is not None and found.diagnosis.on == "test"
    assert gap.mean == pytest.approx(rows.mean() - train[0].mean())
    repeats = parts["test_loss"][0] - train[0]
    own = crossed_difference(rows - train[0].mean(), repeats, skewed=True)
    assert (gap.low, gap.high) == pytest.approx((own.low, own.high))
    assert not found.overfits
    assert (
        "data loss is 0.302 on training rows, 0.701 on 10 validation rows and 0.311 on 1,000 "
        "test rows (95 % interval of the gap -0.0" in found.text
    )
    # Fewer test rows than validation rows leave these to decide, as do rows that are not known.
    few = evidence(train, validation, rows={"train": 20, "validation": 10, "test": 9}, **parts)
    unknown = evidence(train, validation, **{**parts, "baseline_test_rows": None})
    splits = evidence(train, validation, resampling=resampling(10, fixed=False), **parts)
    for given in (few, unknown, splits):
        assert verdict(given).diagnosis.on == "validation" and verdict(given).overfits


def test_on_one_split_the_gap_has_the_spread_of_its_rows() -> None:
    train, validation = noisy([0.3] * 2), noisy([0.5] * 2)
    for deviation, overfits in ((0.1, True), (1.2, False)):
        rows = {"data_loss": rows_about(validation, deviation, 10)}
        found = verdict(evidence(train, validation, validation_rows=rows))
        gap = found.diagnosis.gap
        assert gap is not None
        over_rows = rows["data_loss"][0] - train[0].mean()
        own = crossed_difference(over_rows, validation[0] - train[0], skewed=True)
        assert (gap.low, gap.high) == pytest.approx((own.low, own.high))
        assert gap.is_positive is overfits


def test_the_rebound_has_what_was_lost() -> None:
    curve = np.tile([0.9, 0.3, 0.2, 0.35], (5, 1))
    found = verdict(evidence(noisy([0.1] * 2, 5), noisy([0.35] * 2, 5), baseline_curve=curve))
    rebound = found.diagnosis.rebound
    assert rebound is not None and rebound.rose
    assert (rebound.epoch, rebound.lowest, rebound.final, rebound.runs) == (3, 0.2, 0.35, 1.0)
    assert rebound.lost == pytest.approx(0.15)
    assert "it was lowest (0.200) at epoch 3 and rose again by 0.150." in found.text


def test_a_network_that_needs_data() -> None:
    found = verdict(evidence(noisy([0.1] * 2), noisy([0.4, 0.42]), sizes=sizes([0.8, 0.6, 0.4])))
    assert (found.diagnosis.kind, found.next_step) == ("needs data", "more data")
    assert found.overfits  # it does, but no penalty helps
    assert "From 10 to 20 training rows its lowest validation data loss fell by 0.19" in found.text
    assert " (95 % interval over rows and seeds 0.1" in found.text
    assert "More data may well help further." in found.text
    helped = verdict(evidence(noisy([0.1] * 2), noisy([0.4, 0.3]), sizes=sizes([0.8, 0.6, 0.4])))
    assert helped.diagnosis.kind == "overfits"  # a penalty is the nearer help
    flat = verdict(evidence(noisy([0.1] * 2), noisy([0.4, 0.42]), sizes=sizes([0.41, 0.4, 0.4])))
    assert flat.diagnosis.kind == "overfits" and flat.next_step == "other kind"


def test_more_rows_are_tested_at_the_level_of_the_look() -> None:
    losses = noisy([0.2, 0.5, 0.4], spread=0.05)
    means = sizes_of(losses, np.zeros(10))
    gain = paired_difference(losses[1], losses[2])
    assert gain.is_positive
    for level, kind in ((2 * gain.p_value, "needs data"), (gain.p_value / 2, "overfits")):
        train, losses = noisy([0.1] * 2), noisy([0.4, 0.42], spread=0.02)
        given = evidence(train, losses, sizes=means, look=Look(2, level))
        assert verdict(given).diagnosis.kind == kind


def test_few_rows_of_one_split_are_no_need_of_data() -> None:
    """On rows that differ and a truth without any fall; seeds alone claim one in most studies."""
    generator, claimed, by_seeds, draws = np.random.default_rng(0), 0, 0, 200
    train, final = noisy([0.1] * 2), noisy([0.4, 0.42])
    for _ in range(draws):
        rows = generator.normal(scale=0.4, size=20)
        losses = noisy([0.9, 0.5 + rows.mean(), 0.5])
        given = evidence(train, final, sizes=sizes_of(losses, rows))
        found = verdict(given).diagnosis
        assert found.train_sizes is not None
        claimed += found.kind == "needs data"
        by_seeds += paired_difference(losses[1], losses[2]).is_positive
    assert claimed <= 0.025 * draws + 2 * (0.025 * 0.975 * draws) ** 0.5
    assert by_seeds > 0.4 * draws


def test_without_the_losses_of_rows_one_split_tells_nothing_of_more() -> None:
    known = sizes([0.8, 0.6, 0.4])
    given = evidence(
        noisy([0.1] * 2),
        noisy([0.4, 0.42]),
        sizes=dataclasses.replace(known, fall_of_rows=None),
    )
    found = verdict(given)
    assert found.diagnosis.kind == "overfits" and "More data may" not in found.text
    assert found.diagnosis.train_sizes is not None
    assert found.diagnosis.train_sizes.gain_of_rows is None
    several = dataclasses.replace(given, resampling=resampling(10, fixed=False))
    assert verdict(several).diagnosis.kind == "needs data"  # where splits differ they tell


def test_fewer_rows_that_rebound_sooner_are_no_need_of_data() -> None:
    """Regression: the final loss of half the rows, trained as long, had rebounded far more."""
    final, lowest = noisy([2.0, 1.0, 0.4]), noisy([0.41, 0.4, 0.4])
    found = verdict(
        evidence(
            noisy([0.1] * 2),
            noisy([0.4, 0.42]),
            sizes=TrainSizes(np.array([5, 10, 20]), noisy([0.1] * 3), final, lowest),
        )
    )
    assert found.diagnosis.kind == "overfits"


def test_seeds_on_the_same_splits_are_no_more_splits() -> None:
    """Regression: ten repeats of a study of 30 over three splits counted as ten splits."""
    three = tuple(Split(np.arange(20), np.arange(20, 30)) for _ in range(3))
    losses = noisy([0.8, 0.6, 0.4], 10, spread=0.05)
    found = verdict(
        evidence(
            noisy([0.1] * 2, 30),
            noisy([0.4, 0.42], 30),
            sizes=TrainSizes(np.array([5, 10, 20]), noisy([0.1] * 3, 10), losses, losses),
            resampling=Resampling("splitter", three, 30),
        )
    )
    assert found.diagnosis.train_sizes is not None
    gain = found.diagnosis.train_sizes.gain_of_rows
    fell = losses[1] - losses[2]
    by_split = [fell[first::3].mean() for first in range(3)]
    assert gain is not None and gain.count == 3
    error = np.std(by_split, ddof=1) * np.sqrt(1 / 3 + 1 / 2)
    assert gain.standard_error == pytest.approx(error)


def course(values: np.ndarray, repeats: int = 10, spread: float = 0.0) -> np.ndarray:
    """A validation curve for each repeat, [repeats, epochs]."""
    noise = np.random.default_rng(1).normal(scale=spread, size=(repeats, values.size))
    return values + noise


FALLING = 0.1 + 0.9 * np.exp(-np.arange(40) / 40)
"""From 1.0 to 0.44 in 40 epochs, of a course that ends at 0.1."""


def test_a_network_that_was_trained_too_little() -> None:
    """Regression: the diagnosis was a need of data, since it learns more slowly from fewer rows."""
    curve = course(FALLING, spread=0.001)
    last = curve[:, -1]
    found = verdict(
        evidence(
            noisy([0.1] * 2),
            np.stack([last, last + 0.02]),
            baseline_curve=curve,
            sizes=sizes([0.8, 0.6, float(last.mean())]),
        )
    )
    assert (found.diagnosis.kind, found.next_step) == ("trained too little", "train longer")
    assert found.overfits is False and found.diagnosis.overfits is False
    rebound = found.diagnosis.rebound
    assert rebound is not None and rebound.still_falls
    fall = FALLING[-8:-4].mean() - FALLING[-4:].mean()
    assert rebound.last_fall == pytest.approx(fall, abs=1e-3) and rebound.falling_runs == 1
    assert found.answer == (
        "The network was trained too little; no penalty was better on validation rows: use none."
    )
    assert "where it was still falling at the end (by 0.03" in found.text
    assert "over the last 4 of 40 epochs)." in found.text
    assert found.text.endswith(
        SHARED.format(10) + " Train for more epochs, or at a higher learning rate, and ask again."
    )
    assert "More data" not in found.text and "overfits" not in found.text
    short = curve[:, :10]
    found = verdict(evidence(noisy([0.1] * 2), np.stack([short[:, -1]] * 2), baseline_curve=short))
    assert "over the last of 10 epochs)." in found.text
    document = to_dict(found)["diagnosis"]
    assert document["kind"] == "trained too little"
    assert document["rebound"]["last_fall"] > 0 and document["rebound"]["still_falls"] is True


def test_a_network_that_has_learnt_little_and_still_learns_does_not_underfit() -> None:
    """Regression: 8 epochs, each of which lowered the loss by 1.6 %, asked for a bigger network."""
    curve = course(0.72 * 0.985 ** np.arange(8), spread=1e-4)
    loss = np.stack([curve[:, -1], curve[:, -1] + 0.01])
    found = verdict(evidence(loss, loss, baseline_curve=curve, constant_loss=0.693))
    assert (found.diagnosis.kind, found.next_step) == ("trained too little", "train longer")
    short = curve[:, :2]
    found = verdict(evidence(loss, loss, baseline_curve=short, constant_loss=0.693))
    assert (found.diagnosis.kind, found.next_step) == ("underfits", "train longer")
    assert "Train longer first: so few epochs show nothing of the network." in found.text


def test_what_helps_a_network_that_was_trained_too_little_is_reported() -> None:
    curve = course(FALLING, spread=0.001)
    loss = np.stack([curve[:, -1], curve[:, -1] - 0.1 + noisy([0.0])[0]])
    found = verdict(evidence(noisy([0.1] * 2), loss, baseline_curve=curve))
    assert (found.helps, found.overfits, found.next_step) == (True, True, "train longer")
    assert (
        "Without a penalty the validation data loss was still falling at the end, so this holds "
        "for 40 epochs: see whether it stands after more of them." in found.text
    )


@pytest.mark.parametrize(
    ("curve", "why"),
    [
        (course(0.4 + 0.6 * np.exp(-np.arange(40) / 4)), "it has come to its end"),
        (course(FALLING, spread=0.5), "chance, that not all runs share"),
        (course(FALLING[:3]), "too short a course"),
        (course(np.r_[0.1, FALLING]), "it falls from a rise"),
    ],
)
def test_what_has_not_been_trained_too_little(curve: np.ndarray, why: str) -> None:
    found = verdict(evidence(noisy([0.1] * 2), noisy([0.4, 0.42]), baseline_curve=curve))
    assert found.diagnosis.rebound is not None
    assert not found.diagnosis.rebound.still_falls, why
    assert found.diagnosis.kind == "overfits"


def test_a_wide_range_whose_strong_end_is_too_strong_is_no_news() -> None:
    train, validation = [0.1, 0.1, 0.1, 0.8], [0.1, 0.1, 0.1, 0.85]
    found = verdict(evidence(noisy(train), noisy(validation), constant_loss=1.0))
    assert "too strong" not in found.text


def test_losses_of_rows_with_and_without_weights_are_not_compared() -> None:
    """Weights of 5 on validation rows alone make their loss five times as large."""
    train, validation = noisy([0.1] * 2), noisy([0.5, 0.52])
    nothing = frozenset[str]()
    found = verdict(evidence(train, validation, constant_loss=0.7, weighted_alike=nothing))
    assert (found.diagnosis.kind, found.overfits, found.next_step) == ("unclear", False, "nothing")
    assert found.answer.startswith("Whether the network overfits cannot be told; ")
    assert (
        "Without a penalty the network's data loss is 0.101 on training rows and 0.501 on 10 "
        "validation rows with their weights. Training rows have no such weights, so that the two "
        "do not compare: give weights of both (sample_weight), or of neither, to learn whether "
        "the network overfits." in found.text
    )
    assert verdict(evidence(train, validation, constant_loss=0.7)).overfits
    # What training rows alone show is told all the same.
    slow = verdict(evidence(train, validation, constant_loss=0.11, weighted_alike=nothing))
    assert slow.diagnosis.kind == "underfits" and not slow.diagnosis.without_signal
    test = {"test_loss": noisy([0.5, 0.5]), "baseline_test_rows": np.full(1000, 0.5)}
    on_test = verdict(evidence(train, validation, weighted_alike=frozenset({"test"}), **test))
    assert (on_test.diagnosis.kind, on_test.diagnosis.on) == ("overfits", "test")
    assert "0.501 on 10 validation rows with their weights and 0.501 on 1,000 " in on_test.text
    own = verdict(evidence(train, validation, weighted_alike=frozenset({"validation"}), **test))
    assert (own.diagnosis.kind, own.diagnosis.on) == ("overfits", "validation")


def test_a_network_that_is_fine() -> None:
    found = verdict(evidence(noisy([0.1] * 2), noisy([0.1, 0.12]), constant_loss=0.7))
    assert (found.diagnosis.kind, found.overfits, found.next_step) == ("fine", False, "nothing")


def test_reader_s_third_case_is_too_little_capacity() -> None:
    """Regression: the penalty raised the training loss, the validation loss did not fall, and both
    are high."""
    found = verdict(
        evidence(noisy([0.9, 0.98]), noisy([0.92, 1.0]), constant_loss=1.0, metric="rmse")
    )
    assert found.diagnosis.kind == "underfits"
    assert (found.overfits, found.helps, found.next_step) == (False, False, "bigger network")
    assert found.text.startswith(
        "The network underfits, or its inputs carry little signal; no penalty was better on "
        "validation rows: use none. Without a penalty the network's data "
    )
    assert "where a constant prediction has 1.00 on training rows." in found.text
    assert "L2(0.001) raised the training data loss from" in found.text
    assert (
        "the network has too little capacity, or was trained too little, which is no case for more "
        "regularization." in found.text
    )
    assert "Try a bigger network, longer training or better inputs." in found.text


def test_inputs_that_carry_no_signal() -> None:
    """Regression: noise that was learnt by heart a little got the advice of a bigger network."""
    curve = np.concatenate([np.linspace(0.70, 0.695, 10), np.linspace(0.695, 0.72, 20)])
    found = verdict(
        evidence(
            noisy([0.6] * 2), noisy([0.72, 0.73]), baseline_curve=np.tile(curve, (10, 1)),
            constant_loss=0.693,
        )
    )  # fmt: skip
    assert (found.diagnosis.kind, found.next_step) == ("underfits", "better inputs")
    assert "these inputs may carry no signal of the target" in found.text


def test_a_network_that_is_worse_than_a_constant() -> None:
    """Regression: a target of hundreds got the advice of a bigger network."""
    found = verdict(evidence(noisy([900.0] * 2), noisy([950.0, 951.0]), constant_loss=80.0))
    assert found.next_step == "scale the data"
    assert found.answer == (
        "The network has not learnt yet; no penalty was better on validation rows: use none."
    )
    assert "Scale the inputs and the target" in found.text


def test_reader_s_third_case_is_too_strong_a_penalty() -> None:
    found = verdict(evidence(noisy([0.1, 0.1, 0.8]), noisy([0.1, 0.1, 0.85]), constant_loss=1.0))
    assert found.diagnosis.kind == "fine" and not found.helps
    assert "L2(0.01) raised the training data loss from 0.10" in found.text
    assert (
        "that is too strong for this network, which is no case for more regularization."
        in found.text
    )


def test_what_helps_is_not_called_too_strong() -> None:
    found = verdict(evidence(noisy([0.1, 0.3]), noisy([0.5, 0.4])))
    assert found.helps and "no case for more regularization" not in found.text


def test_choosing_by_a_metric_is_reported_in_its_words() -> None:
    loss = noisy([0.4, 0.5])
    accuracy = np.array([[0.80] * 10, [0.90] * 10]) + np.linspace(-0.01, 0.01, 10)
    found = verdict(
        evidence(
            noisy([0.1] * 2),
            loss,
            validation_metric=accuracy,
            criterion=Criterion("accuracy", "up"),
            selected_by=accuracy,
        )
    )
    assert (found.chosen, found.helps) == ("L2(0.001)", True)
    assert found.improvement == pytest.approx(0.1)
    assert found.answer == (
        "The network overfits; use L2(0.001): on validation rows its accuracy is 0.100 higher than "
        "without."
    )
    assert (
        "L2(0.001) has the highest validation accuracy, 0.900, 0.100 higher than without a penalty."
    ) in found.text
    assert found.matters == pytest.approx(0.008)  # not known to be a share: 1 % of 0.8


@pytest.mark.parametrize(
    ("rows", "losses", "text"),
    [
        (
            [5],
            (1, 3),
            "rows must be at least two rising numbers of training rows, got array([5]).",
        ),
        (
            [5, 10],
            (3, 4),
            "The losses must have the shape [sizes, repeats] with the 2 sizes of rows, got "
            "[(3, 4), (3, 4), (2, 3)].",
        ),
    ],
)
def test_sizes_that_do_not_fit(rows: Any, losses: tuple[int, int], text: str) -> None:
    from wane._errors import InputError

    with pytest.raises(InputError) as caught:
        TrainSizes(np.array(rows), np.ones(losses), np.ones(losses), np.ones((2, 3)))
    assert str(caught.value) == text
