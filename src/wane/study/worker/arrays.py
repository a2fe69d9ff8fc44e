"""Rows as files of arrays and tables, none of which can hold code."""

from collections.abc import Mapping
from pathlib import Path
from typing import Any

import numpy as np
import pandas as pd

from wane._errors import InputError, one_line
from wane.resampling.checking import checked_arrays

Document = dict[str, Any]


def write_rows(rows: Any, name: str, folder: Path) -> Document | None:
    """Write x, y or weights; returns what :func:`read_rows` finds them by, JSON-able.

    Args:
        rows: an array, a data frame, a dictionary or list of these, or None.
        name: of the argument that they are; also of files.
        folder: where to write them.

    Raises:
        InputError: if no file of arrays or tables holds them.
    """
    if rows is None:
        return None
    if isinstance(rows, pd.DataFrame):
        return {"frame": _write_frame(rows, name, folder)}
    return _write_arrays(checked_arrays(rows, name), name, folder)


def write_labels(labels: Any, name: str, folder: Path) -> Document:
    """Write groups or times of rows, [rows], with the name that they may have."""
    series = labels if isinstance(labels, pd.Series) else pd.Series(np.asarray(labels))
    written = _write_frame(series.reset_index(drop=True).to_frame("labels"), name, folder)
    called = getattr(labels, "name", None)
    return {"labels": written, "name": None if called is None else str(called)}


def read_rows(document: Document | None, folder: Path) -> Any:
    """What :func:`write_rows` or :func:`write_labels` wrote."""
    match document:
        case None:
            return None
        case {"array": file}:
            return np.load(folder / file, allow_pickle=False)
        case {"frame": file}:
            return pd.read_parquet(folder / file)
        case {"labels": file, "name": name}:
            return pd.read_parquet(folder / file)["labels"].rename(name)
        case {"parts": parts}:
            return {name: read_rows(part, folder) for name, part in parts.items()}
        case {"list": parts}:
            return [read_rows(part, folder) for part in parts]
    raise AssertionError(f"no rows are written as {document!r}")


def _write_arrays(arrays: Any, name: str, folder: Path) -> Document:
    if isinstance(arrays, Mapping):
        parts = enumerate(arrays.items())
        return {"parts": {k: _write_arrays(v, f"{name}-{i}", folder) for i, (k, v) in parts}}
    if isinstance(arrays, list):
        return {"list": [_write_arrays(v, f"{name}-{i}", folder) for i, v in enumerate(arrays)]}
    np.save(folder / f"{name}.npy", arrays, allow_pickle=False)
    return {"array": f"{name}.npy"}


def _write_frame(frame: pd.DataFrame, name: str, folder: Path) -> str:
    try:
        frame.to_parquet(folder / f"{name}.parquet")
    except (TypeError, ValueError, ArithmeticError) as error:  # pyarrow's own are such
        raise InputError(
            f"{name} cannot be handed to JAX, on which wane trains, since no Parquet file holds it "
            f"({one_line(error).rstrip('.')}): give values of one type in each column, whose name "
            f"is a text, or start Python anew with KERAS_BACKEND=jax."
        ) from error
    return f"{name}.parquet"
