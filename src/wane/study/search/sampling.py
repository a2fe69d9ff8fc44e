"""Candidates of a space that are worth training next, by a sampler of Optuna's."""

import contextlib
import warnings
from collections.abc import Iterator, Sequence
from typing import Any

import numpy as np

from wane.penalties import BASELINE, Candidate
from wane.study.spec.spaces.search import Search


def proposals(
    search: Search,
    method: str,
    round_: int,
    candidates: Sequence[Candidate],
    losses: np.ndarray,
    seed: int,
) -> list[Candidate]:
    """What to train next of a method's space.

    The first round is spread evenly over the space (a Latin hypercube). Later ones come from
    Optuna's tree-structured Parzen estimator over all ranges together, which knows every candidate
    so far that lies in the space: those of one strength for all layers lie in that of a strength
    for each. Its sampler is made anew for each round, so that a search that is resumed goes on as
    if it had not ended.

    Source: Bergstra, Bardenet, Bengio & Kégl, Algorithms for hyper-parameter optimization,
    NeurIPS 24 (2011).

    Args:
        search: the spaces.
        method: whose space is meant.
        round_: how often its sampler was asked before.
        candidates: every candidate so far, the baseline first.
        losses: what is chosen by, lower being better, [candidates, repeats]; NaN for runs that
            diverged or were not trained.
        seed: the study's.

    Returns:
        New candidates, none of which was there before; fewer than were asked for where points of
        the space are equal.
    """
    number = list(search.spaces).index(method)
    seeds = np.random.SeedSequence([seed, number, round_]).generate_state(2)
    count, ranges = search.asked(round_), len(search.spaces[method])
    if round_ == 0:
        places = _spread(count, ranges, int(seeds[0]))
    else:
        known = np.array([search.places(method, candidate) for candidate in candidates])
        there = np.array([lies_in(search, method, candidate) for candidate in candidates])
        values = improvements(losses)
        values[~np.isfinite(values)] = np.inf
        places = _sampled(known[there], values[there], count, int(seeds[1]))
    new: list[Candidate] = []
    for place in places:
        candidate = search.candidate(method, place)
        if candidate != BASELINE and candidate not in candidates and candidate not in new:
            new.append(candidate)
    return new


def improvements(losses: np.ndarray) -> np.ndarray:
    """By how much each candidate's mean loss is above the baseline's, in pairs, [candidates].

    The repeats of one number have the same seeds and rows, so that their differences vary less
    than they do, and few of them say as much as all.

    Args:
        losses: [candidates, repeats], the baseline first; NaN where there is no number.
    """
    differences = losses - losses[:1]
    known = np.isfinite(differences)
    counts = known.sum(axis=1)
    sums = np.where(known, differences, 0.0).sum(axis=1)
    return np.where(counts > 0, sums / np.maximum(counts, 1), np.nan)


def _spread(count: int, ranges: int, seed: int) -> np.ndarray:
    """Points that are spread evenly over the unit cube, [count, ranges]."""
    from scipy.stats import qmc

    return np.asarray(qmc.LatinHypercube(ranges, seed=np.random.default_rng(seed)).random(count))


def lies_in(search: Search, method: str, candidate: Candidate) -> bool:
    """Whether a candidate is a point of a method's space, but for the digits of its strengths."""
    if candidate == BASELINE:
        return all(one.none for one in search.spaces[method])
    kinds = {(type(one.low), one.layers) for one in search.spaces[method]}
    layers = {(type(change), getattr(change, "layers", None)) for change in candidate}
    everywhere = {(type(one.low), "all") for one in search.spaces[method]}
    return layers <= kinds or (len(candidate) == 1 and layers <= everywhere)


def importances(
    places: np.ndarray, losses: np.ndarray, baseline: np.ndarray, seed: int
) -> list[float]:
    """How much of the differences between candidates each range explains by itself.

    The ranks of candidates are taken in place of their losses, of which a few far too strong
    penalties would decide everything. Candidates that diverged rank last.

    Source: Hutter, Hoos & Leyton-Brown, An efficient approach for assessing hyperparameter
    importance, ICML (2014), as Optuna has it.

    Args:
        places: where the candidates lie in the ranges, [candidates, ranges].
        losses: what is chosen by, lower being better, [candidates, repeats].
        baseline: that of the baseline, [repeats].
        seed: of the random forest.

    Returns:
        A share for each range, [ranges]; they add up to 1, or are 0 where all candidates are alike.
    """
    import optuna

    values = improvements(np.vstack([baseline, losses]))[1:]
    ranks = np.argsort(np.argsort(np.where(np.isfinite(values), values, np.inf), kind="stable"))
    varied = [column for column in range(places.shape[1]) if np.ptp(places[:, column]) > 0]
    found = [0.0] * places.shape[1]
    if len(places) < 2 or not varied:
        return found
    with _quietly():
        study = optuna.create_study()
        study.add_trials(_trials(places[:, varied], ranks.astype(float)))
        evaluator = optuna.importance.FanovaImportanceEvaluator(seed=seed)
        shares = optuna.importance.get_param_importances(study, evaluator=evaluator)
    for number, column in enumerate(varied):
        found[column] = float(shares[f"range_{number}"])
    return found


def _trials(places: np.ndarray, values: np.ndarray) -> list[Any]:
    """Points with their values, as Optuna takes them."""
    import optuna

    spaces = _spaces(places.shape[1])
    return [
        optuna.trial.create_trial(
            params=dict(zip(spaces, map(float, point), strict=True)),
            distributions=spaces,
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


def _sampled(places: np.ndarray, values: np.ndarray, count: int, seed: int) -> np.ndarray:
    """Points that a sampler gives after these, [count, ranges]."""
    import optuna

    spaces = _spaces(places.shape[1])
    worst = values[np.isfinite(values)].max(initial=0.0)
    with _quietly():
        sampler = optuna.samplers.TPESampler(
            n_startup_trials=0, multivariate=True, constant_liar=True, seed=seed
        )
        study = optuna.create_study(sampler=sampler)
        study.add_trials(_trials(places, np.where(np.isfinite(values), values, worst)))
        asked = [study.ask(spaces) for _ in range(count)]
    return np.array([[trial.params[name] for name in spaces] for trial in asked])


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
