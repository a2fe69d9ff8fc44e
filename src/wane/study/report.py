"""The report of a finished study, written again: in another language, or by a later version."""

import dataclasses
import functools
from pathlib import Path

from wane._errors import InputError, StorageError
from wane.study.drawing.charts import study_charts, with_stills
from wane.study.drawing.figures import images, study_figures
from wane.study.load import load_study
from wane.study.results.comparison import Comparison
from wane.study.results.files import NOT_INTERACTIVE, REPORT, report_page
from wane.study.results.loaded import LoadedResult
from wane.study.results.parts.boundary import boundary
from wane.study.results.path import PathResult
from wane.study.results.result import Result


def write_report(
    study: Result | Comparison | PathResult | str | Path, path: str | Path | None = None
) -> Path:
    """Write the report of a finished study, in the language of ``WANE_LANG``.

    Numbers, verdict and choice are those with which the study ended. What networks predict is drawn
    of a result that has the study's model and rows, which a folder alone has not: that of
    ``wane.load_study(folder, model, x, y)``.

    Args:
        study: the result, or its folder.
        path: the file to write, which must not be there. None writes ``report.html`` of the study's
            folder anew.

    Returns:
        The file.

    Raises:
        InputError: if the file is there already, the folder holds no finished study of this
            version, or it is a path, which has no report.
        StorageError: if the file cannot be written.

    Example:
        >>> import keras, numpy, tempfile, wane
        >>> model = keras.Sequential([keras.layers.Input((1,)), keras.layers.Dense(1)])
        >>> model.compile(loss="mse")
        >>> x = numpy.linspace(0, 1, 20)[:, None]
        >>> study = wane.Study(model, x, 2 * x[:, 0], epochs=3, repeats=2, learning_curve=False)
        >>> with tempfile.TemporaryDirectory() as folder:
        ...     result = study.run(f"{folder}/study", progress=False)
        ...     wane.write_report(result, f"{folder}/again.html").name
        'again.html'
    """
    found = load_study(study) if isinstance(study, str | Path) else study
    result, place = reported(found, path)
    html = report_html(result)
    try:
        if path is None:
            place.write_text(html, encoding="utf-8")
        else:
            with place.open("x", encoding="utf-8") as file:
                file.write(html)
    except OSError as error:
        raise StorageError(
            f"The report cannot be written to {str(place)!r} ({error.strerror})"
        ) from error
    return place


def reported(
    found: Result | Comparison | PathResult, path: str | Path | None
) -> tuple[Result, Path]:
    """What a report is of, and its file, which must not be there if it is another than wane's own.

    Raises:
        InputError: if it is there, or a path is asked for, which has no report.
    """
    if isinstance(found, PathResult):
        raise InputError("A path has no report: wane show prints it, and wane figures draws it.")
    result = found.result if isinstance(found, Comparison) else found
    place = result.folder / REPORT if path is None else Path(path)
    if path is not None and place.exists():
        raise InputError(
            f"{str(place)!r} is there already, and nothing is replaced: give another file, or take "
            f"the old one away."
        )
    return result, place


def report_html(result: Result) -> str:
    """The page of a result, with its figures."""
    finished = None if isinstance(result, LoadedResult) else result._finished
    field = functools.cache(lambda: None if finished is None else boundary(finished, result))
    figures = study_figures(result, field)
    drawn = images(figures)
    charts = study_charts(finished, result, figures, field)
    stills = with_stills(figures, drawn, charts)
    notes = tuple(note for note in result.record.notes if note != NOT_INTERACTIVE)
    record = dataclasses.replace(result.record, notes=notes)
    return report_page(result.folder, record, stills, charts)
