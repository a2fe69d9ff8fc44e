"""wane study --by-layer: what is printed and written, and what is refused."""

import json
from pathlib import Path
from typing import Any

import pytest
from typer.testing import CliRunner

from wane.cli import app

SMALL = ("study", "moons", "--by-layer", "--trials", 4, "--repeats", 4, "--epochs", 4)


def called(*arguments: object, folder: Path) -> Any:
    with pytest.MonkeyPatch.context() as patch:
        patch.chdir(folder)
        done = CliRunner(env={"COLUMNS": "80"}).invoke(app, [str(one) for one in arguments])
    if done.exception is not None and not isinstance(done.exception, SystemExit):
        raise done.exception
    return done


def test_a_strength_for_each_layer_is_searched_and_written(tmp_path: Path) -> None:
    done = called(*SMALL, "--hidden", 4, folder=tmp_path)
    assert done.exit_code == 0, done.stderr
    assert max(map(len, done.stdout.splitlines())) <= 80
    said = " ".join(done.stdout.split())
    assert "Each method is the best of" in said and "for each" in said
    folder = tmp_path / "moons-study"
    document = json.loads((folder / "summary.json").read_text("utf-8"))
    assert [row["method"] for row in document["compare"]["methods"]] == [
        "none", "one strength", "by layer",
    ]  # fmt: skip
    assert [one["layers"] for one in document["compare"]["search"]["ranges"]] == [
        "hidden", "output",
    ]  # fmt: skip
    assert {"layers.png", "methods.png", "strengths.png"} <= {
        path.name for path in (folder / "figures").iterdir()
    }
    page = (folder / "report.html").read_text("utf-8")
    assert "The strength for each layer" in page and 'data-file="layers.csv"' in page
    assert "importance" in said and "evidence: where the training rows alone" in said
    found = document["compare"]["search"]["evidence"]
    assert [one["layers"] for one in found["ranges"]] == ["hidden", "output"]
    again = called("resume", folder, folder=tmp_path)
    assert again.exit_code == 0, again.stderr
    assert " ".join(again.stdout.split())[:-40] == said[:-40]
    grown = called("resume", folder, "--strengths", "0.5", folder=tmp_path)
    assert grown.exit_code == 2 and "holds a search, which takes no" in grown.stderr


def test_the_evidence_can_be_left_out(tmp_path: Path) -> None:
    done = called(*SMALL, "--hidden", 4, "--no-evidence", folder=tmp_path)
    assert done.exit_code == 0, done.stderr
    assert "importance" in done.stdout and "evidence" not in done.stdout
    document = json.loads((tmp_path / "moons-study" / "summary.json").read_text("utf-8"))
    assert document["compare"]["search"]["evidence"] is None
    shown = called("show", "moons-study", folder=tmp_path)
    assert shown.exit_code == 0 and "importance" in shown.stdout


@pytest.mark.parametrize(
    ("options", "said"),
    [
        (("--trials", 5), "--trials is for a search: give --by-layer too"),
        (("--no-evidence",), "--no-evidence is for a search: give --by-layer too"),
        (("--by-layer", "--refine"), "--refine and --by-layer exclude each other"),
        (("--by-layer", "--minutes", 1), "--minutes and --by-layer exclude each other"),
        (
            ("--by-layer", "--penalty", "l1", "--proximal"),
            "--proximal and --by-layer exclude each other",
        ),
        (
            ("--by-layer", "--penalty", "l1", "--penalty", "l2"),
            "--by-layer searches the strengths of one penalty, got l1 and l2",
        ),
        (("--by-layer", "--layers", "hidden"), "--layers names some: leave out one of them"),
        (("--by-layer", "--strengths", "0.1"), "strengths must be the weakest and the strongest"),
        (("--by-layer", "--trials", 1, "--epochs", 2), "1 trials are fewer than the 2 ranges"),
    ],
)
def test_options_that_do_not_go_together_are_refused(
    options: tuple[object, ...], said: str, tmp_path: Path
) -> None:
    done = called("study", "moons", *options, folder=tmp_path)
    assert done.exit_code == 2
    assert said in " ".join(done.stderr.split())
    assert not list(tmp_path.iterdir())
