"""The command line called in this process, and the data that its tests are about."""

import dataclasses
import json
from pathlib import Path
from typing import Any

import numpy as np
import pandas as pd
import pytest
from sklearn.datasets import load_breast_cancer, load_diabetes, load_wine
from typer.testing import CliRunner

from wane.cli import app
from wane.study import Result, run


@dataclasses.dataclass(frozen=True)
class Called:
    """What one call of the command line did."""

    exit_code: int
    stdout: str
    stderr: str
    results: list[Result]
    """The results of the studies that it ran: none or one."""
    where: Path
    """The folder in which it was called."""

    @property
    def folder(self) -> Path:
        """The folder of its study."""
        return self.where / self.result.folder

    @property
    def result(self) -> Result:
        """The result of its study."""
        assert self.exit_code == 0, self.stderr
        (result,) = self.results
        return result

    @property
    def document(self) -> dict[str, Any]:
        """The document in the file ``summary.json``."""
        text = (self.folder / "summary.json").read_text(encoding="utf-8")
        document: dict[str, Any] = json.loads(text)
        return document


def wane(*arguments: object, folder: Path, width: int = 80, figures: bool = False) -> Called:
    """``wane study`` with these arguments, called in this folder on a terminal of this width.

    Figures take most of the time of a small study, and are drawn where they are the point.
    """
    results: list[Result] = []
    run_study = run.run_study

    def remembered(*args: Any, **options: Any) -> Result:
        results.append(run_study(*args, **options))
        return results[-1]

    with pytest.MonkeyPatch.context() as patch:
        patch.chdir(folder)
        patch.setattr(run, "run_study", remembered)
        if not figures:
            patch.setattr("wane.study.drawing.figures.study_figures", lambda *_: {})
        done = CliRunner(env={"COLUMNS": str(width)}).invoke(app, ["study", *map(str, arguments)])
    if done.exception is not None and not isinstance(done.exception, SystemExit):
        raise done.exception
    return Called(done.exit_code, done.stdout, done.stderr, results, folder)


TABLES = {"cancer": load_breast_cancer, "wine": load_wine, "diabetes": load_diabetes}


def write_sklearn_table(name: str, folder: Path) -> Path:
    """One of scikit-learn's data sets as a CSV; classes by name, in the column ``target``."""
    bunch = TABLES[name](as_frame=True)
    frame: pd.DataFrame = bunch.frame
    if name != "diabetes":
        frame["target"] = np.asarray(bunch.target_names)[bunch.target]
    path = folder / f"{name}.csv"
    frame.to_csv(path, index=False)
    return path


def write_rows(path: Path, rows: int = 40, **columns: Any) -> Path:
    """A CSV of two numbers, ``a`` and ``b``, the classes ``y``, and other columns as given."""
    generator = np.random.default_rng(0)
    frame = pd.DataFrame({"a": generator.normal(size=rows), "b": generator.normal(size=rows)})
    frame["y"] = np.where(frame["a"] > 0, "yes", "no")
    for name, values in columns.items():
        frame[name] = values
    frame.to_csv(path, index=False)
    return path
