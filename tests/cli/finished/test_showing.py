"""``wane show`` and ``wane diff``."""

import json
from pathlib import Path
from typing import Any

import pytest
from typer.testing import CliRunner

from cli_cases import wane, write_rows
from wane.cli import app

TINY = ("--target", "y", "--hidden", 4, "--epochs", 3, "--strengths", 0.1, "--no-extend",
        "--no-learning-curve", "--no-references")  # fmt: skip


def call(*arguments: object) -> tuple[int, str, str]:
    """``wane`` with these arguments: exit code, standard output, standard error."""
    done = CliRunner(env={"COLUMNS": "80"}).invoke(app, [*map(str, arguments)])
    if done.exception is not None and not isinstance(done.exception, SystemExit):
        raise done.exception
    return done.exit_code, done.stdout, done.stderr


@pytest.fixture
def folder(tmp_path: Path, monkeypatch: pytest.MonkeyPatch) -> Path:
    """A folder with a table, the working one."""
    monkeypatch.chdir(tmp_path)
    write_rows(tmp_path / "t.csv")
    return tmp_path


def test_a_study_is_shown_as_it_was_printed(folder: Path) -> None:
    printed = wane("t.csv", *TINY, "--repeats", 2, folder=folder)
    before = {path: path.stat().st_mtime_ns for path in folder.rglob("*")}
    assert call("show", "t-study") == (0, printed.stdout, "")
    assert json.loads(call("show", "t-study", "--json")[1]) == printed.document
    assert {path: path.stat().st_mtime_ns for path in folder.rglob("*")} == before


@pytest.mark.thorough
@pytest.mark.usefixtures("folder")
def test_comparisons_and_paths_are_shown_too() -> None:
    usual = ("t.csv", "--target", "y", "--hidden", 4, "--epochs", 3, "--repeats", 2)
    compared = call("compare", *usual, "--settings", 2, "--method", "l2", "--method", "l1")
    assert call("show", "t-compare")[:2] == compared[:2]
    path = call("path", *usual, "--strengths", "0.01,0.1")
    assert call("show", "t-path")[:2] == path[:2]
    assert json.loads(call("show", "t-path", "--json")[1])["stages"]
    code, _, stderr = call("diff", "t-compare", "t-path")
    assert code == 2 and stderr == (
        "Error: 't-path' holds a path, which chooses no candidate: give the folders of two "
        "studies, or of comparisons.\n"
    )
    code, _, stderr = call("resume", "t-compare", "--strengths", "1")
    assert code == 2 and stderr.startswith(
        "Error: 't-compare' holds a comparison of methods, which"
    )


@pytest.mark.thorough
def test_two_studies_side_by_side(folder: Path) -> None:
    first = wane("t.csv", *TINY, "--repeats", 2, folder=folder)
    wane("t.csv", *TINY, "--repeats", 3, "--hidden", 8, "--out", "b", folder=folder)
    code, stdout, stderr = call("diff", "t-study", "b")
    assert (code, stderr) == (0, "") and "The data differ" not in stdout
    rows = [" ".join(line.split()) for line in stdout.splitlines()]
    assert "repeats 2 3" in rows and "hidden 4 8" in rows
    assert not any(row.startswith(("epochs", "seed", "source", "drop")) for row in rows)
    document: dict[str, Any] = json.loads(call("diff", "t-study", "b", "--json")[1])
    assert document["same_data"] is True
    assert {row["setting"] for row in document["settings"]} == {"repeats", "hidden"}
    found = {row["name"]: row["a"]["mean"] for row in document["candidates"]}
    means = {o["name"]: o["validation"]["data_loss"]["mean"] for o in first.document["candidates"]}
    assert found == means
    assert document["studies"][0]["answer"] == first.document["verdict"]["answer"]
    write_rows(folder / "t.csv", rows=50)
    wane("t.csv", *TINY, "--repeats", 2, "--strengths", 1, "--out", "c", folder=folder)
    code, stdout, _ = call("diff", "t-study", "c")
    assert code == 0 and "The data differ, so losses of one are not to be compared" in stdout
    document = json.loads(call("diff", "t-study", "c", "--json")[1])
    lacking = {row["name"]: [k for k in "ab" if row[k] is None] for row in document["candidates"]}
    assert lacking == {"baseline": [], "L2(0.1)": ["b"], "L2(1)": ["a"]}
    assert call("diff", "t-study", "t-study")[1].count("The settings are the same.") == 1


@pytest.mark.parametrize("command", ["show", "diff"])
def test_what_is_no_finished_study_is_refused(command: str, folder: Path) -> None:
    given = ["s"] * (2 if command == "diff" else 1)
    expected = "Error: 's' holds no study (study.json is not there): give the folder of one.\n"
    assert call(command, *given) == (2, "", expected)
    (folder / "s").mkdir()
    statement: dict[str, Any] = {"schema": 2, "recipe": {"command": "study"}}
    for document, text in (
        ({}, "'s/study.json' was written by another version of wane, or is of no study: give"),
        (statement, "The study in 's' has not finished: wane resume s finishes it.\n"),
    ):
        (folder / "s" / "study.json").write_text(json.dumps(document))
        code, stdout, stderr = call(command, *given)
        assert (code, stdout) == (2, "") and stderr.startswith(f"Error: {text}")
    for text in ("[]", "{}", "nothing", '{"study": 3}'):
        (folder / "s" / "summary.json").write_text(text)
        code, stdout, stderr = call(command, *given)
        assert (code, stdout) == (2, "") and "Traceback" not in stderr and stderr
