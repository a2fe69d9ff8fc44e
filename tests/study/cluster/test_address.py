"""Which cluster is meant, and whether one is there."""

import contextlib
import datetime
import re
import socket
import ssl
import threading
import time
from collections.abc import Iterator
from pathlib import Path

import pytest

import wane
from study_cases import study
from wane.study.cluster import address
from wane.study.cluster.address import checked_address


@contextlib.contextmanager
def listening(answer: bytes | None, encrypted: ssl.SSLContext | None = None) -> Iterator[str]:
    """The address of what answers so to anything, perhaps in TLS; None says nothing."""
    with socket.create_server(("127.0.0.1", 0)) as server:

        def serve() -> None:
            with contextlib.suppress(OSError):
                while True:
                    connection, _ = server.accept()
                    kept.append(connection)
                    if encrypted is not None:
                        try:
                            connection = encrypted.wrap_socket(connection, server_side=True)
                        except OSError:  # who asks speaks no TLS
                            continue
                        kept.append(connection)
                    if answer is not None:
                        connection.recv(24)
                        connection.sendall(answer)

        kept: list[socket.socket] = []
        thread = threading.Thread(target=serve, daemon=True)
        thread.start()
        yield f"127.0.0.1:{server.getsockname()[1]}"
        server.shutdown(socket.SHUT_RDWR)
        thread.join(5)
    for connection in kept:
        connection.close()


@pytest.fixture(autouse=True)
def loopback(monkeypatch: pytest.MonkeyPatch) -> None:
    """Nothing here listens elsewhere."""
    monkeypatch.setattr(address, "_own_host", lambda: "127.0.0.1")


def refused(ray: str) -> str:
    with pytest.raises(wane.InputError) as caught:
        checked_address(ray)
    return str(caught.value)


@pytest.mark.parametrize("ray", ["", "nonsense", "host:", ":6379", "host:0", "ray://head:10001"])
def test_what_is_no_address(ray: str) -> None:
    assert refused(ray).startswith("ray takes auto (the cluster")
    assert refused(ray).endswith(f"got {ray!r}.")


def test_nobody_listens() -> None:
    with socket.create_server(("127.0.0.1", 0)) as server:
        free = f"127.0.0.1:{server.getsockname()[1]}"
    assert refused(free) == (
        f"There is no Ray cluster at {free} (Connection refused): start one with `ray start "
        f"--head` and give the address that it prints, as HOST:PORT, or give local."
    )


@pytest.mark.parametrize("answer", [b"HTTP/1.1 400 Bad Request\r\n\r\n", b"", None])
def test_another_one_listens(answer: bytes | None, monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setattr(address, "_SECONDS", 0.5)
    began = time.perf_counter()
    with listening(answer) as other:
        assert refused(other).startswith(f"What listens at {other} is no Ray cluster: give the")
    assert time.perf_counter() - began < 5


def test_what_answers_as_grpc_does_is_taken() -> None:
    with listening(b"\0\0\x18\4\0\0\0\0\0" + bytes(24)) as grpc:
        assert checked_address(grpc) == grpc
    assert checked_address("local") == "local"


def test_a_cluster_that_encrypts_is_asked_in_tls(
    tmp_path: Path, monkeypatch: pytest.MonkeyPatch
) -> None:
    """Regression: its head node was taken for none."""
    cert, key = certificate(tmp_path)
    monkeypatch.setenv("RAY_USE_TLS", "1")
    monkeypatch.setenv("RAY_TLS_CA_CERT", str(cert))
    monkeypatch.setenv("RAY_TLS_SERVER_CERT", str(cert))
    assert refused("127.0.0.1:1").startswith("There is no Ray cluster at 127.0.0.1:1")
    monkeypatch.setenv("RAY_TLS_SERVER_KEY", str(key))
    context = ssl.create_default_context(ssl.Purpose.CLIENT_AUTH)
    context.load_cert_chain(cert, key)
    with listening(b"\0\0\x18\4\0\0\0\0\0", context) as grpc:
        assert checked_address(grpc) == grpc
        monkeypatch.delenv("RAY_USE_TLS")
        assert "RAY_USE_TLS and its certificates here, too" in refused(grpc)
    monkeypatch.setenv("RAY_USE_TLS", "1")
    with listening(b"\0\0\x18\4\0\0\0\0\0") as plain:
        assert "and this process do not agree on TLS" in refused(plain)


def test_certificates_that_cannot_be_read_are_named(monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setenv("RAY_USE_TLS", "1")
    monkeypatch.setenv("RAY_TLS_CA_CERT", "/nowhere/ca.pem")
    with listening(b"\0\0\x18\4\0\0\0\0\0") as grpc:
        assert refused(grpc).startswith("RAY_USE_TLS is set, and the certificates that")


def certificate(folder: Path) -> tuple[Path, Path]:
    """A certificate that signs itself, and its key."""
    x509 = pytest.importorskip("cryptography.x509")
    from cryptography.hazmat.primitives import hashes, serialization
    from cryptography.hazmat.primitives.asymmetric import ec

    private = ec.generate_private_key(ec.SECP256R1())
    name = x509.Name([x509.NameAttribute(x509.NameOID.COMMON_NAME, "a cluster")])
    now = datetime.datetime.now(datetime.UTC)
    signed = (
        x509.CertificateBuilder()
        .subject_name(name)
        .issuer_name(name)
        .public_key(private.public_key())
        .serial_number(1)
        .not_valid_before(now - datetime.timedelta(days=1))
        .not_valid_after(now + datetime.timedelta(days=1))
        .sign(private, hashes.SHA256())
    )
    pem = serialization.Encoding.PEM
    paths = folder / "cert.pem", folder / "key.pem"
    paths[0].write_bytes(signed.public_bytes(pem))
    form, plain = serialization.PrivateFormat.PKCS8, serialization.NoEncryption()
    paths[1].write_bytes(private.private_bytes(pem, form, plain))
    return paths


def test_the_cluster_of_this_machine(monkeypatch: pytest.MonkeyPatch, tmp_path: Path) -> None:
    monkeypatch.delenv("RAY_ADDRESS", raising=False)
    monkeypatch.setenv("RAY_TMPDIR", str(tmp_path))
    assert refused("auto").startswith("No Ray cluster runs on this machine, and RAY_ADDRESS names")
    with listening(b"\0\0\x18\4\0\0\0\0\0") as grpc:
        monkeypatch.setenv("RAY_ADDRESS", grpc)
        assert checked_address("auto") == grpc
        monkeypatch.delenv("RAY_ADDRESS")
        (tmp_path / "ray").mkdir()
        (tmp_path / "ray" / "ray_current_cluster").write_text(grpc)
        assert checked_address("auto") == grpc
    # The note of a cluster whose driver was killed stays.
    assert refused("auto").startswith(f"There is no Ray cluster at {grpc}")


def test_a_study_says_so_before_anything_is_written(tmp_path: Path) -> None:
    folder = tmp_path / "study"
    with pytest.raises(wane.InputError, match=re.escape("ray takes auto")):
        study().run(folder, ray="nowhere", progress=False)
    assert not folder.exists()


def test_ray_is_not_installed(monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setattr("importlib.util.find_spec", lambda _: None)
    assert refused("local") == (
        "ray (--ray) needs Ray, which is not installed: pip install 'wane[ray]' brings it."
    )
