"""Objects of scikit-learn by their class and public parameters, as data."""

import importlib
import inspect
from collections.abc import Mapping
from typing import Any

import numpy as np

from wane._errors import InputError
from wane.resampling.splits import is_splitter

Document = dict[str, Any]
_OUTPUT = "_sklearn_output_config"
"""Where an object keeps what ``set_output`` was told, which is no parameter; cloning keeps it."""


def object_document(value: Any, argument: str) -> Document:
    """What :func:`object_of` makes the same object of; JSON-able.

    Args:
        value: a splitter or an unfitted estimator of scikit-learn's own.
        argument: of the study, which it was given as.

    Raises:
        InputError: if its class is not scikit-learn's, a parameter of it is no plain value, or it
            splits rows by chance and would do so otherwise each time.
    """
    kind = type(value)
    if kind.__module__.partition(".")[0] != "sklearn":
        raise _refusal(argument, f"{kind.__name__} is not scikit-learn's own")
    parameters = {name: _parameter(value, name) for name in _names(kind)}
    if is_splitter(value) and _is_drawn_anew(parameters):
        raise InputError(
            f"{argument} cannot be handed to JAX, on which wane trains, since {value!r} splits "
            f"rows otherwise each time: give it a random_state, such as random_state=0."
        )
    try:
        written = {name: _written(one, argument) for name, one in parameters.items()}
    except TypeError:
        raise _refusal(argument, f"the parameters of {value!r} are no plain values") from None
    document = {"class": f"{kind.__module__}:{kind.__qualname__}", "parameters": written}
    output = getattr(value, _OUTPUT, None)
    return document if output is None else {**document, "output": dict(output)}


def object_of(document: Mapping[str, Any]) -> Any:
    """The object that :func:`object_document` wrote."""
    module, _, name = document["class"].partition(":")
    assert module.partition(".")[0] == "sklearn", "only scikit-learn's own are written"
    kind = getattr(importlib.import_module(module), name)
    found = kind(**{name: _read(one) for name, one in document["parameters"].items()})
    if "output" in document:
        setattr(found, _OUTPUT, dict(document["output"]))
    return found


def _refusal(argument: str, why: str) -> InputError:
    return InputError(
        f"{argument} cannot be handed to JAX, on which wane trains, since {why}: give one of "
        f"scikit-learn's own with plain parameters, or start Python anew with KERAS_BACKEND=jax."
    )


def _names(kind: type) -> list[str]:
    parameters = inspect.signature(kind).parameters.values()
    return [one.name for one in parameters if one.kind not in (one.VAR_KEYWORD, one.VAR_POSITIONAL)]


def _is_drawn_anew(parameters: Mapping[str, Any]) -> bool:
    """Whether a splitter with these parameters draws, without a seed."""
    drawn = "random_state" in parameters and parameters.get("shuffle", True)
    return bool(drawn and parameters["random_state"] is None)


def _parameter(value: Any, name: str) -> Any:
    """A parameter, which repeated splitters keep for those that they repeat."""
    return getattr(value, "cvargs", {}).get(name, getattr(value, name, None))


def _written(value: Any, argument: str) -> Any:
    if isinstance(value, np.generic):
        value = value.item()
    if value is None or isinstance(value, bool | int | float | str):
        return value
    if isinstance(value, list | tuple):
        kind = "list" if isinstance(value, list) else "tuple"
        return {kind: [_written(one, argument) for one in value]}
    if hasattr(value, "get_params") and not isinstance(value, type):
        return {"object": object_document(value, argument)}
    raise TypeError


def _read(value: Any) -> Any:
    match value:
        case {"list": parts}:
            return [_read(one) for one in parts]
        case {"tuple": parts}:
            return tuple(_read(one) for one in parts)
        case {"object": document}:
            return object_of(document)
    return value
