"""Models in ``.keras`` files, loaded without running code of theirs."""

import json
import re
import warnings
import zipfile
from collections.abc import Mapping
from pathlib import Path
from typing import Any

import keras

from wane._archives import check_unpacked_size
from wane._errors import InputError, one_line
from wane.keras_model.foreign_optimizers import foreign_classes, note_origin, own_classes

LARGEST_RATIO = 20
"""What the parts of a file may take unpacked, in sizes of the file; Keras packs none."""
_MISSING = re.compile(
    r"Could not locate (class|function) '([^']*)'|Cannot deserialize object of type `([^`]*)`"
)
_HDF5 = b"\x89HDF\r\n\x1a\n"


def load_model(path: Path, known: Mapping[str, Any] | None = None) -> keras.Model:
    """The model in a ``.keras`` file, compiled if it was.

    Code inside the file, such as that of a Lambda layer, is never run. An optimizer that is saved
    as a class of another backend is made of Keras's own class; :func:`optimizer_remark` says so.

    Args:
        path: of the file.
        known: classes and functions of the user's own by name.

    Raises:
        InputError: if there is no such file, or it cannot be loaded without running such code.
    """
    _check_kind(path)
    try:
        advice = "save the model anew with model.save('model.keras')"
        check_unpacked_size(path, ratio=LARGEST_RATIO, advice=advice)
        foreign = foreign_classes(_part(path, "config.json").get("compile_config"))
        named = {**(known or {}), **own_classes(foreign)}  # an inner scope replaces an outer one
        with warnings.catch_warnings(), keras.saving.custom_object_scope(named):
            # The optimizer of a model that was never trained has no state in the file.
            warnings.filterwarnings("ignore", "Skipping variable loading for optimizer")
            model = keras.saving.load_model(path, safe_mode=True)
    except InputError:
        raise
    except Exception as error:
        raise _refusal(path, error) from error
    note_origin(model, foreign.values())
    return model


def _check_kind(path: Path) -> None:
    """Check that this is a file of the right kind, and say how to make one of it."""
    if (path / "saved_model.pb").is_file():
        raise InputError(
            f"{path} is a SavedModel of TensorFlow, which Keras 3 does not load as a model: load "
            f"it with the tf.keras that saved it, save the model there with "
            f"model.save('model.h5'), and {_converting('model.h5')}."
        )
    if not path.is_file():
        raise InputError(f"There is no file {str(path)!r}; give the path of a .keras file.")
    with path.open("rb") as file:
        hdf5 = file.read(len(_HDF5)) == _HDF5
    if hdf5 and ".weights" in path.suffixes:
        raise InputError(
            f"{path} holds weights and no model: make the model in Python, call "
            f"model.load_weights({path.name!r}) and model.compile(...), and save it with "
            f"model.save('model.keras')."
        )
    if hdf5:
        raise InputError(f"{path} is an HDF5 file and no .keras file: {_converting(path.name)}.")
    if path.suffix != ".keras" or not zipfile.is_zipfile(path):
        raise InputError(
            f"{path} is no .keras file: save the model with model.save('model.keras')."
        )


def _refusal(path: Path, error: Exception) -> InputError:
    """The error on a file that Keras does not load."""
    text = str(error)
    if "safe_mode" in text or "unsafe" in text:
        return InputError(
            f"{path} is refused, since loading it would run code that it contains, such as a "
            f"Lambda layer's: if you trust it, load it in Python with "
            f"keras.saving.load_model(path, safe_mode=False) and give wane the model."
        )
    version = str(_part(path, "metadata.json").get("keras_version", ""))
    if version.startswith("2."):
        return InputError(
            f"{path} was saved by Keras {version[:20]} (tf.keras) in a form that Keras 3 does not "
            f"read: save the model there with model.save('model.h5'), and "
            f"{_converting('model.h5')}."
        )
    prepares = re.search(r"Layer (\w+) requires TensorFlow", text)
    if prepares:
        return InputError(
            f"{path} cannot be loaded, since its layer {prepares[1]} needs TensorFlow, which is "
            f"not installed: leave the layer out of the model, and give wane what it makes."
        )
    missing = _MISSING.search(text)
    if missing:
        kind, name = ("class", missing[3]) if missing[3] else missing.group(1, 2)
        return InputError(
            f"{path} cannot be loaded, since it has the {kind} {name[:100]!r}, which is not "
            f"Keras's own: load it in Python where that is defined and give wane the model."
        )
    # Of a part inside another one Keras tells that one's whole configuration, and the cause last.
    cause = one_line(Exception(text.rpartition("Exception encountered: ")[2] or text))
    return InputError(
        f"{path} cannot be loaded ({cause.rstrip('.')}): if it has layers or losses of your own, "
        f"load it in Python where they are defined and give wane the model."
    )


def _converting(name: str) -> str:
    """What to write in Python to make a ``.keras`` file of an HDF5 file of this name."""
    stem, _, suffix = name.rpartition(".")
    renamed = "" if suffix in ("h5", "hdf5") else f"rename it to {stem + '.h5'!r}, and "
    # Without compile=False Keras looks for a loss such as "mse" by a name that it lacks.
    return (
        f"{renamed}write it anew in Keras 3 with "
        f"model = keras.saving.load_model({stem + '.h5' if renamed else name!r}, compile=False); "
        f"model.compile(optimizer=..., loss=...); model.save({stem + '.keras'!r})"
    )


def _part(path: Path, name: str) -> dict[str, Any]:
    """A part of a ``.keras`` file that is JSON; empty if it has none."""
    try:
        with zipfile.ZipFile(path) as archive:
            found = json.loads(archive.read(name))
    except (KeyError, OSError, ValueError, RecursionError, zipfile.BadZipFile):
        return {}  # Keras says what is wrong with it
    return found if isinstance(found, dict) else {}
