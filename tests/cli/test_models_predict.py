"""``wane predict``: a study's own rows, new ones, and what it refuses."""

import html
import io
import json
import re
import shutil
import subprocess
import sys
import warnings
from pathlib import Path
from typing import Any

import keras
import numpy as np
import pandas as pd
import pytest
from typer.testing import CliRunner

import wane as library
from cli_cases import Called, wane, write_rows
from wane.cli import app
from wane.data.preprocessing import FORMAT

TINY = ("--hidden", 4, "--repeats", 2, "--epochs", 3, "--strengths", 0.01, "--no-learning-curve",
        "--no-references", "--no-extend",
        "--no-retraining")  # fmt: skip


def predict(*arguments: object) -> Any:
    """``wane predict`` with these arguments."""
    done = CliRunner().invoke(app, ["predict", *map(str, arguments)])
    if done.exception is not None and not isinstance(done.exception, SystemExit):
        raise done.exception
    return done


def refusal(*arguments: object) -> str:
    """What ``wane predict`` says on standard error where it refuses."""
    done = predict(*arguments)
    assert done.exit_code == 2 and done.stdout == ""
    assert done.stderr.startswith("Error: ") and done.stderr.count("\n") == 1
    return str(done.stderr)


def table_of(done: Any) -> pd.DataFrame:
    """The predictions on standard output."""
    assert done.exit_code == 0, done.stderr
    return pd.read_csv(io.StringIO(done.stdout))


@pytest.fixture(scope="module")
def classes(tmp_path_factory: pytest.TempPathFactory) -> Called:
    """The study of a table of two numbers, a category and gaps, and two classes."""
    folder = tmp_path_factory.mktemp("classes")
    colour = np.resize(["red", "green", ""], 40)
    path = write_rows(folder / "t.csv", colour=colour, c=np.resize([1.5, np.nan, 3], 40))
    return wane(path, "--target", "y", *TINY, "--out", folder / "s", folder=folder)


@pytest.fixture(scope="module")
def numbers(tmp_path_factory: pytest.TempPathFactory) -> Called:
    """The study of a number to predict, far from zero."""
    folder = tmp_path_factory.mktemp("numbers")
    path = write_rows(folder / "t.csv", y=np.linspace(1000, 2000, 40))
    return wane(path, "--target", "y", *TINY, "--out", folder / "s", folder=folder)


def by_keras(called: Called, path: Path) -> np.ndarray:
    """What ``best.keras`` predicts of the study's rows, prepared by its fitted pipeline."""
    assert path.name == "t.csv"
    data = called.result.spec.data
    assert data.test is not None
    x = pd.concat([data.development.x, data.test.x]).sort_index()
    made = called.result.best_transform().transform(x)
    model = keras.models.load_model(called.folder / "best.keras")
    return np.asarray(model.predict(made, verbose=0))


def test_the_studys_own_table_is_predicted_as_by_its_pipeline(classes: Called) -> None:
    path = classes.where / "t.csv"
    done = predict(classes.folder, path)
    table, yes = table_of(done), by_keras(classes, path)[:, 0]
    assert list(table.columns) == [
        "prediction", "probability", "probability_no", "probability_yes"
    ]  # fmt: skip
    np.testing.assert_allclose(table["probability_yes"], yes, atol=1e-6)
    assert table["prediction"].tolist() == np.where(yes > 0.5, "yes", "no").tolist()
    share = np.mean(table["prediction"] == pd.read_csv(path)["y"])
    assert done.stderr == (
        f"On the 40 rows whose 'y' is known, accuracy is {share:.3f}; that tells of new rows only "
        f"if the study had none of these.\n"
    )


def test_columns_in_another_order_unseen_categories_and_gaps(
    classes: Called, tmp_path: Path
) -> None:
    raw = pd.read_csv(classes.where / "t.csv")
    whole = table_of(predict(classes.folder, classes.where / "t.csv"))
    raw[["colour", "c", "b", "a"]].iloc[::-1].to_csv(tmp_path / "new.csv", index=False)
    done = predict(classes.folder, tmp_path / "new.csv")
    assert done.stderr == ""
    turned = table_of(done).iloc[::-1].reset_index(drop=True)
    pd.testing.assert_frame_equal(turned, whole, check_exact=False, atol=1e-6)
    raw.assign(colour="violet", a=np.nan).to_parquet(tmp_path / "new.parquet")
    done = predict(classes.folder, tmp_path / "new.parquet")
    assert len(table_of(done)) == 40
    gaps, category, _ = done.stderr.splitlines()
    assert gaps.startswith("Note: Cells are empty in columns where") and "40 in 'a';" in gaps
    assert category.startswith("Note: Column 'colour' holds 'violet' in 40 rows")
    new = pd.read_parquet(tmp_path / "new.parquet").set_axis(range(100, 140))
    with warnings.catch_warnings(record=True) as told:
        warnings.simplefilter("always")
        found = library.predict(classes.folder, new)
    notes = [line.removeprefix("Note: ") for line in (gaps, category)]
    assert [str(one.message) for one in told] == notes
    assert all(one.filename == __file__ for one in told)
    assert found.index.tolist() == list(range(100, 140))
    pd.testing.assert_frame_equal(
        found.reset_index(drop=True), table_of(done), check_dtype=False, atol=1e-6
    )


def test_numbers_are_in_the_targets_own_unit(numbers: Called, tmp_path: Path) -> None:
    path, out = numbers.where / "t.csv", tmp_path / "p.parquet"
    done = predict(numbers.folder, path, "-o", out)
    assert done.exit_code == 0 and done.stdout == ""
    score, wrote = done.stderr.splitlines()
    assert re.match(r"On the 40 rows whose 'y' is known, RMSE is [\d.]+ and R² -?[\d.]+; ", score)
    assert wrote == f"Wrote 40 predictions to {out}"
    found = pd.read_parquet(out)
    np.testing.assert_allclose(found["prediction"], by_keras(numbers, path)[:, 0], rtol=1e-6)
    assert found["prediction"].mean() > 500
    assert "is there already; nothing was written" in refusal(numbers.folder, path, "-o", out)
    assert predict(numbers.folder, path, "-o", out, "--force").exit_code == 0
    pd.testing.assert_frame_equal(table_of(predict(numbers.folder, path, "-o", "-")), found,
                                  check_dtype=False, rtol=1e-5)  # fmt: skip


@pytest.mark.thorough
def test_arrays_are_predicted_from_arrays(tmp_path: Path) -> None:
    x = np.random.default_rng(1).integers(0, 256, size=(40, 8, 8)).astype("uint8")
    np.savez(tmp_path / "d.npz", x=x, y=np.resize([3, 5, 8], 40))
    called = wane(tmp_path / "d.npz", *TINY, "--out", tmp_path / "s", folder=tmp_path)
    done = predict(called.folder, tmp_path / "d.npz")
    table = table_of(done)
    assert list(table.columns[2:]) == ["probability_3", "probability_5", "probability_8"]
    model = keras.models.load_model(called.folder / "best.keras")
    outputs = model.predict(x[..., None] / np.float32(255), verbose=0)
    np.testing.assert_allclose(table.iloc[:, 2:], outputs, atol=1e-5)
    assert "On the 40 rows whose 'y' is known, accuracy is" in done.stderr
    np.savez(tmp_path / "new.npz", x=x[:3])
    assert len(table_of(predict(called.folder, tmp_path / "new.npz"))) == 3
    np.savez(tmp_path / "new.npz", x_test=x, x=x)
    assert "has several x of new rows" in refusal(called.folder, tmp_path / "new.npz")


@pytest.mark.thorough
def test_a_network_of_ones_own(tmp_path: Path) -> None:
    path = write_rows(tmp_path / "t.csv", y=np.linspace(10, 20, 40))
    model = keras.Sequential([keras.layers.Input((2,)), keras.layers.Dense(1)])
    model.compile(loss="mse")
    model.save(tmp_path / "own.keras")
    called = wane(
        path, "--target", "y", "--model", tmp_path / "own.keras", "--layers", "all", *TINY[2:],
        "--out", tmp_path / "s", folder=tmp_path,
    )  # fmt: skip
    table = table_of(predict(called.folder, path))
    np.testing.assert_allclose(table["prediction"], by_keras(called, path)[:, 0], rtol=1e-5)


def copied(called: Called, tmp_path: Path, *without: str) -> Path:
    """A study's folder without some of its files."""
    return Path(
        shutil.copytree(called.folder, tmp_path / "s", ignore=shutil.ignore_patterns(*without))
    )


def edited(folder: Path, name: str, **changes: Any) -> None:
    document = json.loads((folder / name).read_text(encoding="utf-8"))
    (folder / name).write_text(json.dumps(document | changes), encoding="utf-8")


def test_folders_without_a_model_to_use_are_refused(classes: Called, tmp_path: Path) -> None:
    path = classes.where / "t.csv"
    assert "holds no study (study.json is not there)" in refusal(tmp_path, path)
    folder = copied(classes, tmp_path / "1", "summary.json")
    assert f"has not finished: wane resume {folder} finishes it" in refusal(folder, path)
    folder = copied(classes, tmp_path / "2", "best.keras")
    assert "has no best.keras: either every candidate has runs that diverged" in refusal(
        folder, path
    )
    folder = copied(classes, tmp_path / "3", "preprocessing.json")
    assert "an earlier version of wane wrote none" in refusal(folder, path)
    edited(folder, "study.json", recipe=None)
    assert "has a transform of your own, of which its folder holds no fitted" in refusal(
        folder, path
    )
    edited(folder, "study.json", path={"descending": False})
    assert "holds a path, which trains a network under rising strengths" in refusal(folder, path)
    folder = copied(classes, tmp_path / "4")
    edited(folder, "preprocessing.json", format=None)
    assert "was written by an earlier version of wane" in refusal(folder, path)
    edited(folder, "preprocessing.json", format=FORMAT, columns={})
    assert "does not say how new rows are read" in refusal(folder, path)


def test_rows_that_do_not_fit_are_refused(classes: Called, tmp_path: Path) -> None:
    write_rows(tmp_path / "new.csv")
    assert "has no column 'colour', 'c', which the study predicts from" in refusal(
        classes.folder, tmp_path / "new.csv"
    )
    assert "There is no file" in refusal(classes.folder, tmp_path / "other.csv")
    np.savez(tmp_path / "new.npz", x=np.zeros((2, 2)))
    assert "holds arrays, but the study is of a table" in refusal(
        classes.folder, tmp_path / "new.npz"
    )


@pytest.mark.thorough
def test_a_study_made_in_python_takes_arrays_as_it_had_them(tmp_path: Path) -> None:
    x = np.random.default_rng(1).normal(size=(40, 2)).astype("float32")
    model = keras.Sequential([keras.layers.Input((2,)), keras.layers.Dense(1, "sigmoid")])
    model.compile(loss="binary_crossentropy")
    study = library.Study(
        model, x, np.float32(x[:, 0] > 0), candidates=[library.L2(0.01)], repeats=2, epochs=2,
        learning_curve=False, class_names=["low", "high"],
    )  # fmt: skip
    result = study.run(tmp_path / "s", progress=False)
    np.savez(tmp_path / "new.npz", x=x)
    table = table_of(predict(tmp_path / "s", tmp_path / "new.npz"))
    pd.testing.assert_frame_equal(table, result.predict(x), check_dtype=False, atol=1e-6)
    assert set(table["prediction"]) <= {"low", "high"}
    assert "is a table, but the study is of arrays" in refusal(
        tmp_path / "s", write_rows(tmp_path / "t.csv")
    )


@pytest.mark.thorough
def test_the_lines_of_the_page_work_in_a_new_process(
    classes: Called, users_environment: dict[str, str], tmp_path: Path
) -> None:
    page = (classes.folder / "report.html").read_text(encoding="utf-8")
    blocks = re.findall(r"<pre[^>]*><code>(.*?)</code></pre>", page, re.S)
    python, shell, again, back = map(html.unescape, blocks)
    environment = {k: v for k, v in users_environment.items() if k != "KERAS_BACKEND"}
    environment["KERAS_HOME"] = str(tmp_path)  # without a choice of the user's
    folder = copied(classes, tmp_path)
    code = f"{python}\nprint(keras.backend.backend(), model.count_params())"
    raw = pd.read_csv(classes.where / "t.csv")
    raw.to_csv(folder / "new.csv", index=False)
    printed = []
    for command in (["-c", code], ["-c", back], ["-m", *shell.split()], ["-m", *again.split()]):
        done = subprocess.run(
            [sys.executable, *command],
            cwd=folder, env=environment, capture_output=True, text=True, check=False,
        )  # fmt: skip
        assert done.returncode == 0, done.stderr
        printed.append(done.stdout)
    assert printed[0].startswith("jax ") and printed[1].startswith("The network has not learnt yet")
    assert (folder / "again" / "report.html").is_file()
    expected = table_of(predict(classes.folder, classes.where / "t.csv"))
    pd.testing.assert_frame_equal(pd.read_csv(folder / "predictions.csv"), expected, atol=1e-6)
