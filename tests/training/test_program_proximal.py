"""Proximal steps: exact zeros in studies and in ``fit``, and the same in both."""

import dataclasses
import warnings
from collections.abc import Callable
from typing import Any

import keras
import numpy as np
import pytest

import wane
from thorough_cases import thorough_but
from training_cases import data, network, study, weights

OPTIMIZERS: dict[str, Callable[[], Any]] = {
    "momentum": lambda: keras.optimizers.SGD(
        keras.optimizers.schedules.CosineDecay(0.1, 20), momentum=0.8, nesterov=True
    ),
    "gathering": lambda: keras.optimizers.SGD(0.1, momentum=0.5, gradient_accumulation_steps=2),
    "adam": lambda: keras.optimizers.Adam(
        keras.optimizers.schedules.ExponentialDecay(0.02, 5, 0.9), amsgrad=True
    ),
    "adamw": lambda: keras.optimizers.AdamW(0.02, gradient_accumulation_steps=2),
    "nadam": lambda: keras.optimizers.Nadam(0.02),
}
L1 = wane.L1(0.05, layers="hidden", proximal=True)
GROUPS = wane.GroupLasso(0.05, layers="output", proximal=True)


def run(model: Any, *candidates: Any, **options: Any) -> wane.Result:
    """A study that starts from the model's weights and keeps the order of rows."""
    options = {"shuffle": False, "initial_weights": "model", "epochs": 8, **options}
    return study(model, candidates=candidates, **options).run(progress=False)


@pytest.mark.parametrize("name", thorough_but(["adam"], OPTIMIZERS))
def test_a_study_takes_the_steps_that_fit_takes_with_the_callback(name: str) -> None:
    model = network(optimizer=OPTIMIZERS[name]())
    l1 = dataclasses.replace(L1, l1=0.3)  # zeros from almost any initial weights
    trained = run(model, (l1, GROUPS)).model((l1, GROUPS))
    x, y = data()
    model.fit(
        x, y, epochs=8, batch_size=8, shuffle=False, verbose=0,
        callbacks=[wane.ProximalSteps(l1, GROUPS)],
    )  # fmt: skip
    mine, theirs = (
        [np.asarray(weight) for weight in one.get_weights()] for one in (trained, model)
    )
    assert np.any(mine[0] == 0) and np.any(mine[0] != 0)
    for a, b in zip(mine, theirs, strict=True):
        np.testing.assert_allclose(a, b, rtol=1e-4, atol=2e-6)
        np.testing.assert_array_equal(a == 0, b == 0)


@pytest.mark.thorough
def test_strengths_are_data_and_the_value_is_reported_apart() -> None:
    candidates = [
        *wane.sweep(wane.L1, [0.01, 0.1, 10.0], proximal=True),
        *wane.sweep(wane.GroupLasso, [0.01, 10.0], layers="hidden", groups="units", proximal=True),
        wane.GroupLasso(0.01, layers="output"),
        (wane.L1L2(0.01, 0.02, layers="output", proximal=True), wane.L2(0.1)),
    ]
    result = run(network(), *candidates)
    assert result._traces == 1
    assert result.spec.names[1:] == (
        "L1(0.01, proximal=True)",
        "L1(0.1, proximal=True)",
        "L1(10, proximal=True)",
        "GroupLasso(0.01, groups='units', proximal=True)",
        "GroupLasso(10, groups='units', proximal=True)",
        "GroupLasso(0.01)",
        "L1L2(0.01, 0.02, proximal=True) + L2(0.1)",
    )
    runs: Any = result.runs.set_index("candidate")
    assert runs.loc["L1(10, proximal=True)", "penalty"] == "L1 proximal"
    for name in result.spec.names[1:4]:
        kernels = [np.asarray(layer.kernel) for layer in result.model(name).layers]
        value = sum(float(np.abs(kernel).sum()) for kernel in kernels)
        value *= runs.loc[name, "strength"]
        assert runs.loc[name, "penalty_value"] == pytest.approx(value, rel=1e-5)
    assert runs.loc["L1(10, proximal=True)", "penalty_value"] == 0  # all weights are exactly zero
    assert runs.loc["GroupLasso(10, groups='units', proximal=True)", "norm_hidden"] == 0
    # Nothing of it is in the loss of a model that is handed back: there it would count twice.
    model = result.model("L1L2(0.01, 0.02, proximal=True) + L2(0.1)")
    assert model.get_layer("output").kernel.regularizer.get_config() == {"l2": pytest.approx(0.1)}
    assert result.model("L1(0.1, proximal=True)").losses == []


@pytest.mark.thorough
def test_the_baseline_and_runs_side_by_side_are_the_same() -> None:
    model = network()
    alone = run(model)
    beside = run(model, L1, GROUPS)
    wide = run_wide(model, L1, GROUPS)
    for name in beside.spec.names:
        for a, b in zip(weights(beside, name, 0), weights(wide, name, 0), strict=True):
            np.testing.assert_allclose(a, b, rtol=1e-5, atol=1e-6)
            np.testing.assert_array_equal(a == 0, b == 0)
    for a, b in zip(weights(alone, "baseline", 0), weights(beside, "baseline", 0), strict=True):
        np.testing.assert_allclose(a, b, rtol=1e-6, atol=1e-7)


def run_wide(model: Any, *candidates: Any) -> wane.Result:
    """As ``run``, with all runs in one call."""
    made = study(model, candidates=candidates, shuffle=False, initial_weights="model", epochs=8)
    return made.run(progress=False, execution=wane.Execution("vmap"))


def lstm() -> Any:
    model = keras.Sequential(
        [keras.layers.Input((3, 2)), keras.layers.LSTM(2, name="lstm"), keras.layers.Dense(1)]
    )
    model.compile("adam", "mean_squared_error")
    return model


KNOWN = "'SGD', 'RMSprop', 'Adagrad', 'Adam', 'AdamW', 'Adamax', 'Nadam'"
REFUSALS: dict[str, tuple[Callable[[], Any], tuple[Any, ...], str]] = {
    "optimizer": (
        lambda: network(optimizer="lion"),
        (L1,),
        "L1(0.05, proximal=True) needs an optimizer whose step for each weight is known, one of "
        f"{KNOWN}, but the model 'm' is compiled with Lion: change the optimizer or leave "
        "proximal=True out.",
    ),
    "rmsprop": (
        lambda: network(optimizer=keras.optimizers.RMSprop(0.1, momentum=0.5)),
        (L1,),
        "L1(0.05, proximal=True) needs an optimizer whose step for each weight is known, which it "
        "is not for RMSprop with momentum or centered=True: leave these out of the model 'm'.",
    ),
    "averages": (
        lambda: network(optimizer=keras.optimizers.Adam(use_ema=True)),
        (L1,),
        "L1(0.05, proximal=True) cannot give exact zeros with use_ema=True, since the model 'm' "
        "ends with moving averages of its weights: leave out use_ema or proximal=True.",
    ),
    "two kinds": (
        network,
        (L1, wane.GroupLasso(0.1, proximal=True)),
        "L1 proximal and GroupLasso proximal both act on the kernel of layer 'hidden': a weight "
        "takes one kind of proximal step, so give them different layers.",
    ),
    "groups": (
        lstm,
        (wane.GroupLasso(0.1, groups="units"),),
        "GroupLasso(0.1, groups='units') acts on kernels with an axis of units, as those of Dense "
        "and convolutions, but it is also for the kernel of the LSTMCell 'lstm/lstm_cell': name "
        "the layers that are meant.",
    ),
    "bias": (
        network,
        (wane.GroupLasso(0.1, on=("bias",)),),
        "GroupLasso(0.1) acts on kernels with an axis of inputs, as those of Dense and "
        "convolutions, but it is also for the bias of the Dense 'hidden': name the layers that "
        "are meant.",
    ),
}


@pytest.mark.parametrize("name", REFUSALS)
def test_what_cannot_be_done_is_refused_in_a_sentence(name: str) -> None:
    make, candidate, text = REFUSALS[name]
    model = make()
    model.name = "m"
    x, y = (np.zeros((9, 3, 2), np.float32), np.arange(9.0)) if name == "groups" else data()
    with pytest.raises(wane.InputError) as caught:
        wane.Study(model, x, y, candidates=[candidate], repeats=1, epochs=1)
    assert str(caught.value) == text


untyped_l2: Any = wane.L2(0.1)  # what a user may give


def test_the_callback_says_what_it_cannot_follow() -> None:
    for given, text in (
        ((wane.L1(0.1),), ", got L1(0.1)."),
        ((untyped_l2,), ", got L2(0.1)."),
    ):
        with pytest.raises(wane.InputError) as caught:
            wane.ProximalSteps(*given)
        assert str(caught.value) == (
            f"ProximalSteps takes penalties with proximal=True, such as wane.L1(1e-3, "
            f"proximal=True){text}"
        )
    with pytest.raises(wane.InputError, match=r"^ProximalSteps takes at least one penalty, such"):
        wane.ProximalSteps()
    model = network()
    model.name = "m"
    x, y = data()
    model.compile("adam", "binary_crossentropy", steps_per_execution=2)
    with pytest.raises(wane.InputError) as caught:
        model.fit(x, y, callbacks=[wane.ProximalSteps(L1)], verbose=0)
    assert str(caught.value) == (
        "ProximalSteps must follow every single update, but the model 'm' is compiled with "
        "steps_per_execution=2: leave that out."
    )


def test_an_l1_regularizer_beside_the_steps_is_warned_of() -> None:
    """Regression: they added up without a word."""
    model = wane.regularize(network(), wane.L1(0.1), wane.L2(0.1))
    x, y = data()
    with pytest.warns(UserWarning, match="^L1 acts twice on weights of 'hidden', as a regularizer"):
        model.fit(x, y, callbacks=[wane.ProximalSteps(L1)], verbose=0)
    wane.regularize(model, wane.L2(0.1))
    with warnings.catch_warnings():
        warnings.simplefilter("error", UserWarning)
        model.fit(x, y, callbacks=[wane.ProximalSteps(L1)], verbose=0)


def test_as_a_regularizer_it_is_refused() -> None:
    model = network()
    with pytest.raises(wane.InputError) as caught:
        wane.regularize(model, L1)
    assert str(caught.value) == (
        "L1(0.05, proximal=True) acts by steps of its own and not as a regularizer: train with "
        "model.fit(..., callbacks=[wane.ProximalSteps(penalty)])."
    )
    assert model.losses == []
