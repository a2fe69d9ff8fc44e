"""A finished folder gives the verdict that was written, wherever one looks, and is not evaluated
anew: another version may have written it in other words."""

import json
from pathlib import Path
from typing import Any

import pytest

import wane
from interruption_cases import without_figures
from study_cases import study

OTHER = "As another version put it."


def reworded(folder: Path, *path: str) -> None:
    """Change a text of the summary, as another version might have written it."""
    place = folder / "summary.json"
    document = json.loads(place.read_text(encoding="utf-8"))
    part = document
    for key in path[:-1]:
        part = part[key]
    assert part[path[-1]] and part[path[-1]] != OTHER
    part[path[-1]] = OTHER
    place.write_text(json.dumps(document), encoding="utf-8")


@pytest.fixture(autouse=True)
def quick(monkeypatch: pytest.MonkeyPatch) -> None:
    without_figures(monkeypatch)
    monkeypatch.setattr("wane.report.figures.png", lambda _: b"a picture")


def forbid_evaluation(monkeypatch: pytest.MonkeyPatch) -> None:
    """Nothing may be evaluated or written any more."""

    def evaluated(*_: Any, **__: Any) -> None:
        raise AssertionError("it was evaluated or written anew")

    for name in ("run.study_document", "run.write_results", "run.write_summary", "path.write_path",
                 "path.path_document"):  # fmt: skip
        monkeypatch.setattr(f"wane.study.{name}", evaluated)


def test_a_study_s_verdict_is_the_one_in_the_folder(
    tmp_path: Path, monkeypatch: pytest.MonkeyPatch
) -> None:
    folder = tmp_path / "study"
    first = study().run(folder, progress=False)
    reworded(folder, "verdict", "text")
    before = {path: path.stat().st_mtime_ns for path in folder.rglob("*") if path.suffix != ".db"}
    forbid_evaluation(monkeypatch)
    again = study().run(folder, progress=False)
    assert again.verdict.text == OTHER != first.verdict.text
    assert again.document["verdict"]["text"] == OTHER
    flowing = " ".join(str(again).split())
    assert flowing.endswith(f"{again.verdict.answer} {OTHER}")
    assert again.verdict.answer == first.verdict.answer  # the folder has it as it was
    assert first.verdict.text not in flowing
    on_disk = json.loads((folder / "summary.json").read_text(encoding="utf-8"))
    assert again.document == on_disk
    assert {path: path.stat().st_mtime_ns for path in before} == before
    assert again.runs.equals(first.runs)
    assert {**first.document, "verdict": None} == {**again.document, "verdict": None}


@pytest.mark.thorough
def test_a_comparison_s_verdict_is_the_one_in_the_folder(
    tmp_path: Path, monkeypatch: pytest.MonkeyPatch
) -> None:
    def compared() -> wane.Comparison:
        return study().compare(["l2", "l1"], settings=2, folder=tmp_path / "c", progress=False)

    first = compared()
    reworded(tmp_path / "c", "compare", "text")
    forbid_evaluation(monkeypatch)
    again = compared()
    assert again.verdict == again.document["text"] == OTHER != first.verdict
    assert again.result.record.compare is not None
    assert again.result.record.compare.text == OTHER
    assert again.methods.equals(first.methods) and again.pairs.equals(first.pairs)


def test_a_path_s_verdict_is_the_one_in_the_folder(
    tmp_path: Path, monkeypatch: pytest.MonkeyPatch
) -> None:
    def trained() -> wane.PathResult:
        return study().path(wane.L2, [0.01, 0.1], folder=tmp_path / "p", progress=False)

    first = trained()
    reworded(tmp_path / "p", "text")
    forbid_evaluation(monkeypatch)
    again = trained()
    assert again.verdict == again.document["text"] == again.record.text == OTHER != first.verdict
    assert OTHER in repr(again)


@pytest.mark.parametrize(
    ("change", "text"),
    [
        ({"verdict": None}, r"The document is none of this version of wane \("),
        ({"chosen": 3}, r"The document is none of this version of wane \("),
    ],
)
def test_a_summary_that_no_version_wrote_is_refused(
    change: dict[str, Any], text: str, tmp_path: Path
) -> None:
    folder = tmp_path / "study"
    study().run(folder, progress=False)
    place = folder / "summary.json"
    written = json.dumps({**json.loads(place.read_text(encoding="utf-8")), **change})
    place.write_text(written, encoding="utf-8")
    with pytest.raises(wane.InputError, match=text):
        study().run(folder, progress=False)
    assert place.read_text(encoding="utf-8") == written


@pytest.mark.thorough
def test_a_study_grows_where_it_is_though_the_process_has_moved(
    tmp_path: Path, monkeypatch: pytest.MonkeyPatch
) -> None:
    (tmp_path / "elsewhere").mkdir()
    monkeypatch.chdir(tmp_path)
    result = study(candidates=[wane.L2(1.0)]).run("mine", progress=False)
    monkeypatch.chdir(tmp_path / "elsewhere")
    grown = result.extend(repeats=len(result.runs) // 2 + 1, progress=False)
    assert len(grown.runs) == len(result.runs) + 2
    assert not list((tmp_path / "elsewhere").iterdir())
