"""Training all runs of a study, each kept in the journal as it ends."""

import contextlib
import logging
import time
from collections import Counter
from collections.abc import Callable, Sequence

from wane._errors import StorageError
from wane.study.journal.journal import Journal
from wane.study.running.rounds import rounds_of
from wane.study.running.session import Session
from wane.study.search.standing import standing_of
from wane.training.batch import Run
from wane.training.checkpoint import Checkpoint

_log = logging.getLogger(__name__)


def train_all(
    session: Session,
    journal: Journal,
    progress: bool,
    *,
    label: str = "",
    tick: Callable[[float], None] = lambda _: None,
) -> None:
    """Train all runs into the journal, which keeps what has finished whatever happens.

    Args:
        session: the study; the repeats that it takes now are trained.
        journal: keeps the runs, and how long they were trained.
        progress: whether to show a progress bar.
        label: what is being done, for the bar.
        tick: is called several times a second with the share of the epochs that is done.
    """
    for runs in rounds_of(session, journal):
        _train_round(session, journal, runs, progress, label, tick)


def _train_round(
    session: Session,
    journal: Journal,
    wanted: Sequence[Run],
    progress: bool,
    label: str,
    tick: Callable[[float], None],
) -> None:
    """Train those of these runs that the journal has not got."""
    from wane.report.display.progress import progress_bar

    began = time.perf_counter()
    trainer = session.trainer
    done = journal.finished()
    runs = [run for run in wanted if (run.candidate, run.repeat) not in done]
    columns = session.program.curve_names
    standing = standing_of(session.spec, session.criterion, columns, journal)
    finished = len(wanted) - len(runs)
    epochs, total = session.spec.epochs, len(wanted)
    ahead = Counter(run.candidate for run in runs)

    def checkpoint(run: Run) -> Checkpoint | None:
        return journal.checkpoint(run.candidate, run.repeat)

    with progress_bar(total * epochs, total, progress, label) as bar:
        bar.stand(standing)
        expected = None

        def show() -> None:
            nonlocal expected
            if expected is None:
                expected = trainer.expected_seconds(runs)
                bar.expect(len(runs), expected)
            done = (total - len(runs)) * epochs + trainer.epochs_done
            bar.update(done, finished)
            tick(done / (total * epochs))

        results = trainer.results(runs, show, keep=journal.keep, checkpoint=checkpoint)
        try:
            for trained in results:
                journal.add(trained)
                finished += 1
                standing.take(trained.run.candidate, trained.numbers)
                bar.stand(standing)
                own = trained.run.candidate
                ahead[own] -= 1
                if not ahead[own]:
                    seconds = time.perf_counter() - began
                    _log.debug("%s is trained, after %.2f s", session.spec.names[own], seconds)
        finally:
            results.close()  # waits for the calls that are under way, at most about a second
            if runs:
                with contextlib.suppress(StorageError):  # the runs have met the same error
                    journal.add_seconds(time.perf_counter() - began)
