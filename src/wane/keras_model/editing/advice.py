"""What is likely to be a mistake in how a model is regularized, a sentence each."""

from collections.abc import Iterable, Iterator, Sequence
from typing import Any

import keras

from wane._errors import listed
from wane.keras_model.foreign_optimizers import optimizer_remark
from wane.keras_model.regularizers import (
    config_attribute,
    present,
    terms_in,
    weights_not_saved,
    without_direction,
)
from wane.keras_model.weight_decay import decay_of, is_excluded, stepper_of
from wane.keras_model.weights import Weight, roles_read

_NORMALIZATIONS = (
    keras.layers.BatchNormalization,
    keras.layers.GroupNormalization,
    keras.layers.LayerNormalization,
    keras.layers.RMSNormalization,
)
_PASS_ON = (
    keras.layers.Activation,
    keras.layers.AveragePooling1D,
    keras.layers.AveragePooling2D,
    keras.layers.AveragePooling3D,
    keras.layers.Dropout,
    keras.layers.Flatten,
    keras.layers.MaxPooling1D,
    keras.layers.MaxPooling2D,
    keras.layers.MaxPooling3D,
    keras.layers.ReLU,
    keras.layers.Reshape,
    keras.layers.SpatialDropout1D,
    keras.layers.SpatialDropout2D,
    keras.layers.SpatialDropout3D,
    keras.layers.ZeroPadding1D,
    keras.layers.ZeroPadding2D,
    keras.layers.ZeroPadding3D,
)
_LINEAR_IN_SCALE = (None, keras.activations.linear, keras.activations.relu)


def advice(model: keras.Model, weights: Sequence[Weight]) -> tuple[str, ...]:
    """The sentences for a built model and all its weights; none where nothing is due."""
    live = [w for w in weights if w.index >= 0 and w.variable.regularizer is not None]
    return tuple(
        sentence
        for sentence in (
            optimizer_remark(model),
            roles_read(weights),
            _not_live(weights),
            without_strength(live),
            zero_rows(live),
            _frozen(weights),
            _not_saved(model),
            merged_in_files(live),
            _biases(live),
            shrinking_twice(model, live),
            _decayed_biases(model, weights),
            exclusions_not_saved(model, weights),
            _normalized(model, live),
        )
        if sentence
    )


def _layers(weights: Iterable[Weight]) -> str:
    return listed(dict.fromkeys(weight.layer for weight in weights))


def _not_live(weights: Sequence[Weight]) -> str:
    dead = []
    for weight in weights:
        attribute = config_attribute(weight)
        written = getattr(weight.owner, attribute) if attribute else None
        if written is not None and weight.variable.regularizer is None and weight.index >= 0:
            dead.append(weight)
    if not dead:
        return ""
    return (
        f"A regularizer is set on {_layers(dead)} but does nothing, since it was set after the "
        f"layer was built: set it with wane.regularize."
    )


def without_strength(live: Sequence[Weight]) -> str:
    """On regularizers of Keras's that add nothing, as ``"l1l2"`` does."""
    idle = [
        weight
        for weight in live
        if (terms := terms_in(present(weight.variable.regularizer))) is not None and not any(terms)
    ]
    if not idle:
        return ""
    return (
        f"The regularizer of {_layers(idle)} has strength 0 and adds nothing, as Keras's 'l1l2' "
        f"does by itself: give keras.regularizers.L1L2(l1=..., l2=...), or wane.regularize."
    )


def zero_rows(live: Sequence[Weight]) -> str:
    """On rows of zeros under Keras's orthogonal regularizer."""
    for weight in live:
        terms = terms_in(present(weight.variable.regularizer))
        fault = terms and without_direction(weight, terms)
        if fault:
            return f"{fault}: the first step makes the whole weight NaN."
    return ""


def _frozen(weights: Sequence[Weight]) -> str:
    # The weight beneath LoRA is frozen for good, and its factors have its penalty.
    frozen = [
        w
        for w in weights
        if w.index < 0
        and w.variable.regularizer is not None
        and not getattr(w.owner, "lora_enabled", False)
    ]
    if not frozen:
        return ""
    return f"The penalty on {_layers(frozen)} adds nothing, since the weights are not trained."


def _not_saved(model: keras.Model) -> str:
    lost = weights_not_saved(model)
    if not lost:
        return ""
    return (
        f"The penalty on {_layers(lost)} acts, but a saved file or a clone will not have it, since "
        f"the model's configuration does not hold it: call wane.regularize again on what is loaded."
    )


def merged_in_files(live: Sequence[Weight]) -> str:
    """On penalized factors of LoRA, of which files have the product."""
    factors = [weight for weight in live if weight.variable.name.startswith("lora_")]
    if not factors:
        return ""
    return (
        f"The penalty acts on the low-rank factors of {_layers(factors)}, but Keras saves their "
        f"product, added to the frozen weight: in a loaded file the factors, and the penalty's "
        f"value, begin anew."
    )


def _is_offset_or_normalization(weight: Weight) -> bool:
    return weight.role == "bias" or isinstance(weight.owner, _NORMALIZATIONS)


def _biases(live: Sequence[Weight]) -> str:
    penalized = [weight for weight in live if _is_offset_or_normalization(weight)]
    if not penalized:
        return ""
    return (
        f"Biases or normalization parameters of {_layers(penalized)} are penalized; these are "
        f"usually left alone, as wane.regularize leaves them unless they are named."
    )


def _decayed(model: keras.Model, weights: Iterable[Weight]) -> list[Weight]:
    """Those that the optimizer of a model takes decoupled weight decay off."""
    optimizer = getattr(model, "optimizer", None)
    return [w for w in weights if w.index >= 0 and decay_of(optimizer, w.variable)]


def _named(model: keras.Model, decayed: Sequence[Weight]) -> str:
    strengths = {decay_of(model.optimizer, weight.variable) for weight in decayed}
    named = " and ".join(f"{strength:g}" for strength in sorted(strengths))
    optimizer = stepper_of(model.optimizer, decayed[0].variable)
    return f"weight_decay={named} of the optimizer {optimizer.name!r}"


def shrinking_twice(model: keras.Model, live: Iterable[Weight]) -> str:
    """On weights that both L2 and the optimizer shrink."""
    return decayed_beside_l2(model, filter(_has_l2, live))


def decayed_beside_l2(model: keras.Model, weights: Iterable[Weight]) -> str:
    """The same, of weights that have L2, or will have it."""
    twice = _decayed(model, weights)
    if not twice:
        return ""
    return (
        f"Weights of {_layers(twice)} shrink twice, by L2 and by the {_named(model, twice)}: keep "
        f"one of them."
    )


def _decayed_biases(model: keras.Model, weights: Sequence[Weight]) -> str:
    decayed = _decayed(model, filter(_is_offset_or_normalization, weights))
    if not decayed:
        return ""
    strength = decay_of(model.optimizer, decayed[0].variable)
    return (
        f"The {_named(model, decayed)} acts on biases or normalization parameters of "
        f"{_layers(decayed)}: wane.regularize(model, wane.WeightDecay({strength:g})) spares them."
    )


def exclusions_not_saved(model: keras.Model, weights: Sequence[Weight]) -> str:
    """On weights that an optimizer spares in its decay, which no file holds."""
    decayed = _decayed(model, weights)
    if not decayed:
        return ""
    trained = [weight for weight in weights if weight.index >= 0]
    spared = [weight for weight in trained if is_excluded(model.optimizer, weight.variable)]
    if not spared:
        return ""
    names = sorted({weight.variable.name for weight in spared})
    return (
        f"The {_named(model, decayed)} spares {listed(names)} here, but Keras saves no exclusions: "
        f"a loaded file decays every weight, so give what is loaded "
        f"wane.regularize(model, wane.WeightDecay(...)) again."
    )


def _has_l2(weight: Weight) -> bool:
    return float(getattr(present(weight.variable.regularizer), "l2", 0.0)) > 0


def _normalized(model: keras.Model, live: Sequence[Weight]) -> str:
    """On kernels whose scale BatchNormalization takes out again.

    Source: van Laarhoven, L2 regularization versus batch and weight normalization,
    arXiv:1706.05350.
    """
    before = {id(layer) for layer in _before_normalization(model)}
    kernels = [w for w in live if w.role == "kernel" and _has_l2(w) and id(w.owner) in before]
    if not kernels:
        return ""
    return (
        f"BatchNormalization follows the kernels of {_layers(kernels)} and takes their scale out "
        f"again: there L2 mostly changes the effective learning rate (arXiv:1706.05350)."
    )


def _before_normalization(model: keras.Model) -> Iterator[Any]:
    """The layers whose output, up to its scale, goes to a BatchNormalization and nowhere else.

    Seen in graphs of layers only: a model of a class of one's own has none.
    """
    for layer in model._flatten_layers():
        nodes = layer._inbound_nodes if isinstance(layer, keras.layers.BatchNormalization) else ()
        for node in nodes:
            behind = layer
            before, place, _ = node.input_tensors[0]._keras_history
            while all(node.operation is behind for node in before._outbound_nodes):
                if not _keeps_scale(before):
                    break
                if not isinstance(before, _PASS_ON):
                    yield before
                    break
                behind = before
                before, place, _ = before._inbound_nodes[place].input_tensors[0]._keras_history


def _keeps_scale(operation: Any) -> bool:
    """Whether an operation does to a multiple of its input, or kernel, the same multiple."""
    activation = getattr(operation, "activation", None)
    bounded = isinstance(operation, keras.layers.ReLU) and operation.max_value is not None
    return activation in _LINEAR_IN_SCALE and not bounded
