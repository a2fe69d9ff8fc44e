"""What ails the unregularized network: each diagnosis from numbers that call for it."""

import dataclasses
from typing import Any

import numpy as np
import pytest
from evidence_cases import evidence, noisy, resampling

from wane.resampling.splits import Resampling, Split
from wane.stats import TrainSizes
from wane.study.journal.serializer import to_dict
from wane.study.spec.selection import Criterion
from wane.study.verdicts.verdict import verdict


def sizes(losses: list[float], repeats: int = 10) -> TrainSizes:
    """A quarter, half and all of 20 rows, with these mean validation losses."""
    validation = noisy(losses, repeats)
    return TrainSizes(np.array([5, 10, 20]), noisy([0.1] * 3, repeats), validation, validation)


def test_the_gap_has_its_interval() -> None:
    train = np.array([[0.1, 0.12, 0.08, 0.1]] * 2)
    validation = np.array([[0.4, 0.43, 0.37, 0.4]] * 2)
    told = verdict(evidence(train, validation, resampling=resampling(4, fixed=False))).diagnosis
    assert told.gap is not None and told.gap.mean == pytest.approx(0.3)
    gaps = validation[0] - train[0]
    assert told.gap.standard_error == pytest.approx(gaps.std(ddof=1) * np.sqrt(1 / 4 + 1 / 2))
    document = to_dict(told)
    assert document["gap"] == dataclasses.asdict(told.gap)
    assert (document["kind"], document["train_sizes"]) == ("overfits", None)


def test_the_rebound_is_told_with_what_was_lost() -> None:
    curve = np.tile([0.9, 0.3, 0.2, 0.35], (5, 1))
    told = verdict(evidence(noisy([0.1] * 2, 5), noisy([0.35] * 2, 5), baseline_curve=curve))
    rebound = told.diagnosis.rebound
    assert rebound is not None and rebound.rose
    assert (rebound.epoch, rebound.lowest, rebound.final, rebound.runs) == (3, 0.2, 0.35, 1.0)
    assert rebound.lost == pytest.approx(0.15)
    assert "it was lowest (0.200) at epoch 3 and rose again by 0.150." in told.text


def test_a_network_that_needs_data() -> None:
    told = verdict(evidence(noisy([0.1] * 2), noisy([0.4, 0.42]), sizes=sizes([0.8, 0.6, 0.4])))
    assert (told.diagnosis.kind, told.next_step) == ("needs data", "more data")
    assert told.overfits  # it does, but no penalty helps
    assert "From 10 to 20 training rows its lowest validation data loss fell by 0.19" in told.text
    assert "More data may well help further." in told.text
    helped = verdict(evidence(noisy([0.1] * 2), noisy([0.4, 0.3]), sizes=sizes([0.8, 0.6, 0.4])))
    assert helped.diagnosis.kind == "overfits"  # a penalty is the nearer help
    flat = verdict(evidence(noisy([0.1] * 2), noisy([0.4, 0.42]), sizes=sizes([0.41, 0.4, 0.4])))
    assert flat.diagnosis.kind == "overfits" and flat.next_step == "other kind"


def test_fewer_rows_that_rebound_sooner_are_no_need_of_data() -> None:
    """Regression: the final loss of half the rows, trained as long, had rebounded far more."""
    final, lowest = noisy([2.0, 1.0, 0.4]), noisy([0.41, 0.4, 0.4])
    told = verdict(
        evidence(
            noisy([0.1] * 2),
            noisy([0.4, 0.42]),
            sizes=TrainSizes(np.array([5, 10, 20]), noisy([0.1] * 3), final, lowest),
        )
    )
    assert told.diagnosis.kind == "overfits"


def test_seeds_on_the_same_splits_are_no_more_splits() -> None:
    """Regression: ten repeats of a study of 30 over three splits counted as ten splits."""
    three = tuple(Split(np.arange(20), np.arange(20, 30)) for _ in range(3))
    losses = noisy([0.8, 0.6, 0.4], 10, spread=0.05)
    told = verdict(
        evidence(
            noisy([0.1] * 2, 30),
            noisy([0.4, 0.42], 30),
            sizes=TrainSizes(np.array([5, 10, 20]), noisy([0.1] * 3, 10), losses, losses),
            resampling=Resampling("splitter", three, 30),
        )
    )
    assert told.diagnosis.train_sizes is not None
    gain = told.diagnosis.train_sizes.gain_of_rows
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
    """Regression: it was said to need data, since it learns more slowly from fewer rows."""
    curve = course(FALLING, spread=0.001)
    last = curve[:, -1]
    told = verdict(
        evidence(
            noisy([0.1] * 2),
            np.stack([last, last + 0.02]),
            baseline_curve=curve,
            sizes=sizes([0.8, 0.6, float(last.mean())]),
        )
    )
    assert (told.diagnosis.kind, told.next_step) == ("trained too little", "train longer")
    assert told.overfits is False and told.diagnosis.overfits is False
    rebound = told.diagnosis.rebound
    assert rebound is not None and rebound.still_falls
    fall = FALLING[-8:-4].mean() - FALLING[-4:].mean()
    assert rebound.last_fall == pytest.approx(fall, abs=1e-3) and rebound.falling_runs == 1
    assert told.text.startswith("The network was trained too little: without a penalty its data ")
    assert "where it was still falling at the end (by 0.03" in told.text
    assert "over the last 4 of 40 epochs)." in told.text
    assert told.text.endswith(
        "Train for more epochs, or at a higher learning rate, and ask again. All 10 runs of a "
        "candidate share one split and differ in their seed only, so the intervals speak of this "
        "split."
    )
    assert "More data" not in told.text and "overfits" not in told.text
    short = curve[:, :10]
    told = verdict(evidence(noisy([0.1] * 2), np.stack([short[:, -1]] * 2), baseline_curve=short))
    assert "over the last of 10 epochs)." in told.text
    document = to_dict(told)["diagnosis"]
    assert document["kind"] == "trained too little"
    assert document["rebound"]["last_fall"] > 0 and document["rebound"]["falling_runs"] == 1
    assert told.diagnosis.rebound is not None and told.diagnosis.rebound.still_falls


def test_a_network_that_has_learnt_little_and_still_learns_does_not_underfit() -> None:
    """Regression: 8 epochs, each of which lowered the loss by 1.6 %, asked for a bigger network."""
    curve = course(0.72 * 0.985 ** np.arange(8), spread=1e-4)
    loss = np.stack([curve[:, -1], curve[:, -1] + 0.01])
    told = verdict(evidence(loss, loss, baseline_curve=curve, constant_loss=0.693))
    assert (told.diagnosis.kind, told.next_step) == ("trained too little", "train longer")
    short = curve[:, :2]
    told = verdict(evidence(loss, loss, baseline_curve=short, constant_loss=0.693))
    assert (told.diagnosis.kind, told.next_step) == ("underfits", "train longer")
    assert "Train longer first: so few epochs tell nothing of the network." in told.text


def test_what_helps_a_network_that_was_trained_too_little_is_told_so() -> None:
    curve = course(FALLING, spread=0.001)
    loss = np.stack([curve[:, -1], curve[:, -1] - 0.1 + noisy([0.0])[0]])
    told = verdict(evidence(noisy([0.1] * 2), loss, baseline_curve=curve))
    assert (told.helps, told.overfits, told.next_step) == (True, True, "train longer")
    assert (
        "Without a penalty the validation data loss was still falling at the end, so this speaks "
        "of 40 epochs: see whether it stands after more of them." in told.text
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
    told = verdict(evidence(noisy([0.1] * 2), noisy([0.4, 0.42]), baseline_curve=curve))
    assert told.diagnosis.rebound is not None
    assert not told.diagnosis.rebound.still_falls, why
    assert told.diagnosis.kind == "overfits"


def test_a_wide_range_whose_strong_end_is_too_strong_is_no_news() -> None:
    train, validation = [0.1, 0.1, 0.1, 0.8], [0.1, 0.1, 0.1, 0.85]
    told = verdict(evidence(noisy(train), noisy(validation), constant_loss=1.0))
    assert "too strong" not in told.text


def test_a_network_that_is_fine() -> None:
    told = verdict(evidence(noisy([0.1] * 2), noisy([0.1, 0.12]), constant_loss=0.7))
    assert (told.diagnosis.kind, told.overfits, told.next_step) == ("fine", False, "nothing")


def test_reader_s_third_case_is_too_little_capacity() -> None:
    """Regression: the penalty raised the training loss, the validation loss did not fall, and both
    are high."""
    told = verdict(
        evidence(noisy([0.9, 0.98]), noisy([0.92, 1.0]), constant_loss=1.0, metric="rmse")
    )
    assert told.diagnosis.kind == "underfits"
    assert (told.overfits, told.helps, told.next_step) == (False, False, "bigger network")
    assert told.text.startswith(
        "The network underfits, or its inputs tell little: without a penalty its data loss is "
    )
    assert "where a constant prediction has 1.00 on training rows." in told.text
    assert "L2(0.001) raised the training data loss from" in told.text
    assert (
        "the network has too little capacity, or was trained too little, which is no case for more "
        "regularization." in told.text
    )
    assert "Try a bigger network, longer training or better inputs." in told.text


def test_inputs_that_tell_nothing_of_the_target() -> None:
    """Regression: noise that was learnt by heart a little was told to need a bigger network."""
    curve = np.concatenate([np.linspace(0.70, 0.695, 10), np.linspace(0.695, 0.72, 20)])
    told = verdict(
        evidence(
            noisy([0.6] * 2), noisy([0.72, 0.73]), baseline_curve=np.tile(curve, (10, 1)),
            constant_loss=0.693,
        )
    )  # fmt: skip
    assert (told.diagnosis.kind, told.next_step) == ("underfits", "better inputs")
    assert "these inputs may tell nothing of the target" in told.text


def test_a_network_that_is_worse_than_a_constant() -> None:
    """Regression: a target of hundreds was told to need a bigger network."""
    told = verdict(evidence(noisy([900.0] * 2), noisy([950.0, 951.0]), constant_loss=80.0))
    assert told.next_step == "scale the data"
    assert told.text.startswith("The network has not learnt yet: without a penalty its data loss")
    assert "Scale the inputs and the target" in told.text


def test_reader_s_third_case_is_too_strong_a_penalty() -> None:
    told = verdict(evidence(noisy([0.1, 0.1, 0.8]), noisy([0.1, 0.1, 0.85]), constant_loss=1.0))
    assert told.diagnosis.kind == "fine" and not told.helps
    assert "L2(0.01) raised the training data loss from 0.10" in told.text
    assert (
        "that is too strong for this network, which is no case for more regularization."
        in told.text
    )


def test_what_helps_is_not_called_too_strong() -> None:
    told = verdict(evidence(noisy([0.1, 0.3]), noisy([0.5, 0.4])))
    assert told.helps and "no case for more regularization" not in told.text


def test_choosing_by_a_metric_is_told_in_its_words() -> None:
    loss = noisy([0.4, 0.5])
    accuracy = np.array([[0.80] * 10, [0.90] * 10]) + np.linspace(-0.01, 0.01, 10)
    told = verdict(
        evidence(
            noisy([0.1] * 2),
            loss,
            validation_metric=accuracy,
            criterion=Criterion("accuracy", "up"),
            selected_by=accuracy,
        )
    )
    assert (told.chosen, told.helps) == ("L2(0.001)", True)
    assert told.improvement == pytest.approx(0.1)
    assert (
        "L2(0.001) helps: its validation accuracy is 0.900, 0.100 higher than without a penalty "
        "in each of 10 runs." in told.text
    )


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

    with pytest.raises(InputError) as told:
        TrainSizes(np.array(rows), np.ones(losses), np.ones(losses), np.ones((2, 3)))
    assert str(told.value) == text
