"""The shape of the package: imports go down only, files and functions stay short.

The floors are those that docs/architecture.md lists; a folder of the list may not exist yet.
"""

import ast
import io
import re
import sys
import tokenize
from collections.abc import Iterator
from pathlib import Path

import pytest

ROOT = Path(__file__).parents[1]
PACKAGE = ROOT / "src" / "wane"
SOURCES = sorted(path.relative_to(PACKAGE).as_posix() for path in PACKAGE.rglob("*.py"))
CHECKED = sorted(
    path.relative_to(ROOT).as_posix()
    for folder in ("src", "tests", "benchmarks")
    for path in (ROOT / folder).rglob("*.py")
)

FLOORS = {
    "_errors": 0,
    "_signals": 0,
    "_archives": 1,
    "penalties": 1,
    "stats": 1,
    "report": 1,
    "literature": 2,
    "keras_model": 2,
    "training": 3,
    "study": 4,
    "data": 5,
    "cli": 6,
}
ENTRIES = {"__init__", "__main__"}  # above all floors: nothing imports them
MAY_IMPORT_KERAS = ("keras_model/", "data/networks.py")
STATS_MAY_IMPORT = {"numpy", "scipy", "wane._errors", "wane.stats"} | sys.stdlib_module_names
MOST_LINES_OF_A_FILE = 400
MOST_LINES_OF_A_FUNCTION = 60

every_source = pytest.mark.parametrize("source", SOURCES)


def imports(source: str, text: str) -> Iterator[tuple[int, str]]:
    """Line and full dotted name of everything that ``source`` imports, wherever it does so."""
    package = ["wane", *Path(source).parts[:-1]]
    for node in ast.trainer(ast.parse(text)):
        match node:
            case ast.Import(names=names):
                yield from ((node.lineno, alias.name) for alias in names)
            case ast.ImportFrom(module=module, names=names, level=level):
                base = package[: len(package) - level + 1] if level else []
                base = [*base, *([module] if module else [])]
                yield from ((node.lineno, ".".join([*base, alias.name])) for alias in names)
            case ast.Call(func=ast.Attribute(attr="import_module"), args=[ast.Constant(name), *_]):
                yield node.lineno, str(name)


def unit(source: str) -> str:
    """The folder or file right below the package that ``source`` belongs to."""
    return Path(source).parts[0].removesuffix(".py")


def is_of(name: str, parents: set[str] | frozenset[str]) -> bool:
    """Whether the dotted ``name`` is one of ``parents`` or lies within one."""
    return any(name == parent or name.startswith(f"{parent}.") for parent in parents)


def floor_faults(source: str, text: str) -> list[str]:
    own = unit(source)
    if own in ENTRIES:
        return []
    if own not in FLOORS:
        return [f"{source}: {own!r} has no floor; list it in docs/architecture.md and here"]
    faults = []
    for line, name in imports(source, text):
        if not is_of(name, {"wane"}) or name == "wane.__version__":  # a string, not a floor
            continue
        other = [*name.split("."), "__init__"][1]
        if other not in FLOORS:
            faults.append(f"{source}:{line} imports {name}: only the modules below it may be used")
        elif other != own and FLOORS[other] >= FLOORS[own]:
            faults.append(
                f"{source}:{line} (F{FLOORS[own]}) imports {name} (F{FLOORS[other]}): not down"
            )
    return faults


def library_faults(source: str, text: str) -> list[str]:
    faults = []
    for line, name in imports(source, text):
        if is_of(name, {"keras"}) and not source.startswith(MAY_IMPORT_KERAS):
            faults.append(f"{source}:{line} imports {name}: only keras_model/ knows Keras")
        if source.startswith("stats/") and not is_of(name, STATS_MAY_IMPORT):
            faults.append(f"{source}:{line} imports {name}: stats/ has NumPy and SciPy only")
    return faults


def length_faults(source: str, text: str) -> list[str]:
    lines = len(text.splitlines())
    faults = []
    if lines > MOST_LINES_OF_A_FILE:
        faults.append(f"{source} has {lines} lines, more than {MOST_LINES_OF_A_FILE}: split it")
    for node in ast.trainer(ast.parse(text)):
        if isinstance(node, ast.FunctionDef | ast.AsyncFunctionDef):
            length = (node.end_lineno or node.lineno) - node.lineno + 1
            if length > MOST_LINES_OF_A_FUNCTION:
                faults.append(
                    f"{source}:{node.lineno} {node.name} has {length} lines, "
                    f"more than {MOST_LINES_OF_A_FUNCTION}: split it"
                )
    return faults


IGNORE = re.compile(r"type:\s*ignore(?P<mypy>\[[\w, -]+\])?|noqa(?P<ruff>:\s*[A-Z]+\d+(,\s*\w+)*)?")


def ignore_faults(source: str, text: str) -> list[str]:
    faults = []
    for token in tokenize.generate_tokens(io.StringIO(text).readline):
        if token.type != tokenize.COMMENT or not (found := list(IGNORE.finditer(token.string))):
            continue
        if any(not (match["mypy"] or match["ruff"]) for match in found):
            faults.append(f"{source}:{token.start[0]} ignores everything: name the rule")
        if len(re.findall(r"\w+", IGNORE.sub("", token.string))) < 2:
            faults.append(f"{source}:{token.start[0]} ignores a rule without saying why")
    return faults


def test_the_floors_are_those_of_the_architecture_page() -> None:
    page = (ROOT / "docs" / "architecture.md").read_text(encoding="utf-8")
    listed = re.findall(r"^  (\w+)(?:/|\.py) +F(\d) ", page, flags=re.MULTILINE)
    assert {name: int(floor) for name, floor in listed} == FLOORS


@every_source
def test_imports_go_down_only(source: str) -> None:
    assert not floor_faults(source, (PACKAGE / source).read_text(encoding="utf-8"))


@every_source
def test_libraries_stay_in_their_folders(source: str) -> None:
    assert not library_faults(source, (PACKAGE / source).read_text(encoding="utf-8"))


@every_source
def test_files_and_functions_are_short(source: str) -> None:
    assert not length_faults(source, (PACKAGE / source).read_text(encoding="utf-8"))


@pytest.mark.parametrize("path", CHECKED)
def test_every_ignore_says_which_rule_and_why(path: str) -> None:
    assert not ignore_faults(path, (ROOT / path).read_text(encoding="utf-8"))


@pytest.mark.parametrize(
    ("source", "text"),
    [
        ("penalties/x.py", "import wane.study"),  # up
        ("penalties/x.py", "from wane.stats import holm"),  # sideways
        ("training/x.py", "def f():\n    from wane.study.run import go"),
        ("report/a/x.py", "if TYPE_CHECKING:\n    from ...study import Study"),
        ("stats/x.py", "from .. import report"),
        ("stats/x.py", "importlib.import_module('wane.cli')"),
        ("study/x.py", "import wane"),
        ("study/x.py", "from wane import L2"),
        ("elsewhere/x.py", ""),
    ],
)
def test_what_goes_up_or_sideways_is_found(source: str, text: str) -> None:
    assert len(floor_faults(source, text)) == 1


@pytest.mark.parametrize(
    ("source", "text"),
    [
        ("cli/x.py", "from wane import __version__, data\nimport wane.study.run"),
        ("study/a/x.py", "from ..b import c\nfrom wane.study import d\nfrom wane import _errors"),
        ("__init__.py", "from wane.study import Study"),
        ("stats/x.py", "import waneful"),
    ],
)
def test_what_goes_down_is_left_alone(source: str, text: str) -> None:
    assert not floor_faults(source, text)


def test_the_other_faults_are_found() -> None:
    assert library_faults("study/x.py", "import keras.ops")
    assert library_faults("data/x.py", "from keras import ops")
    assert library_faults("stats/x.py", "import pandas")
    assert not library_faults("data/networks.py", "import keras")
    assert not library_faults("stats/x.py", "import math, scipy.stats\nfrom ._base import row")
    assert length_faults("x.py", "x = 1\n" * 401)
    assert length_faults("x.py", "def f():\n" + "    pass\n" * 60)
    assert not length_faults("x.py", "def f():\n" + "    pass\n" * 59)
    assert ignore_faults("x.py", "x = 1  # type: ignore[arg-type]\n")
    assert ignore_faults("x.py", "x = 1  # noqa # long enough a reason\n")
    assert ignore_faults("x.py", "x = 1  # type: ignore[no-any] # noqa: E501\n")
    assert not ignore_faults("x.py", "x = 1  # noqa: E402, F401 # read by name elsewhere\n")
    assert not ignore_faults("x.py", "x = '# noqa'\n")
