"""Files that someone else has made do no harm: nothing of them is run, written or unpacked."""

import json
import sys
import zipfile
from collections.abc import Callable
from importlib.util import find_spec
from pathlib import Path
from typing import Any

import keras
import numpy as np
import pytest

import wane
from wane.keras_model.editing.files import inspect_file, regularize_file
from wane.keras_model.editing.loading import load_model

Parts = dict[str, bytes]
Change = Callable[[dict[str, Any], str], None]


@pytest.fixture(scope="module")
def parts(tmp_path_factory: pytest.TempPathFactory) -> Parts:
    """The parts of the file of a small model."""
    path = tmp_path_factory.mktemp("model") / "model.keras"
    keras.Sequential([keras.layers.Input((2,)), keras.layers.Dense(1)]).save(path)
    with zipfile.ZipFile(path) as archive:
        return {name: archive.read(name) for name in archive.namelist()}


def written(path: Path, parts: Parts) -> Path:
    with zipfile.ZipFile(path, "w", zipfile.ZIP_DEFLATED) as archive:
        for name, content in parts.items():
            archive.writestr(name, content)
    return path


def system(layer: dict[str, Any], command: str) -> None:
    layer.update(module="os", class_name="system", config={"command": command})


def popen(layer: dict[str, Any], command: str) -> None:
    config = {"args": command, "shell": True}
    layer.update(module="subprocess", class_name="Popen", config=config)


def evaluated(layer: dict[str, Any], command: str) -> None:
    layer["config"]["activation"] = {
        "module": "builtins", "class_name": "function", "config": "eval",
        "registered_name": f"__import__('os').system({command!r})",
    }  # fmt: skip


def pickled(layer: dict[str, Any], command: str) -> None:
    """Bytes of a function's code, as a Lambda layer's."""
    del command
    code = {"class_name": "__lambda__", "config": {"value": ["4wAAAAA=", None, None]}}
    layer["config"]["kernel_regularizer"] = code


@pytest.mark.parametrize("change", [system, popen, evaluated, pickled])
def test_no_code_of_a_file_is_run(change: Change, parts: Parts, tmp_path: Path) -> None:
    config = json.loads(parts["config.json"])
    change(config["config"]["layers"][1], f"touch {tmp_path / 'harm'}")
    path = tmp_path / "model.keras"
    written(path, {**parts, "config.json": json.dumps(config).encode()})
    with pytest.raises(wane.InputError) as caught:
        inspect_file(path)
    assert str(caught.value).startswith(
        (
            f"{path} cannot be loaded (",
            f"{path} cannot be loaded, since",
            f"{path} is refused, since",
        )
    )
    assert [entry.name for entry in tmp_path.iterdir()] == ["model.keras"]


@pytest.mark.filterwarnings("ignore:Skipping invalid path during archive extraction")
def test_nothing_is_unpacked_outside(parts: Parts, tmp_path: Path) -> None:
    folder = tmp_path / "deep" / "down"
    folder.mkdir(parents=True)
    away = {f"{up}harm": b"x" for up in ("../", "../../", "assets/../../", f"{tmp_path}/")}
    path = written(folder / "model.keras", {**parts, **away})
    inspect_file(path)
    assert [p for p in tmp_path.rglob("*") if p.is_file()] == [path]


def test_an_archive_whose_list_of_parts_is_damaged_is_refused(parts: Parts, tmp_path: Path) -> None:
    """Regression: what Python's zipfile raised ended in a traceback."""
    path = written(tmp_path / "model.keras", parts)
    path.write_bytes(path.read_bytes().replace(b"PK\x01\x02", b"PK\x00\x00"))
    with pytest.raises(wane.InputError) as caught:
        inspect_file(path)
    assert str(caught.value) == (
        f"{path} cannot be loaded (Bad magic number for central directory): if it has layers or "
        f"losses of your own, load it in Python where they are defined and give wane the model."
    )


def test_a_file_that_would_unpack_to_much_more_is_refused(parts: Parts, tmp_path: Path) -> None:
    path = written(tmp_path / "model.keras", {**parts, "assets/zeros": bytes(101 * 2**20)})
    with pytest.raises(wane.InputError) as caught:
        inspect_file(path)
    assert str(caught.value) == (
        f"{path} is refused, since it would unpack to 101 MiB, more than 20 times its size: save "
        f"the model anew with model.save('model.keras')."
    )


TORCH = "keras.src.backend.torch.optimizers.torch_"
OF_TORCH = ("Adadelta", "Adagrad", "Adam", "Adamax", "AdamW", "Lion", "Nadam", "RMSprop", "SGD")
"""The optimizers of Keras that are a class of their own under torch."""


def saved_under_torch(path: Path, optimizer: Any) -> keras.Model:
    """A trained model, and its file as Keras writes it on torch: with that backend's optimizer."""
    model = keras.Sequential([keras.layers.Input((2,)), keras.layers.Dense(1, name="only")])
    model.compile(optimizer, "mse")
    model.fit(np.ones((4, 2)), np.ones(4), verbose=0)
    model.save(path)
    with zipfile.ZipFile(path) as archive:
        content = {name: archive.read(name) for name in archive.namelist()}
    config = json.loads(content["config.json"])
    one = config["compile_config"]["optimizer"]
    while one["class_name"] not in OF_TORCH:
        one = one["config"]["inner_optimizer"]
    one["module"], one["registered_name"] = TORCH + one["class_name"].lower(), one["class_name"]
    written(path, {**content, "config.json": json.dumps(config).encode()})
    return model


@pytest.fixture
def no_torch(monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setitem(sys.modules, "torch", None)


@pytest.mark.usefixtures("no_torch")
@pytest.mark.parametrize("name", OF_TORCH)
def test_an_optimizer_of_torch_is_made_anew_on_this_backend(name: str, tmp_path: Path) -> None:
    """Regression: without torch no command loaded the file, and with it training failed."""
    path = tmp_path / "model.keras"
    kind = getattr(keras.optimizers, name)
    model = saved_under_torch(path, kind(0.01, weight_decay=0.25, clipnorm=1.0))
    loaded = load_model(path)
    assert type(loaded.optimizer) is kind
    assert loaded.optimizer.get_config() == model.optimizer.get_config()
    for mine, theirs in zip(loaded.optimizer.variables, model.optimizer.variables, strict=True):
        np.testing.assert_array_equal(mine, theirs)


@pytest.mark.usefixtures("no_torch")
def test_an_optimizer_of_torch_inside_another_is_made_anew(tmp_path: Path) -> None:
    path = tmp_path / "model.keras"
    saved_under_torch(path, keras.optimizers.LossScaleOptimizer(keras.optimizers.SGD(0.5)))
    loaded = load_model(path)
    assert type(loaded.optimizer.inner_optimizer) is keras.optimizers.SGD


@pytest.mark.usefixtures("no_torch")
def test_commands_say_that_the_optimizer_was_of_torch(tmp_path: Path) -> None:
    path = tmp_path / "model.keras"
    model = saved_under_torch(path, keras.optimizers.Adam())
    said = (
        f"The optimizer of the model {model.name!r} was saved as a class of the backend torch: it "
        f"is made anew as Keras's Adam on jax, with the same settings."
    )
    assert inspect_file(path).warnings == (said,)
    out = tmp_path / "with_l2.keras"
    assert regularize_file(path, out, [wane.L2(0.1)]).warnings == (said,)
    assert type(keras.saving.load_model(out).optimizer) is keras.optimizers.Adam
    assert inspect_file(out).warnings == ()


def test_an_hdf5_file_is_refused_with_the_lines_that_convert_it(tmp_path: Path) -> None:
    pytest.importorskip("h5py")
    model = keras.Sequential([keras.layers.Input((2,)), keras.layers.Dense(1)])
    model.compile("adam", "mse")
    path = tmp_path / "old.h5"
    model.save(path)
    lines = (
        "model = keras.saving.load_model('old.h5', compile=False); "
        "model.compile(optimizer=..., loss=...); model.save('old.keras')"
    )
    with pytest.raises(wane.InputError) as caught:
        inspect_file(path)
    assert str(caught.value) == (
        f"{path} is an HDF5 file and no .keras file: write it anew in Keras 3 with {lines}."
    )
    # What the message says works, as it would not with a loss that is read from the file.
    code = lines.replace("optimizer=..., loss=...", "'adam', 'mse'")
    for name in ("old.h5", "old.keras"):
        code = code.replace(repr(name), repr(str(tmp_path / name)))
    exec(code, {"keras": keras})  # the lines of the message
    assert inspect_file(tmp_path / "old.keras")["count"].tolist() == [2, 1]
    # tf.keras up to 2.11 wrote that format under any name.
    path.rename(tmp_path / "early.keras")
    with pytest.raises(wane.InputError) as caught:
        inspect_file(tmp_path / "early.keras")
    assert str(caught.value).startswith(
        f"{tmp_path / 'early.keras'} is an HDF5 file and no .keras file: rename it to 'early.h5', "
        f"and write it anew in Keras 3 with model = keras.saving.load_model('early.h5', "
    )
    model.save_weights(tmp_path / "model.weights.h5")
    with pytest.raises(wane.InputError, match=r"holds weights and no model: make the model in Pyt"):
        inspect_file(tmp_path / "model.weights.h5")


def test_files_of_earlier_keras_have_their_own_sentence(parts: Parts, tmp_path: Path) -> None:
    config = json.loads(parts["config.json"])
    config["module"], config["class_name"] = "keras.src.engine.sequential", "Sequential"
    about = json.dumps({"keras_version": "2.15.0"}).encode()
    old = {**parts, "config.json": json.dumps(config).encode(), "metadata.json": about}
    path = written(tmp_path / "old.keras", old)
    there = (
        "save the model there with model.save('model.h5'), and write it anew in Keras 3 with model "
        "= keras.saving.load_model('model.h5', compile=False); model.compile(optimizer=..., "
        "loss=...); model.save('model.keras')."
    )
    with pytest.raises(wane.InputError) as caught:
        inspect_file(path)
    assert str(caught.value) == (
        f"{path} was saved by Keras 2.15.0 (tf.keras) in a form that Keras 3 does not read: {there}"
    )
    folder = tmp_path / "saved"
    folder.mkdir()
    (folder / "saved_model.pb").touch()
    with pytest.raises(wane.InputError) as caught:
        inspect_file(folder)
    assert str(caught.value) == (
        f"{folder} is a SavedModel of TensorFlow, which Keras 3 does not load as a model: load it "
        f"with the tf.keras that saved it, {there}"
    )


@pytest.mark.parametrize("place", ["kernel_regularizer", "kernel_initializer", "bias_constraint"])
def test_a_part_that_is_not_known_is_named(place: str, parts: Parts, tmp_path: Path) -> None:
    """Regression: of a part of a layer Keras tells the layer's configuration, and its name last."""
    config = json.loads(parts["config.json"])
    config["config"]["layers"][1]["config"][place] = {
        "module": None, "class_name": "Own", "config": {}, "registered_name": "Own"
    }  # fmt: skip
    path = written(tmp_path / "model.keras", {**parts, "config.json": json.dumps(config).encode()})
    with pytest.raises(wane.InputError) as caught:
        inspect_file(path)
    assert str(caught.value) == (
        f"{path} cannot be loaded, since it has the class 'Own', which is not Keras's own: load it "
        f"in Python where that is defined and give wane the model."
    )


@pytest.mark.skipif(find_spec("tensorflow") is not None, reason="it has what the layer needs")
@pytest.mark.parametrize("layer", ["StringLookup", "IntegerLookup"])
def test_a_layer_that_needs_tensorflow_is_named(layer: str, parts: Parts, tmp_path: Path) -> None:
    config = json.loads(parts["config.json"])
    vocabulary = ["a", "b"] if layer == "StringLookup" else [1, 2]
    config["config"]["layers"][1].update(class_name=layer, config={"vocabulary": vocabulary})
    path = written(tmp_path / "model.keras", {**parts, "config.json": json.dumps(config).encode()})
    with pytest.raises(wane.InputError) as caught:
        inspect_file(path)
    assert str(caught.value) == (
        f"{path} cannot be loaded, since its layer {layer} needs TensorFlow, which is not "
        f"installed: leave the layer out of the model, and give wane what it makes."
    )
