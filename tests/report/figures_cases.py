"""Figures of small tables with known numbers."""

import inspect
from typing import Any

import numpy as np
import pandas as pd

import wane
from charts_cases import CHOSEN, REFERENCES, compared_document, study_document
from report_cases import curves, summary
from wane.penalties import BASELINE_NAME
from wane.report.figures import (
    Drawing,
    boundary_drawing,
    learning_curves_drawing,
    methods_drawing,
    norms_drawing,
    path_drawing,
    settings_drawing,
    strengths_drawing,
    train_sizes_drawing,
    wins_drawing,
)
from wane.report.figures.spaces.ranges import layers_drawing

LONG = "a network with batch normalization and dropout layers + Dropout(0.3) + L2(1e-05)"
"""A name as long as they come."""


def norms() -> Drawing:
    table = summary()
    table["norm_hidden_mean"], table["norm_hidden_std"] = [4.0, 3.0, 2.0, 1.0], 0.1
    course = pd.DataFrame({"repeat": 0, "epoch": [1, 2], "norm": "hidden", "value": [1.0, 4.0]})
    courses = {"baseline": course, CHOSEN: course}
    return norms_drawing(table, courses, baseline="baseline", chosen=CHOSEN)


def train_sizes() -> Drawing:
    table = pd.DataFrame({"rows": [8, 8, 15, 15, 30, 30], "repeat": [0, 1] * 3})
    for column in ("train_data_loss", "validation_data_loss", "validation_lowest_data_loss"):
        table[column] = [0.4, 0.6, 0.3, 0.3, 0.2, 0.2]
    for column in ("train_accuracy", "validation_accuracy"):
        table[column] = [0.7, 0.8, 0.8, 0.9, 0.9, 0.9]
    return train_sizes_drawing(table, metric="accuracy")


def path() -> Drawing:
    def stage(strength: float) -> dict[str, Any]:
        number = {"mean": 0.1 + strength, "std": 0.1}
        names = ("validation_data_loss", "validation_accuracy", "norm_hidden", "norm_out", "zeros")
        return {
            "strength": strength,
            **{start: {"numbers": dict.fromkeys(names, number)} for start in ("warm", "cold")},
        }

    stages = [stage(strength) for strength in (0.0, 0.01, 0.1)]
    return path_drawing({"study": {"metric": "accuracy"}, "stages": stages})


def wins() -> Drawing:
    found = study_document()
    found["candidates"].append({**found["candidates"][0], "name": LONG})
    found["verdict"]["expected"]["wins"][LONG] = 0.0
    return wins_drawing(found)


def methods() -> Drawing:
    found = compared_document()
    found["compare"]["methods"][1]["setting"] = LONG
    found["references"] = [
        {"label": name, "validation": {"data_loss": {"mean": 0.3}}}
        for name in ("ridge", "boosting")
    ]
    found["compare"]["methods"][0]["value"] = 0.5
    return methods_drawing(found)


def settings() -> Drawing:
    labels = {"L2(1e-05)": "1e-05", CHOSEN: "0.001", "L2(0.1)": "0.1\nlast"}
    return settings_drawing(
        summary(),
        {"l2": labels, "l1": labels, "dropout": labels, "early stopping": labels},
        axes={
            "l2": [("strength", "")],
            "l1": [("strength", "hidden"), ("strength", "output")],
            "dropout": [("rate", ""), ("strength", "")],
            "early stopping": [("patience", "")],
        },
        baseline="baseline",
        chosen=CHOSEN,
        references=REFERENCES,
    )


def learning_curves() -> Drawing:
    losses = {"baseline": [[0.9, 0.5, 0.6], [0.9, 0.4, 0.7]], CHOSEN: [[0.9, 0.5, 0.4]]}
    return learning_curves_drawing(
        curves(losses), metric="accuracy", baseline="baseline", chosen=CHOSEN
    )


def strengths() -> Drawing:
    return strengths_drawing(
        summary(), metric="accuracy", chosen=CHOSEN, references=REFERENCES | {LONG: {"accuracy": 1}}
    )


def boundary() -> Drawing:
    def sloped(points: Any) -> Any:
        return 1 / (1 + np.exp(-4 * points[:, 0]))

    rows = (np.array([[-1.0, 0.0], [1.0, 1.0], [0.5, 2.0]]), np.array([0, 1, 1]))
    models = [(BASELINE_NAME, sloped), (LONG, sloped)]
    return boundary_drawing(rows, rows, models, class_names=("out", "in"))


def layers() -> Drawing:
    known = {"kind": "L2", "low": 1e-5, "best": 1e-4, "high": 1e-3, "weakest": 1e-6, "strongest": 1}
    ranges = [
        {"layers": name, "importance": share, "matters": share > 0.5, **known}
        for name, share in (("hidden", 0.8), ("output", 0.1))
    ]
    return layers_drawing({"compare": {"search": {"ranges": ranges}}})


EVERY = {
    "plot_strengths": strengths,
    "plot_strengths of methods": settings,
    "plot_learning_curves": learning_curves,
    "plot_norms": norms,
    "plot_train_sizes": train_sizes,
    "plot_wins": wins,
    "plot_boundary": boundary,
    "Comparison.plot": methods,
    "Comparison.plot_layers": layers,
    "PathResult.plot": path,
}
"""A drawing of each kind, by what people call."""
PANELS = {
    "plot_strengths": ["accuracy", "data_loss"],
    "plot_strengths of methods": ["l2", "l1", "dropout", "early stopping"],
    "plot_learning_curves": [
        "data_loss, baseline", "data_loss, chosen", "accuracy, baseline", "accuracy, chosen",
    ],
    "plot_norms": ["strength", "epoch"],
    "plot_train_sizes": ["data_loss", "accuracy"],
    "plot_wins": ["wins"],
    "plot_boundary": ["baseline", "chosen"],
    "Comparison.plot": ["methods"],
    "Comparison.plot_layers": ["layers"],
    "PathResult.plot": ["data_loss", "accuracy", "norm", "zeros"],
}  # fmt: skip


def public_plots() -> dict[str, inspect.Signature]:
    """Every method of a public class that draws, as drawings are called after it."""
    public = [getattr(wane, name) for name in wane.__all__]
    classes = [one for one in public if isinstance(one, type)]
    return {
        name if one is wane.Result else f"{one.__name__}.{name}": inspect.signature(method)
        for one in classes
        for name, method in inspect.getmembers(one, inspect.isfunction)
        if name == "plot" or name.startswith("plot_")
    }
