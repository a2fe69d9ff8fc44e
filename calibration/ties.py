"""Rows of groups and of a series: what is said of new groups and of later rows, and what is true.

The networks are small random ones in closed form, as in :mod:`calibration.problems`; splits,
bootstrap and intervals are those of a study.
"""

import dataclasses
from collections.abc import Callable

import numpy as np

from calibration.problems import INPUTS, NOISE, UNITS, hidden_outputs, ridge_output, target
from calibration.shares import Share
from calibration.simulations import LADDER
from wane.penalties import L2, Candidate
from wane.resampling.dependence import Ties, related
from wane.resampling.examples import Examples
from wane.resampling.rows import Rows
from wane.resampling.splits import Resampling, resampling
from wane.resampling.ties.grouping import Dependence
from wane.resampling.ties.series import blocks
from wane.stats import by_size, crossed_interval, group_sums, grouped_interval
from wane.study.evaluation.expected import from_bootstrap, from_validation_rows, test_interval
from wane.study.measures.pseudo_values import groups_of, pseudo_values
from wane.study.measures.rowwise import RowSums
from wane.study.spec.selection import DATA_LOSS

REPEATS = 10
NEW_GROUPS = 400
LATER = 4000
SPREAD = 0.3
"""How much the inputs of one subject differ, where subjects differ by 1."""
EFFECT = 0.7
"""What the target of a subject has for itself: standard deviation between subjects."""

Draw = Callable[[np.random.Generator], tuple[np.ndarray, np.ndarray]]


@dataclasses.dataclass(frozen=True)
class Subjects:
    """A problem of rows that are of subjects.

    Attributes:
        groups: how many subjects a data set has.
        low, high: the fewest and the most rows of one.
    """

    groups: int
    low: int
    high: int

    def drawn(
        self, random: np.random.Generator, groups: int | None = None
    ) -> tuple[np.ndarray, np.ndarray, np.ndarray]:
        """Inputs, targets and the subject of each row."""
        count = groups or self.groups
        codes = np.repeat(np.arange(count), random.integers(self.low, self.high + 1, count))
        x = random.normal(size=(count, INPUTS))[codes]
        x = x + SPREAD * random.normal(size=x.shape)
        own = EFFECT * random.normal(size=count)[codes]
        return x, target(x) + own + NOISE * random.normal(size=len(codes)), codes


@dataclasses.dataclass(frozen=True)
class Network:
    """A random hidden layer and an output layer by ridge regression."""

    w: np.ndarray
    b: np.ndarray
    output: np.ndarray

    def __call__(self, x: np.ndarray) -> np.ndarray:
        """Predictions, [rows]."""
        return np.asarray((hidden_outputs(x, self.w, self.b) @ self.output)[0, :, 0])


def fitted(
    random: np.random.Generator, x: np.ndarray, y: np.ndarray, penalties: tuple[float, ...]
) -> list[Network]:
    """A network for each penalty, of one random hidden layer."""
    w, b = random.normal(size=(1, x.shape[1], UNITS)), random.normal(size=(1, 1, UNITS))
    hidden = hidden_outputs(x, w, b)
    return [Network(w, b, ridge_output(hidden, y[None], penalty)) for penalty in penalties]


@dataclasses.dataclass(frozen=True)
class Claimed:
    """What studies say of the loss of the chosen candidate, and what is true of new subjects.

    Attributes:
        held: how often the 95 % interval holds the truth.
        value, truth: means over the studies.
        width: of the interval, mean.
    """

    held: Share
    value: float
    truth: float
    width: float


def of_subjects(
    problem: Subjects, studies: int, *, heeded: bool, test: bool, seed: int = 0
) -> Claimed:
    """What is said of new subjects, the splits heeding the subjects or not.

    The truth is the mean loss of the study's own networks of the chosen penalty on new subjects.

    Args:
        problem: the subjects.
        studies: how many.
        heeded: whether the study knows of the subjects.
        test: whether a quarter of the rows tests; else the bootstrap of validation rows says it.
        seed: of everything that is drawn.
    """
    random = np.random.default_rng([seed, problem.groups, problem.high])
    held, values = 0, []
    for place in range(studies):
        x, y, codes = problem.drawn(random)
        new_x, new_y, _ = problem.drawn(random, NEW_GROUPS)
        own = related(Examples(x, y), Ties(groups=codes if heeded else None), 0.25, None)
        assert own.rows is not None
        rows, tests = own.rows, own.rows
        if test:
            (apart,) = _splits(rows, own.dependence, 1, place).splits
            assert apart.validation is not None
            rows, tests = rows.at(apart.train), rows.at(apart.validation)
        runs = Runs.of(random, rows, _splits(rows, own.dependence, REPEATS, place + 1))
        low, high, value = runs.on_test(tests) if test else runs.by_bootstrap()
        truth = float(runs.losses(new_x, new_y).mean())
        held += low <= truth <= high
        values.append((value, truth, high - low))
    value, truth, width = np.mean(values, axis=0).tolist()
    return Claimed(Share(held, studies), value, truth, width)


@dataclasses.dataclass(frozen=True)
class Runs:
    """The runs of a study of several penalties.

    Attributes:
        rows: that are divided.
        resampling: how.
        networks: of each repeat, for each penalty.
        sums, counts: the sum over repeats of each row's loss, [candidates, rows], and how often it
            validates.
        values: mean validation losses, [candidates, repeats].
    """

    rows: Examples
    resampling: Resampling
    networks: list[list[Network]]
    sums: np.ndarray
    counts: np.ndarray
    values: np.ndarray

    @classmethod
    def of(cls, random: np.random.Generator, rows: Examples, several: Resampling) -> "Runs":
        """Networks fitted on the training rows of each split."""
        sums, counts = np.zeros((len(LADDER), len(rows))), np.zeros(len(rows))
        networks, values = [], []
        for split in several.splits:
            train, others = rows.at(split.train), np.asarray(split.validation)
            made = fitted(random, train.x, train.y, LADDER)
            losses = np.array([(one(rows.x[others]) - rows.y[others]) ** 2 for one in made])
            sums[:, others] += losses
            counts[others] += 1
            networks.append(made)
            values.append(losses.mean(axis=1))
        return cls(rows, several, networks, sums, counts, np.array(values).T)

    @property
    def chosen(self) -> int:
        """The candidate of the lowest mean validation loss."""
        return int(self.values.mean(axis=1).argmin())

    def losses(self, x: np.ndarray, y: np.ndarray) -> np.ndarray:
        """Losses of the chosen candidate's networks, [repeats, rows]."""
        return np.array([(made[self.chosen](x) - y) ** 2 for made in self.networks])

    def on_test(self, rows: Examples) -> tuple[float, float, float]:
        """The interval and the value that test rows give."""
        own = self.losses(rows.x, rows.y)
        ends = test_interval(
            own.mean(axis=0), own.mean(axis=1), self.resampling, "mean", rows.groups
        )
        return *ends, float(own.mean())

    def by_bootstrap(self) -> tuple[float, float, float]:
        """The interval and the value that validation rows give by the bootstrap."""
        sums, counts, sizes = self.sums, self.counts, None
        if self.rows.groups is not None:
            sums, counts = (group_sums(one, self.rows.groups) for one in (sums, counts))
            sizes = counts[counts > 0]
        every = tuple(range(len(LADDER)))
        kept = RowSums({"data_loss": "mean"}, every, {"data_loss": sums}, counts, len(self.rows))
        candidates: list[Candidate] = [(), *((L2(penalty),) for penalty in LADDER[1:])]
        corrected, _ = from_validation_rows(kept, DATA_LOSS, candidates, self.chosen)
        runs = self.values[self.chosen]
        found = from_bootstrap(corrected["data_loss"], runs, "down", self.resampling, sizes=sizes)
        return found.low, found.high, found.value


def _splits(rows: Examples, dependence: Dependence | None, repeats: int, seed: int) -> Resampling:
    """Random splits with a quarter of the rows held out."""
    given = {"repeats": repeats, "seed": seed}
    return resampling(
        0.25, rows.x, rows.y, **given, stratify=False, rows=rows, dependence=dependence
    )


@dataclasses.dataclass(frozen=True)
class Series:
    """Rows in time: inputs and errors of which each is like the one before.

    Attributes:
        rows: how many; the last fifth of them tests.
        correlation: of the errors of neighbouring rows (AR(1)).
        trend: by how much the target rises from the first row to the last; the place in time is an
            input then.
    """

    rows: int
    correlation: float
    trend: float = 0.0

    def drawn(self, random: np.random.Generator) -> tuple[np.ndarray, np.ndarray]:
        """Inputs and targets of the rows and of :data:`LATER` that follow."""
        count = self.rows + LATER
        x = np.stack([_ar(random, count, 0.8) for _ in range(INPUTS)], axis=1)
        y = target(x) + NOISE * _ar(random, count, self.correlation)
        place = np.arange(count) / self.rows
        if self.trend:
            x = np.concatenate([x, 2 * place[:, None] - 1], axis=1)
            y = y + self.trend * place
        return x, y


def _ar(random: np.random.Generator, count: int, correlation: float) -> np.ndarray:
    """A series of variance 1."""
    from scipy.signal import lfilter

    noise = random.normal(size=count + 200) * np.sqrt(1 - correlation**2)
    return np.asarray(lfilter([1.0], [1.0, -correlation], noise)[200:])


@dataclasses.dataclass(frozen=True)
class Forecast:
    """What studies say of the R² of a forecast, and how often it holds on later rows.

    Attributes:
        shuffled: of test rows drawn at random, their rows as independent.
        as_rows: of the last rows, their rows as independent.
        now: of the last rows in blocks, as a study with ``time`` says it.
        claimed, value, truth: R² of shuffled rows, of the last rows and of the rows that follow.
    """

    shuffled: Share
    as_rows: Share
    now: Share
    claimed: float
    value: float
    truth: float


def of_series(problem: Series, studies: int, *, seed: int = 0) -> Forecast:
    """R² on test rows and its interval, with time heeded or not; the truth is R² on later rows.

    Later rows are all of :data:`LATER` where the series goes on as it was, and as many as there
    were test rows where it has a trend.
    """
    random = np.random.default_rng([seed, problem.rows, int(100 * problem.correlation)])
    penalty = LADDER[2]
    held, values = np.zeros(3, int), []
    last = problem.rows // 5
    for _ in range(studies):
        x, y = problem.drawn(random)
        order = random.permutation(problem.rows)
        later = slice(problem.rows, problem.rows + (last if problem.trend else LATER))
        found = []
        for rows, clusters in (
            (order, None),
            (np.arange(problem.rows), None),
            (np.arange(problem.rows), blocks(last)),
        ):
            train, test = rows[:-last], rows[-last:]
            own = np.random.default_rng(1)
            networks = [fitted(own, x[train], y[train], (penalty,))[0] for _ in range(REPEATS)]
            truth = float(np.mean([_r2(y[later], n(x[later])) for n in networks]))
            low, high, value = _r2_interval(networks, x[test], y[test], clusters)
            found.append((low <= truth <= high, value, truth))
        held += [one[0] for one in found]
        values.append((found[0][1], found[2][1], found[2][2]))
    shuffled, as_rows, now = (Share(int(count), studies) for count in held)
    claimed, value, truth = np.mean(values, axis=0).tolist()
    return Forecast(shuffled, as_rows, now, claimed, value, truth)


def _r2(y: np.ndarray, predictions: np.ndarray) -> float:
    return float(1 - np.mean((y - predictions) ** 2) / np.var(y))


def _r2_interval(
    networks: list[Network], x: np.ndarray, y: np.ndarray, clusters: np.ndarray | None
) -> tuple[float, float, float]:
    """The interval of R² on test rows, as of a measure that is no mean over rows."""

    def r2(rows: Rows, outputs: object) -> float:
        return _r2(rows.y, outputs[0])  # type: ignore[index] # a list of arrays

    groups = groups_of(y, clusters)
    runs, found = [], []
    for network in networks:
        predictions = network(x)
        runs.append(_r2(y, predictions))
        found.append(pseudo_values(r2, Rows(x, y), [predictions], groups, runs[-1]))
    own = np.mean(found, axis=0)
    own = own if clusters is None else by_size(own, np.bincount(groups))
    own += np.mean(runs) - own.mean()
    interval = crossed_interval(own, runs)
    if clusters is not None:
        interval = grouped_interval(own, np.ones(len(own)), runs, bounds=(-np.inf, 1.0))
    return interval.low, interval.high, float(np.mean(runs))
