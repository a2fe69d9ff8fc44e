"""Whether the evidence of the training rows agrees with a search, in words."""

from collections.abc import Sequence

from wane._language import gettext
from wane.report.numbers import number
from wane.report.wording import clauses, listing, paragraph, printable
from wane.study.evaluation.compared.agreement import WITHIN
from wane.study.evaluation.compared.evidenced import EvidencedRange, SearchEvidence
from wane.study.evaluation.compared.searched import SearchSummary


def evidenced(search: SearchSummary) -> str:
    """What the evidence of the training rows says beside a search; "" where there is none."""
    if search.evidence is None:
        return ""
    own = search.evidence
    pairs = zip(search.ranges, own.ranges, strict=True)
    # Where validation rows do not care, there is nothing to agree about.
    matter = [found for searched, found in pairs if searched.matters]
    return paragraph([_agreement(own, matter), _order(own), _beside_one(own)])


def _agreement(own: SearchEvidence, matter: Sequence[EvidencedRange]) -> str:
    agree = [one for one in matter if one.agrees]
    differ = [one for one in matter if not one.agrees]
    if not matter:
        return gettext(
            "The evidence of the training rows alone (Laplace's approximation, without validation "
            "rows) is highest with {strengths}."
        ).format(strengths=_strengths(own.ranges))
    if not differ:
        return gettext(
            "The evidence of the training rows alone (Laplace's approximation, without validation "
            "rows) agrees: it is highest with {strengths}, within a factor of {factor} of what is "
            "as good by validation."
        ).format(strengths=_strengths(agree), factor=f"{WITHIN:g}")
    if not agree:
        return gettext(
            "The evidence of the training rows alone (Laplace's approximation, without validation "
            "rows) disagrees: it is highest with {differences}."
        ).format(differences=_differences(differ))
    return gettext(
        "The evidence of the training rows alone (Laplace's approximation, without validation "
        "rows) agrees on {names}, where it is highest with {strengths}, and disagrees elsewhere: "
        "it is highest with {differences}."
    ).format(
        names=listing([printable(one.layers) for one in agree]),
        strengths=_strengths(agree),
        differences=_differences(differ),
    )


def _strengths(ranges: Sequence[EvidencedRange]) -> str:
    said = gettext("L2 of {strength} on {layers}")
    return listing(
        [said.format(strength=number(one.strength), layers=printable(one.layers)) for one in ranges]
    )


def _differences(ranges: Sequence[EvidencedRange]) -> str:
    """Strengths with how far they are from those that are as good."""
    more = gettext(
        "L2 of {strength} on {layers}, {times} times the strongest that is as good by validation"
    )
    less = gettext(
        "L2 of {strength} on {layers}, {times} times less than the weakest that is as good by "
        "validation"
    )
    return clauses(
        [
            (more if one.times > 1 else less).format(
                strength=number(one.strength),
                layers=printable(one.layers),
                times=_factor(one.times),
            )
            for one in ranges
        ]
    )


def _factor(times: float) -> str:
    """How many times more or less, of two significant digits."""
    return f"{float(f'{max(times, 1 / times):.2g}'):g}"


def _order(own: SearchEvidence) -> str:
    """Which layers want the most, where both say so clearly."""
    searched, evidence = printable(own.searched_most), printable(own.evidence_most)
    if not searched or not evidence:
        return ""
    if searched == evidence:
        return gettext("Both want the most on {layers}.").format(layers=evidence)
    return gettext(
        "The search wants the most on {layers}, the evidence wants it on {others}."
    ).format(layers=searched, others=evidence)


def _beside_one(own: SearchEvidence) -> str:
    """Whether a strength for each layer is likelier than one for all."""
    said = gettext(
        "At the same weights one strength for all layers is about as likely as one for each (log "
        "evidence {gain} higher with the latter)."
    )
    if own.clear:
        said = gettext(
            "At the same weights a strength for each layer is likelier than one for all (log "
            "evidence {gain} higher)."
        )
    return said.format(gain=number(own.gain))
