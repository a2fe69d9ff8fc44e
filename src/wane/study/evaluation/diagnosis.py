"""Whether the unregularized network overfits, underfits or lacks rows, and by what evidence."""

import dataclasses
from typing import Literal

import numpy as np

from wane.stats import PairedDifference, TrainSizes
from wane.study.evaluation.evidence import Evidence, beyond_chance
from wane.study.evaluation.paired import paired
from wane.study.measures.train_size_tables import MORE_ROWS
from wane.study.search.extending import MOST_RUNS, REBOUND

LARGE_GAP = 0.5
"""A gap of at least this share of the validation loss is overfitting by itself."""
LITTLE = 0.25
"""A network that lowers a constant prediction's loss by less than this share has learnt little."""
LAST_PART = 0.1
"""The share of the epochs over which it is looked whether the validation loss still falls."""
STILL_FALLS = 0.02
"""A validation loss that falls by more than this share over that part has not come to its end."""
FALLS_SLIGHTLY = 0.005
"""The same for a network that has learnt little yet, whose loss has the longest way to go."""
LEAST_EPOCHS = 4
"""Fewer epochs than these have no course of which to say so."""
NO_SIGNAL = 0.05
"""Inputs carry no signal as long as the validation loss is not lower than that of a constant by
this share."""

DiagnosisKind = Literal[
    "overfits",
    "underfits",
    "needs data",
    "trained too little",
    "fine",
    "unclear",
    "diverged",
    "no signal",
    "worse than linear",
]


@dataclasses.dataclass(frozen=True)
class Rebound:
    """How the validation data loss went on after it was lowest, in the mean over runs.

    Attributes:
        epoch: where it was lowest, from 1.
        lowest: its value there.
        final: its value at the end.
        lost: how much was lost by the end.
        runs: the share of runs whose own loss ended above its value at that epoch.
        last_fall: by how much it fell over the last tenth of the epochs, between the means of that
            tenth and of the one before; negative where it rose. 0 for fewer than four epochs.
        falling_runs: the share of runs whose own loss fell there.
        rose: whether it rose again, by enough and in enough runs to be believed.
        still_falls: whether it was still falling at the end, by enough and in enough runs.
        falls_slightly: whether it fell at all: enough where a network has learnt little yet.
    """

    epoch: int
    lowest: float
    final: float
    lost: float
    runs: float
    last_fall: float
    falling_runs: float
    rose: bool
    still_falls: bool
    falls_slightly: bool


@dataclasses.dataclass(frozen=True)
class TrainSizeMeans:
    """The baseline's mean losses by the number of its training rows, and what the last rows gained.

    Attributes:
        rows: numbers of training rows, rising.
        train_data_loss, validation_data_loss: mean final losses, [sizes].
        lowest_validation_data_loss: the mean over runs of that of each run's best epoch, [sizes].
        gain_of_rows: lowest validation loss of the size before the last minus that of the last,
            each at the best epoch of its run, with its interval, on one split over rows and
            repeats; None where a run diverged, and where those of rows are not known there: they
            are where the fall is large enough to matter and callbacks do not stop runs.
    """

    rows: tuple[int, ...]
    train_data_loss: tuple[float, ...]
    validation_data_loss: tuple[float, ...]
    lowest_validation_data_loss: tuple[float, ...]
    gain_of_rows: PairedDifference | None


@dataclasses.dataclass(frozen=True)
class Diagnosis:
    """What ails the unregularized network, with the numbers that say so.

    Attributes:
        kind: ``"overfits"``; ``"underfits"``: it learns little even of its training rows; ``"needs
            data"``: more rows lower the validation loss, and no candidate does beyond chance;
            ``"trained too little"``: the validation loss was still falling, and no candidate helps;
            ``"fine"``; ``"unclear"``: a large gap that may be chance, or none that is known;
            ``"diverged"``; ``"no signal"``: beyond chance neither the chosen network nor a linear
            model nor another reference predicts better than a constant; ``"worse than linear"``: a
            linear model is better than the chosen network beyond chance.
        overfits: whether it does, whatever else may help besides.
        train_data_loss, validation_data_loss: mean final data losses.
        gap: validation minus training data loss, with its interval; None if a run diverged, or
            where one of the two is of rows with weights and the other is not. Where all repeats
            share one split, rows and repeats are crossed samples in it.
        rebound: the course of the validation loss; None if a run diverged.
        constant_data_loss: the training data loss of the best constant prediction; None if not
            known.
        perfect_data_loss: that of predictions that are the targets, to which these losses compare;
            0 but for Poisson's loss.
        train_sizes: losses by the number of training rows, or None.
        on: the part whose rows the gap is of: ``"test"`` where all repeats share one split and
            there are more test rows than validation rows.

    Example:
        >>> import numpy as np, wane
        >>> import keras
        >>> model = keras.Sequential([keras.layers.Input((1,)), keras.layers.Dense(1)])
        >>> model.compile(loss="mse")
        >>> x = np.linspace(0, 1, 20)
        >>> study = wane.Study(
        ...     model, x[:, None], 2 * x, epochs=3, repeats=2, learning_curve=False
        ... )
        >>> result = study.run(progress=False)
        >>> result.verdict.diagnosis.overfits
        False
    """

    kind: DiagnosisKind
    overfits: bool
    train_data_loss: float
    validation_data_loss: float
    gap: PairedDifference | None = None
    rebound: Rebound | None = None
    constant_data_loss: float | None = None
    train_sizes: TrainSizeMeans | None = None
    on: Literal["test", "validation"] = "validation"
    perfect_data_loss: float = 0.0

    @property
    def learnt(self) -> float | None:
        """The share by which the training loss lies below that of a constant prediction.

        Example:
            >>> result.verdict.diagnosis.learnt < 1
            True
        """
        if self.constant_data_loss is None or self.constant_data_loss <= self.perfect_data_loss:
            return None
        most = self.constant_data_loss - self.perfect_data_loss
        return 1 - (self.train_data_loss - self.perfect_data_loss) / most

    @property
    def worse_than_constant(self) -> bool:
        """Whether a constant prediction fits even the training rows better.

        Example:
            >>> diagnosis = result.verdict.diagnosis
            >>> diagnosis.worse_than_constant is (diagnosis.learnt < 0)
            True
        """
        return self.learnt is not None and self.learnt < 0

    @property
    def without_signal(self) -> bool:
        """Whether only on training rows it was ever better than a constant prediction.

        Example:
            >>> result.verdict.diagnosis.without_signal
            False
        """
        if self.rebound is None or self.constant_data_loss is None or self.gap is None:
            return False
        most = self.constant_data_loss - self.perfect_data_loss
        better = self.perfect_data_loss + (1 - NO_SIGNAL) * most
        return self.train_data_loss < better < self.rebound.lowest


def diagnose(evidence: Evidence, helps: bool) -> Diagnosis:
    """Whether the baseline overfits, underfits or lacks rows.

    It overfits if its loss on rows that it was not trained on lies above its training loss beyond
    chance and, besides, rose again in training, is far above it, or falls under a penalty. Over
    several splits a rise by itself is enough: that is seen within each run, so differences between
    splits do not blur it. Where that loss was still falling and nothing helps, neither a gap nor
    what more rows do says anything yet.

    Args:
        evidence: the numbers.
        helps: whether a candidate is better than the baseline beyond chance.
    """
    train, validation = evidence.train_loss[0], evidence.validation_loss[0]
    losses = float(np.mean(train)), float(np.mean(validation))
    if not np.all(np.isfinite(validation)):
        return Diagnosis("diverged", False, *losses)
    gap, on = _gap(evidence)
    rebound = _rebound(evidence.baseline_curve)
    large, real = _is_large(gap, losses[0]), _is_real(gap, evidence.look.level)
    # On one split all runs rise again on the same rows, which may be the luck of these.
    rose = rebound.rose and (real or not evidence.resampling.shares_split)
    above = gap is not None and gap.mean > 0
    overfits = above and (rose or (real and (large or helps)))
    sizes = None if evidence.sizes is None else _train_size_means(evidence, evidence.sizes)
    gain = None if sizes is None else sizes.gain_of_rows
    found = Diagnosis(
        "overfits" if overfits else "fine",
        bool(overfits),
        *losses,
        gap,
        rebound,
        evidence.constant_loss,
        sizes,
        on,
        evidence.perfect_loss,
    )
    if rebound.still_falls and not helps:
        return dataclasses.replace(found, kind="trained too little", overfits=False)
    if not helps and rows_help(gain, rebound.lowest, evidence.look.level):
        return dataclasses.replace(found, kind="needs data")
    if overfits:
        return found
    if above and (large or rebound.rose) and not real:
        return dataclasses.replace(found, kind="unclear")
    if found.learnt is not None and found.learnt < LITTLE:
        slow = rebound.falls_slightly and not helps
        return dataclasses.replace(found, kind="trained too little" if slow else "underfits")
    return found if gap is not None else dataclasses.replace(found, kind="unclear")


def _is_large(gap: PairedDifference | None, train_loss: float) -> bool:
    return gap is not None and gap.mean > LARGE_GAP * (train_loss + gap.mean)


def _is_real(gap: PairedDifference | None, level: float) -> bool:
    """Whether the gap is beyond chance, or of one run, of which nothing says so."""
    return gap is not None and (beyond_chance(gap, level) or gap.count == 1)


def _gap(evidence: Evidence) -> tuple[PairedDifference | None, Literal["test", "validation"]]:
    """By how much the baseline's loss on other rows lies above its training loss, and on which.

    On one split the few rows that all runs share limit what is known: there it is the part of more
    rows, in which validation rows have no advantage, since nothing was chosen by the baseline. It
    is of no part that has weights where training rows have none.
    """
    train, resampling = evidence.train_loss[0], evidence.resampling
    confidence, alike = evidence.look.confidence, evidence.weighted_alike
    test, rows = evidence.test_loss, evidence.baseline_test_rows
    more = evidence.units("test") > evidence.units("validation")
    better = "test" in alike and (more or "validation" not in alike)
    if resampling.shares_split and better and test is not None and rows is not None:
        over = rows - train.mean()
        return paired(test[0], train, resampling, over, confidence, skewed=True), "test"
    if "validation" not in alike:
        return None, "validation"
    rows = None
    if "data_loss" in evidence.validation_rows:
        rows = evidence.validation_rows["data_loss"][0] - train.mean()
    losses = evidence.validation_loss[0]
    return paired(losses, train, resampling, rows, confidence, skewed=True), "validation"


def _rebound(curves: np.ndarray) -> Rebound:
    """The rebound of curves [runs, epochs]."""
    mean = curves.mean(axis=0)
    place = int(np.argmin(mean))
    lowest, final = float(mean[place]), float(mean[-1])
    runs = float(np.mean(curves[:, -1] > curves[:, place]))
    part = max(1, round(LAST_PART * len(mean)))
    last_fall, falling_runs = 0.0, 0.0
    if len(mean) >= LEAST_EPOCHS:
        falls = curves[:, -2 * part : -part].mean(axis=1) - curves[:, -part:].mean(axis=1)
        last_fall, falling_runs = float(falls.mean()), float(np.mean(falls > 0))
    rose = final > (1 + REBOUND) * lowest and runs >= MOST_RUNS
    falls_in_most = falling_runs >= MOST_RUNS and not rose
    return Rebound(
        epoch=place + 1,
        lowest=lowest,
        final=final,
        lost=final - lowest,
        runs=runs,
        last_fall=last_fall,
        falling_runs=falling_runs,
        rose=rose,
        still_falls=falls_in_most and last_fall > STILL_FALLS * final,
        falls_slightly=falls_in_most and last_fall > FALLS_SLIGHTLY * final,
    )


def _train_size_means(evidence: Evidence, sizes: TrainSizes) -> TrainSizeMeans:
    def means(losses: np.ndarray) -> tuple[float, ...]:
        return tuple(np.mean(losses, axis=1).tolist())

    return TrainSizeMeans(
        tuple(int(rows) for rows in sizes.rows),
        means(sizes.train_loss),
        means(sizes.validation_loss),
        means(sizes.lowest_loss),
        _gain_of_rows(evidence, sizes),
    )


def _gain_of_rows(evidence: Evidence, sizes: TrainSizes) -> PairedDifference | None:
    """By how much the last step to more rows lowered the lowest validation loss."""
    losses = np.asarray(sizes.lowest_loss, np.float64)[-2:]
    # Seeds on these rows alone say nothing of others.
    unknown = evidence.resampling.shares_split and sizes.fall_of_rows is None
    if not np.all(np.isfinite(losses)) or (unknown and losses.shape[1] > 1):
        return None
    return paired(losses[0], losses[1], evidence.resampling, sizes.fall_of_rows)


def rows_help(gain: PairedDifference | None, loss: float, level: float) -> bool:
    """Whether the last step to more rows lowered the lowest loss, by enough to matter."""
    return gain is not None and beyond_chance(gain, level) and gain.mean > MORE_ROWS * loss
