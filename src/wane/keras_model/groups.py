"""Which weights have the groups that a group lasso is about."""

from typing import Any

import keras

from wane._errors import InputError
from wane.keras_model.weights import Weight
from wane.penalties import GroupLasso, Penalty

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


def check_groups(weight: Weight, penalty: Penalty) -> None:
    """Check that a weight has the groups that a penalty is about; most penalties have none.

    Raises:
        InputError: naming the layer.
    """
    if not isinstance(penalty, GroupLasso):
        return
    owner: Any = weight.owner
    several = isinstance(owner, _OF_SEVERAL_UNITS) and penalty.groups != "inputs"
    if len(weight.variable.shape) < 2 or isinstance(owner, _OTHER_AXES) or several:
        raise InputError(
            f"{penalty} acts on kernels with an axis of {penalty.groups}, as those of Dense and "
            f"convolutions, but it is also for the {weight.variable.name} of the "
            f"{type(owner).__name__} {weight.layer!r}: name the layers that are meant."
        )
