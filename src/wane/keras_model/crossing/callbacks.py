"""Keras's callbacks that work inside a program, as data."""

import inspect
from collections.abc import Mapping
from typing import Any

import keras
import numpy as np

from wane._errors import InputError

_KNOWN = {
    kind.__name__: kind
    for kind in (
        keras.callbacks.EarlyStopping,
        keras.callbacks.ReduceLROnPlateau,
        keras.callbacks.TerminateOnNaN,
    )
}
"""Callbacks whose arguments are numbers and words, which they keep as attributes."""


def callback_document(callback: Any) -> dict[str, Any]:
    """What :func:`callback_of` makes the same callback of; JSON-able.

    Raises:
        InputError: if it is none of those whose arguments say all of it.
    """
    kind = type(callback)
    if _KNOWN.get(kind.__name__) is not kind:
        raise InputError(
            f"callbacks hold {kind.__name__}, which cannot be handed from the backend "
            f"{keras.config.backend()!r} to JAX, on which wane trains: give {', '.join(_KNOWN)} "
            f"alone, or start Python anew with KERAS_BACKEND=jax."
        )
    arguments = {name: getattr(callback, name) for name in _arguments(kind)}
    plain = {n: v.item() if isinstance(v, np.generic) else v for n, v in arguments.items()}
    return {"class": kind.__name__, "arguments": plain}


def callback_of(document: Mapping[str, Any]) -> Any:
    """The callback that :func:`callback_document` wrote."""
    return _KNOWN[document["class"]](**document["arguments"])


def _arguments(kind: type) -> list[str]:
    parameters = inspect.signature(kind).parameters.values()
    return [one.name for one in parameters if one.kind is not one.VAR_KEYWORD]
