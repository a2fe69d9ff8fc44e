"""What candidates have come to by the runs that have ended, to be shown while others train."""

from collections.abc import Sequence

from wane.penalties import strength_of
from wane.report.display.standing import Standing
from wane.study.journal.journal import Journal
from wane.study.spec.selection import DATA_LOSS, Criterion
from wane.study.spec.spec import StudySpec


def standing_of(
    spec: StudySpec, by: Criterion, columns: Sequence[str], journal: Journal
) -> Standing:
    """The standing of a study's candidates by what the journal holds.

    Args:
        spec: the study.
        by: what candidates are chosen by. A scorer's numbers come after all training, so that the
            data loss stands for them.
        columns: those of the runs' curves.
        journal: the finished runs.
    """
    if f"validation_{by.name}" not in columns:
        by = DATA_LOSS
    kinds = [" + ".join(part.kind for part in one) for one in spec.candidates]
    candidates = [*zip(spec.names, kinds, map(strength_of, spec.candidates), strict=True)]
    ineligible = [spec.candidates.index(one) for one in spec.ineligible]
    found = Standing(by.name, by.direction == "up", candidates, ineligible)
    for candidate, _, _, numbers in journal.runs():
        found.take(candidate, numbers)
    return found
