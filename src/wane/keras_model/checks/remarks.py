"""What people should know of how a model is trained in a study, a sentence each."""

from collections.abc import Iterable, Sequence
from typing import Any

import keras
import numpy as np

from wane._errors import listed
from wane.keras_model.bridge.bridge import Arrays, Bridge
from wane.keras_model.copies import steps_taken
from wane.keras_model.editing.advice import without_strength
from wane.keras_model.foreign_optimizers import optimizer_remark
from wane.keras_model.weight_decay import steppers
from wane.keras_model.weights import Weight, roles_read, targeted, trainable_weights
from wane.penalties import Penalty


def remarks(
    bridge: Bridge, weights: Arrays, penalties: Iterable[Penalty], *, restores: bool
) -> tuple[str, ...]:
    """The sentences on a study's model before it is trained; none where nothing is due.

    Args:
        bridge: the model as pure functions.
        weights: its trainable weights at the start of the first run.
        penalties: those of the study's candidates.
        restores: whether runs end with the weights of their best epoch.
    """
    meant = {w.index for penalty in penalties for w in targeted(bridge.model, penalty)}
    every = trainable_weights(bridge.model)
    live = [weight for weight in every if weight.variable.regularizer is not None]
    sentences = (
        optimizer_remark(bridge.model),
        _begins_anew(bridge, weights),
        _without_averages(bridge.model) if restores else "",
        roles_read(weight for weight in every if weight.index in meant),
        without_strength(live),
    )
    return tuple(sentence for sentence in sentences if sentence)


def restores_best(callbacks: Sequence[Any]) -> bool:
    """Whether a callback gives runs back the weights of their best epoch."""
    return any(getattr(one, "restore_best_weights", False) for one in callbacks)


def _begins_anew(bridge: Bridge, weights: Arrays) -> str:
    """On a trained optimizer that is not gone on with, though the weights are the model's."""
    model = bridge.model
    steps = steps_taken(model)
    own = zip(weights, model.trainable_variables, strict=True)
    if not steps or bridge.goes_on or not all(np.array_equal(w, v.value) for w, v in own):
        return ""
    made = f"{steps:,} step{'s' if steps > 1 else ''}"
    return (
        f"Runs begin with the weights of the model {model.name!r}, but its optimizer, which has "
        f"made {made}, begins anew: optimizer_state='model' (--optimizer-state model) goes on "
        f"with its moments, as fit does."
    )


def _without_averages(model: keras.Model) -> str:
    if not any(one.use_ema for one in steppers(model.optimizer)):
        return ""
    return (
        f"Runs end with the weights of their best epoch as they were in training, not with their "
        f"moving averages, though the optimizer of the model {model.name!r} has use_ema=True: "
        f"EarlyStopping(restore_best_weights=True) puts them back last, in fit too."
    )


def untrained_remark(weights: Sequence[Weight]) -> str:
    """On weights that the loss does not change with; nothing if there are none."""
    if not weights:
        return ""
    factors = [weight for weight in weights if weight.variable.name.startswith("lora_")]
    names = listed(f"{weight.layer}/{weight.variable.name}" for weight in weights)
    sentence = (
        f"The data loss does not train {names}: its gradient there is exactly zero at the start, "
        f"and stays so when the other weights move."
    )
    if factors:
        layers = listed(dict.fromkeys(weight.layer for weight in factors))
        return (
            f"{sentence} Both LoRA factors of {layers} are 0, as Keras loads them from a file, "
            f"into whose kernel it has added them: assign random numbers to the factor a, as "
            f"enable_lora does."
        )
    return (
        f"{sentence} Such weights lead to no output with a loss, or through units that are "
        f"saturated or dead: scale x, or change the layers after them."
    )
