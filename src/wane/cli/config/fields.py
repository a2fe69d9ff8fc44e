"""The options of a command as fields of a file, and which values they take."""

import dataclasses
import math
import types
import typing
from collections.abc import Mapping
from inspect import Parameter
from pathlib import Path
from typing import Any

from wane._errors import InputError

NAMES = {"as_json": "json"}
"""Options that are called otherwise than the parameter of the command."""
LEFT_OUT = ("context", "save_config", "quiet", "verbose", "watch", "lang")
"""Parameters that are no fields."""
COMMA_LISTS = {"strengths": (int, float), "hidden": (int,), "image_size": (int,), "on": (str,)}
"""Options that are comma lists, which a file may have as lists of these."""
ALSO_NUMBERS = ("missing",)
"""Options of text that may be numbers in a file."""
WORDS = {
    str: "a text in quotes",
    Path: "a path in quotes",
    int: "a whole number",
    float: "a number",
    bool: "true or false",
}
"""What the types of options are called in messages."""


@dataclasses.dataclass(frozen=True)
class Field:
    """An option as a field.

    Attributes:
        name: in a file.
        kind: the type of its value, or of each where there may be several.
        several: whether there may be several.
        default: what it is where nothing is said.
    """

    name: str
    kind: type
    several: bool
    default: Any

    def value(self, given: Any) -> Any:
        """What a file gives, as the command takes it.

        Raises:
            InputError: if it is of another type.
        """
        if self.name in COMMA_LISTS and not isinstance(given, str):
            items = given if isinstance(given, list) else [given]
            if not items or not all(_is(item, COMMA_LISTS[self.name]) for item in items):
                one = WORDS[COMMA_LISTS[self.name][-1]]
                raise InputError(f"{self.name} must be {one}, or a list of such, got {given!r}.")
            return ",".join(map(str, items))
        if self.several:
            items = given if isinstance(given, list) else [given]
            return [self._one(item) for item in items]
        return self._one(given)

    def _one(self, given: Any) -> Any:
        if self.name in ALSO_NUMBERS and _is(given, (int, float)):
            return str(given)
        kinds = {float: (int, float), Path: (str,)}.get(self.kind, (self.kind,))
        if not _is(given, kinds):
            several = ", or a list of such" if self.several else ""
            raise InputError(f"{self.name} must be {WORDS[self.kind]}{several}, got {given!r}.")
        return self.kind(given)


def fields_of(parameters: Mapping[str, Parameter]) -> dict[str, Field]:
    """The options of a command as fields, by the parameters of the command."""
    fields = {}
    for name, parameter in parameters.items():
        if name not in LEFT_OUT:
            hint = typing.get_args(parameter.annotation)[0]
            if isinstance(hint, types.UnionType):  # with None
                hint = typing.get_args(hint)[0]
            several = typing.get_origin(hint) is list
            kind = typing.get_args(hint)[0] if several else hint
            own = NAMES.get(name, name)
            fields[name] = Field(own, kind, several, parameter.default)
    return fields


def _is(value: Any, kinds: tuple[type, ...]) -> bool:
    """Whether a value is of one of these types, of which True is no number."""
    if isinstance(value, float) and not math.isfinite(value):
        return False
    return isinstance(value, kinds) and (bool in kinds or not isinstance(value, bool))
