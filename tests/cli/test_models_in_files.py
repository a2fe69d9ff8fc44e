"""``wane inspect`` and ``wane regularize`` on saved models."""

import json
import zipfile
from pathlib import Path
from typing import Any

import keras
import numpy as np
import pytest
from typer.testing import CliRunner

from wane._errors import listed
from wane.cli import app
from wane.literature import presets
from wane.penalties import CATALOGUE

L = keras.layers


def call(*arguments: object, folder: Path) -> Any:
    """The command line, called in this folder on a wide terminal."""
    with pytest.MonkeyPatch.context() as patch:
        patch.chdir(folder)
        done = CliRunner(env={"COLUMNS": "120"}).invoke(app, list(map(str, arguments)))
    if done.exception is not None and not isinstance(done.exception, SystemExit):
        raise done.exception
    return done


@pytest.fixture
def folder(tmp_path: Path) -> Path:
    """A folder with a trained model, ``net.keras``."""
    model = keras.Sequential(
        [L.Input((3,)), L.Dense(4, name="hidden"), L.Dense(1, name="last")], name="net"
    )
    model.compile(keras.optimizers.Adam(0.01), "mse")
    model.fit(np.ones((4, 3)), np.ones((4, 1)), epochs=3, verbose=0)
    model.save(tmp_path / "net.keras")
    return tmp_path


def test_inspect_prints_every_weight(folder: Path) -> None:
    done = call("inspect", "net.keras", folder=folder)
    assert done.exit_code == 0 and done.stderr == ""
    lines = done.stdout.splitlines()
    assert [line.split()[:3] for line in lines[2:6]] == [
        ["hidden", "kernel", "3×4"],
        ["hidden", "bias", "4"],
        ["last", "kernel", "4×1"],
        ["last", "bias", "1"],
    ]
    assert "net: 21 weights, 21 trained, 0 penalized; the penalty is 0.000" in lines


def test_regularize_writes_a_new_file(folder: Path) -> None:
    before = (folder / "net.keras").read_bytes()
    done = call(
        "regularize", "net.keras", "--l2", "1e-3", "--layers", "hidden", "-o", "out.keras",
        folder=folder,
    )  # fmt: skip
    assert done.exit_code == 0 and done.stderr == "Wrote out.keras\n"
    assert "L2(0.001)" in done.stdout and "12 penalized" in done.stdout
    assert sorted(path.name for path in folder.iterdir()) == ["net.keras", "out.keras"]
    assert (folder / "net.keras").read_bytes() == before
    old, new = (keras.saving.load_model(folder / name) for name in ("net.keras", "out.keras"))
    for one, other in zip(old.get_weights(), new.get_weights(), strict=True):
        np.testing.assert_array_equal(one, other)
    kernel = np.asarray(old.get_layer("hidden").kernel, "float64")
    assert len(new.losses) == 1
    assert float(new.losses[0]) == pytest.approx(1e-3 * np.square(kernel).sum(), rel=1e-6)
    assert int(new.optimizer.iterations) == int(old.optimizer.iterations) == 3


def test_both_penalties_replace_what_was_there(folder: Path) -> None:
    first = ("regularize", "net.keras", "--l1", "1", "--on", "kernel,bias", "-o", "one.keras")
    second = ("regularize", "one.keras", "--l1", "1e-4", "--l2", "1e-3", "-o", "two.keras")
    assert call(*first, folder=folder).exit_code == call(*second, folder=folder).exit_code == 0
    done = call("inspect", "two.keras", "--json", folder=folder)
    document = json.loads(done.stdout)
    assert document["model"] == "net"
    assert [weight["penalty"] for weight in document["weights"]] == [
        "L1L2(0.0001, 0.001)",
        "L1(1)",
        "L1L2(0.0001, 0.001)",
        "L1(1)",
    ]
    assert document["warnings"] == [
        "Biases or normalization parameters of 'hidden', 'last' are penalized; these are usually "
        "left alone, as wane.regularize leaves them unless they are named."
    ]


def test_a_preset_of_the_literature(folder: Path) -> None:
    """It brings its target, in place of which another may be named."""
    first = ("regularize", "net.keras", "--preset", "vgg", "-o", "one.keras")
    second = ("regularize", "net.keras", "--preset", "vgg", "--layers", "last", "-o", "two.keras")
    penalties = []
    for arguments in (first, second):
        assert call(*arguments, folder=folder).exit_code == 0
        shown = json.loads(call("inspect", arguments[-1], "--json", folder=folder).stdout)
        penalties.append([weight["penalty"] for weight in shown["weights"]])
    assert penalties == [
        ["L2(0.00025)", None, "L2(0.00025)", None],
        [None, None, "L2(0.00025)", None],
    ]


@pytest.mark.thorough
def test_what_a_file_would_lose_is_refused(tmp_path: Path) -> None:
    """Regression: the table had penalties of which the file, its only product, had none."""
    inputs = keras.layers.Input((6, 4))
    heads = keras.layers.MultiHeadAttention(2, 3, name="heads")
    keras.Model(inputs, heads(inputs, inputs)).save(tmp_path / "net.keras")
    done = call(
        "regularize", "net.keras", "--l2", "1", "--layers", "key", "-o", "new.keras",
        folder=tmp_path,
    )  # fmt: skip
    assert (done.exit_code, done.stdout, done.stderr) == (
        2,
        "",
        "Error: A file cannot hold these penalties on 'heads/key', since the model's configuration "
        "has no place for them: take other layers, or put them on the loaded model with "
        "wane.regularize in Python.\n",
    )
    assert not (tmp_path / "new.keras").exists()


@pytest.mark.parametrize(
    ("option", "shown", "written"),
    [
        ("--l1", "L1(0.5)", {"l1": 0.5, "l2": 0.0}),
        ("--l2", "L2(0.5)", {"l2": 0.5}),
        ("--l1l2", "L1L2(0.25, 0.25)", {"l1": 0.25, "l2": 0.25}),
        ("--orthogonality", "Orthogonality(0.5)", {"factor": 0.5, "mode": "rows"}),
    ],
)
def test_each_penalty_that_files_hold_is_an_option(
    option: str, shown: str, written: dict[str, Any], folder: Path
) -> None:
    done = call("regularize", "net.keras", option, "0.5", "-o", "out.keras", folder=folder)
    assert done.exit_code == 0 and shown in done.stdout
    layer = keras.saving.load_model(folder / "out.keras").get_layer("hidden")
    assert layer.kernel.regularizer.get_config() == written


def test_every_penalty_that_files_hold_is_an_option_and_no_other(folder: Path) -> None:
    text = call("regularize", "--help", folder=folder).stdout
    for name, penalty in CATALOGUE.items():
        assert (f"--{name} " in text) == penalty.is_regularizer
        assert (penalty.summary() in text) == penalty.is_regularizer
    assert "The elastic net, an equal share of the strength on each." in text


REFUSALS: list[tuple[tuple[str, ...], str]] = [
    (
        ("inspect", "none.keras"),
        "There is no file 'none.keras'; give the path of a .keras file.",
    ),
    (
        ("inspect", "text.keras"),
        "text.keras is no .keras file: save the model with model.save('model.keras').",
    ),
    (
        ("regularize", "net.keras", "--l2", "-1", "-o", "new.keras"),
        "l2 must be a finite number of at least 0, got -1.0: 0 is no penalty.",
    ),
    (
        ("regularize", "net.keras", "--l1", "nan", "-o", "new.keras"),
        "l1 must be a finite number of at least 0, got nan: 0 is no penalty.",
    ),
    (
        ("regularize", "net.keras", "-o", "new.keras"),
        "No penalty is given: give the strength of one or more of --l1, --l2, --l1l2, "
        "--orthogonality, or --preset.",
    ),
    (
        ("regularize", "net.keras", "--preset", "convnext", "-o", "new.keras"),
        "WeightDecay(0.05) is the optimizer's, and Keras saves no list of the weights that it "
        "spares: put it on the loaded model with wane.regularize(model, wane.WeightDecay(0.05)) in "
        "Python.",
    ),
    (
        ("regularize", "net.keras", "--preset", "vg", "-o", "new.keras"),
        f"There is no preset 'vg': did you mean 'vgg'? Available: {listed(presets)}.",
    ),
    (
        ("regularize", "net.keras", "--l2", "1", "--orthogonality", "1", "-o", "new.keras"),
        "Keras has no regularizer that is the sum of Orthogonality and another penalty, or of both "
        "of its modes: give them different layers.",
    ),
    (
        ("regularize", "net.keras", "--orthogonality", "1", "--on", "bias", "-o", "new.keras"),
        "Orthogonality(1) acts on matrices with at least two rows, but it is also for the bias of "
        "layer 'hidden', whose shape is (4,): name the layers that are meant.",
    ),
    (
        ("regularize", "net.keras", "--l2", "1", "--layers", "conv*", "-o", "new.keras"),
        "No trainable weight matches layers='conv*' and on='kernel+recurrent' of L2(1); the model "
        "has the layers 'hidden', 'last', and layers takes 'all', 'hidden', 'output' or a glob on "
        "those names.",
    ),
    (
        ("regularize", "net.keras", "--l2", "1", "-o", "net.keras"),
        "net.keras is there already; nothing is written over: give another name.",
    ),
    (
        ("regularize", "net.keras", "--l2", "1", "-o", "new.h5"),
        "The new file must be called .keras at its end, got 'new.h5'.",
    ),
    (
        ("regularize", "net.keras", "--l2", "1", "-o", "sub/new.keras"),
        "There is no folder 'sub' for new.keras: make it first.",
    ),
]


@pytest.mark.parametrize(("arguments", "text"), REFUSALS)
def test_what_cannot_be_done_is_refused_in_one_sentence(
    arguments: tuple[str, ...], text: str, folder: Path
) -> None:
    (folder / "text.keras").write_text("no zip file")
    before = {path.name: path.read_bytes() for path in folder.iterdir()}
    done = call(*arguments, folder=folder)
    assert (done.exit_code, done.stdout, done.stderr) == (2, "", f"Error: {text}\n")
    assert {path.name: path.read_bytes() for path in folder.iterdir()} == before


@pytest.mark.parametrize("command", ["inspect", "regularize"])
def test_a_file_that_would_run_code_is_refused(command: str, tmp_path: Path) -> None:
    model = keras.Sequential([L.Input((2,)), L.Lambda(lambda x: x * 2), L.Dense(1)])
    model.save(tmp_path / "code.keras")
    options = () if command == "inspect" else ("--l2", "1", "-o", "new.keras")
    done = call(command, "code.keras", *options, folder=tmp_path)
    assert (done.exit_code, done.stdout, done.stderr) == (
        2,
        "",
        "Error: code.keras is refused, since loading it would run code that it contains, such as a "
        "Lambda layer's: if you trust it, load it in Python with keras.saving.load_model(path, "
        "safe_mode=False) and give wane the model.\n",
    )
    assert [path.name for path in tmp_path.iterdir()] == ["code.keras"]


def test_a_layer_of_one_s_own_and_a_broken_file(folder: Path) -> None:
    with zipfile.ZipFile(folder / "net.keras") as file:
        parts = {name: file.read(name) for name in file.namelist()}
    dense = b'"module": "keras.layers", "class_name": "Dense"'
    assert dense in parts["config.json"]
    own = parts["config.json"].replace(dense, b'"module": null, "class_name": "Own"')
    unknown = parts["config.json"].replace(dense, dense.replace(b"Dense", b"Dens"))
    beginnings = {
        "own": "Error: own.keras cannot be loaded, since it has the class 'Own', which is not "
        "Keras's own: load it in Python where that is defined and give wane the model.\n",
        "unknown": "Error: unknown.keras cannot be loaded (",
        "broken": "Error: broken.keras cannot be loaded (",
    }
    for name, config in (("own", own), ("unknown", unknown), ("broken", b"{")):
        with zipfile.ZipFile(folder / f"{name}.keras", "w") as file:
            for part, content in {**parts, "config.json": config}.items():
                file.writestr(part, content)
        done = call("inspect", f"{name}.keras", folder=folder)
        assert done.exit_code == 2 and done.stdout == ""
        assert done.stderr.startswith(beginnings[name])
        assert done.stderr.endswith("and give wane the model.\n")
        assert len(done.stderr.splitlines()) == 1
