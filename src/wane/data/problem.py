"""What a data set is once it is ready for a study."""

import dataclasses
from typing import TYPE_CHECKING, Any

if TYPE_CHECKING:
    import numpy as np
    import pandas as pd


@dataclasses.dataclass(frozen=True, kw_only=True, eq=False)
class Problem:
    """A data set made ready for a study.

    Args:
        name: what tables and figures call it.
        task: ``"binary"``, ``"multiclass"`` or ``"regression"``.
        x: inputs, float32 [rows, inputs]; a data frame [rows, columns] where there is a transform.
        y: targets [rows]: float32 of 0 and 1 (binary), int32 positions in ``class_names``
            (multiclass), or float32 in the target's own unit (regression).
        validation: arrays ``(x, y)``, a fraction of the rows, or a scikit-learn splitter.
        test: arrays ``(x, y)``, a fraction of the rows, or None.
        transform: an unfitted scikit-learn transformer from ``x`` to float32 [rows, inputs], which
            the study fits on the training rows of each split; None where ``x`` is used as it is.
            The number of inputs that it makes is the same whichever rows it is fitted on.
        standardize_target: whether the study centres and scales ``y`` by the training rows of each
            split (regression).
        feature_names: a name for each column of ``x``.
        class_names: the labels as the data had them, sorted; empty for regression.
        notes: sentences on how the data were cleaned, for the user to read.
        epochs, repeats, batch_size, hidden: what the command line uses unless told otherwise;
            ``hidden`` is the units of each hidden layer.
    """

    name: str
    task: str
    x: "np.ndarray | pd.DataFrame"
    y: "np.ndarray"
    validation: "tuple[np.ndarray, np.ndarray] | float | Any"
    test: "tuple[np.ndarray, np.ndarray] | float | None"
    transform: Any = None
    standardize_target: bool = False
    feature_names: tuple[str, ...]
    class_names: tuple[str, ...] = ()
    notes: tuple[str, ...] = ()
    epochs: int = 200
    repeats: int = 20
    batch_size: int = 32
    hidden: tuple[int, ...] = (500,)
