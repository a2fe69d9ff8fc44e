"""The interactive figures of a finished study, and the still images in their places."""

import logging
from collections.abc import Iterable, Mapping, Sequence
from typing import TYPE_CHECKING

import numpy as np
import pandas as pd

from wane._language import gettext
from wane.penalties import BASELINE_NAME
from wane.report.charts.chart import Chart
from wane.report.charts.forest import candidates_chart, methods_chart
from wane.report.charts.learning_curves import learning_curves_chart
from wane.report.charts.norms import norms_chart
from wane.report.charts.predicted.boundary import boundary_chart
from wane.report.charts.predicted.predictions import confusion_chart, reliability_chart, truth_chart
from wane.report.charts.settings import settings_chart
from wane.report.charts.strengths import strengths_chart
from wane.report.charts.train_sizes import train_sizes_chart
from wane.report.charts.wins import wins_chart
from wane.report.columns import has_wins
from wane.report.figures import svg
from wane.report.figures.predicted.boundary import class_labels
from wane.report.web.bundle import still
from wane.study.evaluation.compared.curves import curve_of
from wane.study.measures.finished import FinishedRuns
from wane.study.measures.predictions import with_truth
from wane.study.results.parts.boundary import Field
from wane.study.results.result import Result
from wane.study.results.schema import means_of_references, targets_of
from wane.study.spec.methods import axes_of, of_one_method, settings_of

if TYPE_CHECKING:
    from matplotlib.figure import Figure

_log = logging.getLogger(__name__)

MOST_BYTES = 200_000
"""An SVG image that is larger than this stands in the page as PNG."""
MOST_VERTICES = 6000
"""A figure of more of them would be such an image."""
MOST_QUANTITIES = 12
"""A metric with a number for each class may have hundreds, of which a menu holds no more."""
MOST_WEIGHTS_READ = 50_000_000
"""To count zeros in more weights than this takes seconds."""
MOST_CLASSES = 20
"""Of more classes a confusion matrix cannot be read."""


def study_charts(
    finished: FinishedRuns | None, result: Result, figures: "Mapping[str, Figure]", field: Field
) -> list[Chart]:
    """The charts of a study's page, in its order.

    Args:
        finished: the runs; None where the study's model and rows are not at hand, which what
            networks predict takes.
        result: their result.
        figures: the still figures; there is nothing to draw where there are none.
        field: the decision boundary, if there is one.
    """
    if not figures:
        return []
    document, summary, chosen = result.document, result.summary(), result.chosen
    quantities = _quantities(result, summary.columns, "validation")
    curved = [name for name in quantities if f"train_{name}_mean" in summary]
    charts: list[Chart | None] = []
    if document["compare"] is not None:
        charts.append(methods_chart(document))
    charts.append(_strengths(finished, result, summary, quantities))
    if document["compare"] is None:
        charts.append(candidates_chart(document, {} if finished is None else finished.directions))
    if has_wins(document):
        charts.append(wins_chart(document))
    charts.append(
        learning_curves_chart(
            curves := result._drawn_curves(),
            quantities=[name for name in curved if f"validation_{name}" in curves],
            baseline=BASELINE_NAME,
            chosen=chosen,
        )
    )
    courses = {name: result.norms(name) for name in dict.fromkeys((BASELINE_NAME, chosen))}
    own = summary[summary["candidate"].isin(of_one_method(result.spec, chosen))]
    charts.append(norms_chart(own, courses, baseline=BASELINE_NAME, chosen=chosen))
    if result.train_sizes is not None:
        sizes = result.train_sizes
        sized = [name for name in curved if f"train_{name}" in sizes]
        charts.append(train_sizes_chart(sizes, quantities=sized))
    drawn = field()
    if drawn is not None:
        charts.append(boundary_chart(**drawn))
    there = [chart for chart in charts if chart is not None]
    return there if finished is None else [*there, *_predictions(finished, result)]


def with_stills(
    figures: "Mapping[str, Figure]", images: Mapping[str, bytes], charts: Sequence[Chart]
) -> dict[str, bytes]:
    """An image of each figure and each chart by name, in the order of the page.

    Args:
        figures: the figures.
        images: their PNG images, for those of which an SVG image would be large.
        charts: those without a figure are drawn as they are seen first.
    """
    stills: dict[str, bytes] = {}
    for name in _in_order([chart.name for chart in charts], figures):
        if name in figures:
            stills[name] = _small_svg(figures[name]) or images[name]
        else:
            stills[name] = still(next(chart for chart in charts if chart.name == name))
    return stills


def _small_svg(figure: "Figure") -> bytes | None:
    """A figure as SVG; None where that would be large."""
    from matplotlib.collections import Collection
    from matplotlib.lines import Line2D

    lines, areas = figure.findobj(Line2D), figure.findobj(Collection)
    paths = [line.get_path() for line in lines if isinstance(line, Line2D)]
    paths += [path for area in areas if isinstance(area, Collection) for path in area.get_paths()]
    if sum(np.shape(path.vertices)[0] for path in paths) > MOST_VERTICES:
        return None
    drawn = svg(figure)
    return drawn if len(drawn) <= MOST_BYTES else None


def _in_order(names: Sequence[str], figures: Iterable[str]) -> list[str]:
    """The charts' names, and after them those of figures that have no chart."""
    return list(dict.fromkeys([*names, *figures]))


def _quantities(result: Result, columns: Iterable[str], part: str) -> list[str]:
    """What there is of a part's rows: what candidates are chosen by, then loss and metric."""
    known = [
        column.removeprefix(f"{part}_").removesuffix("_mean")
        for column in columns
        if column.startswith(f"{part}_") and column.endswith("_mean")
    ]
    first = [result.record.study.select_by, "data_loss", result.metric]
    ordered = dict.fromkeys([name for name in first if name in known] + known)
    return list(ordered)[:MOST_QUANTITIES]


def _strengths(
    finished: FinishedRuns | None, result: Result, summary: pd.DataFrame, quantities: Sequence[str]
) -> Chart:
    beside = means_of_references(result.record)
    summary, chosen = curve_of(result.spec, result.record.compare, result.chosen, summary)
    if result.spec.methods and result.spec.search is None:
        return settings_chart(
            summary,
            settings_of(result.spec),
            axes=axes_of(result.spec),
            baseline=BASELINE_NAME,
            chosen=chosen,
            references=beside,
        )
    simpler = result.record.one_standard_error
    return strengths_chart(
        summary,
        quantities=quantities,
        chosen=chosen,
        simpler=simpler if simpler != chosen and result.spec.search is None else None,
        targets=targets_of(result.record),
        references=beside,
        zeros=None if finished is None else _zeros(finished),
    )


def _zeros(finished: FinishedRuns) -> dict[str, float] | None:
    """How many weights of kernels are exactly zero, as means over runs.

    None where no penalty makes zeros, and where reading all weights takes long.
    """
    spec = finished.spec
    changes = [change for candidate in spec.candidates for change in candidate]
    if not any(getattr(change, "proximal", False) for change in changes):
        return None
    found: dict[str, float] = {}
    left = MOST_WEIGHTS_READ
    for index, name in enumerate(spec.names):
        counts: list[int] = []
        for repeat in range(finished.resampling.repeats):
            weights = finished.journal.weights(index, repeat)
            if weights is None:  # it was dropped, or the clock ended the study
                continue
            kernels = [np.asarray(one) for one in weights if np.ndim(one) > 1]
            counts.append(sum(int(np.sum(one == 0)) for one in kernels))
            left -= sum(one.size for one in kernels)
            if left < 0:
                return None
        if counts:
            found[name] = float(np.mean(counts))
    return found


def _predictions(finished: FinishedRuns, result: Result) -> list[Chart]:
    """What the baseline and the chosen candidate predict of test rows, or of validation rows."""
    if not result.verdict.decided:
        return []
    names = list(dict.fromkeys((BASELINE_NAME, result.chosen)))
    for part in ("test", "validation"):
        found = {
            name: with_truth(finished, finished.spec.names.index(name), part) for name in names
        }
        tables = {name: known[0] for name, known in found.items() if known is not None}
        counts = [known[1] for known in found.values() if known is not None]
        if len(tables) == len(names):
            return _of_predictions(finished, tables, counts[0], part)
    return []


def _of_predictions(
    finished: FinishedRuns, tables: Mapping[str, pd.DataFrame], count: int, part: str
) -> list[Chart]:
    if finished.bridge.task.kind == "regression":
        return [truth_chart(tables, part=part)]
    names = finished.spec.class_names or class_labels(count)
    if count != len(names):
        return []
    charts = []
    if count <= MOST_CLASSES:
        charts.append(confusion_chart(tables, classes=names, part=part))
    event = gettext("the second class") if count == 2 else gettext("the predicted class")
    return [*charts, reliability_chart(
        {name: _probabilities(table, count) for name, table in tables.items()},
        event=event,
        part=part,
    )]  # fmt: skip


def _probabilities(table: pd.DataFrame, count: int) -> pd.DataFrame:
    """Of two classes the second one's probability, of more that of the predicted one."""
    event = 1 if count == 2 else table["prediction"]
    return pd.DataFrame({"probability": table["probability"], "happened": table["truth"] == event})
