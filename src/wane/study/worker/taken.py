"""Results that a process on JAX has left in a folder, taken by one of another backend."""

import dataclasses
from collections.abc import Callable
from pathlib import Path
from typing import Any, cast

import numpy as np
import pandas as pd

from wane.keras_model.copies import Model
from wane.keras_model.crossing.models import read_model
from wane.penalties import Candidate, Change
from wane.study.journal.json_files import read_json
from wane.study.journal.names import JOURNAL, SUMMARY
from wane.study.journal.serializer import from_dict
from wane.study.journal.unopened import ended_statement, spec_of
from wane.study.results.loaded import (
    Lacking,
    LoadedPath,
    LoadedResult,
    loaded_path,
    loaded_result,
)
from wane.study.results.schema import PathDocument, StudyDocument
from wane.study.running.path import StartKind
from wane.study.spec.spec import StudySpec

Ask = Callable[..., Any]
"""Has the process on JAX call a method, by its name and arguments, and gives what that gave.

A ``candidate`` is one of the folder's, as its specification has it.
"""


@dataclasses.dataclass(frozen=True, kw_only=True, eq=False, repr=False)
class TakenResult(LoadedResult):
    """A :class:`Result` of the folder; what takes model and rows is asked of a process on JAX."""

    _ask: Ask

    def model(self, candidate: str | Change | Candidate, repeat: int = 0) -> Model:
        """As :meth:`Result.model`, as a model of this process's backend."""
        own = self.spec.candidates[self._index(candidate)]
        return cast(Model, self._ask("model", candidate=own, repeat=_plain(repeat)))

    def best_model(self) -> Model:
        """As :meth:`Result.best_model`, as a model of this process's backend."""
        super().best_model()  # refuses where there is none
        return read_model(self.folder / "best.keras")

    def predictions(
        self, candidate: str | Change | Candidate, part: str = "validation"
    ) -> pd.DataFrame:
        """As :meth:`Result.predictions`."""
        index = self._index(candidate)
        own = self.spec.candidates[index]
        if part == "test":
            found = cast(pd.DataFrame, self._ask("predictions", candidate=own, part=part))
        else:
            now = dataclasses.replace(self, spec=_stated(self.folder))
            found = super(TakenResult, now).predictions(own, part)
        # The folder may have got more repeats since, and other names of the same candidates.
        found = found[found["repeat"] < self.record.study.repeats].reset_index(drop=True)
        return found.assign(candidate=self.spec.names[index])

    def predict(self, x: Any) -> pd.DataFrame:
        """As :meth:`Result.predict`; where a transform is fitted, on JAX."""
        if self.spec.transform is None:
            return super().predict(x)
        return cast(pd.DataFrame, self._ask("predict", x=x))


@dataclasses.dataclass(frozen=True, kw_only=True, eq=False, repr=False)
class TakenPath(LoadedPath):
    """A :class:`PathResult` of the folder; its models are asked of a process on JAX."""

    _ask: Ask

    def model(self, strength: float, repeat: int = 0, start: StartKind = "warm") -> Model:
        """As :meth:`PathResult.model`, as a model of this process's backend."""
        given = {"strength": float(strength), "repeat": _plain(repeat), "start": start}
        return cast(Model, self._ask("model", **given))

    def weights(self, strength: float, repeat: int = 0, start: StartKind = "warm") -> list[Any]:
        """As :meth:`PathResult.weights`."""
        model = self.model(strength, repeat, start)
        return [
            np.asarray(variable.numpy())
            for variable in (*model.trainable_variables, *model.non_trainable_variables)
        ]


def taken_result(place: Path, ask: Ask, grow: Callable[..., Any]) -> TakenResult:
    """The result of a study that has been trained in a folder.

    Args:
        place: the folder.
        ask: asks the process on JAX for what a method of the result gives.
        grow: trains the study on; see :meth:`wane.Result.extend`.
    """
    spec = _stated(place)
    found = loaded_result(spec, place, from_dict(read_json(place / SUMMARY), StudyDocument))
    own = {field.name: getattr(found, field.name) for field in dataclasses.fields(found)}
    lacking = Lacking(place, "start Python anew with KERAS_BACKEND=jax, where they are at hand")
    own |= {"_finished": lacking, "_make_model": lacking, "_refit": lacking}
    return TakenResult(**{**own, "_grow": grow, "_ask": ask})


def _stated(place: Path) -> StudySpec:
    return spec_of(ended_statement(place), place / JOURNAL)


def taken_path(place: Path, ask: Ask) -> TakenPath:
    """The result of a path that has been trained in a folder; arguments as there."""
    spec = StudySpec.from_dict(ended_statement(place))
    found = loaded_path(spec, place, from_dict(read_json(place / SUMMARY), PathDocument))
    own = {field.name: getattr(found, field.name) for field in dataclasses.fields(found)}
    return TakenPath(**own, _ask=ask)


def _plain(number: Any) -> Any:
    """A whole number of Python's; others stay as they are, to be refused there."""
    return int(number) if isinstance(number, int | np.integer) else number
