"""From a file to a data frame whose column names are distinct strings."""

import collections
import warnings
from collections.abc import Collection, Sequence
from pathlib import Path
from typing import TYPE_CHECKING, Any, NamedTuple

from wane._archives import check_compressed_size, text_head
from wane._errors import InputError, listed, nearest
from wane.data.reading.cells import DECIMAL_COMMA, stands_for_gap
from wane.data.reading.layout import Layout, find_layout

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
    """The table in a file, sentences on what is no part of it, and columns of decimal commas."""

    frame: "pd.DataFrame"
    notes: tuple[str, ...] = ()
    decimal_commas: tuple[str, ...] = ()


def read_frame(path: Path, target: str | None = None, texts: Collection[str] = ()) -> Read:
    """The table in a CSV, TSV or Parquet file.

    Args:
        path: the file.
        target: a column's name, which tells the line of names in a text.
        texts: columns of a text whose cells stay as they are written, such as ``01``.

    Raises:
        InputError: if the file is not there, is no such table, has no rows, or names two columns
            alike.
    """
    suffix = _checked_suffix(path)
    if suffix in _PARQUET_SUFFIXES:
        frame, notes, commas = Read(_read_parquet(path))
    else:
        frame, notes, commas = _read_text(path, _TEXT_SUFFIXES[suffix], target, texts)
    frame.columns = frame.columns.str.strip()
    if frame.empty:
        raise InputError(
            f"{path} has no rows ({len(frame.columns)} columns and nothing below them); "
            f"give a table with a line of column names and at least one row."
        )
    return Read(frame, notes, commas)


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


def _read_text(path: Path, separator: str, target: str | None, texts: Collection[str]) -> Read:
    """A text table; where its lines show another separator than its kind has, that separates.

    Where that is no comma, numbers may have decimal commas.
    """
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
        layout = find_layout(head, separator, target)
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
            first = _parsed(path, layout, nrows=_FIRST_ROWS, dtype=str)
            as_written = _parsed(path, layout, dtype=str) if texts else frame
        commas = () if separator == "," else _take_decimal_commas(frame)
        for name in frame.columns[[name.strip() in texts for name in frame.columns]]:
            frame[name] = as_written[name]
        return Read(frame, (*layout.notes, *_zeros_before(frame, first)), commas)
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


def _take_decimal_commas(frame: "pd.DataFrame") -> tuple[str, ...]:
    """Put numbers for texts that are all written with a decimal comma or as whole numbers.

    Texts that could as well be whole numbers with commas between thousands stay texts. Words that
    stand for gaps stay between the numbers. Returns the names of these columns.
    """
    import pandas as pd

    found = []
    for name in frame.columns[[not pd.api.types.is_numeric_dtype(t) for t in frame.dtypes]]:
        text = frame[name].dropna().astype(str).str.strip()
        gap = stands_for_gap(text)
        figures = text[~gap]
        decimal = figures.str.fullmatch(DECIMAL_COMMA)
        thousands = figures.str.fullmatch(r"[+-]?\d{1,3}(,\d{3})*")
        if len(figures) and bool(decimal.all()) and not bool(thousands.all()):
            found.append(name.strip())
            pointed = figures.str.replace(",", ".")
            if gap.any():
                frame[name] = frame[name].astype(object).where(frame[name].isna(), text)
                frame.loc[pointed.index, name] = pointed
            else:
                frame[name] = pd.to_numeric(pointed)  # missing ones become NaN
    return tuple(found)


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
