"""Keras's settings of a process, handed to another one."""

import json

import keras

from wane.keras_model.crossing.settings import settings_document, take_settings


def test_settings_are_taken() -> None:
    own = settings_document()
    try:
        take_settings({"floatx": "float16", "epsilon": 0.5, "image_data_format": "channels_first"})
        assert keras.config.floatx() == "float16" and keras.config.epsilon() == 0.5
        assert keras.config.image_data_format() == "channels_first"
        take_settings(json.loads(json.dumps(own)))
        assert settings_document() == own
    finally:
        take_settings(own)
