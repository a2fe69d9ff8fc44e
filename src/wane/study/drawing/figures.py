"""The figures of a finished study, and their images."""

import logging
from collections.abc import Callable, Mapping
from typing import TYPE_CHECKING, Any

import jax
import jax.numpy as jnp
import numpy as np

from wane.report.columns import has_wins
from wane.report.display.progress import progress_bar
from wane.report.figures import boundary_figure, png
from wane.report.figures.spaces.ranges import has_depth
from wane.study.measures.finished import FinishedRuns
from wane.study.results.comparison import Comparison
from wane.study.results.path import PathResult
from wane.study.results.result import Result

if TYPE_CHECKING:
    from matplotlib.figure import Figure

_log = logging.getLogger(__name__)


BLOCK = 1000
"""How many points of a boundary a model gets at a time."""
Field = Callable[[], dict[str, Any] | None]
"""Gives what :func:`boundary` gives."""


def study_figures(result: Result, field: Field) -> "dict[str, Figure]":
    """The figures by name, in the order of the page.

    Args:
        result: of the study.
        field: the decision boundary, if there is one.
    """
    figures: dict[str, Figure] = {name: plot() for name, plot in plots(result).items()}
    drawn = field()
    if drawn is not None:
        figures["boundary"] = boundary_figure(**drawn)
    return figures


def plots(found: Result | Comparison | PathResult) -> dict[str, Callable[..., Any]]:
    """What draws each figure that takes a folder alone, by the name of its file.

    Args:
        found: the result of a study, comparison or path.
    """
    if isinstance(found, PathResult):
        return {"path": found.plot}
    result = found.result if isinstance(found, Comparison) else found
    drawn: dict[str, Callable[..., Any]] = {}
    if result.record.compare is not None:
        drawn["methods"] = Comparison(result).plot
        if has_depth(result.document):
            drawn["layers"] = Comparison(result).plot_layers
    drawn["strengths"] = result.plot_strengths
    if has_wins(result.document):
        drawn["wins"] = result.plot_wins
    drawn |= {"learning_curves": result.plot_learning_curves, "norms": result.plot_norms}
    if result.train_sizes is not None:
        drawn["train_sizes"] = result.plot_train_sizes
    return drawn


def images(figures: "Mapping[str, Figure]", progress: bool = False) -> dict[str, bytes]:
    """PNG images of figures by name.

    Args:
        figures: the figures.
        progress: whether to show how many are drawn.
    """
    images: dict[str, bytes] = {}
    _log.info("drawing %d figures", len(figures))
    with progress_bar(len(figures), len(figures), progress, "figures") as bar:
        for name, figure in figures.items():
            bar.count(len(images))
            images[name] = png(figure)
    return images


def boundary(finished: FinishedRuns, result: Result) -> dict[str, Any] | None:
    """What a drawing of the decision boundary takes, for a yes-or-no question over two numbers."""
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
