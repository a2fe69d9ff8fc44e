"""The command that writes the report of a finished study again."""

from pathlib import Path
from typing import TYPE_CHECKING, Annotated

import typer

from wane._errors import WaneError
from wane._language import gettext
from wane.cli.application import app, report_errors
from wane.cli.finished.showing import Finished
from wane.cli.language import with_language
from wane.cli.process.handing import taking
from wane.cli.process.speech import say, speech, working
from wane.cli.resume import call_again

if TYPE_CHECKING:
    from wane.study import Comparison, Result

Out = Annotated[
    Path | None,
    typer.Option(
        "--out",
        metavar="FILE",
        help="Write this file, which must not be there.",
        show_default="report.html in the study's folder, in place of the old one",
    ),
]


@app.command()
@with_language
def report(context: typer.Context, folder: Finished, out: Out = None) -> None:
    """Write the report of a finished study again, as in another language with --lang.

    Nothing is trained, and numbers and verdict stay. Only report.html itself, which wane wrote, is
    replaced.
    """
    with report_errors():
        with working("loading Keras"):
            from wane.study.load import load_study
            from wane.study.report import reported, write_report

        found = load_study(folder)
        reported(found, out)  # before the data are read
        typer.echo(write_report(_with_rows(context, folder) or found, out))


def _with_rows(context: typer.Context, folder: Path) -> "Result | Comparison | None":
    """The result with the study's rows, by the command that began it; None where it has none."""
    try:
        with taking() as results, speech(quiet=True, verbose=False):
            call_again(context, folder)
    except (WaneError, typer.BadParameter) as error:
        said = gettext(
            "Note: the report has no figures of what networks predict, which take rows: {error}"
        )
        say(said.format(error=error))
        return None
    found: Result | Comparison = results[0]
    return found
