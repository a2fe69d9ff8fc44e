"""The examples are the data that were published."""

import numpy as np
from sklearn.datasets import make_moons

from wane.data import EXAMPLES


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


def test_every_example_names_its_columns_and_classes() -> None:
    for name, make in EXAMPLES.items():
        problem = make()
        assert problem.name == name
        assert len(problem.feature_names) == problem.x.shape[1]
        if problem.task != "regression":
            assert set(np.unique(problem.y)) == set(range(len(problem.class_names)))
