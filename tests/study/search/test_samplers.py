"""Samplers: repeatable, within the unit cube, and drawn to where losses were low."""

import importlib.util

import numpy as np
import pytest

from wane.study.search import samplers
from wane.study.search.samplers import SAMPLERS, sampled

NEEDS = {"gp": "torch", "cma-es": "cmaes"}
BEST = np.array([0.9, 0.2])


@pytest.mark.parametrize("name", SAMPLERS)
def test_a_sampler_gives_new_points_near_the_best(
    name: str, monkeypatch: pytest.MonkeyPatch
) -> None:
    if name in NEEDS and not importlib.util.find_spec(NEEDS[name]):
        pytest.skip(f"{name} needs {NEEDS[name]}")
    monkeypatch.setattr(samplers, "SAMPLER", name)
    random = np.random.default_rng(0)
    known = np.vstack([random.random((20, 2)), BEST + 0.05 * random.normal(size=(6, 2))]).clip(0, 1)
    values = np.sum((known - BEST) ** 2, axis=1)
    values[0] = np.nan  # a run that diverged
    found = sampled(known, values, 6, seed=1)
    assert found.shape == (6, 2) and np.all((found >= 0) & (found <= 1))
    assert len(np.unique(found, axis=0)) == 6
    assert np.array_equal(found, sampled(known, values, 6, seed=1))
    if name != "random":
        assert not np.array_equal(found, sampled(known, -values, 6, seed=1))
        assert np.median(np.linalg.norm(found - BEST, axis=1)) < 0.45  # 0.7 at random
