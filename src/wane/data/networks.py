"""The networks that a study of a table or an example trains where the user gives none."""

import dataclasses
import math
from collections.abc import Callable
from typing import TYPE_CHECKING, Any

from wane._errors import InputError, nearest

if TYPE_CHECKING:
    import keras


def parse_hidden(text: str) -> tuple[int, ...]:
    """Units of each hidden layer from text: ``"128,64"`` gives ``(128, 64)``.

    Raises:
        InputError: unless these are whole numbers of at least 1, with commas between them.
    """
    sizes = [part.strip() for part in text.split(",")]
    if not all(size.isascii() and size.isdecimal() and int(size) > 0 for size in sizes):
        raise InputError(
            f"hidden must be the units of each hidden layer, whole numbers of at least 1 with "
            f"commas between them, such as 128,64; got {text!r}."
        )
    return tuple(int(size) for size in sizes)


@dataclasses.dataclass(frozen=True)
class Architecture:
    """One kind of network, of which only the sizes are to be chosen.

    Attributes:
        reads: what its rows are, in words.
        axes: how many axes a row of its inputs may have.
        hidden: the sizes of its hidden layers unless others are given.
        layers: makes the layers between input and output, by the sizes and their names.
    """

    reads: str
    axes: tuple[int, ...]
    hidden: tuple[int, ...]
    layers: Callable[[tuple[int, ...], list[str]], list[Any]]


def _dense(hidden: tuple[int, ...], names: list[str]) -> list[Any]:
    from keras.layers import Dense, Flatten

    sized = zip(hidden, names, strict=True)
    return [Flatten(), *(Dense(units, activation="relu", name=name) for units, name in sized)]


def _conv2d(hidden: tuple[int, ...], names: list[str]) -> list[Any]:
    from keras.layers import Conv2D, Flatten, MaxPooling2D

    layers: list[Any] = []
    for filters, name in zip(hidden, names, strict=True):
        layers.append(Conv2D(filters, 3, padding="same", activation="relu", name=name))
        layers.append(MaxPooling2D(2, padding="same"))
    return [*layers, Flatten()]


def _conv1d(hidden: tuple[int, ...], names: list[str]) -> list[Any]:
    from keras.layers import Conv1D, GlobalAveragePooling1D

    sized = zip(hidden, names, strict=True)
    layers = [Conv1D(n, 5, padding="same", activation="relu", name=name) for n, name in sized]
    return [*layers, GlobalAveragePooling1D()]


def _lstm(hidden: tuple[int, ...], names: list[str]) -> list[Any]:
    from keras.layers import LSTM

    return [
        LSTM(units, return_sequences=name != names[-1], name=name)
        for units, name in zip(hidden, names, strict=True)
    ]


NETWORKS: dict[str, Architecture] = {
    "dense": Architecture("rows of any shape", (1, 2, 3), (500,), _dense),
    "conv2d": Architecture("images, [height, width, channels]", (3,), (16, 32), _conv2d),
    "conv1d": Architecture("sequences, [steps, features]", (2,), (32, 32), _conv1d),
    "lstm": Architecture("sequences, [steps, features]", (2,), (64,), _lstm),
}
"""Every kind of network by the name that the command line uses. ``hidden`` is units of dense and
LSTM layers, and filters of convolutions (of 3 × 3 pixels, each layer followed by max pooling, or of
5 steps, with the mean over steps in the end)."""


def default_network(
    inputs: int | tuple[int, ...],
    *,
    task: str,
    classes: int,
    hidden: tuple[int, ...],
    network: str = "dense",
    optimizer: str = "adam",
    learning_rate: float | None = None,
) -> "keras.Sequential":
    """A compiled network with rectified linear units, or of LSTM layers.

    Args:
        inputs: the number of inputs, or the shape of a row.
        task: ``"binary"`` (one sigmoid output), ``"multiclass"`` (a softmax output per class) or
            ``"regression"`` (one linear output).
        classes: the number of classes; used for ``"multiclass"`` only.
        hidden: the size of each hidden layer (see :data:`NETWORKS`). These are named ``hidden``, or
            ``hidden_1``, ``hidden_2``, … where there are several; the last layer is ``output``.
        network: the kind of network, a name in :data:`NETWORKS`.
        optimizer: the name of a Keras optimizer, in any case.
        learning_rate: None for the optimizer's default.

    Returns:
        The network, with fresh weights.

    Raises:
        InputError: if a size, the task, the network, the optimizer or the learning rate cannot be
            used.

    Example:
        >>> import wane.data
        >>> network = wane.data.default_network(2, task="multiclass", classes=3, hidden=(16, 8))
        >>> [layer.name for layer in network.layers], network.output_shape
        (['hidden_1', 'hidden_2', 'output'], (None, 3))
    """
    import keras

    shape = (inputs,) if isinstance(inputs, int) else inputs
    kind = _architecture(network, shape)
    units, activation, loss = _output(task, classes)
    names = ["hidden"] if len(hidden) == 1 else [f"hidden_{i + 1}" for i in range(len(hidden))]
    layers = kind.layers(_checked_hidden(hidden), names)
    if network == "dense" and len(shape) == 1:
        del layers[0]  # rows that are flat need no flattening
    output = keras.layers.Dense(units, activation=activation, name="output")
    model = keras.Sequential([keras.Input(shape), *layers, output])
    metrics: list[Any] = ["accuracy"]
    if task == "regression":
        metrics = [
            keras.metrics.RootMeanSquaredError(name="rmse"),
            keras.metrics.R2Score(name="r2"),
        ]
    model.compile(_optimizer(optimizer, learning_rate), loss=loss, metrics=metrics)
    return model


def _architecture(network: str, shape: tuple[int, ...]) -> Architecture:
    """The kind of network of this name, if it reads rows of this shape."""
    if network not in NETWORKS:
        raise InputError(f"There is no network {network!r}: {nearest(network, NETWORKS)}")
    kind = NETWORKS[network]
    if len(shape) not in kind.axes:
        fit = " or ".join(repr(name) for name, k in NETWORKS.items() if len(shape) in k.axes)
        raise InputError(
            f"The network {network!r} reads {kind.reads}, but the rows here have the shape "
            f"{shape}: take {fit}."
        )
    return kind


def _output(task: str, classes: int) -> tuple[int, str, str]:
    """Units, activation and loss of the last layer."""
    outputs = {
        "binary": (1, "sigmoid", "binary_crossentropy"),
        "multiclass": (classes, "softmax", "sparse_categorical_crossentropy"),
        "regression": (1, "linear", "mean_squared_error"),
    }
    if task not in outputs:
        raise InputError(f"There is no task {task!r} for a network: {nearest(task, outputs)}")
    return outputs[task]


def _checked_hidden(hidden: tuple[int, ...]) -> tuple[int, ...]:
    whole = [isinstance(size, int) and not isinstance(size, bool) and size > 0 for size in hidden]
    if not whole or not all(whole):
        raise InputError(
            f"hidden must give the units of at least one hidden layer, whole numbers of at least "
            f"1, such as (128, 64); got {hidden!r}."
        )
    return hidden


def _optimizer(name: str, learning_rate: float | None) -> "keras.optimizers.Optimizer":
    import keras

    # These two wrap another optimizer, so that they cannot be made from a name alone.
    wrappers = ("Optimizer", "LossScaleOptimizer", "MultiOptimizer")
    classes = {
        known.casefold(): cls
        for known, cls in vars(keras.optimizers).items()
        if isinstance(cls, type)
        and issubclass(cls, keras.optimizers.Optimizer)
        and known not in wrappers
    }
    if name.casefold() not in classes:
        raise InputError(f"Keras has no optimizer {name!r}: {nearest(name, sorted(classes))}")
    if learning_rate is None:
        return classes[name.casefold()]()
    if not (math.isfinite(learning_rate) and learning_rate > 0):
        raise InputError(
            f"learning_rate must be a finite number above 0, got {learning_rate!r}; leave it out "
            f"for the optimizer's default."
        )
    return classes[name.casefold()](learning_rate=learning_rate)
