"""Penalties put on the weights of a Keras model, replaced, and taken off again."""

import dataclasses
import warnings
from collections.abc import Iterable, Mapping
from typing import Any, Protocol, runtime_checkable

import keras

from wane._errors import InputError, listed
from wane.keras_model.regularizers import (
    Terms,
    regularizer_of,
    set_regularizer,
    terms_by_weight,
    terms_of,
    weights_not_saved,
    write_attention,
)
from wane.keras_model.weights import every_weight, trainable_weights
from wane.penalties import CATALOGUE, Penalty


@runtime_checkable
class Prescription(Protocol):
    """What stands for penalties, such as a preset of the literature."""

    @property
    def penalties(self) -> tuple[Penalty, ...]:
        """The penalties that it stands for."""


Several = Penalty | Prescription | Iterable[Penalty]
"""One penalty or several."""


def regularize(model: Any, *penalties: Several | Mapping[str, Several]) -> Any:
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
            last that matches a layer counts. Of several arguments the sum is taken. A strength of
            0 takes a penalty off.

    Returns:
        The same model.

    Raises:
        InputError: if the model is not built, a penalty matches no weight, or Keras cannot express
            it. Then the model is as it was.
    """
    check_built(model)
    sums: dict[int, Terms] = {}
    for given in penalties:
        for index, terms in _terms(model, given).items():
            sums[index] = sums.get(index, Terms()).plus(terms)
    if not sums:
        raise InputError(
            "regularize takes at least one penalty, such as wane.L2(1e-3); wane.unregularize(model)"
            " takes penalties off."
        )
    weights = trainable_weights(model)
    regularizers = {index: regularizer_of(terms) for index, terms in sums.items()}
    for index, regularizer in regularizers.items():
        set_regularizer(weights[index], regularizer)
    write_attention(weights)
    trace_anew(model)
    lost = [w.layer for w in weights_not_saved(model) if w.index in regularizers]
    if lost:
        warnings.warn(
            f"The penalties on {listed(dict.fromkeys(lost))} act, but a saved file or a clone of "
            f"{model.name!r} will not have them, since its configuration does not hold them: call "
            f"wane.regularize again on what is loaded.",
            stacklevel=2,
        )
    return model


def unregularize(model: Any) -> Any:
    """Take the penalties off all weights of a model, also off those that are not trained.

    The model itself is changed, as by :func:`regularize`. Activity regularizers and losses that
    layers add by themselves stay.

    Args:
        model: a built Keras model, on any backend.

    Returns:
        The same model.

    Raises:
        InputError: if the model is not built.
    """
    check_built(model)
    for weight in every_weight(model):
        weight.variable.regularizer = None
    for layer in model._flatten_layers():
        for attribute, value in list(vars(layer).items()):
            is_of_weight = attribute.endswith("_regularizer") and "activity" not in attribute
            if is_of_weight and isinstance(value, keras.regularizers.Regularizer):
                setattr(layer, attribute, None)
    trace_anew(model)
    return model


def check_built(model: Any) -> None:
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


def _terms(model: Any, given: Any) -> dict[int, Terms]:
    if not isinstance(given, Mapping):
        return terms_by_weight(model, _constant(_penalties(given)))
    by_weight: dict[int, Terms] = {}
    for layers, several in given.items():
        # A later glob takes the place of an earlier one, so that exceptions follow the rule.
        constant = _constant(_penalties(several))
        by_weight |= terms_by_weight(model, _on_layers(constant, layers))
    return by_weight


def _constant(penalties: tuple[Penalty, ...]) -> tuple[Penalty, ...]:
    for penalty in penalties:
        terms_of(penalty)  # raises where there is no regularizer at all
        if penalty.schedules:
            raise InputError(
                f"{penalty} changes in training, which a regularizer of Keras does not: train with "
                f"model.fit(..., callbacks=[wane.ScheduledPenalties(penalty)])."
            )
    return penalties


def _on_layers(penalties: Iterable[Penalty], layers: Any) -> Iterable[Penalty]:
    for penalty in penalties:
        if penalty.layers != "all":
            raise InputError(
                f"{penalty} is meant for layers={layers!r} by the mapping and for "
                f"layers={penalty.layers!r} by itself: leave its own layers out."
            )
        yield dataclasses.replace(penalty, layers=layers)


def _penalties(given: Any) -> tuple[Penalty, ...]:
    if isinstance(given, Prescription):
        return given.penalties
    several = tuple(given) if isinstance(given, tuple | list) else (given,)
    for one in several:
        if not isinstance(one, Penalty):
            names = ", ".join(f"wane.{kind.__name__}" for kind in CATALOGUE.values())
            raise InputError(
                f"{one!r} is no penalty: give one of {names}, such as wane.L2(1e-3), or a mapping "
                f"from layer names to penalties."
            )
    return several


def trace_anew(model: Any) -> None:
    """Have a model and those in it compile their steps again, which hold the penalties as code."""
    for layer in model._flatten_layers():
        if isinstance(layer, keras.Model):
            layer.train_function = layer.test_function = layer.predict_function = None
