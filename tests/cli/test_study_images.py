"""Folders of images through the command line: studied, resumed and predicted, or refused."""

import csv
import io
import json
import tomllib
from pathlib import Path

import keras
import numpy as np
import pytest
from typer.testing import CliRunner

from cli_cases import wane
from image_cases import drawn, photos
from wane.cli import app

TINY = (
    "--strengths", "0.01", "--repeats", 1, "--epochs", 1, "--hidden", "2", "--no-learning-curve",
    "--no-references", "--no-extend",
)  # fmt: skip


def test_what_goes_with_a_folder_of_images(tmp_path: Path) -> None:
    photos(tmp_path / "photos")
    (tmp_path / "none").mkdir()
    own = "--model", "mine.keras"
    for options, sentence in (
        (("photos", "--target", "y"),
         "Images bring their own target, the folders that they are in, and have no column 'y': "
         "leave out --target."),
        (("photos", "--sep", ";"), "--sep is for tables, and photos has images: leave it out."),
        (("photos", "--inputs", "images"), "--inputs is for arrays in a .npz file: leave it out."),
        (("photos", "--divide", 2, *own),
         "Images go into a network of your own as they are: leave out --divide or --model."),
        (("photos", "--group", "patient"),
         "--group names a column of a table or an array, and 'photos' is a folder of images: leave "
         "it out, or give the labels to wane.Study in Python."),
        (("moons", "--image-size", 64), "--image-size is for a folder of images: leave it out."),
        (("moons", "--divide", 2),
         "--divide is for arrays in a .npz file or a folder of images: leave it out."),
        (("photos", "--image-size", "64x48"),
         "--image-size takes pixels such as 64, or height and width such as 64,48; got '64x48'."),
        (("photos", "--image-size", 0),
         "image_size (--image-size) must be a whole number of at least 1, got 0."),
        (("none/",),
         "'none' has no folders of classes: move the images of each class into a folder that is "
         "named after it, such as 'none/cats'."),
    ):  # fmt: skip
        called = wane(*options, folder=tmp_path)
        assert (called.exit_code, called.stderr) == (2, f"Error: {sentence}\n")
    assert not list(tmp_path.glob("*-study"))


@pytest.mark.thorough
def test_a_folder_of_images_is_studied_resumed_and_predicted(tmp_path: Path) -> None:
    folder = photos(tmp_path / "photos", 15)
    (folder / "dogs").rename(folder / "[red]<b>dogs")
    drawn((20, 20), 0).save(folder / "cats" / "large.jpg")
    (folder / "cats" / "00.png").write_text("no image", encoding="utf-8")
    called = wane(
        "photos", "--image-size", "8,6", *TINY, "--save-config", "s.toml", folder=tmp_path
    )
    assert called.exit_code == 0, called.stderr
    assert called.folder.name == "photos-study"
    left_out = (
        "1 of 31 images cannot be read and were left out: 'cats/00.png' (it holds no such image)."
    )
    assert f"Note: {left_out}\n" in called.stderr
    assert "[red]<b>dogs 15 (50 %)" in called.stderr
    assert called.document["account"]["notes"][0] == left_out
    page = (called.folder / "report.html").read_text(encoding="utf-8")
    assert "[red]&lt;b&gt;dogs" in page and "<b>dogs" not in page and "cats/00.png" in page
    assert called.result.model("baseline").input_shape == (None, 8, 6, 3)

    # The same again, by its file and by its folder, is resumed: nothing is trained anew.
    options = tomllib.loads((tmp_path / "s.toml").read_text(encoding="utf-8"))
    assert (options["source"], options["image_size"]) == ("photos", "8,6")
    recipe = json.loads((called.folder / "study.json").read_text(encoding="utf-8"))["recipe"]
    assert (recipe["source"], recipe["image_size"]) == (str(folder), "8,6")
    before = (called.folder / "study.json").read_bytes()
    again = wane(tmp_path / "s.toml", "--out", called.folder, folder=tmp_path / "photos")
    assert again.exit_code == 0, again.stderr
    assert again.document == called.document
    resumed = CliRunner().invoke(app, ["resume", str(called.folder)])
    assert resumed.exit_code == 0, resumed.stderr
    assert (called.folder / "study.json").read_bytes() == before

    new = photos(tmp_path / "new", 2)
    (new / "cats" / "bad.png").write_text("no image", encoding="utf-8")
    drawn((30, 10), 5).save(new / "loose.png")
    predicted = CliRunner().invoke(app, ["predict", str(called.folder), str(new)])
    assert predicted.exit_code == 0, predicted.stderr
    rows = list(csv.DictReader(io.StringIO(predicted.stdout)))
    assert [row["file"] for row in rows] == [
        "loose.png", "cats/00.png", "cats/01.png", "dogs/00.png", "dogs/01.png",
    ]  # fmt: skip
    assert set(rows[0]) >= {"prediction", "probability_cats", "probability_[red]<b>dogs"}
    assert "On the 2 rows whose 'class folder' is known, accuracy is" in predicted.stderr
    assert "1 of 6 images cannot be read and were left out: 'cats/bad.png'" in predicted.stderr
    stored = np.asarray(drawn((9, 7), 0), np.float32)
    inputs = np.asarray(keras.ops.image.resize(stored, (8, 6), interpolation="bilinear")) / 255
    expected = called.result.best_model().predict(inputs[None], verbose=0).item()
    assert float(rows[1]["probability_cats"]) == pytest.approx(expected, abs=1e-5)

    np.savez(tmp_path / "d.npz", x=np.zeros((3, 2)))
    refused = CliRunner().invoke(app, ["predict", str(called.folder), str(tmp_path / "d.npz")])
    assert refused.exit_code == 2 and "the study's have (8, 6, 3)" in refused.stderr
