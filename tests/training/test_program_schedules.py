"""Strengths that change in training: a study is what ``fit`` gives with the callback."""

from typing import Any, cast

import keras
import numpy as np
import pytest

import wane
from thorough_cases import thorough_but
from training_cases import data, network, study
from wane.penalties import Schedule

EPOCHS = 4
STEPS = {0: 0.0, 1: 0.1, 3: 0.3}
FORMS: dict[str, Schedule] = {
    "constant": wane.schedule.constant(0.1),
    "steps": wane.schedule.steps(STEPS),
    "linear": wane.schedule.linear(0.0, 0.2, epochs=3),
    "cosine": wane.schedule.cosine(0.2, 0.0, epochs=EPOCHS),
    "warm_up": wane.schedule.warm_up(0.2, epochs=3),
}
PENALTIES: dict[str, Any] = {
    **{form: wane.L2(schedule, layers="hidden") for form, schedule in FORMS.items()},
    "l1l2": wane.L1L2(FORMS["linear"], 0.1, on=("kernel", "bias")),
    "orthogonality": wane.Orthogonality(FORMS["linear"], layers="hidden"),
}


def fit(model: Any, *callbacks: Any, **options: Any) -> dict[str, list[float]]:
    x, y = data()
    defaults = {"epochs": EPOCHS, "batch_size": 8, "shuffle": False, "verbose": 0}
    history = model.fit(
        x, y, validation_data=data(seed=1), callbacks=list(callbacks), **{**defaults, **options}
    )
    return dict(history.history)


def assert_alike(model: Any, other: Any) -> None:
    for mine, theirs in zip(model.get_weights(), other.get_weights(), strict=True):
        np.testing.assert_allclose(mine, theirs, rtol=1e-6, atol=1e-6)


@pytest.fixture(scope="module")
def result() -> wane.Result:
    """A study of all penalties, each from the model's own weights."""
    made = study(
        network(),
        candidates=list(PENALTIES.values()),
        epochs=EPOCHS,
        shuffle=False,
        initial_weights="model",
    )
    return made.run(progress=False)


@pytest.mark.parametrize("name", thorough_but(["l1l2", "cosine"], PENALTIES))
def test_a_run_is_what_fit_gives_with_the_callback(name: str, result: wane.Result) -> None:
    index = 1 + list(PENALTIES).index(name)
    candidate = result.spec.names[index]
    model, start = network(), cast(Any, result.spec.model)
    model.set_weights(start.get_weights())
    trained = result.model(candidate)
    history = fit(model, wane.ScheduledPenalties(PENALTIES[name]))
    assert_alike(trained, model)
    losses = result.curves.loc[result.curves["candidate"] == candidate, "validation_data_loss"]
    penalty_value = result.runs["penalty_value"].iloc[index]
    assert losses.iloc[-1] + penalty_value == pytest.approx(history["val_loss"][-1], rel=1e-5)
    for mine, theirs in zip(trained.trainable_variables, model.trainable_variables, strict=True):
        assert (mine.regularizer is None) == (theirs.regularizer is None)
        if mine.regularizer is not None:
            assert mine.regularizer.get_config() == theirs.regularizer.get_config()


@pytest.mark.thorough
def test_a_run_is_what_fit_gives_in_parts_of_constant_strength(result: wane.Result) -> None:
    """So that engine and callback are not wrong alike."""
    model, start = network(), cast(Any, result.spec.model)
    model.set_weights(start.get_weights())
    for (first, strength), end in zip(STEPS.items(), [1, 3, EPOCHS], strict=True):
        wane.regularize(model, wane.L2(strength, layers="hidden"))
        fit(model, initial_epoch=first, epochs=end)
    assert_alike(result.model(result.spec.names[2]), model)


def test_proximal_steps_of_a_schedule_are_those_of_fit() -> None:
    penalty = wane.L1(wane.schedule.linear(0.0, 2.0, epochs=EPOCHS), proximal=True)
    model = network(optimizer=keras.optimizers.SGD(0.05))
    result = study(
        model, candidates=[penalty], epochs=EPOCHS, shuffle=False, initial_weights="model"
    ).run(progress=False)
    trained = result.model(str(penalty))
    fit(model, wane.ProximalSteps(penalty))
    assert_alike(trained, model)
    kernel = np.asarray(model.get_layer("hidden").kernel)
    assert 0 < np.mean(kernel == 0) < 1


@pytest.mark.thorough
def test_weight_decay_of_a_schedule_is_that_of_keras_in_parts() -> None:
    decay = wane.WeightDecay(wane.schedule.steps({0: 0.0, 2: 0.5}))
    model = network(optimizer=keras.optimizers.SGD(0.1))
    result = study(
        model, candidates=[decay], epochs=EPOCHS, shuffle=False, initial_weights="model"
    ).run(progress=False)
    trained = result.model(str(decay))
    assert trained.optimizer.weight_decay == 0.5
    fit(model, epochs=2)
    model.compile(keras.optimizers.SGD(0.1, weight_decay=0.5), model.loss)
    model.optimizer.exclude_from_weight_decay(var_names=["bias"])
    fit(model, initial_epoch=2)
    assert_alike(trained, model)


def test_schedules_of_all_forms_and_constants_are_one_trace() -> None:
    sums = (wane.L2(0.1), wane.L2(FORMS["cosine"]), wane.L1(FORMS["steps"], layers="hidden"))
    candidates = [*map(wane.L2, FORMS.values()), wane.L2(0.1), sums]
    result = study(network(), candidates=candidates, repeats=2).run(progress=False)
    assert result._traces == 1
    losses = result.runs.set_index("candidate")["validation_data_loss"]
    assert losses["L2(constant(0.1))"].tolist() == losses["L2(0.1)"].tolist()
    assert losses.nunique() == (len(candidates)) * 2  # a constant is there in two forms
    summary = result.summary().set_index("candidate")
    assert summary.loc["L2(linear(0, 0.2, epochs=3))", "penalty"] == "L2 linear"
    assert summary.loc["L2(linear(0, 0.2, epochs=3))", "strength"] == 0.2


@pytest.mark.thorough
def test_a_model_handed_back_has_the_strength_of_the_last_epoch_that_was_trained() -> None:
    penalty = wane.L2(FORMS["steps"])
    stop = keras.callbacks.EarlyStopping("val_loss", patience=0, mode="max", min_delta=10.0)
    result = study(network(), candidates=[penalty], epochs=EPOCHS, callbacks=[stop]).run(
        progress=False
    )
    assert len(result.curves) == 2 * 2  # stopped after two epochs
    trained, plain = result.model(str(penalty)), result.model("baseline")
    assert trained.get_layer("hidden").kernel_regularizer.get_config() == {"l2": 0.1}
    assert plain.get_layer("hidden").kernel_regularizer is None


def test_study_json_holds_the_schedule() -> None:
    made = study(network(), candidates=[wane.L2(FORMS["linear"])])
    (change,) = made.spec.to_dict()["candidates"]["L2(linear(0, 0.2, epochs=3))"]
    assert change["penalty"] == "l2"
    assert change["strengths"] == [
        {
            "schedule": "linear",
            "text": "linear(0, 0.2, epochs=3)",
            "segments": [{"start": 0, "length": 2, "first": 0.0, "last": 0.2, "cosine": False}],
        }
    ]
