"""Rows of a part in words, with the groups that they are of."""

from wane._language import gettext, ngettext, pgettext
from wane.report.wording import bracketed
from wane.resampling.splits import Resampling
from wane.study.evaluation.evidence import Evidence
from wane.study.spec.selection import LEAST_TEST_ROWS


def change_of(evidence: Evidence) -> str:
    """What the candidates have and the baseline has not, in a word."""
    if evidence.change == "penalty":
        return pgettext("of a candidate", "penalty")
    return pgettext("of a candidate", "change")


def part_of(name: str) -> str:
    """A part of the rows, as it stands before these."""
    return pgettext("rows", "test") if name == "test" else pgettext("rows", "validation")


def rows_of(evidence: Evidence, part: str) -> str:
    """The rows of a part with their number, and of how many groups they are."""
    return rows_in_groups(evidence.rows[part], part, evidence.groups.get(part), evidence.unit)


def rows_in_groups(rows: int, part: str, groups: int | None, unit: str) -> str:
    """The rows of a part with their number, and of how many groups they are.

    Args:
        rows: how many.
        part: ``"test"`` or ``"validation"``.
        groups: of how many groups they are, or None where they have none.
        unit: what a group is, in a word.
    """
    if part == "test":
        words = ngettext("{rows:,} test row", "{rows:,} test rows", rows)
    else:
        words = ngettext("{rows:,} validation row", "{rows:,} validation rows", rows)
    words = words.format(rows=rows)
    if groups is None or (unit == "different row" and groups == rows):
        return words
    return in_groups(words, groups, unit)


def in_groups(rows: str, groups: int, unit: str) -> str:
    """Some rows, with of how many groups they are."""
    if unit == "different row":
        return gettext("{rows} ({groups:,} of them different)").format(rows=rows, groups=groups)
    own = counted_units(groups, unit)
    if unit == "block":
        return gettext("{rows} in {blocks}").format(rows=rows, blocks=own)
    return gettext("{rows} of {groups}").format(rows=rows, groups=own)


def counted_units(count: int, unit: str) -> str:
    """A number of what is drawn in place of rows."""
    words = {
        "group": ngettext("{count:,} group", "{count:,} groups", count),
        "block": ngettext("{count:,} block", "{count:,} blocks", count),
        "different row": ngettext("{count:,} different row", "{count:,} different rows", count),
    }
    return words[unit].format(count=count)


def few_groups(groups: int, unit: str) -> str:
    """That validation rows are of too few groups, and what to do."""
    return ngettext(
        "{groups} of validation rows is too few: give at least {least}",
        "{groups} of validation rows are too few: give at least {least}",
        groups,
    ).format(groups=counted_units(groups, unit), least=LEAST_TEST_ROWS)


def few_test_rows(rows: int, groups: int | None, unit: str, what: str) -> str:
    """That there are too few test rows to decide something, and what to do."""
    least = pgettext("rows", "{count}").format(count=LEAST_TEST_ROWS)
    if groups is not None:
        least = counted_units(LEAST_TEST_ROWS, unit)
    return ngettext(
        "{rows} is too few to decide {what}: give at least {least}",
        "{rows} are too few to decide {what}: give at least {least}",
        rows,
    ).format(rows=rows_in_groups(rows, "test", groups, unit), what=what, least=least)


def new_ones(resampling: Resampling) -> str:
    """For which rows beside the study's what is said holds, as the end of a sentence, or "".

    Only where they are other than any new rows.
    """
    dependence = resampling.dependence
    if dependence is None:
        return ""
    if dependence.kind == "time":
        return gettext(", on later rows of this series")
    if dependence.kind == "groups":
        return gettext(", on new groups{name}").format(name=bracketed(dependence.name))
    if dependence.kind == "copies":
        return gettext(", on rows that are no copies of theirs")
    return gettext(", on rows that do not overlap with theirs")
