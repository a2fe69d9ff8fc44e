"""``wane study FILE.toml``, and of an earlier study's study.json."""

import json
from pathlib import Path

import pandas as pd
import pytest

from cli_cases import wane, write_rows

TINY = """
source = "data/t.csv"
target = "y"
hidden = 4
epochs = 3
repeats = 2
strengths = [0.1]
learning_curve = false
references = false
extend = false
"""


@pytest.fixture
def table(tmp_path: Path) -> Path:
    """A folder with a table and a study's file."""
    (tmp_path / "data").mkdir()
    write_rows(tmp_path / "data" / "t.csv")
    (tmp_path / "s.toml").write_text(TINY, encoding="utf-8")
    return tmp_path


def runs(folder: Path) -> pd.DataFrame:
    return pd.read_parquet(folder / "runs.parquet")


def test_the_same_file_gives_the_same_bits(table: Path) -> None:
    options = ("--target", "y", "--hidden", 4, "--epochs", 3, "--repeats", 2, "--strengths", 0.1,
               "--no-learning-curve", "--no-references", "--no-extend")  # fmt: skip
    saved = wane("data/t.csv", *options, "--save-config", "saved.toml", folder=table)
    assert "The options are in 'saved.toml': wane study saved.toml takes them." in saved.stderr
    (table / "elsewhere").mkdir()
    of_file = wane("../saved.toml", "--out", "a", folder=table / "elsewhere")
    pd.testing.assert_frame_equal(runs(of_file.folder), runs(saved.folder), check_exact=True)
    statements = [
        json.loads((one.folder / "study.json").read_text(encoding="utf-8"))
        for one in (saved, of_file)
    ]
    assert statements[0]["fingerprints"] == statements[1]["fingerprints"]
    again = wane("data/t.csv", *options, "--save-config", "saved.toml", folder=table)
    assert again.exit_code == 2 and again.stderr.splitlines()[-1] == (
        "Error: 'saved.toml' exists; nothing was written: give --save-config a new name."
    )


@pytest.mark.thorough
def test_options_beside_the_file_and_earlier_studies(table: Path) -> None:
    first = wane("s.toml", folder=table)
    assert first.folder.name == "t-study" and len(first.result.runs) == 4
    other = wane("s.toml", "--repeats", 3, "--out", "three", folder=table)
    assert len(other.result.runs) == 6
    third = wane("three/study.json", "--out", "new", folder=table)
    pd.testing.assert_frame_equal(runs(third.folder), runs(other.folder), check_exact=True)
    fewer = wane("three/study.json", "--repeats", 2, "--out", "fewer", folder=table)
    pd.testing.assert_frame_equal(runs(fewer.folder), runs(first.folder), check_exact=True)


WRONG = {
    "epoch = 3": "s.toml, line 12: there is no field 'epoch': did you mean 'epochs'?",
    "seed = -1": "s.toml, line 12: seed must be a whole number of at least 0, got -1.",
    'batch-size = "large"': "s.toml, line 12: batch_size must be a whole number, got 'large'.",
    "early_stopping = -2": ("s.toml, line 12: --early-stopping takes epochs, at least 0, got -2."),
}


@pytest.mark.parametrize("line", WRONG)
def test_errors_name_the_line(line: str, table: Path) -> None:
    (table / "s.toml").write_text(f"{TINY}\n{line}\n", encoding="utf-8")
    called = wane("s.toml", folder=table)
    assert called.exit_code == 2 and called.stdout == ""
    assert called.stderr.splitlines()[-1] == f"Error: {WRONG[line]}"
    assert not (table / "t-study").exists()


@pytest.mark.parametrize("name", ["nothing.toml", "nothing.json", "data"])
def test_files_that_are_not_there(name: str, table: Path) -> None:
    called = wane(name, folder=table)
    assert called.exit_code == 2 and called.stderr.startswith("Error: ")
    assert "Traceback" not in called.stderr
