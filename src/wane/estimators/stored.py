"""Trained models as bytes in Keras's own format, for pickles."""

import tempfile
from pathlib import Path

from wane.keras_model.copies import Model
from wane.keras_model.editing.loading import load_model

_NAME = "model.keras"


def model_bytes(model: Model) -> bytes:
    """What a ``.keras`` file of the model holds."""
    with tempfile.TemporaryDirectory() as folder:
        path = Path(folder) / _NAME
        model.save(path)
        return path.read_bytes()


def model_of(stored: bytes) -> Model:
    """The model in such bytes, loaded in Keras's safe mode: code among them is never run.

    Raises:
        InputError: if it cannot be loaded so.
    """
    with tempfile.TemporaryDirectory() as folder:
        path = Path(folder) / _NAME
        path.write_bytes(stored)
        return load_model(path)
