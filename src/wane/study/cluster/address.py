"""Which cluster is meant, and whether one is there.

``ray.init`` waits two minutes for a cluster that is not there, and then ends the process, so that
an address is tried before.
"""

import contextlib
import importlib.util
import os
import socket
import ssl
import sys
import tempfile
from pathlib import Path
from typing import Any

from wane._errors import InputError, one_line

AUTO, LOCAL = "auto", "local"
RETRIES = 3
"""How often Ray trains a batch anew whose worker was killed."""
_OOM_RETRIES = "RAY_task_oom_retries"
"""The variable of Ray's for how often it does so where memory ran out; else it does so for ever."""
_TAKES = (
    "ray takes auto (the cluster that runs on this machine, or that RAY_ADDRESS names), local (one "
    "of this machine alone, for this study) or the address of a head node as HOST:PORT"
)
_HERE = ("localhost", "127.0.0.1", "[::1]")
"""Hosts for which Ray takes this machine's own address."""
_SECONDS = 5.0
"""How long a head node may take to answer."""
_PREFACE = b"PRI * HTTP/2.0\r\n\r\nSM\r\n\r\n" + b"\0\0\0\4\0\0\0\0\0"
"""What a client of HTTP/2, on which Ray's gRPC works, begins with: it and empty settings."""
_CERTIFICATES = ("CA_CERT", "SERVER_CERT", "SERVER_KEY")
"""What Ray's variables of certificates are called, after RAY_TLS."""
_SETTINGS = 4
"""The type of the first frame of the answer, its fourth byte."""


def checked_address(ray: str) -> str:
    """The cluster that is meant: ``"local"``, or HOST:PORT of one that answers.

    Args:
        ray: as :meth:`wane.Study.run` takes it.

    Raises:
        InputError: if Ray is not installed, or no cluster answers there.
    """
    if not isinstance(ray, str) or not ray:
        raise InputError(f"{_TAKES}, got {ray!r}.")
    if importlib.util.find_spec("ray") is None:
        raise InputError(
            "ray (--ray) needs Ray, which is not installed: pip install 'wane[ray]' brings it."
        )
    if ray == LOCAL:
        return LOCAL
    address = _running() if ray == AUTO else ray
    host, _, port = address.rpartition(":")
    if "/" in host or not host or not port.isdecimal() or not 0 < int(port) < 65536:
        raise InputError(f"{_TAKES}, got {address!r}.")
    _check_answers(address, host.strip("[]"), int(port))
    if host in _HERE:
        _check_answers(address, _own_host(), int(port))
    return address


def load_ray() -> Any:
    """Ray, which reads its settings when it is first loaded."""
    if "ray" not in sys.modules:
        os.environ.setdefault(_OOM_RETRIES, str(RETRIES))
    import ray

    return ray


def _own_host() -> str:
    return str(load_ray().util.get_node_ip_address())


def _running() -> str:
    """The address of the cluster that this process would find by itself."""
    if load_ray().is_initialized():
        import ray

        return str(ray.get_runtime_context().gcs_address)
    found = os.environ.get("RAY_ADDRESS", "")
    if found in ("", AUTO):
        folder = Path(os.environ.get("RAY_TMPDIR", tempfile.gettempdir())) / "ray"
        found = ""
        with contextlib.suppress(OSError):  # Ray's own note of what was started last
            found = (folder / "ray_current_cluster").read_text(encoding="utf-8").strip()
    if not found:
        raise InputError(
            "No Ray cluster runs on this machine, and RAY_ADDRESS names none: start one with "
            "`ray start --head`, give the address of one as HOST:PORT, or give local."
        )
    return found


def _check_answers(address: str, host: str, port: int) -> None:
    """Check that something that may be the head node of a cluster listens there."""
    try:
        with socket.create_connection((host, port), _SECONDS) as plain:
            plain.settimeout(_SECONDS)
            with _encrypted(plain) as connection:
                connection.sendall(_PREFACE)
                answer = connection.recv(9)
    except (TimeoutError, ConnectionResetError):
        answer = b""
    except ssl.SSLError as error:
        raise InputError(
            f"What listens at {address} and this process do not agree on TLS ({one_line(error)}): "
            f"give RAY_USE_TLS and the certificates (RAY_TLS_CA_CERT, RAY_TLS_SERVER_CERT, "
            f"RAY_TLS_SERVER_KEY) as the cluster has them."
        ) from error
    except OSError as error:
        raise InputError(
            f"There is no Ray cluster at {address} ({error.strerror or error}): start one with "
            f"`ray start --head` and give the address that it prints, as HOST:PORT, or give local."
        ) from error
    if len(answer) < 4 or answer[3] != _SETTINGS:
        raise InputError(
            f"What listens at {address} is no Ray cluster: give the address that "
            f"`ray start --head` has printed, whose port is 6379 unless another was asked for; a "
            f"cluster that encrypts takes RAY_USE_TLS and its certificates here, too."
        )


def _encrypted(connection: socket.socket) -> socket.socket:
    """The connection, in TLS where Ray is told to use it by the variables that it reads itself."""
    if os.environ.get("RAY_USE_TLS", "0").casefold() not in ("1", "true"):
        return connection
    paths = {name: os.environ.get(f"RAY_TLS_{name}", "") for name in _CERTIFICATES}
    try:
        context = ssl.create_default_context(cafile=paths["CA_CERT"])
        context.load_cert_chain(paths["SERVER_CERT"], paths["SERVER_KEY"])
    except OSError as error:  # of which SSLError is one
        raise InputError(
            f"RAY_USE_TLS is set, and the certificates that RAY_TLS_CA_CERT, RAY_TLS_SERVER_CERT "
            f"and RAY_TLS_SERVER_KEY name cannot be read ({one_line(error)}): name files that hold "
            f"them."
        ) from error
    context.check_hostname = False  # that is for Ray to say; here it is only asked who answers
    context.set_alpn_protocols(["h2"])
    return context.wrap_socket(connection)
