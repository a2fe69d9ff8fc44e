"""Studies that other backends hand to a process on JAX, which must be those that JAX trains."""

import dataclasses
import errno
import gc
import importlib.util
import json
import os
import shutil
import subprocess
import sys
from pathlib import Path
from typing import Any

import numpy as np
import pandas as pd
import pytest

import wane
import worker_cases
from interruption_cases import outcome
from study_cases import data, study
from wane.study.worker.elsewhere import Elsewhere, _kept
from wane.study.worker.process import NotBegunError
from wane.study.worker.request import candidates_of, read_call
from wane.training.execution import Execution

CASES = Path(str(worker_cases.__file__))


def elsewhere(one: wane.Study, execution: Execution | None = None) -> Elsewhere:
    """The study as another backend would hand it over."""
    return worker_cases.elsewhere(one, (*data(), None), execution=execution)


PROCESS = "wane.study.worker.elsewhere.WorkerProcess"


@pytest.mark.parametrize(
    "backend",
    [
        "numpy",
        pytest.param("torch", marks=pytest.mark.thorough),
        pytest.param("tensorflow", marks=pytest.mark.thorough),
    ],
)
def test_a_study_is_the_same_from_every_backend(backend: str, tmp_path: Path) -> None:
    if importlib.util.find_spec(backend) is None:
        pytest.skip(f"{backend} is not installed; CONTRIBUTING.md says what brings it")
    done = subprocess.run(
        [sys.executable, str(CASES), str(tmp_path / "there")],
        env={
            **os.environ,
            "KERAS_BACKEND": backend,
            "TF_CPP_MIN_LOG_LEVEL": "3",
            "PYTHONPATH": os.pathsep.join([str(CASES.parent), *sys.path]),
        },
        capture_output=True,
        text=True,
        timeout=600,
    )
    assert done.returncode == 0, done.stderr
    assert json.loads(done.stdout) == {"backend": backend, "kind": "TakenResult"}
    said = f"Keras runs on {backend!r} here: a process of its own trains on JAX."
    assert done.stderr.count(said) == 1
    here = study(**worker_cases.options()).run(tmp_path / "here", progress=False)
    predicted = np.load(tmp_path / "there" / "predictions.npy")
    assert outcome(tmp_path / "there") == outcome(tmp_path / "here")
    np.testing.assert_allclose(
        predicted, here.best_model().predict(data()[0], verbose=0), atol=1e-5
    )
    resumed = study(**worker_cases.options()).run(tmp_path / "there", progress=False)
    pd.testing.assert_frame_equal(resumed.runs, here.runs)  # this backend takes that one's folder


@pytest.mark.thorough
def test_what_takes_model_and_rows_is_asked_for(tmp_path: Path) -> None:
    from sklearn.preprocessing import StandardScaler

    own = study(transform=StandardScaler(), test=0.3)
    here, there = own.run(progress=False), elsewhere(own).run(tmp_path / "there")
    pd.testing.assert_frame_equal(there.runs, here.runs)
    x = data()[0][:4]
    pd.testing.assert_frame_equal(there.predict(x), here.predict(x))
    tests = [one.predictions("L2(0.01)", "test") for one in (there, here)]
    pd.testing.assert_frame_equal(tests[0], tests[1])
    models = [one.model("baseline", 1) for one in (there, here)]
    for mine, theirs in zip(*(one.get_weights() for one in models), strict=True):
        np.testing.assert_array_equal(mine, theirs)
    with pytest.raises(wane.InputError, match=r"KERAS_BACKEND=jax, where they are at hand\.$"):
        there.best_transform()
    with pytest.raises(wane.InputError, match="There is no candidate 'L3'"):
        there.model("L3")


@pytest.mark.thorough
def test_a_study_without_a_folder_grows_and_leaves_nothing() -> None:
    own = study()
    there = elsewhere(own, Execution("threads", threads=1)).run(None)
    grown = there.extend(repeats=3, candidates=[wane.L2(1.0)], progress=False)
    here = own.run(progress=False).extend(repeats=3, candidates=[wane.L2(1.0)], progress=False)
    pd.testing.assert_frame_equal(grown.runs, here.runs)
    places = [there.folder, grown.folder]
    assert all(place.is_dir() for place in places) and places[0] != places[1]
    del there, grown
    assert not any(place.exists() for place in places)


@pytest.mark.thorough
def test_comparisons_and_paths() -> None:
    own = study()
    methods: dict[str, Any] = {"l2": [wane.L2(0.1)], "both": [(wane.L1(0.1), wane.L2(0.1))]}
    there, here = elsewhere(own).compare(methods, None), own.compare(methods, progress=False)
    pd.testing.assert_frame_equal(there.methods, here.methods)
    with pytest.raises(wane.InputError, match="compare anew"):
        there.result.extend(repeats=4)
    walked: dict[str, Any] = {"options": {"proximal": True}, "on": ("kernel",)}
    way = elsewhere(own).path(wane.L1, [0.1, 1.0], None, **walked)
    path = own.path(wane.L1, [0.1, 1.0], progress=False, **walked)
    pd.testing.assert_frame_equal(way.runs, path.runs)
    for mine, theirs in zip(way.weights(0.1, 1), path.weights(0.1, 1), strict=True):
        np.testing.assert_array_equal(mine, theirs)


@pytest.mark.thorough
def test_searches() -> None:
    own = study(test=data(rows=20, seed=4))
    space = [wane.Range(wane.L2(0.01, layers="hidden"), wane.L2(1.0, layers="hidden"))]
    for given in (None, space):
        how: dict[str, Any] = {"strengths": (0.01, 1.0), "on": ("kernel",), "trials": 3}
        way = elsewhere(own).tune(given, None, penalty=wane.L2, **how)
        here = own.tune(given, progress=False, **how)
        pd.testing.assert_frame_equal(way.methods, here.methods)
        pd.testing.assert_frame_equal(way.ranges, here.ranges)
        assert way.verdict == here.verdict


@pytest.mark.thorough
def test_errors_come_back_by_their_class_and_sentence(tmp_path: Path) -> None:
    (tmp_path / "notes.txt").write_text("mine", encoding="utf-8")
    with pytest.raises(wane.InputError) as caught:
        elsewhere(study()).run(tmp_path)
    assert str(caught.value) == (
        f"{str(tmp_path)!r} exists and holds other files; nothing was written: give a new folder, "
        f"or remove that one."
    )
    assert [entry.name for entry in tmp_path.iterdir()] == ["notes.txt"]


def test_a_penalty_of_the_users_own_is_refused_for_paths_and_searches() -> None:
    class Own(wane.L2):
        pass

    one = elsewhere(study())
    for what, call in (
        ("a path", lambda: one.path(Own, [0.1], None)),
        ("a search", lambda: one.tune(None, None, penalty=Own)),
    ):
        with pytest.raises(wane.InputError) as caught:
            call()
        assert str(caught.value) == (
            f"The penalty of {what} must be one of wane's classes, such as wane.L2, to be handed "
            f"to JAX, got {Own!r}."
        )


@pytest.fixture
def at_once(monkeypatch: pytest.MonkeyPatch) -> None:
    """What is asked of the process on JAX is done in this one, which is quicker."""
    monkeypatch.setattr(PROCESS, worker_cases.process_that(worker_cases.work))


@pytest.mark.thorough
@pytest.mark.usefixtures("at_once")
def test_a_folder_stays_where_it_was(tmp_path: Path, monkeypatch: pytest.MonkeyPatch) -> None:
    (tmp_path / "other").mkdir()
    monkeypatch.chdir(tmp_path)
    there = elsewhere(study()).run("study")
    monkeypatch.chdir(tmp_path / "other")
    assert there.model("L2(0.01)").name == "net"
    assert there.best_model().name == "net"
    assert there.extend(repeats=3, progress=False).folder == tmp_path / "study"
    assert not any((tmp_path / "other").iterdir())


@pytest.mark.thorough
@pytest.mark.usefixtures("at_once")
def test_a_result_answers_when_its_folder_has_grown(tmp_path: Path) -> None:
    own = study(test=0.3)
    there = elsewhere(own).run(tmp_path / "there")
    models = [there.model("L2(0.01)", 1)]
    tests = [there.predictions("L2(0.01)", part) for part in ("validation", "test")]
    # The other target changes how the first one is named, too.
    grown = there.extend(repeats=3, candidates=[wane.L2(0.01, layers="hidden")], progress=False)
    assert "L2(0.01)" not in grown.spec.names and set(grown.runs["repeat"]) == {0, 1, 2}
    models.append(there.model("L2(0.01)", 1))
    for before, after in zip(*(one.get_weights() for one in models), strict=True):
        np.testing.assert_array_equal(before, after)
    again = [there.predictions("L2(0.01)", part) for part in ("validation", "test")]
    for before, after in zip(tests, again, strict=True):
        assert len(before)
        pd.testing.assert_frame_equal(before, after)


@pytest.mark.usefixtures("at_once")
def test_a_result_whose_folder_is_gone_trains_nothing(tmp_path: Path) -> None:
    there = elsewhere(study()).run(tmp_path / "study")
    shutil.rmtree(tmp_path / "study")
    with pytest.raises(wane.InputError, match=r"study\.json"):
        there.model("L2(0.01)")
    assert not (tmp_path / "study").exists()


@pytest.mark.parametrize(
    ("kind", "start"),
    [
        (wane.Interrupted, "Interrupted: "),
        (wane.StorageError, "'a' cannot be written (full): "),
    ],
)
def test_a_study_without_a_folder_that_ends_early_leaves_nothing(
    kind: type[BaseException], start: str, monkeypatch: pytest.MonkeyPatch
) -> None:
    places = []

    def ended(folder: Path) -> None:
        call = read_call(folder)
        assert call is not None
        places.append(Path(call.folder))
        assert places[0].is_dir()
        raise kind(
            f"{start}3 of 4 runs had finished; they are kept in {str(places[0] / 'study.db')!r}; "
            f"to resume them, run the same study with the same folder."
        )

    monkeypatch.setattr(PROCESS, worker_cases.process_that(ended))
    with pytest.raises(kind) as caught:
        elsewhere(study()).run(None)
    assert str(caught.value) == (
        f"{start}3 of 4 runs had finished; they went with the temporary folder."
    )
    assert not places[0].exists()


def test_a_result_that_cannot_be_taken_leaves_no_folder(
    monkeypatch: pytest.MonkeyPatch, tmp_path: Path
) -> None:
    monkeypatch.setattr("tempfile.tempdir", str(tmp_path))
    monkeypatch.setattr(PROCESS, worker_cases.process_that(lambda _: None))  # writes nothing
    with pytest.raises(wane.InputError):
        elsewhere(study()).run(None)
    with pytest.raises(wane.InputError):
        elsewhere(study()).path(wane.L1, [0.1], None)
    gc.collect()
    assert not any(tmp_path.iterdir())


@pytest.mark.parametrize("methods", [{"m": wane.L2(0.1)}, {"m": [wane.L2(0.1), ()]}, {"m": []}])
def test_methods_that_are_refused_on_jax_are_refused_alike(methods: Any) -> None:
    errors = []
    for one in (study(), elsewhere(study())):
        with pytest.raises(wane.InputError, match="The method 'm' must have") as caught:
            one.compare(methods, folder=None)
        errors.append(str(caught.value))
    assert errors[0] == errors[1]


def test_the_method_without_regularization_may_be_given(monkeypatch: pytest.MonkeyPatch) -> None:
    asked = []

    def ended(folder: Path) -> None:
        call = read_call(folder)
        assert call is not None
        asked.append({name: candidates_of(own) for name, own in call.arguments["methods"].items()})
        raise wane.StorageError("full")

    monkeypatch.setattr(PROCESS, worker_cases.process_that(ended))
    with pytest.raises(wane.StorageError, match=r"^full$"):
        elsewhere(study()).compare({"none": [()], "l2": [wane.L2(0.1)]}, None)
    assert asked == [{"none": [()], "l2": [(wane.L2(0.1),)]}]


def test_a_process_that_ended_before_it_began_is_replaced(monkeypatch: pytest.MonkeyPatch) -> None:
    asked = []

    def ended(_: Path) -> None:
        raise NotBegunError

    def full(folder: Path) -> None:
        asked.append(read_call(folder))
        raise wane.StorageError("full")

    own = elsewhere(study())
    ready: Any = worker_cases.process_that(ended)(own.handed.place())
    monkeypatch.setattr(PROCESS, worker_cases.process_that(full))
    monkeypatch.setattr("wane.study.worker.elsewhere.is_taken", lambda _: True)
    with pytest.raises(wane.StorageError, match=r"^full$"):
        dataclasses.replace(own, ready=ready).run(None)
    assert len(asked) == 1 and not ready.place.exists()


def test_a_full_disk_is_said_where_the_call_is_written(monkeypatch: pytest.MonkeyPatch) -> None:
    def full(*_: object) -> None:
        raise OSError(errno.ENOSPC, "No space left on device")

    monkeypatch.setattr(PROCESS, worker_cases.process_that(lambda _: None))
    monkeypatch.setattr("wane.study.worker.elsewhere.write_call", full)
    with pytest.raises(wane.StorageError, match=r"No space left on device.*TMPDIR"):
        elsewhere(study()).run(None)


def test_a_fork_leaves_the_folder_of_a_result(
    monkeypatch: pytest.MonkeyPatch, tmp_path: Path
) -> None:
    class Found:
        pass

    found: Any = _kept(Found(), tmp_path / "a", None)  # type: ignore[type-var] # in place of one
    (tmp_path / "a").mkdir()
    own = os.getpid()
    with monkeypatch.context() as fork:
        fork.setattr(os, "getpid", lambda: own + 1)
        del found
        gc.collect()
    assert (tmp_path / "a").is_dir()
