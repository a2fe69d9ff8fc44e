"""Samplers of Optuna's, asked for many points at once after those that are known."""

import contextlib
import warnings
from collections.abc import Callable, Iterator, Mapping, Sequence
from typing import Any

import numpy as np

SAMPLER = "tpe"
"""The one of :data:`SAMPLERS` that a search asks."""


def sampled(places: np.ndarray, values: np.ndarray, count: int, seed: int) -> np.ndarray:
    """Points of the unit cube that a sampler gives after these.

    Args:
        places: the known ones, [points, ranges].
        values: what they came to, lower being better, [points]; what is not finite counts as the
            worst.
        count: how many are asked for, all before any of them is known.
        seed: of the sampler, which is made anew.

    Returns:
        Points, [count, ranges].
    """
    import optuna

    spaces = _spaces(places.shape[1])
    finite = np.isfinite(values)
    worst = values[finite].max(initial=0.0)
    with _quietly():
        known = _trials(spaces, places, np.where(finite, values, worst))
        study = optuna.create_study(sampler=SAMPLERS[SAMPLER](known, seed))
        study.add_trials(known)
        asked = [study.ask(spaces) for _ in range(count)]
    return np.array([[trial.params[name] for name in spaces] for trial in asked])


def _tpe(_: Sequence[Any], seed: int) -> Any:
    import optuna

    return optuna.samplers.TPESampler(
        n_startup_trials=0, multivariate=True, constant_liar=True, seed=seed
    )


def _gp(_: Sequence[Any], seed: int) -> Any:
    import optuna

    return optuna.samplers.GPSampler(n_startup_trials=0, seed=seed)


def _cma_es(known: Sequence[Any], seed: int) -> Any:
    """It keeps no state between rounds: each begins from what the points so far promise."""
    import optuna

    return optuna.samplers.CmaEsSampler(
        source_trials=[*known], seed=seed, warn_independent_sampling=False
    )


def _random(_: Sequence[Any], seed: int) -> Any:
    import optuna

    return optuna.samplers.RandomSampler(seed=seed)


SAMPLERS: Mapping[str, Callable[[Sequence[Any], int], Any]] = {
    "tpe": _tpe,
    "gp": _gp,
    "cma-es": _cma_es,
    "random": _random,
}
"""Each sampler of known trials and a seed. Gaussian processes need PyTorch, CMA-ES ``cmaes`` (which
wants ten points, and takes them at random where there is one range); ``benchmarks.search`` compares
them."""


def _trials(spaces: Mapping[str, Any], places: np.ndarray, values: np.ndarray) -> list[Any]:
    """Points with their values, as Optuna takes them."""
    import optuna

    return [
        optuna.trial.create_trial(
            params=dict(zip(spaces, map(float, point), strict=True)),
            distributions=dict(spaces),
            value=float(value),
        )
        for point, value in zip(places, values, strict=True)
    ]


def _spaces(ranges: int) -> dict[str, Any]:
    """Each range as Optuna takes it."""
    import optuna

    return {
        f"range_{number}": optuna.distributions.FloatDistribution(0.0, 1.0)
        for number in range(ranges)
    }


@contextlib.contextmanager
def _quietly() -> Iterator[None]:
    """Without what Optuna says of each study, and of parts that may change in later versions."""
    import optuna

    before = optuna.logging.get_verbosity()
    optuna.logging.set_verbosity(optuna.logging.WARNING)
    try:
        with warnings.catch_warnings():
            warnings.simplefilter("ignore", optuna.exceptions.ExperimentalWarning)
            yield
    finally:
        optuna.logging.set_verbosity(before)
