"""What zip files, such as models and arrays come in, may unpack to."""

import zipfile
from pathlib import Path

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
