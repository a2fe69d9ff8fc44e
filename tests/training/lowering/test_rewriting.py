"""Functions are rewritten wherever their convolutions stand, and nothing else of them is."""

from collections.abc import Callable
from typing import Any

import jax
import jax.numpy as jnp
import keras
import numpy as np
import pytest
from jax import lax

from convolution_cases import FIRST, Form, assert_same, windows_of, with_gradients
from thorough_cases import thorough_but
from wane.training.lowering import convolutions
from wane.training.lowering.convolutions import lowered, windowed


def convolve(x: jax.Array, w: jax.Array) -> jax.Array:
    """A convolution that keeps the shape of x [rows, length, channels]."""
    return lax.conv_general_dilated(x, w, (1,), "SAME", dimension_numbers=("NHC", "HIO", "NHC"))


@jax.custom_jvp
def bent(x: jax.Array) -> jax.Array:
    """Its derivative is declared as 3, whatever it really is."""
    return jnp.sin(x)


bent.defjvp(lambda primals, tangents: (bent(*primals), 3 * tangents[0]))


def looped(x: jax.Array, w: jax.Array) -> jax.Array:
    return jnp.asarray(lax.scan(lambda x, _: (jnp.tanh(convolve(x, w)), None), x, length=3)[0])


def branched(x: jax.Array, w: jax.Array) -> jax.Array:
    return jnp.asarray(lax.cond(x[0, 0, 0] > 0, convolve, lambda x, w: x * w[0, 0, 0], x, w))


def switched(x: jax.Array, w: jax.Array) -> jax.Array:
    cases = [lambda x: x, lambda x: -x, lambda x: convolve(x, w)]
    return jnp.asarray(lax.switch(jnp.argmax(w), [*cases, *cases], x))


PLACES: dict[str, Callable[..., Any]] = {
    "jit": jax.jit(convolve),
    "jit in jit": jax.jit(lambda x, w: jax.jit(convolve)(x, w) + 1),
    "scan": looped,
    "scan in jit": jax.jit(looped),
    "cond": branched,
    "switch": switched,
    "checkpoint": jax.checkpoint(convolve),
    "checkpoint in scan": jax.checkpoint(looped),
    "between relu": lambda x, w: jax.nn.relu(convolve(jax.nn.relu(x), w)),
    "before a rule": lambda x, w: bent(convolve(x, w)),
    "twice": lambda x, w: convolve(convolve(x, w), w),
    "vmap": lambda x, w: jax.vmap(lambda row: convolve(row[None], w)[0])(x),
    "pytrees": lambda x, w: {"y": (convolve(x, w), [x]), "none": None},
}


@pytest.fixture
def pair() -> tuple[jax.Array, jax.Array]:
    return Form((5,), (3,), (2, 2)).operands()


@pytest.mark.parametrize("place", PLACES)
def test_it_is_replaced_wherever_it_stands(place: str, pair: tuple[jax.Array, jax.Array]) -> None:
    assert_same(PLACES[place], *pair)


def test_it_is_replaced_in_a_loop_of_unknown_length(pair: tuple[jax.Array, jax.Array]) -> None:
    def many(x: jax.Array, w: jax.Array) -> jax.Array:
        return lax.while_loop(lambda x: jnp.max(x) > 0.1, lambda x: convolve(x, w) / 3, x)

    assert windows_of(many, *pair) and not windows_of(lowered(many), *pair)
    np.testing.assert_allclose(lowered(many)(*pair), many(*pair), rtol=1e-5, atol=1e-6)


def test_rules_of_functions_that_hold_a_convolution_are_kept(
    pair: tuple[jax.Array, jax.Array],
) -> None:
    ruled = jax.custom_jvp(convolve)
    ruled.defjvp(lambda primals, tangents: (ruled(*primals), 3 * tangents[0] + tangents[1][0, 0]))
    pulled = jax.custom_vjp(convolve)
    pulled.defvjp(lambda x, w: (convolve(x, w), w), lambda w, ct: (5 * ct, w))
    for function in (ruled, pulled):
        assert not windows_of(lowered(function), *pair)
        wanted, got = (with_gradients(f)(*pair) for f in (function, lowered(function)))
        for a, b in zip(jax.tree.leaves(wanted), jax.tree.leaves(got), strict=True):
            np.testing.assert_allclose(b, a, rtol=1e-5, atol=1e-5)


def test_forward_mode_and_arrays_from_outside(pair: tuple[jax.Array, jax.Array]) -> None:
    x, w = pair

    def through(w: jax.Array, form: Callable[..., Any]) -> jax.Array:
        return jnp.sum(form(lambda x, scale=1: scale * convolve(x, w))(x, scale=2) ** 2)

    plain, low = (jax.jacfwd(through)(w, form) for form in (lambda f: f, lowered))
    np.testing.assert_allclose(low, plain, rtol=1e-4)
    np.testing.assert_allclose(low, jax.grad(through)(w, lowered), rtol=1e-4)


@pytest.mark.parametrize(
    "function",
    [
        lambda x, w: jax.nn.relu(x) @ w[0],
        lambda x, w: lax.scan(lambda c, _: (jax.jit(jnp.sin)(c), None), x, length=2)[0] + w[0, 0],
    ],
)
def test_what_has_no_convolution_stays_as_it_is(
    function: Callable[..., Any], pair: tuple[jax.Array, jax.Array]
) -> None:
    assert windowed(function, *pair) == ()
    for form in (lambda f: f, with_gradients):
        plain, low = (jax.make_jaxpr(form(f))(*pair) for f in (function, lowered(function)))
        assert _equations(low.jaxpr) == _equations(plain.jaxpr)


def _equations(jaxpr: Any) -> list[str]:
    """The equations without the names of variables, those of inner programs beside them.

    In any order: that of the backward pass depends on the release of JAX.
    """
    return sorted(
        " ".join(
            [
                str(equation.primitive),
                *(str(variable.aval) for variable in (*equation.invars, *equation.outvars)),
                *(
                    str(_equations(getattr(inner, "jaxpr", inner)))
                    for inner in equation.params.values()
                    if hasattr(inner, "eqns")
                ),
            ]
        )
        for equation in jaxpr.eqns
    )


def test_what_the_forms_do_not_cover_stays_as_it_is() -> None:
    x = jnp.ones((4, 3, 2))
    w = jnp.ones((2, 2, 4))

    def grouped_rows(x: jax.Array, w: jax.Array) -> jax.Array:
        return lax.conv_general_dilated(
            x, w, (1,), "SAME", dimension_numbers=("NHC", "HIO", "NHC"), batch_group_count=2
        )

    def whole(x: jax.Array, w: jax.Array) -> jax.Array:
        return convolve(x.astype("int32"), w.astype("int32"))

    def wide(x: jax.Array, w: jax.Array) -> jax.Array:
        return convolve(x, jnp.tile(w, (100, 1, 1)))

    def none(x: jax.Array, w: jax.Array) -> jax.Array:
        return convolve(x[:0], w)

    for function in (grouped_rows, whole, wide, none):
        (one,) = windowed(function, x, w)
        assert not one.replaced
        np.testing.assert_array_equal(lowered(function)(x, w), function(x, w))


def test_windowed_lists_every_convolution_with_its_shapes(
    pair: tuple[jax.Array, jax.Array],
) -> None:
    shapes = jax.eval_shape(lambda *pair: pair, *pair)
    (one,) = windowed(looped, *shapes)
    assert one == convolutions.Windowed(
        "conv_general_dilated", ((2, 5, 2), (3, 2, 2), (2, 5, 2)), replaced=True
    )


def test_other_platforms_keep_their_convolutions(
    pair: tuple[jax.Array, jax.Array], monkeypatch: pytest.MonkeyPatch
) -> None:
    with jax.default_device(jax.devices("cpu")[0]):
        assert not windows_of(lowered(convolve), *pair)
    monkeypatch.setattr(jax, "default_backend", lambda: "gpu")
    assert windows_of(lowered(convolve), *pair)
    assert not windowed(convolve, *pair)[0].replaced


KERAS: dict[str, tuple[tuple[int, ...], list[Callable[[], Any]]]] = {
    "Conv1D": (
        (8, 2),
        [
            lambda: keras.layers.Conv1D(4, 3, padding="causal", dilation_rate=2),
            lambda: keras.layers.MaxPooling1D(2),
            lambda: keras.layers.Conv1D(4, 2, groups=2, strides=2, activation="relu"),
        ],
    ),
    "Conv2D": (
        (8, 8, 1),
        [
            lambda: keras.layers.Conv2D(4, 3, activation="relu"),
            lambda: keras.layers.MaxPooling2D(2),
            lambda: keras.layers.BatchNormalization(),
            lambda: keras.layers.Conv2D(4, 3, padding="same", activation="gelu"),
        ],
    ),
    "Conv2D channels_first": (
        (2, 6, 6),
        [
            lambda: keras.layers.Conv2D(4, 3, data_format=FIRST),
            lambda: keras.layers.MaxPooling2D(3, 1, padding="same", data_format=FIRST),
        ],
    ),
    "Conv3D": (
        (4, 4, 4, 1),
        [
            lambda: keras.layers.Conv3D(2, 2, padding="same", strides=2),
            lambda: keras.layers.MaxPooling3D(2),
        ],
    ),
    "DepthwiseConv1D": ((8, 5), [lambda: keras.layers.DepthwiseConv1D(3, strides=2)]),
    "DepthwiseConv2D": (
        (6, 6, 5),
        [lambda: keras.layers.DepthwiseConv2D(3, padding="same", depth_multiplier=2)],
    ),
    "SeparableConv1D": ((8, 5), [lambda: keras.layers.SeparableConv1D(3, 3)]),
    "SeparableConv2D": (
        (6, 6, 2),
        [lambda: keras.layers.SeparableConv2D(3, 3, strides=2, activation="relu")],
    ),
    "Conv1DTranspose": ((5, 2), [lambda: keras.layers.Conv1DTranspose(3, 3, strides=2)]),
    "Conv2DTranspose": (
        (3, 3, 2),
        [
            lambda: keras.layers.Conv2DTranspose(3, 3, strides=2, padding="same"),
            lambda: keras.layers.Conv2DTranspose(1, 4, strides=3, data_format=FIRST),
        ],
    ),
    "Conv3DTranspose": ((2, 2, 2, 2), [lambda: keras.layers.Conv3DTranspose(2, 3, strides=2)]),
}


def network(layers: str, **options: Any) -> tuple[Any, list[Any], list[Any], jax.Array]:
    """A network of these layers: the model, its weights, its state and an input."""
    shape, makers = KERAS[layers]
    keras.utils.set_random_seed(0)
    tail = [keras.layers.Flatten(), keras.layers.Dense(2)]
    model = keras.Sequential([keras.Input(shape), *(make() for make in makers), *tail], **options)
    x = jnp.asarray(np.random.default_rng(0).normal(size=(3, *shape)), "float32")
    weights = [variable.value for variable in model.trainable_variables]
    return model, weights, [variable.value for variable in model.non_trainable_variables], x


@pytest.mark.parametrize("layers", thorough_but(["Conv2D"], KERAS))
def test_keras_layers_are_the_same_lowered(layers: str) -> None:
    model, weights, state, x = network(layers)

    def forward(weights: Any, x: Any) -> Any:
        return model.stateless_call(weights, state, x, training=True)

    assert all(one.replaced for one in windowed(forward, weights, x))
    assert_same(forward, weights, x)


def test_training_lowered_gives_the_same_losses() -> None:
    model, weights, state, x = network("Conv2D")
    rate = 0.01

    def step(form: Callable[..., Any], carry: Any, x: Any) -> Any:
        weights, _ = carry

        def loss(weights: Any) -> Any:
            return jnp.mean((form(model.stateless_call)(weights, state, x)[0] - 1) ** 2)

        value, gradients = jax.value_and_grad(loss)(weights)
        return jax.tree.map(lambda w, g: w - rate * g, weights, gradients), value

    def losses(form: Callable[..., Any]) -> Any:
        def one(carry: Any, _: Any) -> Any:
            carry = step(form, carry, x)
            return carry, carry[1]

        return jax.jit(lambda carry: lax.scan(one, carry, length=20)[1])((weights, jnp.zeros(())))

    plain = losses(lambda function: function)
    assert plain[-1] < plain[0] / 2
    np.testing.assert_allclose(losses(lowered), plain, rtol=1e-4)
