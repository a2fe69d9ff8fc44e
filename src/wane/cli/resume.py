"""The command that resumes what others began."""

from pathlib import Path
from typing import Annotated, Any

import typer

from wane.cli.app import app, report_errors
from wane.cli.options import AsJson

COMMANDS = ("study", "compare", "path")
"""Those whose folders can be resumed."""

StudyFolder = Annotated[
    Path,
    typer.Argument(metavar="STUDY", help="The folder that wane study, compare or path began."),
]


@app.command()
def resume(context: typer.Context, folder: StudyFolder, as_json: AsJson = False) -> None:
    """Resume a study that was interrupted, or show again one that has finished."""
    with report_errors():
        from wane.study.journal.folder import recipe_of

        group: Any = context.find_root().command
        commands = {name: group.commands[name] for name in COMMANDS}
        options = {
            name: {o.name: o for o in command.params if o.name not in ("out", "as_json", "help")}
            for name, command in commands.items()
        }
        name, given = recipe_of(folder, {name: sorted(known) for name, known in options.items()})
        values = {
            key: _value(context, option, given.get(key, option.default))
            for key, option in options[name].items()
        }
        # The command makes its recipe from its context, as when it was called.
        context.params, context.info_name = dict(values), name
        commands[name].callback(**values, out=folder, as_json=as_json)


def _value(context: typer.Context, option: Any, given: Any) -> Any:
    """An option's value, as the command takes it.

    A folder may hold what no command line gives, a list for a number, at which typer's conversion
    may stumble.
    """
    try:
        return option.process_value(context, given)
    except TypeError as error:
        raise typer.BadParameter(f"{given!r} is no value of it", context, option) from error
