"""Coverage of the interval that retraining gives, over splits of one data set."""

import dataclasses

import numpy as np

from calibration.learners import Array, Learner
from wane.resampling.splits import Split, random_splits
from wane.stats import PairedDifference, paired_difference
from wane.stats.retraining import (
    RetrainedDifference,
    normalized_weights,
    retrained_difference,
    row_weights,
)


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
    sizes: tuple[int, int],
    repeats: int,
    draws: int,
    runs: int,
) -> Studied:
    """One study on rows of its own: the unweighted runs, and those under weights of the rows."""
    rows = sum(sizes)
    x, y = learner.draw(random, rows)
    splits = random_splits(
        y,
        sizes[1] / rows,
        count=repeats,
        seed=int(random.integers(2**31)),
        stratify=learner.classes,
    )
    seeds = random.integers(0, 2**30, repeats)
    weights = np.stack([row_weights(random, rows) for _ in range(draws)])
    numbers = np.arange(draws * runs)
    differences, of_rows = np.empty(repeats), np.full((repeats, rows), np.nan)
    changes = np.empty(draws * runs)
    for repeat, (split, seed) in enumerate(zip(splits, seeds, strict=True)):
        own = numbers[numbers % repeats == repeat]
        train, held = _weights(learner, y, split, weights[own // runs])
        losses = _losses(learner, pair, x, y, train, int(seed))
        under = losses[:, split.validation]
        of_rows[repeat, split.validation] = under[0]
        differences[repeat] = under[0].mean()
        changes[own] = (under[1:] * held).mean(axis=1) - differences[repeat]
    ratio = sizes[1] / sizes[0]
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
