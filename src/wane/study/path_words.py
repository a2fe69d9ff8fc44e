"""What a path shows, in words that claim no more than its intervals do."""

from collections.abc import Mapping
from typing import Any

from wane.report.numbers import number
from wane.study.compared_words import joined

Stage = Mapping[str, Any]


def path_text(document: Mapping[str, Any], *, shares_split: bool) -> str:
    """The verdict of a path.

    Args:
        document: the path's document.
        shares_split: whether all repeats share one split.
    """
    stages = document["stages"]
    sentences = [
        _beginnings(stages[1:]),
        _lowest(stages),
        _epochs(document),
        _scope(document, shares_split),
    ]
    return " ".join(sentence for sentence in sentences if sentence)


def _beginnings(stages: list[Stage]) -> str:
    parts = []
    for said, words in (
        ("better", "A warm start is better at {}"),
        ("worse", "a warm start is worse at {}"),
        ("no difference detected", "no difference was detected at {}"),
        ("not comparable", "runs diverged, or are too few to compare, at {}"),
    ):
        names = [_name(stage) for stage in stages if stage["warm_minus_cold"]["said"] == said]
        if len(names) == len(stages) > 1:
            names = ["any strength" if said == "no difference detected" else "every strength"]
        if names:
            parts.append(words.format(joined(names)))
    text = "; ".join(parts)
    return text[:1].upper() + text[1:] + "."


def _lowest(stages: list[Stage]) -> str:
    lowest = {}
    for start in ("warm", "cold"):
        means = {
            stage["stage"]: stage[start]["validation_data_loss"]["mean"]
            for stage in stages
            if not stage[start]["diverged"]
        }
        if not means:
            return ""
        lowest[start] = min(means, key=lambda stage: means[stage])
    told = [
        f"{'along the path' if start == 'warm' else 'from cold starts'} at "
        f"{_name(stages[place])} ({number(stages[place][start]['validation_data_loss']['mean'])})"
        for start, place in lowest.items()
    ]
    return f"The validation data loss is lowest {' and '.join(told)}."


def _epochs(document: Mapping[str, Any]) -> str:
    if document["equal_epochs"]:
        return "Cold starts trained as many epochs as the path had behind it at their strength."
    last = document["stages"][-1]
    return (
        f"Cold starts trained {last['cold']['epochs']:,} epochs and the path up to "
        f"{last['warm']['epochs']:,} in all, so that a difference may come of longer training; "
        f"with equal_epochs (--equal-epochs) both train alike."
    )


def _scope(document: Mapping[str, Any], shares_split: bool) -> str:
    repeats = document["study"]["repeats"]
    if shares_split and repeats > 1:
        return f"All {repeats} repeats share one split, of which alone this speaks."
    return ""


def _name(stage: Stage) -> str:
    return f"{stage['strength']:g}" if stage["strength"] else "no penalty"
