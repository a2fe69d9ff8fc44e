"""The losses of one network trained on parts of its rows: what more data would do."""

import dataclasses

import numpy as np

from wane._errors import InputError


@dataclasses.dataclass(frozen=True)
class TrainSizes:
    """Data losses of the unregularized network by the number of its training rows.

    Attributes:
        rows: training rows of each size, rising, [sizes]; the last is all of them.
        train_loss: final training data loss, [sizes, repeats]; NaN where a run diverged.
        validation_loss: final validation data loss of the same runs, [sizes, repeats].
        lowest_loss: the validation data loss at each run's best epoch, [sizes, repeats]. What more
            rows do is seen by it, since fewer rows rebound sooner.
        fall_of_rows: by how much that loss of each validation row fell from the size before the
            last to the last, mean over repeats, [validation rows]; None if not known.

    Raises:
        InputError: unless there are at least two rising sizes, and losses of that many sizes.
    """

    rows: np.ndarray
    train_loss: np.ndarray
    validation_loss: np.ndarray
    lowest_loss: np.ndarray
    fall_of_rows: np.ndarray | None = None

    def __post_init__(self) -> None:
        rows = np.asarray(self.rows)
        if rows.ndim != 1 or len(rows) < 2 or rows[0] < 1 or np.any(np.diff(rows) <= 0):
            raise InputError(
                f"rows must be at least two rising numbers of training rows, got {self.rows!r}."
            )
        losses = (self.train_loss, self.validation_loss, self.lowest_loss)
        first, *others = shapes = [np.shape(loss) for loss in losses]
        if others != [first, first] or len(first) != 2 or first[0] != len(rows):
            raise InputError(
                f"The losses must have the shape [sizes, repeats] with the {len(rows)} sizes of "
                f"rows, got {shapes}."
            )
