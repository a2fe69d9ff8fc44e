"""The connection to Ray: begun when the first batch is ready, ended with the study."""

import contextlib
import importlib
import logging
import math
import os
import sys
import time
from collections.abc import Iterator, Mapping
from typing import Any

from wane._errors import InputError, one_line
from wane.study.cluster.address import LOCAL, load_ray
from wane.study.cluster.faults import faults_said
from wane.study.cluster.local import LocalCluster
from wane.training.workers import available_cores

_log = logging.getLogger(__name__)

STORE_SHARE = 0.8
"""The share of a node's object store that a study may take: answers need room, too."""
LOOK_SECONDS = 2.0
"""How often the nodes of the cluster are counted: some may come or go."""
MOST_THREADS = 4
"""The most cores of a worker by default: fewer, larger ones need less memory, and more of them fit
the cores of machines better."""


class Connection:
    """The connection to a cluster, of this process.

    Args:
        address: ``"local"`` or HOST:PORT.

    Attributes:
        address: as given; of a local cluster the one that it has got, once it has begun.
    """

    def __init__(self, address: str) -> None:
        self.address = address
        self._begun = False
        self._local: LocalCluster | None = None
        self._before: Mapping[str, str | None] = {}
        self._nodes: list[int] = []
        self._stores: list[float] = []
        self._counted = float("-inf")

    def begin(self) -> None:
        """Connect, if that has not been done.

        Raises:
            InputError: if the cluster cannot be used from here.
        """
        if self.address == LOCAL and not _connected():
            self._local = LocalCluster(available_cores())
            self._set(self._local.settings)
        ray = load_ray()

        if ray.is_initialized():
            known = str(ray.get_runtime_context().gcs_address)
            if self.address not in (LOCAL, known):
                raise InputError(
                    f"This process is connected to the Ray cluster at {known}, and not to "
                    f"{self.address}: give auto, or call ray.shutdown() before."
                )
            self.address = known
            return
        began = time.perf_counter()
        if self._local is not None:
            self.address = self._local.address
        try:
            ray.init(address=self.address, log_to_driver=False, configure_logging=False)
        except (RuntimeError, OSError, ValueError, ray.exceptions.RayError) as error:
            raise self._refusal(error) from error
        self._begun = True
        _log.debug("connected to Ray in %.2f s", time.perf_counter() - began)

    def end(self) -> None:
        """Let go of the cluster, if this has connected to it; a local one ends."""
        if self._begun:
            import ray

            self._begun = False
            ray.shutdown()
        if self._local is not None:
            self._local.end()
            self._set(self._before)

    def _set(self, settings: Mapping[str, str | None]) -> None:
        """Give this process environment variables of Ray's, which may be loaded."""
        self._before = {name: os.environ.get(name) for name in settings}
        for name, value in settings.items():
            if value is None:
                os.environ.pop(name, None)
            else:
                os.environ[name] = value
        if "ray" in sys.modules:
            with contextlib.suppress(ImportError, AttributeError):  # as in versions without tokens
                raylet: Any = importlib.import_module("ray._raylet")
                raylet.Config.initialize("")
                raylet.AuthenticationTokenLoader.instance().reset_cache()

    def _refusal(self, error: Exception) -> InputError:
        """The error where Ray does not connect."""
        import ray

        found: BaseException | None = error
        while found is not None and type(found).__name__ != "AuthenticationError":
            found = found.__cause__ or found.__context__
        if found is not None or "AuthenticationError" in str(error):
            return InputError(
                f"The Ray cluster at {self.address} wants a token that this process has not: set "
                f"RAY_AUTH_MODE=token, and RAY_AUTH_TOKEN to what `ray get-auth-token` prints on "
                f"its head node."
            )
        return InputError(
            f"The Ray cluster at {self.address} cannot be used from here "
            f"({one_line(error).rstrip('.')}): use the Python and the Ray that it was started "
            f"with; here is Ray {ray.__version__}."
        )

    def threads(self, wanted: int | None) -> int:
        """How many cores a worker gets.

        Args:
            wanted: what the user asked for, or None.

        Raises:
            InputError: if no node has so many.
        """
        self._count()
        if wanted is not None:
            if self._nodes and max(self._nodes) < wanted:
                raise InputError(
                    f"Each worker is to have {wanted} cores, and no node of the cluster at "
                    f"{self.address} has more than {max(self._nodes)}: give fewer threads."
                )
            return wanted
        common = math.gcd(*self._nodes) or 1
        return max(count for count in range(1, MOST_THREADS + 1) if common % count == 0)

    def workers(self, threads: int) -> int:
        """How many workers of so many cores the cluster has room for now, 1 at least."""
        if time.monotonic() - self._counted > LOOK_SECONDS:
            self._count()
        return max(1, sum(cores // threads for cores in self._nodes))

    def check_room(self, size: int) -> None:
        """Check that the object store of every node can hold the study, for which Ray would wait.

        Args:
            size: of the study, bytes.

        Raises:
            InputError: if one cannot.
        """
        room = min(self._stores, default=float("inf"))
        if size > STORE_SHARE * room:
            raise InputError(
                f"The rows and models of the study take {size / 2**20:.0f} MiB, and the object "
                f"store of a node of the cluster at {self.address} has {room / 2**20:.0f} MiB: "
                f"start its nodes with a larger --object-store-memory, or give fewer rows."
            )

    @property
    def nodes(self) -> list[int]:
        """The cores of each node that has some, as they were counted last."""
        return list(self._nodes)

    def _count(self) -> None:
        import ray

        with faults_said(self.address):
            found = [node["Resources"] for node in ray.nodes() if node["Alive"]]
        self._nodes = sorted(int(one.get("CPU", 0)) for one in found if one.get("CPU", 0) >= 1)
        self._stores = [one["object_store_memory"] for one in found if "object_store_memory" in one]
        self._counted = time.monotonic()


def _connected() -> bool:
    """Whether this process is connected to a cluster already."""
    return "ray" in sys.modules and bool(sys.modules["ray"].is_initialized())


@contextlib.contextmanager
def connection(address: str) -> Iterator[Connection]:
    """A connection that ends with the block."""
    made = Connection(address)
    try:
        yield made
    finally:
        made.end()
