"""Penalties that follow a schedule in plain ``fit``: what is compiled, left behind and refused."""

from collections.abc import Callable
from pathlib import Path
from typing import Any

import keras
import numpy as np
import pytest

import wane
from wane.penalties import Schedule

random = np.random.default_rng(0)
X = random.normal(size=(24, 3)).astype("float32")
Y = X @ np.array([1.0, -2.0, 0.0], "float32")
STEPS = wane.schedule.steps({0: 0.0, 1: 0.25, 2: 0.5})


def network(**hidden: Any) -> Any:
    model = keras.Sequential(
        [
            keras.layers.Input((3,)),
            keras.layers.Dense(4, activation="relu", name="hidden", **hidden),
            keras.layers.Dense(1, name="output"),
        ]
    )
    model.compile("sgd", "mean_squared_error")
    return model


def fit(model: Any, *callbacks: Any, epochs: int = 3, **options: Any) -> dict[str, Any]:
    history = model.fit(
        X, Y, batch_size=8, epochs=epochs, verbose=0, callbacks=list(callbacks), **options
    )
    return dict(history.history)


class Traced(keras.layers.Layer):  # type: ignore[misc] # Keras has no types
    """Counts how often its call is traced."""

    count = 0

    def call(self, x: Any) -> Any:
        self.count += 1
        return x


def test_the_training_step_is_compiled_once_for_all_strengths() -> None:
    """As often as for a strength that stays: in 20 epochs the strength changes 20 times."""
    traces = []
    for strength in (0.1, wane.schedule.linear(0.0, 1.0, epochs=20)):
        traced = Traced()
        model = keras.Sequential([keras.layers.Input((3,)), traced, keras.layers.Dense(1)])
        model.compile("sgd", "mean_squared_error")
        built = traced.count
        fit(model, wane.ScheduledPenalties(wane.L2(strength)), epochs=20)
        traces.append(traced.count - built)
    assert traces[0] == traces[1] <= 3


def test_fit_feels_each_strength() -> None:
    """With weights that stay, the loss of an epoch shows the strength."""
    model = network()
    model.optimizer.learning_rate = 0.0
    squares = float(np.sum(np.square(model.get_layer("hidden").kernel)))
    history = fit(
        model, wane.ScheduledPenalties(wane.L2(STEPS, layers="hidden")), validation_data=(X, Y)
    )
    for name in ("loss", "val_loss"):
        rises = np.diff(history[name])
        np.testing.assert_allclose(rises, [0.25 * squares] * 2, rtol=1e-4)


def test_afterwards_the_model_is_a_plain_one_with_the_last_strength(tmp_path: Path) -> None:
    model = network(kernel_regularizer=keras.regularizers.L1(0.1))
    variables = len(model.variables)
    fit(model, wane.ScheduledPenalties(wane.L2(STEPS, layers="hidden")))
    assert len(model.variables) == variables
    model.save(tmp_path / "model.keras")
    loaded = keras.saving.load_model(tmp_path / "model.keras")
    for one in (model, loaded, keras.models.clone_model(model)):
        layer = one.get_layer("hidden")
        assert type(layer.kernel.regularizer) is keras.regularizers.L2
        assert layer.kernel.regularizer.get_config() == {"l2": 0.5}
        assert layer.kernel_regularizer.get_config() == {"l2": 0.5}
    # And trains so: nothing of the callback is left in the compiled step.
    model.optimizer.learning_rate = 0.0
    squares = float(np.sum(np.square(model.get_layer("hidden").kernel)))
    data_loss = float(np.mean(np.square(model.predict(X, verbose=0)[:, 0] - Y)))
    assert fit(model, epochs=1)["loss"][0] == pytest.approx(data_loss + 0.5 * squares, rel=1e-4)


def test_files_saved_in_training_load_without_wane_and_hold_their_epoch(tmp_path: Path) -> None:
    model = network()
    kept = keras.callbacks.ModelCheckpoint(tmp_path / "{epoch}.keras")
    fit(model, wane.ScheduledPenalties(wane.L2(STEPS, layers="hidden")), kept)
    for epoch, strength in ((2, 0.25), (3, 0.5)):
        loaded = keras.saving.load_model(tmp_path / f"{epoch}.keras")
        assert loaded.get_layer("hidden").kernel.regularizer.get_config() == {"l2": strength}
    assert keras.saving.load_model(tmp_path / "1.keras").get_layer("hidden").kernel.regularizer is (
        None
    )


class Breaks(keras.callbacks.Callback):  # type: ignore[misc] # Keras has no types
    """Ends a training as Ctrl-C does."""

    def on_epoch_end(self, epoch: int, logs: Any = None) -> None:
        raise KeyboardInterrupt(epoch, logs)


def test_a_training_that_was_interrupted_can_go_on() -> None:
    model = network()
    variables = len(model.variables)
    callback = wane.ScheduledPenalties(wane.L2(STEPS, layers="hidden"))
    with pytest.raises(KeyboardInterrupt):
        fit(model, callback, Breaks())
    table = wane.inspect(model)
    assert table["penalty"].isna().all()  # the first epoch has none
    assert type(model.get_layer("hidden").kernel.regularizer).__name__ == "Scheduled"
    fit(model, callback, initial_epoch=2)
    assert len(model.variables) == variables
    assert model.get_layer("hidden").kernel.regularizer.get_config() == {"l2": 0.5}


def test_several_penalties_on_one_weight_are_summed_and_others_stay() -> None:
    model = network(bias_regularizer="l2")
    fit(model, wane.ScheduledPenalties(wane.L2(STEPS), wane.L1(0.125, layers="hidden")))
    assert model.get_layer("hidden").kernel.regularizer.get_config() == {"l1": 0.125, "l2": 0.5}
    assert model.get_layer("output").kernel.regularizer.get_config() == {"l2": 0.5}
    assert model.get_layer("hidden").bias.regularizer.get_config() == {"l2": pytest.approx(0.01)}


def nothing(_: Any, outputs: Any) -> Any:
    """A loss without gradients."""
    return keras.ops.mean(0.0 * outputs, axis=-1)


def still(**optimizer: Any) -> Any:
    """A network whose gradients are zero, so that nothing but decay moves its weights."""
    model = network(bias_initializer="ones")
    sgd = keras.optimizers.SGD(0.5, **optimizer)
    model.compile(sgd, nothing)
    return model


LEFT = (1 - 0.5 * 0.25) ** 3 * (1 - 0.5 * 0.5) ** 3
"""What three steps with STEPS' second strength and three with its third leave of a weight."""


def test_weight_decay_follows_a_schedule_on_its_weights_alone(tmp_path: Path) -> None:
    model = still()
    kernel, bias, *others = model.get_weights()
    saving = keras.callbacks.ModelCheckpoint(tmp_path / "{epoch}.keras")
    fit(model, wane.ScheduledPenalties(wane.WeightDecay(STEPS, layers="hidden")), saving)
    np.testing.assert_allclose(model.get_weights()[0], kernel * LEFT, rtol=1e-6)
    for found, expected in zip(model.get_weights()[1:], [bias, *others], strict=True):
        np.testing.assert_array_equal(found, expected)
    assert len(model.optimizer.variables) == 2  # iterations and learning rate, as before
    saved = [
        keras.saving.load_model(tmp_path / f"{epoch}.keras", {"nothing": nothing})
        for epoch in (2, 3)
    ]
    assert [one.optimizer.weight_decay for one in saved] == [0.25, 0.5]
    assert all(len(one.optimizer.variables) == 2 for one in saved)
    fit(model, epochs=1)  # the optimizer goes on with the last strength
    np.testing.assert_allclose(model.get_weights()[0], kernel * LEFT * 0.75**3, rtol=1e-6)
    np.testing.assert_array_equal(model.get_weights()[1], bias)


def test_l2_beside_the_optimizer_s_decay_is_warned_of() -> None:
    """Regression: with a schedule from 0 there was no warning."""
    model = network()
    model.compile(keras.optimizers.AdamW(weight_decay=0.5), "mse")
    rising = wane.ScheduledPenalties(wane.L2(wane.schedule.linear(0, 0.5, epochs=3)))
    with pytest.warns(UserWarning, match="shrink twice, by L2 and by the weight_decay=0.5"):
        model.fit(X, Y, verbose=0, callbacks=[rising])


def test_an_optimizer_that_decays_other_weights_is_refused() -> None:
    model = still(weight_decay=0.125)
    before = model.get_weights()
    with pytest.raises(wane.InputError) as caught:
        fit(model, wane.ScheduledPenalties(wane.WeightDecay(RISING, layers="hidden")))
    assert str(caught.value) == (
        f"The optimizer of the model {model.name!r} has weight_decay=0.125 already, to which "
        f"WeightDecay(linear(0, 1, epochs=5)) would add: compile it with "
        f"weight_decay=0.0."
    )
    for found, expected in zip(model.get_weights(), before, strict=True):
        np.testing.assert_array_equal(found, expected)
    everything = wane.WeightDecay(STEPS, on=("kernel", "bias"))
    fit(model, wane.ScheduledPenalties(everything))  # in place of its own, which has no weight left
    np.testing.assert_allclose(model.get_weights()[0], before[0] * LEFT, rtol=1e-6)
    assert model.optimizer.weight_decay == 0.5


def test_strengths_that_differ_between_weights_are_warned_of() -> None:
    model = still()
    before = model.get_weights()
    penalties = (wane.WeightDecay(0.25, layers="hidden"), wane.WeightDecay(0.5, layers="output"))
    with pytest.warns(UserWarning, match="one strength for all weights"):
        fit(model, wane.ScheduledPenalties(*penalties))
    assert not model.optimizer.weight_decay
    np.testing.assert_allclose(model.get_weights()[0], before[0] * (1 - 0.125) ** 9, rtol=1e-5)
    np.testing.assert_allclose(model.get_weights()[2], before[2] * (1 - 0.25) ** 9, rtol=1e-5)


OF_FILES: dict[str, Callable[[], Any]] = {
    "adam": lambda: keras.optimizers.Adam(0.01),
    "loss scale": lambda: keras.optimizers.LossScaleOptimizer(keras.optimizers.Adam(0.01)),
}


@pytest.mark.parametrize("name", OF_FILES)
def test_a_training_that_is_restored_from_a_file_is_the_same(name: str, tmp_path: Path) -> None:
    """Keras's BackupAndRestore saves and loads the optimizer while the callback acts."""

    class Stop(keras.callbacks.Callback):  # type: ignore[misc] # Keras has no types
        def on_epoch_begin(self, epoch: int, logs: Any = None) -> None:
            del logs
            if epoch == 2:
                raise KeyboardInterrupt

    def begun() -> Any:
        keras.utils.set_random_seed(3)
        model = network()
        model.compile(OF_FILES[name](), "mean_squared_error")
        return model

    def acting(model: Any, *more: Any) -> None:
        decay = wane.ScheduledPenalties(wane.WeightDecay(STEPS))
        keep = keras.callbacks.BackupAndRestore(tmp_path / "backup")
        fit(model, decay, keep, *more, shuffle=False)

    whole = begun()
    fit(whole, wane.ScheduledPenalties(wane.WeightDecay(STEPS)), shuffle=False)
    with pytest.raises(KeyboardInterrupt):
        acting(begun(), Stop())
    restored = begun()
    acting(restored)
    for found, expected in zip(restored.get_weights(), whole.get_weights(), strict=True):
        np.testing.assert_allclose(found, expected, rtol=1e-6, atol=1e-7)
    assert int(restored.optimizer.iterations) == int(whole.optimizer.iterations)


def test_another_schedule_takes_away_what_an_interrupted_one_has_left() -> None:
    class Interrupt(keras.callbacks.Callback):  # type: ignore[misc] # Keras has no types
        def on_epoch_end(self, epoch: int, logs: Any = None) -> None:
            del logs
            raise KeyboardInterrupt(epoch)

    model = still()
    with pytest.raises(KeyboardInterrupt):
        fit(model, wane.ScheduledPenalties(wane.WeightDecay(0.5, layers="hidden")), Interrupt())
    model.optimizer.weight_decay = None
    before = model.get_weights()
    fit(model, wane.ScheduledPenalties(wane.L2(0.0)))
    for found, expected in zip(model.get_weights(), before, strict=True):
        np.testing.assert_array_equal(found, expected)


def test_decay_may_go_on_after_an_interruption_and_with_another_schedule() -> None:
    class Interrupt(keras.callbacks.Callback):  # type: ignore[misc] # Keras has no types
        def on_epoch_end(self, epoch: int, logs: Any = None) -> None:
            del logs
            if epoch == 1:
                raise KeyboardInterrupt

    model = still()
    kernel, bias, *_ = model.get_weights()
    with pytest.raises(KeyboardInterrupt):
        fit(model, wane.ScheduledPenalties(wane.WeightDecay(STEPS)), Interrupt())
    fit(model, wane.ScheduledPenalties(wane.WeightDecay(STEPS)), initial_epoch=2)
    np.testing.assert_allclose(model.get_weights()[0], kernel * LEFT, rtol=1e-6)
    fit(model, wane.ScheduledPenalties(wane.L2(0.0), wane.WeightDecay(1.0)), epochs=1)
    np.testing.assert_allclose(model.get_weights()[0], kernel * LEFT * 0.5**3, rtol=1e-6)
    np.testing.assert_array_equal(model.get_weights()[1], bias)
    assert model.optimizer.weight_decay == 1.0


def test_a_preset_that_is_a_schedule_trains_as_its_penalty_does() -> None:
    preset = wane.presets["neural-smithing"]
    losses = []
    several: list[Any] = [preset, *preset.penalties]
    for given in several:
        keras.utils.set_random_seed(0)
        model = network()
        losses.append(fit(model, wane.ScheduledPenalties(given), initial_epoch=4099, epochs=4102))
        assert list(wane.inspect(model)["penalty"][[0, 2]]) == ["L2(0.0005)"] * 2
    assert losses[0] == losses[1]


def test_regularize_says_what_to_do_with_a_schedule() -> None:
    model = network()
    for given in (wane.L2(STEPS), {"hidden": wane.L2(STEPS)}):
        with pytest.raises(wane.InputError) as caught:
            wane.regularize(model, given)
        assert str(caught.value) == (
            "L2(steps({0: 0, 1: 0.25, 2: 0.5})) changes in training, which a regularizer of Keras "
            "does not: train with model.fit(..., callbacks=[wane.ScheduledPenalties(penalty)])."
        )
    assert wane.inspect(model)["penalty"].isna().all()


RISING: Schedule = wane.schedule.linear(0, 1, 5)


@pytest.mark.parametrize(
    ("make", "sentence"),
    [
        (
            wane.ScheduledPenalties,
            "ScheduledPenalties takes at least one penalty, such as "
            "wane.L2(wane.schedule.linear(0, 1e-3, epochs=100)).",
        ),
        (
            lambda: wane.ScheduledPenalties(RISING),  # type: ignore[arg-type] # what is refused
            "ScheduledPenalties takes penalties such as "
            "wane.L2(wane.schedule.linear(0, 1e-3, epochs=100)), each with its own layers=, got "
            "wane.schedule.linear(0, 1, epochs=5).",
        ),
        (
            lambda: wane.ScheduledPenalties(wane.L1(RISING, proximal=True)),
            "L1(linear(0, 1, epochs=5), proximal=True) acts by steps of its own and not as a "
            "regularizer: train with model.fit(..., callbacks=[wane.ProximalSteps(penalty)]).",
        ),
        (
            lambda: wane.ScheduledPenalties(wane.GroupLasso(RISING)),
            "GroupLasso(linear(0, 1, epochs=5)) cannot be written as a Keras regularizer: give it "
            "proximal=True and train with model.fit(..., "
            "callbacks=[wane.ProximalSteps(penalty)]).",
        ),
    ],
)
def test_what_the_callback_cannot_do_is_refused(make: Callable[[], object], sentence: str) -> None:
    with pytest.raises(wane.InputError) as caught:
        make()
    assert str(caught.value) == sentence


def test_a_model_that_cannot_take_them_stays_as_it_is() -> None:
    model = network()
    with pytest.raises(wane.InputError) as caught:
        fit(model, wane.ScheduledPenalties(wane.L2(RISING, layers="conv*")))
    assert str(caught.value) == (
        "No trainable weight matches layers='conv*' and on='kernel+recurrent' of L2(linear(0, 1, "
        "epochs=5)); the model has the layers 'hidden', 'output', and layers takes 'all', "
        "'hidden', 'output' or a glob on those names."
    )
    with pytest.raises(wane.InputError) as caught:
        fit(model, wane.ScheduledPenalties(wane.L2(RISING), wane.Orthogonality(0.1)))
    assert str(caught.value) == (
        "Keras has no regularizer that is the sum of Orthogonality and another penalty, or of both "
        "of its modes: give them different layers."
    )
    assert not model._seed_generators
    assert wane.inspect(model)["penalty"].isna().all()
