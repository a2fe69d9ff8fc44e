"""Problems of which any number of rows can be drawn: two noisy shapes and a noisy sequence."""

from typing import TYPE_CHECKING

import numpy as np

if TYPE_CHECKING:
    Rows = tuple[np.ndarray, np.ndarray]

STEPS = 16
"""The length of a row of :func:`sequence_rows`."""


def moons_rows(rows: int, seed: int) -> "Rows":
    """Two noisy half circles: points [rows, 2] and classes [rows] of 0 and 1, both float32."""
    from sklearn.datasets import make_moons

    x, y = make_moons(n_samples=rows, noise=0.2, random_state=seed)
    return x.astype("float32"), y.astype("float32")


def circles_rows(rows: int, seed: int) -> "Rows":
    """A noisy circle inside another one, in the same form as :func:`moons_rows`."""
    from sklearn.datasets import make_circles

    x, y = make_circles(n_samples=rows, noise=0.2, factor=0.4, random_state=seed)
    return x.astype("float32"), y.astype("float32")


def sequence_rows(rows: int, seed: int) -> "Rows":
    """Slow and fast waves in noise: x [rows, 16, 1] and the class y [rows], 1 for fast, float32.

    ``x_t = sin(2π (f t / 16 + φ)) + 0.6 ε_t`` with ε standard normal, φ uniform in [0, 1) and f,
    the number of waves in the row, uniform in [1.25, 1.75) for class 0 and [2.25, 2.75) for class
    1. As the phase φ is random, no single step carries any signal of the class.
    """
    random = np.random.default_rng(seed)
    y = random.integers(0, 2, rows)
    waves = 1.5 + y + random.uniform(-0.25, 0.25, rows)
    turns = waves[:, None] * np.arange(STEPS) / STEPS + random.uniform(size=(rows, 1))
    x = np.sin(2 * np.pi * turns) + 0.6 * random.normal(size=(rows, STEPS))
    return x[..., None].astype("float32"), y.astype("float32")
