"""What every penalty of the catalogue must do, tried on generated weights and strengths."""

import functools
import importlib
import pkgutil
from collections.abc import Callable, Iterator
from typing import TYPE_CHECKING, cast

import numpy as np
import pytest
from hypothesis import given, settings
from hypothesis import strategies as st
from hypothesis.extra.numpy import arrays
from numpy.typing import NDArray

import wane.penalties
from wane.penalties import CATALOGUE, DEFAULT_ROLES, Penalty

if TYPE_CHECKING:
    import jax

Array = NDArray[np.float32]
Valued = Callable[..., "jax.Array"]
SHAPE = (2, 3)  # one shape, so that each penalty compiles once
LAW = settings(max_examples=30, deadline=None)

# Sixteenths up to 2: few enough bits that float32 sums of them, and of their squares, are exact.
# None is 0, where a penalty may have a kink and so no gradient.
SIXTEENTHS = st.integers(1, 32).flatmap(lambda i: st.sampled_from([i / 16, -i / 16]))
WEIGHTS = arrays(np.float32, SHAPE, elements=SIXTEENTHS)
ANY_WEIGHTS = arrays(np.float32, SHAPE, elements=st.floats(-100, 100, width=32))
# Strengths as people use them: a float32 keeps seven digits of any of these.
STRENGTH = st.floats(-8, 2).map(lambda exponent: 10.0**exponent)

every_penalty = pytest.mark.parametrize("penalty", CATALOGUE.values(), ids=CATALOGUE)


def strengths_of(penalty: type[Penalty]) -> st.SearchStrategy[tuple[float, ...]]:
    return st.tuples(*[STRENGTH] * len(penalty.strength_fields))


@functools.cache
def compiled(value: Valued) -> Valued:
    import jax

    return cast(Valued, jax.jit(value))


@functools.cache
def compiled_gradient(value: Valued) -> Valued:
    import jax

    return cast(Valued, jax.jit(jax.grad(value)))


@functools.cache
def compiled_batch(value: Valued, strengths: int) -> Valued:
    import jax

    return cast(Valued, jax.jit(jax.vmap(value, in_axes=(None, *[0] * strengths))))


def subclasses(cls: type[Penalty]) -> Iterator[type[Penalty]]:
    for subclass in cls.__subclasses__():
        yield subclass
        yield from subclasses(subclass)


def test_every_penalty_has_a_catalogue_row_and_a_public_name() -> None:
    for module in pkgutil.walk_packages(wane.penalties.__path__, "wane.penalties."):
        importlib.import_module(module.name)
    # Other tests may define penalties of their own.
    written = {cls for cls in subclasses(Penalty) if cls.__module__.startswith("wane.")}
    assert written == set(CATALOGUE.values())
    assert len(written) == len(CATALOGUE)
    for cls in written:
        assert getattr(wane.penalties, cls.__name__) is cls
        assert cls.__name__ in wane.penalties.__all__


@every_penalty
@LAW
@given(st.data())
def test_the_value_is_a_scalar_that_is_not_negative(
    penalty: type[Penalty], data: st.DataObject
) -> None:
    weights, strengths = data.draw(ANY_WEIGHTS), data.draw(strengths_of(penalty))
    value = np.asarray(compiled(penalty.value)(weights, *strengths))
    assert value.shape == ()
    assert value.dtype == np.float32
    assert np.isfinite(value)
    assert value >= 0


@every_penalty
@LAW
@given(ANY_WEIGHTS)
def test_no_strength_is_no_penalty(penalty: type[Penalty], weights: Array) -> None:
    none = [0.0] * len(penalty.strength_fields)
    assert compiled(penalty.value)(weights, *none) == 0
    np.testing.assert_array_equal(compiled_gradient(penalty.value)(weights, *none), np.zeros(SHAPE))


@every_penalty
@LAW
@given(ANY_WEIGHTS)
def test_no_weight_is_no_penalty(penalty: type[Penalty], weights: Array) -> None:
    ones = [1.0] * len(penalty.strength_fields)
    assert compiled(penalty.value)(np.zeros_like(weights), *ones) == 0


@every_penalty
@LAW
@given(st.data())
def test_the_value_is_linear_in_the_strengths(penalty: type[Penalty], data: st.DataObject) -> None:
    """``v(w, a·s + t) = a·v(w, s) + v(w, t)``."""
    weights, factor = data.draw(ANY_WEIGHTS), data.draw(st.sampled_from([0.0, 0.5, 3.0]))
    s, t = data.draw(strengths_of(penalty)), data.draw(strengths_of(penalty))
    value = compiled(penalty.value)
    joint = value(weights, *(factor * one + other for one, other in zip(s, t, strict=True)))
    parts = factor * value(weights, *s) + value(weights, *t)
    np.testing.assert_allclose(joint, parts, rtol=1e-5)


@every_penalty
@LAW
@given(st.data())
def test_the_gradient_is_that_of_finite_differences(
    penalty: type[Penalty], data: st.DataObject
) -> None:
    """``∂v/∂w(i) ≈ (v(w + h·e(i)) − v(w − h·e(i))) / 2h``.

    With h = 1/64 and weights on a grid of sixteenths, float32 sums of |w| and w² carry no rounding,
    so that the tolerance, 5e-4 per unit of strength, is left to the h² of a curved penalty.
    """
    weights, strengths = data.draw(WEIGHTS), data.draw(strengths_of(penalty))
    value, h = compiled(penalty.value), np.float32(1 / 64)
    # A value is linear in its strengths: in units of their sum none drowns in rounding.
    units = [strength / sum(strengths) for strength in strengths]
    steps = h * np.eye(weights.size, dtype=np.float32).reshape(-1, *SHAPE)
    differences = [
        (value(weights + step, *units) - value(weights - step, *units)) / (2 * h) for step in steps
    ]
    gradient = compiled_gradient(penalty.value)(weights, *units)
    np.testing.assert_allclose(np.ravel(gradient), np.array(differences), rtol=1e-5, atol=5e-4)
    in_strengths = compiled_gradient(penalty.value)(weights, *strengths)
    np.testing.assert_allclose(in_strengths, sum(strengths) * gradient, rtol=1e-5)


@every_penalty
@LAW
@given(st.data())
def test_a_batch_of_strengths_is_a_loop_over_them(
    penalty: type[Penalty], data: st.DataObject
) -> None:
    weights = data.draw(ANY_WEIGHTS)
    rows = data.draw(st.lists(strengths_of(penalty), min_size=4, max_size=4))
    columns = np.array(rows, dtype=np.float32).T
    loop = [compiled(penalty.value)(weights, *row) for row in rows]
    batch = compiled_batch(penalty.value, len(penalty.strength_fields))(weights, *columns)
    np.testing.assert_allclose(batch, np.array(loop), rtol=1e-6)


@every_penalty
def test_a_new_strength_is_not_a_new_trace(penalty: type[Penalty]) -> None:
    import jax

    traces = 0

    def counted(weights: jax.Array, *strengths: jax.Array) -> jax.Array:
        nonlocal traces
        traces += 1
        return penalty.value(weights, *strengths)

    value = jax.jit(counted)
    for strength in (0.0, 1e-6, 0.3, 10.0):
        value(np.ones(SHAPE, np.float32), *[strength] * len(penalty.strength_fields))
    assert traces == 1


@pytest.mark.parametrize("name", ["L1", "L2", "L1L2"])
@LAW
@given(st.data())
def test_it_is_kerass_regularizer_bit_for_bit(name: str, data: st.DataObject) -> None:
    import jax.numpy as jnp
    import keras

    penalty = getattr(wane.penalties, name)
    weights = jnp.asarray(data.draw(ANY_WEIGHTS))
    strengths = dict(zip(penalty.strength_fields, data.draw(strengths_of(penalty)), strict=True))
    theirs = getattr(keras.regularizers, name)(**strengths)(weights)
    ours = penalty.value(weights, *penalty(**strengths).strengths)
    assert np.asarray(ours).tobytes() == np.asarray(theirs).tobytes()
    assert ours.dtype == theirs.dtype


@every_penalty
@LAW
@given(strength=STRENGTH)
def test_a_total_strength_is_shared_equally(penalty: type[Penalty], strength: float) -> None:
    made = penalty.of_strength(strength)
    assert made.strength == pytest.approx(strength, rel=1e-15)
    assert len(set(made.strengths)) == 1
    assert (made.layers, made.on) == ("all", DEFAULT_ROLES)
