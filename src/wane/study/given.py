"""Arguments of a study as ``fit`` has them: its names for validation, and data sets in batches."""

from collections.abc import Mapping
from typing import Any

from wane._errors import InputError
from wane.data.batches.reading import arrays_of, comes_in_batches, count_of
from wane.report.display.progress import progress_bar
from wane.resampling.arguments import Validation

FRACTION = 0.25
"""The share of rows that validates unless something else is said."""


def one_validation(
    validation: Validation | None, data: Validation | None, split: float | None
) -> Validation:
    """What validates, by whichever name it was given.

    Raises:
        InputError: if it was given by several.
    """
    names = ("validation", "validation_data", "validation_split")
    named = dict(zip(names, (validation, data, split), strict=True))
    given = {name: value for name, value in named.items() if value is not None}
    if len(given) > 1:
        raise InputError(f"Give one of {' and '.join(given)}, which are names of one thing.")
    return next(iter(given.values()), FRACTION)


def read_rows(
    rows: tuple[Any, Any, Any], others: Mapping[str, Any]
) -> tuple[tuple[Any, Any, Any], dict[str, Any]]:
    """The arguments of a study with arrays in place of data sets that come in batches.

    Args:
        rows: x, y and sample_weight.
        others: the others by name, of which validation and test may be such data sets.

    Raises:
        InputError: if one cannot be read, or targets are given twice.
    """
    x, y, weights = rows
    if comes_in_batches(x):
        for name, value in (("y", y), ("sample_weight", weights)):
            if value is not None:
                raise InputError(
                    f"x is a {type(x).__name__}, whose batches bring their own {name}: leave out "
                    f"{name}."
                )
        rows = _read(x, "x")
    parts = {name: others[name] for name in ("validation", "test")}
    read = {name: _read(part, name) for name, part in parts.items() if comes_in_batches(part)}
    without = {name: part[:2] if part[2] is None else part for name, part in read.items()}
    return rows, {**others, **without}


def _read(batches: Any, name: str) -> tuple[Any, Any, Any]:
    """The arrays of a data set, read under a bar."""
    count = count_of(batches, name)
    with progress_bar(count, count, True, f"reading {name}") as bar:
        return arrays_of(batches, name, bar.count)
