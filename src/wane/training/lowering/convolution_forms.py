"""Convolutions as matrix products of slices.

There is one layout for all: inputs [rows, *space, channels], kernels [*taps, inputs, outputs].
Along one axis of space, with stride s, kernel dilation r, input dilation d and padding l before::

    out[o] = Σ_t  x[(o·s + t·r − l) / d] · w[t]        over taps t whose index is a whole number

(x being zero outside). Which taps those are depends on o modulo p = d / gcd(d, s) alone, so the
outputs fall into p *phases* (one, unless the convolution is transposed), and within a phase
o = phase + p·q each tap reads a strided slice of x: no zero of a dilated input is ever multiplied.
The slices of all taps, put beside each other, are the *patches*.

The limits below were measured on two CPU cores inside ``lax.scan``, forward and backward.
"""

import dataclasses
import itertools
import math
from collections.abc import Sequence
from typing import Any

import jax
import jax.numpy as jnp
import numpy as np
from jax import lax

MOST_TAPS = 128
"""Kernels with more taps stay convolutions: every tap is an operation that XLA has to compile."""

BLOCK_BYTES = 8 * 2**20
"""Patches larger than this are made for some rows at a time, and again in the backward pass. It
bounds memory and keeps them in the cache: for patches of 18 to 288 MiB, 1.2 to 1.9 times faster."""

ROW_BYTES = 128 * 2**20
"""If the patches of a single row are larger than this, a product for each tap is summed: slower
(1.3 to 2.6 times), but with no more memory than the convolution itself takes."""

DENSE_CHANNELS = 32
"""Grouped convolutions of up to so many channels take one product with a block-diagonal kernel,
which wastes multiplications but is faster than a batch of tiny products."""

Taps = tuple[tuple[int, int], ...]
"""The taps of one phase, each with the first index that it reads."""


@dataclasses.dataclass(frozen=True)
class Axis:
    """How a convolution runs along one axis of space.

    Attributes:
        phases: the taps of each phase.
        stride: the step of the slices of x.
        count: the outputs of each phase.
        size: the outputs of the convolution, at most ``count`` × the number of phases.
    """

    phases: tuple[Taps, ...]
    stride: int
    count: int
    size: int

    @classmethod
    def of(cls, taps: int, size: int, s: int, r: int, d: int, before: int) -> "Axis":
        """The axis of a convolution with ``size`` outputs (names as in the module's formula)."""
        common = math.gcd(d, s)
        phases = tuple(
            tuple(
                (tap, (phase * s + tap * r - before) // d)
                for tap in range(taps)
                if (phase * s + tap * r - before) % d == 0
            )
            for phase in range(d // common)
        )
        return cls(phases, s // common, -(-size // len(phases)), size)

    def padding(self, size: int) -> tuple[int, int, int]:
        """The zeros that x [size] lacks before and after, as ``lax.pad`` takes them."""
        first = [index for taps in self.phases for _, index in taps] or [0]
        last = max(first) + (self.count - 1) * self.stride
        return max(0, -min(first)), max(0, last + 1 - size), 0


def is_replaceable(lhs: Any, rhs: Any, out: Any, params: dict[str, Any]) -> bool:
    """Whether :func:`convolution` can take the place of ``conv_general_dilated``.

    Args:
        lhs, rhs, out: shapes and dtypes of the operands and the result.
        params: the parameters of the primitive.
    """
    taps = math.prod(rhs.shape[axis] for axis in params["dimension_numbers"].rhs_spec[2:])
    return (
        params["batch_group_count"] == 1
        and params.get("out_sharding") is None
        and jnp.issubdtype(lhs.dtype, jnp.floating)
        and 0 not in (*lhs.shape, *rhs.shape, *out.shape)
        and taps <= MOST_TAPS
    )


def convolution(lhs: jax.Array, rhs: jax.Array, params: dict[str, Any], out: Any) -> jax.Array:
    """What ``conv_general_dilated`` gives for these operands and parameters, by products.

    Args:
        lhs, rhs: input and kernel, laid out as ``params["dimension_numbers"]`` says.
        params: the parameters of the primitive.
        out: shape and dtype of the result.
    """
    lhs_spec, rhs_spec, out_spec = params["dimension_numbers"]
    x = lax.transpose(lhs, (lhs_spec[0], *lhs_spec[2:], lhs_spec[1]))
    w = lax.transpose(rhs, (*rhs_spec[2:], rhs_spec[1], rhs_spec[0]))
    axes = tuple(
        Axis.of(taps, out.shape[out_axis], s, r, d, before)
        for taps, out_axis, s, r, d, (before, _) in zip(
            w.shape[:-2],
            out_spec[2:],
            params["window_strides"],
            params["rhs_dilation"],
            params["lhs_dilation"],
            params["padding"],
            strict=True,
        )
    )
    product = Product(
        groups=params["feature_group_count"],
        precision=params["precision"],
        wanted=params["preferred_element_type"],
        dtype=out.dtype,
    )
    y = _by_blocks(x, w, axes, product)
    return lax.transpose(y, np.argsort((out_spec[0], *out_spec[2:], out_spec[1])))


def _by_blocks(x: jax.Array, w: jax.Array, axes: Sequence[Axis], product: "Product") -> jax.Array:
    """The convolution, some rows at a time if its patches are large."""
    positions = math.prod(axis.count for axis in axes)
    taps = math.prod(w.shape[:-2])
    row_bytes = positions * taps * x.shape[-1] * x.dtype.itemsize
    if taps == 1 or product.is_by_taps(w) or row_bytes * x.shape[0] <= BLOCK_BYTES:
        return _convolved(x, w, axes, product)
    if row_bytes > ROW_BYTES:
        product = dataclasses.replace(product, by_taps=True)

    def one_row(row: jax.Array) -> jax.Array:
        return lax.squeeze(_convolved(lax.expand_dims(row, [0]), w, axes, product), [0])

    # Without the checkpoint every block's patches would be kept for the backward pass.
    row = jax.checkpoint(one_row, prevent_cse=False)
    y: jax.Array = lax.map(row, x, batch_size=max(1, BLOCK_BYTES // row_bytes))
    return y


def _convolved(x: jax.Array, w: jax.Array, axes: Sequence[Axis], product: "Product") -> jax.Array:
    """[rows, *size, outputs] from x [rows, *space, channels] and w [*taps, inputs, outputs]."""
    pads = [axis.padding(size) for axis, size in zip(axes, x.shape[1:-1], strict=True)]
    x = lax.pad(x, jnp.zeros((), x.dtype), [(0, 0, 0), *pads, (0, 0, 0)])
    before = [low for low, _, _ in pads]
    strides = [axis.stride for axis in axes]
    counts = [axis.count for axis in axes]

    def read(taps: tuple[tuple[int, int], ...]) -> jax.Array:
        start = [low + index for low, (_, index) in zip(before, taps, strict=True)]
        stop = [a + (n - 1) * s + 1 for a, n, s in zip(start, counts, strides, strict=True)]
        return lax.slice(x, [0, *start, 0], [x.shape[0], *stop, x.shape[-1]], [1, *strides, 1])

    results = []
    for phase in itertools.product(*(axis.phases for axis in axes)):
        if all(phase):
            slices = [read(taps) for taps in itertools.product(*phase)]
            results.append(product(slices, _kernel_of(w, phase)))
        else:  # a stride longer than the kernel: no tap reaches these outputs
            shape = (x.shape[0], *counts, w.shape[-1])
            results.append(lax.full(shape, 0, product.dtype))
    return _interleaved(results, axes)


def _kernel_of(w: jax.Array, phase: Sequence[Taps]) -> jax.Array:
    """The taps of one phase: [taps, inputs, outputs] from w [*taps, inputs, outputs]."""
    for axis, taps in enumerate(phase):
        if len(taps) < w.shape[axis]:
            # The taps solve t·r ≡ constant (mod d), so their distance is always the same.
            step = taps[1][0] - taps[0][0] if len(taps) > 1 else 1
            w = lax.slice_in_dim(w, taps[0][0], taps[-1][0] + 1, step, axis)
    return lax.reshape(w, (math.prod(w.shape[:-2]), *w.shape[-2:]))


def _interleaved(results: Sequence[jax.Array], axes: Sequence[Axis]) -> jax.Array:
    """Put o = phase + p·q where it belongs: [rows, *size, outputs] from [rows, *count, outputs]."""
    if len(results) == 1:
        return results[0]
    rows, *counts, outputs = results[0].shape
    n = len(axes)
    phases = [len(axis.phases) for axis in axes]
    y = lax.reshape(_stacked(results, n + 1), (rows, *counts, *phases, outputs))
    pairs = [axis for i in range(n) for axis in (1 + i, 1 + n + i)]
    y = lax.transpose(y, (0, *pairs, 2 * n + 1))
    whole = [count * phase for count, phase in zip(counts, phases, strict=True)]
    y = lax.reshape(y, (rows, *whole, outputs))
    return lax.slice(y, [0] * (n + 2), [rows, *(axis.size for axis in axes), outputs])


@dataclasses.dataclass(frozen=True)
class Product:
    """How the slices of all taps are multiplied by a kernel.

    Attributes:
        groups: blocks of channels, each of which makes its own outputs.
        precision, wanted: ``precision`` and ``preferred_element_type`` of the convolution.
        dtype: of the result.
        by_taps: whether a product for each tap is summed, instead of one of all patches.
    """

    groups: int
    precision: Any
    wanted: Any
    dtype: Any
    by_taps: bool = False

    def is_by_taps(self, w: jax.Array) -> bool:
        """Whether these need no patches: each channel alone, several of them for each output.

        With few channels the block-diagonal product is faster than sums over so short a last axis.
        """
        outputs = w.shape[-1] // self.groups
        return w.shape[-2] == 1 and self.groups > 4 * outputs

    def __call__(self, slices: Sequence[jax.Array], w: jax.Array) -> jax.Array:
        """[rows, *count, outputs] from slices [rows, *count, channels] and w [taps, …]."""
        if self.is_by_taps(w):
            y = self._depthwise(slices, w)
        elif self.groups == 1 or slices[0].shape[-1] <= DENSE_CHANNELS or self.by_taps:
            y = self._dense(slices, self._block_diagonal(w))
        else:
            y = self._grouped(slices, w)
        return lax.convert_element_type(y, self.dtype)

    def _sum_dtype(self, x: jax.Array) -> Any:
        """Sums over taps are kept in float32 at least, as a product keeps them inside."""
        return jnp.promote_types(self.wanted or x.dtype, jnp.float32)

    def _dense(self, slices: Sequence[jax.Array], w: jax.Array) -> jax.Array:
        """``Σ_{t,i} x_t[…, i] · w[t, i, o]``, as one product or as one for each tap."""
        last = slices[0].ndim - 1
        if len(slices) == 1 or self.by_taps:
            wanted = self._sum_dtype(w) if self.by_taps else self.wanted
            terms = [
                self._dot(x, lax.index_in_dim(w, tap, keepdims=False), ([last], [0]), wanted)
                for tap, x in enumerate(slices)
            ]
            return _sum(terms)
        patches = _stacked(
            slices, last
        )  # beside each other as a new axis: faster than one long one
        return self._dot(patches, w, ([last, last + 1], [0, 1]), self.wanted)

    def _grouped(self, slices: Sequence[jax.Array], w: jax.Array) -> jax.Array:
        """The same for each group: a product with the groups as its batch."""
        taps, inputs, outputs = w.shape
        last = slices[0].ndim - 1
        shape = slices[0].shape[:-1]
        split = [lax.reshape(x, (*shape, self.groups, inputs)) for x in slices]
        patches = _stacked(split, last + 1)
        w = lax.reshape(w, (taps, inputs, self.groups, outputs // self.groups))
        y = lax.dot_general(
            patches,
            w,
            (([last + 1, last + 2], [0, 1]), ([last], [2])),
            precision=self.precision,
            preferred_element_type=self.wanted,
        )
        y = lax.transpose(y, (*range(1, last + 1), 0, last + 1))
        return lax.reshape(y, (*shape, outputs))

    def _depthwise(self, slices: Sequence[jax.Array], w: jax.Array) -> jax.Array:
        """``Σ_t x_t[…, c] · w[t, c, j]`` for each channel c and each of its outputs j."""
        dtype = self._sum_dtype(w)
        outputs = w.shape[-1] // self.groups
        w = lax.reshape(w, (len(slices), self.groups, outputs))
        w = lax.convert_element_type(w, dtype)
        slices = [lax.convert_element_type(x, dtype) for x in slices]
        last = slices[0].ndim - 1

        def output(j: int) -> jax.Array:
            kernel = lax.index_in_dim(w, j, axis=2, keepdims=False)
            return _sum(
                [
                    lax.mul(x, lax.broadcast_in_dim(kernel[tap], x.shape, [last]))
                    for tap, x in enumerate(slices)
                ]
            )

        y = _stacked([output(j) for j in range(outputs)], last + 1)
        return lax.reshape(y, (*slices[0].shape[:-1], self.groups * outputs))

    def _block_diagonal(self, w: jax.Array) -> jax.Array:
        """[taps, channels, outputs], zero where input and output are of different groups."""
        if self.groups == 1:
            return w
        taps, inputs, outputs = w.shape
        shape = (taps, self.groups, inputs, self.groups, outputs // self.groups)
        w = lax.reshape(w, (taps, inputs, self.groups, outputs // self.groups))
        w = lax.broadcast_in_dim(w, shape, [0, 2, 3, 4])
        same = lax.broadcasted_iota("int32", shape, 1) == lax.broadcasted_iota("int32", shape, 3)
        w = lax.select(same, w, lax.full_like(w, 0))
        return lax.reshape(w, (taps, self.groups * inputs, outputs))

    def _dot(self, x: jax.Array, w: jax.Array, over: Any, wanted: Any) -> jax.Array:
        return lax.dot_general(
            x, w, (over, ([], [])), precision=self.precision, preferred_element_type=wanted
        )


def _stacked(arrays: Sequence[jax.Array], axis: int) -> jax.Array:
    """The arrays along a new axis."""
    if len(arrays) == 1:
        return lax.expand_dims(arrays[0], [axis])
    return lax.concatenate([lax.expand_dims(array, [axis]) for array in arrays], axis)


def _sum(terms: Sequence[jax.Array]) -> jax.Array:
    total = terms[0]
    for term in terms[1:]:
        total = lax.add(total, term)
    return total
