"""What a study shows while it runs: what is in its data, and how far its stages are.

On a terminal that is a bar, or a line that moves where nobody knows how long a stage takes; in a
notebook a bar of the page; elsewhere, as in a file, a line every ten seconds. All go to standard
error but the notebook's.
"""

import contextlib
import logging
import time
from collections.abc import Callable, Iterator, Mapping
from typing import Any

from rich.console import Console, RenderableType
from rich.live import Live
from rich.progress import (
    BarColumn,
    Progress,
    ProgressColumn,
    SpinnerColumn,
    TextColumn,
    TimeElapsedColumn,
    TimeRemainingColumn,
)
from rich.spinner import Spinner
from rich.text import Text

from wane._language import ENGLISH, gettext, speaking
from wane.report.display.recorded import recorded
from wane.report.display.standing import Standing
from wane.report.numbers import duration
from wane.report.wording import counted

LINE_SECONDS = 10.0
"""Between two lines where there is neither a terminal nor a notebook."""
EXPECT_SECONDS = 2.0
"""Training that takes less is not worth a line that says how long it takes."""
PAGE_SECONDS = 0.5
"""Between two states of a notebook's bar."""
ROOM = 6
"""Lines of a terminal that stay for other things than what stands below a bar."""

_moving: list[Live] = []
"""The lines of stages that are under way, one within the other; the last of them moves."""

_log = logging.getLogger(__name__)

Show = Callable[[int, str], None]
"""Shows how much is done, and the words for it."""
Display = tuple[Show, Callable[[str], None]]
"""What shows how much is done, and what says a sentence that stays."""


def show_account(account: Mapping[str, Any] | None) -> None:
    """Show what is in the data, where somebody has drawn that up, as the document has it."""
    if account is not None:
        from wane.report.data import account_lines

        console = Console(stderr=True)
        for line in account_lines(account):
            console.print(line)


def tell(say: Callable[[], str], shown: bool) -> None:
    """Log what has been found out, in English, and say it where progress is shown."""
    with speaking(ENGLISH):
        _log.info("%s", say())
    if shown:
        _print(Console(stderr=True), say())


@contextlib.contextmanager
def stage(label: str, shown: bool = False) -> Iterator[None]:
    """Log a stage of work, and how long it took; show it by a line that moves, on a terminal."""
    _log.info("%s", label)
    began = time.perf_counter()
    try:
        with _line(label) if shown else contextlib.nullcontext():
            yield
    finally:
        _log.debug("%s: %.2f s", label, time.perf_counter() - began)


@contextlib.contextmanager
def _line(label: str) -> Iterator[None]:
    """A line that moves, and goes at the end; a terminal alone has one."""
    console = Console(stderr=True)
    if console.is_jupyter or not console.is_terminal:
        yield
        return
    own = Live(
        Spinner("dots", Text(recorded(label), no_wrap=True, overflow="ellipsis")),
        console=console,
        refresh_per_second=10,
        transient=True,
        redirect_stdout=False,  # which may be a file
    )
    with _instead(), own:
        _moving.append(own)
        try:
            yield
        finally:
            _moving.remove(own)


@contextlib.contextmanager
def _instead() -> Iterator[None]:
    """Let the line that moves go for as long as something else is shown in its place."""
    outer = _moving[-1] if _moving else None
    if outer is not None:
        outer.stop()
    try:
        yield
    finally:
        if outer is not None:
            outer.start(refresh=True)


class Bar:
    """Says how many epochs and runs are done; without a display it does nothing.

    Args:
        show: the display.
        runs: how many runs there are.
        label: what they are for.
        say: says a sentence beside it.
        below: the lines below it, which a terminal has.
    """

    def __init__(
        self,
        show: Show | None,
        runs: int,
        label: str = "",
        say: Callable[[str], None] = lambda _: None,
        below: "Below | None" = None,
    ) -> None:
        self._show = show
        self._below = below
        self._runs = runs
        self._label = label
        self._say = say

    def _prefix(self) -> str:
        return gettext("{label}: ").format(label=recorded(self._label)) if self._label else ""

    def expect(self, runs: int, seconds: float | None) -> None:
        """Say how long training is expected to take, once that is known and worth a line.

        A part of the work that has a label of its own has no such line: its time left is shown.
        """
        if seconds is None:
            return
        with speaking(ENGLISH):
            _log.info("%s%s", self._prefix(), _expected(runs, seconds))
        if seconds >= EXPECT_SECONDS and not self._label:
            self._say(_expected(runs, seconds))

    def update(self, epochs: int, runs: int) -> None:
        """Show that so many epochs and whole runs are done."""
        if self._show is not None:
            text = gettext("compiling")
            if epochs:
                text = gettext("training, {runs} of {count} runs done")
                text = text.format(runs=runs, count=self._runs)
            self._show(epochs, self._prefix() + text)

    def stand(self, standing: Standing) -> None:
        """Show what the candidates have come to, where a terminal has room for it."""
        if self._below is not None:
            self._below.show(standing)

    def count(self, done: int) -> None:
        """Show that so much is done of what takes no training."""
        if self._show is not None:
            text = gettext("{done} of {count} done").format(done=done, count=self._runs)
            self._show(done, self._prefix() + text)


def _expected(runs: int, seconds: float) -> str:
    text = gettext("Training {networks} is expected to take {time}.")
    return text.format(networks=counted(runs, "network"), time=duration(seconds))


@contextlib.contextmanager
def progress_bar(epochs: int, runs: int, shown: bool, label: str = "") -> Iterator[Bar]:
    """A bar over this many epochs in this many runs, with what they are for."""
    if not shown:
        yield Bar(None, runs)
        return
    console = Console(stderr=True)
    below = None
    if console.is_jupyter:
        display = _on_page(epochs)
    elif console.is_terminal:
        below = Below(console)
        display = _on_terminal(console, epochs, recorded(label) or gettext("compiling"), below)
    else:
        display = _in_lines(console, epochs)
    with _instead(), display as (show, say):
        yield Bar(show, runs, label, say, below)


class Below:
    """The lines below a terminal's bar.

    Args:
        console: the terminal.
    """

    def __init__(self, console: Console) -> None:
        self._console = console
        self.lines: list[Text] = []

    def show(self, standing: Standing) -> None:
        """Show what the candidates have come to in as many lines as there is room for."""
        blocks = (self._console.encoding or "").lower().startswith("utf")
        shown = standing.lines(most=self._console.height - ROOM, blocks=blocks)
        self.lines = [Text(line, no_wrap=True, overflow="ellipsis") for line in shown]


class _BarWithLines(Progress):
    """A bar with lines below it."""

    def __init__(self, *columns: ProgressColumn, below: Below, console: Console) -> None:
        self._lines_below = below
        super().__init__(*columns, console=console, transient=True)

    def get_renderables(self) -> Iterator[RenderableType]:
        """The bar, and the lines as they are by now."""
        yield from super().get_renderables()
        yield from self._lines_below.lines


@contextlib.contextmanager
def _on_terminal(console: Console, total: int, text: str, below: Below) -> Iterator[Display]:
    """A bar that goes when it is full."""
    columns = (
        SpinnerColumn(),
        TextColumn("{task.description}"),
        BarColumn(),
        TextColumn("{task.percentage:>3.0f} %"),
        TimeElapsedColumn(),
        TextColumn(gettext("left")),
        TimeRemainingColumn(),
    )
    with _BarWithLines(*columns, below=below, console=console) as progress:
        task = progress.add_task(text, total=total)

        def show(done: int, text: str) -> None:
            progress.update(task, completed=done, description=text)

        yield show, lambda text: _print(progress.console, text)


@contextlib.contextmanager
def _on_page(total: int) -> Iterator[Display]:
    """A bar of a notebook's page, which goes when it is full.

    It needs nothing but IPython, which every notebook has; rich's needs a widget library.
    """
    from IPython.display import HTML, display

    from wane.report.display.notebook import progress_html

    handle: Any = display(HTML(progress_html(0, total, gettext("compiling"))), display_id=True)
    clock = _Clock(PAGE_SECONDS, total)

    def show(done: int, text: str) -> None:
        words = clock.due(done, text)
        if words is not None:
            handle.update(HTML(progress_html(done, total, words)))

    try:
        yield show, lambda _: None  # its bar says how much time is left
    finally:
        handle.update(HTML(""))


@contextlib.contextmanager
def _in_lines(console: Console, total: int) -> Iterator[Display]:
    """A line now and then, of what is done and how much time is left."""
    clock = _Clock(LINE_SECONDS, total)

    def show(done: int, text: str) -> None:
        words = clock.due(done, text)
        if words is not None:
            _print(console, words)

    yield show, lambda text: _print(console, text)


def _print(console: Console, text: str) -> None:
    console.print(text, markup=False, highlight=False, soft_wrap=True)


class _Clock:
    """Says when something is to be shown again, with the time left.

    Args:
        seconds: between two times.
        total: how much there is to do.
    """

    def __init__(self, seconds: float, total: int) -> None:
        self._seconds = seconds
        self._total = total
        self._latest = time.monotonic()
        self._begin: tuple[float, int] | None = None

    def due(self, done: int, text: str) -> str | None:
        """The words with the time left, if it is time to show them.

        The time left is by the pace since the first call that found something done: what was done
        before, as in a study that is resumed, took none.
        """
        now = time.monotonic()
        if self._begin is None and done:
            self._begin = (now, done)
        if now - self._latest < self._seconds:
            return None
        self._latest = now
        began, before = self._begin or (now, done)
        if done <= before:
            return text
        left = (now - began) * (self._total - done) / (done - before)
        return gettext("{text}, {time} left").format(text=text, time=duration(left))
