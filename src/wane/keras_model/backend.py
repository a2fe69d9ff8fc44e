"""Which backend Keras runs on: chosen before Keras is first imported, checked before training."""

import json
import os
import sys
from pathlib import Path

from wane._errors import InputError

_WRITTEN_BY_KERAS = "tensorflow"
"""What Keras itself writes into a new ``keras.json``; finding it there is no choice of the user."""


def choose_backend() -> None:
    """Make JAX the backend of Keras unless the user has chosen one.

    A choice is the environment variable ``KERAS_BACKEND``, a ``keras.json`` that names another
    backend than the one Keras writes there unasked, or Keras having been imported before.
    """
    if os.environ.get("KERAS_BACKEND") or "keras" in sys.modules or _configured():
        return
    os.environ["KERAS_BACKEND"] = "jax"


def _configured() -> bool:
    """Whether ``keras.json`` names a backend that Keras did not write there by itself."""
    try:
        home = Path(os.environ.get("KERAS_HOME") or Path.home() / ".keras")
        config = json.loads((home / "keras.json").read_text(encoding="utf-8"))
        backend = config.get("backend", _WRITTEN_BY_KERAS)
    except (OSError, ValueError, AttributeError, RuntimeError):
        return False  # no file, one that Keras cannot read either, or no home directory
    return bool(backend != _WRITTEN_BY_KERAS)


def start_keras() -> None:
    """Import Keras, on whatever backend is chosen.

    Raises:
        InputError: if it cannot start.
    """
    try:
        import keras  # noqa: F401 # only to see whether it can be
    except (ImportError, ValueError) as error:
        raise InputError(
            f"Keras cannot start on the backend that KERAS_BACKEND or keras.json names ({error}): "
            f"set the environment variable KERAS_BACKEND to jax, tensorflow or torch."
        ) from error


def require_jax() -> None:
    """Check that Keras runs on JAX, the only backend on which wane trains.

    Raises:
        InputError: if Keras was imported with another backend.
    """
    import keras

    backend = keras.config.backend()
    if backend != "jax":
        raise InputError(
            f"wane trains on Keras's JAX backend, but Keras runs on {backend!r}: start Python "
            f"anew with the environment variable KERAS_BACKEND=jax."
        )
