"""A folder's study is given more repeats: what is there stays, and the whole is as if planned."""

import json
from collections.abc import Callable
from pathlib import Path
from typing import Any

import numpy as np
import pytest
from sklearn.model_selection import KFold, ShuffleSplit

import wane
from interruption_cases import as_planned, interrupt, rows, without_figures
from study_cases import data, network, study
from thorough_cases import thorough_but


def generate(count: int, seed: int) -> tuple[np.ndarray, np.ndarray]:
    return data(rows=count, seed=seed)


def from_function(**options: Any) -> wane.Study:
    return study(model=network, **options)


def fresh(**options: Any) -> wane.Study:
    validation = wane.Fresh(generate, train=12, validation=8)
    return study(x=None, y=None, validation=validation, **options)


KINDS: dict[str, tuple[Callable[..., wane.Study], dict[str, Any]]] = {
    "seeds": (study, {"validation": data(seed=1)}),
    "fraction": (study, {"validation": 0.3}),
    "fraction of classes and a test set": (study, {"task": "multiclass", "test": 0.2}),
    "scaled target": (study, {"task": "regression", "standardize_target": True}),
    "subsample": (study, {"validation": wane.Subsample(12, 8)}),
    "splitter": (study, {"validation": KFold(2)}),
    "fresh": (fresh, {}),
    "function": (from_function, {"validation": data(seed=1)}),
    "parts of the rows": (study, {"validation": 0.3, "learning_curve": True}),
}


@pytest.fixture(autouse=True)
def quick(monkeypatch: pytest.MonkeyPatch) -> None:
    without_figures(monkeypatch)
    monkeypatch.setattr("wane.report.figures.png", lambda _: b"a picture")


def content(folder: Path) -> dict[str, bytes]:
    return {str(path): path.read_bytes() for path in folder.rglob("*") if path.is_file()}


@pytest.mark.parametrize("kind", thorough_but(["fraction", "seeds"], KINDS))
def test_a_grown_study_is_the_longer_one_to_the_bit(kind: str, tmp_path: Path) -> None:
    make, options = KINDS[kind]
    first = make(**options, repeats=2).run(tmp_path / "grown", progress=False)
    before = rows(tmp_path / "grown", "SELECT * FROM run ORDER BY candidate, repeat")
    grown = make(**options, repeats=4).run(tmp_path / "grown", progress=False)
    make(**options, repeats=4).run(tmp_path / "planned", progress=False)
    assert as_planned(tmp_path / "grown") == as_planned(tmp_path / "planned")
    kept = "SELECT * FROM run WHERE repeat < 2 ORDER BY candidate, repeat"
    assert rows(tmp_path / "grown", kept) == before
    assert len(first.runs) == 4 and len(grown.runs) == 8
    looks = grown.document["study"]["looks"]
    assert [(one["number"], one["repeats"]) for one in looks] == [(1, 2), (2, 4)]
    assert [one["level"] for one in looks] == pytest.approx([0.05, 0.0075991], abs=1e-7)
    assert "This is look 2 of this study, level 0.76 %" in grown.verdict.text
    assert "this study" not in first.verdict.text


@pytest.mark.thorough
def test_a_study_of_one_repeat_grows(tmp_path: Path) -> None:
    """Its only split is shared by all of its repeats, which it is not when there are others."""
    for folder, counts in (("grown", (1, 3)), ("planned", (3,))):
        for repeats in counts:
            study(validation=0.3, repeats=repeats).run(tmp_path / folder, progress=False)
    assert as_planned(tmp_path / "grown") == as_planned(tmp_path / "planned")


@pytest.mark.thorough
def test_the_answer_of_an_earlier_look_is_kept(tmp_path: Path) -> None:
    first = study(repeats=2).run(tmp_path, progress=False)
    study(repeats=3).run(tmp_path, progress=False)
    third = study(repeats=5).run(tmp_path, progress=False)
    kept = json.loads((tmp_path / "summary-look-1.json").read_text(encoding="utf-8"))
    assert kept == first.document and (tmp_path / "summary-look-2.json").exists()
    assert [look["number"] for look in third.document["study"]["looks"]] == [1, 2, 3]
    assert third.document["study"]["planned_repeats"] == 5
    on_disk = json.loads((tmp_path / "summary.json").read_text(encoding="utf-8"))
    assert third.document == on_disk
    again = study(repeats=5).run(tmp_path, progress=False)
    assert again.document == third.document and len(again.runs) == len(third.runs)
    assert rows(tmp_path, "SELECT count(*) FROM look") == [(3,)]


def test_fewer_repeats_than_there_are_is_refused(tmp_path: Path) -> None:
    study(repeats=3).run(tmp_path, progress=False)
    before = content(tmp_path)
    with pytest.raises(wane.InputError) as caught:
        study(repeats=2).run(tmp_path, progress=False)
    assert str(caught.value) == (
        f"{str(tmp_path)!r} has 3 repeats already, and 2 are fewer; nothing was written: give at "
        f"least 3 repeats, or a new folder."
    )
    assert content(tmp_path) == before


def test_changed_data_is_refused_and_the_rest_stands(tmp_path: Path) -> None:
    first = study(repeats=2).run(tmp_path, progress=False)
    before = content(tmp_path)
    x, y = data()
    changed = x.copy()
    changed[0, 0] += 1
    for own in ((changed, y), data(rows=31)):
        with pytest.raises(
            wane.InputError, match=r"holds another study, which differs in its .*data"
        ):
            study(x=own[0], y=own[1], repeats=4).run(tmp_path, progress=False)
    assert content(tmp_path) == before
    assert study(repeats=2).run(tmp_path, progress=False).document == first.document


def test_other_rows_of_a_generator_are_refused(tmp_path: Path) -> None:
    fresh(repeats=2).run(tmp_path, progress=False)
    before = content(tmp_path)

    def others(count: int, seed: int) -> tuple[np.ndarray, np.ndarray]:
        return data(rows=count, seed=seed + 1)

    validation = wane.Fresh(others, train=12, validation=8)
    with pytest.raises(wane.InputError, match=r"which differs in its .*split of the rows"):
        study(x=None, y=None, validation=validation, repeats=4).run(tmp_path, progress=False)
    assert content(tmp_path) == before


@pytest.mark.parametrize(
    ("options", "what"),
    [
        ({"halving": True}, "a study with halving"),
        ({"refine": True}, "a study with refining"),
    ],
)
def test_what_depends_on_all_repeats_does_not_grow(
    options: dict[str, Any], what: str, tmp_path: Path
) -> None:
    study(**options, repeats=4).run(tmp_path, progress=False)
    before = content(tmp_path)
    with pytest.raises(wane.InputError) as caught:
        study(**options, repeats=6).run(tmp_path, progress=False)
    assert str(caught.value) == (
        f"{str(tmp_path)!r} holds {what} of 4 repeats, which cannot be trained further since later "
        f"steps depend on all repeats; nothing was written: give a new folder for 6, or the same "
        f"number to resume it."
    )
    assert content(tmp_path) == before


@pytest.mark.thorough
def test_comparisons_and_paths_do_not_grow(tmp_path: Path) -> None:
    def compare(repeats: int) -> Any:
        folder = tmp_path / "c"
        own = study(repeats=repeats)
        return own.compare(["l2", "l1"], settings=2, folder=folder, progress=False)

    def path(repeats: int) -> Any:
        return study(repeats=repeats).path(wane.L2, [0.1], folder=tmp_path / "p", progress=False)

    for train, what in ((compare, "a comparison of methods"), (path, "a path")):
        train(2)
        with pytest.raises(wane.InputError, match=f"holds {what} of 2 repeats, which cannot be"):
            train(3)
        train(2)


@pytest.mark.thorough
def test_another_number_of_a_splitter_s_splits_is_another_study(tmp_path: Path) -> None:
    def split(count: int) -> wane.Study:
        return study(validation=ShuffleSplit(count, random_state=0), repeats=None)

    split(2).run(tmp_path, progress=False)
    # Not in its repeats too, of which there may be more.
    with pytest.raises(wane.InputError, match="which differs in its validation;"):
        split(4).run(tmp_path, progress=False)


@pytest.mark.thorough
def test_growth_that_is_interrupted_is_resumed(
    tmp_path: Path, monkeypatch: pytest.MonkeyPatch
) -> None:
    def make(repeats: int) -> wane.Study:
        return study(repeats=repeats, epochs=12, validation=data(seed=1))

    make(4).run(tmp_path / "planned", progress=False)
    folder = tmp_path / "grown"
    make(2).run(folder, progress=False)
    with monkeypatch.context() as patch:
        interrupt(patch, after=6)
        with pytest.raises(wane.Interrupted, match="of 8 runs had finished; they are kept in"):
            make(4).run(folder, progress=False)
    assert not (folder / "summary.json").exists() and (folder / "summary-look-1.json").exists()
    with pytest.raises(wane.InputError, match=r"has \d repeats already|differs"):
        make(1).run(folder, progress=False)
    found = make(4).run(folder, progress=False)
    assert as_planned(folder) == as_planned(tmp_path / "planned")
    assert [look["repeats"] for look in found.document["study"]["looks"]] == [2, 4]


@pytest.mark.thorough
@pytest.mark.parametrize("repeats", [2, 4])
def test_a_process_that_is_killed_as_a_study_begins_to_grow(
    repeats: int, tmp_path: Path, monkeypatch: pytest.MonkeyPatch
) -> None:
    """Its answer is set aside, and the statement of the longer study not yet written."""
    first = study(repeats=2).run(tmp_path, progress=False)

    def killed(*_: Any) -> None:
        raise KeyboardInterrupt

    with monkeypatch.context() as patch:
        patch.setattr("wane.study.journal.folder.write_json", killed)
        with pytest.raises(KeyboardInterrupt):
            study(repeats=4).run(tmp_path, progress=False)
    assert not (tmp_path / "summary.json").exists()
    found = study(repeats=repeats).run(tmp_path, progress=False)
    looks = found.document["study"]["looks"]
    assert [one["repeats"] for one in looks] == [2, 4][: repeats // 2]
    if repeats == 2:
        assert found.verdict.text == first.verdict.text


@pytest.mark.thorough
def test_more_repeats_before_the_first_look_are_one_look(
    tmp_path: Path, monkeypatch: pytest.MonkeyPatch
) -> None:
    with monkeypatch.context() as patch:
        interrupt(patch, after=6)
        with pytest.raises(wane.Interrupted):
            study(repeats=3, epochs=12).run(tmp_path, progress=False)
    found = study(repeats=4, epochs=12).run(tmp_path, progress=False)
    (look,) = found.document["study"]["looks"]
    assert (look["number"], look["repeats"], look["level"]) == (1, 4, 0.05)


def test_a_study_of_other_versions_does_not_grow(tmp_path: Path) -> None:
    """Though it is finished, and could be shown again."""
    study(repeats=2).run(tmp_path, progress=False)
    place = tmp_path / "study.json"
    statement = json.loads(place.read_text(encoding="utf-8"))
    statement["versions"]["jax"] = "0.0.1"
    place.write_text(json.dumps(statement), encoding="utf-8")
    assert len(study(repeats=2).run(tmp_path, progress=False).runs) == 4
    with pytest.raises(wane.InputError, match=r"was begun with jax 0\.0\.1, and this is jax "):
        study(repeats=4).run(tmp_path, progress=False)
