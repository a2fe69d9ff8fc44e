"""What a result gives to other tools: a table, Optuna, MLflow, TensorBoard."""

from collections.abc import Mapping
from pathlib import Path
from typing import TYPE_CHECKING, Any, Protocol

import pandas as pd

from wane.study.exports.tracked import Tracked
from wane.study.spec.spec import StudySpec

if TYPE_CHECKING:
    import optuna


class _Finished(Protocol):
    """What is told of a result."""

    @property
    def spec(self) -> StudySpec: ...
    @property
    def document(self) -> Mapping[str, Any]: ...
    @property
    def runs(self) -> pd.DataFrame: ...
    @property
    def curves(self) -> pd.DataFrame: ...
    @property
    def folder(self) -> Path: ...


class Trackers:
    """The part of :class:`wane.Result` that writes a study for other tools."""

    def to_frame(self: _Finished) -> pd.DataFrame:
        """A row for each run: its candidate, what that changes, and its final numbers.

        ``candidate``, ``penalty``, ``strength``, in a comparison ``method``, then ``layers`` and
        ``on``, the weights that its penalties act on, ``chosen``, and a column for each
        parameter: strengths as ``l2`` or ``weight_decay`` (0.0 where a candidate lacks that
        penalty; ``l2_hidden`` and ``l2_output`` where they act on several targets), ``dropout``,
        ``early_stopping`` and ``network``, missing where a candidate leaves these as they are. Then
        ``repeat``, ``diverged``, and the numbers of ``runs``.

        Returns:
            The table, in the order of ``runs``.

        Example:
            >>> result.to_frame()[["candidate", "l2", "repeat"]].iloc[2:4].values.tolist()
            [['baseline', 0.0, 2], ['L2(0.1)', 0.1, 0]]
        """
        return _tracked(self).frame()

    def to_optuna(
        self: _Finished, storage: Any = None, *, name: str | None = None, every: int | None = None
    ) -> "optuna.Study":
        """Write the study as one of Optuna's, with a trial for each run.

        A trial has the run's final value of what candidates are chosen by, its curve as
        intermediate values, and the strengths, rate, patience or network as parameters; a strength
        of 0 is left out, since strengths range over a log scale. Other numbers are user attributes,
        as is ``candidate``. Runs that diverged are failed trials. It is written whole or not at
        all.

        Args:
            storage: a URL such as ``"sqlite:///studies.db"``, a storage of Optuna's, or None for a
                study in memory.
            name: what Optuna calls it; None for the study's own name.
            every: the step between the epochs of curves that are written, the first and the last
                one included; None for all of them, or so many that they are some 20,000 in all.

        Returns:
            Optuna's study.

        Raises:
            InputError: if Optuna is not installed, the storage cannot be written, or it has a study
                of that name.

        Example:
            >>> len(result.to_optuna().trials)
            6
        """
        from wane.study.exports.optuna_study import write_optuna

        return write_optuna(_tracked(self), storage, name, every)

    def log_mlflow(self: _Finished, *, every: int | None = None) -> str:
        """Log the study to MLflow: a run for the study, and in it a nested run for each run.

        Where to is what MLflow has set: its tracking URI and its experiment; within an active run
        the study's run is nested in that. A nested run has its candidate's parameters, its curve
        by epoch, and its final numbers as ``final_<column>``; it has failed where the run diverged.
        The study's run has the settings, the verdict as its description, and where the study has
        a folder its ``report.html`` and ``best.keras`` as artifacts.

        Args:
            every: the step between the epochs of curves, as for :meth:`to_optuna`.

        Returns:
            The identifier of the study's run.

        Raises:
            InputError: if MLflow is not installed or cannot write.

        Example:
            >>> import mlflow, tempfile
            >>> mlflow.set_tracking_uri(f"sqlite:///{tempfile.mkdtemp()}/mlflow.db")
            >>> mlflow.get_run(result.log_mlflow()).info.status
            'FINISHED'
        """
        from wane.study.exports.mlflow_runs import write_mlflow

        return write_mlflow(_tracked(self), every)

    def to_tensorboard(self: _Finished, directory: str | Path, *, every: int | None = None) -> Path:
        """Write the study as logs of TensorBoard, scalars and hyperparameters (HParams).

        Each run has the folder ``<candidate>/<repeat>`` in them, with its curve by epoch and its
        final numbers as ``final_<column>``, in single precision, as TensorBoard has it. The runs of
        a candidate are one trial of HParams.

        Args:
            directory: a new or empty folder.
            every: the step between the epochs of curves, as for :meth:`to_optuna`.

        Returns:
            The folder.

        Raises:
            InputError: if TensorBoard is not installed, or the folder cannot be written or is not
                empty.

        Example:
            >>> import tempfile
            >>> place = result.to_tensorboard(tempfile.mkdtemp())
            >>> sorted(run.name for run in (place / "L2(0.1)").iterdir())
            ['0', '1', '2']
        """
        from wane.study.exports.tensorboard_logs import write_tensorboard

        return write_tensorboard(_tracked(self), directory, every)


def _tracked(result: _Finished) -> Tracked:
    return Tracked(result.spec, result.document, result.runs, result.curves, result.folder)
