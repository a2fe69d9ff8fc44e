"""Who trains the runs of a session: this process, or workers elsewhere."""

import dataclasses
from collections.abc import Callable, Generator, Iterable, Sequence
from typing import TYPE_CHECKING, Any, Protocol

import jax
import jax.numpy as jnp

from wane.training.batch import InitialState, Run, Trained
from wane.training.checkpoint import Checkpoint

if TYPE_CHECKING:
    from wane.study.running.session import Session


@dataclasses.dataclass(frozen=True)
class Continuation:
    """What a run begins with that does not begin as its repeat does, as in a path's later stages.

    Attributes:
        stage: the number of the stage, each of which has row orders of its own.
        weights, state: initial values of the trainable and of the other variables.
    """

    stage: int
    weights: Sequence[Any]
    state: Sequence[Any]

    def of(self, first: InitialState) -> InitialState:
        """What the run begins with, where its repeat begins with this."""
        return dataclasses.replace(
            first,
            key=jax.random.fold_in(first.key, self.stage),
            weights=[jnp.asarray(value) for value in self.weights],
            state=[jnp.asarray(value) for value in self.state],
        )


class Trainer(Protocol):
    """Trains runs of a session, and says how far it is; :class:`Here` does so in this process."""

    @property
    def compile_seconds(self) -> float:
        """Time for which nothing could be trained, since programs were being compiled."""

    @property
    def epochs_done(self) -> int:
        """Epochs trained since :meth:`results` was called, over all runs."""

    def expected_seconds(self, runs: Iterable[Run]) -> float | None:
        """How long so many runs take from their first epoch to their last; None until known."""

    def summary(self) -> dict[str, Any]:
        """How runs were trained, for ``summary.json``."""

    def results(
        self,
        runs: Iterable[Run],
        tick: Callable[[], None],
        *,
        keep: Callable[[Checkpoint], None],
        checkpoint: Callable[[Run], Checkpoint | None],
        continuation: Callable[[Run], Continuation | None] = lambda _: None,
    ) -> Generator[Trained]:
        """Train these runs and give each as it ends.

        Args:
            runs: what to train; those of one repeat should be neighbours.
            tick: called several times a second in the calling thread, for a progress bar.
            keep: is given, in the calling thread, what runs under way could resume from.
            checkpoint: gives what a run resumes from, or None.
            continuation: gives what a run begins with beside its repeat, or None.

        Raises:
            WaneError: if they cannot be trained, in one sentence that says why.
        """


class Here:
    """The threads of this process train the runs.

    Args:
        session: the study being run, after :meth:`Session.lay`.
    """

    def __init__(self, session: "Session") -> None:
        self._session = session

    @property
    def compile_seconds(self) -> float:
        """See :class:`wane.training.workers.Workers`."""
        return self._session.workers.compile_seconds

    @property
    def epochs_done(self) -> int:
        """As there."""
        return self._session.workers.epochs_done

    def expected_seconds(self, runs: Iterable[Run]) -> float | None:
        """As there."""
        return self._session.workers.expected_seconds(runs)

    def summary(self) -> dict[str, Any]:
        """As there."""
        return self._session.workers.summary()

    def results(
        self,
        runs: Iterable[Run],
        tick: Callable[[], None],
        *,
        keep: Callable[[Checkpoint], None],
        checkpoint: Callable[[Run], Checkpoint | None],
        continuation: Callable[[Run], Continuation | None] = lambda _: None,
    ) -> Generator[Trained]:
        """See :class:`Trainer`."""
        begin = initial_states(self._session, continuation)
        return self._session.workers.results(runs, begin, tick, keep=keep, checkpoint=checkpoint)


MakeTrainer = Callable[["Session"], Trainer]
"""Gives who trains the runs of a session, once it is known how they are laid on the machine."""


def initial_states(
    session: "Session", continuation: Callable[[Run], Continuation | None]
) -> Callable[[Run], InitialState]:
    """What runs begin with: their repeat's start, or that continued."""

    def initial_state(run: Run) -> InitialState:
        first, further = session.initial_state(run), continuation(run)
        return first if further is None else further.of(first)

    return initial_state
