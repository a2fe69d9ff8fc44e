"""--group, --time and --gap: which rows validate, and what is refused."""

from pathlib import Path
from typing import Any

import numpy as np
import pandas as pd
import pytest

from cli_cases import Called, wane

RANDOM = np.random.default_rng(0)
PATIENT = np.repeat(np.arange(24), 5)
COLUMNS: dict[str, Any] = {
    "a": RANDOM.normal(size=120).round(3),
    "b": RANDOM.normal(size=24)[PATIENT].round(3),
    "patient": [f"p{i}" for i in PATIENT],
    "day": pd.date_range("2024-01-01", periods=120).strftime("%Y-%m-%d"),
    "y": RANDOM.integers(0, 2, 24)[PATIENT],
}
FAST = (
    "--epochs",
    "2",
    "--repeats",
    "2",
    "--strengths",
    "0.01",
    "--no-learning-curve",
    "--no-references",
    "--no-extend",
)


@pytest.fixture
def table(tmp_path: Path) -> Path:
    path = tmp_path / "t.csv"
    pd.DataFrame(COLUMNS).to_csv(path, index=False)
    return path


def study(table: Path, *options: str) -> Called:
    given = ("t.csv", "--target", "y", *FAST, "--hidden", "4")
    return wane(*given, *options, folder=table.parent)


def test_groups_stay_together_and_are_told(table: Path) -> None:
    called = study(table, "--group", "patient")
    assert called.exit_code == 0
    about = called.document["study"]
    assert about["groups"]["test"] == 5 and about["rows"]["test"] == 25
    lines = [" ".join(line.split()) for line in called.stderr.splitlines()]
    (line,) = [line for line in lines if line.startswith("patient ")]
    assert line.endswith("left out: it says which rows belong together")
    assert "Note: The 120 rows are of 24 groups (patient)" in called.stderr
    text = called.document["verdict"]["text"]
    assert "25 test rows of 5 groups are too few to decide" in text
    assert "on new groups (patient)" in text


def test_later_rows_test(table: Path) -> None:
    called = study(table, "--time", "day", "--gap", "2")
    assert called.exit_code == 0
    about = called.document["study"]
    assert about["rows"] == {"train": 68, "validation": 24, "test": 24}
    assert about["groups"] == {"validation": 10, "test": 10}
    assert "on later rows of this series" in called.document["verdict"]["text"]


@pytest.mark.parametrize(
    ("options", "start"),
    [
        (("--group", "patients"), "has no column named 'patients' (--group): did you mean"),
        (("--time", "patient"), "--time: column 'patient' holds neither dates nor numbers"),
        (("--gap", "3"), "--gap 3 leaves out rows between earlier and later ones: give --time."),
        (("--time", "day", "--gap", "200"), "gap=200 (--gap) leaves 0 of 120 rows to train on"),
        (("--time", "day", "--gap", "-1"), "gap must be a whole number of at least 0, got -1"),
        (("--group", "patient", "--time", "day"), "groups (--group) and time (--time) ask for"),
    ],
)
def test_what_cannot_be_is_refused(table: Path, options: tuple[str, ...], start: str) -> None:
    called = study(table, *options)
    assert called.exit_code == 2 and called.stdout == ""
    assert start in called.stderr.splitlines()[-1]


def test_what_is_no_table_has_no_columns(tmp_path: Path) -> None:
    called = wane("moons", "--group", "patient", folder=tmp_path)
    assert called.exit_code == 2
    assert (
        "--group names a column of a table or an array, and 'moons' is an example" in called.stderr
    )


@pytest.mark.thorough
def test_arrays_bring_their_groups_and_times(tmp_path: Path) -> None:
    x = np.stack([COLUMNS["a"], COLUMNS["b"]], axis=1)
    y, days = COLUMNS["y"], np.arange(120)
    np.savez(tmp_path / "g.npz", x=x, y=y, groups=PATIENT, day=days)
    called = wane("g.npz", *FAST, "--hidden", "4", folder=tmp_path)
    assert called.exit_code == 0
    assert called.document["study"]["groups"]["test"] == 5
    assert "The 120 rows are of 24 groups (groups)" in called.stderr
    timed = ("--time", "day", "--gap", "2")
    later = wane("g.npz", *FAST, "--hidden", "4", *timed, folder=tmp_path)
    assert later.document["study"]["rows"] == {"train": 68, "validation": 24, "test": 24}
    both = wane("g.npz", *FAST, "--group", "groups", "--time", "day", folder=tmp_path)
    assert both.exit_code == 2 and "ask for two kinds of splits" in both.stderr
    loose = wane("g.npz", *FAST, "--group", "groups", "--gap", "2", folder=tmp_path)
    assert loose.exit_code == 2 and "gap=2 (--gap) leaves out rows" in loose.stderr
