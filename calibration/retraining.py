"""Coverage of the interval that retraining gives, over splits of one data set."""

import dataclasses
from collections.abc import Callable

import numpy as np

from calibration.learners import Array, Learner
from calibration.shares import Share
from wane.resampling import Subsample
from wane.resampling.splits import Resampling, Split, resampling
from wane.stats import PairedDifference, paired_difference
from wane.stats.retraining import (
    RetrainedDifference,
    normalized_weights,
    retrained_difference,
    row_weights,
)
from wane.study.running.further.retraining import DRAWS, RUNS


@dataclasses.dataclass(frozen=True)
class Design:
    """The splits of a study.

    Attributes:
        train, validation: rows of each split.
        repeats: how many splits.
        rows: those of the data set: all that a split has, or more.
    """

    train: int
    validation: int
    repeats: int
    rows: int

    def resampling(self, x: Array, y: Array, seed: int, *, stratify: bool) -> Resampling:
        """The splits, as a study draws them."""
        sizes: float | Subsample = self.validation / self.rows
        if self.train + self.validation < self.rows:
            sizes = Subsample(self.train, self.validation)
        return resampling(sizes, x, y, repeats=self.repeats, seed=seed, stratify=stratify)


DESIGNS = (Design(40, 14, 10, 54), Design(90, 30, 30, 120), Design(40, 14, 10, 160))
"""Small and larger splits of all rows, and small ones out of many."""


@dataclasses.dataclass(frozen=True)
class Held:
    """What came of many studies, by Nadeau and Bengio's interval and by that of retraining.

    Attributes:
        truth: the true difference.
        corrected, retrained: how often each holds it.
        corrected_told, retrained_told: how often each lies on its side of zero.
        width: of the latter over that of the former, both means.
    """

    truth: float
    corrected: Share
    retrained: Share
    corrected_told: Share
    retrained_told: Share
    width: float


@dataclasses.dataclass(frozen=True)
class Studied:
    """One simulated study of a candidate beside the baseline, retrained.

    Attributes:
        differences: candidate minus baseline for each split, [repeats].
        changes: what weights of the rows change of that, [draws, runs of each].
        row_differences: the same for each row, [repeats, rows]; NaN where it was trained on.
        ratio: Nadeau and Bengio's.
    """

    differences: Array
    changes: Array
    row_differences: Array
    ratio: float

    def corrected(self) -> PairedDifference:
        """Nadeau and Bengio's interval."""
        zeros = np.zeros_like(self.differences)
        return paired_difference(self.differences, zeros, test_to_train_ratio=self.ratio)

    def retrained(self) -> RetrainedDifference:
        """The interval by retraining."""
        rows = self.row_differences.shape[1]
        return retrained_difference(self.differences, self.changes, self.row_differences, rows=rows)


def simulated(
    random: np.random.Generator,
    learner: Learner,
    pair: str,
    design: Design,
    *,
    draws: int = DRAWS,
    runs: int = RUNS,
) -> Studied:
    """One study on rows of its own: the unweighted runs, and those under weights of the rows."""
    x, y = learner.draw(random, design.rows)
    found = design.resampling(x, y, int(random.integers(2**31)), stratify=learner.classes)
    seeds = random.integers(0, 2**30, design.repeats)
    weights = np.stack([row_weights(random, design.rows) for _ in range(draws)])
    numbers = np.arange(draws * runs)
    differences, of_rows = np.empty(design.repeats), np.full((design.repeats, design.rows), np.nan)
    changes = np.empty(draws * runs)
    for repeat, (split, seed) in enumerate(zip(found.splits, seeds, strict=True)):
        own = numbers[numbers % design.repeats == repeat]
        train, held = _weights(learner, y, split, weights[own // runs])
        losses = _losses(learner, pair, x, y, train, int(seed))
        under = losses[:, split.validation]
        of_rows[repeat, split.validation] = under[0]
        differences[repeat] = under[0].mean()
        changes[own] = (under[1:] * held).mean(axis=1) - differences[repeat]
    ratio = found.test_to_train_ratio
    assert ratio is not None
    return Studied(differences, changes.reshape(draws, runs), of_rows, ratio)


def _weights(learner: Learner, y: Array, split: Split, weights: Array) -> tuple[Array, Array]:
    """Training weights of all rows, the first run without any; validation weights of the others."""
    assert split.validation is not None
    labels = [y[part] if learner.classes else None for part in (split.train, split.validation)]
    train = np.zeros((1 + len(weights), len(y)))
    train[0, split.train] = 1
    for run, own in enumerate(weights, start=1):
        train[run, split.train] = normalized_weights(own[split.train], labels[0])
    held = [normalized_weights(own[split.validation], labels[1]) for own in weights]
    return train, np.array(held).reshape(len(weights), len(split.validation))


def _losses(learner: Learner, pair: str, x: Array, y: Array, weights: Array, seed: int) -> Array:
    """Candidate's minus baseline's loss of every row in every run, [runs, rows]."""
    baseline, candidate = learner.pairs[pair]
    other = seed + 1 if pair == "equal" and learner.another_seed else seed
    return learner.losses(x, y, weights, other, candidate) - learner.losses(
        x, y, weights, seed, baseline
    )


def true_difference(
    random: np.random.Generator, learner: Learner, pair: str, train: int, data_sets: int
) -> float:
    """The difference over so many data sets, each with its own seed and 300 new rows."""
    weights = np.r_[np.ones(train), np.zeros(300)][None]
    found = []
    for _ in range(data_sets):
        x, y = learner.draw(random, train + 300)
        seed = int(random.integers(2**30))
        found.append(_losses(learner, pair, x, y, weights, seed)[0, train:].mean())
    return float(np.mean(found))


def coverage(
    learner: Learner, pair: str, design: Design, studies: int, seed: int = 0, data_sets: int = 2000
) -> Held:
    """How often both intervals hold the true difference, and tell its sign.

    Args:
        learner, pair, design: the problem.
        studies: how many.
        seed: of everything that is drawn.
        data_sets: over how many the true difference is the mean.
    """
    random = np.random.default_rng([seed, design.rows, list(learner.pairs).index(pair)])
    truth = true_difference(random, learner, pair, design.train, data_sets)
    found = [simulated(random, learner, pair, design) for _ in range(studies)]
    both = [(one.corrected(), one.retrained()) for one in found]

    def share(which: int, test: Callable[[PairedDifference], bool]) -> Share:
        return Share(sum(test(one[which]) for one in both), studies)

    def told(one: PairedDifference) -> bool:
        return one.high < 0 if truth < 0 else one.low > 0

    def holds(one: PairedDifference) -> bool:
        return one.low <= truth <= one.high

    widths = [sum(one[which].high - one[which].low for one in both) for which in (0, 1)]
    return Held(
        truth, share(0, holds), share(1, holds), share(0, told), share(1, told),
        widths[1] / widths[0],
    )  # fmt: skip
