"""Folders of images for tests, drawn."""

from pathlib import Path
from typing import Any

import numpy as np
from PIL import Image

CLASSES = ("cats", "dogs")


def drawn(size: tuple[int, int], seed: int, mode: str = "RGB") -> Image.Image:
    """A smooth random image of a height and width, in one of Pillow's modes."""
    channels = {"L": (), "RGB": (3,), "RGBA": (4,)}[mode]
    coarse = np.random.default_rng(seed).integers(0, 256, (5, 5, *channels), dtype=np.uint8)
    return Image.fromarray(coarse).resize(size[::-1], Image.Resampling.BICUBIC)


def photos(
    folder: Path, count: int = 12, *, size: tuple[int, int] = (9, 7), mode: str = "RGB", **save: Any
) -> Path:
    """A folder of two classes of this many images each, which differ by their seeds."""
    for number, name in enumerate(CLASSES):
        (folder / name).mkdir(parents=True)
        for place in range(count):
            image = drawn(size, 1000 * number + place, mode)
            image.save(folder / name / f"{place:02d}.png", **save)
    return folder
