"""From arrays of inputs to what a network reads: their kind, their scale, and what was guessed."""

import dataclasses
from collections.abc import Mapping
from typing import TYPE_CHECKING, Any

import numpy as np

from wane._errors import InputError, listed, nearest
from wane.data.networks import NETWORKS
from wane.data.preprocessing import table_transform
from wane.data.reading.columns import Column, counts_rows, why_no_input

if TYPE_CHECKING:
    import pandas as pd
    from numpy.typing import NDArray

    Arrays = Mapping[str, "NDArray[Any]"]

KINDS = {
    "numbers": "a table of numbers",
    "images": "images, [height, width] or [height, width, channels]",
    "channels-first": "images, [channels, height, width]",
    "sequences": "sequences, [steps, features]",
}
"""What rows of arrays may be, by the name that the command line uses."""

_AXES = {"numbers": (0, 1, 2, 3), "images": (2, 3), "channels-first": (3,), "sequences": (1, 2)}
"""How many axes a row of each kind may have."""
_NETWORKS = {"images": "conv2d", "channels-first": "conv2d", "sequences": "lstm"}
_PIXEL = 255
_SMALLEST_IMAGE = 5
_LARGE = 20
"""Larger inputs than that train badly."""


@dataclasses.dataclass(frozen=True)
class ArrayForm:
    """How arrays of new rows become inputs: as those of the study did.

    Args:
        inputs: a name in :data:`KINDS`, or ``"as given"``.
        shape: of a row, as it was given; None where it is not known.
        divide: what the numbers are divided by.
        largest: the largest absolute number of the training rows, where their unit matters.
    """

    inputs: str
    shape: tuple[int, ...] | None
    divide: float = 1.0
    largest: float | None = None


def read_new(where: str, x: "NDArray[Any]", form: ArrayForm) -> Any:
    """New rows as the study's were before their transform: an array, or a frame of numbers.

    Args:
        where: what to call the array in an error.
        x: [rows, …].
        form: how the study's arrays were read.

    Raises:
        InputError: if they are no finite numbers, or of another shape or unit than the study's.
    """
    if x.ndim == 0 or (form.shape is not None and x.shape[1:] != tuple(form.shape)):
        raise InputError(
            f"{where} has rows of shape {x.shape[1:]}, but the study's have {form.shape}: "
            f"give rows of that shape, x [rows, …]."
        )
    if form.inputs == "as given":
        return x
    _check_numbers(where, {"train": x})
    if form.inputs == "numbers":
        return _as_columns(x)
    if form.largest is not None:
        _check_unit(where, "new", _largest(x), form.largest)
    return _scaled(_shaped(x, form.inputs), form.divide)


def read_inputs(
    where: str, arrays: "Arrays", *, kind: str | None = None, divide: float | None = None
) -> tuple[dict[str, Any], dict[str, Any]]:
    """The inputs of each part, and fields of the problem that follow from them.

    Args:
        where: what to call the arrays in an error.
        arrays: of each part, [rows, …].
        kind: a name in :data:`KINDS`; None guesses it from type and shape, and says so.
        divide: what images and sequences are divided by; None for 255 where they are pixels.

    Raises:
        InputError: if they are no finite numbers, or not of that kind.
    """
    train = arrays["train"]
    _check_numbers(where, arrays)
    found = _guessed(where, train) if kind is None else _checked_kind(where, kind, train)
    if found == "numbers":
        if divide is not None:
            raise InputError(
                f"{where} has x that is a table of numbers, which are standardized: leave out "
                f"--divide."
            )
        return _columns(where, arrays)
    notes = [] if kind is not None else _notes_on_kind(found, train)
    divisor, said = _divisor(found, train) if divide is None else (checked_divisor(divide), [])
    network = _NETWORKS[found]
    fields: dict[str, Any] = {"feature_names": (), "network": network}
    fields["hidden"] = NETWORKS[network].hidden
    _check_units(where, arrays)
    form = ArrayForm(found, train.shape[1:], divisor, _largest(train))
    fields["reading"] = {"rows": "arrays", "array": dataclasses.asdict(form)}
    scaled = {part: _scaled(_shaped(x, found), divisor) for part, x in arrays.items()}
    return scaled, {**fields, "notes": (*notes, *said)}


def _check_numbers(where: str, arrays: "Arrays") -> None:
    train = arrays["train"]
    for part, x in arrays.items():
        if x.dtype.kind not in "biuf":
            raise InputError(f"{where} has x of type {x.dtype}; give numbers.")
        if (x.dtype == np.uint8) != (train.dtype == np.uint8):
            raise InputError(
                f"{where} has training rows of type {train.dtype}, but {part} rows of type "
                f"{x.dtype}; give both in one unit and type."
            )
        if np.isinf(x).any():
            raise InputError(
                f"{where} has infinite numbers in x, or numbers above 3.4e+38; replace them or "
                f"leave them out."
            )


def _checked_kind(where: str, kind: str, train: "NDArray[Any]") -> str:
    """``kind`` in lower case, if it is one that rows of this shape may be."""
    name = kind.casefold()
    if name not in KINDS:
        raise InputError(f"There is no kind of inputs {kind!r}: {nearest(name, KINDS)}")
    axes = train.ndim - 1
    if axes not in _AXES[name]:
        fit = [known for known, several in _AXES.items() if axes in several]
        raise InputError(
            f"{where} has rows of shape {train.shape[1:]}, which are no {KINDS[name]}: "
            + (f"take {' or '.join(map(repr, fit))}." if fit else "give your own with --model.")
        )
    return name


def _guessed(where: str, train: "NDArray[Any]") -> str:
    """The kind that rows most likely are."""
    if train.ndim <= 2:
        return "numbers"
    shape = train.shape[1:]
    if train.ndim == 3:
        return "images" if _is_pixels(train) else "sequences"
    if train.ndim == 4:
        return "channels-first" if shape[0] in (1, 3, 4) and min(shape[1:]) > 4 else "images"
    raise InputError(
        f"{where} has rows of shape {shape}, for which wane makes no network: give your own with "
        f"--model."
    )


def _is_pixels(x: "NDArray[Any]") -> bool:
    """Whether these are grey levels from 0 to 255, whatever their type."""
    if x.dtype == np.uint8:
        return True
    large = min(x.shape[1:3]) >= 8 and x.min() >= 0 and _PIXEL / 2 < x.max() <= _PIXEL
    return bool(large and np.array_equal(x, np.round(x)))


def _notes_on_kind(kind: str, train: "NDArray[Any]") -> list[str]:
    """What rows were read as, where their shape could mean something else."""
    shape = train.shape[1:]
    if kind == "sequences":
        if min(shape) < _SMALLEST_IMAGE:
            return []
        read = f"sequences of {shape[0]} steps with {shape[1]} numbers each"
        other = "--inputs images reads them as grey images"
    elif kind == "channels-first":
        read = "images, [channels, height, width]"
        other = "--inputs images reads them as [height, width, channels]"
    elif len(shape) == 2:
        read, other = "grey images", "--inputs sequences reads them as sequences"
    elif shape[-1] > 4:
        read = "images, [height, width, channels]"
        other = "--inputs channels-first reads them as [channels, height, width]"
    else:
        return []
    return [f"Rows of shape {shape} were read as {read}; {other}."]


def _divisor(kind: str, train: "NDArray[Any]") -> tuple[float, list[str]]:
    """What the inputs are divided by, and a note on it."""
    if train.dtype == np.uint8:
        return _PIXEL, ["Whole numbers of 8 bits were divided by 255; --divide 1 leaves them."]
    if kind != "sequences" and _is_pixels(train):
        return _PIXEL, ["Pixels from 0 to 255 were divided by 255; --divide 1 leaves them."]
    low, high = float(np.nanmin(train)), float(np.nanmax(train))
    largest = max(-low, high)
    if not largest > _LARGE:  # all may be NaN, which is refused later
        return 1.0, []
    return 1.0, [
        f"x reaches from {low:.3g} to {high:.3g}, and networks train badly on such inputs; "
        f"--divide {largest:.3g} makes them smaller."
    ]


def checked_divisor(divide: float) -> float:
    """What inputs are divided by, if it is a finite number above 0."""
    if not (np.isfinite(divide) and divide > 0):
        raise InputError(f"--divide takes a finite number above 0, got {divide:g}.")
    return divide


def _scaled(x: "NDArray[Any]", divisor: float) -> "NDArray[Any]":
    single = x.astype(np.float32)
    return single if divisor == 1 else single / np.float32(divisor)


def _shaped(x: "NDArray[Any]", kind: str) -> "NDArray[Any]":
    """Images and sequences with their channels or features on the last axis."""
    if kind == "channels-first":
        return np.moveaxis(x, 1, -1)
    return x[..., None] if x.ndim == (3 if kind == "images" else 2) else x


def _check_units(where: str, parts: "Arrays") -> None:
    """Check that no part was scaled before it was saved, and others not."""
    largest = {part: _largest(x) for part, x in parts.items()}
    for part, high in largest.items():
        _check_unit(where, part, high, largest["train"])


def _largest(x: "NDArray[Any]") -> float:
    """The largest absolute number."""
    return max(float(np.nanmax(x)), -float(np.nanmin(x)))


def _check_unit(where: str, part: str, high: float, train: float) -> None:
    """Check that rows with numbers up to ``high`` are in the unit of the training rows."""
    low, most = sorted((high, train))
    if most > 1 and 0 < low <= 1 and most > 0.4 * _PIXEL * low:
        raise InputError(
            f"{where} has {part} rows up to {high:.3g}, but the training rows have numbers up to "
            f"{train:.3g}; give both in one unit."
        )


def _columns(where: str, arrays: "Arrays") -> tuple[dict[str, Any], dict[str, Any]]:
    """Tables of numbers, and the transform that standardizes them."""
    import pandas as pd

    frames = {part: _as_columns(x) for part, x in arrays.items()}
    every = pd.concat(frames.values(), ignore_index=True)
    columns = {str(name): Column("number", every[name]) for name in every}
    dropped = [name for name, column in columns.items() if why_no_input(column)]
    rows = [n for n in columns if n not in dropped and counts_rows(frames["train"][n])]
    kept = {name: columns[name] for name in columns if name not in (*dropped, *rows)}
    if not kept:
        raise InputError(
            f"{where} has x with nothing to predict from: every column is empty, constant or "
            f"numbers the rows."
        )
    notes = []
    if dropped:
        notes.append(
            f"Columns of x were left out that are empty or hold one value: {listed(dropped)}."
        )
    if rows:
        notes.append(f"Columns of x were left out that number the rows: {listed(rows)}.")
    array = dataclasses.asdict(ArrayForm("numbers", arrays["train"].shape[1:]))
    fields = {
        "transform": table_transform(kept),
        "feature_names": tuple(kept),
        "reading": {"rows": "arrays", "array": array},
    }
    names = list(kept)
    found = {part: frame[names] for part, frame in frames.items()}
    notes += _token_note(arrays["train"])
    return found, {**fields, "notes": tuple(notes)}


def _as_columns(x: "NDArray[Any]") -> "pd.DataFrame":
    """The numbers of each row, by a name for each."""
    import pandas as pd

    flat = x.reshape(len(x), -1).astype(np.float64)
    return pd.DataFrame(flat, columns=[f"x{n}" for n in range(flat.shape[1])])


def _token_note(x: "NDArray[Any]") -> list[str]:
    """A note on whole numbers that have one wide range in most columns, as ids of tokens have."""
    if x.ndim != 2 or x.shape[1] < 5 or not (x >= 0).all() or (x != np.round(x)).any():
        return []
    highest = x.max(axis=0)
    if highest.max() <= _PIXEL or float(np.mean(highest > highest.max() / 2)) < 0.5:
        return []
    return [
        f"x holds whole numbers from {x.min():.0f} to {x.max():.0f} in all columns, which were "
        f"standardized as amounts; if they are ids, as of tokens, give your own network with an "
        f"Embedding layer (--model), into which they go as they are."
    ]
