"""Which candidates a search proposes: repeatable, new, and better than at random."""

import logging

import numpy as np
import optuna
import pytest
from scipy.stats import rankdata
from sklearn.ensemble import RandomForestRegressor
from sklearn.inspection import permutation_importance
from sklearn.model_selection import KFold

import wane
from wane.penalties import BASELINE, Candidate
from wane.study.search.sampling import FOLDS, importances, improvements, points, proposals
from wane.study.spec.spaces.search import EACH, ONE, Search

LAYERS = ("first", "second", "third")


def on(layers: str) -> wane.Range:
    return wane.Range(wane.L2(1e-5, layers=layers), wane.L2(0.1, layers=layers))


SEARCH = Search({ONE: (on("all"),), EACH: tuple(map(on, LAYERS))}, trials=60)
BEST = np.array([0.9, 0.2, 0.5])
HINT: Candidate = (wane.L2(0.001),)


def loss(candidate: Candidate) -> float:
    """A bowl, whose bottom is a strength for each layer."""
    return float(np.sum((SEARCH.places(EACH, candidate) - BEST) ** 2))


def asked(
    number: int, candidates: list[Candidate], losses: np.ndarray, seed: int, method: str = EACH
) -> list[Candidate]:
    methods = {EACH: candidates[1:], ONE: [one for one in candidates if one == HINT]}
    return proposals(SEARCH, methods, method, number, candidates, losses, seed)


def found(seed: int, method: str = EACH) -> list[float]:
    """The losses of what a search has proposed, in order."""
    candidates: list[Candidate] = [BASELINE]
    for number in range(SEARCH.rounds):
        table = np.array([[loss(one)] * 2 for one in candidates])
        candidates += asked(number, candidates, table, seed, method)
    return [loss(one) for one in candidates[1:]]


def test_the_same_seed_gives_the_same_proposals_and_another_one_others() -> None:
    assert found(1) == found(1) != found(2)


def test_proposals_are_new_and_of_their_space() -> None:
    candidates: list[Candidate] = [BASELINE, HINT]
    losses = np.array([[1.0, 1.0], [0.5, np.nan]])
    for number in range(4):
        new = asked(number, candidates, losses, seed=3)
        assert (
            len(new) == SEARCH.asked(number)
            and not set(new) & set(candidates)
            and len(set(new)) == len(new)
        )
        assert all(change.layers in LAYERS for one in new for change in one)  # type: ignore[union-attr] # these are penalties
        candidates += new
        losses = np.vstack([losses, [[loss(one), np.nan] for one in new]])


def test_it_comes_nearer_to_the_best_than_as_many_points_at_random() -> None:
    searched = [min(found(seed)) for seed in range(12)]
    random = np.random.default_rng(0)
    points = random.random((12, SEARCH.trials, len(BEST)))
    at_random = [
        min(loss(SEARCH.candidate(EACH, point)) for point in several) for several in points
    ]
    assert np.median(searched) < 0.5 * np.median(at_random)


def test_the_candidates_of_one_strength_are_known_to_the_search_by_layer() -> None:
    """The best strength for all layers is a point of the space by layer, and so a hint."""
    plain: list[Candidate] = [BASELINE, *asked(0, [BASELINE], np.ones((1, 2)), 0)]
    hinted = [*plain, HINT]
    losses = np.array([[1.0, 1.0]] * len(plain))
    first = asked(1, plain, losses, seed=5)
    second = asked(1, hinted, np.vstack([losses, [[0.0, 0.0]]]), seed=5)
    assert first != second


def test_only_what_lies_in_a_space_is_known_to_its_search() -> None:
    each: Candidate = (wane.L2(0.1, layers="first"),)
    other: Candidate = (wane.L1(0.1),)
    candidates: list[Candidate] = [BASELINE, HINT, each, other]
    methods = {ONE: [HINT], EACH: [each], "another": [other]}
    assert points(SEARCH, methods, EACH, candidates) == [0, 1, 2]
    assert points(SEARCH, methods, ONE, candidates) == [0, 1]


def test_as_many_are_proposed_as_were_asked_for_where_points_are_equal() -> None:
    """A tenth of the range is none, which is there already."""
    assert len(found(0, ONE)) == SEARCH.trials


def test_differences_are_taken_in_pairs_over_the_repeats_that_there_are() -> None:
    losses = np.array([[1.0, 2.0, 3.0], [0.5, np.nan, np.nan], [np.nan] * 3])
    assert improvements(losses)[:2].tolist() == [0.0, -0.5]
    assert np.isnan(improvements(losses)[2])


def test_importances_are_those_of_scikit_learn() -> None:
    random = np.random.default_rng(4)
    places, values = random.random((37, 3)), random.normal(size=37)
    values += places @ (3.0, 1.0, 0.0)
    ranks, lost = rankdata(values), []
    for learnt, others in KFold(FOLDS, shuffle=True, random_state=5).split(places):
        forest = RandomForestRegressor(random_state=5).fit(places[learnt], ranks[learnt])
        found = permutation_importance(
            forest, places[others], ranks[others], scoring="r2", n_repeats=20, random_state=5
        )
        lost.append(found.importances_mean)
    expected = np.clip(np.mean(lost, axis=0) / 2, 0.0, 1.0)
    assert np.allclose(importances(places, values, seed=5), expected, rtol=1e-12, atol=0)
    assert expected[0] > 0.1


def test_importances_are_the_shares_of_the_variance() -> None:
    """Of a sum of terms with variances 9 : 1 : 0, and ranks that follow it nearly."""
    places = np.random.default_rng(1).random((400, 3))
    shares = importances(places, 3 * places[:, 0] + places[:, 1], seed=0)
    assert shares == pytest.approx([0.9, 0.1, 0.0], abs=0.08)


def test_what_ranges_do_together_is_important_for_each() -> None:
    """The sign of one decides what the other does: neither explains anything by itself."""
    places = np.random.default_rng(2).random((300, 3))
    values = (places[:, 0] - 0.5) * (places[:, 1] - 0.5)
    shares = importances(places, values, seed=0)
    assert min(shares[:2]) > 0.3 and shares[2] < 0.1


def test_results_without_any_order_have_no_importance() -> None:
    draws = np.random.default_rng(3)
    above = 0
    for _ in range(10):
        shares = importances(draws.random((50, 2)), draws.normal(size=50), seed=0)
        above += max(shares) >= 0.1
    assert above <= 1


def test_nothing_is_important_where_nothing_differs() -> None:
    places = np.random.default_rng(0).random((20, 2))
    assert importances(places, np.ones(20), seed=0) == [0.0, 0.0]
    assert importances(np.ones((20, 2)), np.arange(20.0), seed=0) == [0.0, 0.0]
    assert importances(places[:5], np.arange(5.0), seed=0) == [0.0, 0.0]


def test_optuna_logs_as_before_and_says_nothing_meanwhile(
    capsys: pytest.CaptureFixture[str],
) -> None:
    before = optuna.logging.get_verbosity()
    found(4)
    assert optuna.logging.get_verbosity() == before != logging.WARNING
    assert capsys.readouterr().err == ""
