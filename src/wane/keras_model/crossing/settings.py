"""Keras's settings of a whole process, which layers and data may depend on."""

from collections.abc import Mapping

import keras


def settings_document() -> dict[str, str | float]:
    """Keras's settings of this process but the backend; JSON-able."""
    return {
        "floatx": keras.config.floatx(),
        "epsilon": keras.config.epsilon(),
        "image_data_format": keras.config.image_data_format(),
    }


def take_settings(document: Mapping[str, str | float]) -> None:
    """Give this process the settings of another one."""
    keras.config.set_floatx(document["floatx"])
    keras.config.set_epsilon(document["epsilon"])
    keras.config.set_image_data_format(document["image_data_format"])


def forget_models() -> None:
    """Let Keras forget names and graphs of earlier models of this process, which is wane's own."""
    keras.backend.clear_session()
