"""The examples: published or packaged rows, few of them for training and many for testing."""

import math

import numpy as np
import pytest
from sklearn.datasets import load_digits, make_moons

from table_cases import message
from wane.data import EXAMPLES, NETWORKS, examples_document
from wane.data.examples import drawn_anew
from wane.data.generators import sequence_rows

every_example = pytest.mark.parametrize("name", EXAMPLES)
GENERATED = ("moons", "circles", "sequence")


def test_moons_are_the_published_rows_and_fresh_points() -> None:
    problem = EXAMPLES["moons"]()
    x, y = make_moons(n_samples=100, noise=0.2, random_state=1)
    assert isinstance(problem.validation, tuple) and isinstance(problem.test, tuple)
    np.testing.assert_array_equal(problem.x, x[:30].astype("float32"))
    np.testing.assert_array_equal(problem.y, y[:30].astype("float32"))
    np.testing.assert_array_equal(problem.validation[0], x[30:].astype("float32"))
    np.testing.assert_array_equal(problem.validation[1], y[30:].astype("float32"))
    assert problem.test[0].shape == (10_000, 2) and problem.test[1].shape == (10_000,)
    assert not set(map(tuple, problem.test[0])) & set(map(tuple, x.astype("float32")))
    assert {part.dtype for part in (problem.x, *problem.test)} == {np.dtype("float32")}
    assert (problem.epochs, problem.repeats, problem.batch_size) == (4000, 30, 32)
    assert problem.hidden == (500,) and problem.transform is None


@every_example
def test_an_example_says_what_its_rows_are(name: str) -> None:
    problem = EXAMPLES[name]()
    assert problem.name == name and problem.shows
    if np.ndim(problem.x) == 2:
        assert len(problem.feature_names) == problem.x.shape[1]
    if problem.task != "regression":
        assert set(np.unique(problem.y)) == set(range(len(problem.class_names)))
    counts = problem.row_counts()
    assert counts["train"] <= 100 and counts["test"] >= min(10_000, 0.49 * len(problem.y))
    assert problem.networks()[0] == problem.network


def test_digits_are_images_and_rows_of_the_same_brightness() -> None:
    images, sequences = EXAMPLES["digits"](), EXAMPLES["digits-rows"]()
    assert images.x.shape == (1797, 8, 8, 1) and sequences.x.shape == (1797, 8, 8)
    np.testing.assert_array_equal(images.x[..., 0], sequences.x)
    np.testing.assert_allclose(sequences.x, load_digits().images / 16, rtol=1e-6)


def test_a_sequence_is_the_wave_of_its_formula() -> None:
    x, y = sequence_rows(4000, seed=0)
    assert x.shape == (4000, 16, 1) and x.dtype == y.dtype == np.float32
    power = np.abs(np.fft.rfft(x[..., 0], n=256)) ** 2  # 16 bins for each wave in a row
    for label, waves in ((0, 1.5), (1, 2.5)):
        peak = power[y == label].mean(axis=0)[8:].argmax() + 8
        assert peak / 16 == pytest.approx(waves, abs=0.2)
    # A wave has variance ½, the noise 0.36; no single step carries any signal of the class.
    assert x.var() == pytest.approx(0.5 + 0.36, abs=0.02)
    assert abs(x[y == 1].mean(axis=0) - x[y == 0].mean(axis=0)).max() < 0.12


def test_the_catalogue_lists_what_problems_are() -> None:
    rows = {row["name"]: row for row in examples_document()}
    assert list(rows) == list(EXAMPLES)
    assert [name for name, row in rows.items() if row["fresh"]] == list(GENERATED)
    assert rows["sequence"]["networks"] == ["lstm", "dense", "conv1d"]
    assert rows["digits"]["networks"] == ["conv2d", "dense"]
    assert rows["wine"]["networks"] == ["dense"]
    assert rows["wine"]["rows"] == {"train": 20, "validation": 20, "test": math.ceil(178 / 2)}
    assert {row["network"] for row in rows.values()} == set(NETWORKS) - {"conv1d"}


@pytest.mark.parametrize(("name", "rows"), [("wine", "178"), ("digits", "1,797")])
def test_packaged_rows_cannot_be_drawn_anew(name: str, rows: str) -> None:
    assert message(drawn_anew, EXAMPLES[name]()) == (
        f"{name!r} has the {rows} rows that there are, and no new ones can be drawn: leave out "
        f"--fresh, or take an example that is generated (moons, circles, sequence)."
    )
