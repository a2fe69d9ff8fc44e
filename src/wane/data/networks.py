"""The network that a study of a table trains where the user gives none."""

import math
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


def default_network(
    inputs: int,
    *,
    task: str,
    classes: int,
    hidden: tuple[int, ...],
    optimizer: str = "adam",
    learning_rate: float | None = None,
) -> "keras.Sequential":
    """A compiled network of dense layers with rectified linear units.

    Args:
        inputs: the number of inputs.
        task: ``"binary"`` (one sigmoid output), ``"multiclass"`` (a softmax output per class) or
            ``"regression"`` (one linear output).
        classes: the number of classes; used for ``"multiclass"`` only.
        hidden: units of each hidden layer, which are named ``hidden``, or ``hidden_1``,
            ``hidden_2``, … where there are several; the last layer is ``output``.
        optimizer: the name of a Keras optimizer, in any case.
        learning_rate: None for the optimizer's default.

    Raises:
        InputError: if a size, the task, the optimizer or the learning rate cannot be used.
    """
    import keras

    units, activation, loss = _output(task, classes)
    names = ["hidden"] if len(hidden) == 1 else [f"hidden_{i + 1}" for i in range(len(hidden))]
    layers = [
        keras.layers.Dense(size, activation="relu", name=name)
        for size, name in zip(_checked_hidden(hidden), names, strict=True)
    ]
    output = keras.layers.Dense(units, activation=activation, name="output")
    network = keras.Sequential([keras.Input((inputs,)), *layers, output])
    metrics: list[Any] = ["accuracy"]
    if task == "regression":
        metrics = [
            keras.metrics.RootMeanSquaredError(name="rmse"),
            keras.metrics.R2Score(name="r2"),
        ]
    network.compile(_optimizer(optimizer, learning_rate), loss=loss, metrics=metrics)
    return network


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
