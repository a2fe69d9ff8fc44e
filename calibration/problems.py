"""A small random network in closed form, so that thousands of studies take seconds.

A hidden layer of random ReLU units that are not trained, and an output layer by ridge regression:
as with a network, what comes out depends on the rows and on the seed, and the penalty matters.
"""

import dataclasses
from typing import Literal, TypedDict

import numpy as np

from calibration.evidence import evidence
from wane.resampling.splits import Resampling, Split
from wane.study.evaluation.evidence import Evidence

Design = Literal["seeds", "splits", "subsample", "fresh"]
"""What differs between the repeats of a study: the seed on one split, the split of one data set,
which few of its rows are taken, or all rows."""

Noise = Literal["normal", "t3"]
"""Of the target: normal, or of Student's t with 3 degrees of freedom, by the same factor."""


class Sizes(TypedDict):
    """Rows of each repeat."""

    train: int
    validation: int


TRAIN, VALIDATION, TRUTH = 30, 10, 2000
POOL = 400
"""Rows out of which small splits are drawn."""
INPUTS, UNITS = 3, 20
NOISE = 0.5


@dataclasses.dataclass(frozen=True)
class Network:
    """The networks of a candidate's runs: w [repeats, inputs, units], b [repeats, 1, units] and the
    output layer [repeats, units + 1, 1]."""

    w: np.ndarray
    b: np.ndarray
    output: np.ndarray

    def __call__(self, x: np.ndarray) -> np.ndarray:
        """Predictions [repeats, rows] for x [rows, inputs], or its own x for each repeat."""
        return np.asarray((hidden_outputs(x, self.w, self.b) @ self.output)[..., 0])


@dataclasses.dataclass(frozen=True)
class Simulated:
    """The runs of one simulated study.

    Attributes:
        train, validation: mean squared errors on training and validation rows, [candidates,
            repeats].
        networks: the hidden and output weights of each candidate's runs.
        rows: the squared error of each validation row, [candidates, repeats, rows].
        numbers: which rows of the data set these are, [repeats, rows].
        test_rows: the squared error of each row of a test set of its own, as ``rows``.
        resampling: how repeats differ.
    """

    train: np.ndarray
    validation: np.ndarray
    networks: "tuple[Network, ...]"
    rows: np.ndarray
    numbers: np.ndarray
    test_rows: np.ndarray
    resampling: Resampling

    def truth(self, random: np.random.Generator, candidate: int, rows: int = TRUTH) -> np.ndarray:
        """The loss on new rows of each of a candidate's runs, [repeats].

        The noise is known (that of normal noise), so it is the error about what is to be learnt, on
        many drawn rows.
        """
        x = random.normal(size=(rows, INPUTS))
        return np.asarray(
            NOISE**2 + np.mean((self.networks[candidate](x) - target(x)) ** 2, axis=1)
        )

    def first(self, repeats: int) -> "Simulated":
        """The study as it would be with so many repeats."""
        own = {
            name: getattr(self, name)[:, :repeats]
            for name in ("train", "validation", "rows", "test_rows")
        }
        splits = self.resampling.splits
        splits = splits if len(splits) == 1 else splits[:repeats]
        resampling = dataclasses.replace(self.resampling, splits=splits, repeats=repeats)
        return dataclasses.replace(
            self, **own, numbers=self.numbers[:repeats], resampling=resampling
        )

    def row_sums(self) -> tuple[np.ndarray, np.ndarray]:
        """The sum over repeats of each row's loss, [candidates, rows], and how often it counts."""
        count = int(self.numbers.max()) + 1
        sums = np.zeros((len(self.rows), count))
        counts = np.zeros(count)
        for repeat, numbers in enumerate(self.numbers):
            sums[:, numbers] += self.rows[:, repeat]
            counts[numbers] += 1
        return sums, counts

    def evidence(self, strengths: tuple[float, ...]) -> Evidence:
        """The study as wane's verdict takes it, with its test rows where it has some."""
        sums, counts = self.row_sums()
        return evidence(
            strengths,
            self.train,
            self.validation,
            self.resampling,
            sums=sums,
            counts=counts,
            test_rows=self.test_rows if self.test_rows.shape[-1] else None,
        )


def target(x: np.ndarray) -> np.ndarray:
    """What is to be learnt, without noise."""
    return np.asarray(np.sin(2 * x[..., 0]) + 0.5 * x[..., 1])


def _drawn(
    random: np.random.Generator, *shape: int, noise: Noise = "normal"
) -> tuple[np.ndarray, np.ndarray]:
    x = random.normal(size=(*shape, INPUTS))
    drawn = random.normal(size=shape) if noise == "normal" else random.standard_t(3, size=shape)
    return x, target(x) + NOISE * drawn


def hidden_outputs(x: np.ndarray, w: np.ndarray, b: np.ndarray) -> np.ndarray:
    """The hidden layer's outputs and a one, [repeats, rows, units + 1]."""
    units = np.maximum(x @ w + b, 0) / np.sqrt(UNITS)
    return np.concatenate([units, np.ones((*units.shape[:-1], 1))], axis=-1)


def ridge_output(hidden: np.ndarray, y: np.ndarray, penalty: float) -> np.ndarray:
    """The output layer's weights, [repeats, units + 1, 1]."""
    gram = np.einsum("rni,rnj->rij", hidden, hidden) / y.shape[1] + penalty * np.eye(UNITS + 1)
    moment = np.einsum("rni,rn->ri", hidden, y) / y.shape[1]
    return np.linalg.solve(gram, moment[..., None])


def _rows(
    random: np.random.Generator, design: Design, repeats: int, rows: int, noise: Noise
) -> tuple[np.ndarray, np.ndarray, np.ndarray]:
    """The rows of each repeat, training rows first: x, y and which of all rows they are."""
    if design == "fresh":
        x, y = _drawn(random, repeats, rows, noise=noise)
        return x, y, np.arange(repeats * rows).reshape(repeats, -1)
    count = POOL if design == "subsample" else rows
    x, y = _drawn(random, count, noise=noise)
    every = np.arange(count)
    order = np.array(
        [every if design == "seeds" else random.permutation(every) for _ in range(repeats)]
    )[:, :rows]
    return x[order], y[order], order


def _resampling(design: Design, numbers: np.ndarray, train: int, repeats: int) -> Resampling:
    """How repeats of these rows differ."""
    splits = tuple(Split(n[:train], n[train:]) for n in numbers)
    if design == "seeds":
        return Resampling("fixed", (Split(np.arange(train), None),), repeats)
    if design == "subsample":
        return Resampling("subsample", splits, repeats, POOL)
    return Resampling("fraction" if design == "splits" else "fresh", splits, repeats)


def simulated(
    random: np.random.Generator,
    design: Design,
    penalties: tuple[float, ...],
    repeats: int,
    *,
    test: int = 0,
    validation: int = VALIDATION,
    train: int = TRAIN,
    noise: Noise = "normal",
) -> Simulated:
    """One study.

    Args:
        random: where everything is drawn from.
        design: what differs between repeats.
        penalties: the ridge penalty of each candidate, the baseline first. Where two of them are
            the same, their networks still differ in their seeds, but by chance alone.
        repeats: runs of each candidate.
        test: rows of the test set.
        train, validation: training and validation rows of each repeat.
        noise: of the target.
    """
    kept = [penalties.index(penalty) for penalty in penalties]
    twins = len(set(kept)) < len(kept)
    x, y, numbers = _rows(random, design, repeats, train + validation, noise)
    networks = len(penalties) if twins else 1
    w = random.normal(size=(networks, repeats, INPUTS, UNITS))
    b = random.normal(size=(networks, repeats, 1, UNITS))
    test_x, test_y = _drawn(random, test, noise=noise)
    hidden = [hidden_outputs(x, *own) for own in zip(w, b, strict=True)]
    made = []
    found: dict[str, list[np.ndarray]] = {"train": [], "rows": [], "test": []}
    for index, penalty in enumerate(penalties):
        own = index if twins else 0
        output = ridge_output(hidden[own][:, :train], y[:, :train], penalty)
        errors = ((hidden[own] @ output)[..., 0] - y) ** 2
        made.append(Network(w[own], b[own], output))
        found["train"].append(errors[:, :train].mean(axis=1))
        found["rows"].append(errors[:, train:])
        found["test"].append((made[-1](test_x) - test_y) ** 2)
    arrays = {name: np.array(values) for name, values in found.items()}
    return Simulated(
        train=arrays["train"],
        validation=arrays["rows"].mean(axis=2),
        networks=tuple(made),
        rows=arrays["rows"],
        numbers=numbers[:, train:],
        test_rows=arrays["test"],
        resampling=_resampling(design, numbers, train, repeats),
    )
