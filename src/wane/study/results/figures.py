"""The figures of a finished study, as images."""

from typing import TYPE_CHECKING, Any

import jax
import jax.numpy as jnp
import numpy as np

from wane.report.columns import has_wins
from wane.report.figures import boundary_figure, png
from wane.report.figures.methods import methods_figure
from wane.study.measures.finished import FinishedRuns
from wane.study.results.result import Result

if TYPE_CHECKING:
    from matplotlib.figure import Figure


def study_figures(finished: FinishedRuns, result: Result) -> dict[str, bytes]:
    """PNG images of the figures by name, in the order of the page."""
    figures: dict[str, Figure] = {}
    if result.record.compare is not None:
        figures["methods"] = methods_figure(result.document)
    figures["strengths"] = result.plot_strengths()
    if has_wins(result.document):
        figures["wins"] = result.plot_wins()
    figures["learning_curves"] = result.plot_learning_curves()
    figures["norms"] = result.plot_norms()
    if result.train_sizes is not None:
        figures["train_sizes"] = result.plot_train_sizes()
    boundary = _boundary(finished, result)
    if boundary is not None:
        figures["boundary"] = boundary
    return {name: png(figure) for name, figure in figures.items()}


def _boundary(finished: FinishedRuns, result: Result) -> "Figure | None":
    """The decision boundary, for a yes-or-no question over two numbers."""
    rows = finished.splits.rows(0)
    shape: tuple[int, ...] = getattr(rows.train.x, "shape", ())  # several inputs have none
    of_two_numbers = finished.bridge.task.kind == "binary" and len(shape) == 2 and shape[1] == 2
    if not result.verdict.decided or not of_two_numbers:
        return None
    names = dict.fromkeys((finished.spec.names[0], result.chosen))
    return boundary_figure(
        (np.asarray(rows.train.x), np.asarray(rows.train.y).ravel()),
        (np.asarray(rows.validation.x), np.asarray(rows.validation.y).ravel()),
        [(name, _probability(finished, result.model(name))) for name in names],
        axis_names=("first input", "second input"),
        class_names=finished.spec.class_names or ("class 0", "class 1"),
    )


def _probability(finished: FinishedRuns, model: Any) -> Any:
    """The probability that a model gives at points [points, 2]."""

    def probability(points: np.ndarray) -> np.ndarray:
        outputs = jnp.ravel(model(jnp.asarray(points, jnp.float32), training=False))
        logits = finished.bridge.task.from_logits
        return np.asarray(jax.nn.sigmoid(outputs) if logits else outputs)

    return probability
