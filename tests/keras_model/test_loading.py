"""Files that someone else has made do no harm: nothing of them is run, written or unpacked."""

import json
import zipfile
from collections.abc import Callable
from importlib.util import find_spec
from pathlib import Path
from typing import Any

import keras
import pytest

import wane
from wane.keras_model.editing.files import inspect_file

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
        f"installed: leave the layer out of the model, and give wane the numbers that it makes."
    )
