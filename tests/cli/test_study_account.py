"""What the command line says of a table before it trains, and options on how it is read."""

import json
from pathlib import Path
from typing import Any

import numpy as np
import pandas as pd
import pytest
from typer.testing import CliRunner

from cli_cases import Called, wane, write_rows
from wane.cli import app

SMALL = (
    "--hidden",
    4,
    "--epochs",
    3,
    "--repeats",
    2,
    "--strengths",
    0.1,
    "--no-learning-curve",
    "--no-references",
    "--no-extend",
)


@pytest.fixture(scope="module")
def rare(tmp_path_factory: pytest.TempPathFactory) -> Called:
    """A table of which one row in twenty is positive, and every input is noise."""
    folder = tmp_path_factory.mktemp("rare")
    generator = np.random.default_rng(0)
    path = write_rows(
        folder / "t.csv",
        rows=200,
        rownames=range(1, 201),
        dull=["k/A" if n % 4 == 0 else f"{n % 7},5" for n in range(200)],
        note=generator.normal(size=200),
        y=generator.permutation(["yes"] * 10 + ["no"] * 190),
    )
    return wane(
        path, "--target", "y", "--drop", "note", "--missing", "k/A", "--class-weight", "balanced",
        *SMALL, folder=folder,
    )  # fmt: skip


def test_the_account_stands_before_training_on_standard_error(rare: Called) -> None:
    lines = rare.stderr.splitlines()
    first = lines.index("The table has 200 rows; 3 of 5 columns become 4 inputs to predict 'y'.")
    table = [" ".join(line.split()) for line in lines[first + 1 :]]
    assert table[0] == "column kind gaps inputs how it enters the network"
    assert table[2:4] == ["a number – 1 standardized", "b number – 1 standardized"]
    assert table[4].startswith("rownames number – – left out: it numbers the rows; --keep")
    assert "dull number 50 2 standardized, gaps filled and marked" in table
    assert "note – – – left out: by --drop" in table
    assert "Classes: no 190 (95 %), yes 10 (5 %)." in table
    assert "Naming 'no' for every row is right in 95 % of them." in table
    assert max(map(len, lines[first:])) <= 80
    # What the table says is no note too; how cells were read is one.
    notes = [line for line in lines if line.startswith("Note: ")]
    assert notes == [
        "Note: Cells that hold 'k/A' count as empty, as --missing says: 50 of 200 in 'dull'.",
        "Note: Numbers such as '6,5' in column 'dull' were read with a decimal comma.",
    ]


def test_the_account_is_in_the_document_and_the_report(rare: Called) -> None:
    account = rare.document["account"]
    assert [one["name"] for one in account["columns"]] == ["a", "b", "rownames", "dull", "note"]
    assert (account["rows"], account["shape"], account["majority_accuracy"]) == (200, [4], 0.95)
    page = (rare.folder / "report.html").read_text(encoding="utf-8")
    for text in ("rownames", "left out: by --drop", "is right in 95 % of them"):
        assert text in page


def test_a_rare_class_is_weighed_and_scored_and_said_to_tell_little(rare: Called) -> None:
    spec = rare.result.spec
    assert dict(spec.class_weight or {}) == pytest.approx({0: 160 / 304, 1: 10})
    chosen = {c["name"]: c for c in rare.document["candidates"]}[rare.document["chosen"]]
    scores = {"balanced_accuracy", "roc_auc", "average_precision", "neg_brier_score"}
    assert scores < set(chosen["validation"])
    # Inputs of noise: what looks like accuracy is the share of "no".
    assert 0.2 < chosen["test"]["roc_auc"]["mean"] < 0.8
    assert any("(2 of class 'yes')" in note for note in rare.document["notes"])


@pytest.mark.thorough
def test_the_logarithm_of_a_target_is_told_to_those_who_predict(tmp_path: Path) -> None:
    a = np.random.default_rng(0).normal(size=60)
    pd.DataFrame({"a": a, "price": np.exp(3 * a).round(3)}).to_csv(tmp_path / "t.csv", index=False)
    plain = wane("t.csv", "--target", "price", *SMALL, "--out", "plain", folder=tmp_path)
    assert "--log-target trains on their logarithm." in plain.stderr
    logged = wane(
        "t.csv", "--target", "price", "--log-target", *SMALL, "--out", "logged", folder=tmp_path
    )
    assert "Note: The network learns log(price), and scores such as RMSE are of" in logged.stderr
    targets = [
        json.loads((tmp_path / name / "preprocessing.json").read_text("utf-8"))["target"]
        for name in ("plain", "logged")
    ]
    assert [(one["log"], one["shift"]) for one in targets] == [(False, 0), (True, 0)]
    y = logged.result.spec.data.development.y
    assert y.min() < 0 and np.allclose(np.exp(y).min(), np.exp(3 * a).min(), atol=0.1)


@pytest.mark.thorough
def test_arrays_have_an_account_without_columns(tmp_path: Path) -> None:
    x = np.random.default_rng(0).normal(size=(40, 6, 3))
    np.savez(tmp_path / "a.npz", x=x, y=np.arange(40) % 2)
    called = wane("a.npz", "--network", "dense", *SMALL, folder=tmp_path)
    assert "The data have 40 rows of 6 × 3." in called.stderr.splitlines()
    assert "Classes: 0 20 (50 %), 1 20 (50 %)." in called.stderr
    assert called.document["account"]["shape"] == [6, 3]
    assert called.document["account"]["columns"] == []


@pytest.mark.thorough
def test_a_study_of_an_example_is_not_announced_but_accounted_for(tmp_path: Path) -> None:
    called = wane("moons", *SMALL, folder=tmp_path)
    assert "The data" not in called.stderr
    account = called.document["account"]
    assert account["shape"] == [2] and [one["share"] for one in account["classes"]] == [0.5, 0.5]


def error_of(command: str, *arguments: Any, folder: Path) -> str:
    with pytest.MonkeyPatch.context() as patch:
        patch.chdir(folder)
        done = CliRunner().invoke(app, [command, *map(str, arguments)])
    assert done.exit_code == 2 and done.stdout == "" and not list(folder.glob("*-*"))
    (line,) = [one for one in done.stderr.splitlines() if not one.startswith("Note: ")]
    return line.removeprefix("Error: ")


@pytest.mark.parametrize(
    ("arguments", "sentence"),
    [
        (("--drop", "y"), "Column 'y' is the target, which is predicted and no input: leave out "
         "--drop y."),
        (("--drop", "bb"), "{path} has no column 'bb' to drop: did you mean 'b'?"),
        (("--keep", "zzz"), "{path} has no column 'zzz' to keep: available: 'a', 'b', 'y'."),
        (("--keep", "a", "--drop", "a"), "Column 'a' is both to be dropped and to be kept: leave "
         "out --drop or --keep."),
        (("--sep", "ab"), "sep (--sep) takes one of ',', ';', '|', ':', tab or space, got 'ab'."),
        (("--decimal", "x"), "decimal (--decimal) takes . or , got 'x'."),
        (("--missing", ""), "missing (--missing) takes a word; an empty cell is a gap anyway."),
        (("--log-target",), "log_target (--log-target) is for an amount, and target column 'y' "
         "holds classes, such as 'yes': leave it out."),
        (("--class-weight", "equal"), "class_weight (--class-weight) takes 'balanced', or in "
         "Python the weight of each label too, got 'equal'."),
        (("--target", "a", "--class-weight", "balanced"), "--class-weight is for classes, and "
         "this target is an amount: leave it out."),
        (("--drop", "a", "--drop", "b"), "{path} has no column to predict from: Column 'a' was "
         "left out: by --drop. Column 'b' was left out: by --drop. Give at least one column with "
         "different values."),
    ],
)  # fmt: skip
@pytest.mark.parametrize("command", ["study", "compare"])
def test_options_that_make_no_sense(
    command: str, arguments: tuple[str, ...], sentence: str, tmp_path: Path
) -> None:
    path = write_rows(tmp_path / "t.csv")
    found = error_of(command, path, "--target", "y", *arguments, folder=tmp_path)
    assert found == sentence.format(path=path)


@pytest.mark.parametrize(
    ("option", "name"),
    [
        (("--drop", "a"), "--drop"),
        (("--keep", "a"), "--keep"),
        (("--missing", "-200"), "--missing"),
        (("--header",), "--header"),
        (("--no-header",), "--no-header"),
        (("--sep", ";"), "--sep"),
        (("--decimal", ","), "--decimal"),
        (("--log-target",), "--log-target"),
    ],
)
def test_options_of_tables_are_for_tables(
    option: tuple[str, ...], name: str, tmp_path: Path
) -> None:
    np.savez(tmp_path / "a.npz", x=np.eye(30), y=np.arange(30) % 2)
    assert error_of("study", "moons", *option, folder=tmp_path) == (
        f"{name} is for tables, and the example 'moons' has arrays: leave it out."
    )
    assert error_of("study", "a.npz", *option, folder=tmp_path) == (
        f"{name} is for tables, and a.npz has arrays: leave it out."
    )


@pytest.mark.thorough
def test_a_study_with_options_is_resumed_as_it_was(tmp_path: Path) -> None:
    write_rows(tmp_path / "t.csv", nr=range(40))
    options = ("--target", "y", "--keep", "nr", "--drop", "b", "--missing", "-200", *SMALL)
    first = wane("t.csv", *options, "--out", "s", folder=tmp_path)
    assert first.result.spec.data.development.x.columns.tolist() == ["a", "nr"]
    with pytest.MonkeyPatch.context() as patch:
        patch.chdir(tmp_path)
        again = CliRunner().invoke(app, ["resume", "s", "--json"])
    assert again.exit_code == 0, again.stderr
    assert json.loads(again.stdout)["account"] == first.document["account"]
