"""Candidates of a space that are worth training next, by a sampler of Optuna's."""

from collections.abc import Mapping, Sequence
from typing import Any

import numpy as np
from scipy.stats import rankdata

from wane.penalties import BASELINE, Candidate
from wane.study.search.samplers import sampled
from wane.study.spec.spaces.search import EACH, ONE, Search

TRIES = 8
"""How often a sampler is asked at most where points are there already."""
FOLDS, LEAST_POINTS, ORDERS = 5, 10, 20
"""Of how many parts of the candidates one is predicted from the others; of how many there are at
least; and in how many other orders each range's places are put."""


def proposals(
    search: Search,
    methods: Mapping[str, Sequence[Candidate]],
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
        methods: the candidates of each method so far.
        method: whose space is meant.
        round_: how often its sampler was asked before.
        candidates: every candidate so far, the baseline first.
        losses: what is chosen by, lower being better, [candidates, repeats]; NaN for runs that
            diverged or were not trained.
        seed: the study's.

    Returns:
        New candidates, none of which was there before, as many as were asked for: the sampler is
        asked again for points that are there already, some times at most.
    """
    number = list(search.spaces).index(method)
    seeds = np.random.SeedSequence([seed, number, round_]).generate_state(TRIES)
    count, ranges = search.asked(round_), len(search.spaces[method])
    own = points(search, methods, method, candidates)
    known = np.array([search.places(method, candidates[index]) for index in own])
    values = improvements(losses)[own]
    new: list[Candidate] = []
    for again in map(int, seeds):
        if round_ == 0 or not own:
            places = _spread(count, ranges, again)
        else:
            places = sampled(known, values, count, again)
        for place in places:
            candidate = search.candidate(method, place)
            if candidate != BASELINE and candidate not in (*candidates, *new):
                new.append(candidate)
        if len(new) >= count:
            break
    return new[:count]


def points(
    search: Search,
    methods: Mapping[str, Sequence[Candidate]],
    method: str,
    candidates: Sequence[Candidate],
) -> list[int]:
    """The candidates that are points of a method's space.

    Those of the method are, and the baseline where none is a setting of every range; of a strength
    for each layer those of one strength for all layers too.

    Args:
        search: the spaces.
        methods: the candidates of each method so far.
        method: whose space is meant.
        candidates: all of them.

    Returns:
        Their places among the candidates.
    """
    own = set(methods.get(method, ())) | (set(methods.get(ONE, ())) if method == EACH else set())
    if all(one.none for one in search.spaces[method]):
        own.add(BASELINE)
    return [index for index, one in enumerate(candidates) if one in own]


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


def importances(places: np.ndarray, values: np.ndarray, seed: int) -> list[float]:
    """How much of the differences between candidates depends on each range.

    A random forest learns the ranks of four fifths of the candidates from their places, and
    predicts those of the others with one range's places in another order: half of what it then
    loses of its R² is the share of the variance that depends on that range, by itself and together
    with others (a total Sobol index), as far as the forest has learnt it. Ranks are taken in place
    of results, of which a few far too strong penalties would decide everything.

    Source: Breiman, Random forests, Machine Learning 45 (2001), as scikit-learn has it.

    Args:
        places: where the candidates lie in the ranges, [candidates, ranges].
        values: their results, lower being better, [candidates]; those without are the worst.
        seed: of the forests, and of the orders.

    Returns:
        The shares, [ranges], from 0 to 1; near 0 where nothing depends on a range.
    """
    from sklearn.ensemble import RandomForestRegressor
    from sklearn.model_selection import KFold

    ranks = rankdata(np.where(np.isfinite(values), values, np.inf))
    if len(places) < LEAST_POINTS or np.ptp(ranks) == 0:
        return [0.0] * places.shape[1]
    lost = []
    for learnt, others in KFold(FOLDS, shuffle=True, random_state=seed).split(places):
        forest = RandomForestRegressor(random_state=seed).fit(places[learnt], ranks[learnt])
        lost.append(_lost(forest, places[others], ranks[others], seed))
    return [float(share) for share in np.clip(np.mean(lost, axis=0) / 2, 0.0, 1.0)]


def _lost(forest: Any, places: np.ndarray, values: np.ndarray, seed: int) -> np.ndarray:
    """How much R² a forest loses with the places of each range in other orders, [ranges].

    The numbers of scikit-learn's ``permutation_importance``, which asks the forest anew for every
    order of every range: with a hundred candidates that took 1.3 s, and this takes 0.4 s.
    """
    from sklearn.metrics import r2_score
    from sklearn.utils import check_random_state

    random = check_random_state(seed)
    random = check_random_state(random.randint(np.iinfo(np.int32).max + 1))
    step, orders = np.arange(len(places)), [np.arange(len(places))]
    for _ in range(ORDERS):
        random.shuffle(step)
        orders.append(orders[-1][step])
    shuffled = np.tile(places, (places.shape[1], ORDERS, 1, 1))
    for number, own in enumerate(shuffled):
        own[..., number] = places[orders[1:], number]
    asked = np.concatenate([places[None], shuffled.reshape(-1, *places.shape)])
    predicted = forest.predict(asked.reshape(-1, places.shape[1])).reshape(len(asked), -1)
    whole, *scores = [r2_score(values, one) for one in predicted]
    return np.asarray(whole - np.reshape(scores, (-1, ORDERS)).mean(axis=1))
