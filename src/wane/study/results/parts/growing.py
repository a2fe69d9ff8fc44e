"""A finished study that goes on."""

import dataclasses
from collections.abc import Callable, Sequence
from typing import TYPE_CHECKING

from wane._errors import InputError
from wane.penalties import Candidate, Change
from wane.training.execution import Execution

if TYPE_CHECKING:
    from wane.study.results.result import Result

Grow = Callable[
    [int | None, Sequence[Candidate | Change] | None, bool, Execution | None, str | None], "Result"
]
"""Trains a study on: repeats, candidates, progress, execution, ray."""


@dataclasses.dataclass(frozen=True, kw_only=True, eq=False, repr=False)
class Growing:
    """What can be given more repeats and further candidates."""

    _grow: Grow

    def extend(
        self,
        *,
        repeats: int | None = None,
        candidates: Sequence[Candidate | Change] | None = None,
        progress: bool = True,
        execution: Execution | None = None,
        ray: str | None = None,
    ) -> "Result":
        """Give the study more repeats or further candidates; runs that are there are kept.

        Only what is new is trained. With more repeats every run is the same to the bit as if so
        many had been planned; of candidates that a study adds by itself (``extend=True`` of
        :class:`wane.Study`) it keeps those that it has. Evaluating the whole is another look at the
        study, at a level of its own. A study in a folder grows there, and its earlier answer stays
        as ``summary-look-1.json``; one without a folder grows in a new one that goes with the new
        result.

        Args:
            repeats: runs of each candidate in all, no fewer than there are.
            candidates: further penalties, :class:`wane.Dropout` and :class:`wane.EarlyStopping`, or
                tuples of them; those that the study has are passed over.
            progress: whether to show a progress bar on standard error.
            execution: how runs are laid on the machine; by default as before.
            ray: which cluster trains them, as for :meth:`wane.Study.run`; None for this process.

        Returns:
            The result of the whole study. This one keeps its tables and its verdict.

        Raises:
            InputError: if the study cannot grow so: comparisons, halving and refining choose what
                they train by all repeats.

        Example:
            >>> import keras, numpy, wane
            >>> model = keras.Sequential([keras.layers.Input((1,)), keras.layers.Dense(1)])
            >>> model.compile(loss="mse")
            >>> x = numpy.linspace(0, 1, 20)[:, None]
            >>> options = {"candidates": [wane.L2(0.1)], "learning_curve": False, "extend": False}
            >>> study = wane.Study(model, x, 2 * x[:, 0], epochs=3, repeats=2, **options)
            >>> result = study.run(progress=False)
            >>> grown = result.extend(repeats=3, candidates=[wane.L2(1.0)], progress=False)
            >>> len(result.runs), len(grown.runs)
            (4, 9)
        """
        if repeats is None and candidates is None:
            raise InputError(
                "What to extend the study by is not said: give repeats, candidates or both."
            )
        return self._grow(repeats, candidates, progress, execution, ray)
