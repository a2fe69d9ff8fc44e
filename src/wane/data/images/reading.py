"""A folder of images read once: as a study's problem, or as new rows."""

import collections
import concurrent.futures
import dataclasses
import os
from collections.abc import Callable, Mapping, Sequence
from pathlib import Path
from typing import TYPE_CHECKING, Any, NamedTuple

import numpy as np

from wane._errors import InputError, listed, whole_number
from wane.data.account import account_of
from wane.data.arrays import ArrayForm, checked_divisor
from wane.data.images.decoding import (
    MODES,
    Header,
    UnreadableError,
    quiet,
    read_header,
    read_pixels,
)
from wane.data.images.folders import ImageFile, class_files, new_files
from wane.data.networks import NETWORKS
from wane.data.problem import Problem
from wane.data.reading.target import FEWEST_CLASS_ROWS, FEWEST_ROWS, checked_task

if TYPE_CHECKING:
    from numpy.typing import NDArray

_NAMED = 5
"""So many files that cannot be read are named."""
_MOST_THREADS = 8
"""Each may hold a whole image as it was stored."""
_HELD = 7
"""So many times a study on a CPU holds its rows at most: measured, for 2,000 to 6,000 images."""
_PIXEL = 255.0
_NETWORK = "conv2d"


@dataclasses.dataclass(frozen=True)
class ImageForm:
    """How files of images become arrays: as those of the study did.

    Args:
        size: height and width.
        channels: 1 for grey levels, 3 for RGB, 4 with opacity.
    """

    size: tuple[int, int]
    channels: int


class Images(NamedTuple):
    """Images of one form.

    Attributes:
        x: pixels from 0 to 255, float32 [rows, height, width, channels].
        files: of each row.
        notes: sentences on how they were read.
    """

    x: "NDArray[Any]"
    files: Sequence[ImageFile]
    notes: list[str]


def read_images(
    folder: str | Path,
    *,
    image_size: int | tuple[int, int] | None = None,
    task: str | None = None,
    as_given: bool = False,
    divide: float | None = None,
    progress: bool = True,
) -> Problem:
    """A problem from a folder that has a folder of images for each class.

    The layout, the order of classes and rows, and the pixels are those of
    ``keras.utils.image_dataset_from_directory``; images are grey where all are, have opacity where
    all have it, and are RGB otherwise. Hidden files are passed over; files that cannot be read are
    named in a note and left out.

    Args:
        folder: of ``.bmp``, ``.gif``, ``.jpeg``, ``.jpg`` or ``.png`` files, a folder for each
            class.
        image_size: height and width in pixels, or one number for both; None takes the size of the
            images, if that is one.
        task: ``"multiclass"`` for two outputs where there are two classes; None for one.
        as_given: leave pixels from 0 to 255, for a network of the user's own.
        divide: what pixels are divided by; None for 255.
        progress: whether a bar is shown.

    Returns:
        The rows made ready: images [rows, height, width, channels].

    Raises:
        InputError: if it is no such folder, images have several sizes and none is given, or memory
            does not hold them.

    Example:
        >>> import pathlib, tempfile, wane.data
        >>> from PIL import Image
        >>> folder = pathlib.Path(tempfile.mkdtemp())
        >>> for name, grey in (("dark", 40), ("light", 200)):
        ...     (folder / name).mkdir()
        ...     for number in range(20):
        ...         Image.new("L", (8, 8), grey + number).save(folder / name / f"{number}.png")
        >>> problem = wane.data.read_images(folder, progress=False)
        >>> problem.class_names, problem.x.shape
        (('dark', 'light'), (40, 8, 8, 1))
    """
    folder, task = Path(folder), checked_task(task)
    size = None if image_size is None else checked_size(image_size)
    divisor = 1.0 if as_given else _PIXEL if divide is None else checked_divisor(divide)
    names, images, form = _of_classes(folder, size, task, progress)
    problem = _made_ready(images, names, divisor, binary=len(names) == 2 and task != "multiclass")
    arrays = {} if as_given else problem.reading
    return dataclasses.replace(
        problem,
        name=os.fsencode(folder.resolve().name).decode("utf-8", "replace") or "images",
        reading={"rows": "arrays", **arrays, "images": dataclasses.asdict(form)},
    )


def _made_ready(images: Images, names: tuple[str, ...], divisor: float, *, binary: bool) -> Problem:
    """The images of all classes as a problem, which knows of reading how numbers are divided."""
    places = {name: place for place, name in enumerate(names)}
    y = np.array([places[file.label] for file in images.files], "float32" if binary else "int32")
    x, notes = images.x, tuple(images.notes)
    array = ArrayForm("images", x.shape[1:], divisor, float(x.max()))
    if divisor != 1:
        x /= np.float32(divisor)  # in place, as there may be no room for them twice
    return Problem(
        name="images",
        task="binary" if binary else "multiclass",
        x=x,
        y=y,
        validation=0.25,
        test=0.2,
        feature_names=(),
        class_names=names,
        notes=notes,
        reading={"array": dataclasses.asdict(array)},
        account=dataclasses.replace(account_of(x.shape[1:], len(y), y, names), notes=notes),
        network=_NETWORK,
        hidden=NETWORKS[_NETWORK].hidden,
    )


def _of_classes(
    folder: Path, size: tuple[int, int] | None, task: str | None, progress: bool
) -> tuple[tuple[str, ...], Images, ImageForm]:
    """The names of the classes, their images, and the form of these."""
    names, files, notes = class_files(folder)
    _check_task(task, folder, names)
    _check_counts(folder, names, files)
    looked = _looked_at(folder, files, size, progress)
    _check_counts(folder, names, looked.files)
    images = _read(folder, looked, progress)
    _check_counts(folder, names, images.files)
    return names, images._replace(notes=[*notes, *images.notes]), looked.form


def read_new_images(folder: Path, form: ImageForm, *, progress: bool = True) -> Images:
    """The images of a folder of new ones, in folders of classes or not.

    Args:
        folder: with images in it, or in folders within it.
        form: how the study's were read.
        progress: whether a bar is shown.

    Raises:
        InputError: if none can be read, or memory does not hold them.
    """
    files, notes = new_files(folder)
    images = _read(folder, _Looked(files, form, {}, []), progress)
    return images._replace(notes=[*notes, *images.notes])


def parse_size(text: str) -> tuple[int, int]:
    """Height and width from text: ``"64"``, or ``"64,48"``.

    Raises:
        InputError: if it is neither.
    """
    parts = [part.strip() for part in text.split(",")]
    if len(parts) > 2 or not all(map(_is_number, parts)):
        raise InputError(
            f"--image-size takes pixels such as 64, or height and width such as 64,48; got "
            f"{text!r}."
        )
    return checked_size(tuple(map(int, parts)) * (3 - len(parts)))


def _is_number(text: str) -> bool:
    return text.isascii() and text.isdecimal() and len(text) < 10


def checked_size(size: int | tuple[int, ...]) -> tuple[int, int]:
    """Height and width.

    Raises:
        InputError: if they are no whole numbers of at least 1.
    """
    both = tuple(size) if isinstance(size, tuple | list) else (size, size)
    if len(both) != 2:
        raise InputError(
            f"image_size must be a number of pixels, or height and width, got {size!r}."
        )
    name = "image_size (--image-size)"
    height, width = (whole_number(one, name, least=1) for one in both)
    return height, width


def _check_task(task: str | None, folder: Path, names: Sequence[str]) -> None:
    if task == "regression":
        raise InputError(
            f"Images of {str(folder)!r} have classes, their folders, and task 'regression' needs "
            f"amounts: leave it out, or give arrays in a .npz file."
        )
    if task == "binary" and len(names) != 2:
        raise InputError(
            f"{str(folder)!r} has {len(names)} classes ({listed(names)}), but task 'binary' means "
            f"two; use task 'multiclass'."
        )


def _check_counts(folder: Path, names: Sequence[str], files: Sequence[ImageFile]) -> None:
    """Check that there are enough images to train, validate and test."""
    counts = collections.Counter(file.label for file in files)
    rarest = min(names, key=lambda name: counts[name])
    if counts[rarest] < FEWEST_CLASS_ROWS:
        count = counts[rarest]
        have = "1 image" if count == 1 else f"{count} images"
        raise InputError(
            f"The class folder {str(folder / rarest)!r} has {have} that can be read, but training, "
            f"validation and test each need some, at least {FEWEST_CLASS_ROWS} together: add "
            f"images, or take the folder away."
        )
    if len(files) < FEWEST_ROWS:
        raise InputError(
            f"{str(folder)!r} has {len(files)} images that can be read, but to train, validate and "
            f"test takes at least {FEWEST_ROWS}; give more."
        )


class _Looked(NamedTuple):
    """Files whose headers can be read, the form to read them in, and others with the reasons."""

    files: Sequence[ImageFile]
    form: ImageForm
    unreadable: Mapping[str, str]
    notes: list[str]


def _looked_at(
    folder: Path, files: Sequence[ImageFile], size: tuple[int, int] | None, progress: bool
) -> _Looked:
    """The headers of all images looked at before any is read."""
    paths = [file.path for file in files]
    found = _of_each(read_header, paths, "looking at images", progress)
    bad = {f.name: one for f, one in zip(files, found, strict=True) if isinstance(one, str)}
    good = [f for f in files if f.name not in bad]
    headers: list[Header] = [one for one in found if not isinstance(one, str)]
    if not headers:
        raise InputError(f"No image of {str(folder)!r} can be read: {_named(bad)}.")
    sizes = sorted({one.size for one in headers}, key=lambda one: (one[0] * one[1], one))
    several = f"{len(sizes):,} sizes, from {_shown(sizes[0])} to {_shown(sizes[-1])} pixels"
    if size is None and len(sizes) > 1:
        raise InputError(
            f"The images of {str(folder)!r} have {several} (height × width), and a network takes "
            f"one: give image_size (--image-size), such as --image-size 64."
        )
    wanted = size or sizes[0]
    notes = []
    if sizes != [wanted]:
        have = several if len(sizes) > 1 else f"{_shown(sizes[0])} pixels"
        notes.append(
            f"The images have {have} (height × width) and were resized to {_shown(wanted)}, as "
            f"keras.utils.image_dataset_from_directory does it."
        )
    alpha = [one.alpha for one in headers]
    channels = 4 if all(alpha) else 1 if all(one.grey for one in headers) else 3
    if any(alpha) and channels != 4:
        notes.append(
            f"{sum(alpha):,} of {len(alpha):,} images say how opaque their pixels are, which is "
            f"left out, since not all do."
        )
    form = ImageForm(wanted, channels)
    return _Looked(good, form, bad, [*notes, *_on_memory(_bytes(len(good), form))])


def _read(folder: Path, looked: _Looked, progress: bool) -> Images:
    """The images themselves; those that cannot be read are left out, and named."""
    from wane.data.batches.reading import check_fits

    files, form = looked.files, looked.form
    each = f"{_shown(form.size)} pixels in {MODES[form.channels]}"
    check_fits(
        _bytes(len(files), form),
        f"The {len(files):,} images of {str(folder)!r}, {each},",
        "give a smaller image_size (--image-size), or fewer images",
    )
    x = np.empty((len(files), *form.size, form.channels), np.float32)

    def read(place: int) -> bool:
        x[place], turned = read_pixels(files[place].path, form.size, form.channels)
        return turned

    found = _of_each(read, range(len(files)), "reading images", progress)
    bad = {files[n].name: one for n, one in enumerate(found) if isinstance(one, str)}
    kept = [place for place, one in enumerate(found) if not isinstance(one, str)]
    unreadable = {**looked.unreadable, **bad}
    if not kept:
        raise InputError(f"No image of {str(folder)!r} can be read: {_named(unreadable)}.")
    for row, place in enumerate(kept):
        if row != place:
            x[row] = x[place]
    notes, turned = list(looked.notes), sum(one is True for one in found)
    if unreadable:
        # As they are in the folder, of which some may have been seen to be none before.
        in_all = len(kept) + len(unreadable)
        notes.insert(
            0,
            f"{len(unreadable):,} of {in_all:,} images cannot be read and were left out: "
            f"{_named(unreadable)}.",
        )
    if turned:
        notes.append(
            f"{turned:,} of {len(kept):,} images say in their EXIF data that they are to be "
            f"turned, and were read as they are stored, as Keras reads them."
        )
    return Images(x[: len(kept)], [files[place] for place in kept], notes)


def _bytes(images: int, form: ImageForm) -> int:
    """What so many images take, as float32."""
    return 4 * images * form.size[0] * form.size[1] * form.channels


def _on_memory(size: int) -> list[str]:
    """A note on images that fit memory, but perhaps not what a study makes of them."""
    import psutil

    free = psutil.virtual_memory().available
    if _HELD * size <= free:
        return []
    return [
        f"The images take about {size / 2**30:.1f} GiB, which a study holds up to {_HELD} times "
        f"while it trains, and {free / 2**30:.1f} GiB of memory are free: a smaller image_size "
        f"(--image-size) needs less."
    ]


def _of_each(
    function: Callable[[Any], Any], items: Sequence[Any], label: str, progress: bool
) -> list[Any]:
    """What a function gives for each item, in threads; the reason, a text, where it cannot."""

    from wane.report.display.progress import progress_bar

    def tried(item: Any) -> Any:
        try:
            return function(item)
        except UnreadableError as error:
            return str(error)

    found = []
    pool = concurrent.futures.ThreadPoolExecutor(min(_MOST_THREADS, os.cpu_count() or 1))
    try:
        with quiet(), progress_bar(len(items), len(items), progress, label) as bar:
            bar.count(0)
            for one in pool.map(tried, items):
                found.append(one)
                bar.count(len(found))
    finally:
        pool.shutdown(cancel_futures=True)  # where it was interrupted
    return found


def _named(unreadable: Mapping[str, str]) -> str:
    """The first files that cannot be read, and why."""
    first = [f"{name!r} ({why})" for name, why in list(unreadable.items())[:_NAMED]]
    more = len(unreadable) - len(first)
    return ", ".join(first) + (f" and {more:,} more" if more else "")


def _shown(size: tuple[int, int]) -> str:
    return f"{size[0]:,} × {size[1]:,}"
