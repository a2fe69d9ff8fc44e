"""Commands are loaded when they are called, and listed as if all were."""

import json
import os
import subprocess
import sys

import pytest
import typer
from typer.testing import CliRunner

from wane.cli import app
from wane.cli.commands import COMMANDS

LOADED = """
import contextlib, json, sys
sys.argv = ["wane", *sys.argv[1:]]
import wane.cli
with contextlib.suppress(SystemExit):
    wane.cli.main()
print(json.dumps(sorted(name for name in sys.modules if name.startswith("wane."))), flush=True)
print(json.dumps([name for name in ("jax", "keras", "pandas", "tomllib") if name in sys.modules]))
"""


def test_the_list_has_every_command_and_the_first_paragraph_of_its_help() -> None:
    group = typer.main.get_command(app)
    assert isinstance(group, typer.core.TyperGroup)
    assert list(group.commands) == list(COMMANDS)
    for name, command in group.commands.items():
        first = (command.help or "").split("\n\n")[0]
        assert " ".join(first.split()) == COMMANDS[name].help


def started(*arguments: str) -> tuple[str, set[str], list[str]]:
    """What a start of the command line prints, and which modules it has loaded."""
    done = subprocess.run(
        [sys.executable, "-c", LOADED, *arguments], env=os.environ | {"COLUMNS": "80"},
        capture_output=True, text=True, timeout=100, check=True,
    )  # fmt: skip
    *shown, own, others = done.stdout.splitlines()
    return "\n".join(shown) + done.stderr, set(json.loads(own)), json.loads(others)


def test_the_list_loads_no_command_and_is_that_of_all() -> None:
    shown, own, others = started("--help")
    runner = CliRunner(env={"COLUMNS": "80"})
    assert shown.split() == runner.invoke(app, ["--help"], prog_name="wane").output.split()
    assert not own & {command.path for command in COMMANDS.values()} and not others


@pytest.mark.parametrize("mistyped", ["study moons --epoch 3", "studdy moons", "diff", "--versio"])
def test_a_mistake_is_found_before_anything_heavy_is_loaded(mistyped: str) -> None:
    named = mistyped.split()[0]
    shown, own, others = started(*mistyped.split())
    assert "rror" in shown and not others
    wanted = {COMMANDS[named].path} if named in COMMANDS else set()
    assert own & {command.path for command in COMMANDS.values()} == wanted


def test_every_command_is_found_by_its_name() -> None:
    for name in COMMANDS:
        shown, _, others = started(name, "--help")
        assert f"Usage: wane {name} " in shown and not others


def test_resume_has_the_options_of_the_commands_that_it_calls() -> None:
    """Regression: of commands that nobody named it knew no option, and so resumed nothing."""
    code = (
        "import typer\n"
        "from wane.cli.application import app\n"
        "from wane.cli.commands import load\n"
        "load('resume')\n"
        "group = typer.main.get_command(app)\n"
        "print(*[len(group.commands[name].params) for name in ('study', 'compare', 'path')])\n"
    )
    done = subprocess.run(
        [sys.executable, "-c", code], capture_output=True, text=True, timeout=100, check=True
    )
    assert all(int(count) > 10 for count in done.stdout.split())
    assert len(done.stdout.split()) == 3
