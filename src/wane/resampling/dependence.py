"""What the rows of a study have to do with each other, and what is said of it."""

import dataclasses
from collections.abc import Sequence
from typing import Any

import numpy as np

from wane._errors import InputError, whole_number
from wane.resampling.examples import Examples
from wane.resampling.schemes import Fresh, Subsample
from wane.resampling.splits import Dependent, is_splitter
from wane.resampling.ties.copies import Copies, copies
from wane.resampling.ties.grouping import Dependence, group_codes, joined_groups
from wane.resampling.ties.series import (
    blocks,
    blocks_leave_enough,
    time_ranks,
    window_gap,
    window_move,
)

NOTED = 0.05
"""From this share of rows on that have equal inputs and are no copies, a note says so."""


@dataclasses.dataclass(frozen=True)
class Ties:
    """Groups or times of rows, as :class:`wane.Study` takes them."""

    groups: Any = None
    time: Any = None
    gap: int = 0


@dataclasses.dataclass(frozen=True)
class Related(Dependent):
    """Rows with what they have to do with each other, and what to say of it."""

    found: Copies | None = None
    left_as_they_are: bool = False

    def said(
        self, parts: Sequence[Examples | None], validation: Any, test: Any
    ) -> tuple[Dependence | None, tuple[str, ...]]:
        """The dependence of all parts, and sentences on it.

        Args:
            parts: development, validation and test rows, those two as far as there are any apart.
            validation, test: as the study takes them.
        """
        dependence = self.dependence
        given = [
            name for name, one in {"validation": validation, "test": test}.items() if _arrays(one)
        ]
        if dependence is None and any(p is not None and p.groups is not None for p in parts[1:]):
            dependence = Dependence("copies", copies=True)
        notes = []
        if dependence is not None and self.rows is not None and dependence.kind != "copies":
            notes += {
                "groups": self._of_groups,
                "time": self._of_time,
                "windows": self._of_windows,
            }[dependence.kind](dependence, given, bool(test))
        return dependence, (*notes, *self._of_copies(validation, test))

    def _of_groups(self, dependence: Dependence, given: list[str], _: bool) -> list[str]:
        assert self.rows is not None and self.rows.groups is not None
        count = len(np.unique(self.rows.groups))
        named = f" ({dependence.name})" if dependence.name else ""
        notes = [
            f"The {len(self.rows):,} rows are of {count:,} groups{named}: none is on both sides of "
            f"a split, and intervals draw groups in place of rows."
        ]
        if given:
            notes.append(
                f"Groups are of x alone: rows given as {' and '.join(given)} rows count one by one."
            )
        return notes

    def _of_time(self, dependence: Dependence, _: list[str], has_test: bool) -> list[str]:
        named = f" ({dependence.name})" if dependence.name else ""
        parts = "the last rows test, those before them validate"
        parts = parts if has_test else "the last rows validate"
        gap = f", with {dependence.gap:,} rows left out between parts" if dependence.gap else ""
        return [
            f"Rows are in the order of time{named}: {parts}, and training rows are earlier{gap}. "
            f"Repeats share that split and differ in seed; intervals draw blocks of rows."
        ]

    def _of_windows(self, dependence: Dependence, _: list[str], has_test: bool) -> list[str]:
        assert self.rows is not None
        move, _steps = window_move(self.rows.x)
        last = "the last rows test, and " if has_test else ""
        return [
            f"Rows of x are windows that overlap: each is the row before, moved on by {move} "
            f"step{'s' if move > 1 else ''}. So {last}in each repeat a block of consecutive rows "
            f"validates; the {dependence.gap:,} rows on either side of a block overlap with it and "
            f"are left out of training."
        ]

    def _of_copies(self, validation: Any, test: Any) -> list[str]:
        found = self.found
        if found is None or not found.rows or self.rows is None:
            return []
        rows = len(self.rows)
        if found.codes is None:
            if not found.other_targets or found.rows < NOTED * rows:
                return []
            return [
                f"{found.rows:,} of {rows:,} rows have inputs that another row has too, and "
                f"{found.other_targets:,} of these another target: they are taken for "
                f"observations of their own."
            ]
        but = f" but for {found.other_targets:,} of them" if found.other_targets else ""
        said = (
            f"{found.rows:,} of {rows:,} rows are copies (equal in all inputs, and in the target"
            f"{but}); {found.different:,} rows are different."
        )
        if _arrays(validation) and (test is None or _arrays(test)):  # nothing is divided
            return [said]
        blind = [
            f"{name}={type(one).__name__}(…)"
            for name, one in {"validation": validation, "test": test}.items()
            if is_splitter(one) or isinstance(one, Subsample)
        ]
        if blind and self.dependence is not None:
            return [
                f"{said} {' and '.join(blind)} may put copies on both sides of a split, where they "
                f"look better than new rows: give a fraction, which keeps copies together."
            ]
        return [f"{said} Copies are on one side of each split, and intervals draw them as one."]


def related(rows: Examples, ties: Ties, validation: Any, test: Any) -> Related:
    """The rows with their groups, or in their order.

    Args:
        rows: that are to be divided.
        ties: what the user says of them.
        validation, test: as the study takes them.

    Raises:
        InputError: if groups or times do not fit the rows, or the way in which they are divided.
    """
    gap = whole_number(ties.gap, "gap", least=0)
    if gap and ties.time is None:
        raise InputError(
            f"gap={gap} (--gap) leaves out rows between earlier and later ones: give time "
            f"(--time COLUMN) too."
        )
    if ties.groups is not None and ties.time is not None:
        raise InputError(
            "groups (--group) and time (--time) ask for two kinds of splits: give one of them; "
            "for later rows of new groups, give test rows as arrays."
        )
    _check_divided(ties, validation, test)
    if ties.time is not None:
        ranks = time_ranks(ties.time, len(rows), _called("time", ties.time))
        order = np.argsort(ranks, kind="stable")
        ordered = dataclasses.replace(rows.at(order), places=ranks[order])
        return Related(ordered, Dependence("time", _name(ties.time), gap))
    if isinstance(validation, Fresh):
        return Related(rows)
    overlap = _windows(rows, validation, test) if ties.groups is None else 0
    if overlap:
        placed = dataclasses.replace(rows, places=np.arange(len(rows)))
        return Related(placed, Dependence("windows", gap=overlap))
    found = copies(rows.x, rows.y)
    if ties.groups is None:
        if found.codes is None:
            return Related(rows, found=found)
        grouped = dataclasses.replace(rows, groups=found.codes)
        return Related(grouped, Dependence("copies", copies=True), found)
    codes = group_codes(ties.groups, len(rows), _called("groups", ties.groups))
    if found.codes is not None:
        codes = joined_groups(codes, found.codes)
        if len(np.unique(codes)) < 2:
            raise InputError(
                "Groups that share copies of a row count as one, and so all rows are one group: "
                "leave out the copies, or give other groups."
            )
    dependence = Dependence("groups", _name(ties.groups), copies=found.codes is not None)
    return Related(dataclasses.replace(rows, groups=codes), dependence, found)


def with_groups_of_given(rows: Examples, kind: str) -> Examples:
    """Rows that were given as a part, with blocks where they overlap, or else with their copies."""
    if kind == "windows" and window_gap(rows.x):
        return dataclasses.replace(rows, groups=blocks(len(rows)))
    return dataclasses.replace(rows, groups=copies(rows.x, rows.y).codes)


def _windows(rows: Examples, validation: Any, test: Any) -> int:
    """On how many rows either side of a row others overlap with it, where blocks can divide them.

    They can where fractions do, and enough rows are left to train on.
    """
    fractions = [one for one in (test, validation) if isinstance(one, float)]
    others = [one for one in (test, validation) if one is not None and not isinstance(one, float)]
    if not fractions or not all(map(_arrays, others)):
        return 0
    gap = window_gap(rows.x)
    return gap if gap and blocks_leave_enough(len(rows), fractions, gap) else 0


def _check_divided(ties: Ties, validation: Any, test: Any) -> None:
    """Refuse groups and times where rows are divided by something that knows of none."""
    what = "groups" if ties.groups is not None else "time" if ties.time is not None else ""
    if not what:
        return
    if isinstance(validation, Fresh | Subsample):
        name = type(validation).__name__
        raise InputError(
            f"wane.{name} draws rows and knows of no {what}: give a fraction as validation, or "
            f"leave {what} out."
        )
    for name, one in {"validation": validation, "test": test}.items():
        if what == "time" and one is not None and (_arrays(one) or is_splitter(one)):
            raise InputError(
                f"time (--time) says itself which rows are for {name}, the later ones: give a "
                f"fraction as {name}, or leave time out."
            )


def _arrays(given: Any) -> bool:
    return isinstance(given, tuple | list)


def _name(labels: Any) -> str:
    """What a column is called."""
    name = getattr(labels, "name", None)
    return "" if name is None else str(name)


def _called(argument: str, labels: Any) -> str:
    """An argument with the name of its column, for an error."""
    name = _name(labels)
    return f"{argument} ({name!r})" if name else argument
