"""Convolutions of every form, and maximum poolings, equal XLA's when they are lowered."""

import dataclasses
import math
from typing import Any

import jax
import jax.numpy as jnp
import numpy as np
import pytest
from hypothesis import given, settings
from jax import lax

from convolution_cases import CATALOGUE, Form, any_forms, assert_same
from thorough_cases import thorough_but
from wane.training.lowering import convolution_forms
from wane.training.lowering.convolutions import Windowed, lowered, windowed

FEW = ["1d", "2d depthwise", "2d groups, batched", "2d transposed, strided", "3d first strided"]
every_form = pytest.mark.parametrize("name", thorough_but(FEW, CATALOGUE))


@every_form
def test_values_and_gradients_are_those_of_the_convolution(name: str) -> None:
    assert_same(CATALOGUE[name].convolve, *CATALOGUE[name].operands())


@pytest.mark.thorough
@settings(max_examples=20, deadline=None)
@given(any_forms())
def test_any_convolution_is_the_same_lowered(form: Form) -> None:
    assert_same(form.convolve, *form.operands())


@pytest.mark.parametrize("row_bytes", [0, 2**27], ids=["by taps", "patches"])
@pytest.mark.parametrize(
    "name", thorough_but(["1d"], ["1d", "2d transposed", "2d groups, batched"])
)
def test_large_patches_are_made_some_rows_at_a_time(
    name: str, row_bytes: int, monkeypatch: pytest.MonkeyPatch
) -> None:
    form = dataclasses.replace(CATALOGUE[name], rows=5)
    x, w = form.operands()
    phases = math.prod(form.input_dilation or [1])
    positions = math.prod(form.convolve(x, w).shape[1:-1]) // phases
    floats = positions * math.prod(form.kernel) * x.shape[-1]
    monkeypatch.setattr(convolution_forms, "BLOCK_BYTES", 2 * 4 * floats)  # 2, 2 and 1 rows
    monkeypatch.setattr(convolution_forms, "ROW_BYTES", row_bytes)
    assert_same(form.convolve, x, w)
    assert "scan" in str(jax.make_jaxpr(lowered(form.convolve))(x, w))


@pytest.mark.parametrize("dtype", thorough_but(["bfloat16"], ["float16", "bfloat16"]))
@pytest.mark.parametrize("name", thorough_but(["2d"], ["2d", "2d depthwise"]))
def test_half_precision_is_kept(name: str, dtype: Any) -> None:
    form = CATALOGUE[name]
    x, w = (operand.astype(dtype) for operand in form.operands())
    assert_same(form.convolve, x, w, tolerance={"float16": 4e-3, "bfloat16": 4e-2}[dtype])
    wide = lowered(lambda x, w: form.convolve(x, w, preferred_element_type="float32"))(x, w)
    assert wide.dtype == "float32"
    np.testing.assert_allclose(
        wide, form.convolve(x.astype("float32"), w.astype("float32")), rtol=1e-5, atol=1e-5
    )


def test_precision_reaches_the_product() -> None:
    form = CATALOGUE["2d"]
    low = lowered(lambda x, w: form.convolve(x, w, precision="highest"))
    (product,) = [
        e for e in jax.make_jaxpr(low)(*form.operands()).eqns if e.primitive.name == "dot_general"
    ]
    assert product.params["precision"] == (lax.Precision.HIGHEST, lax.Precision.HIGHEST)


@pytest.mark.parametrize(
    "name",
    thorough_but(["2d depthwise"], ["1d causal dilated", "2d depthwise", "2d groups, batched"]),
)
def test_rows_of_weights_and_rows_of_data_can_be_mapped(name: str) -> None:
    form = CATALOGUE[name]
    x, w = form.operands()
    many_x, many_w = jnp.stack([x, x + 1, 2 * x]), jnp.stack([w, -w, 1 - w])
    for axes, args in (((0, None), (many_x, w)), ((0, 0), (many_x, many_w))):
        wanted = jax.vmap(form.convolve, axes)(*args)
        inside = jax.jit(jax.vmap(lowered(form.convolve), axes))(*args)
        outside = jax.jit(lowered(jax.vmap(form.convolve, axes)))(*args)
        np.testing.assert_allclose(inside, wanted, rtol=1e-5, atol=1e-5)
        np.testing.assert_allclose(outside, wanted, rtol=1e-5, atol=1e-5)


@pytest.mark.parametrize("padding", thorough_but(["SAME"], ["VALID", "SAME"]))
@pytest.mark.parametrize(
    ("size", "stride"),
    [((1, 2, 2, 1), (1, 2, 2, 1)), ((1, 3, 2, 1), (1, 1, 2, 1)), ((1, 1, 4, 2), (1, 1, 3, 1))],
)
def test_maximum_pooling_is_the_same_with_ties(
    size: tuple[int, ...], stride: tuple[int, ...], padding: str
) -> None:
    # Few different values, so that most windows have ties; whole numbers, so that all is exact.
    x = jnp.asarray(np.random.default_rng(0).integers(0, 3, size=(2, 6, 7, 3)), "float32")

    def pool(x: jax.Array) -> jax.Array:
        return jnp.asarray(lax.reduce_window(x, -jnp.inf, lax.max, size, stride, padding))

    assert_same(pool, x, tolerance=0)
    broken = x.at[0, 2, 3].set(jnp.nan)
    np.testing.assert_array_equal(lowered(pool)(broken), pool(broken))


def test_dilated_pooling_is_the_same() -> None:
    def pool(x: jax.Array) -> jax.Array:
        pads = [(0, 0), (2, 1)]
        return jnp.asarray(
            lax.reduce_window(x, -jnp.inf, lax.max, (1, 3), (1, 2), pads, window_dilation=(1, 2))
        )

    x = jnp.asarray(np.random.default_rng(0).normal(size=(2, 9)), "float32")
    assert windowed(pool, x) == (Windowed("reduce_window_max", ((2, 9), (2, 4)), replaced=True),)
    np.testing.assert_array_equal(lowered(pool)(x), pool(x))
