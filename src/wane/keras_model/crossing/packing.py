"""Compiled models as bytes for another process on JAX, with the classes and functions they need."""

import tempfile
from collections.abc import Mapping
from pathlib import Path
from typing import Any

import keras

from wane._errors import InputError, joined, one_line
from wane.keras_model.bridge.model_checks import check_compiled
from wane.keras_model.copies import named_parts, why_not_made
from wane.keras_model.crossing.models import lost_in_a_file, read_model
from wane.keras_model.random_state import random_states_kept

_FILE = "model.keras"


def packed_model(model: keras.Model) -> tuple[bytes, dict[str, Any]]:
    """A compiled model as the bytes of a ``.keras`` file, and the code of the user's own in it.

    Args:
        model: the model; it stays as it is.

    Returns:
        The bytes, and classes and functions that are not Keras's by name.

    Raises:
        InputError: naming what of the model such a file does not hold.
    """
    check_compiled(model)
    with tempfile.TemporaryDirectory() as folder:
        path = Path(folder) / _FILE
        try:
            with random_states_kept():
                model.save(path)
                lost = lost_in_a_file(read_model(path, _own_code(model)), model)
        except Exception as error:
            what = one_line(error).replace(str(path), _FILE).rstrip(".")
            if not isinstance(error, InputError):
                what = why_not_made(model, error).rstrip(".")
            raise _refusal(model, f"it cannot be saved to a .keras file ({what})") from error
        if lost:
            raise _refusal(model, f"a .keras file does not hold {joined(lost)}")
        return path.read_bytes(), _own_code(model)


def unpacked_model(content: bytes, code: Mapping[str, Any]) -> keras.Model:
    """The model that :func:`packed_model` packed."""
    with tempfile.TemporaryDirectory() as folder:
        path = Path(folder) / _FILE
        path.write_bytes(content)
        return read_model(path, code)


def _own_code(model: keras.Model) -> dict[str, Any]:
    """Classes and functions of a model that are not Keras's own, by the names it has them by."""
    own = {n: p for n, p in named_parts(model).items() if p.__module__.partition(".")[0] != "keras"}
    return own | {keras.saving.get_registered_name(part): part for part in own.values()}


def _refusal(model: keras.Model, what: str) -> InputError:
    return InputError(
        f"The model {model.name!r} cannot be handed to the workers of a cluster, since {what}: "
        f"give a function that returns it compiled, or train it here, without ray (--ray)."
    )
