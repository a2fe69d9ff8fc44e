"""What the evidence of the training rows says of a search, as documents hold it."""

import dataclasses
from collections.abc import Sequence


@dataclasses.dataclass(frozen=True)
class EvidencedRange:
    """What the evidence of the training rows says of one range of a search.

    Attributes:
        layers: as the search has them.
        strength: under which the training rows are likeliest, the geometric mean over repeats.
        low, high: the lowest and the highest of a repeat.
        precision: of a Gaussian prior that the strength is, in units of the trained target.
        determined: how many of its weights the rows determine (the effective number of parameters).
        weights: how many it has.
        times: the strength over the nearest one that is as good by validation, 1 where it is among
            these; below the weakest of the range it counts as that, above the strongest as that.
        agrees: whether that is within a factor of three.
    """

    layers: str
    strength: float
    low: float
    high: float
    precision: float
    determined: float
    weights: int
    times: float
    agrees: bool


@dataclasses.dataclass(frozen=True)
class SearchEvidence:
    """What the evidence of the training rows says of a search.

    Attributes:
        candidate: from whose weights on the evidence was sought.
        repeats: of how many repeats.
        converged: of how many of them precisions and weights had stopped changing.
        log_evidence: with a precision for each range, in nats, the mean over repeats.
        gain: by how much it is higher than with one for all at the same weights, the mean over
            repeats.
        clear: whether it is so by at least three nats in every repeat.
        noise: the variance of the noise, of squared error; else None.
        searched_most, evidence_most: the layers that clearly want the most by the search and by the
            evidence; "" where none does.
        ranges: the ranges, in the order of the search.
    """

    candidate: str
    repeats: int
    converged: int
    log_evidence: float
    gain: float
    clear: bool
    noise: float | None
    searched_most: str
    evidence_most: str
    ranges: Sequence[EvidencedRange]
