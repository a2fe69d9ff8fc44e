"""Pixels of one file: those that Keras reads, and reasons why there are none."""

import io
import os
import struct
import zlib
from pathlib import Path
from typing import Any

import keras
import numpy as np
import pytest
from PIL import Image

from image_cases import drawn
from wane.data.images.decoding import UnreadableError, quiet, read_header, read_pixels

SIZES = [(9, 7), (40, 31), (16, 20), (3, 50), (1, 1)]


@pytest.mark.parametrize("ending", ["png", "jpg", "bmp", "gif"])
@pytest.mark.parametrize("channels", [1, 3, 4])
def test_pixels_are_those_of_keras(ending: str, channels: int, tmp_path: Path) -> None:
    colours = {1: "grayscale", 3: "rgb", 4: "rgba"}[channels]
    for seed, size in enumerate(SIZES):
        path = tmp_path / f"{seed}.{ending}"
        drawn(size, seed).save(path)
        # What keras.utils.image_dataset_from_directory(..., format="grain") does to a file.
        stored = np.asarray(keras.utils.load_img(path, color_mode=colours), np.float32)
        stored = stored.reshape(*size, channels)
        wanted = keras.ops.image.resize(stored, (16, 20), interpolation="bilinear")
        found, turned = read_pixels(str(path), (16, 20), channels)
        np.testing.assert_allclose(found, np.asarray(wanted), atol=1e-3)
        assert found.dtype == np.float32 and not turned
        as_stored, _ = read_pixels(str(path), size, channels)
        np.testing.assert_array_equal(as_stored, stored)


@pytest.mark.parametrize(
    ("mode", "grey", "alpha"),
    [
        ("1", True, False), ("L", True, False), ("LA", True, True), ("I;16", True, False),
        ("P", False, False), ("RGB", False, False), ("RGBA", False, True),
    ],
)  # fmt: skip
def test_headers_tell_size_and_colours(mode: str, grey: bool, alpha: bool, tmp_path: Path) -> None:
    Image.new(mode, (5, 3)).save(tmp_path / "a.png")
    assert read_header(str(tmp_path / "a.png")) == ((3, 5), grey, alpha)
    assert read_pixels(str(tmp_path / "a.png"), (3, 5), 3)[0].shape == (3, 5, 3)


def test_sixteen_bits_and_palettes_become_eight_bits(tmp_path: Path) -> None:
    levels = np.array([[0, 257 * 100, 65535]], dtype=np.uint16)
    Image.fromarray(levels).save(tmp_path / "deep.png")
    found = read_pixels(str(tmp_path / "deep.png"), (1, 3), 1)[0]
    np.testing.assert_allclose(found[..., 0], [[0, 100, 255]])
    palette = Image.new("P", (2, 1))
    palette.putpalette([10, 20, 30, 40, 50, 60])
    palette.putdata([0, 1])
    palette.save(tmp_path / "p.png", transparency=b"\x00\xff")
    assert read_header(str(tmp_path / "p.png")).alpha
    with quiet():  # Pillow would warn that what is opaque is lost
        found = read_pixels(str(tmp_path / "p.png"), (1, 2), 3)[0]
    np.testing.assert_array_equal(found[0], [[10, 20, 30], [40, 50, 60]])


def test_the_first_of_several_images_is_taken(tmp_path: Path) -> None:
    several = [Image.new("RGB", (4, 4), colour) for colour in ("red", "blue")]
    several[0].save(tmp_path / "a.gif", save_all=True, append_images=several[1:])
    found = read_pixels(str(tmp_path / "a.gif"), (4, 4), 3)[0]
    np.testing.assert_array_equal(found, np.broadcast_to([255.0, 0, 0], found.shape))


def test_an_image_that_is_to_be_turned_stays_as_it_is_stored(tmp_path: Path) -> None:
    image, exif = drawn((6, 9), 0), Image.Exif()
    exif[0x0112] = 6
    image.save(tmp_path / "a.png", exif=exif)
    found, turned = read_pixels(str(tmp_path / "a.png"), (6, 9), 3)
    assert turned
    np.testing.assert_array_equal(found, np.asarray(image))
    image.save(tmp_path / "b.jpg", exif=b"Exif\0\0nonsense")
    assert not read_pixels(str(tmp_path / "b.jpg"), (6, 9), 3)[1]


def png(width: int, height: int) -> bytes:
    """A PNG that says that it is so large, and holds no pixels."""

    def chunk(name: bytes, data: bytes) -> bytes:
        return (
            struct.pack(">I", len(data)) + name + data + struct.pack(">I", zlib.crc32(name + data))
        )

    head = struct.pack(">IIBBBBB", width, height, 8, 2, 0, 0, 0)
    ends = chunk(b"IDAT", zlib.compress(b"")) + chunk(b"IEND", b"")
    return b"\x89PNG\r\n\x1a\n" + chunk(b"IHDR", head) + ends


def reasons(data: bytes, path: Path) -> list[str]:
    """Why header and pixels cannot be read; none where they can."""
    path.write_bytes(data)
    found = []
    for function, rest in ((read_header, ()), (read_pixels, ((4, 4), 3))):
        try:
            with quiet():
                function(str(path), *rest)
        except UnreadableError as error:
            found.append(str(error))
    return found


def test_what_cannot_be_read_says_why(tmp_path: Path) -> None:
    whole = io.BytesIO()
    drawn((60, 60), 0).save(whole, "JPEG")
    tiff = io.BytesIO()
    drawn((6, 6), 0).save(tiff, "TIFF")
    path = tmp_path / "a.png"
    cases: list[tuple[bytes, Any]] = [
        (b"hello", ["it holds no such image"] * 2),
        (b"", ["it holds no such image"] * 2),
        (tiff.getvalue(), ["it holds no such image"] * 2),
        (whole.getvalue()[:-200], ["it is cut short"]),
        (png(100_000, 100_000), ["it has more than 89 million pixels"] * 2),
        (png(10_000, 9_000), ["it has more than 89 million pixels"] * 2),  # Pillow only warns
    ]
    for data, wanted in cases:
        assert reasons(data, path) == wanted
    assert len(reasons(png(0, 5), path)) == 2
    (tmp_path / "link.png").symlink_to(tmp_path / "gone.png")
    with pytest.raises(UnreadableError, match="it is no file, or a link to none"):
        read_header(str(tmp_path / "link.png"))


@pytest.mark.skipif(not hasattr(os, "mkfifo"), reason="there are no pipes")
def test_a_pipe_is_not_waited_for(tmp_path: Path) -> None:
    os.mkfifo(tmp_path / "a.png")
    with pytest.raises(UnreadableError, match="it is no file"):
        read_header(str(tmp_path / "a.png"))
