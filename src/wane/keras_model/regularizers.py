"""Penalties as ordinary Keras regularizers, on variables and in the configuration of layers."""

import collections
import math
import warnings
from collections.abc import Iterable
from typing import Any

import keras
import numpy as np

from wane._errors import InputError
from wane.keras_model.axes import check_axes
from wane.keras_model.weights import Weight, every_weight, targeted, trainable_weights
from wane.penalties import Candidate, KerasTerms, Penalty, is_proximal, penalties_of

_ATTENTION = (keras.layers.MultiHeadAttention, keras.layers.GroupQueryAttention)


class NoRegularizerError(InputError):
    """Keras has no regularizer for this."""


def terms_of(penalty: Penalty, epoch: float = math.inf) -> KerasTerms:
    """What a penalty is in Keras's own regularizers.

    Args:
        penalty: the penalty.
        epoch: where its strength changes in training, the epoch that is meant, counted from 0.

    Raises:
        InputError: if there is no such regularizer.
    """
    if is_proximal(penalty):
        raise NoRegularizerError(
            f"{penalty} acts by steps of its own and not as a regularizer: train with "
            f"model.fit(..., callbacks=[wane.ProximalSteps(penalty)])."
        )
    if penalty.acts_by == "decay":
        raise NoRegularizerError(
            f"{penalty} is a part of the optimizer's steps and no regularizer: put it on the "
            f"compiled model with wane.regularize(model, penalty)."
        )
    terms = penalty.keras_terms(*penalty.strengths_at(epoch))
    if terms is None:
        raise NoRegularizerError(
            f"{penalty} cannot be written as a Keras regularizer: give it proximal=True and train "
            f"with model.fit(..., callbacks=[wane.ProximalSteps(penalty)])."
        )
    return terms


def expressible(candidate: Candidate) -> Candidate:
    """The penalties of a candidate that Keras has a regularizer for."""
    return tuple(penalty for penalty in penalties_of(candidate) if _is_expressible(penalty))


def _is_expressible(penalty: Penalty) -> bool:
    try:
        terms_of(penalty)
    except NoRegularizerError:
        return False
    return True


def present(regularizer: Any) -> Any:
    """A regularizer as Keras has it: of one that follows a schedule the one of the moment."""
    return regularizer.now() if hasattr(regularizer, "now") else regularizer


def terms_in(regularizer: Any) -> KerasTerms | None:
    """The terms of one of Keras's own regularizers, or of None; None for any other."""
    if regularizer is None:
        return KerasTerms()
    config = regularizer.get_config() if type(regularizer) in _OF_KERAS else {}
    if type(regularizer) is keras.regularizers.OrthogonalRegularizer:
        return KerasTerms(**{config["mode"]: float(config["factor"])})
    if config:
        return KerasTerms(float(config.get("l1", 0.0)), float(config.get("l2", 0.0)))
    return None


_OF_KERAS = (
    keras.regularizers.L1,
    keras.regularizers.L2,
    keras.regularizers.L1L2,
    keras.regularizers.OrthogonalRegularizer,
)


def regularizer_of(terms: KerasTerms) -> Any:
    """The Keras regularizer with these strengths, or None if all are zero.

    Raises:
        InputError: if Keras has none that is such a sum.
    """
    l1, l2, *orthogonal = terms
    if sum(map(bool, [l1 or l2, *orthogonal])) > 1:
        raise NoRegularizerError(
            "Keras has no regularizer that is the sum of Orthogonality and another penalty, or of "
            "both of its modes: give them different layers."
        )
    for mode, strength in zip(("rows", "columns"), orthogonal, strict=True):
        if strength:
            return keras.regularizers.OrthogonalRegularizer(strength, mode)
    if l1:
        # Not Keras's L1, which rounds its strength to float32 and saves what is left of it.
        return keras.regularizers.L1L2(l1=l1, l2=l2)
    return keras.regularizers.L2(l2) if l2 else None


def terms_by_weight(
    model: keras.Model, penalties: Iterable[Penalty], epoch: float = math.inf
) -> dict[int, KerasTerms]:
    """The terms of each targeted weight, summed over the penalties.

    Keys are places in ``model.trainable_variables``.

    Raises:
        InputError: if a penalty matches no weight, or Keras has no regularizer for it.
    """
    sums: dict[int, KerasTerms] = {}
    for penalty in penalties:
        terms = terms_of(penalty, epoch)
        for weight in targeted(model, penalty):
            check_axes(weight, penalty)
            sums[weight.index] = sums.get(weight.index, KerasTerms()).plus(terms)
    return sums


def without_direction(weight: Weight, terms: KerasTerms) -> str:
    """Why Keras's orthogonal regularizer would make a weight NaN, if it would.

    It divides rows by their length, and the gradient of the length of a row of zeros is NaN.

    Args:
        weight: one that is to have the terms.
        terms: the strengths.
    """
    for mode, axis in (("rows", 1), ("columns", 0)):
        if not getattr(terms, mode):
            continue
        values = keras.ops.convert_to_numpy(weight.variable.value)
        zeros = int(np.sum(~np.any(values, axis=axis)))
        if zeros:
            return (
                f"The {weight.variable.name} of layer {weight.layer!r} has {zeros} of its {mode} "
                f"at zero, where the gradient of Keras's orthogonal regularizer is NaN"
            )
    return ""


def set_regularizers(
    model: keras.Model, candidate: Candidate, like: keras.Model | None = None
) -> None:
    """Add the penalties of a candidate to the regularizers that a model already has.

    Args:
        model: the model that gets them.
        candidate: the penalties.
        like: a model of the same layers whose layer names the targets mean; by default ``model``.
            A function that makes models gives unnamed layers other names each time.
    """
    weights = trainable_weights(model)
    for index, terms in terms_by_weight(like or model, penalties_of(candidate)).items():
        present = weights[index].variable.regularizer
        own = terms_in(present)
        if own is None:
            warnings.warn(
                f"The {weights[index].role} of layer {weights[index].layer!r} keeps its own "
                f"regularizer {type(present).__name__} and does not get the study's penalty as "
                f"well: Keras has no regularizer that is the sum of both.",
                stacklevel=3,
            )
            continue
        try:
            fault = without_direction(weights[index], terms)
            if fault:
                raise NoRegularizerError(f"{fault}.")
            set_regularizer(weights[index], regularizer_of(own.plus(terms)))
        except NoRegularizerError as error:
            warnings.warn(
                f"The {weights[index].role} of layer {weights[index].layer!r} does not get the "
                f"study's penalties: {error}",
                stacklevel=3,
            )
    write_attention(weights)


def set_regularizer(weight: Weight, regularizer: Any) -> None:
    """Set a regularizer on a variable, and on the layer that owns it.

    Keras reads the variable's in training; clones and saved files see the layer's configuration.
    After the last weight of a model call :func:`write_attention`.
    """
    weight.variable.regularizer = regularizer
    attribute = config_attribute(weight)
    if attribute is not None:
        setattr(weight.owner, attribute, regularizer)


def config_attribute(weight: Weight) -> str | None:
    """The attribute of the owner from which its configuration takes the weight's regularizer.

    None if there is no such attribute.
    """
    name = weight.variable.name
    # "kernel" gives kernel_regularizer, "recurrent_kernel" recurrent_regularizer. The kernel of a
    # depthwise convolution has a name of its own there; "lora_kernel_a" shares the kernel's.
    stem = name.removesuffix("_kernel")
    stems = [stem, "depthwise"] if name == "kernel" else [stem]
    if weight.role == "embedding":
        stems.append("embeddings")
    elif weight.role is not None:
        stems.append(weight.role)
    known = vars(weight.owner)
    return next((f"{s}_regularizer" for s in stems if f"{s}_regularizer" in known), None)


def write_attention(weights: Iterable[Weight]) -> None:
    """Write what the projections of attention layers have into the layers' own configuration.

    An attention layer makes its projections from one regularizer for all kernels and one for all
    biases; where the projections differ it can hold none.
    """
    shared: dict[int, tuple[Any, dict[str, list[Any]]]] = {}
    for weight in weights:
        parents = [layer for layer in weight.parents[:-1] if isinstance(layer, _ATTENTION)]
        if parents and weight.role in ("kernel", "bias"):
            _, found = shared.setdefault(id(parents[-1]), (parents[-1], {}))
            found.setdefault(weight.role, []).append(weight.variable.regularizer)
    for layer, found in shared.values():
        for role, regularizers in found.items():
            alike = all(same_regularizer(one, regularizers[0]) for one in regularizers)
            attribute = f"{role}_regularizer"
            attribute = attribute if attribute in vars(layer) else f"_{attribute}"
            setattr(layer, attribute, regularizers[0] if alike else None)


def same_regularizer(one: Any, other: keras.Model) -> bool:
    """Whether two regularizers (or None) do the same, as far as their configurations tell."""
    if one is other or one is None or other is None:
        return one is other
    serialize = keras.saving.serialize_keras_object
    return bool(serialize(one) == serialize(other))


def weights_not_saved(model: keras.Model) -> tuple[Weight, ...]:
    """The penalized weights whose penalty a saved file or a clone of the model would lose.

    The model's configuration does not hold it: the weight lies in a layer or a model of the
    user's own, or in an attention layer whose projections differ.
    """
    penalized = [w for w in every_weight(model) if w.index >= 0 and w.variable.regularizer]
    if not penalized:
        return ()
    try:
        config = model.get_config()
    except Exception:  # whatever a class of the user's own raises: there is no configuration then
        return tuple(penalized)
    indices: dict[int, dict[str, Any]] = {}
    return tuple(weight for weight in penalized if not _is_saved(weight, config, indices))


def _is_saved(weight: Weight, config: Any, indices: dict[int, dict[str, Any]]) -> bool:
    for layer in weight.parents[1:]:
        if id(config) not in indices:
            indices[id(config)] = _configs_by_name(config)
        # A layer that is not there is made by the one around it, from that one's configuration.
        config = indices[id(config)].get(layer.name, config)
    attribute = config_attribute(weight) or f"{weight.role}_regularizer"
    written = keras.saving.serialize_keras_object(present(weight.variable.regularizer))
    return bool(config.get(attribute) == written)


def _configs_by_name(config: Any) -> dict[str, Any]:
    """The configurations of layers inside a configuration; of one name, the outermost."""
    found: dict[str, Any] = {}
    parts = collections.deque([config])
    while parts:
        part = parts.popleft()
        if isinstance(part, dict):
            inner = part.get("config")
            if isinstance(inner, dict) and "name" in inner:
                found.setdefault(inner["name"], inner)
            parts.extend(part.values())
        elif isinstance(part, list | tuple):
            parts.extend(part)
    return found
