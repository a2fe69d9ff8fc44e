"""Folders of images become problems; what cannot be used is named."""

import io
import shutil
from pathlib import Path
from typing import Any

import keras
import numpy as np
import psutil
import pytest
from hypothesis import HealthCheck, given, settings
from hypothesis import strategies as st
from PIL import Image

from image_cases import CLASSES, drawn, photos
from wane import InputError
from wane.data import describe, read_images
from wane.data.images.reading import ImageForm, checked_size, parse_size, read_new_images
from wane.resampling.ties.copies import copies


def read(folder: Path, **options: Any) -> Any:
    return read_images(folder, progress=False, **options)


def sentence(folder: Path, **options: Any) -> str:
    with pytest.raises(InputError) as caught:
        read(folder, **options)
    return str(caught.value).replace(str(folder), "photos")


def test_images_of_one_size_become_a_problem(tmp_path: Path) -> None:
    problem = read(photos(tmp_path / "photos"))
    assert (problem.name, problem.task, problem.network) == ("photos", "binary", "conv2d")
    assert problem.class_names == CLASSES and problem.notes == ()
    assert problem.x.shape == (24, 9, 7, 3) and problem.x.dtype == np.float32
    np.testing.assert_array_equal(problem.y, np.repeat([0, 1], 12))
    np.testing.assert_allclose(problem.x[13], np.asarray(drawn((9, 7), 1001)) / np.float32(255))
    assert problem.account.shape == (9, 7, 3)
    assert [(one.name, one.rows) for one in problem.account.classes] == [("cats", 12), ("dogs", 12)]
    account = describe(None, problem)
    assert account["images"] == {"size": (9, 7), "channels": 3}
    assert (account["array"]["inputs"], account["array"]["divide"]) == ("images", 255)


def test_options_say_size_scale_and_task(tmp_path: Path) -> None:
    folder = photos(tmp_path / "photos")
    assert read(folder, image_size=5).x.shape == (24, 5, 5, 3)
    problem = read(folder, image_size=(5, 4), divide=2, task="multiclass")
    assert problem.x.shape == (24, 5, 4, 3) and problem.x.max() > 100
    assert problem.task == "multiclass" and problem.y.dtype == np.int32
    assert problem.notes == (
        "The images have 9 × 7 pixels (height × width) and were resized to 5 × 4, as "
        "keras.utils.image_dataset_from_directory does it.",
    )
    own = read(folder, as_given=True)
    np.testing.assert_array_equal(own.x[0], np.asarray(drawn((9, 7), 0)))
    assert describe(None, own)["array"] == {"inputs": "as given", "shape": [9, 7, 3]}


@pytest.mark.parametrize(("mode", "channels"), [("L", 1), ("RGB", 3), ("RGBA", 4)])
def test_channels_are_those_that_all_images_have(mode: str, channels: int, tmp_path: Path) -> None:
    folder = photos(tmp_path / "photos", mode=mode)
    assert read(folder).x.shape[-1] == channels
    drawn((9, 7), 5).save(folder / "cats" / "05.png")
    problem = read(folder)
    assert problem.x.shape[-1] == 3
    said = ["23 of 24 images say how opaque their pixels are, which is left out, since not all do."]
    assert list(problem.notes) == (said if mode == "RGBA" else [])


def kept_by_keras(folder: Path, **options: Any) -> tuple[np.ndarray, np.ndarray, list[str]]:
    data = keras.utils.image_dataset_from_directory(
        folder, shuffle=False, verbose=False, batch_size=None, **options
    )
    pairs = [(np.asarray(x), np.asarray(y)) for x, y in data]
    x, y = (np.stack(part) for part in zip(*pairs, strict=True))
    return x, y, data.class_names


@pytest.mark.filterwarnings(  # Keras leaves files of GIF images open
    "ignore:unclosed file", "ignore::pytest.PytestUnraisableExceptionWarning"
)
@pytest.mark.parametrize("kind", ["grain", "tf"])
def test_rows_are_those_of_keras(kind: str, tmp_path: Path) -> None:
    pytest.importorskip({"tf": "tensorflow"}.get(kind, kind))
    for number, name in enumerate(("b", "B", "10", "9")):
        for place in range(6):
            ending = ("png", "jpg", "bmp", "gif")[place % 4]
            inner = tmp_path / "p" / name / ("deep/er" if place == 5 else "")
            inner.mkdir(parents=True, exist_ok=True)
            size = (8 + 5 * place, 30 - 4 * place)
            drawn(size, 10 * number + place).save(inner / f"{place}.{ending}")
    x, y, names = kept_by_keras(tmp_path / "p", image_size=(16, 12), format=kind)
    problem = read(tmp_path / "p", image_size=(16, 12), as_given=True)
    assert list(problem.class_names) == names
    np.testing.assert_array_equal(problem.y, y)
    # TensorFlow decodes JPEG by steps of its own, which differ by a few levels.
    apart = np.abs(problem.x - x).max(axis=(1, 2, 3))
    assert apart.max() < (1e-3 if kind == "grain" else 5)
    assert np.median(apart) < 1e-3


def test_files_that_cannot_be_read_are_named_and_left_out(tmp_path: Path) -> None:
    folder = photos(tmp_path / "photos", size=(40, 40))
    whole = read(folder)
    data = (folder / "cats" / "03.png").read_bytes()
    (folder / "cats" / "03.png").write_bytes(data[: len(data) // 2])
    (folder / "cats" / "00.png").write_text("no image", encoding="utf-8")
    problem = read(folder)
    assert problem.notes == problem.account.notes
    assert problem.notes == (
        "2 of 24 images cannot be read and were left out: 'cats/00.png' (it holds no such image), "
        "'cats/03.png' (it is cut short).",
    )
    rows = [n for n in range(24) if n not in (0, 3)]
    np.testing.assert_array_equal(problem.x, whole.x[rows])
    np.testing.assert_array_equal(problem.y, whole.y[rows])
    for place in range(1, 9):
        (folder / "dogs" / f"{place:02d}.png").write_bytes(data[: len(data) // 2])
    assert sentence(folder) == (
        "The class folder 'photos/dogs' has 4 images that can be read, but training, validation "
        "and test each need some, at least 5 together: add images, or take the folder away."
    )
    for path in folder.glob("*/*.png"):
        path.write_text("no image", encoding="utf-8")
    assert sentence(folder).startswith(
        "No image of 'photos' can be read: 'cats/00.png' (it holds no such image), "
    )
    assert sentence(folder).endswith("(it holds no such image) and 19 more.")


def test_what_makes_no_study_is_refused(tmp_path: Path) -> None:
    folder = photos(tmp_path / "photos")
    assert sentence(folder, task="regression") == (
        "Images of 'photos' have classes, their folders, and task 'regression' needs amounts: "
        "leave it out, or give arrays in a .npz file."
    )
    drawn((20, 30), 0).save(folder / "cats" / "00.png")
    assert sentence(folder) == (
        "The images of 'photos' have 2 sizes, from 9 × 7 to 20 × 30 pixels (height × width), and a "
        "network takes one: give image_size (--image-size), such as --image-size 64."
    )
    for size in (0, -3, 2.5, True, "64", (1, 2, 3), (4, 0)):
        with pytest.raises(InputError, match="image_size"):
            read(folder, image_size=size)
    with pytest.raises(InputError, match="above 0"):
        read(folder, image_size=8, divide=0)
    shutil.copytree(folder / "cats", folder / "eels")
    assert sentence(folder, task="binary", image_size=8) == (
        "'photos' has 3 classes ('cats', 'dogs', 'eels'), but task 'binary' means two; use task "
        "'multiclass'."
    )
    few = photos(tmp_path / "few", 9)
    assert sentence(few).endswith(
        "has 18 images that can be read, but to train, validate and test takes at least 20; give "
        "more."
    )


def test_a_size_that_memory_does_not_hold_is_said_before_reading(
    tmp_path: Path, monkeypatch: pytest.MonkeyPatch
) -> None:
    folder = photos(tmp_path / "photos")
    assert "take about" in sentence(folder, image_size=1_000_000)

    class Free:
        available = 10 * 2**30

    near = Free()
    near.available = 24 * 9 * 7 * 3 * 4 * 6
    with monkeypatch.context() as patch:
        patch.setattr(psutil, "virtual_memory", lambda: near)
        assert read(folder).notes == (
            "The images take about 0.0 GiB, which a study holds up to 7 times while it trains, and "
            "0.0 GiB of memory are free: a smaller image_size (--image-size) needs less.",
        )
        near.available = 24 * 9 * 7 * 3 * 4 * 7
        assert read(folder).notes == ()
    monkeypatch.setattr(psutil, "virtual_memory", Free)
    monkeypatch.setattr("wane.data.images.reading.read_pixels", None)
    assert sentence(folder, image_size=6000) == (
        "The 24 images of 'photos', 6,000 × 6,000 pixels in RGB, take about 9.7 GiB, and 10.0 GiB "
        "of memory are free, of which a study takes at most 40% for its rows: give a smaller "
        "image_size (--image-size), or fewer images."
    )


def test_copies_of_files_are_copies_of_rows(tmp_path: Path) -> None:
    folder = photos(tmp_path / "photos", 15)
    for place in (3, 4):
        shutil.copy(folder / "cats" / f"{place:02d}.png", folder / "cats" / f"copy{place}.png")
    problem = read(folder)
    found = copies(problem.x, problem.y)
    assert found.rows == 4 and found.codes is not None
    assert found.codes[3] == found.codes[15] and found.codes[4] == found.codes[16]


def test_images_that_are_to_be_turned_are_said(tmp_path: Path) -> None:
    exif = Image.Exif()
    exif[0x0112] = 3
    folder = photos(tmp_path / "photos", exif=exif)
    drawn((9, 7), 0).save(folder / "cats" / "00.png")
    assert read(folder).notes == (
        "23 of 24 images say in their EXIF data that they are to be turned, and were read as they "
        "are stored, as Keras reads them.",
    )


def test_new_images_are_read_as_the_study_s(tmp_path: Path) -> None:
    folder = photos(tmp_path / "photos", 3)
    (folder / "b.png").write_text("no image", encoding="utf-8")
    (folder / "dogs" / "00.png").rename(folder / "a.png")
    x, files, notes = read_new_images(folder, ImageForm((5, 5), 1), progress=False)
    assert x.shape == (6, 5, 5, 1) and [file.label for file in files[:2]] == ["", "cats"]
    assert notes == [
        "1 of 7 images cannot be read and were left out: 'b.png' (it holds no such image)."
    ]
    with pytest.raises(InputError, match=r"^The 7 images of .* take about"):
        read_new_images(folder, ImageForm((10**6, 10**6), 4), progress=False)
    for path in folder.rglob("*.png"):
        path.write_text("no image", encoding="utf-8")
    with pytest.raises(InputError, match=r"^No image of .* can be read: 'a.png' \("):
        read_new_images(folder, ImageForm((5, 5), 1), progress=False)


def test_progress_is_shown(
    tmp_path: Path, capsys: pytest.CaptureFixture[str], monkeypatch: pytest.MonkeyPatch
) -> None:
    monkeypatch.setattr("wane.report.display.progress.LINE_SECONDS", 0.0)
    read_images(photos(tmp_path / "photos"))
    lines = capsys.readouterr().err.splitlines()
    assert any(line.startswith("looking at images: 24 of 24 done") for line in lines)
    assert any(line.startswith("reading images: 12 of 24 done") for line in lines)


@pytest.mark.parametrize("text", ["", "64x64", "1,2,3", "-4", "0", "6.5", "٣", "9" * 5000, "a"])
def test_sizes_that_are_none_are_refused(text: str) -> None:
    with pytest.raises(InputError, match="image-size"):
        parse_size(text)


def test_sizes() -> None:
    assert parse_size("64") == (64, 64) and parse_size("64, 48") == (64, 48)
    assert checked_size(3) == (3, 3) and checked_size((4, 5)) == (4, 5)


def encoded(ending: str, seed: int) -> bytes:
    file = io.BytesIO()
    drawn((12, 10), seed).save(file, ending)
    return file.getvalue()


WHOLE = {ending: encoded(ending, 0) for ending in ("PNG", "JPEG", "GIF", "BMP")}


@st.composite
def broken(draw: st.DrawFn) -> bytes:
    """Random bytes, or an image that is cut short, changed in places, or with bytes put in."""
    if draw(st.booleans()):
        return draw(st.binary(max_size=200))
    data = bytearray(WHOLE[draw(st.sampled_from(sorted(WHOLE)))])
    for _ in range(draw(st.integers(0, 6))):
        data[draw(st.integers(0, len(data) - 1))] = draw(st.integers(0, 255))
    begin = draw(st.integers(0, len(data)))
    data[begin:begin] = draw(st.binary(max_size=8))
    return bytes(data[: draw(st.integers(0, len(data)))] if draw(st.booleans()) else data)


@pytest.fixture(scope="module")
def many(tmp_path_factory: pytest.TempPathFactory) -> Path:
    return photos(tmp_path_factory.mktemp("many") / "photos", 12)


@given(files=st.lists(broken(), min_size=1, max_size=10), ending=st.sampled_from(["png", "JPG"]))
@settings(max_examples=100, deadline=None, suppress_health_check=list(HealthCheck))
def test_100_folders_of_broken_files_give_a_problem_or_a_sentence(
    files: list[bytes], ending: str, many: Path
) -> None:
    for place in range(10):
        path = many / CLASSES[place % 2] / f"broken{place}.{ending}"
        path.unlink(missing_ok=True)
        if place < len(files):
            path.write_bytes(files[place])
    try:
        problem = read(many, image_size=6)
    except InputError as error:
        assert "\n" not in str(error) and str(error).endswith(".")
    else:
        assert 24 <= len(problem.y) <= 24 + len(files) and np.isfinite(problem.x).all()
        left_out = len(files) + 24 - len(problem.y)
        named = [note for note in problem.notes if "cannot be read" in note]
        assert bool(left_out) == bool(named)
        assert not left_out or named[0].startswith(f"{left_out} of {len(files) + 24} images")
    for path in many.glob("*/broken*"):
        path.unlink()
