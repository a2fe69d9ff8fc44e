"""The parts of a model that hold code, watched while they work, and what they cannot do.

Where something goes wrong inside a network, the user wants to know in which layer, loss or metric.
Each part's method is replaced on the instance for the time of one call, so that the innermost part
sees its own error before Keras rewrites it.
"""

import contextlib
import functools
from collections.abc import Callable, Iterator
from typing import Any, NamedTuple

import jax
import keras
from jax import errors

from wane._errors import one_line


class Part(NamedTuple):
    """Something of a model that computes.

    Attributes:
        label: what to call it in a message, such as ``"layer 'hidden'"``.
        owner: the Keras object.
        method: the name of the method that computes.
    """

    label: str
    owner: Any
    method: str


Watch = Callable[[Part, Callable[..., Any], tuple[Any, ...], dict[str, Any]], Any]
"""Called in place of a part's method with (part, method, args, kwargs); gives what it gives."""


def model_parts(model: keras.Model) -> list[Part]:
    """The layers of a model, however deep, the operations between them, and the model itself."""
    parts: dict[int, Part] = {}
    for layer in model._flatten_layers():
        kind = "model" if isinstance(layer, keras.Model) else "layer"
        parts[id(layer)] = Part(f"{kind} {layer.name!r}", layer, "call")
    for layer in list(parts.values()):
        graph = layer.owner
        if isinstance(graph, keras.Sequential) or not isinstance(graph, keras.Model):
            continue
        for operation in getattr(graph, "operations", ()):  # only a graph of layers has any
            parts.setdefault(
                id(operation), Part(f"operation {operation.name!r}", operation, "call")
            )
    return list(parts.values())


def loss_parts(model: keras.Model) -> list[Part]:
    """The losses of a compiled model, one for each output that has one."""
    losses = [entry.loss for entry in model._compile_loss._flat_losses or ()]
    return [Part(f"loss {loss.name}", loss, "call") for loss in losses]


def metric_parts(metrics: Any) -> list[Part]:
    """What each metric does with rows and with its state."""
    return [
        Part(f"metric {metric.name!r}", metric, method)
        for metric in metrics
        for method in ("update_state", "result")
    ]


@contextlib.contextmanager
def watched(parts: list[Part], watch: Watch) -> Iterator[None]:
    """Let ``watch`` stand in for the methods of these parts until the block ends."""
    before = [vars(part.owner).get(part.method) for part in parts]
    for part in parts:
        method = getattr(part.owner, part.method)
        stand_in = functools.wraps(method)(_stand_in(part, method, watch))
        vars(part.owner)[part.method] = stand_in  # past Keras, which tracks what is assigned
    try:
        yield
    finally:
        for part, method in zip(parts, before, strict=True):
            del vars(part.owner)[part.method]
            if method is not None:
                vars(part.owner)[part.method] = method


def _stand_in(part: Part, method: Callable[..., Any], watch: Watch) -> Callable[..., Any]:
    def call(*args: Any, **kwargs: Any) -> Any:
        return watch(part, method, args, kwargs)

    return call


def failing(parts: list[Part], attempt: Callable[[], Any]) -> tuple[Part, Exception] | None:
    """The innermost part in which this attempt fails, with its own error; None if in none."""
    found: list[tuple[Part, Exception]] = []

    def watch(part: Part, method: Any, args: Any, kwargs: Any) -> Any:
        try:
            return method(*args, **kwargs)
        except Exception as error:
            found.append((part, error))
            raise

    with watched(parts, watch), contextlib.suppress(Exception):  # it is what `found` holds
        attempt()
    return found[0] if found else None


_TAKES_OUT = ("`float` function", "`int` function", "`complex` function", "tolist()", "item()")


def untraceable(label: str, error: Exception) -> str | None:
    """One sentence on a part that cannot be compiled, or None if this is another error."""
    text = str(error)
    if isinstance(error, errors.TracerBoolConversionError):
        return (
            f"The {label} decides by the value of a tensor (if, while, and, or), which a compiled "
            f"program cannot do: choose with keras.ops.where or keras.ops.cond."
        )
    taken_out = isinstance(error, errors.ConcretizationTypeError) and any(
        name in text for name in _TAKES_OUT
    )
    asks_numpy = isinstance(error, AttributeError) and text.endswith("no attribute 'numpy'")
    asks_numpy |= isinstance(error, AttributeError) and text.endswith("no attribute numpy")
    kinds = (errors.TracerArrayConversionError, errors.TracerIntegerConversionError)
    if taken_out or asks_numpy or isinstance(error, kinds):
        return (
            f"The {label} takes the values of a tensor into Python (by float, int, numpy, NumPy or "
            f"scikit-learn), which a compiled program cannot do: write it with keras.ops."
        )
    shaped = isinstance(error, errors.NonConcreteBooleanIndexError | errors.ConcretizationTypeError)
    if shaped or "Shapes must be 1D sequences of concrete values" in text:
        return (
            f"The {label} makes a tensor whose shape depends on values (by a boolean mask, "
            f"nonzero, unique or the like), which a compiled program cannot do: keep the shape "
            f"fixed, as keras.ops.where(condition, x, 0) does."
        )
    if isinstance(error, errors.UnexpectedTracerError):
        return keeps_a_tensor(label)
    if text.startswith("[JAX RNG]"):  # Keras's words
        return (
            f"The {label} draws random numbers without a seed of its own, which a compiled program "
            f"would do only once: give keras.random a keras.random.SeedGenerator made in it."
        )
    return None


def keeps_a_tensor(label: str) -> str:
    """One sentence on a part that reads in one call what an earlier one left behind."""
    return (
        f"The {label} keeps a tensor in Python from one call to the next, which a compiled program "
        f"cannot do: keep it in a variable made by add_weight(trainable=False)."
    )


def failure(label: str, error: Exception) -> str:
    """One sentence on a part that fails, whether it is one that cannot be compiled or not."""
    return untraceable(label, error) or f"The {label} fails: {one_line(error)}"


def is_of_keras(part: Any) -> bool:
    """Whether the class of this is one of Keras's own."""
    return type(part).__module__.partition(".")[0] == "keras"


def is_traced(values: Any) -> bool:
    """Whether any of these is a tensor without a value, as in a loop or under ``jit``."""
    return any(isinstance(leaf, jax.core.Tracer) for leaf in jax.tree.leaves(values))
