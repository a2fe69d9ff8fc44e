"""A study, or a folder of studies, served until somebody ends that."""

import threading
from collections.abc import Callable
from pathlib import Path

from wane._errors import InputError
from wane.live.feed import Feeds
from wane.live.index import WatchedFolder, studies_in
from wane.live.plan import read_plan
from wane.live.server import Server
from wane.live.study import WatchedStudy
from wane.study.journal.names import STATEMENT

ENDING_SECONDS = 0.5
"""Between two looks at whether nobody needs the page any more."""


def watched_in(folder: Path) -> WatchedStudy | WatchedFolder:
    """What there is to watch in a folder: its study, or the studies in it.

    Raises:
        InputError: if there is neither, or the study is one of another version.
    """
    if not folder.is_dir():
        raise InputError(
            f"{str(folder)!r} is no folder that is there: give the folder of a study, or one that "
            f"holds such folders."
        )
    if (folder / STATEMENT).exists():
        read_plan(folder)
        return WatchedStudy(folder)
    if not studies_in(folder):
        raise InputError(
            f"{str(folder)!r} holds no study, and neither does a folder in it: give the folder of "
            f"a study, which wane study, compare or path began."
        )
    return WatchedFolder(folder)


def serve(
    root: WatchedStudy | WatchedFolder,
    port: int,
    begun: Callable[[str], None],
    ended: Callable[[Feeds], bool] = lambda _: False,
) -> None:
    """Serve what is watched until it has ended, or an exception comes.

    Args:
        root: the study or folder.
        port: of this machine; 0 takes a free one.
        begun: is called with the address of the page.
        ended: is asked now and then whether nobody needs the page any more.

    Raises:
        InputError: if the port cannot be had.
    """
    feeds = Feeds(root)
    server = Server(feeds, port)
    feeds.start()
    answering = threading.Thread(target=server.serve_forever, name="serve", daemon=True)
    answering.start()
    try:
        begun(server.address)
        stopping = threading.Event()
        while not stopping.wait(ENDING_SECONDS):
            if ended(feeds):
                return
    finally:
        server.stopping.set()
        feeds.stop()
        server.shutdown()
        server.server_close()
