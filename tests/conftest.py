"""Shared set-up of all tests: wane is imported first, so that Keras runs on JAX."""

from collections.abc import Iterator

import jax
import pytest

import wane

assert wane.__version__


@pytest.fixture
def quick_compilation() -> Iterator[None]:
    """XLA without most of its optimizations, which compiles in about two thirds of the time.

    For tests that compare two programs compiled so; test_layers.py and the slow tests compare
    them with all optimizations.
    """
    setting = "jax_disable_most_optimizations"
    before = jax.config.values[setting]
    jax.config.update(setting, True)
    yield
    jax.config.update(setting, before)
