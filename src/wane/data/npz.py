"""From arrays in a ``.npz`` file to a problem."""

import itertools
import zipfile
from pathlib import Path
from typing import TYPE_CHECKING, Any, NamedTuple

import numpy as np

from wane._archives import check_unpacked_size
from wane._errors import InputError, listed, one_line
from wane.data.columns import Column, read_column, why_no_input
from wane.data.networks import NETWORKS
from wane.data.preprocessing import table_transform
from wane.data.problem import Problem
from wane.data.target import checked_task, read_target

if TYPE_CHECKING:
    from numpy.typing import NDArray

SUFFIX = ".npz"
LARGEST_RATIO = 100
"""What arrays may take unpacked, in sizes of the file."""

_PARTS = {
    "train": ("", "_train"),
    "validation": ("_validation", "_val", "_valid"),
    "test": ("_test",),
}
"""How the names of a part's arrays end, after x or y."""
_NAMES = (
    "save x and y [rows, …], and if you have them x_validation, y_validation, x_test and y_test, "
    "with numpy.savez('data.npz', x=x, y=y)."
)


class Part(NamedTuple):
    """Arrays x [rows, …] and y [rows, …]."""

    x: "NDArray[Any]"
    y: "NDArray[Any]"


def read_arrays(path: str | Path, *, task: str | None = None, as_given: bool = False) -> Problem:
    """A problem from the arrays in a ``.npz`` file.

    The file holds ``x`` and ``y`` (or ``x_train`` and ``y_train``), and perhaps such a pair whose
    names end in ``_validation`` or ``_test``; without these, rows are set apart for them. Nothing
    in it is unpickled.

    x of two axes is a table of numbers, which are standardized. x of more axes are sequences
    [rows, steps, features] or images [rows, height, width, channels]; whole numbers of 8 bits are
    divided by 255, and have one channel where there are three axes.

    Args:
        path: the file.
        task: as for :func:`wane.data.read_table`.
        as_given: leave the numbers and the targets as they are, for a network of the user's own.

    Raises:
        InputError: if the file holds no such arrays, or they cannot be used.
    """
    path, task = Path(path), checked_task(task)
    parts = _parts(path, _loaded(path))
    name = path.name[: -len(SUFFIX)]
    pairs: dict[str, Any] = {part: tuple(arrays) for part, arrays in parts.items()}
    others: dict[str, Any] = {"task": task or "", "feature_names": ()}
    if not as_given:
        answer = _targets(path, parts, task)
        rows, shaped = _inputs(path, {part: arrays.x for part, arrays in parts.items()})
        pairs = {part: (rows[part], answer.y[place]) for part, place in _places(parts).items()}
        others = {
            **shaped,
            "task": answer.task,
            "standardize_target": answer.task == "regression",
            "class_names": answer.class_names,
            "notes": (*shaped["notes"], *answer.notes),
        }
    x, y = pairs["train"]
    rest = {"validation": pairs.get("validation", 0.25), "test": pairs.get("test", 0.2)}
    return Problem(name=name, x=x, y=y, **rest, **others)


def _loaded(path: Path) -> "dict[str, NDArray[Any]]":
    """The arrays of a file by name."""
    if not path.is_file():
        raise InputError(f"There is no file {path}: give a .npz file with arrays, or a table.")
    try:
        check_unpacked_size(path, ratio=LARGEST_RATIO, advice="save it anew with numpy.savez")
        with zipfile.ZipFile(path) as archive:
            found = {}
            for part in archive.infolist():
                name = part.filename.removesuffix(".npy")
                if _part_of(name) is not None:
                    if name in found:
                        raise ValueError(f"{name} is there twice")
                    _check_header(path, archive, part)
                    with archive.open(part) as file:
                        found[name] = np.lib.format.read_array(file, allow_pickle=False)
            if not found:
                inside = [part.filename.removesuffix(".npy") for part in archive.infolist()]
                raise InputError(f"{path} has no x and y, only {listed(inside)}: {_NAMES}")
            return found
    except InputError:
        raise
    except Exception as error:  # bytes from elsewhere: zip, zlib and NumPy raise many kinds
        raise InputError(
            f"{path} cannot be read as a .npz file ({one_line(error)}): {_NAMES}"
        ) from error


def _check_header(path: Path, archive: zipfile.ZipFile, part: zipfile.ZipInfo) -> None:
    """Check, before it is read, that an array holds plain numbers or text of its size."""
    with archive.open(part) as file:
        version = np.lib.format.read_magic(file)
        read = {
            (1, 0): np.lib.format.read_array_header_1_0,
            (2, 0): np.lib.format.read_array_header_2_0,
        }.get(version)
        if read is None:
            raise ValueError(f"{part.filename} is of version {version}")
        shape, _, dtype = read(file)
        if dtype.hasobject:
            raise InputError(
                f"{path} is refused, since its array {part.filename.removesuffix('.npy')!r} holds "
                f"Python objects, and reading these can run code: save numbers, or text as str."
            )
        if dtype.kind not in "biufUS" or not dtype.itemsize or 0 in shape:
            raise ValueError(f"{part.filename} of type {dtype} and shape {shape} holds no numbers")
        size = dtype.itemsize
        for axis in shape:  # whole numbers of Python, which do not overflow
            size *= axis
        if file.tell() + size != part.file_size:
            raise ValueError(f"{part.filename} is not as long as its shape {shape} says")


def _part_of(name: str) -> tuple[str, str] | None:
    """The part and the letter that a name stands for, as ("test", "x")."""
    lower = name.casefold()
    for part, ends in _PARTS.items():
        for letter in "xy":
            if lower in [letter + end for end in ends]:
                return part, letter
    return None


def _parts(path: Path, arrays: "dict[str, NDArray[Any]]") -> dict[str, Part]:
    """The pairs of arrays by part, of fitting shapes."""
    found: dict[str, dict[str, NDArray[Any]]] = {}
    for name, array in arrays.items():
        part, letter = _part_of(name) or ("", "")
        if letter in found.setdefault(part, {}):
            raise InputError(f"{path} has {letter} of the {part} rows twice: {_NAMES}")
        found[part][letter] = array
    if "train" not in found:
        raise InputError(
            f"{path} has no x and y to train on, only {listed(list(arrays))}: {_NAMES}"
        )
    shape = found["train"].get("x", np.empty(0)).shape[1:]
    for part, pair in found.items():
        for letter in "xy":
            if letter not in pair:
                raise InputError(f"{path} has no {letter} of the {part} rows: {_NAMES}")
            if pair[letter].ndim == 0:
                raise InputError(
                    f"{path} has a single number as {letter} of the {part} rows: {_NAMES}"
                )
        if len(pair["x"]) != len(pair["y"]):
            raise InputError(
                f"{path} has {len(pair['x'])} rows of x and {len(pair['y'])} of y for the {part} "
                f"rows; give one y for each row."
            )
        if pair["x"].shape[1:] != shape:
            raise InputError(
                f"{path} has {part} rows of shape {pair['x'].shape[1:]}, but training rows of "
                f"shape {shape}; give rows of one shape."
            )
    return {part: Part(pair["x"], pair["y"]) for part, pair in found.items()}


def _places(parts: dict[str, Part]) -> dict[str, slice]:
    """Where the rows of each part are when all parts are joined."""
    ends = np.cumsum([0, *(len(part.y) for part in parts.values())]).tolist()
    pairs = zip(parts, itertools.pairwise(ends), strict=True)
    return {part: slice(begin, end) for part, (begin, end) in pairs}


def _targets(path: Path, parts: dict[str, Part], task: str | None) -> Any:
    """The targets of all parts, joined, as one column of a table is read."""
    import pandas as pd

    columns = []
    for part, (_, y) in parts.items():
        flat = y.reshape(len(y), -1)
        if flat.shape[1] != 1:
            raise InputError(
                f"{path} has y of shape {y.shape} for the {part} rows, but one number or class for "
                f"each row is expected: give such a y, or your own network with --model."
            )
        columns.append(flat[:, 0])
    column = read_column(pd.Series(np.concatenate(columns), name="y"))
    missing = int(column.values.isna().sum())
    if missing:
        raise InputError(f"{path} has {missing} missing values in y; leave these rows out.")
    return read_target(column, "y", task)


def _inputs(path: Path, arrays: "dict[str, NDArray[Any]]") -> tuple[dict[str, Any], dict[str, Any]]:
    """The inputs of each part, and fields of the problem that follow from them."""
    train = arrays["train"]
    for part, x in arrays.items():
        if x.dtype.kind not in "biuf":
            raise InputError(f"{path} has x of type {x.dtype}; give numbers.")
        if (x.dtype == np.uint8) != (train.dtype == np.uint8):
            raise InputError(
                f"{path} has training rows of type {train.dtype}, but {part} rows of type "
                f"{x.dtype}; give both in one unit and type."
            )
        if np.isinf(x).any():
            raise InputError(f"{path} has infinite numbers in x; replace them or leave them out.")
    if train.ndim > 4:
        raise InputError(
            f"{path} has rows of shape {train.shape[1:]}, for which wane makes no network: give "
            f"your own with --model."
        )
    if train.ndim <= 2:
        return _columns(path, arrays)
    grey_levels = train.dtype == np.uint8
    image = train.ndim == 4 or (grey_levels and train.ndim == 3)
    notes = []
    if grey_levels:
        notes.append("Whole numbers of 8 bits were divided by 255.")
    if image and train.ndim == 3:
        notes.append(f"Rows of shape {train.shape[1:]} were read as grey images.")
    kind = "conv2d" if image else "lstm"
    found = {}
    for part, x in arrays.items():
        x = x.astype(np.float32) / 255 if grey_levels else x.astype(np.float32)
        found[part] = x[..., None] if image and x.ndim == 3 else x
    fields = {"feature_names": (), "network": kind, "hidden": NETWORKS[kind].hidden}
    return found, {**fields, "notes": tuple(notes)}


def _columns(
    path: Path, arrays: "dict[str, NDArray[Any]]"
) -> tuple[dict[str, Any], dict[str, Any]]:
    """Tables of numbers, and the transform that standardizes them."""
    import pandas as pd

    frames = {}
    for part, x in arrays.items():
        flat = x.reshape(len(x), -1).astype(np.float64)
        frames[part] = pd.DataFrame(flat, columns=[f"x{n}" for n in range(flat.shape[1])])
    every = pd.concat(frames.values(), ignore_index=True)
    columns = {str(name): Column("number", every[name]) for name in every}
    reasons = {name: why_no_input(name, column) for name, column in columns.items()}
    kept = {name: columns[name] for name, reason in reasons.items() if not reason}
    dropped = [name for name, reason in reasons.items() if reason]
    if not kept:
        raise InputError(
            f"{path} has x with nothing to predict from: every column is empty or constant."
        )
    notes = [f"Columns of x were left out that are empty or hold one value: {listed(dropped)}."]
    fields = {"transform": table_transform(kept), "feature_names": tuple(kept)}
    names = list(kept)
    found = {part: frame[names] for part, frame in frames.items()}
    return found, {**fields, "notes": tuple(notes if dropped else ())}
