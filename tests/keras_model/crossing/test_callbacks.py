"""Callbacks as data: the same again, or refused."""

import json
from typing import Any

import keras
import pytest

import wane
from wane.keras_model.crossing.callbacks import callback_document, callback_of

CALLBACKS = [
    keras.callbacks.EarlyStopping("val_mae", 0.1, 3, mode="min", baseline=0.5, start_from_epoch=2),
    keras.callbacks.EarlyStopping(restore_best_weights=True),
    keras.callbacks.ReduceLROnPlateau(factor=0.5, patience=2, min_delta=0.01, min_lr=1e-5),
    keras.callbacks.TerminateOnNaN(),
]


@pytest.mark.parametrize("callback", CALLBACKS)
def test_callbacks_are_the_same_again(callback: Any) -> None:
    found = callback_of(json.loads(json.dumps(callback_document(callback))))
    assert type(found) is type(callback)
    assert {**vars(found), "monitor_op": 0} == {**vars(callback), "monitor_op": 0}


@pytest.mark.parametrize("callback", [keras.callbacks.LearningRateScheduler(str), object()])
def test_others_are_refused(callback: Any) -> None:
    with pytest.raises(wane.InputError) as caught:
        callback_document(callback)
    assert str(caught.value) == (
        f"callbacks hold {type(callback).__name__}, which cannot be handed from the backend 'jax' "
        f"to JAX, on which wane trains: give EarlyStopping, ReduceLROnPlateau, TerminateOnNaN "
        f"alone, or start Python anew with KERAS_BACKEND=jax."
    )
