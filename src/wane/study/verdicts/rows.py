"""Rows of a part in words, with the groups that they are of."""

from wane.report.wording import counted
from wane.resampling.splits import Resampling
from wane.study.evaluation.evidence import Evidence
from wane.study.spec.selection import LEAST_TEST_ROWS


def rows_of(evidence: Evidence, part: str) -> str:
    """The rows of a part with their number, and of how many groups they are."""
    return rows_in_groups(evidence.rows[part], part, evidence.groups.get(part), evidence.unit)


def rows_in_groups(rows: int, part: str, groups: int | None, unit: str) -> str:
    """The rows of a part with their number, and of how many groups they are.

    Args:
        rows: how many.
        part: which part.
        groups: of how many groups they are, or None where they have none.
        unit: what a group is, in a word.
    """
    words = counted(rows, f"{part} row")
    if groups is None:
        return words
    if unit == "different row" and groups == rows:
        return words
    return words + groups_in_words(groups, unit)


def groups_in_words(groups: int, unit: str) -> str:
    """Of how many groups some rows are, as it follows these."""
    if unit == "different row":
        return f" ({groups:,} of them different)"
    return f" {'in' if unit == 'block' else 'of'} {counted(groups, unit)}"


def few_groups(groups: int, unit: str) -> str:
    """That validation rows are of too few groups, and what to do."""
    are = "is" if groups == 1 else "are"
    return (
        f"{counted(groups, unit)} of validation rows {are} too few: give at least {LEAST_TEST_ROWS}"
    )


def few_test_rows(rows: int, groups: int | None, unit: str, what: str) -> str:
    """That there are too few test rows to decide something, and what to do."""
    are = "is" if rows == 1 else "are"
    more = "" if groups is None else f" {unit}s"
    few = f"{rows_in_groups(rows, 'test', groups, unit)} {are} too few to decide {what}"
    return f"{few}: give at least {LEAST_TEST_ROWS}{more}"


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
