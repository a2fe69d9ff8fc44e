"""Arrays of a data set that comes in batches: one pass over it, with its size checked before.

A study trains hundreds of networks on the same rows, in orders and splits of its own: so it needs
them all at once, and reads a data set that was made for ``fit`` a single time.
"""

import collections.abc
from collections.abc import Callable, Iterable, Iterator
from typing import Any

import jax
import numpy as np
import psutil

from wane._errors import InputError, one_line

LARGEST_SHARE = 0.4
"""The share of free memory that a data set may take: while its batches are joined they are there
twice."""

_KINDS = {"PyDataset": "keras", "DatasetV2": "tensorflow", "DataLoader": "torch"}
"""Classes of data sets, and the packages that they are from."""

Parts = tuple[Any, Any, Any]
"""Inputs, targets and the weights of rows: arrays, or trees of them; None where there are none."""


def comes_in_batches(x: Any) -> bool:
    """Whether x is a data set that gives inputs and targets in batches, rather than arrays."""
    return _kind(x) is not None or isinstance(x, collections.abc.Iterator)


def count_of(batches: Any, name: str = "x") -> int:
    """How many batches a data set gives in one pass.

    Args:
        batches: for which :func:`comes_in_batches`.
        name: what to call it.

    Raises:
        InputError: if it does not say, or gives batches without end.
    """
    try:
        count = _length(batches)
    except Exception as error:  # TensorFlow and torch have exceptions of their own
        raise InputError(
            f"{name} is a {_title(batches)} that does not say how many batches it has "
            f"({one_line(error)}): {_advice(batches)}."
        ) from error
    if count is None or count == 0:
        how = "no batches" if count == 0 else "batches without end"
        raise InputError(f"{name} is a {_title(batches)} of {how}: {_advice(batches)}.")
    return count


def arrays_of(batches: Any, name: str = "x", tick: Callable[[int], None] = lambda _: None) -> Parts:
    """The rows of one pass over a data set, in the order in which it gives them.

    What it changes at random, as by augmentation, is thereby drawn once.

    Args:
        batches: a ``keras.utils.PyDataset``, a ``tf.data.Dataset``, a torch ``DataLoader``, or an
            iterator that has a length, which give ``(x, y)`` or ``(x, y, sample_weight)``, each
            an array or a tree of arrays [rows, …].
        name: what to call it.
        tick: called with the number of batches that have been read.

    Returns:
        Inputs, targets and weights of all rows.

    Raises:
        InputError: if its length is not known, it gives something else, or memory does not hold it.
    """
    count = count_of(batches, name)
    read: list[Parts] = []
    for batch in _pass(batches, count):
        parts = _parts(batch, name)
        if not read:
            _check_size(parts, count, name)
        elif _form(parts) != _form(read[0]):
            raise InputError(
                f"Batch {len(read)} of {name} has rows of another form than the first one "
                f"({_form(parts)} in place of {_form(read[0])}): give batches of one form."
            )
        read.append(parts)
        tick(len(read))
    if not read:
        raise InputError(f"{name} is a {_title(batches)} that is used up: make it anew.")
    whole: Parts = jax.tree.map(lambda *several: np.concatenate(several), *read)
    return whole


def _kind(x: Any) -> str | None:
    for one in type(x).__mro__:
        if _KINDS.get(one.__name__) == one.__module__.partition(".")[0]:
            return one.__name__
    return None


def _title(x: Any) -> str:
    """What to call a data set of this kind."""
    kind = _kind(x)
    return "tf.data.Dataset" if kind == "DatasetV2" else kind or type(x).__name__


def _advice(x: Any) -> str:
    if _kind(x) == "DatasetV2":
        return (
            "end it by take(batches), or say its length by "
            "apply(tf.data.experimental.assert_cardinality(batches))"
        )
    if _kind(x) == "PyDataset":
        return "let its num_batches (or __len__) give the number of its batches"
    if _kind(x) == "DataLoader":
        return "give a loader of a data set that has a length"
    return "give arrays, or a data set that has a length, such as a keras.utils.PyDataset"


def _length(batches: Any) -> int | None:
    """The number of batches; None without end."""
    if _kind(batches) == "DatasetV2":
        count = int(batches.cardinality())
        if count == -2:  # TensorFlow's word for a length that is not known
            raise TypeError("its cardinality is unknown")
        return None if count < 0 else count
    if _kind(batches) == "PyDataset":
        count = batches.num_batches
        return None if count is None else int(count)
    return len(batches)


def _pass(batches: Any, count: int) -> Iterator[Any]:
    if _kind(batches) == "PyDataset":
        return (batches[place] for place in range(count))
    several: Iterable[Any] = batches
    return iter(several)


def _parts(batch: Any, name: str) -> Parts:
    """Inputs, targets and weights of one batch, as arrays."""
    if not isinstance(batch, tuple | list) or not 2 <= len(batch) <= 3:
        raise InputError(
            f"{name} gives {_said(batch)} for a batch, but a study needs (x, y) or "
            f"(x, y, sample_weight): give the targets too."
        )
    x, y, *weights = (_as_arrays(part, name) for part in batch)
    parts = (x, y, weights[0] if weights else None)
    sizes = {leaf.shape[:1] for leaf in jax.tree.leaves(parts)}
    if len(sizes) != 1 or () in sizes:
        raise InputError(
            f"{name} gives batches whose parts have {_said(sorted(sizes))} rows: give batches of "
            f"rows, as by batch(32), with as many targets as inputs."
        )
    return parts


def _as_arrays(part: Any, name: str) -> Any:
    try:
        return jax.tree.map(_as_array, part)
    except (TypeError, ValueError, AttributeError, RuntimeError) as error:
        raise InputError(
            f"{name} gives batches that are no arrays ({one_line(error)}): give dense arrays."
        ) from error


def _as_array(part: Any) -> np.ndarray:
    if hasattr(part, "detach"):  # a tensor of torch, perhaps with a gradient or on a device
        part = part.detach().cpu()
    array = np.asarray(part)
    if array.dtype == object:
        raise TypeError(f"a {type(part).__name__} has no dense array")
    return array


def _form(parts: Parts) -> Any:
    """What rows look like: the tree of their parts, and the shape of each."""
    return jax.tree.map(lambda leaf: str(leaf.shape[1:]), parts)


def _check_size(parts: Parts, count: int, name: str) -> None:
    """Check that memory holds all batches, by the first one."""
    size = count * sum(leaf.nbytes for leaf in jax.tree.leaves(parts))
    check_fits(size, f"The {count:,} batches of {name}", "give fewer rows, or smaller ones")


def check_fits(size: int, what: str, advice: str) -> None:
    """Check that memory holds rows and what a study makes of them.

    Args:
        size: bytes of the rows.
        what: what to call them.
        advice: what to do otherwise.

    Raises:
        InputError: if it does not.
    """
    free = psutil.virtual_memory().available
    if size > LARGEST_SHARE * free:
        raise InputError(
            f"{what} take about {size / 2**30:.1f} GiB, and "
            f"{free / 2**30:.1f} GiB of memory are free, of which a study takes at most "
            f"{LARGEST_SHARE:.0%} for its rows: {advice}."
        )


def _said(value: Any) -> str:
    return one_line(Exception(repr(value)[:80]))
