"""``wane examples``, and the options of ``wane study`` that are for examples."""

import json
from pathlib import Path
from typing import Any

import pytest
from typer.testing import CliRunner

from cli_cases import wane, write_rows
from wane.cli import app
from wane.data import EXAMPLES, NETWORKS, examples_document

SMALL = (
    "--repeats",
    2,
    "--epochs",
    2,
    "--hidden",
    3,
    "--strengths",
    1e-3,
    "--no-learning-curve",
    "--no-references",
    "--no-extend",
)


def listed(*options: str, width: int = 80) -> str:
    """What ``wane examples`` prints."""
    done = CliRunner(env={"COLUMNS": str(width)}).invoke(app, ["examples", *options])
    assert done.exit_code == 0, done.stderr
    return done.stdout


def test_every_example_is_listed_with_rows_networks_and_what_it_shows() -> None:
    text = listed(width=200)
    lines = text.splitlines()
    for example in examples_document():
        (line,) = (line for line in lines if line.startswith(f"{example['name']} "))
        rows = ", ".join(f"{count:,}" for count in example["rows"].values())
        for part in (example["task"], rows, example["network"], example["shows"]):
            assert part in line
    assert "--fresh draws new rows for each repeat: moons, circles, sequence." in text
    assert max(map(len, listed(width=80).splitlines())) <= 80


def test_examples_as_json() -> None:
    assert json.loads(listed("--json")) == examples_document()


@pytest.mark.thorough
def test_a_fresh_study_draws_rows_for_each_repeat(tmp_path: Path) -> None:
    document = wane("moons", "--fresh", *SMALL, folder=tmp_path).document
    assert document["study"]["rows"] == {"train": 30, "validation": 100, "test": 10_000}
    assert "drawn anew" in document["study"]["resampling"]
    assert document["train_sizes"] is None


@pytest.mark.thorough
@pytest.mark.parametrize("network", ["conv1d", "dense"])
def test_another_network_on_sequences(tmp_path: Path, network: str) -> None:
    result = wane("sequence", "--network", network, *SMALL, folder=tmp_path).result
    layers = {layer.__class__.__name__ for layer in result.best_model().layers}
    assert ("Conv1D" in layers) == (network == "conv1d")


def error_of(*arguments: Any, folder: Path) -> str:
    """The error of a study that cannot be made."""
    called = wane(*arguments, folder=folder)
    assert called.exit_code == 2 and not called.stdout and not list(folder.glob("*-study"))
    return called.stderr.strip()


def test_what_does_not_fit_an_example_is_refused(tmp_path: Path) -> None:
    assert error_of("wine", "--fresh", folder=tmp_path) == (
        "Error: 'wine' has the 178 rows that there are, and no new ones can be drawn: leave out "
        "--fresh, or take an example that is generated (moons, circles, sequence)."
    )
    table = write_rows(tmp_path / "rows.csv")
    assert error_of(table, "--target", "y", "--fresh", folder=tmp_path) == (
        "Error: 'rows' has the 40 rows that there are, and no new ones can be drawn: leave out "
        "--fresh, or take an example that is generated (moons, circles, sequence)."
    )
    assert error_of("sequence", "--network", "gru", folder=tmp_path) == (
        "Error: There is no network 'gru': available: 'dense', 'conv2d', 'conv1d', 'lstm'."
    )
    assert error_of("moons", "--network", "lstm", folder=tmp_path) == (
        "Error: The network 'lstm' reads sequences, [steps, features], but the rows here have the "
        "shape (2,): take 'dense'."
    )
    assert error_of("digits", "--network", "conv1d", folder=tmp_path) == (
        "Error: The network 'conv1d' reads sequences, [steps, features], but the rows here have "
        "the shape (8, 8, 1): take 'dense' or 'conv2d'."
    )
    assert error_of("tides", folder=tmp_path) == (
        f"Error: There is no example and no file named 'tides'; give an example "
        f"({', '.join(EXAMPLES)}), the path of a table, such as data.csv, or a folder with a "
        f"folder of images for each class."
    )


def test_the_help_names_every_network() -> None:
    text = CliRunner(env={"COLUMNS": "300"}).invoke(app, ["study", "--help"]).stdout
    (line,) = (line for line in text.splitlines() if "--network" in line)
    assert all(name in line for name in NETWORKS)
