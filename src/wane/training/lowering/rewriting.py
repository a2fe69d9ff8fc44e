"""Traced functions with some of their operations replaced by faster ones that give the same.

Inside ``lax.scan`` and ``while_loop``, where wane trains, a few operations take XLA's CPU backend
many times as long as they need. So a function is traced, these are replaced in its jaxpr, and the
jaxpr is evaluated in its place. What replaces an operation is a *form*, found by a function of its
equation: :mod:`wane.training.lowering.convolutions` and :mod:`wane.training.lowering.random_bits`
have them.
"""

from collections.abc import Callable, Iterator
from typing import Any

import jax
from jax.extend import core

Function = Callable[..., Any]
FormOf = Callable[[core.JaxprEqn], Function | None]
"""Gives the function of an equation's operands that takes its place, or None."""


def rewritten(function: Function, *forms: FormOf) -> Function:
    """The same function with what these forms cover replaced, on CPUs.

    Loops, conditionals, inner ``jit``, ``checkpoint`` and functions with derivative rules of their
    own are rewritten inside too, but not such a rule itself. What no form covers, and everything
    on other platforms than CPU, stays as it is.

    Args:
        function: of pytrees of arrays, giving a pytree of arrays. Keyword arguments reach it as
            they are, so they may be flags.
        forms: the first that covers an equation replaces it.

    Returns:
        A function of the same signature, which can be differentiated, mapped and compiled as
        ``function`` can. Every call traces ``function`` once, so call it in what is compiled.
    """

    def replaced(*args: Any, **kwargs: Any) -> Any:
        if not is_on_cpu():
            return function(*args, **kwargs)
        closed, shape = jax.make_jaxpr(lambda *args: function(*args, **kwargs), return_shape=True)(
            *args
        )
        leaves = jax.core.eval_jaxpr(
            _Pass(forms).jaxpr(closed.jaxpr), closed.consts, *jax.tree.leaves(args)
        )
        return jax.tree.unflatten(jax.tree.structure(shape), leaves)

    return replaced


def is_on_cpu() -> bool:
    """Whether computations run on the CPU, by JAX's default device."""
    device = getattr(jax.config, "jax_default_device", None)
    if device is None:
        return jax.default_backend() == "cpu"
    return str(getattr(device, "platform", device)) == "cpu"


def avals(equation: core.JaxprEqn) -> list[Any]:
    """Shapes and dtypes of the equation's operands and results."""
    return [variable.aval for variable in (*equation.invars, *equation.outvars)]


def equations(jaxpr: core.Jaxpr) -> Iterator[core.JaxprEqn]:
    """All equations, those within others included."""
    for equation in jaxpr.eqns:
        yield equation
        for value in equation.params.values():
            for part in value if type(value) is tuple else (value,):
                if isinstance(part, core.ClosedJaxpr):
                    yield from equations(part.jaxpr)
                elif isinstance(part, core.Jaxpr):
                    yield from equations(part)


class _Pass:
    """One pass over a jaxpr and all that it holds."""

    def __init__(self, forms: tuple[FormOf, ...]) -> None:
        self._forms = forms

    def jaxpr(self, jaxpr: core.Jaxpr) -> Any:
        """The jaxpr with everything replaced that can be, or the same object if nothing can."""
        equations: list[core.JaxprEqn] = []
        for equation in jaxpr.eqns:
            form = next(filter(None, (form_of(equation) for form_of in self._forms)), None)
            if form is not None:
                equations += self._spliced(form, equation)
                continue
            changed = {
                name: new
                for name, value in equation.params.items()
                if (new := self._param(value)) is not value
            }
            if changed:
                equation = equation.replace(params=equation.params | changed)
            equations.append(equation)
        same = len(equations) == len(jaxpr.eqns) and all(
            new is old for new, old in zip(equations, jaxpr.eqns, strict=True)
        )
        return jaxpr if same else _replaced(jaxpr, eqns=equations)

    def _param(self, value: Any) -> Any:
        """The same for a parameter of an equation: a jaxpr, several of them, or anything else."""
        if isinstance(value, core.ClosedJaxpr):
            jaxpr = self.jaxpr(value.jaxpr)
            return value if jaxpr is value.jaxpr else _replaced(value, jaxpr=jaxpr)
        if isinstance(value, core.Jaxpr):
            return self.jaxpr(value)
        if type(value) is tuple:  # the branches of a conditional
            new = tuple(self._param(part) for part in value)
            return value if all(a is b for a, b in zip(new, value, strict=True)) else new
        return value

    def _spliced(self, form: Function, equation: core.JaxprEqn) -> Iterator[core.JaxprEqn]:
        """The equations of a form, reading and writing the variables of the one they replace."""
        traced = jax.make_jaxpr(form)(*avals(equation)[: len(equation.invars)])
        assert not traced.consts
        jaxpr = self.jaxpr(traced.jaxpr)  # a form may hold what another one replaces
        inner = [*jaxpr.invars, *jaxpr.outvars]
        outer = dict(zip(inner, [*equation.invars, *equation.outvars], strict=True))

        def renamed(atoms: Any) -> list[Any]:
            return [a if isinstance(a, core.Literal) else outer.get(a, a) for a in atoms]

        for one in jaxpr.eqns:
            yield one.replace(
                invars=renamed(one.invars),
                outvars=renamed(one.outvars),
                source_info=equation.source_info,  # so that errors and profiles name the layer
            )


def _replaced(value: Any, **parts: Any) -> Any:
    """A copy with some parts replaced; JAX leaves the method without types."""
    return value.replace(**parts)
