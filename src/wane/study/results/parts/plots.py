"""What a result draws: figures, or on axes of a user's."""

from collections.abc import Mapping
from typing import TYPE_CHECKING, Any, Protocol

import pandas as pd

from wane._errors import InputError
from wane.penalties import BASELINE_NAME
from wane.study.evaluation.compared.curves import curve_of
from wane.study.measures.finished import FinishedRuns
from wane.study.results.schema import StudyDocument, means_of_references, targets_of
from wane.study.spec.methods import axes_of, of_one_method, settings_of
from wane.study.spec.spec import StudySpec
from wane.study.verdicts.verdict import Verdict

if TYPE_CHECKING:
    from wane.report.figures import Drawing


class _Finished(Protocol):
    """What is drawn of a result."""

    @property
    def spec(self) -> StudySpec: ...
    @property
    def record(self) -> StudyDocument: ...
    @property
    def document(self) -> Mapping[str, Any]: ...
    @property
    def train_sizes(self) -> pd.DataFrame | None: ...
    @property
    def chosen(self) -> str: ...
    @property
    def metric(self) -> str: ...
    @property
    def verdict(self) -> Verdict: ...
    @property
    def _finished(self) -> FinishedRuns: ...
    def model(self, candidate: str) -> Any: ...
    def summary(self) -> pd.DataFrame: ...
    def norms(self, candidate: str) -> pd.DataFrame: ...
    def _drawn_curves(self) -> pd.DataFrame:
        """The curves of the baseline and the chosen candidate, at as many epochs as are drawn."""


class Plots:
    """The part of :class:`wane.Result` that draws."""

    def plot_strengths(
        self: _Finished, ax: Any = None, *, panel: str | None = None, column: bool = False
    ) -> Any:
        """The metric and the data loss against strength, with error bars over runs.

        Of a comparison the validation data loss by setting, a panel for each method.

        Args:
            ax: None makes a figure in wane's own style. Axes of matplotlib's, as many as there are
                panels, are drawn on under the user's own settings; nothing else of their figure is
                changed. The legend stands on the first of them.
            panel: the name of the panel that is drawn alone, so that one of the axes is enough:
                that of a metric, or ``"data_loss"``; of a comparison that of a method.
            column: whether the figure is for a column of a paper, 3.35 inches wide with letters of
                8 points, its panels beneath each other.

        Returns:
            The ``matplotlib.figure.Figure``, or ``ax``.

        Raises:
            InputError: if there are more or fewer axes than panels, or there is no such panel.

        Example:
            >>> import keras, numpy, wane
            >>> import matplotlib.pyplot as plt
            >>> model = keras.Sequential([keras.layers.Input((1,)), keras.layers.Dense(1)])
            >>> model.compile(loss="mse")
            >>> x = numpy.linspace(0, 1, 20)[:, None]
            >>> study = wane.Study(model, x, 2 * x[:, 0], epochs=3, repeats=2)
            >>> result = study.run(progress=False)
            >>> figure, ax = plt.subplots()
            >>> result.plot_strengths(ax, panel="data_loss") is ax
            True
            >>> float(result.plot_strengths(column=True).get_figwidth())
            3.35
        """
        return _strengths(self).shown(ax, panel, column)

    def plot_norms(
        self: _Finished, ax: Any = None, *, panel: str | None = None, column: bool = False
    ) -> Any:
        """The weights' norms by layer and role, against strength and by epoch.

        Args:
            ax, panel, column: as of :meth:`plot_strengths`; the panels are ``"strength"`` and
                ``"epoch"``.

        Returns:
            The ``matplotlib.figure.Figure``, or ``ax``.

        Example:
            >>> [ax.get_ylabel() for ax in result.plot_norms().axes]
            ['norm of the weights', 'norm of the weights']
        """
        from wane.report.figures import norms_drawing

        courses = {name: self.norms(name) for name in dict.fromkeys((BASELINE_NAME, self.chosen))}
        summary, names = self.summary(), of_one_method(self.spec, self.chosen)
        own = summary[summary["candidate"].isin(names)]
        drawing = norms_drawing(own, courses, baseline=BASELINE_NAME, chosen=self.chosen)
        return drawing.shown(ax, panel, column)

    def plot_wins(self: _Finished, ax: Any = None, *, column: bool = False) -> Any:
        """In what share of draws of the validation rows each candidate is the best.

        Args:
            ax, column: as of :meth:`plot_strengths`; there is one panel.

        Returns:
            The ``matplotlib.figure.Figure``, or ``ax``.

        Raises:
            InputError: if no such draws could be made.

        Example:
            >>> result.plot_wins().axes[0].get_xlabel()
            'draws of the validation rows in which a candidate is the best, %'
        """
        from wane.report.columns import has_wins
        from wane.report.figures import wins_drawing

        if not has_wins(self.document):
            raise InputError(
                "How stable the choice is has not been found: it takes at least 10 validation "
                "rows, two candidates without diverged runs, and predictions that were kept."
            )
        return wins_drawing(self.document).shown(ax, column=column)

    def plot_learning_curves(
        self: _Finished, ax: Any = None, *, panel: str | None = None, column: bool = False
    ) -> Any:
        """Loss and metric by epoch, training and validation, baseline beside chosen.

        Args:
            ax, panel, column: as of :meth:`plot_strengths`; the panels are row by row
                ``"data_loss, baseline"``, ``"data_loss, chosen"`` and the same of the metric; where
                the baseline is chosen the two are one panel, of either name.

        Returns:
            The ``matplotlib.figure.Figure``, or ``ax``.

        Example:
            >>> [ax.get_ylabel() for ax in result.plot_learning_curves().axes]
            ['data loss', '', 'RMSE', '']
        """
        from wane.report.figures import learning_curves_drawing

        drawing = learning_curves_drawing(
            self._drawn_curves(), metric=self.metric, baseline=BASELINE_NAME, chosen=self.chosen
        )
        return drawing.shown(ax, panel, column)

    def plot_boundary(
        self: _Finished, ax: Any = None, *, panel: str | None = None, column: bool = False
    ) -> Any:
        """The predicted probability over two inputs, with the rows and the line where it is 0.5.

        Of repeat 0, the baseline beside the chosen candidate. Axes of your own get no colour bar:
        ``figure.colorbar(ax.images[0])`` draws one.

        Args:
            ax, panel, column: as of :meth:`plot_strengths`; the panels are ``"baseline"`` and
                ``"chosen"``, and one of either name where the baseline is chosen.

        Returns:
            The ``matplotlib.figure.Figure``, or ``ax``.

        Raises:
            InputError: if the study is not of two classes over two numbers, every candidate has
                runs that diverged, or the result is of a folder alone.

        Example:
            >>> import keras, numpy as np, wane
            >>> model = keras.Sequential(
            ...     [keras.layers.Input((2,)), keras.layers.Dense(1, "sigmoid", name="output")]
            ... )
            >>> model.compile(loss="binary_crossentropy")
            >>> x = np.random.default_rng(0).normal(size=(40, 2))
            >>> options = {"candidates": [wane.L2(0.1)], "epochs": 2, "repeats": 2}
            >>> of_classes = wane.Study(model, x, (x[:, 0] > 0).astype(int), **options)
            >>> figure = of_classes.run(progress=False).plot_boundary()
            >>> figure.axes[0].get_xlabel()
            'first input'
        """
        from wane.report.figures import boundary_drawing
        from wane.study.results.parts.boundary import boundary

        found = boundary(self._finished, self)
        if found is None:
            raise InputError(
                "plot_boundary() draws two classes over two inputs that are numbers, and a choice "
                "between candidates: this study is of another kind, or every candidate has runs "
                "that diverged."
            )
        return boundary_drawing(**found).shown(ax, panel, column)

    def plot_train_sizes(
        self: _Finished, ax: Any = None, *, panel: str | None = None, column: bool = False
    ) -> Any:
        """The baseline's loss and metric against the number of its training rows.

        Args:
            ax, panel, column: as of :meth:`plot_strengths`; the panels are ``"data_loss"`` and that
                of the metric.

        Returns:
            The ``matplotlib.figure.Figure``, or ``ax``.

        Raises:
            InputError: if it was trained on all rows only.

        Example:
            >>> [ax.get_xlabel() for ax in result.plot_train_sizes().axes]
            ['training rows', 'training rows']
        """
        from wane.report.figures import train_sizes_drawing

        if self.train_sizes is None:
            raise InputError(
                "The baseline was trained on all of its training rows only: that is so with "
                "learning_curve=False, and where a quarter of them would be too few."
            )
        return train_sizes_drawing(self.train_sizes, metric=self.metric).shown(ax, panel, column)


def _strengths(result: _Finished) -> "Drawing":
    from wane.report.figures import settings_drawing, strengths_drawing

    beside = means_of_references(result.record)
    summary, chosen = curve_of(result.spec, result.record.compare, result.chosen, result.summary())
    if result.spec.methods and result.spec.search is None:
        return settings_drawing(
            summary,
            settings_of(result.spec),
            axes=axes_of(result.spec),
            baseline=BASELINE_NAME,
            chosen=result.chosen,
            references=beside,
        )
    return strengths_drawing(
        summary,
        metric=result.metric,
        chosen=chosen,
        is_choice=chosen == result.chosen,
        targets=targets_of(result.record),
        references=beside,
    )
