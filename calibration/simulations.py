"""What is asked of the simulated studies, and the numbers that answer."""

import dataclasses
from collections.abc import Callable, Sequence

import numpy as np

from calibration.problems import Design, Simulated, Sizes, simulated
from calibration.shares import Share
from wane.stats import PairedDifference, bias_corrected, crossed_difference
from wane.study.evaluation.expected import Expectation, from_bootstrap, test_interval
from wane.study.evaluation.paired import differences
from wane.study.verdicts.verdict import verdict

LADDER = (1e-2, 3e-2, 1e-1, 3e-1, 1.0, 3.0)
"""Ridge penalties of which the third is best; the first is the baseline."""
DESIGNS: tuple[Design, ...] = ("seeds", "splits", "subsample", "fresh")


SIZES: dict[Design, Sizes] = {
    "seeds": {"train": 30, "validation": 70},
    "splits": {"train": 60, "validation": 20},
    "subsample": {"train": 30, "validation": 20},
    "fresh": {"train": 30, "validation": 20},
}
"""Rows of each repeat: as in the published case, as by default, and few."""
PAIRS = {"weak": (LADDER[0], LADDER[2]), "strong": (LADDER[5], LADDER[2])}
"""A baseline of a weak or a strong penalty, and a candidate between them.

With 30 training rows the candidate is the better one of both pairs; with 60 the weak baseline is.
"""


def difference_coverage(
    design: Design,
    repeats: Sequence[int],
    studies: int,
    seed: int = 0,
    *,
    pair: str = "weak",
    sizes: Sizes | None = None,
    crossed: bool = False,
) -> tuple[float, list[Share]]:
    """How often the interval of a difference to the baseline holds the true one.

    On one split that is the mean over many more seeds on this very split; else that over all data
    sets and splits.

    Args:
        design: what repeats differ in.
        repeats: of each study; a study of fewer is the first part of one of more.
        studies: how many.
        seed: of everything that is drawn.
        pair: which of :data:`PAIRS`.
        sizes: rows of each repeat; those of :data:`SIZES` by default.
        crossed: the interval that takes rows and repeats for crossed samples, in place of that over
            repeats.

    Returns:
        What the second penalty truly gains over the first, and for each number of repeats the share
        of intervals that hold it.
    """
    random = np.random.default_rng([seed, list(PAIRS).index(pair)])
    sizes = sizes or SIZES[design]
    most, more = max(repeats), 400 if design == "seeds" else 0
    ends, truths = np.zeros((studies, len(repeats), 2)), np.zeros(studies)
    for place in range(studies):
        study = simulated(random, design, PAIRS[pair], most + more, **sizes)
        for column, count in enumerate(repeats):
            few = study.first(count)
            difference = _crossed(few) if crossed else _by_wane(few)
            ends[place, column] = difference.low, difference.high
        if more:
            losses = study.validation[:, most:]
        else:
            losses = np.array([study.truth(random, candidate, 200) for candidate in (0, 1)])
        truths[place] = np.mean(losses[1] - losses[0])
    truth = truths if more else np.full(studies, truths.mean())
    held = (ends[..., 0] <= truth[:, None]) & (truth[:, None] <= ends[..., 1])
    return -float(truths.mean()), [Share(int(own.sum()), studies) for own in held.T]


def _by_wane(study: Simulated) -> PairedDifference:
    (difference,) = differences(study.validation, study.resampling)
    assert difference is not None
    return difference


def _crossed(study: Simulated) -> PairedDifference:
    sums, counts = study.row_sums()
    seen = counts > 0
    rows = (sums[1] - sums[0])[seen] / counts[seen]
    return crossed_difference(rows, study.validation[1] - study.validation[0])


def false_help(design: Design, repeats: int, studies: int, seed: int = 0) -> Share:
    """How often the verdict is "helps" where candidates differ from the baseline by chance alone.

    There are six of them.
    """
    return _helped(design, (LADDER[2],) * 7, repeats, studies, seed)


def _helped(
    design: Design, penalties: tuple[float, ...], repeats: int, studies: int, seed: int
) -> Share:
    random = np.random.default_rng(seed)
    names = tuple(10.0 ** (index - 6) for index in range(len(penalties)))
    helped = sum(
        verdict(
            simulated(random, design, penalties, repeats, **SIZES[design]).evidence(names)
        ).helps
        for _ in range(studies)
    )
    return Share(helped, studies)


@dataclasses.dataclass(frozen=True)
class Honesty:
    """How the honest estimate of the chosen candidate's loss, and the naive one, miss the truth.

    Attributes:
        error: the honest estimate's standard error: its standard deviation about the truth.
        bias, naive_bias: mean of estimate minus truth.
        coverage: how often the honest interval holds the truth.
    """

    error: float
    bias: float
    naive_bias: float
    coverage: Share


def honesty(
    design: Design, penalties: tuple[float, ...], repeats: int, studies: int, seed: int = 0
) -> Honesty:
    """The bias-corrected bootstrap of the chosen candidate against its true loss.

    The truth is the mean over its runs of their loss on new rows.
    """

    def estimate(study: Simulated, chosen: int, strengths: np.ndarray) -> Expectation:
        sums, counts = study.row_sums()
        one = bias_corrected(sums, sums, counts, strengths, draws=300)
        assert one is not None
        return from_bootstrap(one, study.validation[chosen], "down", study.resampling)

    return _honesty(design, penalties, repeats, studies, seed, estimate)


def honesty_of_a_test_set(
    design: Design, repeats: int, studies: int, seed: int = 0, rows: int = 50
) -> Honesty:
    """A test set of 50 rows against the chosen candidate's true loss."""

    def estimate(study: Simulated, chosen: int, _: np.ndarray) -> Expectation:
        by_row = study.test_rows[chosen].mean(axis=0)
        runs = study.test_rows[chosen].mean(axis=1)
        low, high = test_interval(by_row, runs, study.resampling, "mean")
        naive = float(study.validation[chosen].mean())
        return Expectation(float(runs.mean()), low, high, naive, 0.0)

    return _honesty(design, LADDER, repeats, studies, seed, estimate, test=rows)


def _honesty(
    design: Design,
    penalties: tuple[float, ...],
    repeats: int,
    studies: int,
    seed: int,
    estimate: Callable[[Simulated, int, np.ndarray], Expectation],
    test: int = 0,
) -> Honesty:
    random = np.random.default_rng(seed)
    strengths = 10.0 ** np.arange(len(penalties))
    misses, naive_misses, covered = [], [], 0
    for _ in range(studies):
        study = simulated(random, design, penalties, repeats, test=test, **SIZES[design])
        chosen = int(np.argmin(study.validation.mean(axis=1)))
        truth = float(study.truth(random, chosen).mean())
        one = estimate(study, chosen, strengths)
        misses.append(one.value - truth)
        naive_misses.append(one.naive - truth)
        covered += one.low <= truth <= one.high
    return Honesty(
        float(np.std(misses, ddof=1)),
        float(np.mean(misses)),
        float(np.mean(naive_misses)),
        Share(covered, studies),
    )
