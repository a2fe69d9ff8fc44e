"""Every weight of a Keras model in a table: size, role, penalty and its current value."""

from typing import Any

import keras
import numpy as np

from wane.keras_model.editing.advice import advice
from wane.keras_model.editing.regularize import check_built
from wane.keras_model.regularizers import present, terms_in
from wane.keras_model.weight_decay import decay_of
from wane.keras_model.weights import Weight, every_weight
from wane.penalties import CATALOGUE, KerasTerms, Penalty
from wane.report.weights import WeightTable, weight_table


def inspect(model: keras.Model) -> WeightTable:
    """A table of all weights of a model, trained or not, with warnings where they are due.

    Args:
        model: a built Keras model, on any backend.

    Returns:
        A data frame with a row for each weight, in the order of ``model.weights``, and the columns

        - ``layer``: the layer that owns it; in nested models ``"outer/inner"``
        - ``weight``: its own name, and ``role``: kernel, recurrent, bias, embedding or None
        - ``shape``, ``count`` (how many numbers) and ``trainable``
        - ``norm``: the square root of the sum of squares; NaN for quantized weights
        - ``zeros``: the share of numbers that are exactly zero; NaN for quantized weights
        - ``penalty``: the regularizer that it has, or None, and ``penalty_value``: what that adds
          to the loss now; 0 if the weight is not trained
        - ``weight_decay``: the decoupled weight decay that the model's optimizer takes off it; 0
          for none.

        Its attribute ``warnings`` has a sentence for each thing that is likely to be a mistake.

    Raises:
        InputError: if the model is not built.

    Example:
        >>> import keras, wane
        >>> dense = keras.layers.Dense(3, kernel_regularizer="l2", name="dense")
        >>> table = wane.inspect(keras.Sequential([keras.layers.Input((2,)), dense]))
        >>> table[["layer", "weight", "count", "penalty"]].values.tolist()
        [['dense', 'kernel', 6, 'L2(0.01)'], ['dense', 'bias', 3, None]]
        >>> table.warnings
        ()
    """
    check_built(model)
    weights = every_weight(model)
    optimizer = getattr(model, "optimizer", None)
    rows = [_row(weight, optimizer) for weight in weights]
    return weight_table(rows, model_name=model.name, warnings=advice(model, weights))


def _row(weight: Weight, optimizer: Any) -> dict[str, Any]:
    variable = weight.variable
    values = np.asarray(keras.ops.convert_to_numpy(variable))
    # The integers of a quantized weight are not the numbers that the layer computes with.
    is_float = "float" in keras.backend.standardize_dtype(variable.dtype)
    numbers = values.astype(np.float64) if is_float else None
    return {
        "layer": weight.layer,
        "weight": variable.name,
        "role": weight.role,
        "shape": tuple(variable.shape),
        "count": values.size,
        "trainable": weight.index >= 0,
        "norm": np.nan if numbers is None else float(np.sqrt(np.sum(numbers**2))),
        "zeros": np.nan if numbers is None or not values.size else float(np.mean(numbers == 0)),
        "penalty": regularizer_name(present(variable.regularizer)),
        "penalty_value": _penalty_value(weight, values),
        "weight_decay": decay_of(optimizer, variable) if weight.index >= 0 else 0.0,
    }


def _penalty_value(weight: Weight, values: np.ndarray) -> float:
    regularizer = present(weight.variable.regularizer)
    if regularizer is None or weight.index < 0:
        return 0.0
    terms = terms_in(regularizer)
    if terms is None:
        return float(keras.ops.convert_to_numpy(regularizer(weight.variable)))
    # Keras would have JAX compile a sum for each shape, seconds for a large model.
    penalty = _penalty(terms)
    return float(penalty.value(values.astype(np.float64), *penalty.strengths))


def regularizer_name(regularizer: Any) -> str | None:
    """A regularizer as wane writes penalties, ``"L2(0.001)"``; others by their class."""
    if regularizer is None:
        return None
    terms = terms_in(regularizer)
    if terms is None:
        return getattr(regularizer, "__name__", type(regularizer).__name__)
    return str(_penalty(terms))


def _penalty(terms: KerasTerms) -> Penalty:
    """The penalty that is one of Keras's own regularizers; Keras's L1L2(0, 0.1) is an L2."""
    found = (kind.of_keras_terms(terms) for kind in CATALOGUE.values())
    return next(penalty for penalty in found if penalty is not None)
