"""What the runs of a study showed."""

import dataclasses
import functools
from collections.abc import Callable
from pathlib import Path
from typing import TYPE_CHECKING, Any

import numpy as np
import pandas as pd

from wane._errors import InputError, nearest
from wane._renamed import RenamedAttribute
from wane.keras_model.copies import Model
from wane.penalties import Candidate, Change, candidate_names
from wane.report.display.notebook import result_html
from wane.study.evaluation.reference_table import references_table
from wane.study.journal.serializer import to_dict
from wane.study.measures.finished import FinishedRuns
from wane.study.measures.predictions import predictions_table
from wane.study.measures.tables import (
    curves_table,
    drawn_curves,
    norms_table,
    ordered_names,
    summary_table,
)
from wane.study.results.growing import Growing
from wane.study.results.plotting.plots import Plots
from wane.study.results.schema import Difference, StudyDocument
from wane.study.results.trackers import Trackers
from wane.study.spec.norms import norms_every
from wane.study.spec.spec import StudySpec
from wane.study.verdicts.verdict import Verdict

if TYPE_CHECKING:
    from wane.study.running.further.refit import Refit


@dataclasses.dataclass(frozen=True, kw_only=True, eq=False, repr=False)
class Result(Growing, Plots, Trackers):
    """Tables, curves, verdict and models of a finished study.

    Attributes:
        spec: the study, with the candidates that refining has added.
        folder: where its files are.
        runs: a row for each run: ``candidate``, ``penalty``, ``strength``, ``repeat``, then the
            final numbers: ``train_data_loss``, ``validation_accuracy``, …, ``penalty_value``,
            ``norm_<layer>``, ``norm_<layer>:bias``, ….
        train_sizes: the baseline trained on a quarter, a half and all of its training rows: a row
            for each size (``rows``) and ``repeat`` with losses and metrics in training and
            validation, and ``validation_lowest_data_loss``, that of the run's best epoch; None
            where it was not.
        record: everything as dataclasses; ``document`` is the same as JSON.

    Example:
        >>> import numpy as np, wane
        >>> import keras
        >>> model = keras.Sequential([keras.layers.Input((1,)), keras.layers.Dense(1)])
        >>> model.compile(loss="mse")
        >>> x = np.linspace(0, 1, 20)
        >>> study = wane.Study(
        ...     model, x[:, None], 2 * x, epochs=3, repeats=2, learning_curve=False
        ... )
        >>> result = study.run(progress=False)
        >>> len(result.runs), result.summary()["candidate"].iloc[0]
        (14, 'baseline')
    """

    spec: StudySpec
    folder: Path
    runs: pd.DataFrame
    train_sizes: pd.DataFrame | None
    record: StudyDocument
    _finished: FinishedRuns
    _make_model: Callable[[int, list[np.ndarray], int], Any]
    _refit: Callable[[int], "Refit"]
    _traces: int

    @property
    def verdict(self) -> Verdict:
        """Whether the network overfits, what helped, and what to expect."""
        return self.record.verdict

    @property
    def notes(self) -> list[str]:
        """What went wrong without stopping the study, in sentences."""
        return list(self.record.notes)

    @property
    def chosen(self) -> str:
        """The name of the chosen candidate: the best mean of what the study chooses by."""
        return self.record.chosen

    @property
    def metric(self) -> str:
        """The metric by which people evaluate the study's task."""
        return self.record.study.metric

    @functools.cached_property
    def document(self) -> dict[str, Any]:
        """Everything as one JSON document, as in ``summary.json``."""
        document: dict[str, Any] = to_dict(self.record)
        return document

    @functools.cached_property
    def curves(self) -> pd.DataFrame:
        """A row for each run and epoch (from 1): losses and metrics in training and validation.

        Training columns are Keras's running means over the batches of an epoch; validation columns
        are evaluated at the epoch's end. The whole table is in memory once it has been asked for;
        ``curves.parquet`` can be read in parts.
        """
        return curves_table(
            self._finished.journal.curves(), self.spec.names, self._finished.curve_names
        )

    def summary(self) -> pd.DataFrame:
        """A row for each candidate: mean and standard deviation of every number over its runs."""
        return self._summary.copy()

    @functools.cached_property
    def _summary(self) -> pd.DataFrame:
        return summary_table(self.runs, ordered_names(self.spec))

    def comparisons(self) -> pd.DataFrame:
        """Every candidate beside the baseline in every metric, in pairs, on validation rows.

        A row for each metric and candidate: ``difference`` (mean of candidate minus baseline, in
        the metric's own unit), ``standard_error``, its 95 % interval ``low`` and ``high``, ``p``,
        ``p_holm`` (adjusted over the candidates of a metric) and ``pairs``. Over resampled splits
        all have the Nadeau–Bengio correction. On one split rows and repeats are crossed samples in
        them where the metric is a mean over rows or a root of one, or chose the candidate and has
        a value for groups of rows; else they hold between seeds on its rows.
        """
        names = [field.name for field in dataclasses.fields(Difference)]
        rows = [dataclasses.astuple(row) for row in self.record.comparisons]
        return pd.DataFrame(rows, columns=names)

    def predictions(
        self, candidate: str | Change | Candidate, part: str = "validation"
    ) -> pd.DataFrame:
        """A candidate's final predictions: a row for each ``repeat`` and ``row``.

        The other columns are ``candidate`` and ``prediction``, or ``prediction_0`` and so on where
        a row has several, as the network gives them and in the target's own unit. ``row`` counts
        the rows of x where validation rows were split off from it. A run that diverged, and a part
        with more than a million numbers, has none.

        Args:
            candidate: its name, or the candidate itself.
            part: ``"validation"`` or ``"test"``.

        Returns:
            The table; without rows where nothing was kept.
        """
        return predictions_table(self._finished, self._index(candidate), part)

    def references(self) -> pd.DataFrame:
        """A row for each model of another kind beside the networks, and for each metric.

        ``reference`` and ``metric``, then means and standard deviations over repeats,
        ``validation_mean``, ``validation_std``, ``test_mean``, ``test_std``, and by how much it is
        better than the chosen network on the rows that decide, ``gain``, with its 95 % interval
        ``low`` and ``high`` and ``p``; NaN where that is not known.
        """
        return references_table(self.record.references)

    def norms(self, candidate: str | Change | Candidate) -> pd.DataFrame:
        """The course of the weights' norms: a row for each ``repeat``, ``epoch`` and ``norm``.

        Norms are taken after some 100 epochs of a run, the first one included. ``hidden`` is the
        norm of the kernels of the layer so called, ``hidden:bias`` of its biases.

        Args:
            candidate: its name, or the candidate itself.

        Returns:
            The table, with norms in ``value``.
        """
        index = self._index(candidate)
        every, names = norms_every(self.spec.epochs), self._finished.norm_names[index]
        return norms_table(self._finished.journal.norms(index), names, every=every)

    def _drawn_curves(self) -> pd.DataFrame:
        return drawn_curves(self._finished, self.chosen)

    def model(self, candidate: str | Change | Candidate, repeat: int = 0) -> Model:
        """The trained model of any single run, as a plain compiled Keras model.

        Args:
            candidate: its name (``"L2(0.001)"``), or the candidate itself.
            repeat: which of its runs.

        Returns:
            The model, with its trained weights, regularizers and optimizer.

        Raises:
            InputError: if there is no such run.
        """
        index = self._index(candidate)
        # A repeat from `runs` is one of NumPy's integers, which SQLite does not know.
        number = int(repeat) if isinstance(repeat, int | np.integer) else -1
        values = self._finished.journal.weights(index, number)
        if values is None:
            count = int((self.runs["candidate"] == self.spec.names[index]).sum())
            raise InputError(
                f"{self.spec.names[index]} has no run {repeat!r}; its {count} runs are numbered "
                f"from 0."
            )
        return self._make_model(index, values, self._finished.journal.epochs(index, number))

    def best_model(self) -> Model:
        """The chosen candidate's model, refitted, as a plain compiled Keras model.

        It carries the chosen penalties as its regularizers, and weight decay in its optimizer, with
        the strengths of the last epoch where they changed in training; a group lasso and proximal
        penalties have no such place in Keras. Where validation rows were
        given apart, it is the run of repeat 0, trained on all of ``x``. Where they were split off
        from ``x``, it is trained once more, from the initial weights of repeat 0, on training and
        validation rows together; but where a callback watches validation rows, of which a refit
        has none, it is the run of repeat 0. So it is where each repeat has a small training set of
        its own (:class:`wane.Subsample`, :class:`wane.Fresh`), since a strength that is right for
        few rows is not for many; and where the refit diverges. Test rows are never trained on. A
        model with a standardized target ends in a layer that gives predictions in the target's own
        unit.

        Raises:
            InputError: if every candidate has runs that diverged.
        """
        return self._best.make()

    def best_transform(self) -> Any:
        """The fitted transformer whose outputs the best model takes; None if there is none."""
        return self._best.transform

    @functools.cached_property
    def _best(self) -> "Refit":
        """The chosen candidate's refit; the training that it takes is done once."""
        if not self.verdict.decided:
            raise InputError("There is no best model: every candidate has runs that diverged.")
        return self._refit(self.spec.names.index(self.chosen))

    def predict(self, x: Any) -> pd.DataFrame:
        """What the chosen model (see :meth:`best_model`) predicts of new rows.

        Args:
            x: as the study's x before its transform, [rows, …]: an array or several, or a data
                frame. Where the study has a transform and its x is a data frame, the columns may
                be in any order, and others are passed over.

        Returns:
            A row for each row, with the index of x if it has one. For classes ``prediction`` (the
            most probable one, by its name in ``class_names`` or else its number), ``probability``
            (of it) and ``probability_<class>`` for each; else ``prediction`` in the target's own
            unit (also of a table read with ``log_target``), or ``prediction_0`` and so on where a
            row has several numbers.

        Raises:
            InputError: if they are not of that form, or every candidate has runs that diverged.

        Example:
            >>> import keras, numpy, wane
            >>> model = keras.Sequential([keras.layers.Input((1,)), keras.layers.Dense(1)])
            >>> model.compile(loss="mse")
            >>> x = numpy.linspace(0, 1, 20)[:, None]
            >>> study = wane.Study(model, x, 2 * x[:, 0], epochs=3, repeats=2)
            >>> result = study.run(progress=False)
            >>> result.predict(x[:5]).shape
            (5, 1)
        """
        from wane.prediction.predictor import Predictor
        from wane.prediction.rows import of_study

        rows = functools.partial(of_study, self.spec.data.development.x, self.best_transform())
        spec = self.spec
        predictor = Predictor(self.best_model(), rows, spec.class_names, spec.log_shift)
        return predictor.predictions(x).table

    def _index(self, candidate: str | Change | Candidate) -> int:
        names = self.spec.names
        if isinstance(candidate, Change):
            candidate = (candidate,)
        if candidate in self.spec.candidates:
            return self.spec.candidates.index(candidate)
        name = candidate if isinstance(candidate, str) else candidate_names([candidate])[0]
        if name not in names:
            raise InputError(f"There is no candidate {name!r}: {nearest(name, names)}")
        return names.index(name)

    study = RenamedAttribute("spec")
    traces = RenamedAttribute("document['engine']")

    def __str__(self) -> str:
        """The table of candidates and the verdict, as the command line prints them."""
        from wane.report.terminal import answer_lines, plain_text

        return plain_text(answer_lines(self.document), width=100)

    def _repr_html_(self) -> str:
        return result_html(self.document)

    def __repr__(self) -> str:
        return (
            f"<Result of {self.spec.name!r}: {len(self.spec.names)} candidates, "
            f"{len(self.runs)} runs, chosen {self.chosen}>"
        )
