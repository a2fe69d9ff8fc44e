"""The predictions that were kept, as tables."""

from pathlib import Path
from typing import TYPE_CHECKING

import numpy as np
import pandas as pd
import pyarrow as pa
import pyarrow.parquet as pq

from wane._errors import InputError
from wane.study.measures import row_numbers
from wane.study.store import PREDICTED

if TYPE_CHECKING:
    from wane.study.run import Session
    from wane.study.store import Store


def predictions_table(
    session: "Session", store: "Store", candidate: int, part: str = "validation"
) -> pd.DataFrame:
    """A row for each run and row: candidate, repeat, row, then the outputs in the target's unit.

    ``row`` counts the rows of x where validation rows were split off from it, else those of the
    part. One output is the column ``prediction``, several are ``prediction_0`` and so on.

    Args:
        session, store: the study and its runs.
        candidate: the index of the candidate.
        part: ``"validation"`` or ``"test"``.

    Raises:
        InputError: if there is no such part.
    """
    if part not in PREDICTED:
        raise InputError(f"part must be 'validation' or 'test', got {part!r}.")
    name = session.study.names[candidate]
    tables = []
    for repeat in range(session.resampling.repeats):
        outputs = store.predictions(candidate, repeat, part)
        if not outputs:
            continue
        target = session.splits.target(repeat)
        flat = np.hstack([output.reshape(len(output), -1) for output in outputs])
        flat = flat * np.float32(target.scale) + np.float32(target.centre)
        count = len(flat)
        rows = np.arange(count)
        if part == "validation":
            rows = row_numbers(session.resampling, repeat, count)
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


def write_predictions(session: "Session", store: "Store", path: Path) -> bool:
    """Write the predictions of validation rows as Parquet, a candidate at a time; whether any."""
    writer = None
    try:
        for candidate in range(len(session.study.names)):
            table = predictions_table(session, store, candidate)
            if table.empty:
                continue
            arrow = pa.Table.from_pandas(table, preserve_index=False)
            writer = writer or pq.ParquetWriter(path, arrow.schema)
            writer.write_table(arrow)
    finally:
        if writer is not None:
            writer.close()
    return writer is not None
