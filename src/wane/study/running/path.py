"""The training of a path: stage by stage, each run kept in a journal as it ends."""

import dataclasses
import functools
from collections.abc import Sequence
from pathlib import Path
from typing import Any, Literal, Self

import jax.numpy as jnp
import numpy as np
import pandas as pd

from wane.keras_model.weights import targeted
from wane.penalties import BASELINE_NAME, penalties_of, strength_of
from wane.report.display.progress import Bar, progress_bar
from wane.study.journal.journal import PREDICTED, Journal
from wane.study.journal.names import JOURNAL
from wane.study.measures.row_losses import RowLosses
from wane.study.running.session import Session
from wane.study.running.trainer import Continuation, Here, MakeTrainer
from wane.study.spec.spec import StudySpec
from wane.training.batch import Run, Trained
from wane.training.execution import Execution

StartKind = Literal["warm", "cold"]


@dataclasses.dataclass(frozen=True)
class PathRun:
    """One run of a path.

    Attributes:
        stage: the stage of the path in which it trains.
        start: whether it is the path's own run, or one that began at its strength.
        strength: the place of its strength among the study's candidates.
        repeat: which repeat it belongs to.
        strengths: how many candidates the study has.
    """

    stage: int
    start: StartKind
    strength: int
    repeat: int
    strengths: int

    @property
    def number(self) -> int:
        """What journal and engine call its candidate: one number for each stage and start."""
        return (2 * self.stage + (self.start == "warm")) * self.strengths + self.strength

    @classmethod
    def of_number(cls, number: int, repeat: int, strengths: int) -> Self:
        """The run that has this :attr:`number`."""
        which, strength = divmod(number, strengths)
        stage, warm = divmod(which, 2)
        return cls(stage, "warm" if warm else "cold", strength, repeat, strengths)


class PathTrainer:
    """The training of a path, stage by stage.

    A run of a stage starts from the weights with which the last stage ended, and with a fresh
    optimizer: each stage is to the engine what a new call of ``compile`` and ``fit`` is, and Adam's
    averages of the gradients of another objective are not what it should begin with. A strength
    that changes within one training, so that the optimizer's state continues, is a schedule
    (:mod:`wane.schedule`).

    Args:
        spec: the study; its candidates are the strengths, the baseline first.
        descending: whether the path goes from the strongest strength down.
        equal_epochs: whether cold starts train as many epochs as the path had at their strength.
        execution: how runs are laid on the machine.
        ready: a session of the study with other candidates, if there is one.
        trained_by: makes what trains the runs.

    Attributes:
        session: the study being run.
        order: the places of the strengths in the order of the path.
        journal: the journal, once :meth:`open_journal` has been called.
    """

    journal: Journal

    def __init__(
        self,
        spec: StudySpec,
        descending: bool,
        equal_epochs: bool,
        execution: Execution | None,
        ready: Session | None = None,
        trained_by: MakeTrainer = Here,
    ) -> None:
        self.spec, self.descending, self.equal_epochs = spec, descending, equal_epochs
        self.session = Session.of(spec, ready)
        self.session.lay(execution, trained_by=trained_by)
        rising = list(range(len(spec.candidates)))
        self.order = rising[::-1] if descending else rising
        self._last: dict[tuple[StartKind, int, int], tuple[Any, Any]] = {}
        self._rows: list[dict[str, Any]] = []
        self._finished = 0

    def statement(self) -> dict[str, Any]:
        """What the path is beside a study of its strengths."""
        return {"descending": self.descending, "equal_epochs": self.equal_epochs}

    def open_journal(self, place: Path) -> Journal:
        """Open the journal in a folder."""
        structure = self.session.structures.all[0]
        numbers = len(self.order) * 2 * len(self.spec.candidates)
        self.journal = Journal(
            place / JOURNAL,
            columns=len(self.session.program.curve_names),
            shapes=[structure.shapes()] * numbers,
            norms=[structure.program.norm_names] * numbers,
        )
        return self.journal

    @property
    def count(self) -> int:
        """How many runs there are."""
        return sum(len(self._runs(stage)) for stage in range(len(self.order)))

    def train(self, progress: bool) -> None:
        """Train what has not been trained of each stage."""
        finished = {
            (number, repeat): (diverged, numbers)
            for number, repeat, diverged, numbers in self.journal.runs()
        }
        with progress_bar(self.count * self.spec.epochs, self.count, progress) as bar:
            for stage in range(len(self.order)):
                todo = []
                for run in self._runs(stage):
                    known = finished.get((run.number, run.repeat))
                    if known is None:
                        todo.append(run)
                    else:
                        self._take(self._read(run, *known))
                self._train(todo, bar)

    def _train(self, runs: Sequence[PathRun], bar: Bar) -> None:
        results = self.session.trainer.results(
            [self._engine_run(run) for run in runs],
            functools.partial(self._tick, bar, self._finished),
            keep=self.journal.keep,
            checkpoint=lambda run: self.journal.checkpoint(run.candidate, run.repeat),
            continuation=self._continuation,
        )
        try:
            for trained in results:
                self.journal.add(self._with_predictions_of_use(trained))
                self._take(trained)
        finally:
            results.close()

    @property
    def _crosses_rows(self) -> bool:
        """Whether single rows are asked about: those of one split that several repeats share."""
        resampling = self.session.resampling
        return resampling.shares_split and resampling.repeats > 1

    def _with_predictions_of_use(self, trained: Trained) -> Trained:
        """A run with the predictions that :meth:`row_losses` reads, and no others."""
        run = self._path_run(trained.run)
        read = self._crosses_rows and not self._trains_on(run) and run.strength != self.order[0]
        return dataclasses.replace(
            trained, predictions=(trained.predictions[0] if read else None, None)
        )

    def row_losses(self, runs: pd.DataFrame) -> dict[tuple[int, str], np.ndarray | None]:
        """What each validation row adds to the mean loss over repeats, by stage and start.

        Only where all repeats share one split; None where a run diverged, or that is not known.

        Args:
            runs: the table of all runs.
        """
        if not self._crosses_rows:
            return {}
        losses = RowLosses(self.session.finished(self.journal))
        found: dict[tuple[int, str], np.ndarray | None] = {}
        starts: tuple[StartKind, ...] = ("warm", "cold")
        for stage in range(1, len(self.order)):  # the first one's run is both
            for start in starts:
                own = runs[(runs["stage"] == stage) & (runs["start"] == start)]
                reported = own.sort_values("repeat")["validation_data_loss"].tolist()
                number = self._last_run(self.order[stage], start, 0).number
                known = np.isfinite(reported).all()
                found[stage, start] = losses.mean(number, PREDICTED[0], reported) if known else None
        return found

    def _engine_run(self, run: PathRun) -> Run:
        """A run as the engine takes it, its candidate called by the run's number."""
        own = self.session.run(run.strength, run.repeat)
        return dataclasses.replace(own, candidate=run.number)

    def _path_run(self, run: Run) -> PathRun:
        return PathRun.of_number(run.candidate, run.repeat, len(self.spec.candidates))

    def _read(self, run: PathRun, diverged: int | None, numbers: dict[str, float]) -> Trained:
        """A run from the journal."""
        values = self.journal.weights(run.number, run.repeat)
        assert values is not None, "it has finished"
        count = len(self.session.bridge.model.trainable_variables)
        nothing = np.empty((0, 0), np.float32)
        own = self._engine_run(run)
        weights, state = values[:count], values[count:]
        return Trained(own, nothing, numbers, weights, state, diverged, nothing, (None, None))

    def weights(self, strength: int, repeat: int, start: StartKind) -> list[np.ndarray] | None:
        """The last weights of a strength, by its place, trainable ones first; None if not there."""
        return self.journal.weights(self._last_run(strength, start, repeat).number, repeat)

    def _last_run(self, strength: int, start: StartKind, repeat: int) -> PathRun:
        """The run of a strength, by its place, that stands in the table."""
        stage = self.order.index(strength)
        if stage == 0:  # its one run stands for both starts
            start = "warm"
        elif start == "cold" and not self.equal_epochs:
            stage = 0
        return PathRun(stage, start, strength, repeat, len(self.spec.candidates))

    def _trains_on(self, run: PathRun) -> bool:
        """Whether a cold start continues, for as many stages as the path."""
        place = self.order.index(run.strength)
        return run.start == "cold" and self.equal_epochs and run.stage < place

    def _tick(self, bar: Bar, before: int) -> None:
        done = self.session.trainer.epochs_done
        bar.update(before * self.spec.epochs + done, self._finished)

    def table(self) -> pd.DataFrame:
        """See :class:`wane.PathResult`; the first stage's runs stand for both starts."""
        rows = [*self._rows]
        rows += [{**row, "start": "cold"} for row in self._rows if row["stage"] == 0]
        return pd.DataFrame(rows).sort_values(["stage", "start", "repeat"], ignore_index=True)

    def _runs(self, stage: int) -> list[PathRun]:
        """The runs of a stage: that of the path, and cold ones that begin or continue."""
        cold = range(max(stage, 1), len(self.order)) if self.equal_epochs or stage == 0 else []
        firsts: list[tuple[StartKind, int]] = [("warm", self.order[stage])]
        firsts += [("cold", self.order[place]) for place in cold]
        return [
            PathRun(stage, start, strength, repeat, len(self.spec.candidates))
            for repeat in range(self.session.resampling.repeats)
            for start, strength in firsts
        ]

    def _chain(self, run: PathRun) -> tuple[StartKind, int, int]:
        """Whose weights a run continues from: those of the path, or of its own cold start."""
        return run.start, -1 if run.start == "warm" else run.strength, run.repeat

    def _continuation(self, engine_run: Run) -> Continuation | None:
        run = self._path_run(engine_run)
        return Continuation(run.stage, *self._last[self._chain(run)]) if run.stage else None

    def _take(self, trained: Trained) -> None:
        """Keep the last weights of a finished run, and its row of the table."""
        run = self._path_run(trained.run)
        self._finished += 1
        self._last[self._chain(run)] = (
            [jnp.asarray(value) for value in trained.weights],
            [jnp.asarray(value) for value in trained.state],
        )
        if self._trains_on(run):
            return
        self._rows.append(
            {
                "start": run.start,
                "stage": self.order.index(run.strength),
                "candidate": self.spec.names[run.strength] if run.strength else BASELINE_NAME,
                "strength": strength_of(self.spec.candidates[run.strength]),
                "repeat": run.repeat,
                "epochs": (run.stage + 1) * self.spec.epochs,
                **trained.numbers,
                "zeros": self._zeros(trained.weights),
            }
        )

    @functools.cached_property
    def _penalized(self) -> Sequence[int]:
        (penalty,) = penalties_of(self.spec.candidates[-1])
        return [weight.index for weight in targeted(self.session.bridge.model, penalty)]

    def _zeros(self, weights: Sequence[np.ndarray]) -> float:
        """The share of the penalized weights that are exactly zero."""
        own = [weights[index] for index in self._penalized]
        zero = sum(int(np.count_nonzero(values == 0)) for values in own)
        return zero / sum(values.size for values in own)
