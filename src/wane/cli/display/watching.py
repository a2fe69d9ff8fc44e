"""The live page beside a command that trains: ``--watch``."""

import contextlib
import os
import sys
from collections.abc import Iterator
from contextvars import ContextVar
from pathlib import Path

import typer

from wane._errors import StorageError
from wane._language import gettext

OF_TERMINALS = ("www-browser", "browsh", "elinks", "links", "links2", "lynx", "w3m")
"""Browsers that show pages in the terminal."""
_watched: ContextVar[bool] = ContextVar("watched", default=False)


def is_watched() -> bool:
    """Whether a live page was asked for."""
    return _watched.get()


@contextlib.contextmanager
def watching(*, asked: bool) -> Iterator[None]:
    """Let :func:`show_live` show a page in this block, where that is asked for."""
    before = _watched.set(asked)
    try:
        yield
    finally:
        _watched.reset(before)


def show_live(folder: Path) -> None:
    """Serve the page of a study that is about to train, where that was asked for.

    A study is trained all the same where it cannot be served.
    """
    if not is_watched():
        return
    from wane.live.process import begin_serving

    try:
        address = begin_serving(folder)
    except (StorageError, OSError) as error:
        typer.echo(f"Note: {error}.", err=True)
        return
    text = gettext(
        "{address} shows the study, and what it came to for as long as the page is open."
    )
    typer.echo(text.format(address=address), err=True)
    open_page(address)


def open_page(address: str) -> None:
    """Open a page in the browser of somebody who sits at a terminal with a display."""
    other = sys.platform in ("win32", "darwin")  # where there always is one
    display = other or os.environ.get("DISPLAY") or os.environ.get("WAYLAND_DISPLAY")
    if display and sys.stderr.isatty():
        import threading

        # A browser that nobody knows is waited for until it ends.
        threading.Thread(target=_open, args=(address,), daemon=True).start()


def _open(address: str) -> None:
    """Open a page, unless the browser is one that would take the terminal over."""
    import webbrowser

    with contextlib.suppress(webbrowser.Error, OSError):
        browser = webbrowser.get()
        name = Path(str(getattr(browser, "name", ""))).name.lower()
        if name not in OF_TERMINALS:
            browser.open(address)
