"""The likelihood of rows as a function of a network's trainable weights, linearized by JAX."""

import math
from collections.abc import Iterator, Sequence
from typing import Any

import jax
import jax.numpy as jnp
import numpy as np

from wane.keras_model.bridge.bridge import Bridge
from wane.keras_model.curvature.losses import ScoreLikelihood
from wane.resampling.rows import Rows
from wane.stats.laplace.curvature import Curvature
from wane.stats.laplace.maximum import Linearized

_NUMBERS_AT_ONCE = 2**21
"""Derivatives that are computed at a time: scores times weights."""


class NetworkScores:
    """The scores of rows and their derivatives by a network's trainable weights, compiled once.

    The network is as it predicts: without dropout, with the statistics that its normalization
    layers have.

    Args:
        bridge: the model.
        likelihood: of its loss.
    """

    def __init__(self, bridge: Bridge, likelihood: ScoreLikelihood) -> None:
        self.likelihood = likelihood
        self._bridge = bridge
        variables = bridge.model.trainable_variables
        self._shapes = [tuple(variable.shape) for variable in variables]
        self._types = [variable.dtype for variable in variables]
        self.sizes = [math.prod(shape) for shape in self._shapes]
        self._scores = jax.jit(self._of_all)
        self._derivatives = jax.jit(jax.vmap(jax.jacrev(self._of_row), (None, None, 0)))

    def values(self, weights: np.ndarray) -> list[np.ndarray]:
        """The trainable variables' values of one vector, [weights]."""
        parts = np.split(weights, np.cumsum(self.sizes)[:-1])
        each = zip(parts, self._shapes, self._types, strict=True)
        return [part.reshape(shape).astype(kind) for part, shape, kind in each]

    def shape(self, state: list[Any], x: Any) -> tuple[int, ...]:
        """The shape of the scores of rows, [rows, …], without computing them."""
        found = jax.eval_shape(self._of_all, self.values(np.zeros(sum(self.sizes))), state, x)
        return tuple(found.shape)

    def scores(self, values: list[np.ndarray], state: list[Any], x: Any) -> np.ndarray:
        """The scores of rows, [rows, …]."""
        with jax.default_matmul_precision("highest"):
            return np.asarray(self._scores(values, state, x), np.float64)

    def derivatives(self, values: list[np.ndarray], state: list[Any], x: Any) -> np.ndarray:
        """Those of every score of rows by the weights, [rows, scores, weights]."""
        with jax.default_matmul_precision("highest"):
            found = self._derivatives(values, state, x)
        rows = len(found[0])
        each = zip(found, self.sizes, strict=True)
        flat = [np.asarray(one, np.float64).reshape(rows, -1, size) for one, size in each]
        return np.concatenate(flat, axis=2)

    def _of_all(self, values: list[Any], state: list[Any], x: Any) -> jax.Array:
        outputs, _, _ = self._bridge.forward(values, state, x, training=False)
        (only,) = jax.tree.leaves(outputs)
        return self.likelihood.scores(only)

    def _of_row(self, values: list[Any], state: list[Any], x: Any) -> jax.Array:
        return self._of_all(values, state, jax.tree.map(lambda part: part[None], x)).ravel()


class NetworkLikelihood:
    """What rows say of the trainable weights of a network, as one vector; see ``Likelihood``.

    Args:
        network: the network.
        rows: without weights.
        state: the values of what is not trained, such as moving averages.
    """

    def __init__(self, network: NetworkScores, rows: Rows, state: Sequence[Any]) -> None:
        self._network, self._x = network, rows.x
        self._state = [jnp.asarray(value) for value in state]
        self._shape = network.shape(self._state, self._x)
        self._targets = network.likelihood.targets(np.asarray(rows.y), self._shape)
        self.terms = network.likelihood.terms(self._shape)

    @property
    def target_variance(self) -> float | None:
        """The variance of the targets of Gaussian noise; None of classes."""
        if self._network.likelihood.noise != "gaussian":
            return None
        return float(np.var(self._targets))

    def energy(self, weights: np.ndarray) -> float:
        """The negative log likelihood at these weights; see ``Likelihood``."""
        scores = self._network.scores(self._network.values(weights), self._state, self._x)
        return self._network.likelihood.energy(scores, self._targets)

    def linearized(self, weights: np.ndarray) -> Linearized:
        """The same with its gradient and its Gauss–Newton matrix there."""
        likelihood, values = self._network.likelihood, self._network.values(weights)
        scores = self._network.scores(values, self._state, self._x)
        slopes, roots = likelihood.derivatives(scores, self._targets)
        slopes, roots = (one.reshape(len(scores), -1) for one in (slopes, roots))
        wide = roots.size < len(weights)
        gradient = np.zeros(len(weights))
        factors, matrix = [], np.zeros((0, 0) if wide else (len(weights),) * 2)
        for rows, derivatives in self._parts(values):
            gradient += slopes[rows].ravel() @ derivatives
            derivatives *= roots[rows].reshape(-1, 1)
            if wide:
                factors.append(derivatives)
            else:
                matrix += derivatives.T @ derivatives
        curvature = Curvature(np.concatenate(factors)) if wide else Curvature(matrix=matrix)
        return Linearized(likelihood.energy(scores, self._targets), gradient, curvature)

    def _parts(self, values: list[np.ndarray]) -> Iterator[tuple[np.ndarray, np.ndarray]]:
        """Some rows at a time, and the derivatives of their scores, [rows · scores, weights]."""
        count = self._shape[0]
        each = math.prod(self._shape[1:]) * sum(self._network.sizes)
        at_once = min(count, max(1, _NUMBERS_AT_ONCE // each))
        for first in range(0, count, at_once):
            rows = np.arange(first, min(first + at_once, count))
            # One shape for all parts, so that they share one program.
            padded = np.minimum(np.arange(first, first + at_once), count - 1)
            x = jax.tree.map(lambda part, own=padded: part[own], self._x)
            found = self._network.derivatives(values, self._state, x)[: len(rows)]
            yield rows, found.reshape(-1, found.shape[2])
