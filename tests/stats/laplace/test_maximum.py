"""Where the search for precisions ends, and that it ends at a maximum."""

import dataclasses

import numpy as np
import pytest
from scipy.special import expit

from wane.stats.laplace.curvature import Curvature
from wane.stats.laplace.maximum import Linearized, Prior, log_evidence, maximum


@dataclasses.dataclass(frozen=True, eq=False)
class Logistic:
    """Logistic regression."""

    x: np.ndarray
    y: np.ndarray
    target_variance = None

    @property
    def terms(self) -> int:
        return len(self.y)

    def energy(self, weights: np.ndarray) -> float:
        logits = self.x @ weights
        return float((np.logaddexp(0, logits) - self.y * logits).sum())

    def linearized(self, weights: np.ndarray) -> Linearized:
        shares = expit(self.x @ weights)
        factor = np.sqrt(shares * (1 - shares))[:, None] * self.x
        slope = self.x.T @ (shares - self.y)
        return Linearized(self.energy(weights), slope, Curvature(matrix=factor.T @ factor))


def logistic(*others: float) -> Logistic:
    random = np.random.default_rng(5)
    x = random.normal(size=(200, 6))
    truth = np.array([2, -2, 1, *(others or np.zeros(3))])
    return Logistic(x, (random.uniform(size=200) < expit(x @ truth)).astype(float))


WIDE = 1e-4, 1e4
GROUPS = np.array([0, 0, 0, 1, 1, 1])


def at_mode(likelihood: Logistic, precisions: np.ndarray) -> float:
    """The evidence at the mode of these precisions, found by plain Newton steps."""
    weights = np.zeros(6)
    for _ in range(50):
        here = likelihood.linearized(weights)
        assert here.curvature.matrix is not None
        whole = here.curvature.matrix + np.diag(precisions)
        weights = weights - np.linalg.solve(whole, here.gradient + precisions * weights)
    return log_evidence(likelihood, weights, precisions)


def test_it_tells_inputs_that_matter_from_those_that_do_not() -> None:
    likelihood = logistic()
    found = maximum(likelihood, np.zeros(6), Prior(GROUPS, np.ones(2)), WIDE)
    assert found.converged
    assert found.precisions[1] > 20 * found.precisions[0]
    assert found.noise == 1
    assert found.determined[0] == pytest.approx(3, abs=0.3) and found.determined[1] < 1.5
    of_weights = found.precisions[GROUPS]
    assert found.log_evidence == pytest.approx(at_mode(likelihood, of_weights), abs=1e-3)


def test_where_it_ends_the_evidence_is_highest() -> None:
    likelihood = logistic(0.6, -0.4, 0.5)
    found = maximum(likelihood, np.zeros(6), Prior(GROUPS, np.ones(2)), WIDE)
    for factors in ((1.6, 1), (1 / 1.6, 1), (1, 4), (1, 1 / 4)):
        elsewhere = (found.precisions * factors)[GROUPS]
        assert at_mode(likelihood, elsewhere) < found.log_evidence


def test_it_ends_at_the_same_place_from_elsewhere() -> None:
    likelihood = logistic(0.6, -0.4, 0.5)
    starts = [(np.zeros(6), 0.01), (np.full(6, 5.0), 100.0)]
    ends = [maximum(likelihood, w, Prior(GROUPS, np.full(2, a)), WIDE) for w, a in starts]
    logs = [np.log(one.precisions) for one in ends]
    assert logs[0] == pytest.approx(logs[1], abs=0.05)
    assert all(one.converged for one in ends)


def test_precisions_stay_within_their_bounds() -> None:
    random = np.random.default_rng(5)
    nothing = Logistic(random.normal(size=(100, 6)), (random.uniform(size=100) < 0.5).astype(float))
    found = maximum(nothing, np.zeros(6), Prior(GROUPS, np.ones(2)), (0.5, 7))
    assert found.precisions == pytest.approx([7, 7])
    assert found.converged
