"""What cannot be used is refused in one sentence, with exit code 2, and nothing is written."""

from collections.abc import Callable
from pathlib import Path
from typing import Any

import numpy as np
import pytest

from cli_cases import Called, wane, write_rows

Columns = dict[str, Any]


def refusal(called: Called) -> str:
    """The one sentence with which the call was refused."""
    assert called.exit_code == 2 and called.stdout == "" and called.results == []
    lines = called.stderr.splitlines()
    assert [line for line in lines if not line.startswith("Note: ")] == lines[-1:]
    assert lines[-1].startswith("Error: ") and lines[-1][-1] in ".?"
    return lines[-1].removeprefix("Error: ")


STRENGTHS = (
    "--strengths takes LOW:HIGH:COUNT such as 1e-6:1e-1:6, or a comma list such as 1e-4,1e-3, got"
)

MATTERS = (
    "matters must be a number above 0, the smallest difference of interest in the unit of what "
    "candidates are chosen by,"
)

OPTIONS: list[tuple[tuple[str, ...], str]] = [
    (("--strengths=-1",), f"{STRENGTHS} '-1'"),
    (("--strengths", "1e-3,nan"), f"{STRENGTHS} '1e-3,nan'"),
    (("--strengths", "inf"), f"{STRENGTHS} 'inf'"),
    (("--strengths", "1:2"), f"{STRENGTHS} '1:2'"),
    (("--strengths", "0:1:3"), f"{STRENGTHS} '0:1:3'"),
    (("--strengths", "weak,strong"), f"{STRENGTHS} 'weak,strong'"),
    (("--strengths", ""), f"{STRENGTHS} ''"),
    (("--strengths", "0,1e-3"), f"{STRENGTHS} '0,1e-3': 0 is no penalty, and the baseline has"),
    (("--strengths", "1e-3,1e-3"), "Candidate L2(0.001"),
    (("--penalty", "l3"), "There is no penalty 'l3': available: 'l1', 'l2', 'l1l2', 'group-"),
    (("--penalty", "l2", "--penalty", "L2"), "Candidate L2("),
    (
        ("--penalty", "l1", "--penalty", "L2", "--proximal"),
        "--proximal is for penalties that give exact zeros, l1, l1l2, group-lasso, and not for L2:",
    ),
    (("--proximal", "--penalty", "l1", "--optimizer", "lamb"), "L1(1e-06, proximal=True) needs an"),
    (("--optimizer", "adm"), "Keras has no optimizer 'adm': did you mean 'adam'?"),
    (("--learning-rate", "0"), "learning_rate must be a finite number above 0, got 0.0"),
    (("--learning-rate", "nan"), "learning_rate must be a finite number above 0, got nan"),
    (("--layers", "hiden"), "No trainable weight matches layers='hiden'"),
    (("--layers", "hidden", "--on", "recurrent"), "No trainable weight matches"),
    (("--on", "kernal"), "on has the unknown role 'kernal': did you mean 'kernel'?"),
    (("--on", ""), "on has the unknown role ''"),
    (("--task", "clustering"), "There is no task 'clustering': "),
    (("--task", "multi-class"), "There is no task 'multi-class': did you mean 'multiclass'?"),
    (("--epochs", "0"), "epochs must be a whole number of at least 1, got 0."),
    (("--repeats", "0"), "repeats must be a whole number of at least 1, got 0."),
    (("--batch-size", "0"), "batch_size must be a whole number of at least 1, got 0."),
    (("--seed", "-1"), "seed must be a whole number of at least 0, got -1."),
    (("--matters", "0"), f"{MATTERS} got 0.0."),
    (("--matters", "-0.1"), f"{MATTERS} got -0.1."),
    (("--matters", "nan"), f"{MATTERS} got nan."),
    (("--matters", "inf"), f"{MATTERS} got inf."),
    (
        ("--matters", "5", "--select-by", "accuracy"),
        "matters=5 is more than accuracy, a number from 0 to 1, can change: give a part of that, "
        "such as 0.01 for one point.",
    ),
    (("--hidden", "0"), "hidden must be the units of each hidden layer"),
    (("--hidden", "8,,8"), "hidden must be the units of each hidden layer"),
    (("--hidden", "wide"), "hidden must be the units of each hidden layer"),
    (("--weights", "model"), "--weights is for a network of your own: give --model too, or leave"),
    (("--optimizer-state", "model"), "--optimizer-state is for a network of your own: give"),
    (
        ("--standardize-target",),
        "--standardize-target is for a number to predict, and not for this",
    ),
    (("--target", "Y "), "table.csv has no column named 'Y ': did you mean 'y'?"),
    (("--target", "price"), "table.csv has no column named 'price': available: 'a', 'b', 'y'."),
]


@pytest.mark.parametrize(("options", "expected"), OPTIONS)
def test_an_option_that_cannot_be_used(
    options: tuple[str, ...], expected: str, tmp_path: Path
) -> None:
    write_rows(tmp_path / "table.csv")
    target = () if "--target" in options else ("--target", "y")
    called = wane("table.csv", *target, *options, folder=tmp_path)
    assert refusal(called).startswith(expected)
    assert [path.name for path in tmp_path.iterdir()] == ["table.csv"]


def test_a_text_in_place_of_a_number(tmp_path: Path) -> None:
    write_rows(tmp_path / "table.csv")
    called = wane("table.csv", "--target", "y", "--matters", "abc", folder=tmp_path)
    assert called.exit_code == 2 and called.stdout == "" and called.results == []
    assert "Invalid value for '--matters'" in called.stderr  # as for any other number
    assert "Traceback" not in called.stderr
    assert [path.name for path in tmp_path.iterdir()] == ["table.csv"]


TABLES: dict[str, tuple[Columns, str]] = {
    "constant target": ({"y": ["same"] * 40}, "Target column 'y' holds the same value, 'same', in"),
    "constant number": ({"y": [2.5] * 40}, "Target column 'y' holds the same value, '2.5', in all"),
    "no targets": ({"y": [None] * 40}, "No rows are left of table.csv: target column 'y' is empty"),
    "few targets": ({"y": [*range(15), *[None] * 25]}, "The table has 15 rows with a value in"),
    "rare class": (
        {"y": ["a", "b"] * 18 + ["a", "c", "c", "c"]},
        "Class 'c' of target column 'y' has 3 rows",
    ),
    "identifier": ({"y": [f"P{i}" for i in range(40)]}, "Target column 'y' has 40 different"),
    "dates": ({"y": ["2026-01-01", "2026-01-02"] * 20}, "Target column 'y' holds dates"),
    "infinite input": ({"a": [*range(39), np.inf]}, "Column 'a' holds infinite numbers"),
    "infinite target": ({"y": [*range(39), -np.inf]}, "Column 'y' holds infinite numbers"),
    "text among numbers": (
        {"a": [*(str(i / 7) for i in range(39)), "high"]},
        "Column 'a' holds numbers, but 1 of its 40 values are not written as numbers",
    ),
    "no inputs": ({"a": [1] * 40, "b": [None] * 40}, "table.csv has no column to predict from: "),
}


@pytest.mark.parametrize(("columns", "expected"), TABLES.values(), ids=TABLES)
def test_a_table_that_cannot_be_used(columns: Columns, expected: str, tmp_path: Path) -> None:
    write_rows(tmp_path / "table.csv", **columns)
    called = wane("table.csv", "--target", "y", folder=tmp_path)
    assert refusal(called).startswith(expected)
    assert [path.name for path in tmp_path.iterdir()] == ["table.csv"]


def test_text_as_the_target_of_a_regression(tmp_path: Path) -> None:
    write_rows(tmp_path / "table.csv")
    called = wane("table.csv", "--target", "y", "--task", "regression", folder=tmp_path)
    assert refusal(called) == (
        "Target column 'y' holds text, such as 'yes', but regression needs numbers; choose "
        "another target, or task 'classification'."
    )


def test_three_classes_are_not_binary(tmp_path: Path) -> None:
    write_rows(tmp_path / "table.csv", rows=42, y=["a", "b", "c"] * 14)
    called = wane("table.csv", "--target", "y", "--task", "binary", folder=tmp_path)
    assert refusal(called).startswith("Target column 'y' has 3 classes ('a', 'b', 'c'), but task")


FILES: dict[str, tuple[Callable[[Path], object], str]] = {
    "header only": (lambda path: path.write_text("a,b,y\n"), "table.csv has no rows (3 columns"),
    "empty": (lambda path: path.write_text(""), "table.csv is empty"),
    "binary": (lambda path: path.write_bytes(b"\0\xff\xfe" * 50), "table.csv is"),
    "twice a name": (lambda path: path.write_text("a,y,y\n1,2,3\n"), "table.csv has more than one"),
    "folder": (lambda path: path.mkdir(), "table.csv is a folder, but one table is expected"),
}


@pytest.mark.parametrize(("make", "expected"), FILES.values(), ids=FILES)
def test_a_file_that_is_no_table(
    make: Callable[[Path], object], expected: str, tmp_path: Path
) -> None:
    make(tmp_path / "table.csv")
    assert refusal(wane("table.csv", "--target", "y", folder=tmp_path)).startswith(expected)
    assert [path.name for path in tmp_path.iterdir()] == ["table.csv"]


def test_a_file_that_is_not_there(tmp_path: Path) -> None:
    write_rows(tmp_path / "table.csv")
    called = wane("tabel.csv", "--target", "y", folder=tmp_path)
    assert refusal(called) == "There is no file tabel.csv: did you mean 'table.csv'?"


def test_an_example_that_is_not_there(tmp_path: Path) -> None:
    assert refusal(wane("mons", folder=tmp_path)) == (
        "There is no example and no file named 'mons'; give an example (moons, circles, "
        "breast-cancer, wine, diabetes, digits, digits-rows, sequence), the path of a table, such "
        "as data.csv, or a folder with a folder of images for each class."
    )


def test_a_table_without_a_target(tmp_path: Path) -> None:
    write_rows(tmp_path / "table.csv")
    assert refusal(wane("table.csv", folder=tmp_path)) == (
        "The column of 'table.csv' that is to be predicted is not named: give it as target "
        "(--target COLUMN)."
    )


def test_an_example_has_a_target_of_its_own(tmp_path: Path) -> None:
    assert refusal(wane("moons", "--target", "y", folder=tmp_path)) == (
        "The example 'moons' brings its own target and task; leave out --target, or give a file "
        "instead of the example."
    )


def test_a_folder_that_holds_something_is_left_alone(tmp_path: Path) -> None:
    write_rows(tmp_path / "table.csv")
    kept = tmp_path / "mine"
    kept.mkdir()
    (kept / "notes.txt").write_text("keep me")
    called = wane("table.csv", "--target", "y", "--out", "mine", folder=tmp_path)
    assert refusal(called).startswith("'mine' exists and holds other files; nothing was written")
    assert [path.name for path in kept.iterdir()] == ["notes.txt"]
    assert (kept / "notes.txt").read_text() == "keep me"


def test_a_file_is_no_folder(tmp_path: Path) -> None:
    path = write_rows(tmp_path / "table.csv")
    before = path.read_bytes()
    called = wane("table.csv", "--target", "y", "--out", "table.csv", folder=tmp_path)
    assert refusal(called).startswith("'table.csv' is a file; nothing was written")
    assert path.read_bytes() == before


def test_a_refused_study_leaves_no_folder_above_its_own(tmp_path: Path) -> None:
    called = wane("moons", "--layers", "none", "--out", "a/b/c", folder=tmp_path)
    assert refusal(called).startswith("No trainable weight matches layers='none'")
    assert list(tmp_path.iterdir()) == []
