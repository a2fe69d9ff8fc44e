"""The command that shows studies on a live page."""

from pathlib import Path
from typing import Annotated

import typer

from wane._language import gettext
from wane.cli.application import app, report_errors
from wane.cli.display.watching import open_page
from wane.cli.language import with_language

Watched = Annotated[
    Path,
    typer.Argument(metavar="STUDY", help="The folder of a study, or one that holds such folders."),
]
Port = Annotated[
    int,
    typer.Option(
        metavar="NUMBER", min=0, max=65535, help="Of this machine.", show_default="a free one"
    ),
]
Browser = Annotated[
    bool, typer.Option("--browser/--no-browser", help="Open the page where there is a display.")
]


@app.command()
@with_language
def watch(folder: Watched, port: Port = 0, browser: Browser = True) -> None:
    """Show a study on a live page of this machine, while it runs and after; Ctrl-C ends that."""
    with report_errors():
        from wane.live.serving import serve, watched_in

        def begun(address: str) -> None:
            text = gettext("{address} shows {folder}; Ctrl-C ends that.")
            typer.echo(text.format(address=address, folder=repr(str(folder))))
            if browser:
                open_page(address)

        try:
            serve(watched_in(folder), port, begun)
        except KeyboardInterrupt:
            typer.echo(gettext("Watching has ended; the study goes on without it."), err=True)
