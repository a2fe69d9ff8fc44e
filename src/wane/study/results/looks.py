"""What a look at a study came to, beside its verdict."""

import numpy as np

from wane.stats import anytime_p, confidence_sequence, holm
from wane.stats.sequential import LEVEL, enough_repeats, repeats_suffice
from wane.study.evaluation.evidence import Evidence
from wane.study.results.schema import Anytime, LookSummary
from wane.study.spec.selection import best_index


def look_summary(evidence: Evidence, helps: bool) -> LookSummary:
    """What this look came to.

    Args:
        evidence: the numbers that it had.
        helps: the verdict.
    """
    chosen = evidence.chosen
    return LookSummary(
        number=evidence.look.number,
        repeats=evidence.validation_loss.shape[1],
        level=evidence.look.level,
        chosen=evidence.names[chosen or 0],
        helps=helps,
        repeats_suffice=_repeats_suffice(evidence),
        anytime=_anytime(evidence, chosen) if chosen else None,
        added=evidence.look.added,
    )


def _repeats_suffice(evidence: Evidence) -> bool:
    """Whether more repeats would take little off the variance of the best candidate's difference.

    The best of those that are not the baseline, since the baseline is what it differs from.
    """
    resampling = evidence.resampling
    ratio = resampling.test_to_train_ratio
    if ratio is not None:
        counted = resampling.independent(evidence.losses).shape[-1]
        return bool(counted >= enough_repeats(ratio))
    others = evidence.losses.copy()
    others[[0, *evidence.ineligible]] = np.nan
    best = best_index(others, evidence.candidates)
    rows = evidence.validation_rows.get(evidence.criterion.name)
    if rows is None or best is None:
        return False
    return repeats_suffice(rows[best] - rows[0], evidence.values[best] - evidence.values[0])


def _anytime(evidence: Evidence, chosen: int) -> Anytime | None:
    """The chosen one's improvement by the e-process, where each repeat has rows of its own.

    There is none where the baseline has diverged.
    """
    resampling = evidence.resampling
    if resampling.test_to_train_ratio is not None or resampling.shares_split:
        return None
    gains = evidence.losses[0] - evidence.losses[1:]
    known = np.isfinite(gains).all(axis=1)
    if not known[chosen - 1]:
        return None
    p_values = np.full(len(gains) + len(evidence.dropped), np.nan)
    p_values[: len(gains)][known] = anytime_p(gains[known])[:, -1]
    p_values[len(gains) :] = 1.0
    one = confidence_sequence(gains[chosen - 1], confidence=1 - LEVEL / np.sum(~np.isnan(p_values)))
    return Anytime(float(holm(p_values)[chosen - 1]), one.low, one.high)
