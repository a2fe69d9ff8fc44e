"""Charts of small tables with known numbers."""

from typing import Any

import numpy as np
import pandas as pd

from report_cases import comparison, curves, document, summary
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

CHOSEN = "L2(0.001)"
HOSTILE = "</script><img src=x onerror=alert(1)>\"'`${1}\\ \u202e[0].b " + "long" * 75
"""Markup, quotes, a direction mark, and 300 characters."""
REFERENCES = {"a constant": {"data_loss": 0.69, "accuracy": 0.5}}


def there(chart: Chart | None) -> Chart:
    """A chart that must be one."""
    assert chart is not None
    return chart


def rows(chart: Chart, table: str) -> list[dict[str, Any]]:
    """A chart's table as the page gets it."""
    own = chart.to_dict()["tables"][table]
    return [dict(zip(own["columns"], row, strict=True)) for row in own["rows"]]


def strengths(**more: Any) -> Chart:
    """The strength curve of two moons."""
    known = {"quantities": ["data_loss", "accuracy"], "chosen": CHOSEN, "references": REFERENCES}
    return strengths_chart(summary(), **known | more)


def study_document() -> dict[str, Any]:
    """A document with what charts are drawn from."""
    found = document()
    found["comparisons"] = [
        comparison("data_loss", "L2(1e-05)", -0.168, 0.02, 0.001),
        comparison("data_loss", CHOSEN, -0.336, 0.03, 0.0001),
        comparison("data_loss", "L2(0.1)", -0.011, 0.02, 0.3),
        comparison("accuracy", CHOSEN, 0.029, 0.01, 0.002),
    ]
    wins = {"baseline": 0.0, "L2(1e-05)": 0.125, CHOSEN: 0.875}
    found["verdict"]["expected"] = {"wins": wins, "metrics": {}, "source": "test", "rows": 9}
    return found


def compared_document() -> dict[str, Any]:
    """A document of a comparison of methods."""
    found = study_document()
    each = {"setting": "L2(0.1)", "low": -0.4, "high": -0.2, "value": 0.2}
    found["compare"] = {
        "by": "data_loss", "evaluated_on": "validation", "direction": "down", "best": "l2",
        "methods": [
            each | {"method": "none", "difference": None, "conclusion": ""},
            each | {"method": "l1", "difference": -0.1, "conclusion": "no difference detected"},
            each | {"method": "l2", "difference": -0.3, "conclusion": "better"},
        ],
    }  # fmt: skip
    return found


def learning_curves(epochs: int = 3, **more: Any) -> Chart:
    """Curves of two runs of the baseline and of the chosen candidate."""
    falling = np.geomspace(1, 0.1, epochs).tolist()
    losses = {"baseline": [falling, [value + 0.2 for value in falling]], CHOSEN: [falling, falling]}
    known = {"quantities": ["data_loss", "accuracy"], "baseline": "baseline", "chosen": CHOSEN}
    return learning_curves_chart(curves(losses), **known | more)


def norms() -> Chart:
    """Norms of one layer."""
    table = summary()
    table["norm_hidden_mean"], table["norm_hidden_std"] = [4.0, 3.0, 2.0, 1.0], 0.1
    course = pd.DataFrame({"repeat": 0, "epoch": [1, 2], "norm": "hidden", "value": [1.0, 4.0]})
    courses = {"baseline": course, CHOSEN: course}
    return there(norms_chart(table, courses, baseline="baseline", chosen=CHOSEN))


def train_sizes() -> Chart:
    """Three sizes, two repeats each."""
    table = pd.DataFrame({"rows": [8, 8, 15, 15, 30, 30], "repeat": [0, 1] * 3})
    for column in ("train_data_loss", "validation_data_loss", "validation_lowest_data_loss"):
        table[column] = [0.4, 0.6, 0.3, 0.3, 0.2, 0.2]
    return train_sizes_chart(table, quantities=["data_loss"])


def amounts() -> dict[str, pd.DataFrame]:
    """Two runs that predict two amounts."""
    table = pd.DataFrame(
        {"repeat": [0, 0, 1, 1], "row": [0, 1] * 2, "truth": [1.0, 2.0] * 2,
         "prediction": [1.0, 2.5, 2.0, 2.5]}
    )  # fmt: skip
    return {"baseline": table, CHOSEN: table}


def classes() -> dict[str, pd.DataFrame]:
    """Two runs that predict two classes of three rows."""
    table = pd.DataFrame(
        {"repeat": [0, 0, 0, 1, 1, 1], "truth": [0, 0, 1] * 2, "prediction": [0, 1, 1, 0, 0, 1]}
    )
    return {"baseline": table, CHOSEN: table}


def reliability() -> Chart:
    """Six predictions in three tenths."""
    table = pd.DataFrame(
        {"probability": [0.01, 0.09, 0.55, 0.51, 1.0, 0.95], "happened": [0, 0, 1, 0, 1, 1]}
    )
    tables = {"baseline": table, CHOSEN: table}
    return reliability_chart(tables, event="the second class", part="test")


def boundary(name: str = "b") -> Chart:
    """A field that rises from left to right."""
    x = np.array([[0.0, 0.0], [1.0, 1.0]])
    model = lambda points: points[:, 0]  # noqa: E731 # as short as it is
    return boundary_chart(
        (x, np.array([0, 1])), (x, np.array([1, 0])), [("baseline", model), (CHOSEN, model)],
        axis_names=("first", "second"), class_names=("a", name),
    )  # fmt: skip


def settings() -> Chart:
    """One method of three settings."""
    labels = {"L2(1e-05)": "1e-05", CHOSEN: "0.001", "L2(0.1)": "0.1\nlast"}
    return settings_chart(
        summary(),
        {"l2": labels},
        axes={"l2": [("strength", "")]},
        baseline="baseline",
        chosen=CHOSEN,
        references=REFERENCES,
    )


def every_chart() -> list[Chart]:
    """One of each kind."""
    return [
        there(methods_chart(compared_document())),
        strengths(simpler="L2(0.1)", zeros={"L2(0.1)": 12.0}),
        there(candidates_chart(study_document(), {"accuracy": "up"})),
        wins_chart(study_document()),
        learning_curves(),
        norms(),
        train_sizes(),
        boundary(),
        truth_chart(amounts(), part="test"),
        confusion_chart(classes(), classes=("a", "b"), part="test"),
        reliability(),
    ]
