"""However runs are laid on the machine, they are the same runs."""

import os
import subprocess
import sys
from typing import Any

import numpy as np
import pytest

import wane
from thorough_cases import thorough_but
from training_cases import network, study
from wane.training.execution import Execution


def finals(result: Any) -> dict[tuple[str, int], np.ndarray]:
    """The final weights of every run, as one vector each."""
    return {
        (name, repeat): np.concatenate(
            [np.ravel(w) for w in result.model(name, repeat).get_weights()]
        )
        for name in result.spec.names
        for repeat in range(result.runs["repeat"].max() + 1)
    }


@pytest.fixture(scope="module", params=thorough_but(["new splits"], ["fixed split", "new splits"]))
def studied(request: pytest.FixtureRequest) -> Any:
    """A study of seven runs, and its result on threads."""
    options: dict[str, Any] = {"repeats": 2, "epochs": 6, "batch_size": 7}
    if request.param == "new splits":
        options["validation"] = 0.3
    made = study(network(), candidates=[wane.L2(0.1), wane.L2(0.01)], **options)
    return made, made.run(progress=False, execution=Execution("threads"))


@pytest.mark.parametrize("width", thorough_but([4], [1, 4, 6]))
def test_side_by_side_equals_one_at_a_time(studied: Any, width: int) -> None:
    """Six runs in calls of one, of four (the last call is not full) and of six."""
    made, reference = studied
    result = made.run(progress=False, execution=Execution("vmap", width=width))
    for run, weights in finals(reference).items():
        np.testing.assert_allclose(finals(result)[run], weights, rtol=1e-5, atol=1e-6)
    for column in reference.curves.columns[3:]:
        np.testing.assert_allclose(result.curves[column], reference.curves[column], rtol=1e-4)
    engine = result.document["engine"]
    (structure,) = engine["structures"]
    assert (engine["execution"], structure["width"], structure["traces"]) == ("vmap", width, 1)
    assert structure["microseconds_an_epoch"] > 0


@pytest.mark.thorough
def test_the_width_is_chosen_by_timing(studied: Any, monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setattr("wane.training.workers.WIDTHS", (2, 4, 8))
    made, reference = studied
    result = made.run(progress=False, execution=Execution("vmap"))
    (structure,) = result.document["engine"]["structures"]
    timings = structure["microseconds_by_width"]
    assert structure["width"] in (2, 4, 8)
    assert set(timings) <= {"2", "4", "8"}
    assert all(seconds > 0 for seconds in timings.values())
    for run, weights in finals(reference).items():
        np.testing.assert_allclose(finals(result)[run], weights, rtol=1e-5, atol=1e-6)


@pytest.mark.thorough
def test_over_several_devices() -> None:
    """Two devices of the host share the runs of a call."""
    code = """
import jax, numpy as np, sys
sys.path.insert(0, "tests/training")
import wane
from training_cases import network, study
made = study(network(), candidates=[wane.L2(0.1)], repeats=3, epochs=4)
both = made.run(progress=False, execution=wane.Execution("devices", width=4))
one = made.run(progress=False, execution=wane.Execution("threads"))
assert len(jax.devices()) == 2
for name in made.spec.names:
    for repeat in range(3):
        for a, b in zip(both.model(name, repeat).get_weights(),
                        one.model(name, repeat).get_weights()):
            np.testing.assert_allclose(a, b, rtol=1e-5, atol=1e-6)
try:
    wane.Execution("devices", width=3)
except wane.InputError as error:
    print(error)
"""
    done = subprocess.run(
        [sys.executable, "-c", code],
        env={**os.environ, "XLA_FLAGS": "--xla_force_host_platform_device_count=2"},
        capture_output=True,
        text=True,
        check=False,
    )
    assert done.returncode == 0, done.stderr
    assert done.stdout == "width=3 cannot be divided over 2 devices; take a multiple.\n"


def on_devices(count: int, code: str) -> str:
    """What a process with so many devices of the host prints."""
    flags = f"--xla_force_host_platform_device_count={count}"
    done = subprocess.run(
        [sys.executable, "-c", STUDY + code],
        env={**os.environ, "XLA_FLAGS": flags},
        capture_output=True,
        text=True,
        check=False,
    )
    assert done.returncode == 0, done.stderr
    return done.stdout


STUDY = """
import hashlib, sys
import jax, numpy as np, pandas as pd
sys.path.insert(0, "tests/training")
import wane
from training_cases import network, study
from wane.training import workers
from wane.training.batch import RunBatch
made = study(network(), candidates=[wane.L2(0.1), wane.L2(0.01)], repeats=3, epochs=5)

def run(*arguments, **options):
    execution = wane.Execution(*arguments, **options) if arguments else None
    return made.run(progress=False, execution=execution)

def close(one, other):
    for table in ("runs", "curves"):
        pd.testing.assert_frame_equal(getattr(one, table), getattr(other, table), rtol=1e-4,
                                      atol=1e-6)
    assert one.chosen == other.chosen
"""


@pytest.mark.thorough
def test_four_devices_give_the_tables_of_one() -> None:
    """By the default, threads, to the bit; where they share the runs of each call, closely."""
    bits = """
result = run()
tables = result.runs.to_csv() + result.curves.to_csv()
print(result.document["engine"]["execution"], hashlib.sha256(tables.encode()).hexdigest())
"""
    shared = """
assert len(jax.devices()) == 4
used, stacked = set(), RunBatch._stacked

def watched(self, parts):
    whole = stacked(self, parts)
    for leaf in jax.tree.leaves(whole):
        used.add(len(leaf.devices()))
    return whole

one = run("vmap", width=4)
RunBatch._stacked = watched
close(run("devices", width=4), one)
assert used == {4}, used
"""
    assert on_devices(4, bits + shared) == on_devices(1, bits)


@pytest.mark.thorough
def test_a_width_that_is_timed_is_one_that_three_devices_can_share() -> None:
    timed = """
workers.WIDTHS = (2, 4)
shared = run("devices")
(structure,) = shared.document["engine"]["structures"]
print(sorted(structure["microseconds_by_width"]), structure["width"] % 3)
close(shared, run("threads"))
"""
    assert on_devices(3, timed) in ("['3', '6'] 0\n", "['3'] 0\n")


@pytest.mark.parametrize(
    ("options", "message"),
    [
        ({"kind": "queues"}, "kind must be 'threads', 'vmap' or 'devices', got 'queues'."),
        ({"kind": "vmap", "width": 0}, "width must be a whole number of at least 1, got 0."),
        (
            {"kind": "vmap", "threads": 1.5},
            "threads must be a whole number of at least 1, got 1.5.",
        ),
        (
            {"kind": "threads", "width": 4},
            "With kind='threads' each call trains one run, got width=4; use kind='vmap' to train "
            "several side by side.",
        ),
    ],
)
def test_what_does_not_go_together(options: dict[str, Any], message: str) -> None:
    with pytest.raises(wane.InputError) as caught:
        Execution(**options)
    assert str(caught.value) == message
