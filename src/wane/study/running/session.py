"""A study being run: everything that is made from its specification before training."""

import dataclasses
import time
from collections.abc import Sequence
from pathlib import Path
from typing import Any, Self

import numpy as np

from wane._errors import InputError, listed
from wane.keras_model.backend.choice import require_jax
from wane.keras_model.bridge.bridge import Bridge
from wane.keras_model.checks.gradients import untrained
from wane.keras_model.checks.remarks import untrained_remark
from wane.penalties import Candidate, at_epoch, learning_rate_of
from wane.resampling.dataset import PreparedSplits
from wane.resampling.draws import class_labels
from wane.resampling.examples import Examples
from wane.resampling.splits import Resampling, check_classes, resampling
from wane.stats.racing import check_halving
from wane.study.journal.journal import Journal
from wane.study.journal.names import EXTENDED, GIVEN, JOURNAL
from wane.study.measures.finished import FinishedRuns
from wane.study.measures.scorers import check_task
from wane.study.running.structures import Structures
from wane.study.running.trainer import Here, MakeTrainer, Trainer
from wane.study.spec.scorers import default_scorers, scorer_range
from wane.study.spec.selection import check_matters, criterion
from wane.study.spec.spec import StudySpec
from wane.training.batch import InitialState, Run
from wane.training.execution import Execution, default_execution
from wane.training.program import Program
from wane.training.workers import Workers


class Session:
    """One study being run: everything that is made from its statement before training.

    Args:
        spec: the study.
        like: another one of this study with other candidates, whose work is not done again.
        whole: how all of its repeats differ, where that is not to be drawn.

    Attributes:
        asked: the study as given; ``spec`` knows the scorers, and candidates that are added.
        later: the candidates that it was given since it began, which it takes in their turn.
        whole: how all of its repeats differ.
        resampling: the same of the repeats that are to be trained and evaluated now.
        workers: the threads of this process, after :meth:`lay` as they were asked to train.
        trainer: who trains its runs: they, or others.
        seconds: how long it took to make it.

    Raises:
        InputError: if anything of the study does not fit together, or its first run cannot begin.
    """

    trainer: Trainer

    def __init__(
        self,
        spec: StudySpec,
        like: "Session | None" = None,
        whole: Resampling | None = None,
    ) -> None:
        require_jax()
        began = time.perf_counter()
        self.asked = self.spec = spec
        data = spec.data
        self.structures: Structures = Structures(spec, None if like is None else like.structures)
        self.bridge: Bridge = self.structures.all[0].bridge
        classes = self.bridge.task.kind in ("binary", "multiclass")
        labels = class_labels(data.development.y) if classes else None
        # A splitter without a seed would draw others the second time.
        known = whole if like is None else like.whole
        self.whole: Resampling = _resampling(spec, labels) if known is None else known
        self.resampling = self.whole
        if labels is not None:
            _check_names(spec.class_names, labels, self.bridge.task.ignore_class)
            names = dict(enumerate(spec.class_names))
            drawn = data.test if isinstance(spec.test, float) else None
            check_classes(
                self.whole.splits,
                labels,
                lambda label: repr(names[label]) if label in names else str(label),
                in_order=data.dependence is not None and data.dependence.kind == "time",
                drawn_apart=None if drawn is None else class_labels(drawn.y),
            )
        self.splits: PreparedSplits = (
            PreparedSplits(data, self.whole) if like is None else like.splits
        )
        self.structures.prepare(spec, self.splits)
        if spec.scoring is None:
            found = default_scorers(
                self.bridge.task.kind, data.development.y, self.bridge.metric_names
            )
            self.spec = spec = dataclasses.replace(spec, scoring=found)
        scoring = spec.scoring or {}
        check_task(scoring, self.bridge.task, self.bridge.metric_names, self.splits.rows(0))
        self.directions = {"data_loss": "down", **self.bridge.directions}
        self.directions.update(dict.fromkeys(scoring, "up"))
        self.criterion = criterion(spec.select_by, self.directions)
        of_scorers = {name: scorer_range(one) for name, one in scoring.items()}
        self.ranges = self.bridge.ranges
        self.ranges |= {name: ends for name, ends in of_scorers.items() if ends is not None}
        check_matters(spec.matters, self.criterion, self.ranges)
        self.dropped: dict[int, int] = {}
        self._added: list[tuple[str, range]] = []
        if spec.halving:
            check_halving(self.resampling.repeats)
        self.lay(None)
        self.seconds = time.perf_counter() - began

    @classmethod
    def of(cls, spec: StudySpec, ready: "Session | None") -> Self:
        """The session of a study: one that is ready, if it is of that very study."""
        if isinstance(ready, cls) and ready.asked is spec:
            return ready
        return cls(spec, ready)

    def lay(
        self,
        execution: Execution | None,
        later: Sequence[Sequence[Candidate]] = (),
        trained_by: MakeTrainer = Here,
    ) -> None:
        """Get ready to train, before anything is trained.

        Args:
            execution: how runs are laid on the machine; None takes :func:`default_execution`.
            later: the candidates that the study was given since it began.
            trained_by: makes what trains the runs.
        """
        self.later = later
        execution = execution or default_execution()
        self.structures.lower(execution.convolutions == "lowered")
        programs = [structure.program for structure in self.structures.all]
        self.workers = Workers(programs, epochs=self.spec.epochs, execution=execution)
        self.trainer = trained_by(self)

    def take(self, repeats: int) -> None:
        """Train and evaluate the first of the repeats alone."""
        self.resampling = self.whole.first(repeats)

    @property
    def notes(self) -> tuple[str, ...]:
        """What people should know of how runs are trained, in sentences, each once."""
        return tuple(dict.fromkeys(note for s in self.structures.all for note in s.notes))

    def untrained(self, journal: Journal) -> tuple[str, ...]:
        """A sentence on weights of the baseline that its runs cannot have trained, if any."""
        ended, start = journal.weights(0, 0), self.structures.all[0].beginning.first_state
        if ended is None:
            return ()
        found = untrained(self.bridge, start.weights, start.state, start.train, ended)
        return (untrained_remark(found),) if found else ()

    @property
    def same_weights(self) -> bool:
        """Whether all repeats of the baseline start from the same weights."""
        return self.structures.all[0].beginning.same_weights

    @property
    def program(self) -> Program:
        """The pure program of the baseline's structure; all have columns of the same names."""
        return self.structures.all[0].program

    def run(self, candidate: int, repeat: int) -> Run:
        """One run of a candidate, by its index."""
        changes, structure = (
            self.spec.candidates[candidate],
            self.structures.of_candidate[candidate],
        )
        settings = self.structures.of(candidate).settings(changes)
        return Run(candidate, repeat, settings, structure, learning_rate_of(changes))

    def runs(self) -> list[Run]:
        """Every run, repeat by repeat, so that what is finished at any time can be compared."""
        firsts = [self.run(candidate, 0) for candidate in range(len(self.spec.candidates))]
        return [
            dataclasses.replace(first, repeat=repeat)
            for repeat in range(self.resampling.repeats)
            for first in firsts
        ]

    @property
    def steps(self) -> list[str]:
        """By what steps candidates were added, in order."""
        return [step for step, _ in self._added]

    @property
    def given_later(self) -> tuple[str, ...]:
        """The names of those of :attr:`later` that the study has taken."""
        own = (places for step, places in self._added if step == GIVEN)
        return tuple(self.spec.names[place] for places in own for place in places)

    @property
    def added(self) -> list[range]:
        """The indices of the candidates that each step added."""
        return [own for _, own in self._added]

    def extend(self, candidates: Sequence[Candidate], journal: Journal, step: str) -> None:
        """Take further candidates.

        Args:
            candidates: which differ from the others in numbers, or stop early.
            journal: the journal, which then takes their runs.
            step: what added them.
        """
        self.take_further(candidates, step)
        several = [self.structures.of(index) for index in self.added[-1]]
        journal.extend([s.shapes() for s in several], [s.program.norm_names for s in several])

    def take_further(self, candidates: Sequence[Candidate], step: str) -> None:
        """As :meth:`extend`, where no journal takes their runs."""
        first = len(self.spec.candidates)
        self.spec = self.spec.with_more(candidates, step)
        for structure in self.structures.extend(self.spec, candidates, self.splits):
            self.workers.add(structure.program, self.spec.epochs)
        self._added.append((step, range(first, first + len(candidates))))

    def initial_state(self, run: Run) -> InitialState:
        """What a run begins with."""
        return self.structures.all[run.structure].beginning.initial_states(run.repeat)

    def finished(self, journal: Journal) -> FinishedRuns:
        """The runs as everything that reads them takes them, once all have ended."""
        structures = [self.structures.of(index) for index in range(len(self.spec.names))]
        return FinishedRuns(
            spec=self.spec,
            bridge=self.bridge,
            resampling=self.resampling,
            planned_repeats=self.whole.repeats,
            splits=self.splits,
            directions=self.directions,
            ranges=self.ranges,
            criterion=self.criterion,
            row_counts=self.row_counts(),
            group_counts=self.group_counts(),
            rare_counts=self.rare_counts(),
            same_weights=self.same_weights,
            curve_names=self.program.curve_names,
            norm_names=tuple(tuple(s.program.norm_names) for s in structures),
            dropped=dict(self.dropped),
            extended=tuple(i for step, own in self._added if step == EXTENDED for i in own),
            engine=self.trainer.summary(),
            journal=journal,
        )

    def drop(self, candidate: int, repeats: int) -> None:
        """Note that halving has dropped a candidate after some of its repeats."""
        self.dropped[candidate] = repeats

    def row_counts(self) -> dict[str, int]:
        """Rows of each part in repeat 0."""
        rows = self.splits.rows(0)
        return {
            "train": rows.train.row_count,
            "validation": rows.validation.row_count,
            "test": 0 if rows.test is None else rows.test.row_count,
        }

    def group_counts(self) -> dict[str, int]:
        """Groups of the rows that validate in any repeat, and of test rows, if they have some."""
        parts = self._deciding().items()
        return {name: part.units for name, part in parts if part.groups is not None}

    def rare_counts(self) -> dict[str, int]:
        """Rows of these parts that are of other classes than the part's commonest one."""
        counts = {}
        if self.bridge.task.kind not in ("binary", "multiclass"):
            return {}
        for name, part in self._deciding().items():
            labels = class_labels(np.asarray(part.y))
            if labels is not None:
                counts[name] = len(labels) - int(np.unique(labels, return_counts=True)[1].max())
        return counts

    def _deciding(self) -> dict[str, Examples]:
        """The rows that validate in any repeat, and test rows."""
        data, validation = self.spec.data, self.spec.data.validation
        if self.resampling.splits[0].validation is not None:
            every = [s.validation for s in self.resampling.splits if s.validation is not None]
            validation = data.development.at(np.unique(np.concatenate(every)))
        parts = {"validation": validation, "test": data.test}
        return {name: part for name, part in parts.items() if part is not None}

    def open_journal(self, folder: Path) -> Journal:
        """The journal in this folder."""
        structures = [self.structures.of(index) for index in range(len(self.spec.names))]
        return Journal(
            folder / JOURNAL,
            columns=len(self.program.curve_names),
            shapes=[structure.shapes() for structure in structures],
            norms=[structure.program.norm_names for structure in structures],
        )

    def trained_model(self, candidate: int, values: list[np.ndarray], epochs: int) -> Any:
        """A plain compiled model of a candidate, by its index, with these variables' values.

        Its penalties have the strengths of the last of the epochs that it was trained for.
        """
        last = at_epoch(self.spec.candidates[candidate], epochs - 1)
        return self.structures.of(candidate).trained_model(last, values)


def _resampling(spec: StudySpec, labels: np.ndarray | None) -> Resampling:
    """How the repeats of a study differ; by the classes of rows where there are some."""
    rows = spec.data.development
    x, y = rows.splittable()
    return resampling(
        spec.validation,
        x,
        y if labels is None else labels,
        repeats=spec.repeats,
        seed=spec.seed,
        stratify=labels is not None,
        rows=rows,
        dependence=spec.data.dependence,
    )


def _check_names(names: Sequence[str], labels: np.ndarray, ignored: int | None) -> None:
    """Check that every class has a name, where classes are given names.

    Args:
        names: of the classes by label; perhaps none.
        labels: of the rows.
        ignored: the label that the loss leaves out, or None.
    """
    own = labels if ignored is None else labels[labels != ignored]
    if names and len(own) and len(names) <= own.max():
        raise InputError(
            f"class_names has {listed(names)} alone, and the labels of y go from {own.min():g} to "
            f"{own.max():g}: give a name for each label from 0 on, in their order."
        )
