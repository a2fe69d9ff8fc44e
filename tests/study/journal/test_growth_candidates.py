"""A study is given further candidates: what is there stays, and only what is new is trained."""

import json
from pathlib import Path
from typing import Any

import keras
import pytest

import wane
from interruption_cases import interrupt, rows, without_figures
from study_cases import data, network, study

RUNS = "SELECT * FROM run ORDER BY candidate, repeat"


@pytest.fixture(autouse=True)
def quick(monkeypatch: pytest.MonkeyPatch) -> None:
    without_figures(monkeypatch)
    monkeypatch.setattr("wane.report.figures.png", lambda _: b"a picture")


def content(folder: Path) -> dict[str, bytes]:
    return {str(path): path.read_bytes() for path in folder.rglob("*") if path.is_file()}


def by_candidate(result: wane.Result) -> Any:
    return result.runs.sort_values(["candidate", "repeat"]).reset_index(drop=True)


def test_further_strengths_are_those_of_a_study_planned_so(tmp_path: Path) -> None:
    first = study().run(tmp_path / "grown", progress=False)
    before = rows(tmp_path / "grown", RUNS)
    grown = first.extend(candidates=[wane.L2(0.01), wane.L2(0.001)], progress=False)
    planned = study(candidates=[wane.L2(0.01), wane.L2(0.001)]).run(progress=False)
    assert by_candidate(grown).equals(by_candidate(planned))
    assert rows(tmp_path / "grown", RUNS)[: len(before)] == before
    assert len(first.runs) == 4 and len(grown.runs) == 6
    about = grown.document["study"]
    assert [(one["repeats"], one["added"]) for one in about["looks"]] == [
        (2, []),
        (2, ["L2(0.001)"]),
    ]
    assert "look 2 of this study, the first with L2(0.001), level 0.76 %;" in grown.verdict.text
    kept = json.loads((tmp_path / "grown" / "summary-look-1.json").read_text(encoding="utf-8"))
    assert kept == first.document
    # The same study again, in any order, is this one; with what is there it has nothing to do.
    again = study(candidates=[wane.L2(0.001), wane.L2(0.01)]).run(
        tmp_path / "grown", progress=False
    )
    assert again.document == grown.document
    assert grown.extend(candidates=[wane.L2(0.001)], progress=False).document == grown.document


@pytest.mark.thorough
@pytest.mark.parametrize("options", [{}, {"validation": data(seed=1), "test": data(seed=2)}])
def test_candidates_of_other_kinds_leave_earlier_runs_as_they_are(
    options: dict[str, Any], tmp_path: Path
) -> None:
    """Also in repeats that come later: their program is that of the beginning."""
    folder = tmp_path / "grown"
    first = study(**options).run(folder, progress=False)
    before = rows(folder, RUNS)
    others: list[Any] = [wane.L1(0.01), wane.EarlyStopping(1), wane.L2(0.1, on=("bias",)),
              wane.L2(wane.schedule.linear(0, 0.1, epochs=2))]  # fmt: skip
    grown = first.extend(repeats=3, candidates=others, progress=False)
    longer = study(**options, repeats=3).run(tmp_path / "longer", progress=False)
    assert rows(folder, RUNS.replace("ORDER", "WHERE candidate < 2 AND repeat < 2 ORDER")) == before
    own = "SELECT * FROM run WHERE candidate < 2 ORDER BY candidate, repeat"
    assert rows(folder, own) == rows(tmp_path / "longer", own)
    assert len(grown.runs) == 3 * 6 and len(longer.runs) == 6
    assert list(grown.document["study"]["looks"][1]["added"]) == list(grown.spec.names[2:])
    assert grown.model(others[0], 2) is not None
    spec = wane.StudySpec.from_dict(json.loads((folder / "study.json").read_text()))
    assert set(spec.names) == set(grown.spec.names)
    x, y = data()
    given = {name: options[name] for name in options}
    made = wane.Study.from_spec(spec, network(), x, y, **given)
    assert made.run(folder, progress=False).document == grown.document


@pytest.mark.thorough
def test_what_a_study_has_added_by_itself_is_kept_and_not_trained_again(tmp_path: Path) -> None:
    options: dict[str, Any] = {
        "model": network("binary", keras.optimizers.Adam(0.05)), "validation": data(seed=3),
        "epochs": 40, "extend": True, "repeats": 4,
        "candidates": wane.sweep(wane.L2, (1e-4, 1e-3)),
    }  # fmt: skip
    first = study(**options).run(tmp_path, progress=False)
    by_itself = first.spec.candidates[3:]
    assert by_itself, "it added none"
    same = first.extend(candidates=list(by_itself), progress=False)
    assert same.document == first.document
    before = rows(tmp_path, RUNS)
    grown = first.extend(candidates=[wane.L2(3e-4)], progress=False)
    assert rows(tmp_path, "SELECT * FROM run WHERE candidate < 3 ORDER BY candidate, repeat") == [
        row for row in before if row[0] < 3
    ]
    assert grown.spec.candidates[: len(first.spec.candidates)] == first.spec.candidates
    assert grown.spec.names[len(first.spec.names)] == "L2(0.0003)"
    steps = [step for (step,) in rows(tmp_path, "SELECT step FROM addition ORDER BY number")]
    assert steps.count("given") == 1 and steps[0] == "extended"


@pytest.mark.thorough
def test_candidates_that_were_given_later_must_be_given_again(tmp_path: Path) -> None:
    study().run(tmp_path, progress=False).extend(candidates=[wane.L2(0.1)], progress=False)
    before = content(tmp_path)
    with pytest.raises(wane.InputError) as caught:
        study().run(tmp_path, progress=False)
    assert str(caught.value) == (
        f"{str(tmp_path)!r} holds this study with candidates that were given later ('L2(0.1)'); "
        f"nothing was written: give these too, or a new folder."
    )
    with pytest.raises(wane.InputError, match=r"holds another study, which differs in its cand"):
        study(candidates=[wane.L2(0.1)]).run(tmp_path, progress=False)
    assert content(tmp_path) == before


@pytest.mark.thorough
def test_growth_that_is_interrupted_is_resumed_with_all_candidates(
    tmp_path: Path, monkeypatch: pytest.MonkeyPatch
) -> None:
    first = study(epochs=12).run(tmp_path / "g", progress=False)
    more = [wane.L2(0.1), wane.L2(1.0)]
    with monkeypatch.context() as patch:
        interrupt(patch, after=5)
        with pytest.raises(wane.Interrupted):
            first.extend(candidates=more, progress=False)
    whole = study(epochs=12, candidates=[wane.L2(0.01), *more])
    found = whole.run(tmp_path / "g", progress=False)
    assert by_candidate(found).equals(by_candidate(whole.run(progress=False)))
    assert len(found.document["study"]["looks"]) == 2


REFUSED: dict[str, tuple[dict[str, Any], dict[str, Any], str]] = {
    "nothing": ({}, {}, "What to extend the study by is not said: give repeats, candidates or"),
    "a network": (
        {},
        {"candidates": [wane.Network(network(), "twin")]},
        "twin cannot be given to a study that has begun, which takes wane's own penalties",
    ),
    "no candidate": ({}, {"candidates": [3]}, "A candidate must be a penalty"),
    "halving": (
        {"halving": True, "repeats": 4},
        {"candidates": [wane.L2(0.1)]},
        "holds a study with halving of 4 repeats, which cannot be trained further since later "
        "steps depend on all runs; nothing was written: give a new folder for all of them, or "
        "those that there were to resume it.",
    ),
    "fewer": ({}, {"repeats": 1}, "has 2 repeats already, and 1 are fewer"),
    "no number": ({}, {"repeats": "many"}, "repeats must be a whole number of at least 1"),
}


@pytest.mark.parametrize("name", REFUSED)
def test_what_a_study_cannot_be_given(name: str, tmp_path: Path) -> None:
    options, given, expected = REFUSED[name]
    result = study(**options).run(tmp_path, progress=False)
    before = content(tmp_path)
    with pytest.raises(wane.InputError) as caught:
        result.extend(**given, progress=False)
    assert expected in str(caught.value)
    assert content(tmp_path) == before


@pytest.mark.thorough
def test_a_study_without_a_folder_grows_beside_itself() -> None:
    first = study().run(progress=False)
    second = first.extend(candidates=[wane.L2(0.1)], progress=False)
    third = second.extend(repeats=3, progress=False)
    assert [len(one.runs) for one in (first, second, third)] == [4, 6, 9]
    assert [len(one.curves) for one in (first, second, third)] == [8, 12, 18]
    looks = third.document["study"]["looks"]
    assert [(one["repeats"], len(one["added"])) for one in looks] == [(2, 0), (2, 1), (3, 0)]


@pytest.mark.thorough
def test_rows_that_are_drawn_for_each_repeat_are_drawn_for_more() -> None:
    def make(repeats: int) -> wane.Study:
        validation = wane.Fresh(lambda count, seed: data(rows=count, seed=seed), 12, 8)
        return study(x=None, y=None, validation=validation, repeats=repeats)

    grown = make(2).run(progress=False).extend(repeats=4, progress=False)
    assert grown.runs.equals(make(4).run(progress=False).runs)


@pytest.mark.thorough
def test_a_study_until_decided_looks_at_new_candidates_where_it_ended(tmp_path: Path) -> None:
    first = study(until_decided=True, repeats=10).run(tmp_path, progress=False)
    grown = first.extend(candidates=[wane.L2(0.1)], progress=False)
    looks = grown.document["study"]["looks"]
    assert [(one["repeats"], list(one["added"])) for one in looks] == [(10, []), (10, ["L2(0.1)"])]


@pytest.mark.thorough
def test_a_study_of_so_many_minutes_trains_new_candidates_as_far_as_the_others() -> None:
    first = study(minutes=0.2, repeats=6).run(progress=False)
    grown = first.extend(candidates=[wane.L2(0.1)], progress=False)
    assert set(grown.runs["repeat"]) == set(first.runs["repeat"])
    assert grown.runs.groupby("candidate")["repeat"].count().nunique() == 1
