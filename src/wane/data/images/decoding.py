"""One file of an image as an array, by Pillow, in the size that is asked for.

Pixels are those of ``keras.utils.image_dataset_from_directory``: as they are stored, however a
camera was held, and resized by bilinear interpolation between pixel centres, without smoothing.
"""

import contextlib
import os
import warnings
from collections.abc import Iterator
from typing import TYPE_CHECKING, Any, NamedTuple

import numpy as np
from PIL import Image, UnidentifiedImageError

if TYPE_CHECKING:
    from numpy.typing import NDArray

FORMATS = ("BMP", "GIF", "JPEG", "PNG")
MODES = {1: "L", 3: "RGB", 4: "RGBA"}
"""What Pillow calls images of so many channels."""
_GREY = ("1", "L", "LA", "La")
_WITH_ALPHA = ("LA", "La", "PA", "RGBA", "RGBa")
_SIXTEEN_BITS = 257
"""65,535 of 16 bits is 255 of 8."""
_ORIENTATION, _TURNED = 0x0112, range(2, 9)
"""The tag of EXIF data that says how an image is to be turned, and its value for not at all."""


class Header(NamedTuple):
    """What a file says of its image before that is read.

    Attributes:
        size: height and width.
        grey: whether it has no colours.
        alpha: whether it says how opaque its pixels are.
    """

    size: tuple[int, int]
    grey: bool
    alpha: bool


class UnreadableError(Exception):
    """A file that is no image which can be read; its text says why, in a phrase."""


def read_header(path: str) -> Header:
    """The header of a file.

    Raises:
        UnreadableError: if it has none.
    """
    with _opened(path) as image:
        sixteen = image.mode.startswith("I")
        alpha = image.mode in _WITH_ALPHA or ("transparency" in image.info and not sixteen)
        return Header((image.height, image.width), sixteen or image.mode in _GREY, alpha)


def read_pixels(path: str, size: tuple[int, int], channels: int) -> "tuple[NDArray[Any], bool]":
    """The image in a file; of several images, as in a GIF, the first.

    Args:
        path: of the file.
        size: height and width that it shall have.
        channels: 1 for grey levels, 3 for RGB, 4 with opacity.

    Returns:
        Pixels from 0 to 255, float32 [height, width, channels], and whether its EXIF data say that
        it is to be turned, which it is not.

    Raises:
        UnreadableError: if it cannot be read.
    """
    with _opened(path) as image:
        if image.mode.startswith("I"):
            grey = np.asarray(image, np.float32)[..., None] / _SIXTEEN_BITS
            pixels = np.broadcast_to(grey, (*grey.shape[:2], channels))
        else:
            pixels = np.asarray(image.convert(MODES[channels]))
        return _resized(pixels.reshape(*pixels.shape[:2], channels), size), _is_turned(image)


@contextlib.contextmanager
def quiet() -> Iterator[None]:
    """Keeps what Pillow warns of to itself, in all threads."""
    with warnings.catch_warnings():
        warnings.filterwarnings("ignore", module="PIL")
        yield


@contextlib.contextmanager
def _opened(path: str) -> "Iterator[Image.Image]":
    try:
        if not os.path.isfile(path):  # noqa: PTH113 # nor do pipes and devices open
            raise UnreadableError("it is no file, or a link to none")
        with Image.open(path, formats=FORMATS) as image:
            most = Image.MAX_IMAGE_PIXELS  # None where somebody has lifted Pillow's limit
            if most is not None and image.width * image.height > most:
                raise Image.DecompressionBombError
            if not image.width * image.height:
                raise UnreadableError("it has no pixels")
            yield image
    except UnreadableError:
        raise
    except Exception as error:  # bytes from elsewhere: Pillow raises many kinds
        raise UnreadableError(_reason(error)) from error


def _reason(error: Exception) -> str:
    """Why an image cannot be read, in a phrase."""
    if isinstance(error, Image.DecompressionBombError):
        return f"it has more than {(Image.MAX_IMAGE_PIXELS or 0) / 1e6:.0f} million pixels"
    if isinstance(error, UnidentifiedImageError):
        return "it holds no such image"
    if isinstance(error, OSError) and error.strerror:
        return error.strerror
    said = " ".join(str(error).split())
    if "truncated" in said.casefold():
        return "it is cut short"
    return said[:80] or type(error).__name__


def _resized(pixels: "NDArray[Any]", size: tuple[int, int]) -> "NDArray[Any]":
    """An image in another size, float32: a pixel between the four whose centres surround its."""
    if pixels.shape[:2] == size:
        return pixels.astype(np.float32)
    from scipy.ndimage import affine_transform

    ratios = [have / want for have, want in zip(pixels.shape, size, strict=False)]
    made: NDArray[Any] = affine_transform(
        pixels,
        [*ratios, 1],
        [*((ratio - 1) / 2 for ratio in ratios), 0],
        (*size, pixels.shape[2]),
        output=np.float32,
        order=1,
        mode="nearest",
        prefilter=False,
    )
    return made


def _is_turned(image: "Image.Image") -> bool:
    try:
        return image.getexif().get(_ORIENTATION) in _TURNED
    except Exception:  # EXIF data of any form, which say nothing then
        return False
