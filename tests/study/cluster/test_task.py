"""What Ray calls on a worker, called here."""

import os
import pickle
import subprocess
import sys

import pytest

from wane.study.cluster.task import share_of_cores, train

pytest.importorskip("ray")


def test_what_goes_wrong_is_returned_as_plain_values() -> None:
    answer = train(b"no order", 1, [])
    assert answer["error"] == "UnpicklingError"
    assert answer["process"] == os.getpid()
    assert "Traceback" in answer["traceback"]
    assert pickle.loads(pickle.dumps(answer)) == answer


class Elsewhere:
    """What is of a module that is not here."""

    def __reduce__(self) -> tuple[object, ...]:
        return __import__, ("module_of_the_user",)


def test_a_module_that_is_lacking_is_named() -> None:
    assert train(pickle.dumps(Elsewhere()), 1, [])["missing"] == "module_of_the_user"


@pytest.mark.skipif(not hasattr(os, "sched_setaffinity"), reason="Linux alone")
def test_libraries_see_a_share_of_the_cores_and_threads_may_use_all() -> None:
    if len(os.sched_getaffinity(0)) < 2:
        pytest.skip("one core has no smaller share")
    lines = """
import os, sys
from pathlib import Path
from wane.study.cluster.task import share_of_cores
every = os.sched_getaffinity(0)
with share_of_cores(1):
    seen = len(os.sched_getaffinity(0))
    import jax
    jax.devices()
threads = [int(one.name) for one in Path("/proc/self/task").iterdir()]
assert seen == 1 and len(threads) > 1
assert all(os.sched_getaffinity(one) == every for one in threads)
"""
    subprocess.run([sys.executable, "-c", lines], check=True, timeout=60)


def test_no_smaller_share_changes_nothing() -> None:
    before = os.sched_getaffinity(0) if hasattr(os, "sched_getaffinity") else None
    with share_of_cores(10_000):
        pass
    assert before is None or os.sched_getaffinity(0) == before
