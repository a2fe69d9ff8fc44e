"""Penalties put on the weights of a Keras model, replaced, and taken off again."""

import dataclasses
import math
import textwrap
import warnings
from collections.abc import Iterable, Mapping, Sequence
from typing import Any, NamedTuple, Protocol, runtime_checkable

import keras

from wane._errors import InputError, listed
from wane.keras_model.axes import check_axes
from wane.keras_model.editing.advice import exclusions_not_saved, merged_in_files, shrinking_twice
from wane.keras_model.editing.live_regularizers import settle
from wane.keras_model.regularizers import (
    NoRegularizerError,
    regularizer_of,
    set_regularizer,
    terms_of,
    weights_not_saved,
    without_direction,
    write_attention,
)
from wane.keras_model.weight_decay import (
    check_optimizers,
    decay_of,
    decayable,
    give_decay,
    own_decay,
)
from wane.keras_model.weights import Weight, every_weight, targeted, trainable_weights
from wane.penalties import CATALOGUE, KerasTerms, Penalty


@runtime_checkable
class Prescription(Protocol):
    """What stands for penalties, such as a preset of the literature."""

    @property
    def penalties(self) -> tuple[Penalty, ...]:
        """The penalties that it stands for."""


Several = Penalty | Prescription | Sequence[Penalty | Prescription]
"""One penalty or several."""


def regularize(model: keras.Model, *penalties: Several | Mapping[str, Several]) -> keras.Model:
    """Put penalties on the weights of a model, so that ``fit`` adds them to its loss.

    The model itself is changed, as by ``model.trainable = ...``: it keeps its class, its weights,
    its compilation and the state of its optimizer, and traces its training step anew at the next
    call. (A model around this one that has trained already must be compiled again.) Penalties are
    Keras's own regularizers and are set where it trains from and where it saves from, so files
    load without wane.

    A weight on which penalties act has them and no other regularizer afterwards: what was there
    before is replaced. Weights on which none acts keep what they have.

    Args:
        model: a built Keras model, on any backend.
        penalties: penalties, such as ``wane.L2(1e-3)`` or ``wane.presets["vgg"]``, or a mapping
            from layer globs (or ``"all"``, ``"hidden"``, ``"output"``) to penalties, of which the
            last that acts on a weight counts. Of several arguments the sum is taken. A strength of
            0 takes a penalty off. ``wane.WeightDecay`` becomes that of the model's optimizer, in
            place of what it decayed before, and spares all other weights; of strength 0 it spares
            more of them.

    Returns:
        The same model.

    Raises:
        InputError: if the model is not built, a penalty matches no weight, Keras cannot express
            it, or weight decay lacks an optimizer that can have it or has several strengths. Then
            the model is as it was.

    Example:
        >>> import keras, wane
        >>> layers = keras.layers
        >>> model = keras.Sequential([layers.Input((2,)), layers.Dense(8), layers.Dense(1)])
        >>> model = wane.regularize(model, {"hidden": wane.L2(1e-3), "output": wane.L1(1e-4)})
        >>> [layer.kernel_regularizer.get_config()["l2"] for layer in model.layers]
        [0.001, 0.0]
    """
    check_built(model)
    acting: dict[int, list[Penalty]] = {}
    for given in penalties:
        for index, several in _acting(model, given).items():
            acting.setdefault(index, []).extend(several)
    if not acting:
        raise InputError(
            "regularize takes at least one penalty, such as wane.L2(1e-3); wane.unregularize(model)"
            " takes penalties off."
        )
    weights = trainable_weights(model)
    regularizers = {i: _regularizer(weights[i], several) for i, several in acting.items()}
    decay = _weight_decay(model, acting)
    settle(model)
    if decay is not None:
        give_decay(model, decay.strength, decay.indices)
    for index, regularizer in regularizers.items():
        set_regularizer(weights[index], regularizer)
    write_attention(weights)
    trace_anew(model)
    _warn(model, regularizers, decays=decay is not None)
    return model


def _warn(model: keras.Model, regularizers: Mapping[int, Any], *, decays: bool) -> None:
    """Warn of what acts now and would be lost in a file, and of what shrinks weights twice."""
    lost = [w.layer for w in weights_not_saved(model) if w.index in regularizers]
    if lost:
        warnings.warn(
            f"The penalties on {listed(dict.fromkeys(lost))} act, but a saved file or a clone of "
            f"{model.name!r} will not have them, since its configuration does not hold them: call "
            f"wane.regularize again on what is loaded.",
            stacklevel=3,
        )
    weights = trainable_weights(model)
    given = [weight for weight in weights if weight.index in regularizers]
    sentences = [
        exclusions_not_saved(model, weights) if decays else "",
        merged_in_files([weight for weight in given if weight.variable.regularizer]),
        shrinking_twice(model, given),
    ]
    for sentence in filter(None, sentences):
        warnings.warn(sentence, stacklevel=3)


def unregularize(model: keras.Model) -> keras.Model:
    """Take the penalties off all weights of a model, also off those that are not trained.

    The model itself is changed, as by :func:`regularize`. The weight decay of its optimizer becomes
    0. Activity regularizers and losses that layers add by themselves stay.

    Args:
        model: a built Keras model, on any backend.

    Returns:
        The same model.

    Raises:
        InputError: if the model is not built.

    Example:
        >>> import keras, wane
        >>> dense = keras.layers.Dense(1, kernel_regularizer="l2")
        >>> model = keras.Sequential([keras.layers.Input((2,)), dense])
        >>> wane.unregularize(model).losses
        []
    """
    check_built(model)
    settle(model)
    for weight in every_weight(model):
        weight.variable.regularizer = None
    for layer in model._flatten_layers():
        for attribute, value in list(vars(layer).items()):
            is_of_weight = attribute.endswith("_regularizer") and "activity" not in attribute
            if is_of_weight and isinstance(value, keras.regularizers.Regularizer):
                setattr(layer, attribute, None)
    if own_decay(getattr(model, "optimizer", None)):
        give_decay(model, 0.0, ())
    trace_anew(model)
    return model


def check_built(model: keras.Model) -> None:
    """Check that this is a Keras model with weights.

    Raises:
        InputError: if it is not.
    """
    if not isinstance(model, keras.Model):
        raise InputError(f"model must be a built keras.Model, got {type(model).__name__}.")
    # A model of a class of one's own may call itself built before its layers are.
    parts_built = all(layer.built for layer in model._flatten_layers())
    if not model.built or not (model.weights or parts_built):
        raise InputError(
            f"The model {model.name!r} is not built and so has no weights yet: begin it with "
            f"keras.layers.Input(shape), or call it on a row of data first."
        )


def _acting(model: keras.Model, given: Any) -> dict[int, tuple[Penalty, ...]]:
    """The penalties that act on each weight, by its place among the trainable ones."""
    if not isinstance(given, Mapping):
        return _on_weights(model, _penalties(given))
    by_weight: dict[int, tuple[Penalty, ...]] = {}
    for layers, several in given.items():
        # A later glob takes the place of an earlier one, so that exceptions follow the rule.
        by_weight |= _on_weights(model, _penalties(several, layers))
    return by_weight


def _on_weights(model: keras.Model, penalties: Iterable[Penalty]) -> dict[int, tuple[Penalty, ...]]:
    found: dict[int, tuple[Penalty, ...]] = {}
    for penalty in penalties:
        if penalty.schedules:
            raise InputError(
                f"{penalty} changes in training, which a regularizer of Keras does not: train with "
                f"model.fit(..., callbacks=[wane.ScheduledPenalties(penalty)])."
            )
        for weight in targeted(model, penalty):
            check_axes(weight, penalty)
            found[weight.index] = (*found.get(weight.index, ()), penalty)
    return found


def _regularizer(weight: Weight, penalties: Iterable[Penalty]) -> Any:
    terms = _terms(penalties)
    fault = without_direction(weight, terms)
    if fault:
        raise NoRegularizerError(
            f"{fault}: give these weights other values first, or penalize other layers."
        )
    return regularizer_of(terms)


def _terms(penalties: Iterable[Penalty]) -> KerasTerms:
    terms = KerasTerms()
    for penalty in penalties:
        if penalty.acts_by != "decay":
            terms = terms.plus(terms_of(penalty))
    return terms


class _Decay(NamedTuple):
    """Weight decay as an optimizer has it: one strength, and the places of the decayed weights.

    The strength is None where it stays what it is.
    """

    strength: float | None
    indices: tuple[int, ...]


def _weight_decay(model: keras.Model, acting: Mapping[int, Iterable[Penalty]]) -> _Decay | None:
    """The weight decay among the penalties of each weight; None if there is none at all.

    Raises:
        InputError: if the model has no optimizer that can have it, or weights are to have
            different strengths.
    """
    decays = {
        index: [penalty for penalty in several if penalty.acts_by == "decay"]
        for index, several in acting.items()
    }
    sums = {
        i: math.fsum(one.strength for one in several) for i, several in decays.items() if several
    }
    if not sums:
        return None
    if getattr(model, "optimizer", None) is None:
        raise InputError(
            f"WeightDecay is a part of the optimizer's steps, and the model {model.name!r} has no "
            f"optimizer yet: compile it first."
        )
    for penalty in dict.fromkeys(one for several in decays.values() for one in several):
        if penalty.strength:
            check_optimizers(model)
            decayable(model, penalty)
    above = {strength for strength in sums.values() if strength}
    if len(above) > 1:
        several = " and ".join(f"{strength:g}" for strength in sorted(above))
        raise InputError(
            f"An optimizer of Keras has one weight decay for all weights that it does not spare, "
            f"got {several}: give one strength, or train with model.fit(..., "
            f"callbacks=[wane.ScheduledPenalties(...)]), which takes several."
        )
    if not above:
        variables = model.trainable_variables
        kept = [
            i for i, v in enumerate(variables) if i not in sums and decay_of(model.optimizer, v)
        ]
        return _Decay(None, tuple(kept))
    return _Decay(above.pop(), tuple(i for i, strength in sums.items() if strength))


def _on_layers(penalty: Penalty, layers: Any) -> Penalty:
    if layers is None:
        return penalty
    if penalty.layers != "all":
        raise InputError(
            f"{penalty} is meant for layers={layers!r} by the mapping and for "
            f"layers={penalty.layers!r} by itself: leave its own layers out."
        )
    return dataclasses.replace(penalty, layers=layers)


def _penalties(given: Any, layers: Any = None) -> tuple[Penalty, ...]:
    """The penalties that these are, or stand for; on some layers unless that is None."""
    several = tuple(given) if isinstance(given, tuple | list) else (given,)
    found: list[Penalty] = []
    for one in several:
        if isinstance(one, Prescription) and not isinstance(one, keras.callbacks.Callback):
            # Its layers are those of the published network, which need not be this model's.
            own = one.penalties
            found += own if layers is None else (dataclasses.replace(p, layers=layers) for p in own)
        elif isinstance(one, Penalty):
            found.append(_on_layers(one, layers))
        else:
            names = ", ".join(f"wane.{kind.__name__}" for kind in CATALOGUE.values())
            raise InputError(
                f"{textwrap.shorten(repr(one), 100)} is no penalty: give one of {names}, such as "
                f"wane.L2(1e-3), or a mapping from layer names to penalties."
            )
    return tuple(found)


def trace_anew(model: keras.Model) -> None:
    """Have a model and those in it compile their steps again, which hold the penalties as code."""
    for layer in model._flatten_layers():
        if isinstance(layer, keras.Model):
            layer.train_function = layer.test_function = layer.predict_function = None
