"""What a finished study offers: tables, curves, models, document and folder."""

import dataclasses
import gc
import json
from pathlib import Path
from typing import Any

import keras
import numpy as np
import pandas as pd
import pytest
from matplotlib.image import imread
from sklearn.preprocessing import StandardScaler

import wane
from study_cases import data, network, study

CANDIDATES = wane.sweep(wane.L2, [0.001, 0.1], layers="hidden")
REPEATS, EPOCHS = 3, 4


def fixed(**options: Any) -> wane.Study:
    """A study with validation and test rows of their own."""
    defaults: dict[str, Any] = {
        "candidates": CANDIDATES, "validation": data(seed=1), "test": data(seed=2),
        "repeats": REPEATS, "epochs": EPOCHS, "name": "mine",
    }  # fmt: skip
    return study(**{**defaults, **options})


@pytest.fixture(scope="module")
def result(tmp_path_factory: pytest.TempPathFactory) -> wane.Result:
    """A finished study in its folder."""
    folder = tmp_path_factory.mktemp("studies") / "new" / "study"
    return fixed().run(folder, progress=False)


def strict(text: str) -> Any:
    """A JSON document, refusing what only Python takes for JSON."""

    def refuse(token: str) -> None:
        raise AssertionError(f"{token} is not JSON")

    return json.loads(text, parse_constant=refuse)


@pytest.mark.thorough
def test_runs(result: wane.Result) -> None:
    numbers = [f"{part}_{n}" for part in ("train", "validation", "test")
               for n in ("data_loss", "accuracy")]  # fmt: skip
    assert list(result.runs.columns) == [
        "candidate", "penalty", "strength", "repeat", *numbers,
        "penalty_value", "norm_hidden", "norm_hidden:bias", "norm_output", "norm_output:bias",
    ]  # fmt: skip
    assert result.runs["candidate"].tolist() == [
        name for name in ("baseline", "L2(0.001)", "L2(0.1)") for _ in range(REPEATS)
    ]
    assert result.runs["repeat"].tolist() == [*range(REPEATS)] * 3
    assert result.runs["strength"].tolist() == [0.0] * 3 + [0.001] * 3 + [0.1] * 3
    assert [p if isinstance(p, str) else None for p in result.runs["penalty"]] == (
        [None] * 3 + ["L2"] * 6
    )
    assert (result.runs["penalty_value"] > 0).tolist() == [False] * 3 + [True] * 6


@pytest.mark.thorough
def test_summary(result: wane.Result) -> None:
    summary = result.summary()
    numbers = list(result.runs.columns[4:])
    assert list(summary.columns) == [
        "candidate", "penalty", "strength", "runs",
        *(f"{column}_{what}" for column in numbers for what in ("mean", "std")),
    ]  # fmt: skip
    assert summary["runs"].tolist() == [REPEATS] * 3
    for _, row in summary.iterrows():
        own = result.runs[result.runs["candidate"] == row["candidate"]]
        for column in numbers:
            assert row[f"{column}_mean"] == pytest.approx(np.mean(own[column]))
            assert row[f"{column}_std"] == pytest.approx(np.std(own[column], ddof=1))


def test_curves(result: wane.Result) -> None:
    curves = result.curves
    assert list(curves.columns) == [
        "candidate", "repeat", "epoch", "train_data_loss", "validation_data_loss",
        "train_accuracy", "validation_accuracy",
    ]  # fmt: skip
    assert len(curves) == 3 * REPEATS * EPOCHS
    for _, own in curves.groupby(["candidate", "repeat"], observed=True):
        assert own["epoch"].tolist() == [1, 2, 3, 4]
    last = curves[curves["epoch"] == EPOCHS]
    np.testing.assert_allclose(
        last["validation_data_loss"], result.runs["validation_data_loss"], rtol=1e-5
    )


def test_model_by_name_penalty_and_candidate(result: wane.Result) -> None:
    by_name = result.model("L2(0.1)", repeat=2).get_weights()
    given: list[Any] = [CANDIDATES[1], CANDIDATES[1][0]]
    for candidate in given:
        for mine, other in zip(
            by_name, result.model(candidate, repeat=2).get_weights(), strict=True
        ):
            np.testing.assert_array_equal(mine, other)
    repeat = result.runs["repeat"].to_numpy()[5]  # NumPy's integer, as a table gives it
    assert np.any(result.model("L2(0.1)", repeat).get_weights()[0] != result.model("L2(0.1)", 0)
                  .get_weights()[0])  # fmt: skip
    assert result.model(()).get_layer("hidden").kernel.regularizer is None
    x, y = data(seed=2)
    model = result.model("L2(0.1)", repeat=1)
    row: Any = result.runs.set_index(["candidate", "repeat"]).loc[("L2(0.1)", 1)]
    loss = model.evaluate(x, y, verbose=0) - float(sum(model.losses))
    assert row["test_data_loss"] == pytest.approx(loss, rel=1e-4)


@pytest.mark.thorough
@pytest.mark.parametrize(
    ("candidate", "repeat", "text"),
    [
        ("L2(0.01)", 0, "There is no candidate 'L2(0.01)': did you mean 'L2(0.001)'?"),
        ("base", 0, "There is no candidate 'base': did you mean 'baseline'?"),
        ("xyz", 0, "There is no candidate 'xyz': available: 'baseline', 'L2(0.001)', 'L2(0.1)'."),
        (wane.L2(0.2), 0, "There is no candidate 'L2(0.2)': did you mean 'L2(0.1)'?"),
        ("L2(0.1)", 3, "L2(0.1) has no run 3; its 3 runs are numbered from 0."),
        ("L2(0.1)", -1, "L2(0.1) has no run -1; its 3 runs are numbered from 0."),
        ("L2(0.1)", "all", "L2(0.1) has no run 'all'; its 3 runs are numbered from 0."),
    ],
)
def test_a_model_that_is_not_there(
    result: wane.Result, candidate: Any, repeat: Any, text: str
) -> None:
    with pytest.raises(wane.InputError) as caught:
        result.model(candidate, repeat)
    assert str(caught.value) == text


def test_best_model_of_given_validation_rows_is_run_0(result: wane.Result) -> None:
    for mine, run in zip(
        result.best_model().get_weights(), result.model(result.chosen).get_weights(), strict=True
    ):
        np.testing.assert_array_equal(mine, run)
    assert result.best_transform() is None


def test_best_model_is_run_0_where_a_callback_watches_validation_rows() -> None:
    callback = keras.callbacks.EarlyStopping(monitor="val_loss", patience=1)
    made = study(validation=0.25, callbacks=[callback], epochs=20).run(progress=False)
    for mine, theirs in zip(
        made.best_model().get_weights(), made.model(made.chosen).get_weights(), strict=True
    ):
        np.testing.assert_array_equal(mine, theirs)


def test_best_model_of_a_fraction_is_refitted_on_all_rows() -> None:
    x, y = data()
    model = network()
    options: dict[str, Any] = {"shuffle": False, "initial_weights": "model", "candidates": []}
    made = study(model=model, validation=0.25, epochs=3, **options).run(progress=False)
    best = made.best_model()
    model.fit(x, y, epochs=3, batch_size=8, shuffle=False, verbose=0)
    for mine, plain in zip(best.get_weights(), model.get_weights(), strict=True):
        np.testing.assert_allclose(mine, plain, rtol=1e-6, atol=1e-7)
    runs = [made.model("baseline", repeat).get_weights()[0] for repeat in range(2)]
    assert all(np.any(best.get_weights()[0] != kernel) for kernel in runs)
    for mine, again in zip(best.get_weights(), made.best_model().get_weights(), strict=True):
        np.testing.assert_array_equal(mine, again)


def metrics(names: tuple[str, ...]) -> dict[str, set[str]]:
    """The keys of a part of a candidate's document."""
    return {name: {"mean", "std"} for name in names}


def shape(document: Any) -> Any:
    """The keys of nested objects; a set where the values are plain."""
    if not any(isinstance(value, dict) for value in document.values()):
        return set(document)
    return {key: shape(v) if isinstance(v, dict) else None for key, v in document.items()}


def test_printed_it_shows_the_table_and_the_verdict(result: wane.Result) -> None:
    lines = str(result).splitlines()
    assert max(map(len, lines)) <= 100
    for name in ("baseline", "L2(0.001)", "L2(0.1)"):
        own = result.runs[result.runs["candidate"] == name]
        mean = float(own["validation_accuracy"].mean())
        rows = [line for line in lines if line.split(name)[0] in ("   ", "▸  ", "▹  ")]
        assert f"{mean:.3f} ±" in rows[0]
    assert " ".join(result.verdict.text.split()) in " ".join(str(result).split())
    assert repr(result).startswith("<Result of 'mine'")


def test_the_document(result: wane.Result) -> None:
    document = strict((result.folder / "summary.json").read_text())
    assert document == json.loads(json.dumps(result.document))
    assert set(document) == {
        "study", "candidates", "train_sizes", "chosen", "one_standard_error", "verdict",
        "comparisons", "notes", "engine", "compare", "retraining", "files", "seconds", "references",
        "account",
    }  # fmt: skip
    summary = document["study"]
    assert summary.pop("resampling") == "one fixed split, 3 random seeds"
    (look,) = summary.pop("looks")
    assert (look["number"], look["repeats"], look["level"]) == (1, REPEATS, 0.05)
    assert (look["chosen"], look["helps"]) == (result.chosen, result.verdict.helps)
    assert summary == {
        "name": "mine", "task": "binary", "metric": "accuracy", "loss": "binary_crossentropy",
        "optimizer": "sgd", "epochs": EPOCHS, "batch_size": 8, "repeats": REPEATS, "seed": 0,
        "planned_repeats": REPEATS, "stopped": "",
        "select_by": "data_loss", "direction": "down",
        "rows": {"train": 30, "validation": 30, "test": 30},
        "shares_split": True, "same_weights": False, "correction": None, "groups": {},
    }  # fmt: skip
    assert document["compare"] is None
    part = metrics(("accuracy", "data_loss"))
    for candidate, name in zip(document["candidates"], result.spec.names, strict=True):
        assert candidate["name"] == name
        assert shape(candidate) == {
            "name": None, "penalty": None, "strength": None, "targets": None, "runs": None,
            "diverged": None,
            "train": part, "validation": part, "test": part,
            "penalty_value": {"mean", "std"},
            "weight_norms": metrics(("hidden", "hidden:bias", "output", "output:bias")),
        }  # fmt: skip
    assert document["candidates"][0]["penalty"] is None
    assert document["candidates"][0]["targets"] == []
    own = [{"layers": "hidden", "on": ["kernel", "recurrent"]}]
    assert [one["targets"] for one in document["candidates"][1:]] == [own, own]
    assert next(iter(document["candidates"][0]["train"])) == "accuracy"
    assert document["chosen"] == result.chosen in result.spec.names
    assert document["verdict"]["text"] == result.verdict.text
    assert result.verdict.text.startswith(result.verdict.answer)
    assert document["verdict"]["answer"] == result.verdict.answer
    assert document["verdict"]["improvement_on"] == "test"  # 30 rows that chose nothing
    assert document["verdict"]["overfits"] is result.verdict.overfits
    seconds = document["seconds"]
    assert {"prepare", "compile", "train", "write", "total"} <= set(seconds)
    parts = sum(value for key, value in seconds.items() if key != "total" and value is not None)
    assert seconds["total"] == pytest.approx(parts, abs=0.01)
    means = result.summary().set_index("candidate")
    assert document["candidates"][1]["test"]["accuracy"]["mean"] == pytest.approx(
        means["test_accuracy_mean"]["L2(0.001)"]
    )


def test_the_folder(result: wane.Result) -> None:
    folder = result.folder
    assert sorted(str(p.relative_to(folder)) for p in folder.rglob("*") if p.is_file()) == [
        "best.keras", "curves.parquet", "figures/learning_curves.png", "figures/norms.png",
            "figures/strengths.png", "figures/wins.png", "predictions.parquet",
        "report.html", "runs.parquet", "study.db", "study.json", "summary.json",
    ]  # fmt: skip
    files = dict(result.document["files"])
    figures = files.pop("figures")
    assert files == {
        "folder": str(folder), "study": str(folder / "study.json"),
        "database": str(folder / "study.db"), "summary": str(folder / "summary.json"),
        "runs": str(folder / "runs.parquet"), "curves": str(folder / "curves.parquet"),
        "report": str(folder / "report.html"), "model": str(folder / "best.keras"),
        "predictions": str(folder / "predictions.parquet"),
    }  # fmt: skip
    for figure in figures:
        assert imread(figure).std() > 0.01  # a picture, and not an empty one
    page = (folder / "report.html").read_text(encoding="utf-8")
    assert page.startswith("<!DOCTYPE html>") and "L2(0.001)" in page
    runs, curves = (pd.read_parquet(folder / f"{name}.parquet") for name in ("runs", "curves"))
    pd.testing.assert_frame_equal(runs, result.runs)
    pd.testing.assert_frame_equal(curves, result.curves, check_categorical=False)
    assert keras.models.load_model(folder / "best.keras").name == "net"


def test_the_spec_is_readable(result: wane.Result) -> None:
    spec = strict((result.folder / "study.json").read_text())
    assert spec["candidates"]["L2(0.1)"] == [
        {"penalty": "l2", "strengths": [0.1], "layers": "hidden", "on": ["kernel", "recurrent"]}
    ]
    assert spec["candidates"]["baseline"] == []
    assert (spec["epochs"], spec["repeats"], spec["seed"]) == (EPOCHS, REPEATS, 0)
    assert spec["rows"] == {"development": 30, "validation": 30, "test": 30}
    assert set(spec["versions"]) >= {"python", "wane", "keras", "jax", "numpy"}
    assert spec["data_sha256"] == fixed().spec.to_dict()["data_sha256"]
    x, y = data()
    assert spec["data_sha256"] != fixed(x=x + 1, y=y).spec.to_dict()["data_sha256"]


@pytest.mark.parametrize("name", ["study.db", "thesis"])
def test_a_folder_that_holds_something(name: str, tmp_path: Path) -> None:
    (tmp_path / name).write_text("mine")
    with pytest.raises(wane.InputError) as caught:
        study().run(tmp_path, progress=False)
    assert str(caught.value) == (
        f"{str(tmp_path)!r} exists and holds other files; nothing was written: give a new "
        f"folder, or remove that one."
    )
    assert [p.name for p in tmp_path.iterdir()] == [name]
    assert (tmp_path / name).read_text() == "mine"


def test_a_file_in_the_folder_s_place(tmp_path: Path) -> None:
    (tmp_path / "study").write_text("mine")
    with pytest.raises(wane.InputError, match="is a file; nothing was written"):
        study().run(tmp_path / "study", progress=False)
    assert (tmp_path / "study").read_text() == "mine"


def test_a_temporary_study_goes_with_its_result() -> None:
    finished = study(epochs=1).run(progress=False)
    folder = finished.folder
    assert (folder / "study.db").is_file()
    finished.best_model()
    del finished
    gc.collect()
    assert not folder.exists()


def test_figures_are_matplotlib_s(result: wane.Result) -> None:
    from matplotlib.figure import Figure

    for figure in (result.plot_strengths(), result.plot_learning_curves()):
        assert isinstance(figure, Figure) and figure.axes


def test_a_result_is_frozen(result: wane.Result) -> None:
    """It is made once, whole: no other module can change it, and no user by mistake."""
    for name in ("verdict", "record", "runs", "spec", "folder", "_finished", "document", "curves"):
        with pytest.raises(dataclasses.FrozenInstanceError):
            setattr(result, name, None)
    with pytest.raises(dataclasses.FrozenInstanceError):
        result.verdict.text = "better"  # type: ignore[misc] # the test is about it
    with pytest.raises(dataclasses.FrozenInstanceError):
        result.record.chosen = "other"  # type: ignore[misc] # the test is about it
    with pytest.raises(dataclasses.FrozenInstanceError):
        result.spec.epochs = 7  # type: ignore[misc] # the test is about it


def test_new_rows_are_predicted_by_the_best_model(result: wane.Result) -> None:
    x, _ = data(seed=7)
    table = result.predict(x)
    expected = np.asarray(result.best_model().predict(x, verbose=0))[:, 0]
    np.testing.assert_allclose(table["probability_1"], expected, atol=1e-6)
    assert table["prediction"].tolist() == (expected > 0.5).astype(int).tolist()
    with pytest.raises(wane.InputError, match="x has rows of shape"):
        result.predict(x[:, :1])


@pytest.mark.thorough
def test_new_rows_go_through_the_fitted_transform() -> None:
    x, y = data("regression")
    frame = pd.DataFrame(x, columns=[f"c{n}" for n in range(x.shape[1])])
    result = wane.Study(
        network("regression"), frame, 100 * y, candidates=[wane.L2(0.01)], repeats=2, epochs=3,
        transform=StandardScaler(), standardize_target=True, learning_curve=False,
        extend=False, references=False,
    ).run(progress=False)  # fmt: skip
    table = result.predict(frame.iloc[5:, ::-1].assign(more="text"))
    made = result.best_transform().transform(frame).astype("float32")
    expected = np.asarray(result.best_model().predict(made, verbose=0))
    np.testing.assert_allclose(table["prediction"], expected[5:, 0], rtol=1e-5)
    assert table.index[0] == 5
