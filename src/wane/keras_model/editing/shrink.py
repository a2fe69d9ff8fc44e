"""A smaller model that gives the same outputs: without the units and filters that do nothing."""

import dataclasses
from typing import Any

import keras
import numpy as np

from wane._errors import InputError, listed
from wane._language import gettext, pgettext
from wane.keras_model.copies import (
    compile_config,
    own_parts_known,
    take_statistics,
    why_not_made,
)
from wane.keras_model.editing.channels import PRODUCERS, Channels, Findings, folded, followed
from wane.keras_model.editing.regularize import check_built
from wane.keras_model.weight_decay import keep_exclusions


@dataclasses.dataclass(frozen=True)
class Shrunk:
    """A model without its dead units.

    Attributes:
        model: the smaller model, a plain Keras model compiled as the given one, its optimizer new.
        removed: how many units or filters each layer lost, by its name.
        left: layers with weights that cannot be shrunk, with the reason, by their names.
        parameters: how many parameters the smaller model has.
        parameters_before: how many the given one has.

    Example:
        >>> import keras, wane
        >>> layers = keras.layers
        >>> model = keras.Sequential([layers.Input((2,)), layers.Dense(8), layers.Dense(1)])
        >>> print(wane.shrink(model))
        0 of 33 parameters went (0 %): no unit is dead.
    """

    model: keras.Model
    removed: dict[str, int]
    left: dict[str, str]
    parameters: int
    parameters_before: int

    def __str__(self) -> str:
        gone = self.parameters_before - self.parameters
        share = 100 * gone / max(self.parameters_before, 1)
        lost = gettext("{name} lost {count}")
        parts = [lost.format(name=name, count=count) for name, count in self.removed.items()]
        what = (
            gettext("no dead unit can be taken away") if self.left else gettext("no unit is dead")
        )
        if parts:
            comma = pgettext("between the words of a list", ", ")
            what = gettext("units or filters of {parts}").format(parts=comma.join(parts))
        text = gettext("{gone} of {all} parameters went ({share} %): {what}.").format(
            gone=f"{gone:,}", all=f"{self.parameters_before:,}", share=f"{share:.0f}", what=what
        )
        if self.left:
            text += gettext(" Not shrunk: {names}.").format(names=listed(self.left))
        return text


def shrink(model: keras.Model) -> Shrunk:
    """Take the units and filters away that do nothing, as penalties with exact zeros leave them.

    A unit does nothing if all its incoming weights are zero, or those by which others take it in.
    The value of one that is constant becomes a part of the biases that follow. Dense layers and
    convolutions are shrunk, also through activations, batch normalization, pooling, dropout and
    Flatten; inputs and outputs of the model stay, and so does all that cannot be followed. The
    outputs for inference are the same up to rounding.

    Args:
        model: a built Sequential or functional model; it is not changed.

    Returns:
        The smaller model, and what each layer lost.

    Raises:
        InputError: if the model is not built or of a class of its own, or has a layer that its
            configuration does not make anew.

    Example:
        >>> import keras, numpy as np, wane
        >>> layers = keras.layers
        >>> model = keras.Sequential(
        ...     [layers.Input((2,)), layers.Dense(8, name="hidden"), layers.Dense(1)])
        >>> kernel, bias = model.get_layer("hidden").get_weights()
        >>> kernel[:, 3:] = 0  # as a proximal penalty does
        >>> model.get_layer("hidden").set_weights([kernel, bias])
        >>> small = wane.shrink(model)
        >>> small.removed, small.parameters, small.parameters_before
        ({'hidden': 5}, 13, 33)
    """
    check_built(model)
    findings = followed(model)
    removed = {
        layer.name: int(np.sum(~findings.needed[id(layer)]))
        for layer in model._flatten_layers()
        if id(layer) in findings.needed and not findings.needed[id(layer)].all()
    }
    try:
        with own_parts_known(model):
            small = keras.models.clone_model(
                model, clone_function=lambda layer: _smaller(layer, findings)
            )
    except Exception as error:
        raise InputError(
            f"The model {model.name!r} cannot be made anew, which shrink has to do: "
            f"{why_not_made(model, error)}"
        ) from error
    twins = {layer.name: layer for layer in small.layers}
    for layer in model.layers:
        if layer.weights:
            twins[layer.name].set_weights(_weights(layer, findings))
    take_statistics(small)
    if getattr(model, "compiled", False):
        with own_parts_known(model):
            small.compile_from_config(compile_config(model))
        keep_exclusions(small, model)
    return Shrunk(small, removed, findings.left, small.count_params(), model.count_params())


def _smaller(layer: Any, findings: Findings) -> Any:
    config = layer.get_config()
    needed = findings.needed.get(id(layer))
    if needed is not None:
        config["units" if isinstance(layer, keras.layers.Dense) else "filters"] = int(needed.sum())
    return type(layer).from_config(config)


def _stay(channels: Channels, findings: Findings) -> np.ndarray:
    """Which channels of a tensor stay, [channels]."""
    needed = findings.needed.get(id(channels.source))
    return np.ones(len(channels.places), bool) if needed is None else needed[channels.places]


def _weights(layer: Any, findings: Findings) -> list[np.ndarray]:
    """The weights of a layer that stay, with constant inputs in its bias."""
    weights = [np.asarray(weight) for weight in layer.get_weights()]
    inputs = findings.inputs.get(id(layer))
    if inputs is None:
        return weights
    stay = _stay(inputs, findings)
    if not isinstance(layer, PRODUCERS):
        return [weight[stay] for weight in weights]  # one number for each channel
    units = findings.needed[id(layer)]
    kernel = weights[0][..., stay, :][..., units]
    if not layer.use_bias:
        return [kernel]
    bias = weights[1] + folded(layer, np.where(stay, 0, inputs.constants))
    return [kernel, bias[units].astype(weights[1].dtype)]
