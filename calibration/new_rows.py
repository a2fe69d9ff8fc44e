"""What a study says of new rows, what is true of them, and what wane 0.1 said of the same runs."""

import dataclasses
from collections.abc import Iterable, Iterator, Sequence

import numpy as np

from calibration.evidence import Said, said, said_before, said_before_on_test_rows
from calibration.linear import Sgd, Trained, ridge_study, trained
from calibration.problems import Design, Noise, Simulated, Sizes, simulated
from calibration.shares import Readings, Share, Told, compared
from calibration.simulations import LADDER, SIZES
from wane.study.verdicts.verdict import verdict

EQUAL = 40
"""How many candidates are the baseline's equals."""
WORSE = Sgd(500, 8, (0.0, 0.03, 0.1), epochs=25, batch=32, rate=0.02)
"""A linear model of a linear truth, which L2 makes worse, with 8 validation rows."""
WITHOUT_SEED = dataclasses.replace(WORSE, train=200, batch=200, epochs=60, rate=0.1, seeded=False)
"""The same where all repeats come to the same numbers: full batches, from weights of zero."""
RIDGES = {"too weak": (1e-3, 0.2), "too strong": (3.0, 0.2)}
"""A baseline that is penalized too weakly or too strongly, and a better ridge penalty."""
_WORDS: dict[Design, str] = {
    "seeds": "one split",
    "fresh": "new rows each time",
    "splits": "splits of one data set",
    "subsample": "small splits out of 400 rows",
}
SEVERAL: tuple[Design, ...] = ("fresh", "subsample", "splits")
"""What repeats differ in where the truth is that over all data sets."""
EVERY: tuple[Design, ...] = ("seeds", "fresh", "splits")
"""What they differ in where candidates are equal or the noise is heavy."""
GRIDS = {
    "beyond the strongest": (1e-4, 3e-4, 1e-3, 3e-3, 1e-2),
    "within the grid": LADDER,
    "none: all are equal": (LADDER[2],) * 6,
}
"""Ridge penalties, the baseline's first, by where the best one lies."""


def every(factor: float, seed: int = 0) -> Iterator[Readings]:
    """Every problem in turn.

    Args:
        factor: of the usual number of studies, 200.
        seed: of everything that is drawn.
    """
    studies = max(2, int(factor * 200))
    for validation in (8, 20, 70, 300):
        for repeats in (10, 30):
            yield one_split(validation, repeats, studies, seed)
    yield several("fresh", 10, studies, seed)
    for design in SEVERAL:
        yield several(design, 30, studies, seed)
    yield worse(studies, seed)
    yield without_seed(studies, seed)
    for test in (50, 500, 5000):
        for pair in RIDGES:
            yield on_test_rows(pair, test, studies, seed)
    for design in EVERY:
        yield equal(design, 30, studies, seed)
    yield equal("seeds", 10, studies, seed)
    yield equal("fresh", 10, studies, seed)
    for design in EVERY:
        yield heavy_tails(design, studies, seed)


def one_split(validation: int, repeats: int, studies: int, seed: int = 0) -> Readings:
    """Five penalties on one split; the truth is the loss of the same networks on new rows."""
    told = closed_form(
        "seeds", LADDER, repeats, studies, {"train": 30, "validation": validation}, seed
    )
    return compared("one split, five penalties", f"30 + {validation}", repeats, *told)


def several(design: Design, repeats: int, studies: int, seed: int = 0) -> Readings:
    """Five penalties and several splits; the truth is that over all data sets."""
    told = closed_form(design, LADDER, repeats, studies, SIZES[design], seed)
    return compared(f"five penalties, {_WORDS[design]}", _rows(design), repeats, *told)


def equal(design: Design, repeats: int, studies: int, seed: int = 0) -> Readings:
    """Forty candidates that differ from the baseline by chance alone: the true gain is 0."""
    penalties = (LADDER[2],) * (EQUAL + 1)
    told = closed_form(design, penalties, repeats, studies, SIZES[design], seed)
    return compared(f"{EQUAL} equal candidates, {_WORDS[design]}", _rows(design), repeats, *told)


def heavy_tails(design: Design, studies: int, seed: int = 0, repeats: int = 10) -> Readings:
    """Five penalties, with noise of Student's t with 3 degrees of freedom."""
    told = closed_form(design, LADDER, repeats, studies, SIZES[design], seed, "t3")
    return compared(f"t(3) noise, {_WORDS[design]}", _rows(design), repeats, *told)


def _rows(design: Design) -> str:
    return f"{SIZES[design]['train']} + {SIZES[design]['validation']}"


def closed_form(
    design: Design,
    penalties: tuple[float, ...],
    repeats: int,
    studies: int,
    sizes: Sizes,
    seed: int = 0,
    noise: Noise = "normal",
) -> tuple[list[Told], list[Told]]:
    """What is said of the small random networks, now and before.

    On one split the truth is the mean loss on new rows of the study's own networks; else that over
    all data sets, as the mean over the studies. Between equal candidates it is 0.
    """
    random = np.random.default_rng([seed, repeats, sizes["validation"], len(penalties)])
    names = tuple(10.0 ** (index / 4 - 9) for index in range(len(penalties)))
    equals = len(set(penalties)) == 1
    now, before, gains = [], [], np.zeros((studies, len(penalties)))
    for place in range(studies):
        study = simulated(random, design, penalties, repeats, noise=noise, **sizes)
        one = study.evidence(names)
        now.append(said(one))
        before.append(said_before(one))
        if equals or (design == "seeds" and not one.chosen):
            continue
        asked = (one.chosen or 0,) if design == "seeds" else range(1, len(penalties))
        rows = 1000 if design == "seeds" else 200
        gains[place] = true_gains(study, asked, rows, int(random.integers(2**31)))
    if design != "seeds":
        gains[:] = gains.mean(axis=0)
    return _told(now, gains), _told(before, gains)


def true_gains(study: Simulated, asked: Iterable[int], rows: int, seed: int) -> np.ndarray:
    """What some candidates gain over the baseline on the same new rows, [candidates]; else 0."""

    def loss(index: int) -> float:
        return float(study.truth(np.random.default_rng(seed), index, rows).mean())

    gains, baseline = np.zeros(len(study.networks)), loss(0)
    for index in asked:
        gains[index] = baseline - loss(index)
    return gains


def _told(several: Sequence[Said], gains: np.ndarray) -> list[Told]:
    return [Told(one, float(own[one.chosen])) for one, own in zip(several, gains, strict=True)]


def worse(studies: int, seed: int = 0, repeats: int = 10) -> Readings:
    """A linear model of a linear truth on 500 rows: L2 makes it worse, 8 validation rows judge."""
    made = trained(np.random.default_rng([seed, 1]), WORSE, studies, repeats)
    return compared("linear truth, L2 is worse", "500 + 8", repeats, *_linear(made))


def without_seed(studies: int, seed: int = 0, repeats: int = 30) -> Readings:
    """The same, where all repeats come to the same numbers."""
    made = trained(np.random.default_rng([seed, 2]), WITHOUT_SEED, studies, repeats)
    return compared("the same, runs do not differ", "200 + 8", repeats, *_linear(made))


def _linear(made: Trained) -> tuple[list[Told], list[Told]]:
    now: list[Told] = []
    before: list[Told] = []
    losses = made.true_loss[-1].mean(axis=-1)  # [studies, candidates]
    for study, own in enumerate(losses):
        one = made.evidence(study)
        for told, what in ((now, said(one)), (before, said_before(one))):
            told.append(Told(what, float(own[0] - own[what.chosen])))
    return now, before


def on_test_rows(pair: str, test: int, studies: int, seed: int = 0, repeats: int = 30) -> Readings:
    """Test rows judge models of splits of one data set.

    What is said now is of models trained on these rows, and is held to that; what wane 0.1 said in
    a comparison was of other data sets too, and is held to the mean over data sets.
    """
    random = np.random.default_rng([seed, test])
    made = [ridge_study(random, RIDGES[pair], repeats, test) for _ in range(studies)]
    over_data_sets = float(np.mean([one.there for one in made]))
    now = [Told(said(one.evidence), one.here if one.evidence.chosen else 0.0) for one in made]
    before = [
        Told(said_before_on_test_rows(one.test_rows, one.evidence.resampling), over_data_sets)
        for one in made
    ]
    problem = f"{test} test rows, splits, baseline {pair}"
    return compared(problem, "60 + 20", repeats, now, before)


def overfits_wrongly(how: Sgd, studies: int, seed: int = 0, repeats: int = 10) -> Share:
    """How often a linear model is said to overfit that has nothing to overfit."""
    made = trained(np.random.default_rng([seed, 3]), how, studies, repeats)
    return Share(sum(verdict(made.evidence(one)).overfits for one in range(studies)), studies)


@dataclasses.dataclass(frozen=True)
class Edge:
    """How often a study chooses the strongest penalty that was tried, and advises stronger ones.

    Attributes:
        chosen: how often the strongest is chosen.
        now, before: how often stronger ones are advised, now and by wane 0.1, which did so only
            where it said "helps".
    """

    chosen: Share
    now: Share
    before: Share


def grid_edge(grid: str, design: Design, studies: int, seed: int = 0, repeats: int = 10) -> Edge:
    """How often stronger penalties are advised, by where the best one truly lies.

    Args:
        grid: one of :data:`GRIDS`.
        design: what repeats differ in.
        studies: how many.
        seed: of everything that is drawn.
        repeats: of each study.
    """
    random = np.random.default_rng([seed, 4])
    names = (0.0, *(10.0**index for index in range(len(GRIDS[grid]) - 1)))
    chosen = now = before = 0
    for _ in range(studies):
        study = simulated(random, design, GRIDS[grid], repeats, **SIZES[design])
        one = study.evidence(names)
        at_the_edge = one.chosen == len(names) - 1
        chosen += at_the_edge
        now += verdict(one).next_step == "stronger"
        before += at_the_edge and said_before(one).helps
    return Edge(Share(chosen, studies), Share(now, studies), Share(before, studies))
