"""The documents of results: dataclasses to JSON values and back, by one converter."""

import math
from typing import Any, TypeVar

import cattrs

from wane._errors import InputError
from wane.study.journal.json_files import finite

T = TypeVar("T")

_converter = cattrs.Converter()
# JSON has no NaN: it is written as null.
_converter.register_structure_hook(
    float, lambda value, _: math.nan if value is None else float(value)
)
_converter.register_structure_hook(bool, lambda value, _: bool(value))
_converter.register_structure_hook(str, lambda value, _: _text(value))


def _text(value: Any) -> str:
    """A text; anything else does not fit, where cattrs would write it as one."""
    if not isinstance(value, str):
        raise TypeError(f"{value!r} is no text")
    return value


def to_dict(value: Any) -> Any:
    """A dataclass as a JSON value; numbers that are not finite become None."""
    return finite(_converter.unstructure(value))


def from_dict(document: Any, kind: type[T]) -> T:
    """The dataclass that :func:`to_dict` wrote.

    Raises:
        InputError: if the document does not fit.
    """
    try:
        found: T = _converter.structure(document, kind)
    except Exception as error:  # whatever the document is
        first = cattrs.transform_error(error)[0]
        raise InputError(
            f"The document is none of this version of wane ({first}): give a new folder, or the "
            f"version that wrote it."
        ) from error
    return found
