"""What a path shows, in words that claim no more than its intervals do."""

from collections.abc import Sequence

from wane._errors import joined
from wane.report.numbers import number
from wane.report.wording import counted
from wane.resampling.splits import Resampling
from wane.study.evaluation.path import PathStage
from wane.study.verdicts.scope import holds_for, shared_by_repeats

_UNKNOWN = ("no difference detected", "cannot be told")


def path_text(
    stages: Sequence[PathStage],
    *,
    equal_epochs: bool,
    resampling: Resampling,
    same_weights: bool,
    rows: int,
) -> str:
    """The verdict of a path.

    Args:
        stages: its stages in the order of training.
        equal_epochs: whether cold starts trained as many epochs as the path.
        resampling: how its repeats differ.
        same_weights: whether all repeats start from the same weights.
        rows: training rows of a repeat.
    """
    sentences = [
        _warm_starts(stages[1:]),
        _lowest(stages),
        _epochs(stages[-1], equal_epochs),
        _scope(resampling, rows, same_weights=same_weights and resampling.repeats > 1),
    ]
    return " ".join(sentence for sentence in sentences if sentence)


def _warm_starts(stages: Sequence[PathStage]) -> str:
    parts = []
    for conclusion, words in (
        ("better", "A warm start is better at {}"),
        ("worse", "a warm start is worse at {}"),
        ("no difference detected", "no difference was detected at {}"),
        ("cannot be told", "whether a warm start is better on new rows cannot be told at {}"),
        ("not comparable", "runs diverged, or are too few to compare, at {}"),
    ):
        names = [_name(s) for s in stages if s.warm_minus_cold.conclusion == conclusion]
        if len(names) == len(stages) > 1:
            names = [f"{'any' if conclusion in _UNKNOWN else 'every'} strength"]
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
        f"Cold starts trained {counted(last.cold.epochs, 'epoch')} and the path up to "
        f"{last.warm.epochs:,} in all, so that a difference may come of longer training; "
        f"with equal_epochs (--equal-epochs) both train alike."
    )


def _scope(resampling: Resampling, rows: int, *, same_weights: bool) -> str:
    if resampling.repeats == 1:
        return ""
    holds = holds_for(resampling, rows, same_weights=same_weights, on_test=False)
    shared = shared_by_repeats(resampling.shares_split, same_weights)
    if shared is None:
        return f"This holds for {holds}."
    return f"All {resampling.repeats} repeats {shared[0]}: this holds for {holds}."


def _name(stage: PathStage) -> str:
    return f"{stage.strength:g}" if stage.strength else "no penalty"
