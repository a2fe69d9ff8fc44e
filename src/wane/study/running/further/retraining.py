"""The chosen candidate and the baseline trained again under random weights of the rows.

Splits of one data set overlap, so that they do not show how much other data sets would differ. Runs
under random weights of the rows do; :func:`wane.stats.retrained_difference` has the formula. A run
has the split, the initial weights and the random key of a run of the study, and differs in the
weights of its training rows alone. These are data, as strengths are: each structure is traced once.
"""

import dataclasses
import functools
import math
from typing import TYPE_CHECKING, Any

import jax
import jax.numpy as jnp
import numpy as np

from wane.penalties import patience_of
from wane.resampling.draws import class_labels
from wane.resampling.rows import Rows, is_streamed
from wane.stats.retraining import normalized_weights, row_weights
from wane.study.measures.finished import evaluated_rows
from wane.study.measures.rowwise import TOLERANCE, RowMeasures, is_mean
from wane.study.running.further.refit import watches_validation
from wane.study.spec.selection import LEAST_TEST_ROWS
from wane.training.batch import InitialState, Run, Trained
from wane.training.workers import Workers

if TYPE_CHECKING:
    from wane.study.journal.journal import Journal
    from wane.study.measures.finished import FinishedRuns
    from wane.study.running.session import Session
    from wane.study.spec.selection import Criterion

DRAWS, RUNS = 200, 4
"""Draws of row weights, and runs under each: docs/calibration.md has what fewer would cost."""

FEWEST_REPEATS = 10
"""Below so many the mean itself is too uncertain for any interval to be narrow."""

MOST_WORK = 3e11
"""The most runs × epochs × training rows × positions × weights that are trained unasked: about half
a minute on two cores. Positions are those of a sequence or an image, at which weights are shared.
"""


@dataclasses.dataclass(frozen=True)
class RetrainingRun(Run):
    """A run under random weights of the rows; numbers count draws and, within them, their runs."""

    number: int = 0


def may_retrain(session: "Session") -> bool:
    """Whether the study may want such runs, before anything is known of its candidates."""
    wanted = session.spec.retraining
    if wanted is not None or session.spec.methods:
        return bool(wanted)
    test = session.spec.data.test
    if test is not None and test.units >= LEAST_TEST_ROWS:  # these decide
        return False
    overlap = session.resampling.test_to_train_ratio is not None
    return overlap and session.resampling.repeats >= FEWEST_REPEATS


def retrain(
    session: "Session",
    finished: "FinishedRuns",
    criterion: "Criterion",
    chosen: int | None,
    *,
    progress: bool,
) -> tuple[str, ...]:
    """Train into the journal whatever it lacks of these runs, unless they would cost too much.

    Args:
        session: the study being run; its journal is open.
        finished: its runs, which have all ended.
        criterion: what candidates are chosen by.
        chosen: the index of the chosen candidate, or None.
        progress: whether to show a progress bar.

    Returns:
        A sentence where there is no interval of them, and the user may want to know.
    """
    if not chosen:
        return ()
    wanted = session.spec.retraining
    stage = Retraining(session, finished, criterion, chosen)
    name = session.spec.names[chosen]
    reason = stage.obstacle()
    if reason is not None:
        said = f"{name} was not trained again under random weights of the rows, since {reason}."
        return (said,) if wanted else ()
    if wanted is None and stage.work > MOST_WORK:
        return (
            f"The interval of the improvement supposes how much splits have in common. To train "
            f"{name} and the baseline {2 * DRAWS * RUNS:,} times more under random weights of the "
            f"rows would show it; that was left out for its cost: retraining=True (--retraining) "
            f"asks for it.",
        )
    stage.train(finished.journal, progress=progress)
    values = finished.journal.retrained(session.resampling.repeats).values()
    diverged = sum(map(math.isnan, values))
    if diverged:
        return (
            f"{diverged:,} of {2 * DRAWS * RUNS:,} runs under random weights of the rows diverged, "
            f"so the interval of the improvement does not rest on them.",
        )
    return ()


class Retraining:
    """The runs of one candidate and of the baseline under random weights of the rows.

    Args:
        session, finished, criterion: as :func:`retrain` takes them.
        chosen: the index of the candidate.
    """

    def __init__(
        self,
        session: "Session",
        finished: "FinishedRuns",
        criterion: "Criterion",
        chosen: int,
    ) -> None:
        self._session = session
        self._finished = finished
        self._name = criterion.name
        self._candidates = (0, chosen)
        self._measures = RowMeasures(finished.bridge)
        self._labels = None
        if session.bridge.task.kind in ("binary", "multiclass"):
            self._labels = class_labels(session.spec.data.development.y)
        places = dict.fromkeys(session.structures.of_candidate[c] for c in self._candidates)
        self._places = {place: own for own, place in enumerate(places)}
        self._evaluated = functools.lru_cache(maxsize=2)(
            lambda repeat: evaluated_rows(finished, repeat)[0]
        )

    def obstacle(self) -> str | None:
        """Why such runs would tell nothing here, as the end of a sentence; None if they would."""
        session = self._session
        resampling, spec = session.resampling, session.spec
        if resampling.test_to_train_ratio is None:
            return "no two splits of this study have rows in common"
        if resampling.repeats < RUNS:
            return f"that takes {RUNS} repeats or more, and there are {resampling.repeats}"
        stops = any(patience_of(spec.candidates[c]) is not None for c in self._candidates)
        if stops or watches_validation(spec, self._candidates[1]):
            return "its validation rows choose when a run stops or slows down"
        rows = self._evaluated(0)
        for candidate in self._candidates:
            outputs = self._finished.journal.predictions(candidate, 0, "validation")
            if not outputs:
                return "its predictions were not kept"
            values = self._measures.of(rows, outputs)
            (reported,) = [
                numbers.get(f"validation_{self._name}", math.nan)
                for index, repeat, _, numbers in self._finished.journal.runs()
                if (index, repeat) == (candidate, 0)
            ]
            kind = self._measures.kinds.get(self._name)
            if kind is None or not is_mean(values[self._name], kind, reported):
                return f"its {self._name} is no mean over rows"
            if not self._weighs(rows, outputs, values["data_loss"]):
                return "its loss does not take a weight for each row"
        return None

    def _weighs(self, rows: Rows, outputs: list[np.ndarray], losses: np.ndarray) -> bool:
        """Whether the loss of weighted rows is the weighted mean of the rows' losses."""
        bridge, count = self._finished.bridge, rows.row_count
        weights = row_weights(np.random.default_rng(0), count)
        predictions = jax.tree.unflatten(bridge.outputs, outputs)
        found = bridge.data_loss(rows.y, predictions, _weighted(rows, weights).sample_weight)
        expected = float(np.mean(weights * losses))
        difference = abs(float(found) * bridge.share(count) / count - expected)
        return difference <= TOLERANCE * max(abs(expected), 1e-6)

    @property
    def work(self) -> float:
        """Runs × epochs × training rows × positions × weights."""
        session = self._session
        weights = sum(
            weight.size
            for candidate in self._candidates
            for weight in session.structures.of(candidate).beginning.first_state.weights
        )
        train = session.splits.rows(0).train
        positions = max(
            math.prod(part.shape[1:-1]) for part in jax.tree.leaves(train.x, is_leaf=is_streamed)
        )
        return float(DRAWS * RUNS * session.spec.epochs * train.row_count * positions * weights)

    def train(self, journal: "Journal", *, progress: bool) -> None:
        """Train those of these runs that the journal has not got."""
        from wane.report.display.progress import progress_bar

        session, epochs = self._session, self._session.spec.epochs
        repeats = session.resampling.repeats
        todo = self._todo(journal)
        if not todo:
            return
        programs = [session.structures.all[place].new_program() for place in self._places]
        workers = Workers(programs, epochs=epochs, execution=session.workers.execution)
        total = len(self._candidates) * DRAWS * RUNS
        done = total - len(todo)
        with progress_bar(total * epochs, total, progress, "retraining") as bar:
            results = workers.results(
                todo,
                self.initial_state,
                lambda: bar.update((total - len(todo)) * epochs + workers.epochs_done, done),
            )
            try:
                for trained in results:
                    assert isinstance(trained.run, RetrainingRun)
                    own = trained.run
                    value = self._value(own, trained)
                    journal.add_retrained(own.candidate, own.number, repeats, value)
                    done += 1
            finally:
                results.close()

    def _todo(self, journal: "Journal") -> list[RetrainingRun]:
        """The runs that are missing, split by split, so that each split's rows are made once."""
        session, repeats = self._session, self._session.resampling.repeats
        done = journal.retrained(repeats)
        runs = {}
        for candidate in self._candidates:
            first = session.run(candidate, 0)
            runs[candidate] = RetrainingRun(
                candidate, 0, first.settings, self._places[first.structure]
            )
        return [
            dataclasses.replace(runs[candidate], repeat=repeat, number=number)
            for repeat in range(repeats)
            for number in range(repeat, DRAWS * RUNS, repeats)
            for candidate in self._candidates
            if (candidate, number) not in done
        ]

    def initial_state(self, run: Run) -> InitialState:
        """What a run begins with: a repeat's start, with weights of its training rows.

        The rows for validation take the place of those for test, of which a run predicts the
        outputs once; those that each epoch evaluates are a single one, since nothing heeds it.
        """
        assert isinstance(run, RetrainingRun)
        start = self._session.structures.of(run.candidate).beginning.initial_states(run.repeat)
        weights, _ = self._weights(run)
        return dataclasses.replace(
            start,
            train=_weighted(start.train, weights),
            validation=start.validation.at(slice(1))._replace(sample_weight=None),
            test=start.validation._replace(sample_weight=None),
            same_rows=False,
        )

    def _weights(self, run: RetrainingRun) -> tuple[np.ndarray, np.ndarray]:
        """Weights of the training and of the validation rows; one draw has them for every row."""
        resampling, seed = self._session.resampling, self._session.spec.seed
        split = resampling.splits[resampling.resample(run.repeat)]
        assert split.validation is not None, "splits that overlap are of one data set"
        development = self._session.spec.data.development
        rows, groups = len(development), development.groups
        generator = np.random.default_rng([seed, rows, run.number // RUNS])
        if groups is None:
            draw = row_weights(generator, rows)
        else:  # rows of a group come and go together
            draw = row_weights(generator, int(groups.max()) + 1)[groups]
        train, validation = (
            normalized_weights(draw[part], None if self._labels is None else self._labels[part])
            for part in (split.train, split.validation)
        )
        return train, validation

    def _value(self, run: RetrainingRun, trained: Trained) -> float:
        """The weighted validation mean of what is chosen by."""
        if trained.diverged is not None:
            return math.nan
        outputs = [np.asarray(output) for output in jax.tree.leaves(trained.predictions[1])]
        values = self._measures.of(self._evaluated(run.repeat), outputs)[self._name]
        mean = float(np.mean(self._weights(run)[1] * values))
        return math.sqrt(mean) if self._measures.kinds[self._name] == "root" else mean


def _weighted(rows: Rows, weights: np.ndarray) -> Rows:
    """The rows with these weights times their own; every output has the same."""

    def times(own: Any) -> Any:
        return own * jnp.asarray(weights, own.dtype).reshape(-1, *[1] * (own.ndim - 1))

    if rows.sample_weight is not None:
        return rows._replace(sample_weight=jax.tree.map(times, rows.sample_weight))
    every = jnp.asarray(weights, jnp.float32)
    if isinstance(rows.y, dict | list | tuple):
        return rows._replace(sample_weight=jax.tree.map(lambda _: every, rows.y))
    return rows._replace(sample_weight=every)
