"""``wane predict`` reads new rows as the options of the study had its table read."""

import io
from pathlib import Path
from typing import Any

import keras
import numpy as np
import pandas as pd
import pytest
from typer.testing import CliRunner

from cli_cases import Called, wane
from option_cases import CASES
from wane.cli import app

TINY = ("--hidden", 3, "--repeats", 1, "--epochs", 2, "--strengths", 0.01, "--no-learning-curve",
        "--no-references", "--no-extend",
        "--no-retraining", "--no-references", "--no-extend")  # fmt: skip
SLOW = [pytest.param(name, marks=pytest.mark.thorough) for name in CASES if name != "log"]


@pytest.fixture(scope="module", params=["log", *SLOW])
def case(request: pytest.FixtureRequest, tmp_path_factory: pytest.TempPathFactory) -> Any:
    columns, written, options, target = CASES[request.param]
    folder = tmp_path_factory.mktemp(request.param)
    frame = pd.DataFrame(columns)
    frame.to_csv(folder / "t.csv", index=False, **written)
    called = wane(
        folder / "t.csv", "--target", target, *options, *TINY, "--out", folder / "s", folder=folder
    )
    return request.param, called, frame, written


def predicted(called: Called, path: Path) -> tuple[pd.DataFrame, str]:
    done = CliRunner().invoke(app, ["predict", str(called.folder), str(path)])
    assert done.exit_code == 0, done.stderr
    return pd.read_csv(io.StringIO(done.stdout)), done.stderr


def by_keras(called: Called) -> np.ndarray:
    """What ``best.keras`` predicts of the study's rows, prepared by its fitted pipeline."""
    data = called.result.spec.data
    assert data.test is not None
    x = pd.concat([data.development.x, data.test.x]).sort_index()
    made = called.result.best_transform().transform(x)
    model = keras.models.load_model(called.folder / "best.keras")
    return np.asarray(model.predict(made, verbose=0))[:, 0]


@pytest.mark.thorough
def test_the_studys_own_table_is_read_as_it_was(case: Any, tmp_path: Path) -> None:
    name, called, frame, written = case
    table, said = predicted(called, called.where / "t.csv")
    expected = by_keras(called)
    assert "count as empty" not in said and "whose" in said
    if name == "log":
        amounts = np.exp(expected.astype("float64")) - 1
        np.testing.assert_allclose(table["prediction"], amounts, rtol=1e-5, atol=1e-6)
        error = float(np.sqrt(np.mean((frame["y"] - table["prediction"]) ** 2)))
        assert f"RMSE is {error:.4g}" in said
        x = pd.DataFrame({"a": frame["a"]})
        in_python = called.result.predict(x)["prediction"]
        np.testing.assert_allclose(in_python, table["prediction"], rtol=1e-5, atol=1e-6)
    else:
        np.testing.assert_allclose(table["probability_yes"], expected, atol=1e-6)
    if name == "layout":
        # A file of another layout, with the names that the columns have, is read as well.
        turned = frame.set_axis([f"column_{n + 1}" for n in range(3)], axis=1).iloc[:, ::-1]
        turned.to_csv(tmp_path / "new.csv", index=False)
    else:
        turned = frame.sample(frac=1, axis=1, random_state=2)
        turned.to_csv(tmp_path / "new.csv", index=False, **written)
    again, _ = predicted(called, tmp_path / "new.csv")
    pd.testing.assert_frame_equal(again, table)


def test_a_row_alone_is_read_as_among_many(case: Any, tmp_path: Path) -> None:
    name, called, frame, written = case
    table, _ = predicted(called, called.where / "t.csv")
    frame.iloc[[2]].to_csv(tmp_path / "new.csv", index=False, **written)
    alone, _ = predicted(called, tmp_path / "new.csv")
    pd.testing.assert_frame_equal(alone, table.iloc[[2]].reset_index(drop=True), atol=1e-6)
    assert name in CASES
