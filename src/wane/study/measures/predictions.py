"""The predictions that were kept, as tables."""

import itertools
from collections.abc import Iterator
from pathlib import Path
from typing import Any

import numpy as np
import pandas as pd
import pyarrow as pa
import pyarrow.parquet as pq

from wane._errors import InputError
from wane.resampling.rows import Rows, in_own_unit
from wane.study.journal.journal import PREDICTED
from wane.study.measures.finished import FinishedRuns, evaluated_rows, row_numbers
from wane.study.measures.scorers import class_shares, targets_of
from wane.study.measures.tables import ROWS_AT_A_TIME


def predictions_table(
    finished: FinishedRuns, candidate: int, part: str = "validation"
) -> pd.DataFrame:
    """A row for each run and row: candidate, repeat, row, then the outputs in the target's unit.

    ``row`` counts the rows of x where validation rows were split off from it, else those of the
    part. One output is the column ``prediction``, several are ``prediction_0`` and so on.

    Args:
        finished, store: the study and its runs.
        candidate: the index of the candidate.
        part: ``"validation"`` or ``"test"``.

    Raises:
        InputError: if there is no such part.
    """
    if part not in PREDICTED:
        raise InputError(f"part must be 'validation' or 'test', got {part!r}.")
    whole = next(_tables(finished, candidate, part, None), None)
    columns = ["candidate", "repeat", "row", "prediction"]
    return pd.DataFrame(columns=columns) if whole is None else whole


def _tables(
    finished: FinishedRuns, candidate: int, part: str, most: int | None
) -> Iterator[pd.DataFrame]:
    """The table of :func:`predictions_table` in parts of so many rows, or a run more."""
    name = finished.spec.names[candidate]
    repeats: list[np.ndarray] = []
    rows: list[np.ndarray] = []
    outputs: list[np.ndarray] = []
    given, held = part == "validation", 0
    for repeat in range(finished.resampling.repeats):
        kept = finished.journal.predictions(candidate, repeat, part)
        if not kept:
            continue
        target = finished.splits.target(repeat)
        flat = np.hstack([output.reshape(len(output), -1) for output in kept])
        outputs.append(flat * np.float32(target.scale) + np.float32(target.centre))
        count = len(flat)
        repeats.append(np.full(count, repeat))
        rows.append(row_numbers(finished.resampling, repeat, count) if given else np.arange(count))
        held += count
        if most is not None and held >= most:
            yield _table(name, repeats, rows, outputs)
            repeats, rows, outputs, held = [], [], [], 0
    if outputs:
        yield _table(name, repeats, rows, outputs)


def _table(
    name: str, repeats: list[np.ndarray], rows: list[np.ndarray], outputs: list[np.ndarray]
) -> pd.DataFrame:
    values = np.concatenate(outputs)
    several = values.shape[1] > 1
    columns = [f"prediction_{i}" for i in range(values.shape[1])] if several else ["prediction"]
    table = pd.DataFrame(values, columns=columns)
    table.insert(0, "row", np.concatenate(rows))
    table.insert(0, "repeat", np.concatenate(repeats))
    table.insert(0, "candidate", name)
    return table


def with_truth(
    finished: FinishedRuns, candidate: int, part: str
) -> tuple[pd.DataFrame, int] | None:
    """A candidate's final predictions beside what is true, over all of its runs.

    A row for each run and row: ``repeat``, ``row``, ``truth`` and ``prediction``, in the target's
    own unit or as classes' numbers; of classes ``probability`` too: the second one's where there
    are two, else that of the predicted one.

    Returns:
        The table and the number of classes, 0 of an amount; None where predictions were not kept,
        or are no single number or class.
    """
    task, resampling, count_of_classes = finished.bridge.task, finished.resampling, 0
    columns: dict[str, list[np.ndarray]] = {}
    truths: dict[int, np.ndarray] = {}  # of each split: all repeats may share one
    for repeat in range(resampling.repeats):
        outputs = finished.journal.predictions(candidate, repeat, part)
        rows = evaluated_rows(finished, repeat)[part == "test"]
        if not outputs or rows is None:
            continue
        one_of_each = len(outputs) == 1 and outputs[0].ndim <= 2
        if task.kind not in ("binary", "multiclass", "regression") or not one_of_each:
            return None
        flat = _flat(rows, outputs[0])
        if (task.kind != "multiclass" and flat.shape[1] != 1) or not np.isfinite(flat).all():
            return None
        count, split = len(flat), resampling.resample(repeat)
        if split not in truths:
            truths[split] = targets_of(task, _flat(rows, rows.y))
        numbers = np.arange(count)
        if part == "validation":
            numbers = row_numbers(resampling, repeat, count)
        own = {"repeat": np.full(count, repeat), "row": numbers, "truth": truths[split]}
        own = {name: _narrow(values) for name, values in own.items()}
        if task.kind == "regression":
            own["prediction"] = flat[:, 0]
        else:
            shares = class_shares(task, flat.astype(np.float64))
            count_of_classes = shares.shape[1]
            probability = shares[:, 1] if count_of_classes == 2 else shares.max(axis=1)
            own["prediction"] = _narrow(shares.argmax(axis=1))
            own["probability"] = probability.astype(np.float32)
        for name, values in own.items():
            columns.setdefault(name, []).append(values)
    if not columns:
        return None
    # Millions of rows: a second copy of them would serve nobody, and each column's parts go as it
    # is made.
    joined = {name: np.concatenate(columns.pop(name)) for name in list(columns)}
    table = pd.DataFrame(joined, copy=False)
    if task.ignore_class is not None:
        table = table[table["truth"] != task.ignore_class]
    return table, count_of_classes


def _narrow(values: np.ndarray) -> np.ndarray:
    """Whole numbers in half of their memory, of which tables of all repeats take much."""
    return values.astype(np.int32) if values.dtype == np.int64 else values


def _flat(rows: Rows, values: Any) -> np.ndarray:
    """Targets or predictions of these rows in the target's own unit, [rows, numbers]."""
    return np.asarray(in_own_unit(rows.unit, np.asarray(values))).reshape(len(values), -1)


def write_predictions(finished: FinishedRuns, path: Path) -> bool:
    """Write the predictions of validation rows as Parquet, some runs at a time; whether any."""
    writer = None
    try:
        every = range(len(finished.spec.names))
        for table in itertools.chain.from_iterable(
            _tables(finished, candidate, "validation", ROWS_AT_A_TIME) for candidate in every
        ):
            arrow = pa.Table.from_pandas(table, preserve_index=False)
            writer = writer or pq.ParquetWriter(path, arrow.schema)
            writer.write_table(arrow)
    finally:
        if writer is not None:
            writer.close()
    return writer is not None
