"""Every public name is documented: arguments, what it returns and raises, and an example that runs.

So is every method and property; its example goes on from that of its class, which makes what it
speaks of. Where a fault is, the name of the failing case says it. The examples run in one process,
so that they share the programs that are compiled.
"""

import ast
import contextlib
import dataclasses
import doctest
import functools
import importlib
import inspect
import io
import itertools
import re
import textwrap
from collections.abc import Callable, Iterator
from types import ModuleType
from typing import Any

import pytest

import wane
import wane.data

WRITTEN_BELOW = {"Candidate": "wane.penalties.candidates"}
"""Public names that hold no docstring: it stands below their assignment in this module."""
SECTIONS = ("Args", "Attributes", "Returns", "Raises", "Example")
OF_DATA = ("Problem", "default_network", "read_arrays", "read_images", "read_table")
"""Names of ``wane.data`` that are in the reference."""
every_name = pytest.mark.parametrize("name", [*wane.__all__, *(f"data.{one}" for one in OF_DATA)])


def named(name: str) -> Any:
    """What stands under a name of ``wane``, or of ``wane.data``."""
    of_data = name.removeprefix("data.")
    return getattr(wane, name) if of_data == name else getattr(wane.data, of_data)


def docstring(name: str) -> str:
    """The docstring of a public name, without its indentation."""
    if name not in WRITTEN_BELOW:
        return inspect.getdoc(named(name)) or ""
    body = ast.parse(inspect.getsource(importlib.import_module(WRITTEN_BELOW[name]))).body
    for statement, following in itertools.pairwise(body):
        match statement, following:
            case (
                ast.Assign(targets=[ast.Name(id=found)]),
                ast.Expr(value=ast.Constant(value=str(text))),
            ) if found == name:
                return inspect.cleandoc(text)
    return ""


def sections(text: str) -> dict[str, str]:
    """The sections of a docstring by their names: the indented lines below each heading."""
    found: dict[str, str] = {}
    for name in SECTIONS:
        parts = re.findall(rf"^{name}:\n((?:    .*\n|\n)*)", f"{text}\n", re.MULTILINE)
        assert len(parts) <= 1, f"{name} stands there {len(parts)} times"
        if parts:
            found[name] = parts[0]
    return found


def entries(section: str) -> set[str]:
    """The names that a section describes, ``a`` and ``b`` of ``a, b: both numbers``."""
    items = re.findall(r"^    (?! )([^:]*(?:\n     [^:]*)*):", section, re.MULTILINE)
    return {name.strip(" *") for item in items for name in re.split(r",\s*", item)}


def parameters(function: Callable[..., Any]) -> set[str]:
    return set(inspect.signature(function).parameters) - {"self", "cls"}


def raised(function: Callable[..., Any]) -> set[str]:
    """The exceptions that a function itself raises."""
    tree = ast.parse(textwrap.dedent(inspect.getsource(inspect.unwrap(function))))
    return {
        node.exc.func.id
        for node in ast.walk(tree)
        if isinstance(node, ast.Raise)
        and isinstance(node.exc, ast.Call)
        and isinstance(node.exc.func, ast.Name)
    }


def classes_of(owner: type) -> list[type]:
    """The class and those of its bases that wane defines."""
    return [cls for cls in owner.__mro__ if cls.__module__.startswith("wane.")]


def members(owner: type) -> Iterator[tuple[str, Callable[..., Any]]]:
    """The public methods and properties that wane defines, by their names.

    What overrides a method of another library, as callbacks do, is documented there.
    """
    own = classes_of(owner)
    seen = {name for cls in owner.__mro__ if cls not in own for name in vars(cls)}
    for cls in own:
        for name, value in vars(cls).items():
            if name.startswith("_") or name in seen:
                continue
            seen.add(name)
            if isinstance(value, property) and value.fget is not None:
                yield name, value.fget
            elif isinstance(value, functools.cached_property):
                yield name, value.func
            elif isinstance(value, classmethod | staticmethod):
                yield name, value.__func__
            elif inspect.isfunction(value):
                yield name, value


def function_faults(name: str, function: Callable[..., Any], text: str) -> Iterator[str]:
    """What the docstring of a function or method lacks."""
    parts = sections(text)
    if not text:
        yield f"{name} has no docstring"
        return
    described, taken = entries(parts.get("Args", "")), parameters(function)
    for one in sorted(taken - described):
        yield f"{name} does not describe its argument {one}"
    for one in sorted(described - taken):
        yield f"{name} describes an argument {one}, which it does not take"
    returned = inspect.signature(function).return_annotation
    if taken and returned not in (None, "None", inspect.Signature.empty) and "Returns" not in parts:
        yield f"{name} does not say what it returns"
    for one in sorted(raised(function) - entries(parts.get("Raises", ""))):
        yield f"{name} raises {one} and does not say so"


def class_faults(name: str, cls: type) -> Iterator[str]:
    """What the docstrings of a class and of its members lack."""
    texts = [sections(inspect.cleandoc(one.__doc__ or "")) for one in classes_of(cls)]
    described = {
        one
        for parts in texts
        for section in ("Args", "Attributes")
        for one in entries(parts.get(section, ""))
    }
    made_by = [vars(cls)[one] for one in ("__init__", "__post_init__") if one in vars(cls)]
    if dataclasses.is_dataclass(cls):
        needed = {field.name for field in dataclasses.fields(cls) if field.name[0] != "_"}
        made_by = made_by[1:]  # the first is made, and not written
    else:
        needed = set().union(*map(parameters, made_by))
    for one in sorted(needed - described):
        yield f"{name} does not describe {one}"
    for one in sorted(set().union(*map(raised, made_by)) - entries(texts[0].get("Raises", ""))):
        yield f"{name} raises {one} and does not say so"
    for member, function in members(cls):
        text = inspect.getdoc(getattr(cls, member)) or ""
        yield from function_faults(f"{name}.{member}", function, text)
        if "Example" not in sections(text):
            yield f"{name}.{member} has no example"


def functions_of(module: ModuleType) -> dict[str, Callable[..., Any]]:
    """The public functions that a module defines."""
    return {
        name: value
        for name, value in vars(module).items()
        if name[0] != "_" and inspect.isfunction(value) and value.__module__ == module.__name__
    }


def faults(name: str) -> list[str]:
    """What the documentation of a public name lacks."""
    value, text = named(name), docstring(name)
    found = [] if "Example" in sections(text) else [f"{name} has no example"]
    if inspect.ismodule(value):
        for own, function in functions_of(value).items():
            text = inspect.getdoc(function) or ""
            found += function_faults(f"{name}.{own}", function, text)
            found += [] if "Example" in sections(text) else [f"{name}.{own} has no example"]
    elif inspect.isclass(value):
        found += class_faults(name, value)
    elif inspect.isfunction(value):
        found += function_faults(name, value, text)
    elif name not in WRITTEN_BELOW:
        found += class_faults(name, type(value))
    return found


@every_name
def test_it_says_what_it_takes_returns_and_raises(name: str) -> None:
    found = faults(name)
    assert not found, "\n".join(found)


Examples = list[tuple[str, str]]
"""Docstrings with examples by their names."""


def examples(name: str) -> dict[str, Examples]:
    """The docstrings with examples of a public name and of what it holds, by what they go on from.

    A method goes on from the example of the class that defines it, or else of the public one.
    """
    value = named(name)
    found: Examples = [(name, docstring(name))]
    if inspect.ismodule(value):
        found += [(f"{name}.{own}", f.__doc__ or "") for own, f in functions_of(value).items()]
        return {"": found}
    if inspect.isfunction(value) or name in WRITTEN_BELOW:
        return {"": found}
    public = value if inspect.isclass(value) else type(value)
    several = {"": found}
    for cls in reversed(classes_of(public)):
        begin = cls.__doc__ or ""
        if ">>>" not in begin:
            begin = inspect.getdoc(value) or ""
        own = [(f"{cls.__name__}.{one}", f.__doc__ or "") for one, f in members_of(cls)]
        several.setdefault(begin, []).extend(own)
    return several


def members_of(cls: type) -> Iterator[tuple[str, Callable[..., Any]]]:
    """Those of :func:`members` that the class defines itself."""
    return ((one, function) for one, function in members(cls) if one in vars(cls))


def run(examples: Examples, begin: str) -> tuple[int, str]:
    """How many examples have run, each after those with which all begin, and what failed."""
    runner = doctest.DocTestRunner(optionflags=doctest.NORMALIZE_WHITESPACE)
    failures = io.StringIO()

    def ran(text: str, own: str, names: dict[str, Any]) -> None:
        parsed = doctest.DocTestParser().get_doctest(text, names, own, None, None)
        names |= parsed.globs  # get_doctest takes a copy
        parsed.globs = names
        with contextlib.redirect_stderr(io.StringIO()):
            runner.run(parsed, out=failures.write, clear_globs=False)

    given: dict[str, Any] = {}
    ran(begin, "what the examples begin with", given)
    for own, text in examples:
        ran(text, own, dict(given))
    return runner.summarize(verbose=False).attempted, failures.getvalue()


@pytest.mark.thorough
@every_name
def test_its_examples_run(name: str) -> None:
    attempted = 0
    for begin, several in examples(name).items():
        count, failures = run(several, begin)
        assert failures == "", failures
        attempted += count
    assert attempted > 0


def test_an_example_goes_on_from_that_of_its_class() -> None:
    assert run([("f", ">>> a + 1\n3"), ("g", ">>> a = 5"), ("h", ">>> a\n2")], ">>> a = 2") == (
        4,
        "",
    )
    _, failures = run([("f", ">>> a + 1\n4")], ">>> a = 2")
    assert "Expected:\n    4\nGot:\n    3" in failures


def test_what_is_missing_is_found() -> None:
    def undocumented(rows: int, columns: int) -> int:
        """Their product.

        Args:
            rows, other: numbers.
        """
        if rows < 0:
            raise ValueError("rows")
        return rows * columns

    text = inspect.getdoc(undocumented) or ""
    assert list(function_faults("f", undocumented, text)) == [
        "f does not describe its argument columns",
        "f describes an argument other, which it does not take",
        "f does not say what it returns",
        "f raises ValueError and does not say so",
    ]
    assert list(function_faults("g", undocumented, "")) == ["g has no docstring"]
