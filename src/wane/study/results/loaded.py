"""A result of the files in a finished study's folder, without the study's model and rows."""

import dataclasses
import functools
from pathlib import Path
from typing import Any, NoReturn, cast

import pandas as pd
import pyarrow.parquet as pq

from wane._errors import InputError
from wane.keras_model.copies import Model
from wane.penalties import BASELINE_NAME, Candidate, Change
from wane.prediction.folder import MODEL, predict
from wane.study.journal.journal import PREDICTED, Journal
from wane.study.journal.names import JOURNAL
from wane.study.measures.finished import FinishedRuns
from wane.study.measures.tables import MOST_ROWS_DRAWN, norms_table
from wane.study.results.path import PathResult
from wane.study.results.result import Result
from wane.study.results.schema import StudyDocument
from wane.study.running.path import PathTrainer
from wane.study.spec.norms import norms_every
from wane.study.spec.spec import StudySpec

RUNS, CURVES, PREDICTIONS = "runs.parquet", "curves.parquet", "predictions.parquet"
TRAIN_SIZES = "train_sizes.parquet"


class Lacking:
    """What takes the model and the rows of a study, of which a folder has none.

    Args:
        folder: the study's folder.
        again: how to get what is asked for, as a clause.
    """

    def __init__(self, folder: Path, again: str) -> None:
        self._folder, self._again = folder, again

    def __call__(self, *_: Any) -> NoReturn:
        raise InputError(
            f"This takes the study's model and rows, which its folder {str(self._folder)!r} does "
            f"not hold: {self._again}."
        )

    def __getattr__(self, name: str) -> NoReturn:
        if name.startswith("_"):
            raise AttributeError(name)
        self()


@dataclasses.dataclass(frozen=True, kw_only=True, eq=False, repr=False)
class LoadedResult(Result):
    """A :class:`Result` of a folder alone: tables, verdict, figures and the best model.

    The model of a single run, predictions of test rows, the fitted transform and training on take
    the study's model and rows; a sentence says so.
    """

    @functools.cached_property
    def curves(self) -> pd.DataFrame:
        """As :attr:`Result.curves`."""
        return read_table(self.folder / CURVES)

    def predictions(
        self, candidate: str | Change | Candidate, part: str = "validation"
    ) -> pd.DataFrame:
        """As :meth:`Result.predictions`; those of test rows take the study's rows."""
        name = self.spec.names[self._index(candidate)]
        if part not in PREDICTED:
            raise InputError(f"part must be 'validation' or 'test', got {part!r}.")
        if part == "test":
            self._make_model(0, [], 0)
        if not (self.folder / PREDICTIONS).exists():
            return pd.DataFrame(columns=["candidate", "repeat", "row", "prediction"])
        found = read_table(self.folder / PREDICTIONS, [("candidate", "==", name)])
        return found.reset_index(drop=True)

    def norms(self, candidate: str | Change | Candidate) -> pd.DataFrame:
        """As :meth:`Result.norms`."""
        index = self._index(candidate)
        by_name = {one.name: list(one.weight_norms) for one in self.record.candidates}
        names = [by_name.get(name, []) for name in self.spec.names]
        path = self.folder / JOURNAL
        journal = Journal(path, columns=1, shapes=(), norms=names, writes=False)
        return norms_table(journal.norms(index), names[index], every=norms_every(self.spec.epochs))

    def _drawn_curves(self) -> pd.DataFrame:
        names = [BASELINE_NAME, self.chosen]
        drawn = read_table(self.folder / CURVES, [("candidate", "in", names)])
        every = 1 + _row_count(self.folder / CURVES) // MOST_ROWS_DRAWN
        return drawn[(drawn["epoch"] - 1) % every == 0].reset_index(drop=True)

    def best_model(self) -> Model:
        """The chosen candidate's model, as the folder has it in ``best.keras``."""
        from wane.keras_model.editing.loading import load_model

        if not (self.folder / MODEL).is_file():
            raise InputError(
                f"{str(self.folder)!r} has no {MODEL}: either every candidate has runs that "
                f"diverged, as its report says, or the file was taken away."
            )
        return cast(Model, load_model(self.folder / MODEL))

    def best_transform(self) -> Any:
        """None where the study has no transform; its fitted transform takes the study's rows."""
        return None if self.spec.transform is None else self._refit(0)

    def predict(self, x: Any) -> pd.DataFrame:
        """What the best model predicts of new rows, as :func:`wane.predict` does."""
        return predict(self.folder, x)


@dataclasses.dataclass(frozen=True, kw_only=True, eq=False, repr=False)
class LoadedPath(PathResult):
    """A :class:`PathResult` of a folder alone: its table, verdict and figure."""

    loaded: StudySpec

    @property
    def spec(self) -> StudySpec:
        """The study, its candidates being the strengths."""
        return self.loaded


def loaded_result(spec: StudySpec, folder: Path, record: StudyDocument) -> LoadedResult:
    """The result of a finished study's folder.

    Args:
        spec: the study as ``study.json`` states it, with the candidates that came later.
        folder: its folder.
        record: its document.
    """
    again = "give them too, as in wane.load_study(folder, model, x, y)"
    lacking = Lacking(folder, again)
    sizes = folder / TRAIN_SIZES
    return LoadedResult(
        spec=spec,
        folder=folder,
        runs=read_table(folder / RUNS),
        train_sizes=None if record.train_sizes is None else read_table(sizes),
        record=record,
        _finished=cast(FinishedRuns, lacking),
        _make_model=lacking,
        _refit=lacking,
        _grow=lacking,
        _traces=0,
    )


def loaded_path(spec: StudySpec, folder: Path, record: Any) -> LoadedPath:
    """The result of a finished path's folder; arguments as for :func:`loaded_result`."""
    lacking = Lacking(folder, "in Python call the path(...) of its study with this folder again")
    return LoadedPath(
        loaded=spec,
        runs=read_table(folder / RUNS),
        record=record,
        _trainer=cast(PathTrainer, lacking),
    )


def read_table(path: Path, filters: Any = None) -> pd.DataFrame:
    """A table of a folder.

    Raises:
        InputError: if it is not there, or is none.
    """
    try:
        return pd.read_parquet(path, filters=filters)
    except FileNotFoundError:
        raise InputError(
            f"{str(path.parent)!r} lacks {path.name}, which a finished study has: restore it."
        ) from None
    except (OSError, ValueError, KeyError) as error:
        raise InputError(f"{str(path)!r} is no table of a study: restore it.") from error


def _row_count(path: Path) -> int:
    return int(pq.read_metadata(path).num_rows)
