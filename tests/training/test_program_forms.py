"""Forms of data that ``fit`` takes train alike, or are refused with the reason."""

from collections.abc import Iterator
from typing import Any

import keras
import numpy as np
import pytest
from keras import layers

import wane
from thorough_cases import thorough_but

TRAIN, ROWS, BATCH, EPOCHS = 22, 33, 8, 2
RANDOM = np.random.default_rng(0)
X = RANDOM.normal(size=(ROWS, 3)).astype("float32")
STEPS = RANDOM.normal(size=(ROWS, 4, 3)).astype("float32")
NUMBERS = RANDOM.normal(size=(ROWS, 1)).astype("float32")
OTHERS = RANDOM.normal(size=(ROWS, 1)).astype("float32")
CLASSES = RANDOM.integers(0, 3, (ROWS, 4)).astype("int32")


def compiled(inputs: Any, outputs: Any, loss: Any = "mse") -> Any:
    model = keras.Model(inputs, outputs)
    model.compile(keras.optimizers.SGD(0.05), loss)
    return model


def listed() -> Any:
    given = layers.Input((3,))
    return compiled([given], [layers.Dense(1)(given)])


def nested() -> Any:
    given = layers.Input((3,))
    outputs = {
        "pair": {"one": layers.Dense(1)(given), "two": layers.Dense(1)(given)},
        "alone": layers.Dense(1)(given),
    }
    return compiled(given, outputs, {"pair": {"one": "mse", "two": "mae"}, "alone": "mse"})


def of_fixed_batches() -> Any:
    given = layers.Input(batch_shape=(BATCH, 3))
    return compiled(given, layers.Dense(1)(given))


def ignoring(label: int) -> Any:
    given = layers.Input((4, 3))
    loss = keras.losses.SparseCategoricalCrossentropy(ignore_class=label)
    return compiled(given, layers.Dense(3, activation="softmax")(given), loss)


def with_gaps(label: int) -> np.ndarray:
    """Classes of steps, of which many are not known."""
    return np.where(np.arange(4) < RANDOM.integers(1, 4, (ROWS, 1)), CLASSES, label)


def part(values: Any, rows: slice) -> Any:
    if isinstance(values, dict):
        return {name: part(value, rows) for name, value in values.items()}
    return [v[rows] for v in values] if isinstance(values, list) else values[rows]


FORMS: dict[str, tuple[Any, Any, Any]] = {
    "a list of one target": (listed, X, [NUMBERS]),
    "nested targets": (nested, X, {"pair": {"one": NUMBERS, "two": OTHERS}, "alone": NUMBERS}),
    "batches of a fixed size": (of_fixed_batches, X, NUMBERS),
    "255 is ignored": (lambda: ignoring(255), STEPS, with_gaps(255)),
    "-1 is ignored": (lambda: ignoring(-1), STEPS, with_gaps(-1)),
}


@pytest.mark.thorough
@pytest.mark.parametrize(
    "form", thorough_but([name for name in FORMS if "ignored" not in name], FORMS)
)
def test_it_trains_as_in_fit(form: str) -> None:
    make, x, y = FORMS[form]
    keras.utils.set_random_seed(1)
    model = make()
    train, other = slice(TRAIN), slice(TRAIN, None)
    validation = (part(x, other), part(y, other))
    options: dict[str, Any] = {"epochs": EPOCHS, "batch_size": BATCH, "shuffle": False}
    result = wane.Study(
        model, part(x, train), part(y, train), candidates=[], validation=validation, repeats=1,
        initial_weights="model", learning_curve=False, extend=False, references=False, **options,
    ).run(progress=False)  # fmt: skip
    history = model.fit(
        part(x, train), part(y, train), validation_data=validation, verbose=0, **options
    ).history
    for mine, theirs in zip(
        result.model("baseline").get_weights(), model.get_weights(), strict=True
    ):
        np.testing.assert_allclose(mine, theirs, rtol=1e-5, atol=1e-6)
    for key, column in (("loss", "train_data_loss"), ("val_loss", "validation_data_loss")):
        np.testing.assert_allclose(result.curves[column], history[key], rtol=1e-5)


@pytest.mark.thorough
def test_accuracy_leaves_out_what_the_loss_ignores() -> None:
    """Keras has no such metric: the right classes among the targets that are known."""
    y = with_gaps(255)
    study = wane.Study(
        ignoring(255), STEPS, y, candidates=[], validation=(STEPS, y), repeats=1, epochs=1,
        learning_curve=False, extend=False, references=False,
    )  # fmt: skip
    result = study.run(progress=False)
    found = np.argmax(result.model("baseline").predict(STEPS, verbose=0), -1)
    assert result.runs["validation_accuracy"].item() == pytest.approx(
        np.mean((found == y)[y != 255]), abs=1e-6
    )


def test_targets_that_are_all_ignored_are_refused() -> None:
    y = np.full((ROWS, 4), 255)
    with pytest.raises(wane.InputError, match="Every target is 255, which the loss"):
        wane.Study(ignoring(255), STEPS, y, candidates=[], epochs=1).run(progress=False)


def generated() -> Iterator[Any]:
    yield X, NUMBERS


@pytest.mark.parametrize("y", [generated(), zip(X, NUMBERS, strict=True)])
def test_targets_that_come_batch_by_batch_are_refused(y: Any) -> None:
    with pytest.raises(wane.InputError, match=r"y is a \w+, which gives rows batch by batch; wane"):
        wane.Study(listed(), X, y, candidates=[], epochs=1)


def test_a_stateful_layer_is_refused_by_its_name() -> None:
    given = layers.Input(batch_shape=(BATCH, 4, 3))
    model = compiled(given, layers.Dense(1)(layers.LSTM(3, stateful=True, name="memory")(given)))
    with pytest.raises(wane.InputError, match="layer 'memory' is stateful"):
        wane.Study(model, STEPS, NUMBERS, candidates=[], epochs=1).run(progress=False)


def test_inputs_too_many_are_named() -> None:
    given = layers.Input((3,), name="only")
    model = compiled({"only": given}, layers.Dense(1)(given))
    with pytest.raises(wane.InputError, match=r"x has 2 parts \('more', 'only'\), but the model"):
        wane.Study(model, {"only": X, "more": X}, NUMBERS, candidates=[], epochs=1).run(
            progress=False
        )


@pytest.mark.parametrize("shape", [(ROWS, 5), (ROWS, 3, 3)])
def test_weights_that_fit_neither_rows_nor_steps_are_refused(shape: tuple[int, ...]) -> None:
    given = layers.Input((4, 3))
    model = compiled(given, layers.Dense(2)(given))
    y = np.zeros((ROWS, 4, 2), "float32")
    y[0] = 1
    weight = np.ones(shape)
    with pytest.raises(wane.InputError, match=r"for each row, .* or for each step of y"):
        wane.Study(model, STEPS, y, sample_weight=weight, candidates=[], epochs=1)
