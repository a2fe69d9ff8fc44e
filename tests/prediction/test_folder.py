"""``wane.predict``: new rows by the model of a folder, in Python."""

import json
from pathlib import Path
from typing import Any

import keras
import numpy as np
import pandas as pd
import pytest

import wane
from wane.data import read_table
from wane.resampling.examples import Logarithms

X = np.random.default_rng(0).normal(size=(30, 2)).astype("float32")


def study(x: Any, y: Any, **options: Any) -> wane.Study:
    inputs = 2 if options.get("transform") is None else 1
    model = keras.Sequential([keras.layers.Input((inputs,)), keras.layers.Dense(1, name="out")])
    model.compile(loss="mse")
    return wane.Study(
        model, x, y, candidates=[wane.L2(0.1)], epochs=2, repeats=2, learning_curve=False,
        references=False, extend=False, **options,
    )  # fmt: skip


def test_a_folder_predicts_as_its_result_does(tmp_path: Path) -> None:
    result = study(X, X[:, 0]).run(tmp_path / "s", progress=False)
    found = wane.predict(tmp_path / "s", X[:4])
    pd.testing.assert_frame_equal(found, result.predict(X[:4]))
    model = keras.models.load_model(tmp_path / "s" / "best.keras")
    np.testing.assert_allclose(found["prediction"], model.predict(X[:4], verbose=0)[:, 0])
    np.savez(tmp_path / "new.npz", x=X[:4])
    pd.testing.assert_frame_equal(wane.predict(str(tmp_path / "s"), tmp_path / "new.npz"), found)
    for wrong, sentence in (
        (X[:4, :1], "The network does not take these rows ("),
        (pd.DataFrame(X), "x is a table, but the study is of arrays: give an array x, in a .npz "),
        ([["a", "b"]], "x must hold numbers, but holds values such as 'a'"),
    ):
        with pytest.raises(wane.InputError) as caught:
            wane.predict(tmp_path / "s", wrong)
        assert str(caught.value).startswith(sentence)
    with pytest.raises(wane.InputError):
        wane.predict(tmp_path, X)


@pytest.mark.parametrize("lowest", [0.0, 2.0])
def test_logarithms_of_a_table_are_predicted_as_amounts(lowest: float, tmp_path: Path) -> None:
    frame = pd.DataFrame({"a": np.linspace(-1, 1, 40), "y": np.exp(np.linspace(0, 8, 40))})
    frame.loc[0, "y"] = lowest
    frame.to_csv(tmp_path / "t.csv", index=False)
    problem = read_table(tmp_path / "t.csv", "y", log_target=True)
    made = study(
        problem.x, problem.y, transform=problem.transform, standardize_target=True,
    )  # fmt: skip
    result = made.run(tmp_path / "s", progress=False)
    inputs = result.best_transform().transform(problem.x)
    logarithms = result.best_model().predict(inputs, verbose=0)[:, 0]
    expected = np.exp(logarithms.astype(float)) - (lowest == 0)
    found = result.predict(frame)
    np.testing.assert_allclose(found["prediction"], expected, rtol=1e-5)
    document = json.loads((tmp_path / "s" / "study.json").read_text(encoding="utf-8"))
    assert document["log_target"] == {"shift": int(lowest == 0)}
    assert wane.StudySpec.from_dict(document).log_shift == int(lowest == 0)


def test_a_folder_of_arrays_knows_that_its_target_was_a_logarithm(tmp_path: Path) -> None:
    y = Logarithms.of(X[:, 0] * 3, 0)
    result = study(X, y[:30]).run(tmp_path / "s", progress=False)
    expected = np.exp(result.best_model().predict(X, verbose=0)[:, 0].astype(float))
    for found in (result.predict(X), wane.predict(tmp_path / "s", X)):
        np.testing.assert_allclose(found["prediction"], expected, rtol=1e-5)
    plain = study(X, np.asarray(y)).run(progress=False)
    assert plain.spec.log_shift is None
    # The training is the same either way.
    pd.testing.assert_frame_equal(plain.runs, result.runs)
    with pytest.raises(wane.InputError, match="differs in its log_target"):
        wane.Study.from_spec(
            wane.StudySpec.from_dict(result.spec.to_dict()), result.spec.model, X, np.asarray(y)
        )


def test_what_is_computed_of_logarithms_is_none() -> None:
    y = Logarithms.of(np.log(np.arange(1.0, 9.0)), 0)
    for kept in (y[2:], y[[0, 3]], y.copy(), y.astype("float32")):
        assert getattr(kept, "log_shift", None) == 0
    for plain in (np.exp(y), y + 1, y.mean(), np.asarray(y)):
        assert getattr(plain, "log_shift", None) is None
