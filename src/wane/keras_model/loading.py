"""Models in ``.keras`` files, loaded without running code of theirs."""

import json
import re
import warnings
import weakref
import zipfile
from collections.abc import Iterator
from pathlib import Path
from typing import Any

import keras

from wane._archives import check_unpacked_size
from wane._errors import InputError, one_line

LARGEST_RATIO = 20
"""What the parts of a file may take unpacked, in sizes of the file; Keras packs none."""
_OF_A_BACKEND = re.compile(r"keras\.src\.backend\.(\w+)\.optimizers\.")
"""The modules of optimizers that work on one backend alone, of which the class has Keras's name."""
_MISSING = re.compile(
    r"Could not locate (class|function) '([^']*)'|Cannot deserialize object of type `([^`]*)`"
)
_HDF5 = b"\x89HDF\r\n\x1a\n"

_saved_by: "weakref.WeakKeyDictionary[Any, str]" = weakref.WeakKeyDictionary()
"""For optimizers of loaded models that were another backend's in the file: which one's."""


def load_model(path: Path) -> keras.Model:
    """The model in a ``.keras`` file, compiled if it was.

    Code inside the file, such as that of a Lambda layer, is never run. An optimizer that is saved
    as a class of another backend is made of Keras's own class; :func:`optimizer_remark` says so.

    Raises:
        InputError: if there is no such file, or it cannot be loaded without running such code.
    """
    _check_kind(path)
    try:
        advice = "save the model anew with model.save('model.keras')"
        check_unpacked_size(path, ratio=LARGEST_RATIO, advice=advice)
        foreign = _foreign_optimizers(path)
        with warnings.catch_warnings(), keras.saving.custom_object_scope(_own_classes(foreign)):
            # The optimizer of a model that was never trained has no state in the file.
            warnings.filterwarnings("ignore", "Skipping variable loading for optimizer")
            model = keras.saving.load_model(path, safe_mode=True)
    except InputError:
        raise
    except Exception as error:
        raise _refusal(path, error) from error
    if foreign and getattr(model, "optimizer", None) is not None:
        _saved_by[model.optimizer] = next(iter(foreign.values()))
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


def _foreign_optimizers(path: Path) -> dict[str, str]:
    """The backend of each optimizer in a file that works on another backend alone, by its class."""
    compiled = _part(path, "config.json").get("compile_config")
    found = {}
    for module, name in _classes(compiled):
        backend = _backend_of(module)
        if backend and hasattr(keras.optimizers, name):
            found[name] = backend
    return found


def _classes(config: Any) -> Iterator[tuple[str, str]]:
    """Module and name of every class that a configuration names."""
    if isinstance(config, dict):
        if isinstance(config.get("class_name"), str):
            yield str(config.get("module")), config["class_name"]
        config = list(config.values())
    if isinstance(config, list):
        for part in config:
            yield from _classes(part)


def _backend_of(module: str) -> str | None:
    """The backend of an optimizer's module, if it is another one than Keras runs on."""
    found = _OF_A_BACKEND.match(module)
    return found[1] if found and found[1] != keras.config.backend() else None


def _own_classes(names: Any) -> dict[str, Any]:
    return {name: getattr(keras.optimizers, name) for name in names}


def optimizers_of(optimizer: Any) -> list[Any]:
    """The optimizer and those that it wraps."""
    if isinstance(optimizer, keras.optimizers.LossScaleOptimizer):
        return [optimizer, *optimizers_of(optimizer.inner_optimizer)]
    return [optimizer, *getattr(optimizer, "optimizers", [])]  # those of a MultiOptimizer


def optimizer_classes(optimizer: Any) -> dict[str, Any]:
    """The class of each of these optimizers by its name, as it works on this backend.

    Where torch is installed, Keras loads what was saved under torch as classes of that backend,
    whose steps fail on any other.
    """
    kinds = [] if optimizer is None else [type(one) for one in optimizers_of(optimizer)]
    foreign = {kind.__name__ for kind in kinds if _backend_of(kind.__module__)}
    return {kind.__name__: kind for kind in kinds} | _own_classes(foreign)


def _origin(optimizer: Any) -> str | None:
    """The backend whose class a model's optimizer was, if it is another one."""
    if optimizer is None:
        return None
    backends = [_backend_of(type(one).__module__) for one in optimizers_of(optimizer)]
    return _saved_by.get(optimizer) or next(filter(None, backends), None)


def keep_origin(twin: keras.Model, model: keras.Model) -> None:
    """Let a copy of a model know, too, that its optimizer was another backend's."""
    backend = _origin(model.optimizer)
    if backend is not None:
        _saved_by[twin.optimizer] = backend


def optimizer_remark(model: keras.Model) -> str:
    """That a model's optimizer was another backend's and is made anew on this one; or nothing."""
    optimizer = getattr(model, "optimizer", None)
    backend = _origin(optimizer)
    if backend is None:
        return ""
    return (
        f"The optimizer of the model {model.name!r} was saved as a class of the backend "
        f"{backend}: it is made anew as Keras's {type(optimizer).__name__} on "
        f"{keras.config.backend()}, with the same settings."
    )
