"""Gauss–Newton matrices of likelihoods, beside the precisions of a Gaussian prior."""

import dataclasses
import functools

import numpy as np
from scipy.linalg import solve_triangular


@dataclasses.dataclass(frozen=True, eq=False)
class Curvature:
    """A generalized Gauss–Newton matrix ``H = FᵀF`` of a negative log likelihood.

    Exactly one of the two is given: the factor where there are fewer terms than weights, so that
    nothing of [weights, weights] is ever made, and else the matrix.

    Args:
        factor: ``F``, [terms, weights].
        matrix: ``H``, [weights, weights].
    """

    factor: np.ndarray | None = None
    matrix: np.ndarray | None = None

    def beside(self, precisions: np.ndarray, scale: float = 1.0) -> "Posterior":
        """The precision of the posterior, ``scale · H + diag(precisions)``.

        Args:
            precisions: of the prior, above 0, [weights].
            scale: by what the curvature is multiplied, such as one over a variance of noise.
        """
        roots = 1 / np.sqrt(precisions)
        if self.factor is not None:
            return Posterior(roots, rows=np.sqrt(scale) * self.factor * roots)
        assert self.matrix is not None
        return Posterior(roots, matrix=scale * roots[:, None] * self.matrix * roots)


@dataclasses.dataclass(frozen=True, eq=False)
class Posterior:
    """A Gaussian posterior, in units of the prior's standard deviations.

    Args:
        deviations: the prior's standard deviation of each weight, [weights].
        rows: the factor of the curvature in these units, [terms, weights]; or
        matrix: the curvature, [weights, weights].
    """

    deviations: np.ndarray
    rows: np.ndarray | None = None
    matrix: np.ndarray | None = None

    @functools.cached_property
    def _root(self) -> np.ndarray:
        """The Cholesky factor of one and the curvature, over terms or over weights."""
        own = self.matrix if self.rows is None else self.rows @ self.rows.T
        assert own is not None
        return np.linalg.cholesky(np.eye(len(own)) + own)

    @functools.cached_property
    def _whitened(self) -> np.ndarray:
        """The inverse of the Cholesky factor, times the rows where there are rows."""
        right = np.eye(len(self._root)) if self.rows is None else self.rows
        return np.asarray(solve_triangular(self._root, right, lower=True))

    @property
    def log_determinant(self) -> float:
        """``log det(posterior precision) − log det(prior precision)``, which is not negative."""
        return float(2 * np.log(np.diag(self._root)).sum())

    @property
    def determined(self) -> np.ndarray:
        """How far the rows determine each weight, from 0 (the prior alone) to 1, [weights].

        It is one minus the posterior's variance over the prior's; its sum is MacKay's effective
        number of parameters.
        """
        squares = np.square(self._whitened).sum(axis=0)
        return np.asarray(1 - squares if self.rows is None else squares)

    def solve(self, right: np.ndarray) -> np.ndarray:
        """``x`` of ``(posterior precision) x = right``, [weights]."""
        right = self.deviations * right
        inner = self._whitened.T @ (self._whitened @ right)
        return np.asarray(self.deviations * (inner if self.rows is None else right - inner))
