"""From a network's outputs to a table of predictions, and how good these are."""

from collections.abc import Sequence
from typing import TYPE_CHECKING, Any

import jax
import numpy as np
import pandas as pd

from wane._errors import InputError, one_line
from wane._language import gettext
from wane.data.reading.columns import label
from wane.keras_model.bridge.task import Task, task_of
from wane.study.measures.scorers import class_shares

if TYPE_CHECKING:
    from wane.keras_model.copies import Model

PREDICTION, PROBABILITY = "prediction", "probability"
_AT_ONCE = 256
"""Rows in a batch of the network's."""


def predicted(model: "Model", x: Any, classes: Sequence[Any], index: Any) -> pd.DataFrame:
    """A row for each row of x: what a network predicts of it.

    Args:
        model: compiled, whose loss says what it is for.
        x: its inputs, an array or several, [rows, …].
        classes: the name of each class; those without one are called by their numbers.
        index: what the rows are called.

    Returns:
        For classes ``prediction`` (the most probable), ``probability`` (of it) and
        ``probability_<class>`` for each. Else ``prediction``, or ``prediction_0`` and so on where a
        row has several numbers.

    Raises:
        InputError: if there are none, or the network does not take such inputs.
    """
    if not all(len(part) for part in jax.tree.leaves(x)):
        raise InputError("There are no rows to predict: give at least one.")
    outputs, task = _outputs(model, x)
    if _are_classes(task, outputs):
        return _of_classes(task, outputs[0], classes, index)
    flat = np.hstack([output.reshape(len(output), -1) for output in outputs])
    names = [PREDICTION]
    if flat.shape[1] > 1:
        names = [f"{PREDICTION}_{number}" for number in range(flat.shape[1])]
    return pd.DataFrame(flat, columns=names, index=index)


def _outputs(model: "Model", x: Any) -> tuple[list[np.ndarray], Task]:
    """The arrays that a network gives, [rows, …], and what it is for."""
    try:
        outputs = model.predict(x, batch_size=_AT_ONCE, verbose=0)
    except (ValueError, TypeError, KeyError) as error:
        raise InputError(
            f"The network does not take these rows ({one_line(error)}): give x as the study had "
            f"it, of the same shape."
        ) from error
    return [np.asarray(leaf) for leaf in jax.tree.leaves(outputs)], task_of(model, outputs)


def _are_classes(task: Task, outputs: list[np.ndarray]) -> bool:
    """Whether a row has the probabilities of classes, one of which is right."""
    flat = outputs[0].ndim <= 2
    units = outputs[0][:1].size
    return flat and ((task.kind == "binary" and units == 1) or task.kind == "multiclass")


def _of_classes(
    task: Task, outputs: np.ndarray, classes: Sequence[Any], index: Any
) -> pd.DataFrame:
    shares = class_shares(task, outputs.reshape(len(outputs), -1).astype(np.float64))
    names = [*classes, *range(len(classes), shares.shape[1])]
    best = shares.argmax(axis=1)
    columns: dict[str, Any] = {
        PREDICTION: pd.Series([names[place] for place in best], index=index),
        PROBABILITY: shares[np.arange(len(best)), best].astype(np.float32),
    }
    for place in range(shares.shape[1]):
        columns[f"{PROBABILITY}_{names[place]}"] = shares[:, place].astype(np.float32)
    return pd.DataFrame(columns, index=index)


def in_unit_of_data(table: pd.DataFrame, shift: int) -> pd.DataFrame:
    """Predictions of logarithms as amounts: exp(prediction) - shift; classes stay as they are.

    Args:
        table: what :func:`predicted` gives.
        shift: what was added to an amount before its logarithm was taken.
    """
    if PROBABILITY in table:
        return table
    return table.astype(np.float64).apply(np.exp) - shift


def score(table: pd.DataFrame, truth: pd.Series, target: str) -> str | None:
    """How good predictions are, in a sentence; None where that cannot be said.

    Args:
        table: what :func:`predicted` gives.
        truth: labels or numbers, NaN where they are not known, [rows].
        target: what the target is called.
    """
    from sklearn.metrics import accuracy_score, r2_score, root_mean_squared_error

    known = truth.notna().to_numpy()
    count = int(known.sum())
    if not count or PREDICTION not in table:
        return None
    right, found = truth[known], table.loc[known, PREDICTION]
    if PROBABILITY in table:
        share = accuracy_score(right.map(label), found.map(label))
        numbers = gettext("accuracy is {share}").format(share=f"{share:.3f}")
    elif pd.api.types.is_numeric_dtype(right):
        rmse = f"{root_mean_squared_error(right, found):.4g}"
        numbers = gettext("RMSE is {rmse}").format(rmse=rmse)
        if right.nunique() > 1:
            both = gettext("RMSE is {rmse} and R² {r2}")
            numbers = both.format(rmse=rmse, r2=f"{r2_score(right, found):.3f}")
    else:
        return None
    said = gettext(
        "On the {count} rows whose {target} is known, {numbers}; that tells of new rows only if "
        "the study had none of these."
    )
    if count == 1:
        said = gettext(
            "On the row whose {target} is known, {numbers}; that tells of new rows only if the "
            "study had none of these."
        )
    return said.format(count=f"{count:,}", target=repr(target), numbers=numbers)
