"""The precisions of a prior under which training rows are likeliest, and the weights beside them.

Sources: MacKay, A practical Bayesian framework for backpropagation networks, Neural Computation 4
(1992); Foresee & Hagan, Gauss-Newton approximation to Bayesian learning, ICNN (1997).
"""

import dataclasses
import math
from typing import Protocol

import numpy as np

from wane.stats.laplace.curvature import Curvature, Posterior

MOST_STEPS = 120
"""Gauss–Newton steps at most, each with new precisions."""
FIRST_STEPS = 20
"""Steps at most towards the mode under the precisions of the beginning, before these change."""
SMALLEST_CHANGE = 0.01
"""Precisions that change by less than this share have been found; where the rows determine less
than a weight of a group, by less than that over what they determine."""
NEAR, EXACT = 0.02, 1e-3
"""Weights whose next step would gain less than so many nats are a mode; no step is taken for less
than the second, since numbers of single precision hardly show that."""
LARGEST_FACTOR = 10.0
"""By so much a precision changes at most in a step: the curvature is that of where it was."""
HALVINGS = 12
"""How often a step that does not lower the objective is halved."""
LEAST_NOISE = 1e-8
"""The variance of noise is at least this share of that of the targets."""


@dataclasses.dataclass(frozen=True, eq=False)
class Linearized:
    """A negative log likelihood around some weights.

    Attributes:
        energy: in nats, without constants; half the sum of squares where noise is Gaussian.
        gradient: of the energy, [weights].
        curvature: its Gauss–Newton matrix.
    """

    energy: float
    gradient: np.ndarray
    curvature: Curvature


class Likelihood(Protocol):
    """What training rows say of weights.

    Attributes:
        terms: how many numbers the energy is a sum over.
        target_variance: the variance of the targets where noise is Gaussian, which then has a
            variance of its own by which energies are divided; None where there is no noise.
    """

    @property
    def terms(self) -> int: ...

    @property
    def target_variance(self) -> float | None: ...

    def energy(self, weights: np.ndarray) -> float:
        """The energy at these weights."""

    def linearized(self, weights: np.ndarray) -> Linearized:
        """The energy, its gradient and its curvature there."""


@dataclasses.dataclass(frozen=True, eq=False)
class Prior:
    """Groups of weights, each with a Gaussian of mean zero and a precision of its own.

    Attributes:
        groups: the group of each weight, [weights], numbered from 0.
        precisions: of each group, [groups].
    """

    groups: np.ndarray
    precisions: np.ndarray

    @property
    def of_weights(self) -> np.ndarray:
        """The precision of each weight, [weights]."""
        return np.asarray(self.precisions[self.groups])

    def sums(self, values: np.ndarray) -> np.ndarray:
        """The sum over each group of numbers of weights, [groups]."""
        return np.bincount(self.groups, values, minlength=len(self.precisions))


@dataclasses.dataclass(frozen=True, eq=False)
class Maximum:
    """Precisions of the largest evidence that was found.

    Attributes:
        weights: the mode beside them, [weights].
        precisions: of each group, [groups].
        noise: the variance of the noise; 1 where there is none.
        log_evidence: there, in nats.
        determined: how many weights of each group the rows determine, [groups].
        steps: how many were taken.
        converged: whether the precisions and the weights had stopped changing by then.
    """

    weights: np.ndarray
    precisions: np.ndarray
    noise: float
    log_evidence: float
    determined: np.ndarray
    steps: int
    converged: bool


def log_evidence(
    likelihood: Likelihood, weights: np.ndarray, precisions: np.ndarray, noise: float = 1.0
) -> float:
    """The log marginal likelihood of the rows by Laplace's approximation at some weights.

    ``log p(rows | w) − ½ Σ aᵢ wᵢ² − ½ log det(I + A⁻¹ H)``, in nats, with the precisions ``A`` and
    the Gauss–Newton matrix ``H`` at ``w``. At the mode of a linear model with Gaussian noise it is
    exact (Bishop, Pattern Recognition and Machine Learning, 3.86).

    Args:
        likelihood: of the rows.
        weights: where it is approximated, [weights].
        precisions: of the prior of each weight, [weights].
        noise: the variance of Gaussian noise.

    Source: Daxberger et al., Laplace Redux, NeurIPS 34 (2021); Immer et al., Scalable marginal
    likelihood estimation for model selection in deep learning, ICML (2021), arXiv 2104.04975.
    """
    here = likelihood.linearized(weights)
    posterior = here.curvature.beside(precisions, 1 / noise)
    return _log_evidence(likelihood, here.energy, weights, precisions, noise, posterior)


def _log_evidence(
    likelihood: Likelihood,
    energy: float,
    weights: np.ndarray,
    precisions: np.ndarray,
    noise: float,
    posterior: Posterior,
) -> float:
    constants = 0.0
    if likelihood.target_variance is not None:
        constants = 0.5 * likelihood.terms * math.log(2 * math.pi * noise)
    penalty = 0.5 * float(precisions @ np.square(weights))
    return -energy / noise - constants - penalty - 0.5 * posterior.log_determinant


def maximum(
    likelihood: Likelihood,
    weights: np.ndarray,
    prior: Prior,
    bounds: tuple[float, float],
) -> Maximum:
    """The precisions of the largest evidence, with weights trained on to the mode beside them.

    Gauss–Newton steps towards the mode alternate with MacKay's updates: the precision of a group is
    the number of its weights that the rows determine, over the sum of their squares; the variance
    of noise is the sum of squares over the terms that no weight has taken up. Networks have several
    modes, of which this is one near the weights that were given.

    Args:
        likelihood: of the rows.
        weights: where to begin, [weights].
        prior: the groups, and the precisions of the beginning.
        bounds: the least and the largest precision of a group.
    """
    return _Search(likelihood, np.asarray(weights, np.float64), prior, bounds).found()


def maximum_at(
    likelihood: Likelihood, weights: np.ndarray, prior: Prior, bounds: tuple[float, float]
) -> Maximum:
    """The precisions, and the variance of noise, of the largest evidence at weights that stay.

    Of networks whose units are homogeneous, as ReLU is, one layer's weights can be multiplied by
    what the next one's are divided by. So precisions of several layers and the weights have no
    common maximum, and each layer's precision is that for its weights as they are.

    Args:
        likelihood, weights, prior, bounds: as for :func:`maximum`.
    """
    search = _Search(likelihood, np.asarray(weights, np.float64), prior, bounds)
    return search.found(stay=True)


class _Search:
    """The weights, precisions and noise of now; see :func:`maximum`."""

    def __init__(
        self,
        likelihood: Likelihood,
        weights: np.ndarray,
        prior: Prior,
        bounds: tuple[float, float],
    ) -> None:
        self._likelihood, self._weights, self._prior = likelihood, weights, prior
        self._bounds = math.log(bounds[0]), math.log(bounds[1])
        self._noise = 1.0
        self._here = likelihood.linearized(weights)
        if likelihood.target_variance is not None:
            self._noise = self._at_least(2 * self._here.energy / likelihood.terms)

    def found(self, *, stay: bool = False) -> Maximum:
        """Steps, or updates alone where the weights stay, until nothing changes."""
        for _ in range(0 if stay else FIRST_STEPS):
            if self._step(self._posterior()) < EXACT:
                break
        converged, steps = False, 0
        for steps in range(1, MOST_STEPS + 1):  # noqa: B007 # how many there were
            posterior = self._posterior()
            changed = self._update(posterior)
            gained = 0.0 if stay else self._step(self._posterior())
            converged = changed < SMALLEST_CHANGE and gained < NEAR
            if converged:
                break
        posterior, precisions = self._posterior(), self._prior.of_weights
        return Maximum(
            weights=self._weights,
            precisions=self._prior.precisions,
            noise=self._noise,
            log_evidence=_log_evidence(
                self._likelihood,
                self._here.energy,
                self._weights,
                precisions,
                self._noise,
                posterior,
            ),
            determined=self._prior.sums(posterior.determined),
            steps=steps,
            converged=converged,
        )

    def _posterior(self) -> Posterior:
        return self._here.curvature.beside(self._prior.of_weights, 1 / self._noise)

    def _at_least(self, noise: float) -> float:
        spread = self._likelihood.target_variance or 0.0
        return max(noise, LEAST_NOISE * spread, np.finfo(np.float64).tiny)

    def _step(self, posterior: Posterior) -> float:
        """Go to lower energy and smaller weights; by how many nats that was expected to help."""
        precisions = self._prior.of_weights
        slope = self._here.gradient / self._noise + precisions * self._weights
        step = posterior.solve(slope)
        expected = 0.5 * float(slope @ step)
        if expected < EXACT:
            return expected
        before = self._objective(self._weights, self._here.energy)
        for halving in range(HALVINGS):
            there = self._weights - step / 2**halving
            if self._objective(there, self._likelihood.energy(there)) < before:
                self._weights, self._here = there, self._likelihood.linearized(there)
                return expected
        return 0.0

    def _objective(self, weights: np.ndarray, energy: float) -> float:
        penalty = 0.5 * float(self._prior.of_weights @ np.square(weights))
        value = energy / self._noise + penalty
        return value if math.isfinite(value) else math.inf

    def _update(self, posterior: Posterior) -> float:
        """MacKay's update of precisions and noise; the largest change of their logarithms."""
        determined = np.maximum(self._prior.sums(posterior.determined), 1e-12)
        squares = np.maximum(self._prior.sums(np.square(self._weights)), 1e-300)
        before = np.log(self._prior.precisions)
        limit = math.log(LARGEST_FACTOR)
        wanted = np.clip(np.log(determined / squares), before - limit, before + limit)
        after = np.clip(wanted, *self._bounds)
        self._prior = dataclasses.replace(self._prior, precisions=np.exp(after))
        # Of what the rows determine nothing of, the precision hardly matters, nor has an end.
        changed = float((np.abs(after - before) * np.minimum(determined, 1)).max())
        if self._likelihood.target_variance is not None:
            free = max(self._likelihood.terms - float(determined.sum()), 1e-6)
            noise = self._at_least(2 * self._here.energy / free)
            old, self._noise = self._noise, min(max(noise, self._noise / 3), self._noise * 3)
            changed = max(changed, abs(math.log(self._noise / old)))
        return changed
