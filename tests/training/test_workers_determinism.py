"""Same seed, same bits: threads, batches, order and company of candidates change nothing."""

from typing import Any

import keras
import numpy as np
import pytest

import wane
from thorough_cases import thorough_but
from training_cases import bits, network, study
from wane.study.running import structures
from wane.training import workers
from wane.training.queue import RunQueue

CANDIDATES = (wane.L2(0.1), wane.L2(0.001), wane.L2(0.01, layers="output"))


def dropping_network() -> Any:
    """A network with random numbers in training."""
    sgd = keras.optimizers.SGD(0.2, momentum=0.5)
    return network(optimizer=sgd, middle=(keras.layers.Dropout(0.3, seed=7),))


def run(
    execution: wane.Execution | None = None, **options: Any
) -> dict[tuple[str, int], tuple[Any, ...]]:
    """The bits of a study that shuffles, drops out and splits anew."""
    defaults: dict[str, Any] = {
        "candidates": CANDIDATES, "validation": 0.3, "repeats": 3, "epochs": 7,
    }  # fmt: skip
    made = study(dropping_network(), **{**defaults, **options})
    return bits(made.run(progress=False, execution=execution))


@pytest.fixture(scope="module")
def reference() -> dict[tuple[str, int], tuple[Any, ...]]:
    """The bits on one thread."""
    return run(execution=wane.Execution("threads", threads=1))


def test_every_run_differs(reference: dict[tuple[str, int], tuple[Any, ...]]) -> None:
    assert len(set(reference.values())) == len(reference) == 12


@pytest.mark.parametrize("threads", thorough_but([2], [2, 3]))
def test_threads(threads: int, reference: dict[Any, Any]) -> None:
    assert run(execution=wane.Execution("threads", threads=threads)) == reference


@pytest.mark.parametrize("epochs_per_call", thorough_but([3], [1, 3, 7]))
def test_epochs_per_call(
    epochs_per_call: int, reference: dict[Any, Any], monkeypatch: pytest.MonkeyPatch
) -> None:
    monkeypatch.setattr(structures, "EPOCHS_PER_CALL", epochs_per_call)
    assert run() == reference


@pytest.mark.parametrize("seconds", thorough_but([0.0], [0.0, 1e9]))
def test_length_of_calls(
    seconds: float, reference: dict[Any, Any], monkeypatch: pytest.MonkeyPatch
) -> None:
    counts = []
    learn = workers.Workers._learn_pace

    def counted(
        self: workers.Workers, run_queue: RunQueue, count: int, trained: int, taken: float
    ) -> None:
        counts.append(count)
        learn(self, run_queue, count, trained, taken)

    monkeypatch.setattr(workers, "CALL_SECONDS", seconds)
    monkeypatch.setattr(workers.Workers, "_learn_pace", counted)
    assert run() == reference
    # The first call of all is of one epoch; later ones take ten times as many at most.
    assert set(counts) == ({1} if seconds == 0 else {1, 6, 7})


@pytest.mark.thorough
def test_order_of_candidates(reference: dict[Any, Any]) -> None:
    assert run(candidates=CANDIDATES[::-1]) == reference


@pytest.mark.thorough
def test_presence_of_other_candidates_of_the_same_kind(reference: dict[Any, Any]) -> None:
    alone = run(candidates=(CANDIDATES[0], CANDIDATES[2]))
    assert alone == {run: reference[run] for run in alone}
    more = run(candidates=(*CANDIDATES, wane.L2(1.0), wane.L2(3.0, layers="output")))
    assert {run: more[run] for run in reference} == reference


@pytest.mark.thorough
def test_more_repeats_leave_the_first_ones_as_they_are(reference: dict[Any, Any]) -> None:
    fewer = run(repeats=2)
    assert fewer == {run: reference[run] for run in fewer}


@pytest.mark.thorough
def test_another_seed_gives_other_numbers(reference: dict[Any, Any]) -> None:
    other = run(seed=1)
    assert other.keys() == reference.keys()
    assert not set(other.values()) & set(reference.values())


@pytest.mark.thorough
def test_seed_changes_numbers_on_a_fixed_split_too() -> None:
    losses = [
        study(network(optimizer="sgd"), seed=seed).run(progress=False).runs["validation_data_loss"]
        for seed in (0, 1)
    ]
    assert not set(losses[0]) & set(losses[1])


def test_candidates_of_a_repeat_share_weights_split_and_order() -> None:
    numbers = run(candidates=[wane.L2(0.0), wane.L2(0.1)])
    for repeat in range(3):
        baseline, zero, strong = (
            numbers[name, repeat] for name in ("baseline", "L2(0)", "L2(0.1)")
        )
        assert baseline == zero
        assert baseline != strong


@pytest.mark.thorough
def test_initial_weights_of_the_model_are_those_of_every_run() -> None:
    model = network(optimizer=keras.optimizers.SGD(0.0))
    result = study(model, repeats=2, initial_weights="model").run(progress=False)
    for repeat in range(2):
        for mine, given in zip(
            result.model("L2(0.01)", repeat).get_weights(), model.get_weights(), strict=True
        ):
            np.testing.assert_array_equal(mine, given)
