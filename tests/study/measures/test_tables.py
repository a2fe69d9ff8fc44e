"""Tables of runs: the course of norms."""

import numpy as np
import pytest

from study_cases import study


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
