"""What to do after a study, in a word and in a sentence."""

import math
from typing import Literal

from wane.penalties import Penalty
from wane.stats import PairedDifference
from wane.study.evaluation.diagnosis import LEAST_EPOCHS, Diagnosis
from wane.study.evaluation.evidence import Evidence

NextStep = Literal[
    "nothing",
    "stronger",
    "weaker",
    "other kind",
    "more data",
    "bigger network",
    "better inputs",
    "scale the data",
    "train longer",
    "more repeats",
    "lower learning rate",
]


def next_step(
    evidence: Evidence,
    chosen: int,
    difference: PairedDifference | None,
    helps: bool,
    found: Diagnosis,
) -> tuple[NextStep, str]:
    """What to do next, and the sentence that says so; "" where other sentences say it.

    Args:
        evidence: the numbers.
        chosen: the index of the chosen candidate.
        difference: by how much it is better than the baseline.
        helps: whether that is beyond chance.
        found: what ails the baseline.
    """
    edge = _edge(evidence, chosen) if helps else None
    if edge == "stronger":
        return edge, "It is the strongest that was tried: try stronger ones too."
    if edge == "weaker":
        return edge, "It is the weakest that was tried: try weaker ones too."
    if helps and found.rebound is not None and found.rebound.still_falls:
        return "train longer", (
            f"Without a {evidence.change} the validation data loss was still falling at the end, "
            f"so this holds for {evidence.baseline_curve.shape[1]:,} epochs: see whether it stands "
            f"after more of them."
        )
    if helps:
        return "nothing", ""
    if found.kind == "trained too little":
        return "train longer", "Train for more epochs, or at a higher learning rate, and ask again."
    if found.kind == "underfits":
        return _of_underfitting(evidence, found)
    if found.gap is not None and found.gap.count == 1:
        return "more repeats", "" if chosen else "Use more repeats: one run each shows little."
    repeats_decide = _more_repeats_could_decide(evidence, difference)
    if found.kind == "unclear":
        return "more repeats", "Use more repeats, or more data."
    stopping = found.rebound is not None and found.rebound.rose
    if found.kind == "needs data":
        too = ", and so may early stopping" if stopping else ""
        near = difference is not None and difference.low > 0
        more = f" More repeats would show whether the {evidence.change} helps." if near else ""
        return "more data", f"More data may well help further{too}.{more}"
    if found.kind == "overfits":
        ways = [f"another kind of {evidence.change}"]
        ways += ["early stopping"] * stopping + ["more data"] + ["more repeats"] * repeats_decide
        return "other kind", f"Try {', '.join(ways[:-1])} or {ways[-1]}."
    return "nothing", ""


def _of_underfitting(evidence: Evidence, found: Diagnosis) -> tuple[NextStep, str]:
    if found.worse_than_constant:
        return "scale the data", (
            "Scale the inputs and the target, whose values may be far from those that the network "
            "starts with, or train longer."
        )
    if evidence.baseline_curve.shape[1] < LEAST_EPOCHS:
        return "train longer", "Train longer first: so few epochs show nothing of the network."
    if found.without_signal:
        return "better inputs", (
            "On validation rows it was in no epoch much better than a constant prediction, as it "
            "is on training rows: these inputs may carry no signal of the target, for which no "
            "penalty and no network makes up."
        )
    return "bigger network", "Try a bigger network, longer training or better inputs."


def _more_repeats_could_decide(evidence: Evidence, difference: PairedDifference | None) -> bool:
    """Whether an interval from ever more repeats would be shorter than twice the difference.

    Overlapping splits of the same rows have a variance that no number of them goes below.
    """
    ratio = evidence.resampling.test_to_train_ratio
    if difference is None or ratio is None or not difference.has_interval:
        return True
    lowest = difference.standard_error * math.sqrt(ratio / (1 / difference.count + ratio))
    return abs(difference.mean) > 1.96 * lowest


def _edge(evidence: Evidence, chosen: int) -> Literal["stronger", "weaker"] | None:
    """On which side of the best strength nothing was tried."""
    alone = [c[0] for c in evidence.candidates if len(c) == 1 and isinstance(c[0], Penalty)]
    (penalty, *others) = evidence.candidates[chosen] or (None,)
    if others or not isinstance(penalty, Penalty):
        return None
    tried = sorted(
        other.strength
        for other in alone
        if (other.kind, other.layers, other.on) == (penalty.kind, penalty.layers, penalty.on)
    )
    if len(tried) > 1 and penalty.strength == tried[-1]:
        return "stronger"
    if len(tried) > 1 and penalty.strength == tried[0]:
        return "weaker"
    return None
