"""The page on commands, from their own help."""

import inspect
import re
from pathlib import Path
from typing import Any

import typer.main

from wane.cli import app

PAGE = Path(__file__).parents[1] / "docs" / "reference" / "commands.md"
BEGINNING = """# Commands

All commands with all of their options, as `wane COMMAND --help` has them; `python -m documentation`
makes this page. Options that need more words are explained where they are used:
[my table](../how-to/table.md), [how files are read](../data.md), [studies](../how-to/studies.md),
[why one run proves nothing](../explanation/one-run.md#how-many-repeats).
"""


def cell(text: str) -> str:
    """Text as a cell of a table takes it."""
    return " ".join(text.split()).replace("|", r"\|")


def forms(option: Any) -> str:
    """All forms of an option, with what it takes."""
    takes = "" if option.is_flag else f" {option.metavar or option.name.upper()}"
    names = [f"{name}{takes}" for name in option.opts] + list(option.secondary_opts)
    return cell(", ".join(f"`{name}`" for name in names))


def default(option: Any) -> str:
    """What holds without the option, where its help says so in words."""
    return cell(option.show_default) if isinstance(option.show_default, str) else ""


def section(name: str, command: Any) -> str:
    """A command: its words, its arguments, a table of its options."""
    words = inspect.cleandoc(command.help or "")
    words = re.sub(r"``(.*?)``", r"`\1`", words)
    lines = [f"## wane {name}", "", words, ""]
    arguments = [one for one in command.params if one.param_type_name == "argument"]
    for one in arguments:
        lines += [f"- `{(one.metavar or one.name.upper())}`: {cell(one.help or '')}"]
    lines += [""] if arguments else []
    options = [one for one in command.params if one.param_type_name == "option"]
    options = [one for one in options if not one.hidden]
    if options:
        lines += ["| option | meaning | default |", "|---|---|---|"]
        lines += [f"| {forms(one)} | {cell(one.help or '')} | {default(one)} |" for one in options]
        lines += [""]
    return "\n".join(lines)


def page() -> str:
    """The whole page."""
    group: Any = typer.main.get_command(app)
    commands = {name: one for name, one in group.commands.items() if not one.hidden}
    return "\n".join([BEGINNING, *(section(name, one) for name, one in commands.items())])
