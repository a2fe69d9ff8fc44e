"""Arrays and a network of the user's own through the command line."""

import json
from pathlib import Path
from typing import Any

import keras
import numpy as np
import pytest
from sklearn.datasets import load_digits

from cli_cases import Called, wane

SMALL = (
    "--strengths",
    "0.01",
    "--repeats",
    2,
    "--epochs",
    3,
    "--no-learning-curve",
    "--no-references",
    "--no-extend",
)
X, Y = load_digits(return_X_y=True)
X, Y = (16 * X[:300] - 1).clip(0).reshape(-1, 8, 8).astype(np.uint8), Y[:300]


def network(shape: tuple[int, ...]) -> Any:
    layers = keras.layers
    inner = [layers.Flatten(), layers.Rescaling(1 / 255), layers.Dense(8, "relu", name="mine")]
    model = keras.Sequential(
        [layers.Input(shape), *inner, layers.Dense(10, "softmax", name="last")]
    )
    model.compile("rmsprop", "sparse_categorical_crossentropy", metrics=["accuracy"])
    return model


def check_test_loss(called: Called, rows: np.ndarray) -> None:
    """Compare the test loss of the chosen candidate's first run with what Keras evaluates."""
    chosen, runs = called.document["chosen"], called.result.runs
    reported = runs[(runs["candidate"] == chosen) & (runs["repeat"] == 0)]["test_data_loss"].item()
    model = called.result.model(chosen)
    wanted = Y[200:].astype("int32")  # of int64 Keras makes a shape, of which JAX 0.12 warns
    found = model.evaluate(rows, wanted, verbose=0, return_dict=True)["loss"]
    assert found - float(sum(model.losses)) == pytest.approx(reported, rel=1e-5)


@pytest.fixture
def images(tmp_path: Path) -> Path:
    np.savez(tmp_path / "images.npz", x=X[:200], y=Y[:200], x_test=X[200:], y_test=Y[200:])
    return tmp_path / "images.npz"


@pytest.mark.thorough
def test_images_get_a_convolutional_network(images: Path, tmp_path: Path) -> None:
    called = wane(images.name, *SMALL, "--hidden", "4", folder=tmp_path)
    document = called.document
    assert document["study"]["task"] == "multiclass"
    assert document["study"]["rows"] == {"train": 150, "validation": 50, "test": 100}
    assert "were read as grey images" in called.stderr
    check_test_loss(called, X[200:, ..., None].astype(np.float32) / 255)
    assert keras.models.load_model(called.folder / "best.keras").input_shape == (None, 8, 8, 1)


@pytest.mark.thorough
def test_a_network_of_one_s_own(images: Path, tmp_path: Path) -> None:
    mine = network((8, 8))
    mine.save(tmp_path / "mine.keras")
    called = wane(images.name, "--model", "mine.keras", *SMALL, folder=tmp_path)
    assert called.document["study"]["optimizer"] == "rmsprop"
    best = keras.models.load_model(called.folder / "best.keras")
    assert [layer.name for layer in best.layers] == [layer.name for layer in mine.layers]
    check_test_loss(called, X[200:])
    recipe = json.loads((called.folder / "study.json").read_text(encoding="utf-8"))["recipe"]
    assert recipe["model"] == str(tmp_path / "mine.keras")  # so that it resumes from anywhere


def test_what_a_network_of_one_s_own_goes_with(images: Path, tmp_path: Path) -> None:
    mine = network((8, 8))
    mine.save(tmp_path / "mine.keras")
    bare = keras.Sequential.from_config(mine.get_config())
    bare.save(tmp_path / "bare.keras")
    options = ("--hidden", "8", "--learning-rate", "0.1")
    called = wane(images.name, "--model", "mine.keras", *options, folder=tmp_path)
    assert (called.exit_code, called.stderr) == (
        2,
        "Error: The model in mine.keras is used as it is compiled; leave out --hidden and "
        "--learning-rate.\n",
    )
    called = wane(images.name, "--model", "bare.keras", folder=tmp_path)
    assert called.exit_code == 2 and "is not compiled" in called.stderr
    called = wane(images.name, "--model", "none.keras", folder=tmp_path)
    assert called.exit_code == 2 and "There is no file 'none.keras'" in called.stderr
    assert not list(tmp_path.glob("*-study"))


@pytest.mark.thorough
def test_a_scale_that_a_network_cannot_take_is_said_before_training(tmp_path: Path) -> None:
    layers = [keras.layers.Flatten(), keras.layers.Dense(1, "softplus", name="last")]
    model = keras.Sequential([keras.layers.Input((8, 8)), *layers], name="net")
    model.compile("sgd", "mse")
    model.save(tmp_path / "mine.keras")
    np.savez(tmp_path / "d.npz", x=X[:60], y=Y[:60] - 5.0)
    called = wane(
        "d.npz", "--model", "mine.keras", "--layers", "all", "--strengths", "0.01", "--epochs", 1,
        "--repeats", 1, "--no-learning-curve", folder=tmp_path,
    )  # fmt: skip
    reach, pixels = called.stderr.splitlines()[:2]
    assert reach.startswith(
        "Note: The last activation 'softplus' of the model 'net' gives numbers of at least 0, and"
    )
    assert pixels.startswith("Note: x holds pixels from 0 to 255, which reach the layer 'last' of")
    assert [f"Note: {note}" for note in called.document["notes"]] == [reach, pixels]


@pytest.mark.thorough
def test_trained_weights_are_kept_unless_new_ones_are_asked_for(tmp_path: Path) -> None:
    mine = network((8, 8))
    mine.fit(X[:200], Y[:200], epochs=60, verbose=0)
    mine.save(tmp_path / "mine.keras")
    np.savez(tmp_path / "images.npz", x=X[:200], y=Y[:200], x_test=X[200:], y_test=Y[200:])
    options = (
        "images.npz", "--model", "mine.keras", "--strengths", "0.01", "--repeats", 1,
        "--epochs", 1, "--no-learning-curve",
    )  # fmt: skip
    kept = wane(*options, folder=tmp_path)
    (note,) = [n for n in kept.document["notes"] if "trained weights" in n]
    assert "its optimizer has taken 420 steps" in note and f"Note: {note}" in kept.stderr
    assert kept.document["study"]["same_weights"]
    fresh = wane(*options, "--weights", "fresh", "--out", "fresh", folder=tmp_path)
    assert not any("trained weights" in n for n in (*fresh.document["notes"], fresh.stderr))
    first, anew = (c.result.runs["test_accuracy"].iloc[0] for c in (kept, fresh))
    assert first > 0.6 and anew < 0.4
    wrong = wane(*options, "--weights", "old", folder=tmp_path)
    assert (wrong.exit_code, wrong.stderr) == (
        2, "Error: --weights takes fresh or model, got 'old'.\n",
    )  # fmt: skip


@pytest.mark.thorough
def test_the_state_of_a_trained_optimizer_is_gone_on_with_where_it_is_asked_for(
    tmp_path: Path,
) -> None:
    mine = network((8, 8))
    mine.compile(keras.optimizers.SGD(0.1, momentum=0.9), "sparse_categorical_crossentropy")
    fit: dict[str, Any] = {"batch_size": 50, "epochs": 2, "verbose": 0}
    mine.fit(X[:50], Y[:50], **fit)
    mine.save(tmp_path / "mine.keras")
    parts = {"x_validation": X[50:100], "y_validation": Y[50:100]}
    parts |= {"x_test": X[100:], "y_test": Y[100:]}  # or rows would be held out for it
    np.savez(tmp_path / "d.npz", x=X[:50], y=Y[:50], **parts)
    options = (
        "d.npz", "--model", "mine.keras", "--strengths", "0.01", "--repeats", 1, "--epochs", 2,
        "--batch-size", 50,
    )  # fmt: skip
    called = {
        state: wane(
            *options, "--optimizer-state", state, "--no-learning-curve", "--out", state,
            folder=tmp_path,
        )
        for state in ("model", "fresh")
    }  # fmt: skip
    mine.fit(X[:50], Y[:50], **fit)  # one batch of all rows, whatever their order
    apart = {
        state: max(
            float(np.abs(a - b).max())
            for a, b in zip(
                one.result.model("baseline").get_weights(), mine.get_weights(), strict=True
            )
        )
        for state, one in called.items()
    }
    assert apart["model"] < 1e-5 < 1e-3 < apart["fresh"]
    assert not any("begins anew" in note for note in called["model"].document["notes"])
    assert any("--optimizer-state model" in note for note in called["fresh"].document["notes"])
    for more, expected in (
        (("old",), "Error: --optimizer-state takes fresh or model, got 'old'.\n"),
        (
            ("model", "--weights", "fresh"),
            "Error: optimizer_state='model' (--optimizer-state model) goes on with the moments of "
            "the model's weights, and initial_weights='fresh' (--weights fresh) draws others: give "
            "initial_weights='model' with it.\n",
        ),
    ):
        wrong = wane(*options, "--optimizer-state", *more, folder=tmp_path)
        assert (wrong.exit_code, wrong.stderr) == (2, expected)


def test_arrays_have_no_column_to_name(images: Path, tmp_path: Path) -> None:
    called = wane(images.name, "--target", "y", folder=tmp_path)
    assert (called.exit_code, called.stderr) == (
        2,
        "Error: Arrays bring their own target, y, and have no column 'y': leave out --target.\n",
    )
    called = wane("no.npz", folder=tmp_path)
    assert called.exit_code == 2 and called.stderr.startswith("Error: There is no file")


@pytest.mark.thorough
def test_what_rows_are_is_said_and_changed_by_options(tmp_path: Path) -> None:
    x = np.moveaxis(np.tile(X[:60, ..., None] / 255, 3), -1, 1)  # as PyTorch has images
    np.savez(tmp_path / "d.npz", x=x, y=Y[:60], x_test=x[:30], y_test=Y[:30])
    tiny = (*SMALL[:2], "--repeats", 1, "--epochs", 1, "--no-learning-curve")
    called = wane("d.npz", *tiny, "--hidden", 2, folder=tmp_path)
    kind, _, copies = called.stderr.splitlines()[:3]
    assert kind == (
        "Note: Rows of shape (3, 8, 8) were read as images, [channels, height, width]; --inputs "
        "images reads them as [height, width, channels]."
    )
    assert called.result.model("baseline").input_shape == (None, 8, 8, 3)
    # It stays in what the study leaves behind, and is shown with its table.
    assert copies == f"Note: {called.document['notes'][0]}"
    assert copies.startswith("Note: 30 of 30 test rows are training rows too")
    assert "30 of 30 test rows" in " ".join(called.stdout.split())
    options = ("--inputs", "sequences", "--divide", 2, "--hidden", 2)
    np.savez(tmp_path / "d.npz", x=X[:60] / 255, y=Y[:60])
    called = wane("d.npz", *tiny, *options, "--out", "s", folder=tmp_path)
    assert (
        called.result.model("baseline").input_shape == (None, 8, 8) and not called.document["notes"]
    )
    recipe = json.loads((called.folder / "study.json").read_text(encoding="utf-8"))["recipe"]
    assert (recipe["inputs"], recipe["divide"]) == ("sequences", 2.0)


def test_what_options_of_arrays_go_with(images: Path, tmp_path: Path) -> None:
    called = wane("moons", "--inputs", "images", folder=tmp_path)
    assert (called.exit_code, called.stderr) == (
        2,
        "Error: --inputs is for arrays in a .npz file: leave it out.\n",
    )
    called = wane(images.name, "--divide", "2", "--model", "mine.keras", folder=tmp_path)
    assert (called.exit_code, called.stderr) == (
        2,
        "Error: Arrays go into a network of your own as they are: leave out --divide or --model.\n",
    )
