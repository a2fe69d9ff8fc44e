"""Tables with traps as people have them: each is read as a careful analyst would read it."""

from collections.abc import Callable
from pathlib import Path
from typing import Any

import numpy as np
import pandas as pd
import pytest

from table_cases import message, write_table
from wane.data import read_table

RISING = range(1, 41)
NUMBERED = " was left out: it numbers the rows; --keep "


@pytest.mark.parametrize(
    ("name", "values"),
    [
        ("rownames", RISING),
        ("X", RISING),
        ("PassengerId", range(892, 932)),
        ("instant", range(40)),
        ("no.", [float(n) for n in RISING]),
        ("countdown", range(40, 0, -1)),
        ("Unnamed: 0", range(0, 80, 2)),  # by its name
    ],
)
def test_row_numbers_are_left_out_whatever_they_are_called(
    name: str, values: Any, tmp_path: Path
) -> None:
    # Sorted by its classes, so that the row number alone would tell them.
    path = write_table(tmp_path, **{name: values, "y": ["no"] * 20 + ["yes"] * 20})
    problem = read_table(path, "y")
    assert name not in problem.feature_names
    assert f"Column {name!r}{NUMBERED}{name!r} makes it an input." in problem.notes
    kept = read_table(path, "y", keep=[name])
    assert name in kept.feature_names and not any(NUMBERED in note for note in kept.notes)


def test_row_numbers_are_seen_though_rows_have_no_target(tmp_path: Path) -> None:
    path = write_table(tmp_path, nr=RISING, y=["no", "yes", "yes", None] * 10)
    assert "nr" not in read_table(path, "y").feature_names


@pytest.mark.parametrize(
    "values",
    [
        [*range(1, 40), 41],  # a row was taken out of the file
        [*range(1, 40), None],
        [n + 0.5 for n in RISING],
        np.random.default_rng(0).permutation(40),
        [n // 2 for n in RISING],
    ],
)
def test_what_does_not_count_the_rows_stays(values: Any, tmp_path: Path) -> None:
    assert "nr" in read_table(write_table(tmp_path, nr=values), "y").feature_names


def test_numbers_in_order_are_noted(tmp_path: Path) -> None:
    path = write_table(tmp_path, nr=[*range(1, 40), 41])
    assert read_table(path, "y").notes == (
        "Column 'nr' holds whole numbers that change in one direction from row to row; if they "
        "number rows, leave them out with --drop 'nr'.",
    )
    assert read_table(path, "y", drop=["nr"]).notes == ()


def test_a_target_in_order_is_no_row_number(tmp_path: Path) -> None:
    path = write_table(tmp_path, y=[*range(1, 40), 60])
    assert read_table(path, "y").notes == ()


def test_a_table_of_years_needs_a_word_of_the_user(tmp_path: Path) -> None:
    path = tmp_path / "t.csv"
    pd.DataFrame({"year": range(1990, 2020), "y": np.arange(30) ** 1.5}).to_csv(path, index=False)
    assert message(read_table, path, "y") == (
        f"{path} has no column to predict from: Column 'year'{NUMBERED}'year' makes it an input. "
        f"Give at least one column with different values."
    )
    assert read_table(path, "y", keep=["year"]).feature_names == ("year",)


def test_identifiers_may_be_kept_and_columns_that_say_nothing_not(tmp_path: Path) -> None:
    names = [f"p{n}" for n in range(60)]
    frame = pd.DataFrame({"name": names, "a": np.arange(60) / 7, "empty": None, "one": 1})
    path = tmp_path / "t.csv"
    frame.assign(y=["no", "yes"] * 30).to_csv(path, index=False)
    assert read_table(path, "y").feature_names == ("a",)
    assert read_table(path, "y", keep=["name"]).feature_names == ("name", "a")
    assert message(read_table, path, "y", keep=["empty"]) == (
        "Column 'empty' cannot be kept (--keep): it is empty."
    )
    assert message(read_table, path, "y", keep=["one"]) == (
        "Column 'one' cannot be kept (--keep): it holds one value only, '1'."
    )


def test_a_column_that_cannot_be_read_may_be_dropped(tmp_path: Path) -> None:
    path = write_table(tmp_path, price=[f"${n}.5" for n in range(40)])
    assert "Column 'price' holds numbers, but 40" in message(read_table, path, "y")
    assert read_table(path, "y", drop=["price"]).feature_names == ("size", "colour")


@pytest.mark.parametrize("share", [0.02, 0.15, 0.84])
@pytest.mark.parametrize(("word", "missing"), [("?", ()), ("k/A", ("k/A",)), ("-200", (-200,))])
def test_words_for_gaps_in_any_share(
    share: float, word: str, missing: tuple[Any, ...], tmp_path: Path
) -> None:
    generator = np.random.default_rng(0)
    amounts = generator.normal(size=200).round(3).astype(str)
    gaps = generator.permutation(200) < 200 * share
    frame = pd.DataFrame({"a": np.where(gaps, word, amounts), "y": ["no", "yes"] * 100})
    frame.to_csv(tmp_path / "t.csv", index=False)
    problem = read_table(tmp_path / "t.csv", "y", missing=missing)
    assert isinstance(problem.x, pd.DataFrame) and problem.account is not None
    expected = np.where(gaps, np.nan, amounts.astype(float))
    np.testing.assert_array_equal(problem.x["a"], expected)
    where = "as --missing says" if missing else "in columns of numbers or dates"
    assert problem.notes == (
        f"Cells that hold {word!r} count as empty{',' if missing else ''} {where}: {gaps.sum()} of "
        f"200 in 'a'.",
    )
    (column,) = problem.account.columns
    assert (column.kind, column.gaps, column.inputs) == ("number", gaps.sum(), 2)


def test_missing_words_in_labels_and_in_the_target(tmp_path: Path) -> None:
    colours = ["red", "green", "none given", "green"] * 10
    path = write_table(tmp_path, colour=colours, y=["no", "yes", "yes", "none given"] * 10)
    problem = read_table(path, "y", missing=["none given", "nowhere"])
    assert problem.class_names == ("no", "yes") and len(problem.y) == 30
    assert isinstance(problem.x, pd.DataFrame)
    assert problem.x["colour"].isna().sum() == 10
    assert problem.notes[-2:] == (
        "Cells that hold 'none given' count as empty, as --missing says: 10 of 40 in 'y', 10 of 30 "
        "in 'colour'.",
        "No cell holds 'nowhere', which --missing names.",
    )


def test_a_missing_number_that_is_a_value_is_refused(tmp_path: Path) -> None:
    degrees = [*range(-5, 31), 0, 0, 2, 3]
    assert message(read_table, write_table(tmp_path, size=degrees), "y", missing=[0]) == (
        "The number 0 that missing (--missing) names stands in 3 of 40 rows of column 'size', "
        "between -1 and 1, where it is a value like others: if it stands for a gap there, say so "
        "of this column with --missing 'size=0'; else leave --missing 0 out, or the column "
        "(--drop)."
    )
    # A boolean's False is no 0 that somebody has written for a gap.
    path = write_table(tmp_path, size=[*range(8, 44), 0, 0, 0, 0], open=[True, False] * 20)
    problem = read_table(path, "y", missing=[0])
    assert isinstance(problem.x, pd.DataFrame)
    assert problem.x.isna().sum().to_dict() == {"size": 4, "colour": 0, "open": 0}


def test_a_value_that_is_missing_in_one_column_alone(tmp_path: Path) -> None:
    degrees = [*range(-5, 31), 0, 0, 2, 3]
    path = write_table(
        tmp_path, size=degrees, height=[0, 7, 3, 9] * 10, y=["no", "yes", "0", "yes"] * 10,
        colour=["red", "0", "green", "k/A"] * 10,
    )  # fmt: skip
    missing = ["size=0", "size=2", "colour=k/A", "y=0", "height=99", "colour=gone"]
    problem = read_table(path, "y", missing=missing)
    kept = [at for at in range(40) if at % 4 != 2]
    assert isinstance(problem.x, pd.DataFrame) and problem.class_names == ("no", "yes")
    gaps = np.isin(degrees, [0, 2])[kept]
    np.testing.assert_array_equal(problem.x["size"].isna(), gaps)
    assert problem.x["height"].isna().sum() == 0
    assert problem.x["colour"].isna().sum() == 10 and set(problem.x["colour"].dropna()) == {
        "red", "0"
    }  # fmt: skip
    notes = " ".join(problem.notes)
    for sentence in (
        "Cells that hold '0', '2' count as empty, as --missing says: "
        f"{gaps.sum()} of 30 in 'size'.",
        "No cell of column 'height' holds '99', which --missing names.",
        "No cell of column 'colour' holds 'gone', which --missing names.",
    ):
        assert sentence in notes
    assert message(read_table, path, "y", missing=["sise=0"]) == (
        f"{path} has no column 'sise' in which '0' is missing (--missing): did you mean 'size'?"
    )


def test_a_german_export(tmp_path: Path) -> None:
    generator = np.random.default_rng(0)
    amounts = generator.uniform(500, 2_000_000, 40).round(2)
    counts = generator.integers(800, 9_000, 40)

    def german(value: float) -> str:
        return f"{value:,}".translate(str.maketrans(",.", ".,"))

    lines = ["Umsatz;Stück;Anteil;Tag;Ziel"]
    lines += [
        f"{german(a)};{german(int(c))};{(n % 20) / 2:g} %;{n % 28 + 1:02}.03.2024;".replace(
            "%", "%"
        )
        + ("ja" if n % 2 else "nein")
        for n, (a, c) in enumerate(zip(amounts, counts, strict=True))
    ]
    text = "\n".join(lines).replace("0.5 %", "0,5 %").replace(".5 %", ",5 %")
    (tmp_path / "t.csv").write_text(text, encoding="utf-8-sig")
    problem = read_table(tmp_path / "t.csv", "Ziel")
    assert isinstance(problem.x, pd.DataFrame)
    np.testing.assert_array_equal(problem.x["Umsatz"], amounts)
    np.testing.assert_array_equal(problem.x["Stück"], counts)
    np.testing.assert_array_equal(problem.x["Anteil"], np.arange(40) % 20 / 2)
    assert problem.x["Tag"].iloc[:2].tolist() == [
        19783.0,
        19784.0,
    ]  # the first of March, not January
    notes = " ".join(problem.notes)
    assert "were read as day, month, year." in notes and "in percent" in notes
    assert "in column 'Stück' were read with points between thousands." in notes


def write_text(folder: Path, text: str) -> Path:
    path = folder / "t.csv"
    path.write_text(text, encoding="utf-8")
    return path


def labels(row: int) -> str:
    return "no" if row % 2 else "yes"


@pytest.mark.parametrize(
    ("first", "header", "names"),
    [
        ("", None, ["column_1", "column_2"]),
        ("", False, ["column_1", "column_2"]),
        ("a,b,y\n", None, ["a", "b"]),
        ("red,7,no\n", True, ["red", "7"]),  # like the rows below it
    ],
)
def test_a_table_without_a_line_of_names(
    first: str, header: bool | None, names: list[str], tmp_path: Path
) -> None:
    rows = [f"{['red', 'blue'][n % 3 == 0]},{n * n % 41},{labels(n)}" for n in range(40)]
    path = write_text(tmp_path, first + "\n".join(rows))
    target = first.strip().split(",")[-1] or "column_3"
    problem = read_table(path, target, header=header)
    assert list(problem.feature_names) == names and len(problem.y) == 40


def test_no_header_makes_the_first_line_a_row(tmp_path: Path) -> None:
    path = write_text(tmp_path, "a,b,y\n" * 5 + "c,d,z\n" * 20)
    assert len(read_table(path, "column_3", header=False).y) == 25
    assert "'column_1', 'column_2', 'column_3'" in message(read_table, path, "y", header=False)


def test_a_given_separator(tmp_path: Path) -> None:
    rows = [f"{n * n % 41}:{n % 7},5:{labels(n)}" for n in range(40)]
    path = write_text(tmp_path, "a:b:y\n" + "\n".join(rows))
    problem = read_table(path, "y", sep=":")
    assert isinstance(problem.x, pd.DataFrame)
    assert problem.x["b"].tolist() == [n % 7 + 0.5 for n in range(40)]
    rows = [f"{n * n % 41} {n % 7}   {labels(n)}" for n in range(40)]
    path = write_text(tmp_path, "a b y\n" + "\n".join(rows))
    assert read_table(path, "y", sep="space").feature_names == ("a", "b")
    assert f"{path} has no column named 'y'" in message(read_table, path, "y", sep=";")


def write_r(frame: pd.DataFrame, path: Path) -> None:
    """As R's ``write.table(frame, path)`` does: quoted texts, and row names without a name."""
    lines = [" ".join(f'"{name}"' for name in frame.columns)]
    for row, cells in enumerate(frame.itertuples(index=False), start=1):
        texts = [f'"{cell}"' if isinstance(cell, str) else "NA" if cell != cell else str(cell)
                 for cell in cells]  # fmt: skip
        lines.append(" ".join([f'"{row}"', *texts]))
    path.write_text("\n".join(lines) + "\n", encoding="utf-8")


def write_r_csv(frame: pd.DataFrame, path: Path) -> None:
    """As R's ``write.csv(frame, path)`` does: row names under an empty name."""
    frame.set_axis(range(1, len(frame) + 1)).to_csv(path, na_rep="NA", index_label="")


@pytest.mark.parametrize("write", [write_r, write_r_csv])
def test_tables_of_r(write: Callable[[pd.DataFrame, Path], None], tmp_path: Path) -> None:
    frame = pd.DataFrame(
        {
            "size": [np.nan, *np.random.default_rng(0).normal(size=39).round(3)],
            "colour": ["light red", "green"] * 20,
            "y": ["no"] * 20 + ["yes"] * 20,
        }
    )
    write(frame, tmp_path / "t.csv")
    problem = read_table(tmp_path / "t.csv", "y")
    assert isinstance(problem.x, pd.DataFrame)
    pd.testing.assert_frame_equal(problem.x, frame[["size", "colour"]], check_dtype=False)
    assert len(problem.notes) == 1  # on the row names
