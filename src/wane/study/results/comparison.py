"""The result of a comparison of methods."""

import dataclasses
from typing import Any

import pandas as pd

from wane._errors import InputError
from wane._renamed import RenamedAttribute
from wane.report.display.notebook import comparison_html
from wane.report.wording import spoken
from wane.study.evaluation.compared.evidenced import EvidencedRange
from wane.study.evaluation.compared.methods import MethodPair, MethodRow, MethodsSummary
from wane.study.evaluation.compared.searched import SearchedRange
from wane.study.results.result import Result


@dataclasses.dataclass(frozen=True, eq=False, repr=False)
class Comparison:
    """Methods of regularization beside each other, each by its best setting.

    Attributes:
        result: the study of all settings of all methods.

    Example:
        >>> import wane, keras, numpy as np
        >>> model = keras.Sequential([keras.layers.Input((1,)), keras.layers.Dense(1)])
        >>> model.compile(loss="mse")
        >>> x = np.linspace(0, 1, 20)
        >>> study = wane.Study(model, x[:, None], 2 * x, epochs=3, repeats=2)
        >>> comparison = study.compare(["l1", "l2"], settings=2, progress=False)
        >>> list(comparison.methods["method"])
        ['none', 'l1', 'l2']
    """

    result: Result

    @property
    def _summary(self) -> MethodsSummary:
        found = self.result.record.compare
        assert found is not None, "a comparison's study has its methods"
        return found

    @property
    def methods(self) -> pd.DataFrame:
        """A row for each method: ``method``, ``settings``, ``chosen`` (the candidate of the best
        validation), ``setting``, ``edge`` (whether that is the ``"weakest"`` or ``"strongest"``
        setting of several), ``value`` (what methods are evaluated by, on test rows or corrected for
        the choice), ``metric_value`` (the metric for people), and the difference to ``none``:
        ``difference``, ``low``, ``high`` (95 % interval), ``p``, ``p_holm`` (adjusted over
        methods), ``conclusion``.

        Example:
            >>> comparison.methods[["method", "settings"]].values.tolist()
            [['none', 1], ['l1', 2], ['l2', 2]]
        """
        return _table(self._summary.methods, MethodRow)

    @property
    def pairs(self) -> pd.DataFrame:
        """Every two methods but none: ``method``, ``other``, ``difference`` (of the first minus the
        second), ``low``, ``high``, ``p``, ``p_holm`` (adjusted over all pairs, since it was not
        known beforehand which method would be the best), ``conclusion``.

        Example:
            >>> comparison.pairs[["method", "other"]].values.tolist()
            [['l1', 'l2']]
        """
        return _table(self._summary.pairs, MethodPair)

    @property
    def best(self) -> str:
        """The method of the chosen candidate, whose model is the study's best.

        Early stopping is reported but not eligible: its epoch is selected on the validation rows,
        so its validation loss is optimistic.

        Example:
            >>> comparison.best in ("none", "l1", "l2")
            True
        """
        return self._summary.best

    @property
    def verdict(self) -> str:
        """What that shows, in a short paragraph that claims no more than the intervals do.

        Example:
            >>> comparison.verdict.startswith("The choice by validation data loss is")
            True
        """
        text: str = spoken(vars(self._summary))["text"]
        return text

    @property
    def document(self) -> dict[str, Any]:
        """All of it as one JSON document.

        Example:
            >>> comparison.document["evaluated_on"], comparison.document["settings"]
            ('validation', 2)
        """
        document: dict[str, Any] = self.result.document["compare"]
        return document

    kinds = RenamedAttribute("methods")

    def plot(self, ax: Any = None, *, column: bool = False) -> Any:
        """Every method's difference to no regularization, with its 95 % interval.

        Args:
            ax, column: as of :meth:`Result.plot_strengths`; there is one panel.

        Returns:
            The ``matplotlib.figure.Figure``, or ``ax``.

        Example:
            >>> comparison.plot().axes[0].get_xlabel()
            'validation data loss minus that of none (better: left)'
        """
        from wane.report.figures import methods_drawing

        return methods_drawing(self.result.document).shown(ax, column=column)

    def plot_layers(self, ax: Any = None, *, column: bool = False) -> Any:
        """The strength for each layer that a search has found, from the input to the output.

        A diamond is the best candidate's strength, the bar behind it goes over those that are as
        good, and the number is the share of the differences that depends on the strength.

        Args:
            ax, column: as of :meth:`Result.plot_strengths`; there is one panel.

        Returns:
            The ``matplotlib.figure.Figure``, or ``ax``.

        Raises:
            InputError: if nothing was searched, or dropout rates or several penalties were.

        Example:
            >>> layers = [keras.layers.Dense(size, name=f"of_{size}") for size in (4, 1)]
            >>> deeper = keras.Sequential([keras.layers.Input((1,)), *layers])
            >>> deeper.compile(loss="mse")
            >>> study = wane.Study(deeper, x[:, None], 2 * x, epochs=2, repeats=2)
            >>> figure = study.tune(trials=4, progress=False).plot_layers()
            >>> [label.get_text() for label in figure.axes[0].get_yticklabels()]
            ['of_4', 'of_1']
        """
        from wane.report.figures.spaces.ranges import has_depth, layers_drawing

        if not has_depth(self.result.document):
            raise InputError(
                "plot_layers() draws the strengths of one penalty that study.tune() has searched, "
                "and this comparison has none, or also others or rates of dropout: take plot()."
            )
        return layers_drawing(self.result.document).shown(ax, column=column)

    @property
    def ranges(self) -> pd.DataFrame:
        """What a search found of each range: ``layers``, ``kind``, ``best`` (the best candidate's
        strength, 0 for none), ``low`` and ``high`` (the weakest and strongest of candidates that
        are as good by validation), ``weakest`` and ``strongest`` (the ends of the range),
        ``importance`` (the share of the candidates' differences that depends on it) and
        ``matters``. Empty where nothing was searched.

        Example:
            >>> list(comparison.ranges)[:4], len(comparison.ranges)  # nothing was searched
            (['layers', 'kind', 'best', 'low'], 0)
        """
        found = self._summary.search
        return _table(() if found is None else found.ranges, SearchedRange)

    @property
    def evidence(self) -> pd.DataFrame:
        """What the training rows alone say of each range: ``layers``, the likeliest ``strength``
        (``low``, ``high`` of a repeat), its ``precision``, how many ``weights`` are ``determined``,
        ``times`` the nearest that is as good by validation, and whether that ``agrees``.

        Example:
            >>> comparison.evidence.empty  # nothing was searched
            True
        """
        found = getattr(self._summary.search, "evidence", None)
        return _table(() if found is None else found.ranges, EvidencedRange)

    def __str__(self) -> str:
        """The table of methods and what it shows, as the command line prints them."""
        from wane.report.comparison import comparison_lines
        from wane.report.terminal import plain_text

        return plain_text(comparison_lines(self.result.document), width=100)

    def _repr_html_(self) -> str:
        return comparison_html(self.result.document)

    def __repr__(self) -> str:
        return f"<Comparison of {len(self._summary.methods)} methods: {self.verdict}>"


def _table(rows: Any, kind: type) -> pd.DataFrame:
    names = [field.name for field in dataclasses.fields(kind)]
    return pd.DataFrame([dataclasses.astuple(row) for row in rows], columns=names)
