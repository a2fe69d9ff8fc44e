"""The help of commands that train: three screens, in panels, of which each option has one."""

import re
from pathlib import Path
from typing import Any

import pytest
import typer
from typer.testing import CliRunner

from wane.cli import app
from wane.cli.display.panels import PANEL_OF, PANELS

GROUP: Any = typer.main.get_command(app)
IN_PANELS = ("study", "compare", "path", "resume")
PAGES = ("README.md", "docs/data.md", "docs/guide.md", "docs/examples.md", "docs/scaling.md",
         "docs/how-to/cluster.md")  # fmt: skip

every_command = pytest.mark.parametrize("command", IN_PANELS)


def options_of(command: str) -> list[Any]:
    return [one for one in GROUP.commands[command].params if one.param_type_name == "option"]


def help_of(command: str, width: int) -> list[str]:
    done = CliRunner(env={"COLUMNS": str(width)}).invoke(app, [command, "--help"])
    assert done.exit_code == 0
    return done.stdout.splitlines()


@every_command
@pytest.mark.parametrize("width", [80, 100])
def test_help_fits_three_screens(command: str, width: int) -> None:
    assert len(help_of(command, width)) <= 3 * 40


@every_command
def test_every_option_has_a_panel(command: str) -> None:
    without = [one.name for one in options_of(command) if one.name not in PANEL_OF]
    assert not without, f"list {without} in PANELS"
    assert all(one.rich_help_panel == PANEL_OF[one.name] for one in options_of(command))


def test_panels_hold_options_that_there_are_once_each() -> None:
    named = [name for names in PANELS.values() for name in names]
    known = {one.name for command in IN_PANELS for one in options_of(command)}
    assert len(named) == len(set(named)) and set(named) == known


@every_command
def test_what_is_common_comes_first_and_every_name_is_whole(command: str) -> None:
    lines = help_of(command, 80)
    titles = [line.split()[1] for line in lines if line.startswith("╭─")]
    assert titles[:2] == ["Arguments", "Options"]
    shown = {word for line in lines for word in line.split() if word.startswith("-")}
    every = [name for one in options_of(command) for name in (*one.opts, *one.secondary_opts)]
    assert set(every) <= shown


def test_a_no_form_is_in_the_line_of_its_option() -> None:
    lines = help_of("study", 80)
    with_no = [one for one in options_of("study") if one.secondary_opts]
    assert len(with_no) == 6
    for one in with_no:
        (line,) = (line for line in lines if line.startswith(f"│ {one.opts[0]} "))
        assert one.secondary_opts[0] in line.split()


@every_command
def test_the_pages_tell_of_every_option_at_length(command: str) -> None:
    root = Path(__file__).parents[3]
    text = "\n".join((root / page).read_text(encoding="utf-8") for page in PAGES)
    named = set(re.findall(r"--[a-z-]+", text))
    every = [(*one.opts, *one.secondary_opts) for one in options_of(command)]
    assert not [names for names in every if not named & set(names)]
