"""The one way from new rows to predictions, wherever model and rows come from."""

import dataclasses
from collections.abc import Callable, Sequence
from typing import TYPE_CHECKING, Any, NamedTuple

from wane.prediction.outputs import in_unit_of_data, predicted, score
from wane.prediction.rows import NewRows

if TYPE_CHECKING:
    import pandas as pd

    from wane.keras_model.copies import Model


class Predictions(NamedTuple):
    """A row for each new row, how good they are (None if that is not known), and notes."""

    table: "pd.DataFrame"
    score: str | None
    notes: tuple[str, ...]


@dataclasses.dataclass(frozen=True)
class Predictor:
    """A finished study's model, with what it takes to read its rows and its outputs.

    Attributes:
        model: compiled.
        rows: makes the model's inputs of new rows.
        classes: the name of each class.
        log_shift: what was added to an amount before its logarithm was taken, which the model
            predicts; None where it predicts the target as it is.
    """

    model: "Model"
    rows: Callable[[Any], NewRows]
    classes: Sequence[Any] = ()
    log_shift: int | None = None

    def predictions(self, given: Any) -> Predictions:
        """What the model predicts of new rows.

        Args:
            given: new rows, as ``rows`` takes them.

        Raises:
            InputError: if they are not like the study's.
        """
        rows = self.rows(given)
        table = predicted(self.model, rows.x, self.classes, rows.index)
        if self.log_shift is not None:
            table = in_unit_of_data(table, self.log_shift)
        scored = None if rows.truth is None else score(table, rows.truth, rows.target)
        return Predictions(table, scored, rows.notes)
