"""What importing wane, and starting its command line, does to a fresh interpreter."""

import ast
import json
import os
import subprocess
import sys
from collections.abc import Callable
from pathlib import Path

import pytest

import wane

HEAVY = ("jax", "keras", "pandas", "matplotlib", "sklearn", "scipy")
LOADED = f"sorted(set({HEAVY}) & set(sys.modules))"
BACKEND = "os.environ.get('KERAS_BACKEND')"

Fresh = Callable[..., object]


@pytest.fixture
def fresh(tmp_path: Path) -> Fresh:
    """Runs lines in a new interpreter and gives the value of an expression after them.

    That interpreter belongs to a user who has chosen no backend, unless ``backend`` is the value of
    KERAS_BACKEND or ``config`` the content of keras.json.
    """

    def run(
        lines: str, result: str, *, backend: str | None = None, config: str | None = None
    ) -> object:
        environment = {k: v for k, v in os.environ.items() if k != "KERAS_BACKEND"}
        environment["KERAS_HOME"] = str(tmp_path)
        if backend is not None:
            environment["KERAS_BACKEND"] = backend
        if config is not None:
            (tmp_path / "keras.json").write_text(config, encoding="utf-8")
        program = f"import json, os, sys\n{lines}\nprint(json.dumps({result}), file=sys.stderr)"
        done = subprocess.run(
            [sys.executable, "-c", program], env=environment, capture_output=True, text=True
        )
        assert done.returncode == 0, done.stderr
        return json.loads(done.stderr.splitlines()[-1])

    return run


def test_importing_wane_loads_nothing_heavy(fresh: Fresh) -> None:
    assert fresh("import wane", LOADED) == []


def test_importing_wane_configures_no_logging(fresh: Fresh) -> None:
    lines = "import logging, wane; own, root = logging.getLogger('wane'), logging.getLogger()"
    result = "[[type(h).__name__ for h in own.handlers], own.level, own.propagate, root.handlers]"
    assert fresh(lines, result) == [["NullHandler"], 0, True, []]


def test_the_public_names_are_listed_without_loading_them(fresh: Fresh) -> None:
    assert fresh("import wane; dir(wane)", LOADED) == []


def test_help_loads_no_jax(fresh: Fresh) -> None:
    lines = (
        "import runpy\n"
        "sys.argv = ['wane', '--help']\n"
        "try:\n"
        "    runpy.run_module('wane', run_name='__main__')\n"
        "except SystemExit as stop:\n"
        "    assert not stop.code, stop.code"
    )
    assert fresh(lines, LOADED) == []


def test_watching_a_study_loads_nothing_heavy(fresh: Fresh) -> None:
    lines = "import pathlib, wane.live.serving\nwane.live.serving.WatchedStudy(pathlib.Path())"
    assert fresh(f"{lines}.refresh()", LOADED) == []


def test_presets_and_conversion_load_nothing_heavy(fresh: Fresh) -> None:
    lines = "import wane\nwane.presets['vgg'].penalties\nwane.convert(1.0, 'pytorch-sgd')"
    assert fresh(lines, LOADED) == []


def test_jax_is_chosen_where_nothing_is(fresh: Fresh) -> None:
    assert fresh("import wane", BACKEND) == "jax"


@pytest.mark.parametrize("config", ['{"backend": "tensorflow"}', "{}", "no JSON", "[]"])
def test_what_keras_writes_by_itself_or_cannot_read_is_no_choice(fresh: Fresh, config: str) -> None:
    assert fresh("import wane", BACKEND, config=config) == "jax"


def test_an_empty_variable_is_no_choice(fresh: Fresh) -> None:
    assert fresh("import wane", BACKEND, backend="") == "jax"


@pytest.mark.parametrize("backend", ["torch", "tensorflow"])
def test_the_users_variable_is_left_alone(fresh: Fresh, backend: str) -> None:
    assert fresh("import wane", BACKEND, backend=backend) == backend


def test_the_users_keras_json_is_left_alone(fresh: Fresh) -> None:
    assert fresh("import wane", BACKEND, config='{"backend": "torch"}') is None


@pytest.mark.thorough
def test_a_keras_that_is_running_is_left_alone(fresh: Fresh) -> None:
    lines = "import keras\ndel os.environ['KERAS_BACKEND']\nimport wane"
    assert fresh(lines, BACKEND, backend="jax") is None


@pytest.mark.thorough
def test_keras_then_starts_on_jax(fresh: Fresh) -> None:
    assert fresh("import wane, keras", "keras.config.backend()") == "jax"


def at_once(source: Path) -> set[str]:
    """Full names of what a module imports as it is imported itself, without what waits."""
    tree = ast.parse(source.read_text(encoding="utf-8"))
    froms = [node for node in tree.body if isinstance(node, ast.ImportFrom)]
    plain = [node for node in tree.body if isinstance(node, ast.Import)]
    names = {f"{node.module}.{alias.name}" for node in froms for alias in node.names}
    return names | {alias.name for node in plain for alias in node.names}


@pytest.mark.parametrize("room", ["wane.keras_model.editing", "wane.literature"])
def test_models_of_other_backends_are_edited_without_jax(room: str) -> None:
    """Regression: a check of model files loaded a room that needs JAX."""
    package = Path(wane.__file__).parent
    files = {
        ".".join(["wane", *path.relative_to(package).with_suffix("").parts]): path
        for path in package.rglob("*.py")
    }
    found: dict[str, str] = {}
    left = [(name, name) for name in files if name.startswith(room)]
    while left:
        name, way = left.pop()
        parts = name.split(".")
        for end in range(1, len(parts) + 1):
            one = ".".join(parts[:end])
            one = one if one in files else f"{one}.__init__"
            if one in files and one not in found:
                found[one] = way
                left += [(other, f"{way} > {other}") for other in at_once(files[one])]
        assert not name.startswith("jax"), way
    assert len(found) > 20
