"""Studies that are looked at again and again: how often is something called a help that is none?

Repeats' differences to the baseline are drawn directly, many studies at a time, and judged by the
rule of the verdict: the best candidate in the mean, by its Holm-adjusted p.
"""

import dataclasses
from typing import Literal

import numpy as np
from scipy import stats

from calibration.shares import Share
from wane.stats import anytime_p
from wane.stats.sequential import LEVEL, enough_repeats, looks_at
from wane.study.spec.looks import MOST_UNTIL_DECIDED, level_of

Shape = Literal["normal", "skewed to the left", "skewed to the right", "t(3)", "overlapping splits"]
"""How differences are distributed; over overlapping splits they are normal and share a part."""
Design = Literal["once", "peeking", "again", "grown", "until decided", "e-process"]
"""When a study is looked at, and at which levels; see :func:`looked`."""

MOST = MOST_UNTIL_DECIDED
ONCE = 30
GROWN = (20, 40, 80)
SHARED = 0.5
"""Share of the variance of a difference that is the baseline's, which all candidates have."""
RATIO = 1 / 3
"""Of overlapping splits, for which the correction of Nadeau & Bengio is exact here."""
PART = 2000
"""Studies that are drawn at a time."""


@dataclasses.dataclass(frozen=True)
class Ends:
    """How studies of a design ended.

    Attributes:
        helped: the share in which a candidate was said to help.
        repeats: the mean number of repeats that they took.
    """

    helped: Share
    repeats: float


def ends(
    shape: Shape,
    candidates: int,
    studies: int,
    *,
    effect: float = 0.0,
    designs: tuple[Design, ...],
    seed: int = 0,
) -> dict[Design, Ends]:
    """How studies end by design, all of them with the same differences.

    Args:
        shape: how differences are distributed.
        candidates: how many there are beside the baseline.
        studies: how many studies.
        effect: by how many standard deviations of a difference the first candidate is better.
        designs: when they are looked at.
        seed: of everything that is drawn.
    """
    random = np.random.default_rng([seed, candidates])
    found: dict[Design, list[np.ndarray]] = {design: [] for design in designs}
    for first in range(0, studies, PART):
        gains = drawn(random, shape, (min(PART, studies - first), candidates, MOST))
        gains[:, 0] += effect
        for design in designs:
            found[design].append(np.stack(looked(gains, design, ratio=_ratio(shape))))
    whole = {design: np.concatenate(parts, axis=1) for design, parts in found.items()}
    return {
        design: Ends(Share(int(helped.sum()), studies), float(repeats.mean()))
        for design, (helped, repeats) in whole.items()
    }


def _ratio(shape: Shape) -> float | None:
    return RATIO if shape == "overlapping splits" else None


def drawn(random: np.random.Generator, shape: Shape, size: tuple[int, int, int]) -> np.ndarray:
    """Differences of mean 0 and variance 1, [studies, candidates, repeats]."""

    def draw(*size: int) -> np.ndarray:
        if shape.startswith("skewed"):
            skewed = (random.gamma(2, size=size) - 2) / np.sqrt(2)
            return np.asarray(skewed if shape.endswith("right") else -skewed)
        if shape == "t(3)":
            return np.asarray(random.standard_t(3, size=size) / np.sqrt(3))
        return np.asarray(random.normal(size=size))

    studies, candidates, repeats = size
    gains = np.sqrt(SHARED) * draw(studies, 1, repeats)
    gains = gains + np.sqrt(1 - SHARED) * draw(*size)
    if shape == "overlapping splits":
        common = np.sqrt(SHARED) * draw(studies, 1, 1) + np.sqrt(1 - SHARED) * draw(
            studies, candidates, 1
        )
        gains = gains + np.sqrt(RATIO) * common
    return np.asarray(gains)


def looked(
    gains: np.ndarray, design: Design, *, ratio: float | None = None
) -> tuple[np.ndarray, np.ndarray]:
    """Whether each study came to "helps", and after how many repeats it ended.

    ``once`` is one look at 30 repeats at 5 %; ``peeking`` one after every repeat from 5 to 80, and
    ``again`` looks at 20, 40 and 80, each at 5 %; ``grown`` the same with the levels that a folder
    has that is given more repeats; ``until decided`` what that option does; ``e-process`` looks
    after every repeat from 3 on.

    Args:
        gains: differences to the baseline, positive where a candidate is better, [studies,
            candidates, repeats].
        design: when they are looked at.
        ratio: of overlapping splits, else None.

    Returns:
        Two arrays of studies.
    """
    if design == "e-process":
        p_values = anytime_p(gains)
        levels = dict.fromkeys(range(3, gains.shape[-1] + 1), LEVEL)
    else:
        p_values = t_tests(gains, ratio)
        levels = _levels(design, ratio)
    means = gains.cumsum(axis=-1) / np.arange(1, gains.shape[-1] + 1)
    helped = np.zeros(len(gains), bool)
    repeats = np.full(len(gains), max(levels))
    for count, level in levels.items():
        says = helps(means[..., count - 1], p_values[..., count - 1], level) & ~helped
        repeats[says] = count
        helped |= says
    return helped, repeats


def _levels(design: Design, ratio: float | None) -> dict[int, float]:
    """The repeats at which a design looks, and the levels."""
    if design == "once":
        return {ONCE: LEVEL}
    if design == "peeking":
        return dict.fromkeys(range(5, MOST + 1), LEVEL)
    if design == "again":
        return dict.fromkeys(GROWN, LEVEL)
    planned = design == "until decided"
    enough = None if ratio is None else enough_repeats(ratio)
    counts = looks_at(MOST, enough=enough) if planned else GROWN
    return {count: level_of(look, planned=planned) for look, count in enumerate(counts, start=1)}


def t_tests(gains: np.ndarray, ratio: float | None) -> np.ndarray:
    """Two-sided p of the paired t test after each repeat, [studies, candidates, repeats]."""
    count = np.arange(1, gains.shape[-1] + 1)
    means = gains.cumsum(axis=-1) / count
    squares = (gains**2).cumsum(axis=-1) - count * means**2
    with np.errstate(invalid="ignore", divide="ignore"):
        deviation = np.sqrt(np.maximum(squares, 0) / (count - 1))
        t = np.abs(means) / (deviation * np.sqrt(1 / count + (ratio or 0.0)))
    return np.where(count > 1, 2 * stats.t.sf(t, np.maximum(count - 1, 1)), 1.0)


def helps(means: np.ndarray, p_values: np.ndarray, level: float) -> np.ndarray:
    """Whether the best candidate of each study helps, as the verdict says, [studies].

    Args:
        means: mean differences, [studies, candidates].
        p_values: two-sided and unadjusted, in the same shape.
        level: of the test.
    """
    order = np.argsort(p_values, axis=1, kind="stable")
    steps = np.arange(p_values.shape[1], 0, -1)
    stepped = np.maximum.accumulate(np.take_along_axis(p_values, order, axis=1) * steps, axis=1)
    adjusted = np.empty_like(stepped)
    np.put_along_axis(adjusted, order, stepped, axis=1)
    best = means.argmax(axis=1)[:, None]
    found = np.take_along_axis(means, best, axis=1), np.take_along_axis(adjusted, best, axis=1)
    return np.asarray((found[0] > 0) & (found[1] < level))[:, 0]
