"""What every penalty of the catalogue must do, tried on generated weights and strengths."""

import functools
import importlib
import pkgutil
from collections.abc import Callable, Iterator
from typing import TYPE_CHECKING, Any, cast

import numpy as np
import pytest
from hypothesis import assume, given, settings
from hypothesis import strategies as st
from hypothesis.extra.numpy import arrays
from numpy.typing import NDArray

import wane.penalties
from wane.penalties import (
    CATALOGUE,
    DEFAULT_ROLES,
    GroupLasso,
    Orthogonality,
    Penalty,
    Sparse,
    WithProx,
)

if TYPE_CHECKING:
    import jax

Array = NDArray[Any]
Valued = Callable[..., "jax.Array"]
SHAPE = (2, 3)  # one shape, so that each penalty compiles once
LAW = settings(max_examples=30, deadline=None)

# None is 0, where a penalty may have a kink and so no gradient.
SIXTEENTHS = st.integers(1, 32).flatmap(lambda i: st.sampled_from([i / 16, -i / 16]))
WEIGHTS = arrays(np.float32, SHAPE, elements=SIXTEENTHS)
ANY_WEIGHTS = arrays(np.float32, SHAPE, elements=st.floats(-100, 100, width=32))
# Strengths as people use them: a float32 keeps seven digits of any of these.
STRENGTH = st.floats(-8, 2).map(lambda exponent: 10.0**exponent)

FORMS: dict[str, Penalty] = {
    **{name: cls.of_strength(0.0) for name, cls in CATALOGUE.items()},
    "group-lasso units": GroupLasso(0.0, groups="units"),
    "orthogonality columns": Orthogonality(0.0, mode="columns"),
}
every_penalty = pytest.mark.parametrize("penalty", FORMS.values(), ids=FORMS)
WITH_PROX = {name: form for name, form in FORMS.items() if isinstance(form, WithProx)}
every_prox = pytest.mark.parametrize("penalty", WITH_PROX.values(), ids=WITH_PROX)
SPARSE = {name: form for name, form in FORMS.items() if isinstance(form, Sparse)}
every_sparse = pytest.mark.parametrize("penalty", SPARSE.values(), ids=SPARSE)


def strengths_of(penalty: Penalty) -> st.SearchStrategy[tuple[float, ...]]:
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
    written -= {WithProx, Sparse}  # what some penalties have in common
    assert written == set(CATALOGUE.values())
    assert len(written) == len(CATALOGUE)
    for cls in written:
        assert getattr(wane.penalties, cls.__name__) is cls
        assert cls.__name__ in wane.penalties.__all__


@every_penalty
@LAW
@given(st.data())
def test_the_value_is_a_scalar_that_is_not_negative(penalty: Penalty, data: st.DataObject) -> None:
    weights, strengths = data.draw(ANY_WEIGHTS), data.draw(strengths_of(penalty))
    value = np.asarray(compiled(penalty.value)(weights, *strengths))
    assert value.shape == ()
    assert value.dtype == np.float32
    assert np.isfinite(value)
    assert value >= 0


@every_penalty
@LAW
@given(ANY_WEIGHTS)
def test_no_strength_is_no_penalty(penalty: Penalty, weights: Array) -> None:
    none = [0.0] * len(penalty.strength_fields)
    assert compiled(penalty.value)(weights, *none) == 0
    np.testing.assert_array_equal(compiled_gradient(penalty.value)(weights, *none), np.zeros(SHAPE))


@every_penalty
@LAW
@given(ANY_WEIGHTS)
def test_no_weight_is_no_penalty(penalty: Penalty, weights: Array) -> None:
    ones = [1.0] * len(penalty.strength_fields)
    assert compiled(penalty.value)(np.zeros_like(weights), *ones) == 0


@every_penalty
@LAW
@given(st.data())
def test_the_value_is_linear_in_the_strengths(penalty: Penalty, data: st.DataObject) -> None:
    """``v(w, a·s + t) = a·v(w, s) + v(w, t)``."""
    weights, factor = data.draw(ANY_WEIGHTS), data.draw(st.sampled_from([0.0, 0.5, 3.0]))
    s, t = data.draw(strengths_of(penalty)), data.draw(strengths_of(penalty))
    value = compiled(penalty.value)
    joint = value(weights, *(factor * one + other for one, other in zip(s, t, strict=True)))
    parts = factor * value(weights, *s) + value(weights, *t)
    # Values near the smallest float32 have fewer digits.
    np.testing.assert_allclose(joint, parts, rtol=1e-5, atol=1e-30)


@every_penalty
@LAW
@given(st.data())
def test_the_gradient_is_that_of_finite_differences(penalty: Penalty, data: st.DataObject) -> None:
    """``∂v/∂w(i) ≈ (v(w + h·e(i)) − v(w − h·e(i))) / 2h``, in 64 bits with h = 1e-5."""
    weights, strengths = data.draw(WEIGHTS), data.draw(strengths_of(penalty))
    # A value is linear in its strengths: in units of their sum none drowns in rounding.
    units = [strength / sum(strengths) for strength in strengths]
    exact = weights.astype(np.float64)
    steps = 1e-5 * np.eye(weights.size).reshape(-1, *SHAPE)
    here = penalty.value(exact, *units)
    after, before = (
        np.array([penalty.value(exact + sign * step, *units) - here for step in steps]) / 1e-5
        for sign in (1, -1)
    )
    assume(np.allclose(after, -before, rtol=1e-2, atol=2e-3))  # no kink, as where cosines vanish
    differences = (after - before) / 2
    gradient = compiled_gradient(penalty.value)(weights, *units)
    np.testing.assert_allclose(np.ravel(gradient), differences, rtol=1e-5, atol=1e-5)
    in_strengths = compiled_gradient(penalty.value)(weights, *strengths)
    total = sum(strengths)
    np.testing.assert_allclose(in_strengths, total * gradient, rtol=1e-5, atol=1e-5 * total)


@every_penalty
@LAW
@given(st.data())
def test_a_batch_of_strengths_is_a_loop_over_them(penalty: Penalty, data: st.DataObject) -> None:
    weights = data.draw(ANY_WEIGHTS)
    rows = data.draw(st.lists(strengths_of(penalty), min_size=4, max_size=4))
    columns = np.array(rows, dtype=np.float32).T
    loop = [compiled(penalty.value)(weights, *row) for row in rows]
    batch = compiled_batch(penalty.value, len(penalty.strength_fields))(weights, *columns)
    np.testing.assert_allclose(batch, np.array(loop), rtol=1e-6)


@every_penalty
def test_a_new_strength_is_not_a_new_trace(penalty: Penalty) -> None:
    import jax

    traces = 0

    def counted(weights: Any, *strengths: Any) -> Any:
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
    ours = penalty(**strengths).value(weights, *strengths.values())
    assert np.asarray(ours).tobytes() == np.asarray(theirs).tobytes()
    assert ours.dtype == theirs.dtype


@pytest.mark.parametrize("mode", ["rows", "columns"])
@LAW
@given(ANY_WEIGHTS, STRENGTH)
def test_orthogonality_is_that_of_keras(mode: str, weights: Array, strength: float) -> None:
    import jax.numpy as jnp
    import keras

    theirs = keras.regularizers.OrthogonalRegularizer(strength, mode)(jnp.asarray(weights))
    ours = Orthogonality(strength, mode=mode).value(weights, strength)
    np.testing.assert_allclose(ours, theirs, rtol=1e-5, atol=1e-6 * strength)


@every_penalty
@LAW
@given(strength=STRENGTH)
def test_a_total_strength_is_shared_equally(penalty: Penalty, strength: float) -> None:
    made = type(penalty).of_strength(strength)
    assert made.strength == pytest.approx(strength, rel=1e-15)
    assert len(set(made.strengths)) == 1
    assert (made.layers, made.on) == ("all", DEFAULT_ROLES)


STEPS = st.one_of(
    st.floats(-4, 2).map(lambda exponent: np.float64(10.0**exponent)),
    arrays(np.float64, SHAPE, elements=st.floats(-4, 2).map(lambda exponent: 10.0**exponent)),
)


@every_prox
@LAW
@given(st.data())
def test_the_proximal_step_minimises_its_objective(penalty: WithProx, data: st.DataObject) -> None:
    """``F(u) >= F(p) + ½ · Σ (u - p)² / step`` for every u, since F is that convex."""
    weights = data.draw(ANY_WEIGHTS).astype(np.float64)
    strengths, step = data.draw(strengths_of(penalty)), data.draw(STEPS)
    found = penalty.prox(weights, step, *strengths)

    def objective(u: Any) -> float:
        return float(np.sum(np.square(u - weights) / step) / 2 + penalty.value(u, *strengths))

    others = [weights, np.zeros_like(weights), data.draw(ANY_WEIGHTS), found * (1 + 1e-3)]
    lowest = objective(found)
    for other in others:
        further = float(np.sum(np.square(other - found) / step) / 2)
        assert objective(other) >= lowest + further - 1e-6 * (lowest + further) - 1e-30


@every_prox
@LAW
@given(ANY_WEIGHTS, STEPS)
def test_without_strength_or_step_nothing_moves(
    penalty: WithProx, weights: Array, step: Array
) -> None:
    for by, strength in ((step, 0.0), (np.float64(0), 0.3)):
        moved = penalty.prox(weights, by, *[strength] * len(penalty.strength_fields))
        np.testing.assert_array_equal(moved, weights)


@every_sparse
@LAW
@given(st.data())
def test_from_the_zero_threshold_on_all_weights_are_zero(
    penalty: Sparse, data: st.DataObject
) -> None:
    """At zero weights a step along the gradient is taken back wholly, and below it is not."""
    gradient, step = data.draw(WEIGHTS).astype(np.float64), data.draw(STEPS)
    threshold = float(penalty.zero_threshold(gradient))
    others = data.draw(strengths_of(penalty))[1:]
    assert not np.any(penalty.prox(-step * gradient, step, threshold * (1 + 1e-9), *others))
    assert np.any(penalty.prox(-step * gradient, step, threshold * (1 - 1e-9), *others))


@functools.cache
def compiled_proxes(prox: Valued) -> tuple[Valued, Valued]:
    import jax

    return jax.jit(prox), jax.jit(jax.vmap(prox))


@every_prox
@LAW
@given(st.data())
def test_proximal_steps_of_a_batch_are_a_loop_and_those_of_numpy(
    penalty: WithProx, data: st.DataObject
) -> None:
    steps = arrays(np.float32, SHAPE, elements=st.floats(2**-10, 8, width=32))
    cases = [
        (
            data.draw(ANY_WEIGHTS),
            data.draw(steps),
            *[np.float32(strength) for strength in data.draw(strengths_of(penalty))],
        )
        for _ in range(3)
    ]
    one, batch = compiled_proxes(penalty.prox)
    loop = [one(*case) for case in cases]
    stacked = [np.stack([np.asarray(part) for part in parts]) for parts in zip(*cases, strict=True)]
    np.testing.assert_allclose(batch(*stacked), np.array(loop), rtol=1e-5, atol=1e-5)
    theirs = [penalty.prox(*case) for case in cases]
    np.testing.assert_allclose(np.array(theirs), np.array(loop), rtol=1e-5, atol=1e-4)
    assert theirs[0].dtype == np.float32
