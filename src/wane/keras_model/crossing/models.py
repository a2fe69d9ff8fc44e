"""Models written to files from which another backend makes the same ones.

A ``.keras`` file holds configurations and values. What is only in this process, as a function of
the user's own or what was set on a variable, would be lost, and is refused.
"""

import inspect
from collections.abc import Mapping
from pathlib import Path
from typing import Any

import keras
import numpy as np

from wane._errors import InputError, joined, listed, one_line
from wane.keras_model.bridge.model_checks import check_compiled
from wane.keras_model.copies import ModelSource, is_model, own_parts
from wane.keras_model.editing.loading import load_model
from wane.keras_model.foreign_optimizers import forget_origin
from wane.keras_model.random_state import random_states_kept
from wane.keras_model.regularizers import present
from wane.keras_model.weight_decay import is_excluded
from wane.keras_model.weights import aligned

_OF_ONE_BACKEND = ("TFSMLayer", "TorchModuleWrapper", "JaxLayer", "FlaxLayer")
"""Layers of Keras's own that hold code of one backend."""
_ANEW = "start Python anew with KERAS_BACKEND=jax, where"
_TAKES_IT = f"{_ANEW} it may stay as it is."
_TAKES_A_FUNCTION = f"{_ANEW} a function that returns it may be given in its place."


def write_model(source: ModelSource, path: Path) -> None:
    """Write a compiled model to a ``.keras`` file from which any backend makes the same one.

    Args:
        source: the model; a function that returns one is refused.
        path: of the file, which must not be there.

    Raises:
        InputError: naming what of the model such a file does not hold.
    """
    if not is_model(source) and callable(source):
        raise InputError(
            f"A function that makes models cannot be handed from the backend "
            f"{keras.config.backend()!r} to JAX, on which wane trains: give the compiled model "
            f"itself, or {_TAKES_IT}"
        )
    check_compiled(source)
    assert isinstance(source, keras.Model)
    lost = _of_one_process(source)
    if not lost:
        try:
            with random_states_kept():
                source.save(path)
                lost = lost_in_a_file(load_model(path), source)
        except Exception as error:
            raise _refusal(source, f"it cannot be saved as one ({_reason(error, path)})") from error
    if lost:
        raise _refusal(source, f"a .keras file does not hold {joined(lost)}")


def read_model(path: Path, known: Mapping[str, Any] | None = None) -> keras.Model:
    """The model in such a file, on this process's backend, compiled as this backend does it.

    Args:
        path: of the file.
        known: classes and functions of the user's own by name.

    Raises:
        InputError: if it cannot be loaded here.
    """
    model = load_model(path, known)
    forget_origin(model)  # of the user's own backend it is not worth a note
    compiled = getattr(model, "_compile_config", None)
    if compiled is not None and not compiled.config.get("run_eagerly"):
        # What the other backend found good is no choice of the user's.
        model.jit_compile = model._resolve_auto_jit_compile()
    return model


def _refusal(model: keras.Model, what: str) -> InputError:
    has_lambda = any(getattr(one, "__name__", "") == "<lambda>" for one in own_parts(model))
    return InputError(
        f"The model {model.name!r} cannot be handed from the backend {keras.config.backend()!r} to "
        f"JAX, on which wane trains, since {what}: make it of Keras's own layers and functions, or "
        f"{_TAKES_A_FUNCTION if has_lambda else _TAKES_IT}"
    )


def _reason(error: Exception, path: Path) -> str:
    return one_line(error).replace(str(path), path.name).rstrip(".")


def _of_one_process(model: keras.Model) -> list[str]:
    """What of a model is code of the user's own, or of one backend, in words."""
    of_backend, of_user, functions = [], [], []
    layers = model._flatten_layers()
    known = [one.function for one in layers if isinstance(one, keras.layers.Lambda)]
    for layer in layers:
        kind = type(layer)
        if kind.__name__ in _OF_ONE_BACKEND:
            of_backend.append(layer.name)
        elif not _is_keras(kind) or isinstance(layer, keras.layers.Lambda):
            of_user.append(layer.name)
    for part in own_parts(model):
        named = part if inspect.isfunction(part) or inspect.isclass(part) else type(part)
        if any(part is one for one in known) or isinstance(part, keras.layers.Layer):
            continue  # told of by its name
        if not _is_keras(named):
            functions.append("a lambda" if named.__name__ == "<lambda>" else named.__name__)
    found = []
    if of_backend:
        found.append(f"the layers of one backend {listed(of_backend)}")
    if code := [*([listed(of_user)] if of_user else []), *dict.fromkeys(functions)]:
        found.append(f"the code of {joined(code)}, which is not Keras's own")
    return found


def _is_keras(named: Any) -> bool:
    """Whether a class or function is Keras's own, or a plain value's."""
    module = str(getattr(named, "__module__", None)).partition(".")[0]
    return module in ("keras", "builtins", "wane")


def lost_in_a_file(twin: keras.Model, model: keras.Model) -> list[str]:
    """What a model lacks that was read back from the file of another one, in words."""
    found = []
    pairs = aligned(twin, model)
    for what, of in (("trainable", bool), ("constraint", _shown), ("regularizer", _regularizer)):
        different = [
            theirs.path
            for mine, theirs in pairs
            if of(getattr(mine, what)) != of(getattr(theirs, what))
        ]
        if different:
            found.append(f"what was set as {what} on {listed(different)}")
    mine, theirs = (_loss_arguments(one) for one in (twin, model))
    if mine != theirs:
        found.append("all arguments of its loss")
    excluded = [_excluded(one) for one in (twin, model)]
    if excluded[0] != excluded[1]:
        found.append("which weights its optimizer excludes from weight decay")
    # Random states are drawn anew for each run.
    weights = [pair for pair in pairs if pair[0].name != "seed_generator_state"]
    if not all(_equal(mine, theirs) for mine, theirs in weights):
        found.append("all values of its weights")
    return found


def _regularizer(regularizer: Any) -> str:
    return _shown(present(regularizer))


def _shown(part: Any) -> str:
    return "" if part is None else f"{type(part).__name__}{part.get_config()}"


def _loss_arguments(model: keras.Model) -> list[str]:
    """The arguments of each loss, of which the configuration lacks some."""
    loss = getattr(model, "_compile_loss", None)
    flat = [] if loss is None else keras.tree.flatten(loss._user_loss)
    return [str(getattr(one, "_fn_kwargs", "")) for one in flat]


def _excluded(model: keras.Model) -> list[bool]:
    optimizer = getattr(model, "optimizer", None)
    if optimizer is None:
        return []
    return [is_excluded(optimizer, variable) for variable in model.trainable_variables]


def _equal(mine: Any, theirs: Any) -> bool:
    mine, theirs = (np.asarray(keras.ops.convert_to_numpy(one.value)) for one in (mine, theirs))
    return np.array_equal(mine, theirs)
