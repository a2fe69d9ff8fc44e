"""Refining and halving: which candidates are trained, how often, and what results then say."""

from pathlib import Path
from typing import Any

import keras
import numpy as np
import pytest

import wane
from interruption_cases import without_figures
from study_cases import data, network, study
from wane.penalties import strength_of
from wane.study.journal.journal import Journal
from wane.study.search.refining import refinements

VALIDATION = data(rows=30, seed=3)
STRENGTHS = (0.001, 0.01, 0.1)


def curve(means: list[float], spread: float = 0.0) -> np.ndarray:
    """Losses of the baseline and further candidates with these means, [candidates, 4]."""
    return np.array(means)[:, None] + spread * np.array([-1.0, 1.0, -1.0, 1.0])


def added(candidates: list[Any], losses: np.ndarray) -> list[float]:
    return [strength_of(new) for new in refinements([(), *candidates], losses)]


def test_quarters_and_halves_of_the_way_to_both_neighbours_are_added() -> None:
    candidates = list(wane.sweep(wane.L2, STRENGTHS))
    found = added(candidates, curve([0.5, 0.4, 0.3, 0.6]))
    assert found == [0.00316, 0.00562, 0.0178, 0.0316]


def test_a_best_strength_at_the_end_is_refined_beyond_it() -> None:
    candidates = list(wane.sweep(wane.L2, STRENGTHS))
    found = added(candidates, curve([0.5, 0.4, 0.3, 0.2]))
    assert found == [0.0316, 0.0562, 0.178, 0.316]


def test_every_valley_within_one_standard_error_is_refined_and_no_other() -> None:
    candidates = list(wane.sweep(wane.L2, (1e-5, 1e-4, 1e-3, 1e-2, 1e-1)))
    means = [0.5, 0.31, 0.6, 0.6, 0.3, 0.6]
    both = added(candidates, curve(means, spread=0.1))
    one = added(candidates, curve(means, spread=0.001))
    assert len(both) == 8 and min(both) < 1e-5
    assert one == [s for s in both if s > 1e-3] and len(one) == 4


def test_strengths_of_each_kind_and_target_are_a_curve_of_their_own() -> None:
    candidates = [
        *wane.sweep(wane.L2, (0.01, 0.1)), *wane.sweep(wane.L1, (0.01, 0.1)),
        (wane.L2(0.3), wane.L1(0.2)),
    ]  # fmt: skip
    new = refinements([(), *candidates], curve([0.9, 0.8, 0.5, 0.3, 0.6, 0.4]))
    assert {type(change) for candidate in new for change in candidate} == {wane.L1}
    mixed = [wane.L1L2(0.01, 0.03), wane.L1L2(0.1, 0.3)]
    new = refinements([(), *[(m,) for m in mixed]], curve([0.9, 0.4, 0.5]))
    assert new
    for (penalty,) in new:
        assert isinstance(penalty, wane.L1L2)
        weaker, stronger = penalty.strengths_at()
        assert stronger == pytest.approx(3 * weaker, rel=1e-4)


def test_nothing_is_refined_where_the_baseline_is_best_or_all_diverged() -> None:
    candidates = list(wane.sweep(wane.L2, STRENGTHS))
    assert added(candidates, curve([0.1, 0.4, 0.3, 0.6])) == []
    assert added(candidates, np.full((4, 4), np.nan)) == []


def made(**options: Any) -> wane.Study:
    usual: dict[str, Any] = {
        "model": network("binary", keras.optimizers.Adam(0.05)), "validation": VALIDATION,
        "candidates": wane.sweep(wane.L2, STRENGTHS), "epochs": 40, "repeats": 4,
    }  # fmt: skip
    return study(**{**usual, **options})


@pytest.fixture(scope="module")
def refined() -> wane.Result:
    return made(refine=True).run(progress=False)


@pytest.mark.thorough
def test_what_nothing_may_choose_keeps_no_strength_from_being_refined(
    monkeypatch: pytest.MonkeyPatch,
) -> None:
    """The epoch that validation rows chose would be far better than every penalty on these."""
    losses = curve([0.5, 0.1, 0.4, 0.3, 0.6])
    monkeypatch.setattr("wane.study.running.rounds._losses", lambda *_: losses.copy())
    candidates = [(wane.EarlyStopping(1),), *wane.sweep(wane.L2, STRENGTHS)]
    spec = made(refine=True, candidates=candidates, epochs=2).run(progress=False).spec
    assert [strength_of(new) for new in spec.candidates[5:]] == [0.00316, 0.00562, 0.0178, 0.0316]


def test_what_nothing_may_choose_makes_no_candidate_fall_behind(
    monkeypatch: pytest.MonkeyPatch,
) -> None:
    losses = np.repeat([[0.5], [0.1], [0.12], [0.14], [0.3]], 8, axis=1)
    monkeypatch.setattr("wane.study.running.rounds._losses", lambda *_: losses.copy())
    candidates = [*((wane.EarlyStopping(patience),) for patience in (1, 2, 3)), (wane.L2(0.01),)]
    result = made(halving=True, repeats=8, candidates=candidates, epochs=2).run(progress=False)
    assert set(result.runs.groupby("candidate").size()) == {8}


def test_a_refined_study_is_one_study_of_all_its_strengths(refined: wane.Result) -> None:
    assert refined._traces == 1
    strengths = refined.summary()["strength"]
    assert len(strengths) > 4 and strengths.is_monotonic_increasing  # new ones among the others
    shown = [one["name"] for one in refined.document["candidates"]]
    assert shown == refined.summary()["candidate"].tolist()
    compared = refined.comparisons()
    for _, own in compared.groupby("metric"):
        assert own["candidate"].tolist() == shown[1:]
    means = refined.runs.groupby("candidate")["validation_data_loss"].mean()
    for row in compared[compared["metric"] == "data_loss"].to_dict("records"):
        gap = means[row["candidate"]] - means["baseline"]
        assert row["difference"] == pytest.approx(gap, abs=1e-6)
    assert len(refined.spec.names) > 4
    assert (refined.runs.groupby("candidate").size() == 4).all()
    plain = made(candidates=refined.spec.candidates).run(progress=False)
    columns = ["candidate", "repeat", "validation_data_loss", "penalty_value"]
    assert refined.runs[columns].equals(plain.runs[columns])
    assert refined.chosen == plain.chosen
    assert refined.verdict.text == plain.verdict.text
    assert len(refined.document["candidates"]) == len(refined.spec.names)
    assert refined.model(refined.chosen).built


@pytest.mark.thorough
def test_a_refined_study_that_is_there_already_is_read_again(
    tmp_path: Path, monkeypatch: pytest.MonkeyPatch
) -> None:
    without_figures(monkeypatch)
    options: dict[str, Any] = {"refine": True, "repeats": 3, "epochs": 5}
    first = made(**options).run(tmp_path / "s", progress=False)
    again = made(**options).run(tmp_path / "s", progress=False)
    assert again.document == first.document
    assert again.spec.names == first.spec.names


def test_a_refined_study_that_was_stopped_in_its_new_strengths_is_resumed(
    refined: wane.Result, tmp_path: Path, monkeypatch: pytest.MonkeyPatch
) -> None:
    """Regression: runs of strengths that were not known again yet could not be read."""
    options: dict[str, Any] = {"refine": True}
    known = len(made(**options).spec.names)
    assert len(refined.spec.names) > known
    without_figures(monkeypatch)

    def add(self: Journal, trained: Any, add: Any = Journal.add) -> None:
        add(self, trained)
        if trained.run.candidate > known:
            raise KeyboardInterrupt

    with monkeypatch.context() as patch, pytest.raises(wane.Interrupted):
        patch.setattr(Journal, "add", add)
        made(**options).run(tmp_path / "stopped", progress=False)
    stopped = made(**options).run(tmp_path / "stopped", progress=False)
    assert stopped.runs.equals(refined.runs)


WEAK = (1e-6, 1e-5)
"""So weak that the best of them is the stronger one, and stronger ones are better."""


def weak(**options: Any) -> wane.Study:
    return made(extend=True, candidates=wane.sweep(wane.L2, WEAK), **options)


@pytest.fixture(scope="module")
def extended() -> wane.Result:
    return weak(epochs=60).run(progress=False)


def test_a_study_goes_on_beyond_its_strongest_strength_and_tries_early_stopping(
    extended: wane.Result,
) -> None:
    names = extended.spec.names
    strengths = extended.summary()["strength"].dropna().tolist()
    assert "L2(0.001)" in names and max(strengths) >= 0.01
    assert sum(name.startswith("EarlyStopping") for name in names) == 1
    shown = extended.summary()["candidate"].tolist()
    of_penalty = [one for one in shown if one.startswith("L2")]
    assert of_penalty == sorted(of_penalty, key=lambda one: float(one[3:-1]))
    assert (extended.runs.groupby("candidate").size() == 4).all()
    best = extended.summary().set_index("candidate")["validation_data_loss_mean"]
    assert best[extended.chosen] < best["L2(1e-05)"]
    assert "so the study went on to L2(0.0001), L2(0.001)" in extended.verdict.text
    # Its epoch was selected on the validation rows, and there are no others.
    assert extended.spec.ineligible == ((wane.EarlyStopping(6),),)
    assert extended.chosen.startswith("L2")
    plain = made(candidates=extended.spec.candidates, epochs=60).run(progress=False)
    columns = ["candidate", "repeat", "validation_data_loss", "penalty_value"]
    both = (r.runs[columns].sort_values(["candidate", "repeat"]) for r in (extended, plain))
    assert next(both).reset_index(drop=True).equals(next(both).reset_index(drop=True))
    assert extended.model("EarlyStopping(6)").built


@pytest.mark.thorough
def test_an_extended_study_that_was_stopped_is_resumed_and_given_more_repeats(
    extended: wane.Result, tmp_path: Path, monkeypatch: pytest.MonkeyPatch
) -> None:
    without_figures(monkeypatch)

    def add(self: Journal, trained: Any, add: Any = Journal.add) -> None:
        add(self, trained)
        if trained.run.candidate > len(WEAK) + 1:
            raise KeyboardInterrupt

    with monkeypatch.context() as patch, pytest.raises(wane.Interrupted):
        patch.setattr(Journal, "add", add)
        weak(epochs=60).run(tmp_path / "s", progress=False)
    resumed = weak(epochs=60).run(tmp_path / "s", progress=False)
    assert resumed.runs.equals(extended.runs)
    again = weak(epochs=60).run(tmp_path / "s", progress=False)
    assert again.document == resumed.document
    grown = weak(epochs=60, repeats=6).run(tmp_path / "s", progress=False)
    assert set(resumed.spec.names) <= set(grown.spec.names)
    assert (grown.runs.groupby("candidate").size() == 6).all()
    first = grown.runs[
        (grown.runs["repeat"] < 4) & grown.runs["candidate"].isin(resumed.spec.names)
    ]
    columns = ["candidate", "repeat", "validation_data_loss"]
    order = ["repeat", "candidate"]
    assert (
        first[columns].sort_values(order).reset_index(drop=True)
        .equals(resumed.runs[columns].sort_values(order).reset_index(drop=True))
    )  # fmt: skip


@pytest.mark.thorough
def test_nothing_is_added_where_the_user_says_so_and_in_a_comparison() -> None:
    plain = made(candidates=wane.sweep(wane.L2, WEAK), epochs=60).run(progress=False)
    assert len(plain.spec.names) == 3
    compared = weak(epochs=3).compare({"l2": [wane.L2(1e-6), wane.L2(1e-5)]}, progress=False)
    assert len(compared.result.spec.names) == 3


def test_halving_drops_what_falls_behind_and_says_so() -> None:
    """Strengths of which all but a few are useless must not be trained to the end."""
    strengths = (1e-6, 1e-5, 1e-4, 1e-3, 1e-2, 0.1, 1.0, 3.0, 10.0, 30.0)
    options = {"candidates": wane.sweep(wane.L2, strengths), "repeats": 12}
    full, halved = (
        made(**options).run(progress=False),
        made(halving=True, **options).run(progress=False),
    )
    counts = halved.runs.groupby("candidate").size()
    assert counts["baseline"] == counts[halved.chosen] == 12
    assert set(counts) <= {2, 4, 8, 12} and counts.min() == 2
    assert (
        f"Halving dropped {(counts < 12).sum()} of 11 candidates that fell" in halved.verdict.text
    )
    assert "diverged" not in halved.verdict.text
    means = full.runs.groupby("candidate")["validation_data_loss"].mean()
    error = full.runs.groupby("candidate")["validation_data_loss"].sem()[full.chosen]
    assert means[halved.chosen] <= means[full.chosen] + error
    shared = halved.runs.merge(full.runs, on=["candidate", "repeat"], suffixes=("", "_full"))
    assert (shared["validation_data_loss"] == shared["validation_data_loss_full"]).all()
    whole = halved.comparisons().dropna(subset=["p"])
    assert set(whole["candidate"]) == set(counts[counts == 12].index) - {"baseline"}
    # Those that were dropped were asked about too: p-values are adjusted for all ten.
    loss = whole[whole["metric"] == "data_loss"]
    smallest = loss["p"].min()
    assert loss["p_holm"].min() == pytest.approx(min(1.0, 10 * smallest))


def test_halving_and_refining_go_together() -> None:
    result = made(halving=True, refine=True, repeats=8).run(progress=False)
    counts = result.runs.groupby("candidate").size()
    assert len(counts) > 4 and counts["baseline"] == counts[result.chosen] == 8


def test_too_few_repeats_to_halve_are_refused() -> None:
    with pytest.raises(wane.InputError) as caught:
        made(halving=True, repeats=3).run(progress=False)
    assert str(caught.value) == (
        "Halving drops candidates after 2 repeats, 4, 8 and so on, which takes at least 4, got 3: "
        "take more repeats, or leave halving out."
    )
