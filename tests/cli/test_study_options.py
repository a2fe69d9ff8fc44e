"""What the options of ``wane study`` do, and where it writes."""

import json
from pathlib import Path

import keras
import numpy as np
import pandas as pd
import pytest

from cli_cases import Called, wane, write_rows

TINY = ("--hidden", 4, "--epochs", 2, "--repeats", 1, "--strengths", 0.1,
        "--no-learning-curve")  # fmt: skip


def write_messy(folder: Path) -> Path:
    """A table as people export it: semicolons, decimal commas, gaps, dates, an identifier."""
    generator = np.random.default_rng(3)
    rows = 120
    frame = pd.DataFrame(
        {
            "id": range(rows),
            "customer": [f"C{row:05}" for row in range(rows)],
            "age": generator.normal(40, 12, rows).round(1),
            "plan": generator.choice(["basic", "plus", "pro"], rows),
            "since": pd.date_range("2025-01-01", periods=rows).strftime("%Y-%m-%d"),
            "active": generator.choice([True, False], rows),
            "country": "DE",
        }
    )
    frame["churned"] = np.where(frame["age"] > 40, "ja", "nein")
    frame.loc[4:9, "age"] = np.nan
    frame.loc[[20, 21], "plan"] = None
    frame.loc[[30], "churned"] = None
    frame.to_csv(folder / "kunden.csv", index=False, sep=";", decimal=",")
    return folder / "kunden.csv"


@pytest.fixture(scope="module")
def messy(tmp_path_factory: pytest.TempPathFactory) -> Called:
    folder = tmp_path_factory.mktemp("messy")
    return wane(write_messy(folder), "--target", "churned", "--json", *TINY, folder=folder)


def test_what_was_cleaned_is_noted_apart_from_the_document(messy: Called) -> None:
    assert json.loads(messy.stdout) == messy.document
    notes = [line for line in messy.stderr.splitlines() if line.startswith("Note: ")]
    assert [note.split(":")[1].split(" ")[1] for note in notes] == ["1", "Rows", "Dates"]
    left_out = [one for one in messy.document["account"]["columns"] if one["left_out"]]
    assert [one["name"] for one in left_out] == ["id", "customer", "country"]
    for one in left_out:
        (line,) = [line for line in messy.stderr.splitlines() if line.startswith(one["name"])]
        assert "left out: it" in line


def test_inputs_of_every_kind_can_be_made_again_from_the_raw_file(messy: Called) -> None:
    files = {key: messy.where / value for key, value in messy.document["files"].items()
             if key in ("preprocessing", "model")}  # fmt: skip
    account = json.loads(files["preprocessing"].read_text(encoding="utf-8"))
    raw = pd.read_csv(messy.where / "kunden.csv", sep=";", decimal=",").dropna(subset="churned")
    raw["since"] = (pd.to_datetime(raw["since"]) - pd.Timestamp(0)) / pd.Timedelta(days=1)
    made = []
    for entry in account["inputs"]:
        values = raw[entry["column"]]
        if entry["kind"] == "category":
            made += [values.fillna(entry["impute"]) == level for level in entry["categories"]]
        elif entry["kind"] == "indicator":
            made.append(values.isna())
        else:
            made.append((values.fillna(entry["impute"]) - entry["mean"]) / entry["scale"])
    inputs = np.stack([values.to_numpy("float32") for values in made], axis=1)
    model = keras.models.load_model(files["model"])
    assert model.input_shape == (None, inputs.shape[1]) == (None, 8)
    frame = messy.result.spec.data.development.x
    expected = messy.result.best_transform().transform(frame)
    here = inputs[raw.reset_index(drop=True).index.get_indexer(frame.index)]
    np.testing.assert_allclose(here, expected, rtol=1e-5, atol=1e-5)
    np.testing.assert_allclose(model(here), messy.result.best_model()(expected), atol=1e-5)
    assert account["classes"] == ["ja", "nein"]


@pytest.mark.thorough
def test_several_penalties_on_several_layers(tmp_path: Path) -> None:
    path = write_rows(tmp_path / "t.csv")
    called = wane(
        path, "--target", "y", "--hidden", "4,3", "--penalty", "l1", "--penalty", "L2",
        "--strengths", "1e-3:1e-1:2", "--layers", "hidden_*", "--on", "kernel,bias",
        "--repeats", 1, "--epochs", 2, "--optimizer", "SGD", "--learning-rate", 0.05,
        "--batch-size", 8, "--seed", 5, "--out", tmp_path / "new", folder=tmp_path,
    )  # fmt: skip
    names = [candidate["name"] for candidate in called.document["candidates"]]
    assert names == ["baseline", "L1(0.001)", "L1(0.1)", "L2(0.001)", "L2(0.1)"]
    study = called.document["study"]
    assert (study["epochs"], study["batch_size"], study["seed"]) == (2, 8, 5)
    model = called.result.model("L1(0.1)")
    assert [layer.units for layer in model.layers] == [4, 3, 1]
    assert model.optimizer.__class__.__name__ == "SGD"
    assert float(model.optimizer.learning_rate) == pytest.approx(0.05)
    hidden = [np.abs(np.asarray(w)).sum() for layer in model.layers[:2] for w in layer.weights]
    value = called.document["candidates"][2]["penalty_value"]["mean"]
    assert value == pytest.approx(0.1 * sum(hidden), rel=1e-5)


@pytest.mark.thorough
def test_proximal_steps_give_exact_zeros(tmp_path: Path) -> None:
    path = write_rows(tmp_path / "t.csv")
    called = wane(
        path, "--target", "y", "--hidden", "4", "--penalty", "l1", "--proximal", "--strengths", 0.5,
        "--repeats", 1, "--epochs", 20, "--learning-rate", 0.05, "--out", tmp_path / "new",
        "--no-extend", folder=tmp_path,
    )  # fmt: skip
    names = [candidate["name"] for candidate in called.document["candidates"]]
    assert names == ["baseline", "L1(0.5, proximal=True)"]
    kernels = [np.asarray(called.result.model(name).layers[0].kernel) for name in names]
    assert np.all(kernels[0] != 0) and np.any(kernels[1] == 0)


@pytest.mark.parametrize(
    ("layers", "roles", "expected"),
    [
        ("all", "kernel", ["hidden", "output"]),
        pytest.param("output", "kernel", ["output"], marks=pytest.mark.thorough),
    ],
)
def test_layers_choose_what_is_penalized(
    layers: str, roles: str, expected: list[str], tmp_path: Path
) -> None:
    path = write_rows(tmp_path / "t.csv")
    called = wane(path, "--target", "y", "--layers", layers, "--on", roles, *TINY, folder=tmp_path)
    penalized = called.document["candidates"][1]
    norms = {name: value["mean"] for name, value in penalized["weight_norms"].items()}
    squares = sum(norms[name] ** 2 for name in expected)
    assert penalized["penalty_value"]["mean"] == pytest.approx(0.1 * squares, rel=1e-5)


@pytest.mark.thorough
def test_a_parquet_file_and_a_task(tmp_path: Path) -> None:
    frame = pd.read_csv(write_rows(tmp_path / "t.csv"))
    frame.to_parquet(tmp_path / "t.parquet", index=False)
    called = wane(
        tmp_path / "t.parquet", "--target", "y", "--task", "multiclass", *TINY, folder=tmp_path
    )
    assert called.document["study"]["task"] == "multiclass"
    assert called.document["study"]["name"] == "t"
    assert called.result.best_model().output_shape == (None, 2)


@pytest.mark.thorough
def test_a_folder_is_named_after_the_table_and_never_written_over(tmp_path: Path) -> None:
    path = write_rows(tmp_path / "my data.csv")
    first = wane(path, "--target", "y", *TINY, folder=tmp_path)
    before = (first.folder / "summary.json").read_bytes()
    second = wane(path, "--target", "y", *TINY, folder=tmp_path)
    assert [first.folder.name, second.folder.name] == ["my data-study", "my data-study-2"]
    assert (first.folder / "summary.json").read_bytes() == before
    assert second.document["candidates"] == first.document["candidates"]


@pytest.mark.thorough
def test_the_target_of_a_network_of_one_s_own_stays_as_it_is(tmp_path: Path) -> None:
    shares = 1 / (1 + np.exp(-np.random.default_rng(1).normal(size=40)))
    path = write_rows(tmp_path / "shares.csv", y=shares)
    layers = [keras.layers.Input((2,)), keras.layers.Dense(1, activation="sigmoid")]
    model = keras.Sequential(layers)
    model.compile("adam", "mse", metrics=["mae"])
    model.save(tmp_path / "mine.keras")
    options = (
        path.name, "--target", "y", "--model", "mine.keras", "--strengths", "0.01",
        "--repeats", 1, "--epochs", 2, "--no-learning-curve", "--layers", "all",
    )  # fmt: skip
    called = wane(*options, folder=tmp_path)
    assert "Note: The target stays in its own unit, as your network has it;" in called.stderr
    assert not called.result.spec.standardize_target
    best = keras.models.load_model(called.folder / "best.keras")
    assert [type(layer).__name__ for layer in best.layers] == ["Dense"]
    run = called.result.runs.iloc[0]
    assert run["validation_data_loss"] == pytest.approx(run["validation_rmse"] ** 2, rel=1e-5)
    told = wane(*options, "--no-standardize-target", folder=tmp_path)
    assert "The target stays in its own unit" not in told.stderr
    asked = wane(*options, "--standardize-target", folder=tmp_path)
    assert asked.exit_code == 2
    assert asked.stderr.startswith("Error: The last activation 'sigmoid' cannot reach a standardi")


@pytest.mark.thorough
def test_an_empty_folder_is_taken(tmp_path: Path) -> None:
    path = write_rows(tmp_path / "t.csv")
    (tmp_path / "empty").mkdir()
    called = wane(path, "--target", "y", "--out", "empty", *TINY, folder=tmp_path)
    assert called.folder == tmp_path / "empty"
    assert called.document["files"]["model"] == str(Path("empty") / "best.keras")


@pytest.mark.thorough
def test_retraining_is_asked_for_or_left_out(
    tmp_path: Path, monkeypatch: pytest.MonkeyPatch
) -> None:
    monkeypatch.setattr("wane.study.running.further.retraining.DRAWS", 2)
    path = write_rows(tmp_path / "noise.csv", y=np.random.default_rng(1).normal(size=40))
    options = (path.name, "--target", "y", "--hidden", 4, "--epochs", 40, "--repeats", 5,
               "--strengths", 10, "--no-learning-curve")  # fmt: skip
    asked = wane(*options, "--retraining", "--out", "asked", folder=tmp_path)
    assert asked.document["chosen"] != "baseline"
    assert asked.document["retraining"]["runs"] == 8
    assert "rests on 16 further runs under random weights" in " ".join(asked.stdout.split())
    stated = json.loads((tmp_path / "asked" / "study.json").read_text(encoding="utf-8"))
    assert stated["retraining"] is True
    without = wane(*options, "--no-retraining", "--out", "without", folder=tmp_path)
    assert without.document["retraining"] is None
    resumed = wane(*options, "--no-retraining", "--out", "asked", folder=tmp_path)
    assert resumed.exit_code == 2 and "retraining (True there, False here)" in resumed.stderr
