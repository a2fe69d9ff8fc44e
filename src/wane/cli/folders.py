"""The folders that commands write into, and the recipe that they keep of a command."""

import contextlib
from collections.abc import Iterator, Mapping
from pathlib import Path
from typing import Any

import typer

from wane._language import gettext
from wane.cli.display.watching import show_live
from wane.cli.process.speech import say

NO_PART_OF_A_STUDY = ("out", "save_config", "as_json", "quiet", "verbose", "watch", "lang", "ray")
"""Options that say nothing of the study itself."""


@contextlib.contextmanager
def new_place(out: Path | None, name: str) -> Iterator[Path]:
    """The folder that was asked for, or a new one; that goes again if it has stayed empty."""
    from wane.study.journal.folder import free_folder

    if out is not None:
        yield out
        return
    with _unless_empty(free_folder(name)) as folder:
        yield folder


@contextlib.contextmanager
def study_place(out: Path | None, name: str, recipe: Mapping[str, Any]) -> Iterator[Path]:
    """As :func:`new_place`, or one in which the study of this recipe is unfinished.

    Its live page, where one was asked for, begins once the folder is the study's.
    """
    from wane.study.journal.folder import telling, unfinished_folder

    begun = unfinished_folder(name, recipe) if out is None else None
    if begun is None:
        with new_place(out, name) as folder, telling(show_live):
            yield folder
        return
    text = gettext("Resuming {folder}, which holds this study unfinished.")
    say(text.format(folder=repr(str(begun))))
    with _unless_empty(begun) as folder, telling(show_live):
        yield folder


@contextlib.contextmanager
def _unless_empty(folder: Path) -> Iterator[Path]:
    try:
        yield folder
    finally:
        with contextlib.suppress(OSError):
            folder.rmdir()  # does nothing where there is something in it


def recipe_for(context: typer.Context) -> dict[str, Any]:
    """The command and its arguments as given, from which it can be called again."""
    from wane.data.images.folders import is_image_folder

    given = {k: v for k, v in context.params.items() if k not in NO_PART_OF_A_STUDY}
    for name in ("source", "model"):
        path = given[name]
        if path is not None and (Path(path).is_file() or is_image_folder(str(path))):
            given[name] = str(Path(given[name]).resolve())
    return {"command": context.info_name, **given}
