"""The default network is the one that a Keras user would write, and says what it cannot be."""

from typing import Any

import numpy as np
import pytest

from table_cases import message
from wane.data import default_network
from wane.data.networks import parse_hidden


def network(**options: Any) -> Any:
    settings: dict[str, Any] = {"task": "binary", "classes": 2, "hidden": (5,)}
    return default_network(4, **(settings | options))


@pytest.mark.parametrize(
    ("task", "classes", "units", "activation", "loss", "metrics"),
    [
        ("binary", 2, 1, "sigmoid", "binary_crossentropy", {"accuracy"}),
        ("multiclass", 3, 3, "softmax", "sparse_categorical_crossentropy", {"accuracy"}),
        ("regression", 0, 1, "linear", "mean_squared_error", {"rmse", "r2"}),
    ],
)
def test_network_fits_its_task(
    task: str, classes: int, units: int, activation: str, loss: str, metrics: set[str]
) -> None:
    model = network(task=task, classes=classes, hidden=(5, 3))
    assert [layer.name for layer in model.layers] == ["hidden_1", "hidden_2", "output"]
    assert [layer.units for layer in model.layers] == [5, 3, units]
    assert [layer.activation.__name__ for layer in model.layers] == ["relu", "relu", activation]
    assert model.loss == loss
    x = np.random.default_rng(0).normal(size=(12, 4)).astype("float32")
    y = (np.arange(12) % max(classes, 2)).astype("int32" if task == "multiclass" else "float32")
    history = model.fit(x, y, epochs=1, batch_size=8, verbose=0).history
    assert set(history) == {"loss", *metrics}
    assert all(np.isfinite(value[0]) for value in history.values())


def test_one_hidden_layer_has_no_number() -> None:
    assert [layer.name for layer in network().layers] == ["hidden", "output"]


@pytest.mark.parametrize(
    ("name", "expected"),
    [
        ("adam", "Adam"),
        ("AdamW", "AdamW"),
        ("sgd", "SGD"),
        ("RMSPROP", "RMSprop"),
    ],
)
def test_optimizer_by_name_in_any_case(name: str, expected: str) -> None:
    assert type(network(optimizer=name).optimizer).__name__ == expected


def test_learning_rate_is_the_optimizers_own_unless_given() -> None:
    assert float(network(optimizer="sgd").optimizer.learning_rate) == np.float32(0.01)
    given = network(optimizer="sgd", learning_rate=0.5)
    assert float(given.optimizer.learning_rate) == 0.5


def test_every_named_optimizer_can_be_made() -> None:
    text = message(network, optimizer="zzzzzz")
    named = text.partition("available: ")[2].rstrip(".").replace("'", "").split(", ")
    assert {"adam", "adamw", "lion", "rmsprop", "sgd"} <= set(named)
    for name in named:
        assert type(network(optimizer=name).optimizer).__name__.casefold() == name


def test_unknown_optimizer_names_the_nearest() -> None:
    text = message(network, optimizer="Adamm")
    assert text == "Keras has no optimizer 'Adamm': did you mean 'adam'?"


@pytest.mark.parametrize("rate", [0.0, -1.0, float("nan"), float("inf")])
def test_learning_rate_must_be_positive(rate: float) -> None:
    assert message(network, learning_rate=rate) == (
        f"learning_rate must be a finite number above 0, got {rate!r}; leave it out for the "
        f"optimizer's default."
    )


def test_unknown_task_is_refused() -> None:
    text = message(network, task="regresion")
    assert text == "There is no task 'regresion' for a network: did you mean 'regression'?"


@pytest.mark.parametrize("hidden", [(), (0,), (5, -1), (2.5,), (True,)])
def test_hidden_layers_must_have_units(hidden: Any) -> None:
    assert message(network, hidden=hidden) == (
        f"hidden must give the units of at least one hidden layer, whole numbers of at least 1, "
        f"such as (128, 64); got {hidden!r}."
    )


@pytest.mark.parametrize(
    ("text", "sizes"), [("500", (500,)), ("128,64", (128, 64)), (" 8 , 4 ", (8, 4))]
)
def test_hidden_from_text(text: str, sizes: tuple[int, ...]) -> None:
    assert parse_hidden(text) == sizes


@pytest.mark.parametrize("text", ["", "0", "-5", "8,", "8;4", "1e3", "2.5", "many", "²", "٣"])
def test_unreadable_hidden_is_refused(text: str) -> None:
    assert message(parse_hidden, text) == (
        f"hidden must be the units of each hidden layer, whole numbers of at least 1 with commas "
        f"between them, such as 128,64; got {text!r}."
    )
