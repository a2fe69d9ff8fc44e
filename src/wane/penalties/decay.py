"""Decoupled weight decay: not a term of the loss, but a part of each step."""

import dataclasses

from wane.penalties.arrays import Array, namespace
from wane.penalties.base import Penalty, Strength
from wane.penalties.keras_terms import ActsBy


@dataclasses.dataclass(frozen=True)
class WeightDecay(Penalty):
    """Each step takes ``learning_rate · weight_decay · w`` off each weight before its update.

    This is what ``weight_decay`` of Keras's optimizers does to all weights that are not excluded.
    It adds nothing to the loss. With plain SGD it does what ``L2(weight_decay / 2)`` does; with
    Adam it does not, since there the gradient of L2 is divided by its own size.

    Args:
        weight_decay: the strength, the share of a weight that a step takes off per unit of learning
            rate, whatever the data loss: finite and at least 0, or a schedule.

    Source: Loshchilov & Hutter, Decoupled weight decay regularization, arXiv:1711.05101.

    Example:
        >>> import wane
        >>> penalty = wane.WeightDecay(0.01, layers="hidden")
        >>> print(penalty)
        WeightDecay(0.01)
        >>> float(wane.convert(0.01, "keras-weight-decay", plain_sgd=True))  # L2 of plain SGD
        0.005
    """

    strength_fields = ("weight_decay",)
    weight_decay: Strength

    @property
    def acts_by(self) -> ActsBy:
        return "decay"

    def value(self, weight: Array, *strengths: Array | float) -> Array:
        del strengths
        return namespace(weight).zeros((), weight.dtype)
