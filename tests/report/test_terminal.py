"""The result of a study in the terminal, as it is printed."""

import io
import re
from collections.abc import Sequence
from typing import Any

import pytest
from hypothesis import given
from hypothesis import strategies as st
from rich.cells import cell_len
from rich.console import Console, RenderableType
from rich.text import Text

from report_cases import MOONS, Row, document
from wane.report.terminal import MARK, SIMPLER, summary_lines, summary_tables, wrapped


def printed(
    renderables: Sequence[RenderableType], width: int = 100, *, color: bool = False
) -> list[str]:
    file = io.StringIO()
    console = Console(file=file, width=width, force_terminal=color, color_system=None)
    for renderable in renderables:
        console.print(renderable)
    return [line.rstrip() for line in file.getvalue().splitlines()]


def table(doc: dict[str, Any], width: int = 100) -> list[str]:
    return printed(summary_tables(doc, width=width), width)


def row(lines: list[str], name: str) -> str:
    return next(line for line in lines if name in line and "±" in line)


def headers(doc: dict[str, Any], width: int) -> list[list[str]]:
    """The names of the columns of each table, without the candidates'."""
    lines = table(doc, width)
    rules = [i for i, line in enumerate(lines) if line.startswith("─")]
    assert all(lines[i - 1].split()[0] == "candidate" for i in rules)
    return [re.split("  +", lines[i - 1].strip())[1:] for i in rules]


def test_a_row_has_the_candidates_numbers() -> None:
    lines = table(document(), 120)
    assert re.split("  +", row(lines, "L2(0.001)")) == [
        MARK,
        "L2(0.001)",
        "30",
        "0.998 ± 0.007",
        "0.943 ± 0.007",
        "0.162 ± 0.007",
        "0.031 ± 0.007",
        "0.0100",
        "4.00",
        "5.00",
    ]
    assert " ".join(lines[0].split()) == ("train validation validation train penalty norm norm")
    assert " ".join(lines[1].split()) == (
        "candidate runs accuracy accuracy data loss data loss value dense dense_1"
    )


def test_only_the_chosen_row_is_marked() -> None:
    lines = table(document(chosen="L2(0.1)"), 120)
    assert [line.split()[1] for line in lines if line.startswith(MARK)] == ["L2(0.1)"]


def test_the_test_set_has_a_column() -> None:
    doc = document(test=True)
    assert table(doc)[0].split()[:3] == ["train", "validation", "test"]
    assert re.findall(r"\S+ ± \S+", row(table(doc), "baseline"))[:3] == [
        "1.000 ± 0.007",
        "0.914 ± 0.007",
        "0.777 ± 0.007",
    ]
    assert "0.777" not in "".join(table(document()))


def test_one_run_has_no_standard_deviation() -> None:
    lines = table(document(std=None))
    assert [line.split() for line in lines if "0.943" in line] == [
        [MARK, "L2(0.001)", "1", "0.998", "0.943", "0.162", "0.031", "0.0100", "4.00", "5.00"]
    ]


def test_of_many_layers_the_first_and_last_are_shown() -> None:
    doc = document(layers=["in", "mid", "deep", "out"])
    assert table(doc, 120)[1].split()[-2:] == ["in", "out"]
    three = document(layers=["in", "mid", "out"])
    assert table(three, 120)[1].split()[-3:] == ["in", "mid", "out"]


def test_runs_have_a_column_where_they_differ() -> None:
    doc = document()
    doc["candidates"][1]["runs"] = 12
    assert "12" in row(table(doc), "L2(1e-05)").split()
    assert "12 to 30 runs each" in "\n".join(printed(summary_lines(doc)))


LONG = "L2(0.001, layers='hidden', on='kernel+recurrent')"


@pytest.mark.parametrize("width", [60, 80, 100, 200])
@pytest.mark.parametrize("chosen", ["L2(0.001)", LONG])
@pytest.mark.parametrize("test", [False, True])
def test_no_number_is_cut_at_any_width(width: int, chosen: str, test: bool) -> None:
    rows: list[Row] = [*MOONS[:2], (chosen, "L2", 0.001, 0.998, 0.943, 0.0312, 0.162)]
    doc = document(rows, chosen=chosen, test=test)
    lines = table(doc, width)
    assert all(cell_len(line) <= width for line in lines)
    text = "\n".join(lines)
    assert "…" not in text
    # Of the penalized candidate: metric, losses, penalty and norms.
    for number in ("0.943 ± 0.007", "0.162 ± 0.007", "0.031 ± 0.007", "0.0100", "4.00", "5.00"):
        assert number in text
    if width == 200:
        assert chosen in text


ACCURACIES = ["accuracy", "accuracy", "accuracy"]
LOSSES = ["data loss", "data loss", "value", "dense", "dense_1"]


@pytest.mark.parametrize(
    ("width", "expected"),
    [
        (120, [["runs", *ACCURACIES, *LOSSES]]),
        # What the line above the tables has too is not worth a table more.
        (118, [[*ACCURACIES, *LOSSES]]),
        (80, [["runs", *ACCURACIES], LOSSES]),
        (58, [ACCURACIES, LOSSES[:3], LOSSES[3:]]),
    ],
)
def test_what_does_not_fit_is_shown_below(width: int, expected: list[list[str]]) -> None:
    doc = document(test=True)
    assert headers(doc, width) == expected
    marked = [line for line in table(doc, width) if line.startswith(MARK)]
    assert len(marked) == len(expected)


def test_short_names_do_not_divide_the_word_candidate() -> None:
    doc = document([MOONS[0], MOONS[3]], chosen="L2(0.1)", test=True)
    for width in range(58, 121):
        assert all(names for names in headers(doc, width))  # asserts that each begins with it


def test_differing_runs_are_shown_at_any_width() -> None:
    doc = document(test=True)
    doc["candidates"][1]["runs"] = 12
    assert headers(doc, 118) == [["runs", *ACCURACIES], LOSSES]


def test_a_regression_shows_both_its_metrics() -> None:
    doc = document(metric="rmse")
    for candidate in doc["candidates"]:
        candidate["validation"]["r2"] = {"mean": 0.261, "std": 0.132}
    assert headers(doc, 80) == [["runs", "RMSE", "RMSE", "R²"], LOSSES]
    assert "0.261 ± 0.132" in row(table(doc, 80), "baseline")


def test_the_lines_have_study_verdict_files_and_time() -> None:
    lines = printed(summary_lines(document(test=True)))
    assert lines[:4] == [
        "Two moons: binary; 30 train, 70 validation, 25 test rows",
        "4 candidates, 30 runs each",
        "The runs differ in the random start; the split of the rows is fixed.",
        "",
    ]
    assert f"{MARK} chosen by validation data loss; ± is one standard deviation over runs" in lines
    assert "The network overfits; use L2(0.001). The rest is evidence." in lines
    assert lines[-4:] == [
        "Report moons/report.html",
        "Model  moons/best.keras",
        "Folder moons",
        "Time   23 s (import 1.9 s, compile 1.4 s, train 18 s, write 2.1 s)",
    ]


def test_the_answer_comes_first_and_bold() -> None:
    file = io.StringIO()
    console = Console(file=file, width=200, force_terminal=True, color_system="standard")
    for line in summary_lines(document()):
        console.print(line)
    bold = "\x1b[1mThe network overfits; use L2(0.001).\x1b[0m The rest is evidence."
    assert bold in file.getvalue()


def test_diverged_runs_are_mentioned_where_there_are_some() -> None:
    assert "L2(0.001): 2 of 30 runs diverged" in printed(summary_lines(document(diverged=2)))
    assert "diverged" not in "\n".join(printed(summary_lines(document())))


def test_where_nothing_is_chosen_no_row_is_marked() -> None:
    """Regression: the baseline had the mark of the one-standard-error rule, without a legend."""
    doc = document(chosen="baseline")
    doc["one_standard_error"] = "baseline"
    doc["verdict"]["decided"] = False
    assert not [line for line in table(doc) if line.startswith((MARK, SIMPLER))]


def test_nothing_of_a_long_path_is_lost() -> None:
    doc = document()
    doc["files"]["model"] = "/".join(["folder"] * 30) + "/best.keras"
    text = "".join(printed(summary_lines(doc, width=80), 80))
    assert doc["files"]["model"] in text


def named(name: str) -> dict[str, Any]:
    rows: list[Row] = [*MOONS[:1], (name, "L2", 0.001, 0.998, 0.943, 0.0312, 0.162)]
    doc = document(rows, chosen=name, name=name, layers=[name], metric=name, diverged=1)
    doc["study"]["resampling"] = name
    doc["files"]["folder"] = name
    doc["seconds"][name] = 1.0
    return doc


@pytest.mark.parametrize("name", ["[red]x[/red]", "[/]", "[link=http://x.invalid]y", ":smile:"])
def test_markup_in_names_is_printed_as_it_is(name: str) -> None:
    lines = printed(summary_lines(named(name), width=200), 200)
    assert lines[0].startswith(f"{name}: binary")
    assert f"The network overfits; use {name}. The rest is evidence." in lines
    assert f"{name}: 1 of 30 runs diverged" in lines
    assert f"Folder {name}" in lines
    assert any(line.startswith(f"{MARK}  {name}") for line in lines)


@given(st.text(min_size=1, max_size=8))
def test_no_name_steers_the_terminal(name: str) -> None:
    text = "\n".join(printed(summary_lines(named(name), width=200), 200))
    assert all(c.isprintable() or c == "\n" for c in text)


@pytest.mark.parametrize("width", [14, 40, 100])
def test_lines_break_between_chinese_characters(width: int) -> None:
    text = "▸ 按验证数据损失选中；重抽时最优比例：抽取 70 个验证样本时（L2(0.001)）为最优的频率。"
    shown = wrapped(Text(text, style="dim"), width)
    assert isinstance(shown, Text)
    lines = shown.plain.split("\n")
    assert "".join(lines).replace(" ", "") == text.replace(" ", "")
    assert all(cell_len(line) <= width for line in lines)
    assert not [line for line in lines if line[0] in "，。；：、）" or line[-1] == "（"]
    fullest = [cell_len(line) for line in lines[:-1]]
    assert not fullest or min(fullest) > width - 14  # no word is longer


def test_lines_without_chinese_stay_as_they_are() -> None:
    text = Text("the network overfits; use L2(0.001) " * 9)
    assert wrapped(text, 40) is text
