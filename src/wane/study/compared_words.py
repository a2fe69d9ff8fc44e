"""What a comparison of kinds shows, in words that claim no more than its intervals do."""

import math
from collections.abc import Mapping, Sequence
from typing import Any

from wane.report.numbers import number
from wane.report.wording import metric_label

Row = Mapping[str, Any]


def comparison_text(document: Mapping[str, Any], repeats: int, *, shares_split: bool) -> str:
    """The verdict of a comparison.

    Args:
        document: the comparison's document.
        repeats: runs of each setting.
        shares_split: whether all repeats share one split.
    """
    kinds = {row["kind"]: row for row in document["kinds"]}
    sentences = [
        _best(document, kinds),
        _first(document, kinds),
        _beside_none(document, kinds),
        _beside_best(document),
        _edges(kinds.values()),
        _unchosen(document) or _unfair(kinds.values()),
        _scope(document, repeats, shares_split),
    ]
    return " ".join(sentence for sentence in sentences if sentence)


def joined(names: Sequence[str]) -> str:
    """Names with commas and an "and"."""
    *first, last = names
    return f"{', '.join(first)} and {last}" if first else last


def _best(document: Mapping[str, Any], kinds: Mapping[str, Row]) -> str:
    best = kinds[document["best"]]
    label = metric_label(document["by"])
    on = document["judged_on"]
    value = f"a {on} {label} of {number(best['value'])}"
    if best["kind"] == "none":
        may = " that may be chosen" if document["unchosen"] else ""
        return f"By validation {label} no kind{may} is better than none, which has {value}."
    choice = f"The choice by validation {label} is {best['kind']} ({best['setting']}), with {value}"
    if best["difference"] is None or best["difference"] != best["difference"]:
        return f"{choice}."
    more = "lower" if best["difference"] < 0 else "higher"
    gain = f"{number(abs(best['difference']))} {more} than none"
    if best["said"] in ("better", "worse"):
        if math.isnan(best["low"]):  # equal differences have no spread for one
            return f"{choice}: {gain} in every repeat."
        ends = sorted(abs(best[end]) for end in ("low", "high"))
        return f"{choice}: {gain} (95 % interval {number(ends[0])} to {number(ends[1])})."
    if best["p_holm"] != best["p_holm"]:  # one repeat has no test
        return f"{choice}, {gain}, but so few runs cannot tell this from chance: use more repeats."
    return (
        f"{choice}, {gain}, which may be chance (p is {number(best['p_holm'])} after Holm's "
        f"adjustment over the kinds)."
    )


def _first(document: Mapping[str, Any], kinds: Mapping[str, Row]) -> str:
    """Another kind that has the best value there, where nothing may be chosen."""
    first = kinds[document["first"]]
    if first["kind"] == document["best"] or document["judged_on"] != "test":
        return ""
    most = "lowest" if document["direction"] == "down" else "highest"
    return (
        f"The {most} test {metric_label(document['by'])} is that of {first['kind']}, "
        f"{number(first['value'])}, which is no reason to choose it: test rows that choose judge "
        f"no more."
    )


def _beside_none(document: Mapping[str, Any], kinds: Mapping[str, Row]) -> str:
    others = [row for name, row in kinds.items() if name not in ("none", document["best"])]
    told = _told(others, "better than none", "worse than none")
    return f"Beside none: {told}." if told else ""


def _beside_best(document: Mapping[str, Any]) -> str:
    best = document["best"]
    if best == "none":
        return ""
    turned = {"better": "worse", "worse": "better"}
    rows = []
    for pair in document["pairs"]:
        if best in (pair["kind"], pair["other"]):
            first = pair["kind"] == best
            said = turned.get(pair["said"], pair["said"]) if first else pair["said"]
            rows.append({"kind": pair["other"] if first else pair["kind"], "said": said})
    told = _told(rows, "better", "worse")
    return f"Beside {best}: {told}." if told else ""


def _told(rows: Sequence[Row], better: str, worse: str) -> str:
    """Which kinds are better, which are worse, and of which that cannot be told."""
    words = {"better": better, "worse": worse, "no difference detected": "no difference detected"}
    parts = []
    for said, told in words.items():
        names = [row["kind"] for row in rows if row["said"] == said]
        if names:
            verb = "is" if len(names) == 1 else "are"
            if said == "no difference detected":
                parts.append(f"no difference was detected for {joined(names)}")
            else:
                parts.append(f"{joined(names)} {verb} {told}")
    return "; ".join(parts)


def _edges(rows: Any) -> str:
    """Kinds whose best setting is an end of its range, beyond which nothing was tried.

    The weakest setting of a kind that does not help says only that it does not.
    """
    told = [
        f"{row['kind']} ({row['edge']})"
        for row in rows
        if row["edge"] == "strongest" or (row["edge"] and row["said"] == "better")
    ]
    if not told:
        return ""
    return (
        f"The best setting is an end of the range that was tried, so that more may be gained, for "
        f"{joined(told)}."
    )


def _unchosen(document: Mapping[str, Any]) -> str:
    if not document["unchosen"] or document["judged_on"] != "test":
        return ""
    return (
        f"{joined(document['unchosen']).capitalize()} is judged but not chosen: validation rows "
        f"choose its epoch, and so flatter it."
    )


def _unfair(rows: Any) -> str:
    names = [row["kind"] for row in rows if row["said"] == "not comparable"]
    if not names:
        return ""
    return (
        f"{joined(names).capitalize()} chose the epoch by the rows that judge it, so that it looks "
        f"too good and is not compared: hold out test rows."
    )


def _scope(document: Mapping[str, Any], repeats: int, shares_split: bool) -> str:
    rows = f"{document['rows']:,}"
    settings = document["settings"]
    on = (
        f"judged on {rows} test rows, which chose nothing"
        if document["judged_on"] == "test"
        else "judged on validation rows, corrected by a bootstrap for having chosen the settings"
    )
    several = f"the best of {settings} settings" if settings > 1 else "one setting"
    each = f"Each kind is {several} with {repeats} runs each, {on}"
    split = "; all runs share one training set, of which alone this speaks" if shares_split else ""
    return f"{each}{split}."
