"""Real Ray clusters of several nodes on this machine: the same tables, whatever happens."""

import os
import subprocess
import sys
from pathlib import Path

import psutil
import pytest

CASES = (
    *("same", "killed", "nodes", "killed_again", "driver", "interrupted", "slices", "full", "code"),
    *("other_versions", "without_wane", "memory", "local"),
)
SECONDS = 480

pytestmark = [
    pytest.mark.thorough,
    pytest.mark.skipif(sys.platform != "linux", reason="clusters on Linux alone"),
]


@pytest.mark.parametrize("case", CASES)
def test_a_cluster(case: str, tmp_path: Path) -> None:
    script = Path(__file__).parents[1] / "cluster_cases.py"
    settings = {
        "RAY_ENABLE_WINDOWS_OR_OSX_CLUSTER": "0",  # 127.0.0.1
        "RAY_USAGE_STATS_ENABLED": "0",
        "RAY_AUTH_MODE": "disabled",  # the cluster is this test's alone
        "RAY_task_oom_retries": "2",
        "RAY_memory_monitor_refresh_ms": "0",  # what else this machine does is no matter
        "RAY_health_check_period_ms": "500",
        "RAY_health_check_failure_threshold": "4",
        "KERAS_BACKEND": "jax",
    }
    if case == "local":  # of which the user sets nothing
        settings = {"KERAS_BACKEND": "jax"}
    places = [str(script.parent), *(place or str(Path.cwd()) for place in sys.path)]
    output = tmp_path / "output"
    with output.open("wb") as file:  # a daemon that outlives its driver holds a pipe open
        process = subprocess.Popen(
            [sys.executable, str(script), case, str(tmp_path)],
            env={**os.environ, **settings, "PYTHONPATH": os.pathsep.join(places)},
            stdout=file,
            stderr=subprocess.STDOUT,
        )
    own = psutil.Process(process.pid)
    try:
        process.wait(SECONDS)
    except subprocess.TimeoutExpired:
        for one in [*own.children(recursive=True), own]:
            one.kill()
        process.wait()
        pytest.fail(f"{case} took more than {SECONDS} s: {output.read_text('utf-8')[-3000:]}")
    said = output.read_text("utf-8")
    assert said.rstrip().endswith("fine"), said[-5000:]
    assert process.returncode == 0, said[-5000:]
