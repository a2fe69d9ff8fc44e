"""Ray clusters of several nodes on this machine, kept to loopback, for the tests of studies."""

import contextlib
import os
import sys
from collections.abc import Iterator
from pathlib import Path
from typing import Any

SETTINGS = {
    "RAY_ENABLE_WINDOWS_OR_OSX_CLUSTER": "0",  # by which Ray uses 127.0.0.1
    "RAY_USAGE_STATS_ENABLED": "0",
    "RAY_AUTH_MODE": "disabled",  # the clusters are this test's alone
    "RAY_task_oom_retries": "2",
}


@contextlib.contextmanager
def cluster(*nodes: int, **settings: str) -> Iterator[Any]:
    """A cluster whose head has no cores, and whose nodes have these; for a process without Ray.

    Args:
        nodes: cores of each.
        settings: further environment variables of the head and the nodes.
    """
    from ray.cluster_utils import Cluster

    before = dict(os.environ)
    os.environ.update({**SETTINGS, **settings})
    os.environ["PYTHONPATH"] = os.pathsep.join(place or str(Path.cwd()) for place in sys.path)
    made = Cluster(
        initialize_head=True,
        head_node_args={"num_cpus": 0, "include_dashboard": False},
        shutdown_at_exit=False,
    )
    try:
        for cores in nodes:
            made.add_node(num_cpus=cores)
        yield made
    finally:
        import ray

        ray.shutdown()
        made.shutdown()
        os.environ.clear()
        os.environ.update(before)
