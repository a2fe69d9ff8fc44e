"""What ails the network, in a clause and in a sentence with its evidence."""

from wane.report.numbers import sentence_interval, sentence_number
from wane.study.evaluation.diagnosis import LAST_PART, Diagnosis
from wane.study.evaluation.evidence import Evidence, beyond_chance
from wane.study.verdicts.rows import rows_of

UNTOLD = "Whether the network overfits cannot be told"
"""The clause of a diagnosis that decides nothing."""


def diagnosis_clause(found: Diagnosis, level: float) -> str:
    """What ails the network, as the first words of a sentence."""
    if found.kind == "diverged":
        return "The unregularized network diverged"
    if found.overfits:
        lacks = " and lacks data" if found.kind == "needs data" else ""
        once = found.gap is not None and found.gap.count == 1
        return f"The network overfits{lacks}{' in its one run' if once else ''}"
    if found.kind == "underfits" and found.worse_than_constant:
        return "The network has not learnt yet"
    clauses = {
        "needs data": "The network needs more data",
        "unclear": UNTOLD,
        "trained too little": "The network was trained too little",
        "underfits": "The network underfits, or its inputs carry little signal",
    }
    if found.kind in clauses:
        return clauses[found.kind]
    if beyond_chance(found.gap, level):
        return "No clear overfitting was found"
    return "No overfitting was found"


def diagnosis_sentence(evidence: Evidence, found: Diagnosis) -> str:
    """The sentence with the evidence for what ails the network."""
    if found.kind == "diverged":
        return "Since it diverged, whether it overfits is unknown."
    sentence = _with_losses(evidence, found)
    if found.gap is None:
        sentence += (
            " Training rows have no such weights, so that the two do not compare: give weights of "
            "both (sample_weight), or of neither, to learn whether the network overfits."
        )
    return sentence


def _with_losses(evidence: Evidence, found: Diagnosis) -> str:
    """The losses, and what they show."""
    train, validation = map(sentence_number, (found.train_data_loss, found.validation_data_loss))
    on_test = ""
    if found.on == "test" and evidence.test_loss is not None:
        loss = sentence_number(evidence.test_loss[0].mean())
        on_test = f" and {loss} on {rows_of(evidence, 'test')}"
    losses = (
        f"Without a {evidence.change} the network's data loss is {train} on training rows"
        f"{',' if on_test else ' and'} {validation} on {_rows_of(evidence)}{on_test}"
    )
    gap, known = _interval(evidence, found)
    if found.overfits or found.kind == "needs data":
        return f"{losses}{known}{_rise(found) if found.overfits else ''}.{_rows(evidence, found)}"
    if found.kind == "unclear" and found.gap is None:
        return f"{losses}."
    if found.kind == "unclear":
        few = "but these are too few repeats to rule out chance"
        if known:
            what = f"{evidence.unit}s" if evidence.resampling.shares_split else "splits"
            few = f"but {what} differ so much that this may be chance ({gap})"
        return f"{losses}, {few}."
    if found.kind == "trained too little":
        return f"{losses}{_falling(evidence, found)}."
    if found.kind == "underfits":
        assert found.constant_data_loss is not None
        constant = sentence_number(found.constant_data_loss)
        return f"{losses}, where a constant prediction has {constant} on training rows."
    if beyond_chance(found.gap, evidence.look.level):
        return f"{losses}{known}, and the latter did not clearly rise again in training."
    return f"{losses}{known}."


def _interval(evidence: Evidence, found: Diagnosis) -> tuple[str, str]:
    """The interval of the gap, alone and in brackets; "" in these where there is none."""
    if found.gap is None or not found.gap.has_interval:
        return "", ""
    ends = sentence_interval(found.gap.low, found.gap.high)
    gap = f"{evidence.look.percent} interval of the gap {ends}"
    return gap, f" ({gap})"


def _rows_of(evidence: Evidence) -> str:
    """The validation rows, with their number where all repeats have the same."""
    weights = "" if "validation" in evidence.weighted_alike else " with their weights"
    if evidence.resampling.shares_split:
        return f"{rows_of(evidence, 'validation')}{weights}"
    return f"validation rows{weights}"


def _rise(found: Diagnosis) -> str:
    """Where the validation loss was lowest, and by how much it rose after that, if it did."""
    if found.rebound is None or not found.rebound.rose:
        return ""
    on = "on validation rows" if found.on == "test" else "on those"
    return (
        f"; {on} it was lowest ({sentence_number(found.rebound.lowest)}) at epoch "
        f"{found.rebound.epoch:,} and rose again by {sentence_number(found.rebound.lost)}"
    )


def _falling(evidence: Evidence, found: Diagnosis) -> str:
    """How much the validation loss was still falling at the end."""
    assert found.rebound is not None
    epochs = evidence.baseline_curve.shape[1]
    last = max(1, round(LAST_PART * epochs))
    several = f" {last:,}" if last > 1 else ""
    return (
        f", where it was still falling at the end (by {sentence_number(found.rebound.last_fall)} "
        f"over the last{several} of {epochs:,} epochs)"
    )


def _rows(evidence: Evidence, found: Diagnosis) -> str:
    """What more rows do, where that was tried and is what to do."""
    if found.kind != "needs data" or found.train_sizes is None:
        return ""
    gain = found.train_sizes.gain_of_rows
    if gain is None:
        return ""
    before, after = found.train_sizes.rows[-2:]
    known = ""
    if gain.has_interval:
        on = " over rows and seeds" if evidence.resampling.shares_split else ""
        known = f" (95 % interval{on} {sentence_interval(gain.low, gain.high)})"
    return (
        f" From {before:,} to {after:,} training rows its lowest validation data loss fell by "
        f"{sentence_number(gain.mean)}{known}."
    )
