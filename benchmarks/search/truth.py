"""What is true of strengths: their expected loss on new rows, beside the best on a dense grid."""

import dataclasses
import itertools
from collections.abc import Callable, Iterable, Sequence
from typing import Any

import numpy as np

from benchmarks.search.problems import PROBLEMS, STRENGTHS, Known
from benchmarks.search.studies import TEST_ROWS, Found, study_of

GRID = 13
"""Strengths of each layer, evenly on a log scale, beside none."""
TRAININGS = 40
"""Training sets, the same for all strengths, of which the true loss is the mean."""
SEED = 2_000_003
"""Of these rows, which no study has."""
NEAR, NEAR_ONE = 0.2, 0.1
"""Shares of a gain that are missed at most where the truth is found; see :class:`Truth`."""

Strengths = tuple[float, ...]


@dataclasses.dataclass(frozen=True)
class Truth:
    """What is true of a problem.

    The truth is found where the loss of the strengths of the best candidate by layer is above the
    best there is by at most a fifth of what that gains over the best single strength, and the layer
    that needs the strongest penalty has a stronger one than that which needs the weakest. Where one
    strength is as good by construction, it is found where the loss of the chosen single strength is
    above the best single one's by at most a tenth of what this gains over no penalty.

    Attributes:
        known: the problem.
        losses: the expected loss of the strengths of each layer that were asked for.
        best: the strengths by layer that are the best: of a grid, or in closed form.
    """

    known: Known
    losses: dict[Strengths, float]
    best: Strengths

    def of_one(self, strength: float) -> float:
        """The loss of one strength for all layers."""
        return self.losses[(strength,) * len(self.known.layers)]

    @property
    def none(self) -> float:
        """The loss without a penalty."""
        return self.of_one(0.0)

    @property
    def one(self) -> tuple[float, float]:
        """The best single strength of the grid, and its loss."""
        loss, strength = min((self.of_one(one), one) for one in grid())
        return strength, loss

    def missed(self, found: Found) -> float:
        """The share of the gain that a study missed, negative where it found better ones."""
        one = self.one[1]
        if self.known.order is None:
            return (self.of_one(found.one) - one) / (self.none - one)
        best = self.losses[self.best]
        return (self.losses[found.each] - best) / (one - best)

    def is_found(self, found: Found) -> bool:
        """Whether a study has found it."""
        if self.known.order is None:
            return self.missed(found) <= NEAR_ONE
        strongest, weakest = (found.each[self.known.layers.index(one)] for one in self.known.order)
        return self.missed(found) <= NEAR and strongest > weakest


def grid() -> list[float]:
    """The strengths of the grid, none first."""
    return [0.0, *(float(f"{s:.3g}") for s in np.geomspace(*STRENGTHS, GRID))]


def truth_of(problem: str, found: Iterable[Found], *, quick: bool = False) -> Truth:
    """What is true of a problem, of the grid and of what its studies found."""
    known = PROBLEMS[problem]
    layers = len(known.layers)
    own = [one for one in found if one.problem == problem]
    asked = {(one,) * layers for one in grid()} | {one.each for one in own}
    asked |= {(one.one,) * layers for one in own}
    if known.loss is None:
        pairs = {*itertools.product(grid(), repeat=layers)}
        losses = _trained(known, sorted(asked | pairs), quick=quick)
        return Truth(known, losses, min(sorted(pairs), key=losses.__getitem__))
    best = _lowest(known.loss, layers)
    return Truth(known, {one: known.loss(*one) for one in asked | {best}}, best)


def _lowest(loss: Callable[..., float], layers: int) -> Strengths:
    """The strengths at which a closed form is the lowest."""
    from scipy.optimize import minimize

    def of_logarithms(place: np.ndarray) -> float:
        return loss(*np.exp(place))

    found = minimize(
        of_logarithms, np.zeros(layers), method="L-BFGS-B", bounds=[np.log(STRENGTHS)] * layers
    )
    return tuple(float(f"{one:.3g}") for one in np.exp(found.x))


def _trained(known: Known, pairs: Sequence[Strengths], *, quick: bool) -> dict[Strengths, float]:
    """The mean loss on test rows of networks trained under each pair of strengths."""
    import wane

    candidates = {
        pair: tuple(
            wane.L2(strength, layers=layer)
            for strength, layer in zip(pair, known.layers, strict=True)
            if strength
        )
        for pair in pairs
    }
    study = study_of(
        known,
        SEED,
        quick=quick,
        repeats=2 if quick else TRAININGS,
        candidates=[one for one in candidates.values() if one],
        validation=wane.Fresh(known.draw, train=known.train, validation=10),
        test=known.draw(2 * TEST_ROWS, SEED),
    )
    means = mean_test_losses(study.spec)
    return {pair: means[one] for pair, one in candidates.items()}


def mean_test_losses(spec: Any) -> dict[Any, float]:
    """The mean loss on test rows of all repeats of each candidate of a specification.

    The runs are trained by the engine and neither kept nor evaluated, of which there are too many.
    """
    from wane.study.running.session import Session

    session = Session(spec)
    session.lay(None)
    sums = np.zeros(len(spec.candidates))
    runs = session.runs()
    for trained in session.workers.results(runs, session.initial_state):
        sums[trained.run.candidate] += trained.numbers["test_data_loss"]
    means = sums * len(sums) / len(runs)
    return dict(zip(spec.candidates, map(float, means), strict=True))
