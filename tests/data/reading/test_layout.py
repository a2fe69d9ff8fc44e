"""The table in a text is found, whatever separates its cells and stands before its names."""

import io
from pathlib import Path

import numpy as np
import pandas as pd
import pytest

from table_cases import message
from wane._archives import text_head
from wane.data import read_table
from wane.data.reading.columns import read_column
from wane.data.reading.files import read_frame
from wane.data.reading.layout import find_layout
from wane.data.reading.options import SPACES

random = np.random.default_rng(0)
FRAME = pd.DataFrame(
    {
        "size": random.normal(size=40).round(2),
        "count": random.integers(1, 9, 40),
        "colour": random.choice(["red", "green"], 40),
        "y": random.choice(["no", "yes"], 40),
    }
)


def text(frame: pd.DataFrame = FRAME, **options: object) -> str:
    out = io.StringIO()
    frame.to_csv(out, **{"index": False, **options})  # type: ignore[call-overload] # any of them
    return out.getvalue()


def write(folder: Path, content: str) -> Path:
    path = folder / "t.csv"
    path.write_text(content, encoding="utf-8")
    return path


def read(folder: Path, content: str, target: str | None = None) -> tuple[pd.DataFrame, list[str]]:
    found = read_frame(write(folder, content), target)
    frame = found.frame
    if found.decimal == ",":
        columns = {name: read_column(frame[name], decimal=",") for name in frame}
        frame = pd.DataFrame({name: column.values for name, column in columns.items()})
    return frame, list(found.notes)


@pytest.mark.parametrize(
    ("separator", "decimal"),
    [
        (",", "."),
        (";", "."),
        ("\t", "."),
        ("|", "."),
        (" ", "."),
        (";", ","),
        ("\t", ","),
        ("|", ","),
    ],
)
@pytest.mark.parametrize("header", [True, False])
def test_every_separator(separator: str, decimal: str, header: bool, tmp_path: Path) -> None:
    content = text(sep=separator, decimal=decimal, header=header)
    frame, notes = read(tmp_path, content)
    expected = FRAME if header else FRAME.set_axis([f"column_{n}" for n in range(1, 5)], axis=1)
    pd.testing.assert_frame_equal(frame, expected, check_dtype=False)
    assert bool(notes) != header


def test_many_blanks_separate_too(tmp_path: Path) -> None:
    lines = [f'  {a:.1f}   {b}      {c}. \t"x y"' for a, b, c in random.integers(1, 9, (30, 3))]
    frame, notes = read(tmp_path, "\n".join(["mpg  n weight name", *lines]), "mpg")
    assert list(frame) == ["mpg", "n", "weight", "name"] and notes == []
    assert frame["name"].tolist() == ["x y"] * 30 and frame["weight"].dtype == np.float64


def test_a_comma_in_a_name_between_semicolons(tmp_path: Path) -> None:
    frame, _ = read(tmp_path, "Länge, cm;b;y\n" + "1,5;2,5;1\n3;4,25;0\n" * 20)
    assert frame["Länge, cm"].tolist() == [1.5, 3.0] * 20 and frame["y"].tolist() == [1, 0] * 20


NO_NAMES = (
    "There is no line of column names, since the first line is like those below it; the columns "
    "are called column_1 to column_4."
)


def test_a_file_without_names(tmp_path: Path) -> None:
    (tmp_path / "t.csv").write_text(text(header=False), encoding="utf-8")
    problem = read_table(tmp_path / "t.csv", "column_4")
    assert problem.class_names == ("no", "yes") and problem.notes == (NO_NAMES,)
    np.testing.assert_array_equal(problem.y, (FRAME["y"] == "yes").astype(float))
    assert message(read_table, tmp_path / "t.csv", "y") == (
        f"{tmp_path / 't.csv'} has no column named 'y': available: 'column_1', 'column_2', "
        f"'column_3', 'column_4'. {NO_NAMES}"
    )


def test_labels_alone_without_names(tmp_path: Path) -> None:
    labels = FRAME[["colour", "y", "colour"]]
    frame, notes = read(tmp_path, text(labels, header=False))
    assert len(frame) == 40 and len(notes) == 1
    assert len(read(tmp_path, text(FRAME[["colour", "y"]]))[0]) == 40


@pytest.mark.parametrize(
    "names", [["0", "1", "2", "3"], ["2019", "2020", "2021", "y"], ["0.5", "1.0", "1.5", "2.0"]]
)
def test_names_may_be_numbers(names: list[str], tmp_path: Path) -> None:
    numbers = pd.DataFrame(random.normal(size=(30, 4)), columns=names)
    frame, notes = read(tmp_path, text(numbers), names[-1])
    assert list(frame) == names and len(frame) == 30 and notes == []
    assert list(read(tmp_path, text(numbers))[0]) == names


def test_the_target_tells_the_line_of_names(tmp_path: Path) -> None:
    content = "7,yes,12\n" + "7,yes,12\n8,no,15\n" * 20
    frame, notes = read(tmp_path, content.replace("yes", "who", 1), "who")
    assert list(frame) == ["7", "who", "12"] and len(frame) == 40 and notes == []
    # A value of the column below is no name of it.
    frame, notes = read(tmp_path, content, "yes")
    assert len(frame) == 41 and len(notes) == 1


@pytest.mark.parametrize(
    ("before", "note"),
    [
        ("Notes offered by Prospectus (https://example.org)\n", "The line before the table was "
         "skipped: 'Notes offered by Prospectus (https://example.org)'."),
        ("# exported 2020\n# by x, y\n\n", "2 lines before the table were skipped: "
         "'# exported 2020', …"),
        ("Title,,,\n", "The line before the table was skipped: 'Title   '."),
    ],
)  # fmt: skip
@pytest.mark.parametrize("target", ["y", None])
def test_lines_before_the_names(before: str, note: str, target: str | None, tmp_path: Path) -> None:
    frame, notes = read(tmp_path, before + text(), target)
    pd.testing.assert_frame_equal(frame, FRAME)
    assert notes == [note]


def test_blanks_within_cells_do_not_separate(tmp_path: Path) -> None:
    """Each row has a blank, and two lines before the names have others."""
    frame = FRAME.assign(size=[f"2020-01-{n % 28 + 1:02} 13:30" for n in range(40)])
    content = "made by hand\nin 2020\n" + text(frame)
    found, notes = read(tmp_path, content)
    pd.testing.assert_frame_equal(found, frame)
    assert len(notes) == 1


def test_a_line_of_names_that_is_very_long(tmp_path: Path) -> None:
    names = [f"column number {n} of many that there are" for n in range(30_000)]
    content = "\n".join([",".join(names), *[",".join("1" * len(names))] * 2])
    assert len(content) > 2**20
    layout = find_layout(text_head(write(tmp_path, content), 2**20), ",")
    assert layout is not None and list(layout.names) == names


def test_a_title_over_two_columns(tmp_path: Path) -> None:
    frame, notes = read(tmp_path, "My title\n" + text(FRAME[["size", "y"]]), None)
    assert list(frame) == ["size", "y"] and len(frame) == 40 and len(notes) == 1


@pytest.mark.parametrize("names", [range(1, 41), [f"Car {n}" for n in range(40)]])
@pytest.mark.parametrize("target", ["y", None])
def test_row_names_over_which_there_is_no_name(
    names: "list[str]", target: str | None, tmp_path: Path
) -> None:
    """As R's write.table leaves them."""
    content = text(FRAME.set_axis(names, axis=0), index=True, index_label=False)
    frame, notes = read(tmp_path, content, target)
    pd.testing.assert_frame_equal(frame, FRAME)
    assert notes == [
        "The first cell of each row has no column name; as a row name it was left out."
    ]


def test_separators_at_the_end_of_rows(tmp_path: Path) -> None:
    header, *rows = text().splitlines()
    frame, notes = read(tmp_path, "\n".join([header, *(f"{row}," for row in rows)]), "y")
    pd.testing.assert_frame_equal(frame, FRAME)
    assert notes == []


def test_what_pandas_would_name_is_left_to_it() -> None:
    layout = find_layout("a,,b\n1,2,x\n3,4,y\n", ",")
    assert layout is not None and layout.has_header and layout.names == ("a", "", "b")
    assert find_layout("\n\n", ",") is None
    spaced = find_layout("a b\n1 2\n", ",")
    assert spaced is not None and spaced.separator == SPACES


@pytest.mark.parametrize("rows", [1, 2, 8])
@pytest.mark.parametrize("row_names", [False, True])
def test_a_label_that_a_column_is_called_by_is_not_its_name(
    rows: int, row_names: bool, tmp_path: Path
) -> None:
    frame = FRAME.assign(spam=["spam"] * rows + ["ham"] * (40 - rows))
    content = text(frame)
    if row_names:  # as R writes them
        named = frame.set_axis([f"r{n}" for n in range(40)])
        content = text(named, index=True).replace(",", "", 1)
    found, notes = read(tmp_path, content, "spam")
    assert found["spam"].tolist() == frame["spam"].tolist()
    assert len(notes) == row_names
