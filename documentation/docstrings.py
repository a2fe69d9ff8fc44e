"""Docstrings as the site takes them: their examples as code, and names as links.

Docstrings are written for ``help``, with one ``Example`` and with names in the words of Sphinx;
what renders them knows ``Examples`` and links of Markdown.
"""

import ast
import re
from pathlib import Path
from typing import Any

import griffe

ROOT = Path(__file__).parents[1]


def public_names() -> frozenset[str]:
    """``wane.__all__``, read and not imported, since the site builds without JAX."""
    tree = ast.parse((ROOT / "src" / "wane" / "__init__.py").read_text(encoding="utf-8"))
    for statement in tree.body:
        match statement:
            case ast.Assign(targets=[ast.Name(id="__all__")], value=value):
                return frozenset(ast.literal_eval(value))
    raise ValueError("wane/__init__.py has no __all__.")


PUBLIC = public_names()


def linked(found: re.Match[str]) -> str:
    """A name in the words of Sphinx as a link to its place in the reference, if it has one."""
    name = found[1].lstrip("~!")
    first, _, rest = name.removeprefix("wane.").partition(".")
    shown = name.removeprefix("wane.") if found[0].startswith((":meth:", ":attr:")) else name
    if first in PUBLIC and not rest:
        return f"[`{shown}`][wane.{first}]"
    return f"`{shown}`"


def as_markdown(text: str) -> str:
    """A docstring with its examples and names in the forms that the site renders."""
    text = re.sub(r"^Example:$", "Examples:", text, flags=re.MULTILINE)
    return re.sub(r":(?:class|func|meth|mod|attr|data):`([^`]+)`", linked, text)


class Docstrings(griffe.Extension):
    """Changes every docstring as it is read, and hides private arguments."""

    def on_class_members(self, *, cls: Any, **_: Any) -> None:
        """Results are made by studies: what takes private arguments is shown without any."""
        if any(name.startswith("_") and one.is_attribute for name, one in cls.members.items()):
            cls.set_member("__init__", griffe.Function("__init__", parameters=griffe.Parameters()))

    def on_object(self, *, obj: Any, loader: Any, **_: Any) -> None:  # noqa: ARG002 # by Griffe
        if obj.docstring is not None:
            obj.docstring.value = as_markdown(obj.docstring.value)
