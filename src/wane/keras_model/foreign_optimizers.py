"""Optimizers that are a class of another backend, and Keras's own in their place.

A model that is saved under torch names its optimizer so, and where torch is installed Keras loads
it so on any backend, on which its steps fail.
"""

import re
import weakref
from collections.abc import Iterable, Iterator
from typing import Any

import keras

_OF_A_BACKEND = re.compile(r"keras\.src\.backend\.(\w+)\.optimizers\.")
"""The modules of optimizers that work on one backend alone, of which the class has Keras's name."""

_saved_by: "weakref.WeakKeyDictionary[Any, str]" = weakref.WeakKeyDictionary()
"""For optimizers of loaded models that were another backend's in the file: which one's."""


def foreign_classes(compiled: Any) -> dict[str, str]:
    """The backend of each optimizer that works on another backend alone, by its class.

    Args:
        compiled: the configuration by which a model is compiled.
    """
    found = {}
    for module, name in _classes(compiled):
        backend = _backend_of(module)
        if backend and hasattr(keras.optimizers, name):
            found[name] = backend
    return found


def note_origin(model: keras.Model, backends: Iterable[str]) -> None:
    """Note that a model's optimizer was one of these backends', if there are any."""
    for backend in backends:
        if getattr(model, "optimizer", None) is not None:
            _saved_by[model.optimizer] = backend


def forget_origin(model: keras.Model) -> None:
    """Note nothing of the backend whose class a model's optimizer was."""
    if getattr(model, "optimizer", None) is not None:
        _saved_by.pop(model.optimizer, None)


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


def own_classes(names: Iterable[str]) -> dict[str, Any]:
    """Keras's own optimizers of these names."""
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
    return {kind.__name__: kind for kind in kinds} | own_classes(foreign)


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
