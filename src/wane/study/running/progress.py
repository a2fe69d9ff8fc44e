"""What a study shows on standard error: what is in its data, and the progress of its runs."""

import contextlib
from collections.abc import Iterator

from rich.console import Console
from rich.progress import (
    BarColumn,
    Progress,
    SpinnerColumn,
    TaskID,
    TextColumn,
    TimeElapsedColumn,
    TimeRemainingColumn,
)

from wane.data.account import Account
from wane.report.data import account_lines
from wane.study.journal.serializer import to_dict


def show_account(account: Account | None) -> None:
    """Show what is in the data, where somebody has drawn that up."""
    if account is not None:
        console = Console(stderr=True)
        for line in account_lines(to_dict(account)):
            console.print(line)


class Bar:
    """A bar that counts epochs and finished runs; without a display it does nothing."""

    def __init__(
        self, progress: Progress | None, task: TaskID | None, runs: int, label: str = ""
    ) -> None:
        self._progress = progress
        self._task = task
        self._runs = runs
        self._label = f"{label}: " if label else ""

    def update(self, epochs: int, runs: int) -> None:
        """Show that so many epochs and whole runs are done."""
        if self._progress is not None and self._task is not None:
            text = f"training, {runs} of {self._runs} runs done" if epochs else "compiling"
            self._progress.update(self._task, completed=epochs, description=self._label + text)

    def count(self, done: int) -> None:
        """Show that so much is done of what takes no training."""
        if self._progress is not None and self._task is not None:
            text = f"{self._label}{done} of {self._runs} done"
            self._progress.update(self._task, completed=done, description=text)


@contextlib.contextmanager
def progress_bar(epochs: int, runs: int, shown: bool, label: str = "") -> Iterator[Bar]:
    """A progress bar over this many epochs in this many runs, with what they are for."""
    if not shown:
        yield Bar(None, None, runs)
        return
    columns = (
        SpinnerColumn(),
        TextColumn("{task.description}"),
        BarColumn(),
        TextColumn("{task.percentage:>3.0f} %"),
        TimeElapsedColumn(),
        TextColumn("left"),
        TimeRemainingColumn(),
    )
    console = Console(stderr=True)
    if not (console.is_terminal or console.is_jupyter):  # rich would leave empty lines in files
        yield Bar(None, None, runs)
        return
    with Progress(*columns, console=console, transient=True) as progress:
        yield Bar(progress, progress.add_task("compiling", total=epochs), runs, label)
