"""The training of a path: stage by stage, each run kept in a journal as it ends."""

import dataclasses
import functools
from collections.abc import Sequence
from pathlib import Path
from typing import TYPE_CHECKING, Any, Literal

import jax
import jax.numpy as jnp
import numpy as np
import pandas as pd

from wane.keras_model.weights import targeted
from wane.penalties import BASELINE_NAME, penalties_of, strength_of
from wane.study.folder import JOURNAL
from wane.study.store import Store
from wane.training.chunks import Trained

if TYPE_CHECKING:
    from wane.study.progress import Bar
    from wane.study.spec import Study
    from wane.training.chunks import Run, Start
    from wane.training.placement import Placement

Beginning = Literal["warm", "cold"]


class Walk:
    """The training of a path, stage by stage.

    A run of a stage starts from the weights with which the last stage ended, and with a fresh
    optimizer: each stage is to the engine what a new call of ``compile`` and ``fit`` is, and Adam's
    averages of the gradients of another objective are not what it should begin with. A strength
    that changes within one training, so that the optimizer's state goes on, is a schedule
    (:mod:`wane.schedule`).

    Attributes:
        store: the journal, once there is one; each run has a number of its own in it, by its stage.
    """

    store: Store

    def __init__(
        self, study: "Study", falling: bool, equal_epochs: bool, placement: "Placement | None"
    ) -> None:
        from wane.study.run import Session

        self.study, self.falling, self.equal_epochs = study, falling, equal_epochs
        self.session: Session = Session(study, placement)
        rising = list(range(len(study.candidates)))
        self.order = rising[::-1] if falling else rising
        self._last: dict[tuple[str, int, int], tuple[Any, Any]] = {}
        self._rows: list[dict[str, Any]] = []
        self._finished = 0

    def stated(self) -> dict[str, Any]:
        """What the path is beside a study of its strengths."""
        return {"falling": self.falling, "equal_epochs": self.equal_epochs}

    def journal(self, place: Path) -> Store:
        """The journal in a folder."""
        structure = self.session.structures.all[0]
        numbers = len(self.order) * 2 * len(self.study.candidates)
        return Store(
            place / JOURNAL,
            columns=len(self.session.program.curve_names),
            shapes=[structure.shapes()] * numbers,
            norms=[structure.program.norm_names] * numbers,
        )

    @property
    def count(self) -> int:
        """How many runs there are."""
        return sum(len(self._runs(stage)) for stage in range(len(self.order)))

    def train(self, progress: bool) -> None:
        """Train what has not been trained of each stage."""
        from wane.study.progress import progress_bar

        finished = {
            (number, repeat): (diverged, numbers)
            for number, repeat, diverged, numbers in self.store.runs()
        }
        with progress_bar(self.count * self.study.epochs, self.count, progress) as bar:
            for stage in range(len(self.order)):
                todo = []
                for run in self._runs(stage):
                    told = finished.get((self._number(stage, run), run.repeat))
                    if told is None:
                        todo.append(run)
                    else:
                        self._take(stage, self._read(stage, run, *told))
                self._train(stage, todo, bar)

    def _train(self, stage: int, runs: "Sequence[Run]", bar: "Bar") -> None:
        def renumbered(part: Any) -> Any:
            return dataclasses.replace(part, candidate=self._number(stage, part))

        results = self.session.workers.results(
            runs,
            functools.partial(self._start, stage),
            functools.partial(self._tick, bar, self._finished),
            keep=lambda checkpoint: self.store.keep(renumbered(checkpoint)),
            checkpoint=lambda run: self.store.checkpoint(self._number(stage, run), run.repeat),
        )
        try:
            for trained in results:
                told = self.session.in_target_unit(trained)
                # Predictions have no use here.
                kept = dataclasses.replace(told, run=renumbered(told.run), predictions=(None, None))
                self.store.add(kept)
                self._take(stage, told)
        finally:
            results.close()

    def _number(self, stage: int, run: Any) -> int:
        """What the journal calls the candidate of a run, or of a checkpoint, of a stage."""
        return int(stage * 2 * len(self.study.candidates) + run.candidate)

    def _read(
        self, stage: int, run: "Run", diverged: int | None, numbers: dict[str, float]
    ) -> Trained:
        """A run from the journal."""
        values = self.store.weights(self._number(stage, run), run.repeat)
        assert values is not None, "it has finished"
        count = len(self.session.bridge.model.trainable_variables)
        nothing = np.empty((0, 0), np.float32)
        return Trained(
            run, nothing, numbers, values[:count], values[count:], diverged, nothing, (None, None)
        )

    def weights(self, index: int, repeat: int, begun: Beginning) -> list[np.ndarray] | None:
        """The last weights of a strength, by its place, trainable ones first; None if not there."""
        place = self.order.index(index)
        warm = begun == "warm" or place == 0
        stage = place if warm or self.equal_epochs else 0
        candidate = index + len(self.study.candidates) if warm else index
        number = stage * 2 * len(self.study.candidates) + candidate
        return self.store.weights(number, repeat)

    def _tick(self, bar: "Bar", before: int) -> None:
        done = self.session.workers.epochs_done
        bar.update(before * self.study.epochs + done, self._finished)

    def table(self) -> pd.DataFrame:
        """See :class:`PathResult`; the first stage's runs stand for both beginnings."""
        rows = [*self._rows]
        rows += [{**row, "start": "cold"} for row in self._rows if row["stage"] == 0]
        return pd.DataFrame(rows).sort_values(["stage", "start", "repeat"], ignore_index=True)

    def _runs(self, stage: int) -> "list[Run]":
        """The runs of a stage: that of the path, and cold ones that begin or go on.

        The path's have numbers of candidates beyond those of the study, to be told apart.
        """
        count = len(self.study.candidates)
        warm = dataclasses.replace(
            self.session.run(self.order[stage], 0), candidate=count + self.order[stage]
        )
        later = range(max(stage, 1), len(self.order)) if self._cold_trains(stage) else []
        firsts = [warm, *(self.session.run(self.order[place], 0) for place in later)]
        repeats = range(self.session.resampling.repeats)
        return [dataclasses.replace(run, repeat=r) for r in repeats for run in firsts]

    def _cold_trains(self, stage: int) -> bool:
        return self.equal_epochs or stage == 0

    def _chain(self, run: "Run") -> tuple[str, int, int]:
        """Which weights a run goes on from: those of the path, or of its own cold start."""
        warm = run.candidate >= len(self.study.candidates)
        return ("warm", -1, run.repeat) if warm else ("cold", run.candidate, run.repeat)

    def _start(self, stage: int, run: "Run") -> "Start":
        start = self.session.start(run)
        if stage == 0:
            return start
        weights, state = self._last[self._chain(run)]
        key = jax.random.fold_in(start.key, stage)  # each stage has row orders of its own
        return dataclasses.replace(start, key=key, weights=weights, state=state)

    def _take(self, stage: int, trained: "Trained") -> None:
        run = trained.run
        self._finished += 1
        chain = self._chain(run)
        self._last[chain] = (
            [jnp.asarray(value) for value in trained.weights],
            [jnp.asarray(value) for value in trained.state],
        )
        index = run.candidate % len(self.study.candidates)
        place = self.order.index(index)
        begun: Beginning = "warm" if chain[0] == "warm" else "cold"
        if begun == "cold" and self.equal_epochs and stage < place:
            return  # it goes on for as many stages as the path
        stages = stage + 1
        candidate = self.study.candidates[index]
        strength = strength_of(candidate)
        self._rows.append(
            {
                "start": begun,
                "stage": place,
                "candidate": self.study.names[index] if index else BASELINE_NAME,
                "strength": strength,
                "repeat": run.repeat,
                "epochs": stages * self.study.epochs,
                **trained.numbers,
                "zeros": self._zeros(trained.weights),
            }
        )

    @functools.cached_property
    def _penalized(self) -> Sequence[int]:
        (penalty,) = penalties_of(self.study.candidates[-1])
        return [weight.index for weight in targeted(self.session.bridge.model, penalty)]

    def _zeros(self, weights: Sequence[np.ndarray]) -> float:
        """The share of the penalized weights that are exactly zero."""
        own = [weights[index] for index in self._penalized]
        zero = sum(int(np.count_nonzero(values == 0)) for values in own)
        return zero / sum(values.size for values in own)
