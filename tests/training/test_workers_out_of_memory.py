"""Where memory runs out, fewer runs are trained at a time, and every number stays the same."""

import threading
from typing import Any

import jax
import pytest

import wane
from training_cases import bits, network, study
from wane.training.batch import RunBatch
from wane.training.executables import Executable
from wane.training.queue import RunQueue
from wane.training.workers import Workers

FULL = "RESOURCE_EXHAUSTED: Out of memory while trying to allocate 17179869184 bytes."


def made() -> wane.Study:
    return study(network(), repeats=3, candidates=[wane.L2(0.1)], epochs=5)


def hold_one(monkeypatch: pytest.MonkeyPatch, *, together: int = 1) -> list[int]:
    """A device that holds one run at a time; returns how many were tried.

    Args:
        monkeypatch: which undoes it.
        together: how many of the first calls wait for each other.
    """
    barrier = threading.Barrier(together)
    tried: list[int] = []
    under_way: list[int] = []
    lock = threading.Lock()
    trained = Workers._trained

    def limited(self: Workers, run_queue: RunQueue, batch: RunBatch, executable: Executable) -> Any:
        with lock:
            under_way.append(batch.width)
            tried.append(sum(under_way))
            first = len(tried) <= together
        if first:
            barrier.wait(timeout=60)
        try:
            if sum(under_way) > 1:
                raise jax.errors.JaxRuntimeError(FULL)
            return trained(self, run_queue, batch, executable)
        finally:
            with lock:
                under_way.remove(batch.width)

    monkeypatch.setattr(Workers, "_trained", limited)
    return tried


@pytest.fixture(scope="module")
def undisturbed() -> wane.Result:
    return made().run(progress=False, execution=wane.Execution("vmap", width=1))


@pytest.mark.thorough
def test_the_width_is_halved_until_memory_holds_it(
    undisturbed: wane.Result, monkeypatch: pytest.MonkeyPatch
) -> None:
    tried = hold_one(monkeypatch)
    result = made().run(progress=False, execution=wane.Execution("vmap", width=4))
    assert set(tried[:-6]) == {4, 2} and tried[-6:] == [1] * 6
    (structure,) = result.document["engine"]["structures"]
    assert (structure["width"], structure["widths_without_memory"]) == (1, [4, 2])
    assert bits(result) == bits(undisturbed)


def test_fewer_calls_are_made_at_a_time(
    undisturbed: wane.Result, monkeypatch: pytest.MonkeyPatch
) -> None:
    hold_one(monkeypatch, together=4)
    result = made().run(progress=False, execution=wane.Execution("threads", threads=4))
    engine = result.document["engine"]
    assert (engine["threads"], engine["calls_at_once"]) == (4, 1)
    assert bits(result) == bits(undisturbed)


@pytest.mark.parametrize("error", [jax.errors.JaxRuntimeError(FULL), MemoryError()])
def test_a_single_run_that_is_too_large(error: Exception, monkeypatch: pytest.MonkeyPatch) -> None:
    def full(*_: Any) -> Any:
        raise error

    monkeypatch.setattr(Workers, "_trained", full)
    with pytest.raises(wane.InputError) as caught:
        made().run(progress=False)
    reason = FULL if str(error) else "MemoryError"
    assert str(caught.value) == (
        f"A single run needs more memory than is free ({reason}): take a smaller batch_size, fewer "
        f"rows or a smaller network."
    )


def test_other_errors_are_no_lack_of_memory(monkeypatch: pytest.MonkeyPatch) -> None:
    def broken(*_: Any) -> Any:
        raise jax.errors.JaxRuntimeError("INTERNAL: something else")

    monkeypatch.setattr(Workers, "_trained", broken)
    with pytest.raises(jax.errors.JaxRuntimeError, match="something else"):
        made().run(progress=False)
