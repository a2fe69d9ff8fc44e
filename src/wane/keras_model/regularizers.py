"""Penalties as ordinary Keras regularizers."""

import warnings
from typing import Any

import keras

from wane._errors import InputError
from wane.keras_model.weights import Weight, targeted, trainable_weights
from wane.penalties import L1, L1L2, L2, Candidate, Penalty, penalties_of


def coefficients(penalty: Penalty) -> tuple[float, float]:
    """The (l1, l2) of Keras's ``L1L2`` that does what an elementwise penalty does."""
    if isinstance(penalty, L1):
        return penalty.l1, 0.0
    if isinstance(penalty, L2):
        return 0.0, penalty.l2
    if isinstance(penalty, L1L2):
        return penalty.l1, penalty.l2
    raise InputError(
        f"{penalty} cannot be written as a Keras regularizer; only L1, L2 and L1L2 can."
    )


def set_regularizers(model: Any, candidate: Candidate, like: Any = None) -> None:
    """Add the penalties of a candidate to the regularizers that a model already has.

    Each is set on the variable, where Keras reads it in training, and on the layer, whose
    configuration is what clones and saved files see.

    Args:
        model: the model that gets them.
        candidate: the penalties.
        like: a model of the same layers whose layer names the targets mean; by default ``model``.
            A function that makes models gives unnamed layers other names each time.
    """
    weights = trainable_weights(model)
    added: dict[int, tuple[Weight, float, float]] = {}
    for penalty in penalties_of(candidate):
        l1, l2 = coefficients(penalty)
        for target in targeted(like or model, penalty):
            weight = weights[target.index]
            _, l1_before, l2_before = added.get(weight.index, (weight, 0.0, 0.0))
            added[weight.index] = (weight, l1_before + l1, l2_before + l2)
    for weight, l1, l2 in added.values():
        _add_regularizer(weight, l1, l2)


def _add_regularizer(weight: Weight, l1: float, l2: float) -> None:
    present = weight.variable.regularizer
    if present is not None and type(present) not in (
        keras.regularizers.L1,
        keras.regularizers.L2,
        keras.regularizers.L1L2,
    ):
        warnings.warn(
            f"The {weight.role} of layer {weight.layer!r} keeps its own regularizer "
            f"{type(present).__name__} and does not get the study's penalty as well: Keras has "
            f"no regularizer that is the sum of both.",
            stacklevel=4,
        )
        return
    regularizer = keras.regularizers.L1L2(
        l1=l1 + float(getattr(present, "l1", 0.0)), l2=l2 + float(getattr(present, "l2", 0.0))
    )
    weight.variable.regularizer = regularizer
    # "kernel" gives kernel_regularizer, "recurrent_kernel" gives recurrent_regularizer.
    attribute = f"{weight.variable.name.removesuffix('_kernel')}_regularizer"
    if hasattr(weight.owner, attribute):
        setattr(weight.owner, attribute, regularizer)
