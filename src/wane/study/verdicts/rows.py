"""Rows of a part in words, with the groups that they are of."""

from wane.report.wording import counted
from wane.resampling.splits import Resampling
from wane.study.evaluation.evidence import Evidence


def rows_of(evidence: Evidence, part: str) -> str:
    """The rows of a part with their number, and of how many groups they are."""
    rows = counted(evidence.rows[part], f"{part} row")
    if part not in evidence.groups:
        return rows
    groups = evidence.groups[part]
    if evidence.unit == "different row":
        return f"{rows} ({groups:,} of them different)" if groups < evidence.rows[part] else rows
    return f"{rows} {'in' if evidence.unit == 'block' else 'of'} {counted(groups, evidence.unit)}"


def new_ones(resampling: Resampling) -> str:
    """For which rows beside the study's what is said holds, as the end of a sentence, or "".

    Only where they are other than any new rows.
    """
    dependence = resampling.dependence
    if dependence is None:
        return ""
    if dependence.kind == "time":
        return ", on later rows of this series"
    named = f" ({dependence.name})" if dependence.name else ""
    return {
        "groups": f", on new groups{named}",
        "copies": ", on rows that are no copies of theirs",
        "windows": ", on rows that do not overlap with theirs",
    }[dependence.kind]
