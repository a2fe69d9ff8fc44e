"""Learners of weighted rows, many runs at once, for the calibration of retraining.

None of them is among the problems on which the method was found: polynomial ridge regression under
noise that grows with the input, logistic regression on random Fourier features with flipped
classes, penalized Poisson regression, a random network on categories in closed form, and a small
network that Adam trains.
"""

import dataclasses
import functools
from collections.abc import Callable
from typing import Any

import numpy as np

Array = np.ndarray
Fit = Callable[[Array, Array, Array, int, float], Array]
"""(x, y, weights [runs, rows], seed, strength) → the loss of every row in every run, [runs, rows].
"""


@dataclasses.dataclass(frozen=True)
class Learner:
    """A problem and what learns it.

    Attributes:
        name: for tables.
        draw: rows of it, (random, rows) → (x, y).
        losses: trains runs with weighted rows of one seed, and gives the loss of every row.
        pairs: strengths of baseline and candidate, by what the baseline is.
        classes: whether y are classes.
        another_seed: whether the candidate of equal strength has a seed of its own.
        slow: whether it takes so long that fewer studies must do.
    """

    name: str
    draw: Callable[[np.random.Generator, int], tuple[Array, Array]]
    losses: Fit
    pairs: dict[str, tuple[float, float]]
    classes: bool = False
    another_seed: bool = False
    slow: bool = False


def _ridge(features: Array, y: Array, weights: Array, strength: float) -> Array:
    """Weighted ridge regressions: predictions for every row, [runs, rows]."""
    count = features.shape[1]
    products = (features[:, :, None] * features[:, None, :]).reshape(len(y), -1)
    total = weights.sum(axis=1)[:, None]
    gram = (weights @ products / total).reshape(-1, count, count) + strength * np.eye(count)
    right = weights @ (features * y[:, None]) / total
    return np.asarray(np.linalg.solve(gram, right[..., None])[..., 0] @ features.T)


def _newton(
    features: Array, y: Array, weights: Array, strength: float, mean: Callable[[Array], Any]
) -> Array:
    """Weighted, penalized regressions of an exponential family: the linear predictors.

    Args:
        mean: gives mean and variance of y for a linear predictor.
    """
    count = features.shape[1]
    products = (features[:, :, None] * features[:, None, :]).reshape(len(y), -1)
    total = weights.sum(axis=1)[:, None]
    outputs = np.zeros((len(weights), count))
    for _ in range(7):
        expected, variance = mean(outputs @ features.T)
        slope = (weights * (expected - y)) @ features / total + strength * outputs
        curvature = ((weights * variance) @ products / total).reshape(-1, count, count)
        curvature += (strength + 1e-6) * np.eye(count)
        outputs -= np.clip(np.linalg.solve(curvature, slope[..., None])[..., 0], -2, 2)
    return np.asarray(outputs @ features.T)


def _polynomial(x: Array) -> Array:
    powers = [(i, j) for i in range(4) for j in range(4 - i)]
    return np.stack([x[:, 0] ** i * x[:, 1] ** j for i, j in powers], axis=1)


def _draw_uneven(random: np.random.Generator, rows: int) -> tuple[Array, Array]:
    x = random.uniform(-1, 1, (rows, 2))
    spread = 0.2 + 0.8 * np.abs(x[:, 0])
    return x, np.sin(2.5 * x[:, 0]) + x[:, 0] * x[:, 1] + spread * random.normal(size=rows)


def _uneven(x: Array, y: Array, weights: Array, _: int, strength: float) -> Array:
    return np.asarray((_ridge(_polynomial(x), y, weights, strength) - y) ** 2)


def _draw_flipped(random: np.random.Generator, rows: int) -> tuple[Array, Array]:
    x = random.normal(size=(rows, 2))
    right = x[:, 0] * x[:, 1] + 0.5 * x[:, 0] > 0
    return x, (right ^ (random.random(rows) < 0.1)).astype(float)


def _logistic(predictor: Array) -> tuple[Array, Array]:
    p = 1 / (1 + np.exp(-np.clip(predictor, -30, 30)))
    return p, p * (1 - p) + 1e-4


def _flipped(x: Array, y: Array, weights: Array, seed: int, strength: float) -> Array:
    random = np.random.default_rng(seed)
    waves = np.cos(x @ random.normal(size=(2, 14)) * 1.2 + random.uniform(0, 2 * np.pi, 14))
    found = _newton(waves, y, weights, strength, _logistic)
    return np.asarray(np.logaddexp(0, -(2 * y - 1) * found))


def _draw_counts(random: np.random.Generator, rows: int) -> tuple[Array, Array]:
    x = random.normal(size=(rows, 8))
    rate = np.exp(0.3 + np.clip(x @ np.linspace(0.4, 0, 8), -3, 2))
    return np.c_[x, np.ones(rows)], random.poisson(rate).astype(float)


def _poisson(predictor: Array) -> tuple[Array, Array]:
    rate = np.exp(np.clip(predictor, -5, 3))
    return rate, rate


def _counts(x: Array, y: Array, weights: Array, _: int, strength: float) -> Array:
    found = np.clip(_newton(x, y, weights, strength, _poisson), -5, 3)
    return np.asarray(np.exp(found) - y * found)


LEVELS = (4, 3, 5)


def _draw_categories(random: np.random.Generator, rows: int) -> tuple[Array, Array]:
    own = [random.integers(0, levels, rows) for levels in LEVELS]
    effect = 0.5 * own[0] - 0.7 * (own[1] == 1) + 0.6 * (own[0] > 1) * (own[2] % 2)
    hot = [np.eye(levels)[chosen] for levels, chosen in zip(LEVELS, own, strict=True)]
    return np.hstack(hot), effect - effect.mean() + 0.6 * random.normal(size=rows)


def _categories(x: Array, y: Array, weights: Array, seed: int, strength: float) -> Array:
    random = np.random.default_rng(seed)
    hidden = np.maximum(x @ random.normal(size=(sum(LEVELS), 14)) + random.normal(size=14), 0)
    features = np.c_[hidden / 14**0.5, np.ones(len(x))]
    return np.asarray((_ridge(features, y, weights, strength) - y) ** 2)


def _draw_rings(random: np.random.Generator, rows: int) -> tuple[Array, Array]:
    x = random.normal(size=(rows, 2))
    inside = np.linalg.norm(x, axis=1) + 0.3 * random.normal(size=rows) < 1.15
    return x, inside.astype(float)


UNITS, STEPS = 10, 60


@functools.cache
def _trainer() -> Any:
    """Trains tanh networks of one seed by Adam, with L2 on both kernels, under each weighting."""
    import jax
    import jax.numpy as jnp

    def start(key: Any) -> Any:
        first, second = jax.random.split(key)
        return (
            jax.random.normal(first, (2, UNITS)),
            jnp.zeros(UNITS),
            jax.random.normal(second, (UNITS,)) / UNITS**0.5,
            jnp.zeros(()),
        )

    def losses(network: Any, x: Any, y: Any) -> Any:
        a, b, c, d = network
        return jnp.logaddexp(0, -(2 * y - 1) * (jnp.tanh(x @ a + b) @ c + d))

    def one(key: Any, x: Any, y: Any, weights: Any, strength: Any) -> Any:
        def objective(network: Any) -> Any:
            squares = jnp.sum(network[0] ** 2) + jnp.sum(network[2] ** 2)
            return jnp.sum(weights * losses(network, x, y)) / jnp.sum(weights) + strength * squares

        def step(carry: Any, place: Any) -> Any:
            network, first, second = carry
            slope = jax.grad(objective)(network)
            first = jax.tree.map(lambda m, g: 0.9 * m + 0.1 * g, first, slope)
            second = jax.tree.map(lambda v, g: 0.99 * v + 0.01 * g * g, second, slope)
            rates = 0.08 / (1 - 0.9**place), 1 / (1 - 0.99**place)
            network = jax.tree.map(
                lambda p, m, v: p - rates[0] * m / (jnp.sqrt(v * rates[1]) + 1e-7),
                network,
                first,
                second,
            )
            return (network, first, second), None

        network = start(key)
        nothing = jax.tree.map(jnp.zeros_like, network)
        places = jnp.arange(1.0, STEPS + 1)
        (network, _, _), _ = jax.lax.scan(step, (network, nothing, nothing), places)
        return losses(network, x, y)

    return jax.jit(jax.vmap(one, in_axes=(None, None, None, 0, None)))


def _rings(x: Array, y: Array, weights: Array, seed: int, strength: float) -> Array:
    import jax

    key = jax.random.key(seed)
    found = _trainer()(key, *(a.astype(np.float32) for a in (x, y, weights)), np.float32(strength))
    return np.asarray(found, np.float64)


LEARNERS = {
    one.name: one
    for one in (
        Learner(
            "polynomial, uneven noise",
            _draw_uneven,
            _uneven,
            {"too weak": (0.0001, 0.01), "too strong": (0.5, 0.01), "equal": (0.003, 0.01)},
        ),
        Learner(
            "Fourier features, flips",
            _draw_flipped,
            _flipped,
            {"too weak": (0.0003, 0.01), "too strong": (0.5, 0.01), "equal": (0.01, 0.01)},
            classes=True,
            another_seed=True,
        ),
        Learner(
            "Poisson counts",
            _draw_counts,
            _counts,
            {"too weak": (0.01, 0.2), "too strong": (2.0, 0.2), "equal": (0.2, 0.4)},
        ),
        Learner(
            "network on categories",
            _draw_categories,
            _categories,
            {"too weak": (0.0003, 0.01), "too strong": (0.5, 0.01), "equal": (0.01, 0.01)},
            another_seed=True,
        ),
        Learner(
            "Adam on rings",
            _draw_rings,
            _rings,
            {"too weak": (0.0001, 0.002), "too strong": (0.02, 0.002), "equal": (0.002, 0.002)},
            classes=True,
            another_seed=True,
            slow=True,
        ),
    )
}
