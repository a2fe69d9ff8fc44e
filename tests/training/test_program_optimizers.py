"""Every optimizer of Keras, with every option that it may have, trains as in ``fit``."""

from collections.abc import Callable
from typing import Any

import numpy as np
import pytest
from keras import optimizers
from keras.optimizers import schedules

import wane
from parity_cases import OPTIMIZERS as COMMON
from parity_cases import by_wane, case, compare
from thorough_cases import thorough_but

EPOCHS, BATCH = 15, 22
"""One step an epoch, an odd number in all: steps of ±1 must not come back to where they began."""

OPTIMIZERS: dict[str, Callable[[], Any]] = {
    **COMMON,
    "sgd": lambda: optimizers.SGD(0.1),
    "nesterov": lambda: optimizers.SGD(0.05, momentum=0.9, nesterov=True),
    "amsgrad": lambda: optimizers.Adam(0.01, amsgrad=True),
    "rmsprop, centered": lambda: optimizers.RMSprop(0.005, momentum=0.5, centered=True),
    "adagrad": lambda: optimizers.Adagrad(0.1),
    "adadelta": lambda: optimizers.Adadelta(0.5),
    "adamax": lambda: optimizers.Adamax(0.01),
    "nadam": lambda: optimizers.Nadam(0.01),
    "ftrl": lambda: optimizers.Ftrl(0.1),
    "lion": lambda: optimizers.Lion(0.003),
    "lamb": lambda: optimizers.Lamb(0.01),
    "adafactor": lambda: optimizers.Adafactor(0.05),
    "muon": lambda: optimizers.Muon(0.01),
    "several": lambda: optimizers.MultiOptimizer(
        optimizers.OptimizerMap(optimizers.Adam(0.01), {"out0/.*": optimizers.SGD(0.1)})
    ),
    "loss scale": lambda: optimizers.LossScaleOptimizer(
        optimizers.Adam(0.01), initial_scale=2.0**127, dynamic_growth_steps=3
    ),
    "fixed loss scale": lambda: optimizers.Adam(0.01, loss_scale_factor=1024.0),
    "clipped norms": lambda: optimizers.Adam(0.01, clipnorm=0.1),
    "clipped global norm": lambda: optimizers.SGD(0.3, global_clipnorm=0.1),
    "clipped values": lambda: optimizers.SGD(0.3, clipvalue=0.02),
    "accumulating": lambda: optimizers.Adam(0.01, gradient_accumulation_steps=3),
    "averaged": lambda: optimizers.SGD(0.1, use_ema=True, ema_momentum=0.8),
    "averaged now and then": lambda: optimizers.SGD(
        0.1, use_ema=True, ema_momentum=0.8, ema_overwrite_frequency=4
    ),
    "averaged under a loss scale": lambda: optimizers.LossScaleOptimizer(
        optimizers.SGD(0.1, use_ema=True, ema_momentum=0.8), initial_scale=8.0
    ),
    "decay of some weights": lambda: decaying_but("bias"),
    "decay under a loss scale": lambda: optimizers.LossScaleOptimizer(decaying_but("bias")),
}
if hasattr(optimizers, "ScheduleFreeAdamW"):  # newer than the oldest Keras that wane takes
    OPTIMIZERS["schedule free"] = lambda: optimizers.ScheduleFreeAdamW(0.02, warmup_steps=4)

SCHEDULES: dict[str, Callable[[], Any]] = {
    "exponential": lambda: schedules.ExponentialDecay(0.3, 5, 0.7),
    "inverse time": lambda: schedules.InverseTimeDecay(0.3, 5, 0.7, staircase=True),
    "polynomial": lambda: schedules.PolynomialDecay(0.3, 7, 0.01, power=2.0, cycle=True),
    "piecewise": lambda: schedules.PiecewiseConstantDecay([3, 8], [0.3, 0.1, 0.02]),
    "cosine": lambda: schedules.CosineDecay(0.0, 9, 0.1, warmup_target=0.3, warmup_steps=3),
    "cosine restarts": lambda: schedules.CosineDecayRestarts(0.3, 4),
}


def decaying_but(name: str) -> Any:
    """AdamW that leaves weights of this name without decay."""
    optimizer = optimizers.AdamW(0.01, weight_decay=0.5)
    optimizer.exclude_from_weight_decay(var_names=[name])
    return optimizer


def test_every_optimizer_and_schedule_has_a_row() -> None:
    made = [make() for make in OPTIMIZERS.values()]
    known = {type(optimizer).__name__ for optimizer in made} | {"Optimizer", "OptimizerMap"}
    assert {name for name in vars(optimizers) if isinstance(getattr(optimizers, name), type)} == (
        known
    )
    known = {type(make()).__name__ for make in SCHEDULES.values()} | {"LearningRateSchedule"}
    assert {name for name in vars(schedules) if isinstance(getattr(schedules, name), type)} == known


@pytest.mark.usefixtures("quick_compilation")
@pytest.mark.parametrize("optimizer", thorough_but(["loss scale", "averaged"], OPTIMIZERS))
def test_every_optimizer(optimizer: str) -> None:
    given = case(["Dense", "Dense"], ["binary", "mse"], OPTIMIZERS[optimizer](), regularized=True)
    compare(given, epochs=EPOCHS, batch_size=BATCH)


@pytest.mark.thorough
@pytest.mark.usefixtures("quick_compilation")
def test_every_schedule() -> None:
    """Each branch of one network has another schedule."""
    places = {
        f"out{number}/.*": optimizers.SGD(make(), momentum=0.5)
        for number, make in enumerate(SCHEDULES.values())
    }
    several = optimizers.MultiOptimizer(optimizers.OptimizerMap(optimizers.SGD(0.1), places))
    count = len(SCHEDULES)
    given = case(["Dense"] * count, ["mse"] * count, several)
    compare(given, epochs=EPOCHS, batch_size=BATCH)


@pytest.mark.thorough
@pytest.mark.parametrize(
    "optimizer", sorted(OPTIMIZERS.keys() & {"schedule free", "averaged under a loss scale"})
)
def test_each_repeat_starts_its_optimizer_from_its_own_weights(optimizer: str) -> None:
    def repeats(compiled: Any, epochs: int) -> wane.Result:
        given.model.compile(compiled, loss="mse")
        study = wane.Study(
            given.model, *rows, candidates=[], repeats=2, validation=rows, epochs=epochs,
            batch_size=BATCH, shuffle=False, seed=3,
        )  # fmt: skip
        return study.run(progress=False)

    given = case(["Dense"], ["mse"], "sgd")
    rows = (given.x, given.y)
    starts = repeats(optimizers.SGD(0.0), epochs=1)  # the seed alone says what weights are drawn
    trained = repeats(OPTIMIZERS[optimizer](), epochs=EPOCHS)
    for repeat in range(2):
        given.model.compile(OPTIMIZERS[optimizer](), loss="mse")
        given.model.set_weights(starts.model("baseline", repeat).get_weights())
        given.model.fit(*rows, batch_size=BATCH, epochs=EPOCHS, shuffle=False, verbose=0)
        for mine, theirs in zip(
            trained.model("baseline", repeat).get_weights(), given.model.get_weights(), strict=True
        ):
            np.testing.assert_allclose(mine, theirs, rtol=1e-6, atol=1e-7)


def test_an_optimizer_that_cannot_be_made_anew() -> None:
    given = case(["Dense"], ["mse"], optimizers.SGD(lambda: 0.1))
    given.model.name = "net"
    with pytest.raises(wane.InputError) as caught:
        by_wane(given, epochs=1)
    assert str(caught.value).startswith(
        "The optimizer SGD of the model 'net' cannot be made anew from its configuration ("
    )
    assert str(caught.value).endswith(
        "): use numbers, schedules and Keras's own optimizers, or classes with a get_config() of "
        "their own."
    )
