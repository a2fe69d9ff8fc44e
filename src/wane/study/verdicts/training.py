"""How candidates were trained, and what that showed beside the choice."""

import numpy as np

from wane._language import gettext, ngettext, pgettext
from wane.penalties import patience_of
from wane.report.numbers import sentence_number
from wane.report.wording import listing, metric_label, paragraph
from wane.study.evaluation.diagnosis import Diagnosis
from wane.study.evaluation.evidence import Evidence
from wane.study.evaluation.paired import paired
from wane.study.spec.selection import LEAST_TEST_ROWS
from wane.study.verdicts.rows import change_of

FOR_NOTHING = 0.5
"""From this share of penalties on that raise the training loss for nothing, the verdict says so."""
RAISED = 0.05
"""A penalty that raises the training loss by less than this share has hardly changed it."""


def too_strong(evidence: Evidence, found: Diagnosis, helps: bool) -> str:
    """Where a penalty raised the training loss for nothing: no case for more regularization."""
    if helps or found.kind not in ("fine", "unclear", "underfits"):
        return ""
    worst, raised, count = 0, 0.0, 0
    for index in range(1, len(evidence.names)):
        train, validation = evidence.train_loss[index], evidence.validation_loss[index]
        if not np.all(np.isfinite(validation)):
            continue
        rise = paired(train, evidence.train_loss[0], evidence.resampling)
        fell = validation.mean() < evidence.validation_loss[0].mean()
        if rise.is_positive and not fell and rise.mean > RAISED * found.train_data_loss:
            count += 1
            worst, raised = max((worst, raised), (index, rise.mean), key=lambda one: one[1])
    # The strongest end of a wide range always is too strong, of which there is nothing to say.
    few = count < FOR_NOTHING * (len(evidence.names) - 1)
    if not worst or (few and found.kind != "underfits"):
        return ""
    cause = ""
    if found.kind == "underfits":
        cause = gettext(": the network has too little capacity, or was trained too little")
    elif _is_worse(evidence, worst):
        cause = gettext(": that is too strong for this network")
    return gettext(
        "{name} raised the training data loss from {before} to {after} and did not lower the "
        "validation data loss ({loss} with it){cause}, which is no case for more regularization."
    ).format(
        name=evidence.names[worst],
        before=sentence_number(found.train_data_loss),
        after=sentence_number(evidence.train_loss[worst].mean()),
        loss=sentence_number(evidence.validation_loss[worst].mean()),
        cause=cause,
    )


def _is_worse(evidence: Evidence, index: int) -> bool:
    """Whether a candidate's validation data loss is higher than the baseline's beyond chance."""
    losses, rows = evidence.validation_loss, evidence.validation_rows.get("data_loss")
    over_rows = None if rows is None else rows[index] - rows[0]
    return paired(losses[index], losses[0], evidence.resampling, over_rows).is_positive


def divergence(evidence: Evidence) -> str:
    broken = np.count_nonzero(~np.isfinite(evidence.train_loss), axis=1)
    broken[list(evidence.dropped)] = 0  # those runs were never trained
    if not broken.any():
        return ""
    counts = pgettext("between clauses", ", ").join(
        gettext("{count} of {name}").format(count=count, name=name)
        for name, count in zip(evidence.names, broken, strict=True)
        if count
    )
    return gettext(
        "Some runs diverged ({counts}); candidates with such runs are not chosen."
    ).format(counts=counts)


def extended(evidence: Evidence) -> str:
    """Which candidates the study added by itself, and why."""
    of_stopping = [i for i in evidence.extended if patience_of(evidence.candidates[i]) is not None]
    strengths = [evidence.names[i] for i in evidence.extended if i not in of_stopping]
    said = []
    if strengths:
        further = gettext(
            "Validation {label} still got better at the end of the strengths given, so the study "
            "went on to {names}."
        )
        label = metric_label(evidence.criterion.name)
        said.append(further.format(label=label, names=listing(strengths)))
    if of_stopping:
        also = gettext(
            "Validation data loss was lowest at epoch {epoch:,} of {epochs:,} without a {change}, "
            "so the study also tried {name}."
        )
        said.append(
            also.format(
                epoch=int(np.argmin(evidence.baseline_curve.mean(axis=0))) + 1,
                epochs=evidence.baseline_curve.shape[1],
                change=change_of(evidence),
                name=evidence.names[of_stopping[0]],
            )
        )
    return paragraph(said)


def dropped(evidence: Evidence) -> str:
    if not evidence.dropped:
        return ""
    trained = np.full(len(evidence.names), evidence.validation_loss.shape[1])
    trained[list(evidence.dropped)] = list(evidence.dropped.values())
    share = f"{trained.sum() / evidence.validation_loss.size:.0%}".replace("%", " %")
    return gettext(
        "Halving dropped {dropped} of {candidates} candidates that fell behind, and trained "
        "{share} of the runs; means of fewer repeats are of those alone."
    ).format(dropped=len(evidence.dropped), candidates=len(evidence.names), share=share)


def ineligible(evidence: Evidence) -> str:
    """Which candidates nothing may choose, where test rows would have made them eligible."""
    if not evidence.ineligible or evidence.units("test") >= LEAST_TEST_ROWS:
        return ""
    names = listing([evidence.names[index] for index in evidence.ineligible])
    return ngettext(
        "{names} is reported but not eligible: its epochs were selected on the validation rows, on "
        "which the loss looks too low; at least {least} test rows would judge it.",
        "{names} are reported but not eligible: their epochs were selected on the validation rows, "
        "on which the loss looks too low; at least {least} test rows would judge them.",
        len(evidence.ineligible),
    ).format(names=names, least=LEAST_TEST_ROWS)


def stopped(evidence: Evidence) -> str:
    if not evidence.stopped_by_validation:
        return ""
    return gettext(
        "The epoch at which each run stopped was selected on the validation rows, so their losses "
        "are optimistic for every candidate, and their differences may be too."
    )
