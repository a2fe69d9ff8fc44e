"""A cluster of this machine alone, held by a process of its own, which ends it with this one.

Ray starts its processes by forking, which a process with JAX's threads had better not do.

``python -m wane.study.cluster.local CORES`` is that process: it prints the cluster's address, and
ends when its input does.
"""

import os
import secrets
import subprocess
import sys
import weakref
from pathlib import Path

from wane._errors import WaneError

_LOOPBACK = {"RAY_ENABLE_WINDOWS_OR_OSX_CLUSTER": "0"}
"""The variable by which Ray uses 127.0.0.1 on any system; it heeds it when it is loaded."""
_SETTINGS = {
    "RAY_USAGE_STATS_ENABLED": "0",  # which Ray would send to its makers
    "RAY_AUTH_MODE": "token",
}
"""Environment variables of a cluster that nobody else needs to reach."""
_MODULE = "wane.study.cluster.local"
_END_SECONDS = 20.0


class LocalCluster:
    """A cluster on this machine, which ends with this object or this process.

    Args:
        cores: how many its workers have together.

    Attributes:
        address: HOST:PORT.
        settings: environment variables of who connects to it; only this process knows its token.

    Raises:
        WaneError: if it does not start.
    """

    def __init__(self, cores: int) -> None:
        self.settings = {**_SETTINGS, "RAY_AUTH_TOKEN": secrets.token_hex(32)}
        if "ray" not in sys.modules:  # else this process would look elsewhere than at 127.0.0.1
            self.settings |= _LOOPBACK
        places = [place or str(Path.cwd()) for place in sys.path]
        self._process = subprocess.Popen(
            [sys.executable, "-P", "-m", _MODULE, str(cores)],
            env={**os.environ, **self.settings, "PYTHONPATH": os.pathsep.join(places)},
            stdin=subprocess.PIPE,  # closes where this process is killed
            stdout=subprocess.PIPE,
            stderr=subprocess.PIPE,
            process_group=0,  # so that Ctrl-C comes to this process alone
            text=True,
        )
        self._end = weakref.finalize(self, _end, self._process)
        assert self._process.stdout is not None and self._process.stderr is not None
        self.address = self._process.stdout.readline().strip()
        if not self.address:
            self._process.wait()
            said = [line for line in self._process.stderr.read().splitlines() if line.strip()]
            self.end()
            why = said[-1].strip() if said else "it gives no reason"
            raise WaneError(
                f"Ray does not start on this machine ({why}): see whether `ray start --head` does, "
                f"or train without ray (--ray)."
            )

    def end(self) -> None:
        """End the cluster."""
        self._end()


def _end(process: "subprocess.Popen[str]") -> None:
    assert process.stdin is not None
    process.stdin.close()
    try:
        process.wait(_END_SECONDS)
    except subprocess.TimeoutExpired:
        process.kill()
        process.wait()
    for end in (process.stdout, process.stderr):
        if end is not None:
            end.close()


def main(cores: int) -> None:
    """Hold a cluster until the input ends."""
    import ray

    how = {"include_dashboard": False, "log_to_driver": False, "configure_logging": False}
    context = ray.init(address="local", num_cpus=cores, **how)
    print(context.address_info["gcs_address"], flush=True)
    sys.stdin.read()
    ray.shutdown()


if __name__ == "__main__":
    main(int(sys.argv[1]))
