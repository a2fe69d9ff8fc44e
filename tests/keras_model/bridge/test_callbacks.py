"""Keras callbacks inside the program do what they do in ``fit``."""

from collections.abc import Callable
from typing import Any

import keras
import numpy as np
import pytest

import wane
from fit_cases import data, network
from thorough_cases import thorough_but

EPOCHS = 40
CALLBACKS: dict[str, tuple[str, Callable[[], list[Any]]]] = {
    "early stopping": (
        "regression",
        lambda: [keras.callbacks.EarlyStopping(patience=3, restore_best_weights=True)],
    ),
    "early stopping on a metric": (
        "binary",
        lambda: [
            keras.callbacks.EarlyStopping(
                monitor="val_accuracy",
                patience=2,
                min_delta=0.02,
                restore_best_weights=True,
                start_from_epoch=2,
            )
        ],
    ),
    "early stopping with a baseline": (
        "regression",
        lambda: [keras.callbacks.EarlyStopping(baseline=0.2, patience=6)],
    ),
    "a plateau": (
        "regression",
        lambda: [
            keras.callbacks.ReduceLROnPlateau(
                patience=2, factor=0.3, cooldown=2, min_delta=0.01, min_lr=1e-4
            )
        ],
    ),
    "a schedule": (
        "binary",
        lambda: [
            keras.callbacks.LearningRateScheduler(
                lambda epoch, rate: rate * 0.9 if epoch > 3 else rate
            )
        ],
    ),
    "several": (
        "regression",
        lambda: [
            keras.callbacks.ReduceLROnPlateau(monitor="loss", patience=1, factor=0.5),
            keras.callbacks.EarlyStopping(patience=8),
            keras.callbacks.TerminateOnNaN(),
        ],
    ),
}


def compiled(task: str, optimizer: Any) -> Any:
    """A network that reports accuracy where there are classes."""
    model = network(task, optimizer)
    if task == "binary":
        model.compile(optimizer, "binary_crossentropy", metrics=["accuracy"])
    return model


def studied(model: Any, task: str, **options: Any) -> Any:
    """The result of one run of the model from its own weights."""
    x, y, x_val, y_val = data(task)
    defaults: dict[str, Any] = {
        "candidates": [],
        "validation": (x_val, y_val),
        "repeats": 1,
        "epochs": EPOCHS,
        "batch_size": 16,
        "shuffle": False,
        "initial_weights": "model",
        "learning_curve": False,
        "extend": False,
        "references": False,
    }
    return wane.Study(model, x, y, **{**defaults, **options}).run(progress=False)


def fitted(model: Any, task: str, callbacks: list[Any]) -> dict[str, list[float]]:
    """The history of ``fit``."""
    x, y, x_val, y_val = data(task)
    history: dict[str, list[float]] = model.fit(
        x,
        y,
        validation_data=(x_val, y_val),
        epochs=EPOCHS,
        batch_size=16,
        shuffle=False,
        verbose=0,
        callbacks=callbacks,
    ).history
    return history


@pytest.mark.parametrize("name", thorough_but(["several"], CALLBACKS))
def test_a_run_equals_fit(name: str) -> None:
    task, callbacks = CALLBACKS[name]
    model = compiled(task, keras.optimizers.Adam(0.05))
    result = studied(model, task, callbacks=callbacks())
    history = fitted(model, task, callbacks())
    assert len(result.curves) == len(history["loss"])
    np.testing.assert_allclose(result.curves["train_data_loss"], history["loss"], rtol=1e-5)
    np.testing.assert_allclose(
        result.curves["validation_data_loss"], history["val_loss"], rtol=1e-5
    )
    for mine, theirs in zip(
        result.model("baseline").get_weights(), model.get_weights(), strict=True
    ):
        np.testing.assert_allclose(mine, theirs, rtol=1e-6, atol=1e-6)


def test_early_stopping_does_stop_early() -> None:
    task, callbacks = CALLBACKS["early stopping"]
    result = studied(compiled(task, keras.optimizers.Adam(0.2)), task, callbacks=callbacks())
    assert 3 < len(result.curves) < EPOCHS
    best = result.curves["validation_data_loss"].min()
    assert result.runs["validation_data_loss"].iloc[0] == pytest.approx(best, rel=1e-6)


def test_the_data_loss_is_watched_not_its_sum_with_the_penalty() -> None:
    """A penalty that changes nothing but the reported sum does not change when a run stops."""
    callbacks = [keras.callbacks.EarlyStopping(patience=2)]
    model = compiled("regression", keras.optimizers.SGD(0.0))
    result = studied(model, "regression", callbacks=callbacks, candidates=[wane.L2(5.0)])
    assert result.curves.groupby("candidate", observed=True).size().tolist() == [3, 3]


@pytest.mark.thorough
def test_moving_averages_of_weights_are_what_is_left() -> None:
    optimizer = keras.optimizers.Adam(0.05, use_ema=True, ema_momentum=0.9)
    model = compiled("binary", optimizer)
    result = studied(model, "binary")
    fitted(model, "binary", [])
    for mine, theirs in zip(
        result.model("baseline").get_weights(), model.get_weights(), strict=True
    ):
        np.testing.assert_allclose(mine, theirs, rtol=1e-6, atol=1e-6)


@pytest.mark.parametrize(
    ("callbacks", "message"),
    [
        (
            [keras.callbacks.CSVLogger("log.csv")],
            "The callback CSVLogger needs Python at every epoch, which one compiled program has "
            "not; EarlyStopping, ReduceLROnPlateau, LearningRateScheduler and TerminateOnNaN "
            "work, and result.curves has what a logger would write.",
        ),
        (
            [keras.callbacks.EarlyStopping(monitor="val_auc")],
            "EarlyStopping watches 'val_auc', which is none of 'loss', 'val_loss', 'accuracy', "
            "'val_accuracy': change its monitor or compile the model with that metric.",
        ),
        (
            [
                keras.callbacks.ReduceLROnPlateau(),
                keras.callbacks.LearningRateScheduler(lambda _, rate: rate),
            ],
            "ReduceLROnPlateau and LearningRateScheduler both set the learning rate; give one.",
        ),
    ],
)
def test_what_cannot_be_honoured_is_refused(callbacks: list[Any], message: str) -> None:
    with pytest.raises(wane.InputError) as caught:
        studied(compiled("binary", "adam"), "binary", callbacks=callbacks)
    assert str(caught.value) == message


def test_a_schedule_of_the_optimizer_s_own_cannot_be_changed() -> None:
    schedule = keras.optimizers.schedules.ExponentialDecay(0.1, 10, 0.5)
    model = compiled("binary", keras.optimizers.Adam(schedule))
    with pytest.raises(wane.InputError, match="follows a schedule of its own: give the optimizer"):
        studied(model, "binary", callbacks=[keras.callbacks.ReduceLROnPlateau()])


@pytest.mark.parametrize(
    "callback",
    [
        keras.callbacks.ReduceLROnPlateau(),
        keras.callbacks.EarlyStopping(min_delta=0.1),
        keras.callbacks.EarlyStopping(monitor="loss", baseline=0.5),
    ],
)
def test_differences_of_a_loss_that_is_a_sum_are_refused(callback: Any) -> None:
    """``fit`` reports the sum of a batch, wane the loss of a row, so a min_delta has two units."""
    model = network("regression", "sgd")
    model.compile("sgd", keras.losses.MeanSquaredError(reduction="sum"))
    with pytest.raises(wane.InputError, match=r"adds up the rows of a batch, .* for each row:"):
        studied(model, "regression", callbacks=[callback], epochs=1)


def test_order_alone_is_the_same_for_a_sum() -> None:
    model = network("regression", keras.optimizers.SGD(0.01))
    model.compile(keras.optimizers.SGD(0.02), keras.losses.MeanSquaredError(reduction="sum"))
    stop = keras.callbacks.EarlyStopping(patience=1)
    result = studied(model, "regression", callbacks=[stop])
    assert len(result.curves) == len(fitted(model, "regression", [stop])["loss"]) < EPOCHS
