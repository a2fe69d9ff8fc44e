"""Files are read whatever their separator and compression, and refused with a sentence."""

import bz2
import gzip
import lzma
import tracemalloc
import types
import zipfile
from collections.abc import Callable
from pathlib import Path
from typing import Any

import numpy as np
import pandas as pd
import pytest

from table_cases import message, write_table
from wane.data.reading.columns import read_column
from wane.data.reading.files import read_frame
from wane.data.reading.options import TableOptions

KINDS = "give a .csv, .tsv (also .gz, .bz2, .xz, .zip), .parquet or .pq file."
FRAME = pd.DataFrame({"a": [1, 2], "b": ["x", "y, z"], "c": [0.5, None]})


@pytest.mark.parametrize(
    "name",
    ["t.csv", "T.CSV", "t.csv.gz", "t.csv.bz2", "t.csv.xz", "t.csv.zip", "t.tsv", "t.tsv.gz"],
)
def test_text_tables(name: str, tmp_path: Path) -> None:
    FRAME.to_csv(tmp_path / name, sep="\t" if ".tsv" in name else ",", index=False)
    pd.testing.assert_frame_equal(read_frame(tmp_path / name).frame, FRAME)


@pytest.mark.parametrize("separator", [";", "\t", "|", " ", ","])
def test_other_separators_are_seen_in_the_first_line(separator: str, tmp_path: Path) -> None:
    FRAME.to_csv(tmp_path / "t.tsv", sep=separator, index=False, na_rep="NA")
    pd.testing.assert_frame_equal(read_frame(tmp_path / "t.tsv").frame, FRAME)


def test_decimal_commas_between_semicolons(tmp_path: Path) -> None:
    lines = ["a;b;c;d", "1,5;-2;x;1,234", ";,25;1,5;2,000", "-3e-2;7;2;12,345"]
    (tmp_path / "t.csv").write_text("\n".join(lines), encoding="utf-8")
    found = read_frame(tmp_path / "t.csv")
    assert found.decimal == ","
    columns = {name: read_column(found.frame[name], decimal=found.decimal) for name in "abcd"}
    assert columns["a"].values.tolist() == pytest.approx([1.5, np.nan, -0.03], nan_ok=True)
    assert columns["b"].values.tolist() == [-2.0, 0.25, 7.0]
    assert columns["c"].values.tolist() == ["x", "1,5", "2"]  # labels stay as they are
    # By itself it could have commas between thousands; the other columns tell.
    assert columns["d"].values.tolist() == [1.234, 2.0, 12.345]
    assert not any(columns[name].note for name in "abd")


def test_points_between_thousands_where_other_columns_have_decimal_commas(tmp_path: Path) -> None:
    path = tmp_path / "t.csv"
    path.write_text("a;b;c;d\n1,5;1.234;7;0,5\n2,25;980;8;1.000,5\n", encoding="utf-8")
    found = read_frame(path)
    assert found.decimal == "," and found.notes == ()
    columns = {name: read_column(found.frame[name], decimal=found.decimal) for name in "abcd"}
    assert columns["b"].values.tolist() == [1234.0, 980.0]
    assert columns["b"].note == (
        "Numbers such as '1.234' in column 'b' were read with points between thousands."
    )
    assert columns["c"].values.tolist() == [7, 8]
    assert columns["d"].values.tolist() == [0.5, 1000.5]
    # A column that cannot be so contradicts the others, each of which then decides alone.
    path.write_text("a;b\n1,5;0.5\n2,25;1.234\n", encoding="utf-8")
    found = read_frame(path)
    assert found.decimal is None and found.frame["b"].tolist() == [0.5, 1.234]


def test_points_that_may_stand_between_thousands_are_noted(tmp_path: Path) -> None:
    path = tmp_path / "t.csv"
    path.write_text("a;b;c\n1.234;1.234;5\n980;2000;6\n", encoding="utf-8")
    found = read_frame(path)
    assert found.frame["a"].tolist() == [1.234, 980.0]
    assert found.notes == (
        "Column 'a' has numbers such as '1.234', read with a decimal point; if points stand "
        "between thousands, give --decimal ,",
    )
    found = read_frame(path, options=TableOptions.of(decimal=","))
    assert read_column(found.frame["a"], decimal=",").values.tolist() == [1234.0, 980.0]
    assert found.notes == ()


def test_a_given_decimal_comma_is_taken_at_its_word(tmp_path: Path) -> None:
    path = tmp_path / "t.csv"
    path.write_text("a;b\n0.5;1,5\n1.5;2\n", encoding="utf-8")
    found = read_frame(path, options=TableOptions.of(decimal=","))
    assert read_column(found.frame["b"], decimal=",").values.tolist() == [1.5, 2.0]
    text = message(read_column, found.frame["a"], decimal=",")
    assert "not written as numbers, such as '0.5'" in text


@pytest.mark.parametrize("option", [{"sep": ";"}, {"header": False}, {"header": True}])
def test_options_of_texts_are_refused_for_parquet(option: dict[str, Any], tmp_path: Path) -> None:
    path = tmp_path / "t.parquet"
    FRAME.to_parquet(path)
    text = message(read_frame, path, options=TableOptions.of(**option))
    assert text.endswith(f"is for texts, and {path} is Parquet: leave it out.")


def test_zeros_before_numbers_are_noted(tmp_path: Path) -> None:
    path = tmp_path / "a.csv"
    path.write_text("zip,share,count,zero\n01234,0.5,10,0\n,00.25,7,-0.5\n90210,,12,0\n")
    found = read_frame(path)
    assert found.frame["zip"].tolist()[::2] == [1234, 90210]
    assert found.notes == (
        "Column 'zip' has zeros before its numbers, such as '01234', and was read as numbers; if "
        "they are labels, write a letter before each.",
    )


def test_words_for_gaps_do_not_keep_decimal_commas(tmp_path: Path) -> None:
    (tmp_path / "t.csv").write_text("a;b\n1,5;1\n-;2\n;3\n-2;4\n", encoding="utf-8")
    found = read_frame(tmp_path / "t.csv")
    column = read_column(found.frame["a"], decimal=found.decimal)
    assert column.kind == "number" and dict(column.gaps) == {"-": 1}
    assert column.values.tolist() == pytest.approx([1.5, np.nan, np.nan, -2], nan_ok=True)


def test_quoted_decimal_commas_between_commas(tmp_path: Path) -> None:
    (tmp_path / "t.csv").write_text('a,b\n"1,5",1\n"2,25",2\n', encoding="utf-8")
    found = read_frame(tmp_path / "t.csv")
    assert read_column(found.frame["a"], decimal=found.decimal).values.tolist() == [1.5, 2.25]


def test_byte_order_mark_and_blanks_are_no_part_of_names_and_values(tmp_path: Path) -> None:
    (tmp_path / "t.csv").write_text("\ufeffa , b\n1, x\n", encoding="utf-8")
    assert read_frame(tmp_path / "t.csv").frame.to_dict("list") == {"a": [1], "b": ["x"]}


@pytest.mark.parametrize("name", ["t.parquet", "t.pq"])
def test_parquet(name: str, tmp_path: Path) -> None:
    FRAME.to_parquet(tmp_path / name)
    assert read_frame(tmp_path / name).frame.equals(FRAME)


def test_parquet_folder_name_adds_no_column(tmp_path: Path) -> None:
    (tmp_path / "year=2026").mkdir()
    FRAME.to_parquet(tmp_path / "year=2026" / "t.parquet")
    assert list(read_frame(tmp_path / "year=2026" / "t.parquet").frame.columns) == ["a", "b", "c"]


def test_parquet_index_is_a_column(tmp_path: Path) -> None:
    FRAME.set_index("b").to_parquet(tmp_path / "t.parquet")
    assert set(read_frame(tmp_path / "t.parquet").frame.columns) == {"a", "b", "c"}


def test_missing_file_names_the_nearest(tmp_path: Path) -> None:
    path = write_table(tmp_path, "patients.csv")
    (path.parent / "patient.txt").touch()
    wrong = path.parent / "patient.csv"
    text = message(read_frame, wrong)
    assert text == f"There is no file {wrong}: did you mean 'patients.csv'?"


def test_missing_file_in_a_folder_without_tables(tmp_path: Path) -> None:
    text = message(read_frame, tmp_path / "t.csv")
    assert text == (
        f"There is no file {tmp_path / 't.csv'}: {tmp_path} holds no table that wane reads."
    )
    lost = tmp_path / "lost"
    text = message(read_frame, lost / "t.csv")
    assert text == f"There is no file {lost / 't.csv'}: {lost} holds no table that wane reads."


def test_folder_is_refused(tmp_path: Path) -> None:
    text = message(read_frame, tmp_path)
    assert text == f"{tmp_path} is a folder, but one table is expected; {KINDS}"


def test_unsupported_extension(tmp_path: Path) -> None:
    path = tmp_path / "t.xlsx"
    path.touch()
    assert message(read_frame, path) == f"{path} is of a kind that wane does not read; {KINDS}"


def test_empty_file_and_no_rows(tmp_path: Path) -> None:
    path = tmp_path / "t.csv"
    for nothing in ("", "\n\n"):
        path.write_text(nothing)
        assert message(read_frame, path) == (
            f"{path} is empty; give a table with a line of column names and at least one row."
        )
    path.write_text("a,b\n")
    assert message(read_frame, path) == (
        f"{path} has no rows (2 columns and nothing below them); give a table with a line of "
        f"column names and at least one row."
    )


def test_parquet_without_columns(tmp_path: Path) -> None:
    path = tmp_path / "t.parquet"
    pd.DataFrame().to_parquet(path)
    assert message(read_frame, path) == (
        f"{path} has no rows (0 columns and nothing below them); give a table with a line of "
        f"column names and at least one row."
    )


@pytest.mark.parametrize("data", [bytes(range(256)), "a,b\nä,1\n".encode("latin-1")])
def test_text_that_is_not_utf8(data: bytes, tmp_path: Path) -> None:
    path = tmp_path / "t.csv"
    path.write_bytes(data)
    text = message(read_frame, path)
    assert text == f"{path} is not text in UTF-8; save it as UTF-8, or {KINDS}"


def test_binary_file(tmp_path: Path) -> None:
    path = tmp_path / "t.csv"
    path.write_bytes(b"\0\1\2,\0\n\0,\0\n")
    assert message(read_frame, path) == f"{path} is a binary file, not text; {KINDS}"


@pytest.mark.parametrize(
    ("name", "why"),
    [
        ("t.csv.gz", "cannot be read (Not a gzipped file (b'he'))"),
        ("t.csv.zip", "cannot be read (File is not a zip file)"),
        ("t.csv.xz", "cannot be read (Input format not supported by decoder)"),
        ("t.csv.bz2", "cannot be read (Invalid data stream)"),
        ("t.parquet", "cannot be read as Parquet (Parquet file size is 5 bytes"),
    ],
)
def test_damaged_files(name: str, why: str, tmp_path: Path) -> None:
    path = tmp_path / name
    path.write_bytes(b"hello")
    text = message(read_frame, path)
    assert text.startswith(f"{path} {why}") and text.endswith(f"); {KINDS}")


def test_cut_off_file(tmp_path: Path) -> None:
    path = tmp_path / "t.csv.gz"
    path.write_bytes(gzip.compress(b"a,b\n1,2\n" * 99)[:-9])
    assert message(read_frame, path) == (
        f"{path} cannot be read (Compressed file ended before the end-of-stream marker was "
        f"reached); {KINDS}"
    )


def test_duplicate_names(tmp_path: Path) -> None:
    path = tmp_path / "t.csv"
    path.write_text("a,b,a ,b,c\n1,2,3,4,5\n")
    assert message(read_frame, path) == (
        f"{path} has more than one column named 'a', 'b'; the first line must hold a different "
        f"name for each column."
    )


def test_nameless_columns_are_no_duplicates(tmp_path: Path) -> None:
    (tmp_path / "t.csv").write_text(",,a\n1,2,3\n")
    assert list(read_frame(tmp_path / "t.csv").frame.columns) == ["Unnamed: 0", "Unnamed: 1", "a"]


def test_more_cells_than_names(tmp_path: Path) -> None:
    path = tmp_path / "t.csv"
    path.write_text("a,b\n1,2,3\n4,5,6\n")
    assert message(read_frame, path) == (
        f"{path} has rows with more cells than its first line has column names; give every column "
        f"a name and quote the cells that contain ','."
    )


def test_ragged_rows(tmp_path: Path) -> None:
    path = tmp_path / "t.csv"
    path.write_text("a,b\n1,2\n3,4,5\n")
    assert message(read_frame, path) == (
        f"{path} cannot be read as a table (Error tokenizing data. C error: Expected 2 fields in "
        f"line 3, saw 3); give every row as many cells as the first line and quote the cells that "
        f"contain ','."
    )


COMPRESS: dict[str, Callable[[bytes], bytes]] = {
    "gz": gzip.compress,
    "bz2": bz2.compress,
    "xz": lzma.compress,
}


@pytest.mark.parametrize("suffix", COMPRESS)
def test_a_text_that_would_unpack_to_much_more_is_refused(suffix: str, tmp_path: Path) -> None:
    path, compress = tmp_path / f"t.csv.{suffix}", COMPRESS[suffix]
    # Streams one after the other are read as one, and so it takes one to be compressed.
    path.write_bytes(compress(b"a,b\n") + 110 * compress(b"1,2\n" * 2**18))
    tracemalloc.start()
    text = message(read_frame, path)
    assert tracemalloc.get_traced_memory()[1] < 20 * 2**20  # none of it is kept
    tracemalloc.stop()
    times = 100 * 2**20 / path.stat().st_size
    assert times > 100
    assert text == (
        f"{path} is refused, since it would unpack to more than 100 MiB, {times:,.0f} times its "
        f"size: unpack it yourself if you trust it."
    )


def test_an_archive_that_would_unpack_to_much_more_is_refused(tmp_path: Path) -> None:
    path = tmp_path / "t.csv.zip"
    with zipfile.ZipFile(path, "w", zipfile.ZIP_DEFLATED) as archive:
        archive.writestr("t.csv", b"a,b\n" + b"1,2\n" * (110 * 2**18))
    assert message(read_frame, path) == (
        f"{path} is refused, since it would unpack to 110 MiB, more than 100 times its size: "
        f"unpack it yourself if you trust it."
    )


def test_a_parquet_file_of_more_cells_than_memory_is_refused(
    tmp_path: Path, monkeypatch: pytest.MonkeyPatch
) -> None:
    """Two million equal numbers are a few kilobytes."""
    path = tmp_path / "t.parquet"
    pd.DataFrame({"a": np.ones(10**6, np.int8), "b": np.ones(10**6, np.int8)}).to_parquet(path)
    assert path.stat().st_size < 10_000
    assert len(read_frame(path).frame) == 10**6
    memory = types.SimpleNamespace(available=30 * 10**6)
    monkeypatch.setattr("psutil.virtual_memory", lambda: memory)
    assert message(read_frame, path) == (
        f"{path} has 2,000,000 cells, which take 15 MiB, and there are 29 MiB of free memory: "
        f"give fewer rows or columns."
    )
