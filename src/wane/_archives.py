"""What compressed files, such as models, arrays and tables come in, may unpack to."""

import bz2
import contextlib
import gzip
import io
import lzma
import zipfile
from pathlib import Path
from typing import Any

from wane._errors import InputError

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
