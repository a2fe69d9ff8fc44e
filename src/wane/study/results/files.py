"""The files of a finished study. They are written here, and made elsewhere."""

import dataclasses
from collections.abc import Mapping, Sequence
from pathlib import Path
from typing import Any

from wane.report.charts.chart import Chart
from wane.report.web.page import page
from wane.study.journal.json_files import read_json, write_json
from wane.study.journal.names import JOURNAL, STATEMENT, SUMMARY
from wane.study.journal.serializer import to_dict
from wane.study.measures.finished import FinishedRuns
from wane.study.measures.predictions import write_predictions
from wane.study.measures.tables import write_curves
from wane.study.results.result import Result
from wane.study.results.schema import StudyDocument

REPORT = "report.html"
NOT_INTERACTIVE = (
    "The interactive figures of report.html could not be drawn, so it has still ones alone."
)
"""A note of a result; the log has the reason."""


def write_results(
    result: Result, finished: FinishedRuns, figures: Mapping[str, bytes]
) -> dict[str, Any]:
    """Write tables, model and figures of a study; returns the paths by what they hold.

    Args:
        result: gives the tables, the model, and the folder.
        finished: the runs.
        figures: PNG images by name.
    """
    folder = result.folder
    result.runs.to_parquet(folder / "runs.parquet", index=False)
    names = finished.curve_names
    write_curves(finished.journal.curves(), finished.spec.names, names, folder / "curves.parquet")
    (folder / "figures").mkdir(exist_ok=True)  # the process may have been killed in between
    for name, image in figures.items():
        (folder / "figures" / f"{name}.png").write_bytes(image)
    others = {"summary": SUMMARY, "report": REPORT}
    if result.verdict.decided:
        result.best_model().save(folder / "best.keras")
        others["model"] = "best.keras"
        describe = finished.spec.describe_transform
        if describe is not None:
            write_json(folder / "preprocessing.json", describe(result.best_transform()))
            others["preprocessing"] = "preprocessing.json"
    if result.train_sizes is not None:
        result.train_sizes.to_parquet(folder / "train_sizes.parquet", index=False)
        others["train_sizes"] = "train_sizes.parquet"
    if write_predictions(finished, folder / "predictions.parquet"):
        others["predictions"] = "predictions.parquet"
    return _paths(folder, others, figures)


def report_page(
    folder: Path,
    record: StudyDocument,
    figures: Mapping[str, bytes],
    charts: Sequence[Chart] = (),
) -> str:
    """The page of a document whose files are all there.

    Args:
        folder: of the study.
        record: the document.
        figures: PNG or SVG images by name.
        charts: those that are interactive.
    """
    return page(to_dict(record), figures, read_json(folder / STATEMENT), charts)


def write_summary(folder: Path, record: StudyDocument) -> None:
    """Write ``summary.json``, with which a study has ended."""
    write_json(folder / SUMMARY, to_dict(record))


def with_files(
    record: StudyDocument, files: Mapping[str, Any], seconds: Mapping[str, float]
) -> StudyDocument:
    """The document that names these files, and the time that it all took."""
    return dataclasses.replace(record, files=dict(files), seconds=dict(seconds))


def _paths(folder: Path, others: dict[str, str], figures: Mapping[str, bytes]) -> dict[str, Any]:
    names = {
        "study": STATEMENT,
        "database": JOURNAL,
        "runs": "runs.parquet",
        "curves": "curves.parquet",
        **others,
    }
    return {
        "folder": str(folder),
        **{key: str(folder / name) for key, name in names.items()},
        "figures": [str(folder / "figures" / f"{name}.png") for name in figures],
    }
