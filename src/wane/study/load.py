"""A finished study read from its folder."""

from pathlib import Path
from typing import Any

from numpy.typing import ArrayLike

from wane._errors import InputError
from wane.keras_model.copies import ModelSource
from wane.study.journal.json_files import read_json
from wane.study.journal.names import JOURNAL, SUMMARY
from wane.study.journal.serializer import from_dict
from wane.study.journal.unopened import ended_statement, spec_of
from wane.study.results.comparison import Comparison
from wane.study.results.loaded import loaded_path, loaded_result
from wane.study.results.path import PathResult
from wane.study.results.result import Result
from wane.study.results.schema import PathDocument, StudyDocument
from wane.study.spec.spec import StudySpec
from wane.study.study import Study


def load_study(
    folder: str | Path,
    model: ModelSource | None = None,
    x: ArrayLike | None = None,
    y: ArrayLike | None = None,
    **others: Any,
) -> Result | Comparison | PathResult:
    """The result of a finished study, comparison or path, from its folder.

    Tables, curves, verdict, figures, the best model and its predictions of new rows come from the
    folder alone. The model of a single run, predictions of test rows, the fitted transform and
    :meth:`Result.extend` take the study's model and rows: given too, they are checked to be the
    same.

    Args:
        folder: of :meth:`Study.run`, :meth:`Study.compare` or :meth:`Study.path`, or of the command
            line.
        model, x, y, others: the study's own, as :meth:`Study.from_spec` takes them; without them
            the folder alone is read. A path is read from its folder alone.

    Returns:
        What the call that ended in this folder returned.

    Raises:
        InputError: if the folder holds no finished study of this version, or another one than that
            of these rows.

    Example:
        >>> import keras, numpy, tempfile, wane
        >>> model = keras.Sequential([keras.layers.Input((1,)), keras.layers.Dense(1)])
        >>> model.compile(loss="mse")
        >>> x = numpy.linspace(0, 1, 20)[:, None]
        >>> study = wane.Study(model, x, 2 * x[:, 0], epochs=3, repeats=2, learning_curve=False)
        >>> with tempfile.TemporaryDirectory() as folder:
        ...     result = study.run(f"{folder}/study", progress=False)
        ...     wane.load_study(f"{folder}/study").chosen == result.chosen
        True
    """
    place = Path(folder)
    statement, record = finished_study(place)
    spec = StudySpec.from_dict(statement)
    if isinstance(record, PathDocument):
        if model is not None or x is not None or others:
            raise InputError(
                f"{str(place)!r} holds a path, which is read from its folder alone: leave out "
                f"model and rows, or call the path(...) of its study with this folder again."
            )
        return loaded_path(spec, place, record)
    if model is None and (x is not None or y is not None or others):
        raise InputError("The rows of a study go with its model: give model too, or the folder.")
    if model is not None:
        result = Study.from_spec(spec, model, x, y, **others).run(place, progress=False)
    else:
        result = loaded_result(spec_of(statement, place / JOURNAL), place, record)
    return result if record.compare is None else Comparison(result)


def finished_study(folder: Path) -> tuple[dict[str, Any], StudyDocument | PathDocument]:
    """What the folder of a finished study says of it: its statement and its document.

    Raises:
        InputError: if the folder holds none, or one of another version.
    """
    statement = ended_statement(folder)
    document = read_json(folder / SUMMARY)
    kind: Any = PathDocument if statement.get("path") is not None else StudyDocument
    return statement, from_dict(document, kind)
