"""What a comparison of methods shows, in words that claim no more than its intervals do."""

import dataclasses
import math
from collections.abc import Iterable, Mapping, Sequence

from wane._language import gettext, in_each, ngettext, pgettext
from wane.report.numbers import number
from wane.report.wording import (
    bracketed,
    capital,
    clauses,
    ended,
    held,
    listing,
    method_label,
    metric_label,
    paragraph,
    released,
)
from wane.resampling.splits import Resampling
from wane.study.evaluation.compared.methods import Conclusion, MethodRow, MethodsSummary
from wane.study.spec.selection import LEAST_TEST_ROWS, too_few_groups
from wane.study.verdicts.beside.searched import searched
from wane.study.verdicts.rows import (
    few_groups,
    few_test_rows,
    in_groups,
    part_of,
    rows_in_groups,
)
from wane.study.verdicts.scope import holds_for, shared_by_repeats

_OPPOSITE: dict[Conclusion, Conclusion] = {"better": "worse", "worse": "better"}


def with_text(
    summary: MethodsSummary,
    resampling: Resampling,
    rows: Mapping[str, int],
    groups: Mapping[str, int],
    *,
    same_weights: bool,
) -> MethodsSummary:
    """A comparison with its verdict in each language; arguments as for :func:`comparison_text`."""
    text, others = in_each(
        lambda: comparison_text(summary, resampling, rows, groups, same_weights=same_weights)
    )
    translations = {name: {"text": own} for name, own in others.items()}
    return dataclasses.replace(summary, text=text, translations=translations)


def comparison_text(
    summary: MethodsSummary,
    resampling: Resampling,
    rows: Mapping[str, int],
    groups: Mapping[str, int],
    *,
    same_weights: bool,
) -> str:
    """The verdict of a comparison in the language of now.

    Args:
        summary: the comparison.
        resampling: how repeats differ.
        rows: how many rows of each part there are in a repeat.
        groups: how many groups the rows of a part are of, where they have some.
        same_weights: whether all repeats start from the same weights.
    """
    search = searched(summary)
    summary = _with_held_names(summary)
    unit = resampling.dependence.unit if resampling.dependence and groups else "row"
    evaluated = _Evaluated(summary, rows, groups, unit)
    sentences = [
        _best(summary),
        evaluated.too_few(),
        _first(summary),
        _beside_none(summary),
        _beside_best(summary),
        search,
        _edges(summary.methods),
        _ineligible(summary) or _not_comparable(summary.methods),
        _scope(evaluated, resampling, same_weights),
    ]
    return released(paragraph(sentences))


def _with_held_names(summary: MethodsSummary) -> MethodsSummary:
    """The comparison with methods as people call them, and the spaces of their names kept."""

    def named(method: str) -> str:
        return method if method == "none" else held(method_label(method))

    methods = [
        dataclasses.replace(
            row,
            method=named(row.method),
            setting=None if row.setting is None else held(row.setting),
        )
        for row in summary.methods
    ]
    pairs = [
        dataclasses.replace(row, method=named(row.method), other=named(row.other))
        for row in summary.pairs
    ]
    return dataclasses.replace(
        summary,
        best=named(summary.best),
        first=named(summary.first),
        ineligible=[named(name) for name in summary.ineligible],
        methods=methods,
        pairs=pairs,
    )


def _row(summary: MethodsSummary, method: str) -> MethodRow:
    return next(row for row in summary.methods if row.method == method)


def _best(summary: MethodsSummary) -> str:
    best = _row(summary, summary.best)
    label = metric_label(summary.by)
    value = gettext("a {part} {label} of {value}").format(
        part=part_of(summary.evaluated_on), label=label, value=number(best.value)
    )
    if best.method == "none":
        said = gettext("By validation {label} no method is better than none, which has {value}.")
        if summary.ineligible:
            said = gettext(
                "By validation {label} no eligible method is better than none, which has {value}."
            )
        return said.format(label=label, value=value)
    choice = gettext("The choice by validation {label} is {method}{setting}, with {value}").format(
        label=label, method=best.method, setting=bracketed(str(best.setting)), value=value
    )
    return ended(choice) if math.isnan(best.difference) else _gain(choice, best)


def _gain(choice: str, best: MethodRow) -> str:
    """The choice, with by how much it is better than none, in a sentence."""
    gain = gettext("{size} higher than none")
    if best.difference < 0:
        gain = gettext("{size} lower than none")
    known = {"choice": choice, "gain": gain.format(size=number(abs(best.difference)))}
    if best.conclusion == "cannot be told":
        return gettext("{choice}, {gain}.").format(**known)
    if best.conclusion in ("better", "worse"):
        if math.isnan(best.low):  # equal differences have no spread for one
            return gettext("{choice}: {gain} in every repeat.").format(**known)
        low, high = map(number, sorted((abs(best.low), abs(best.high))))
        return gettext("{choice}: {gain} (95 % interval {low} to {high}).").format(
            low=low, high=high, **known
        )
    if math.isnan(best.p_holm):  # one repeat has no test
        return gettext(
            "{choice}, {gain}, but too few runs to rule out chance: use more repeats."
        ).format(**known)
    return gettext(
        "{choice}, {gain}, which may be chance (p is {p} after Holm's adjustment over the methods)."
    ).format(p=number(best.p_holm), **known)


def _first(summary: MethodsSummary) -> str:
    """Another method that has the best value on test rows, by which nothing may be chosen."""
    if summary.first == summary.best or summary.evaluated_on != "test":
        return ""
    said = gettext(
        "The highest test {label} is that of {method}, {value}, which is no reason to choose it: "
        "choosing by test rows would bias the test estimate."
    )
    if summary.direction == "down":
        said = gettext(
            "The lowest test {label} is that of {method}, {value}, which is no reason to choose "
            "it: choosing by test rows would bias the test estimate."
        )
    return said.format(
        label=metric_label(summary.by),
        method=method_label(summary.first),
        value=number(_row(summary, summary.first).value),
    )


def _beside_none(summary: MethodsSummary) -> str:
    others = [row for row in summary.methods if row.method not in ("none", summary.best)]
    conclusions = _conclusions([(row.method, row.conclusion) for row in others], than_none=True)
    if not conclusions:
        return ""
    return gettext("Beside none: {conclusions}.").format(conclusions=conclusions)


def _beside_best(summary: MethodsSummary) -> str:
    best = summary.best
    if best == "none":
        return ""
    rows: list[tuple[str, Conclusion]] = []
    for pair in summary.pairs:
        if pair.method == best:
            rows.append((pair.other, _OPPOSITE.get(pair.conclusion, pair.conclusion)))
        elif pair.other == best:
            rows.append((pair.method, pair.conclusion))
    conclusions = _conclusions(rows, than_none=False)
    if not conclusions:
        return ""
    return gettext("Beside {method}: {conclusions}.").format(method=best, conclusions=conclusions)


def _conclusions(rows: Sequence[tuple[str, Conclusion]], *, than_none: bool) -> str:
    """Which methods are better, which are worse, and for which no difference was detected."""
    parts = []
    kinds: tuple[Conclusion, ...] = ("better", "worse", "no difference detected")
    for conclusion in kinds:
        names = [method for method, own in rows if own == conclusion]
        if names:
            said = _concluded(conclusion, len(names), than_none=than_none)
            parts.append(said.format(names=listing(names)))
    return clauses(parts)


def _concluded(conclusion: Conclusion, count: int, *, than_none: bool) -> str:
    """A conclusion on so many methods, with a field for their names."""
    if conclusion == "better" and than_none:
        return ngettext("{names} is better than none", "{names} are better than none", count)
    if conclusion == "better":
        return ngettext("{names} is better", "{names} are better", count)
    if conclusion == "worse" and than_none:
        return ngettext("{names} is worse than none", "{names} are worse than none", count)
    if conclusion == "worse":
        return ngettext("{names} is worse", "{names} are worse", count)
    return gettext("no difference was detected for {names}")


def _edges(rows: Iterable[MethodRow]) -> str:
    """Methods whose best setting is an end of its range, beyond which nothing was tried.

    The weakest setting of a method that does not help says only that it does not.
    """
    words = {
        "strongest": gettext("{method} (strongest)"),
        "weakest": gettext("{method} (weakest)"),
    }
    ends = [
        words[row.edge].format(method=row.method)
        for row in rows
        if row.edge == "strongest" or (row.edge and row.conclusion == "better")
    ]
    if not ends:
        return ""
    return gettext(
        "The best setting is an end of the range that was tried, so that more may be gained, for "
        "{names}."
    ).format(names=listing(ends))


def _ineligible(summary: MethodsSummary) -> str:
    if not summary.ineligible or summary.evaluated_on != "test":
        return ""
    return gettext(
        "{names} is reported but not eligible: its epoch is selected on the validation rows, so "
        "its validation {label} is optimistic."
    ).format(names=capital(listing(list(summary.ineligible))), label=metric_label(summary.by))


def _not_comparable(rows: Iterable[MethodRow]) -> str:
    names = [row.method for row in rows if row.conclusion == "not comparable"]
    if not names:
        return ""
    return gettext(
        "{names} selected the epoch on the rows that evaluate it, so that it looks too good and is "
        "not compared: hold out test rows."
    ).format(names=capital(listing(names)))


@dataclasses.dataclass(frozen=True)
class _Evaluated:
    """What methods are evaluated on, with the rows and groups of each part."""

    summary: MethodsSummary
    rows: Mapping[str, int]
    groups: Mapping[str, int]
    unit: str

    def on(self) -> str:
        """The rows that evaluate, in a phrase."""
        part, groups = self.summary.evaluated_on, self.groups.get(self.summary.evaluated_on)
        if part == "test":
            return rows_in_groups(self.summary.rows, part, groups, self.unit)
        # How many there are differs from repeat to repeat, their groups are those of all.
        rows = pgettext("rows", "validation rows")
        return rows if groups is None else in_groups(rows, groups, self.unit)

    def too_few(self) -> str:
        """That there are too few rows, or groups of them, to tell."""
        if self.summary.evaluated_on == "test":
            return ""
        sentences = []
        groups = self.groups.get("test")
        if 0 < (self.rows.get("test", 0) if groups is None else groups) < LEAST_TEST_ROWS:
            what = gettext("which method is better")
            sentences.append(ended(few_test_rows(self.rows["test"], groups, self.unit, what)))
        if too_few_groups(self.groups):
            few = few_groups(self.groups["validation"], self.unit)
            untold = gettext(
                "Whether a method is better on new rows cannot be told, since {reason}."
            )
            sentences.append(untold.format(reason=few))
        return paragraph(sentences)


def _scope(evaluated: _Evaluated, resampling: Resampling, same_weights: bool) -> str:
    summary = evaluated.summary
    settings, repeats = summary.settings, resampling.repeats
    shared = shared_by_repeats(resampling.shares_split, same_weights)
    on_test = summary.evaluated_on == "test"
    on = gettext("evaluated on {rows}")
    if on_test:
        on = gettext("evaluated on {rows}, which chose nothing")
    elif summary.corrected and settings > 1:
        on = gettext("evaluated on {rows}, corrected by a bootstrap for having chosen the settings")
    elif settings > 1:
        on = gettext(
            "evaluated on {rows}, which chose the settings and so make the best ones look somewhat "
            "too good"
        )
    several = gettext("one setting")
    if settings > 1:
        several = gettext("the best of {settings} settings").format(settings=settings)
    if summary.search is not None and summary.search.trained < summary.search.trials:
        several = gettext(
            "the best of up to {settings} settings (fewer runs for those that fell behind)"
        ).format(settings=settings)
    common = ""
    if shared and repeats > 1:
        common = gettext("; all runs {shared}").format(shared=shared)
    return ngettext(
        "Each method is {setting} with {runs} run each, {evaluated}{common}; the differences hold "
        "for {networks}.",
        "Each method is {setting} with {runs} runs each, {evaluated}{common}; the differences hold "
        "for {networks}.",
        repeats,
    ).format(
        setting=several,
        runs=repeats,
        evaluated=on.format(rows=evaluated.on()),
        common=common,
        networks=holds_for(
            resampling, evaluated.rows["train"], same_weights=same_weights, on_test=on_test
        ),
    )
