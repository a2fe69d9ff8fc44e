"""The shape of the package: imports go down only, rooms, files and functions stay small.

The rooms and floors are those that docs/architecture.md lists.
"""

import ast
import io
import re
import sys
import tokenize
from collections.abc import Iterator, Mapping
from pathlib import Path

import pytest

import wane

ROOT = Path(__file__).parents[1]
PACKAGE = ROOT / "src" / "wane"
SOURCES = sorted(path.relative_to(PACKAGE).as_posix() for path in PACKAGE.rglob("*.py"))
CHECKED = sorted(
    path.relative_to(ROOT).as_posix()
    for folder in ("src", "tests", "benchmarks", "calibration")
    for path in (ROOT / folder).rglob("*.py")
)

FLOORS = {
    "_version": 0,
    "_errors": 0,
    "_language": 1,
    "_renamed": 2,
    "_archives": 1,
    "cli/process": 3,
    "penalties": 2,
    "stats": 2,
    "stats/laplace": 2,
    "resampling": 2,
    "resampling/ties": 2,
    "resampling/streams": 1,
    "report": 2,
    "report/charts": 3,
    "report/charts/predicted": 3,
    "report/display": 2,
    "report/figures": 2,
    "report/figures/compared": 2,
    "report/figures/predicted": 2,
    "report/figures/spaces": 3,
    "report/web": 4,
    "training/lowering": 2,
    "literature": 3,
    "keras_model": 3,
    "keras_model/backend": 3,
    "data/batches": 2,
    "data/reading": 3,
    "data": 4,
    "data/images": 4,
    "data/ties": 4,
    "keras_model/bridge": 4,
    "keras_model/initial": 4,
    "keras_model/editing": 4,
    "keras_model/checks": 5,
    "keras_model/curvature": 5,
    "keras_model/crossing": 5,
    "training": 5,
    "study/spec": 6,
    "study/spec/spaces": 6,
    "study/journal": 7,
    "study/measures": 8,
    "study/search": 8,
    "study/running": 9,
    "study/running/further": 9,
    "prediction": 9,
    "live": 9,
    "study/laplace": 9,
    "study/references": 9,
    "study/exports": 9,
    "study/cluster": 10,
    "study/evaluation": 10,
    "study/evaluation/compared": 10,
    "study/verdicts": 11,
    "study/verdicts/beside": 11,
    "study/results": 12,
    "study/results/parts": 12,
    "study": 13,
    "study/drawing": 13,
    "study/tuning": 13,
    "study/worker": 13,
    "cli/config": 14,
    "cli/display": 14,
    "estimators": 14,
    "cli": 14,
    "cli/finished": 14,
    "cli/made": 14,
}
"""The floor of each room, and of each file beside the rooms."""
INSIDE = {
    "cli": {"cli/config", "cli/display", "cli/finished", "cli/made"},
    "data": {"data/images", "data/ties"},
    "report": {
        "report/display",
        "report/figures",
        "report/figures/compared",
        "report/figures/predicted",
    },
    "report/charts": {"report/charts/predicted"},
    "report/figures": {"report/figures/compared", "report/figures/predicted"},
    "resampling": {"resampling/ties"},
    "study": {"study/drawing", "study/tuning", "study/worker"},
    "study/evaluation": {"study/evaluation/compared"},
    "study/results": {"study/results/parts"},
    "study/running": {"study/running/further"},
    "study/spec": {"study/spec/spaces"},
    "study/verdicts": {"study/verdicts/beside"},
}
"""Rooms that are a part of another one on the same floor, which alone may import them."""
IMPORTERS = {"import_module", "__import__"}
OF_THE_WHOLE = {
    "benchmarks",
    "calibration",
    "ci",
    "contributing",
    "docstrings",
    "floors",
    "guide",
    "import",
    "penalties_page",
    "published_case",
    "readme",
    "trackers_page",
    "scaling_benchmarks",
    "scikit_learn_page",
    "search_benchmark",
    "site",
    "site_blocks",
    "surprises",
    "chinese_pages",
}
"""What is tested beside the rooms, without the files that lie there."""
ENTRIES = {"__init__", "__main__"}  # above all floors: nothing imports them
MAY_IMPORT_KERAS = ("keras_model/", "data/networks.py")
STATS_MAY_IMPORT = {"numpy", "scipy", "wane._errors", "wane.stats"} | sys.stdlib_module_names
MOST_MODULES_OF_A_ROOM = 12
MOST_LINES_OF_A_ROOM = 2000
MOST_LINES_OF_A_FILE = 400
MOST_LINES_OF_A_FUNCTION = 60
LARGEST_CIRCLE = 2

every_source = pytest.mark.parametrize("source", SOURCES)
every_room = pytest.mark.parametrize("room", sorted(set(FLOORS) - {s[:-3] for s in SOURCES}))


def imports(source: str, text: str) -> Iterator[tuple[int, str]]:
    """Line and full dotted name of everything that ``source`` imports, wherever it does so."""
    package = ["wane", *Path(source).parts[:-1]]
    for node in ast.walk(ast.parse(text)):
        match node:
            case ast.Import(names=names):
                yield from ((node.lineno, alias.name) for alias in names)
            case ast.ImportFrom(module=module, names=names, level=level):
                base = package[: len(package) - level + 1] if level else []
                base = [*base, *([module] if module else [])]
                yield from ((node.lineno, ".".join([*base, alias.name])) for alias in names)
            case ast.Call(func=ast.Attribute(attr=called) | ast.Name(id=called)) if (
                called in IMPORTERS
            ):
                given = [*node.args[:1], *(k.value for k in node.keywords if k.arg == "name")]
                found = [str(one.value) for one in given if isinstance(one, ast.Constant)]
                yield from ((node.lineno, absolute(one, package)) for one in found)


def absolute(name: str, package: list[str]) -> str:
    """The full name of one that may begin with points, as ``..study`` in a package."""
    own = name.lstrip(".")
    level = len(name) - len(own)
    return ".".join([*package[: len(package) - level + 1], own]) if level else own


def unit(source: str) -> str:
    """The room that ``source`` is in, or the file beside the rooms that it is."""
    path = Path(source)
    return path.parent.as_posix() if len(path.parts) > 1 else path.stem


def unit_of(name: str) -> str | None:
    """The room or file of a dotted name, such as ``wane.study.spec.spec.StudySpec``."""
    parts = name.split(".")[1:] or ["__init__"]
    for end in range(len(parts), 0, -1):
        if "/".join(parts[:end]) in FLOORS:
            return "/".join(parts[:end])
    return parts[0] if parts[0] in ENTRIES else None


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
        if not is_of(name, {"wane"}):
            continue
        other = unit_of(name)
        if other not in FLOORS:
            faults.append(f"{source}:{line} imports {name}: only the rooms below it may be used")
        elif other == own or other in INSIDE.get(own, ()) or own in INSIDE.get(other, ()):
            continue
        elif FLOORS[other] >= FLOORS[own]:
            faults.append(
                f"{source}:{line} (F{FLOORS[own]}) imports {name} (F{FLOORS[other]}): not down"
            )
    return faults


def module_graph(texts: Mapping[str, str]) -> dict[str, set[str]]:
    """For each module the modules that it imports, wherever it does so.

    A room's ``__init__`` is one of them, by the name of the room; that of wane gathers names only.
    """
    names = {source: source[:-3].replace("/", ".").removesuffix(".__init__") for source in texts}
    modules = {name: source for source, name in names.items() if name not in ENTRIES}
    graph: dict[str, set[str]] = {name: set() for name in modules}
    for module, source in modules.items():
        for _, name in imports(source, texts[source]):
            target = name.removeprefix("wane.")
            found = [other for other in modules if is_of(target, {other})]
            graph[module] |= {max(found, key=len)} - {module} if found else set()
    return graph


def circles(graph: Mapping[str, set[str]]) -> list[set[str]]:
    """The strongly connected components of more than one module (Tarjan 1972)."""
    index: dict[str, int] = {}
    low: dict[str, int] = {}
    stack: list[str] = []
    found: list[set[str]] = []

    def visit(node: str) -> None:
        index[node] = low[node] = len(index)
        stack.append(node)
        for other in graph[node]:
            if other not in index:
                visit(other)
                low[node] = min(low[node], low[other])
            elif other in stack:
                low[node] = min(low[node], index[other])
        if low[node] == index[node]:
            component: set[str] = set()
            while node not in component:
                component.add(stack.pop())
            if len(component) > 1:
                found.append(component)

    for node in graph:
        if node not in index:
            visit(node)
    return found


def circle_faults(texts: Mapping[str, str]) -> list[str]:
    large = [sorted(one) for one in circles(module_graph(texts)) if len(one) > LARGEST_CIRCLE]
    return [f"{', '.join(one)} import each other, more than {LARGEST_CIRCLE}" for one in large]


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
    for node in ast.walk(ast.parse(text)):
        if isinstance(node, ast.FunctionDef | ast.AsyncFunctionDef):
            length = (node.end_lineno or node.lineno) - node.lineno + 1
            if length > MOST_LINES_OF_A_FUNCTION:
                faults.append(
                    f"{source}:{node.lineno} {node.name} has {length} lines, "
                    f"more than {MOST_LINES_OF_A_FUNCTION}: split it"
                )
    return faults


def room_faults(room: str, texts: Mapping[str, str]) -> list[str]:
    """What is wrong with a room, whose modules and ``__init__`` have these texts by file name."""
    faults = []
    modules = sorted(set(texts) - {"__init__.py"})
    if len(modules) > MOST_MODULES_OF_A_ROOM:
        faults.append(f"{room}/ has {len(modules)} modules, more than {MOST_MODULES_OF_A_ROOM}")
    lines = sum(len(text.splitlines()) for text in texts.values())
    if lines > MOST_LINES_OF_A_ROOM:
        faults.append(f"{room}/ has {lines} lines, more than {MOST_LINES_OF_A_ROOM}")
    job = (ast.get_docstring(ast.parse(texts.get("__init__.py", ""))) or "").split("\n")[0]
    if len(job.split()) < 4:
        faults.append(f"{room}/__init__.py does not say the room's job in one line")
    if "/" not in room and callable(getattr(wane, room, None)):
        faults.append(f"{room}/ is called as wane.{room}() is: importing it would overwrite that")
    return faults


def texts_of(room: str) -> dict[str, str]:
    return {path.name: path.read_text("utf-8") for path in (PACKAGE / room).glob("*.py")}


IGNORE = re.compile(
    r"type:\s*ignore(?P<mypy>\[[\w, -]+\])?|noqa(?P<ruff>:\s*[A-Z]+\d+(,\s*\w+)*)?"
    r"|mypy:\s*ignore[-_]errors",
    re.IGNORECASE,
)


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
    listed = re.findall(r"^\| `([\w/]+?)/?(?:\.py)?` \| F(\d+) \|", page, flags=re.MULTILINE)
    assert {name: int(floor) for name, floor in listed} == FLOORS


@every_source
def test_imports_go_down_only(source: str) -> None:
    assert not floor_faults(source, (PACKAGE / source).read_text(encoding="utf-8"))


def test_no_more_than_two_modules_know_each_other() -> None:
    texts = {source: (PACKAGE / source).read_text(encoding="utf-8") for source in SOURCES}
    assert not circle_faults(texts)


@every_source
def test_libraries_stay_in_their_folders(source: str) -> None:
    assert not library_faults(source, (PACKAGE / source).read_text(encoding="utf-8"))


@every_source
def test_files_and_functions_are_short(source: str) -> None:
    assert not length_faults(source, (PACKAGE / source).read_text(encoding="utf-8"))


@every_room
def test_rooms_are_small_and_say_their_job(room: str) -> None:
    assert not room_faults(room, texts_of(room))


@pytest.mark.parametrize("path", CHECKED)
def test_every_ignore_says_which_rule_and_why(path: str) -> None:
    assert not ignore_faults(path, (ROOT / path).read_text(encoding="utf-8"))


def mirror_faults(test: str) -> list[str]:
    """What is wrong with where a test lies, by its path below tests/."""
    path = Path(test)
    room = path.parent.as_posix()
    name = path.stem.removeprefix("test_")
    if room == ".":
        beside = {source[:-3].lstrip("_") for source in SOURCES if "/" not in source}
        if name in OF_THE_WHOLE | beside:
            return []
        return [f"tests/{test}: lay it into the folder of its room, or list it in OF_THE_WHOLE"]
    if room not in FLOORS:
        return [f"tests/{test}: there is no room {room!r}"]
    modules = {Path(name).stem for name in texts_of(room)} - ENTRIES
    if any(name == module or name.startswith(f"{module}_") for module in modules):
        return []
    return [f"tests/{test}: {room}/ has no module whose name begins it"]


@pytest.mark.parametrize(
    "test",
    sorted(p.relative_to(ROOT / "tests").as_posix() for p in (ROOT / "tests").rglob("test_*.py")),
)
def test_tests_mirror_the_rooms(test: str) -> None:
    assert not mirror_faults(test)


@pytest.mark.parametrize(
    ("source", "text"),
    [
        ("penalties/x.py", "import wane.study"),  # up
        ("penalties/x.py", "from wane.stats import holm"),  # sideways
        ("training/x.py", "def f():\n    from wane.study.run import go"),
        ("report/a/x.py", "if TYPE_CHECKING:\n    from ...study import Study"),
        ("report/x.py", "if TYPE_CHECKING:\n    from ..study import Study"),
        ("stats/x.py", "from .. import report"),
        ("stats/x.py", "importlib.import_module('wane.cli')"),
        ("stats/x.py", "import_module(name='wane.cli')"),
        ("study/spec/x.py", "import_module('..results', __package__)"),
        ("stats/x.py", "__import__('wane.cli')"),
        ("study/x.py", "import wane"),
        ("study/x.py", "from wane import L2"),
        ("study/spec/x.py", "from wane.study import Study"),
        ("study/journal/x.py", "from wane.study.running.session import Session"),
        ("keras_model/bridge/x.py", "from wane.keras_model.editing.advice import advice"),
        ("elsewhere/x.py", ""),
    ],
)
def test_what_goes_up_or_sideways_is_found(source: str, text: str) -> None:
    assert len(floor_faults(source, text)) == 1


@pytest.mark.parametrize(
    ("source", "text"),
    [
        ("cli/x.py", "from wane._version import __version__\nimport wane.study.run"),
        ("study/x.py", "from wane.study.spec.spec import StudySpec\nfrom wane import _errors"),
        ("study/running/x.py", "from ..journal import journal\nfrom .session import Session"),
        ("report/x.py", "from wane.report.figures import png"),
        ("__init__.py", "from wane.study import Study"),
        ("stats/x.py", "import waneful"),
    ],
)
def test_what_goes_down_is_left_alone(source: str, text: str) -> None:
    assert not floor_faults(source, text)


def test_circles_are_found() -> None:
    chain = {"a": {"b"}, "b": {"c"}, "c": set[str]()}
    assert circles(chain) == []
    assert circles({**chain, "c": {"a"}}) == [{"a", "b", "c"}]
    texts = {
        "study/a.py": "from wane.study.b import x",
        "study/b.py": "if TYPE_CHECKING:\n    from wane.study.c import y",
        "study/c.py": "def f():\n    from wane.study.a import z",
        "study/__init__.py": "from wane.study.a import x",
    }
    assert circles(module_graph(texts)) == [{"study.a", "study.b", "study.c"}]
    assert len(circle_faults(texts)) == 1
    gathered = {**texts, "study/c.py": "def f():\n    from wane.study import x"}
    assert circles(module_graph(gathered)) == [{"study", "study.a", "study.b", "study.c"}]
    assert not circle_faults({**texts, "study/c.py": "y = 1"})


def test_the_other_faults_are_found() -> None:
    assert library_faults("study/x.py", "import keras.ops")
    assert library_faults("data/x.py", "from keras import ops")
    assert library_faults("stats/x.py", "import pandas")
    assert library_faults("study/x.py", "__import__('keras')")
    assert not library_faults("data/networks.py", "import keras")
    assert not library_faults("stats/x.py", "import math, scipy.stats\nfrom ._base import row")
    assert length_faults("x.py", "x = 1\n" * 401)
    assert length_faults("x.py", "def f():\n" + "    pass\n" * 60)
    assert not length_faults("x.py", "def f():\n" + "    pass\n" * 59)
    assert ignore_faults("x.py", "x = 1  # type: ignore[arg-type]\n")
    assert ignore_faults("x.py", "x = 1  # noqa # long enough a reason\n")
    assert ignore_faults("x.py", "x = 1  # type: ignore[no-any] # noqa: E501\n")
    assert ignore_faults("x.py", "x = 1  # NOQA # long enough a reason\n")
    assert ignore_faults("x.py", "# mypy: ignore-errors # long enough a reason\n")
    assert not ignore_faults("x.py", "x = 1  # noqa: E402, F401 # read by name elsewhere\n")
    assert not ignore_faults("x.py", "x = '# noqa'\n")
    job = {"__init__.py": '"""What it is all about."""'}
    assert not room_faults("stats", {**job, **{f"m{n}.py": "" for n in range(12)}})
    assert room_faults("stats", {**job, **{f"m{n}.py": "" for n in range(13)}})
    assert room_faults("stats", {**job, "long.py": "x = 1\n" * 2000})
    assert room_faults("stats", {"__init__.py": ""})
    assert room_faults("shrink", job)
    assert mirror_faults("elsewhere/test_holm.py")
    assert mirror_faults("stats/test_everything.py")
    assert mirror_faults("test_intervals.py")
    assert not mirror_faults("test_renamed.py")
    assert not mirror_faults("stats/test_intervals_of_pairs.py")
