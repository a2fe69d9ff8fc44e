"""Dropout rates that candidates change: as data of the program, or as a model of its own."""

import contextlib
import fnmatch
from collections.abc import Callable, Iterator, Mapping, Sequence
from typing import TYPE_CHECKING, Any

import keras

from wane._errors import InputError, listed
from wane.penalties import Candidate, Dropout

if TYPE_CHECKING:
    import jax

_PLAIN = (
    keras.layers.Dropout,
    keras.layers.SpatialDropout1D,
    keras.layers.SpatialDropout2D,
    keras.layers.SpatialDropout3D,
)
"""Layers whose ``call`` uses the rate only by comparing it with 0 and as ``1 - rate``."""

_WITH_RATE = (*_PLAIN, keras.layers.GaussianDropout, keras.layers.AlphaDropout)

Forward = Callable[..., Any]


def dropout_layers(model: keras.Model) -> dict[str, Any]:
    """The dropout layers of a model by name; those of nested models are ``"outer/inner"``."""
    return {name: layer for name, layer in _layers(model, "") if isinstance(layer, _WITH_RATE)}


def _layers(layer: Any, prefix: str) -> Iterator[tuple[str, Any]]:
    for sublayer in layer._layers:
        name = f"{prefix}/{sublayer.name}" if prefix else sublayer.name
        yield name, sublayer
        yield from _layers(sublayer, name)


def rates_of(model: keras.Model, candidate: Candidate) -> dict[int, float]:
    """The rates that a candidate gives to dropout layers, by their places in a model's list.

    Unnamed layers have other names in each model that a function makes, but the same places.

    Raises:
        InputError: if a :class:`wane.Dropout` matches no layer, or two match the same one.
    """
    layers = dropout_layers(model)
    rates: dict[int, float] = {}
    for dropout in (change for change in candidate if isinstance(change, Dropout)):
        hits = [
            (place, name)
            for place, (name, layer) in enumerate(layers.items())
            if _is_meant(dropout, name, layer)
        ]
        if not hits:
            there = (
                f"it has {listed(layers)}"
                if layers
                else "it has none; give a network with dropout layers as wane.Network(model, title)"
            )
            raise InputError(
                f"No dropout layer of the model {model.name!r} matches "
                f"{dropout.name(target=True)}: {there}."
            )
        for place, name in hits:
            if place in rates:
                raise InputError(f"Two of a candidate's dropout rates are for the layer {name!r}.")
            rates[place] = dropout.rate
    return rates


def _is_meant(dropout: Dropout, name: str, layer: Any) -> bool:
    names = (name, layer.name)
    return dropout.layers == "all" or any(fnmatch.fnmatchcase(n, dropout.layers) for n in names)


def takes_rate_as_data(layer: Any) -> bool:
    """Whether the rate of a dropout layer can be an input of the compiled program.

    Layers made with rate 0 draw no random numbers, and in lower precision the rate itself would be
    rounded: these are traced with each rate anew.
    """
    return type(layer) in _PLAIN and layer.rate > 0 and layer.compute_dtype == "float32"


class _Keep:
    """Stands for a rate of which only ``1 - rate``, the share that is kept, is known in tracing.

    Keras compares a rate with 0 and 1 to leave out work, and computes with ``1.0 - rate``.
    """

    def __init__(self, share: "jax.Array") -> None:
        self._share = share

    def __gt__(self, _other: float) -> bool:
        return True

    def __rsub__(self, _one: float) -> "jax.Array":
        return self._share


def with_rates_as_data(forward: Forward, layers: Sequence[Any]) -> Forward:
    """A model's forward function that takes the kept shares of these dropout layers too.

    Args:
        forward: of (weights, state, x), with keyword arguments.
        layers: dropout layers of the model for which :func:`takes_rate_as_data`.

    Returns:
        A function of (weights, state, x, shares), ``shares`` having a scalar for each layer:
        1 - rate, rounded as Keras rounds it.
    """

    def with_shares(
        weights: Any, state: Any, x: Any, shares: "Sequence[jax.Array]", **kwargs: Any
    ) -> Any:
        with rates_replaced(layers, [_Keep(share) for share in shares]):
            return forward(weights, state, x, **kwargs)

    return with_shares


@contextlib.contextmanager
def rates_replaced(layers: Sequence[Any], rates: Sequence[Any]) -> Iterator[None]:
    """Dropout layers with other rates for a while."""
    before = [layer.rate for layer in layers]
    try:
        for layer, rate in zip(layers, rates, strict=True):
            layer.rate = rate
        yield
    finally:
        for layer, rate in zip(layers, before, strict=True):
            layer.rate = rate


def set_rates(model: keras.Model, rates: Mapping[int, float]) -> None:
    """Give a model's dropout layers these rates, by their places as in :func:`rates_of`."""
    layers = list(dropout_layers(model).values())
    for place, rate in rates.items():
        layers[place].rate = rate
