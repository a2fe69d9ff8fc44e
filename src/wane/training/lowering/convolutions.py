"""Convolutions rewritten to matrix products where that is faster: in training on CPU, in a loop.

Inside ``lax.scan`` and ``while_loop``, where wane trains, the gradients of a convolution take XLA's
CPU backend 5 to 60 times as long as the same sums by matrix products, and the gradient of maximum
pooling is as bad. So both are replaced in the traced function (``convolution_forms`` and
``pooling_forms`` have what takes their place). That is done to the forward function before it is
differentiated: then the gradients are matrix products too. Results are equal up to the order of
sums.

Without gradients there is nothing to gain: XLA's forward convolution is as fast in a loop, and up
to 2.7 times faster on 1,024 rows. So evaluations should keep it.
"""

import dataclasses
from typing import Any

import jax
from jax.extend import core
from jax.extend.core import primitives

from wane.training.lowering import convolution_forms, pooling_forms
from wane.training.lowering.rewriting import Function, avals, equations, is_on_cpu, rewritten


def lowered(function: Function) -> Function:
    """The same function with its convolutions and maximum poolings made of matrix products.

    What the forms do not cover (see :func:`windowed`) stays as it is, and so does everything on
    other platforms than CPU; see :func:`wane.training.lowering.rewriting.rewritten`.
    """
    return rewritten(function, form_of)


@dataclasses.dataclass(frozen=True)
class Windowed:
    """One operation over sliding windows in a traced function.

    Attributes:
        name: ``conv_general_dilated`` or ``reduce_window_max``.
        shapes: the shapes of its operands (input, kernel) and of its result.
        replaced: whether :func:`lowered` replaces it here.
    """

    name: str
    shapes: tuple[tuple[int, ...], ...]
    replaced: bool


def windowed(function: Function, *args: Any, **kwargs: Any) -> tuple[Windowed, ...]:
    """Every convolution and maximum pooling of a function, in the order of its jaxpr.

    Without one that is ``replaced`` there is nothing to gain from :func:`lowered`.

    Args:
        function: as in :func:`lowered`.
        args: arrays, or shapes and dtypes (``jax.ShapeDtypeStruct``), in pytrees.
        kwargs: reach the function as they are.
    """
    jaxpr = jax.make_jaxpr(lambda *args: function(*args, **kwargs))(*args).jaxpr
    on_cpu = is_on_cpu()
    return tuple(
        Windowed(
            equation.primitive.name,
            tuple(tuple(aval.shape) for aval in avals(equation)),
            on_cpu and form_of(equation) is not None,
        )
        for equation in equations(jaxpr)
        if equation.primitive in WINDOWED
    )


WINDOWED = (primitives.conv_general_dilated_p, primitives.reduce_window_max_p)
"""The primitives that the pass looks at."""


def form_of(equation: core.JaxprEqn) -> Function | None:
    """The function of the equation's operands that takes its place, or None."""
    params = equation.params
    if equation.primitive is primitives.conv_general_dilated_p:
        lhs, rhs, out = avals(equation)
        if convolution_forms.is_replaceable(lhs, rhs, out, params):
            return lambda lhs, rhs: convolution_forms.convolution(lhs, rhs, params, out)
    if equation.primitive is primitives.reduce_window_max_p:
        x, _ = avals(equation)
        if pooling_forms.is_replaceable(x, params):
            return lambda x: pooling_forms.maximum_pooling(x, params)
    return None
