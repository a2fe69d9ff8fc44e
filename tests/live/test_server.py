"""Who is answered, and with what: this machine's own pages only, for reading only."""

import http.client
import json
import os
import re
import socket
import sys
import threading
from collections.abc import Iterator
from pathlib import Path
from typing import Any

import pytest

from live_cases import Writer, files
from wane._errors import InputError
from wane.live import server as module
from wane.live.feed import Feeds
from wane.live.index import WatchedFolder
from wane.live.server import Server
from wane.live.study import WatchedStudy

HEADERS = {
    "Referrer-Policy": "no-referrer",
    "X-Content-Type-Options": "nosniff",
    "Cache-Control": "no-store",
    "X-Frame-Options": "DENY",
}


class Running:
    """A server in threads of this process."""

    def __init__(self, root: WatchedStudy | WatchedFolder) -> None:
        self.feeds = Feeds(root)
        self.server = Server(self.feeds)
        self.feeds.start()
        self._thread = threading.Thread(target=self.server.serve_forever, args=(0.05,))
        self._thread.start()

    def stop(self) -> None:
        self.server.stopping.set()
        self.feeds.stop()
        self.server.shutdown()
        self.server.server_close()
        self._thread.join()

    @property
    def start(self) -> str:
        return f"/{self.server.token}/"

    def ask(
        self, path: str, method: str = "GET", host: str | None = None
    ) -> tuple[int, dict[str, str], bytes]:
        connection = http.client.HTTPConnection("127.0.0.1", self.server.server_port, timeout=20)
        try:
            connection.putrequest(method, path, skip_host=True)
            connection.putheader("Host", host or f"127.0.0.1:{self.server.server_port}")
            connection.endheaders()
            answer = connection.getresponse()
            return answer.status, dict(answer.getheaders()), answer.read()
        finally:
            connection.close()

    def events(self, path: str) -> Iterator[Any]:
        """The documents of a page, as they come."""
        connection = http.client.HTTPConnection("127.0.0.1", self.server.server_port, timeout=20)
        try:
            connection.request("GET", path)
            answer = connection.getresponse()
            assert answer.getheader("Content-Type") == "text/event-stream"
            for line in answer:
                if line.startswith(b"data: "):
                    yield json.loads(line[6:])
        finally:
            connection.close()


@pytest.fixture
def writer(tmp_path: Path) -> Iterator[Writer]:
    found = Writer(tmp_path / "s")
    found.add(0, 0, (0.1, 1.0, 0.4, 0.8))
    yield found
    found.database.close()


@pytest.fixture
def running(writer: Writer) -> Iterator[Running]:
    found = Running(WatchedStudy(writer.folder))
    yield found
    found.stop()


def test_the_page_and_its_data_with_headers_that_keep_others_out(running: Running) -> None:
    status, headers, body = running.ask(running.start)
    assert status == 200 and headers["Content-Type"] == "text/html; charset=utf-8"
    assert HEADERS.items() <= headers.items()
    policy = headers["Content-Security-Policy"]
    (nonce,) = set(re.findall(r"'nonce-([\w-]+)'", policy))
    assert "default-src 'none'" in policy and "frame-ancestors 'none'" in policy
    assert "unsafe" not in policy
    text = body.decode()
    words = ' type="application/json" id="words"'  # data, which no browser runs
    own = f' nonce="{nonce}"'
    assert re.findall(r"<(?:script|style)([^>]*)>", text) == [own, words, own]
    assert not re.findall(r"\son\w+=|style=|(?:src|href)=\"https?:", text)
    assert nonce not in running.ask(running.start)[2].decode()  # another one each time
    status, headers, body = running.ask(f"{running.start}curves/0")
    assert status == 200 and HEADERS.items() <= headers.items()
    assert json.loads(body)["mean"]["validation_data_loss"] == [0.5] * 4
    status, headers, body = running.ask(running.start, "HEAD")
    assert (status, body) == (200, b"") and int(headers["Content-Length"]) > 1000
    port = running.server.server_port
    assert running.ask(running.start, host=f"localhost:{port}")[0] == 200


def test_foreign_hosts_are_refused(running: Running) -> None:
    port = running.server.server_port
    hosts = ("evil.example", f"evil.example:{port}", "127.0.0.1", f"127.0.0.1:{port + 1}")
    for host in (*hosts, f"127.0.0.1:{port}.evil.example", "[::1]", f"127.0.0.1:{port}@evil"):
        status, headers, body = running.ask(running.start, host=host)
        assert (status, body) == (403, b"Forbidden\n"), host
        assert HEADERS.items() <= headers.items()
    for lines in (b"", b"Host: 127.0.0.1:%d\r\nHost: evil\r\n" % port):
        with socket.create_connection(("127.0.0.1", port), timeout=20) as client:
            client.sendall(f"GET {running.start} HTTP/1.1\r\n".encode() + lines + b"\r\n")
            assert client.makefile("rb").readline() == b"HTTP/1.1 400 Bad Request\r\n"


@pytest.mark.parametrize(
    "method", ["POST", "PUT", "DELETE", "PATCH", "OPTIONS", "TRACE", "CONNECT", "BREW"]
)
def test_nothing_but_reading_is_allowed(method: str, running: Running) -> None:
    status, headers, _ = running.ask(running.start, method)
    assert (status, headers["Allow"]) == (405, "GET, HEAD")
    assert HEADERS.items() <= headers.items()


def test_what_is_outside_is_not_there(running: Running, writer: Writer) -> None:
    (writer.folder.parent / "secret.txt").write_text("secret", encoding="utf-8")
    start, token = running.start, running.server.token
    paths = [
        *("/", "", "/favicon.ico", f"/{token}", f"//{token}x/", f"/{token[:-1]}/", f"/{token}x/"),
        *(f"/{token.swapcase()}/", "/studies/s/", f"{start}studies/s/", f"{start}study.json"),
        *(f"{start}../../etc/passwd", f"{start}../secret.txt", f"{start}..%2fsecret.txt"),
        *(f"{start}%2e%2e/secret.txt", f"{start}....//secret.txt", f"{start}study.db"),
        *(f"{start}curves/../study.json", f"{start}curves/-1", f"{start}curves/99"),
        *(f"{start}curves/0/", f"{start}curves/٣", f"{start}curves/%30", f"{start}curves/"),
        *(f"{start}report.html", f"{start}..\\secret.txt", f"{start}%00", "/é/", f"http:{start}"),
    ]
    for path in paths:
        with socket.create_connection(("127.0.0.1", running.server.server_port), 20) as client:
            host = f"Host: 127.0.0.1:{running.server.server_port}"
            client.sendall(f"GET {path or '/'} HTTP/1.1\r\n{host}\r\n\r\n".encode())
            answer = client.makefile("rb").read()
        assert answer.startswith(b"HTTP/1.1 404 Not Found\r\n"), path
        assert answer.endswith(b"\r\n\r\nNot Found\n")


def test_a_page_gets_every_change_and_what_the_journal_holds(
    running: Running, writer: Writer
) -> None:
    events = running.events(f"{running.start}events")
    assert next(events)["done"] == 1
    assert running.feeds.clients == 1
    writer.add(1, 0, (0.1, 1.0, 0.3, 0.9))
    known = next(events)
    assert (known["done"], known["best"]) == (2, 1)
    (writer.folder / "report.html").write_text("<script>the report</script>", encoding="utf-8")
    while known["state"] != "finished":  # what is polled may be between two of these changes
        if writer.lock.exists():
            writer.end({"verdict": {"answer": "It helps."}, "chosen": "L2(0.001)"})
        known = next(events)
    assert known["report"] and known["answer"] == "It helps."
    before = files(writer.folder)
    status, headers, body = running.ask(f"{running.start}report.html")
    assert (status, body) == (200, b"<script>the report</script>")
    assert headers["Content-Security-Policy"].startswith("sandbox allow-scripts allow-downloads;")
    assert "connect-src" not in headers["Content-Security-Policy"]
    assert files(writer.folder) == before
    events.close()  # type: ignore[attr-defined] # it is a generator


def test_there_are_only_so_many_pages_and_requests(
    running: Running, monkeypatch: pytest.MonkeyPatch
) -> None:
    monkeypatch.setattr(module, "HEARTBEAT_SECONDS", 0.05)
    monkeypatch.setattr(module, "MOST_PAGES", 2)
    several = [running.events(f"{running.start}events") for _ in range(2)]
    assert [next(one)["done"] for one in several] == [1, 1]
    assert running.ask(f"{running.start}events")[0] == 503
    assert running.ask(running.start)[0] == 200
    for one in several:
        one.close()  # type: ignore[attr-defined] # it is a generator
    for _ in range(200):  # signs of life notice that they have gone
        if running.feeds.clients == 0:
            break
        threading.Event().wait(0.05)
    assert running.ask(f"{running.start}events", "HEAD")[0] == 200
    port = running.server.server_port
    waiting = [socket.create_connection(("127.0.0.1", port), 20) for _ in range(60)]
    refused = 0
    for client in waiting[-10:]:
        client.settimeout(5)
        refused += client.recv(1) == b""  # closed, while others are waited for
    assert refused == 10
    for client in waiting:
        client.close()


def test_a_folder_of_studies_has_an_index_and_their_pages(tmp_path: Path) -> None:
    name = 'a & "b" <i>é'
    first, second = Writer(tmp_path / name), Writer(tmp_path / "other")
    first.add(0, 0, (0.1, 1.0, 0.4, 0.8))
    summary = {
        "study": {"name": "moons", "select_by": "data_loss"},
        "candidates": [
            {"name": "L2(1)", "runs": 3, "validation": {"data_loss": {"mean": 0.5, "std": 0.25}}}
        ],
        "chosen": "L2(1)",
        "verdict": {"answer": "It helps."},
    }
    second.end(summary)
    (tmp_path / "no-study").mkdir()
    running = Running(WatchedFolder(tmp_path))
    try:
        known = next(running.events(f"{running.start}events"))
        rows = {row["folder"]: row for row in known["studies"]}
        assert set(rows) == {name, "other"}
        assert (rows[name]["state"], rows[name]["done"], rows[name]["total"]) == ("training", 1, 9)
        assert (rows[name]["best"], rows[name]["value"]) == ("baseline", "0.400")
        other = rows["other"]
        assert (other["state"], other["done"], other["best"]) == ("finished", 3, "L2(1)")
        assert other["value"] == "0.500 ± 0.250" and other["column"] == "data loss"
        assert running.ask(running.start)[0] == 200
        own = f"{running.start}studies/a%20%26%20%22b%22%20%3Ci%3E%C3%A9/"
        status, _, body = running.ask(own)
        assert status == 200 and b"<h1>case</h1>" in body and b"All studies" in body
        assert next(running.events(f"{own}events"))["done"] == 1
        assert json.loads(running.ask(f"{own}curves/0")[2])["runs"] == 1
        for path in (
            "studies/no-study/",
            "studies/../",
            "studies/%2e%2e/",
            "studies//",
            "curves/0",
        ):
            assert running.ask(f"{running.start}{path}")[0] == 404, path
    finally:
        running.stop()
        first.database.close()


def test_a_hostile_name_is_text(tmp_path: Path) -> None:
    writer = Writer(tmp_path / "s", name="</script><script>alert(1)</script>\u202e")
    running = Running(WatchedStudy(writer.folder))
    try:
        text = running.ask(running.start)[2].decode()
        assert "&lt;/script&gt;" in text and "alert(1)</script>" not in text
        assert "\u202e" not in text
    finally:
        running.stop()
        writer.database.close()


def test_a_port_that_is_taken_is_refused_in_a_sentence(running: Running, writer: Writer) -> None:
    port = running.server.server_port
    with pytest.raises(InputError, match=rf"^The port {port} of this machine cannot be had \("):
        Server(Feeds(WatchedStudy(writer.folder)), port)


def test_port_80_is_left_out_by_browsers() -> None:
    assert module.hosts_of(80) == {"127.0.0.1", "localhost", "127.0.0.1:80", "localhost:80"}
    assert module.hosts_of(8080) == {"127.0.0.1:8080", "localhost:8080"}


@pytest.mark.skipif(sys.platform != "linux", reason="names of files are text elsewhere")
def test_a_folder_whose_name_is_no_text_is_left_out(tmp_path: Path) -> None:
    for name in ("fine", os.fsdecode(b"caf\xe9")):
        Writer(tmp_path / name).end()
    folder = WatchedFolder(tmp_path)
    folder.refresh()
    assert [row["folder"] for row in folder.document["studies"]] == ["fine"]


def test_pages_go_on_after_what_nobody_foresaw(
    running: Running, writer: Writer, monkeypatch: pytest.MonkeyPatch
) -> None:
    events = running.events(f"{running.start}events")
    assert next(events)["done"] == 1
    failed = threading.Event()
    refresh = WatchedStudy.refresh

    def fails_once(study: WatchedStudy) -> bool:
        if failed.is_set():
            return refresh(study)
        failed.set()
        raise ZeroDivisionError

    monkeypatch.setattr(WatchedStudy, "refresh", fails_once)
    assert failed.wait(20)
    writer.add(1, 0, (0.1, 1.0, 0.3, 0.9))
    assert next(events)["done"] == 2
    events.close()  # type: ignore[attr-defined] # it is a generator
