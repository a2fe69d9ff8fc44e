"""What compressed files, such as models, arrays and tables come in, may unpack to and hold."""

import bz2
import contextlib
import gzip
import io
import lzma
import zipfile
from collections.abc import Callable
from pathlib import Path
from typing import TYPE_CHECKING, Any

import numpy as np

from wane._errors import InputError, one_line

if TYPE_CHECKING:
    from numpy.typing import NDArray

ALWAYS = 100 * 2**20
"""Bytes that are unpacked whatever the size of the file."""


def check_unpacked_size(path: Path, *, ratio: int, advice: str) -> None:
    """Check that what a zip file says that it unpacks to is in proportion.

    Args:
        path: the file.
        ratio: the most that its parts may take, in sizes of the file.
        advice: what to do otherwise.

    Raises:
        InputError: if they take more, and more than :data:`ALWAYS`.
    """
    with zipfile.ZipFile(path) as archive:
        size = sum(part.file_size for part in archive.infolist())
    if size > ALWAYS and size > ratio * path.stat().st_size:
        raise InputError(
            f"{path} is refused, since it would unpack to {size / 2**20:,.0f} MiB, more than "
            f"{ratio} times its size: {advice}."
        )


PLAIN = "biufUS"
"""NumPy's kinds of numbers and texts."""


def plain_arrays(
    path: Path,
    kinds: Callable[[str], str],
    mapped: "Callable[[Path, zipfile.ZipInfo], NDArray[Any] | None]",
    *,
    ratio: int,
    advice: str,
) -> "tuple[dict[str, NDArray[Any]], list[str]]":
    """Arrays in a ``.npz`` file, of which nothing is unpickled.

    Args:
        path: the file.
        kinds: of the array of a name, NumPy's letters of the kinds that it may have; "" for one
            that is passed over.
        mapped: an array that is not to be read, mapped from where it lies; None for any other.
        ratio: as for :func:`check_unpacked_size`.
        advice: how such a file is made.

    Returns:
        The arrays by name, and the names of all that are in the file.

    Raises:
        InputError: if it is no such file, or an array is of another kind.
    """
    found: dict[str, NDArray[Any]] = {}
    try:
        check_unpacked_size(path, ratio=ratio, advice="save it anew with numpy.savez")
        with zipfile.ZipFile(path) as archive:
            inside = [part.filename.removesuffix(".npy") for part in archive.infolist()]
            for name, part in zip(inside, archive.infolist(), strict=True):
                if not kinds(name):
                    continue
                if name in found:
                    raise ValueError(f"{name} is there twice")
                _check_header(path, archive, part, kinds(name))
                large = mapped(path, part)
                found[name] = _array(archive, part) if large is None else large
            return found, inside
    except InputError:
        raise
    except Exception as error:  # bytes from elsewhere: zip, zlib and NumPy raise many kinds
        raise InputError(
            f"{path} cannot be read as a .npz file ({one_line(error)}): {advice}"
        ) from error


def _array(archive: zipfile.ZipFile, part: zipfile.ZipInfo) -> "NDArray[Any]":
    with archive.open(part) as file:
        return np.lib.format.read_array(file, allow_pickle=False)


def _check_header(path: Path, archive: zipfile.ZipFile, part: zipfile.ZipInfo, kinds: str) -> None:
    """Check, before it is read, that an array holds plain numbers or text of its size."""
    with archive.open(part) as file:
        version = np.lib.format.read_magic(file)
        read = {
            (1, 0): np.lib.format.read_array_header_1_0,
            (2, 0): np.lib.format.read_array_header_2_0,
        }.get(version)
        if read is None:
            raise ValueError(f"{part.filename} is of version {version}")
        shape, _, dtype = read(file)
        if dtype.hasobject:
            raise InputError(
                f"{path} is refused, since its array {part.filename.removesuffix('.npy')!r} holds "
                f"Python objects, and reading these can run code: save numbers, or text as str."
            )
        if dtype.kind not in kinds or not dtype.itemsize or 0 in shape:
            raise ValueError(f"{part.filename} of type {dtype} and shape {shape} holds no numbers")
        size = dtype.itemsize
        for axis in shape:  # whole numbers of Python, which do not overflow
            size *= axis
        if file.tell() + size != part.file_size:
            raise ValueError(f"{part.filename} is not as long as its shape {shape} says")


_OPENERS: dict[str, Any] = {".gz": gzip.open, ".bz2": bz2.open, ".xz": lzma.open}
_BLOCK = 2**20


def check_compressed_size(path: Path, *, ratio: int, advice: str) -> None:
    """Check what a compressed text unpacks to, by unpacking it block by block and keeping none.

    Args:
        path: a file whose name ends in .gz, .bz2, .xz or .zip; any other is not compressed.
        ratio, advice: as for :func:`check_unpacked_size`.

    Raises:
        InputError: if it is more than both limits.
    """
    suffix = path.suffix.casefold()
    if suffix == ".zip":
        check_unpacked_size(path, ratio=ratio, advice=advice)
    if suffix not in _OPENERS:
        return
    limit = max(ALWAYS, ratio * path.stat().st_size)
    size = 0
    with _OPENERS[suffix](path, "rb") as file:
        while block := file.read(_BLOCK):
            size += len(block)
            if size > limit:
                raise InputError(
                    f"{path} is refused, since it would unpack to more than {limit / 2**20:,.0f} "
                    f"MiB, {limit / path.stat().st_size:,.0f} times its size: {advice}."
                )


def text_head(path: Path, characters: int) -> str:
    """The first lines of a text in UTF-8, which may be compressed.

    Args:
        path: as for :func:`check_compressed_size`.
        characters: how many are read, and the rest of their line.

    Raises:
        ValueError: if a .zip file holds more than one file, or the text is not UTF-8.
    """
    with contextlib.ExitStack() as stack:
        if path.suffix.casefold() == ".zip":
            archive = stack.enter_context(zipfile.ZipFile(path))
            if len(archive.namelist()) != 1:
                raise ValueError(f"it holds {len(archive.namelist())} files, and one is expected")
            file: Any = archive.open(archive.namelist()[0])
        else:
            file = _OPENERS.get(path.suffix.casefold(), open)(path, "rb")
        # Some programs put a mark before UTF-8.
        decoded = io.TextIOWrapper(file, encoding="utf-8-sig", newline="")
        text = stack.enter_context(decoded)
        return text.read(characters) + text.readline()
