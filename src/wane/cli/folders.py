"""The folders that commands write into, and the recipe that they keep of a command."""

import contextlib
from collections.abc import Iterator, Mapping
from pathlib import Path
from typing import Any

import typer


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
    """As :func:`new_place`, or one in which the study of this recipe is unfinished."""
    from wane.study.journal.folder import unfinished_folder

    begun = unfinished_folder(name, recipe) if out is None else None
    if begun is None:
        with new_place(out, name) as folder:
            yield folder
        return
    typer.echo(f"Resuming {str(begun)!r}, which holds this study unfinished.", err=True)
    with _unless_empty(begun) as folder:
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
    given = {k: v for k, v in context.params.items() if k not in ("out", "as_json")}
    for name in ("source", "model"):
        if given[name] is not None and Path(given[name]).is_file():
            given[name] = str(Path(given[name]).resolve())
    return {"command": context.info_name, **given}
