"""wane compare and wane path: what is printed and written, and what is refused."""

import json
from pathlib import Path
from typing import Any

import keras
import numpy as np
import pytest
from typer.testing import CliRunner

from cli_cases import write_rows
from wane.cli import app

SMALL = ("--repeats", 2, "--epochs", 4, "--hidden", 4)


def called(*arguments: object, folder: Path) -> Any:
    with pytest.MonkeyPatch.context() as patch:
        patch.chdir(folder)
        done = CliRunner(env={"COLUMNS": "80"}).invoke(app, [str(one) for one in arguments])
    if done.exception is not None and not isinstance(done.exception, SystemExit):
        raise done.exception
    return done


@pytest.mark.thorough
def test_compare_prints_a_row_for_each_method_and_writes_a_folder(tmp_path: Path) -> None:
    table = write_rows(tmp_path / "rows.csv")
    done = called(
        "compare", table, "--target", "y", "--method", "l2", "--method", "dropout", "--settings", 2,
        *SMALL, folder=tmp_path,
    )  # fmt: skip
    assert done.exit_code == 0, done.stderr
    lines = done.stdout.splitlines()
    assert max(map(len, lines)) <= 80
    assert [line.split()[0] for line in lines if line[3:].startswith(("none", "l2", "drop"))]
    assert "Each method is the best of 2 settings with 2 runs each" in " ".join(done.stdout.split())
    document = json.loads((tmp_path / "rows-compare" / "summary.json").read_text("utf-8"))
    assert [row["method"] for row in document["compare"]["methods"]] == ["none", "l2", "dropout"]
    assert (tmp_path / "rows-compare" / "figures" / "methods.png").is_file()


@pytest.mark.thorough
def test_compare_searches_each_method_with_as_many_settings(tmp_path: Path) -> None:
    table = write_rows(tmp_path / "rows.csv")
    command = ("compare", table, "--target", "y", "--method", "l2", "--method", "l1l2")
    done = called(*command, "--trials", 4, *SMALL, folder=tmp_path)
    assert done.exit_code == 0, done.stderr
    document = json.loads((tmp_path / "rows-compare" / "summary.json").read_text("utf-8"))
    assert [row["method"] for row in document["compare"]["methods"]] == ["none", "l2", "l1l2"]
    assert len(document["candidates"]) == 9
    assert not (tmp_path / "rows-compare" / "figures" / "layers.png").exists()


@pytest.mark.parametrize(
    ("given", "sentence"),
    [
        (("--settings", 2), "--settings are evenly spaced, and --trials come from a sampler"),
        (("--where",), "--trials is for comparing methods, and --where compares targets"),
        (("--method", "max-norm"), "The method 'max-norm' has no range that a sampler could"),
    ],
)
def test_trials_are_of_methods_that_can_be_searched(
    tmp_path: Path, given: tuple[object, ...], sentence: str
) -> None:
    table = write_rows(tmp_path / "rows.csv")
    done = called("compare", table, "--target", "y", "--trials", 4, *given, *SMALL, folder=tmp_path)
    assert done.exit_code == 2 and done.stderr.splitlines()[-1].startswith(f"Error: {sentence}")
    assert [path.name for path in tmp_path.iterdir()] == ["rows.csv"]


@pytest.mark.thorough
def test_compare_where_gives_targets_as_json(tmp_path: Path) -> None:
    done = called(
        "compare", "moons", "--where", "--strengths", "1e-3,1e-2", *SMALL, "--json",
        folder=tmp_path,
    )  # fmt: skip
    assert done.exit_code == 0, done.stderr
    methods = json.loads(done.stdout)["compare"]["methods"]
    assert [row["method"] for row in methods] == [
        "none", "hidden", "hidden and output", "biases too", "early stronger", "late stronger",
    ]  # fmt: skip


def test_path_prints_a_row_for_each_strength_and_writes_a_folder(tmp_path: Path) -> None:
    done = called(
        "path", "moons", "--strengths", "1e-3,1e-2", "--descending", *SMALL, folder=tmp_path
    )
    assert done.exit_code == 0, done.stderr
    lines = done.stdout.splitlines()
    assert max(map(len, lines)) <= 80
    first = [line.split()[0] for line in lines if line.strip()]
    assert [word for word in first if word in ("none", "0.001", "0.01")] == [
        "0.01",
        "0.001",
        "none",
    ]
    assert (tmp_path / "moons-path" / "runs.parquet").is_file()


@pytest.mark.thorough
def test_a_comparison_goes_on_with_a_trained_optimizer_and_a_path_does_not(tmp_path: Path) -> None:
    x = np.random.default_rng(0).normal(size=(30, 2)).astype(np.float32)
    y = (x[:, 0] > 0).astype(int)
    np.savez(tmp_path / "d.npz", x=x, y=y)
    layers = [keras.layers.Dense(4, "relu"), keras.layers.Dense(1, "sigmoid")]
    model = keras.Sequential([keras.layers.Input((2,)), *layers])
    model.compile("adam", "binary_crossentropy")
    model.fit(x, y, verbose=0)
    model.save(tmp_path / "m.keras")
    given = ("d.npz", "--model", "m.keras", "--optimizer-state", "model", "--epochs", 1)
    methods = ("--method", "l2", "--settings", 2, "--repeats", 2)
    done = called("compare", *given, *methods, folder=tmp_path)
    assert done.exit_code == 0, done.stderr
    document = json.loads((tmp_path / "d-compare" / "summary.json").read_text("utf-8"))
    assert not any("begins anew" in note for note in document["notes"])
    study = json.loads((tmp_path / "d-compare" / "study.json").read_text("utf-8"))
    assert study["optimizer_state"] == study["recipe"]["optimizer_state"] == "model"
    done = called("path", *given, "--strengths", "1e-3", folder=tmp_path)
    assert (done.exit_code, done.stderr.splitlines()[-1]) == (
        2,
        "Error: A path begins each strength with a new optimizer: leave out "
        "optimizer_state='model' (--optimizer-state model).",
    )
    assert not (tmp_path / "d-path").exists()


@pytest.mark.thorough
def test_study_takes_refine_halving_and_early_stopping(tmp_path: Path) -> None:
    done = called(
        "study", "moons", "--strengths", "1e-3,1e-2", "--refine", "--halving", "--early-stopping",
        1, "--no-learning-curve", "--repeats", 4, "--epochs", 6, "--hidden", 4, "--json",
        folder=tmp_path,
    )  # fmt: skip
    assert done.exit_code == 0, done.stderr
    study = json.loads((tmp_path / "moons-study" / "study.json").read_text("utf-8"))
    assert study["refine"] and study["halving"]


REFUSED = {
    "a range upside down": (
        ("path", "moons", "--strengths", "1e-1:1e-3:3"),
        "Error: --strengths takes LOW:HIGH:COUNT such as 1e-6:1e-1:6, or a comma list such as "
        "1e-4,1e-3, got '1e-1:1e-3:3'; it needs 0 < LOW <= HIGH and a whole COUNT of at least 1.",
    ),
    "a budget too small for one halving round": (
        ("study", "moons", "--halving", "--repeats", "2"),
        "Error: Halving drops candidates after 2 repeats, 4, 8 and so on, which takes at least 4, "
        "got 2: take more repeats, or leave halving out.",
    ),
    "an unknown method": (
        ("compare", "moons", "--method", "dropuot"),
        "Error: There is no method 'dropuot': did you mean 'dropout'?",
    ),
    "an option of methods with --where": (
        ("compare", "moons", "--where", "--method", "l2"),
        "Error: --method is for comparing methods, and --where compares targets: leave out one of "
        "them.",
    ),
    "an option of --where without it": (
        ("compare", "moons", "--factor", "3"),
        "Error: --factor is for comparing targets: give --where too, or leave it out.",
    ),
    "an unknown penalty of a path": (
        ("path", "moons", "--penalty", "l3"),
        "Error: There is no penalty 'l3': available: 'l1', 'l2', 'l1l2', 'group-lasso', "
        "'weight-decay', 'orthogonality'.",
    ),
    "a strength of zero on a path": (
        ("path", "moons", "--strengths", "0,0.1"),
        "Error: --strengths takes LOW:HIGH:COUNT such as 1e-6:1e-1:6, or a comma list such as "
        "1e-4,1e-3, got '0,0.1': 0 is no penalty, and the baseline has none already; leave it out.",
    ),
    "a strength twice": (
        ("path", "moons", "--strengths", "0.1,0.1"),
        "Error: Candidate L2(0.1, layers='hidden', on='kernel+recurrent') is there twice; give "
        "each one once.",
    ),
    "a patience below zero": (
        ("study", "moons", "--early-stopping", "-1"),
        "Error: --early-stopping takes epochs, at least 0, got -1.",
    ),
}


@pytest.mark.parametrize("case", REFUSED)
def test_bad_input_ends_with_one_sentence_and_leaves_no_folder(case: str, tmp_path: Path) -> None:
    arguments, message = REFUSED[case]
    done = called(*arguments, folder=tmp_path)
    assert done.exit_code == 2
    assert done.stderr.strip().splitlines()[-1] == message
    assert list(tmp_path.iterdir()) == []


@pytest.mark.parametrize(
    ("command", "old", "new"),
    [
        ("compare", "--kind", "--method"),
        ("compare", "--score", "--scoring"),
        ("compare", "--kind=l2", "--method"),
        ("path", "--falling", "--descending"),
        ("study", "--score", "--scoring"),
        ("study", "--train-sizes", "--learning-curve"),
        ("study", "--no-train-sizes", "--no-learning-curve"),
    ],
)
def test_an_option_by_its_former_name_is_refused_with_the_new_one(
    command: str, old: str, new: str, tmp_path: Path
) -> None:
    done = called(command, "moons", old, folder=tmp_path)
    assert (done.exit_code, done.stdout, done.stderr) == (
        2,
        "",
        f"Error: The option {old.partition('=')[0]} has been called {new} since version 0.2.0: "
        f"use that name.\n",
    )
    assert list(tmp_path.iterdir()) == []


def test_a_former_name_is_an_unknown_option_where_there_is_no_new_one(tmp_path: Path) -> None:
    done = called("path", "moons", "--kind", "l2", folder=tmp_path)
    assert done.exit_code == 2 and "No such option" in done.stderr and "0.2.0" not in done.stderr


@pytest.mark.parametrize("command", ["study", "compare", "path"])
def test_a_cluster_that_is_none_is_refused_and_nothing_stays(command: str, tmp_path: Path) -> None:
    table = write_rows(tmp_path / "rows.csv")
    few = ("--method", "l2") if command == "compare" else ()
    options = ("--target", "y", *SMALL, *few, "--ray", "nowhere")
    done = called(command, table, *options, folder=tmp_path)
    assert done.exit_code == 2
    assert done.stderr.splitlines()[-1].startswith("Error: ray takes auto (the cluster that runs")
    assert done.stderr.splitlines()[-1].endswith("got 'nowhere'.")
    assert [path.name for path in tmp_path.iterdir()] == ["rows.csv"]
