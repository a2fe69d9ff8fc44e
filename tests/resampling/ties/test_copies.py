"""Rows that are copies are told from rows that are equal by coincidence."""

import os
import subprocess
import sys
import time
from typing import Any

import numpy as np
import pandas as pd
import pytest

from wane.resampling.ties.copies import copies

RANDOM = np.random.default_rng(0)


def table(rows: int = 120, seed: int = 0) -> tuple[np.ndarray, np.ndarray]:
    """A table with coarse and fine columns and noisy classes."""
    random = np.random.default_rng(seed)
    coarse, fine = random.integers(0, 3, size=(rows, 6)), random.normal(size=(rows, 2)).round(1)
    x = np.concatenate([coarse, fine], axis=1)
    return x, (x[:, 0] + random.normal(size=rows) > 1).astype(int)


def drawn_again(rows: int = 300, seed: int = 0) -> tuple[np.ndarray, np.ndarray, np.ndarray]:
    """More rows than there are different ones, as in a table that was drawn with replacement."""
    x, y = table(seed=seed)
    numbers = np.random.default_rng(seed).integers(len(y), size=rows)
    return x[numbers], y[numbers], numbers


@pytest.mark.parametrize(
    "form",
    [
        lambda x: x,
        lambda x: x.astype(np.float32).reshape(-1, 4, 2, 1),
        lambda x: pd.DataFrame(x).astype({0: str, 1: "category"}),
        lambda x: {"a": x[:, :5], "b": x[:, 5:]},
    ],
)
def test_rows_drawn_again_are_copies(form: Any) -> None:
    x, y, numbers = drawn_again()
    found = copies(form(x), y)
    assert found.codes is not None and found.different == len(np.unique(numbers))
    _, counts = np.unique(numbers, return_counts=True)
    assert found.rows == counts[counts > 1].sum() and found.other_targets == 0
    together = found.codes[:, None] == found.codes
    assert np.array_equal(together, numbers[:, None] == numbers)


def test_a_single_copy_counts() -> None:
    x, y = RANDOM.normal(size=(50, 4)), RANDOM.normal(size=50)
    assert copies(x, y).codes is None
    x[9], y[9] = x[3], y[3]
    codes = copies(x, y).codes
    assert codes is not None and codes[9] == codes[3] and len(np.unique(codes)) == 49


def test_other_targets_are_other_observations() -> None:
    x, _, _ = drawn_again()
    found = copies(x, RANDOM.normal(size=len(x)))
    assert found.codes is None and found.other_targets > 100


@pytest.mark.parametrize("levels", [2, 3, 5])
@pytest.mark.parametrize("columns", [1, 3, 5])
@pytest.mark.parametrize("rare", [0, 4])
def test_coarse_rows_are_equal_by_coincidence(levels: int, columns: int, rare: int) -> None:
    """Also where the target follows from the inputs, and so agrees wherever these do."""
    x = RANDOM.integers(0, levels, size=(400, columns))
    x = np.concatenate([x, RANDOM.random((400, rare)) < 0.05], axis=1)
    found = copies(x, x.sum(axis=1) % 2)
    assert found.rows > 0 and found.other_targets == 0 and found.codes is None


def test_copies_among_coarse_rows_are_more_than_coincidence_gives() -> None:
    held = 0
    for seed in range(20):
        x, y = table(seed=seed)
        held += copies(x, y).codes is None
        again = copies(np.concatenate([x, x]), np.concatenate([y, y]))
        assert again.codes is not None and again.different == len(np.unique(x, axis=0))
    assert held == 20


def test_rows_of_one_value_are_no_copies() -> None:
    assert copies(np.zeros((40, 3)), np.zeros(40)).codes is None


@pytest.mark.thorough
def test_many_images_take_seconds() -> None:
    x = RANDOM.integers(0, 256, size=(60_000, 28, 28)).astype(np.float32)
    x[1] = x[0]
    began = time.perf_counter()
    assert copies(x, np.zeros(60_000)).codes is not None
    assert time.perf_counter() - began < 20


def test_copies_are_numbered_alike_in_every_process() -> None:
    lines = (
        "import numpy\n"
        "from wane.resampling.ties.copies import copies\n"
        "x = numpy.random.default_rng(0).normal(size=(30, 3))\n"
        "print(copies(x[numpy.arange(40) % 30], numpy.zeros(40)).codes.tolist())\n"
    )
    # Python draws the seed of its own hashes anew in each process.
    several = {
        subprocess.run(
            [sys.executable, "-c", lines],
            env={**os.environ, "PYTHONHASHSEED": seed},
            capture_output=True,
            text=True,
            check=True,
        ).stdout
        for seed in ("1", "2")
    }
    assert len(several) == 1 and several.pop().startswith("[")
