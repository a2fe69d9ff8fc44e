"""Commands that show finished studies: one as it was printed, or two side by side."""

from pathlib import Path
from typing import Annotated

import typer

from wane._errors import InputError
from wane.cli.application import app, report_errors, show
from wane.cli.language import with_language
from wane.cli.options import AsJson

Finished = Annotated[
    Path,
    typer.Argument(metavar="STUDY", help="The folder of a finished study, comparison or path."),
]
First = Annotated[Path, typer.Argument(metavar="A", help="The folder of a finished study.")]
Second = Annotated[Path, typer.Argument(metavar="B", help="That of another one.")]


@app.command("show")
@with_language
def show_study(folder: Finished, as_json: AsJson = False) -> None:
    """Print a finished study again, as it was printed when it ended."""
    with report_errors():
        from wane.report.comparison import comparison_lines
        from wane.report.path import path_lines
        from wane.report.terminal import summary_lines
        from wane.study.journal.serializer import to_dict
        from wane.study.load import finished_study
        from wane.study.results.schema import PathDocument

        _, record = finished_study(folder)
        document = to_dict(record)
        if isinstance(record, PathDocument):
            show(document, as_json, lambda _: path_lines(document))
        elif record.compare is not None:
            show(document, as_json, lambda _: comparison_lines(document))
        else:
            show(document, as_json, lambda width: summary_lines(document, width=width))


@app.command()
@with_language
def diff(first: First, second: Second, as_json: AsJson = False) -> None:
    """Set two finished studies side by side: settings that differ, losses, choice, verdict."""
    with report_errors():
        from wane.report.beside import beside_document, beside_lines
        from wane.study.journal.serializer import to_dict
        from wane.study.load import finished_study
        from wane.study.results.schema import PathDocument

        folders = (first, second)
        found = [finished_study(folder) for folder in folders]
        for folder, (_, record) in zip(folders, found, strict=True):
            if isinstance(record, PathDocument):
                raise InputError(
                    f"{str(folder)!r} holds a path, which chooses no candidate: give the folders "
                    f"of two studies, or of comparisons."
                )
        document = beside_document(
            [str(folder) for folder in folders],
            [statement for statement, _ in found],
            [to_dict(record) for _, record in found],
        )
        show(document, as_json, lambda _: beside_lines(document))
