"""The account of a data set in the terminal: short, aligned, and what says most first."""

from typing import Any

import pytest

from wane.report.data import MOST_LINES, account_lines
from wane.report.terminal import plain_text


def column(name: str, **others: Any) -> dict[str, Any]:
    known = {"kind": "number", "gaps": 0, "inputs": 1, "enters": "standardized", "left_out": ""}
    return {"name": name, **known, **others}


def account(*columns: dict[str, Any], **others: Any) -> dict[str, Any]:
    known = {"rows": 1234, "shape": [3], "target": "y", "columns": list(columns), "classes": [],
             "majority_accuracy": None, "notes": []}  # fmt: skip
    return {**known, **others}


CLASSES = [{"name": "no", "rows": 34, "share": 34 / 1234}, {"name": "[red]", "rows": 1200,
           "share": 1200 / 1234}]  # fmt: skip


def shown(account: dict[str, Any], width: int = 80) -> list[str]:
    return plain_text(account_lines(account), width=width).splitlines()


def test_a_table_of_few_columns() -> None:
    lines = shown(
        account(
            column("age", gaps=51, inputs=2, enters="standardized, gaps filled and marked"),
            column("port", kind="category", inputs=3, enters="one input for each label"),
            column("nr", inputs=0, enters="", left_out="it numbers the rows"),
            classes=CLASSES,
            majority_accuracy=1200 / 1234,
        )
    )
    assert lines == [
        "The table has 1,234 rows; 2 of 3 columns become 5 inputs to predict 'y'.",
        "column  kind    gaps  inputs  how it enters the network",
        "─" * 66,
        "age     number    51       2  standardized, gaps filled and marked",
        "port    labels     –       3  one input for each label",
        "nr      number     –       –  left out: it numbers the rows",
        "Classes: [red] 1,200 (97.2 %), no 34 (2.76 %).",
        "Naming '[red]' for every row is right in 97.2 % of them.",
    ]


def test_neighbours_that_are_alike_share_a_line() -> None:
    many = [column(f"sensor_{n}") for n in range(30)]
    lines = shown(account(*many, column("sensor_30", gaps=1, inputs=2), column("a"), column("b")))
    assert [line.split("  ")[0] for line in lines[3:]] == [
        "sensor_0 … sensor_29", "sensor_30", "a", "b",
    ]  # fmt: skip
    assert lines[3].split() == ["sensor_0", "…", "sensor_29", "number", "–", "30", "30",
                                "columns,", "standardized"]  # fmt: skip


def test_of_many_lines_those_are_shown_that_say_most() -> None:
    columns = [column(f"c{n}", gaps=n + 1, inputs=2) for n in range(40)]
    columns[0] = column("c0", gaps=0, inputs=0, left_out="it is dull", enters="")
    lines = shown(account(*columns))
    names = [line.split()[0] for line in lines if line.startswith("c") and "column" not in line]
    assert names == ["c0", *(f"c{n}" for n in range(16, 40))] and len(names) == MOST_LINES
    assert "and 15 more (all in report.html)" in lines


@pytest.mark.parametrize("width", [40, 80, 200])
def test_lines_fit_the_terminal_and_lose_no_reason(width: int) -> None:
    why = "it has 400 different texts in 400 rows, as an identifier has"
    lines = shown(account(column("x" * 90, inputs=0, enters="", left_out=why)), width)
    assert max(map(len, lines)) <= width
    assert len("".join("".join(lines).split())) > len("".join(why.split()))


def test_arrays_have_no_columns() -> None:
    (summary,) = shown(account(rows=1, shape=[8, 8, 1], target=""))
    assert summary == "The data have 1 row of 8 × 8 × 1."


def test_names_are_text() -> None:
    evil = "[red]x[/red]\x1b[31m\n"
    text = "\n".join(shown(account(column(evil), target=evil)))
    assert "[red]x[/red]" in text and "\x1b" not in text


def test_many_classes_are_counted() -> None:
    classes = [{"name": f"k{n}", "rows": 10, "share": 0.01} for n in range(100)]
    lines = shown(account(classes=classes, majority_accuracy=0.01), 300)
    assert lines[1].endswith("k9 10 (1 %) and 90 more.")
