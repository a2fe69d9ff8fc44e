"""Which files of a folder are images, and of which classes.

The layout is that of ``keras.utils.image_dataset_from_directory``: a folder for each class.
"""

import os
from collections.abc import Sequence
from pathlib import Path
from typing import NamedTuple, NoReturn

from wane._errors import InputError, listed
from wane.data.examples import EXAMPLES
from wane.data.reading.files import table_suffix

SUFFIXES = (".bmp", ".gif", ".jpeg", ".jpg", ".png")
"""How the names of images end, in any case; those that Keras takes."""
KINDS = ", ".join(SUFFIXES)
_NAMED = 3
"""So many files that are passed over are named."""
_PARTS = {"train", "training", "val", "valid", "validation", "test", "testing"}
_STUDY = "study.json"
"""What is in the folder of a study, which may lie beside the images and is no class."""


class ImageFile(NamedTuple):
    """A file that may be an image.

    Attributes:
        path: of the file.
        name: its path within the folder that was given, with / between folders.
        label: the first folder of that path; "" where it lies in none.
    """

    path: str
    name: str
    label: str


def is_image_folder(source: str) -> bool:
    """Whether data named so are a folder, and neither an example nor called as a table is."""
    if source in EXAMPLES or table_suffix(Path(source)) is not None:
        return False
    return os.path.isdir(source)  # noqa: PTH112 # names that are too long are no error


def class_files(folder: Path) -> tuple[tuple[str, ...], list[ImageFile], list[str]]:
    """The images of a folder that has a folder for each class.

    Args:
        folder: its subfolders are the classes, sorted as texts; their images may lie in further
            folders. Hidden files and folders are passed over, and so are folders of studies.
            A link is followed to a class or a file, not to a folder within a class.

    Returns:
        The names of the classes, the images in the order of Keras, and sentences on files that were
        passed over.

    Raises:
        InputError: if it is no such folder.
    """
    where = repr(str(folder))
    if not folder.is_dir():
        raise InputError(
            f"There is no folder {where}: give one with a folder of images for each class."
        )
    try:
        inside = sorted(path.name for path in folder.iterdir())
    except OSError as error:
        _unlisted(error)
    names = [name for name in inside if _is_class(folder / name)]
    _check_names(folder, names)
    files: list[ImageFile] = []
    passed: list[str] = []
    for name in names:
        own, others = _walked(folder / name, folder)
        passed += others
        files += own
        if not own:
            raise InputError(
                f"The class folder {str(folder / name)!r} holds no images ({KINDS}): put images of "
                f"that class into it, or take it away."
            )
    beside = [n for n in inside if not n.startswith(".") and _is_file(folder / n)]
    outside = [name for name in beside if name.casefold().endswith(SUFFIXES)]
    passed += [name for name in beside if name not in outside]
    notes = _note(passed, f"no {KINDS}") + _note(outside, "in no class folder")
    return tuple(names), files, notes


def new_files(folder: Path) -> tuple[list[ImageFile], list[str]]:
    """The images of a folder of new ones, wherever they lie in it, and sentences as above.

    Raises:
        InputError: if there are none.
    """
    files, passed = _walked(folder, folder)
    if not files:
        raise InputError(f"{str(folder)!r} holds no images ({KINDS}): give a folder of such.")
    return files, _note(passed, f"no {KINDS}")


def _is_class(path: Path) -> bool:
    return not path.name.startswith(".") and os.path.isdir(path) and not _is_study(path)  # noqa: PTH112 # what may not be entered is said when it is listed


def _is_file(path: Path) -> bool:
    return os.path.isfile(path)  # noqa: PTH113 # what may not be entered is no error


def _is_study(path: Path) -> bool:
    return _is_file(path / _STUDY)


def _check_names(folder: Path, names: Sequence[str]) -> None:
    where = repr(str(folder))
    if not names:
        images, _ = _walked(folder, folder)
        has = f"{len(images):,} images and no folders" if images else "no folders"
        raise InputError(
            f"{where} has {has} of classes: move the images of each class into a folder that is "
            f"named after it, such as {str(folder / 'cats')!r}."
        )
    if len(names) == 1:
        raise InputError(
            f"{where} has one class folder, {names[0]!r}, and nothing to tell it from: give a "
            f"folder with one for each class."
        )
    if {name.casefold() for name in names} <= _PARTS:
        first = next((name for name in names if name.casefold().startswith("train")), names[0])
        raise InputError(
            f"{where} has the folders {listed(names)}, which are parts of the data and no classes: "
            f"give one that holds the class folders, such as {str(folder / first)!r}."
        )
    for name in names:
        try:
            name.encode()
        except UnicodeEncodeError:
            raise InputError(
                f"The class folder {str(folder / name)!r} has a name that is no UTF-8: rename it."
            ) from None


def _walked(folder: Path, root: Path) -> tuple[list[ImageFile], list[str]]:
    """The images below a folder by their names within the root, and the names of other files."""
    found = []
    for place, inner, names in os.walk(folder, onerror=_unlisted):
        inner[:] = [n for n in inner if not n.startswith(".") and not _is_study(Path(place) / n)]
        found.append((place, sorted(name for name in names if not name.startswith("."))))
    files, others = [], []
    for place, names in sorted(found):
        for name in names:
            path = Path(place) / name
            parts = path.relative_to(root).parts
            shown = os.fsencode("/".join(parts)).decode("utf-8", "replace")
            if name.casefold().endswith(SUFFIXES):
                files.append(ImageFile(str(path), shown, parts[0] if len(parts) > 1 else ""))
            else:
                others.append(shown)
    return files, others


def _unlisted(error: OSError) -> NoReturn:
    raise InputError(
        f"The folder {str(error.filename)!r} cannot be listed ({error.strerror}): give one that "
        f"can be read."
    ) from error


def _note(passed: Sequence[str], why: str) -> list[str]:
    if not passed:
        return []
    files = "1 file was" if len(passed) == 1 else f"{len(passed):,} files were"
    shown = listed(passed[:_NAMED]) + (", …" if len(passed) > _NAMED else "")
    return [f"{files} passed over ({why}): {shown}."]
