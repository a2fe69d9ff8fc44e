"""A study's files: copied by pickling, shared by copies, and gone with the last that has them."""

import copy
import gc
import json
import pickle
import shutil
from concurrent.futures import ThreadPoolExecutor
from pathlib import Path

import pytest

import wane
from study_cases import data, network, study
from wane.study.worker.handed import Handed
from wane.study.worker.owners import OWNER
from wane.study.worker.request import read_study


def test_files_go_with_the_last_copy() -> None:
    own = study(candidates=[wane.Network(network(), "other")])
    handed = Handed()
    handed.write(own.spec, (*data(), None))
    networks: dict[wane.Network, str] = {}
    handed.state(own.spec, handed.place(), networks)
    assert copy.copy(handed) is handed and copy.deepcopy(handed) is handed
    read = pickle.loads(pickle.dumps(handed))
    folders = [handed.folder, read.folder]
    assert folders[0] != folders[1]
    del handed
    gc.collect()
    assert [folder.exists() for folder in folders] == [False, True]
    place = read.place()
    read.state(own.spec, place, networks)  # whose files it has
    spec, *_, given = read_study(place)
    assert spec.to_dict() == own.spec.to_dict() and list(given["networks"]) == ["other"]
    del read
    gc.collect()
    assert not folders[1].exists()


def test_what_cannot_be_written_is_said(monkeypatch: pytest.MonkeyPatch, tmp_path: Path) -> None:
    place = tmp_path / "gone"
    monkeypatch.setattr("tempfile.tempdir", str(place))
    with pytest.raises(wane.StorageError) as caught:
        Handed()
    assert str(caught.value) == (
        f"{str(place)!r}, from which a process on JAX is to read the study, cannot be written (No "
        f"such file or directory): make room there, or have the environment variable TMPDIR name "
        f"another folder."
    )


def test_a_folder_that_a_cleaner_took_is_said() -> None:
    own = study()
    handed = Handed()
    handed.write(own.spec, (*data(), None))
    shutil.rmtree(handed.folder)
    text = (
        f"{str(handed.folder)!r}, from which a process on JAX is to read the study, is gone, as "
        f"where old temporary files are removed: make the study anew, or have the environment "
        f"variable TMPDIR name a folder that is left alone."
    )
    for does in (handed.place, lambda: pickle.dumps(handed)):
        with pytest.raises(wane.StorageError) as caught:
            does()
        assert str(caught.value) == text


def test_what_a_killed_process_left_goes_with_the_next_study(
    monkeypatch: pytest.MonkeyPatch, tmp_path: Path
) -> None:
    monkeypatch.setattr("tempfile.tempdir", str(tmp_path))
    handed = Handed()
    owner = handed.folder / OWNER
    owner.write_text(json.dumps({**json.loads(owner.read_text("utf-8")), "began": -1}), "utf-8")
    later = Handed()
    assert not handed.folder.exists() and later.folder.exists()


def test_threads_write_their_networks_apart() -> None:
    own = study()
    specs = [own.spec.with_candidates([wane.Network(network(), f"n{i}")]) for i in range(2)]
    handed = Handed()
    handed.write(own.spec, (*data(), None))
    files: list[dict[wane.Network, str]] = [{}, {}]
    with ThreadPoolExecutor(2) as pool:
        states = [
            pool.submit(handed.state, spec, handed.place(), found)
            for spec, found in zip(specs, files, strict=True)
        ]
        for state in states:
            state.result()
    names = [name for found in files for name in found.values()]
    assert len(set(names)) == 2 and all((handed.folder / name).is_file() for name in names)
