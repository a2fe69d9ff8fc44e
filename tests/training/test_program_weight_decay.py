"""Decoupled weight decay is that of Keras's optimizers, on the weights that it is meant for."""

from collections.abc import Callable
from pathlib import Path
from typing import Any

import keras
import numpy as np
import pytest

import wane
from thorough_cases import thorough_but
from training_cases import data, network, study

DECAY = 0.3

OPTIMIZERS: dict[str, Callable[..., Any]] = {
    "adamw": lambda **o: keras.optimizers.AdamW(0.01, **{"weight_decay": 0.0, **o}),
    "schedule": lambda **o: keras.optimizers.AdamW(
        keras.optimizers.schedules.ExponentialDecay(0.02, 2, 0.5), **{"weight_decay": 0.0, **o}
    ),
    "averaging": lambda **o: keras.optimizers.Adam(0.01, use_ema=True, ema_momentum=0.5, **o),
    "accumulating": lambda **o: keras.optimizers.SGD(0.1, gradient_accumulation_steps=2, **o),
    "loss scaling": lambda **o: keras.optimizers.LossScaleOptimizer(
        keras.optimizers.Adam(0.01, **o), initial_scale=8.0
    ),
    "muon": lambda **o: keras.optimizers.Muon(
        0.01,
        weight_decay=o.get("weight_decay", 0.0),
        adam_weight_decay=o.get("weight_decay", 0.0),
    ),
}


def excluded(optimizer: Any, variables: Any) -> Any:
    """The optimizer, sparing these variables."""
    inner = getattr(optimizer, "inner_optimizer", optimizer)
    inner.exclude_from_weight_decay(var_list=list(variables))
    return optimizer


def decayed_by_fit(model: Any, optimizer: Any, spared: Callable[[Any], bool]) -> list[np.ndarray]:
    """The weights of a model after a ``fit`` with an optimizer that spares some variables."""
    variables = model.trainable_variables
    model.compile(excluded(optimizer, filter(spared, variables)), loss="binary_crossentropy")
    x, y = data()
    model.fit(x, y, epochs=3, batch_size=8, shuffle=False, verbose=0)
    return [np.asarray(weight) for weight in model.get_weights()]


def run(model: Any, *candidates: Any) -> wane.Result:
    """A study that starts from the model's weights and keeps the order of rows."""
    return study(model, candidates=candidates, shuffle=False, initial_weights="model").run(
        progress=False
    )


@pytest.mark.parametrize("name", thorough_but(["adamw"], OPTIMIZERS))
def test_it_is_the_weight_decay_of_every_optimizer(name: str) -> None:
    model = network(optimizer=OPTIMIZERS[name](), middle=(keras.layers.BatchNormalization(),))
    result = run(model, wane.WeightDecay(DECAY))
    trained = result.model(f"WeightDecay({DECAY})")
    theirs = decayed_by_fit(
        model, OPTIMIZERS[name](weight_decay=DECAY), lambda v: v.name != "kernel"
    )
    for mine, other in zip(trained.get_weights(), theirs, strict=True):
        np.testing.assert_allclose(mine, other, rtol=1e-6, atol=1e-6)
    plain = result.model("baseline").get_layer("hidden").kernel
    assert np.abs(np.asarray(plain) - trained.get_weights()[0]).max() > 1e-4
    handed_back = getattr(trained.optimizer, "inner_optimizer", trained.optimizer)
    assert handed_back.weight_decay == DECAY


def test_only_targeted_weights_decay() -> None:
    model = network(optimizer=keras.optimizers.SGD(0.1))
    candidate = wane.WeightDecay(DECAY, layers="hidden", on=("kernel", "bias"))
    trained = run(model, candidate).model(candidate)
    hidden = {id(v) for v in model.get_layer("hidden").variables}
    theirs = decayed_by_fit(
        model, keras.optimizers.SGD(0.1, weight_decay=DECAY), lambda v: id(v) not in hidden
    )
    for mine, other in zip(trained.get_weights(), theirs, strict=True):
        np.testing.assert_allclose(mine, other, rtol=1e-6, atol=1e-6)


def test_strengths_are_data_and_add_no_loss() -> None:
    candidates = [*wane.sweep(wane.WeightDecay, [0.01, 0.1, 1.0]), (wane.L2(0.1),)]
    both = (wane.WeightDecay(0.01), wane.WeightDecay(0.09, layers="*"))
    result = run(network(optimizer="sgd"), *candidates, both)
    assert result._traces == 1
    values = result.runs.set_index("candidate")["penalty_value"]
    assert (values.filter(like="WeightDecay") == 0).all()
    assert values["L2(0.1)"] > 0
    kernels = {
        name: np.asarray(result.model(name).get_layer("hidden").kernel)
        for name in result.spec.names
    }
    norms = [np.linalg.norm(kernels[f"WeightDecay({s})"]) for s in ("0.01", "0.1", "1")]
    assert norms == sorted(norms, reverse=True)
    together = next(name for name in kernels if " + " in name)
    np.testing.assert_array_equal(kernels["WeightDecay(0.1)"], kernels[together])


@pytest.mark.thorough
def test_with_plain_sgd_it_is_l2_of_half_the_strength_and_with_adam_it_is_not() -> None:
    for optimizer, close in (("sgd", True), ("adam", False)):
        result = run(network(optimizer=optimizer), wane.WeightDecay(0.2), wane.L2(0.1))
        decayed, penalized = (
            np.asarray(result.model(name).get_layer("hidden").kernel)
            for name in ("WeightDecay(0.2)", "L2(0.1)")
        )
        assert np.allclose(decayed, penalized, rtol=1e-4, atol=1e-6) == close


@pytest.mark.thorough
def test_the_model_handed_back_carries_it() -> None:
    model = network(optimizer="adam")
    x, y = data()
    trained = run(model, wane.WeightDecay(DECAY)).model(f"WeightDecay({DECAY})")
    twin = keras.models.clone_model(trained)
    twin.set_weights(trained.get_weights())
    twin.compile(
        excluded(
            keras.optimizers.Adam(weight_decay=DECAY),
            [v for v in twin.trainable_variables if v.name == "bias"],
        ),
        loss="binary_crossentropy",
    )
    for one in (trained, twin):
        one.fit(x, y, epochs=2, batch_size=8, shuffle=False, verbose=0)
    for mine, theirs in zip(trained.get_weights(), twin.get_weights(), strict=True):
        np.testing.assert_array_equal(mine, theirs)
    assert not model.optimizer.weight_decay  # the study's own model is as it was


def test_a_file_has_the_strength_but_not_whom_it_spares(tmp_path: Path) -> None:
    """Keras does not save exclusions; the documentation says so."""
    trained = run(network(), wane.WeightDecay(DECAY)).model(f"WeightDecay({DECAY})")
    trained.save(tmp_path / "model.keras")
    loaded = keras.models.load_model(tmp_path / "model.keras")
    assert loaded.optimizer.weight_decay == DECAY
    spared = [
        v.name for v in trained.trainable_variables if not trained.optimizer._use_weight_decay(v)
    ]
    assert spared == ["bias", "bias"]
    assert all(map(loaded.optimizer._use_weight_decay, loaded.trainable_variables))


def test_several_strengths_are_no_one_optimizer_s_and_warned_of() -> None:
    candidate = (wane.WeightDecay(0.1, layers="hidden"), wane.WeightDecay(0.2, layers="output"))
    result = run(network(), candidate)
    with pytest.warns(UserWarning) as caught:
        trained = result.model(candidate)
    assert [str(w.message) for w in caught if w.category is UserWarning] == [
        f"The optimizer of the model {trained.name!r} does not get its weight decay: Keras's "
        "optimizers have one strength for all weights, and here there are more."
    ]
    assert trained.optimizer.weight_decay is None


@pytest.mark.thorough
def test_weights_that_the_model_s_optimizer_spares_stay_spared_in_models_handed_back() -> None:
    model = network()
    spared = [v for v in model.trainable_variables if v.name == "bias"]
    model.compile(excluded(keras.optimizers.AdamW(weight_decay=0.1), spared), "binary_crossentropy")
    trained = run(model, wane.L2(0.1)).model("L2(0.1)")
    use = trained.optimizer._use_weight_decay
    assert [v.name for v in trained.trainable_variables if use(v)] == ["kernel", "kernel"]


@pytest.mark.parametrize("optimizer", ["adamw", keras.optimizers.Adam])
def test_two_weight_decays_are_refused(optimizer: Any) -> None:
    if not isinstance(optimizer, str):
        optimizer = keras.optimizers.LossScaleOptimizer(optimizer(weight_decay=0.004))
    model = network(optimizer=optimizer)
    with pytest.raises(wane.InputError) as caught:
        run(model, wane.WeightDecay(0.1))
    assert str(caught.value) == (
        f"The optimizer of the model {model.name!r} has weight_decay=0.004 already, to which "
        f"WeightDecay(0.1) would add: compile it with weight_decay=0.0."
    )
