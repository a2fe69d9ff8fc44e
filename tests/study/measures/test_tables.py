"""Tables of runs: their numbers, and the course of norms."""

from types import SimpleNamespace
from typing import Any

import numpy as np
import pandas as pd
import pytest

import wane
from study_cases import study
from wane.penalties import strength_of
from wane.study.measures import tables
from wane.study.measures.tables import norms_table, penalty_label, runs_table


def test_norms_by_role_and_epoch() -> None:
    result = study(epochs=250, repeats=2).run(progress=False)
    table = result.norms("L2(0.01)")
    assert set(table["norm"]) == {"hidden", "hidden:bias", "output", "output:bias"}
    assert sorted(table["epoch"].unique()) == [*range(1, 251, 3)]  # at most 100 of them
    kernel, bias = result.model("L2(0.01)", 1).get_layer("hidden").get_weights()
    last = table[(table["repeat"] == 1) & (table["epoch"] == 250)].set_index("norm")["value"]
    assert last["hidden"] == pytest.approx(np.linalg.norm(kernel), rel=1e-5)
    assert last["hidden:bias"] == pytest.approx(np.linalg.norm(bias), rel=1e-5)
    left, right = result.plot_norms().axes
    assert left.get_xlabel() == "penalty strength" and right.get_xlabel() == "epoch"
    drawn = [line for line in right.lines if line.get_linestyle() == "-"]
    hidden = table[table["norm"] == "hidden"].groupby("epoch")["value"].mean()
    if result.chosen == "L2(0.01)":
        np.testing.assert_allclose(np.asarray(drawn[0].get_ydata(), float), hidden)


def test_norms_stand_run_after_run_and_norm_after_norm() -> None:
    runs = [(0, np.array([[1.0, 2.0], [3.0, 4.0]])), (2, np.array([[5.0, 6.0]]))]
    table = norms_table(runs, ["hidden", "output"], every=10)
    assert table.to_dict("list") == {
        "repeat": [0, 0, 0, 0, 2, 2],
        "epoch": [1, 11, 1, 11, 1, 1],
        "norm": ["hidden", "hidden", "output", "output", "hidden", "output"],
        "value": [1.0, 3.0, 2.0, 4.0, 5.0, 6.0],
    }
    none = norms_table([(0, np.empty((2, 0)))], [], every=1)
    assert list(none) == list(table) and none.empty and none["norm"].dtype == object
    assert list(norms_table([], ["hidden"], every=1)) == list(table)


@pytest.mark.parametrize("candidates", [((),), ((), (wane.L2(0.1),)), ((), (wane.Dropout(0.1),))])
@pytest.mark.parametrize("some", [1, 2, 3, 100])
def test_runs_are_put_together_some_at_a_time(
    candidates: Any, some: int, monkeypatch: pytest.MonkeyPatch
) -> None:
    """With the columns and types that all of them have at once."""
    names = [f"candidate {place}" for place in range(len(candidates))]
    runs: list[Any] = []
    for candidate in range(len(candidates)):
        for repeat in range(3):
            own = {"loss": 1 / (1 + repeat), "epochs": 3 + repeat, "norm_a": float("nan")}
            own |= {"norm_b": 2.0} if candidate else {}
            own |= {"steps": 4} if repeat == 1 else {}
            runs.append((candidate, repeat, None, own))
    known = pd.DataFrame([
        {"candidate": names[c], "penalty": penalty_label(candidates[c]),
         "strength": strength_of(candidates[c]), "repeat": repeat, **numbers}
        for c, repeat, _, numbers in runs
    ])  # fmt: skip
    finished: Any = SimpleNamespace(
        spec=SimpleNamespace(names=names, candidates=candidates),
        journal=SimpleNamespace(each_run=lambda: iter(runs)),
    )
    monkeypatch.setattr(tables, "RUNS_AT_A_TIME", some)
    pd.testing.assert_frame_equal(runs_table(finished), known)
