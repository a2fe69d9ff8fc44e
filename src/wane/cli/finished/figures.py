"""The command that draws the figures of a finished study again, for papers."""

import enum
from collections.abc import Mapping
from pathlib import Path
from typing import Annotated

import typer

from wane._errors import InputError
from wane._language import ENGLISH, language
from wane.cli.application import app, report_errors
from wane.cli.finished.showing import Finished
from wane.cli.language import with_language


class Format(enum.StrEnum):
    """The kinds of files."""

    PDF = "pdf"
    SVG = "svg"
    PNG = "png"


Kind = Annotated[Format, typer.Option("--format", help="What files to write.")]
Column = Annotated[
    bool,
    typer.Option(
        "--column",
        help="Draw for a column of a paper: 3.35 inches wide, letters of 8 points, panels beneath "
        "each other.",
    ),
]
Out = Annotated[
    Path | None,
    typer.Option(
        "--out",
        metavar="DIR",
        help="Write into this folder.",
        show_default="figures/ in the study's folder",
    ),
]


@app.command()
@with_language
def figures(
    folder: Finished, kind: Kind = Format.PDF, column: Column = False, out: Out = None
) -> None:
    """Draw the figures of a finished study again, as PDF, SVG or PNG, also for a column of a paper.

    Files that are there already are never replaced.
    """
    with report_errors():
        from wane.study.drawing.figures import plots
        from wane.study.load import load_study

        drawn = plots(load_study(folder))
        place = folder / "figures" if out is None else out
        spoken = "" if language() == ENGLISH else f"-{language()}"
        ending = f"{'-column' if column else ''}{spoken}.{kind}"
        files = {name: place / f"{name}{ending}" for name in drawn}
        there = [str(path) for path in files.values() if path.exists()]
        if there:
            raise InputError(
                f"{there[0]!r} is there already, and nothing is replaced: give another folder, as "
                f"with --out paper, or take the old files away."
            )
        from wane.report.figures import file_of

        images = {path: file_of(drawn[name](column=column), kind) for name, path in files.items()}
        _write(place, images)
        for path in images:
            typer.echo(path)


def _write(place: Path, images: Mapping[Path, bytes]) -> None:
    """Write all files or none, and none in the place of another."""
    written: list[Path] = []
    try:
        place.mkdir(parents=True, exist_ok=True)
        for path, image in images.items():
            with path.open("xb") as file:
                written.append(path)
                file.write(image)
    except OSError as error:
        for path in written:
            path.unlink(missing_ok=True)
        raise InputError(
            f"The figures cannot be written into {str(place)!r}: {error.strerror}. Give "
            f"another folder with --out."
        ) from error
