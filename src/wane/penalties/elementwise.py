"""Penalties that are a sum over single weights: L1, L2 and their sum.

Conventions are those of Keras: no factor ½, no mean over weights, so that a strength here is the
strength of ``keras.regularizers.L1L2`` and its value equals Keras's bit for bit.
"""

import dataclasses
from typing import TYPE_CHECKING

from wane.penalties._base import Penalty

if TYPE_CHECKING:
    import jax


@dataclasses.dataclass(frozen=True)
class L1(Penalty):
    """The sum of absolute weights: ``strength · Σ|w|``.

    Source: Tibshirani, Regression shrinkage and selection via the lasso, JRSS B 58 (1996).
    """

    strength_fields = ("l1",)
    l1: float

    @staticmethod
    def value(weight: "jax.Array", *strengths: "jax.Array | float") -> "jax.Array":
        import jax.numpy as jnp

        (l1,) = strengths
        return l1 * jnp.sum(jnp.abs(weight))


@dataclasses.dataclass(frozen=True)
class L2(Penalty):
    """The sum of squared weights: ``strength · Σw²``, whose gradient is ``2 · strength · w``.

    Source: Hoerl & Kennard, Ridge regression, Technometrics 12 (1970); for networks Krogh & Hertz,
    A simple weight decay can improve generalization, NeurIPS 4 (1991), who write it with a ½.
    """

    strength_fields = ("l2",)
    l2: float

    @staticmethod
    def value(weight: "jax.Array", *strengths: "jax.Array | float") -> "jax.Array":
        import jax.numpy as jnp

        (l2,) = strengths
        return l2 * jnp.sum(jnp.square(weight))


@dataclasses.dataclass(frozen=True)
class L1L2(Penalty):
    """The elastic net: ``l1 · Σ|w| + l2 · Σw²``.

    Its one strength, as a sweep sets it, is ``l1 + l2`` with one half on each.

    Source: Zou & Hastie, Regularization and variable selection via the elastic net, JRSS B 67
    (2005).
    """

    strength_fields = ("l1", "l2")
    l1: float
    l2: float

    @staticmethod
    def value(weight: "jax.Array", *strengths: "jax.Array | float") -> "jax.Array":
        l1, l2 = strengths
        return L1.value(weight, l1) + L2.value(weight, l2)
