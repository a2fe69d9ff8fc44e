"""New images become rows as a study's did, by the names of their files."""

from pathlib import Path

import numpy as np
import pytest

from image_cases import drawn, photos
from wane import InputError
from wane.data import describe, read_images
from wane.data.problem import Problem
from wane.prediction.account import Account, account_of
from wane.prediction.rows import of_images


def account(problem: Problem) -> Account:
    return account_of(describe(None, problem), "a.json", "run it again")


def test_images_are_rows_by_the_names_of_their_files(tmp_path: Path) -> None:
    folder = photos(tmp_path / "photos")
    drawn((9, 7), 1).save(folder / "loose.png")
    problem = read_images(folder, image_size=5, divide=2, progress=False)
    rows = of_images(account(problem), folder)
    assert rows.index.name == "file" and list(rows.index[:2]) == ["loose.png", "cats/00.png"]
    np.testing.assert_array_equal(rows.x[1:], problem.x)
    assert rows.truth is not None and rows.target == "class folder"
    assert rows.truth.isna().tolist() == [True] + [False] * 24
    assert rows.truth[1:].tolist() == ["cats"] * 12 + ["dogs"] * 12


def test_images_for_a_network_of_one_s_own_stay_as_they_are(tmp_path: Path) -> None:
    folder = photos(tmp_path / "photos")
    problem = read_images(folder, as_given=True, progress=False)
    rows = of_images(account(problem), folder)
    np.testing.assert_array_equal(rows.x, problem.x)
    assert rows.x.max() > 1


def test_dark_images_are_in_the_unit_of_the_others(tmp_path: Path) -> None:
    made = account(read_images(photos(tmp_path / "photos"), progress=False))
    (tmp_path / "dark").mkdir()
    drawn((9, 7), 0).point(lambda level: level > 100).save(tmp_path / "dark" / "a.png")
    assert 0 < of_images(made, tmp_path / "dark").x.max() <= 1 / 255


def test_a_folder_is_for_studies_of_images(tmp_path: Path) -> None:
    photos(tmp_path / "photos", 1)
    arrays = {"format": 2, "rows": "arrays", "array": {"inputs": "as given", "shape": [3]}}
    with pytest.raises(InputError, match="is a folder, but the study is of arrays: give a file"):
        of_images(account_of(arrays, "a.json", "run it again"), tmp_path / "photos")
    for images in ({"size": [0, 3], "channels": 3}, {"size": [3, 3], "channels": 2}):
        with pytest.raises(InputError, match=r"^a.json does not say how new rows are read"):
            account_of({**arrays, "images": images}, "a.json", "run it again")
