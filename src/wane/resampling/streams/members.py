"""Large arrays within ``.npz`` files, mapped from where they lie."""

import math
import zipfile
from pathlib import Path
from typing import Any

import numpy as np

from wane.resampling.streams.on_disk import is_large

_LOCAL_HEADER = 30
"""Bytes of a ZIP file's header of a member, before its name."""
_ENCRYPTED = 1


def mapped_member(path: Path, part: zipfile.ZipInfo) -> np.memmap | None:
    """An array of a ``.npz`` file that is too large to be read, mapped for reading.

    ``numpy.savez`` stores arrays as they are; those of ``numpy.savez_compressed`` have to be
    unpacked, and so read.

    Args:
        path: the file.
        part: the member, whose header is sound.

    Returns:
        None for an array that is to be read: a small or compressed one, or one in Fortran's order.
    """
    stored = part.compress_type == zipfile.ZIP_STORED and not part.flag_bits & _ENCRYPTED
    if not stored:
        return None
    with path.open("rb") as file:
        file.seek(part.header_offset)
        header = file.read(_LOCAL_HEADER)
        if len(header) < _LOCAL_HEADER or header[:4] != b"PK\x03\x04":
            return None
        # The lengths of name and extra field here may differ from those of the directory.
        name, extra = (int.from_bytes(header[at : at + 2], "little") for at in (26, 28))
        file.seek(name + extra, 1)
        version: Any = np.lib.format.read_magic(file)
        read: Any = {
            (1, 0): np.lib.format.read_array_header_1_0,
            (2, 0): np.lib.format.read_array_header_2_0,
        }[version]
        shape, in_fortran_order, dtype = read(file)
        if in_fortran_order or not is_large(max(part.file_size, 4 * math.prod(shape))):
            return None
        return np.memmap(path, dtype, "r", offset=file.tell(), shape=shape)
