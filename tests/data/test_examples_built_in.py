"""The examples: published or packaged rows, few of them for training and many for testing."""

import math
from typing import Any

import numpy as np
import pytest
from sklearn.datasets import load_digits, make_moons
from table_cases import message

from wane import Fresh, Subsample
from wane.data import EXAMPLES, NETWORKS, candidates_of, examples_document, problem_spec
from wane.data.examples import drawn_anew
from wane.data.generators import sequence_rows
from wane.study.running.session import Session

every_example = pytest.mark.parametrize("name", EXAMPLES)
GENERATED = ("moons", "circles", "sequence")


def tiny(name: str, **options: Any) -> Any:
    """A study of two repeats and two epochs of a small network."""
    settings: dict[str, Any] = {"hidden": (3,), "repeats": 2, "epochs": 2, "learning_curve": False}
    problem = drawn_anew(EXAMPLES[name]()) if options.pop("fresh", False) else EXAMPLES[name]()
    return problem_spec(
        problem, candidates=candidates_of(["l2"], problem.strengths[-1:]), **(settings | options)
    )


def rows_of(study: Any) -> list[dict[str, set[bytes]]]:
    """For each repeat the rows of each part, as bytes of x and y."""
    session = Session(study, None)
    parts = []
    for repeat in range(session.resampling.repeats):
        rows = session.splits.rows(repeat)
        parts.append(
            {
                name: {
                    np.asarray(x).tobytes() + np.asarray(y).tobytes()
                    for x, y in zip(part.x, part.y, strict=True)
                }
                for name in ("train", "validation", "test")
                if (part := getattr(rows, name)) is not None
            }
        )
    return parts


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


@every_example
def test_an_example_runs_from_end_to_end_and_twice_alike(name: str) -> None:
    result = tiny(name, learning_curve=True).run(progress=False)
    assert result.document["study"]["rows"] == EXAMPLES[name]().row_counts()
    assert result.document["study"]["task"] == EXAMPLES[name]().task
    assert len(result.runs) == 4 and np.isfinite(result.runs["test_data_loss"]).all()
    again = tiny(name, learning_curve=True).run(progress=False)
    assert again.runs.equals(result.runs)
    assert result.train_sizes is not None and again.train_sizes is not None
    assert again.train_sizes.equals(result.train_sizes)


@every_example
def test_training_validation_and_test_rows_share_none(name: str) -> None:
    counts = EXAMPLES[name]().row_counts()
    for split in rows_of(tiny(name)):
        for part, other in (("train", "validation"), ("train", "test"), ("validation", "test")):
            assert not split[part] & split[other]
        # The images and measurements of some rows are equal; no two of most.
        assert len(split["train"]) == counts["train"]


@pytest.mark.parametrize("name", [n for n in EXAMPLES if n != "moons"])
def test_repeats_train_on_rows_of_their_own(name: str) -> None:
    first, second = rows_of(tiny(name))
    shared = first["train"] & second["train"]
    assert not shared if name in GENERATED else len(shared) < len(first["train"])
    assert first["test"] == second["test"] or EXAMPLES[name]().transform is not None


@pytest.mark.parametrize("name", GENERATED)
def test_fresh_repeats_share_no_row(name: str) -> None:
    study = tiny(name, fresh=True, repeats=3)
    assert isinstance(study.validation, Fresh)
    splits = rows_of(study)
    drawn = [split[part] for split in splits for part in ("train", "validation")]
    assert len(set.union(*drawn)) == sum(map(len, drawn))
    assert splits[0] == rows_of(tiny(name, fresh=True, repeats=3))[0]
    assert splits[0] != rows_of(tiny(name, fresh=True, repeats=3, seed=1))[0]
    assert "drawn anew for each of 3 repeats" in str(Session(study, None).resampling)


def test_parts_of_packaged_data_keep_the_shares_of_classes() -> None:
    study = tiny("digits")
    assert study.validation == Subsample(train=100, validation=100)
    session = Session(study, None)
    for split in session.resampling.splits:
        counts = np.bincount(np.asarray(study.spec.data.development.y)[split.train])
        assert len(counts) == 10 and set(counts) <= {9, 10, 11}


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
    # A wave has variance ½, the noise 0.36; no single step tells of the class.
    assert x.var() == pytest.approx(0.5 + 0.36, abs=0.02)
    assert abs(x[y == 1].mean(axis=0) - x[y == 0].mean(axis=0)).max() < 0.12


def test_the_catalogue_tells_what_problems_are() -> None:
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
