"""The figures of a finished study, and their images."""

import logging
from collections.abc import Callable, Mapping
from typing import TYPE_CHECKING, Any

from wane.report.columns import has_wins
from wane.report.display.progress import progress_bar
from wane.report.figures import boundary_drawing, png
from wane.report.figures.spaces.ranges import has_depth
from wane.study.results.comparison import Comparison
from wane.study.results.parts.boundary import Field
from wane.study.results.path import PathResult
from wane.study.results.result import Result

if TYPE_CHECKING:
    from matplotlib.figure import Figure

_log = logging.getLogger(__name__)


def study_figures(result: Result, field: Field) -> "dict[str, Figure]":
    """The figures by name, in the order of the page.

    Args:
        result: of the study.
        field: the decision boundary, if there is one.
    """
    figures: dict[str, Figure] = {name: plot() for name, plot in plots(result).items()}
    drawn = field()
    if drawn is not None:
        figures["boundary"] = boundary_drawing(**drawn).figure()
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
