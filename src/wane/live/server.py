"""The server of the live page: this machine only, behind a random token, for reading only."""

import contextlib
import hmac
import http.client
import http.server
import json
import os
import secrets
import socket
import threading
import time
import urllib.parse
from collections.abc import Callable
from typing import Any

from wane._errors import InputError
from wane._version import __version__
from wane.live.feed import Feed, Feeds
from wane.live.page import index_page, study_page
from wane.live.study import WatchedStudy

ADDRESS = "127.0.0.1"
HEARTBEAT_SECONDS = 10.0
"""Between two signs of life where nothing changes, by which a page that has gone is noticed."""
REQUEST_SECONDS = 20.0
"""How long a client may take between two parts of a request, or to take a part of an answer."""
MOST_PAGES = 24
"""How many pages are kept up to date at a time."""
MOST_REQUESTS = 40
"""How many requests are answered at a time, those of the pages among them."""
OF_A_PAGE = (
    "default-src 'none'; script-src 'nonce-{nonce}'; style-src 'nonce-{nonce}'; "
    "connect-src 'self'; img-src data:; base-uri 'none'; form-action 'none'; frame-ancestors 'none'"
)
OF_A_REPORT = (
    "sandbox allow-scripts allow-downloads; default-src 'none'; script-src 'unsafe-inline' "
    "'unsafe-eval'; style-src 'unsafe-inline'; img-src data: blob:; font-src data:; "
    "base-uri 'none'; form-action 'none'; frame-ancestors 'none'"
)
"""A report has a policy of its own inside; it may come with a folder of somebody else, so that it
must not reach the page."""
OF_DATA = "default-src 'none'; frame-ancestors 'none'"
Answer = tuple[str, str, bytes]
"""Content type, policy and body."""


def hosts_of(port: int) -> set[str]:
    """What this machine's own pages call it in their requests, by a port of it."""
    names = (ADDRESS, "localhost")
    usual = names if port == http.client.HTTP_PORT else ()  # which browsers leave out
    return {*usual, *(f"{name}:{port}" for name in names)}


class Server(http.server.ThreadingHTTPServer):
    """Serves what is watched.

    Args:
        feeds: that.
        port: the port; 0 takes a free one.

    Attributes:
        token: the first part of every address.

    Raises:
        InputError: if the port cannot be had.
    """

    daemon_threads = True
    block_on_close = False  # pages stay open for as long as they like
    request_queue_size = 64
    allow_reuse_address = os.name == "posix"  # elsewhere it lets two servers have one port

    def __init__(self, feeds: Feeds, port: int = 0) -> None:
        self.feeds = feeds
        self.token = secrets.token_urlsafe(24)
        self.stopping = threading.Event()
        self._free = threading.BoundedSemaphore(MOST_REQUESTS)
        try:
            super().__init__((ADDRESS, port), Handler)
        except (OSError, OverflowError) as error:
            why = getattr(error, "strerror", None) or str(error)
            raise InputError(
                f"The port {port} of this machine cannot be had ({why}): give another --port, or "
                f"leave it out for a free one."
            ) from error
        self.hosts = hosts_of(self.server_port)

    @property
    def address(self) -> str:
        """The address of the page."""
        return f"http://{ADDRESS}:{self.server_port}/{self.token}/"

    def process_request(self, request: Any, client_address: Any) -> None:
        """Answer a request in a thread of its own, unless there are too many."""
        if not self._free.acquire(blocking=False):
            self.shutdown_request(request)
            return
        super().process_request(request, client_address)

    def process_request_thread(self, request: Any, client_address: Any) -> None:
        """Answer a request."""
        try:
            super().process_request_thread(request, client_address)
        finally:
            self._free.release()

    def handle_error(self, request: Any, client_address: Any) -> None:
        """Say nothing of clients that went away."""

    def server_bind(self) -> None:
        """Bind the port, without asking anybody for the name of this machine."""
        if hasattr(socket, "SO_EXCLUSIVEADDRUSE"):  # on Windows another process could share it
            self.socket.setsockopt(socket.SOL_SOCKET, socket.SO_EXCLUSIVEADDRUSE, 1)
        super(http.server.HTTPServer, self).server_bind()
        self.server_name, self.server_port = ADDRESS, self.server_address[1]


class Handler(http.server.BaseHTTPRequestHandler):
    """Answers one request."""

    server: Server
    timeout = REQUEST_SECONDS
    protocol_version = "HTTP/1.1"
    server_version = f"wane/{__version__}"
    sys_version = ""

    def do_GET(self) -> None:  # the name that http.server calls
        """Answer with a page or data."""
        self.close_connection = True
        if self.headers.get_all("Host") is None or len(self.headers.get_all("Host", [])) != 1:
            self.send_error(400)
        elif self.headers["Host"].lower() not in self.server.hosts:
            self.send_error(403)  # a name that somebody has pointed at this machine
        else:
            self._route()

    do_HEAD = do_GET  # noqa: N815 # the name that http.server calls

    def send_error(self, code: int, message: str | None = None, explain: str | None = None) -> None:
        """Answer with a word or two; what is not served here is not allowed."""
        del message, explain
        status = http.HTTPStatus(405 if code == 501 else code)
        self.close_connection = True
        self._begin(status, "text/plain; charset=utf-8", OF_DATA)
        body = f"{status.phrase}\n".encode()
        if status == 405:
            self.send_header("Allow", "GET, HEAD")
        self._body(body)

    def log_message(self, format: str, *args: Any) -> None:  # as http.server has it
        """Log nothing: an address has the token in it."""

    def _route(self) -> None:
        """Answer by the parts of the path, which name no files."""
        path = self.path.partition("?")[0].partition("#")[0]
        parts = path.split("/")
        given = parts[1] if len(parts) > 1 and not parts[0] else ""
        if not hmac.compare_digest(given.encode(), self.server.token.encode()):
            self.send_error(404)
            return
        rest = parts[2:]
        feeds = self.server.feeds
        feeds.asked = time.monotonic()
        if feeds.of_folder and rest in ([""], ["events"]):
            self._answer_index(rest[0])
            return
        name: str | None = None
        if len(rest) > 2 and rest[0] == "studies":
            name, rest = urllib.parse.unquote(rest[1]), rest[2:]
        feed = feeds.study(name)
        if feed is None or not isinstance(feed.watched, WatchedStudy):
            self.send_error(404)
        else:
            self._answer_study(feed, feed.watched, rest)

    def _answer_index(self, what: str) -> None:
        feed = self.server.feeds.root
        if what:
            self._stream(feed)
        else:
            self._send_page(lambda nonce: index_page(feed.watched.document, nonce))

    def _answer_study(self, feed: Feed, study: WatchedStudy, rest: list[str]) -> None:
        """Answer with what is known of a study."""
        match rest:
            case [""]:
                whole = self.server.feeds.of_folder
                self._send_page(lambda nonce: study_page(study.document, nonce, of_many=whole))
            case ["events"]:
                self._stream(feed)
            case ["curves", place] if place.isascii() and place.isdigit() and len(place) < 7:
                with self.server.feeds.lock:
                    curves = study.curves(int(place))
                self._send_data(None if curves is None else json.dumps(curves).encode())
            case ["report.html"]:
                self._send_data(study.report(), "text/html; charset=utf-8", OF_A_REPORT)
            case _:
                self.send_error(404)

    def _send_page(self, page: Callable[[str], str]) -> None:
        nonce = secrets.token_urlsafe(16)
        self._send_data(
            page(nonce).encode(), "text/html; charset=utf-8", OF_A_PAGE.format(nonce=nonce)
        )

    def _send_data(
        self, body: bytes | None, kind: str = "application/json", policy: str = OF_DATA
    ) -> None:
        if body is None:
            self.send_error(404)
            return
        self._begin(http.HTTPStatus.OK, kind, policy)
        self._body(body)

    def _stream(self, feed: Feed) -> None:
        """Send every version of a document as it comes, until the page has gone."""
        if self.server.feeds.clients >= MOST_PAGES:
            self.send_error(503)
            return
        self._begin(http.HTTPStatus.OK, "text/event-stream", OF_DATA)
        self.end_headers()
        if self.command == "HEAD":
            return
        with feed.shown(), contextlib.suppress(OSError):  # it has gone, or takes nothing any more
            self.wfile.write(b"retry: 2000\n\n")
            version = 0
            while not self.server.stopping.is_set():
                found = feed.after(version, HEARTBEAT_SECONDS)
                if found is None:
                    self.wfile.write(b": still here\n\n")
                else:
                    version, text = found
                    self.wfile.write(f"id: {version}\ndata: {text}\n\n".encode())

    def _begin(self, status: http.HTTPStatus, kind: str, policy: str) -> None:
        self.send_response(status)
        self.send_header("Content-Type", kind)
        self.send_header("Content-Security-Policy", policy)
        self.send_header("Referrer-Policy", "no-referrer")
        self.send_header("X-Content-Type-Options", "nosniff")
        self.send_header("X-Frame-Options", "DENY")
        self.send_header("Cross-Origin-Resource-Policy", "same-origin")
        self.send_header("Cross-Origin-Opener-Policy", "same-origin")
        self.send_header("Cache-Control", "no-store")
        self.send_header("Connection", "close")

    def _body(self, body: bytes) -> None:
        self.send_header("Content-Length", str(len(body)))
        self.end_headers()
        if self.command != "HEAD":
            self.wfile.write(body)
