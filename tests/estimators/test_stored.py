"""Models as bytes: the same predictions, and no code of theirs is run."""

import io
import json
import zipfile

import keras
import numpy as np
import pytest

import wane
from estimator_cases import network, rows
from wane.estimators.stored import model_bytes, model_of


def test_a_model_comes_back_with_its_predictions() -> None:
    model, x = network(3, 1), rows()[0]
    back = model_of(model_bytes(model))
    np.testing.assert_array_equal(back.predict(x, verbose=0), model.predict(x, verbose=0))
    assert back.loss == "binary_crossentropy"


def test_the_bytes_are_a_keras_file() -> None:
    with zipfile.ZipFile(io.BytesIO(model_bytes(network(3, 1)))) as archive:
        assert json.loads(archive.read("config.json"))["class_name"] == "Sequential"


def test_code_in_a_model_is_never_run() -> None:
    model = keras.Sequential([keras.layers.Input((3,)), keras.layers.Lambda(lambda x: x)])
    model.compile(loss="mse")
    stored = model_bytes(model)
    with pytest.raises(wane.InputError, match="is refused, since loading it would run code"):
        model_of(stored)
