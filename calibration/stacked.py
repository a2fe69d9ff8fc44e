"""Trained networks: many small data sets in one study of the engine, dealt out to studies."""

import dataclasses
from collections.abc import Callable, Iterator

import keras
import numpy as np

import wane
from calibration.evidence import evidence, said, said_before
from calibration.shares import Readings, Told, compared
from wane.resampling.splits import Resampling, Split
from wane.study.evaluation.evidence import Evidence

REPEATS = 10
STRENGTHS = (1e-3, 1e-2, 1e-1)
TEST = 4000
"""New rows on which the truth is measured."""

Draw = Callable[[np.random.Generator, int], tuple[np.ndarray, np.ndarray]]
"""A function of a number of rows that gives inputs and targets."""


@dataclasses.dataclass(frozen=True)
class Problem:
    """A problem for a small network.

    Attributes:
        name: in words.
        draw: its rows; ``test`` is drawn by ``draw_test`` where that differs.
        inputs: how many there are.
        train, validation: rows of each repeat.
        splits: whether each repeat has a split of its own; else all share one.
        binary: whether there are two classes; else a number is to be learnt.
        epochs: of training.
    """

    name: str
    draw: Draw
    inputs: int
    train: int
    validation: int
    splits: bool = False
    binary: bool = False
    epochs: int = 60


def _curve(random: np.random.Generator, rows: int, heavy: bool) -> tuple[np.ndarray, np.ndarray]:
    x = random.normal(size=(rows, 3))
    noise = random.standard_t(3, size=rows) if heavy else random.normal(size=rows)
    return x, np.sin(2 * x[:, 0]) + 0.5 * x[:, 1] + 0.5 * noise


def _normal(random: np.random.Generator, rows: int) -> tuple[np.ndarray, np.ndarray]:
    return _curve(random, rows, heavy=False)


def _heavy(random: np.random.Generator, rows: int) -> tuple[np.ndarray, np.ndarray]:
    return _curve(random, rows, heavy=True)


def _rare(
    random: np.random.Generator, rows: int, share: float = 0.05
) -> tuple[np.ndarray, np.ndarray]:
    """Exactly 5 % positives, or another share, of which two inputs lie higher."""
    x, y = _rare_without_signal(random, rows, share)
    x[y == 1, :2] += 1.2
    return x, y


def _rare_without_signal(
    random: np.random.Generator, rows: int, share: float = 0.05
) -> tuple[np.ndarray, np.ndarray]:
    y = np.zeros(rows)
    y[random.permutation(rows)[: round(share * rows)]] = 1
    return random.normal(size=(rows, 5)), y


def _several(random: np.random.Generator, rows: int) -> tuple[np.ndarray, np.ndarray]:
    return _rare(random, rows, 0.2)


def _several_without_signal(
    random: np.random.Generator, rows: int
) -> tuple[np.ndarray, np.ndarray]:
    return _rare_without_signal(random, rows, 0.2)


PROBLEMS = (
    Problem("normal noise, one split", _normal, 3, 30, 8),
    Problem("normal noise, one split", _normal, 3, 30, 30),
    Problem("t(3) noise, one split", _heavy, 3, 30, 30),
    Problem("5 % positives, one split", _rare, 5, 90, 30, binary=True),
    Problem("5 % positives, splits of one data set", _rare, 5, 90, 30, splits=True, binary=True),
    Problem("5 % positives by chance, one split", _rare_without_signal, 5, 90, 30, binary=True),
    Problem("20 % positives, one split", _several, 5, 90, 30, binary=True),
    Problem("20 % positives by chance, one split", _several_without_signal, 5, 90, 30, binary=True),
)


@dataclasses.dataclass(frozen=True)
class _Splits:
    """Given splits, as scikit-learn's splitters give them."""

    splits: list[tuple[np.ndarray, np.ndarray]]

    def get_n_splits(self, *_: object) -> int:
        return len(self.splits)

    def split(self, *_: object) -> Iterator[tuple[np.ndarray, np.ndarray]]:
        yield from self.splits


def network(problem: Problem) -> keras.Model:
    """16 hidden units, trained by Adam."""
    model = keras.Sequential(
        [
            keras.layers.Input((problem.inputs,)),
            keras.layers.Dense(16, activation="relu", name="hidden"),
            keras.layers.Dense(1, activation="sigmoid" if problem.binary else None),
        ]
    )
    loss = "binary_crossentropy" if problem.binary else "mean_squared_error"
    model.compile(optimizer=keras.optimizers.Adam(0.02), loss=loss)
    return model


@dataclasses.dataclass(frozen=True)
class Stack:
    """Data sets one below the other, and the splits of the studies of each.

    Attributes:
        x, y: the rows of all data sets.
        splits: indices of training and validation rows of each run, data set by data set.
        count: how many rows a data set has.
    """

    x: np.ndarray
    y: np.ndarray
    splits: list[tuple[np.ndarray, np.ndarray]]
    count: int


def stacked(problem: Problem, studies: int, random: np.random.Generator) -> Stack:
    """The data sets of so many studies, and their splits."""
    count = problem.train + problem.validation
    drawn = [problem.draw(random, count) for _ in range(studies)]
    x, y = (np.concatenate(parts).astype("float32") for parts in zip(*drawn, strict=True))
    splits = []
    for study in range(studies):
        for _ in range(REPEATS):
            rows = np.arange(count) + study * count
            while problem.splits or (problem.binary and not y[rows[: problem.train]].any()):
                rows = random.permutation(rows)
                if y[rows[: problem.train]].any() or not problem.binary:
                    break
            splits.append((rows[: problem.train], rows[problem.train :]))
    return Stack(x, y, splits, count)


def readings(problem: Problem, studies: int, seed: int = 0) -> Readings:
    """How often what is said holds, now and before.

    On one split the truth is the mean loss of the study's own networks on new rows, else the mean
    over the studies.
    """
    random = np.random.default_rng([seed, problem.train, problem.validation, problem.inputs])
    stack = stacked(problem, studies, random)
    test_x, test_y = problem.draw(random, TEST)
    study = wane.Study(
        network(problem),
        stack.x,
        stack.y,
        candidates=wane.sweep(wane.L2, STRENGTHS, layers="hidden"),
        validation=_Splits(stack.splits),
        test=(test_x.astype("float32"), test_y.astype("float32")),
        epochs=problem.epochs,
        seed=seed,
        learning_curve=False,
        scoring=(),
        extend=False,
        references=False,
    )
    result = study.run(progress=False)
    names = study.spec.names
    table = result.runs.set_index(["candidate", "repeat"])

    def values(column: str) -> np.ndarray:
        found = table[column].unstack().loc[list(names)].to_numpy(np.float64)
        return found.reshape(len(names), studies, REPEATS)

    test = values("test_data_loss")
    gains = (test[0] - test).mean(axis=2).T  # [studies, candidates]
    if problem.splits:
        gains = np.tile(gains.mean(axis=0), (studies, 1))
    rows = row_losses(result, problem, stack)
    now: list[Told] = []
    before: list[Told] = []
    for place, own in enumerate(gains):
        parts = values("train_data_loss")[:, place], values("validation_data_loss")[:, place]
        one = _evidence(problem, *parts, rows[:, place * REPEATS :][:, :REPEATS], stack, place)
        for told, what in ((now, said(one)), (before, said_before(one))):
            told.append(Told(what, float(own[what.chosen])))
    return compared(problem.name, f"{problem.train} + {problem.validation}", REPEATS, now, before)


def row_losses(result: wane.Result, problem: Problem, stack: Stack) -> np.ndarray:
    """The loss of each validation row of each run, [candidates, runs, rows]."""
    numbers = np.array([validation for _, validation in stack.splits])
    y = stack.y[numbers].astype(np.float64)
    losses = []
    for name in result.spec.names:
        table = result.predictions(name)
        assert np.array_equal(table["row"].to_numpy().reshape(numbers.shape), numbers)
        found = table["prediction"].to_numpy(np.float64).reshape(numbers.shape)
        if problem.binary:
            found = np.clip(found, 1e-7, 1 - 1e-7)  # as Keras does
            losses.append(-np.log(np.where(y == 1, found, 1 - found)))
        else:
            losses.append((found - y) ** 2)
    return np.array(losses)


def _evidence(
    problem: Problem,
    train: np.ndarray,
    validation: np.ndarray,
    rows: np.ndarray,
    stack: Stack,
    place: int,
) -> Evidence:
    """One study as wane's verdict takes it."""
    assert np.allclose(rows.mean(axis=2), validation, rtol=1e-3, atol=1e-4)
    own = stack.splits[place * REPEATS :][:REPEATS]
    splits = [tuple(part - place * stack.count for part in one) for one in own]
    sums, counts = np.zeros((len(rows), stack.count)), np.zeros(stack.count)
    for repeat, (_, numbers) in enumerate(splits):
        sums[:, numbers] += rows[:, repeat]
        counts[numbers] += 1
    kind = Resampling("fixed", (Split(splits[0][0], None),), REPEATS)
    if problem.splits:
        kind = Resampling("fraction", tuple(Split(*one) for one in splits), REPEATS)
    strengths = (0.0, *STRENGTHS)
    rare = {}
    if problem.binary:
        labels = stack.y[place * stack.count :][: stack.count][counts > 0]
        rare["validation"] = int(min(labels.sum(), len(labels) - labels.sum()))
    return evidence(strengths, train, validation, kind, sums=sums, counts=counts, rare=rare)
