"""What ails the network, in a clause and in a sentence with its evidence."""

from wane._language import gettext, pgettext
from wane.report.numbers import sentence_interval, sentence_number
from wane.report.wording import bracketed, ended, paragraph
from wane.study.evaluation.diagnosis import LAST_PART, Diagnosis
from wane.study.evaluation.evidence import Evidence, beyond_chance
from wane.study.verdicts.rows import change_of, rows_of


def is_untold(found: Diagnosis) -> bool:
    """Whether the diagnosis decides nothing."""
    return found.kind == "unclear" and not found.overfits


def diagnosis_clause(found: Diagnosis, level: float) -> str:
    """What ails the network, as the first words of a sentence."""
    if found.kind == "diverged":
        return gettext("The unregularized network diverged")
    if found.overfits:
        return _overfits(found)
    if found.kind == "underfits" and found.worse_than_constant:
        return gettext("The network has not learnt yet")
    if is_untold(found):
        return gettext("Whether the network overfits cannot be told")
    if found.kind == "needs data":
        return gettext("The network needs more data")
    if found.kind == "trained too little":
        return gettext("The network was trained too little")
    if found.kind == "underfits":
        return gettext("The network underfits, or its inputs carry little signal")
    if beyond_chance(found.gap, level):
        return gettext("No clear overfitting was found")
    return gettext("No overfitting was found")


def _overfits(found: Diagnosis) -> str:
    once = found.gap is not None and found.gap.count == 1
    if found.kind == "needs data":
        if once:
            return gettext("The network overfits and lacks data in its one run")
        return gettext("The network overfits and lacks data")
    return (
        gettext("The network overfits in its one run") if once else gettext("The network overfits")
    )


def diagnosis_sentence(evidence: Evidence, found: Diagnosis) -> str:
    """The sentence with the evidence for what ails the network."""
    if found.kind == "diverged":
        return gettext("Since it diverged, whether it overfits is unknown.")
    sentence = _with_losses(evidence, found)
    if found.gap is not None:
        return sentence
    lacking = gettext(
        "Training rows have no such weights, so that the two do not compare: give weights of both "
        "(sample_weight), or of neither, to learn whether the network overfits."
    )
    return paragraph([sentence, lacking])


def _with_losses(evidence: Evidence, found: Diagnosis) -> str:
    """The losses, and what they show."""
    losses = _losses(evidence, found)
    gap = _interval(evidence, found)
    known = bracketed(gap)
    if found.overfits or found.kind == "needs data":
        rise = _rise(found) if found.overfits else ""
        return paragraph([ended(f"{losses}{known}{rise}"), _rows(evidence, found)])
    if found.kind == "unclear" and found.gap is None:
        return ended(losses)
    if found.kind == "unclear" and gap:
        return gettext(
            "{losses}, but {what} differ so much that this may be chance ({gap})."
        ).format(losses=losses, what=_differing(evidence), gap=gap)
    if found.kind == "unclear":
        return gettext("{losses}, but these are too few repeats to rule out chance.").format(
            losses=losses
        )
    if found.kind == "trained too little":
        return _falling(evidence, found, losses)
    if found.kind == "underfits":
        assert found.constant_data_loss is not None
        return gettext(
            "{losses}, where a constant prediction has {constant} on training rows."
        ).format(losses=losses, constant=sentence_number(found.constant_data_loss))
    if beyond_chance(found.gap, evidence.look.level):
        return gettext(
            "{losses}{interval}, and the validation loss did not clearly rise again in training."
        ).format(losses=losses, interval=known)
    return ended(f"{losses}{known}")


def _losses(evidence: Evidence, found: Diagnosis) -> str:
    """The network's losses, in a clause."""
    train, validation = map(sentence_number, (found.train_data_loss, found.validation_data_loss))
    known = {"train": train, "validation": validation, "rows": _rows_of(evidence)}
    if found.on != "test" or evidence.test_loss is None:
        return gettext(
            "Without a {change} the network's data loss is {train} on training rows and "
            "{validation} on {rows}"
        ).format(change=change_of(evidence), **known)
    return gettext(
        "Without a {change} the network's data loss is {train} on training rows, {validation} on "
        "{rows} and {test} on {test_rows}"
    ).format(
        change=change_of(evidence),
        test=sentence_number(evidence.test_loss[0].mean()),
        test_rows=rows_of(evidence, "test"),
        **known,
    )


def _interval(evidence: Evidence, found: Diagnosis) -> str:
    """The interval of the gap; "" where there is none."""
    if found.gap is None or not found.gap.has_interval:
        return ""
    ends = sentence_interval(found.gap.low, found.gap.high)
    return gettext("{percent} interval of the gap {ends}").format(
        percent=evidence.look.percent, ends=ends
    )


def _differing(evidence: Evidence) -> str:
    """What differs between the draws of an interval, in the plural."""
    if not evidence.resampling.shares_split:
        return pgettext("what differs", "splits")
    return {
        "row": pgettext("what differs", "rows"),
        "group": pgettext("what differs", "groups"),
        "block": pgettext("what differs", "blocks"),
        "different row": pgettext("what differs", "different rows"),
    }[evidence.unit]


def _rows_of(evidence: Evidence) -> str:
    """The validation rows, with their number where all repeats have the same."""
    rows = pgettext("rows", "validation rows")
    if evidence.resampling.shares_split:
        rows = rows_of(evidence, "validation")
    if "validation" in evidence.weighted_alike:
        return rows
    return gettext("{rows} with their weights").format(rows=rows)


def _rise(found: Diagnosis) -> str:
    """Where the validation loss was lowest, and by how much it rose after that, if it did."""
    if found.rebound is None or not found.rebound.rose:
        return ""
    said = gettext(
        "; on those it was lowest ({lowest}) at epoch {epoch:,} and rose again by {rise}"
    )
    if found.on == "test":
        said = gettext(
            "; on validation rows it was lowest ({lowest}) at epoch {epoch:,} and rose again by "
            "{rise}"
        )
    return said.format(
        lowest=sentence_number(found.rebound.lowest),
        epoch=found.rebound.epoch,
        rise=sentence_number(found.rebound.lost),
    )


def _falling(evidence: Evidence, found: Diagnosis, losses: str) -> str:
    """The losses, and how much the validation loss was still falling at the end."""
    assert found.rebound is not None
    epochs = evidence.baseline_curve.shape[1]
    last = max(1, round(LAST_PART * epochs))
    said = gettext(
        "{losses}, where it was still falling at the end (by {fall} over the last of {epochs:,} "
        "epochs)."
    )
    if last > 1:
        said = gettext(
            "{losses}, where it was still falling at the end (by {fall} over the last {last:,} of "
            "{epochs:,} epochs)."
        )
    fall = sentence_number(found.rebound.last_fall)
    return said.format(losses=losses, fall=fall, last=last, epochs=epochs)


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
        known = gettext("95 % interval {ends}")
        if evidence.resampling.shares_split:
            known = gettext("95 % interval over rows and seeds {ends}")
        known = bracketed(known.format(ends=sentence_interval(gain.low, gain.high)))
    return gettext(
        "From {before:,} to {after:,} training rows its lowest validation data loss fell by "
        "{fall}{interval}."
    ).format(before=before, after=after, fall=sentence_number(gain.mean), interval=known)
