"""Notes that documents hold in English, in another language."""

import re
from pathlib import Path

import numpy as np
import pandas as pd
import pytest

from wane._language import speaking
from wane.data.examples import EXAMPLES
from wane.data.tables import read_table
from wane.report.display.recorded import recorded
from wane.resampling.remarks import few_of_a_class
from wane.study.results.files import NOT_INTERACTIVE


def in_chinese(note: str) -> str:
    with speaking("zh"):
        return recorded(note)


@pytest.fixture
def notes(tmp_path: Path) -> tuple[str, ...]:
    """What is said of a table with something odd in each column."""
    random = np.random.default_rng(0)
    count = 60
    far = random.uniform(0.1, 11, count).round(2)
    far[:5] = -200
    table = pd.DataFrame(
        {
            "day": pd.date_range("2024-01-01", periods=count).strftime("%Y-%m-%d"),
            "month first": [f"{1 + i % 12:02}/{1 + i % 28:02}/2024" for i in range(count)],
            "gaps": ["?", "-", *map(str, random.normal(size=count - 2).round(2))],
            "code": [f"0{i % 9 + 1}" for i in range(count)],
            "rising": np.arange(count) * 3 + random.integers(0, 2, count),
            "far": far,
            "x": random.normal(size=count),
            "y": ["yes", "Yes", "no", "N/A", "no "] * (count // 5),
        }
    )
    table.to_csv(tmp_path / "t.csv", index=False)
    return read_table(tmp_path / "t.csv", target="y").notes


def test_notes_on_a_table_are_translated_but_for_names(notes: tuple[str, ...]) -> None:
    assert len(notes) >= 6, notes
    names = {"day", "month", "first", "gaps", "code", "rising", "far", "x", "y", "yes", "Yes", "no",
             "NA", "N", "A", "CSV", "None", "null", "drop", "missing", "time"}  # fmt: skip
    for note in notes:
        found = in_chinese(note)
        assert re.search("[\u3400-\u9fff]", found), note
        assert set(re.findall("[A-Za-z]+", found)) <= names, found
        assert re.findall(r"\d+", note) == sorted(re.findall(r"\d+", found), key=note.find) or (
            sorted(re.findall(r"\d+", note)) == sorted(re.findall(r"\d+", found))
        ), "the numbers stay"
        with speaking("en"):
            assert recorded(note) == note


def test_what_examples_show_and_other_notes_are_translated() -> None:
    few = few_of_a_class(np.array([0] * 20 + [1] * 3), {0: "a", 1: "b"}.__getitem__)
    for note in [*few, NOT_INTERACTIVE, *(make().shows for make in EXAMPLES.values())]:
        assert re.search("[\u3400-\u9fff]", in_chinese(note)), note
    assert in_chinese("something of a user’s own") == "something of a user’s own"


@pytest.mark.parametrize(
    ("why", "said"),
    [
        ("its loss (mae) is no likelihood", "其损失（mae）不是似然"),
        ("its loss (mse) with reduction is no likelihood", "其损失（mse，带 reduction）不是似然"),
        ("it has 9000 weights, more than 5000", "网络有 9000 个权重，多于 5000 个"),
        (
            "its 4000 weights and 900 training rows would take too long",
            "其 4000 个权重与 900 个训练行会耗时过长",
        ),
    ],
)
def test_why_there_is_no_evidence_is_translated(why: str, said: str) -> None:
    note = f"No evidence of the training rows stands beside the search, since {why}."
    assert in_chinese(note) == f"搜索旁没有训练行的证据，因为{said}。"
