"""A finished study's folder alone gives its result, and says what takes model and rows."""

import json
import shutil
from pathlib import Path
from typing import Any

import numpy as np
import pandas as pd
import pytest

import wane
from interruption_cases import without_figures
from study_cases import data, network, study
from wane.study.results.loaded import LoadedResult


@pytest.fixture(scope="module")
def finished(tmp_path_factory: pytest.TempPathFactory) -> tuple[Path, wane.Result]:
    """A study that has grown, with parts of the rows, in its folder."""
    folder = tmp_path_factory.mktemp("load") / "study"
    with pytest.MonkeyPatch.context() as patch:
        without_figures(patch)
        patch.setattr("wane.report.figures.png", lambda _: b"a picture")
        first = study(learning_curve=True, repeats=2).run(folder, progress=False)
        return folder, first.extend(candidates=[wane.L2(1.0)], progress=False)


def content(folder: Path) -> dict[str, bytes]:
    return {str(path): path.read_bytes() for path in folder.rglob("*") if path.is_file()}


def test_a_loaded_result_is_the_one_of_the_run(finished: tuple[Path, wane.Result]) -> None:
    folder, result = finished
    before = content(folder)
    found = wane.load_study(folder)
    assert isinstance(found, LoadedResult)
    assert found.document == result.document and str(found) == str(result)
    assert repr(found) == repr(result) and found.spec.names == result.spec.names
    for name in ("runs", "train_sizes", "curves"):
        pd.testing.assert_frame_equal(getattr(found, name), getattr(result, name))
    pd.testing.assert_frame_equal(found.summary(), result.summary())
    pd.testing.assert_frame_equal(found.comparisons(), result.comparisons())
    for name in result.spec.names:
        pd.testing.assert_frame_equal(found.norms(name), result.norms(name))
        pd.testing.assert_frame_equal(found.predictions(name), result.predictions(name))
    best = [found.best_model().get_weights(), result.best_model().get_weights()]
    assert all(np.array_equal(a, b) for a, b in zip(*best, strict=True))
    x, _ = data()
    pd.testing.assert_frame_equal(found.predict(x), result.predict(x))
    assert found.best_transform() is None
    assert content(folder) == before


def test_its_figures_are_drawn(finished: tuple[Path, wane.Result]) -> None:
    found, result = wane.load_study(finished[0]), finished[1]
    assert isinstance(found, LoadedResult)
    for name in ("plot_strengths", "plot_norms", "plot_learning_curves", "plot_train_sizes"):
        axes = [getattr(one, name)().axes for one in (found, result)]
        lines = [[line.get_xydata() for ax in several for line in ax.lines] for several in axes]
        assert lines[0] and len(lines[0]) == len(lines[1])
        assert all(np.array_equal(a, b, equal_nan=True) for a, b in zip(*lines, strict=True))


def test_what_takes_model_and_rows_says_so(finished: tuple[Path, wane.Result]) -> None:
    found = wane.load_study(finished[0])
    assert isinstance(found, LoadedResult)
    for asked in (
        lambda: found.model("baseline"),
        lambda: found.predictions("baseline", "test"),
        lambda: found.extend(repeats=3),
        found.plot_boundary,
    ):
        with pytest.raises(wane.InputError) as caught:
            asked()
        assert str(caught.value) == (
            f"This takes the study's model and rows, which its folder {str(finished[0])!r} does "
            f"not hold: give them too, as in wane.load_study(folder, model, x, y)."
        )


@pytest.mark.thorough
def test_with_model_and_rows_it_is_the_whole_result(
    finished: tuple[Path, wane.Result], tmp_path: Path
) -> None:
    shutil.copytree(finished[0], tmp_path / "s")
    x, y = data()
    found = wane.load_study(tmp_path / "s", network(), x, y)
    assert isinstance(found, wane.Result) and not isinstance(found, LoadedResult)
    assert found.document == finished[1].document
    weights = [one.model("L2(1)", 1).get_weights() for one in (found, finished[1])]
    assert all(np.array_equal(a, b) for a, b in zip(*weights, strict=True))
    assert len(found.extend(repeats=3, progress=False).runs) == 9
    with pytest.raises(wane.InputError, match="which differs in its data"):
        wane.load_study(tmp_path / "s", network(), x + 1, y)
    with pytest.raises(wane.InputError, match="The rows of a study go with its model"):
        wane.load_study(tmp_path / "s", x=x, y=y)


@pytest.mark.thorough
def test_comparisons_and_paths_are_loaded_too(
    tmp_path: Path, monkeypatch: pytest.MonkeyPatch
) -> None:
    without_figures(monkeypatch)
    compared = study().compare(["l2", "l1"], settings=2, folder=tmp_path / "c", progress=False)
    found = wane.load_study(tmp_path / "c")
    assert isinstance(found, wane.Comparison) and found.document == compared.document
    pd.testing.assert_frame_equal(found.methods, compared.methods)
    x, y = data()
    whole = wane.load_study(tmp_path / "c", network(), x, y)
    assert isinstance(whole, wane.Comparison) and whole.document == compared.document
    with pytest.raises(wane.InputError, match="A comparison of methods takes no further cand"):
        whole.result.extend(candidates=[wane.L2(3.0)])
    path = study().path(wane.L2, [0.01, 0.1], folder=tmp_path / "p", progress=False)
    again = wane.load_study(tmp_path / "p")
    assert isinstance(again, wane.PathResult) and again.document == path.document
    pd.testing.assert_frame_equal(again.runs, path.runs)
    assert again.plot().axes and again.spec.names == path.spec.names
    with pytest.raises(wane.InputError, match="call the path"):
        again.weights(0.1)
    with pytest.raises(wane.InputError, match="holds a path, which is read from its folder alone"):
        wane.load_study(tmp_path / "p", network(), x, y)


def damaged(folder: Path, name: str, **change: Any) -> None:
    document = json.loads((folder / name).read_text(encoding="utf-8"))
    (folder / name).write_text(json.dumps({**document, **change}), encoding="utf-8")


def test_what_is_no_finished_study_of_this_version(
    finished: tuple[Path, wane.Result], tmp_path: Path
) -> None:
    folder = tmp_path / "s"
    shutil.copytree(finished[0], folder)
    with pytest.raises(wane.InputError, match=r"'.*' holds no study \(study.json is not there\)"):
        wane.load_study(tmp_path)
    with pytest.raises(wane.InputError, match="holds no study"):
        wane.load_study(tmp_path / "nothing")
    (folder / "runs.parquet").write_bytes(b"none")
    with pytest.raises(wane.InputError, match=r"runs.parquet' is no table of a study"):
        wane.load_study(folder)
    (folder / "runs.parquet").unlink()
    with pytest.raises(wane.InputError, match=r"lacks runs.parquet, which a finished study has"):
        wane.load_study(folder)
    damaged(folder, "summary.json", verdict=None)
    with pytest.raises(wane.InputError, match="The document is none of this version of wane"):
        wane.load_study(folder)
    (folder / "summary.json").unlink()
    with pytest.raises(wane.InputError) as caught:
        wane.load_study(folder)
    assert str(caught.value) == (
        f"The study in {str(folder)!r} has not finished: call its run(...) once more in Python."
    )
    damaged(folder, "study.json", schema=1)
    with pytest.raises(wane.InputError, match="was written by another version of wane"):
        wane.load_study(folder)


def test_a_study_without_best_model_says_so(
    finished: tuple[Path, wane.Result], tmp_path: Path
) -> None:
    shutil.copytree(finished[0], tmp_path / "s")
    (tmp_path / "s" / "best.keras").unlink()
    found = wane.load_study(tmp_path / "s")
    assert isinstance(found, LoadedResult)
    with pytest.raises(wane.InputError, match=r"has no best\.keras"):
        found.best_model()
