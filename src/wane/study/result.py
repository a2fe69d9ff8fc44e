"""What the runs of a study showed."""

import functools
import itertools
from collections.abc import Callable
from pathlib import Path
from typing import TYPE_CHECKING, Any

import numpy as np
import pandas as pd

from wane._errors import InputError, nearest
from wane.penalties import BASELINE_NAME, Candidate, Change, candidate_names
from wane.study.diagnosis import Verdict
from wane.study.summary import curves_table, summary_table

if TYPE_CHECKING:
    from matplotlib.figure import Figure

    from wane.study.files import Refit
    from wane.study.spec import Study
    from wane.study.store import Store


MOST_ROWS_DRAWN = 4_000_000
"""In a study with more epochs than this over all its runs, figures show only some of them."""


class Interrupted(KeyboardInterrupt):
    """A study that was stopped by Ctrl-C; its finished runs are kept.

    Args:
        message: one sentence on what was kept and where.
    """


class Result:
    """Tables, curves, verdict and models of a finished study.

    Attributes:
        study: the study.
        folder: where its files are.
        runs: a row for each run: ``candidate``, ``penalty``, ``strength``, ``repeat``, then the
            final numbers: ``train_data_loss``, ``validation_accuracy``, …, ``penalty_value``,
            ``norm_<layer>``.
        train_sizes: the baseline trained on a quarter, a half and all of its training rows: a row
            for each size (``rows``) and ``repeat`` with losses and metrics in training and
            validation; None where it was not.
        verdict: whether the network overfits and what helped.
        chosen: the name of the chosen candidate.
        document: everything as one JSON document, as in ``summary.json``.
        traces: how often the training program was traced.
    """

    def __init__(
        self,
        study: "Study",
        folder: Path,
        store: "Store",
        *,
        runs: pd.DataFrame,
        train_sizes: pd.DataFrame | None,
        curve_names: tuple[str, ...],
        make_model: Callable[[int, list[np.ndarray]], Any],
        traces: int,
    ) -> None:
        self.study = study
        self.folder = folder
        self.runs = runs
        self.train_sizes = train_sizes
        self.traces = traces
        self.verdict: Verdict
        self.document: dict[str, Any] = {}
        self._store = store
        self._curve_names = curve_names
        self._make_model = make_model
        self._refit: Callable[[], Refit]

    @property
    def chosen(self) -> str:
        """The name of the chosen candidate: the lowest mean validation data loss."""
        return self.verdict.chosen

    @property
    def metric(self) -> str:
        """The metric by which people judge the study's task."""
        return str(self.document["study"]["metric"])

    @functools.cached_property
    def curves(self) -> pd.DataFrame:
        """A row for each run and epoch (from 1): losses and metrics in training and validation.

        Training columns are Keras's running means over the batches of an epoch; validation columns
        are evaluated at the epoch's end. The whole table is in memory once it has been asked for;
        ``curves.parquet`` can be read in parts.
        """
        return curves_table(self._store.curves(), self.study.names, self._curve_names)

    def summary(self) -> pd.DataFrame:
        """A row for each candidate: mean and standard deviation of every number over its runs."""
        return summary_table(self.runs, self.study.names)

    def plot_strengths(self) -> "Figure":
        """The metric and the data loss against strength, with error bars over runs."""
        from wane.report.figures import strengths_figure

        return strengths_figure(self.summary(), metric=self.metric, chosen=self.chosen)

    def plot_learning_curves(self) -> "Figure":
        """Loss and metric by epoch, training and validation, baseline beside chosen."""
        from wane.report.figures import learning_curves_figure

        drawn = dict.fromkeys((0, self.study.names.index(self.chosen)))
        curves = itertools.chain.from_iterable(self._store.curves(index) for index in drawn)
        return learning_curves_figure(
            curves_table(
                curves,
                self.study.names,
                self._curve_names,
                every=1 + self._store.epoch_count() // MOST_ROWS_DRAWN,
            ),
            metric=self.metric,
            baseline=BASELINE_NAME,
            chosen=self.chosen,
        )

    def plot_train_sizes(self) -> "Figure":
        """The baseline's loss and metric against the number of its training rows.

        Raises:
            InputError: if it was trained on all rows only.
        """
        from wane.report.figures import train_sizes_figure

        if self.train_sizes is None:
            raise InputError(
                "The baseline was trained on all of its training rows only: that is so with "
                "train_sizes=False, and where a quarter of them would be too few."
            )
        return train_sizes_figure(self.train_sizes, metric=self.metric)

    def model(self, candidate: str | Change | Candidate, repeat: int = 0) -> Any:
        """The trained model of any single run, as a plain compiled Keras model.

        Args:
            candidate: its name (``"L2(0.001)"``), or the candidate itself.
            repeat: which of its runs.

        Raises:
            InputError: if there is no such run.
        """
        index = self._index(candidate)
        # A repeat from `runs` is one of NumPy's integers, which SQLite does not know.
        number = int(repeat) if isinstance(repeat, int | np.integer) else -1
        values = self._store.weights(index, number)
        if values is None:
            count = int((self.runs["candidate"] == self.study.names[index]).sum())
            raise InputError(
                f"{self.study.names[index]} has no run {repeat!r}; its {count} runs are numbered "
                f"from 0."
            )
        return self._make_model(index, values)

    def best_model(self) -> Any:
        """The chosen candidate's model, refitted, as a plain compiled Keras model.

        It carries the chosen penalties as its regularizers, and weight decay in its optimizer; a
        group lasso and proximal penalties have no such place in Keras. Where validation rows were
        given apart, it is the run of repeat 0, trained on all of ``x``. Where they were split off
        from ``x``, it is trained once more, from the initial weights of repeat 0, on training and
        validation rows together; but where a callback watches validation rows, of which a refit
        has none, it is the run of repeat 0. So it is where each repeat has a small training set of
        its own (:class:`wane.Subsample`, :class:`wane.Fresh`), since a strength that is right for
        few rows is not for many. Test rows are never trained on. A model with a
        standardized target ends in a layer that gives predictions in the target's own unit.
        """
        return self._best.make()

    def best_transform(self) -> Any:
        """The fitted transformer whose outputs the best model takes; None if there is none."""
        return self._best.transform

    @functools.cached_property
    def _best(self) -> "Refit":
        """The chosen candidate's refit; the training that it takes is done once."""
        return self._refit()

    def _index(self, candidate: str | Change | Candidate) -> int:
        names = self.study.names
        if isinstance(candidate, Change):
            candidate = (candidate,)
        if candidate in self.study.candidates:
            return self.study.candidates.index(candidate)
        name = candidate if isinstance(candidate, str) else candidate_names([candidate])[0]
        if name not in names:
            raise InputError(f"There is no candidate {name!r}: {nearest(name, names)}")
        return names.index(name)

    def __repr__(self) -> str:
        return (
            f"<Result of {self.study.name!r}: {len(self.study.names)} candidates, "
            f"{len(self.runs)} runs, chosen {self.chosen}>"
        )
