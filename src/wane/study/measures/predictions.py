"""The predictions that were kept, as tables."""

from pathlib import Path

import numpy as np
import pandas as pd
import pyarrow as pa
import pyarrow.parquet as pq

from wane._errors import InputError
from wane.study.journal.journal import PREDICTED
from wane.study.measures.finished import FinishedRuns, row_numbers


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
    name = finished.spec.names[candidate]
    tables = []
    for repeat in range(finished.resampling.repeats):
        outputs = finished.journal.predictions(candidate, repeat, part)
        if not outputs:
            continue
        target = finished.splits.target(repeat)
        flat = np.hstack([output.reshape(len(output), -1) for output in outputs])
        flat = flat * np.float32(target.scale) + np.float32(target.centre)
        count = len(flat)
        rows = np.arange(count)
        if part == "validation":
            rows = row_numbers(finished.resampling, repeat, count)
        columns = ["prediction"]
        if flat.shape[1] > 1:
            columns = [f"prediction_{index}" for index in range(flat.shape[1])]
        table = pd.DataFrame(flat, columns=columns)
        table.insert(0, "row", rows)
        table.insert(0, "repeat", repeat)
        table.insert(0, "candidate", name)
        tables.append(table)
    empty = pd.DataFrame(columns=["candidate", "repeat", "row", "prediction"])
    return pd.concat(tables, ignore_index=True) if tables else empty


def write_predictions(finished: FinishedRuns, path: Path) -> bool:
    """Write the predictions of validation rows as Parquet, a candidate at a time; whether any."""
    writer = None
    try:
        for candidate in range(len(finished.spec.names)):
            table = predictions_table(finished, candidate)
            if table.empty:
                continue
            arrow = pa.Table.from_pandas(table, preserve_index=False)
            writer = writer or pq.ParquetWriter(path, arrow.schema)
            writer.write_table(arrow)
    finally:
        if writer is not None:
            writer.close()
    return writer is not None
