"""The baseline trained on parts of its training rows: what more rows would do."""

import dataclasses
import math
from typing import TYPE_CHECKING

import numpy as np
import pandas as pd

from wane.keras_model.bridge.callbacks import restores_lowest
from wane.resampling.draws import class_labels, spread_order
from wane.resampling.splits import Split
from wane.study.measures.train_size_tables import BEST_EPOCH, LOWEST, best_part, worth_asking
from wane.training.batch import InitialState, Run
from wane.training.workers import Workers

if TYPE_CHECKING:
    from wane.study.journal.journal import Journal
    from wane.study.running.session import Session

SHARES = (0.25, 0.5)
"""The parts of the training rows that are trained on, beside all of them."""
MOST_REPEATS = 10
FEWEST_ROWS = 2


class TrainSizeRuns:
    """The runs of the baseline on parts of each repeat's training rows.

    Each has the validation rows, the initial weights and the random key of the repeat's baseline,
    and as many steps of the optimizer, lest fewer rows look worse for having been trained less
    (as many epochs where callbacks count these); its training rows are in all larger parts too,
    with the classes in their shares. What a transform learns it learns from them; a standardized
    target keeps the scale of the whole split, so that losses can be compared.

    Args:
        session: the study being run.

    Attributes:
        rows: training rows of each part, rising; empty where the study wants none, or where there
            are too few rows (or only one class in a part).
        epochs: how many epochs each part is trained.
        repeats: in how many repeats they are trained.
    """

    def __init__(self, session: "Session") -> None:
        self._session = session
        resampling = session.resampling
        used = [resampling.splits[resampling.resample(r)] for r in range(resampling.repeats)]
        self.repeats = min(MOST_REPEATS, resampling.repeats)
        self.count = min(len(split.train) for split in used)
        self._labels = None
        if session.bridge.task.kind in ("binary", "multiclass"):
            self._labels = class_labels(session.spec.data.development.y)
        self._orders = [self._order(repeat) for repeat in range(self.repeats)]
        sizes = sorted({round(share * self.count) for share in SHARES} - {self.count})
        wanted = session.spec.learning_curve
        self.rows = tuple(size for size in sizes if wanted and self._can_train(size))
        self.epochs = tuple(self._epochs(size) for size in self.rows)

    def _epochs(self, size: int) -> int:
        spec = self._session.spec
        if spec.callbacks:
            return spec.epochs
        steps = -(-self.count // spec.batch_size)
        return round(spec.epochs * steps / -(-size // spec.batch_size))

    def _order(self, repeat: int) -> np.ndarray:
        """The training rows of a repeat in the order in which parts take them."""
        resampling = self._session.resampling
        train = resampling.splits[resampling.resample(repeat)].train
        if resampling.kind == "time":  # a shorter past, and not one with gaps in it
            return train[::-1]
        labels = None if self._labels is None else self._labels[train]
        generator = np.random.default_rng([self._session.spec.seed, repeat, len(train)])
        order: np.ndarray = train[spread_order(labels, len(train), generator)]
        groups = self._session.spec.data.development.groups
        if groups is None:
            return order
        # Group after group, so that fewer rows are fewer groups; only the last of a part may lack
        # some rows, for parts have one size in all repeats.
        found, codes = np.unique(groups[order], return_inverse=True)
        places = generator.permutation(len(found))[codes.reshape(-1)]
        return order[np.argsort(places, kind="stable")]

    def _can_train(self, size: int) -> bool:
        if size < FEWEST_ROWS or self._labels is None:
            return size >= FEWEST_ROWS
        return all(len(np.unique(self._labels[order[:size]])) > 1 for order in self._orders)

    def part(self, repeat: int, size: int) -> Split:
        """The split of a repeat with only so many of its training rows."""
        resampling = self._session.resampling
        whole = resampling.splits[resampling.resample(repeat)]
        return Split(np.sort(self._orders[repeat][:size]), whole.validation)

    def trained(
        self, runs: pd.DataFrame, journal: "Journal", *, progress: bool
    ) -> pd.DataFrame | None:
        """A row for each part and repeat, and for the baseline itself; see ``Result.train_sizes``.

        Args:
            runs: the finished runs of the study, of which the baseline's have all the rows.
            journal: keeps each run as it ends.
            progress: whether to show a progress bar.
        """
        from wane.report.display.progress import progress_bar

        if not self.rows:
            return None
        session = self._session
        baseline = session.structures.all[0]
        # A program of its own for each size, so that the sizes compile side by side.
        programs = [baseline.new_program() for _ in self.rows]
        workers = Workers(programs, epochs=self.epochs, execution=session.workers.execution)
        settings = session.run(0, 0).settings
        done = journal.sizes()
        todo = [
            Run(0, repeat, settings, place)
            for repeat in range(self.repeats)
            for place, rows in enumerate(self.rows)
            if (rows, repeat) not in done
        ]
        total = sum(self.epochs[run.structure] for run in todo)
        with progress_bar(total, len(todo), progress, "learning curve") as bar:
            results = workers.results(
                todo, self._initial_state, lambda: bar.update(workers.epochs_done, len(done))
            )
            for own in results:
                which = self.rows[own.run.structure], own.run.repeat
                numbers = {**own.numbers, **self._lowest(own.curves, own.diverged)}
                journal.add_size(*which, numbers)
                done[which] = numbers
        table = [
            {"rows": rows, "repeat": repeat, **done[rows, repeat]}
            for repeat in range(self.repeats)
            for rows in self.rows
        ]
        whole = runs[(runs["strength"] == 0.0) & runs["penalty"].isna()]
        diverged = {repeat: epoch for index, repeat, epoch, _ in journal.runs() if index == 0}
        lowest = {
            repeat: self._lowest(curves, diverged[repeat])
            for _, repeat, curves in journal.curves(0)
        }
        whole = whole[whole["repeat"] < self.repeats]
        whole = whole.assign(rows=self.count)
        for name in (LOWEST, BEST_EPOCH):
            whole[name] = whole["repeat"].map({repeat: own[name] for repeat, own in lowest.items()})
        parts = pd.concat([pd.DataFrame(table), whole])
        self._predict_at_best(parts, journal)
        columns = [c for c in parts.columns if c.startswith(("train_", "validation_"))]
        parts = parts[["rows", "repeat", *columns]].sort_values(["rows", "repeat"])
        return parts.reset_index(drop=True)

    def _lowest(self, curves: np.ndarray, diverged: int | None) -> dict[str, float]:
        """The lowest validation data loss of a run, and the epoch from 1 that has it."""
        if diverged:
            return {LOWEST: math.nan, BEST_EPOCH: math.nan}
        losses = curves[:, self._session.program.curve_names.index("validation_data_loss")]
        return {LOWEST: float(losses.min()), BEST_EPOCH: int(losses.argmin()) + 1}

    def _predict_at_best(self, table: pd.DataFrame, journal: "Journal") -> None:
        """Keep what the two largest sizes predict at the epoch of each run's lowest loss.

        On one split the rows decide what more training rows do on new ones. A run has only its last
        predictions, and so is trained again up to that epoch, where the answer may depend on it.
        """
        session, resampling = self._session, self._session.resampling
        sizes = [self.rows[-1], self.count]
        asked = resampling.shares_split and self.repeats > 1 and not session.spec.callbacks
        if not asked or not worth_asking(table):
            return
        wide = table.pivot(index="rows", columns="repeat", values=BEST_EPOCH).loc[sizes]
        if not np.isfinite(wide.to_numpy()).all():
            return
        epochs = [int(number) for number in wide.max(axis=1)]
        settings = session.run(0, 0).settings
        todo = [
            Run(0, repeat, settings, place)
            for repeat in range(self.repeats)
            for place, rows in enumerate(sizes)
            if not journal.predictions(0, repeat, best_part(rows))
        ]
        if not todo:
            return
        # The epochs of these runs are data. In the program they would make each study compile it.
        lowest = restores_lowest(max(session.spec.epochs, *self.epochs))
        programs = [session.structures.all[0].new_program(rules=(lowest,)) for _ in epochs]
        workers = Workers(programs, epochs=epochs, execution=session.workers.execution)
        first = len(self.rows) - 1
        for trained in workers.results(todo, lambda run: self._state(run, run.structure + first)):
            rows = sizes[trained.run.structure]
            journal.add_predictions(0, trained.run.repeat, best_part(rows), trained.predictions[0])

    def _initial_state(self, run: Run) -> InitialState:
        return self._state(run, run.structure)

    def _state(self, run: Run, place: int) -> InitialState:
        """What a run begins with that has so many rows as the part of this place, or all."""
        session = self._session
        start = session.structures.all[0].beginning.initial_states(run.repeat)
        if place == len(self.rows):
            return dataclasses.replace(start, test=None)
        target = session.splits.rows(run.repeat).target
        split = self.part(run.repeat, self.rows[place])
        rows = session.spec.data.prepared(split, target=target)
        return dataclasses.replace(
            start, train=rows.train, validation=rows.validation, test=None, same_rows=False
        )
