"""Group lasso: whole inputs, units or filters leave together."""

import dataclasses
import math
from typing import Any

from wane._errors import InputError, nearest
from wane.penalties.arrays import Array, namespace
from wane.penalties.base import Sparse, Strength
from wane.penalties.keras_terms import Axes

GROUPS = ("inputs", "units", "filters")
_NEWTON_STEPS = 8
"""Enough for seven digits, however different the steps of one group are (see the tests)."""


@dataclasses.dataclass(frozen=True)
class GroupLasso(Sparse):
    """The lengths of groups of weights: ``group_lasso · Σ √(group size) · √(Σ w² of the group)``.

    Its proximal step shortens every group, and those that are short enough to zero.

    Args:
        group_lasso: the strength, in units of the data loss per unit of length: finite and at least
            0, or a schedule.
        groups: what the weights of one group share. ``"inputs"``: what they take in, a row of a
            dense kernel or a channel of a convolution's. ``"units"`` or ``"filters"``: the unit or
            filter that they belong to, a column of the kernel.

    Raises:
        InputError: if there are no such groups, or a strength or the target cannot be used.

    Source: Yuan & Lin, Model selection and estimation in regression with grouped variables, JRSS B
    68 (2006); for networks Scardapane, Comminiello, Hussain & Uncini, Group sparse regularization
    for deep neural networks, Neurocomputing 241 (2017).

    Example:
        >>> import numpy as np
        >>> import wane
        >>> kernel = np.array([[3.0, 4.0], [0.1, 0.0]])  # [inputs, units]
        >>> penalty = wane.GroupLasso(1.0, proximal=True)
        >>> penalty.prox(kernel, 0.5, *penalty.strengths)[1]  # the second input leaves
        array([0., 0.])
    """

    strength_fields = ("group_lasso",)
    option_fields = ("groups", "proximal")
    group_lasso: Strength
    groups: str = dataclasses.field(default="inputs", kw_only=True)

    def __post_init__(self) -> None:
        super().__post_init__()
        if self.groups not in GROUPS:
            raise InputError(
                f"There are no groups {self.groups!r}: {nearest(str(self.groups), GROUPS)}"
            )

    @property
    def axes(self) -> Axes:
        return Axes("channels", self.groups)

    def _axes(self, weight: Array) -> tuple[int, ...]:
        """The axes along which the weights of one group lie, [..., inputs, units] being all."""
        kept = weight.ndim - (2 if self.groups == "inputs" else 1)
        return tuple(axis for axis in range(weight.ndim) if axis != kept)

    def _root(self, weight: Array) -> float:
        return math.sqrt(math.prod(weight.shape[axis] for axis in self._axes(weight)))

    def value(self, weight: Array, *strengths: Array | float) -> Array:
        (strength,) = strengths
        xp = namespace(weight)
        squares = xp.sum(xp.square(weight), axis=self._axes(weight))
        # The root's gradient at zero is infinite, and its product with zero not a number.
        lengths = xp.where(squares > 0, xp.sqrt(xp.where(squares > 0, squares, 1)), 0)
        return strength * self._root(weight) * xp.sum(lengths)

    def prox(self, weight: Array, step: Array | float, *strengths: Array | float) -> Array:
        (strength,) = strengths
        xp = namespace(weight)
        step = xp.broadcast_to(xp.asarray(step, weight.dtype), weight.shape)
        return _shortened(weight, step, strength * self._root(weight), self._axes(weight), xp)

    def zero_threshold(self, gradient: Array) -> Array:
        xp = namespace(gradient)
        lengths = _length(gradient, self._axes(gradient), xp)
        return xp.max(lengths) / self._root(gradient)


def _length(weight: Any, axes: tuple[int, ...], xp: Any) -> Any:
    return xp.sqrt(xp.sum(xp.square(weight), axis=axes, keepdims=True))


def _shortened(weight: Any, step: Any, strength: Any, axes: tuple[int, ...], xp: Any) -> Any:
    """The proximal step of ``strength · √Σu²`` over each group, each weight with a step of its own.

    A minimum ``u`` that is not zero is ``w · r / (r + strength · step)`` with its own length ``r``,
    which solves ``1 / |w / (r + strength · step)| = 1``. Newton's method rises to it from below
    without overshooting, and where the steps of a group are equal it arrives at once. ``u`` is zero
    where ``|w / step| <= strength``.
    """

    shift = strength * step
    # Where the step is 0 nothing may change, however small the weight.
    per_step = xp.where(step > 0, weight / xp.where(step > 0, step, 1), xp.inf)
    gone = (strength > 0) & (_length(per_step, axes, xp) <= strength)
    longest = xp.max(shift, axis=axes, keepdims=True)
    length = xp.maximum(_length(weight, axes, xp) - longest, 0)
    for _ in range(_NEWTON_STEPS):
        total = xp.where(length + shift > 0, length + shift, 1)
        ratio = weight / total
        norm = _length(ratio, axes, xp)
        slope = xp.sum(xp.square(ratio) / total, axis=axes, keepdims=True)
        rise = (norm - 1) * xp.square(norm) / xp.where(slope > 0, slope, 1)
        length = length + xp.maximum(rise, 0)
    total = length + shift
    share = xp.where(total > 0, length / xp.where(total > 0, total, 1), 1)
    return xp.where(gone, 0, weight * share)
