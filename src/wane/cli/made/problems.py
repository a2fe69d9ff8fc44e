"""The data and the candidates that the options name, without Keras, which takes seconds to load."""

from collections.abc import Mapping, Sequence
from pathlib import Path
from typing import Any

from wane._errors import InputError
from wane.cli.options import check_penalties
from wane.cli.process.speech import is_quiet
from wane.data.examples import EXAMPLES, drawn_anew
from wane.data.images.folders import is_image_folder
from wane.data.images.reading import parse_size, read_images
from wane.data.npz import SUFFIX as ARRAYS
from wane.data.npz import read_arrays
from wane.data.problem import Problem
from wane.data.tables import read_table
from wane.penalties import CATALOGUE, DEFAULT_ROLES, Candidate, sweep

_TAKEN_BY = {"inputs": (0,), "divide": (0, 1), "image_size": (1,)}
"""Whether options are for arrays (0) or images (1)."""


def load_problem(
    source: str,
    *,
    target: str | None = None,
    task: str | None = None,
    fresh: bool = False,
    as_given: bool = False,
    arrays: Mapping[str, Any] | None = None,
    table: Mapping[str, Any] | None = None,
    ties: Mapping[str, Any] | None = None,
) -> Problem:
    """The built-in example of this name, or the data in this file.

    Args:
        source: the name of an example, or the path of a CSV, Parquet or ``.npz`` file, or of a
            folder of images.
        target: the column to predict; needed for a table.
        task: the task of a file; None infers it from the target.
        fresh: whether each repeat draws new rows, as examples can that are generated.
        as_given: leave arrays and images as they are, for a network of the user's own.
        arrays: what the rows of such arrays are, and what they are divided by, as
            :func:`wane.data.read_arrays` takes them; and the size of a folder's images, as
            :func:`wane.data.images.reading.parse_size` does.
        table, ties: how a table is read, and which rows belong together or when they were
            observed, as :func:`wane.data.read_table` takes it.

    Raises:
        InputError: if there is neither, the data cannot be used, or rows cannot be drawn.
    """
    arrays, table, ties = dict(arrays or {}), table or {}, ties or {}
    _check_options(source, arrays, table, ties, as_given=as_given)
    if is_image_folder(source):
        _refuse_target(target, "Images bring their own target, the folders that they are in")
        if "image_size" in arrays:
            arrays["image_size"] = parse_size(arrays["image_size"])
        problem = read_images(
            source, task=task, as_given=as_given, progress=not is_quiet(), **arrays
        )
    elif source.casefold().endswith(ARRAYS):
        _refuse_target(target, "Arrays bring their own target, y")
        problem = read_arrays(source, task=task, as_given=as_given, **arrays, **ties)
    else:
        problem = _loaded(source, target, task, {**table, **ties})
    return drawn_anew(problem) if fresh else problem


def _refuse_target(target: str | None, why: str) -> None:
    if target is not None:
        raise InputError(f"{why}, and have no column {target!r}: leave out --target.")


def _check_options(
    source: str,
    arrays: Mapping[str, Any],
    table: Mapping[str, Any],
    ties: Mapping[str, Any],
    *,
    as_given: bool,
) -> None:
    """Check that options for arrays are given for arrays, and those for tables for a table."""
    example = source in EXAMPLES and not Path(source).is_file()
    is_folder = is_image_folder(source)
    is_array = source.casefold().endswith(ARRAYS) and not is_folder
    if table and (example or is_array or is_folder):
        option = "--no-header" if table.get("header") is False else f"--{next(iter(table))}"
        what = f"the example {source!r}" if example else source
        raise InputError(
            f"{option.replace('_', '-')} is for tables, and {what} has "
            f"{'images' if is_folder else 'arrays'}: leave it out."
        )
    kinds = {"arrays in a .npz file": is_array, "a folder of images": is_folder}
    for option in arrays:
        takes = [kind for place, kind in enumerate(kinds) if place in _TAKEN_BY[option]]
        if not any(kinds[kind] for kind in takes):
            raise InputError(
                f"--{option.replace('_', '-')} is for {' or '.join(takes)}: leave it out."
            )
        if as_given and option != "image_size":
            what = "Images" if is_folder else "Arrays"
            raise InputError(
                f"{what} go into a network of your own as they are: leave out --{option} or "
                f"--model."
            )
    named = [f"--{option}" for option in ties if option != "gap"]
    if named and (example or is_folder):
        what = "a folder of images" if is_folder else "an example"
        raise InputError(
            f"{' and '.join(named)} names a column of a table or an array, and {source!r} is "
            f"{what}: leave it out, or give the labels to wane.Study in Python."
        )
    if "gap" in ties and "time" not in ties and not is_array:  # which may have its time
        raise InputError(
            f"--gap {ties['gap']} leaves out rows between earlier and later ones: give --time."
        )


def _loaded(source: str, target: str | None, task: str | None, table: Mapping[str, Any]) -> Problem:
    if source in EXAMPLES and not Path(source).is_file():
        for option, value in (("--target", target), ("--task", task)):
            if value is not None:
                raise InputError(
                    f"The example {source!r} brings its own target and task; leave out {option}, "
                    f"or give a file instead of the example."
                )
        return EXAMPLES[source]()
    if not Path(source).suffix and not Path(source).exists():
        raise InputError(
            f"There is no example and no file named {source!r}; give an example "
            f"({', '.join(EXAMPLES)}), the path of a table, such as data.csv, "
            f"or a folder with a folder of images for each class."
        )
    if target is None:
        raise InputError(
            f"The column of {source!r} that is to be predicted is not named: give it as target "
            f"(--target COLUMN)."
        )
    return read_table(source, target, task=task, **table)


def candidates_of(
    penalties: Sequence[str],
    strengths: Sequence[float],
    *,
    layers: str = "hidden",
    on: tuple[str, ...] = DEFAULT_ROLES,
    proximal: bool = False,
) -> tuple[Candidate, ...]:
    """Every strength of every penalty, on one target.

    Args:
        penalties: names in the catalogue.
        strengths: those of each.
        layers, on: the target.
        proximal: whether the penalties act by proximal steps, which give exact zeros.

    Raises:
        InputError: if a penalty is unknown, is named twice, or has no such steps.
    """
    check_penalties(penalties, proximal=proximal)
    options = {"proximal": True} if proximal else {}
    return tuple(
        candidate
        for name in penalties
        for candidate in sweep(CATALOGUE[name.lower()], strengths, layers=layers, on=on, **options)
    )
