"""The cases' networks in Keras."""

from collections.abc import Callable
from typing import Any

from benchmarks.cases import Case


def network(case: Case, *, penalized: bool) -> Any:
    """The compiled Keras model of a case.

    Args:
        case: which.
        penalized: whether the kernels of hidden layers carry the case's L2 penalty as Keras's own
            regularizer; wane adds its penalty itself.
    """
    import keras

    regularizer = keras.regularizers.L2(case.strength) if penalized else None
    layers = _LAYERS[case.network](keras.layers, regularizer)
    model = keras.Sequential(layers)
    two = case.network in ("case_study", "lstm")
    loss = "binary_crossentropy" if two else "sparse_categorical_crossentropy"
    model.compile("adam", loss=loss, metrics=["accuracy"])
    return model


def _case_study(layers: Any, regularizer: Any) -> list[Any]:
    return [
        layers.Input((2,)),
        layers.Dense(500, "relu", kernel_regularizer=regularizer),
        layers.Dense(1, "sigmoid"),
    ]


def _cnn(layers: Any, regularizer: Any) -> list[Any]:
    return [
        layers.Input((8, 8, 1)),
        layers.Conv2D(16, 3, padding="same", activation="relu", kernel_regularizer=regularizer),
        layers.MaxPooling2D(),
        layers.Conv2D(32, 3, padding="same", activation="relu", kernel_regularizer=regularizer),
        layers.MaxPooling2D(),
        layers.Flatten(),
        layers.Dense(10, "softmax"),
    ]


def _mlp(layers: Any, regularizer: Any) -> list[Any]:
    return [
        layers.Input((64,)),
        layers.Dense(256, "relu", kernel_regularizer=regularizer),
        layers.Dense(256, "relu", kernel_regularizer=regularizer),
        layers.Dense(10, "softmax"),
    ]


def _normalized(layers: Any, regularizer: Any) -> list[Any]:
    hidden = [
        layer
        for _ in range(2)
        for layer in (
            layers.Dense(128, kernel_regularizer=regularizer),
            layers.BatchNormalization(),
            layers.Activation("relu"),
            layers.Dropout(0.3),
        )
    ]
    return [layers.Input((64,)), *hidden, layers.Dense(10, "softmax")]


def _lstm(layers: Any, regularizer: Any) -> list[Any]:
    return [
        layers.Input((50, 2)),
        layers.LSTM(32, kernel_regularizer=regularizer),
        layers.Dense(1, "sigmoid"),
    ]


_LAYERS: dict[str, Callable[[Any, Any], list[Any]]] = {
    "case_study": _case_study,
    "cnn": _cnn,
    "mlp": _mlp,
    "normalized": _normalized,
    "lstm": _lstm,
}
