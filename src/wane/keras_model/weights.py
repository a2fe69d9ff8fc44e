"""Every weight of a model: the layer that owns it, its role, and whether a penalty targets it."""

import dataclasses
import fnmatch
from collections.abc import Iterator
from typing import Any

from wane._errors import InputError, listed
from wane.penalties import Penalty

_ROLE_BY_NAME = {
    "kernel": "kernel",
    "depthwise_kernel": "kernel",
    "pointwise_kernel": "kernel",
    "recurrent_kernel": "recurrent",
    "bias": "bias",
}


@dataclasses.dataclass(frozen=True)
class Weight:
    """One trainable weight of a model.

    Attributes:
        index: its place in ``model.trainable_variables``.
        layer: the name of the layer that owns it; nested models give ``"outer/inner"``.
        role: ``"kernel"``, ``"recurrent"``, ``"bias"``, or None for any other (normalization
            parameters, embeddings).
        owner: the Keras layer that owns the variable.
        variable: the Keras variable.
    """

    index: int
    layer: str
    role: str | None
    owner: Any
    variable: Any


def owned_variables(model: Any) -> Iterator[tuple[str, Any, Any]]:
    """Each variable of a model once, as (name of the owning layer, owning layer, variable)."""
    yield from _owned(model, "", set())


def _owned(layer: Any, prefix: str, seen: set[int]) -> Iterator[tuple[str, Any, Any]]:
    # Keras offers no public way from a variable to its layer: `_layers` are a layer's direct
    # sublayers, and the two lists are the variables that it created itself.
    seeds = [generator.state for generator in layer._seed_generators]
    for variable in [*layer._trainable_variables, *layer._non_trainable_variables, *seeds]:
        if id(variable) not in seen:
            seen.add(id(variable))
            yield prefix or layer.name, layer, variable
    for sublayer in layer._layers:
        name = f"{prefix}/{sublayer.name}" if prefix else sublayer.name
        yield from _owned(sublayer, name, seen)


def trainable_weights(model: Any) -> tuple[Weight, ...]:
    """The trainable weights of a built model, in the order of ``model.trainable_variables``."""
    owners = {id(variable): (name, owner) for name, owner, variable in owned_variables(model)}
    weights = []
    for index, variable in enumerate(model.trainable_variables):
        layer, owner = owners[id(variable)]
        role = _ROLE_BY_NAME.get(variable.name)
        weights.append(Weight(index, layer, role, owner, variable))
    return tuple(weights)


def targeted(model: Any, penalty: Penalty) -> tuple[Weight, ...]:
    """The weights of a model on which a penalty acts.

    Raises:
        InputError: if there is none, naming the layers that there are.
    """
    weights = trainable_weights(model)
    outputs = _output_owners(model)
    hits = tuple(w for w in weights if w.role in penalty.on and _on_layer(w, penalty, outputs))
    if not hits:
        layers = dict.fromkeys(weight.layer for weight in weights if weight.role)
        raise InputError(
            f"No trainable weight matches layers={penalty.layers!r} and on={'+'.join(penalty.on)!r}"
            f" of {penalty}; the model has the layers {listed(layers)}, and layers takes 'all', "
            f"'hidden', 'output' or a glob on those names."
        )
    return hits


def _on_layer(weight: Weight, penalty: Penalty, outputs: set[int]) -> bool:
    if penalty.layers == "all":
        return True
    # A layer that is itself named "hidden" or "output" is meant by its place like any other, so
    # that the words keep one meaning.
    if penalty.layers == "output":
        return id(weight.owner) in outputs
    if penalty.layers == "hidden":
        return id(weight.owner) not in outputs
    names = (weight.layer, weight.owner.name)
    return any(fnmatch.fnmatchcase(name, penalty.layers) for name in names)


def _output_owners(model: Any) -> set[int]:
    """The ids of the layers with a kernel that give the model's outputs.

    In a graph of layers these are the first ones met on the way back from each output; in a model
    without a graph, the last one with a kernel.
    """
    kernels = [id(w.owner) for w in trainable_weights(model) if w.role in ("kernel", "recurrent")]
    graph = getattr(model, "_functional", None) or model  # a Sequential model keeps its graph there
    if not hasattr(graph, "operations") or not kernels:
        return set(kernels[-1:])
    import keras

    found: set[int] = set()
    tensors = list(keras.tree.flatten(graph.outputs))
    while tensors:
        layer, node, _ = tensors.pop()._keras_history
        # A node of the graph may be a mere operation, such as an indexing, that holds nothing.
        parts = layer._flatten_layers() if isinstance(layer, keras.layers.Layer) else ()
        held = [id(sub) for sub in parts if id(sub) in kernels]
        if isinstance(layer, keras.Model) and held:
            found |= _output_owners(layer)
        elif held:
            found.update(held)
        elif layer._inbound_nodes:
            tensors.extend(layer._inbound_nodes[node].input_tensors)
    return found
