"""What is watched, read by one thread for everybody who looks at it."""

import contextlib
import json
import logging
import math
import threading
from collections.abc import Iterator
from typing import Protocol

from wane._errors import WaneError
from wane.live.index import WatchedFolder
from wane.live.study import Document, WatchedStudy

_log = logging.getLogger(__name__)

POLL_SECONDS = 0.5
"""Between two looks at a study."""
FOLDER_SECONDS = 2.0
"""Between two looks at a folder of studies."""


class Watched(Protocol):
    """What can be read again, and what is known of it."""

    document: Document

    def refresh(self) -> bool:
        """Read what has changed; whether the document did."""


class Feed:
    """The document of something watched, by versions that count from 1.

    Args:
        watched: that.
        lock: is held while it is read.
    """

    def __init__(self, watched: Watched, lock: threading.Lock) -> None:
        self.watched = watched
        self.clients = 0
        """How many pages show it."""
        self._changed = threading.Condition()
        self._lock = lock
        self._sent: Document | None = None
        self._version = 0
        self._text = ""

    def look(self) -> None:
        """Read what has changed, and let everybody know who waits for it."""
        with self._lock:  # also while it is published, so that nobody steps back to an older one
            self.watched.refresh()
            document = self.watched.document
            if document == self._sent:
                return
            text = json.dumps(document, separators=(",", ":"), allow_nan=False)
            with self._changed:
                self._sent, self._text = document, text
                self._version += 1
                self._changed.notify_all()

    @contextlib.contextmanager
    def shown(self) -> Iterator[None]:
        """Count a page that shows it."""
        with self._changed:
            self.clients += 1
        try:
            yield
        finally:
            with self._changed:
                self.clients -= 1

    def after(self, version: int, seconds: float) -> tuple[int, str] | None:
        """The latest version and its text, waited for if it has been had; None if none came."""
        with self._changed:
            self._changed.wait_for(lambda: self._version != version, seconds)
            return None if self._version == version else (self._version, self._text)


class Feeds:
    """All that is watched: a study, or a folder of studies and those of them that are open.

    Args:
        root: the study or folder.
    """

    def __init__(self, root: WatchedStudy | WatchedFolder) -> None:
        self.lock = threading.Lock()
        self.root = Feed(root, self.lock)
        self.asked = -math.inf
        """When somebody asked last, by the monotonic clock."""
        self._of_studies: dict[str, Feed] = {}
        self._stopped = threading.Event()
        self._thread = threading.Thread(target=self._poll, name="watch", daemon=True)

    def start(self) -> None:
        """Read what there is, and from then on in a thread."""
        self.root.look()
        self._thread.start()

    def stop(self) -> None:
        """End the thread."""
        self._stopped.set()
        self._thread.join()

    @property
    def of_folder(self) -> bool:
        """Whether a folder of studies is watched."""
        return isinstance(self.root.watched, WatchedFolder)

    @property
    def clients(self) -> int:
        """How many pages are open."""
        return self.root.clients + sum(feed.clients for feed in [*self._of_studies.values()])

    def study(self, name: str | None) -> Feed | None:
        """The feed of a study: of the only one, or by the name of its folder; None if not there."""
        if name is None:
            return None if self.of_folder else self.root
        folder = self.root.watched
        if not isinstance(folder, WatchedFolder):
            return None
        with self.lock:
            study = folder.study(name)
            if study is None:
                return None
            feed = self._of_studies.get(name)
            if feed is None or feed.watched is not study:
                feed = self._of_studies[name] = Feed(study, self.lock)
        feed.look()
        return feed

    def _poll(self) -> None:
        until = 0.0
        while not self._stopped.wait(POLL_SECONDS):
            until -= POLL_SECONDS
            if not self.of_folder or until <= 0:
                _look(self.root)
                until = FOLDER_SECONDS
            for feed in [*self._of_studies.values()]:
                if feed.clients:
                    _look(feed)


def _look(feed: Feed) -> None:
    """Look at something that may be removed or changed meanwhile; the other pages go on."""
    try:
        feed.look()
    except (OSError, WaneError) as error:
        _log.debug("a page was not brought up to date: %s", error)
    except Exception:
        _log.exception("a page could not be brought up to date")
