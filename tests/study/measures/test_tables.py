"""Tables of runs: the course of norms."""

import numpy as np
import pytest

from study_cases import study
from wane.study.measures.tables import norms_table


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
