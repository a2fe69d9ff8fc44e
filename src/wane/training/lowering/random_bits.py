"""Random bits on CPUs: the same bits as JAX's, several times faster.

To compile faster, JAX lowers its generator, Threefry, to a loop over rounds on CPUs, and that loop
writes every number to memory and back five times: 33 µs for the mask of a dropout layer of 128
units in a batch of 32. Written out, the rounds become one kernel that takes a fraction of that.
"""

import functools
import math
from typing import Any

import jax
import jax.numpy as jnp
from jax import lax
from jax.extend import core
from jax.extend.core import primitives
from jax.extend.random import threefry_prng_impl

from wane.training.lowering.rewriting import Function, avals

_ROTATIONS = ((13, 15, 26, 6), (17, 29, 16, 24))
"""Bits by which the second word is turned in the four rounds of even and of odd groups."""
_PARITY = 0x1BD11BDA
_GROUPS = 5
"""Groups of four rounds: 20 rounds in all, as in JAX."""
_MANY = 1024
"""Numbers from which on they are made in two halves; see :func:`_bits`."""
_WORD = 32
"""Bits of a word."""


def form_of(equation: core.JaxprEqn) -> Function | None:
    """The function of the equation's operands that takes its place, or None."""
    if equation.primitive is primitives.threefry2x32_p:
        return threefry
    if equation.primitive is primitives.random_bits_p:
        key, params = avals(equation)[0], equation.params
        if key.shape == () and key.dtype == _key_dtype():
            return lambda key: _bits(jax.random.key_data(key), params["bit_width"], params["shape"])
    return None


@functools.cache
def _key_dtype() -> Any:
    """The dtype of Threefry's keys, JAX's default."""
    return jax.eval_shape(lambda: jax.random.key(0, impl="threefry2x32")).dtype


def _bits(key: jax.Array, width: int, shape: tuple[int, ...]) -> Any:
    """Random numbers of a key [2 words], ``width`` bits each.

    They are used more than once (a dropout mask forward and backward), and XLA would make them anew
    in each kernel that uses them. It does not where they come from a loop, so many are made in one,
    over two halves.
    """
    size = math.prod(shape)
    one_word_counts = width <= _WORD and size < 2**_WORD
    if not (jax.threefry_partitionable.value and one_word_counts and size >= _MANY):
        return threefry_prng_impl.random_bits(key, width, shape)

    def made(counts: jax.Array) -> jax.Array:
        word1, word2 = threefry(key[0], key[1], jnp.zeros_like(counts), counts)
        return (word1 ^ word2).astype(f"uint{width}")

    counts = jnp.arange(size + size % 2, dtype=jnp.uint32)
    return lax.map(made, counts.reshape(2, -1)).reshape(-1)[:size].reshape(shape)


def threefry(key1: Any, key2: Any, word1: Any, word2: Any) -> list[jax.Array]:
    """Threefry-2x32 with 20 rounds, written out.

    Args:
        key1, key2: the two words of the key, uint32 scalars.
        word1, word2: the two words of each counter, uint32 of one shape.

    Returns:
        The two words of each block, in that shape.

    Source: Salmon, Moraes, Dror & Shaw, Parallel random numbers: as easy as 1, 2, 3, Proceedings
    of SC11 (2011).
    """
    keys = (key1, key2, key1 ^ key2 ^ jnp.uint32(_PARITY))
    word1, word2 = word1 + keys[0], word2 + keys[1]
    for group in range(_GROUPS):
        for bits in _ROTATIONS[group % 2]:
            word1 = word1 + word2
            word2 = word1 ^ ((word2 << bits) | (word2 >> (32 - bits)))
        word1 = word1 + keys[(group + 1) % 3]
        word2 = word2 + keys[(group + 2) % 3] + jnp.uint32(group + 1)
    return [word1, word2]
