"""The built-in examples, in one catalogue from which the command line and its help read.

All have few training rows, so that a network overfits them, and a large test set. Nothing is
downloaded: the data are packaged with scikit-learn or generated.
"""

import dataclasses
from collections.abc import Callable
from typing import TYPE_CHECKING, Any

from wane._errors import InputError
from wane.data.generators import circles_rows, moons_rows, sequence_rows
from wane.data.networks import NETWORKS
from wane.data.problem import Problem
from wane.penalties import decades
from wane.resampling import Fresh, Subsample

if TYPE_CHECKING:
    import numpy as np

TEST_ROWS = 10_000
"""Test rows of an example that is generated."""
TEST_SEED = 2
PLAIN = ("0", "1")


def moons() -> Problem:
    """Two noisy half circles: the published case study.

    30 rows train, the 70 others that were published validate, and 10,000 fresh points test.
    """
    x, y = moons_rows(100, seed=1)
    return Problem(
        name="moons",
        shows="the published case: a rebound of the validation loss, and the L2 that stops it",
        task="binary",
        x=x[:30],
        y=y[:30],
        validation=(x[30:], y[30:]),
        test=moons_rows(TEST_ROWS, seed=TEST_SEED),
        fresh=Fresh(moons_rows, train=30, validation=100),
        feature_names=("x1", "x2"),
        class_names=PLAIN,
        epochs=4000,
        repeats=30,
    )


def circles() -> Problem:
    """A noisy circle inside another one, drawn anew for each repeat."""
    fresh = Fresh(circles_rows, train=30, validation=100)
    x, y = circles_rows(30, seed=1)
    return Problem(
        name="circles",
        shows="classes that overlap: the network grows sure of itself where nobody can be",
        task="binary",
        x=x,
        y=y,
        validation=fresh,
        test=circles_rows(TEST_ROWS, seed=TEST_SEED),
        fresh=fresh,
        feature_names=("x1", "x2"),
        class_names=PLAIN,
        epochs=2000,
        repeats=20,
    )


def breast_cancer() -> Problem:
    """Malignant or benign, by 30 measures of cell nuclei: 569 rows, 40 of which train."""
    from sklearn.datasets import load_breast_cancer

    bunch = load_breast_cancer(as_frame=True)
    return _table(
        bunch.frame.drop(columns="target"),
        bunch.target.to_numpy("float32"),
        name="breast-cancer",
        shows="a table of two classes that are nearly apart, where a penalty has little to gain",
        task="binary",
        validation=Subsample(train=40, validation=40),
        strengths=decades(1e-4, 1.0),
        class_names=tuple(map(str, bunch.target_names)),
        epochs=300,
    )


def wine() -> Problem:
    """Three cultivars of wine, by 13 chemical measures: 178 rows, 20 of which train."""
    from sklearn.datasets import load_wine

    bunch = load_wine(as_frame=True)
    return _table(
        bunch.frame.drop(columns="target"),
        bunch.target.to_numpy("int32"),
        name="wine",
        shows="a table of three classes in so few rows that little can be proved",
        task="multiclass",
        validation=Subsample(train=20, validation=20),
        strengths=decades(1e-4, 1.0),
        class_names=tuple(map(str, bunch.target_names)),
        epochs=300,
    )


def diabetes() -> Problem:
    """The progression of diabetes after a year, by 10 measures: 442 rows, 30 of which train."""
    from sklearn.datasets import load_diabetes

    bunch = load_diabetes(as_frame=True, scaled=False)
    return _table(
        bunch.frame.drop(columns="target"),
        bunch.target.to_numpy("float32"),
        name="diabetes",
        shows="regression no better than the mean, until a penalty far beyond the usual helps",
        task="regression",
        validation=Subsample(train=30, validation=30),
        standardize_target=True,
        strengths=decades(1e-2, 100.0),
        epochs=300,
    )


def digits() -> Problem:
    """Handwritten digits as images of 8 × 8 pixels: 1,797 rows, 100 of which train."""
    return _digits(
        name="digits",
        shows="a convolutional network on images that needs rows, not a penalty",
        shape=(8, 8, 1),
        network="conv2d",
        epochs=300,
    )


def digits_rows() -> Problem:
    """The same digits, read from the top row of pixels to the bottom one."""
    return _digits(
        name="digits-rows",
        shows="an LSTM that reads an image row by row",
        shape=(8, 8),
        network="lstm",
        epochs=200,
        repeats=10,
    )


def sequence() -> Problem:
    """Slow and fast waves in noise, drawn anew for each repeat."""
    fresh = Fresh(sequence_rows, train=60, validation=100)
    x, y = sequence_rows(60, seed=1)
    return Problem(
        name="sequence",
        shows="slow and fast waves in noise: an LSTM overfits them, a Conv1D hardly does",
        task="binary",
        x=x,
        y=y,
        validation=fresh,
        test=sequence_rows(TEST_ROWS, seed=TEST_SEED),
        fresh=fresh,
        feature_names=(),
        class_names=("slow", "fast"),
        network="lstm",
        hidden=(32,),
        strengths=(1e-5, 1e-4, 3e-4, 1e-3, 3e-3, 1e-2),
        epochs=150,
        batch_size=16,
    )


def _table(frame: Any, y: "np.ndarray", **options: Any) -> Problem:
    """A problem of a table of numbers, half of whose rows test."""
    from wane.data.preprocessing import table_transform
    from wane.data.reading.columns import read_column

    return Problem(
        x=frame,
        y=y,
        test=0.5,
        transform=table_transform({name: read_column(frame[name]) for name in frame.columns}),
        feature_names=tuple(map(str, frame.columns)),
        **options,
    )


def _digits(*, shape: tuple[int, ...], network: str, **options: Any) -> Problem:
    """The digits with brightness from 0 to 1 in rows of this shape; half of them test."""
    from sklearn.datasets import load_digits

    bunch = load_digits()
    return Problem(
        task="multiclass",
        x=(bunch.data / 16).astype("float32").reshape(-1, *shape),
        y=bunch.target.astype("int32"),
        validation=Subsample(train=100, validation=100),
        test=0.5,
        feature_names=(),
        class_names=tuple(map(str, bunch.target_names)),
        network=network,
        hidden=NETWORKS[network].hidden,
        **options,
    )


EXAMPLES: dict[str, Callable[[], Problem]] = {
    "moons": moons,
    "circles": circles,
    "breast-cancer": breast_cancer,
    "wine": wine,
    "diabetes": diabetes,
    "digits": digits,
    "digits-rows": digits_rows,
    "sequence": sequence,
}
"""Every built-in example by the name that the command line uses."""


def drawn_anew(problem: Problem) -> Problem:
    """The example with new rows for each repeat.

    Raises:
        InputError: if its rows are data that cannot be drawn.
    """
    if problem.fresh is not None:
        return dataclasses.replace(problem, validation=problem.fresh)
    drawable = ", ".join(name for name, make in EXAMPLES.items() if make().fresh)
    raise InputError(
        f"{problem.name!r} has the {len(problem.y):,} rows that there are, and no new ones can be "
        f"drawn: leave out --fresh, or take an example that is generated ({drawable})."
    )


def document() -> list[dict[str, Any]]:
    """All examples as ``wane examples --json`` prints them."""
    problems = [make() for make in EXAMPLES.values()]
    return [
        {
            "name": problem.name,
            "task": problem.task,
            "rows": problem.row_counts(),
            "network": problem.network,
            "networks": list(problem.networks()),
            "hidden": list(problem.hidden),
            "splits": problem.splits(),
            "fresh": problem.fresh is not None,
            "epochs": problem.epochs,
            "batch_size": problem.batch_size,
            "repeats": problem.repeats,
            "strengths": list(problem.strengths),
            "shows": problem.shows,
        }
        for problem in problems
    ]
