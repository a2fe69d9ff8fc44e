"""The masks that Keras's layers put on outputs, carried beside them."""

from collections.abc import Sequence
from typing import Any

import jax
from keras.src.backend.common.masking import get_keras_mask, set_keras_mask


def masks_of(predictions: Any) -> list[Any]:
    """The mask that Keras's layers have put on each output; None where there is none.

    A mask is an attribute of an array, so that it is lost wherever a program takes arrays apart
    and puts them together again: it has to be carried beside them.
    """
    return [get_keras_mask(output) for output in jax.tree.leaves(predictions)]


def with_masks(predictions: Any, masks: Sequence[Any]) -> Any:
    """The outputs with the masks that :func:`masks_of` gave of them."""
    for output, mask in zip(jax.tree.leaves(predictions), masks, strict=True):
        if mask is not None:
            set_keras_mask(output, mask)
    return predictions
