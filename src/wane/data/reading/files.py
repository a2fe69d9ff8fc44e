"""From a file to a data frame whose column names are distinct strings."""

import collections
import functools
import warnings
from collections.abc import Collection, Sequence
from pathlib import Path
from typing import TYPE_CHECKING, Any, NamedTuple

from wane._archives import check_compressed_size, text_head
from wane._errors import InputError, listed, nearest
from wane.data.reading.cells import stands_for_gap
from wane.data.reading.columns import Column, read_column
from wane.data.reading.layout import Layout, find_layout
from wane.data.reading.numbers import GROUPED_BY_POINTS, proven_decimal
from wane.data.reading.options import TableOptions

if TYPE_CHECKING:
    import pandas as pd

_SEPARATORS = {".csv": ",", ".tsv": "\t"}
_COMPRESSIONS = ("", ".gz", ".bz2", ".xz", ".zip")
_TEXT_SUFFIXES = {
    kind + compression: separator
    for kind, separator in _SEPARATORS.items()
    for compression in _COMPRESSIONS
}
_PARQUET_SUFFIXES = (".parquet", ".pq")
LARGEST_RATIO = 100
"""What a compressed text may take unpacked, in sizes of the file."""
_HEAD = 2**20
"""Of so many characters the layout of a text is found."""
_FIRST_ROWS = 1000
"""In so many rows zeros before numbers are looked for, which pandas drops."""
BYTES_A_CELL = 8
_EXPECTED = "give a .csv, .tsv (also .gz, .bz2, .xz, .zip), .parquet or .pq file."


def table_suffix(path: Path) -> str | None:
    """The part of the file name that decides how to read it (``".csv.gz"``); None if unknown."""
    name = path.name.casefold()
    known = (*_TEXT_SUFFIXES, *_PARQUET_SUFFIXES)
    return next((suffix for suffix in known if name.endswith(suffix)), None)


class Read(NamedTuple):
    """The table in a file.

    Args:
        frame: its columns; numbers that are not written as Python writes them are texts.
        notes: sentences on what is no part of it in the file.
        decimal: the decimal mark that the user gives, or that the file proves.
    """

    frame: "pd.DataFrame"
    notes: tuple[str, ...] = ()
    decimal: str | None = None

    def column(self, name: str, options: TableOptions) -> Column:
        """A column as what it holds."""
        gaps, own = options.gaps_of(name), options.missing_in.get(name, ())
        return read_column(self.frame[name], missing=gaps, own=own, decimal=self.decimal)


_NO_OPTIONS = TableOptions()


def read_frame(
    path: Path,
    target: str | None = None,
    options: TableOptions = _NO_OPTIONS,
    as_written: Collection[str] = (),
) -> Read:
    """The table in a CSV, TSV or Parquet file.

    Args:
        path: the file.
        target: a column's name, which tells the line of names in a text.
        options: what the user says of the file.
        as_written: columns of a text whose cells stay as they are written, such as ``01``.

    Raises:
        InputError: if the file is not there, is no such table, has no rows, or names two columns
            alike.
    """
    suffix = _checked_suffix(path)
    if suffix in _PARQUET_SUFFIXES:
        out_of_place = options.only_for_texts()
        if out_of_place:
            raise InputError(f"{out_of_place} is for texts, and {path} is Parquet: leave it out.")
        read = Read(_read_parquet(path), (), options.decimal)
    else:
        read = _read_text(path, _TEXT_SUFFIXES[suffix], target, options, as_written)
    frame = read.frame
    frame.columns = frame.columns.str.strip()
    if frame.empty:
        raise InputError(
            f"{path} has no rows ({len(frame.columns)} columns and nothing below them); "
            f"give a table with a line of column names and at least one row."
        )
    return read


def _checked_suffix(path: Path) -> str:
    if path.is_dir():
        raise InputError(f"{path} is a folder, but one table is expected; {_EXPECTED}")
    if not path.exists():
        folder = path.parent
        found = folder.iterdir() if folder.is_dir() else ()
        tables = sorted(file.name for file in found if table_suffix(file))
        hint = nearest(path.name, tables) if tables else f"{folder} holds no table that wane reads."
        raise InputError(f"There is no file {path}: {hint}")
    if not path.is_file():
        raise InputError(
            f"{path} is no file but a device or pipe, which may never end; {_EXPECTED}"
        )
    suffix = table_suffix(path)
    if suffix is None:
        raise InputError(f"{path} is of a kind that wane does not read; {_EXPECTED}")
    return suffix


def _read_text(
    path: Path,
    separator: str,
    target: str | None,
    options: TableOptions,
    as_written: Collection[str],
) -> Read:
    """A text table; where its lines show another separator than its kind has, that separates."""
    import lzma
    import zipfile
    import zlib

    import pandas as pd

    try:
        check_compressed_size(
            path, ratio=LARGEST_RATIO, advice="unpack it yourself if you trust it"
        )
        head = text_head(path, _HEAD)
        if "\0" in head:
            raise InputError(f"{path} is a binary file, not text; {_EXPECTED}")
        layout = find_layout(
            head, separator, target, given=options.separator, header=options.header
        )
        if layout is None:
            raise InputError(
                f"{path} is empty; give a table with a line of column names and at least one row."
            )
        _check_names(path, layout.names)
        separator = layout.separator
        with warnings.catch_warnings():
            # It warns where rows are longer than the header, and cuts them.
            warnings.simplefilter("error", pd.errors.ParserWarning)
            frame = _parsed(path, layout)
            return _as_read(path, layout, frame, options, as_written)
    except UnicodeDecodeError:
        raise InputError(f"{path} is not text in UTF-8; save it as UTF-8, or {_EXPECTED}") from None
    except pd.errors.ParserWarning:
        raise InputError(
            f"{path} has rows with more cells than its first line has column names; give every "
            f"column a name and quote the cells that contain {separator!r}."
        ) from None
    except pd.errors.ParserError as error:
        raise InputError(
            f"{path} cannot be read as a table ({str(error).strip()}); give every row as many "
            f"cells as the first line and quote the cells that contain {separator!r}."
        ) from None
    except (OSError, EOFError, ValueError, zipfile.BadZipFile, zlib.error, lzma.LZMAError) as error:
        if isinstance(error, InputError):
            raise
        raise InputError(f"{path} cannot be read ({error}); {_EXPECTED}") from None


def _as_read(
    path: Path,
    layout: Layout,
    frame: "pd.DataFrame",
    options: TableOptions,
    as_written: Collection[str],
) -> Read:
    """A text table whose cells pandas has read, and in their place texts where it read too much."""
    first = _parsed(path, layout, nrows=_FIRST_ROWS, dtype=str)
    texts = functools.partial(_parsed, path, layout, dtype=str)
    decimal = options.decimal or _proven_decimal(frame, first, options)
    notes = [*layout.notes, *_zeros_before(frame, first)]
    if decimal is None and layout.separator == ";":
        notes += _doubtful_points(frame, first)
    if decimal == "," and _pointed(frame, first, proven=options.decimal is None):
        frame = _with_texts(frame, texts(), proven=options.decimal is None)
    kept = [name for name in frame.columns if name.strip() in as_written]
    if kept:
        frame[kept] = texts()[kept]
    return Read(frame, tuple(notes), decimal)


def _parsed(path: Path, layout: Layout, **options: Any) -> "pd.DataFrame":
    """The cells of a text by pandas with these options, without row names."""
    import pandas as pd

    names: list[str] | None = list(layout.names)
    ahead, behind = ["row name"] * layout.row_names, ["end"] * layout.open_end
    if layout.has_header and not ahead and not behind:
        names = None  # pandas takes them, and names those that have none
    frame: pd.DataFrame = pd.read_csv(
        path,
        sep=layout.separator,
        skiprows=layout.skip,
        header=0 if layout.has_header else None,
        names=None if names is None else range(len(ahead + names + behind)),
        skipinitialspace=True,
        low_memory=False,
        index_col=False,
        # Some programs put a mark before UTF-8, which pandas skips in a header alone.
        encoding="utf-8-sig",
        **options,
    )
    if names is not None:
        frame = frame.iloc[:, len(ahead) : len(ahead) + len(names)]
        frame.columns = pd.Index(names)
    return frame


def _zeros_before(frame: "pd.DataFrame", first: "pd.DataFrame") -> list[str]:
    """A note on each column of numbers whose first texts show zeros before some, as codes have."""
    import pandas as pd

    notes = []
    for name in frame.columns[[pd.api.types.is_numeric_dtype(kind) for kind in frame.dtypes]]:
        texts = first[name].dropna().str.strip()
        coded = texts[texts.str.fullmatch(r"0\d+")]
        if len(coded):
            notes.append(
                f"Column {name!r} has zeros before its numbers, such as {coded.iloc[0]!r}, and was "
                f"read as numbers; if they are labels, write a letter before each."
            )
    return notes


def _numeric(frame: "pd.DataFrame") -> list[str]:
    """The columns that pandas has read as numbers with decimals."""
    import pandas as pd

    return [name for name in frame.columns if pd.api.types.is_float_dtype(frame[name].dtype)]


def _decimals(first: "pd.DataFrame", name: str) -> "pd.Series":
    """The texts of a column that have a point."""
    texts = first[name].dropna().str.strip()
    return texts[texts.str.contains(".", regex=False)]


def _proven_decimal(
    frame: "pd.DataFrame", first: "pd.DataFrame", options: TableOptions
) -> str | None:
    """The decimal mark that some columns of a text prove and no other contradicts.

    Args:
        frame: the columns as pandas reads them.
        first: the texts of the first rows.
        options: which further words stand for gaps.
    """
    import pandas as pd

    marks = set()
    for name in _numeric(frame):
        pointed = _decimals(first, name)
        if len(pointed) and not bool(pointed.str.fullmatch(GROUPED_BY_POINTS).all()):
            marks.add(".")
    for name in frame.columns[[not pd.api.types.is_numeric_dtype(t) for t in frame.dtypes]]:
        texts = frame[name].dropna().astype(str).str.strip().drop_duplicates()
        levels = texts[~stands_for_gap(texts) & ~texts.isin(options.gaps_of(name.strip()))]
        levels.index = levels.array
        marks.add(proven_decimal(levels))
    found = marks - {""}
    return found.pop() if len(found) == 1 else None


def _pointed(frame: "pd.DataFrame", first: "pd.DataFrame", *, proven: bool) -> bool:
    """Whether columns of numbers may have points where the decimal mark is a comma.

    Where the user names the mark, rows after the first ones may have them, too.
    """
    return any(not proven or len(_decimals(first, name)) for name in _numeric(frame))


def _with_texts(frame: "pd.DataFrame", texts: "pd.DataFrame", *, proven: bool) -> "pd.DataFrame":
    """Texts in place of numbers that pandas has read by points, of which none is a decimal mark.

    Args:
        frame: the columns as pandas reads them.
        texts: all texts.
        proven: whether the mark is that of other columns, against which a column may be written.
    """
    for name in _numeric(frame):
        pointed = _decimals(texts, name)
        grouped = bool(pointed.str.fullmatch(GROUPED_BY_POINTS).all())
        if len(pointed) and (grouped or not proven):
            frame[name] = texts[name]
    return frame


def _doubtful_points(frame: "pd.DataFrame", first: "pd.DataFrame") -> list[str]:
    """A note on each column whose points may stand between thousands, between semicolons."""
    notes = []
    for name in _numeric(frame):
        pointed = _decimals(first, name)
        longer = first[name].dropna().str.strip().str.fullmatch(r"[+-]?\d{4,}")
        if len(pointed) and bool(pointed.str.fullmatch(GROUPED_BY_POINTS).all()):
            if longer.any():
                continue  # thousands without points
            notes.append(
                f"Column {name!r} has numbers such as {pointed.iloc[0]!r}, read with a decimal "
                f"point; if points stand between thousands, give --decimal ,"
            )
    return notes


def _read_parquet(path: Path) -> "pd.DataFrame":
    import pyarrow
    import pyarrow.parquet

    try:
        with pyarrow.parquet.ParquetFile(path) as file:
            _check_memory(path, file.metadata.num_rows * file.metadata.num_columns)
            table = file.read()
    except (OSError, pyarrow.ArrowException) as error:
        raise InputError(f"{path} cannot be read as Parquet ({error}); {_EXPECTED}") from None
    _check_names(path, [name.strip() for name in table.column_names])
    # Without the metadata of pandas an index is a column like any other.
    frame: pd.DataFrame = table.to_pandas(ignore_metadata=True, date_as_object=False)
    return frame


def _check_memory(path: Path, cells: int) -> None:
    """Check that a table fits memory: a few bytes may stand for any number of equal cells."""
    import psutil

    needed, free = BYTES_A_CELL * cells, psutil.virtual_memory().available
    if needed > free / 2:
        raise InputError(
            f"{path} has {cells:,} cells, which take {needed / 2**20:,.0f} MiB, and there are "
            f"{free / 2**20:,.0f} MiB of free memory: give fewer rows or columns."
        )


def _check_names(path: Path, names: Sequence[str]) -> None:
    # pandas gives every column with an empty name a name of its own.
    counts = collections.Counter(name for name in names if name)
    repeated = [name for name, count in counts.items() if count > 1]
    if repeated:
        raise InputError(
            f"{path} has more than one column named {listed(repeated)}; the first line must hold "
            f"a different name for each column."
        )
