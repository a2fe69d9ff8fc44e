"""JSON files, written whole or not at all."""

import contextlib
import json
import os
import time
from pathlib import Path
from typing import Any

import numpy as np

from wane._errors import InputError

READERS_HOLD = os.name == "nt"
"""Whether a file that is being read cannot be replaced."""
REPLACING_TRIES = 30
"""How often, in so many hundredths of a second, a file is replaced that somebody may be reading."""


def write_json(path: Path, document: Any) -> None:
    """Write a JSON file whole or not at all; numbers that are not finite become null."""
    partial = path.with_name(path.name + ".partial")
    with partial.open("w", encoding="utf-8") as file:
        file.write(json.dumps(finite(document), indent=2) + "\n")
        file.flush()
        os.fsync(file.fileno())  # its name may otherwise reach the disk before its content
    for tries in range(REPLACING_TRIES):
        try:
            partial.replace(path)
            break
        except PermissionError:  # while somebody reads it, as a live page does
            if not READERS_HOLD or tries == REPLACING_TRIES - 1:
                raise
            time.sleep(0.01)
    with contextlib.suppress(OSError):  # Windows cannot open a folder
        folder = os.open(path.parent, os.O_RDONLY)
        try:
            os.fsync(folder)  # the new name outlasts a loss of power
        finally:
            os.close(folder)


def finite(value: Any) -> Any:
    """A JSON value in which numbers that are not finite are None, as JSON has none of them."""
    if isinstance(value, dict):
        return {str(key): finite(item) for key, item in value.items()}
    if isinstance(value, list | tuple):
        return [finite(item) for item in value]
    if isinstance(value, float | np.floating):
        return float(value) if np.isfinite(value) else None
    return int(value) if isinstance(value, np.integer) else value


LARGEST_JSON = 64 * 2**20
"""Bytes of the largest document that is read from a folder."""


def read_json(path: Path) -> dict[str, Any]:
    """A JSON document of a study's folder.

    Raises:
        InputError: if it is none, or not there.
    """
    try:
        if not path.is_file():
            raise FileNotFoundError
        if path.stat().st_size > LARGEST_JSON:
            raise ValueError("it is too large")
        document = json.loads(path.read_text(encoding="utf-8"))
        if not isinstance(document, dict):
            raise ValueError("it holds no JSON object")
    except FileNotFoundError:
        raise InputError(
            f"{str(path.parent)!r} holds no study ({path.name} is not there): give the folder of "
            f"one."
        ) from None
    except (OSError, ValueError, RecursionError) as error:
        raise InputError(
            f"{str(path)!r} cannot be read ({reason(error)}); nothing was touched: restore it, or "
            f"give another folder."
        ) from error
    return document


def reason(error: BaseException) -> str:
    """Why, in a few words."""
    return getattr(error, "strerror", None) or str(error)
