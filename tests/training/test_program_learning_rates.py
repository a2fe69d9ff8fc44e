"""Candidates that begin with another learning rate, which is data of the one program."""

from collections.abc import Callable
from typing import Any

import keras
import numpy as np
import pytest

import wane
from thorough_cases import thorough_but
from training_cases import bits, data, network, study
from wane.training.executables import Executables

RATE = 0.003

OPTIMIZERS: dict[str, Any] = {
    "adam": lambda rate: keras.optimizers.Adam(rate),
    "decay": lambda rate: keras.optimizers.AdamW(rate, weight_decay=0.3),
    "momentum": lambda rate: keras.optimizers.SGD(rate, momentum=0.9, nesterov=True),
    "averaging": lambda rate: keras.optimizers.RMSprop(rate, use_ema=True, ema_momentum=0.5),
}


def run(model: Any, *candidates: Any, **options: Any) -> wane.Result:
    """A study that starts from the model's weights and keeps the order of rows."""
    options = {"shuffle": False, "initial_weights": "model", **options}
    return study(model, candidates=candidates, **options).run(progress=False)


@pytest.mark.parametrize("name", thorough_but(["adam"], OPTIMIZERS))
def test_a_run_is_fit_with_that_rate(name: str) -> None:
    model = network(optimizer=OPTIMIZERS[name](0.1))
    result = run(model, wane.LearningRate(RATE), (wane.LearningRate(RATE), wane.L2(0.1)))
    trained = result.model(f"LearningRate({RATE})")
    assert float(trained.optimizer.learning_rate) == pytest.approx(RATE)
    model.compile(OPTIMIZERS[name](RATE), loss="binary_crossentropy")
    x, y = data()
    model.fit(x, y, epochs=3, batch_size=8, shuffle=False, verbose=0)
    for mine, theirs in zip(trained.get_weights(), model.get_weights(), strict=True):
        np.testing.assert_allclose(mine, theirs, rtol=1e-6, atol=1e-6)


def begun(rate: float) -> Any:
    """A network with plain SGD whose weights are the same each time."""
    keras.utils.set_random_seed(3)
    return network(optimizer=keras.optimizers.SGD(rate))


def test_proximal_steps_take_the_rate_of_the_candidate() -> None:
    penalty = wane.L1(0.05, layers="hidden", proximal=True)
    mine = run(begun(0.5), (wane.LearningRate(0.1), penalty))
    other = run(begun(0.1), penalty)
    weights = mine.model(mine.spec.names[1]).get_weights()
    for one, two in zip(weights, other.model(other.spec.names[1]).get_weights(), strict=True):
        np.testing.assert_array_equal(one, two)


@pytest.mark.parametrize("execution", [None, wane.Execution("vmap", width=4)], ids=str)
def test_the_baseline_stays_as_it_was_and_nothing_more_compiles(
    execution: Any, monkeypatch: pytest.MonkeyPatch
) -> None:
    compiled = []
    own = Executables._compile

    def counted(self: Executables, batch: Any) -> Any:
        compiled.append(batch)
        return own(self, batch)

    monkeypatch.setattr(Executables, "_compile", counted)
    rates = [wane.LearningRate(rate) for rate in (0.001, 0.01, 0.1)]
    alone = study(network(), candidates=[wane.L2(0.1)]).run(progress=False, execution=execution)
    several = study(network(), candidates=[wane.L2(0.1), *rates]).run(
        progress=False, execution=execution
    )
    assert len(compiled) == 2  # once in each study
    names = list(alone.spec.names)
    shown = several.runs[several.runs["candidate"].isin(names)].reset_index(drop=True)
    assert shown["train_data_loss"].tolist() == alone.runs["train_data_loss"].tolist()
    losses = several.runs.groupby("candidate")["train_data_loss"].mean()
    assert losses["LearningRate(0.1)"] < losses["LearningRate(0.001)"]  # in few epochs


def test_a_callback_goes_on_from_it() -> None:
    plateau = keras.callbacks.ReduceLROnPlateau("loss", factor=0.5, patience=0, min_delta=10.0)
    mine = run(begun(0.5), wane.LearningRate(0.1), callbacks=[plateau])
    other = run(begun(0.1), wane.L2(0.1), callbacks=[plateau])
    for one, two in zip(
        mine.model("LearningRate(0.1)").get_weights(),
        other.model("baseline").get_weights(),
        strict=True,
    ):
        np.testing.assert_array_equal(one, two)


def test_a_study_with_rates_is_resumed(tmp_path: Any) -> None:
    def made(repeats: int) -> wane.Study:
        return study(network(), repeats=repeats, candidates=[wane.LearningRate(0.01)])

    made(2).run(tmp_path / "study", progress=False)
    grown = made(3).run(tmp_path / "study", progress=False)
    assert bits(grown) == bits(made(3).run(progress=False))
    again = wane.load_study(tmp_path / "study")
    assert isinstance(again, wane.Result)
    assert again.spec.candidates[1] == (wane.LearningRate(0.01),)


FALLING = keras.optimizers.schedules.CosineDecay(0.1, 9)
BAD: dict[str, tuple[Callable[[], Any], str]] = {
    "schedule": (
        lambda: study(
            network(optimizer=keras.optimizers.SGD(FALLING, name="sgd")),
            candidates=[wane.LearningRate(0.1)],
        ),
        "wane.LearningRate sets the learning rate, but the optimizer 'sgd' follows a schedule of "
        "its own: give the optimizer a number, or leave wane.LearningRate out.",
    ),
    "callback": (
        lambda: study(
            network(), candidates=[wane.LearningRate(0.1)],
            callbacks=[keras.callbacks.LearningRateScheduler(lambda epoch: 0.1 / (1 + epoch))],
        ),
        "wane.LearningRate and LearningRateScheduler both set the learning rate; give one.",
    ),
    "twice": (
        lambda: study(network(), candidates=[(wane.LearningRate(0.1), wane.LearningRate(0.2))]),
        "A candidate takes one learning rate, got LearningRate(0.1) and LearningRate(0.2).",
    ),
}  # fmt: skip


@pytest.mark.parametrize("case", BAD)
def test_what_cannot_be_is_refused_when_the_study_is_made(case: str) -> None:
    make, sentence = BAD[case]
    with pytest.raises(wane.InputError) as error:
        make()
    assert str(error.value) == sentence
