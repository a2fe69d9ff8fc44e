"""Penalties that are a sum over single weights: L1, L2 and their sum.

Conventions are those of Keras: no factor ½, no mean over weights, so that a strength here is the
strength of ``keras.regularizers.L1L2`` and its value equals Keras's bit for bit.
"""

import dataclasses
from typing import Self

from wane.penalties.arrays import Array, namespace
from wane.penalties.base import Sparse, Strength, WithProx
from wane.penalties.keras_terms import KerasTerms


def _absolute(weight: Array, l1: Array | float) -> Array:
    xp = namespace(weight)
    return l1 * xp.sum(xp.abs(weight))


def _squared(weight: Array, l2: Array | float) -> Array:
    xp = namespace(weight)
    return l2 * xp.sum(xp.square(weight))


def _soft_threshold(weight: Array, threshold: Array | float) -> Array:
    xp = namespace(weight)
    kept = xp.maximum(xp.abs(weight) - threshold, 0)
    return xp.sign(weight) * kept


@dataclasses.dataclass(frozen=True)
class L1(Sparse):
    """The sum of absolute weights: ``l1 · Σ|w|``.

    Its proximal step is the soft threshold, ``sign(w) · max(|w| - step · l1, 0)``.

    Args:
        l1: the strength, in units of the data loss per unit of ``|w|``: finite and at least 0, or a
            schedule.

    Source: Tibshirani, Regression shrinkage and selection via the lasso, JRSS B 58 (1996).

    Example:
        >>> import numpy as np
        >>> import wane
        >>> penalty = wane.L1(0.5, layers="hidden", proximal=True)
        >>> float(penalty.value(np.array([1.0, -3.0]), *penalty.strengths))
        2.0
        >>> penalty.prox(np.array([1.0, -3.0]), 4.0, *penalty.strengths)
        array([ 0., -1.])
    """

    strength_fields = ("l1",)
    l1: Strength

    def keras_terms(self, *strengths: float) -> KerasTerms:
        return KerasTerms(l1=strengths[0])

    @classmethod
    def of_keras_terms(cls, terms: KerasTerms) -> Self | None:
        return cls(terms.l1) if terms.only("l1") else None

    def value(self, weight: Array, *strengths: Array | float) -> Array:
        (l1,) = strengths
        return _absolute(weight, l1)

    def prox(self, weight: Array, step: Array | float, *strengths: Array | float) -> Array:
        (l1,) = strengths
        return _soft_threshold(weight, step * l1)

    def zero_threshold(self, gradient: Array) -> Array:
        xp = namespace(gradient)
        return xp.max(xp.abs(gradient))


@dataclasses.dataclass(frozen=True)
class L2(WithProx):
    """The sum of squared weights: ``l2 · Σw²``, whose gradient is ``2 · l2 · w``.

    There is no ½, as in Keras; its proximal step is ``w / (1 + 2 · step · l2)``.

    Args:
        l2: the strength, in units of the data loss per squared weight: finite and at least 0, or a
            schedule. :func:`wane.convert` gives it from other libraries' ways of writing it.

    Source: Hoerl & Kennard, Ridge regression, Technometrics 12 (1970); for networks Krogh & Hertz,
    A simple weight decay can improve generalization, NeurIPS 4 (1991), who write it with a ½.

    Example:
        >>> import numpy as np
        >>> import wane
        >>> penalty = wane.L2(0.5, layers="hidden")
        >>> float(penalty.value(np.array([1.0, -3.0]), *penalty.strengths))
        5.0
    """

    strength_fields = ("l2",)
    l2: Strength

    def keras_terms(self, *strengths: float) -> KerasTerms:
        return KerasTerms(l2=strengths[0])

    @classmethod
    def of_keras_terms(cls, terms: KerasTerms) -> Self | None:
        return cls(terms.l2) if terms.only("l2") or terms.only() else None

    def value(self, weight: Array, *strengths: Array | float) -> Array:
        (l2,) = strengths
        return _squared(weight, l2)

    def prox(self, weight: Array, step: Array | float, *strengths: Array | float) -> Array:
        (l2,) = strengths
        return weight / (1 + 2 * step * l2)


@dataclasses.dataclass(frozen=True)
class L1L2(Sparse):
    """The elastic net: ``l1 · Σ|w| + l2 · Σw²``.

    Its one strength, as a sweep sets it, is ``l1 + l2`` with one half on each. Its proximal step is
    that of L1 followed by that of L2.

    Args:
        l1: the strength of the absolute weights, in units of the data loss per unit of ``|w|``.
        l2: that of the squared weights, in units of the data loss per squared weight. Both are
            finite and at least 0, or schedules.

    Source: Zou & Hastie, Regularization and variable selection via the elastic net, JRSS B 67
    (2005).

    Example:
        >>> import numpy as np
        >>> import wane
        >>> penalty = wane.L1L2(0.5, 0.25)
        >>> float(penalty.value(np.array([1.0, -3.0]), *penalty.strengths))
        4.5
        >>> wane.sweep(wane.L1L2, [0.1])
        ((L1L2(layers='all', on=('kernel', 'recurrent'), proximal=False, l1=0.05, l2=0.05),),)
    """

    strength_fields = ("l1", "l2")
    l1: Strength
    l2: Strength

    def keras_terms(self, *strengths: float) -> KerasTerms:
        return KerasTerms(*strengths)

    @classmethod
    def of_keras_terms(cls, terms: KerasTerms) -> Self | None:
        return cls(terms.l1, terms.l2) if terms.only("l1", "l2") else None

    def value(self, weight: Array, *strengths: Array | float) -> Array:
        l1, l2 = strengths
        return _absolute(weight, l1) + _squared(weight, l2)

    def prox(self, weight: Array, step: Array | float, *strengths: Array | float) -> Array:
        l1, l2 = strengths
        return _soft_threshold(weight, step * l1) / (1 + 2 * step * l2)

    def zero_threshold(self, gradient: Array) -> Array:
        xp = namespace(gradient)
        return xp.max(xp.abs(gradient))
