"""The strengths of L2 for each layer under which the training rows are likeliest.

The loss is the mean of ``N`` terms, and L2 adds ``λ Σ w²``. Of cross-entropy that is minus the log
posterior over ``N`` of a Gaussian prior of precision ``2 N λ``; of squared error, with noise of
variance ``s``, of one of precision ``N λ / s``.
"""

import dataclasses
import math
from collections.abc import Sequence

import jax
import jax.numpy as jnp
import numpy as np
from threadpoolctl import threadpool_limits

from wane.keras_model.curvature.losses import ScoreLikelihood, likelihood_of
from wane.keras_model.curvature.network import NetworkLikelihood, NetworkScores
from wane.keras_model.weights import targeted
from wane.penalties import L2, Range, is_proximal, penalties_of
from wane.resampling.rows import is_streamed
from wane.stats.laplace.maximum import Maximum, Prior, maximum, maximum_at
from wane.study.measures.finished import FinishedRuns

MOST_WEIGHTS = 5000
MOST_WORK = 3e8
"""Weights times scores times the fewer of both, as a multiplication of matrices has for each
step."""
FOR_SEVERAL_THREADS = 1e8
"""With less work threads wait for each other longer than they work."""
MOST_REPEATS = 3
"""Of so many repeats the evidence is found; of one where there is much work."""
LIMITS = 1e-8, 1e8
"""Between these a precision lies."""


@dataclasses.dataclass(frozen=True)
class EvidenceRange:
    """The strength of one range by the evidence.

    Attributes:
        strength: the geometric mean over repeats.
        low, high: the lowest and the highest of a repeat.
        precision: of the prior, the geometric mean over repeats.
        determined: how many of its weights the rows determine, the mean over repeats (MacKay's
            effective number of parameters).
        weights: how many it has.
    """

    strength: float
    low: float
    high: float
    precision: float
    determined: float
    weights: int


@dataclasses.dataclass(frozen=True)
class LayerEvidence:
    """The strengths for each layer under which the training rows are likeliest.

    Attributes:
        candidate: at whose weights the search for these began, by its index.
        repeats: of how many repeats.
        rows: training rows of the first of them.
        log_evidence: the log marginal likelihood with a precision for each range, in nats, the mean
            over repeats.
        gain: by how much it is higher than with one precision for all ranges, the mean over
            repeats.
        least_gain: the lowest of a repeat.
        noise: the variance of the noise, the mean over repeats; None where there is none.
        converged: of how many repeats the strengths had stopped changing.
        ranges: in the order of the search's.
    """

    candidate: int
    repeats: int
    rows: int
    log_evidence: float
    gain: float
    least_gain: float
    noise: float | None
    converged: int
    ranges: Sequence[EvidenceRange]


def layer_evidence(
    finished: FinishedRuns, candidate: int, ranges: Sequence[Range]
) -> LayerEvidence | str:
    """What the training rows say of the strengths of a search, without any others.

    A candidate's weights are trained on by Gauss–Newton steps, with the precision of each range
    taken from the rows after every step. Weights of no range, such as biases, have a precision of
    their own.

    Args:
        finished: the runs.
        candidate: one of the search, by its index, that has all runs.
        ranges: what was searched.

    Returns:
        The strengths, or a clause that says what is in the way.
    """
    likelihood = _likelihood(finished, candidate, ranges)
    if isinstance(likelihood, str):
        return likelihood
    scores = NetworkScores(finished.bridge, likelihood)
    weights = sum(scores.sizes)
    if weights > MOST_WEIGHTS:
        return f"it has {weights} weights, more than {MOST_WEIGHTS}"
    train = finished.splits.rows(0).train
    count = math.prod(scores.shape(_values(finished, candidate, 0)[1], train.x))
    places = {
        weight.index: place
        for place, one in enumerate(ranges)
        for weight in targeted(finished.bridge.model, _penalty(one))
    }
    groups = np.repeat(
        [places.get(index, len(ranges)) for index in range(len(scores.sizes))], scores.sizes
    )
    work = weights * count * min(weights, count)
    if work > MOST_WORK:
        return f"its {weights} weights and {train.row_count} training rows would take too long"
    most, threads = (1, None) if work > FOR_SEVERAL_THREADS else (MOST_REPEATS, 1)
    with threadpool_limits(threads):
        found = [
            _of_repeat(finished, scores, candidate, repeat, groups, len(ranges))
            for repeat in range(min(most, finished.resampling.repeats))
        ]
    return _summary(found, candidate, train.row_count, np.bincount(groups)[: len(ranges)])


def _likelihood(
    finished: FinishedRuns, candidate: int, ranges: Sequence[Range]
) -> ScoreLikelihood | str:
    """The likelihood of the network's loss, or what is in the way of an evidence."""
    train = finished.splits.rows(0).train
    if not all(isinstance(one.low, L2) and not is_proximal(one.low) for one in ranges):
        return "the search is not one of L2 alone"
    likelihood = likelihood_of(finished.bridge)
    if isinstance(likelihood, str):
        return likelihood
    if train.sample_weight is not None:
        return "its training rows have weights"
    if any(is_streamed(part) for part in jax.tree.leaves(train.x, is_leaf=is_streamed)):
        return "its training rows stay on disk"
    weights, state = ([jnp.asarray(v) for v in part] for part in _values(finished, candidate, 0))
    some = jax.tree.map(lambda part: part[:2], train.x)
    _, _, penalties = finished.bridge.forward(weights, state, some, training=False)
    return "it has penalties of its own" if float(penalties) else likelihood


def _penalty(one: Range) -> L2:
    """The penalty of a range of L2."""
    assert isinstance(one.low, L2)
    return one.low


def _values(
    finished: FinishedRuns, candidate: int, repeat: int
) -> tuple[list[np.ndarray], list[np.ndarray]]:
    """The trained weights of a run, and what was not trained."""
    values = finished.journal.weights(candidate, repeat)
    assert values is not None, "the candidate has all runs"
    count = len(finished.bridge.model.trainable_variables)
    return values[:count], values[count:]


@dataclasses.dataclass(frozen=True, eq=False)
class _Repeat:
    """What was found of a repeat, at weights that were trained on under one precision for all.

    Attributes:
        trained: those weights.
        one, each: of what is known there, with one precision for all ranges and one for each.
        strengths: of each range.
    """

    trained: Maximum
    one: Maximum
    each: Maximum
    strengths: np.ndarray
    has_noise: bool


def _of_repeat(
    finished: FinishedRuns,
    scores: NetworkScores,
    candidate: int,
    repeat: int,
    groups: np.ndarray,
    count: int,
) -> _Repeat:
    """The evidence of the training rows of a repeat."""
    values, state = _values(finished, candidate, repeat)
    likelihood = NetworkLikelihood(scores, finished.splits.rows(repeat).train, state)
    weights = np.concatenate([np.ravel(value).astype(np.float64) for value in values])
    has_noise = likelihood.target_variance is not None
    noise = 2 * likelihood.energy(weights) / likelihood.terms if has_noise else 0.5
    (penalty,) = penalties_of(finished.spec.candidates[candidate])
    begin = likelihood.terms * penalty.strength / noise
    # The weights of no range, such as biases, come last.
    joined = np.where(groups < count, 0, 1)
    trained = maximum(likelihood, weights, _prior(joined, [begin, 1.0]), LIMITS)
    here, (first, *others) = trained.weights, trained.precisions
    one = maximum_at(likelihood, here, _prior(joined, [first, *others]), LIMITS)
    each = maximum_at(likelihood, here, _prior(groups, [first] * count + others), LIMITS)
    scale = each.noise if has_noise else 0.5
    return _Repeat(
        trained, one, each, each.precisions[:count] * scale / likelihood.terms, has_noise
    )


def _prior(groups: np.ndarray, precisions: Sequence[float]) -> Prior:
    """A prior of the groups that there are."""
    return Prior(groups, np.clip(precisions[: groups.max() + 1], *LIMITS))


def _summary(
    found: Sequence[_Repeat], candidate: int, rows: int, weights: np.ndarray
) -> LayerEvidence:
    """What was found of all repeats."""
    strengths = np.array([one.strengths for one in found])
    precisions = np.array([one.each.precisions[: len(weights)] for one in found])
    determined = np.array([one.each.determined[: len(weights)] for one in found])
    gains = np.array([one.each.log_evidence - one.one.log_evidence for one in found])
    ranges = [
        EvidenceRange(
            strength=float(np.exp(np.log(strengths[:, place]).mean())),
            low=float(strengths[:, place].min()),
            high=float(strengths[:, place].max()),
            precision=float(np.exp(np.log(precisions[:, place]).mean())),
            determined=float(determined[:, place].mean()),
            weights=int(count),
        )
        for place, count in enumerate(weights)
    ]
    return LayerEvidence(
        candidate=candidate,
        repeats=len(found),
        rows=rows,
        log_evidence=float(np.mean([one.each.log_evidence for one in found])),
        gain=float(gains.mean()),
        least_gain=float(gains.min()),
        noise=float(np.mean([one.each.noise for one in found])) if found[0].has_noise else None,
        converged=sum(one.each.converged for one in found),
        ranges=ranges,
    )
