"""A folder's study that is given more repeats: whether it can be, and where its answer goes."""

from collections.abc import Mapping
from pathlib import Path
from typing import Any

from wane._errors import InputError
from wane.study.journal.journal import begun_repeats, look_count
from wane.study.journal.names import JOURNAL, SUMMARY


def check_growth(folder: Path, there: Mapping[str, Any], here: Mapping[str, Any]) -> None:
    """Check that a folder's study can be trained as long as this one, which is else the same.

    Args:
        folder: the folder, in which nothing is touched.
        there: its statement.
        here: the one that is given.

    Raises:
        InputError: if it has more already, or if more repeats would change the earlier runs.
    """
    fixed = {
        "a path": here.get("path") is not None,
        "a comparison of methods": bool(here.get("methods")),
        "a study with halving": bool(here.get("halving")),
        "a study with refining": bool(here.get("refine")),
    }
    for what, is_so in fixed.items():
        if is_so:
            raise InputError(
                f"{str(folder)!r} holds {what} of {there.get('repeats')} repeats, which cannot be "
                f"trained further since later steps depend on all repeats; nothing was written: "
                f"give a new folder for {here['repeats']}, or the same number to resume it."
            )
    begun = begun_repeats(folder / JOURNAL)
    if begun > here["repeats"]:
        raise InputError(
            f"{str(folder)!r} has {begun} repeats already, and {here['repeats']} are fewer; "
            f"nothing was written: give at least {begun} repeats, or a new folder."
        )


def set_aside(folder: Path) -> None:
    """Keep the answer of a study that grows under the number of its look."""
    if (folder / SUMMARY).exists():
        number = look_count(folder / JOURNAL)
        (folder / SUMMARY).replace(folder / looked(number))


def looked(number: int) -> str:
    """The name of the file that keeps the answer of a look."""
    return SUMMARY.replace(".", f"-look-{number}.")
