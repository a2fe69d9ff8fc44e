"""The schema of the documents in docs/architecture.md is made from their dataclasses.

``python tests/study/results/test_schema.py`` writes it anew after a field has changed.
"""

import dataclasses
import types
import typing
from collections.abc import Mapping, Sequence
from pathlib import Path
from typing import Any, Literal

from wane.study.results.schema import PathDocument, StudyDocument

PAGE = Path(__file__).parents[3] / "docs" / "architecture.md"
BEGIN, END = "<!-- schema: begin -->\n", "<!-- schema: end -->\n"
_PLAIN = {str: "string", int: "integer", float: "number or null", bool: "boolean", Any: "any"}


def json_type(hint: Any, found: list[type]) -> str:
    """A type as JSON has it; dataclasses by name, which are added to those found."""
    if dataclasses.is_dataclass(hint):
        assert isinstance(hint, type)
        if hint not in found:
            found.append(hint)
        return hint.__name__
    if hint in _PLAIN:
        return _PLAIN[hint]
    origin, args = typing.get_origin(hint), typing.get_args(hint)
    if origin in (typing.Union, types.UnionType):
        parts = [json_type(arg, found) for arg in args if arg is not type(None)]
        parts += ["null"] * (type(None) in args)
        return " or ".join(dict.fromkeys(" or ".join(parts).split(" or ")))
    if origin is Literal:
        return " or ".join(f'"{arg}"' for arg in args)
    if origin is Mapping:
        return f"{{{json_type(args[0], found)}: {json_type(args[1], found)}}}"
    if origin is tuple and args[-1] is not Ellipsis:
        return f"[{', '.join(json_type(arg, found) for arg in args)}]"
    if origin in (Sequence, tuple, list):
        return f"[{json_type(args[0], found)}, …]"
    raise AssertionError(f"no JSON type for {hint!r}")


def schema(*documents: type) -> str:
    """A block for each dataclass: its name, and its fields with their JSON types."""
    found, lines = list(documents), []
    for kind in found:  # grows as it is read
        fields = [
            f"  {field.name}: {json_type(field.type, found)}" for field in dataclasses.fields(kind)
        ]
        lines += [kind.__name__, *fields, ""]
    return "```\n" + "\n".join(lines).rstrip() + "\n```\n"


def written() -> str:
    """The page with the schema as it should be."""
    page = PAGE.read_text(encoding="utf-8")
    before, rest = page.split(BEGIN)
    _, after = rest.split(END)
    return before + BEGIN + schema(StudyDocument, PathDocument) + END + after


def test_the_page_has_the_schema_of_the_dataclasses() -> None:
    assert PAGE.read_text(encoding="utf-8") == written()


def test_a_schema_names_types_as_json_does() -> None:
    @dataclasses.dataclass(frozen=True)
    class Part:
        value: float | None

    @dataclasses.dataclass(frozen=True)
    class Whole:
        parts: Mapping[str, Sequence[Part]]
        ends: tuple[float, float] | None
        way: Literal["up", "down"]

    assert schema(Whole) == (
        "```\nWhole\n  parts: {string: [Part, …]}\n"
        "  ends: [number or null, number or null] or null\n"
        '  way: "up" or "down"\n\nPart\n  value: number or null\n```\n'
    )


if __name__ == "__main__":
    PAGE.write_text(written(), encoding="utf-8")
