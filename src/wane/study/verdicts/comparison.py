"""What a comparison of methods shows, in words that claim no more than its intervals do."""

import dataclasses
import math
from collections.abc import Iterable, Mapping, Sequence

from wane._errors import joined
from wane.report.numbers import number
from wane.report.wording import metric_label
from wane.resampling.splits import Resampling
from wane.study.evaluation.methods import Conclusion, MethodRow, MethodsSummary
from wane.study.spec.selection import LEAST_TEST_ROWS, too_few_groups
from wane.study.verdicts.rows import few_groups, few_test_rows, groups_in_words, rows_in_groups
from wane.study.verdicts.scope import holds_for, shared_by_repeats

_OPPOSITE: dict[Conclusion, Conclusion] = {"better": "worse", "worse": "better"}


def comparison_text(
    summary: MethodsSummary,
    resampling: Resampling,
    rows: Mapping[str, int],
    groups: Mapping[str, int],
    *,
    same_weights: bool,
) -> str:
    """The verdict of a comparison.

    Args:
        summary: the comparison.
        resampling: how repeats differ.
        rows: how many rows of each part there are in a repeat.
        groups: how many groups the rows of a part are of, where they have some.
        same_weights: whether all repeats start from the same weights.
    """
    unit = resampling.dependence.unit if resampling.dependence and groups else "row"
    evaluated = _Evaluated(summary, rows, groups, unit)
    sentences = [
        _best(summary),
        evaluated.too_few(),
        _first(summary),
        _beside_none(summary),
        _beside_best(summary),
        _edges(summary.methods),
        _ineligible(summary) or _not_comparable(summary.methods),
        _scope(evaluated, resampling, same_weights),
    ]
    return " ".join(sentence for sentence in sentences if sentence)


def _row(summary: MethodsSummary, method: str) -> MethodRow:
    return next(row for row in summary.methods if row.method == method)


def _best(summary: MethodsSummary) -> str:
    best = _row(summary, summary.best)
    label = metric_label(summary.by)
    value = f"a {summary.evaluated_on} {label} of {number(best.value)}"
    if best.method == "none":
        eligible = "eligible " if summary.ineligible else ""
        return f"By validation {label} no {eligible}method is better than none, which has {value}."
    choice = f"The choice by validation {label} is {best.method} ({best.setting}), with {value}"
    if math.isnan(best.difference):
        return f"{choice}."
    more = "lower" if best.difference < 0 else "higher"
    gain = f"{number(abs(best.difference))} {more} than none"
    if best.conclusion == "cannot be told":
        return f"{choice}, {gain}."
    if best.conclusion in ("better", "worse"):
        if math.isnan(best.low):  # equal differences have no spread for one
            return f"{choice}: {gain} in every repeat."
        low, high = sorted((abs(best.low), abs(best.high)))
        return f"{choice}: {gain} (95 % interval {number(low)} to {number(high)})."
    if math.isnan(best.p_holm):  # one repeat has no test
        return f"{choice}, {gain}, but too few runs to rule out chance: use more repeats."
    return (
        f"{choice}, {gain}, which may be chance (p is {number(best.p_holm)} after Holm's "
        f"adjustment over the methods)."
    )


def _first(summary: MethodsSummary) -> str:
    """Another method that has the best value on test rows, by which nothing may be chosen."""
    if summary.first == summary.best or summary.evaluated_on != "test":
        return ""
    most = "lowest" if summary.direction == "down" else "highest"
    value = number(_row(summary, summary.first).value)
    return (
        f"The {most} test {metric_label(summary.by)} is that of {summary.first}, {value}, which is "
        f"no reason to choose it: choosing by test rows would bias the test estimate."
    )


def _beside_none(summary: MethodsSummary) -> str:
    others = [row for row in summary.methods if row.method not in ("none", summary.best)]
    conclusions = _conclusions(
        [(row.method, row.conclusion) for row in others], "better than none", "worse than none"
    )
    return f"Beside none: {conclusions}." if conclusions else ""


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
    conclusions = _conclusions(rows, "better", "worse")
    return f"Beside {best}: {conclusions}." if conclusions else ""


def _conclusions(rows: Sequence[tuple[str, Conclusion]], better: str, worse: str) -> str:
    """Which methods are better, which are worse, and for which no difference was detected."""
    parts = []
    for conclusion, words in (("better", better), ("worse", worse)):
        names = [method for method, own in rows if own == conclusion]
        if names:
            parts.append(f"{joined(names)} {'is' if len(names) == 1 else 'are'} {words}")
    names = [method for method, own in rows if own == "no difference detected"]
    if names:
        parts.append(f"no difference was detected for {joined(names)}")
    return "; ".join(parts)


def _edges(rows: Iterable[MethodRow]) -> str:
    """Methods whose best setting is an end of its range, beyond which nothing was tried.

    The weakest setting of a method that does not help says only that it does not.
    """
    ends = [
        f"{row.method} ({row.edge})"
        for row in rows
        if row.edge == "strongest" or (row.edge and row.conclusion == "better")
    ]
    if not ends:
        return ""
    return (
        f"The best setting is an end of the range that was tried, so that more may be gained, for "
        f"{joined(ends)}."
    )


def _ineligible(summary: MethodsSummary) -> str:
    if not summary.ineligible or summary.evaluated_on != "test":
        return ""
    return (
        f"{joined(list(summary.ineligible)).capitalize()} is reported but not eligible: its epoch "
        f"is selected on the validation rows, so its validation {metric_label(summary.by)} is "
        f"optimistic."
    )


def _not_comparable(rows: Iterable[MethodRow]) -> str:
    names = [row.method for row in rows if row.conclusion == "not comparable"]
    if not names:
        return ""
    return (
        f"{joined(names).capitalize()} selected the epoch on the rows that evaluate it, so that it "
        f"looks too good and is not compared: hold out test rows."
    )


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
        return "validation rows" + ("" if groups is None else groups_in_words(groups, self.unit))

    def too_few(self) -> str:
        """That there are too few rows, or groups of them, to tell."""
        if self.summary.evaluated_on == "test":
            return ""
        sentences = []
        groups = self.groups.get("test")
        if 0 < (self.rows.get("test", 0) if groups is None else groups) < LEAST_TEST_ROWS:
            few = few_test_rows(self.rows["test"], groups, self.unit, "which method is better")
            sentences.append(f"{few}.")
        if too_few_groups(self.groups):
            few = few_groups(self.groups["validation"], self.unit)
            sentences.append(f"Whether a method is better on new rows cannot be told, since {few}.")
        return " ".join(sentences)


def _scope(evaluated: _Evaluated, resampling: Resampling, same_weights: bool) -> str:
    summary = evaluated.summary
    settings, repeats = summary.settings, resampling.repeats
    shared = shared_by_repeats(resampling.shares_split, same_weights)
    on_test = summary.evaluated_on == "test"
    on = f"evaluated on {evaluated.on()}"
    if on_test:
        on += ", which chose nothing"
    elif summary.corrected and settings > 1:
        on += ", corrected by a bootstrap for having chosen the settings"
    elif settings > 1:
        on += ", which chose the settings and so make the best ones look somewhat too good"
    several = f"the best of {settings} settings" if settings > 1 else "one setting"
    holds = holds_for(
        resampling, evaluated.rows["train"], same_weights=same_weights, on_test=on_test
    )
    common = f"; all runs {shared[0]}" if shared and repeats > 1 else ""
    runs = f"{repeats} run{'s' if repeats > 1 else ''} each"
    return f"Each method is {several} with {runs}, {on}{common}; the differences hold for {holds}."
