"""What to do after a study, in a word and in a sentence."""

import math
from typing import Literal

import numpy as np

from wane._language import gettext, pgettext
from wane.penalties import patience_of
from wane.report.wording import alternatives, capital, ended, metric_label, paragraph
from wane.resampling.splits import DEFAULT_REPEATS
from wane.stats import PairedDifference
from wane.stats.sequential import enough_repeats
from wane.study.evaluation.diagnosis import LEAST_EPOCHS, Diagnosis
from wane.study.evaluation.evidence import Evidence
from wane.study.search.curves import curves
from wane.study.search.extending import no_better
from wane.study.verdicts.rows import change_of, part_of

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
    "linear model",
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
    edge = _edge(evidence, chosen)
    if edge == "stronger" and _is_constant(evidence, chosen):
        edge = None
    if edge and helps:
        return edge, {
            "stronger": gettext("It is the strongest that was tried: try stronger ones too."),
            "weaker": gettext("It is the weakest that was tried: try weaker ones too."),
        }[edge]
    if helps and found.rebound is not None and found.rebound.still_falls:
        return "train longer", gettext(
            "Without a {change} the validation data loss was still falling at the end, so this "
            "holds for {epochs:,} epochs: see whether it stands after more of them."
        ).format(change=change_of(evidence), epochs=evidence.baseline_curve.shape[1])
    if helps:
        return "nothing", ""
    if found.kind == "trained too little":
        return "train longer", gettext(
            "Train for more epochs, or at a higher learning rate, and ask again."
        )
    if found.kind == "underfits":
        return _of_underfitting(evidence, found)
    if edge and _leads_to(evidence, chosen):
        return edge, _beyond(edge).format(
            label=metric_label(evidence.criterion.name), name=evidence.names[chosen]
        )
    return _without_help(evidence, chosen, difference, found)


def _beyond(edge: Literal["stronger", "weaker"]) -> str:
    """That the best may lie beyond what was tried, with fields for what leads there."""
    if edge == "stronger":
        return gettext(
            "The mean validation {label} gets better up to {name}, the strongest that was tried, "
            "so the best may lie beyond it: try stronger ones too."
        )
    return gettext(
        "The mean validation {label} gets better up to {name}, the weakest that was tried, so the "
        "best may lie beyond it: try weaker ones too."
    )


def _without_help(
    evidence: Evidence, chosen: int, difference: PairedDifference | None, found: Diagnosis
) -> tuple[NextStep, str]:
    """What to do where nothing helps beyond chance, and no end of strengths leads anywhere."""
    way = _way_to_more_repeats(evidence)
    if found.gap is not None and found.gap.count == 1:
        few = "" if chosen else gettext("Use more repeats: one run each shows little.")
        return "more repeats", paragraph([few, way])
    if found.kind == "unclear":
        return _of_unclear(evidence, found, way) if found.gap is not None else ("nothing", "")
    over_seeds = evidence.losses[0] - evidence.losses[chosen]
    repeats_decide = _more_repeats_could_decide(evidence, over_seeds, difference)
    stopping = _may_stop_early(evidence, found)
    if found.kind == "needs data":
        return "more data", _of_missing_rows(evidence, difference, way, stopping=stopping)
    if found.kind == "overfits":
        ways = [gettext("another kind of {change}").format(change=change_of(evidence))]
        ways += [pgettext("to try", "early stopping")] * stopping
        ways += [pgettext("to try", "more data")]
        ways += [pgettext("to try", "more repeats")] * repeats_decide
        how = way if repeats_decide else ""
        if _repeats_are_enough(evidence):
            how = ended(capital(_enough()))
        advice = gettext("Try {ways}.").format(ways=alternatives(ways))
        return "other kind", paragraph([advice, how])
    return "nothing", ""


def _may_stop_early(evidence: Evidence, found: Diagnosis) -> bool:
    """Whether early stopping may help, and was not tried."""
    tried = any(patience_of(one) is not None for one in evidence.candidates)
    return found.rebound is not None and found.rebound.rose and not tried


def _of_missing_rows(
    evidence: Evidence, difference: PairedDifference | None, way: str, *, stopping: bool
) -> str:
    said = gettext("More data may well help further.")
    if stopping:
        said = gettext("More data may well help further, and so may early stopping.")
    if difference is None or not difference.low > 0 or _repeats_are_enough(evidence):
        return said
    more = gettext("More repeats would show whether the {change} helps.")
    return paragraph([said, more.format(change=change_of(evidence)), way])


def _enough() -> str:
    return gettext(
        "more repeats over splits of these rows can hardly tell more, and only more rows would"
    )


def _way_to_more_repeats(evidence: Evidence) -> str:
    """How to go on from these repeats, in a sentence; "" where the study cannot."""
    if not evidence.look.grows or evidence.dropped:
        return ""
    count = evidence.validation_loss.shape[1]
    more = 2 * count if count > 1 else DEFAULT_REPEATS
    said = gettext(
        "The same study with repeats={repeats} (--repeats {repeats}) in the same folder keeps this "
        "one and trains {more} more."
    )
    if count > 1:
        said = gettext(
            "The same study with repeats={repeats} (--repeats {repeats}) in the same folder keeps "
            "these {count} and trains {more} more."
        )
    return said.format(repeats=more, count=count, more=more - count)


def _repeats_are_enough(evidence: Evidence) -> bool:
    """Whether splits overlap, and more of them would take little off the variance."""
    ratio = evidence.resampling.test_to_train_ratio
    counted = evidence.resampling.independent(evidence.validation_loss).shape[-1]
    return ratio is not None and counted >= enough_repeats(ratio)


def _of_unclear(evidence: Evidence, found: Diagnosis, way: str) -> tuple[NextStep, str]:
    others = evidence.test_loss if found.on == "test" else evidence.validation_loss
    assert others is not None
    over_seeds = others[0] - evidence.train_loss[0]
    if evidence.resampling.shares_split and not _more_repeats_could_decide(
        evidence, over_seeds, found.gap
    ):
        return "more data", gettext(
            "Use more {part} rows: more repeats on the same ones can hardly tell more."
        ).format(part=part_of(found.on))
    if _repeats_are_enough(evidence):
        return "more data", gettext("Use more data: {reason}.").format(reason=_enough())
    return "more repeats", paragraph([gettext("Use more repeats, or more data."), way])


def _of_underfitting(evidence: Evidence, found: Diagnosis) -> tuple[NextStep, str]:
    if evidence.baseline_curve.shape[1] < LEAST_EPOCHS:
        return "train longer", gettext(
            "Train longer first: so few epochs show nothing of the network."
        )
    if found.worse_than_constant:
        return "scale the data", gettext(
            "Scale the inputs and the target, whose values may be far from those that the network "
            "starts with, or train longer."
        )
    if found.without_signal:
        return "better inputs", gettext(
            "On validation rows it was in no epoch much better than a constant prediction, as it "
            "is on training rows: these inputs may carry no signal of the target, for which no "
            "penalty and no network makes up."
        )
    return "bigger network", gettext("Try a bigger network, longer training or better inputs.")


def _more_repeats_could_decide(
    evidence: Evidence, over_seeds: np.ndarray, difference: PairedDifference | None
) -> bool:
    """Whether an interval from ever more repeats would be shorter than twice the difference.

    Overlapping splits of the same rows have a variance that no number of them goes below, and so
    have the rows of one split.
    """
    resampling = evidence.resampling
    ratio = resampling.test_to_train_ratio
    if _repeats_are_enough(evidence):
        return False
    if difference is None or not difference.has_interval:
        return True
    variance = difference.standard_error**2
    if ratio is not None:
        lowest = variance * ratio / (1 / difference.count + ratio)
    elif resampling.shares_split:
        lowest = max(0.0, variance - float(np.var(over_seeds, ddof=1)) / len(over_seeds))
    else:
        return True
    return abs(difference.mean) > 1.96 * math.sqrt(lowest)


def _leads_to(evidence: Evidence, chosen: int) -> bool:
    """Whether the mean gets better from strength to strength up to the chosen one."""
    alike = _curve(evidence, chosen)
    means = evidence.losses[alike].mean(axis=1)
    if alike[0] == chosen:
        means = means[::-1]
    return bool(len(means) > 2 and np.all(np.diff(means) < 0))


def _is_constant(evidence: Evidence, chosen: int) -> bool:
    """Whether the chosen one's loss is that of a constant: more of the same leads nowhere."""
    if evidence.constant_loss is None:
        return False
    loss = float(evidence.train_loss[chosen].mean())
    return no_better(loss, evidence.constant_loss, evidence.perfect_loss)


def _curve(evidence: Evidence, chosen: int) -> list[int]:
    """The candidates that differ from this one in strength alone, the weakest first."""
    return next((own for own in curves(evidence.candidates) if chosen in own), [])


def _edge(evidence: Evidence, chosen: int) -> Literal["stronger", "weaker"] | None:
    """On which side of the best strength nothing was tried."""
    tried = _curve(evidence, chosen)
    if len(tried) < 2 or chosen not in (tried[0], tried[-1]):
        return None
    return "stronger" if chosen == tried[-1] else "weaker"
