"""Convolutions rewritten to matrix products where that is faster: in training on CPU, in a loop.

Inside ``lax.scan`` and ``while_loop``, where wane trains, the gradients of a convolution take XLA's
CPU backend 5 to 60 times as long as the same sums by matrix products, and the gradient of maximum
pooling is as bad. So a function is traced, both are replaced in its jaxpr
(``convolution_forms`` and ``pooling_forms`` say by what), and the jaxpr is evaluated in its place.
It is applied to the forward function before that is differentiated: then the gradients are matrix
products too. Results are equal up to the order of sums.

Without gradients there is nothing to gain: XLA's forward convolution is as fast in a loop, and up
to 2.7 times faster on 1,024 rows. So evaluations should keep it.
"""

import dataclasses
from collections.abc import Callable, Iterator
from typing import Any

import jax
from jax.extend import core
from jax.extend.core import primitives

from wane.training import convolution_forms, pooling_forms

Function = Callable[..., Any]


def lowered(function: Function) -> Function:
    """The same function with its convolutions and maximum poolings made of matrix products.

    Loops, conditionals, inner ``jit``, ``checkpoint`` and functions with derivative rules of their
    own are rewritten inside too, but not such a rule itself. What the forms do not cover
    (see :func:`windowed`), and everything on other platforms than CPU, stays as it is.

    Args:
        function: of pytrees of arrays, giving a pytree of arrays. Keyword arguments reach it as
            they are, so they may be flags.

    Returns:
        A function of the same signature, which can be differentiated, mapped and compiled as
        ``function`` can. Every call traces ``function`` once, so call it in what is compiled.
    """

    def rewritten(*args: Any, **kwargs: Any) -> Any:
        if not _is_on_cpu():
            return function(*args, **kwargs)
        closed, shape = jax.make_jaxpr(lambda *args: function(*args, **kwargs), return_shape=True)(
            *args
        )
        leaves = jax.core.eval_jaxpr(
            _rewritten(closed.jaxpr), closed.consts, *jax.tree.leaves(args)
        )
        return jax.tree.unflatten(jax.tree.structure(shape), leaves)

    return rewritten


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
    on_cpu = _is_on_cpu()
    return tuple(
        Windowed(
            equation.primitive.name,
            tuple(tuple(aval.shape) for aval in _avals(equation)),
            on_cpu and _form_of(equation) is not None,
        )
        for equation in _equations(jaxpr)
        if equation.primitive in WINDOWED
    )


def _is_on_cpu() -> bool:
    """Whether computations run on the CPU, by JAX's default device."""
    device = getattr(jax.config, "jax_default_device", None)
    if device is None:
        return jax.default_backend() == "cpu"
    return str(getattr(device, "platform", device)) == "cpu"


WINDOWED = (primitives.conv_general_dilated_p, primitives.reduce_window_max_p)
"""The primitives that the pass looks at."""


def _form_of(equation: core.JaxprEqn) -> Function | None:
    """The function of the equation's operands that takes its place, or None."""
    params = equation.params
    if equation.primitive is primitives.conv_general_dilated_p:
        lhs, rhs, out = _avals(equation)
        if convolution_forms.is_replaceable(lhs, rhs, out, params):
            return lambda lhs, rhs: convolution_forms.convolution(lhs, rhs, params, out)
    if equation.primitive is primitives.reduce_window_max_p:
        x, _ = _avals(equation)
        if pooling_forms.is_replaceable(x, params):
            return lambda x: pooling_forms.maximum_pooling(x, params)
    return None


def _avals(equation: core.JaxprEqn) -> list[Any]:
    """Shapes and dtypes of the equation's operands and results."""
    return [variable.aval for variable in (*equation.invars, *equation.outvars)]


def _rewritten(jaxpr: core.Jaxpr) -> Any:
    """The jaxpr with everything replaced that can be, or the same object if nothing can."""
    equations: list[core.JaxprEqn] = []
    for equation in jaxpr.eqns:
        form = _form_of(equation)
        if form is not None:
            equations += _spliced(form, equation)
            continue
        changed = {
            name: new
            for name, value in equation.params.items()
            if (new := _rewritten_param(value)) is not value
        }
        if changed:
            equation = equation.replace(params=equation.params | changed)
        equations.append(equation)
    same = len(equations) == len(jaxpr.eqns) and all(
        new is old for new, old in zip(equations, jaxpr.eqns, strict=True)
    )
    return jaxpr if same else _replaced(jaxpr, eqns=equations)


def _replaced(value: Any, **parts: Any) -> Any:
    """A copy with some parts replaced; JAX leaves the method without types."""
    return value.replace(**parts)


def _rewritten_param(value: Any) -> Any:
    """The same for a parameter of an equation: a jaxpr, several of them, or anything else."""
    if isinstance(value, core.ClosedJaxpr):
        jaxpr = _rewritten(value.jaxpr)
        return value if jaxpr is value.jaxpr else _replaced(value, jaxpr=jaxpr)
    if isinstance(value, core.Jaxpr):
        return _rewritten(value)
    if type(value) is tuple:  # the branches of a conditional
        new = tuple(_rewritten_param(part) for part in value)
        return value if all(a is b for a, b in zip(new, value, strict=True)) else new
    return value


def _spliced(form: Function, equation: core.JaxprEqn) -> Iterator[core.JaxprEqn]:
    """The equations of a form, reading and writing the variables of the one that they replace."""
    traced = jax.make_jaxpr(form)(*_avals(equation)[: len(equation.invars)])
    assert not traced.consts
    inner = [*traced.jaxpr.invars, *traced.jaxpr.outvars]
    outer = dict(zip(inner, [*equation.invars, *equation.outvars], strict=True))

    def renamed(atoms: Any) -> list[Any]:
        return [a if isinstance(a, core.Literal) else outer.get(a, a) for a in atoms]

    for one in traced.jaxpr.eqns:
        yield one.replace(
            invars=renamed(one.invars),
            outvars=renamed(one.outvars),
            source_info=equation.source_info,  # so that errors and profiles name the layer
        )


def _equations(jaxpr: core.Jaxpr) -> Iterator[core.JaxprEqn]:
    """All equations, those within others included."""
    for equation in jaxpr.eqns:
        yield equation
        for value in equation.params.values():
            for part in value if type(value) is tuple else (value,):
                if isinstance(part, core.ClosedJaxpr):
                    yield from _equations(part.jaxpr)
                elif isinstance(part, core.Jaxpr):
                    yield from _equations(part)
