"""The built-in examples, in one catalogue from which the command line and its help read."""

from collections.abc import Callable
from typing import TYPE_CHECKING

from wane.data.problem import Problem

if TYPE_CHECKING:
    import numpy as np


def moons() -> Problem:
    """Two noisy half circles: the published case study.

    30 rows train, the 70 others that were published validate, and 10,000 fresh points test.
    """
    x, y = _moons(rows=100, seed=1)
    return Problem(
        name="moons",
        task="binary",
        x=x[:30],
        y=y[:30],
        validation=(x[30:], y[30:]),
        test=_moons(rows=10_000, seed=2),
        feature_names=("x1", "x2"),
        class_names=("0", "1"),
        epochs=4000,
        repeats=30,
    )


def _moons(rows: int, seed: int) -> "tuple[np.ndarray, np.ndarray]":
    """Points [rows, 2] and classes [rows] of 0 and 1, both float32."""
    from sklearn.datasets import make_moons

    x, y = make_moons(n_samples=rows, noise=0.2, random_state=seed)
    return x.astype("float32"), y.astype("float32")


EXAMPLES: dict[str, Callable[[], Problem]] = {"moons": moons}
"""Every built-in example by the name that the command line uses."""
