"""``wane study`` given more repeats, until it is decided, or for so many minutes."""

import json
from pathlib import Path

import pandas as pd
import pytest
from typer.testing import CliRunner

from cli_cases import wane
from wane.cli import app

SMALL = (
    "moons",
    "--hidden",
    4,
    "--strengths",
    "1e-3",
    "--epochs",
    2,
    "--no-learning-curve",
    "--no-references",
    "--no-extend",
)


@pytest.mark.thorough
def test_a_folder_is_given_more_repeats_and_resumed(tmp_path: Path) -> None:
    wane(*SMALL, "--repeats", 2, "--out", "grown", folder=tmp_path)
    grown = wane(*SMALL, "--repeats", 4, "--out", "grown", folder=tmp_path)
    planned = wane(*SMALL, "--repeats", 4, "--out", "planned", folder=tmp_path)
    assert grown.result.runs.equals(planned.result.runs)
    assert "This is look 2 of this study, level 0.76 %" in " ".join(grown.stdout.split())
    assert [look["repeats"] for look in grown.document["study"]["looks"]] == [2, 4]
    resumed = CliRunner().invoke(app, ["resume", str(tmp_path / "grown"), "--json"])
    assert json.loads(resumed.stdout) == {
        **grown.document,
        "files": json.loads(resumed.stdout)["files"],
    }


@pytest.mark.thorough
def test_fewer_repeats_are_refused_in_a_sentence(tmp_path: Path) -> None:
    wane(*SMALL, "--repeats", 3, "--out", "s", folder=tmp_path)
    fewer = wane(*SMALL, "--repeats", 2, "--out", "s", folder=tmp_path)
    assert fewer.exit_code == 2
    assert fewer.stderr.splitlines()[-1] == (
        "Error: 's' has 3 repeats already, and 2 are fewer; nothing was written: give at least 3 "
        "repeats, or a new folder."
    )


@pytest.mark.thorough
def test_until_decided_takes_at_most_eighty_repeats_and_not_the_example_s_own(
    tmp_path: Path,
) -> None:
    called = wane(*SMALL, "--until-decided", folder=tmp_path)
    about = called.document["study"]
    assert about["planned_repeats"] == 80
    assert (
        about["looks"][0]["repeats"] == 10
        and about["stopped"] in called.document["verdict"]["text"]
    )


@pytest.mark.thorough
def test_minutes_are_a_budget(tmp_path: Path) -> None:
    called = wane(*SMALL, "--minutes", 0.05, "--repeats", 12, folder=tmp_path)
    about = called.document["study"]
    assert 1 <= about["repeats"] <= 12 and len(about["looks"]) == 1
    assert (about["repeats"] < 12) == ("when the 0.05 minutes were over." in about["stopped"])


@pytest.mark.parametrize(
    ("options", "text"),
    [
        (("--minutes", "-1"), "minutes must be a finite number above 0, got -1.0."),
        (
            ("--minutes", 1, "--until-decided"),
            "until_decided looks at the results as they come in, and minutes allows for one look "
            "at the end: give one of the two.",
        ),
        (
            ("--until-decided", "--halving"),
            "halving chooses what to train by the number of repeats, which until_decided leaves "
            "open: leave out one of the two.",
        ),
    ],
)
def test_what_does_not_fit_together(options: tuple[object, ...], text: str, tmp_path: Path) -> None:
    called = wane(*SMALL, *options, folder=tmp_path)
    assert called.exit_code == 2 and called.stderr.splitlines()[-1] == f"Error: {text}"
    assert not list(tmp_path.iterdir())


@pytest.mark.thorough
def test_a_time_shorter_than_one_repeat(tmp_path: Path) -> None:
    called = wane("moons", "--epochs", 2_000_000, "--minutes", 0.03, "--out", "s", folder=tmp_path)
    assert called.exit_code == 2
    (line,) = called.stderr.splitlines()[-1:]
    assert line.startswith("Error: minutes=0.03 is shorter than one repeat of the 7 candidates, ")
    assert "; what was trained is kept in 's': give at least " in line
    assert (tmp_path / "s" / "study.db").exists()


@pytest.mark.thorough
def test_a_study_grows_by_repeats_and_strengths_as_it_is_resumed(tmp_path: Path) -> None:
    wane(*SMALL, "--repeats", 2, "--out", "grown", folder=tmp_path)
    folder = str(tmp_path / "grown")
    arguments = ["resume", folder, "--repeats", "4", "--strengths", "1e-3,3e-3", "--json"]
    done = CliRunner().invoke(app, arguments)
    assert done.exit_code == 0, done.stderr
    looks = json.loads(done.stdout)["study"]["looks"]
    assert [(look["repeats"], look["added"]) for look in looks] == [(2, []), (4, ["L2(0.003)"])]
    more = ("--strengths", "1e-3,3e-3", "--repeats", 4, "--out", "planned")
    planned = wane(*SMALL, *more, folder=tmp_path)
    grown = pd.read_parquet(tmp_path / "grown" / "runs.parquet")
    assert grown.equals(planned.result.runs)
    # It is that study from now on, to itself and to whoever makes it anew.
    again = CliRunner().invoke(app, ["resume", folder, "--json"])
    assert json.loads(again.stdout)["candidates"] == json.loads(done.stdout)["candidates"]
    anew = wane(f"{folder}/study.json", "--out", "anew", folder=tmp_path)
    assert anew.result.runs.equals(planned.result.runs)
    fewer = CliRunner().invoke(app, ["resume", folder, "--repeats", "3"])
    assert fewer.exit_code == 2 and "has 4 repeats already, and 3 are fewer" in fewer.stderr
    for given in (("--repeats", "0"), ("--strengths", "-1"), ("--strengths", "many")):
        bad = CliRunner().invoke(app, ["resume", folder, *given])
        assert bad.exit_code == 2 and bad.stderr.startswith(f"Error: {given[0]}"), bad.stderr
