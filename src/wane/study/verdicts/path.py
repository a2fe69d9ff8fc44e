"""What a path shows, in words that claim no more than its intervals do."""

from collections.abc import Sequence

from wane._errors import joined
from wane.report.numbers import number
from wane.study.evaluation.path import PathStage
from wane.study.verdicts.scope import shared_by_repeats


def path_text(
    stages: Sequence[PathStage],
    *,
    equal_epochs: bool,
    repeats: int,
    shares_split: bool,
    same_weights: bool,
) -> str:
    """The verdict of a path.

    Args:
        stages: its stages in the order of training.
        equal_epochs: whether cold starts trained as many epochs as the path.
        repeats: how many there are.
        shares_split: whether all repeats share one split.
        same_weights: whether all repeats start from the same weights.
    """
    sentences = [
        _warm_starts(stages[1:]),
        _lowest(stages),
        _epochs(stages[-1], equal_epochs),
        _scope(repeats, shared_by_repeats(shares_split, same_weights)),
    ]
    return " ".join(sentence for sentence in sentences if sentence)


def _warm_starts(stages: Sequence[PathStage]) -> str:
    parts = []
    for conclusion, words in (
        ("better", "A warm start is better at {}"),
        ("worse", "a warm start is worse at {}"),
        ("no difference detected", "no difference was detected at {}"),
        ("not comparable", "runs diverged, or are too few to compare, at {}"),
    ):
        names = [_name(s) for s in stages if s.warm_minus_cold.conclusion == conclusion]
        if len(names) == len(stages) > 1:
            names = ["any strength" if conclusion == "no difference detected" else "every strength"]
        if names:
            parts.append(words.format(joined(names)))
    text = "; ".join(parts)
    return text[:1].upper() + text[1:] + "."


def _lowest(stages: Sequence[PathStage]) -> str:
    """Where the validation data loss is lowest, along the path and from cold starts."""
    places = []
    for start, words in (("warm", "along the path"), ("cold", "from cold starts")):
        means = [
            (getattr(stage, start).numbers["validation_data_loss"].mean, stage)
            for stage in stages
            if not getattr(stage, start).diverged
        ]
        if not means:
            return ""
        loss, stage = min(means, key=lambda one: one[0])
        places.append(f"{words} at {_name(stage)} ({number(loss)})")
    return f"The validation data loss is lowest {joined(places)}."


def _epochs(last: PathStage, equal_epochs: bool) -> str:
    if equal_epochs:
        return "Cold starts trained as many epochs as the path had behind it at their strength."
    return (
        f"Cold starts trained {last.cold.epochs:,} epochs and the path up to "
        f"{last.warm.epochs:,} in all, so that a difference may come of longer training; "
        f"with equal_epochs (--equal-epochs) both train alike."
    )


def _scope(repeats: int, shared: tuple[str, str] | None) -> str:
    if shared is None or repeats == 1:
        return ""
    return f"All {repeats} repeats {shared[0]}: the differences hold for {shared[1]}."


def _name(stage: PathStage) -> str:
    return f"{stage.strength:g}" if stage.strength else "no penalty"
