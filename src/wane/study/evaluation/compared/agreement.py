"""A search beside the evidence of the training rows: which strengths both find."""

import dataclasses
from collections.abc import Sequence

from wane.study.evaluation.compared.evidenced import EvidencedRange, SearchEvidence
from wane.study.evaluation.compared.methods import MethodsSummary
from wane.study.evaluation.compared.searched import SearchedRange
from wane.study.laplace.layers import EvidenceRange, LayerEvidence

WITHIN = 3.0
"""A strength within this factor of those that are as good by validation agrees with them."""
CLEAR = 3.0
"""From so many nats on the evidence is strong (Kass & Raftery, Bayes factors, JASA 90, 1995)."""


def with_evidence(
    summary: MethodsSummary, evidence: LayerEvidence | None, names: Sequence[str]
) -> MethodsSummary:
    """A comparison, with what the evidence of the training rows says of its search.

    Args:
        summary: the comparison.
        evidence: of the ranges of its search; None leaves all as it is.
        names: of the candidates.
    """
    search = summary.search
    if search is None or evidence is None:
        return summary
    pairs = list(zip(search.ranges, evidence.ranges, strict=True))
    layers = [one.layers for one in search.ranges]
    found = SearchEvidence(
        candidate=names[evidence.candidate],
        repeats=evidence.repeats,
        converged=evidence.converged,
        log_evidence=evidence.log_evidence,
        gain=evidence.gain,
        clear=evidence.least_gain >= CLEAR,
        noise=evidence.noise,
        searched_most=_most(layers, [(one.low, one.high) for one in search.ranges]),
        evidence_most=_most(layers, [(one.low, one.high) for one in evidence.ranges]),
        ranges=[_beside(searched, own) for searched, own in pairs],
    )
    return dataclasses.replace(summary, search=dataclasses.replace(search, evidence=found))


def _beside(searched: SearchedRange, own: EvidenceRange) -> EvidencedRange:
    """The evidence of one range, and how far it is from the strengths that are as good."""
    lowest = searched.weakest
    kept = min(max(own.strength, lowest), searched.strongest)
    times = 1.0
    if kept > max(searched.high, lowest):
        times = kept / max(searched.high, lowest)
    elif kept < searched.low:
        times = kept / searched.low
    return EvidencedRange(
        layers=searched.layers,
        **dataclasses.asdict(own),
        times=times,
        agrees=1 / WITHIN <= times <= WITHIN,
    )


def _most(layers: Sequence[str], spans: Sequence[tuple[float, float]]) -> str:
    """The layers whose weakest strength is above the strongest of every other; "" of none."""
    for place, (low, _) in enumerate(spans):
        others = [high for other, (_, high) in enumerate(spans) if other != place]
        if others and low > max(others):
            return layers[place]
    return ""
