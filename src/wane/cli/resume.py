"""The command that resumes what others began, and lets it grow."""

from pathlib import Path
from typing import Annotated, Any

import typer

from wane._errors import InputError, whole_number
from wane.cli.application import app, report_errors
from wane.cli.display.panels import InPanels
from wane.cli.display.voice import with_voice
from wane.cli.display.watching import is_watched
from wane.cli.explore import compare, path
from wane.cli.folders import NO_PART_OF_A_STUDY
from wane.cli.options import AsJson, Ray, parse_strengths
from wane.cli.process.speech import is_quiet, working
from wane.cli.study import study

COMMANDS = tuple(command.__name__ for command in (study, compare, path))
"""Those whose folders can be resumed, which are loaded therefore."""

StudyFolder = Annotated[
    Path,
    typer.Argument(metavar="STUDY", help="The folder that wane study, compare or path began."),
]
MoreRepeats = Annotated[
    int | None,
    typer.Option(
        "--repeats",
        metavar="NUMBER",
        help="Go on to so many runs of each candidate.",
    ),
]
MoreStrengths = Annotated[
    str | None,
    typer.Option(
        "--strengths",
        metavar="STRENGTHS",
        help="Train these too: LOW:HIGH:COUNT, or a list.",
    ),
]


@app.command(cls=InPanels)
@with_voice
def resume(
    context: typer.Context,
    folder: StudyFolder,
    repeats: MoreRepeats = None,
    strengths: MoreStrengths = None,
    ray: Ray = None,
    as_json: AsJson = False,
) -> None:
    """Resume a study that was interrupted, let it grow, or show again one that has finished."""
    with report_errors():
        call_again(context, folder, repeats, strengths, ray=ray, as_json=as_json)


def call_again(
    context: typer.Context,
    folder: Path,
    repeats: int | None = None,
    strengths: str | None = None,
    *,
    ray: str | None = None,
    as_json: bool = False,
) -> None:
    """Call the command that began a study once more, in its folder.

    Args:
        context: of the command that calls it, which becomes that of the called one.
        folder: of the study.
        repeats, strengths: what it grows to.
        ray, as_json: as the called command takes them.

    Raises:
        InputError: if no command began it, or one of another version.
    """
    with working("loading Keras"):
        from wane.study.journal.folder import recipe_of

    group: Any = context.find_root().command
    commands = {name: group.commands[name] for name in COMMANDS}
    options = {
        name: {o.name: o for o in command.params if o.name not in (*NO_PART_OF_A_STUDY, "help")}
        for name, command in commands.items()
    }
    name, given = recipe_of(folder, {name: sorted(known) for name, known in options.items()})
    if repeats is not None:
        given["repeats"] = whole_number(repeats, "--repeats", least=1)
    values = {
        key: _value(context, option, given.get(key, option.default))
        for key, option in options[name].items()
    }
    if strengths is not None:
        values["strengths"] = _with_further(folder, name, values, strengths)
    # The command makes its recipe from its context, as when it was called.
    context.params, context.info_name = dict(values), name
    files: dict[str, Any] = {"save_config": None} if name == "study" else {}
    # There is a log already, and the language is spoken.
    voice = {"quiet": is_quiet(), "verbose": False, "watch": is_watched(), "lang": None}
    commands[name].callback(**values, **files, **voice, out=folder, ray=ray, as_json=as_json)


def _with_further(folder: Path, name: str, values: dict[str, Any], further: str) -> str:
    """The strengths of a study and further ones, each once, as an option."""
    if name != "study" or values["by_layer"]:
        what = {"compare": "a comparison of methods", "path": "a path"}.get(name, "a search")
        raise InputError(
            f"{str(folder)!r} holds {what}, which takes no further strengths; nothing was written: "
            f"begin a new one, in a new folder."
        )
    from wane.data.examples import EXAMPLES
    from wane.data.problem import Problem

    new, source = parse_strengths(further), values["source"]
    own = Problem.strengths
    if values["strengths"] is not None:
        own = parse_strengths(values["strengths"])
    elif source in EXAMPLES and not Path(source).is_file():
        own = EXAMPLES[source]().strengths
    return ",".join(map(repr, dict.fromkeys(map(float, (*own, *new)))))


def _value(context: typer.Context, option: Any, given: Any) -> Any:
    """An option's value, as the command takes it.

    A folder may hold what no command line gives, a list for a number, at which typer's conversion
    may stumble.
    """
    if given is None:
        return None
    try:
        return option.process_value(context, given)
    except TypeError as error:
        raise typer.BadParameter(f"{given!r} is no value of it", context, option) from error
