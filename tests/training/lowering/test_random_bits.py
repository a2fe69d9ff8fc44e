"""Random numbers in compiled programs are JAX's own, to the last bit."""

from collections.abc import Callable
from typing import Any

import jax
import numpy as np
import pytest
from hypothesis import given, settings
from hypothesis import strategies as st

from thorough_cases import thorough_but
from wane.training.lowering.random_bits import form_of
from wane.training.lowering.rewriting import equations, rewritten

DRAWS: dict[str, Callable[[Any, tuple[int, ...]], Any]] = {
    "bernoulli": lambda key, shape: jax.random.bernoulli(key, 0.3, shape),
    "uniform": jax.random.uniform,
    "normal": jax.random.normal,
    "8 bits": lambda key, shape: jax.random.bits(key, shape, "uint8"),
    "16 bits": lambda key, shape: jax.random.bits(key, shape, "uint16"),
    "32 bits": jax.random.bits,
    "integers": lambda key, shape: jax.random.randint(key, shape, 0, 7),
    "keys": lambda key, shape: jax.random.key_data(jax.random.split(key, shape)),
    "another key": lambda key, shape: jax.random.fold_in(key, sum(shape)),
    "several keys": lambda key, shape: jax.vmap(lambda one: jax.random.bits(one, shape))(
        jax.random.split(key, 3)
    ),
}


def names(function: Callable[[Any], Any], key: Any) -> set[str]:
    """The operations in a function."""
    jaxpr = jax.make_jaxpr(function)(key).jaxpr
    return {equation.primitive.name for equation in equations(jaxpr)}


@pytest.mark.parametrize("draw", DRAWS)
# Few numbers; many, which are made in halves; many that have no halves.
@pytest.mark.parametrize(
    "shape", thorough_but([(3, 683)], [(), (5,), (32, 128), (3, 683)]), ids=str
)
def test_every_draw_has_the_bits_of_jax(draw: str, shape: tuple[int, ...]) -> None:
    key = jax.random.PRNGKey(7)

    def drawn(key: Any) -> Any:
        return DRAWS[draw](key, shape)

    faster = rewritten(drawn, form_of)
    np.testing.assert_array_equal(jax.jit(faster)(key), drawn(key))
    assert "threefry2x32" not in names(faster, key)


@pytest.mark.thorough
@given(seed=st.integers(0, 2**32 - 1), rows=st.integers(1, 40))
@settings(deadline=None, max_examples=25)
def test_any_key_and_shape_has_the_bits_of_jax(seed: int, rows: int) -> None:
    key = jax.random.PRNGKey(seed)
    faster = rewritten(lambda key: jax.random.bits(key, (rows, 64)), form_of)
    np.testing.assert_array_equal(faster(key), jax.random.bits(key, (rows, 64)))


def test_bits_follow_how_jax_counts() -> None:
    with jax.threefry_partitionable(False):
        key = jax.random.PRNGKey(3)
        faster = rewritten(lambda key: jax.random.bits(key, (32, 64)), form_of)
        np.testing.assert_array_equal(faster(key), jax.random.bits(key, (32, 64)))


@pytest.mark.parametrize("kind", ["rbg", "unsafe_rbg"])
def test_other_generators_stay_as_they_are(kind: str) -> None:
    key = jax.random.key(1, impl=kind)

    def drawn(key: Any) -> Any:
        return jax.random.bits(key, (4,))

    assert "random_bits" in names(rewritten(drawn, form_of), key)
    np.testing.assert_array_equal(rewritten(drawn, form_of)(key), drawn(key))
