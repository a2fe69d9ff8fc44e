"""The commands by name, so that only the one that is called is loaded."""

import importlib
import sys
from typing import NamedTuple

from wane.cli.application import app


class Command(NamedTuple):
    """Where a command is, and what the list of commands says of it.

    Attributes:
        module: its module in ``wane.cli``.
        help: the first paragraph of its help.
    """

    module: str
    help: str

    @property
    def path(self) -> str:
        """The module's whole name."""
        return f"wane.cli.{self.module}"


COMMANDS = {
    "study": Command(
        "study",
        "Train a network with and without regularization, many times, and evaluate the difference.",
    ),
    "examples": Command(
        "study", "List the built-in examples, each a study of its own: wane study NAME."
    ),
    "compare": Command(
        "explore", "Compare methods of regularization, each tuned with the same budget."
    ),
    "path": Command(
        "explore",
        "Train a network on under rising strengths, beside a new start at each strength.",
    ),
    "resume": Command(
        "resume",
        "Resume a study that was interrupted, let it grow, or show again one that has finished.",
    ),
    "watch": Command(
        "watch",
        "Show a study on a live page of this machine, while it runs and after; Ctrl-C ends that.",
    ),
    "predict": Command("models", "Predict new rows with the model that a study chose."),
    "inspect": Command(
        "models", "List every weight of a saved model, its penalty, and likely mistakes."
    ),
    "regularize": Command(
        "models", "Put penalties on the weights of a saved model and save it as a new file."
    ),
    "presets": Command(
        "literature", "List strengths that the literature reports, with their sources."
    ),
    "convert": Command(
        "literature",
        "Write the strength of an L2 penalty as another library does, and show the formula.",
    ),
    "export": Command(
        "finished.export",
        "Hand a finished study to Optuna, MLflow or TensorBoard, each run with its curve.",
    ),
    "show": Command(
        "finished.showing", "Print a finished study again, as it was printed when it ended."
    ),
    "diff": Command(
        "finished.showing",
        "Set two finished studies side by side: settings that differ, losses, choice, verdict.",
    ),
    "report": Command(
        "finished.report",
        "Write the report of a finished study again, as in another language with --lang.",
    ),
    "figures": Command(
        "finished.figures",
        "Draw the figures of a finished study again, as PDF, SVG or PNG, also for a column of a "
        "paper.",
    ),
}
"""All commands, in the order of the list that ``wane --help`` shows."""


def load(named: str | None) -> None:
    """Register one command, and of the others no more than their lines in the list of commands.

    The list, and what a typing mistake gets to read, then need not wait for the options of all.

    Args:
        named: the command, or what stands in its place.
    """
    for name, command in COMMANDS.items():
        if command.path not in sys.modules:
            app.command(name, help=command.help)(_not_loaded)
    if named in COMMANDS:  # its own registration, the later one, holds
        importlib.import_module(COMMANDS[named].path)


def load_all() -> None:
    """Register all commands."""
    for command in COMMANDS.values():
        importlib.import_module(command.path)


def _not_loaded() -> None:
    raise AssertionError("the command that is named is loaded")
