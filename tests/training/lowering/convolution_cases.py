"""Convolutions of every form, and how lowered functions are compared with what they come from."""

import dataclasses
from collections.abc import Callable
from typing import Any

import jax
import jax.numpy as jnp
import numpy as np
from hypothesis import strategies as st
from jax import lax

from wane.training.lowering.convolutions import lowered

WINDOWS = ("conv_general_dilated", "reduce_window_max", "select_and_scatter_add")
FIRST, LAST = "channels_first", "channels_last"


@dataclasses.dataclass(frozen=True)
class Form:
    """Arguments of one ``lax.conv_general_dilated``, each of space as long as ``size``."""

    size: tuple[int, ...]
    kernel: tuple[int, ...]
    channels: tuple[int, int] = (2, 3)
    """Input channels and outputs of each group."""
    stride: tuple[int, ...] | None = None
    dilation: tuple[int, ...] | None = None
    input_dilation: tuple[int, ...] | None = None
    padding: Any = "VALID"
    groups: int = 1
    layout: str = LAST
    rows: int = 2

    @property
    def layouts(self) -> tuple[str, str, str]:
        space = "DHW"[-len(self.size) :]
        data = f"N{space}C" if self.layout == LAST else f"NC{space}"
        return data, f"{space}IO", data

    def operands(self) -> tuple[jax.Array, jax.Array]:
        """Random input and kernel."""
        random = np.random.default_rng(0)
        inputs, outputs = self.channels
        shape = (self.rows, *self.size, self.groups * inputs)
        if self.layout == FIRST:
            shape = (self.rows, self.groups * inputs, *self.size)
        kernel = (*self.kernel, inputs, self.groups * outputs)
        x, w = random.normal(size=shape), random.normal(size=kernel) / 3
        return jnp.asarray(x, "float32"), jnp.asarray(w, "float32")

    def convolve(self, x: Any, w: Any, **more: Any) -> jax.Array:
        return lax.conv_general_dilated(
            x,
            w,
            self.stride or (1,) * len(self.size),
            self.padding,
            self.input_dilation,
            self.dilation,
            self.layouts,
            self.groups,
            **more,
        )


CATALOGUE = {
    "1d": Form((7,), (3,)),
    "1d causal dilated": Form((7,), (3,), dilation=(2,), padding=[(4, 0)]),
    "1d depthwise": Form((9,), (4,), (1, 1), groups=6, padding="SAME"),
    "1d transposed": Form((5,), (4,), input_dilation=(2,), padding=[(2, 2)]),
    "2d": Form((6, 5), (3, 2), padding="SAME"),
    "2d first": Form((6, 5), (3, 2), padding="SAME", layout=FIRST),
    "2d strided": Form((7, 8), (3, 3), stride=(2, 3), padding="SAME"),
    "2d dilated": Form((7, 8), (3, 2), dilation=(2, 1)),
    "2d one by one": Form((4, 5), (1, 1)),
    "2d one by one strided": Form((4, 5), (1, 1), stride=(2, 2)),
    "2d whole image": Form((4, 4), (4, 4)),
    "2d groups, block-diagonal": Form((5, 5), (3, 3), groups=3),
    "2d groups, batched": Form((4, 4), (2, 2), (6, 2), groups=6),
    "2d groups first": Form((4, 4), (2, 2), groups=2, layout=FIRST),
    "2d depthwise": Form((5, 5), (3, 3), (1, 1), groups=5, padding="SAME"),
    "2d depthwise doubled": Form((5, 5), (3, 3), (1, 2), groups=9, stride=(2, 2)),
    "2d depthwise, few channels": Form((5, 5), (3, 3), (1, 2), groups=3),
    "2d transposed": Form((3, 4), (3, 3), input_dilation=(2, 2), padding=[(2, 1), (2, 1)]),
    "2d transposed first": Form(
        (3, 3), (2, 3), input_dilation=(2, 3), padding=[(1, 2)] * 2, layout=FIRST
    ),
    "2d transposed, long stride": Form((3, 3), (2, 2), input_dilation=(3, 3), padding=[(1, 1)] * 2),
    "2d transposed, strided": Form(
        (5, 5), (3, 3), stride=(2, 3), input_dilation=(3, 2), padding=[(2, 2)] * 2
    ),
    "2d cut": Form((7, 7), (3, 3), padding=[(-1, -2), (1, -1)]),
    "2d transposed, cut": Form((4, 4), (3, 3), input_dilation=(2, 2), padding=[(-1, -2), (2, -1)]),
    "2d unread": Form((4, 4), (1, 1), stride=(2, 2), input_dilation=(2, 2), padding=[(1, 0)] * 2),
    "3d": Form((4, 4, 3), (2, 3, 2), padding="SAME"),
    "3d first strided": Form((5, 4, 4), (2, 2, 2), stride=(2, 1, 2), layout=FIRST),
    "3d transposed": Form((2, 3, 2), (2, 3, 2), input_dilation=(2, 2, 1), padding=[(1, 1)] * 3),
}


@st.composite
def any_forms(draw: st.DrawFn) -> Form:
    """Forms of all kinds together, with at least one output."""
    n = draw(st.integers(1, 3))

    def each(low: int, high: int) -> tuple[int, ...]:
        return tuple(draw(st.integers(low, high)) for _ in range(n))

    size, kernel, stride = each(1, 6), each(1, 3), each(1, 3)
    dilation, spread = each(1, 2), each(1, 3)
    lows, highs = each(-2, 3), each(-2, 3)
    padding = []
    for a, k, r, d, low, high in zip(size, kernel, dilation, spread, lows, highs, strict=True):
        lacking = (k - 1) * r + 1 - ((a - 1) * d + 1 + low + high)
        padding.append((low, high + max(0, lacking)))
    return Form(
        size,
        kernel,
        (draw(st.integers(1, 3)), draw(st.integers(1, 3))),
        stride,
        dilation,
        spread,
        padding,
        draw(st.sampled_from([1, 1, 2, 5, 12])),
        draw(st.sampled_from([FIRST, LAST])),
        draw(st.integers(1, 3)),
    )


def windows_of(function: Callable[..., Any], *args: Any) -> list[str]:
    """The names of windowed operations in the text of a function's jaxpr, backward ones too."""
    text = str(jax.make_jaxpr(function)(*args))
    return [name for name in WINDOWS if name in text]


def with_gradients(function: Callable[..., Any]) -> Callable[..., Any]:
    """The function's value and its gradients by all arguments, of a weighted sum of the value."""

    def both(*args: Any) -> Any:
        value, pull = jax.vjp(function, *args)
        cotangent = jax.tree.map(
            # Small whole numbers, so that sums of them are exact in any order.
            lambda v: (jnp.arange(v.size) % 7 - 3).reshape(v.shape).astype(v.dtype),
            value,
        )
        return value, pull(cotangent)

    return both


def assert_same(function: Callable[..., Any], *args: Any, tolerance: float = 1e-5) -> None:
    """Lowered and not: the same values, gradients, shapes and dtypes; and nothing is left."""
    low = with_gradients(lowered(function))
    assert not windows_of(low, *args)
    wanted = jax.jit(with_gradients(function))(*args)
    got = jax.jit(low)(*args)

    def compare(a: jax.Array, b: jax.Array) -> None:
        assert a.dtype == b.dtype
        one, other = np.asarray(a, "float32"), np.asarray(b, "float32")
        np.testing.assert_allclose(other, one, rtol=tolerance, atol=tolerance)

    jax.tree.map(compare, wanted, got)  # refuses trees of different structure
