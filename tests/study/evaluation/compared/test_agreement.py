"""When the evidence of training rows and a search agree, and by how much they do not."""

import dataclasses
from collections.abc import Sequence

import pytest

from translation_cases import checked
from wane.study.evaluation.compared.agreement import with_evidence
from wane.study.evaluation.compared.evidenced import SearchEvidence
from wane.study.evaluation.compared.methods import MethodsSummary
from wane.study.evaluation.compared.searched import SearchedRange, SearchSummary
from wane.study.laplace.layers import EvidenceRange, LayerEvidence
from wane.study.verdicts.beside.evidence import evidenced

Span = tuple[float, float]


def searched(spans: Sequence[Span], *, matters: Sequence[bool] | None = None) -> SearchSummary:
    told = matters or [True] * len(spans)
    ranges = [
        SearchedRange(f"layer_{i}", "L2", low, low, high, 1e-5, 0.1, 0.5, own)
        for i, ((low, high), own) in enumerate(zip(spans, told, strict=True))
    ]
    return SearchSummary("by layer", 24, 20, 5, 0.01, ranges)


def evidence(strengths: Sequence[float], least_gain: float = 10.0) -> LayerEvidence:
    ranges = [EvidenceRange(one, one, one, 3.0, 2.5, 12) for one in strengths]
    return LayerEvidence(1, 3, 100, -50.0, 12.5, least_gain, None, 3, ranges)


def beside(search: SearchSummary, found: LayerEvidence) -> SearchSummary:
    summary = MethodsSummary(
        "test", 10, "data_loss", "down", "accuracy", 24, "none", "none", (), False, (), (), search
    )
    own = with_evidence(summary, found, ["baseline", "L2(0.01)"]).search
    assert own is not None
    return own


def of(search: SearchSummary, found: LayerEvidence) -> SearchEvidence:
    own = beside(search, found).evidence
    assert own is not None
    return own


@pytest.mark.parametrize(
    ("span", "strength", "times", "agrees"),
    [
        ((1e-3, 1e-2), 5e-3, 1, True),  # among those that are as good
        ((1e-3, 1e-2), 2.9e-2, 2.9, True),
        ((1e-3, 1e-2), 4e-2, 4, False),
        ((1e-3, 1e-2), 4e-4, 0.4, True),
        ((1e-3, 1e-2), 2e-4, 0.2, False),
        ((1e-3, 0.08), 1e3, 1.25, True),  # nothing stronger was searched
        ((1e-5, 1e-2), 1e-9, 1, True),  # nor weaker
        ((0, 1e-2), 1e-9, 1, True),
        ((0, 0), 1e-9, 1, True),  # none, and as good as none
        ((0, 0), 1e-3, 100, False),
    ],
)
def test_a_strength_agrees_within_a_factor_of_three(
    span: Span, strength: float, times: float, agrees: bool
) -> None:
    (own,) = of(searched([span]), evidence([strength])).ranges
    assert own.times == pytest.approx(times) and own.agrees == agrees


def test_layers_want_the_most_only_where_that_is_clear() -> None:
    clear = of(searched([(1e-4, 1e-3), (2e-3, 1e-2)]), evidence([1e-2, 1e-4]))
    assert (clear.searched_most, clear.evidence_most) == ("layer_1", "layer_0")
    overlap = of(searched([(1e-4, 1e-2), (2e-3, 1e-2)]), evidence([1e-2, 1e-2]))
    assert (overlap.searched_most, overlap.evidence_most) == ("", "")
    assert of(searched([(0, 1)]), evidence([1])).evidence_most == ""


def test_without_evidence_or_a_search_nothing_changes() -> None:
    summary = MethodsSummary(
        "test", 10, "data_loss", "down", "accuracy", 24, "none", "none", (), False, (), ()
    )
    assert with_evidence(summary, evidence([1]), ["baseline"]) is summary
    own = dataclasses.replace(summary, search=searched([(0, 1)]))
    assert with_evidence(own, None, ["baseline"]) is own
    assert evidenced(searched([(0, 1)])) == ""


LEAD = "The evidence of the training rows alone (Laplace's approximation, without validation rows)"
LIKELIER = (
    "At the same weights a strength for each layer is likelier than one for all (log evidence "
    "12.5 higher)."
)
SAID = {
    f"{LEAD} agrees: it is highest with L2 of 0.00200 on layer_0 and L2 of 0.0200 on layer_1, "
    f"within a factor of 3 of what is as good by validation. Both want the most on layer_1. "
    f"{LIKELIER}": (
        searched([(1e-3, 2e-3), (1e-2, 1e-2)]),
        evidence([2e-3, 2e-2]),
    ),
    f"{LEAD} disagrees: it is highest with L2 of 0.0400 on layer_0, 40 times the strongest that is "
    f"as good by validation; L2 of 1.0e-04 on layer_1, 100 times less than the weakest that is as "
    f"good by validation. The search wants the most on layer_1, the evidence wants it on layer_0. "
    f"{LIKELIER}": (
        searched([(1e-3, 1e-3), (1e-2, 1e-2)]),
        evidence([4e-2, 1e-4]),
    ),
    f"{LEAD} agrees on layer_0, where it is highest with L2 of 0.00100 on layer_0, and disagrees "
    f"elsewhere: it is highest with L2 of 0.0500 on layer_1, 5 times the strongest that is as good "
    f"by validation. Both want the most on layer_1. {LIKELIER}": (
        searched([(1e-3, 1e-3), (1e-2, 1e-2)]),
        evidence([1e-3, 5e-2]),
    ),
    f"{LEAD} is highest with L2 of 0.0200 on layer_0. At the same weights one strength for all "
    f"layers is about as likely as one for each (log evidence 12.5 higher with the latter).": (
        searched([(1e-3, 2e-2)], matters=[False]),
        evidence([2e-2], least_gain=2.9),
    ),
}


@pytest.mark.parametrize("said", SAID)
def test_it_is_said_plainly(said: str) -> None:
    own = beside(*SAID[said])
    assert checked(lambda: evidenced(own), "layer_0", "layer_1") == said
