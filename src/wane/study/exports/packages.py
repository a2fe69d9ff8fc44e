"""The packages that studies are handed to, which wane does without."""

import importlib
import re
from typing import Any

from wane._errors import InputError, one_line


def package(name: str, install: str) -> Any:
    """A module of another package, imported now.

    Args:
        name: of the module.
        install: what to install where it is not there.

    Raises:
        InputError: if it cannot be imported.
    """
    try:
        return importlib.import_module(name)
    except ImportError as error:
        raise InputError(
            f"{name.partition('.')[0]} cannot be imported ({one_line(error)}), and this writes "
            f"what it reads: pip install {install}."
        ) from error


def without_password(address: str) -> str:
    """An address for messages, which may hold a user's name and password."""
    return re.sub(r"//[^/@]*@", "//***@", address)
