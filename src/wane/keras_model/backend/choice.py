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


def _configured() -> str | None:
    """The backend that ``keras.json`` names, unless Keras wrote it there by itself."""
    try:
        home = Path(os.environ.get("KERAS_HOME") or Path.home() / ".keras")
        config = json.loads((home / "keras.json").read_text(encoding="utf-8"))
        backend = config.get("backend", _WRITTEN_BY_KERAS)
    except (OSError, ValueError, AttributeError, RuntimeError):
        return None  # no file, one that Keras cannot read either, or no home directory
    return str(backend) if backend and backend != _WRITTEN_BY_KERAS else None


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


def use_jax() -> str | None:
    """Run Keras on JAX in a process of wane's own, whatever backend the user has chosen.

    Returns:
        The backend that the user has chosen, if it is another one.

    Raises:
        InputError: if Keras has been imported with another backend, or cannot start on JAX.
    """
    chosen = os.environ.get("KERAS_BACKEND") or _configured()
    if "keras" not in sys.modules:
        os.environ["KERAS_BACKEND"] = "jax"
        start_keras()
    require_jax()
    return chosen if chosen and chosen != "jax" else None


def backend_name() -> str:
    """The backend that Keras runs on."""
    import keras

    return str(keras.config.backend())


def runs_on_jax() -> bool:
    """Whether Keras runs on JAX, the only backend on which wane trains."""
    return backend_name() == "jax"


def require_jax() -> None:
    """Check that Keras runs on JAX.

    Raises:
        InputError: if Keras was imported with another backend.
    """
    if not runs_on_jax():
        raise InputError(
            f"This trains on Keras's JAX backend, but Keras runs on {backend_name()!r}, from which "
            f"wane.Study alone hands over to JAX: start Python anew with KERAS_BACKEND=jax."
        )
