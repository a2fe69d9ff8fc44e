"""Searches of linear networks in closed form: the samplers beside each other, many times.

A search is that of a study, its rounds, racing and choice included, but each training is replaced
by the minimum that it goes to, so that a search costs what its sampler does.
"""

import time
from collections.abc import Callable, Sequence

import numpy as np

from benchmarks.search.problems import INPUTS, PROBLEMS, STRENGTHS, Known
from benchmarks.search.studies import REPEATS, Found
from wane.penalties import BASELINE, L2, Candidate, Penalty, Range
from wane.stats import halving_rounds, still_racing
from wane.study.search import samplers
from wane.study.search.sampling import proposals
from wane.study.spec.selection import best_index
from wane.study.spec.spaces.search import EACH, FOR_EACH_RANGE, ONE, TRIALS, Search


def simulated(problem: str, sampler: str, seed: int) -> Found:
    """Search a problem that has a closed form, with one of the samplers."""
    known = PROBLEMS[problem]
    before, samplers.SAMPLER = samplers.SAMPLER, sampler
    began = time.perf_counter()
    try:
        candidates, methods, losses = _searched(known, seed)
    finally:
        samplers.SAMPLER = before
    each, one = (_best(candidates, methods[name], losses) for name in (EACH, ONE))
    return Found(
        problem=problem,
        sampler=sampler,
        seed=seed,
        each=tuple(_strengths(each, known)),
        one=_strengths(one, known)[0],
        said="",
        runs=int(np.count_nonzero(np.isfinite(losses))),
        seconds=time.perf_counter() - began,
    )


def _searched(
    known: Known, seed: int
) -> tuple[list[Candidate], dict[str, list[Candidate]], np.ndarray]:
    """Candidates, those of each method, and validation losses, [candidates, repeats]."""
    search = _space(known)
    loss = _training(known, seed)
    candidates: list[Candidate] = [BASELINE]
    methods: dict[str, list[Candidate]] = {name: [] for name in search.spaces}
    losses = np.array([[loss(BASELINE, repeat) for repeat in range(REPEATS)]])
    for number in range(search.rounds * len(methods)):
        round_, place = divmod(number, len(methods))
        method = list(methods)[place]
        new = proposals(search, methods, method, round_, candidates, losses, seed)
        own = range(len(candidates), len(candidates) + len(new))
        candidates += new
        methods[method] += new
        losses = np.vstack([losses, np.full((len(new), REPEATS), np.nan)])
        beside = [0, *(candidates.index(one) for one in methods[method])]
        _race(losses, own, beside, candidates, loss)
    return candidates, methods, losses


def _race(
    losses: np.ndarray,
    own: range,
    beside: Sequence[int],
    candidates: Sequence[Candidate],
    loss: Callable[[Candidate, int], float],
) -> None:
    """Train candidates repeat by repeat, without those that fall behind, as a study does."""
    alive, done = list(own), 0
    others = [one for one in beside if one not in own]
    for repeats in halving_rounds(REPEATS):
        for index in alive:
            for repeat in range(done, repeats):
                losses[index, repeat] = loss(candidates[index], repeat)
        done = repeats
        finished = [one for one in others if np.isfinite(losses[one]).all()]
        going = still_racing(losses[[*alive, *finished], :done], REPEATS)
        if done < REPEATS:
            alive = [one for one, goes in zip(alive, going, strict=False) if goes]


def _space(known: Known) -> Search:
    def on(layers: str) -> Range:
        low, high = (L2(strength, layers=layers) for strength in STRENGTHS)
        return Range(low, high)

    each = tuple(map(on, known.layers))
    return Search({ONE: (on("all"),), EACH: each}, TRIALS + FOR_EACH_RANGE * len(each))


def _training(known: Known, seed: int) -> Callable[[Candidate, int], float]:
    """The validation loss of the minimum under a candidate, by the repeat's rows."""
    seeds = np.random.SeedSequence([seed, 7]).generate_state(2 * REPEATS)
    rows = [
        (known.draw(known.train, int(first)), known.draw(known.validation, int(second)))
        for first, second in zip(seeds[::2], seeds[1::2], strict=True)
    ]
    sums = [(x.T @ x / len(x), x.T @ y / len(x)) for (x, y), _ in rows]

    def loss(candidate: Candidate, repeat: int) -> float:
        penalty = np.repeat(_strengths(candidate, known), INPUTS // len(known.layers))
        gram, right = sums[repeat]
        x, y = rows[repeat][1]
        return float(np.mean((x @ np.linalg.solve(gram + np.diag(penalty), right) - y) ** 2))

    return loss


def _strengths(candidate: Candidate, known: Known) -> list[float]:
    """The strength on each layer, 0 for none."""
    parts = [one for one in candidate if isinstance(one, Penalty)]
    return [
        sum(one.strength for one in parts if one.layers in (layer, "all")) for layer in known.layers
    ]


def _best(
    candidates: Sequence[Candidate], own: Sequence[Candidate], losses: np.ndarray
) -> Candidate:
    """The best by validation of those with all repeats."""
    places = [candidates.index(one) for one in own]
    whole = [place for place in places if np.isfinite(losses[place]).all()]
    best = best_index(losses[whole], [candidates[place] for place in whole])
    assert best is not None
    return candidates[whole[best]]
