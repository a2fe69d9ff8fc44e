"""Large arrays within ``.npz`` files."""

from pathlib import Path

import numpy as np
import pytest

from wane.data import read_arrays
from wane.resampling.streams import on_disk

X = np.random.default_rng(3).normal(size=(50, 4)).astype(np.float32)


@pytest.fixture(autouse=True)
def everything_is_large(monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setattr(on_disk, "SHARE", 0.0)


def test_an_array_that_is_stored_as_it_is_is_mapped(tmp_path: Path) -> None:
    np.savez(tmp_path / "data.npz", x=X, y=np.arange(50.0))
    problem = read_arrays(tmp_path / "data.npz", as_given=True)
    assert isinstance(problem.x, np.memmap)
    np.testing.assert_array_equal(problem.x, X)
    np.testing.assert_array_equal(problem.y, np.arange(50.0))


@pytest.mark.parametrize("kind", ["compressed", "Fortran's order", "small"])
def test_others_are_read(tmp_path: Path, kind: str, monkeypatch: pytest.MonkeyPatch) -> None:
    save = np.savez_compressed if kind == "compressed" else np.savez
    save(tmp_path / "data.npz", x=np.asfortranarray(X) if kind[0] == "F" else X, y=np.arange(50.0))
    if kind == "small":
        monkeypatch.setattr(on_disk, "SHARE", 0.5)
    problem = read_arrays(tmp_path / "data.npz", as_given=True)
    assert not isinstance(problem.x, np.memmap)
    np.testing.assert_array_equal(problem.x, X)
