"""From arrays in a ``.npz`` file to a problem."""

import dataclasses
import itertools
from collections.abc import Mapping
from pathlib import Path
from typing import TYPE_CHECKING, Any, NamedTuple

import numpy as np

from wane._archives import PLAIN, plain_arrays
from wane._errors import InputError, listed, nearest
from wane.data.account import Account, account_of
from wane.data.arrays import read_inputs
from wane.data.problem import Problem
from wane.data.reading.columns import read_column
from wane.data.reading.target import Target, checked_task, read_target
from wane.data.ties.found import TiedColumns, tied_arrays
from wane.resampling.examples import Examples
from wane.resampling.remarks import remarks
from wane.resampling.streams.members import mapped_member
from wane.resampling.streams.on_disk import left_on_disk

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
_TIES = {"group": "groups", "time": "time"}
"""What arrays that say what rows have to do with each other are called, where nothing else is."""
_NAMES = (
    "save x and y [rows, …], and if you have them x_validation, y_validation, x_test and y_test, "
    "with numpy.savez('data.npz', x=x, y=y)."
)


class Part(NamedTuple):
    """Arrays x [rows, …] and y [rows, …]."""

    x: "NDArray[Any]"
    y: "NDArray[Any]"


def read_arrays(
    path: str | Path,
    *,
    task: str | None = None,
    as_given: bool = False,
    inputs: str | None = None,
    divide: float | None = None,
    group: str | None = None,
    time: str | None = None,
    gap: int = 0,
) -> Problem:
    """A problem from the arrays in a ``.npz`` file.

    The file holds ``x`` and ``y`` (or ``x_train`` and ``y_train``), and perhaps such a pair whose
    names end in ``_validation`` or ``_test``; without these, rows are set apart for them. Nothing
    in it is unpickled. Arrays ``groups`` and ``time``, of a value for each row of x, say which rows
    belong together or when they were observed.

    x of two axes is a table of numbers, which are standardized. x of more axes are sequences
    [rows, steps, features] or images [rows, height, width, channels]; where 1, 3 or 4 channels come
    first, these are moved to the end. Pixels, which are whole numbers of 8 bits or from 0 to 255,
    are divided by 255, and have one channel where there are three axes. What was guessed is in the
    problem's ``notes``. A large array that is stored uncompressed is mapped and not read.

    Args:
        path: the file.
        task: as for :func:`wane.data.read_table`.
        as_given: leave the numbers and the targets as they are, for a network of the user's own.
        inputs: what rows of x are, a name in :data:`wane.data.arrays.KINDS`; None guesses.
        divide: what images and sequences are divided by; None for 255 where they are pixels.
        group, time: the names of such arrays; where one is named, the other is not looked for.
        gap: rows that are left out between earlier and later parts.

    Returns:
        The rows made ready.

    Raises:
        InputError: if the file holds no such arrays, or they cannot be used.

    Example:
        >>> import numpy as np, tempfile, wane.data
        >>> file = f"{tempfile.mkdtemp()}/waves.npz"
        >>> np.savez(file, x=np.random.rand(50, 12, 2), y=np.arange(50) % 2)
        >>> wane.data.read_arrays(file).network
        'lstm'
    """
    path, task = Path(path), checked_task(task)
    named = {option: name for option, name in (("group", group), ("time", time)) if name}
    parts, tied = _read(path, named or _TIES)
    pairs: dict[str, Any] = {part: tuple(arrays) for part, arrays in parts.items()}
    others: dict[str, Any] = {"task": task or "", "feature_names": (), "notes": ()}
    if not as_given:
        pairs, others = _made_ready(path, parts, task, inputs=inputs, divide=divide)
    others["notes"] += _remarks(parts, pairs, others.get("class_names", ()))
    if "account" in others:
        others["account"] = dataclasses.replace(others["account"], notes=others["notes"])
    x, y = pairs["train"]
    rest = {"validation": pairs.get("validation", 0.25), "test": pairs.get("test", 0.2)}
    others |= {"groups": tied.groups, "time": tied.time, "gap": gap}
    return Problem(name=path.name[: -len(SUFFIX)], x=x, y=y, **rest, **others)


def _made_ready(
    path: Path, parts: dict[str, Part], task: str | None, **asked: Any
) -> tuple[dict[str, Any], dict[str, Any]]:
    """The rows of each part as the default network takes them, and what else there is to know."""
    answer = _targets(path, parts, task)
    x_of = {part: arrays.x for part, arrays in parts.items()}
    rows, shaped = read_inputs(str(path), x_of, kind=asked["inputs"], divide=asked["divide"])
    pairs = {part: (rows[part], answer.y[place]) for part, place in _places(parts).items()}
    return pairs, {
        **shaped,
        "task": answer.task,
        "standardize_target": answer.task == "regression",
        "class_names": answer.class_names,
        "notes": (*shaped["notes"], *answer.notes),
        "account": _account(rows["train"], shaped.get("transform"), answer),
    }


def _read(path: Path, ties: Mapping[str, str]) -> tuple[dict[str, Part], TiedColumns]:
    """The rows of each part, and what those of x have to do with each other."""
    found = _loaded(path, ties)
    parts = _parts(path, {name: one for name, one in found.items() if _part_of(name)})
    return parts, tied_arrays(path, found, ties, len(parts["train"].x))


def read_new_arrays(path: Path) -> "tuple[NDArray[Any], NDArray[Any] | None]":
    """x of a ``.npz`` file of new rows, and y if it is there; both [rows, …].

    Raises:
        InputError: if it has no x, or several.
    """
    found = _loaded(path)
    several = [name for name in found if (_part_of(name) or "")[1] == "x"]
    if len(several) != 1:
        raise InputError(
            f"{path} has {'several' if several else 'no'} x of new rows, {listed(found)}: save one "
            f"with numpy.savez('new.npz', x=x)."
        )
    x, own = found[several[0]], _part_of(several[0])
    y = [array for name, array in found.items() if own and _part_of(name) == (own[0], "y")]
    return x, y[0] if y and y[0].ndim and len(y[0]) == len(x) else None


def _account(x: Any, transform: Any, answer: Target) -> Account:
    """What is in the arrays, of which these are the training rows and the targets of all rows."""
    from sklearn.base import clone

    inputs = x if transform is None else clone(transform).fit_transform(x)
    labels = answer.y if answer.class_names else None
    return account_of(inputs.shape[1:], len(answer.y), labels, answer.class_names)


def _remarks(
    parts: dict[str, Part], pairs: Mapping[str, Any], names: tuple[str, ...]
) -> tuple[str, ...]:
    """What is odd about the rows, whose classes have these names."""
    if any(x.dtype.kind not in "biuf" for x, _ in parts.values()):
        return ()
    rows = {part: Examples(left_on_disk(parts[part].x), y) for part, (_, y) in pairs.items()}
    train = rows.pop("train")
    # How rows that overlap are divided, the study says.
    return tuple(
        remarks(train, rows, classes=bool(names), shuffled=False, shown=lambda at: names[at])
    )


def _loaded(path: Path, ties: Mapping[str, str] | None = None) -> "dict[str, NDArray[Any]]":
    """The arrays x and y of a file by name, and those of ties, by option what they are called."""
    of_ties = (ties or {}).values()

    def kinds(name: str) -> str:
        return PLAIN if _part_of(name) else f"{PLAIN}M" if name in of_ties else ""

    if not path.is_file():
        raise InputError(f"There is no file {path}: give a .npz file with arrays, or a table.")
    found, inside = plain_arrays(path, kinds, mapped_member, ratio=LARGEST_RATIO, advice=_NAMES)
    if not any(map(_part_of, found)):
        raise InputError(f"{path} has no x and y, only {listed(inside)}: {_NAMES}")
    for option, name in () if ties is _TIES else (ties or {}).items():
        if name not in inside:
            known = nearest(name, [one for one in inside if _part_of(one) is None])
            raise InputError(f"{path} has no array named {name!r} (--{option}): {known}")
        if _part_of(name) is not None:
            raise InputError(
                f"--{option} names {name!r}, which holds inputs or targets: give the array of one "
                f"value for each row that says what rows have to do with each other."
            )
    return found


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


def _is_one_hot(y: "NDArray[Any]") -> bool:
    return y.dtype.kind in "biuf" and bool(np.all((y == 0) | (y == 1)) and np.all(y.sum(1) == 1))


def _targets(path: Path, parts: dict[str, Part], task: str | None) -> Any:
    """The targets of all parts, joined, as one column of a table is read."""
    import pandas as pd

    columns = []
    for part, (_, y) in parts.items():
        flat = y.reshape(len(y), -1)
        if flat.shape[1] != 1:
            one_hot = ", of these one-hot rows y.argmax(axis=1)" if _is_one_hot(flat) else ""
            raise InputError(
                f"{path} has y of shape {y.shape} for the {part} rows, but one number or class for "
                f"each row is expected: give such a y{one_hot}, or your own network with --model."
            )
        column = flat[:, 0]
        if column.dtype.kind == "S":  # text as NumPy writes bytes of it
            column = np.char.decode(column, "utf-8", "replace")
        columns.append(column)
    whole = read_column(pd.Series(np.concatenate(columns), name="y"))
    missing = int(whole.values.isna().sum())
    if missing:
        raise InputError(f"{path} has {missing} missing values in y; leave these rows out.")
    answer = read_target(whole, "y", task)
    return dataclasses.replace(answer, notes=(*filter(None, [whole.note]), *answer.notes))
