"""Which weights have the axes that a penalty is about: groups, or rows and columns."""

from typing import Any

import keras

from wane._errors import InputError
from wane.keras_model.weights import Weight
from wane.penalties import Penalty

_OTHER_AXES = (
    keras.layers.Conv1DTranspose,
    keras.layers.Conv2DTranspose,
    keras.layers.Conv3DTranspose,
    keras.layers.DepthwiseConv1D,
    keras.layers.DepthwiseConv2D,
    keras.layers.SeparableConv1D,
    keras.layers.SeparableConv2D,
    keras.layers.EinsumDense,
)
"""Layers whose last two axes are not inputs and units, in this order."""
_OF_SEVERAL_UNITS = (keras.layers.LSTMCell, keras.layers.GRUCell)
"""Layers of whose units each has a column in several gates."""


def check_axes(weight: Weight, penalty: Penalty) -> None:
    """Check that a weight has the axes that a penalty is about; most are about single numbers.

    Raises:
        InputError: naming the layer.
    """
    if penalty.axes is None:
        return
    if penalty.axes.of == "matrix":
        _check_matrix(weight, penalty, penalty.axes.along)
    else:
        _check_channels(weight, penalty, penalty.axes.along)


def _check_matrix(weight: Weight, penalty: Penalty, along: str) -> None:
    shape = tuple(weight.variable.shape)
    if len(shape) != 2 or shape[0 if along == "rows" else 1] < 2:
        raise InputError(
            f"{penalty} acts on matrices with at least two {along}, but it is also for the "
            f"{weight.variable.name} of layer {weight.layer!r}, whose shape is {shape}: name the "
            f"layers that are meant."
        )


def _check_channels(weight: Weight, penalty: Penalty, along: str) -> None:
    owner: Any = weight.owner
    several = isinstance(owner, _OF_SEVERAL_UNITS) and along != "inputs"
    if len(weight.variable.shape) < 2 or isinstance(owner, _OTHER_AXES) or several:
        raise InputError(
            f"{penalty} acts on kernels with an axis of {along}, as those of Dense and "
            f"convolutions, but it is also for the {weight.variable.name} of the "
            f"{type(owner).__name__} {weight.layer!r}: name the layers that are meant."
        )
