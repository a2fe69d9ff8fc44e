"""Training all runs of a study, each kept in the journal as it ends."""

from collections.abc import Sequence

from wane.study.journal.journal import Journal
from wane.study.running.search import rounds_of
from wane.study.running.session import Session
from wane.training.batch import Run
from wane.training.checkpoint import Checkpoint


def train_all(session: Session, journal: Journal, progress: bool) -> None:
    """Train all runs into the journal, which keeps what has finished whatever happens."""
    for runs in rounds_of(session, journal):
        _train_round(session, journal, runs, progress)


def _train_round(session: Session, journal: Journal, wanted: Sequence[Run], progress: bool) -> None:
    """Train those of these runs that the journal has not got."""
    from wane.study.running.progress import progress_bar

    workers = session.workers
    done = journal.finished()
    runs = [run for run in wanted if (run.candidate, run.repeat) not in done]
    finished = len(wanted) - len(runs)
    epochs, total = session.spec.epochs, len(wanted)

    def checkpoint(run: Run) -> Checkpoint | None:
        return journal.checkpoint(run.candidate, run.repeat)

    with progress_bar(total * epochs, total, progress) as bar:
        results = workers.results(
            runs,
            session.initial_state,
            lambda: bar.update((total - len(runs)) * epochs + workers.epochs_done, finished),
            keep=journal.keep,
            checkpoint=checkpoint,
        )
        try:
            for trained in results:
                journal.add(trained)
                finished += 1
        finally:
            results.close()  # waits for the calls that are under way, at most about a second
