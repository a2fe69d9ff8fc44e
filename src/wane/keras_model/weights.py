"""Every weight of a model: the layer that owns it, its role, and whether a penalty targets it."""

import collections
import dataclasses
import fnmatch
from collections.abc import Iterable, Iterator, Sequence
from typing import Any

import keras

from wane._errors import InputError, joined, listed
from wane.penalties import Penalty

_LISTED = 8
"""The most weights that a sentence lists."""
PLACES = ("all", "hidden", "output")
"""The words for layers by their place in the model; any other is a glob on their names."""

_ROLE_BY_NAME = {
    "kernel": "kernel",
    "depthwise_kernel": "kernel",
    "pointwise_kernel": "kernel",
    "recurrent_kernel": "recurrent",
    "bias": "bias",
    "embeddings": "embedding",
    "reverse_embeddings": "embedding",
    # The factors of LoRA stand in for the frozen weight, as Keras's own regularizers take them.
    "lora_kernel_a": "kernel",
    "lora_kernel_b": "kernel",
    "lora_embeddings_a": "embedding",
    "lora_embeddings_b": "embedding",
}
_ROLE_BY_WORD = {
    "kernel": "kernel", "recurrent": "recurrent", "embed": "embedding", "bias": "bias"
}  # fmt: skip
"""Words in the names of weights of other layers; the last one says what the weight is."""


@dataclasses.dataclass(frozen=True)
class Weight:
    """One weight of a model.

    Attributes:
        index: its place in ``model.trainable_variables``, or -1 if it is not trained.
        layer: the name of the layer that owns it; nested models give ``"outer/inner"``.
        role: ``"kernel"``, ``"recurrent"``, ``"bias"``, ``"embedding"``, or None for any other
            (normalization parameters, for instance).
        parents: the layers that it lies in, from the model itself to the one that owns it.
        variable: the Keras variable.
    """

    index: int
    layer: str
    role: str | None
    parents: tuple[Any, ...]
    variable: Any

    @property
    def owner(self) -> Any:
        """The Keras layer that owns the variable."""
        return self.parents[-1]


def owned_variables(model: keras.Model) -> Iterator[tuple[str, Any, Any]]:
    """Each variable of a model once, as (name of the owning layer, owning layer, variable)."""
    for name, parents, variable in _owned(model, (), "", set()):
        yield name, parents[-1], variable


def _owned(
    layer: Any, above: tuple[Any, ...], prefix: str, seen: set[int]
) -> Iterator[tuple[str, tuple[Any, ...], Any]]:
    # Keras offers no public way from a variable to its layer: `_layers` are a layer's direct
    # sublayers, and the two lists are the variables that it created itself, or holds as well, as
    # SpectralNormalization does the kernel of the layer in it. So sublayers come first.
    for sublayer in layer._layers:
        name = f"{prefix}/{sublayer.name}" if prefix else sublayer.name
        yield from _owned(sublayer, (*above, layer), name, seen)
    seeds = [generator.state for generator in layer._seed_generators]
    for variable in [*layer._trainable_variables, *layer._non_trainable_variables, *seeds]:
        if id(variable) not in seen:
            seen.add(id(variable))
            yield prefix or layer.name, (*above, layer), variable


def aligned(model: keras.Model, other: keras.Model) -> list[tuple[Any, Any]]:
    """Each variable of a model with that of another one of the same layers.

    A layer that was quantized has its variables in another order than one that is made so. Random
    states are left out where not both have them: a dropout layer of rate 0 has none.

    Raises:
        ValueError: if one has other variables that the other has not.
    """
    mine, theirs = _by_place(model), _by_place(other)
    if mine.keys() != theirs.keys():
        mine, theirs = (_by_place(one, seeds=False) for one in (model, other))
    if mine.keys() != theirs.keys():
        raise ValueError("its configuration gives other weights")
    return [(variable, theirs[place]) for place, variable in mine.items()]


def _by_place(model: keras.Model, *, seeds: bool = True) -> dict[tuple[int, str, int], Any]:
    """Each variable by its layer's place, its name, and how many of that name come before it.

    Layers that are made anew may have other names, but have the same places.
    """
    found: dict[tuple[int, str, int], Any] = {}
    layers: dict[int, int] = {}
    counts: collections.Counter[tuple[int, str]] = collections.Counter()
    for _, owner, variable in owned_variables(model):
        if not seeds and variable.name == "seed_generator_state":
            continue
        place = (layers.setdefault(id(owner), len(layers)), variable.name)
        found[*place, counts[place]] = variable
        counts[place] += 1
    return found


def trainable_weights(model: keras.Model) -> tuple[Weight, ...]:
    """The trainable weights of a built model, in the order of ``model.trainable_variables``."""
    return _weights(model, model.trainable_variables)


def every_weight(model: keras.Model) -> tuple[Weight, ...]:
    """The weights of a built model, trained or not, in the order of ``model.weights``."""
    return _weights(model, model.weights)


def _weights(model: keras.Model, variables: Sequence[Any]) -> tuple[Weight, ...]:
    owned = _owned(model, (), "", set())
    places = {id(variable): (name, parents) for name, parents, variable in owned}
    trained = {id(variable): index for index, variable in enumerate(model.trainable_variables)}
    weights = []
    for variable in variables:
        layer, parents = places[id(variable)]
        role = _role(parents[-1], variable)
        weights.append(Weight(trained.get(id(variable), -1), layer, role, parents, variable))
    return tuple(weights)


def _role(owner: Any, variable: Any) -> str | None:
    """A weight's role, by its name; in a layer that is not of Keras also by words and axes.

    There the weight may have any name: what holds no such word is a kernel if it has two axes or
    more, and else, as scales and offsets are, without a role.
    """
    if not _is_read(owner, variable):
        return _ROLE_BY_NAME.get(variable.name)
    name = variable.name.lower()
    places = {name.rfind(word): role for word, role in _ROLE_BY_WORD.items() if word in name}
    if not places:
        return "kernel" if len(variable.shape) > 1 else None
    role = places[max(places)]
    return "recurrent" if role == "kernel" and "recurrent" in name else role


def _is_read(owner: Any, variable: Any) -> bool:
    return not (variable.name in _ROLE_BY_NAME or type(owner).__module__.startswith("keras."))


def roles_read(weights: Iterable[Weight]) -> str:
    """A sentence on those of these weights whose role is read from their names and axes, if any."""
    read = [w for w in weights if w.role is not None and _is_read(w.owner, w.variable)]
    if not read:
        return ""
    named = joined([f"{w.layer + '/' + w.variable.name!r} as {w.role}" for w in read[:_LISTED]])
    more = f", and {len(read) - _LISTED} more" if len(read) > _LISTED else ""
    return (
        f"Of layers that are not Keras's own, roles are read from the names and axes of their "
        f"weights: {named}{more}. Name layers where another weight is meant."
    )


def targeted(model: keras.Model, penalty: Penalty) -> tuple[Weight, ...]:
    """The weights of a model on which a penalty acts.

    Raises:
        InputError: if there is none, naming the layers that there are.
    """
    weights = trainable_weights(model)
    outputs = _output_owners(model)

    def meant(weight: Weight) -> bool:
        return _has_role(weight, penalty) and _on_layer(weight, penalty.layers, outputs)

    hits = tuple(weight for weight in weights if meant(weight))
    if not weights:
        raise InputError(
            f"{penalty} has nothing to act on, since no weight of the model {model.name!r} is "
            f"trained: set trainable=True on the model or a layer of it."
        )
    if not hits:
        frozen = [weight for weight in every_weight(model) if weight.index < 0 and meant(weight)]
        if frozen:
            raise InputError(
                f"{penalty} with layers={penalty.layers!r} and on={'+'.join(penalty.on)!r} means "
                f"weights of {listed(dict.fromkeys(weight.layer for weight in frozen))} alone, "
                f"which are frozen or quantized: set trainable=True on frozen ones, or take "
                f"others, such as layers='output' (--layers output)."
            )
        layers = dict.fromkeys(weight.layer for weight in weights if weight.role)
        raise InputError(
            f"No trainable weight matches layers={penalty.layers!r} and on={'+'.join(penalty.on)!r}"
            f" of {penalty}; the model has the layers {listed(layers)}, and layers takes 'all', "
            f"'hidden', 'output' or a glob on those names."
        )
    return hits


def _has_role(weight: Weight, penalty: Penalty) -> bool:
    if weight.role != "embedding" or "embedding" in penalty.on:
        return weight.role in penalty.on
    # Embeddings are left out unless they are named, by their role or by their layer's name; "*"
    # and "encoder/*" name everything there is, and so nothing.
    named = penalty.layers.rpartition("/")[2] != "*" and any(
        fnmatch.fnmatchcase(name, penalty.layers) for name in (weight.layer, weight.owner.name)
    )
    return named and penalty.layers not in PLACES and "kernel" in penalty.on


def _on_layer(weight: Weight, layers: str, outputs: set[int]) -> bool:
    # A layer that is itself named "hidden" or "output" is meant by its place like any other, so
    # that the words keep one meaning.
    if layers in PLACES:
        output = id(weight.owner) in outputs
        return layers == "all" or output == (layers == "output")
    # A name means all that lies in what is called so: the cell of an LSTM, the projections of an
    # attention layer, the layers of a nested model. The model's own name means nothing.
    path = weight.layer.split("/")
    names = {"/".join(path[: end + 1]) for end in range(len(path))} | set(path)
    return any(fnmatch.fnmatchcase(name, layers) for name in names)


def _output_owners(model: keras.Model) -> set[int]:
    """The ids of the layers with a kernel that give the model's outputs.

    In a graph of layers these are the first ones met on the way back from each output; in a model
    without a graph, the last one with a kernel.
    """
    kernels = [id(w.owner) for w in trainable_weights(model) if w.role in ("kernel", "recurrent")]
    graph = getattr(model, "_functional", None) or model  # a Sequential model keeps its graph there
    if not hasattr(graph, "operations") or not kernels:
        return set(kernels[-1:])
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
