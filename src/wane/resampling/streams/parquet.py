"""Columns of numbers of a Parquet file, as rows of one array."""

from collections import Counter
from collections.abc import Iterator, Sequence
from pathlib import Path
from typing import Any

import numpy as np

from wane._errors import InputError, nearest

_BUFFER = 2**16
"""How much of a column is read at a time, in bytes: a row group may be as large as the file."""
_BATCH_BYTES = 2**24


class ParquetRows:
    """Columns of numbers of a Parquet file as x of a study, [rows, columns].

    Where the array would take more than a quarter of the memory that is free, a study unpacks it
    once to a temporary file, some rows at a time, and reads its batches there; otherwise it is read
    into memory. The numbers are the same.

    Args:
        path: the file.
        columns: their names, in the order in which the network takes them; None takes all.

    Attributes:
        path: as given.
        columns: their names.
        dtype: the type that holds all of them.
        shape: rows and columns.

    Raises:
        InputError: if the file cannot be read, or a column is not there or not of numbers.

    Example:
        >>> import pandas as pd
        >>> from wane.data import ParquetRows
        >>> pd.DataFrame({"a": [1.0, 2.0], "b": [3, 4], "y": [0, 1]}).to_parquet("rows.parquet")
        >>> x = ParquetRows("rows.parquet", columns=["b", "a"])
        >>> x.shape, x.dtype
        ((2, 2), dtype('float64'))
        >>> y = pd.read_parquet("rows.parquet", columns=["y"])["y"]
    """

    def __init__(self, path: str | Path, columns: Sequence[str] | None = None) -> None:
        self.path = Path(path)
        file = self._opened()
        schema = file.schema_arrow
        self.columns = list(schema.names if columns is None else columns)
        if not self.columns or len(set(self.columns)) < len(self.columns):
            raise InputError(
                f"columns must name columns of {str(self.path)!r}, each once, got {self.columns}."
            )
        counts = Counter(schema.names)
        for column in self.columns:
            if not counts[column]:
                known = nearest(column, schema.names)
                raise InputError(f"{str(self.path)!r} has no column {column!r}: {known}")
            if counts[column] > 1:
                raise InputError(
                    f"{str(self.path)!r} has {counts[column]} columns of the name {column!r}: name "
                    f"them apart."
                )
        types = [self._type(schema.field(column)) for column in self.columns]
        self.dtype: np.dtype[Any] = np.result_type(*types)
        self.shape = (file.metadata.num_rows, len(self.columns))

    @property
    def ndim(self) -> int:
        """As NumPy's arrays have it."""
        return 2

    @property
    def name(self) -> str:
        """What errors call it."""
        return str(self.path)

    def __len__(self) -> int:
        return int(self.shape[0])

    def __array__(self, dtype: Any = None, copy: bool | None = None) -> np.ndarray:
        """All of the rows in memory."""
        values = np.concatenate([np.empty((0, self.shape[1]), self.dtype), *self.blocks()])
        return values if dtype is None else values.astype(dtype)

    def blocks(self) -> Iterator[np.ndarray]:
        """All of the rows, some at a time, row group after row group.

        Raises:
            InputError: if the file cannot be read, or a value is missing.
        """
        import pyarrow as pa

        file = self._opened()
        step = max(1, _BATCH_BYTES // (len(self.columns) * self.dtype.itemsize))
        try:
            for group in range(file.num_row_groups):
                for batch in file.iter_batches(step, row_groups=[group], columns=self.columns):
                    yield self._values(batch)
        except (OSError, pa.ArrowException) as error:
            raise self._unreadable(error) from error

    def _values(self, batch: Any) -> np.ndarray:
        values = np.empty((batch.num_rows, len(self.columns)), self.dtype)
        for place, name in enumerate(self.columns):
            column = batch.column(name)
            if column.null_count:
                raise InputError(
                    f"{str(self.path)!r} has missing values in the column {name!r}: fill or drop "
                    f"them first (scikit-learn's SimpleImputer fills)."
                )
            values[:, place] = column.to_numpy(zero_copy_only=False)
        return values

    def _type(self, field: Any) -> Any:
        import pyarrow as pa

        is_number = pa.types.is_integer, pa.types.is_floating, pa.types.is_boolean
        if not any(is_so(field.type) for is_so in is_number):
            raise InputError(
                f"The column {field.name!r} of {str(self.path)!r} is of type {field.type}, and x "
                f"takes numbers: name the columns of numbers (columns), and encode text and dates "
                f"first."
            )
        return field.type.to_pandas_dtype()

    def _opened(self) -> Any:
        import pyarrow as pa
        import pyarrow.parquet as pq

        if not self.path.is_file():
            raise InputError(f"There is no file {str(self.path)!r}: give a Parquet file.")
        try:
            return pq.ParquetFile(self.path, buffer_size=_BUFFER)
        except (OSError, pa.ArrowException) as error:
            raise self._unreadable(error) from error

    def _unreadable(self, error: Exception) -> InputError:
        return InputError(
            f"{str(self.path)!r} cannot be read as Parquet ({str(error).splitlines()[0]}): give a "
            f"whole Parquet file."
        )
