"""Studies of the examples: their rows in each repeat, and runs from end to end."""

import functools
from typing import Any

import numpy as np
import pytest

from wane import Fresh, Study, StudySpec, Subsample
from wane.cli.made.problems import candidates_of
from wane.cli.made.studies import problem_spec
from wane.data import EXAMPLES
from wane.data.examples import drawn_anew
from wane.study.running.session import Session

every_example = pytest.mark.parametrize(
    "name",
    [
        n if n in ("moons", "wine") else pytest.param(n, marks=pytest.mark.thorough)
        for n in EXAMPLES
    ],
)
"""One that is generated and one that is packaged in every run, the others among the thorough."""
GENERATED = ("moons", "circles", "sequence")
PLAIN = ("circles", "diabetes")
"""One whose rows are drawn and a table; the others are run by the thorough tests."""


def tiny(name: str, **options: Any) -> StudySpec:
    """A study of two repeats and two epochs of a small network."""
    settings: dict[str, Any] = {"hidden": "3", "repeats": 2, "epochs": 2, "learning_curve": False}
    problem = drawn_anew(EXAMPLES[name]()) if options.pop("fresh", False) else EXAMPLES[name]()
    return problem_spec(
        problem, candidates=candidates_of(["l2"], problem.strengths[-1:]), **(settings | options)
    )


def rows_of(spec: StudySpec) -> list[dict[str, set[bytes]]]:
    """For each repeat the rows of each part, as bytes of x and y."""
    session = Session(spec)
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


@pytest.mark.parametrize(
    "name",
    [n if n in PLAIN else pytest.param(n, marks=pytest.mark.thorough) for n in EXAMPLES],
)
def test_an_example_runs_from_end_to_end_and_twice_alike(name: str) -> None:
    result = Study.of(tiny(name, learning_curve=True)).run(progress=False)
    assert result.document["study"]["rows"] == EXAMPLES[name]().row_counts()
    assert result.document["study"]["task"] == EXAMPLES[name]().task
    assert len(result.runs) == 4 and np.isfinite(result.runs["test_data_loss"]).all()
    again = Study.of(tiny(name, learning_curve=True)).run(progress=False)
    assert again.runs.equals(result.runs)
    assert result.train_sizes is not None and again.train_sizes is not None
    assert again.train_sizes.equals(result.train_sizes)


@functools.cache
def rows_of_example(name: str) -> list[dict[str, set[bytes]]]:
    """The rows of each part in the two repeats of an example."""
    return rows_of(tiny(name))


@pytest.mark.thorough
@every_example
def test_training_validation_and_test_rows_share_none(name: str) -> None:
    counts = EXAMPLES[name]().row_counts()
    for split in rows_of_example(name):
        for part, other in (("train", "validation"), ("train", "test"), ("validation", "test")):
            assert not split[part] & split[other]
        # The images and measurements of some rows are equal; no two of most.
        assert len(split["train"]) == counts["train"]


@pytest.mark.parametrize(
    "name",
    [
        n if n == "wine" else pytest.param(n, marks=pytest.mark.thorough)
        for n in EXAMPLES
        if n != "moons"
    ],
)
def test_repeats_train_on_rows_of_their_own(name: str) -> None:
    first, second = rows_of_example(name)
    shared = first["train"] & second["train"]
    assert not shared if name in GENERATED else len(shared) < len(first["train"])
    assert first["test"] == second["test"] or EXAMPLES[name]().transform is not None


@pytest.mark.thorough
@pytest.mark.parametrize(
    "name", ["moons", "circles", pytest.param("sequence", marks=pytest.mark.thorough)]
)
def test_fresh_repeats_share_no_row(name: str) -> None:
    spec = tiny(name, fresh=True, repeats=3)
    assert isinstance(spec.validation, Fresh)
    splits = rows_of(spec)
    drawn = [split[part] for split in splits for part in ("train", "validation")]
    assert len(set.union(*drawn)) == sum(map(len, drawn))
    assert splits[0] == rows_of(tiny(name, fresh=True, repeats=3))[0]
    assert splits[0] != rows_of(tiny(name, fresh=True, repeats=3, seed=1))[0]
    assert "drawn anew for each of 3 repeats" in str(Session(spec).resampling)


@pytest.mark.thorough
def test_parts_of_packaged_data_keep_the_shares_of_classes() -> None:
    spec = tiny("digits")
    assert spec.validation == Subsample(train=100, validation=100)
    session = Session(spec)
    for split in session.resampling.splits:
        counts = np.bincount(np.asarray(spec.data.development.y)[split.train])
        assert len(counts) == 10 and set(counts) <= {9, 10, 11}
