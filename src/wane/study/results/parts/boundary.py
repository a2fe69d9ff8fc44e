"""What a figure of the decision boundary takes of a study over two inputs."""

from collections.abc import Callable
from typing import Any, Protocol

import jax
import jax.numpy as jnp
import numpy as np

from wane.study.measures.finished import FinishedRuns
from wane.study.verdicts.verdict import Verdict

BLOCK = 1000
"""How many points a model gets at a time."""
Field = Callable[[], dict[str, Any] | None]
"""Gives what :func:`boundary` gives."""


class _Chosen(Protocol):
    """What is taken of a result."""

    @property
    def verdict(self) -> Verdict: ...
    @property
    def chosen(self) -> str: ...
    def model(self, candidate: str) -> Any: ...


def boundary(finished: FinishedRuns, result: _Chosen) -> dict[str, Any] | None:
    """What a drawing of the decision boundary takes, for a yes-or-no question over two numbers.

    Args:
        finished: the runs.
        result: their result.

    Returns:
        The arguments; None of any other question, and where nothing was chosen.
    """
    rows = finished.splits.rows(0)
    shape: tuple[int, ...] = getattr(rows.train.x, "shape", ())  # several inputs have none
    of_two_numbers = finished.bridge.task.kind == "binary" and len(shape) == 2 and shape[1] == 2
    if not result.verdict.decided or not of_two_numbers:
        return None
    names = dict.fromkeys((finished.spec.names[0], result.chosen))
    return {
        "train": (np.asarray(rows.train.x), np.asarray(rows.train.y).ravel()),
        "validation": (np.asarray(rows.validation.x), np.asarray(rows.validation.y).ravel()),
        "panels": [(name, _probability(finished, result.model(name))) for name in names],
        "class_names": finished.spec.class_names,
    }


def _probability(finished: FinishedRuns, model: Any) -> Any:
    """The probability that a model gives at points [points, 2]."""

    known: dict[bytes, np.ndarray] = {}

    def probability(points: np.ndarray) -> np.ndarray:
        """Both the still figure and the chart ask for the same points."""
        which = points.tobytes()
        if which not in known:
            known[which] = predicted(points)
        return known[which]

    def predicted(points: np.ndarray) -> np.ndarray:
        # In blocks, since layers are computed one by one and each keeps what it gave.
        blocks = (points[first : first + BLOCK] for first in range(0, len(points), BLOCK))
        parts = [model(jnp.asarray(block, jnp.float32), training=False) for block in blocks]
        outputs = jnp.concatenate([jnp.ravel(part) for part in parts])
        logits = finished.bridge.task.from_logits
        return np.asarray(jax.nn.sigmoid(outputs) if logits else outputs)

    return probability
